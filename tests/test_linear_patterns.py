"""Patterns of the site's own settings: what `re` says of them, in time linear in the text."""

from __future__ import annotations

import random
import re

import pytest

from feeds import linear_patterns
from feeds.linear_patterns import LinearPattern

ATOMS = ["a", "b", "/", ".", "[ab]", "[^a]", r"\w", r"\d", r"[a-c\d]", r"\b", "^", "$", "[^/]", r"\."]


def pattern(source: random.Random, depth: int = 0) -> str:
    kind = source.randrange(8 if depth < 3 else 2)
    if kind < 2:
        return source.choice(ATOMS)
    inner = pattern(source, depth + 1)
    return {
        2: f"{inner}{pattern(source, depth + 1)}", 3: f"(?:{inner}|{pattern(source, depth + 1)})", 4: f"({inner})*",
        5: f"(?:{inner})+?", 6: f"({inner}){{1,3}}", 7: f"({inner})?",
    }[kind]  # fmt: skip


def test_it_says_what_re_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_patterns, "_FEW_REPETITIONS", -1)
    source = random.Random(7)
    for _ in range(1_500):
        written, text = pattern(source), "".join(source.choice("ab/.\n1") for _ in range(source.randrange(8)))
        flags = source.choice([0, re.IGNORECASE, re.DOTALL])
        ours, theirs = LinearPattern(written, flags), re.compile(written, flags)
        assert ours.search(text) is (theirs.search(text) is not None), (written, text)
        assert ours.fullmatch(text) is (theirs.fullmatch(text) is not None), (written, text)


@pytest.mark.parametrize("written", ["(a+)+$", "(a?)" * 40 + "b", "(a|a)*b", ".*a" * 30 + "b", "(.*)(.*)(.*)(.*)(.*)x"])
def test_patterns_that_go_back_for_minutes_are_over_at_once(written: str) -> None:
    """Each state is looked at once for a character, whatever the pattern."""
    assert not LinearPattern(written).search("a" * 500 + "c")


@pytest.mark.parametrize("written", ["(", "a{99999}", "(?=a)b*c*d*", "(a)\\1b*c*d*", "(?i:a)b*c*d*"])
def test_what_is_not_read_is_an_error(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        LinearPattern(written + "x*y*z*")
