"""What becomes of a body: cases that a person can read, with both cleaners; and the plain text beside it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from feeds import content
from feeds.content import Policy

BASE = "https://example.org/2021/08/a/"
BACKENDS = ("bleach", "nh3")
CASES = Path(__file__).parent / "cases" / "content.md"
REAL = Path(__file__).parents[2] / "shared" / "posts"


class Case(NamedTuple):
    """A title, the markup, a body and what a reader gets of it."""

    title: str
    markup: str
    body: str
    expected: str


def cases() -> list[Case]:
    """The cases of the file, in markdown-it's form: a title and three lines of one dot around body and expectation."""
    made: list[Case] = []
    section = ""
    title, parts, part = "", [], None
    for line in CASES.read_text(encoding="utf-8").split("\n"):
        if line == ".":
            if part is not None:
                parts.append("\n".join(part))
            part = []
            if len(parts) == 2:
                markup = section.partition("(")[2].rstrip(")") or "html"
                made.append(Case(f"{section.partition(' (')[0]}: {title}", markup, parts[0], parts[1]))
                title, parts, part = "", [], None
        elif part is not None:
            part.append(line)
        elif line.startswith("## "):
            section = line[3:]
        elif line.strip():
            title = line.strip()
    return made


def cleaned(body: str, markup: str = "html", backend: str = "bleach", **wishes: object) -> content.Cleaned:
    return content.clean(body, markup, base_url=BASE, policy=Policy(backend=backend, **wishes), id_prefix="p-")  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_case(case: Case, backend: str) -> None:
    """The body becomes what is expected; to read it once more changes nothing."""
    once = cleaned(case.body, case.markup, backend).html
    assert once == case.expected
    if "{%" not in once and "{{" not in once:
        assert cleaned(once, "html", backend).html == once
