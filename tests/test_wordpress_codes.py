"""Short codes of WordPress, and brackets that are none."""

from __future__ import annotations

import pytest

from feeds.content.template_tags.wordpress import replaced


@pytest.mark.parametrize(
    "text",
    [
        "see the [gallery](https://boats.example/gallery.html) now",
        "![gallery 1](a.png) ![caption of a=b](b.png)",
        "[boats][gallery]\n\n[gallery]: https://boats.example/",
        "[a link][caption id=1]",
        "a [gallery of boats] and a [caption that says it]",
    ],
)
def test_links_and_prose_stay(text: str) -> None:
    assert replaced(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('a [gallery ids="1,2"] b', "a  b"),
        ("[gallery]", ""),
        ('[caption id="x" width="3"]<img src="a.png"> Boats[/caption]', '<img src="a.png"> Boats'),
    ],
)
def test_short_codes_go(text: str, shown: str) -> None:
    assert replaced(text) == shown
