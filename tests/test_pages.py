"""Our pages: what a person sees, what a browser finds in the head, and that nothing in them can run but our one script."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from urllib.parse import urljoin

import pytest
from budget import examples
from feed_rules import html_findings
from hypothesis import HealthCheck, given, settings
from lxml import etree
from sample_pages import ALL, CODE, LOOK, SITE, TAG, WEB, entry_document, feed_document, place
from samples import ADA, BASE, WEI, an_entry, awkward, entries, feeds, many

from feeds.errors import RenderError
from feeds.formats.pages import entry_page, feed_page, gate, links
from feeds.formats.pages.common import summary_in_list
from feeds.formats.pages.lines import PostLine
from feeds.formats.pages.look import Look, header
from feeds.model import Category, Enclosure, Entry, Feed, Image, Person, SafeHtml


def parsed(body: bytes) -> etree._Element:
    return etree.fromstring(body.decode(), etree.HTMLParser())


def text(element: etree._Element | None) -> str:
    assert element is not None
    return " ".join("".join(str(part) for part in element.itertext()).split())


def head_links(root: etree._Element, relation: str) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in root.findall("head/link") if link.get("rel") == relation]


def under(root: etree._Element, heading: str) -> etree._Element:
    """The part of the page that has this heading."""
    return next(part for part in root.iter("section", "nav", "main") if any(text(one) == heading for one in part.findall("h2")))


def hrefs(element: etree._Element) -> list[str | None]:
    return [anchor.get("href") for anchor in element.iter("a")]


# the address


def test_a_page_offers_one_address_and_buttons() -> None:
    """WEB-3: one address to copy, the readers, the other formats as words, an explanation that is folded."""
    root = parsed(feed_document(WEB, ALL))
    box = under(root, "订阅「Web & <co>」")
    assert [code.text for code in box.iter("code")] == [f"{BASE}category/code/web/rss.xml"]
    assert [button.get("data-url") for button in box.iter("button")] == [WEB.urls["rss"]]
    assert [button.get("hidden") for button in box.iter("button")] == [""], "without script there is no button that does nothing"
    readers = {text(anchor): anchor.get("href") for anchor in box.find(".//ul").iter("a")}
    assert (
        readers["Feedly"] == "https://feedly.com/i/subscription/feed/https%3A%2F%2Fexample.org%2Fcategory%2Fcode%2Fweb%2Frss.xml"
    )
    assert readers["本机阅读器"] == WEB.urls["rss"]
    assert [(text(one), one.get("href"), one.get("type")) for one in box.findall(".//p/a")] == [
        ("Atom", WEB.urls["atom"], "application/atom+xml"),
        ("JSON Feed", WEB.urls["json"], "application/feed+json"),
    ]
    assert "阅读器" in text(box.find(".//details/p"))


def test_an_address_is_shown_decoded_and_copied_encoded() -> None:
    """People read 生活, programs get %E7%94%9F; what would not read back as the same URL stays as it is."""
    chinese = place("category/life/", ("生活",), "")
    encoded = f"{BASE}category/%E7%94%9F%E6%B4%BB/"
    feed = replace(chinese, urls={"rss": f"{encoded}rss.xml", "html": encoded})
    root = parsed(feed_document(feed))
    assert [code.text for code in root.iter("code")] == [f"{BASE}category/生活/rss.xml"]
    assert [button.get("data-url") for button in root.iter("button")] == [f"{encoded}rss.xml"]
    for path in ("a%2Fb/", "a%20b/", "%E2%80%AE/", "%ff/", "a%25b/"):
        odd = replace(chinese, urls={"rss": f"{BASE}{path}rss.xml", "html": f"{BASE}{path}"})
        assert [code.text for code in parsed(feed_document(odd)).iter("code")] == [f"{BASE}{path}rss.xml"]


def test_an_international_host_is_shown_in_its_script() -> None:
    """xn--fiq228c.example reads as 中文.example."""
    look = replace(LOOK, base_url="https://xn--fiq228c.example/")
    urls = {"rss": "https://xn--fiq228c.example/rss.xml", "html": "https://xn--fiq228c.example/"}
    feed = replace(SITE, urls=urls, base_url=look.base_url, home_page_url=urls["html"])
    assert [code.text for code in parsed(feed_document(feed, {"": feed}, look)).iter("code")] == ["https://中文.example/rss.xml"]


@pytest.mark.parametrize(("home", "is_linked"), [("https://boats.example/", True), (SITE.urls["html"], False)])
def test_the_foot_leads_to_the_blog_unless_the_page_is_its_home(home: str, is_linked: bool) -> None:
    feed = replace(SITE, home_page_url=home)
    links = [link.get("href") for foot in parsed(feed_document(feed, {"": feed})).iter("footer") for link in foot.iter("a")]
    assert links and (home in links) == is_linked


def test_the_first_format_that_there_is_is_the_one_to_copy() -> None:
    """A site without RSS offers Atom."""
    feed = replace(WEB, urls={name: url for name, url in WEB.urls.items() if name != "rss"})
    root = parsed(feed_document(feed))
    assert [button.get("data-url") for button in root.iter("button")] == [WEB.urls["atom"]]


def test_readers_are_a_setting() -> None:
    """Known ones by name, any other one by label and address; none is none."""
    look = replace(LOOK, readers=("newsblur", "My Miniflux https://rss.example.net/add?uri={url}", "Raw app:{feed}"))
    box = under(parsed(feed_document(SITE, {"": SITE}, look)), "订阅")
    assert [(text(one), one.get("href")) for one in box.find(".//ul").iter("a")] == [
        ("NewsBlur", "https://www.newsblur.com/?url=https%3A%2F%2Fexample.org%2Frss.xml"),
        ("My Miniflux", "https://rss.example.net/add?uri=https%3A%2F%2Fexample.org%2Frss.xml"),
        ("Raw", "app:https://example.org/rss.xml"),
    ]
    assert under(parsed(feed_document(SITE, {"": SITE}, replace(LOOK, readers=()))), "订阅").find(".//ul") is None


# the list


def test_posts_are_listed_with_day_category_title_and_summary() -> None:
    """The day is that of the site's zone, in the language's form: 23:30 UTC is the next morning in Shanghai."""
    late = an_entry(published=datetime(2024, 12, 31, 23, 30, tzinfo=UTC), updated=datetime(2025, 1, 2, tzinfo=UTC))
    feed = replace(SITE, entries=(late,))
    item = parsed(feed_document(feed, {"": feed})).find(".//ol[@class='posts']/li")
    assert item is not None
    time = item.find(".//time")
    assert time is not None
    assert (time.get("datetime"), time.text) == ("2024-12-31T23:30:00Z", "2025年1月1日")
    assert text(item.find(".//h3")) == "茶 & <b>Tea</b> for AT&T"
    assert late.summary in text(item)
    assert "茶 & more" in text(item), "the category at its deepest"
    assert hrefs(item)[0] == "category/%E7%94%9F%E6%B4%BB/%E8%8C%B6/"


def test_authors_are_named_where_there_are_several() -> None:
    """A blog of one does not say so twenty times."""
    alone = replace(SITE, entries=(an_entry(authors=(WEI,)),))
    assert "魏小明" not in text(parsed(feed_document(alone, {"": alone})).find(".//ol"))
    two = replace(SITE, entries=(*many(1, authors=(WEI,)), an_entry(id="urn:b", authors=(ADA,))), entry_keys=("1", "2"))
    listed = text(parsed(feed_document(two, {"": two})).find(".//ol"))
    assert "魏小明" in listed and "Ada" in listed and "ada@" not in listed


def test_an_author_with_the_sites_name_is_not_shown() -> None:
    """A post that names no author, on a site that names none, has the site's title for one: that says nothing to people."""
    nameless = an_entry(id="urn:b", authors=(Person("小站"),))
    feed = replace(SITE, entries=(*many(1, authors=(WEI,)), nameless), entry_keys=("1", "2"))
    items = parsed(feed_document(feed, {"": feed})).findall(".//ol[@class='posts']/li")
    assert "魏小明" in text(items[0]) and "小站" not in text(items[1])
    assert "小站" not in text(parsed(entry_document(own(authors=(Person("小站"),)))).find(".//article"))


