"""No regular expression takes more than its input's length, whatever an author or an attacker writes.

Each pattern of the project is found by the test itself and tried on inputs made from its own structure (pattern_inputs.py).
Time is only compared with time: of one input with that of one four times as long, and with that of a plain search.
"""

from __future__ import annotations

import re
import time
from typing import NamedTuple

import pytest
from pattern_inputs import Found, inputs, patterns

from feeds import pool

LENGTH = 1500
#: Four times the length may take eight times as long: 4 is linear, 16 is quadratic.
GROWTH = 8
#: A character may cost as much as so many of a plain search: a repetition of at most some hundred is taken at each place.
STEPS = 400
#: Modules whose patterns only see short text, in characters: names of files end at 255 bytes.
SHORT = {"feeds/posts/copies.py": 300}
#: What is not worth measuring: a quadratic pattern takes fifty times as long.
_QUICK_SECONDS = 0.002
#: All inputs of one pattern take some 1 s here; one that never ends takes more than a slow machine ever would.
_ENDLESS_SECONDS = 60
ALL = patterns()


class Slow(NamedTuple):
    """An input on which a pattern is slow, and how."""

    text: str
    growth: float
    steps: float


def _seconds(found: Found, text: str, tries: int = 1) -> float:
    spent = []
    for _ in range(tries):
        begun = time.thread_time()
        if found.anywhere:
            for _ in found.pattern.finditer(text):
                pass
        elif found.whole:
            found.pattern.fullmatch(text)
        else:
            found.pattern.match(text)
        spent.append(time.thread_time() - begun)
    return min(spent)


_PLAIN = Found("", re.compile(r"[a-y]z"), anywhere=True)


def slow(_: None, found: Found) -> Slow | None:
    """The first input on which the pattern is not linear, None where there is none."""
    is_short = found.where.partition(":")[0] in SHORT
    length = SHORT.get(found.where.partition(":")[0], 4 * LENGTH) // 4
    for long, short in zip(inputs(found.pattern, 4 * length), inputs(found.pattern, length), strict=False):
        seconds = _seconds(found, long)
        if seconds > _QUICK_SECONDS:
            seconds = min(seconds, _seconds(found, long, 3))
        if seconds < _QUICK_SECONDS:
            continue
        # Other programs on the machine slow single measurements down: a pattern that is not linear is slow each time.
        for _ in range(5):
            growth = seconds / max(_seconds(found, short, 3), 1e-6)
            steps = seconds / _seconds(_PLAIN, "a" * len(long), 5)
            if not (growth > GROWTH and not is_short) and steps <= (10 if is_short else 1) * STEPS:
                break
            seconds = min(seconds, _seconds(found, long, 3))
        else:
            return Slow(f"{short[:30]!r}…{short[-10:]!r}", round(growth, 1), round(steps))
    return None


def test_every_pattern_is_linear() -> None:
    """In hundreds of patterns, on thousands of inputs; one that never ends is ended."""
    budget = pool.Budget(_ENDLESS_SECONDS, 1_000_000_000)
    results = pool.run_within(budget, slow, ALL, shared=None, workers=0, seconds_each=1, chunk=4)
    wrong = [
        f"{found.where}: {found.pattern.pattern!r:.150}: {result}"
        for found, result in zip(ALL, results, strict=True)
        if result is not None
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [
        (r"[ \t]*$", True), (r"(a+)+b", False), (r"(a|aa)+$", False), (r"<!--.*?-->", True), (r"\s+\Z", True), (r"^#+[ \t]+(.*?)[ \t]*#*$", False),
        (r"<(\w+)[^>]*>", True), (r"x*y*z", True), (r"\s{0,5000}x", True), (r"a*a*b", False),
    ],
)  # fmt: skip
def test_a_pattern_that_is_not_linear_is_found(pattern: str, anywhere: bool) -> None:
    """The test's own eyes."""
    found = Found("here", re.compile(pattern), anywhere)
    [result] = pool.run_within(pool.Budget(1, 1_000_000_000), slow, [found], shared=None, workers=1, seconds_each=1, chunk=1)
    assert result is not None


def test_a_pattern_is_tried_as_it_is_used() -> None:
    """One that has to be all of a text fails at its end, where one that only has to begin there was found long before."""
    pattern = re.compile(r"[\t ]*([\t -~]*?)[\t ]*")
    tried = [Found("here", pattern, anywhere=False, whole=whole) for whole in (True, False)]
    whole, beginning = pool.run_within(
        pool.Budget(1, 1_000_000_000), slow, tried, shared=None, workers=1, seconds_each=1, chunk=1
    )
    assert whole is not None
    assert beginning is None


def test_all_patterns_are_found() -> None:
    """Each file that uses `re` has its patterns among them, those of functions and of f-strings too."""
    assert len(ALL) > 200
    assert any("html_tags" in found.where for found in ALL)
    assert all(found.whole for found in ALL if "copies.py" in found.where and "副本" in found.pattern.pattern)
    assert any(found.whole for found in ALL if "request_head.py" in found.where)
