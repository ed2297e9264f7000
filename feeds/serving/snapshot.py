"""One generation, ready to answer: in comes an opened pack, out go documents and the facts that change with time.

Immutable but for what it remembers of the pack: the same question always has the same answer within one second. Bodies
that were asked for stay in memory up to a bound; the others stay on disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds import http_headers
from feeds.media_types import compressible
from feeds.serving.query.parameters import asks
from feeds.serving.store import Pack, PackedDocument, PackFacts, StoredBody

if TYPE_CHECKING:
    from feeds.serving.query.views import QueryViews

#: Bodies in memory, in each worker.
MEMORY_BYTES = 128_000_000
#: Answers and documents remembered; more is noise.
REMEMBERED = 4096
_CODINGS = ("identity", *http_headers.CODINGS)


class Document:
    """One document of a generation, with what its headers need."""

    __slots__ = (
        "codings", "control", "digest", "format", "links", "media_type", "modified", "path", "places", "tag", "varies"
    )  # fmt: skip

    def __init__(self, record: PackedDocument) -> None:
        self.path, self.modified, self.media_type, self.format, self.links = (
            record.path, record.modified, record.media_type, record.format, record.links,
        )  # fmt: skip
        self.digest = record.digest.hex()
        self.tag = http_headers.tag(self.digest)
        self.places = dict(zip(_CODINGS, record.places, strict=True))
        self.codings = tuple(coding for coding in http_headers.CODINGS if self.places[coding].length_bytes)
        #: Its own Cache-Control, "" for that of the generation.
        self.control = http_headers.own_cache_control(record.max_age_seconds) if record.max_age_seconds else ""
        self.varies = compressible(record.media_type)

    @property
    def length_bytes(self) -> int:
        """Length in the identity coding."""
        return self.places["identity"].length_bytes


class BodyCache:
    """Bodies in memory, by what they hold; what was asked for least lately goes first."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, int], bytes] = {}
        self._bytes = 0

    def get(self, pack: Pack, digest: str, coding: str, place: StoredBody) -> bytes:
        """A body, read from the pack where it is not held. Raises DamagedError."""
        key = (digest, coding, place.checksum)
        body = self._held.pop(key, None)
        if body is None:
            body = pack.body(place)
            if len(body) > MEMORY_BYTES // 8:
                return body
            self._bytes += len(body)
            while self._bytes > MEMORY_BYTES and self._held:
                try:
                    self._bytes -= len(self._held.pop(next(iter(self._held))))
                except (KeyError, RuntimeError, StopIteration):
                    break
        self._held[key] = body
        return body


class Snapshot:
    """A generation in force. `answers` is for the front to remember whole answers in, until `fresh_until`.

    `deltas` is the folder in which earlier versions of feeds are noted down, None if readers always get whole documents;
    `queries` makes views of the site's feed, None if queries change nothing.
    """

    def __init__(
        self, pack: Pack, before: Snapshot | None = None, deltas: Path | None = None, queries: QueryViews | None = None
    ) -> None:
        self.pack, self.deltas, self.queries = pack, deltas, queries
        self.facts: PackFacts = pack.facts
        self._forget()
        self.control = ""
        self.fresh_until = 0.0
        self._documents: dict[str, Document] = {}
        self.bodies: BodyCache = before.bodies if before is not None else BodyCache()

    def document(self, path: str) -> Document | None:
        """The document at a request path, as WSGI gives it."""
        result = self._documents.get(path)
        if result is None:
            record = self.pack.find(path)
            if record is None:
                return None
            if len(self._documents) >= REMEMBERED:
                self._documents.clear()
            result = self._documents[path] = Document(record)
        return result

    def is_view(self, query: str) -> bool:
        """Whether a request with this query may be for a view, which no document of the generation is."""
        return self.queries is not None and query != "" and asks(query)

    def body(self, document: Document, coding: str) -> bytes:
        """A document's bytes in a coding. Raises DamagedError where the disk lost them."""
        place = document.places[coding]
        return self.bodies.get(self.pack, document.digest, coding, place) if place.length_bytes else b""

    def part(self, document: Document, first: int, end: int) -> bytes:
        """A document's bytes from `first` up to `end`. Raises DamagedError."""
        return self.pack.part(document.places["identity"], first, end)

    def refresh(self, now: float) -> None:
        """Make Cache-Control for this moment and forget answers of an earlier one."""
        facts = self.facts
        age = http_headers.max_age(facts.max_age_seconds, facts.next_change, now)
        self.control = http_headers.cache_control(age, facts.stale_while_revalidate_seconds, facts.stale_if_error_seconds)
        self._forget()
        if facts.next_change is None:
            self.fresh_until = now + 86_400
        else:
            # Within one max-age of the change, each second has its own max-age.
            until = facts.next_change - facts.max_age_seconds - 1
            self.fresh_until = until if until > now else int(now) + 1

    def refresh_if_due(self, now: float) -> None:
        """`refresh` where the last one has aged."""
        if now >= self.fresh_until:
            self.refresh(now)

    def remember(self, key: Any, answer: Any, size: int) -> None:
        """Keep an answer whose body has `size` bytes for as long as `fresh_until`."""
        self._answers_bytes += size
        if len(self.answers) >= REMEMBERED or self._answers_bytes > MEMORY_BYTES:
            self._forget()
        self.answers[key] = answer

    def _forget(self) -> None:
        self.answers: dict[Any, Any] = {}
        self._answers_bytes = 0
