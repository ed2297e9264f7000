"""Only what is new (RFC 3229 with `feed` as instance manipulation): a reader's old validator comes in, the entries that the
document had not under it go out as a document of their own, answered 226.

What each version of a feed held is remembered as digests of its entries, beside the pack. Knows our own documents alone: it
cuts them at the tags and lines that our formats write. Must not answer where a cache between us and the reader would mix up
versions: see `applies`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from feeds import http_headers
from feeds.lazy_patterns import lazy_pattern
from feeds.urls import ARCHIVE_FILE_NAME

FILE_NAME = "deltas.sqlite"
#: So many versions of a document are known; a reader that has an older one gets the whole document.
VERSIONS = 32
_DIGEST_BYTES = 8
#: Longer deltas are not compressed while others wait; a reader that takes a coding gets the whole document, which is.
_LARGEST_CODED_BYTES = 262_144
_SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
  number INTEGER PRIMARY KEY, path TEXT NOT NULL, tag TEXT NOT NULL, entries BLOB NOT NULL, UNIQUE (path, tag));
"""
#: Where the first entry begins and how an entry ends, by format. Text in XML holds no "<", a string in JSON no line end.
_ENTRIES = {
    "rss": lazy_pattern(rb"<item[ >].*?(?:</item>\s*+|\Z)", re.DOTALL),
    "atom": lazy_pattern(rb"<entry[ >].*?(?:</entry>\s*+|\Z)", re.DOTALL),
    "json": lazy_pattern(rb"^\{.*\},?\n", re.MULTILINE),
}
FORMATS = tuple(_ENTRIES)
_JSON_ITEMS = b'"items": ['
#: A part of a feed must not say that it is all of it (RFC 5005 section 2): its reader would drop everything else.
_COMPLETE = lazy_pattern(rb"<(\w+):complete\b[^<>]*/>\s*+")


class FeedParts(NamedTuple):
    """A document of a feed, cut: what is before the entries, each entry, what is behind them."""

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes

    def digests(self) -> bytes:
        """Eight bytes for each entry."""
        return b"".join(map(_digest, self.entries))


def _digest(entry: bytes) -> bytes:
    return blake2b(entry.rstrip(b"\n ,"), digest_size=_DIGEST_BYTES).digest()


def cut(format: str, body: bytes) -> FeedParts | None:
    """The parts of a document; None if it is not of a format that can be cut, or has no entries."""
    pattern = _ENTRIES.get(format)
    if pattern is None:
        return None
    start = body.find(_JSON_ITEMS) + len(_JSON_ITEMS) + 1 if format == "json" else 0
    spans = [match.span() for match in pattern.finditer(body, start)]
    if not spans or (format == "json" and start <= len(_JSON_ITEMS)):
        return None
    return FeedParts(body[: spans[0][0]], tuple(body[first:end] for first, end in spans), body[spans[-1][1] :])


def joined(format: str, parts: FeedParts, entries: Iterable[bytes]) -> bytes:
    """A document of some of the entries."""
    if format == "json":
        return parts.head + b",\n".join(entry.rstrip(b"\n,") for entry in entries) + b"\n" + parts.tail
    # What is behind the last entry is indented less than what is between two.
    return _COMPLETE.sub(b"", parts.head) + b"".join(entries).rstrip() + b"\n" + parts.tail


# what is remembered


def remember(store: Path, documents: Mapping[str, tuple[str, str, bytes]], paths: Collection[str]) -> None:
    """Note down the entries of changed documents by request path: (format, tag, body). All but `paths` are forgotten."""
    with closing(_open(store)) as base, base:
        stored_paths = {path for (path,) in base.execute("SELECT DISTINCT path FROM versions")}
        base.executemany("DELETE FROM versions WHERE path=?", [(path,) for path in sorted(stored_paths.difference(paths))])
        for path, (format, tag, body) in documents.items():
            parts = cut(format, body)
            if parts is None:
                continue
            # A version that is published again is the newest again.
            base.execute("DELETE FROM versions WHERE path=? AND tag=?", (path, tag))
            base.execute("INSERT INTO versions (path, tag, entries) VALUES (?, ?, ?)", (path, tag, parts.digests()))
            base.execute(
                "DELETE FROM versions WHERE path=? AND number NOT IN "
                "(SELECT number FROM versions WHERE path=? ORDER BY number DESC LIMIT ?)",
                (path, path, VERSIONS),
            )


