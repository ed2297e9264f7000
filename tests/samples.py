"""Entries and feeds for the tests of formats: plausible ones, awkward ones, and any that the model allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from feeds import formats
from feeds.model import NOT_XML, Category, Enclosure, Entry, Feed, Image, Person, SafeHtml

BASE = "https://example.org/"
MOMENT = datetime(2021, 8, 4, 5, 49, tzinfo=UTC)
NAMES = ("rss", "atom", "json")

WEI = Person("魏小明")
ADA = Person("Ada L.", url="https://ada.example.org/", email="ada@example.org", avatar="https://ada.example.org/me.png")


def an_entry(**changed: Any) -> Entry:
    """An ordinary entry with everything that an ordinary post has."""
    facts: dict[str, Any] = {
        "id": "tag:example.org,2000-01-01:posts/tea",
        "permalink": "https://example.org/2021/08/04/%E8%8C%B6/",
        "title": "茶 & <b>Tea</b> for AT&T",
        "published": MOMENT,
        "updated": MOMENT + timedelta(days=1),
        "authors": (WEI,),
        "categories": (
            Category("生活", "https://example.org/category/", "生活"),
            Category("生活/茶", "https://example.org/category/", "茶 & more"),
            Category("c", "https://example.org/tag/", "C++"),
        ),
        "summary": "Water at 80 °C: not <i>boiling</i> & not cold.",
        "content": SafeHtml(
            '<p>水温 80 度。</p>\n<p><a href="https://example.org/pot">A pot</a> &amp; a cup.</p>\n'
            '<p><img src="https://example.org/pot.png" alt="a pot" width="40"></p>'
        ),
        "image": Image("https://example.org/pot.png", 640, 480, "a pot", "image/png"),
    }
    return Entry(**{**facts, **changed})


def a_feed(entries: Sequence[Entry] = (), **changed: Any) -> Feed:
    """A category's feed of these entries, as publication.py makes them."""
    path = changed.pop("path", "category/生活/")
    root = "https://example.org/category/%E7%94%9F%E6%B4%BB/" if path else BASE
    facts: dict[str, Any] = {
        "path": path,
        "taxonomy": "category" if path else "site",
        "labels": ("生活",) if path else (),
        "title": "生活 - 小站" if path else "小站",
        "description": "Everything about 生活 & <tea>",
        "id": "tag:example.org,2000-01-01:feeds/category/life",
        "base_url": BASE,
        "home_page_url": root,
        "urls": {"rss": f"{root}rss.xml", "atom": f"{root}atom.xml", "json": f"{root}feed.json", "html": root},
        "authors": (WEI,),
        "updated": max((entry.updated for entry in entries), default=MOMENT),
        "entries": tuple(entries),
        "entry_keys": tuple(str(number) for number in range(len(entries))),
        "language": "zh-CN",
        "rights": "© 2021 魏小明, CC BY 4.0",
    }
    return Feed(**{**facts, **changed})


def many(count: int, **changed: Any) -> tuple[Entry, ...]:
    """So many entries, newest first, each its own."""
    first = an_entry()
    return tuple(
        replace(
            first,
            id=f"{first.id}-{number}",
            permalink=f"{first.permalink}{number}/",
            title=f"{first.title} {number}",
            published=MOMENT - timedelta(days=number),
            updated=MOMENT - timedelta(days=number),
            **changed,
        )
        for number in range(count)
    )


def awkward() -> tuple[Entry, ...]:
    """Entries that have brought feeds down: each is allowed by the model, so each must come out right."""
    entries = (
        an_entry(id="urn:a:1", title=""),
        an_entry(id="urn:a:2", title="", summary="", content=SafeHtml("")),
        an_entry(id="urn:a:3", title="   ", summary="", image=None),
        an_entry(id="urn:a:4", title="]]> &amp;lt; &#60; %s {{x}} \u202ea\u202c", summary="<script>x()</script> ]]>"),
        an_entry(
            id="https://example.org/5",
            permalink="https://example.org/5",
            content=SafeHtml("<p>]]&gt; ]]> \u2028 \x85</p>"),
        ),
        an_entry(
            id="urn:a:6",
            authors=(WEI, ADA),
            language="en",
            rights="all mine",
            via="https://elsewhere.example/x?a=1&b=2",
            canonical="https://elsewhere.example/first",
        ),
        an_entry(
            id="urn:a:7",
            comments_url="https://example.org/7#comments",
            enclosures=(
                Enclosure("https://example.org/a.mp3", "audio/mpeg", 1234, 61, "Part one"),
                Enclosure("https://example.org/b.mp4", "video/mp4"),
                Enclosure("https://example.org/c.pdf", "application/pdf", 99),
            ),
        ),
        an_entry(id="urn:a:8", content=SafeHtml('<pre><code>&lt;img src="a.png"&gt; href="x"</code></pre>\r\n<p>\ttab\n</p>')),
        an_entry(id="urn:a:9", title="家族 👨‍👩‍👧‍👦 " * 30, summary=""),
        an_entry(id="urn:a:10", categories=(), image=Image("https://example.org/i.webp"), authors=(ADA,)),
        an_entry(
            id="urn:a:11",
            title="year one",
            published=datetime(1, 1, 1, tzinfo=UTC),
            updated=datetime(9999, 12, 31, tzinfo=UTC),
        ),
    )
    return tuple(sorted(entries, key=lambda one: (one.published, one.id), reverse=True))


