"""Twins: the site's feed in the other script of Chinese, its text alone converted, its entries with ids of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from test_over_time import START, whole

from feeds.build import run
from feeds.content import chinese
from feeds.errors import SettingsError
from feeds.http_headers import link
from feeds.preview.diff import KINDS, summary
from feeds.publish.stage import read_manifest
from feeds.settings import Settings, load

POSTS = {
    "posts/a.md": '---\ntitle: 鼠标里面的软件\ndate: 2021-03-01\ncategories: [网络]\n---\n头发与发现 `头发` <a href="https://example.org/头发" title="头发">头发</a>\n\n'
    '```\n头发\n```\n\n<span lang="ja">学会</span> 学会\n',
    "posts/b.md": "---\ntitle: Tea 学会\ndate: 2022-03-01\nlang: ja\n---\n学会\n",
    "posts/c.md": "---\ntitle: 滑鼠\ndate: 2023-03-01\nlang: zh-TW\nid: https://example.org/c#x\n---\n軟體\n",
}
Site = Callable[[str], Settings]


@pytest.fixture
def site(make_site: Callable[[Mapping[str, str]], Path]) -> Site:
    """The site of these posts with more in feeds.toml."""

    def made(toml: str) -> Settings:
        text = f'base_url = "https://example.org/"\ntitle = "网络日志"\nlanguage = "zh-CN"\npages = false\n{toml}'
        return load(environ={}, flags={}, cwd=make_site({**POSTS, "feeds.toml": text}))

    return made


def items(documents: Mapping[str, bytes], path: str) -> dict[str, dict[str, str]]:
    return {item["url"].rpartition("/")[2] or item["id"]: item for item in json.loads(documents[path])["items"]}


def test_a_twin_says_the_same_in_the_other_script(site: Site) -> None:
    """Title, text and names of categories; no code, attribute, address, nor what is in another language."""
    settings = site('twins = ["zh-Hant", "zh-TW"]\n')
    run.publish(settings, START)
    documents = whole(settings.output)
    feed, twin = (json.loads(documents[path]) for path in ("feed.json", "language/zh-hant/feed.json"))
    assert (twin["title"], twin["language"]) == ("網絡日誌（繁體）", "zh-Hant")
    assert twin["feed_url"] == "https://example.org/language/zh-hant/feed.json"
    by_title = {item["title"]: item for item in twin["items"]}
    assert set(by_title) == {"鼠標裏面的軟件", "Tea 学会", "滑鼠"}
    post = by_title["鼠標裏面的軟件"]
    text = post["content_html"]
    assert "頭髮與發現 <code>头发</code>" in text and ">頭髮</a>" in text and 'title="头发"' in text
    assert "%E5%A4%B4%E5%8F%91" in text and '<span lang="ja">学会</span> 學會' in text
    assert "<pre><code>头发" in text or "头发\n</code></pre>" in text
    assert post["tags"] == ["網絡"] and "language" not in post
    assert by_title["Tea 学会"]["language"] == "ja" and "学会" in by_title["Tea 学会"]["content_html"]
    assert {item["id"] for item in twin["items"]}.isdisjoint(item["id"] for item in feed["items"])
    assert {item["id"] for item in twin["items"]} == {
        item["id"] + (".zh-Hant" if "#" in item["id"] else "#zh-Hant") for item in feed["items"]
    }
    assert [item["url"] for item in twin["items"]] == [item["url"] for item in feed["items"]]
    taiwan = {item["title"] for item in json.loads(documents["language/zh-tw/feed.json"])["items"]}
    assert taiwan == {"滑鼠裡面的軟體", "Tea 学会", "滑鼠"}


def test_the_feeds_name_each_other(site: Site) -> None:
    settings = site('twins = ["zh-Hant"]\n')
    run.publish(settings, START)
    documents = whole(settings.output)
    for path, other, language in (
        ("atom.xml", "language/zh-hant/atom.xml", "zh-Hant"),
        ("language/zh-hant/atom.xml", "atom.xml", "zh-CN"),
    ):
        parsed = feedparser.parse(documents[path])
        assert not parsed.bozo
        links = [(link.get("hreflang"), link.href) for link in parsed.feed.links if link.rel == "alternate"]
        assert (language, f"https://example.org/{other}") in links
        # Readers take the first or the last for the site's page.
        assert (links[0][0], links[-1][0]) == (None, "zh-CN")
        assert links[0][1] == links[-1][1] and links[0][1].rpartition("/")[2] == ""
    assert 'xmlUrl="https://example.org/language/zh-hant/rss.xml"' in documents["feeds.opml"].decode()
    manifest = read_manifest(settings.output)
    assert manifest is not None
    header = link(manifest.documents["rss.xml"].links)
    assert '<https://example.org/atom.xml>; rel="alternate"; type="application/atom+xml"; hreflang="zh-CN"' in header
    assert (
        '<https://example.org/language/zh-hant/rss.xml>; rel="alternate"; type="application/rss+xml"; hreflang="zh-Hant"'
        in header
    )


def test_equal_inputs_give_equal_bytes_and_edits_reach_the_twin(site: Site) -> None:
    settings = site('twins = ["zh-Hant"]\n')
    run.publish(settings, START)
    before = whole(settings.output)
    assert not run.publish(settings, START + timedelta(hours=1)).switched.changed
    (settings.posts / "a.md").write_text(POSTS["posts/a.md"] + "\n内存\n")
    run.publish(settings, START + timedelta(hours=2))
    after = whole(settings.output)
    assert (
        "內存" in after["language/zh-hant/rss.xml"].decode()
        and after["language/zh-hant/rss.xml"] != before["language/zh-hant/rss.xml"]
    )


def test_twins_with_pages_archives_and_language_feeds(site: Site) -> None:
    """A feed of the posts in that language stays its own; a twin has no archive, and a page like other feeds."""
    settings = site('twins = ["zh-Hant", "zh-TW"]\ntaxonomies = ["category", "language"]\nlimit = 1\narchive = true\n')
    outcome = run.publish(settings, START)
    assert [problem.code for problem in outcome.built.publication.problems] == ["twin-taken"]
    documents = whole(settings.output)
    assert [item["title"] for item in json.loads(documents["language/zh-tw/feed.json"])["items"]] == ["滑鼠"]
    assert len(json.loads(documents["language/zh-hant/feed.json"])["items"]) == 1
    assert "rss-archive-1.xml" in documents and "language/zh-hant/rss-archive-1.xml" not in documents


def test_a_twin_has_a_page(site: Site) -> None:
    from dataclasses import replace

    settings = replace(site('twins = ["zh-Hant"]\n'), pages=True)
    run.publish(settings, START)
    documents = whole(settings.output)
    page = documents["language/zh-hant/index.html"].decode()
    assert '<h1 dir="auto">網絡日誌（繁體）</h1>' in page and 'href="https://example.org/language/zh-hant/rss.xml"' in page
    # Its own words are in its script, too, and each page names the other.
    assert '<html lang="zh-Hant">' in page and "訂閱" in page and "订阅" not in page
    for path in ("index.html", "language/zh-hant/index.html"):
        text = documents[path].decode()
        for language, url in (("zh-CN", "https://example.org/"), ("zh-Hant", "https://example.org/language/zh-hant/")):
            assert f'<link rel="alternate" hreflang="{language}" href="{url}">' in text
    assert '<html lang="zh-CN">' in documents["index.html"].decode()


def test_a_list_of_all_posts_is_the_sites(site: Site) -> None:
    """Lists have the posts as their pages are."""
    from dataclasses import replace

    settings = replace(site('twins = ["zh-Hant"]\nlimit = 1\n'), pages=True)
    run.publish(settings, START)
    documents = whole(settings.output)
    assert "language/zh-hant/posts.html" not in documents
    assert 'href="../../archive/"' in documents["language/zh-hant/index.html"].decode()


def test_a_preview_counts_a_post_once(site: Site) -> None:
    settings = site('twins = ["zh-Hant", "zh-TW"]\n')
    first = run.publish(settings, START)
    assert first.switched is not None
    nothing = settings.output.parent / "nothing"
    assert set(summary(nothing, first.built, first.switched.manifest)["new"]) == {"鼠标里面的软件", "Tea 学会", "滑鼠"}
    published = settings.output.parent / "before"
    shutil.copytree(settings.output, published)
    (settings.posts / "d.md").write_text("---\ntitle: 发现\ndate: 2024-01-01\n---\n发现\n", "utf-8")
    second = run.publish(settings, START + timedelta(hours=1))
    assert second.switched is not None
    lines = summary(published, second.built, second.switched.manifest)
    assert lines["new"] == ["发现"] and not any(lines[kind] for kind in KINDS if kind != "new")


@pytest.mark.parametrize(
    ("toml", "expected"),
    [('twins = ["zh-CN"]', "is that of zh-CN already"), ('twins = ["zh-Hans"]', "already"), ('twins = ["en"]', '"en" is not')],
)
def test_mistakes_are_told(site: Site, toml: str, expected: str) -> None:
    with pytest.raises(SettingsError) as raised:
        site(toml)
    assert expected in "\n".join(raised.value.mistakes)


@pytest.mark.parametrize(
    ("language", "script"),
    [
        ("zh", "s"),
        ("zh-CN", "s"),
        ("zh-Hans-HK", "hk"),
        ("zh-Hant", "t"),
        ("zh-TW", "tw"),
        ("cmn-Hant", "t"),
        ("yue", None),
        ("ja", None),
        (None, None),
    ],
)
def test_scripts(language: str | None, script: str | None) -> None:
    assert chinese.script_of(language) == script


PARTS = st.sampled_from(
    [
        "头发",
        "<b>",
        "</b>",
        "<code>",
        "</code>",
        "<pre>",
        "</pre>",
        '<a title="头>发">',
        "</a>",
        "&lt;头&gt;",
        "<br>",
        '<i lang="ja">',
        "</i>",
        "x",
    ]
)


@given(st.lists(PARTS, max_size=12).map("".join))
def test_markup_is_never_touched(html: str) -> None:
    """Whatever the nesting: the tags stay as they are, and so does code."""
    import re

    result = chinese.convert_html(html, "s", "zh-Hant")
    tags = re.compile(r'<(?:[^<>"]|"[^"]*")*>')
    assert tags.findall(result) == tags.findall(html)
    assert len(result) == len(html)
    before, after = (lxml_html.fromstring(f"<div>{text}</div>") for text in (html, result))
    for one, other in zip(before.iter(), after.iter(), strict=True):
        assert (one.tag, dict(one.attrib)) == (other.tag, dict(other.attrib))
