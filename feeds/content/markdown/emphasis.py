"""Emphasis as renderers other than CommonMark's have it: where `*` and `_` may open and close, as a rule for markdown-it.

CommonMark (section 6.2) leaves the marks of `**粗体（x）**后` in view; other renderers look only for blanks.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable
from typing import Any

from markdown_it.rules_inline.state_inline import Delimiter

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


_FLANKS = {
    "cjk": _flanks_cjk, "kramdown": _flanks_kramdown, "marked-0": _flanks_marked_0, "marked-0.3": _flanks_marked_0,
    "marked-4": _flanks_marked_4,
}  # fmt: skip


def emphasis(kind: str) -> Rule:
    """markdown-it's rule for `*` and `_` with other places in which they may open and close."""
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
        counted = 2 if kind == "kramdown" and length == 4 else length
        for _ in range(length):
            state.push("text", "", 0).content = marker
            state.delimiters.append(
                Delimiter(marker=ord(marker), length=counted, token=len(state.tokens) - 1, end=-1, open=opens, close=closes)
            )
        state.pos = end
        return True

    return rule
