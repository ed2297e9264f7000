"""What would subscribers see? In come what is published and what would be, out goes the difference, feed by feed.

Loudest where an old post would come back as unread: another id for a post that subscribers have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from feeds.build.open_site import OpenSite
from feeds.build.place import document_names
from feeds.build.publication import Built
from feeds.build.twins import source_id
from feeds.model import Feed, rfc3339
from feeds.preview import live
from feeds.preview.live import LiveEntry
from feeds.publish.manifest import Manifest
from feeds.publish.resource import Resource
from feeds.publish.stage import read_manifest
from feeds.push import services
from feeds.urls import archive_file_name


@dataclass(frozen=True, slots=True)
class FeedDifference:
    """One feed's difference. `resurfacing` are entries whose post subscribers have under another id: they show as unread.

    `returning` are older than all that the feed holds today, and were published before: the window slides back, e.g. after a
    deletion or with a higher limit. Readers know their ids; one that forgets what left a feed shows them again.
    """

    path: str
    title: str
    new: tuple[LiveEntry, ...] = ()
    updated: tuple[LiveEntry, ...] = ()
    redated: tuple[tuple[LiveEntry, LiveEntry], ...] = ()
    withdrawn: tuple[LiveEntry, ...] = ()
    resurfacing: tuple[tuple[LiveEntry, LiveEntry], ...] = ()
    returning: tuple[LiveEntry, ...] = ()
    status: str = "changed"

    @property
    def empty(self) -> bool:
        """Whether a subscriber would see nothing."""
        return not (
            self.new or self.updated or self.redated or self.withdrawn or self.resurfacing or self.returning
            or self.status != "changed"
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """All feeds that would change, and the documents that would."""

    feeds: tuple[FeedDifference, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    published_before: bool = field(default=True)
    told: Mapping[str, int] = field(default_factory=dict)
    """Hubs and search engines by URL, with the number of addresses that they would be told of."""

    @property
    def resurfacing(self) -> bool:
        """Whether any old post would come back as unread."""
        return any(feed.resurfacing for feed in self.feeds)


def look(site: OpenSite, built: Built) -> Difference:
    """What subscribers would see if what `built` holds were published over the live generation."""
    last = site.target.last()
    before = live.feeds(site.settings.output, last) if last is not None else None
    documents = last.documents if last is not None else {}
    resources = site.resources(built)
    table = {resource.path: resource for resource in resources}
    changed = tuple(path for path, new in table.items() if path not in documents or documents[path].key != new.key)
    removed = tuple(sorted(path for path in documents if path not in table))
    told = _told(site, built, [table[path] for path in changed])
    result = replace(compare(built, before, changed, removed, fresh=_fresh(site, built)), told=told)
    if last is None:
        return result
    shown = {(feed.path, seen.id) for feed in result.feeds for seen in (*feed.new, *feed.updated, *feed.withdrawn)}
    return replace(result, feeds=(*result.feeds, *_archives(site, built, set(changed) & documents.keys(), shown)))


#: A build compares so many feeds at most with what is published.
_COMPARED = 200


def warnings(site: OpenSite, built: Built, table: Iterable[Resource]) -> Iterator[str]:
    """What a build says of old entries that subscribers may see again; to be asked before the generation is published.

    `table` has the documents of the new generation. Of a build that changes very many feeds not all are looked at.
    """
    last = site.target.last()
    if last is None:
        return
    documents = last.documents
    changed = [item.path for item in table if item.path in documents and documents[item.path].key != item.key]
    folders = sorted({path[: path.rfind("/") + 1] for path in changed}, key=lambda folder: (folder.count("/"), folder))
    wanted = frozenset(folders[:_COMPARED])
    before = {folder: entries for folder, entries in live.feeds(site.settings.output, last, wanted).items() if folder in wanted}
    resurfacing: dict[str, str] = {}
    returning: dict[str, str] = {}
    fresh = _fresh(site, built)
    for feed in built.publication.feeds:
        if feed.path in before:
            difference = _feed(feed.path, feed.title, before[feed.path], _seen(feed), fresh)
            resurfacing.update((entry.id, entry.title or entry.id) for _, entry in difference.resurfacing)
            returning.update((entry.id, entry.title or entry.id) for entry in difference.returning)
    if resurfacing:
        text = f"posts come under other ids than before, so that subscribers see them as unread: {_named(resurfacing)}"
        yield text
    if returning:
        text = (
            f"older entries come back into feeds, e.g. since others were deleted or the limit was raised: {_named(returning)}; "
            "a reader that has forgotten them shows them again"
        )
        yield text


def _named(titles: Mapping[str, str]) -> str:
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return ", ".join(list(titles.values())[:_NAMED]) + more


def _fresh(site: OpenSite, built: Built) -> frozenset[str]:
    """The ids of posts that the last generation did not have."""
    paths, _ = site.ledger.changed_out()
    if not paths:
        return frozenset()
    return frozenset(post.identity.id for _, post in built.out.fresh() if post.header.path in paths)


#: So many entries are named.
_NAMED = 3
#: Kinds of entries in `summary`, what matters most first.
KINDS = ("resurfacing", "returning", "withdrawn", "new", "updated", "redated")


def summary(published: Path, built: Built, manifest: Manifest) -> dict[str, Any]:
    """What subscribers of the output folder `published` would see of a generation, each post once, as JSON has it.

    "published": whether anything is published there; for each of KINDS the titles of entries, or ids where there is none;
    "feeds": how many feeds would change.
    """
    last = read_manifest(published)
    twins = {feed.path: feed.language or "" for feed in built.publication.feeds if feed.is_twin}
    if last is None:
        entries = {entry.id: entry.title for feed in built.publication.feeds if not feed.is_twin for entry in feed.entries}
        return {"published": False, "new": list(entries.values()), "feeds": len(built.publication.feeds)}
    documents_before, documents = last.documents, manifest.documents
    changed = tuple(
        path for path, new in documents.items() if path not in documents_before or documents_before[path].key != new.key
    )
    removed = tuple(sorted(path for path in documents_before if path not in documents))
    before = live.feeds(published, last, _touched((*changed, *removed)))
    difference = compare(built, before, changed, removed)
    result: dict[str, Any] = {"published": True, "feeds": len(difference.feeds)}
    counted: set[str] = set()
    for kind in KINDS:
        entries = {}
        for feed in difference.feeds:
            for item in getattr(feed, kind):
                seen = item if isinstance(item, LiveEntry) else item[1]
                post = source_id(seen.id, twins[feed.path]) if feed.path in twins else seen.id
                if post not in counted:
                    entries.setdefault(post, seen.title or seen.id)
        counted |= entries.keys()
        result[kind] = list(entries.values())
    return result


def _touched(paths: Iterable[str]) -> set[str]:
    """The folders that hold one of these documents, at whatever depth; "" holds all."""
    result = {""}
    for path in paths:
        folder = path[: path.rfind("/") + 1]
        while folder and folder not in result:
            result.add(folder)
            folder = folder[: folder.rfind("/", 0, -1) + 1]
    return result


def _told(site: OpenSite, built: Built, changed: Iterable[Resource]) -> dict[str, int]:
    """Who would be told of how many addresses."""
    listeners = services.topics(site.settings, changed).values()
    counts = Counter(address.url for addresses in listeners for address in addresses)
    changes = site.changes(built)
    for engine in services.engines(site.settings):
        accepted = [url for url in changes if services.accepts(site.settings, engine, url)]
        counts[engine.url] += len(accepted)
    return dict(sorted((+counts).items()))


def _archives(
    site: OpenSite, built: Built, changed: Collection[str], shown: Collection[tuple[str, str]]
) -> Iterator[FeedDifference]:
    """What changes in archive documents that are there already, but for what the feed's own difference tells.

    `shown` are (path of the feed, id of the entry). Nothing comes back as unread here: archives are read once.
    """
    names = document_names(site.settings)
    format = next((name for name in ("json", "atom", "rss") if name in site.settings.formats), "")
    for archive in built.publication.archives if format else ():
        feed = archive.feed
        path = feed.path + archive_file_name(names[format], archive.number)
        if path not in changed:
            continue
        result = _feed(
            path, f"{feed.title}, archive {archive.number}", live.entries(site.settings.output / path, format), _seen(feed)
        )
        new, updated, withdrawn = (
            tuple(seen for seen in some if (feed.path, seen.id) not in shown)
            for some in ((*result.new, *result.returning), result.updated, result.withdrawn)
        )
        result = replace(result, new=new, updated=updated, withdrawn=withdrawn, returning=())
        if not result.empty:
            yield result


def compare(
    built: Built, before: dict[str, dict[str, LiveEntry]] | None, changed: tuple[str, ...], removed: tuple[str, ...],
    *, fresh: Collection[str] = (),
) -> Difference:  # fmt: skip
    """`before` are the published feeds (None: nothing is published); `changed` and `removed` are paths of documents.

    `fresh` are the ids of posts that were never published: however old, they do not come back.
    """
    result: list[FeedDifference] = []
    had = before or {}
    paths = set()
    touched = _touched((*changed, *removed))
    for feed in built.publication.feeds:
        paths.add(feed.path)
        if before is not None and feed.path in had and feed.path not in touched:
            continue
        now = _seen(feed)
        if feed.path not in had:
            result.append(FeedDifference(feed.path, feed.title, new=tuple(now.values()), status="new"))
            continue
        difference = _feed(feed.path, feed.title, had[feed.path], now, fresh)
        if not difference.empty:
            result.append(difference)
    for path in sorted(set(had) - paths):
        result.append(FeedDifference(path, path, withdrawn=tuple(had[path].values()), status="gone"))
    return Difference(tuple(result), changed, removed, before is not None)


def _seen(feed: Feed) -> dict[str, LiveEntry]:
    """A feed's entries as its subscribers will have them, by id."""
    return {
        entry.id: LiveEntry(
            entry.id, entry.title, entry.feed_link, rfc3339(entry.published).replace("Z", "+00:00"),
            rfc3339(entry.updated).replace("Z", "+00:00"),
        )
        for entry in feed.entries
    }  # fmt: skip


