"""JSON Feed 1.1: in comes a Feed, out goes a document of https://jsonfeed.org/version/1.1, one item a line.

Keys stand in a fixed order, `version` first; none is null. Must not use anything but the json module.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from feeds.formats import MEDIA_TYPES, _elements, _gate
from feeds.formats._gate import ParsedEntry
from feeds.formats._wording import body_of, email_of, heading, title_of
from feeds.model import Enclosure, Entry, Feed, Person, rfc3339

VERSION = "https://jsonfeed.org/version/1.1"


class JsonFeed:
    """JSON Feed 1.1."""

    name = "json"
    media_type = MEDIA_TYPES["json"]
    version = "1"

    def fragment(self, entry: Entry, *, content_mode: str, show_email: bool = False) -> bytes:
        """One item, as one line of JSON."""
        return _dump(_item(entry, content_mode, show_email)).encode()

    def document(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """The feed's own keys, one a line, then the items."""
        head = ",\n".join(f"{_dump(key)}: {_dump(value)}" for key, value in _head(feed).items())
        items = b"".join((b"\n", b",\n".join(fragments), b"\n")) if fragments else b""
        return b"".join((b"{\n", head.encode(), b',\n"items": [', items, b"]\n}\n"))

    def check(self, body: bytes, feed: Feed) -> None:
        """Raises RenderError with the first difference from the model."""
        try:
            text = body.decode("utf-8")
            document = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
        except ValueError as error:
            raise _gate.difference(feed, self.name, f"the document is not JSON in UTF-8: {error}") from error
        _gate.text_is_clean(feed, self.name, text)
        _gate.same(feed, self.name, "the first key", next(iter(document), None), "version")
        for key, meant in (
            ("version", VERSION),
            ("title", feed.title),
            ("home_page_url", feed.home_page_url),
            ("feed_url", feed.urls["json"]),
        ):
            _gate.same(feed, self.name, key, document.get(key), meant)
        _gate.same(feed, self.name, "next_url", document.get("next_url"), _next_url(feed))
        hubs = [hub["url"] for hub in document.get("hubs", [])]
        _gate.same(feed, self.name, "hubs", hubs, list(feed.hubs))
        results = [
            ParsedEntry(
                id=item.get("id"),
                title=item.get("title"),
                permalink=item.get("url"),
                published=_moment(item.get("date_published")),
                updated=_moment(item.get("date_modified")),
                content=item.get("content_html", item.get("content_text")),
            )
            for item in document["items"]
        ]
        _gate.compare(feed, self.name, results, lambda entry: _expected(entry, feed.content_mode))
        urls = [item.get(key) for item in document["items"] for key in ("url", "external_url", "image")]
        urls += [element.get("url") for item in document["items"] for element in item.get("attachments", ())]
        _gate.absolute(feed, self.name, urls)


def _head(feed: Feed) -> dict[str, Any]:
    head: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home_page_url,
        "feed_url": feed.urls["json"],
    }
    if feed.description:
        head["description"] = feed.description
    if next_url := _next_url(feed):
        head["next_url"] = next_url
    if feed.logo or feed.icon:
        head["icon"] = feed.logo or feed.icon
    if feed.icon:
        head["favicon"] = feed.icon
    _add_authors(head, feed.authors, feed.show_email)
    if feed.language:
        head["language"] = feed.language
    if feed.hubs:
        head["hubs"] = [{"type": "WebSub", "url": hub} for hub in feed.hubs]
    head.update(_elements.json_members(feed.extras))
    return head


def _next_url(feed: Feed) -> str | None:
    """The document with the next older posts, which JSON Feed 1.1 calls `next_url`: never one that came before."""
    return feed.history.older.get("json") if feed.history and feed.history.older else None


def _item(entry: Entry, content_mode: str, show_email: bool) -> dict[str, Any]:
    body = body_of(entry, content_mode)
    item: dict[str, Any] = {"id": entry.id, "url": entry.feed_link}
    if entry.via:
        item["external_url"] = entry.via
    if title := title_of(entry):
        item["title"] = title
    # One of the two is required; without a body the summary, or what stands for a title, is the text there is.
    if body:
        item["content_html"] = body
    else:
        item["content_text"] = entry.summary or heading(entry)
    if entry.summary:
        item["summary"] = entry.summary
    if entry.image:
        item["image"] = entry.image.url
    item["date_published"] = rfc3339(entry.published)
    item["date_modified"] = rfc3339(entry.updated)
    _add_authors(item, entry.authors, show_email)
    if entry.categories:
        item["tags"] = list(dict.fromkeys(category.label for category in entry.categories))
    if entry.language:
        item["language"] = entry.language
    if entry.enclosures:
        item["attachments"] = [_attachment(enclosure) for enclosure in entry.enclosures]
    item.update(_elements.json_members(entry.extras))
    return item


def _add_authors(target: dict[str, Any], authors: Sequence[Person], show_email: bool) -> None:
    """`authors`, and the `author` of version 1.0 for readers that know no other."""
    target["authors"] = [_author(person, show_email) for person in authors]
    target["author"] = target["authors"][0]


def _author(person: Person, show_email: bool) -> dict[str, str]:
    result = {"name": person.name}
    address = email_of(person, show_email)
    # JSON Feed has no e-mail; its text allows a mailto: link for the author's URL.
    url = person.url or (f"mailto:{address}" if address else None)
    if url:
        result["url"] = url
    if person.avatar:
        result["avatar"] = person.avatar
    return result


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    result: dict[str, Any] = {"url": enclosure.url, "mime_type": enclosure.media_type}
    if enclosure.title:
        result["title"] = enclosure.title
    if enclosure.length_bytes:
        result["size_in_bytes"] = enclosure.length_bytes
    if enclosure.duration_seconds:
        result["duration_in_seconds"] = enclosure.duration_seconds
    return result


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _expected(entry: Entry, content_mode: str) -> ParsedEntry:
    text = body_of(entry, content_mode) or entry.summary or heading(entry)
    return ParsedEntry(entry.id, title_of(entry) or None, entry.feed_link, entry.published, entry.updated, text)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    if None in result.values():
        raise ValueError("a key is null")
    return result


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


FORMAT = JsonFeed()
