"""Each setting does what it promises: two builds of one site, one with the defaults, one with every setting of the tables below.

They hold the settings that no other test is about; a row says what subscribers get without the setting, and with it.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from feeds.build import run
from feeds.settings import load
from feeds.settings.fields import FIELDS

SITE = 'base_url = "https://example.org/"\nformats = ["json"]\npages = false\nheader_maps = ["nginx"]\n'


class Text(NamedTuple):
    """A setting, its value in TOML, the text of a post, and what is in its entry by default, and with the setting alone; None if the
    post is left out. "..." stands for anything.
    """

    setting: str
    value: str
    body: str
    default: str
    changed: str | None


class Document(NamedTuple):
    """A setting, its value in TOML, the path of a document, and what is in it by default, and with the setting alone; None if the
    former is gone.
    """

    setting: str
    value: str
    path: str
    default: str
    changed: str | None


TEXTS = (
    Text("markdown.abbreviations", "false", "HTML\n\n*[HTML]: Markup", ">HTML</abbr>", "*[HTML]: Markup"),
    Text("markdown.admonitions", "false", '!!! note "T"\n    inner', "inner</p>", "!!! note"),
    Text("markdown.callouts", "false", "> [!NOTE]\n> inner", "inner</p>", "[!NOTE]"),
    Text("markdown.containers", "false", "::: tip T\ninner\n:::", "inner</p>", "::: tip"),
    Text("markdown.definition_lists", "false", "Term\n: meaning", "<dd>", ": meaning"),
    Text("markdown.demote_headings", "2", "# Heading", "<h1", "<h3"),
    Text("markdown.indented_code", "false", "a\n\n    code", "<code>", "<p>code</p>"),
    Text("markdown.inline_footnotes", "true", "x^[noted] y", "^[noted]", "x<sup"),
    Text("markdown.insertions", "true", "++new++", "++new++", "<ins>new</ins>"),
    Text("markdown.loose_headings", "true", "##Heading", "##Heading", ">Heading</h"),
    Text("markdown.loose_lists", "true", "1. one\n  - inner", "</ol>...<ul>", "<ol>...<ul>...</ul>...</ol>"),
    Text("markdown.fences_in_items", "true", "- item\n```\ncode\n```\nbehind", "</ul>...<code>", "<ul>...<code>...</ul>"),
    Text("markdown.markdown_in_html", "true", '<div markdown="1">\n**bold**\n</div>', "**bold**", "<strong>bold</strong>"),
    Text("markdown.whole_html_blocks", "true", "<div>\na\n\n*b*\n</div>", "<em>b</em>", "*b*"),
    Text("markdown.spaced_addresses", "false", "![shot](my shot.png)", "<img", "![shot](my shot.png)"),
    Text("markdown.task_lists", "false", "- [ ] task", "<li", "[ ] task"),
    Text("markdown.autolinks", "false", "see https://a.example/", '<a href="https://a.example/"', "<p>see https://a.example/"),
    Text("markdown.single_tilde", "true", "~gone for good~", "~gone for good~", "<s>gone for good</s>"),
    Text("markdown.scripts", "true", "H~2~O", "H~2~O", "H<sub>2</sub>O"),
    Text("markdown.typography", '"kramdown"', 'a "quote"', 'a "quote"', "a «quote»"),
    Text("markdown.quotes", '"«»‹›"', 'another "quote"', 'another "quote"', "another «quote»"),
    Text("markdown.captions", "true", "``` js My caption\nx\n```", "<code", "My caption"),
    Text("markdown.attributes", '"none"', "## Heading {#own}", "Heading</h2>", "{#own}"),
    Text("markdown.breaks", "true", "one\ntwo", "one\ntwo", "one<br>...two"),
    Text("markdown.emoji", "false", ":smile:", "😄", ":smile:"),
    Text("markdown.marks", "false", "==marked==", "<mark>marked</mark>", "==marked=="),
    Text("markdown.emphasis", '"commonmark"', "**粗体（x）**后", "<strong>", "**粗体（x）**后"),
    Text("markdown.formulas", '"none"', "$a*b*c$", "a*b*c", "<em>b</em>"),
    Text("sanitise.allow_tags", '["abbr", "font"]', "<font>x</font> y", "<p>x y", "<font>x</font>"),
    Text("sanitise.allow_attributes", '{font = ["color"]}', '<font color="red">z</font>', "<p>z", '<font color="red">z</font>'),
    Text(
        "sanitise.embed_hosts", '["player.example"]', '<iframe src="https://player.example/1" title="The talk"></iframe>',
        ">The talk</a>", "▶ The talk</a>",
    ),
    Text("sanitise.data_images", "true", "![dot](data:image/png;base64,AAAA)", "<p></p>", 'src="data:image/png;base64,AAAA"'),
    Text("sanitise.nofollow", "true", "[out](https://a.example/x)", '<a href="https://a.example/x">', "nofollow"),
    Text(
        "sanitise.drop_trackers", "true", 'x<img src="https://a.example/p.gif" width="1" height="1">y',
        'x<img src="https://a.example/p.gif"', "<p>xy</p>",
    ),
    Text("bounds.content_bytes", "20000", "**long** " * 6000, "<strong>long</strong>", "<p>**long** **long**"),
    Text("bounds.element_depth", "20", f"{'<div>' * 40}deep{'</div>' * 40}", "<div>" * 30, "<p>deep</p>"),
    Text("bounds.file_bytes", "60000", "large\n\n" + "<!-- x -->\n" * 9000, "large", None),
)  # fmt: skip
DOCUMENTS = (
    Document("default_image", '"https://example.org/card.png"', "feed.json", '"title":..."plain"', '"image":..."https://example.org/card.png"'),
    Document("category_page", '"/topics/{path}/"', "category/tech/feed.json", '"home_page_url":..."https://example.org/"',
             '"home_page_url":..."https://example.org/topics/tech/"'),
    Document("tag_page", '"/t/{slug}.html"', "tag/css/feed.json", '"home_page_url":..."https://example.org/"',
             '"home_page_url":..."https://example.org/t/css.html"'),
    Document("author_page", '"https://people.example/{slug}"', "author/lin/feed.json", '"home_page_url":..."https://example.org/"',
             '"home_page_url":..."https://people.example/lin"'),
    Document("default_category", '"Misc"', "feed.json", '"title":..."plain"', '"tags":..."Misc"'),
    Document("max_age_seconds", "77", ".feeds-headers/nginx-http.conf", "max-age=", "max-age=77,"),
    Document("stale_while_revalidate_seconds", "78", ".feeds-headers/nginx-http.conf", "stale-while-revalidate=", "stale-while-revalidate=78,"),
    Document("stale_if_error_seconds", "79", ".feeds-headers/nginx-http.conf", "stale-if-error=", "stale-if-error=79"),
    Document("bounds.title_characters", "40", "feed.json", f"{'t' * 60}", f'"{"t" * 39}…"'),
    Document("bounds.term_characters", "20", "feed.json", f"{'c' * 30}", f'"{"c" * 19}…"'),
    Document("bounds.front_matter_bytes", "1000", "feed.json", "much front matter", None),
    Document("bounds.front_matter_depth", "3", "feed.json", "deep front matter", None),
)  # fmt: skip
#: Posts whose front matter the rows of DOCUMENTS are about.
POSTS = {
    "plain": "title: plain\ndate: 2021-01-01\n",
    "grouped": "title: grouped\ndate: 2021-01-01\ncategories: [Tech]\ntags: [css]\nauthor: Lin\n",
    "title": f"title: {'t' * 60}\ndate: 2021-01-01\n",
    "term": f"title: term\ndate: 2021-01-01\ncategories: [{'c' * 30}]\n",
    "much": f"title: much front matter\ndate: 2021-01-01\nnote: {'x ' * 900}\n",
    "deep": "title: deep front matter\ndate: 2021-01-01\nnote: [[[[[1]]]]]\n",
}


def published(folder: Path, toml: str) -> dict[str, str]:
    """The text of every document of the site."""
    posts = folder / "posts"
    posts.mkdir(parents=True)
    for name, front in POSTS.items():
        (posts / f"{name}.md").write_text(f"---\n{front}---\nx\n", "utf-8")
    for row in TEXTS:
        (posts / f"{row.setting}.md").write_text(f"---\ntitle: {row.setting}\ndate: 2021-01-01\n---\n{row.body}\n", "utf-8")
    (folder / "feeds.toml").write_text(SITE + 'limit = 100\ntaxonomies = ["category", "tag", "author"]\n' + toml, "utf-8")
    settings = load(environ={}, flags={}, cwd=folder)
    run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    return {
        path.relative_to(settings.output).as_posix(): path.read_text("utf-8")
        for path in settings.output.rglob("*") if path.suffix in (".json", ".conf")
    }  # fmt: skip


@pytest.fixture(scope="module")
def by_default(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return published(tmp_path_factory.mktemp("default"), "")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    lines: dict[str, list[str]] = {}
    for name, value, *_ in (*DOCUMENTS, *TEXTS):
        group, _, key = name.rpartition(".")
        lines.setdefault(group, []).append(f"{key} = {value}")
    toml = "\n".join(("" if not group else f"[{group}]\n") + "\n".join(lines[group]) for group in lines)
    return published(tmp_path_factory.mktemp("changed"), toml + "\n")


def entry(documents: dict[str, str], title: str) -> str | None:
    """The HTML of an entry of the site's feed; None if it is not there."""
    items = {item["title"]: item for item in json.loads(documents["feed.json"])["items"]}
    return html.unescape(items[title]["content_html"]) if title in items else None


