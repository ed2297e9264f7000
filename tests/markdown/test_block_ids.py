"""Names of blocks in notes are left out, as Obsidian's reading view has it."""

from __future__ import annotations

import pytest

from feeds.content.flavour import OBSIDIAN, PLAIN, Flavour
from feeds.content.markdown.render import to_html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("One ^b15695", "<p>One</p>"),
        ("One\ntwo ^my-id", "<p>One<br>\ntwo</p>"),
        ("- item ^item-1\n- x^2", "<ul>\n<li>item</li>\n<li>x^2</li>\n</ul>"),
        ("> Quoted\n\n^quote-1\n\nOn", "<blockquote>\n<p>Quoted</p>\n</blockquote>\n<p>On</p>"),
        ("**Bold** ^id-2", "<p><strong>Bold</strong></p>"),
        ("# Title ^no", "<h1>Title ^no</h1>"),
        ("`a ^code`", "<p><code>a ^code</code></p>"),
        ("10^6 and ^ alone", "<p>10^6 and ^ alone</p>"),
    ],
)
def test_names_of_blocks(body: str, html: str) -> None:
    assert to_html(body, "markdown", OBSIDIAN).strip() == html


@pytest.mark.parametrize(
    ("body", "html"),
    [("One ^b15695", "<p>One</p>"), ("One ^caret", "<p>One ^caret</p>"), ("^1a2b3c", ""), ("x ^abcdef", "<p>x ^abcdef</p>")],
)
def test_in_a_plain_folder_only_those_that_obsidian_makes_up(body: str, html: str) -> None:
    assert to_html(body, "markdown", PLAIN).strip() == html


@pytest.mark.parametrize("flavour", [OBSIDIAN, PLAIN])
def test_many_names_take_no_longer_each(flavour: Flavour) -> None:
    """Every paragraph is looked at once."""
    assert "^" not in to_html("\n\n".join(f"{number} ^a1b2c3" for number in range(2_000)), "markdown", flavour)
