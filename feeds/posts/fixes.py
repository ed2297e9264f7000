"""Mistakes in a post's file that can be corrected by rule: in come its bytes and what was found, out go corrected bytes.

Changes the lines that findings name and nothing else; a change counts only if it makes its finding go away. Must not write
files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence

from feeds import dates
from feeds.errors import Problem
from feeds.lazy_patterns import lazy_pattern
from feeds.model import NOT_XML

#: The codes of findings that are corrected, as far as their line allows it.
FIXED = frozenset({"front-matter-yaml", "front-matter-cut", "title-type", "date", "key-misspelt", "flag", "control-characters"})
_KEY_VALUE = lazy_pattern(r"(\s*)([\w][\w .-]{0,60}?)(\s*[:：]\s*)(.*?)(\s*)\Z", re.DOTALL)
_DASH = lazy_pattern(r"(\s{0,99})-(?=[^\s\d.-])(.*)\Z", re.DOTALL)
_QUOTE = "quote the value: "
_LIST = "write a list: "
#: Behind these a fix gives the line as it should be.
_REWRITES = (
    "delete what follows the bracket: ",
    "delete what follows the closing quotation mark: ",
    "write the key without it: ",
)
#: How often a file is read again: each time at least one finding goes.
_ROUNDS = 50

#: Reads a file's bytes again and says what is found in them.
Reread = Callable[[bytes], Sequence[Problem]]


def fixed(raw: bytes, problems: Iterable[Problem], reread: Reread) -> bytes:
    """The file with all that can be corrected; the same bytes if there is nothing, or it is not UTF-8."""
    remaining: Sequence[Problem] = list(problems)
    for _ in range(_ROUNDS):
        better = _one_fix(raw, remaining, reread)
        if better is None:
            break
        raw, remaining = better
    return raw


def _one_fix(raw: bytes, problems: Sequence[Problem], reread: Reread) -> tuple[bytes, Sequence[Problem]] | None:
    for problem in problems:
        if problem.code not in FIXED:
            continue
        changed = _changed(raw, problem)
        if changed is None or changed == raw:
            continue
        left = reread(changed)
        if _same(problem) not in map(_same, left) and len([item for item in left if item.severity == "error"]) <= len(
            [item for item in problems if item.severity == "error"]
        ):
            return changed, left
    return None


def _same(problem: Problem) -> tuple[str, int | None, str]:
    return problem.code, problem.line, problem.what


def _changed(raw: bytes, problem: Problem) -> bytes | None:
    """The bytes with the line of one finding corrected; None if there is no rule for it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if problem.code == "control-characters":
        return NOT_XML.sub("", text).encode()
    if problem.line is None:
        return None
    lines = re.split(r"(\r\n|\n|\r)", text)
    place = 2 * (problem.line - 1)
    if place >= len(lines):
        return None
    line = _corrected(lines[place], problem)
    if line is None:
        return None
    lines[place] = line
    return "".join(lines).encode()


def _corrected(line: str, problem: Problem) -> str | None:
    dash = _DASH.match(line)
    if dash is not None and problem.code == "front-matter-yaml":
        return f"{dash[1]}- {dash[2]}"
    if rewrite := next((words for words in _REWRITES if problem.fix.startswith(words)), None):
        bare = line.strip()
        return line.replace(bare, problem.fix[len(rewrite) :], 1)
    match = _KEY_VALUE.match(line)
    if match is None:
        return None
    indent, key, colon, value, end = match.groups()
    if problem.code in ("key-misspelt", "flag"):
        meant = problem.fix.removeprefix("write ").partition(", or name ")[0]
        return f"{indent}{meant}{colon}{value}{end}" if key == problem.field and re.fullmatch(r"\w+", meant) else None
    if problem.code == "date":
        written = dates.corrected(value)
        return None if written is None else f"{indent}{key}: {written}{end}"
    if problem.code == "front-matter-cut" and problem.fix.startswith(_LIST):
        return f"{indent}{problem.fix[len(_LIST) :]}{end}"
    if problem.code == "title-type" or (problem.code == "front-matter-cut" and problem.fix.startswith("quote it: ")):
        return f"{indent}{key}: {_quoted(value)}{end}"
    if "：" in colon or not colon.endswith(" ") or not colon.isascii():
        # Only the colon first: if that is not enough, the value is quoted in the next round.
        return f"{indent}{key}: {value}{end}"
    if problem.fix.startswith(_QUOTE) and value:
        return f"{indent}{key}: {_quoted(value)}{end}" if value[0] not in "\"'" else f"{indent}{problem.fix[len(_QUOTE) :]}{end}"
    return None


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
