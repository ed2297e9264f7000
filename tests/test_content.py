"""What becomes of a body: cases that a person can read, with both cleaners; and the plain text beside it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from feeds import content
from feeds.content import Policy
from feeds.content.flavour import PLAIN, PYTHON_MARKDOWN

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


def both(body: str, markup: str = "html") -> tuple[content.Cleaned, content.Cleaned]:
    return cleaned(body, markup, "bleach"), cleaned(body, markup, "nh3")


def test_both_cleaners_say_the_same_of_an_archive(tmp_path: Path) -> None:
    """Bodies as people have them, HTML and Markdown: equal content, text, pictures and findings, to the byte."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    import corpus

    for made in corpus.posts(200, 7):
        one, other = both(made.body, {"html": "html", "md": "markdown"}[made.markup])
        assert one == other


#: docs/content-policy.md lists these.
_DIFFERENT = {
    "<p>a<ul><li>b</ul>c</p>": ("<p>a</p><ul><li>b</li></ul>c<p></p>", "<p>a</p><ul><li>b</li></ul>c"),
    "</p>x": ("<p></p>x", "x"),
    "<p/>x": ("<p>x</p>", "<p></p>x"),
    "<br></br>": ("<br><br>", "<br>"),
    "<b>a<i>b</b>c</i>": ("<b>a<i>b</i></b><i>c</i>", "<b>a<i>b</i></b>c"),
    "<a href='/x'><p>b</a></p>": (
        '<a href="https://example.org/x"></a><p><a href="https://example.org/x">b</a></p>', '<a href="https://example.org/x"><p>b</p></a>',
    ),
    "<svg><p>x</p></svg>z": ("<p>x</p>z", "z"),
}  # fmt: skip


@pytest.mark.parametrize("body", _DIFFERENT)
def test_where_the_cleaners_differ(body: str) -> None:
    """Only in how broken markup is repaired, and the documentation lists each kind."""
    one, other = both(body)
    assert (one.html, other.html) == _DIFFERENT[body]
    listed = (Path(__file__).parents[1] / "docs/content-policy.md").read_text(encoding="utf-8")
    assert f"`{body}`" in listed


@pytest.mark.parametrize(
    ("language", "name"), [("zh-CN", "技巧"), ("es-AR", "Consejo"), ("", "Tip"), ("xx", "Tip"), ("../x", "Tip")]
)
def test_boxes_of_restructuredtext_are_named_in_the_language_of_the_site(language: str, name: str) -> None:
    reading = content.Reading(replace(PLAIN, language=language))
    result = content.clean(".. tip:: Tea\n", "rst", reading, base_url=BASE, policy=Policy())
    assert result.text.split() == [name, "Tea"]


def test_an_extension_of_python_markdown_that_is_not_installed_is_told() -> None:
    """The others are used; one that Python-Markdown no longer has, and needs no more, is not told."""
    flavour = replace(PYTHON_MARKDOWN, extensions=("extra", "no_such.extension", "markdown.extensions.headerid", "json"))
    result = content.clean("# A\n\nx[^1]\n\n[^1]: Note\n", "markdown", content.Reading(flavour), base_url=BASE, policy=Policy())
    assert "<h1>A</h1>" in result.html and "footnote" in result.html
    assert [note.what.split("'")[1] for note in result.notes] == ["no_such.extension", "json"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("a\n\n[茶]（https://example.org/）", 3), ("![图]（a.png）", 1), ("【茶】(https://example.org/)", 1), ("a (tea)[https://example.org/]", 1),
        ("a\n\n##茶\n\nb", 3), ("···python\nx\n···", 1), ("｀｀｀\nx\n｀｀｀", 1),
        ("`[茶]（https://example.org/）`", None), ("```\n##a\n```", None), ("## a", None), ("[茶](https://example.org/)（见 a.md）", None),
        ("[1]（见下文）", None), ("a\n```\n##a\n```\n\n##b", 6),
    ],
)  # fmt: skip
def test_marks_that_are_nearly_markdown_are_told(body: str, line: int | None) -> None:
    notes = content.clean(body, "markdown", base_url="https://example.org/", policy=Policy()).notes
    assert [note.line for note in notes if note.code == "markdown-slip"] == ([] if line is None else [line])
