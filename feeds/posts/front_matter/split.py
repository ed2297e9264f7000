"""Front matter and body of a post: in comes its text, out go the keys as typed, their lines, and the body.

python-frontmatter detects, splits and loads, with a handler of ours for each form. What looks like front matter and is
in no form that is read is an error, never text. Must not read files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import frontmatter

from feeds.dialects.base import OwnFrontMatter
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value
from feeds.posts.front_matter import unread, yaml_mistakes
from feeds.posts.front_matter.header_lines import HeaderLines, OpenJson, OpenYaml
from feeds.posts.front_matter.html import HtmlHead
from feeds.posts.front_matter.toml_json import BareJson, JavaScriptLoader, JsonLoader, TomlLoader
from feeds.posts.front_matter.types import (
    GUARD,
    MAPPING_LINE,
    FormHandler,
    FrontMatter,
    FrontMatterError,
    FrontMatterLimits,
    Span,
)
from feeds.posts.front_matter.yaml import YamlLoader, not_a_mapping
from feeds.text import INVISIBLE, without_invisible

_LEADING = lazy_pattern(r"[\s" + INVISIBLE.pattern[1:] + "*")
#: What may be behind a fence without being seen: every blank that ends no line.
_BLANKS = rf"(?:[^\S\n\x85\u2028\u2029]|{INVISIBLE.pattern})*"
_OPENING = lazy_pattern(r"(-{3,}|\+{3,}|;{3,})([^\n]*)")
#: YAML may end its document with dots, which Jekyll and Pandoc take for a fence. Zola reads a fence of TOML that is indented,
#: which cannot be YAML's: there it may be a line of a text of several lines.
_CLOSING = {
    fence: lazy_pattern(rf"^(?:{marks}){_BLANKS}$", re.MULTILINE)
    for fence, marks in {"-": r"-{3,}|\.{3}", "+": r"[ \t]{0,40}\+{3,}", ";": r";{3,}"}.items()
}
#: What a word behind the opening fence means, as gray-matter and Hexo have it; without one the fence decides.
_LANGUAGES = {
    "yaml": "yaml", "yml": "yaml", "toml": "toml", "json": "json", "json5": "js", "js": "js", "javascript": "js", "mjs": "js",
}  # fmt: skip
#: What people write for a fence, and how far below the opening one they are looked for.
_NEAR_FENCE = lazy_pattern(r"[ \t\u3000]{0,8}(?:[-‐-―−─━﹣－ー=+*_~;.][ \t]?){2,9}\W{0,3}\Z")
_NEAR_CHARACTERS = 20_000
_DEFAULT = {"-": "yaml", "+": "toml", ";": "json"}


#: A line of TOML.
_TOML_LINE = lazy_pattern(r"[\w-]{1,40}[ \t]{0,9}=[ \t]{0,9}\S")


def _near_fence(text: str, start: int) -> tuple[int, str] | None:
    """The number and text of the line below the opening fence that was meant to close the front matter; None if none looks so."""
    for number, line in enumerate(text[start:_NEAR_CHARACTERS].split("\n"), 1):
        if number > 1 and _NEAR_FENCE.match(line):
            return number, line
        if line and not (MAPPING_LINE.match(line) or _TOML_LINE.match(line) or line[0] in " \t-#"):
            return None
    return None


class Fenced(FormHandler):
    """Front matter between two fences, in one language."""

    language = ""

    def find(self, text: str) -> Span | None:
        opening = _OPENING.match(text)
        if opening is None:
            return None
        fence = opening[1][0]
        word = without_invisible(opening[2]).strip().casefold()
        if fence == "-" and word.startswith("#"):
            word = ""
        if (_LANGUAGES.get(word) if word else _DEFAULT[fence]) != self.language:
            return None
        closing = _CLOSING[fence].search(text, opening.end())
        if closing is not None:
            end = closing.end()
            return Span(opening.end(), closing.start(), end + (text[end : end + 1] == "\n"))
        second_line = text[opening.end() :].lstrip("\n").partition("\n")[0]
        if fence == "-" and not word and not MAPPING_LINE.match(second_line):
            return None
        near = _near_fence(text, opening.end())
        raise FrontMatterError(
            "front-matter-open", "the front matter is not closed", line=1, expected=f"a line {opening[1]} after the last key",
            fix=f"add a line {opening[1]}" if near is None else f"write {opening[1]} as line {near[0]}, which is {near[1]!r:.40}",
        )  # fmt: skip


class FencedYaml(Fenced, YamlLoader):
    """YAML between dashes."""

    language = "yaml"


class FencedToml(Fenced, TomlLoader):
    """TOML between plus signs, or behind `---toml`."""

    language = "toml"


class FencedJson(Fenced, JsonLoader):
    """JSON between semicolons, or behind `---json`; the outer braces may be left out."""

    language = "json"


class FencedJavaScript(Fenced, JavaScriptLoader):
    """JavaScript behind `---js`."""

    language = "js"


FORMS: tuple[type[FormHandler], ...] = (
    FencedYaml, FencedToml, FencedJson, FencedJavaScript, BareJson, HtmlHead, OpenJson, OpenYaml, HeaderLines,
)  # fmt: skip


def read(text: str, *, bytes_bound: int, depth_bound: int, last_key_wins: bool = False) -> FrontMatter:
    """Split and parse. Text without front matter is all body. Raises FrontMatterError."""
    limits = FrontMatterLimits(bytes_bound, depth_bound, last_key_wins)
    leading = _LEADING.match(text)
    rest = text[leading.end() :] if leading else text
    above = text.count("\n", 0, len(text) - len(rest))
    try:
        handler = frontmatter.detect_format(rest, _handlers(limits))
    except FrontMatterError as error:
        error.shift(above)
        raise
    if not isinstance(handler, FormHandler) or handler.span is None:
        return _all_body(text)
    span = handler.span
    above_keys = above + rest.count("\n", 0, span.start)
    try:
        parsed, content = frontmatter.parse(rest + GUARD, handler=handler)
    except FrontMatterError as error:
        if isinstance(handler, FencedYaml) and _is_text(rest[span.start : span.end]):
            warning = not_a_mapping(None)
            warning.shift(above_keys)
            return FrontMatter({}, {}, text, 1, [warning])
        error.shift(above_keys)
        raise
    for warning in handler.warnings:
        warning.shift(above_keys)
    if any(warning.code == "front-matter-type" for warning in handler.warnings):
        return _not_keys(text, rest[span.start : span.end], above_keys, handler.warnings)
    body = content[1:-1]
    body_line = above + 1 + rest.count("\n", 0, span.body)
    if isinstance(handler, HtmlHead):
        _check(unread.find(rest[: span.start], after=False), above)
    _check(unread.find(body, after=True), body_line - 1)
    lines = {key: line + above_keys for key, line in handler.lines.items()}
    return FrontMatter(_values(parsed), lines, body, body_line, handler.warnings)


def _handlers(limits: FrontMatterLimits) -> Any:
    """A handler of each form, made when it is asked: nearly every post is in the first form."""
    return (form(limits) for form in FORMS)


def _values(parsed: Mapping[str, object]) -> dict[str, Value]:
    return {key: value for key, value in parsed.items() if unread.is_value(value)}


def _all_body(text: str) -> FrontMatter:
    """A text without front matter, unless it looks as if it had some."""
    _check(unread.find(text, after=False), 0)
    return FrontMatter({}, {}, text, 1)


def refuse_unread(text: str, own: OwnFrontMatter) -> None:
    """Raise FrontMatterError if what follows a generator's own front matter looks like more of it, which it does not read.

    A line that is no key ends it (Python-Markdown's `meta`): keys below such a line, without a blank line between, are text.
    """
    rows = text.split("\n")
    if own.keys and own.body_line > 1 and rows[own.body_line - 2].strip():
        rest = list(takewhile(lambda row: row.strip() and not row.startswith(("---", "...")), rows[own.body_line - 1 :]))
        hidden = unread.hidden_line("\n".join(rest))
        if hidden is not None:
            line = own.body_line + hidden[0] - 1
            why = f"line {own.body_line} is not one of this generator's keys, and ends it"
            _check(unread.Unread(line, why, "write keys in ASCII letters, each on a line of its own"), 0)
    _check(unread.find(own.body, after=bool(own.keys)), own.body_line - 1)


def _check(block: unread.Unread | None, above: int) -> None:
    if block is not None:
        raise FrontMatterError(
            "front-matter-unread", f"this looks like front matter, but it is not read: {block.why}", line=block.line + above,
            expected="a line --- as the first of the file, the keys, and another line ---", fix=block.fix,
        )  # fmt: skip


#: A line that begins a block of Markdown, or a sentence, and is no key.
_TEXT_LINE = lazy_pattern(
    r"\s{0,3}(?:#{1,6}[ \t]+\S|[-*+][ \t]+\S|>|`{3}|~{3}|!?\[|\||<|\*\*|\d{1,3}[.)][ \t])|[^\W\d_][^\n:：=]*\Z"
)


def _is_text(raw: str) -> bool:
    """Whether what is between two rules begins as a text does, and has no line of a known key: notes begin with a rule, too."""
    first = next((line for line in raw.splitlines() if line.strip()), "")
    return _TEXT_LINE.match(first) is not None and not unread.has_keys(raw) and unread.hidden_line(raw) is None


def _not_keys(text: str, raw: str, above: int, warnings: list[FrontMatterError]) -> FrontMatter:
    """What is between two rules and is no mapping: the post's text, unless it was meant as keys."""
    if _is_text(raw):
        return FrontMatter({}, {}, text, 1, warnings)
    mistaken = yaml_mistakes.first_mistake(raw)
    if mistaken is not None:
        mistaken.shift(above)
        raise mistaken
    wrong = warnings[0]
    if unread.has_keys(raw) or MAPPING_LINE.match(raw.strip("\n")):
        kind = wrong.what.removeprefix("what is between the fences is ").partition(",")[0]
        wrong.what = f"the front matter is {kind}"
        wrong.fix = (
            "write +++ for ---, or a colon and a blank for =" if _TOML_LINE.match(raw.strip("\n"))
            else "delete the dashes before the keys" if kind == "a list"
            else "write each key on a line of its own, with a colon and a blank behind it"
        )  # fmt: skip
        raise wrong
    return FrontMatter({}, {}, text, 1, warnings)
