"""The one adapter to feedgen: in come model values, out go the bytes of an item, an entry, or what stands around them.

feedgen writes what it writes rightly; the extensions of `_feedgen_extensions`, registered with it, write the rest.
Must not take feedgen's date path: it switches the locale of the whole process. Nobody else imports feedgen.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from feedgen.entry import FeedEntry  # type: ignore[import-untyped]
from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]
from lxml import etree

from feeds.formats import _elements
from feeds.formats._feedgen_extensions import ATOM, CONTENT, DC, MEDIA, register_for_entry, register_for_feed
from feeds.formats._wording import GENERATOR, bare_type, body_of, email_of, heading, title_of
from feeds.model import Entry, Feed, Person

#: Declared on every root, used or not, so that an item serialised once fits into every document.
RSS_NAMESPACES = {"dc": DC, "media": MEDIA, "atom": ATOM, "content": CONTENT}
ATOM_NAMESPACES = {"media": MEDIA}

_DOCS = "https://www.rssboard.org/rss-specification"
_RSS_IMAGES = (".png", ".jpg", ".jpeg", ".gif")


def rss_item(entry: Entry, *, content_mode: str, show_email: bool) -> bytes:
    """One `<item>` of an RSS channel whose root declares RSS_NAMESPACES."""
    result = FeedEntry()
    body = body_of(entry, content_mode)
    if title := title_of(entry):
        result.title(title)
    result.link(href=entry.feed_link)
    if entry.summary:
        # A description is HTML to every reader (RSS Profile): plain text that says "<b>" must go in as "&lt;b>".
        result.summary(escape(entry.summary, quote=False))
    if body:
        result.content(body, type="html")
    if not (title or entry.summary or body):
        result.title(heading(entry))
    result.guid(entry.id, permalink=entry.id == entry.permalink)
    _categories(result, entry)
    if entry.comments_url:
        result.comments(entry.comments_url)
    if entry.enclosures:
        first = entry.enclosures[0]
        result.enclosure(first.url, str(first.length_bytes), first.media_type)
    register_for_entry(result, "dates", "dc", "links", "media", "language")
    result.dates.published = entry.published
    alone = entry.authors[0] if len(entry.authors) == 1 else None
    address = email_of(alone, show_email) if alone else None
    if alone and address:
        result.dc.contact = _contact(alone, address)
    else:
        result.dc.creators = [person.name for person in entry.authors]
    _links_elsewhere(result, entry)
    result.media.picture, result.media.files = entry.image, entry.enclosures[1:]
    result.language.tag = entry.language
    namespaces = _entry_elements(result, entry, "rss", RSS_NAMESPACES)
    return _cut(result.rss_entry(), "rss", namespaces, b"<item", b"</item>")


def rss_channel(feed: Feed) -> tuple[bytes, bytes]:
    """What stands before and after the items of an RSS document."""
    result = _generator(feed)
    # The channel's link is the last one given, so the home page comes last.
    result.link(href=feed.urls["rss"], rel="self", type=bare_type("rss"))
    result.link(href=feed.home_page_url, rel="alternate")
    result.docs(_DOCS)
    result.ttl(max(1, feed.max_age_seconds // 60))
    # RSS 2.0 requires a description.
    result.subtitle(feed.description or feed.title)
    image = next((url for url in (feed.logo, feed.icon) if url and _path(url).endswith(_RSS_IMAGES)), None)
    if image:
        result.image(url=image, title=feed.title, link=feed.home_page_url)
    address = email_of(feed.authors[0], feed.show_email)
    if address:
        result.managingEditor(_contact(feed.authors[0], address))
    if feed.rsscloud:
        server = urlsplit(feed.rsscloud)
        port = server.port or (443 if server.scheme == "https" else 80)
        result.cloud(server.hostname, str(port), server.path.rstrip("/") + "/pleaseNotify", "", _cloud_protocol(server.scheme))
    # The channel's date is written by us: feedgen's own way to write it calls locale.setlocale.
    result._FeedGenerator__rss_lastBuildDate = None
    register_for_feed(result, "dc", "media", "dates", "links", "history")
    result.dates.updated, result.links.hubs, result.history.feed = feed.updated, feed.hubs, feed
    _feed_elements(result, feed, "rss")
    return _around(result.rss_str(pretty=True), b"</channel>")


def atom_entry(entry: Entry, *, content_mode: str, show_email: bool) -> bytes:
    """One `<entry>` of an Atom feed whose root declares ATOM_NAMESPACES."""
    result = FeedEntry()
    body = body_of(entry, content_mode)
    result.id(entry.id)
    result.title(heading(entry))
    result.updated(entry.updated)
    result.published(entry.published)
    result.author([_author(person, show_email) for person in entry.authors])
    result.link(href=entry.feed_link)
    if body:
        result.content(body, type="html")
    if entry.summary or not body:
        # Without content or summary a reader has nothing to show (the validator's MissingTextualContent).
        result.summary(entry.summary or heading(entry))
    _categories(result, entry)
    if entry.rights:
        result.rights(entry.rights)
    register_for_entry(result, "dates", "links", "media", "language")
    result.dates.published, result.dates.updated = entry.published, entry.updated
    result.links.translations(entry.permalink, entry.translations)
    result.links.add("replies", entry.comments_url, "text/html")
    _links_elsewhere(result, entry)
    result.links.enclosures(entry.enclosures)
    result.media.picture = entry.image
    result.language.tag = entry.language
    namespaces = _entry_elements(result, entry, "atom", ATOM_NAMESPACES)
    return _cut(result.atom_entry(), "feed", namespaces, b"<entry", b"</entry>", xmlns=ATOM)


def atom_feed(feed: Feed) -> tuple[bytes, bytes]:
    """What stands before and after the entries of an Atom document."""
    result = _generator(feed)
    result.id(feed.id)
    result.updated(feed.updated)
    result.author([_author(person, feed.show_email) for person in feed.authors])
    # One alternate only, and first, with twins also the last: SimplePie takes the first for the site's address, Newsboat the
    # last, others the first link of any kind. The other formats are named in the page's head and in the Link header.
    result.link(href=feed.home_page_url, rel="alternate", type="text/html")
    for language, urls in feed.twins:
        if "atom" in urls:
            result.link(href=urls["atom"], rel="alternate", type=bare_type("atom"), hreflang=language)
    if feed.twins and feed.home_page_language:
        result.link(href=feed.home_page_url, rel="alternate", type="text/html", hreflang=feed.home_page_language)
    result.link(href=feed.urls["atom"], rel="self", type=bare_type("atom"))
    for hub in feed.hubs:
        result.link(href=hub, rel="hub")
    result.subtitle(feed.description or None)
    if feed.icon:
        result.icon(feed.icon)
    if feed.logo:
        result.logo(feed.logo)
    register_for_feed(result, "media", "dates", "history")
    result.dates.updated, result.history.feed = feed.updated, feed
    _feed_elements(result, feed, "atom")
    return _around(result.atom_str(pretty=True), b"</feed>")


def _links_elsewhere(item: Any, entry: Entry) -> None:
    """What the entry is about (RFC 4287 section 4.2.7.2), where it first stood (RFC 6596)."""
    item.links.add("related", entry.via)
    item.links.add("canonical", entry.canonical)


def _cloud_protocol(scheme: str) -> str:
    """rssCloud's name for a server that takes forms by POST."""
    return "https-post" if scheme == "https" else "http-post"


