"""Our pages: what a person sees, what a browser finds in the head, and that nothing in them can run."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from feed_rules import html_findings
from hypothesis import HealthCheck, given, settings
from lxml import etree
from samples import ADA, BASE, a_feed, an_entry, awkward, entries, feeds, many

from feeds.errors import RenderError
from feeds.formats import entrypage, html
from feeds.formats.html import CONTENT_SECURITY_POLICY, FORMAT, relatives
from feeds.model import Enclosure, Entry, Feed, Image, SafeHtml


def place(path: str, labels: tuple[str, ...], parent: str | None, **changed: Any) -> Feed:
    """A feed at a place of the site's tree."""
    root = f"{BASE}{path}"
    urls = {"rss": f"{root}rss.xml", "atom": f"{root}atom.xml", "json": f"{root}feed.json", "html": root}
    if not path:
        urls["opml"] = f"{BASE}feeds.opml"
    taxonomy = path.partition("/")[0] or "site"
    title = f"{' / '.join(labels)} - 小站" if labels else "小站"
    facts = {"urls": urls, "taxonomy": taxonomy, "title": title, "home_page_url": root, "description": title, **changed}
    return a_feed([an_entry()], path=path, labels=labels, parent=parent, **facts)


SITE = place("", (), None)
CODE = place("category/code/", ("代码",), "", children=("category/code/web/",))
WEB = place("category/code/web/", ("代码", "Web & <co>"), "category/code/", children=("category/code/web/css/",))
CSS = place("category/code/web/css/", ("代码", "Web & <co>", "CSS"), "category/code/web/")
TAG = place("tag/c/", ("C++",), "")
ALL = {feed.path: feed for feed in (SITE, CODE, WEB, CSS, TAG)}


def page(feed: Feed, feeds_: dict[str, Feed] | None = None) -> bytes:
    fragments = [FORMAT.fragment(entry, content_mode=feed.content_mode) for entry in feed.entries]
    body = FORMAT.document(feed, fragments, relatives(feed, ALL if feeds_ is None else feeds_))
    FORMAT.check(body, feed)
    return body


def parsed(body: bytes) -> etree._Element:
    return etree.fromstring(body.decode(), etree.HTMLParser())


def text(element: etree._Element | None) -> str:
    assert element is not None
    return " ".join("".join(str(part) for part in element.itertext()).split())


def head_links(root: etree._Element, relation: str) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in root.findall("head/link") if link.get("rel") == relation]


def section(root: etree._Element, heading: str) -> etree._Element:
    return next(one for one in root.iter("section", "details") if any(text(two) == heading for two in one.iter("h2")))


# a feed's page


def test_a_page_says_what_a_feed_is_and_gives_its_addresses() -> None:
    """WEB-3: plain words, every format's address to copy, OPML, posts with day and summary."""
    root = parsed(page(WEB))
    assert root.get("lang") == "zh-CN"
    assert text(root.find("body/header/h1")) == "Web & <co>"
    subscribe = section(root, "订阅")
    assert "阅读器" in text(subscribe)
    assert [code.text for code in subscribe.iter("code")] == [WEB.urls[name] for name in ("rss", "atom", "json")]
    assert [(link.get("type"), link.get("href")) for link in subscribe.iter("a")] == [
        ("application/rss+xml", WEB.urls["rss"]),
        ("application/atom+xml", WEB.urls["atom"]),
        ("application/feed+json", WEB.urls["json"]),
        (None, f"{BASE}feeds.opml"),
    ]
    post = section(root, "最新文章").find("ol/li")
    assert post is not None
    assert text(post.find("h3")) == "茶 & <b>Tea</b> for AT&T"
    assert [one.get("href") for one in post.iter("a")] == [an_entry().permalink]
    assert "2021-08-04" in text(post)
    assert an_entry().summary in text(post)


def test_a_page_speaks_the_language_of_the_site() -> None:
    """English where the language is not Chinese; and says which."""
    english = parsed(page(replace(SITE, language="en-GB"), {}))
    assert english.get("lang") == "en-GB"
    assert "A feed is an address" in text(section(english, "Subscribe"))
    assert parsed(page(replace(SITE, language=None), {})).get("lang") == "en"
    assert "订阅源" in text(section(parsed(page(replace(SITE, language="zh-Hant-TW"), {})), "订阅"))


def test_the_head_names_each_format_the_category_before_the_site() -> None:
    """WEB-4: type, distinct titles, addresses that are those of the feeds."""
    found = head_links(parsed(page(WEB)), "alternate")
    assert [one["href"] for one in found] == [
        *(WEB.urls[name] for name in ("rss", "atom", "json")),
        *(SITE.urls[name] for name in ("rss", "atom", "json")),
    ]
    assert [one["type"] for one in found[:3]] == [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
    ]
    assert len({one["title"] for one in found}) == len(found)
    same_title = page(replace(WEB, title=SITE.title))
    assert len({one["title"] for one in head_links(parsed(same_title), "alternate")}) == 6


