"""The one adapter to feedgen: in come model values, out go the bytes of an item, an entry, or what stands around them.

feedgen writes what it writes rightly; `_ItemElements` and the like, extensions in feedgen's own sense, write the rest.
Must not take feedgen's date path: it switches the locale of the whole process. Nobody else imports feedgen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from feedgen.entry import FeedEntry  # type: ignore[import-untyped]
from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]
from lxml import etree

from feeds.formats import _elements
from feeds.formats._feedgen_extensions import ElementsEntryExtension, ElementsExtension
from feeds.formats._wording import GENERATOR, bare_type, body_of, email_of, heading, rfc822, title_of
from feeds.model import Enclosure, Entry, Feed, Image, Person, rfc3339

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
#: With the trailing slash that the Media RSS specification has.
MEDIA = "http://search.yahoo.com/mrss/"
HISTORY = "http://purl.org/syndication/history/1.0"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

#: Declared on every root, used or not, so that an item serialised once fits into every document.
RSS_NAMESPACES = {"dc": DC, "media": MEDIA, "atom": ATOM, "content": CONTENT}
ATOM_NAMESPACES = {"media": MEDIA}

_DOCS = "https://www.rssboard.org/rss-specification"
_RSS_IMAGES = (".png", ".jpg", ".jpeg", ".gif")


def rss_item(entry: Entry, *, content_mode: str, show_email: bool) -> bytes:
    """One `<item>` of an RSS channel whose root declares RSS_NAMESPACES."""
    made = FeedEntry()
    body = body_of(entry, content_mode)
    if title := title_of(entry):
        made.title(title)
    made.link(href=entry.feed_link)
    if entry.summary:
        # A description is HTML to every reader (RSS Profile): plain text that says "<b>" must go in as "&lt;b>".
        made.summary(escape(entry.summary, quote=False))
    if body:
        made.content(body, type="html")
    if not (title or entry.summary or body):
        made.title(heading(entry))
    made.guid(entry.id, permalink=entry.id == entry.permalink)
    _categories(made, entry)
    if entry.comments_url:
        made.comments(entry.comments_url)
    if entry.enclosures:
        first = entry.enclosures[0]
        made.enclosure(first.url, str(first.length_bytes), first.media_type)
    _extend(made, lambda: _ItemElements(entry, show_email), rss=True)
    namespaces = RSS_NAMESPACES
    if elements := _elements.of_entry(entry, "rss"):
        made.register_extension("elements", ElementsEntryExtension, atom=False, rss=True)
        made.elements.elements = elements
        namespaces = {**RSS_NAMESPACES, **dict(_elements.namespaces_of(entry))}
    return _cut(made.rss_entry(), "rss", namespaces, b"<item", b"</item>")


def rss_channel(feed: Feed) -> tuple[bytes, bytes]:
    """What stands before and after the items of an RSS document."""
    made = _generator(feed)
    # The channel's link is the last one given, so the home page comes last.
    made.link(href=feed.urls["rss"], rel="self", type=bare_type("rss"))
    made.link(href=feed.home_page_url, rel="alternate")
    made.docs(_DOCS)
    made.ttl(max(1, feed.max_age_seconds // 60))
    # RSS 2.0 requires a description.
    made.subtitle(feed.description or feed.title)
    image = next((url for url in (feed.logo, feed.icon) if url and _path(url).endswith(_RSS_IMAGES)), None)
    if image:
        made.image(url=image, title=feed.title, link=feed.home_page_url)
    address = email_of(feed.authors[0], feed.show_email)
    if address:
        made.managingEditor(_contact(feed.authors[0], address))
    if feed.rsscloud:
        server = urlsplit(feed.rsscloud)
        port = server.port or (443 if server.scheme == "https" else 80)
        made.cloud(server.hostname, str(port), server.path.rstrip("/") + "/pleaseNotify", "", _cloud_protocol(server.scheme))
    # The channel's date is written by us: feedgen's own way to write it calls locale.setlocale.
    made._FeedGenerator__rss_lastBuildDate = None
    made.register_extension("feeds", lambda: _ChannelElements(feed), None, atom=False, rss=True)
    _channel_elements(made, feed, "rss")
    return _around(made.rss_str(pretty=True), b"</channel>")


def atom_entry(entry: Entry, *, content_mode: str, show_email: bool) -> bytes:
    """One `<entry>` of an Atom feed whose root declares ATOM_NAMESPACES."""
    made = FeedEntry()
    body = body_of(entry, content_mode)
    made.id(entry.id)
    made.title(heading(entry))
    made.updated(entry.updated)
    made.published(entry.published)
    made.author([_author(person, show_email) for person in entry.authors])
    made.link(href=entry.feed_link)
    if body:
        made.content(body, type="html")
    if entry.summary or not body:
        # Without content or summary a reader has nothing to show (the validator's MissingTextualContent).
        made.summary(entry.summary or heading(entry))
    _categories(made, entry)
    if entry.rights:
        made.rights(entry.rights)
    _extend(made, lambda: _EntryElements(entry), atom=True)
    namespaces = ATOM_NAMESPACES
    if elements := _elements.of_entry(entry, "atom"):
        made.register_extension("elements", ElementsEntryExtension, atom=True, rss=False)
        made.elements.elements = elements
        namespaces = {**ATOM_NAMESPACES, **_elements.of_format(_elements.namespaces_of(entry), "atom")}
    return _cut(made.atom_entry(), "feed", namespaces, b"<entry", b"</entry>", xmlns=ATOM)


def atom_feed(feed: Feed) -> tuple[bytes, bytes]:
    """What stands before and after the entries of an Atom document."""
    made = _generator(feed)
    made.id(feed.id)
    made.updated(feed.updated)
    made.author([_author(person, feed.show_email) for person in feed.authors])
    # One alternate only, and first: SimplePie takes the first for the site's address, Newsboat the last, others the
    # first link of any kind. The other formats are named in the page's head and in the Link header.
    made.link(href=feed.home_page_url, rel="alternate", type="text/html")
    made.link(href=feed.urls["atom"], rel="self", type=bare_type("atom"))
    for hub in feed.hubs:
        made.link(href=hub, rel="hub")
    made.subtitle(feed.description or None)
    if feed.icon:
        made.icon(feed.icon)
    if feed.logo:
        made.logo(feed.logo)
    made.register_extension("feeds", lambda: _FeedElements(feed), None, atom=True, rss=False)
    _channel_elements(made, feed, "atom")
    return _around(made.atom_str(pretty=True), b"</feed>")


class _ItemElements:
    """What feedgen cannot write into an RSS item: its date, names without an address, more media, a language."""

    def __init__(self, entry: Entry, show_email: bool) -> None:
        self.entry, self.show_email = entry, show_email

    def extend_rss(self, item: etree._Element) -> None:
        entry = self.entry
        etree.SubElement(item, "pubDate").text = rfc822(entry.published)
        alone = entry.authors[0] if len(entry.authors) == 1 else None
        address = email_of(alone, self.show_email) if alone else None
        if alone and address:
            etree.SubElement(item, "author").text = _contact(alone, address)
        else:
            for person in entry.authors:
                etree.SubElement(item, f"{{{DC}}}creator").text = person.name
        for relation, url in _elsewhere(entry):
            etree.SubElement(item, f"{{{ATOM}}}link", rel=relation, href=url)
        _media(item, entry.image, entry.enclosures[1:])
        if entry.language:
            item.set(_XML_LANG, entry.language)


def _elsewhere(entry: Entry) -> Iterator[tuple[str, str]]:
    """Pages elsewhere by their relation: what the entry is about (RFC 4287 section 4.2.7.2), where it first stood (RFC 6596)."""
    if entry.via:
        yield "related", entry.via
    if entry.canonical:
        yield "canonical", entry.canonical


class _ChannelElements:
    """What feedgen cannot write into a channel: its date, and relations other than `self`."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    def extend_ns(self) -> Mapping[str, str]:
        return {"dc": DC, "media": MEDIA}

    def extend_rss(self, root: etree._Element) -> None:
        channel = root[0]
        etree.SubElement(channel, "lastBuildDate").text = rfc822(self.feed.updated)
        for hub in self.feed.hubs:
            etree.SubElement(channel, f"{{{ATOM}}}link", rel="hub", href=hub)
        _history(channel, self.feed, f"{{{ATOM}}}link", "rss")


