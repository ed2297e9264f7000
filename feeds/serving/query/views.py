"""Views of the site's feed by query: in come a format and the query of a URL, out goes a document, or where it is.

Made when somebody asks, from the fragments that the build wrote; the last ones stay in memory. A new one is answered as it is:
its codings are made beside, by a thread, so that no other request waits for them. All workers make the same bytes. Must not
read posts, nor show one that the site's feed leaves out.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit
from zlib import crc32
from zoneinfo import ZoneInfo

from feeds import formats, http_headers
from feeds.model import Feed, instant
from feeds.publish.resource import document_links
from feeds.publish.stage import encode
from feeds.serving.query.parameters import Query, QueryLimits, pairs_of, parse
from feeds.serving.query.store import QueryListing, StoreReader, kind_of
from feeds.serving.snapshot import Document, Snapshot
from feeds.serving.store import PackedDocument, PackFacts, StoredBody, wsgi
from feeds.settings.conditions import OF_NAMES, Condition, named, span_of

LOG = logging.getLogger("feeds.serving")
#: What stands around the entries of a document, at most.
_HEAD_BYTES = 6_000
#: Documents in memory, in each worker.
_DOCUMENTS, _MEMORY_BYTES = 256, 32_000_000


class NoViewsError(Exception):
    """There is nothing to make views from just now."""


@dataclass(frozen=True, slots=True)
class View:
    """A document of a view, in place of a snapshot for `feeds.serving.responses`: its bodies by coding."""

    document: Document
    control: str
    facts: PackFacts
    bodies: Mapping[str, bytes]
    deltas: Path | None = None

    def body(self, document: Document, coding: str) -> bytes:  # noqa: ARG002  it has one
        """Its bytes in a coding."""
        return self.bodies[coding]

    def part(self, document: Document, first: int, end: int) -> bytes:  # noqa: ARG002
        """The bytes from `first` up to `end`."""
        return self.bodies["identity"][first:end]


class _Made(NamedTuple):
    record: PackedDocument
    document: Document
    bodies: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(map(len, self.bodies.values()))


_Key: TypeAlias = tuple[int, int, str, str]


class QueryViews:
    """The views of one store; `most` is how many entries one may have at most."""

    def __init__(self, store: Path, most: int) -> None:
        self.most = most
        self._reader = StoreReader(store)
        self._lock = threading.Lock()
        self._made: OrderedDict[_Key, _Made] = OrderedDict()
        self._bytes = 0
        #: Documents without codings yet, and whether a thread makes them.
        self._uncoded: deque[_Key] = deque()
        self._coding = False

    def answer(self, snapshot: Snapshot, path: str, query: str) -> View | str | None:
        """The view at a request path, or the URL where it is; None if the path is not that of the site's own feed.

        Raises QueryError, NoViewsError.
        """
        try:
            # One is made at a time: what many ask for at once takes no more than one processor.
            with self._lock, self._reader.reading() as listing:
                format = _format_at(listing, path)
                if format is None:
                    return None
                pairs = pairs_of(query)
                view = parse(pairs, listing.name_of, self._limits(listing))
                if view.canonical != pairs:
                    address = listing.feed.urls[format]
                    return f"{address}?{view.text}" if view.text else address
                document = self._remembered(listing, view, format)
        except (OSError, sqlite3.Error, ValueError, LookupError) as error:
            LOG.warning("query views cannot be made: %s", error)
            raise NoViewsError from error
        return View(document.document, snapshot.control, snapshot.facts, document.bodies)

    def _limits(self, listing: QueryListing) -> QueryLimits:
        return QueryLimits(min(listing.limit or self.most, self.most), self.most, listing.feed.content_mode)

    def _remembered(self, listing: QueryListing, view: Query, format: str) -> _Made:
        key = (listing.number, listing.modified, format, view.text)
        document = self._made.get(key)
        if document is None:
            document = _document(self._reader, listing, view, format)
            self._remember(key, document)
            self._uncoded.append(key)
            if not self._coding:
                self._coding = True
                threading.Thread(target=self._make_codings, name="feeds-view-codings", daemon=True).start()
        self._made.move_to_end(key)
        return document

    def _remember(self, key: _Key, document: _Made) -> None:
        """Keep a document, in the place of an earlier one under its key; the ones not asked for longest go."""
        before = self._made.get(key)
        self._bytes += document.size - (before.size if before is not None else 0)
        self._made[key] = document
        while len(self._made) > 1 and (len(self._made) > _DOCUMENTS or self._bytes > _MEMORY_BYTES):
            _, oldest = self._made.popitem(last=False)
            self._bytes -= oldest.size

    def _make_codings(self) -> None:
        """Make the codings of all documents that have none, in a thread of its own, which ends then."""
        try:
            while (waiting := self._next_uncoded()) is not None:
                key, document = waiting
                coded = _with_codings(document)
                with self._lock:
                    # It may have gone meanwhile.
                    if self._made.get(key) is document:
                        self._remember(key, coded)
        except BaseException:
            self._coding = False
            raise

    def _next_uncoded(self) -> tuple[_Key, _Made] | None:
        """The next document without codings; None if there is none, and the thread that asks is to end."""
        with self._lock:
            while self._uncoded:
                key = self._uncoded.popleft()
                if key in self._made:
                    return key, self._made[key]
            self._coding = False
            return None


def _format_at(listing: QueryListing, path: str) -> str | None:
    """The format of the site's feed at a request path, as WSGI gives it."""
    for format in listing.formats:
        if wsgi(unquote(urlsplit(listing.feed.urls[format]).path)) == path:
            return format
    return None