def _feed(
    path: str, title: str, before: dict[str, LiveEntry], now: dict[str, LiveEntry], fresh: Collection[str] = ()
) -> FeedDifference:  # fmt: skip
    by_link = {item.permalink: item for item in before.values() if item.permalink}
    by_title = {(item.title, item.published): item for item in before.values() if item.title}
    oldest = min((item.published for item in before.values()), default="")
    new: list[LiveEntry] = []
    updated: list[LiveEntry] = []
    redated: list[tuple[LiveEntry, LiveEntry]] = []
    resurfacing: list[tuple[LiveEntry, LiveEntry]] = []
    returning: list[LiveEntry] = []
    for id, entry in now.items():
        old = before.get(id)
        if old is not None:
            if old.published != entry.published:
                redated.append((old, entry))
            elif (old.updated, old.title) != (entry.updated, entry.title):
                updated.append(entry)
            continue
        twin = by_link.get(entry.permalink) or by_title.get((entry.title, entry.published))
        if twin is not None and twin.id not in now:
            resurfacing.append((twin, entry))
        elif before and entry.published < oldest and id not in fresh:
            returning.append(entry)
        else:
            new.append(entry)
    replaced = {old.id for old, _ in resurfacing}
    newest_out = min((item.published for item in now.values()), default="")
    withdrawn = tuple(
        entry for id, entry in before.items()
        if id not in now and id not in replaced and (len(now) < len(before) or not now or entry.published >= newest_out)
    )  # fmt: skip
    return FeedDifference(
        path, title, tuple(new), tuple(updated), tuple(redated), withdrawn, tuple(resurfacing), tuple(returning)
    )
