"""Atom 1.0: in comes a Feed, out goes a document of RFC 4287, with Media RSS and WebSub's links.

feedgen writes it (`_feedgen.py`); here are the joining and the check. Must import neither feedgen nor lxml early.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from feeds.formats import MEDIA_TYPES, _elements, _gate
from feeds.formats._gate import ParsedEntry
from feeds.formats._wording import body_of, heading
from feeds.model import Entry, Feed

if TYPE_CHECKING:
    from lxml import etree

_ATOM = "{http://www.w3.org/2005/Atom}"


class Atom:
    """Atom 1.0 (RFC 4287)."""

    name = "atom"
    media_type = MEDIA_TYPES["atom"]
    version = "2"

    def fragment(self, entry: Entry, *, content_mode: str, show_email: bool = False) -> bytes:
        """One `<entry>`."""
        from feeds.formats import _feedgen

        return _feedgen.atom_entry(entry, content_mode=content_mode, show_email=show_email)

    def document(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """Feed, entries, end."""
        from feeds.formats import _feedgen

        head, tail = _feedgen.atom_feed(feed)
        return b"".join((head, *(fragment + b"\n" for fragment in fragments), tail))

    def check(self, body: bytes, feed: Feed) -> None:
        """Raises RenderError with the first difference from the model."""
        root = _gate.parse_xml(body, feed, self.name)
        if root.tag != f"{_ATOM}feed":
            raise _gate.difference(feed, self.name, "the document is not an Atom feed")
        _gate.same(feed, self.name, "title", root.findtext(f"{_ATOM}title"), feed.title)
        _gate.same(feed, self.name, "id", root.findtext(f"{_ATOM}id"), feed.id)
        _gate.same(feed, self.name, "date", _moment(root.findtext(f"{_ATOM}updated")), feed.updated)
        _gate.same(feed, self.name, "self link", _hrefs(root, "self"), [feed.urls["atom"]])
        _gate.same(feed, self.name, "home page", _hrefs(root, "alternate", without="hreflang"), [feed.home_page_url])
        twins = [urls["atom"] for _, urls in feed.twins if "atom" in urls]
        twins += [feed.home_page_url] if feed.twins and feed.home_page_language else []
        links = [link.get("href") for link in root.findall(f"{_ATOM}link") if link.get("hreflang") is not None]
        _gate.same(feed, self.name, "twins", links, twins)
        _gate.history(feed, self.name, root, root.findall(f"{_ATOM}link"))
        _gate.same(feed, self.name, "hubs", _hrefs(root, "hub"), list(feed.hubs))
        _gate.has_elements(feed, self.name, "the feed", root, _elements.declared(feed.extras, "atom"))
        entries = root.findall(f"{_ATOM}entry")
        results = []
        for element in entries:
            permalinks = _hrefs(element, "alternate", without="hreflang")
            results.append(
                ParsedEntry(
                    id=element.findtext(f"{_ATOM}id"),
                    title=element.findtext(f"{_ATOM}title"),
                    permalink=permalinks[0] if len(permalinks) == 1 else None,
                    published=_moment(element.findtext(f"{_ATOM}published")),
                    updated=_moment(element.findtext(f"{_ATOM}updated")),
                    content=element.findtext(f"{_ATOM}content"),
                )
            )
            languages = [link.get("hreflang") for link in element.findall(f"{_ATOM}link") if link.get("hreflang") is not None]
            _gate.same(feed, self.name, "languages of an entry, each once", len(languages), len(set(languages)))
        _gate.compare(feed, self.name, results, lambda entry: _expected(entry, feed.content_mode))
        for element, entry in zip(entries, feed.entries, strict=True):
            if entry.extras:
                _gate.has_elements(feed, self.name, f"entry {entry.id}", element, _elements.declared(entry.extras, "atom"))
        _gate.absolute(feed, self.name, [link.get("href") for link in root.iter(f"{_ATOM}link")])


def _expected(entry: Entry, content_mode: str) -> ParsedEntry:
    body = body_of(entry, content_mode)
    return ParsedEntry(entry.id, heading(entry), entry.feed_link, entry.published, entry.updated, body or None)


def _hrefs(parent: etree._Element, relation: str, without: str = "") -> list[str | None]:
    """The addresses of the links of a relation, but for those that have the attribute `without`."""
    links = parent.findall(f"{_ATOM}link")
    return [link.get("href") for link in links if link.get("rel") == relation and (not without or link.get(without) is None)]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


FORMAT = Atom()
