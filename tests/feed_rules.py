"""A strict checker of whole feeds: in come a document and its address, out go findings by the W3C validator's names.

It knows the specs' rules and nothing of our code, so that it can be held against any feed. `findings` is the one call.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
#: Elements that say something by being there (RFC 5005).
_MARKS = (f"{HISTORY}complete", f"{HISTORY}archive")
#: Of podcasts, and others that the validator knows.
FURTHER = tuple(f"{{{uri}}}" for uri in (
    "http://www.itunes.com/dtds/podcast-1.0.dtd", "https://podcastindex.org/namespace/1.0", "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "http://purl.org/rss/1.0/modules/slash/", "http://purl.org/syndication/thread/1.0", "http://wellformedweb.org/CommentAPI/",
    "http://backend.userland.com/creativeCommonsRssModule", "http://webfeeds.org/rss/1.0",
))  # fmt: skip
KNOWN_NAMESPACES = (ATOM, DC, CONTENT, MEDIA, HISTORY, *FURTHER)

ATOM_SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))

_RFC822 = re.compile(r"(\w{3}), (\d{2}) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4}|GMT)\Z")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+ \([^()]+\)\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")

_CHANNEL = {
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate", "lastBuildDate",
    "category", "generator", "docs", "cloud", "ttl", "image", "rating", "textInput", "skipHours", "skipDays", "item",
}  # fmt: skip
_ITEM = {
    "title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source",
}  # fmt: skip
_RISKY_ELEMENTS = {
    "script", "style", "iframe", "object", "embed", "form", "input", "meta", "base", "link", "applet", "svg", "math",
    "frame", "frameset",
}  # fmt: skip
_URL_ATTRIBUTES = ("href", "src", "poster", "cite")

Finding = str


def findings(
    body: bytes, *, address: str | None = None, media_type: str | None = None, now: datetime | None = None
) -> list[Finding]:
    """All that is wrong with an RSS or Atom document; `now` bounds its dates."""
    return list(_findings(body, address, media_type, now or datetime(2100, 1, 1, tzinfo=UTC)))


def _findings(body: bytes, address: str | None, media_type: str | None, now: datetime) -> Iterator[Finding]:
    if media_type is not None and media_type.partition(";")[0] in ("application/xml", "text/xml", "text/plain"):
        yield f"NonSpecificMediaType: {media_type}"
    if body.startswith(b"\xef\xbb\xbf"):
        yield "ByteOrderMark: XML declared as UTF-8 needs none"
    if not body.startswith(b"<?xml"):
        yield "MissingDeclaration: no XML declaration"
    if b"<?xml-stylesheet" in body:
        yield "XslStylesheet: browsers drop it"
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        yield f"SAXError: {error}"
        return
    if root.getroottree().docinfo.doctype:
        yield "Doctype: no document type belongs in a feed"
    yield from _namespaces(root)
    if root.tag == "rss":
        yield from _rss(root, address, now)
    elif root.tag == f"{ATOM}feed":
        yield from _atom(root, address, now)
        if not ATOM_SCHEMA.validate(root):
            yield f"Schema: {ATOM_SCHEMA.error_log.last_error}"
    else:
        yield f"UndefinedElement: {root.tag}"


# what both have in common


def _namespaces(root: etree._Element) -> Iterator[Finding]:
    for element in root.iter():
        tag = str(element.tag)
        if tag.startswith("{") and not tag.startswith(KNOWN_NAMESPACES):
            yield f"UnknownNamespace: {tag}"


def _blank(element: etree._Element) -> Iterator[Finding]:
    for child in element:
        if not len(child) and not child.attrib and not (child.text or "").strip() and child.tag not in _MARKS:
            yield f"NotBlank: {child.tag}"


def _url(url: str | None, where: str) -> Iterator[Finding]:
    if not url:
        yield f"MissingHref: {where}"
    elif not url.isascii() or re.search(r"[\s<>\"{}|\\^`]", url):
        yield f"UriNotIri: {where} {url!r}"
    elif not re.match(r"https?://[^/?#]+", url):
        yield f"InvalidFullLink: {where} {url!r}"


def _canonical(uri: str) -> Iterator[Finding]:
    """RFC 4287 section 4.2.6: what a normalised URI is."""
    if not uri.isascii() or re.search(r"\s", uri):
        yield f"UriNotIri: id {uri!r}"
        return
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:.", uri):
        yield f"InvalidFullLink: id {uri!r}"
        return
    parts = urlsplit(uri)
    wrong = (
        uri.partition(":")[0] != uri.partition(":")[0].lower()
        or parts.netloc != parts.netloc.lower()
        or (parts.scheme, parts.netloc.rpartition(":")[2]) in (("http", "80"), ("https", "443"))
        or any(step in (".", "..") for step in parts.path.split("/"))
        or re.search(r"%(?:[0-9A-F]?[a-f]|[a-f])", uri) is not None
        or (bool(parts.netloc) and not parts.path)
    )
    if wrong:
        yield f"NonCanonicalURI: {uri}"


def _duplicates(element: etree._Element, repeatable: set[str]) -> Iterator[Finding]:
    for tag, count in Counter(str(child.tag) for child in element).items():
        if count > 1 and tag not in repeatable:
            yield f"DuplicateElement: {tag}"


def _plausible(moment: datetime, now: datetime) -> Iterator[Finding]:
    if moment > now or moment.year < 1970:
        yield f"ImplausibleDate: {moment}"


def _language(text: str | None) -> Iterator[Finding]:
    if text is not None and not _LANGUAGE.match(text):
        yield f"InvalidLanguage: {text!r}"


class _Content(HTMLParser):
    """What a reader's browser would meet in the HTML of an entry."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Finding] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _RISKY_ELEMENTS:
            self.found.append(f"SecurityRisk: <{tag}>")
        for name, value in attributes:
            if name.startswith("on"):
                self.found.append(f"SecurityRiskAttr: {name}")
            if name == "style":
                self.found.append("DangerousStyleAttr: style")
            urls = [value or ""] if name in _URL_ATTRIBUTES else []
            if name == "srcset":
                urls = [candidate.split()[0] for candidate in re.split(r",\s+", (value or "").strip())]
            for url in urls:
                if not re.match(r"(?:https?://.|mailto:|tel:|data:image/)", url):
                    self.found.append(f"ContainsRelRef: {name} {url!r}")
                elif not url.isascii():
                    self.found.append(f"UriNotIri: {name} {url!r}")


