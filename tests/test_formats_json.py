"""JSON Feed 1.1: what a document says, key by key."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from budget import examples
from hypothesis import HealthCheck, given, settings
from samples import ADA, BASE, WEI, a_feed, an_entry, awkward, feeds, many, whole

from feeds import formats
from feeds.model import Feed, SafeHtml


def document(feed: Feed) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(whole(feed, "json"))
    return made


def item(feed: Feed) -> dict[str, Any]:
    made: dict[str, Any] = document(feed)["items"][0]
    return made


def test_a_feed_says_what_it_is() -> None:
    """JSON-1, JSON-2, JSON-5: version first; home page, own address, description, authors in both forms, hubs."""
    feed = a_feed(authors=(ADA,), hubs=("https://hub.example/",), icon=f"{BASE}i.png", logo=f"{BASE}l.png")
    parsed = document(feed)
    assert list(parsed) == [
        "version", "title", "home_page_url", "feed_url", "description", "icon", "favicon", "authors", "author",
        "language", "hubs", "items",
    ]  # fmt: skip
    assert parsed["version"] == "https://jsonfeed.org/version/1.1"
    assert parsed["feed_url"] == feed.urls["json"]
    assert parsed["home_page_url"] == feed.home_page_url
    assert parsed["author"] == parsed["authors"][0] == {
        "name": "Ada L.", "url": "https://ada.example.org/", "avatar": "https://ada.example.org/me.png",
    }  # fmt: skip
    assert parsed["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    assert parsed["items"] == []


def test_an_item_says_what_the_entry_is() -> None:
    """JSON-1, JSON-3, JSON-5: HTML only in content_html; no key without a value."""
    assert item(a_feed([an_entry()])) == {
        "id": an_entry().id,
        "url": an_entry().permalink,
        "title": "茶 & <b>Tea</b> for AT&T",
        "content_html": an_entry().content,
        "summary": "Water at 80 °C: not <i>boiling</i> & not cold.",
        "image": f"{BASE}pot.png",
        "date_published": "2021-08-04T05:49:00Z",
        "date_modified": "2021-08-05T05:49:00Z",
        "authors": [{"name": "魏小明"}],
        "author": {"name": "魏小明"},
        "tags": ["生活", "茶 & more", "C++"],
    }


def test_attachments_carry_size_and_duration_where_known() -> None:
    """JSON-6: true sizes; nothing where a size is unknown."""
    with_three = next(one for one in awkward() if len(one.enclosures) == 3)
    assert item(a_feed([with_three]))["attachments"] == [
        {
            "url": f"{BASE}a.mp3",
            "mime_type": "audio/mpeg",
            "title": "Part one",
            "size_in_bytes": 1234,
            "duration_in_seconds": 61,
        },
        {"url": f"{BASE}b.mp4", "mime_type": "video/mp4"},
        {"url": f"{BASE}c.pdf", "mime_type": "application/pdf", "size_in_bytes": 99},
    ]  # fmt: skip


def test_missing_values_have_no_key() -> None:
    """X-9, JSON-7: no title, no empty string, no null; but always something to read."""
    bare = replace(
        an_entry(),
        title="",
        summary="",
        content=SafeHtml(""),
        image=None,
        categories=(),
        via="https://elsewhere.example/",
    )
    parsed = item(a_feed([bare]))
    assert parsed == {
        "id": bare.id,
        "url": bare.permalink,
        "external_url": "https://elsewhere.example/",
        "content_text": "2021-08-04",
        "date_published": "2021-08-04T05:49:00Z",
        "date_modified": "2021-08-05T05:49:00Z",
        "authors": [{"name": WEI.name}],
        "author": {"name": WEI.name},
    }


def test_an_address_is_a_mailto_link_when_asked_for() -> None:
    """JSON Feed has no e-mail: the author's url carries it where there is none and the operator shows addresses."""
    unlinked = replace(ADA, url=None)
    assert item(a_feed([an_entry(authors=(unlinked,))], show_email=True))["author"]["url"] == "mailto:ada@example.org"
    assert "url" not in item(a_feed([an_entry(authors=(unlinked,))]))["author"]


def test_each_item_is_on_one_line() -> None:
    """Two generations can be compared by line: each item, and each key of the feed, is a line."""
    lines = whole(a_feed(many(3)), "json").decode().splitlines()
    assert sum(line.startswith('{"id": ') for line in lines) == 3
    assert lines[0] == "{"
    assert lines[1] == '"version": "https://jsonfeed.org/version/1.1",'
    assert lines[-1] == "}"


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(feed=feeds())
def test_any_feed_is_strict_json(feed: Feed) -> None:
    """JSON-7, JSON-9: UTF-8 with no byte order mark or lone surrogate, no null, every item with id and content."""
    body = whole(feed, "json")
    formats.by_name("json").check(body, feed)
    parsed = json.loads(body)
    json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    assert b"null" not in body or b'": null' not in body
    for one in parsed["items"]:
        assert one["id"]
        assert ("content_html" in one) != ("content_text" in one)
        assert all(author["name"] for author in one["authors"])
