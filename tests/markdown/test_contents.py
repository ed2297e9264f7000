"""kramdown's table of contents: the headings, nested, with links to their anchors on the post's page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from feeds import content
from feeds.content.flavour import KRAMDOWN

#: Headings, and what kramdown 2.4 makes of a list with {:toc} before them, without its attributes.
TABLES = {
    "## A `c` *e*\n\n#### B\n\n### C\n\n## 中文 标题！\n": '<ul><li><a href="#a-c-e">A <code>c</code> <em>e</em></a><ul><li><a href="#b">B</a></li>'
    '<li><a href="#c">C</a></li></ul></li><li><a href="#中文-标题">中文 标题！</a></li></ul>',
    "### A\n\n## B\n\n#### C\n\n### D\n\n# E\n": '<ul><li><a href="#a">A</a></li><li><a href="#b">B</a><ul><li><a href="#c">C</a></li><li><a href="#d">D</a>'
    '</li></ul></li><li><a href="#e">E</a></li></ul>',
    "## F F\n\n## F F\n\n## Not\n{: .no_toc}\n": '<ul><li><a href="#f-f">F F</a></li><li><a href="#f-f-1">F F</a></li></ul>',
    "## [x](https://a.example/) <b>y</b> & z\n": '<ul><li><a href="#x-y--z">x y &amp; z</a></li></ul>',
    "no heading\n": "",
}  # fmt: skip


@pytest.mark.parametrize(("body", "table"), TABLES.items())
def test_the_headings_are_listed_as_kramdown_lists_them(body: str, table: str) -> None:
    result = content.clean(
        f"* x\n{{:toc}}\n\n{body}", "markdown", content.Reading(KRAMDOWN), base_url="https://a.example/p", policy=content.Policy()
    )
    found = re.match(r"<ul>.*</ul>(?=<)|", re.sub(r"\n", "", str(result.html)), re.DOTALL)
    assert found is not None
    assert found[0].replace("https://a.example/p#", "#").replace("%E4%B8%AD%E6%96%87-%E6%A0%87%E9%A2%98", "中文-标题") == table


def test_a_numbered_list_is_a_numbered_table() -> None:
    result = content.clean(
        "1. x\n{:toc}\n\n# A\n", "markdown", content.Reading(KRAMDOWN), base_url="https://a.example/p", policy=content.Policy()
    )
    assert str(result.html).startswith("<ol>\n<li>")


def test_without_contents_the_list_is_left_out() -> None:
    flavour = replace(KRAMDOWN, contents=False)
    result = content.clean(
        "* x\n{:toc}\n\n# A\n", "markdown", content.Reading(flavour), base_url="https://a.example/p", policy=content.Policy()
    )
    assert str(result.html) == "<h1>A</h1>"
