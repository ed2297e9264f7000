"""RSS and Atom: what a document says, item by item, and that no feed that the model allows breaks a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from budget import examples
from feed_rules import ATOM, CONTENT, DC, MEDIA, findings
from hypothesis import HealthCheck, given, settings
from lxml import etree
from samples import ADA, BASE, NAMES, WEI, a_feed, an_entry, awkward, feeds, many, whole

from feeds import formats
from feeds.model import Feed, Image, SafeHtml

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def channel(feed: Feed) -> etree._Element:
    found = etree.fromstring(whole(feed, "rss")).find("channel")
    assert found is not None
    return found


def item(feed: Feed) -> etree._Element:
    found = channel(feed).find("item")
    assert found is not None
    return found


def atom(feed: Feed) -> etree._Element:
    return etree.fromstring(whole(feed, "atom"))


def entry(feed: Feed) -> etree._Element:
    found = atom(feed).find(f"{ATOM}entry")
    assert found is not None
    return found


def relations(parent: etree._Element, tag: str = f"{ATOM}link") -> list[tuple[str | None, ...]]:
    return [(link.get("rel"), link.get("type"), link.get("href")) for link in parent.findall(tag)]


# every document


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_no_rule_is_broken_by_awkward_entries(name: str) -> None:
    """X-7, RSS-*, ATOM-*: texts that have brought feeds down come out without a finding, implausible dates apart."""
    feed = a_feed(awkward(), hubs=("https://hub.example/",), logo=f"{BASE}logo.png", icon=f"{BASE}icon.svg")
    found = findings(whole(feed, name), address=feed.urls[name], media_type=formats.MEDIA_TYPES[name])
    assert [one for one in found if not one.startswith(("ImplausibleDate", "SecurityRisk"))] == []


@pytest.mark.parametrize("name", ["rss", "atom"])
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(feed=feeds())
def test_no_rule_is_broken_by_any_feed(name: str, feed: Feed) -> None:
    """Whatever the model allows is a valid document, and passes its own check."""
    body = whole(feed, name)
    formats.by_name(name).check(body, feed)
    allowed = ("ImplausibleDate", "NonCanonicalURI", "UriNotIri", "InvalidContact")
    assert [one for one in findings(body, address=feed.urls[name]) if not one.startswith(allowed)] == []


@pytest.mark.parametrize("name", ["rss", "atom", "json"])
def test_an_emptied_feed_stays_valid(name: str) -> None:
    """X-12: no entries, the same address, no finding."""
    feed = a_feed()
    body = whole(feed, name)
    formats.by_name(name).check(body, feed)
    if name != "json":
        assert findings(body, address=feed.urls[name]) == []


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_document_begins_with_its_declaration(name: str) -> None:
    """X-7: UTF-8 declared, no byte order mark, no document type, no style sheet (WEB-1)."""
    body = whole(a_feed(awkward()), name)
    assert body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<")
    assert b"<!DOCTYPE" not in body
    assert body.count(b"<?") == 1
    assert body.endswith(b">\n")
    body.decode("utf-8")


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_fragment_fits_into_every_document(name: str) -> None:
    """An entry is serialised once: no namespace is declared below the root, wherever the entry stands."""
    root = etree.fromstring(whole(a_feed(awkward()), name))
    for element in root.iter():
        assert element.nsmap == root.nsmap
    format = formats.by_name(name)
    one = format.fragment(an_entry(), content_mode="full")
    assert one in whole(a_feed([an_entry()]), name)
    assert one in whole(a_feed([*many(3), an_entry()], path="", language="en"), name)


# RSS


def test_a_channel_says_what_the_feed_is() -> None:
    """RSS-1, RSS-2, RSS-10: title, home page, description, language, rights, ttl, generator, newest date."""
    values = {child.tag: child.text for child in channel(a_feed(many(2))) if not str(child.tag).startswith("{")}
    del values["item"]
    assert values == {
        "title": "生活 - 小站",
        "link": "https://example.org/category/%E7%94%9F%E6%B4%BB/",
        "description": "Everything about 生活 & <tea>",
        "copyright": "© 2021 魏小明, CC BY 4.0",
        "docs": "https://www.rssboard.org/rss-specification",
        "generator": "feed-publisher",
        "language": "zh-CN",
        "ttl": "60",
        "lastBuildDate": "Wed, 04 Aug 2021 05:49:00 +0000",
    }


def test_a_channel_links_to_itself_and_its_hubs() -> None:
    """RSS-3, PUSH-1: one self, every hub; no alternate, which SimplePie would take for the site's address."""
    feed = a_feed(hubs=("https://hub.example/", "https://hub2.example/"))
    assert relations(channel(feed)) == [
        ("self", "application/rss+xml", feed.urls["rss"]),
        ("hub", None, "https://hub.example/"),
        ("hub", None, "https://hub2.example/"),
    ]