def chosen(listing: QueryListing, view: Query) -> tuple[list[int], int]:
    """The positions of a view's posts, newest first, within its limit; and how many posts there are without it."""
    meets = _meeting(listing, view)
    positions = [position for position in range(len(listing.posts)) if view.rules.hold(meets(position))]
    count = len(positions)
    if view.newest == "updated":
        positions.sort(key=lambda position: (-listing.posts[position].updated, position))
    return sorted(positions[: view.limit]), count


def _meeting(listing: QueryListing, view: Query) -> Callable[[int], Callable[[Condition], bool]]:
    """By position: what tells whether its post meets a condition of the view."""
    zone = ZoneInfo(listing.zone)
    every = (*view.rules.any, *view.rules.all, *view.rules.none)
    spans = {condition: span_of(condition, zone) for condition in every}
    of_names = [condition for condition in every if condition.subject in OF_NAMES]
    # Names are decided once for all posts under the same ones.
    by_group = [{condition: named(condition, group) for condition in of_names} for group in listing.groups]

    def of(position: int) -> Callable[[Condition], bool]:
        post = listing.posts[position]

        def meets(condition: Condition) -> bool:
            span = spans[condition]
            return span[0] <= post.published < span[1] if span is not None else by_group[post.group][condition]

        return meets

    return of


def _document(reader: StoreReader, listing: QueryListing, view: Query, format: str) -> _Made:
    """Make a view's document."""
    base = listing.feed
    positions, count = chosen(listing, view)
    positions = _within_budget(reader, listing, view, positions)
    entries = [listing.posts[position].entry for position in positions]
    writer = formats.by_name(format)
    fragments = reader.fragments(entries, kind_of(format, writer.version, view.content, show_email=base.show_email))
    updated = max((listing.posts[position].updated for position in positions), default=None)
    words = _words(listing, view)
    title = f"{', '.join(words)} - {base.title}" if words else base.title
    feed = replace(
        base,
        title=title,
        description=title,
        id=f"{base.id}?{view.text}",
        urls={name: f"{base.urls[name]}?{view.text}" for name in listing.formats},
        updated=base.updated if updated is None else instant(updated),
        entry_keys=tuple(entries),
        content_mode=view.content,
        complete=len(entries) == count,
        count=count,
    )
    return _packed(feed, format, writer.media_type, writer.document(feed, fragments), listing.modified)


def _within_budget(reader: StoreReader, listing: QueryListing, view: Query, positions: list[int]) -> list[int]:
    """As many of the posts, newest first, as a document may hold by its size; the same in every format."""
    kinds = [
        kind_of(name, formats.by_name(name).version, view.content, show_email=listing.feed.show_email) for name in listing.formats
    ]
    total = _HEAD_BYTES
    for count, length in enumerate(reader.lengths([listing.posts[position].entry for position in positions], kinds)):
        total += length + 1
        if count and total > listing.budget_bytes:
            return positions[:count]
    return positions


def _words(listing: QueryListing, view: Query) -> Sequence[str]:
    """A view's conditions as titles have them, in no language: labels, "-" before what is left out, spans of ISO 8601."""
    words = []
    days = {"since": "", "until": ""}
    for condition in view.rules.all:
        if condition.subject in days:
            days[condition.subject] = condition.value
        else:
            words.append(_label(listing, condition))
    if view.rules.any:
        words.append(" | ".join(_label(listing, condition) for condition in view.rules.any))
    if any(days.values()):
        words.append(f"{days['since'] or '..'}/{days['until'] or '..'}")
    return (*words, *(f"-{_label(listing, condition)}" for condition in view.rules.none))


def _label(listing: QueryListing, condition: Condition) -> str:
    if condition.subject in ("since", "until"):
        return f"{condition.value}/.." if condition.subject == "since" else f"../{condition.value}"
    return listing.labels.get((condition.subject, condition.value), condition.value)


def _packed(feed: Feed, format: str, media_type: str, body: bytes, modified: int) -> _Made:
    """The document with its validators, as a pack has those of a generation; without codings."""
    bodies = {"identity": body, **dict.fromkeys(http_headers.CODINGS, b"")}
    links = http_headers.link(document_links(feed, format))
    url = feed.urls[format]
    record = PackedDocument(url, sha256(body).digest(), modified, media_type, format, links, _places(bodies))
    return _Made(record, Document(record), bodies)


def _with_codings(made: _Made) -> _Made:
    """The same document with its codings, as far as they are shorter."""
    body = made.bodies["identity"]
    coded = {coding: encode(coding, body) for coding in http_headers.CODINGS}
    bodies = {"identity": body, **{coding: data if len(data) < len(body) else b"" for coding, data in coded.items()}}
    record = made.record._replace(places=_places(bodies))
    return _Made(record, Document(record), bodies)


def _places(bodies: Mapping[str, bytes]) -> tuple[StoredBody, ...]:
    return tuple(StoredBody(0, len(bodies[coding]), crc32(bodies[coding])) for coding in ("identity", *http_headers.CODINGS))
