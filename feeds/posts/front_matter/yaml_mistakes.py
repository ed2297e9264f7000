"""What is wrong with front matter that is not valid YAML: the line of the cause, what it is, and the fix.

The parser stops where it can go on no further, which is often a line below the mistake.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from feeds.lazy_patterns import lazy_pattern
from feeds.posts.front_matter.types import KNOWN, FrontMatterError

_CONFLICT = lazy_pattern(r"(?:<{7}|>{7}|\|{7})(?:\s|\Z)|={7}\s*\Z")
_ODD_BLANKS = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_UNSEEN = "\u200b\u2060\ufeff"
_ODD_INDENT = lazy_pattern(rf"[ ]{{0,99}}[{_ODD_BLANKS}]")
_ODD_AFTER_COLON = lazy_pattern(rf"\s{{0,99}}[\w.-]{{1,99}}:[{_ODD_BLANKS}]")
_NO_BLANK = lazy_pattern(r"\s{0,99}[\w.-]{1,99}:(?![\"'\[{])\S")
_KEY_COLON = lazy_pattern(r"\s{0,99}[\w.-]{1,99}:")
_COLON_IN_VALUE = lazy_pattern(r"[\w.-]{1,99}:[ ][^\n]*?:(?:[ ]|\Z)")
_DASH = lazy_pattern(r"\s{0,99}-(?=[^\s\d.-])")
_QUOTED_LINE = lazy_pattern(r"\s{0,99}([\"'])([\w-]{1,99}):[ ]([^\"']*)\1\s{0,99}\Z")
_HASH_IN_LIST = lazy_pattern(r"[\[,][ ]{0,9}#")
_EMPHASISED = lazy_pattern(r"\s{0,99}([*_`]{1,3})([\w-]{1,40})(?:[:：]\1|\1[ ]?[:：])(.*)", re.DOTALL)
_TWO_COMMAS = lazy_pattern(r",[ ]{0,9},")


class _Mistake(NamedTuple):
    """What is wrong with a line, "" if only the parser knows, and the fix."""

    what: str
    fix: str


def explained(raw: str, error: Any) -> FrontMatterError:
    """The error with the line of its cause, which is often not the line at which the parser stopped."""
    lines = raw.split("\n")
    yaml_message = error.problem or error.context
    conflict = next((number for number, line in enumerate(lines) if _CONFLICT.match(line)), None)
    if conflict is not None:
        return _error(conflict, "the front matter holds a conflict mark of a version control system", "resolve the conflict")
    first = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    if "document start" in str(yaml_message) and lines[first][:1].isspace():
        indented = _Mistake(
            "the line is indented further than those below it", f"begin the line without blanks: {lines[first].strip()}"
        )
        return _error(first, f"the front matter is not valid YAML: {indented.what}", indented.fix, _key_of(lines[first]))
    stopped, began = error.problem_mark, error.context_mark
    number = min((stopped or began).line, len(lines) - 1) if stopped or began else 0
    context = error.context or ""
    if began is not None and began.line < number and ("quoted scalar" in context or "flow" in context):
        mistake = _in_list(lines[began.line])
        if mistake is None and "quoted" in context:
            mistake = _Mistake("a quotation mark is not closed", "close the quotation mark")
        mistake = mistake or _Mistake("a bracket is not closed", "close the bracket")
        return _error(began.line, mistake.what, mistake.fix, _key_of(lines[began.line]))
    before = next((at for at in range(number - 1, -1, -1) if lines[at].strip()), number)
    if "node content" in str(yaml_message) and lines[before].rstrip().endswith(("[", "{")):
        what = "the front matter is not valid YAML: a bracket is not closed"
        return _error(before, what, "close the bracket", _key_of(lines[before]))
    earlier = (
        [at for at in range(before - 1, -1, -1) if not lines[at][:1].isspace()] if "expected ':'" in str(yaml_message) else []
    )
    places = ((at, True) for at in (number, before, *earlier))
    line_mistakes = ((at, _mistake(lines[at], certain=certain)) for at, certain in places)
    result = next(((at, mistake) for at, mistake in line_mistakes if mistake is not None), None)
    has_colon = "mapping values" in str(yaml_message) and _COLON_IN_VALUE.match(lines[number])
    result = None if has_colon else result or _of_two_lines(lines, before, number)
    if result is None and (mistake := _mistake(lines[number], certain=False)) is not None:
        if has_colon and not mistake.what:
            mistake = _Mistake("the value holds a colon and a blank, which begin another value", mistake.fix)
        result = number, mistake
    if result is not None:
        at, mistake = result
        return _error(at, f"the front matter is not valid YAML: {mistake.what or yaml_message}", mistake.fix, _key_of(lines[at]))
    fix = "quote the value, or look at the line above"
    return _error(number, f"the front matter is not valid YAML: {yaml_message}", fix, _key_of(lines[number]))


def first_mistake(raw: str) -> FrontMatterError | None:
    """What is certainly wrong in text that is no mapping but was meant as one; None if nothing is."""
    for number, line in enumerate(raw.split("\n")):
        mistake = _mistake(line, certain=True) if _key_of(line) else None
        if mistake is not None and "://" not in line.partition(" ")[0]:
            return _error(number, f"the front matter is not valid YAML: {mistake.what}", mistake.fix, _key_of(line))
    return None


def _error(number: int, what: str, fix: str, key: str | None = None) -> FrontMatterError:
    return FrontMatterError("front-matter-yaml", what, line=number + 1, field=key, fix=fix)


def _key_of(line: str) -> str | None:
    match = re.match(r"\s*([\w][\w .-]{0,40})\s*[:：]", line)
    return match[1].strip() if match else None


def _mistake(line: str, *, certain: bool) -> _Mistake | None:
    """What is wrong with a line of YAML; only what is wrong for certain, unless the parser stopped there."""
    key, colon, value = line.partition(":")
    bare = line.strip()
    if "：" in line and not _KEY_COLON.match(line):
        return _Mistake("a full-width colon", f"write a half-width colon: {line.replace('：', ': ', 1).strip()}")
    hidden = line.lstrip(" ")[:1]
    if hidden in _UNSEEN and hidden:
        return _Mistake(f"the character U+{ord(hidden):04X}, which is not seen, at the beginning of the line", "delete it")
    if _ODD_INDENT.match(line):
        return _Mistake("an odd blank at the beginning of the line", "indent with plain blanks")
    if _NO_BLANK.match(line):
        blank = value[:1].isspace() or value[:1] in "\u200b\ufeff\u2060"
        what = "an odd blank after the colon" if blank else "no blank after the colon"
        return _Mistake(what, f"put a blank after the colon: {key.strip()}: {value.strip()}")
    if _ODD_AFTER_COLON.match(line):
        return _Mistake("an odd blank after the colon", f"put a plain blank after the colon: {key.strip()}: {value.strip()}")
    if _DASH.match(line):
        return _Mistake("no blank after the dash", f"put a blank after the dash: - {bare[1:]}")
    quoted = _QUOTED_LINE.match(line)
    if quoted is not None:
        return _Mistake("the key is within the quotation marks", f"quote only the value: {quoted[2]}: {_in_quotes(quoted[3])}")
    if (in_list := _in_list(line)) is not None:
        return in_list
    if certain:
        return None
    if "\t" in line[: len(line) - len(line.lstrip())] or "\t" in value[:1]:
        return _Mistake("", "indent with blanks, not with tabs")
    if (emphasised := _EMPHASISED.match(line)) is not None:
        return _Mistake("Markdown around the key", f"write the key without it: {emphasised[2]}: {emphasised[3].strip()}")
    if colon and value.strip():
        return _Mistake("", _requoted(key.strip(), value.strip()))
    return None


def _in_list(line: str) -> _Mistake | None:
    """What is wrong with a list that is written in brackets."""
    if "[" not in line:
        return None
    if _HASH_IN_LIST.search(line):
        quoted = re.sub(r"(?<=[\[, ])#[^\s,\]]{1,200}", r'"\g<0>"', line).strip()
        return _Mistake("a comment begins at #", f"quote what begins with #: {quoted}")
    if _TWO_COMMAS.search(line):
        return _Mistake("two commas follow each other", "delete one of the two commas")
    return None


def _requoted(key: str, value: str) -> str:
    without = value.rstrip(",; ")
    if value[0] in "[{" and without != value and without[-1:] in ("]", "}"):
        return f"delete what follows the bracket: {key}: {without}"
    if value[0] in "[{" and value[-1] in "]}":
        return "correct the brackets, the commas and the quotation marks of the list"
    if value[0] in "\"'":
        if len(without) > 1 and without != value and without[-1] == without[0] and without[0] not in without[1:-1]:
            return f"delete what follows the closing quotation mark: {key}: {without}"
        inner = value[1:-1] if len(value) > 1 and value[-1] == value[0] else value
        if inner == value and value[0] not in value[1:]:
            inner = value[1:]
        return f"quote the value: {key}: {_in_quotes(inner)}"
    return f"quote the value: {key}: {json.dumps(value, ensure_ascii=False)}"


def _in_quotes(text: str) -> str:
    """Text in quotation marks that it does not hold, if there are such: within single ones nothing else is special."""
    return json.dumps(text, ensure_ascii=False) if "'" in text or not ('"' in text or "\\" in text) else f"'{text}'"


def _of_two_lines(lines: list[str], before: int, number: int) -> tuple[int, _Mistake] | None:
    """What is wrong between the line at which the parser stopped and the one above it: a key without a colon, an indent."""
    above, line = lines[before], lines[number]
    if before == number:
        return None
    indent = len(line) - len(line.lstrip(" "))
    if ":" not in above and above[:1] not in (" ", "-", "#", "[", "{", '"', "'", "}", "]"):
        name, _, value = above.partition(" ")
        if (sign := re.match(r"=[ \t]*+(?=\S)", value)) and name.casefold() in KNOWN:
            return before, _Mistake("= in place of a colon", f"write a colon: {name}: {value[sign.end() :].strip()}")
        if above.startswith(("//", "/*", "<!--", "%")):
            note = above.removeprefix("//").removeprefix("/*").removeprefix("<!--").removeprefix("%").strip()
            note = note.removesuffix("*/").removesuffix("-->").strip()
            return before, _Mistake("a comment that is not YAML's", f"begin it with #: # {note}")
        if value.strip() and name.casefold() in KNOWN:
            return before, _Mistake("no colon after the key", f"write a colon after the key: {name}: {value.strip()}")
        return before, _Mistake(
            "a line without a colon", "write it as key: value, or indent it by two blanks if it belongs to the line above"
        )  # fmt: skip
    dashes = line.lstrip(" ").startswith("- ") and above.lstrip(" ").startswith("- ")
    if dashes and indent != len(above) - len(above.lstrip(" ")):
        return number, _Mistake("the dash is indented otherwise than the one above it", "begin both lines with as many blanks")
    key, _, value = above.partition(":")
    has_text = _KEY_COLON.match(above) is not None and value.strip()[:1] not in ("", "|", ">")
    if has_text and indent > len(above) - len(above.lstrip(" ")) and _key_of(line) is not None:
        fix = f"indent it like the line above, or quote the value of {key.strip()}"
        return number, _Mistake("the line is indented further than the key above it", fix)
    return None