def test_a_channels_image_is_one_that_rss_can_show() -> None:
    """RSS-11: GIF, JPEG or PNG, with the channel's title and link; a vector icon is none."""
    assert channel(a_feed(icon=f"{BASE}i.svg")).find("image") is None
    image = channel(a_feed(icon=f"{BASE}i.svg", logo=f"{BASE}l.PNG?v=1")).find("image")
    assert image is not None
    assert {child.tag: child.text for child in image} == {
        "url": f"{BASE}l.PNG?v=1",
        "title": "生活 - 小站",
        "link": "https://example.org/category/%E7%94%9F%E6%B4%BB/",
    }


def test_an_item_has_summary_and_content_in_that_order() -> None:
    """RSS-5: the summary, plain text written as HTML, then the whole content, both before anything else can follow."""
    one = item(a_feed([an_entry()]))
    assert one.findtext("description") == "Water at 80 °C: not &lt;i&gt;boiling&lt;/i&gt; &amp; not cold."
    assert one.findtext(f"{CONTENT}encoded") == an_entry().content
    tags = [child.tag for child in one]
    assert tags.index("description") < tags.index(f"{CONTENT}encoded")


def test_an_item_without_summary_has_its_content_as_description() -> None:
    """RSS-5: only full text means description alone."""
    one = item(a_feed([an_entry(summary="")]))
    assert one.findtext("description") == an_entry().content
    assert one.find(f"{CONTENT}encoded") is None


@pytest.mark.parametrize("name", ["rss", "atom", "json"])
def test_a_feed_of_summaries_carries_no_content(name: str) -> None:
    """content_mode "summary": the summary and nothing of the body."""
    feed = a_feed([an_entry()], content_mode="summary")
    body = whole(feed, name).decode()
    assert "Water at 80" in body
    assert "水温" not in body
    formats.by_name(name).check(body.encode(), feed)


def test_an_item_without_title_has_none() -> None:
    """X-9: RSS leaves the title out where there is a description, and never writes an empty one."""
    assert item(a_feed([an_entry(title="")])).find("title") is None
    bare = item(a_feed([an_entry(title="", summary="", content=SafeHtml(""))]))
    assert bare.findtext("title") == "2021-08-04"
    assert bare.find("description") is None


def test_a_guid_is_a_permalink_only_if_it_is_one() -> None:
    """RSS-4: isPermaLink is said of every guid, and true of none but the item's own address."""
    guid = item(a_feed([an_entry()])).find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (an_entry().id, "false")
    same = item(a_feed([an_entry(id=an_entry().permalink)])).find("guid")
    assert same is not None
    assert same.get("isPermaLink") == "true"


def test_an_items_authors_are_names_unless_the_operator_shows_addresses() -> None:
    """RSS-6: dc:creator for each; author, alone, only with an address that was opted in; never both."""
    shy = item(a_feed([an_entry(authors=(WEI, ADA))]))
    assert [one.text for one in shy.findall(f"{DC}creator")] == ["魏小明", "Ada L."]
    assert shy.find("author") is None
    open_ = item(a_feed([an_entry(authors=(ADA,))], show_email=True, authors=(ADA,)))
    assert open_.findtext("author") == "ada@example.org (Ada L.)"
    assert open_.find(f"{DC}creator") is None
    both = item(a_feed([an_entry(authors=(WEI, ADA))], show_email=True))
    assert len(both.findall(f"{DC}creator")) == 2
    assert both.find("author") is None
    assert channel(a_feed(authors=(ADA,), show_email=True)).findtext("managingEditor") == "ada@example.org (Ada L.)"
    assert channel(a_feed(authors=(ADA,))).find("managingEditor") is None


