"""Archive documents (RFC 5005 section 4): in come feeds and what the ledger knows, out go their archives, oldest posts first.

A post gets its place when it first belongs to a feed that has archives, behind all posts that have one: then no later post,
date or deletion moves it, and a document that is followed by another never gets a further post. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from feeds.build.entries.conversion import Ready
from feeds.build.groups.plans import NO_DATE, Plan
from feeds.build.timeline import Timeline
from feeds.model import Entry, Feed, History
from feeds.publication import Archive
from feeds.settings import Settings
from feeds.urls import archive_file_name

#: The ids in each archive document, oldest document first.
Documents: TypeAlias = "Sequence[Sequence[str]]"
EntriesOf: TypeAlias = "Callable[[tuple[str, ...]], Sequence[Entry]]"


def archived(plan: Plan, settings: Settings) -> bool:
    """Whether the posts that a feed has no room for go into archives."""
    return plan.taxonomy in settings.archive if plan.own.archive is None else plan.own.archive


@dataclass(frozen=True, slots=True)
class Room:
    """How much goes into one document: `entries`, and `document_bytes` in each format. `sizes` gives a post's by its id."""

    entries: int
    document_bytes: int
    sizes: Callable[[str], Mapping[str, int]]


def place(documents_before: Documents, ids: Iterable[str], room: Room) -> list[tuple[str, ...]]:
    """The documents once these ids, oldest first, have a place: what has one keeps it, what is new goes to the end.

    A document is full at `room.entries` ids, those of deleted posts among them: they may come back.
    """
    placed = {id for document in documents_before for id in document}
    closed, last = [tuple(document) for document in documents_before[:-1]], list(documents_before[-1]) if documents_before else []
    sizes: dict[str, int] | None = None
    for id in ids:
        if id in placed:
            continue
        if sizes is None:
            sizes = {}
            for other in last:
                _add(sizes, room.sizes(other))
        own = room.sizes(id)
        if len(last) >= room.entries or (sizes and _largest(sizes, own) > room.document_bytes):
            closed.append(tuple(last))
            last, sizes = [], {}
        last.append(id)
        _add(sizes, own)
    return [*closed, tuple(last)] if last else closed


def _add(sizes: dict[str, int], more: Mapping[str, int]) -> None:
    for kind, size in more.items():
        sizes[kind] = sizes.get(kind, 0) + size + 1


def _largest(sizes: Mapping[str, int], more: Mapping[str, int]) -> int:
    return max((size + more.get(kind, 0) + 1 for kind, size in sizes.items()), default=0)


class Archives:
    """The archive documents of one build. `documents` is what the ledger has to remember, by the feed's id."""

    def __init__(
        self, settings: Settings, known: Mapping[str, Documents], out: Timeline, ready: Mapping[int, Ready], entries: EntriesOf
    ) -> None:
        self.settings, self.known, self.out, self.ready, self.entries = settings, known, out, ready, entries
        self.documents: dict[str, list[tuple[str, ...]]] = {}
        self.archives: list[Archive] = []
        # Caches must not keep for a year what is to be gone before.
        self.expiring = {position for position, post in out.fresh() if post.header.expires is not None}

    def add(self, plan: Plan, feed: Feed) -> Feed:
        """Make a feed's archive documents; the feed itself, with a link to the newest of them."""
        positions = plan.positions()
        by_id = {self.out.id(position): position for position in positions}

        def sizes(id: str) -> Mapping[str, int]:
            return self.ready[by_id[id]].sizes if id in by_id else {}

        room = Room(self.settings.archive_size, self.settings.max_document_bytes, sizes)
        documents = place(self.known.get(feed.id, ()), (self.out.id(position) for position in reversed(positions)), room)
        self.documents[feed.id] = documents
        current = {name: feed.urls[name] for name in self.settings.formats}
        urls = [self._urls(current, number) for number in range(1, len(documents) + 1)]
        for number, ids in enumerate(documents, 1):
            members = sorted(by_id[id] for id in ids if id in by_id)
            closed = number < len(documents)
            history = History(urls[number - 2] if number > 1 else None, urls[number] if closed else None, current)
            age = self.settings.archive_max_age_seconds if closed and self.expiring.isdisjoint(members) else None
            self.archives.append(Archive(number, self._feed(feed, members, history, urls[number - 1], age), closed, age))
        return replace(feed, history=History(older=urls[-1])) if urls else feed

    def _feed(
        self, feed: Feed, members: Sequence[int], history: History, urls: Mapping[str, str], max_age_seconds: int | None
    ) -> Feed:
        keys = tuple(self.ready[member].key for member in members)
        return replace(
            feed,
            urls=urls,
            history=history,
            entries=self.entries(keys),
            entry_keys=keys,
            updated=max((post.identity.updated for post in self.out.at(members)), default=NO_DATE),
            max_age_seconds=max_age_seconds or feed.max_age_seconds,
            hubs=(),
            rsscloud=None,
            children=(),
            count=len(members),
        )

    def _urls(self, current: Mapping[str, str], number: int) -> dict[str, str]:
        return {
            name: url[: url.rindex("/") + 1] + archive_file_name(url[url.rindex("/") + 1 :], number)
            for name, url in current.items()
        }