def _generator(feed: Feed) -> Any:
    result = FeedGenerator()
    result.title(feed.title)
    result.generator(GENERATOR)
    if feed.language:
        result.language(feed.language)
    if feed.rights:
        result.rights(feed.rights)
    return result


def _feed_elements(generator: Any, feed: Feed, format: str) -> None:
    """A podcast's elements and those of the site's own, and what the root declares for the entries' sake."""
    namespaces, elements = _elements.of_format(feed.namespaces, format), _elements.of_feed(feed, format)
    if namespaces or elements:
        register_for_feed(generator, "elements")
        generator.elements.namespaces, generator.elements.elements = namespaces, elements


def _entry_elements(item: Any, entry: Entry, format: str, namespaces: Mapping[str, str]) -> Mapping[str, str]:
    """The same for an entry; returns what the root of its document declares."""
    elements = _elements.of_entry(entry, format)
    if not elements:
        return namespaces
    register_for_entry(item, "elements")
    item.elements.elements = elements
    return {**namespaces, **_elements.of_format(_elements.namespaces_of(entry), format)}


def _categories(item: Any, entry: Entry) -> None:
    if entry.categories:
        item.category(
            [{"term": category.term, "scheme": category.scheme, "label": category.label} for category in entry.categories]
        )


def _author(person: Person, show_email: bool) -> dict[str, str | None]:
    return {"name": person.name, "uri": person.url, "email": email_of(person, show_email)}


def _contact(person: Person, address: str) -> str:
    """`addr@host (Name)`: the only form that RSS 2.0 and its validator take; a comment cannot hold a parenthesis."""
    return f"{address} ({person.name.replace('(', '[').replace(')', ']')})"


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
