"""Emphasis as renderers other than CommonMark's have it: where `*` and `_` may open and close, as a rule for markdown-it.

CommonMark (section 6.2) leaves the marks of `**粗体（x）**后` in view; other renderers look only for blanks.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable
from typing import Any

from markdown_it.rules_inline.state_inline import Delimiter

from feeds.lazy_patterns import lazy_pattern

State = Any
Rule = Callable[[State, bool], bool]

_BLANKS = " \t\r\n\f\v"
#: A backslash is text to marked, so that `中**\_a**` is strong.
_MARKED_4_PUNCTUATION = frozenset(string.punctuation) - {"\\"}


def _is_cjk(character: str) -> bool:
    """Chinese, Japanese and Korean letters and punctuation, wide forms included."""
    number = ord(character)
    return number >= 0x1100 and (
        number <= 0x11FF or 0x2E80 <= number <= 0xA4CF or 0xA960 <= number <= 0xA97F or 0xAC00 <= number <= 0xD7FF
        or 0xF900 <= number <= 0xFAFF or 0xFE30 <= number <= 0xFE4F or 0xFF00 <= number <= 0xFFEE or 0x1AFF0 <= number <= 0x3FFFF
    )  # fmt: skip


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _flanks_cjk(before: str, after: str, marker: str) -> tuple[bool, bool]:
    """CommonMark's rules (section 6.2), in which CJK text beside the marks counts as a blank beside punctuation would."""
    hard_after = _is_punctuation(after) and not _is_cjk(after)
    hard_before = _is_punctuation(before) and not _is_cjk(before)
    left = not after.isspace() and (not hard_after or before.isspace() or _is_punctuation(before) or _is_cjk(before))
    right = not before.isspace() and (not hard_before or after.isspace() or _is_punctuation(after) or _is_cjk(after))
    if marker != "_":
        return left, right
    return left and (not right or _is_punctuation(before)), right and (not left or _is_punctuation(after))


def _flanks_kramdown(before: str, after: str, marker: str) -> tuple[bool, bool]:
    r"""Only blanks of ASCII count (Ruby's `\s`): what follows `**` and a no-break space is strong."""
    opens, closes = after not in _BLANKS, before not in _BLANKS
    if marker != "_":
        return opens, closes
    return opens and not before.isalpha(), closes and not after.isalnum()


def _flanks_marked_0(before: str, after: str, marker: str) -> tuple[bool, bool]:
    if marker != "_":
        return not after.isspace(), not before.isspace()
    word_before, word_after = (item.isascii() and (item.isalnum() or item == "_") for item in (before, after))
    return not after.isspace() and not word_before, not before.isspace() and not word_after


def _flanks_marked_4(before: str, after: str, marker: str) -> tuple[bool, bool]:
    """CommonMark's rules with the punctuation of ASCII alone (marked 4.3, src/rules.js, `emStrong`): `（x）` is text."""
    mark_before, mark_after = before in _MARKED_4_PUNCTUATION, after in _MARKED_4_PUNCTUATION
    left = not after.isspace() and (not mark_after or before.isspace() or mark_before)
    right = not before.isspace() and (not mark_before or after.isspace() or mark_after)
    if marker != "_":
        return left, right
    return left and (mark_after or not before.isalnum()), right and (not left or mark_after)


def _flanks_commonmark(before: str, after: str, marker: str) -> tuple[bool, bool]:
    left = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
    right = not before.isspace() and (not _is_punctuation(before) or after.isspace() or _is_punctuation(after))
    if marker != "_":
        return left, right
    return left and (not right or _is_punctuation(before)), right and (not left or _is_punctuation(after))


def _flanks_marked(before: str, after: str, marker: str) -> tuple[bool, bool]:
    """CommonMark's rules, in which `~` is a letter but before what opens (marked 15, src/rules.ts, `punctuationGfmStrongEm`)."""
    after = "a" if after == "~" else after
    return _flanks_commonmark(before, after, marker)[0], _flanks_commonmark("a" if before == "~" else before, after, marker)[1]


