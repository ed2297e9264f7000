"""marked 0.3, which older Hexo blogs have: what it writes (recorded from marked 0.3.19 with Hexo's options), and newer versions not.

Emphasis of marked 1.1 to 4 is recorded from marked 4.3.0."""

from __future__ import annotations

import dataclasses

import pytest

from feeds.content.flavour import KRAMED, MARKED, MARKED_0, Flavour
from feeds.content.markdown import render

MARKED_03 = dataclasses.replace(MARKED_0, single_tilde=False, emphasis="marked-0.3")


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("使用** 内网穿透 **调试", "<p>使用<strong> 内网穿透 </strong>调试</p>"),
        ("**一 **二**三** 四", "<p><strong>一 </strong>二<strong>三</strong> 四</p>"),
        ("只有 ** 一处", "<p>只有 ** 一处</p>"),
        ("- **__isset() : ** 时", "<ul>\n<li><strong>__isset() : </strong> 时</li>\n</ul>"),
        ("0~9 与 A~F", "<p>0~9 与 A~F</p>"),
        ("~~旧~~新", "<p><del>旧</del>新</p>"),
        ("- [时间]: 多久\n- [警告]: 消息", "<ul>\n<li>[时间]: 多久</li>\n<li>[警告]: 消息</li>\n</ul>"),
        ("> [时间]: 多久", "<blockquote>\n<p>[时间]: 多久</p>\n</blockquote>"),
        ('<img src="a.png">\n从`图`', '<p><img src="a.png"><br>\n从<code>图</code></p>'),
        ("<br>\n**x**", "<p><br><br>\n<strong>x</strong></p>"),
        ("文\n<p>![图](b.png)\n**文**", '<p>文</p>\n<p><p><img src="b.png" alt="图"><br>\n<strong>文</strong></p>'),
        ("<pre>\n**x**\n\ny</pre>\n\nz", "<pre>\n**x**\n\ny</pre>\n<p>z</p>"),
        ("</div>\n**x**", "<p></div><br>\n<strong>x</strong></p>"),
        ('<div class="a">\n\n**x**', '<div class="a">\n<p><strong>x</strong></p>'),
        (r"rm {} \; 与 \*星\*", r"<p>rm {} \; 与 *星*</p>"),
        ("2 * 3 * 4", "<p>2 <em> 3 </em> 4</p>"),
        ("只有 * 一处", "<p>只有 * 一处</p>"),
        ("见 <a href=page?id=1>页</a>", "<p>见 <a href=page?id=1>页</a></p>"),
        ("1) 一\n2) 二\n\n文", "<p>1) 一<br>\n2) 二</p>\n<p>文</p>"),
        ("1. 一\n2) 二", "<ol>\n<li>一<br>\n2) 二</li>\n</ol>"),
        ("行\\\n行", "<p>行\\<br>\n行</p>"),
        ("[茶][a]\n\n[a]: https://tea.example", '<p><a href="https://tea.example">茶</a></p>'),
    ],
)
@pytest.mark.parametrize("flavour", [MARKED_03, KRAMED], ids=["marked 0.3", "kramed"])
def test_as_marked_0_3(flavour: Flavour, text: str, rendered: str) -> None:
    assert render.to_html(text, "markdown", flavour).strip() == rendered


@pytest.mark.parametrize(("flavour", "rendered"), [(MARKED_03, r"\$on 与 \$refs"), (KRAMED, "$on 与 $refs")])
def test_a_backslash_before_a_dollar_is_one_but_to_kramed(flavour: Flavour, rendered: str) -> None:
    assert render.to_html(r"\$on 与 \$refs", "markdown", flavour).strip() == f"<p>{rendered}</p>"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("<div>\n**x**\n</div>", "<div><br>\n<strong>x</strong><br>\n</div>"),
        ("<div>\n\n**x**\n\n</div>\n\n后", "<div><br>\n<br>\n<strong>x</strong><br>\n<br>\n</div>\n<p>后</p>"),
        ("<font>**一**</font>\n\n二", "<font><strong>一</strong></font>\n<p>二</p>"),
        ("<div>a</div>b\n\n<div>**c**</div>\n\nd", "<div>a</div>b<br>\n<br>\n<div><strong>c</strong></div>\n<p>d</p>"),
        ("<p>**一**</p>\n二", "<p><p><strong>一</strong></p><br>\n二</p>"),
        ("> <p>**一**</p>\n> 二", "<blockquote>\n<p><p><strong>一</strong></p><br>\n二</p>\n</blockquote>"),
        ("- <p>**一**</p>\n\n二", "<ul>\n<li><p><strong>一</strong></p></li>\n</ul>\n<p>二</p>"),
        (
            "1. <font>**一**</font>\n2. 二\n3. <font>三</font>\n\n四",
            "<ol>\n<li><font><strong>一</strong></font></li>\n<li>二</li>\n<li><font>三</font></li>\n</ol>\n<p>四</p>",
        ),
        (
            "- 一\n  - <font>二</font>\n- <font>三</font>",
            "<ul>\n<li>一\n<ul>\n<li><font>二</font></li>\n</ul>\n</li>\n<li><font>三</font></li>\n</ul>",
        ),
    ],
)
def test_marked_0_3_reads_markdown_in_html(text: str, rendered: str) -> None:
    """kramed, which else reads as it does, leaves the text of elements as it is."""
    assert render.to_html(text, "markdown", MARKED_03).strip() == rendered
    assert "<strong>" not in render.to_html(text, "markdown", KRAMED)