def says(text: str, pattern: str) -> bool:
    """Whether a text holds the parts of a pattern between its "...", in their order."""
    return re.search(".*".join(map(re.escape, pattern.split("..."))), text, re.DOTALL) is not None


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row.setting)
def test_what_a_text_becomes(by_default: dict[str, str], changed: dict[str, str], row: Text) -> None:
    """With the setting another thing than without."""
    before, after = entry(by_default, row.setting), entry(changed, row.setting)
    assert before is not None and says(before, row.default)
    if row.changed is None:
        assert after is None
    else:
        assert after is not None and says(after, row.changed) and not says(before, row.changed)


@pytest.mark.parametrize("row", DOCUMENTS, ids=lambda row: row.setting)
def test_what_a_document_says(by_default: dict[str, str], changed: dict[str, str], row: Document) -> None:
    """With the setting another thing than without."""
    before, after = by_default[row.path], changed[row.path]
    assert says(before, row.default)
    if row.changed is None:
        assert not says(after, row.default)
    else:
        assert says(after, row.changed) and not says(before, row.changed)


def test_no_setting_is_tried_by_nobody() -> None:
    """Every name of docs/settings.md stands in a test."""
    texts = "\n".join(path.read_text("utf-8") for path in sorted(Path(__file__).parent.rglob("*.py")))
    untried = {name for name in FIELDS if not re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", texts)}
    assert untried == set()
