"""What subscribers have now: in comes the output folder and its manifest, out go the entries of each published feed.

Reads one format of each feed, whichever there is: all say the same. No network, and nothing is trusted.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.urls import ARCHIVE_FILE_NAME, encode_path

_ATOM = "{http://www.w3.org/2005/Atom}"


class LiveEntry(NamedTuple):
    """An entry as a subscriber has it."""

    id: str
    title: str
    permalink: str
    published: str
    updated: str


def feeds(output: Path, manifest: Manifest, folders: Container[str] | None = None) -> dict[str, dict[str, LiveEntry]]:
    """By the feed's folder ("category/技术/"): its entries by id, without archives. What cannot be read counts as empty.

    Feeds of other folders than `folders` are not read, and have no entries.
    """
    results: dict[str, dict[str, LiveEntry]] = {}
    order = {"json": 0, "atom": 1, "rss": 2}
    documents = [
        (order[document.format], path, document.format)
        for path, document in manifest.documents.items()
        if document.format in order and (path not in manifest.moved or _names_itself(path, document, manifest))
    ]
    for _, path, format in sorted(documents):
        folder = path[: path.rfind("/") + 1]
        if folder in results or ARCHIVE_FILE_NAME.match(path):
            continue
        results[folder] = entries(output / path, format) if folders is None or folder in folders else {}
    return results


def _names_itself(path: str, document: PublishedDocument, manifest: Manifest) -> bool:
    """Whether this is a feed's own document: what lies at the address of one that has moved names another."""
    own = manifest.base_url + encode_path(path)
    return any(relation == "self" and url == own for relation, url, *_ in document.links)


def entries(file: Path, format: str) -> dict[str, LiveEntry]:
    """The entries of one document by id; none if it cannot be read."""
    try:
        return {entry.id: entry for entry in _READERS[format](file.read_bytes())}
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        # Somebody's hand was at the file.
        return {}


def _instant(text: str | None) -> str:
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")


def _json(body: bytes) -> Iterator[LiveEntry]:
    tree: Any = json.loads(body)
    for item in tree["items"]:
        published = _instant(item.get("date_published"))
        yield LiveEntry(
            item["id"], item.get("title", ""), item.get("url", ""), published, _instant(item.get("date_modified")) or published
        )


def _atom(body: bytes) -> Iterator[LiveEntry]:
    from lxml import etree

    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    for entry in root.iterfind(f"{_ATOM}entry"):
        link = next(
            (item.get("href", "") for item in entry.iterfind(f"{_ATOM}link") if item.get("rel", "alternate") == "alternate"), ""
        )
        updated = _instant(entry.findtext(f"{_ATOM}updated"))
        yield LiveEntry(
            entry.findtext(f"{_ATOM}id") or "", entry.findtext(f"{_ATOM}title") or "", link,
            _instant(entry.findtext(f"{_ATOM}published")) or updated, updated,
        )  # fmt: skip


def _rss(body: bytes) -> Iterator[LiveEntry]:
    from email.utils import parsedate_to_datetime

    from lxml import etree

    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    for item in root.iterfind("channel/item"):
        written = item.findtext("pubDate")
        published = parsedate_to_datetime(written).astimezone(UTC).isoformat(timespec="seconds") if written else ""
        yield LiveEntry(
            item.findtext("guid") or "", item.findtext("title") or "", item.findtext("link") or "", published, published
        )


_READERS = {"json": _json, "atom": _atom, "rss": _rss}