def test_a_picture_takes_its_place_before_it_is_there() -> None:
    """Width and height are in the page, so that nothing jumps while pictures load."""
    image = parsed(feed_document(SITE, {"": SITE})).find(".//ol//img")
    assert image is not None
    assert (image.get("width"), image.get("height"), image.get("alt"), image.get("loading")) == ("112", "84", "", "lazy")


def test_the_front_page_leads_everywhere() -> None:
    """Categories with their counts, tags, the years of the archive, all posts, the outline."""
    counted = {path: replace(feed, count=number) for number, (path, feed) in enumerate(ALL.items(), 3)}
    site = replace(counted[""], count=99)
    counted[""] = site
    root = parsed(feed_document(site, counted, years=[(2025, 60), (2024, 39)], more=True))
    assert text(under(root, "分类").find("div")) == "代码 4 Web & <co> 5 CSS 6"
    assert text(under(root, "标签").find("div")).startswith("C++ 7")
    assert [(one.get("href"), text(one)) for one in under(root, "归档").iter("a")] == [
        ("archive/", "归档"), ("archive/2025/", "2025年"), ("archive/2024/", "2024年"),
    ]  # fmt: skip
    assert ("archive/", "全部文章 99 →") in [(one.get("href"), text(one)) for one in root.iter("a")]
    assert ("OPML（全部 5 个订阅源）", f"{BASE}feeds.opml") in [(text(one), one.get("href")) for one in root.iter("a")]
    assert "99 篇文章" in text(root.find("body/header"))


