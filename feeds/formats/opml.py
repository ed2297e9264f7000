"""OPML 2.0: in come all feeds of a site, out goes one file that a reader imports, as a tree of taxonomies and terms.

The date comes in with them, never from a clock. Must not import lxml early. One document for each site, so no Format.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from feeds.formats import _gate
from feeds.formats._strings import strings
from feeds.formats._wording import rfc822
from feeds.model import Feed, digest

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

NAME = "opml"
#: Moves with each change of the bytes written for equal arguments; part of the key.
VERSION = "1"

_DOCS = "http://opml.org/spec2.opml"


def key(title: str, feeds: Sequence[Feed], updated: datetime, language: str | None = None) -> str:
    """Digest of all that the document shows."""
    facts = ((feed.path, feed.taxonomy, feed.labels, feed.parent, feed.title, feed.description, feed.language) for feed in feeds)
    urls = (url for feed in feeds for url in (feed.home_page_url, _address(feed)))
    return digest(NAME, VERSION, title, rfc822(updated), strings(language).language, *urls, *map(repr, facts))


def document(title: str, feeds: Sequence[Feed], updated: datetime, language: str | None = None) -> bytes:
    """The outline of all feeds: the site's own, then a group for each taxonomy, a term's children below it.

    A term with children becomes a group that holds its own feed first: many readers look for feeds only in groups, and
    would miss those below a feed.
    """
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateModified").text = rfc822(updated)
    etree.SubElement(head, "docs").text = _DOCS
    body = etree.SubElement(root, "body")
    taxonomy = {feed.path: feed.taxonomy for feed in feeds}
    below: dict[tuple[str, str], list[Feed]] = {}
    for feed in feeds:
        # A term whose parent is of another taxonomy (the site) stands at the top of its own.
        parent = feed.parent if feed.parent is not None and taxonomy.get(feed.parent) == feed.taxonomy else ""
        below.setdefault((feed.taxonomy, parent), []).append(feed)
    for name in dict.fromkeys(feed.taxonomy for feed in feeds):
        top = below.get((name, ""), [])
        if name == "site":
            for feed in top:
                _outline(body, feed)
        else:
            group = etree.SubElement(body, "outline", text=strings(language).taxonomy(name))
            _branches(group, top, below)
    etree.indent(root, space=" ")
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def check(body: bytes, title: str, feeds: Sequence[Feed], updated: datetime) -> None:
    """Every feed stands in the document exactly once, with its own addresses. Raises RenderError."""
    site = next((feed for feed in feeds if feed.taxonomy == "site"), None) or feeds[0]
    root = _gate.parse_xml(body, site, NAME)
    _gate.same(site, NAME, "version", (root.tag, root.get("version")), ("opml", "2.0"))
    _gate.same(site, NAME, "title", root.findtext("head/title"), title)
    _gate.same(site, NAME, "date", root.findtext("head/dateModified"), rfc822(updated))
    outlines = [item for item in root.iter("outline") if item.get("type") == "rss"]
    actual = sorted(tuple(outline.get(name) or "" for name in ("xmlUrl", "htmlUrl", "title")) for outline in outlines)
    expected = sorted((_address(feed), feed.home_page_url, feed.title) for feed in feeds)
    _gate.same(site, NAME, "number of feeds", len(actual), len(expected))
    for actual_feed, expected_feed in zip(actual, expected, strict=True):
        _gate.same(site, NAME, "a feed", actual_feed, expected_feed)
    _gate.absolute(site, NAME, [url for item in actual for url in item[:2]])


def _branches(parent: etree._Element, feeds: Sequence[Feed], below: dict[tuple[str, str], list[Feed]]) -> None:
    from lxml import etree

    waiting = deque((parent, feed) for feed in feeds)
    while waiting:
        place, feed = waiting.popleft()
        children = below.get((feed.taxonomy, feed.path), [])
        if children:
            place = etree.SubElement(place, "outline", text=feed.labels[-1])
        _outline(place, feed)
        waiting.extend((place, child) for child in children)


def _outline(parent: etree._Element, feed: Feed) -> None:
    from lxml import etree

    outline = etree.SubElement(parent, "outline", type="rss", text=feed.title, title=feed.title, xmlUrl=_address(feed))
    outline.set("htmlUrl", feed.home_page_url)
    if feed.description and feed.description != feed.title:
        outline.set("description", feed.description)
    if feed.language:
        outline.set("language", feed.language)


def _address(feed: Feed) -> str:
    """The feed's address in the first format that it has; OPML says type="rss" of all of them."""
    return next(feed.urls[name] for name in ("rss", "atom", "json") if name in feed.urls)
