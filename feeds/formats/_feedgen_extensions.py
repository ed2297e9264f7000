"""Extensions of feedgen (`feedgen.ext`), each registered with `register_extension`: what feedgen cannot write, or writes wrongly.

In come model values by the methods of an extension, out go elements in the documents that feedgen makes. Each extension has a
name, under which it is an attribute of the feed or the entry: `dates`, `dc`, `links`, `media`, `language`, `history`, `elements`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension  # type: ignore[import-untyped]
from lxml import etree

from feeds.formats import _elements
from feeds.formats._elements import Element
from feeds.formats._wording import bare_type, rfc822
from feeds.model import Enclosure, Feed, Image, rfc3339

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
#: With the trailing slash that the Media RSS specification has.
MEDIA = "http://search.yahoo.com/mrss/"
HISTORY = "http://purl.org/syndication/history/1.0"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def register_for_feed(generator: Any, *names: str) -> None:
    """Register these extensions with a FeedGenerator, in their order."""
    for name in names:
        generator.register_extension(name, _OF_FEED[name], None)


def register_for_entry(item: Any, *names: str) -> None:
    """Register these extensions with a FeedEntry, in their order."""
    for name in names:
        item.register_extension(name, _OF_ENTRY[name])


class DatesExtension(BaseExtension):  # type: ignore[misc]
    """Dates in whole seconds of UTC: feedgen's own way to write RSS dates changes the locale of the whole process."""

    updated: datetime

    def extend_rss(self, root: etree._Element) -> etree._Element:
        """lastBuildDate (RSS 2.0)."""
        etree.SubElement(root[0], "lastBuildDate").text = rfc822(self.updated)
        return root

    def extend_atom(self, root: etree._Element) -> etree._Element:
        """`Z` for the zone (RFC 4287 section 3.3)."""
        _set_text(root, "updated", rfc3339(self.updated))
        return root


class DatesEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Dates of an entry, as `DatesExtension` writes them."""

    published: datetime
    updated: datetime

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """pubDate (RSS 2.0)."""
        etree.SubElement(item, "pubDate").text = rfc822(self.published)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """`Z` for the zone (RFC 4287 section 3.3)."""
        _set_text(entry, "updated", rfc3339(self.updated))
        _set_text(entry, "published", rfc3339(self.published))
        return entry


class DublinCoreExtension(BaseExtension):  # type: ignore[misc]
    """The namespace of `dc:creator`."""

    def extend_ns(self) -> Mapping[str, str]:
        """Prefix -> namespace."""
        return {"dc": DC}


class DublinCoreEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Authors without an e-mail address, or several of them: feedgen leaves them out of RSS."""

    def __init__(self) -> None:
        self.creators: Sequence[str] = ()
        self.contact = ""

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """dc:creator, or the item's author where there is an address; never both."""
        if self.contact:
            etree.SubElement(item, "author").text = self.contact
        for name in self.creators:
            etree.SubElement(item, f"{{{DC}}}creator").text = name
        return item


class LinksExtension(BaseExtension):  # type: ignore[misc]
    """Links of the channel: of those that it is given, feedgen writes only `self` into RSS."""

    def __init__(self) -> None:
        self.hubs: Sequence[str] = ()

    def extend_rss(self, root: etree._Element) -> etree._Element:
        """atom:link rel=hub (WebSub section 4)."""
        for hub in self.hubs:
            etree.SubElement(root[0], f"{{{ATOM}}}link", rel="hub", href=hub)
        return root


class LinksEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Links of an entry: feedgen loses their relation, type, length and title (lkiesow/python-feedgen #135, #143)."""

    def __init__(self) -> None:
        self._links: list[dict[str, str]] = []
        self._enclosures: Sequence[Enclosure] = ()
        self._translations: Sequence[tuple[str, str]] = ()
        self._permalink = ""

    def translations(self, permalink: str, some: Sequence[tuple[str, str]]) -> None:
        """(language, URL) of the entry in each of its languages, its own among them; for Atom alone."""
        if any(url == permalink for _, url in some):
            self._permalink, self._translations = permalink, some

    def add(self, relation: str, href: str | None, media_type: str = "") -> None:
        """A link, if there is an address."""
        if href:
            self._links.append({"rel": relation, **({"type": media_type} if media_type else {}), "href": href})

    def enclosures(self, some: Sequence[Enclosure]) -> None:
        """The entry's files (RFC 4287 section 4.2.7.2); for Atom alone."""
        self._enclosures = some

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """Each as atom:link."""
        for link in self._links:
            etree.SubElement(item, f"{{{ATOM}}}link", link)
        return item

    def _extend_translations(self, entry: etree._Element, own: etree._Element) -> None:
        """Other languages between the entry's own link with its language and its own link without.

        RFC 4287 section 4.1.2 allows one alternate for each type and language. Readers that know no `hreflang` take the first
        alternate (SimplePie, Miniflux) or the last (Newsboat, feedparser): both are the entry's own.
        """
        if not self._translations:
            return
        for language, url in self._translations:
            if url == self._permalink:
                own.set("hreflang", language)
            else:
                etree.SubElement(entry, "link", rel="alternate", type="text/html", hreflang=language, href=url)
        etree.SubElement(entry, "link", rel="alternate", type="text/html", href=own.get("href", ""))

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """The permalink as feedgen should have written it, then the others."""
        alternate = entry.find("link")
        assert alternate is not None  # noqa: S101  every entry is given its permalink
        alternate.set("rel", "alternate")
        alternate.set("type", "text/html")
        self._extend_translations(entry, alternate)
        for link in self._links:
            etree.SubElement(entry, "link", link)
        for enclosure in self._enclosures:
            result = etree.SubElement(entry, "link", rel="enclosure", type=enclosure.media_type, href=enclosure.url)
            if enclosure.length_bytes:
                result.set("length", str(enclosure.length_bytes))
            if enclosure.title:
                result.set("title", enclosure.title)
        return entry


class MediaExtension(BaseExtension):  # type: ignore[misc]
    """The namespace of Media RSS."""

    def extend_ns(self) -> Mapping[str, str]:
        """Prefix -> namespace."""
        return {"media": MEDIA}


class MediaEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Media RSS 1.5: the picture as content and thumbnail, and files for which RSS has no place.

    feedgen's own extension always groups them. No media:title or media:description: feedparser takes them for the entry's
    own and loses its content.
    """

    def __init__(self) -> None:
        self.picture: Image | None = None
        self.files: Sequence[Enclosure] = ()

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """The picture and the files."""
        self._write(item)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """The same."""
        self._write(entry)
        return entry

    def _write(self, parent: etree._Element) -> None:
        if self.picture is not None:
            _write_picture(parent, self.picture)
        for file in self.files:
            content = etree.SubElement(parent, f"{{{MEDIA}}}content", url=file.url, type=file.media_type)
            kind = file.media_type.partition("/")[0]
            if kind in ("image", "audio", "video"):
                content.set("medium", kind)
            if file.length_bytes:
                content.set("fileSize", str(file.length_bytes))
            if file.duration_seconds:
                content.set("duration", str(file.duration_seconds))


def _write_picture(parent: etree._Element, picture: Image) -> None:
    content = etree.SubElement(parent, f"{{{MEDIA}}}content", url=picture.url, medium="image")
    thumbnail = etree.SubElement(parent, f"{{{MEDIA}}}thumbnail", url=picture.url)
    for name, pixels in (("width", picture.width), ("height", picture.height)):
        if pixels:
            content.set(name, str(pixels))
            thumbnail.set(name, str(pixels))
    if picture.media_type:
        content.set("type", picture.media_type)


class LanguageEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """xml:lang of an entry whose language is not the feed's."""

    tag: str | None = None

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """The attribute on the item."""
        if self.tag:
            item.set(_XML_LANG, self.tag)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """The attribute on the entry."""
        return self.extend_rss(entry)


class HistoryExtension(BaseExtension):  # type: ignore[misc]
    """RFC 5005: that no post is anywhere else (section 2: what is not here is withdrawn), or where the others are (section 4)."""

    feed: Feed

    def extend_rss(self, root: etree._Element) -> etree._Element:
        """In the channel, links as atom:link."""
        self._write(root[0], f"{{{ATOM}}}link", "rss")
        return root

    def extend_atom(self, root: etree._Element) -> etree._Element:
        """In the feed."""
        self._write(root, "link", "atom")
        return root

    def _write(self, parent: etree._Element, link: str, format: str) -> None:
        mark = "complete" if self.feed.complete else "archive" if self.feed.is_archive else None
        if mark is not None:
            etree.SubElement(parent, f"{{{HISTORY}}}{mark}", nsmap={"fh": HISTORY})
        for relation, url in self.feed.history.relations(format) if self.feed.history else ():
            etree.SubElement(parent, link, rel=relation, href=url, type=bare_type(format))


class ElementsExtension(BaseExtension):  # type: ignore[misc]
    """Podcasts' elements and those of the site's own in a channel, and what its root declares for the entries' sake."""

    def __init__(self) -> None:
        self.elements: tuple[Element, ...] = ()
        self.namespaces: Mapping[str, str] = {}

    def extend_ns(self) -> Mapping[str, str]:
        """Prefix -> namespace."""
        return self.namespaces

    def extend_rss(self, root: etree._Element) -> etree._Element:
        """Write the elements into the channel."""
        _elements.write(root[0], self.elements)
        return root

    def extend_atom(self, root: etree._Element) -> etree._Element:
        """Write the elements into the feed."""
        _elements.write(root, self.elements)
        return root


class ElementsEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """The same in an item or entry."""

    def __init__(self) -> None:
        self.elements: tuple[Element, ...] = ()

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """Write the elements into the item."""
        _elements.write(item, self.elements)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """Write the elements into the entry."""
        _elements.write(entry, self.elements)
        return entry


_OF_FEED: Mapping[str, type] = {
    "dates": DatesExtension, "dc": DublinCoreExtension, "links": LinksExtension, "media": MediaExtension,
    "history": HistoryExtension, "elements": ElementsExtension,
}  # fmt: skip
_OF_ENTRY: Mapping[str, type] = {
    "dates": DatesEntryExtension, "dc": DublinCoreEntryExtension, "links": LinksEntryExtension, "media": MediaEntryExtension,
    "language": LanguageEntryExtension, "elements": ElementsEntryExtension,
}  # fmt: skip


def _set_text(parent: etree._Element, name: str, text: str) -> None:
    element = parent.find(name)
    assert element is not None  # noqa: S101  feedgen refuses a feed or entry without it
    element.text = text