def html_findings(html: str) -> list[Finding]:
    """Scripts, styles and relative addresses in an entry's HTML."""
    parser = _Content()
    parser.feed(html)
    parser.close()
    return parser.found


# RSS 2.0


def _rss(root: etree._Element, address: str | None, now: datetime) -> Iterator[Finding]:
    if root.get("version") != "2.0":
        yield "MissingAttribute: version"
    channel = root.find("channel")
    if channel is None or len(root) != 1:
        yield "MissingElement: channel"
        return
    for name in ("title", "link", "description"):
        if channel.find(name) is None:
            yield f"MissingElement: channel {name}"
    yield from _unknown(channel, _CHANNEL)
    yield from _blank(channel)
    yield from _duplicates(channel, {"item", "category", f"{ATOM}link"})
    tags = [child.tag for child in channel]
    if "item" in tags and any(tag != "item" for tag in tags[tags.index("item") :]):
        yield "MisplacedItem: items come last"
    yield from _url(channel.findtext("link"), "channel link")
    yield from _language(channel.findtext("language"))
    ttl = channel.findtext("ttl")
    if ttl is not None and not (ttl.isdigit() and int(ttl) > 0):
        yield f"InvalidInteger: ttl {ttl!r}"
    for name in ("managingEditor", "webMaster"):
        contact = channel.findtext(name)
        if contact is not None and not _CONTACT.match(contact):
            yield f"InvalidContact: {name} {contact!r}"
    for name in ("lastBuildDate", "pubDate"):
        yield from _rfc822(channel.findtext(name), name, now)
    yield from _self_link(channel.findall(f"{ATOM}link"), address, "rss")
    yield from _image(channel)
    seen: set[str] = set()
    for item in channel.findall("item"):
        yield from _item(item, now)
        guid = item.findtext("guid")
        if guid in seen:
            yield f"DuplicateEntries: {guid}"
        seen.add(guid or "")


