"""What others read back: feedparser, strict parsers, and the parsers of other languages where this machine has them.

Every format must say the same of every entry, and what it says must be the model.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import sqlite3
import subprocess
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import struct_time
from typing import Any

import feedparser
import pytest
from feed_rules import ATOM, CONTENT, DC
from lxml import etree
from samples import ADA, WEI, a_feed, an_entry, awkward, many, whole

from feeds.formats._wording import heading
from feeds.model import Entry, rfc3339

READERS = Path(__file__).with_name("readers")


def instant(time: struct_time) -> str:
    return rfc3339(datetime(*time[:6], tzinfo=UTC))


def by_feedparser(body: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def shown(title: str) -> str:
    """A title as feedparser gives it: without the blanks around it."""
    return title.strip()


# feedparser


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_feedparser_reads_the_model_back(name: str) -> None:
    """X-1, X-6, X-8: ids, order, titles, links, dates, people, categories, content, summary, media."""
    listed = tuple(entry for entry in awkward() if entry.published.year > 1900)
    feed = a_feed(listed, hubs=("https://hub.example/",))
    parsed = by_feedparser(whole(feed, name))
    assert parsed.version == {"rss": "rss20", "atom": "atom10"}[name]
    assert parsed.feed.title == feed.title
    assert parsed.feed.link == feed.home_page_url
    assert parsed.feed.language == feed.language
    assert parsed.feed.rights == feed.rights
    assert instant(parsed.feed.updated_parsed) == rfc3339(feed.updated)
    assert [link.href for link in parsed.feed.links if link.rel == "self"] == [feed.urls[name]]
    assert [link.href for link in parsed.feed.links if link.rel == "hub"] == ["https://hub.example/"]
    assert [one.id for one in parsed.entries] == [entry.id for entry in listed]
    for one, entry in zip(parsed.entries, listed, strict=True):
        same_entry(one, entry, name)


def same_entry(one: Any, entry: Entry, name: str) -> None:
    assert one.link == entry.permalink
    assert instant(one.published_parsed) == rfc3339(entry.published)
    assert [person.name for person in one.authors] == [person.name for person in entry.authors]
    if entry.title.strip() and "&amp;lt;" not in entry.title:
        assert one.title == shown(entry.title)
    assert [(tag.scheme, tag.label or tag.term) for tag in one.get("tags", [])] == [
        (category.scheme, category.label) for category in entry.categories
    ]
    content = one.content[0].value if "content" in one else one.get("summary", "")
    if entry.content:
        # feedparser takes U+0085 for the ellipsis that it is in windows-1252.
        assert content.replace("\r\n", "\n") == entry.content.replace("\r\n", "\n").replace("\x85", "…")
    if entry.content and entry.summary:
        assert (html.unescape(one.summary) if name == "rss" else one.summary) == entry.summary
    if name == "atom":
        assert instant(one.updated_parsed) == rfc3339(entry.updated)
    if entry.image:
        assert one.media_thumbnail[0]["url"] == entry.image.url
    enclosures = [enclosure.href for enclosure in one.enclosures]
    assert enclosures == [enclosure.url for enclosure in entry.enclosures][: 1 if name == "rss" else None]


def test_titles_survive_a_round_trip() -> None:
    """X-8: what looks like markup is text; escaped once in RSS, untyped in Atom, raw in JSON; to a strict parser."""
    titles = [
        "AT&T <b>",
        "&lt;",
        "&amp;lt;",
        "a < b > c",
        "]]>",
        "{{ x }} %s",
        "“引号” & ‘more’",
        "\u202eabc\u202c",
        "👨‍👩‍👧",
    ]
    feed = a_feed([replace(one, title=title) for one, title in zip(many(len(titles)), titles, strict=True)])
    rss = etree.fromstring(whole(feed, "rss"))
    atom = etree.fromstring(whole(feed, "atom"))
    assert [one.text for one in rss.findall("channel/item/title")] == titles
    assert [one.text for one in atom.findall(f"{ATOM}entry/{ATOM}title")] == titles
    assert [one["title"] for one in json.loads(whole(feed, "json"))["items"]] == titles


# all formats alike


def test_every_format_says_the_same_of_every_entry() -> None:
    """X-1, X-6: id, address, published, people, labels and content, byte for byte, in the same order."""
    listed = awkward()
    feed = a_feed(listed)
    items = etree.fromstring(whole(feed, "rss")).findall("channel/item")
    entries = etree.fromstring(whole(feed, "atom")).findall(f"{ATOM}entry")
    objects = json.loads(whole(feed, "json"))["items"]
    assert len(items) == len(entries) == len(objects) == len(listed)
    for entry, item, element, thing in zip(listed, items, entries, objects, strict=True):
        assert [item.findtext("guid"), element.findtext(f"{ATOM}id"), thing["id"]] == [entry.id] * 3
        alternate = element.find(f"{ATOM}link[@rel='alternate']")
        assert alternate is not None
        assert [item.findtext("link"), alternate.get("href"), thing["url"]] == [entry.permalink] * 3
        people = [person.name for person in entry.authors]
        assert [one.text for one in item.findall(f"{DC}creator")] == people
        assert [one.findtext(f"{ATOM}name") for one in element.findall(f"{ATOM}author")] == people
        assert [one["name"] for one in thing["authors"]] == people
        assert element.findtext(f"{ATOM}published") == thing["date_published"] == rfc3339(entry.published)
        labels = [category.label for category in entry.categories]
        assert [one.text for one in item.findall("category")] == labels
        assert [one.get("label") for one in element.findall(f"{ATOM}category")] == labels
        assert thing.get("tags", []) == labels
        if entry.content:
            whole_text = item.findtext(f"{CONTENT}encoded") or item.findtext("description")
            assert whole_text == element.findtext(f"{ATOM}content") == thing["content_html"] == entry.content


# parsers of other languages


def by_program(name: str, program: str, *check: str) -> Callable[[Path], Any]:
    """A reader in another language; the test is skipped where its program or library is absent."""

    def read(path: Path) -> Any:
        if shutil.which(program) is None or subprocess.run([program, *check], capture_output=True).returncode:
            pytest.skip(f"{program} or its feed library is not here")
        done = subprocess.run([program, str(READERS / name), str(path)], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return read


PROGRAMS = {
    "ruby-rss": by_program("read.rb", "ruby", "-e", 'require "rss"'),
    "simplepie": by_program(
        "read.php", "php", "-r", 'exit(extension_loaded("xml") && @include "simplepie/autoloader.php" ? 0 : 1);'
    ),
    "perl-xml-feed": by_program("read.pl", "perl", "-MXML::Feed", "-MJSON::PP", "-e", "1"),
}  # fmt: skip


@pytest.mark.parametrize("format", ["rss", "atom"])
@pytest.mark.parametrize("reader", PROGRAMS)
def test_other_languages_read_the_same(reader: str, format: str, tmp_path: Path) -> None:
    """Ruby, PHP and Perl agree with the model on number, order, id, title, link, date, author and category."""
    listed = [
        *(replace(one, title=f"茶 & Tea {number}") for number, one in enumerate(many(3))),
        replace(an_entry(), id="urn:x:two", title="Two people", authors=(WEI, ADA), categories=()),
    ]
    feed = a_feed(listed, hubs=("https://hub.example/",))
    document = tmp_path / f"feed.{format}"
    document.write_bytes(whole(feed, format))
    found = PROGRAMS[reader](document)
    assert found["title"] == feed.title
    assert found["link"] == feed.home_page_url
    assert len(found["entries"]) == len(listed)
    for one, entry in zip(found["entries"], listed, strict=True):
        assert one["id"] == entry.id
        assert one["title"] == entry.title
        assert one["link"] == entry.permalink
        assert one["date"] == rfc3339(entry.published)
        people = [person.name for person in entry.authors]
        assert one["authors"] in (people, people[:1], [", ".join(people)])
        labels = [category.label for category in entry.categories]
        terms = [category.term for category in entry.categories]
        assert one["categories"] in (labels, terms)


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_newsboat_reads_the_same(format: str, tmp_path: Path) -> None:
    """A reader that people use: the site's address, and each entry's id, title, address, date, author and content."""
    if shutil.which("newsboat") is None:
        pytest.skip("newsboat is not here")
    feed = a_feed(many(5), hubs=("https://hub.example/",))
    document = tmp_path / f"feed.{format}"
    document.write_bytes(whole(feed, format))
    (tmp_path / "urls").write_text(document.as_uri() + "\n")
    (tmp_path / "config").touch()
    reload = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"]
    done = subprocess.run(reload, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True)
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
        assert cache.execute("SELECT title, url FROM rss_feed").fetchall() == [(feed.title, feed.home_page_url)]
        rows = cache.execute("SELECT guid, title, url, pubDate, author, content FROM rss_item ORDER BY pubDate DESC")
        assert rows.fetchall() == [
            (one.id, one.title, one.permalink, int(one.published.timestamp()), "魏小明", one.content) for one in feed.entries
        ]


def test_an_untitled_entry_has_a_heading_everywhere() -> None:
    """X-9: what Atom makes up is what our own page shows."""
    entry = an_entry(title="")
    parsed = by_feedparser(whole(a_feed([entry]), "atom"))
    assert parsed.entries[0].title == html.unescape(heading(entry)).strip()


def test_five_hundred_entries_come_back() -> None:
    """Nothing is lost in a long feed."""
    feed = a_feed(many(500))
    for name in ("rss", "atom"):
        assert [one.id for one in by_feedparser(whole(feed, name)).entries] == [entry.id for entry in feed.entries]