@pytest.mark.parametrize("name", NAMES)
def test_no_address_is_shown_unasked(name: str) -> None:
    """An e-mail address stands in no document unless the operator opted in."""
    feed = a_feed([an_entry(authors=(ADA,))], authors=(ADA,))
    assert b"ada@" not in whole(feed, name)


def test_categories_carry_their_scheme() -> None:
    """RSS-12, ATOM-9: the label is the text, the taxonomy's address the domain; Atom has the slug as term."""
    feed = a_feed([an_entry()])
    assert [(one.text, one.get("domain")) for one in item(feed).findall("category")] == [
        ("生活", "https://example.org/category/"),
        ("茶 & more", "https://example.org/category/"),
        ("C++", "https://example.org/tag/"),
    ]
    assert [dict(one.attrib) for one in entry(feed).findall(f"{ATOM}category")] == [
        {"term": "生活", "scheme": "https://example.org/category/", "label": "生活"},
        {"term": "生活/茶", "scheme": "https://example.org/category/", "label": "茶 & more"},
        {"term": "c", "scheme": "https://example.org/tag/", "label": "C++"},
    ]


def test_the_first_enclosure_is_rss_the_others_are_media() -> None:
    """RSS-9: one enclosure at most, 0 where the length is unknown; further media go to Media RSS."""
    with_three = next(one for one in awkward() if len(one.enclosures) == 3)
    one = item(a_feed([with_three]))
    assert [dict(child.attrib) for child in one.findall("enclosure")] == [
        {"url": f"{BASE}a.mp3", "length": "1234", "type": "audio/mpeg"}
    ]
    assert [dict(child.attrib) for child in one.findall(f"{MEDIA}content")][1:] == [
        {"url": f"{BASE}b.mp4", "type": "video/mp4", "medium": "video"},
        {"url": f"{BASE}c.pdf", "type": "application/pdf", "fileSize": "99"},
    ]
    unknown = replace(with_three, enclosures=with_three.enclosures[1:2])
    enclosure = item(a_feed([unknown])).find("enclosure")
    assert enclosure is not None
    assert enclosure.get("length") == "0"


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_the_picture_is_media_content_and_thumbnail(name: str) -> None:
    """MRSS-1: absolute address, sizes where they are known."""
    root = etree.fromstring(whole(a_feed([an_entry()]), name))
    content, thumbnail = next(root.iter(f"{MEDIA}content")), next(root.iter(f"{MEDIA}thumbnail"))
    size = {"width": "640", "height": "480"}
    assert dict(content.attrib) == {"url": f"{BASE}pot.png", "medium": "image", "type": "image/png", **size}
    # feedparser would take a media:description for the entry's content.
    assert len(content) == 0
    assert dict(thumbnail.attrib) == {"url": f"{BASE}pot.png", **size}
    root = etree.fromstring(whole(a_feed([an_entry(image=Image(f"{BASE}x"))]), name))
    assert dict(next(root.iter(f"{MEDIA}thumbnail")).attrib) == {"url": f"{BASE}x"}


def test_comments_lead_to_a_page() -> None:
    """RSS-12, ATOM-7: `comments`, and `replies` as text/html, the only type that Miniflux takes."""
    feed = a_feed([an_entry(comments_url=f"{BASE}1#comments")])
    assert item(feed).findtext("comments") == f"{BASE}1#comments"
    assert ("replies", "text/html", f"{BASE}1#comments") in relations(entry(feed))
    assert item(a_feed([an_entry()])).find("comments") is None


def test_an_item_in_another_language_says_so() -> None:
    """ATOM-8: xml:lang where the entry differs from the site, and there only."""
    assert item(a_feed([an_entry(language="en")])).get(XML_LANG) == "en"
    assert item(a_feed([an_entry()])).get(XML_LANG) is None
    assert entry(a_feed([an_entry(language="en")])).get(XML_LANG) == "en"
    assert atom(a_feed()).get(XML_LANG) == "zh-CN"


# Atom