def test_a_category_shows_the_way_up_and_down() -> None:
    """Breadcrumb from the site to the parent; the children; no other feed."""
    root = parsed(page(WEB))
    way = [(link.get("href"), text(link)) for link in root.iterfind("body/header/nav/ol/li/a")]
    assert way == [(SITE.urls["html"], "小站"), (CODE.urls["html"], "代码")]
    assert [(link.get("href"), text(link)) for link in section(root, "下级分类").iter("a")] == [(CSS.urls["html"], "CSS")]
    assert "C++" not in text(section(root, "下级分类"))
    assert not any(text(one) == "标签" for one in root.iter("h2"))


def test_the_sites_page_lists_all_feeds() -> None:
    """WEB-3: the tree of categories, the tags."""
    root = parsed(page(SITE))
    tree = section(root, "分类").find("ul")
    assert tree is not None
    assert [text(one) for one in tree.findall("li/a")] == ["代码"]
    assert [text(one) for one in tree.findall("li/ul/li/a")] == ["Web & <co>"]
    assert [text(one) for one in tree.findall("li/ul/li/ul/li/a")] == ["CSS"]
    assert [text(one) for one in section(root, "标签").iter("a")] == ["C++"]


def test_many_tags_fold() -> None:
    """A long list of tags does not push everything else away, and works without script."""
    tags = {f"tag/{number}/": place(f"tag/{number}/", (f"t{number}",), "") for number in range(200)}
    folded = section(parsed(page(SITE, {"": SITE, **tags})), "标签 (200)")
    assert folded.tag == "details"
    assert len(folded.findall("ul/li")) == 200


def test_an_unrelated_feed_changes_no_page_but_the_sites() -> None:
    """Identity of bytes: a new tag leaves a category's page, and its key, as they are."""
    more = {**ALL, "tag/new/": place("tag/new/", ("new",), "")}
    assert page(WEB, more) == page(WEB)
    assert relatives(WEB, more).key == relatives(WEB, ALL).key
    assert page(SITE, more) != page(SITE)
    assert relatives(SITE, more).key != relatives(SITE, ALL).key


def test_an_empty_feed_has_a_page() -> None:
    """X-12: it says that nothing is there yet."""
    empty = replace(WEB, entries=(), entry_keys=())
    assert "这里还没有文章" in text(parsed(page(empty)))


def test_a_page_without_relatives_stands_alone() -> None:
    """The protocol's plain call gives a whole page, too."""
    fragments = [FORMAT.fragment(entry, content_mode="full") for entry in SITE.entries]
    FORMAT.check(FORMAT.document(SITE, fragments), SITE)


def test_a_tree_of_any_depth_is_written() -> None:
    """A thousand levels: no recursion of ours is in the way."""
    deep = {"": SITE}
    for depth in range(1, 1001):
        parent = f"category/{depth - 1}/" if depth > 1 else ""
        deep[f"category/{depth}/"] = place(f"category/{depth}/", tuple(map(str, range(depth))), parent)
    fragments = [FORMAT.fragment(entry, content_mode="full") for entry in SITE.entries]
    body = FORMAT.document(SITE, fragments, relatives(SITE, deep))
    assert body.count(b"<li><a") == 1000


# nothing runs


@pytest.mark.parametrize("name", ["style", "policy"])
def test_the_policy_allows_the_style_and_nothing_else(name: str) -> None:
    """HTTP-24: the one style element is allowed by its digest, in the page itself and in the header."""
    body = page(WEB).decode()
    style = re.search("<style>(.*?)</style>", body, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = parsed(body.encode()).find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    for said in (CONTENT_SECURITY_POLICY, policy.get("content") or ""):
        assert "default-src 'none'" in said
        assert f"style-src 'self' 'sha256-{digest}'" in said
        assert "unsafe" not in said
        assert "script-src" not in said
    assert "sandbox" in CONTENT_SECURITY_POLICY
    assert " style=" not in body


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)> ' & {{7*7}} %s %(title)s </title></style>"