def test_a_big_site_has_a_small_front_page() -> None:
    """5,000 categories and 5,000 tags: the heaviest ones, and the way to all of them."""
    many_feeds = {"": replace(SITE, count=10_000)}
    for number in range(5000):
        for name in ("category", "tag"):
            path = f"{name}/{number}/"
            many_feeds[path] = place(path, (f"第{number}个很长的名字",), "", count=number)
    body = feed_document(many_feeds[""], many_feeds)
    root = parsed(body)
    assert len(body) < 40_000
    assert ("category/", "全部 4999 个 →") in [(one.get("href"), text(one)) for one in root.iter("a")]
    assert "第4999个很长的名字 4999" in text(root)


def test_large_counts_are_grouped_everywhere() -> None:
    """12,345 in the header, at the link to all posts, at terms and at years alike."""
    feeds = {feed.path: replace(feed, count=12_345) for feed in ALL.values()}
    page = text(parsed(feed_document(feeds[""], feeds, years=((2024, 12_345),), more=True)))
    assert page.count("12,345") >= 5 and "12345" not in page


def test_empty_terms_are_not_shown() -> None:
    """A category whose posts are gone keeps its feed, but nobody is sent there."""
    listed = {"": SITE, CODE.path: replace(CODE, count=0, entries=(), entry_keys=()), TAG.path: TAG}
    root = parsed(feed_document(SITE, listed))
    assert "代码" not in text(root) and "C++" in text(root)


def test_a_category_shows_the_way_up_and_down() -> None:
    """From the site to the parent; the children; no other feed; all of its posts."""
    root = parsed(feed_document(WEB, ALL, more=True))
    way = [(link.get("href"), text(link)) for link in root.iterfind("body/header//nav/ol/li/a")]
    assert way == [("../../../", "小站"), ("../", "代码")]
    assert [(link.get("href"), text(link)) for link in under(root, "下级分类").iter("a")] == [("css/", "CSS")]
    assert "C++" not in text(root.find("body/div"))
    assert "posts.html" in hrefs(root)


def test_a_deep_category_has_a_short_way() -> None:
    """A thousand levels: the first and the last ones are named, and nothing recurses."""
    deep = {"": SITE}
    for depth in range(1, 1001):
        parent = f"category/{depth - 1}/" if depth > 1 else ""
        deep[f"category/{depth}/"] = place(f"category/{depth}/", tuple(map(str, range(depth))), parent)
    assert len(parsed(feed_document(deep["category/1000/"], deep)).findall("body/header//nav/ol/li")) == 6
    feed_document(SITE, deep)


def test_an_unrelated_feed_changes_no_page_but_the_sites() -> None:
    """Identity of bytes: a new tag leaves a category's page, and its key, as they are."""
    more = {**ALL, "tag/new/": place("tag/new/", ("new",), "")}
    assert feed_document(WEB, more) == feed_document(WEB, ALL)
    before, after = feed_page.relatives(WEB, ALL), feed_page.relatives(WEB, more)
    assert feed_page.key(LOOK, WEB, before) == feed_page.key(LOOK, WEB, after)
    assert feed_document(SITE, more) != feed_document(SITE, ALL)
    assert feed_page.key(LOOK, SITE, feed_page.relatives(SITE, ALL)) != feed_page.key(LOOK, SITE, feed_page.relatives(SITE, more))