def test_an_atom_feed_says_what_it_is() -> None:
    """ATOM-1, ATOM-10: id, title, date in Z, author, subtitle, rights, icon and logo."""
    root = atom(a_feed(many(1), authors=(ADA,), icon=f"{BASE}i.svg", logo=f"{BASE}l.png"))
    values = {name: root.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated", "subtitle", "rights", "icon", "logo")}
    assert values == {
        "id": "tag:example.org,2000-01-01:feeds/category/life",
        "title": "生活 - 小站",
        "updated": "2021-08-04T05:49:00Z",
        "subtitle": "Everything about 生活 & <tea>",
        "rights": "© 2021 魏小明, CC BY 4.0",
        "icon": f"{BASE}i.svg",
        "logo": f"{BASE}l.png",
    }
    assert [(one.findtext(f"{ATOM}name"), one.findtext(f"{ATOM}uri")) for one in root.findall(f"{ATOM}author")] == [
        ("Ada L.", "https://ada.example.org/")
    ]


def test_an_atom_feed_has_one_alternate() -> None:
    """ATOM-2: one self, and the home page alone as alternate: some readers take the first for it, Newsboat the last."""
    feed = a_feed(home_page_url="https://example.org/about-life", hubs=("https://hub.example/",))
    assert relations(atom(feed)) == [
        ("alternate", "text/html", "https://example.org/about-life"),
        ("self", "application/atom+xml", feed.urls["atom"]),
        ("hub", None, "https://hub.example/"),
    ]


def test_an_atom_entry_keeps_the_relation_of_each_link() -> None:
    """PEER-1: alternate, enclosures with type and length, and the page that a link post is about."""
    one = next(one for one in awkward() if len(one.enclosures) == 3)
    element = entry(a_feed([replace(one, via="https://elsewhere.example/")]))
    assert relations(element) == [
        ("alternate", "text/html", one.permalink),
        ("replies", "text/html", one.comments_url),
        ("related", None, "https://elsewhere.example/"),
        ("enclosure", "audio/mpeg", f"{BASE}a.mp3"),
        ("enclosure", "video/mp4", f"{BASE}b.mp4"),
        ("enclosure", "application/pdf", f"{BASE}c.pdf"),
    ]
    assert [link.get("length") for link in element.findall(f"{ATOM}link")][3:] == ["1234", None, "99"]


def test_an_atom_entry_has_html_content_and_a_plain_summary() -> None:
    """ATOM-3, ATOM-4, X-10: content of type html, summary without a type, title plain text."""
    element = entry(a_feed([an_entry()]))
    content, summary, title = (element.find(f"{ATOM}{name}") for name in ("content", "summary", "title"))
    assert content is not None
    assert summary is not None
    assert title is not None
    assert (content.get("type"), content.text) == ("html", an_entry().content)
    assert (summary.get("type"), summary.text) == (None, an_entry().summary)
    assert (title.get("type"), title.text) == (None, "茶 & <b>Tea</b> for AT&T")


@pytest.mark.parametrize(
    ("title", "summary", "said"),
    [
        ("Tea", "Water.", "Tea"),
        ("", "Water.", "Water."),
        ("  ", "", "2021-08-04"),
        ("", "one two three " * 20, "one two three one two three one two three one two three one…"),
        ("", "好茶要好水，" * 30, "好茶要好水，" * 9 + "好茶要好水…"),
        ("", "x" * 55 + "👨‍👩‍👧‍👦" * 9, "x" * 55 + "…"),
    ],
)  # fmt: skip
def test_an_atom_title_is_never_empty(title: str, summary: str, said: str) -> None:
    """X-9, ATOM-3: the first words, not cut within a character, else the day."""
    found_title = entry(a_feed([an_entry(title=title, summary=summary)])).findtext(f"{ATOM}title")
    assert found_title == said


def test_dates_before_1901_and_after_2038_are_whole() -> None:
    """ATOM-5, RSS-7: UTC, whole seconds, four digits of the year."""
    early = an_entry(published=datetime(77, 3, 1, 1, 2, 3, tzinfo=UTC), updated=datetime(2100, 12, 31, tzinfo=UTC))
    element = entry(a_feed([early]))
    assert element.findtext(f"{ATOM}published") == "0077-03-01T01:02:03Z"
    assert element.findtext(f"{ATOM}updated") == "2100-12-31T00:00:00Z"
    assert item(a_feed([early])).findtext("pubDate") == "Mon, 01 Mar 0077 01:02:03 +0000"