def test_hostile_texts_stay_texts() -> None:
    """Titles, names, summaries and labels are escaped wherever they stand."""
    entry = an_entry(title=HOSTILE, summary=HOSTILE, authors=(replace(ADA, name=HOSTILE),), rights=HOSTILE, language="en")
    feed = replace(
        WEB, title=HOSTILE, description=f"{HOSTILE} 2", labels=("代码", HOSTILE), rights=HOSTILE, entries=(entry,),
        entry_keys=("1",),
    )  # fmt: skip
    for body in (page(feed, {**ALL, feed.path: feed}), entrypage.document(entry, replace(SITE, title=HOSTILE), [feed])):
        assert b"<script" not in body
        assert b"<img src=x" not in body
        assert "&lt;script&gt;" in body.decode()
        found = [one for one in html_findings(body.decode()) if "<meta>" not in one and "<link>" not in one]
        assert [one for one in found if "<style>" not in one] == []
        assert text(parsed(body).find("body//h1")) == " ".join(HOSTILE.split())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(feed=feeds())
def test_any_feed_has_a_page_that_passes(feed: Feed) -> None:
    """Whatever the model allows."""
    page(feed, {feed.path: feed, "": SITE})


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entry=entries())
def test_any_entry_has_a_page_that_passes(entry: Entry) -> None:
    """Whatever the model allows."""
    entrypage.check(entrypage.document(entry, SITE, [WEB, TAG]), entry, SITE)


# an entry's page


def test_an_entrys_page_holds_the_whole_entry() -> None:
    """Title, people, days, content, picture, files, categories, and where to subscribe."""
    entry = an_entry(
        authors=(ADA,),
        language="en",
        image=Image(f"{BASE}other.png", 10, 20, "another"),
        enclosures=(Enclosure(f"{BASE}a.mp3", "audio/mpeg", 9),),
        via="https://elsewhere.example/",
        comments_url=f"{BASE}c#comments",
    )
    body = entrypage.document(entry, SITE, [WEB, TAG])
    root = parsed(body)
    article = root.find("body/main/article")
    assert article is not None
    assert article.get("lang") == "en"
    assert text(article.find("h1")) == entry.title
    assert [time.get("datetime") for time in article.iter("time")] == ["2021-08-04T05:49:00Z", "2021-08-05T05:49:00Z"]
    hrefs = [link.get("href") for link in root.iter("a")]
    for url in (
        "https://ada.example.org/",
        f"{BASE}a.mp3",
        entry.via,
        entry.comments_url,
        WEB.urls["html"],
        TAG.urls["html"],
    ):
        assert url in hrefs
    assert str(entry.content) in body.decode()
    lead = article.find("p[@class='lead']/img")
    assert lead is not None
    assert dict(lead.attrib) == {"src": f"{BASE}other.png", "alt": "another", "width": "10", "height": "20"}
    assert [one["href"] for one in head_links(root, "canonical")] == [entry.permalink]
    assert [one["href"] for one in head_links(root, "alternate")] == [
        one.urls[name] for one in (WEB, TAG, SITE) for name in ("rss", "atom", "json")
    ]


def test_a_picture_that_the_content_shows_is_not_shown_twice() -> None:
    """The lead picture is left to the content where it stands in it."""
    assert parsed(entrypage.document(an_entry(), SITE)).find("body/main/article/p[@class='lead']") is None


def test_awkward_entries_have_pages() -> None:
    """No title, no content, many files."""
    for entry in awkward():
        entrypage.check(entrypage.document(entry, SITE, [WEB]), entry, SITE)


def test_an_entrys_page_depends_on_its_feeds_names_alone() -> None:
    """Another post in the same category leaves the page and its key as they are."""
    fuller = replace(WEB, entries=many(3), entry_keys=("1", "2", "3"), updated=many(3)[0].updated)
    assert entrypage.document(an_entry(), SITE, [fuller]) == entrypage.document(an_entry(), SITE, [WEB])
    assert entrypage.key(SITE, [fuller]) == entrypage.key(SITE, [WEB])
    assert entrypage.key(SITE, [replace(WEB, title="Other")]) != entrypage.key(SITE, [WEB])


def test_another_entrys_page_is_refused() -> None:
    """The gate compares address, date, title and content."""
    body = entrypage.document(an_entry(), SITE)
    for changed in (
        {"permalink": f"{BASE}other"},
        {"title": "Other"},
        {"published": an_entry().published.replace(year=2020)},
        {"content": SafeHtml("<p>Other</p>")},
    ):
        with pytest.raises(RenderError):
            entrypage.check(body, an_entry(**changed), SITE)
    with pytest.raises(RenderError):
        entrypage.check(body.replace(b"</article>", b"<script>x</script></article>"), an_entry(), SITE)


def test_the_pages_of_one_feed_are_one_format() -> None:
    """The names by which others reach it."""
    assert html.FORMAT.name == "html"
    assert html.FORMAT.media_type == entrypage.MEDIA_TYPE == "text/html; charset=utf-8"
