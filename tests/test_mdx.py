"""MDX as Markdown: what stays, what goes, and that a flag in a module hides a post."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import run_feeds

from feeds.posts.mdx import as_markdown


@pytest.mark.parametrize(
    ("text", "markdown", "left_out"),
    [
        ('import A from "a"\n\nText\n', "\n\nText\n", ()),
        ("export const rows = [\n\n  1,\n]\n\nText\n", "\n\n\n\n\nText\n", ()),
        ("Text\nimport { x } of no module\n", "Text\nimport  of no module\n", ("{…}",)),
        ('{"80 °C"} {/* note */}{a.b}', "80 °C ", ("{…}",)),
        ("\\{braces\\} and `{code}` ``a ` {b}``", "\\{braces\\} and `{code}` ``a ` {b}``", ()),
        ("```js\nimport x from 'y'\n<A/> {b}\n```\n", "```js\nimport x from 'y'\n<A/> {b}\n```\n", ()),
        ("~~~\n```\n<B/>\n~~~\n<B/>\n", "~~~\n```\n<B/>\n~~~\n\n", ("B",)),
        ("## Tea {#own-id}", "## Tea {#own-id}", ()),
        ("a <Chart\n  of={() => { x('}') }}\n/> b", "a \n\n b", ("Chart",)),
        ('<Tabs><Tab.Item label="x">in</Tab.Item></Tabs><>y</>', "iny", ()),
        ('<div className="a" style={{b: 1}} title={"c"}>d</div>', '<div class="a" title="c">d</div>', ()),
        ("<p/><br />", "<p></p><br>", ()),
        ('import p from "./p.png"\n\n<Image src={p} alt="it\'s" width={3} />', '\n\n<img src="./p.png" alt="it&#x27;s">', ()),
        ('<Video src={film} /> <Image src="/p.webp?w=3"/>', ' <img src="/p.webp?w=3">', ("Video",)),
        ('<Link to="/a">go</Link>', '<a href="/a">go</a>', ()),
        ("1 < 2, a {b, <c", "1 < 2, a {b, &lt;c", ()),
        ("<Tabs>\n\n    In **it**.\n\n      more\n\n</Tabs>", "\n\nIn **it**.\n\nmore\n\n", ()),
        ("- item\n\n      code of it\n", "- item\n\n      code of it\n", ()),
    ],
)
def test_what_becomes_of_mdx(text: str, markdown: str, left_out: tuple[str, ...]) -> None:
    converted = as_markdown(text)
    assert (converted.body, converted.left_out) == (markdown, left_out)


@pytest.mark.parametrize(
    "text",
    ["{" * 20_000, "<a x={" * 9_000, '{"' * 9_000, "``a`" * 9_000, '<A b="' * 9_000, "export const meta = {" + "a: {" * 5_000],
)
def test_what_nothing_closes_stays_text(text: str) -> None:
    """And is not searched again from each of its marks: the steps are bounded by the length of the text."""
    assert as_markdown(text).body.count("\n") == 0


@pytest.mark.parametrize(
    ("facts", "is_published"),
    [
        ("title: 'Tea', date: '2024-01-02'", True),
        ("title: 'Tea', date: '2024-01-02', draft: false, seo: { draft: true }", True),
        ("title: 'Tea', date: '2024-01-02', draft: true", False),
        ("title: 'Tea', date: '2024-01-02', draft: isDraft()", False),
        ("title: 'Tea', date: '2024-01-02', draft", False),
        ("...base, title: 'Tea', date: '2024-01-02'", False),
    ],
)
def test_a_module_may_hold_the_front_matter(tmp_path: Path, facts: str, *, is_published: bool) -> None:
    """What hides a post and cannot be read hides it."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "tea.mdx").write_text(f"export const metadata = {{\n  {facts},\n}};\n\nHot *water*.\n")
    done = run_feeds("build", "posts", "--base-url", "https://me.dev/", "--output", "public", cwd=tmp_path)
    feed = (tmp_path / "public" / "feed.json").read_text() if (tmp_path / "public" / "feed.json").exists() else ""
    assert ("<em>water</em>" in feed) is is_published, done.stdout + done.stderr
    assert not is_published or '"date_published": "2024-01-02' in feed.replace('":"', '": "')
