"""Formulas that authors escaped for their renderer come as TeX; those written as TeX come as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.content.flavour import GOLDMARK, KRAMDOWN, MARKED, PLAIN, Flavour
from feeds.content.markdown import render as markdown


@pytest.mark.parametrize("flavour", [GOLDMARK, MARKED])
@pytest.mark.parametrize(
    ("body", "formula"),
    [
        (r"$\\{1, 2\\}$ and $a\_i$", r"$\{1, 2\}$ and $a_i$"),
        ("$$\na \\\\\\\\ b\n$$", "$$\na \\\\ b\n$$"),
        (r"$a\_1$ then $$x \\\\ \\{y\\}$$", r"$a_1$ then $$x \\ \{y\}$$"),
        (r"$\{1, 2\}$ and $a_i * b_i$", r"$\{1, 2\}$ and $a_i * b_i$"),
        ("$$\na \\\\ b\n$$", "$$\na \\\\ b\n$$"),
        (r"$$a \\ {\bf b}$$", r"$$a \\ {\bf b}$$"),
        (r"$\frac{1}{2}$", r"$\frac{1}{2}$"),
        (r"$x\_0$ and $a\*b$ and $\{c\}$", r"$x_0$ and $a*b$ and $\{c\}$"),
        ("$$\na\\_1 \\\\\nb\n$$", "$$\na_1 \\\\\nb\n$$"),
        (r"$\text{a\_b}$", r"$\text{a\_b}$"),
        (r"$p\\,\\|\\,n$ and $a\\;b$ and $!\\!$", r"$p\,\|\,n$ and $a\;b$ and $!\!$"),
        (r"$$a=b\\\\\log(y)\\\\c$$", r"$$a=b\\\log(y)\\c$$"),
        (r"$$a \\ \, b \\\log c$$", r"$$a \\ \, b \\\log c$$"),
        (r"$\\frac{1}{2}$ and $a \\ b$", r"$\frac{1}{2}$ and $a \\ b$"),
    ],
)
def test_backslashes(flavour: Flavour, body: str, formula: str) -> None:
    assert formula in markdown.to_html(body, "markdown", replace(flavour, typography="none"))


@pytest.mark.parametrize("flavour", [PLAIN, KRAMDOWN])
def test_renderers_with_formulas_of_their_own_keep_them(flavour: Flavour) -> None:
    assert r"\\{1\\}" in markdown.to_html(r"$$\\{1\\}$$", "markdown", flavour)


def test_code_and_text_stay() -> None:
    html = markdown.to_html("$\\\\{1\\\\}$ `\\\\{` and \\*\n", "markdown", GOLDMARK)
    assert "<code>\\\\{</code>" in html
    assert "and *" in html
