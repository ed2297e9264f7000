"""What newer versions of marked read otherwise than CommonMark, as hexo-renderer-marked 6 has it."""

from __future__ import annotations

import re

import pytest

from feeds.content.flavour import MARKDOWN_IT, MARKED
from feeds.content.markdown import render

TABLE = "| a | b |\n|---|---|\n| c | d |\n"


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        (f"* one\n* two\n{TABLE}\nend", "ul li li table p"),
        (f"1. one\n   more\n{TABLE}", "ol li br table"),
        (f"- one\n  - two\n{TABLE}", "ul li ul li table"),
        (f"> quote\n{TABLE}", "blockquote p table"),
        (f"- one\n  {TABLE}".replace("\n|", "\n  |"), "ul li table"),
        ("- one\n#tag\nmore", "ul li p br"),
        ("- one\n| a | b |\nmore", "ul li br br"),
        ("> quote\na | b\n", "blockquote p br"),
    ],
)
def test_what_touches_a_list_or_a_quotation(text: str, outline: str) -> None:
    html = render.to_html(text, "markdown", MARKED)
    assert " ".join(re.findall(r"<(ul|ol|li|table|p|br|blockquote)\b", html)) == outline


def test_other_renderers_have_it_as_text() -> None:
    assert "<table>" not in render.to_html(f"* two\n{TABLE}", "markdown", MARKDOWN_IT)
