"""What newer versions of marked read otherwise than CommonMark, as hexo-renderer-marked 6 has it."""

from __future__ import annotations

import dataclasses
import re

import pytest

from feeds.content.flavour import GOLDMARK, MARKDOWN_IT, MARKED, MARKED_0, PLAIN, Flavour
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


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("范围**1~2**，扩展**3~4**。", "范围<strong>1~2</strong>，扩展<strong>3~4</strong>。"),
        ("**~~旧~~新** ~~**旧**~~", "<strong><del>旧</del>新</strong> <del><strong>旧</strong></del>"),
        ("~一 **二~ 三**", "<del>一 **二</del> 三**"),
        ("*一 ~二* 三~", "<em>一 ~二</em> 三~"),
        ("约**~3天**后", "约<strong>~3天</strong>后"),
        ("**一****<u>二</u>**。", "<strong>一</strong><strong><u>二</u></strong>。"),
        ("**一****二**。", "<strong>一****二</strong>。"),
        ("一****“二”，**", "一****“二”，**"),
    ],
)
def test_as_marked_15(text: str, rendered: str) -> None:
    assert render.to_html(text, "markdown", dataclasses.replace(MARKED, typography="none")).strip() == f"<p>{rendered}</p>"


@pytest.mark.parametrize("flavour", [PLAIN, MARKED_0, GOLDMARK, MARKDOWN_IT], ids=lambda flavour: flavour.renderer)
def test_nothing_is_struck_out_from_one_strong_text_into_the_next(flavour: Flavour) -> None:
    html = render.to_html("**1~~2**, **3~~4** and **1==2**, **3==4**", "markdown", dataclasses.replace(flavour, marks=True))
    assert html.strip() == "<p><strong>1~~2</strong>, <strong>3~~4</strong> and <strong>1==2</strong>, <strong>3==4</strong></p>"