def unknown(store: Path, tags: Mapping[str, str]) -> list[str]:
    """The request paths whose document, by its tag, is not noted down as the newest version."""
    with closing(_open(store)) as base:
        newest = dict(
            base.execute("SELECT path, tag FROM versions WHERE number IN (SELECT max(number) FROM versions GROUP BY path)")
        )
    return [path for path, tag in tags.items() if newest.get(path) != tag]


def is_feed(format: str, path: str) -> bool:
    """Whether a document is one to subscribe to, in a format that can be cut."""
    return format in _ENTRIES and not ARCHIVE_FILE_NAME.match(path)


def _open(store: Path) -> sqlite3.Connection:
    base = sqlite3.connect(store / FILE_NAME, timeout=5)
    base.executescript(_SCHEMA)
    return base


def _known(store: Path, path: str, tags: Iterable[str]) -> tuple[str, bytes] | None:
    """Tag and entries of the newest of these versions of a document; None if none is known."""
    file = store / FILE_NAME
    if not file.exists():
        return None
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=1)) as base:
        for tag in tags:
            row = base.execute("SELECT entries FROM versions WHERE path=? AND tag=?", (path, tag)).fetchone()
            if row is not None:
                return tag, row[0]
    return None


# answers


def applies(a_im: str | None, via: str | None, if_none_match: str | None) -> bool:
    """Whether a request asks for a delta and may get one.

    A proxy that stores answers may revalidate a copy of its own with our validator and the reader's A-IM, and hand on a
    delta to a version that the reader does not have: a request that came through one (Via, RFC 9110 section 7.6.3) gets none.
    """
    if not a_im or via or not if_none_match:
        return False
    for part in a_im.split(","):
        name, _, parameters = part.partition(";")
        if name.strip().lower() == "feed":
            return not re.fullmatch(r"\s*q\s*=\s*0(?:\.0{0,3})?\s*", parameters)
    return False


class Delta(NamedTuple):
    """An answer: its body, and the validator of the version that it begins from."""

    body: bytes
    base: str


def delta(store: Path, path: str, format: str, body: bytes, if_none_match: str) -> Delta | None:
    """What is new in a document since the newest version that the reader names; None where the whole is the better answer."""
    try:
        stored = _known(store, path, http_headers.opaque_tags(if_none_match))
    except sqlite3.Error:
        return None
    parts = cut(format, body) if stored is not None else None
    if stored is None or parts is None:
        return None
    tag, held = stored
    had = {held[start : start + _DIGEST_BYTES] for start in range(0, len(held), _DIGEST_BYTES)}
    new = [entry for entry in parts.entries if _digest(entry) not in had]
    if not new or len(new) == len(parts.entries):
        return None
    return Delta(joined(format, parts, new), tag)


def coded(body: bytes, coding: str) -> bytes | None:
    """The body of a delta in a coding; None if it is too long to be compressed for one request."""
    if coding == "identity":
        return body
    if len(body) > _LARGEST_CODED_BYTES:
        return None
    from feeds.publish.stage import encode

    return encode(coding, body)


def headers(delta: Delta, control: str) -> Iterator[tuple[str, str]]:
    """The headers of a 226 besides those of every document (RFC 3229 sections 10.4.1 and 10.5). No shared cache may keep it."""
    yield "IM", "feed"
    yield "Delta-Base", f'"{delta.base}"'
    yield "Vary", "A-IM, If-None-Match, Accept-Encoding"
    yield "Cache-Control", re.sub(r"\bpublic\b", "private", control)