def whole(feed: Feed, name: str) -> bytes:
    """The feed's document in a format, as a build makes it."""
    format = formats.by_name(name)
    return format.document(
        feed,
        [format.fragment(entry, content_mode=feed.content_mode, show_email=feed.show_email) for entry in feed.entries],
    )


# any entry that the model allows

_CARRIED = st.characters(exclude_categories=["Cs"]).filter(lambda one: not NOT_XML.match(one))
any_text = st.text(_CARRIED, max_size=60)
some_text = any_text.map(lambda text: " ".join(text.split())).filter(bool)
any_url = st.from_regex(r"https?://[a-z]{1,8}\.example/[!-~]{0,20}", fullmatch=True)
any_moment = st.integers(0, 3_652_058 * 86_400).map(lambda seconds: datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
any_html = any_text.map(lambda text: SafeHtml("<p>" + text.replace("&", "&amp;").replace("<", "&lt;") + "</p>"))
any_person = st.builds(Person, some_text, st.none() | any_url, st.none() | st.emails(), st.none() | any_url)
any_category = st.builds(Category, some_text, any_url, some_text)
any_pixels = st.none() | st.integers(1, 9999)
any_image = st.builds(Image, any_url, any_pixels, any_pixels, st.none() | any_text)
any_enclosure = st.builds(
    Enclosure, any_url, st.sampled_from(["audio/mpeg", "video/mp4", "application/pdf"]), st.integers(0, 10**12),
    st.none() | st.integers(0, 10**6), st.none() | any_text,
)  # fmt: skip


@st.composite
def entries(draw: Any) -> Entry:
    """Any entry at all."""
    first, second = sorted((draw(any_moment), draw(any_moment)))
    return Entry(
        id=draw(st.from_regex(r"(tag|urn):[a-z]{1,5}\.example,2000:[a-zA-Z0-9/._~%-]{1,20}", fullmatch=True) | any_url),
        permalink=draw(any_url),
        title=draw(st.just("") | some_text),
        published=first,
        updated=second,
        authors=tuple(draw(st.lists(any_person, min_size=1, max_size=3))),
        categories=tuple(draw(st.lists(any_category, max_size=4))),
        summary=draw(st.just("") | some_text),
        content=draw(st.just(SafeHtml("")) | any_html),
        image=draw(st.none() | any_image),
        enclosures=tuple(draw(st.lists(any_enclosure, max_size=3))),
        language=draw(st.none() | st.sampled_from(["en", "zh-TW", "ja"])),
        comments_url=draw(st.none() | any_url),
        via=draw(st.none() | any_url),
        canonical=draw(st.none() | any_url),
        rights=draw(st.none() | some_text),
    )


@st.composite
def feeds(draw: Any) -> Feed:
    """Any feed of such entries, in the order of the model."""
    listed = draw(st.lists(entries(), max_size=4, unique_by=lambda one: one.id))
    listed.sort(key=lambda one: (one.published, one.id), reverse=True)
    return a_feed(
        listed,
        title=draw(some_text),
        description=draw(some_text),
        rights=draw(st.none() | some_text),
        authors=tuple(draw(st.lists(any_person, min_size=1, max_size=2))),
        content_mode=draw(st.sampled_from(["full", "summary"])),
        hubs=tuple(draw(st.lists(any_url, max_size=2, unique=True))),
        show_email=draw(st.booleans()),
        icon=draw(st.none() | any_url),
        logo=draw(st.none() | any_url.map(lambda url: f"{url}.png")),
    )
