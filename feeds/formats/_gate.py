"""The publish gate of every format: in come a parser's findings and the model, out goes nothing, or a RenderError.

What a document says of each entry is put into a `ParsedEntry` by its format; the comparison and the rules for URLs are here.
Must not fix anything: a difference stops the publish.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feeds.errors import RenderError
from feeds.extras import ATOM
from feeds.formats import _elements
from feeds.formats._elements import Element
from feeds.lazy_patterns import lazy_pattern
from feeds.model import NOT_XML, Entry, Feed

if TYPE_CHECKING:
    from lxml import etree

_HISTORY = "{http://purl.org/syndication/history/1.0}"
_RELATIONS = ("prev-archive", "next-archive", "current")
_ABSOLUTE = lazy_pattern(r"https?://[!-~]+\Z")
#: A value that does not begin as most URLs do. In quoted source text such a hit means nothing: then look closely.
_UNLIKE_A_URL = lazy_pattern(r"""=(?!["']https?://[!-~])""")
_NAMES = ("href", "src", "poster", "cite")
_TAG = lazy_pattern(r"""<[A-Za-z](?:[^"'<>]|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE = lazy_pattern(r"""\s([^\s=>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CANDIDATE = lazy_pattern(r"(?<![^\s,])([^\s,]\S*?)(?=,?(?:\s|\Z))(?:\s{1,9}[\d.]{1,12}[wxh](?=[\s,]|\Z)){0,2}")
#: A JSON escape; the group is one that XML could not carry: a control character, half a surrogate pair, U+FFFE.
_ESCAPE = lazy_pattern(r"\\(?:([bf]|u00[01]|u[dD][89a-fA-F]|u[fF]{3}[eEfF])|.)")
_STARTS_RIGHT = lazy_pattern(r"https?://[!-~]|mailto:|tel:|data:image/")


class ParsedEntry(NamedTuple):
    """What a document says of one entry; None where the format does not say it."""

    id: str | None
    title: str | None
    permalink: str | None
    published: datetime | None
    updated: datetime | None
    content: str | None


def difference(feed: Feed, format: str, what: str) -> RenderError:
    """The error that names the feed, the format and the first difference."""
    return RenderError(feed.path, format, what)


def parse_xml(body: bytes, feed: Feed, format: str) -> etree._Element:
    """The root of a document of well-formed XML 1.0 in declared UTF-8, with no byte order mark or document type."""
    from lxml import etree

    if not body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n"):
        raise difference(feed, format, "the document does not begin with its XML declaration in UTF-8")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise difference(feed, format, f"the document is not well-formed: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise difference(feed, format, "the document has a document type declaration")
    return root


def compare(feed: Feed, format: str, entries: Sequence[ParsedEntry], expected: Callable[[Entry], ParsedEntry]) -> None:
    """Number, order and every fact of the entries, against the model."""
    if len(entries) != len(feed.entries):
        raise difference(feed, format, f"the document has {len(entries)} entries, the model has {len(feed.entries)}")
    for place, (seen, entry) in enumerate(zip(entries, feed.entries, strict=True), 1):
        wanted = expected(entry)
        if seen != wanted:
            pairs = zip(ParsedEntry._fields, seen, wanted, strict=True)
            name, actual, meant = next(pair for pair in pairs if pair[1] != pair[2])
            raise difference(
                feed, format, f"entry {place} ({entry.id}): {name} is {_short(actual)}, the model says {_short(meant)}"
            )
        if wanted.content:
            wrong = wrong_url(wanted.content)
            if wrong is not None:
                raise difference(feed, format, f"entry {place} ({entry.id}): its content has the URL {_short(wrong)}, "
                                               "which is not absolute")  # fmt: skip


def same(feed: Feed, format: str, name: str, actual: object, expected: object) -> None:
    """One fact of the feed itself."""
    if actual != expected:
        raise difference(feed, format, f"{name} is {_short(actual)}, the model says {_short(expected)}")


def history(feed: Feed, format: str, parent: etree._Element, links: Sequence[etree._Element]) -> None:
    """What the document says of the feed's other documents (RFC 5005 sections 2 and 4)."""
    same(feed, format, "completeness", parent.find(f"{_HISTORY}complete") is not None, feed.complete)
    same(feed, format, "being an archive", parent.find(f"{_HISTORY}archive") is not None, feed.is_archive)
    actual = [(link.get("rel"), link.get("href")) for link in links if link.get("rel") in _RELATIONS]
    same(feed, format, "archive links", actual, list(feed.history.relations(format)) if feed.history else [])


def same_elements(feed: Feed, format: str, entry: Entry, actual: Sequence[object], expected: Sequence[object]) -> None:
    """The elements of other namespaces that an entry has: number, order, text and attributes."""
    for place in range(max(len(actual), len(expected))):
        one, other = (some[place] if place < len(some) else None for some in (actual, expected))
        if one != other:
            raise difference(feed, format, f"entry {entry.id}: an element is {_short(one)}, the model says {_short(other)}")


def has_elements(feed: Feed, format: str, where: str, parent: etree._Element, expected: tuple[Element, ...]) -> None:
    """The elements that the site declares are there, each as often as it has to be."""
    lost = _elements.missing(parent, expected, ATOM if format == "atom" else "") if expected else None
    if lost is not None:
        raise difference(feed, format, f"{where} lacks the element {_short(lost)}")


def absolute(feed: Feed, format: str, urls: Sequence[str | None]) -> None:
    """Every URL of the document's own elements is absolute, http(s) and ASCII."""
    for url in urls:
        if url is not None and not _ABSOLUTE.match(url):
            raise difference(feed, format, f"the URL {_short(url)} is not absolute http(s) in ASCII")


def text_is_clean(feed: Feed, format: str, text: str) -> None:
    """A JSON document's text could stand in XML too: no control character, no lone surrogate."""
    wrong = NOT_XML.search(text)
    if wrong:
        raise difference(feed, format, f"the document holds the character U+{ord(wrong[0]):04X}")
    if not any(start in text for start in ("\\u", "\\b", "\\f")):
        return
    escaped = next((match[1] for match in _ESCAPE.finditer(text) if match[1]), None)
    if escaped:
        raise difference(feed, format, f"the document holds the character \\{escaped}")


@lru_cache(32)
def wrong_url(html: str) -> str | None:
    """The first URL in the attributes of HTML that is not absolute or has a scheme that no reader should follow."""
    if "srcset=" not in html and not any(html.endswith(_NAMES, 0, hit.start()) for hit in _UNLIKE_A_URL.finditer(html)):
        return None
    for tag in _TAG.findall(html):
        for name, *values in _ATTRIBUTE.findall(tag):
            value = next(filter(None, values), "")
            if name.lower() not in (*_NAMES, "srcset"):
                continue
            urls = _CANDIDATE.findall(value) if name.lower() == "srcset" else [value]
            for url in urls or [value]:
                if not _STARTS_RIGHT.match(url):
                    return str(url)
    return None


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 160 else f"{text[:120]}… ({len(text)} characters)"
