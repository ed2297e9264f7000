"""kramdown's own rules for blocks and spans, beside those that renderers.txt shares with others: ours against its output.

Where ours differs on purpose, DEVIATIONS says why; an entry of it that is no longer true fails too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import record
from test_renderers import cleaned, ours

CASES = record.read(record.KRAMDOWN_CASES.read_text(encoding="utf-8"))
DEVIATIONS: dict[str, tuple[str, ...]] = {
    "a table that touches a paragraph or a heading is read as GitHub reads it": (
        "# H",
        "| a | b |",
    ),
    "a value without quotes may hold what HTML allows in it": ("a <font face=verdana,arial size=2>x</fon",),
    "a ruler ends a paragraph": (
        "text (2)",
        "A",
    ),
    "the number of the first item is kept": (
        "text (5)",
        "1. a (4)",
        "1986. A year",
    ),
    "what is in an element that HTML does not know, or no longer, is read as Markdown": (
        '<font color="red">*x*</font> more *y*',
        'text <font color="red">*x*</font>',
        "<unknown>*x*</unknown>",
    ),
    "what is not closed ends with its block, so that nothing behind it changes": (
        "<pre><code>a *b* <x>",
        "<div>unclosed *x*",
        "x<y, List<String> and <T>",
    ),
    "a fence with several words is code, and code ends with its indentation": (
        "``` ruby linenos",
        "<details> (2)",
    ),
    "blanks and paragraphs that nobody sees": (
        "$$",
        "Term",
        "{:toc}",
    ),
    "a formula's own attributes are not kept, and it stays in MathJax's brackets": (
        "a block and a formula with attributes",
        "a formula within a line with attributes",
    ),
    "boxes are read everywhere: nobody writes their marks by accident": ("> [!NOTE]",),
}


@pytest.mark.parametrize("title", [title for title, _, _ in CASES])
def test_as_kramdown_itself(title: str) -> None:
    body, theirs = next((body, outputs["kramdown"]) for name, body, outputs in CASES if name == title)
    reason = next((reason for reason, titles in DEVIATIONS.items() if title in titles), "")
    if reason:
        assert ours(body, "kramdown") != cleaned(theirs), f"no longer differs: {reason}"
    else:
        assert ours(body, "kramdown") == cleaned(theirs)


def test_each_deviation_has_a_case() -> None:
    titles = {title for title, _, _ in CASES}
    assert {title for names in DEVIATIONS.values() for title in names} <= titles


def test_a_heading_may_have_a_long_name() -> None:
    assert ours("# A {#" + "a-long-name-" * 20 + "}", "kramdown").strip() == "<h1>A</h1>"