class _EntryElements:
    """What feedgen gets wrong or cannot write in an Atom entry: its links, `Z` in dates, media, a language."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def extend_atom(self, element: etree._Element) -> None:
        entry = self.entry
        _zulu(element, "updated", rfc3339(entry.updated))
        _zulu(element, "published", rfc3339(entry.published))
        # feedgen wrote the permalink with no more than its address, and would do so with every link.
        alternate = element.find("link")
        assert alternate is not None  # noqa: S101  given by atom_entry
        alternate.set("rel", "alternate")
        alternate.set("type", "text/html")
        if entry.comments_url:
            etree.SubElement(element, "link", rel="replies", type="text/html", href=entry.comments_url)
        for relation, url in _elsewhere(entry):
            etree.SubElement(element, "link", rel=relation, href=url)
        for enclosure in entry.enclosures:
            link = etree.SubElement(element, "link", rel="enclosure", type=enclosure.media_type, href=enclosure.url)
            if enclosure.length_bytes:
                link.set("length", str(enclosure.length_bytes))
            if enclosure.title:
                link.set("title", enclosure.title)
        _media(element, entry.image, ())
        if entry.language:
            element.set(_XML_LANG, entry.language)


class _FeedElements:
    """The Atom root's namespaces, and `Z` in its date."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    def extend_ns(self) -> Mapping[str, str]:
        return ATOM_NAMESPACES

    def extend_atom(self, root: etree._Element) -> None:
        _zulu(root, "updated", rfc3339(self.feed.updated))
        _history(root, self.feed, "link", "atom")