def test_marked_0_3_has_no_lines_broken_between_rows() -> None:
    """Between the tags of a table Hexo writes `<br>`, which browsers show above the table."""
    rendered = render.to_html("<table>\n<tr>\n<td>*甲*</td></tr>\n</table>\n\n后", "markdown", MARKED_03)
    assert rendered == "<table> <tr> <td><em>甲</em></td></tr> </table>\n<p>后</p>\n"


@pytest.mark.parametrize(
    ("text", "header", "row"),
    [
        ("|甲|乙|\n|-|-|-|\n|1|*2*|", ["甲", "乙"], ["1", "<em>2</em>"]),
        ("|甲|乙|丙|\n|-|-|\n|1|2|3|", ["甲", "乙", "丙"], ["1", "2", "3"]),
        ("甲 | 乙 | 丙\n-|-\n1|2", ["甲", "乙", "丙"], ["1", "2"]),
    ],
)
def test_marked_0_3_has_tables_of_any_width(text: str, header: list[str], row: list[str]) -> None:
    rendered = render.to_html(f"{text}\n\n后", "markdown", MARKED_03)
    heads, cells = "".join(f"<th>{cell}</th>" for cell in header), "".join(f"<td>{cell}</td>" for cell in row)
    assert rendered.replace("\n", "") == (
        f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table><p>后</p>"
    )
    assert "<table>" not in render.to_html(text, "markdown", MARKED_0)


def test_marked_0_3_keeps_fences_in_html() -> None:
    """Hexo takes fences out of the text before marked reads it."""
    rendered = render.to_html("<div>\n\n```js\nlet a\n```\n\n</div>\n\n后", "markdown", MARKED_03)
    assert "<pre" in rendered
    assert "```" not in rendered


def test_later_versions_ask_for_text_beside_the_marks() -> None:
    """marked 0.7 leaves `** text **` as it is, and strikes out between single tildes."""
    assert render.to_html("使用** 内网 **调", "markdown", MARKED_0).strip() == "<p>使用** 内网 **调</p>"
    assert render.to_html("0~9 与 A~F", "markdown", MARKED_0).strip() == "<p>0<del>9 与 A</del>F</p>"


MARKED_4 = dataclasses.replace(MARKED, emphasis="marked-4")


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("在**系统代理（proxy）**时", "在<strong>系统代理（proxy）</strong>时"),
        ("*不可能的。*选择", "<em>不可能的。</em>选择"),
        ("因为**“钱”，**所以", "因为<strong>“钱”，</strong>所以"),
        ("***粗体。***后", "<em><strong>粗体。</strong></em>后"),
        ("a*b*c", "a<em>b</em>c"),
        ("a**(b)**c", "a**(b)**c"),
        ("文件中**\\_config.yml**", "文件中<strong>_config.yml</strong>"),
        ("甲**x!**乙", "甲**x!**乙"),
        ("**[t](https://tea.example)**吗", '**<a href="https://tea.example">t</a>**吗'),
        ("甲__乙__丙", "甲__乙__丙"),
        ("（__x__）", "（__x__）"),
        ("_（x）_时", "_（x）_时"),
        ("_（x）_ 时", "<em>（x）</em> 时"),
    ],
)
def test_emphasis_of_marked_4(text: str, rendered: str) -> None:
    assert render.to_html(text, "markdown", MARKED_4).strip() == f"<p>{rendered}</p>"


def test_emphasis_of_newer_versions_is_that_of_commonmark() -> None:
    assert "**" in render.to_html("在**系统代理（proxy）**时", "markdown", MARKED)


@pytest.mark.parametrize("flavour", [MARKED_03, KRAMED], ids=["marked 0.3", "kramed"])
def test_code_in_elements_keeps_its_marks(flavour: Flavour) -> None:
    """marked reads Markdown in it too, and takes the asterisks of a comment out of code."""
    html = render.to_html("<div>\n<pre><b>/**</b>\n * a_b_c\n */</pre>\n</div>\n\n*x*", "markdown", flavour)
    assert "<pre><b>/**</b>\n * a_b_c\n */</pre>" in html and "<em>x</em>" in html
