"""Formulas between `\\(…\\)` and `\\[…\\]`: what the quick look ahead lets through is what the pattern takes."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import pytest

from feeds.content.markdown import spans


def _agree(text: str) -> bool:
    """Whether the rule takes what the pattern matches, at the start of a text that begins with a backslash."""
    state = SimpleNamespace(src=text, pos=0, posMax=len(text))
    match = spans._BRACKETS.match(text)
    return spans.bracket_formula(state, True) == (match is not None) and (match is None or state.pos == match.end())


def test_short_texts() -> None:
    """All of six characters, with the ends that they may have."""
    for characters in product("\\([)]a\n", repeat=4):
        for end in ("\\)", "\\\\)", "\\]", "\\\\]"):
            text = "\\" + "".join(characters) + end
            assert _agree(text), text


@pytest.mark.parametrize("marks", ["\\", "\\\\"])
@pytest.mark.parametrize("brackets", ["()", "[]"])
def test_the_longest(marks: str, brackets: str) -> None:
    """About the bound of the pattern."""
    for length in range(1990, 2012):
        assert _agree(f"{marks}{brackets[0]}{'a' * length}{marks}{brackets[1]}"), length


def test_marks_without_an_end_never_reach_the_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would cost two thousand steps."""
    monkeypatch.setattr(spans, "_BRACKETS", None)
    for text in ("\\(" * 3000, "\\[" * 3000, "\\\\(" * 3000, "\\( " * 3000 + "\n\\)", "\\\\[" * 1500 + "\\]"):
        assert not spans.bracket_formula(SimpleNamespace(src=text, pos=0, posMax=len(text)), True)