_FLANKS = {
    "cjk": _flanks_cjk, "commonmark": _flanks_commonmark, "kramdown": _flanks_kramdown, "marked": _flanks_marked,
    "marked-0": _flanks_marked_0, "marked-0.3": _flanks_marked_0, "marked-4": _flanks_marked_4,
}  # fmt: skip
#: A run of marks; before it, what holds none: an escaped character, code.
_RUN = lazy_pattern(r"\\.|(?P<ticks>`{1,20})(?!`)[^`]{0,500}(?<!`)(?P=ticks)(?!`)|\*+|_+", re.DOTALL)


def emphasis(kind: str) -> Rule:
    """markdown-it's rule for `*` and `_` with other places in which they may open and close.

    Besides the values of `Flavour.emphasis`, "marked" is CommonMark's as marked has it from version 5 on.
    """
    flanks = _FLANKS[kind]

    def rule(state: State, silent: bool) -> bool:
        marker = state.src[state.pos]
        if silent or marker not in "*_":
            return False
        end = state.pos
        while end < state.posMax and state.src[end] == marker:
            end += 1
        before = state.src[state.pos - 1] if state.pos > 0 else " "
        after = state.src[end] if end < state.posMax else " "
        opens, closes = flanks(before, after, marker)
        length = end - state.pos
        if kind == "marked-0.3" and (length == 2 or (length == 1 and marker == "*")):
            opens = closes = True  # its patterns ask for nothing around these marks
        # kramdown takes no more than two at once: the four of `**a****b**` end one strong text and begin another.
        # marked does so where they can only end one: it looks at what follows anew.
        only_closes = kind == "marked" and closes and not opens and not after.isspace()
        parted = length == 4 and (kind == "kramdown" or (only_closes and _open_marks(state)[marker] == 2))
        for number in range(length):
            state.push("text", "", 0).content = marker
            delimiter = Delimiter(
                marker=ord(marker), length=length, token=len(state.tokens) - 1, end=-1, open=opens, close=closes
            )
            if parted:
                delimiter.length = 2
                if kind == "marked":
                    delimiter.open, delimiter.close = number > 1, number < 2
            state.delimiters.append(delimiter)
        state.pos = end
        return True

    return rule


def closes_within(state: State, end: int, kind: str) -> bool:
    """Whether emphasis that is open at the parser's place ends before `end`: what begins here would go beyond it.

    In `**1~2**, **3~4**` nothing is struck out. `kind` is one that `emphasis` takes.
    """
    outer = _open_marks(state)
    if not any(outer.values()):
        return False
    marks, place = state.__dict__.get("closing", (None, -1))
    if marks is state.delimiters and state.pos < place < end:
        return True
    inner = dict.fromkeys(outer, 0)
    for match in _RUN.finditer(state.src, state.pos, end):
        marker, length = match[0][0], len(match[0])
        if marker not in outer:
            continue
        before, after = state.src[match.start() - 1], state.src[match.end() : match.end() + 1] or " "
        opens, closes = _FLANKS[kind](before, after, marker)
        if closes and length > inner[marker] and outer[marker]:
            state.__dict__["closing"] = state.delimiters, match.start()
            return True
        inner[marker] = _after_run(inner[marker], length, opens=opens, closes=closes)
    return False


def _open_marks(state: State) -> dict[str, int]:
    """How many `*` and `_` may still be closed; the marks seen by an earlier call are not counted again."""
    known: dict[int, tuple[int, dict[str, int]]] = state.__dict__.setdefault("open_marks", {})
    at, counts = known.get(id(state.delimiters), (0, {"*": 0, "_": 0}))
    while at < len(state.delimiters):
        delimiter = state.delimiters[at]
        marker, length = chr(delimiter.marker), max(delimiter.length, 1)
        if marker in counts:
            counts[marker] = _after_run(counts[marker], length, opens=delimiter.open, closes=delimiter.close)
        at += length
    known[id(state.delimiters)] = at, counts
    return counts


def _after_run(count: int, length: int, *, opens: bool, closes: bool) -> int:
    """How many marks are open after a run of `length`, with `count` before it."""
    ended = min(length, count) if closes else 0
    return count - ended + (length - ended if opens else 0)