def _cloud_protocol(scheme: str) -> str:
    """rssCloud's name for a server that takes forms by POST."""
    return "https-post" if scheme == "https" else "http-post"


def _history(parent: etree._Element, feed: Feed, link: str, format: str) -> None:
    """What RFC 5005 says of a document: that no post is anywhere else (section 2: what is not here is withdrawn), or where
    the others are (section 4).
    """
    mark = "complete" if feed.complete else "archive" if feed.is_archive else None
    if mark is not None:
        etree.SubElement(parent, f"{{{HISTORY}}}{mark}", nsmap={"fh": HISTORY})
    for relation, url in feed.history.relations(format) if feed.history else ():
        etree.SubElement(parent, link, rel=relation, href=url, type=bare_type(format))


def _generator(feed: Feed) -> Any:
    made = FeedGenerator()
    made.title(feed.title)
    made.generator(GENERATOR)
    if feed.language:
        made.language(feed.language)
    if feed.rights:
        made.rights(feed.rights)
    return made


def _channel_elements(made: Any, feed: Feed, format: str) -> None:
    """Elements of other namespaces in the channel, and what the root declares for the entries' sake."""
    namespaces, elements = _elements.of_format(feed.namespaces, format), _elements.of_feed(feed, format)
    if namespaces or elements:
        made.register_extension("elements", ElementsExtension, None, atom=format == "atom", rss=format == "rss")
        made.elements.namespaces, made.elements.elements = namespaces, elements


def _extend(made: Any, elements: Callable[[], object], *, rss: bool = False, atom: bool = False) -> None:
    made.register_extension("feeds", elements, atom=atom, rss=rss)


def _categories(made: Any, entry: Entry) -> None:
    if entry.categories:
        made.category([{"term": one.term, "scheme": one.scheme, "label": one.label} for one in entry.categories])


def _author(person: Person, show_email: bool) -> dict[str, str | None]:
    return {"name": person.name, "uri": person.url, "email": email_of(person, show_email)}


def _contact(person: Person, address: str) -> str:
    """`addr@host (Name)`: the only form that RSS 2.0 and its validator take; a comment cannot hold a parenthesis."""
    return f"{address} ({person.name.replace('(', '[').replace(')', ']')})"


def _media(parent: etree._Element, image: Image | None, enclosures: tuple[Enclosure, ...]) -> None:
    """Media RSS 1.5: the picture as content and thumbnail, and the enclosures for which RSS has no place.

    No media:title or media:description: feedparser takes them for the entry's own and loses its content.
    """
    if image:
        content = etree.SubElement(parent, f"{{{MEDIA}}}content", url=image.url, medium="image")
        thumbnail = etree.SubElement(parent, f"{{{MEDIA}}}thumbnail", url=image.url)
        for name, pixels in (("width", image.width), ("height", image.height)):
            if pixels:
                content.set(name, str(pixels))
                thumbnail.set(name, str(pixels))
        if image.media_type:
            content.set("type", image.media_type)
    for one in enclosures:
        content = etree.SubElement(parent, f"{{{MEDIA}}}content", url=one.url, type=one.media_type)
        kind = one.media_type.partition("/")[0]
        if kind in ("image", "audio", "video"):
            content.set("medium", kind)
        if one.length_bytes:
            content.set("fileSize", str(one.length_bytes))
        if one.duration_seconds:
            content.set("duration", str(one.duration_seconds))


def _zulu(parent: etree._Element, name: str, text: str) -> None:
    element = parent.find(name)
    assert element is not None  # noqa: S101  feedgen refuses an entry without it
    element.text = text


def _path(url: str) -> str:
    return url.partition("?")[0].partition("#")[0].lower()


def _cut(element: etree._Element, root: str, namespaces: Mapping[str, str], start: bytes, end: bytes, **attributes: str) -> bytes:
    """The element's bytes as they stand in a document whose root declares these namespaces."""
    whole = etree.Element(root, attributes, nsmap=dict(namespaces))
    whole.append(element)
    text: bytes = etree.tostring(whole, encoding="UTF-8", pretty_print=True, xml_declaration=False)
    return text[text.index(start) : text.rindex(end) + len(end)]


def _around(document: bytes, end: bytes) -> tuple[bytes, bytes]:
    """A document without entries, cut where they belong; RSS 2.0 and its validator want items last."""
    cut = document.rindex(end)
    return document[:cut].rstrip() + b"\n", document[cut:]
