"""The dates of posts: in come a post, its record and the instant of the build, out go `published` and `updated`.

Decides whether an edit counts, and takes back what a clock that was ahead has stamped. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from feeds.ledger.fingerprint import Sighting
from feeds.ledger.names import Among
from feeds.ledger.record import Record
from feeds.model import instant, seconds

#: A stored instant that lies further ahead than this comes from a clock that was wrong.
CLOCK_SECONDS = 31 * 86_400
#: 1 January 2026, before the first version of this program. A clock that is behind it has just started at 1970 or 2000, and tells
#: nothing about stored instants.
_EARLIEST = 1_767_225_600

#: By path, the digests of what a reader sees of the posts at some paths.
Visible: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]


class Dates(NamedTuple):
    """A post's dates in seconds since 1970; `stored` is the `updated` that the ledger keeps, never ahead of the clock."""

    published_at: datetime
    published: int
    updated: int
    stored: int


class Dating:
    """The dates of one build, as of `as_of`.

    `dates` are first and last changes of undated posts by path, `visible` says what a reader sees of posts now, and `among` asks
    the ledger. `instants` has the instants that were made so far, by their seconds; `redated` the published posts whose front
    matter has another date than readers know: path, known date, new date.
    """

    def __init__(self, as_of: datetime, dates: Mapping[str, tuple[int, int]], visible: Visible | None, among: Among) -> None:
        self.now = seconds(as_of)
        self.instants: dict[int, datetime] = {self.now: as_of}
        self.redated: list[tuple[str, datetime, datetime]] = []
        self._dates, self._visible_at, self._among = dates, visible, among
        self._visible: dict[str, str] = {}

    def at(self, count: int) -> datetime:
        """The instant so many seconds after 1970."""
        result = self.instants.get(count)
        if result is None:
            result = self.instants[count] = instant(count)
        return result

    def dated(self, post: Sighting, record: Record, last: str | None) -> tuple[Record, Dates]:
        """The post's dates; the record with the `updated` of a new post. `last` is the digest of its last text."""
        now = self.now
        if post.published is not None:
            published_at = post.published
            published = seconds(published_at)
            if record.out and record.published is not None and record.published != published:
                self.redated.append((post.path, self.at(record.published), published_at))
        else:
            first, changed = self._changes_of(post, record)
            published = first if record.published is None else record.published
            if record.published is None and record.updated is None:
                record = record._replace(updated=changed)
            published_at = self.at(published)
        stored = published if record.updated is None or record.updated < published else record.updated
        if post.updated is not None:
            updated = max(seconds(post.updated), published)
            return record, Dates(published_at, published, updated, updated if updated <= now else stored)
        if last is not None and last != post.text_digest and post.out and not self._looks_as_before(post, record, last):
            # A clock that was set back a little loses no update.
            stored = now if now >= stored else stored + 1
        return record, Dates(published_at, published, stored, stored)

    def _changes_of(self, post: Sighting, record: Record) -> tuple[int, int]:
        """When a new post that names no date was published and updated; a draft counts from now."""
        first, last = self._dates.get(post.path, (self.now, self.now)) if record.key == 0 else (self.now, self.now)
        return min(first, self.now), min(last, self.now)

    def look_at(self, edited: Sequence[str]) -> None:
        """Ask what a reader sees of edited posts, by their paths."""
        if edited and self._visible_at is not None:
            self._visible.update(self._visible_at(edited))

    def look_at_moved(self, posts: Mapping[str, Sighting], records: Mapping[str, Record]) -> None:
        """Ask what a reader sees of published posts that were moved and edited, if it is known what was seen before."""
        edited = {
            record.key: path for path, record in records.items()
            if path not in self._visible and posts[path].out and record.published_text not in (None, posts[path].text_digest)
        }  # fmt: skip
        if edited:
            keys = self._among("SELECT DISTINCT key FROM visible WHERE key IN (??)", sorted(edited))
            self.look_at(sorted(path for (key,) in keys if (path := edited.get(key)) is not None))  # type: ignore[call-overload]

    def _looks_as_before(self, post: Sighting, record: Record, last: str) -> bool:
        """Whether a reader sees of a post what was seen of the text with the digest `last`, e.g. after a formatter ran."""
        now = self._visible.get(post.path)
        if not now:
            return False
        rows = self._among("SELECT text, visible FROM visible WHERE key IN (??)", [record.key])
        return any(text == last and known == now for text, known in rows)

    def plausible(self, record: Record) -> Record:
        """The record without instants that a clock which was ahead has left: they are taken back to now."""
        if self.now < _EARLIEST:
            return record
        latest = self.now + CLOCK_SECONDS
        if not any(count is not None and count > latest for count in (record.first_seen, record.published, record.updated)):
            return record
        first_seen, published, updated = (
            None if count is None else count if count <= latest else self.now
            for count in (record.first_seen, record.published, record.updated)
        )
        return record._replace(first_seen=first_seen, published=published, updated=updated)