@pytest.mark.parametrize(
    "change",
    [
        {"count": 2},
        {"title": "Other"},
        {"description": "Other"},
        {"entry_keys": ("other",)},
        {"updated": datetime(2030, 1, 1, tzinfo=UTC)},
        {"rights": "Other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_key_tells_of_everything_that_a_page_shows(change: dict) -> None:
    """Equal keys mean equal bytes, so another value must give another key."""
    changed = replace(WEB, **change)
    known = {**ALL, WEB.path: changed}
    assert feed_page.key(LOOK, changed, feed_page.relatives(changed, known)) != feed_page.key(
        LOOK, WEB, feed_page.relatives(WEB, ALL)
    )


def test_an_empty_feed_has_a_page() -> None:
    """X-12: it says that nothing is there yet, and gives no date that is none."""
    empty = replace(WEB, entries=(), entry_keys=(), count=0)
    root = parsed(feed_document(empty))
    assert "这里还没有文章" in text(root)
    assert root.find(".//time") is None


# the head


def test_the_head_names_each_format_the_category_before_the_site() -> None:
    """WEB-4: type, distinct titles, addresses that are those of the feeds."""
    found = head_links(parsed(feed_document(WEB, ALL)), "alternate")
    assert [one["href"] for one in found] == [feed.urls[name] for feed in (WEB, SITE) for name in ("rss", "atom", "json")]
    assert [one["type"] for one in found[:3]] == ["application/rss+xml", "application/atom+xml", "application/feed+json"]
    assert len({one["title"] for one in found}) == len(found)
    same_title = replace(WEB, title=SITE.title)
    assert len({one["title"] for one in head_links(parsed(feed_document(same_title)), "alternate")}) == 6


def test_pages_describe_themselves_to_other_sites() -> None:
    """Open Graph: absolute addresses, the kind, the picture."""
    root = parsed(entry_document(an_entry(image=Image(f"{BASE}a.png", alt="a pot"))))
    properties = {one.get("property") or one.get("name"): one.get("content") for one in root.findall("head/meta")}
    assert properties["og:type"] == "article"
    assert properties["og:title"] == an_entry().title
    assert properties["og:url"] == an_entry().permalink
    assert (properties["og:image"], properties["og:image:alt"], properties["twitter:card"]) == (
        f"{BASE}a.png",
        "a pot",
        "summary_large_image",
    )
    assert properties["article:published_time"] == "2021-08-04T05:49:00Z"
    assert properties["og:locale"] == "zh_CN"


# languages


@pytest.mark.parametrize(
    ("language", "lang", "words", "day"),
    [
        ("zh-CN", "zh-CN", "最新文章", "2021年8月4日"),
        ("zh-TW", "zh-TW", "訂閱", "2021年8月4日"),
        ("zh-Hant-HK", "zh-Hant-HK", "訂閱", "2021年8月4日"),
        ("ja", "ja", "購読", "2021年8月4日"),
        ("ko-KR", "ko-KR", "구독", "2021년 8월 4일"),
        ("fr-CA", "fr-CA", "S’abonner", "4 août 2021"),
        ("de-AT", "de-AT", "Abonnieren", "4. August 2021"),
        ("es", "es", "Suscribirse", "4 de agosto de 2021"),
        ("en", "en", "Subscribe", "August 4, 2021"),
        ("en-GB", "en-GB", "Subscribe", "4 August 2021"),
        (None, "en", "Subscribe", "August 4, 2021"),
    ],
)
def test_a_page_speaks_the_language_of_the_site(language: str | None, lang: str, words: str, day: str) -> None:
    """Words, dates and `lang` go together."""
    look = replace(LOOK, language=language)
    root = parsed(feed_document(SITE, {"": SITE}, look))
    assert root.get("lang") == lang
    assert words in text(root) and day in text(root)
    assert root.find("body/div/main").get("lang") is None


def test_words_in_another_language_than_the_posts_are_marked() -> None:
    """WCAG 3.1.2: where nobody has written a site's language yet, the words are English and say so, the posts are what they are."""
    root = parsed(feed_document(SITE, {"": SITE}, replace(LOOK, language="fi")))
    assert root.get("lang") == "en"
    main = root.find("body/div/main")
    assert main.get("lang") == "fi"
    assert main.find("h2").get("lang") == "en"
    article = parsed(entry_document(an_entry(), look=replace(LOOK, language="fi")))
    assert article.find("body/main").get("lang") == "fi"
    assert article.find("body/main/section").get("lang") == "en"


def test_a_post_in_another_language_says_so() -> None:
    """In lists and on its own page."""
    feed = replace(SITE, entries=(an_entry(language="en"),))
    assert parsed(feed_document(feed, {"": feed})).find(".//article").get("lang") == "en"
    assert parsed(entry_document(an_entry(language="en"))).find(".//article").get("lang") == "en"


# nothing runs


def test_the_policy_allows_our_style_sheet_and_one_script() -> None:
    """HTTP-24: the script is allowed by its digest, in the page itself and in the header."""
    body = feed_document(WEB, ALL).decode()
    script = re.search("<script>(.*?)</script>", body, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = parsed(body.encode()).find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    for said in (header(), policy.get("content") or ""):
        assert "default-src 'none'" in said
        assert "style-src 'self';" in said
        assert f"script-src 'sha256-{digest}';" in said
        assert "unsafe" not in said
    assert "sandbox" in header() and "allow-same-origin" not in header()
    assert " style=" not in body and "<style" not in body


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)> ' & {{7*7}} %s {date} {count} </title></style>"


def test_hostile_texts_stay_texts() -> None:
    """Titles, names, summaries and labels are escaped wherever they stand."""
    entry = an_entry(title=HOSTILE, summary=HOSTILE, authors=(replace(ADA, name=HOSTILE),), rights=HOSTILE, language="en")
    feed = replace(
        WEB, title=HOSTILE, description=f"{HOSTILE} 2", labels=("代码", HOSTILE), rights=HOSTILE, entries=(entry, an_entry()),
        entry_keys=("1", "2"),
    )  # fmt: skip
    site = replace(SITE, title=HOSTILE, rights=HOSTILE)
    line = PostLine(HOSTILE, f"{BASE}x", entry.published)
    pages = (feed_document(feed, {"": site, **ALL, feed.path: feed}), entry_document(entry, site, [feed], older=line, newer=line))
    for body in pages:
        assert body.count(b"<script") == 1
        assert b"<img src=x" not in body
        assert "&lt;script&gt;" in body.decode() and "{{7*7}}" in body.decode()
        found = [one for one in html_findings(body.decode()) if not one.startswith("ContainsRelRef")]
        assert [one for one in found if not any(f"<{name}>" in one for name in ("meta", "link", "script"))] == []
        assert text(parsed(body).find("body//h1")) == " ".join(HOSTILE.split())


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(feed=feeds())
def test_any_feed_has_a_page_that_passes(feed: Feed) -> None:
    """Whatever the model allows."""
    feed_document(feed, {"": SITE, feed.path: feed})


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entry=entries())
def test_any_entry_has_a_page_that_passes(entry: Entry) -> None:
    """Whatever the model allows."""
    entry_document(entry, SITE, [WEB, TAG])


# an entry's page


def own(**changed: object) -> Entry:
    """An entry whose page is ours."""
    return an_entry(permalink=f"{BASE}entry/tea/", **changed)


def test_an_entrys_page_holds_the_whole_entry() -> None:
    """Title, people, days, content, picture, files, categories, neighbours, and where to subscribe."""
    entry = own(
        authors=(ADA,), language="en", image=Image(f"{BASE}other.png", 10, 20, "another"),
        enclosures=(Enclosure(f"{BASE}a.mp3", "audio/mpeg", 9),), via="https://elsewhere.example/",
        comments_url=f"{BASE}c#comments", rights="CC BY-SA 4.0",
    )  # fmt: skip
    older, newer = PostLine("older", f"{BASE}entry/older/", entry.published), PostLine("", f"{BASE}2022/x/", entry.updated)
    body = entry_document(entry, SITE, [CODE, WEB, TAG], older=older, newer=newer)
    root = parsed(body)
    article = root.find("body/main/article")
    assert article is not None
    assert article.get("lang") == "en"
    assert text(article.find("header/h1")) == entry.title
    assert [time.get("datetime") for time in article.iter("time")] == ["2021-08-04T05:49:00Z", "2021-08-05T05:49:00Z"]
    for url in (
        "https://ada.example.org/",
        f"{BASE}a.mp3",
        entry.via,
        entry.comments_url,
        "../../category/code/web/",
        "../../tag/c/",
    ):
        assert url in hrefs(root)
    player = article.find("audio")
    assert player is not None
    assert (player.get("src"), player.get("preload"), player.get("aria-label")) == (f"{BASE}a.mp3", "none", "a.mp3")
    lead = article.find("p[@class='lead']/img")
    assert lead is not None
    assert dict(lead.attrib) == {"src": f"{BASE}other.png", "alt": "another", "width": "10", "height": "20"}
    assert [one["href"] for one in head_links(root, "canonical")] == [entry.permalink]
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in hrefs(article)
    neighbours = [nav for nav in root.iter("nav") if nav.get("class") == "neighbours"]
    assert [(one.get("rel"), one.get("href"), text(one)) for one in neighbours[0].iter("a")] == [
        ("prev", "../older/", "← 上一篇 older"), ("next", f"{BASE}2022/x/", "下一篇 → 2021年8月5日"),
    ]  # fmt: skip
    box = under(root, "订阅「Web & <co>」")
    assert [code.text for code in box.iter("code")] == [WEB.urls["rss"]], "the feed of its own category"


def test_the_site_comes_first_on_an_entrys_page() -> None:
    """A reader that takes the first feed gets the whole site, then the entry's own category; no others."""
    root = parsed(entry_document(own(), SITE, [CODE, WEB, TAG]))
    assert [one["href"] for one in head_links(root, "alternate")] == [
        feed.urls[name] for feed in (SITE, WEB) for name in ("rss", "atom", "json")
    ]


def test_a_picture_that_the_content_shows_is_not_shown_twice() -> None:
    """The lead picture is left to the content where it stands in it."""
    assert parsed(entry_document(an_entry(), SITE)).find("body/main/article/p[@class='lead']") is None


def test_awkward_entries_have_pages() -> None:
    """No title, no content, many files, dates at the ends of the calendar."""
    for entry in awkward():
        entry_document(entry, SITE, [WEB])


def test_what_scrolls_takes_the_focus() -> None:
    """WCAG 2.1.1: a table or a listing that is too wide can be scrolled with a keyboard; quoted source text is left alone."""
    html = '<pre class="a"><code>&lt;pre&gt;&lt;table&gt;</code></pre><table><tbody><tr><td title="<table>">1</td></tr></tbody></table>'
    root = parsed(entry_document(own(content=SafeHtml(html))))
    content = root.find(".//div[@class='content']")
    assert content is not None
    assert content.find("pre").get("tabindex") == "0"
    scroll = content.find("div")
    assert dict(scroll.attrib) == {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "表格"}
    assert scroll.find("table") is not None and len(content.findall(".//table")) == 1
    assert content.find(".//td").get("title") == "<table>"


def test_an_entrys_page_depends_on_its_feeds_names_alone() -> None:
    """Another post in the same category leaves the page and its key as they are."""
    fuller = replace(WEB, entries=many(3), entry_keys=("1", "2", "3"), updated=many(3)[0].updated, count=3)
    assert entry_document(own(), SITE, [fuller]) == entry_document(own(), SITE, [WEB])
    assert entry_page.key(LOOK, "k", SITE, [fuller], ["a", "b"]) == entry_page.key(LOOK, "k", SITE, [WEB], ["a", "b"])
    assert entry_page.key(LOOK, "k", SITE, [replace(WEB, title="Other")], ["a", "b"]) != entry_page.key(
        LOOK, "k", SITE, [WEB], ["a", "b"]
    )
    assert entry_page.key(LOOK, "k", SITE, [WEB], ["a", ""]) != entry_page.key(LOOK, "k", SITE, [WEB], ["", "a"])


def test_another_entrys_page_is_refused() -> None:
    """The gate compares address, date, title and content, and takes no script but ours."""
    body = entry_document(own())
    for changed in (
        {"permalink": f"{BASE}other"},
        {"title": "Other"},
        {"published": an_entry().published.replace(year=2020)},
        {"content": SafeHtml("<p>Other</p>")},
    ):
        with pytest.raises(RenderError):
            gate.entry_page(body, LOOK, replace(own(), **changed), SITE)
    for bad in (
        b"<script>x</script></article>",
        b'<img src="x" onerror="x"></article>',
        b"<iframe></iframe></article>",
        b'<a href="javascript:x">x</a></article>',
        b'<a href="/etc">x</a></article>',
        b'<a href="../../../x">x</a></article>',
    ):
        with pytest.raises(RenderError):
            gate.entry_page(body.replace(b"</article>", bad), LOOK, own(), SITE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda listed: listed[:-1], "posts"),
        (lambda listed: [*listed, many(4)[3]], "posts"),
        (lambda listed: [listed[1], listed[0], *listed[2:]], "post 1"),
        (lambda listed: [*listed[:2], replace(listed[2], title="Other")], "post 3"),
        (lambda listed: [*listed[:2], replace(listed[2], permalink="https://example.org/x")], "post 3"),
    ],
    ids=["one less", "one more", "swapped", "retitled", "moved"],
)
def test_a_page_with_other_posts_is_refused(change: object, said: str) -> None:
    """Number, order, titles and permalinks are compared with the model."""
    listed = [*many(3)]
    keys = tuple(map(str, range(5)))
    other = change(listed)  # type: ignore[operator]
    body = feed_document(replace(SITE, entries=tuple(other), entry_keys=keys[: len(other)]), {"": SITE})
    with pytest.raises(RenderError, match=said):
        gate.feed_page(body, LOOK, replace(SITE, entries=tuple(listed), entry_keys=keys[:3]))