def _unknown(element: etree._Element, known: set[str]) -> Iterator[Finding]:
    for child in element:
        if not str(child.tag).startswith("{") and child.tag not in known:
            yield f"UndefinedElement: {element.tag} {child.tag}"


def _self_link(links: list[etree._Element], address: str | None, format: str) -> Iterator[Finding]:
    selves = [link for link in links if link.get("rel") == "self"]
    if not selves:
        yield "MissingAtomSelfLink" if format == "rss" else "MissingSelf"
    if len(selves) > 1:
        yield "DuplicateAtomLink: self"
    for link in selves:
        if address is not None and link.get("href") != address:
            yield f"SelfDoesntMatchLocation: {link.get('href')} at {address}"
        if link.get("type") != f"application/{format}+xml":
            yield f"SelfType: {link.get('type')}"
    for link in links:
        yield from _url(link.get("href"), f"link {link.get('rel')}")


def _image(channel: etree._Element) -> Iterator[Finding]:
    image = channel.find("image")
    if image is None:
        return
    if image.findtext("title") != channel.findtext("title"):
        yield "ImageTitleDoesntMatch"
    if image.findtext("link") != channel.findtext("link"):
        yield "ImageLinkDoesntMatch"
    yield from _url(image.findtext("url"), "image")
    for name, limit in (("width", 144), ("height", 400)):
        size = image.findtext(name)
        if size is not None and not (size.isdigit() and 0 < int(size) <= limit):
            yield f"InvalidImageSize: {name} {size}"


def _item(item: etree._Element, now: datetime) -> Iterator[Finding]:
    if item.find("title") is None and item.find("description") is None:
        yield "MissingElement: item title or description"
    yield from _unknown(item, _ITEM)
    yield from _blank(item)
    yield from _duplicates(
        item, {"category", "enclosure", f"{ATOM}link", f"{DC}creator", f"{MEDIA}content", f"{MEDIA}thumbnail", f"{MEDIA}group"}
    )
    if len(item.findall("enclosure")) > 1:
        yield "DuplicateEnclosure"
    for enclosure in item.findall("enclosure"):
        yield from _url(enclosure.get("url"), "enclosure")
        if not re.fullmatch(r"0|[1-9]\d*", enclosure.get("length") or ""):
            yield f"UseZeroForUnknown: length {enclosure.get('length')!r}"
        if "/" not in (enclosure.get("type") or ""):
            yield f"InvalidMIMEType: {enclosure.get('type')!r}"
    for name, core in (("creator", "author"), ("date", "pubDate"), ("title", "title"), ("description", "description")):
        if item.find(f"{DC}{name}") is not None and item.find(core) is not None:
            yield f"DuplicateItemSemantics: {core} and dc:{name}"
    tags = [child.tag for child in item]
    if f"{CONTENT}encoded" in tags and "description" in tags[tags.index(f"{CONTENT}encoded") :]:
        yield "NeedDescriptionBeforeContent"
    author = item.findtext("author")
    if author is not None and not _CONTACT.match(author):
        yield f"InvalidContact: author {author!r}"
    if author is None and item.find(f"{DC}creator") is None:
        yield "MissingElement: item author"
    guid = item.find("guid")
    if guid is None:
        yield "MissingGuid"
    elif guid.get("isPermaLink", "true") != "false" and not re.match(r"https?://", guid.text or ""):
        yield f"InvalidPermalink: {guid.text!r}"
    for name in ("link", "comments"):
        if item.find(name) is not None:
            yield from _url(item.findtext(name), name)
    for category in item.findall("category"):
        if category.get("domain") is not None:
            yield from _url(category.get("domain"), "category domain")
    yield from _rfc822(item.findtext("pubDate"), "pubDate", now)
    yield from _media(item)
    for name in ("description", f"{CONTENT}encoded"):
        yield from html_findings(item.findtext(name) or "")