def test_the_gate_takes_every_reference_that_pages_write() -> None:
    """Whatever a path, a query or a fragment holds: an address in one post must not stop the site."""
    pieces = ("a", ":", "x:y", "?", "#", "../", "b/c", "[", "%3A", "?t=12:30", "?x=../y", "#a/../b:c")
    subject = gate.Subject(LOOK, f"{BASE}entry/x/", SITE)
    for parts in product(pieces, repeat=3):
        url = urljoin(subject.url, "./" + "".join(parts))
        if url.startswith(BASE):
            reference = links.relative(url, subject.url)
            assert gate._leads(reference, subject), (url, reference)
            assert urljoin(subject.url, reference) == url


def test_a_damaged_page_is_refused() -> None:
    """Cut off, with a byte order mark, in another encoding, empty."""
    body = feed_document(SITE, {"": SITE})
    for bad in (body[: len(body) // 2], b"\xef\xbb\xbf" + body, body.decode().encode("gb18030"), b""):
        with pytest.raises(RenderError):
            gate.feed_page(bad, LOOK, SITE)


def test_no_mail_address_is_shown_unasked() -> None:
    """Unless the operator opted in."""
    entry = own(authors=(replace(ADA, url=None),))
    assert b"ada@" not in entry_document(entry)
    assert b"mailto:ada@" in entry_document(entry, replace(SITE, show_email=True))


# own links


def test_links_of_ours_are_relative_and_others_are_not() -> None:
    """Pages work from a disk and from a preview; addresses of feeds, and pages that are not ours, stay absolute."""
    html = (
        f'<p><a href="{BASE}entry/other/?a&amp;b#c">x</a> <a href="{BASE}2021/x/">y</a>'
        f'<img src="{BASE}entry/tea/a.png" srcset="{BASE}entry/tea/b.png 2x, https://cdn.example/c.png 3x" alt="href=&quot;{BASE}entry/&quot;"></p>'
    )
    entry = own(content=SafeHtml(html), image=Image(f"{BASE}entry/tea/cover.png"))
    root = parsed(entry_document(entry))
    content = root.find(".//div[@class='content']")
    assert hrefs(content) == ["../other/?a&b#c", f"{BASE}2021/x/"]
    image = content.find(".//img")
    assert dict(image.attrib) == {
        "src": "a.png", "srcset": "b.png 2x, https://cdn.example/c.png 3x", "alt": f'href="{BASE}entry/"',
    }  # fmt: skip
    assert root.find(".//p[@class='lead']/img").get("src") == "cover.png"
    assert head_links(root, "stylesheet")[0]["href"] == "../../feeds.css"
    assert head_links(root, "alternate")[0]["href"] == SITE.urls["rss"]


def test_pages_in_a_folder_of_their_own() -> None:
    """`pages = "feeds/"`: pages go below it, feeds stay; what lies beside it is not ours."""
    look = replace(LOOK, folder="feeds/")
    urls = {**SITE.urls, "html": f"{BASE}feeds/"}
    site = replace(SITE, urls=urls)
    root = parsed(feed_document(site, {"": site}, look))
    assert head_links(root, "canonical")[0]["href"] == f"{BASE}feeds/"
    assert head_links(root, "stylesheet")[0]["href"] == "feeds.css"
    assert look.url(look.page("category/a/")) == f"{BASE}feeds/category/a/"
    assert look.own == (f"{BASE}feeds/",)


# paths


def test_names_of_pages_follow_the_settings() -> None:
    """`paths.html`, a pattern whose folder is no whole name, an archive elsewhere."""
    look = Look(base_url=BASE, file="page.html", tag="t-{slug}/", archive="all/")
    assert (
        look.page("x/") == "x/page.html"
        and look.page("x/", 2) == "x/page-2.html"
        and look.page("x/", name="posts") == "x/posts.html"
    )
    assert look.url(look.page("x/")) == f"{BASE}x/page.html"
    assert look.index("tag") == "t-index/" and look.index("category") == "category/"
    assert look.term_url(Category("c", f"{BASE}t-", "C")) == f"{BASE}t-c/page.html"
    assert look.term_url(Category("c", f"{BASE}elsewhere/", "C")) is None


def test_the_style_keeps_to_custom_properties() -> None:
    """Every colour is set once, as a property that a site can set again; docs/pages.md names each."""
    style = (Path(feed_page.__file__).parent / "page.css").read_text(encoding="utf-8")
    after = re.sub(r":root \{.*?\}", "", style, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-f]{3,8}\b", after.partition("@media print")[0]) == []
    used = set(re.findall(r"var\((--[a-z-]+)\)", style))
    assert used <= set(re.findall(r"(--[a-z-]+):", style))
    documented = (Path(__file__).parents[1] / "docs" / "pages.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in used)


def test_the_gate_is_not_about_looks() -> None:
    """A page of the site's own templates need only be a page."""
    look = replace(LOOK, templates=Path("templates"))
    look.__dict__["files"] = {"base.html.j2": ""}
    assert gate.plain(b"<!doctype html><title>x</title><script>x</script>", gate.Subject(look, BASE, SITE)) is not None
    with pytest.raises(RenderError):
        gate.plain(b"not a page", gate.Subject(look, BASE, SITE))


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("fa-IR", "rtl"), ("he", "rtl"), ("uz-Arab", "rtl"), ("ar-Latn", "ltr"), ("zh-Hans", "ltr"), ("en", "ltr"), (None, "ltr")],
)  # fmt: skip
def test_a_page_runs_as_its_language_does(language: str | None, direction: str) -> None:
    """Though its words are in English, as no strings are in Arabic."""
    body = feed_document(SITE, look=replace(LOOK, language=language)).decode()
    assert (' dir="rtl">' in body.partition("<head>")[0]) == (direction == "rtl")


def test_a_list_shows_as_much_of_a_summary_as_its_two_lines_hold() -> None:
    """Of Chinese half as many letters as of English: the rest would be loaded and never be seen."""
    assert summary_in_list("words" * 38) == "words" * 38
    assert summary_in_list("字" * 96) == "字" * 96
    assert summary_in_list("字" * 97) == "字" * 96 + "…"


def test_our_style_sheet_goes_out_without_comments_and_with_every_rule() -> None:
    """A rule a line; texts in quotes stay as they are."""
    source, sent = (Path(feed_page.__file__).parent / "page.css").read_text(encoding="utf-8"), LOOK.style_sheet
    assert "/*" not in sent and '" ▾" / ""' in sent
    assert (sent.count("{"), sent.count("}")) == (source.count("{"), source.count("}"))
    assert ":lang(zh) :is(em" in sent and "@media (min-width:56rem){" in sent and len(sent) < 0.9 * len(source)