def _rfc822(text: str | None, name: str, now: datetime) -> Iterator[Finding]:
    if text is None:
        return
    found = _RFC822.match(text)
    if not found or found[1] not in _DAYS or found[3] not in _MONTHS:
        yield f"InvalidRFC2822Date: {name} {text!r}"
        return
    hour, minute, second = int(found[5]), int(found[6]), int(found[7])
    moment = datetime(int(found[4]), _MONTHS.index(found[3]) + 1, int(found[2]), hour, minute, second, tzinfo=UTC)
    if _DAYS[moment.weekday()] != found[1]:
        yield f"IncorrectDOW: {name} {text!r}"
    yield from _plausible(moment, now)


def _media(item: etree._Element) -> Iterator[Finding]:
    for element in [*item.iter(f"{MEDIA}content"), *item.iter(f"{MEDIA}thumbnail")]:
        yield from _url(element.get("url"), "media")
        for name in ("width", "height", "fileSize", "duration"):
            value = element.get(name)
            if value is not None and not value.isdigit():
                yield f"InvalidInteger: media {name} {value!r}"
        if element.get("medium") not in (None, "image", "audio", "video", "document", "executable"):
            yield f"InvalidMedium: {element.get('medium')}"


# Atom 1.0


def _atom(root: etree._Element, address: str | None, now: datetime) -> Iterator[Finding]:
    for name in ("id", "title", "updated"):
        if root.find(f"{ATOM}{name}") is None:
            yield f"MissingElement: feed {name}"
    yield from _blank(root)
    once = {f"{ATOM}{name}" for name in ("author", "category", "contributor", "entry", "link")}
    yield from _duplicates(root, once)
    yield from _canonical(root.findtext(f"{ATOM}id") or "")
    yield from _rfc3339(root.findtext(f"{ATOM}updated"), now)
    yield from _language(root.get("{http://www.w3.org/XML/1998/namespace}lang"))
    links = root.findall(f"{ATOM}link")
    yield from _self_link(links, address, "atom")
    yield from _alternates(links)
    ids: set[tuple[str | None, str | None]] = set()
    for entry in root.findall(f"{ATOM}entry"):
        yield from _entry(entry, root, now)
        key = (entry.findtext(f"{ATOM}id"), None)
        if key in ids:
            yield f"DuplicateEntries: {key[0]}"
        ids.add(key)


def _alternates(links: list[etree._Element]) -> Iterator[Finding]:
    kinds = Counter((link.get("type"), link.get("hreflang")) for link in links if link.get("rel", "alternate") == "alternate")
    for kind, count in kinds.items():
        if count > 1:
            yield f"DuplicateAtomLink: alternate {kind}"


def _entry(entry: etree._Element, feed: etree._Element, now: datetime) -> Iterator[Finding]:
    for name in ("id", "title", "updated"):
        if entry.find(f"{ATOM}{name}") is None:
            yield f"MissingElement: entry {name}"
    if entry.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
        yield "MissingElement: author"
    yield from _blank(entry)
    yield from _canonical(entry.findtext(f"{ATOM}id") or "")
    links = entry.findall(f"{ATOM}link")
    yield from _alternates(links)
    for link in links:
        yield from _url(link.get("href"), f"link {link.get('rel')}")
        if link.get("rel") == "enclosure" and link.get("length") is not None and not link.get("length", "").isdigit():
            yield f"InvalidInteger: length {link.get('length')!r}"
    content = entry.find(f"{ATOM}content")
    if content is None:
        if entry.find(f"{ATOM}summary") is None:
            yield "MissingTextualContent"
        if not any(link.get("rel", "alternate") == "alternate" for link in links):
            yield "MissingContentOrAlternate"
    else:
        if content.get("type") not in ("text", "html", "xhtml"):
            yield f"InvalidMIMEType: content {content.get('type')!r}"
        if content.get("type") == "html":
            yield from html_findings(content.text or "")
    for name in ("published", "updated"):
        yield from _rfc3339(entry.findtext(f"{ATOM}{name}"), now)
    yield from _media(entry)


def _rfc3339(text: str | None, now: datetime) -> Iterator[Finding]:
    if text is None:
        return
    if not _RFC3339.match(text):
        yield f"InvalidRFC3339Date: {text!r}"
        return
    yield from _plausible(datetime.fromisoformat(text), now)
