"""What query views are made of, beside the pack: in come a listing of posts and their fragments, out come those asked for.

One process writes, all workers read the newest listing: they never differ, and what is withdrawn is gone from all views at
once. Must not know what a query means.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from feeds.extras import extra_from
from feeds.model import Feed, Person, instant, seconds
from feeds.settings.conditions import Names
from feeds.slugs import fold

FILE_NAME = "queries.sqlite"
_VERSION = 1
_SCHEMA = f"""
PRAGMA user_version = {_VERSION};
CREATE TABLE listing (number INTEGER PRIMARY KEY AUTOINCREMENT, modified INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE fragment (
    entry TEXT NOT NULL, kind TEXT NOT NULL, length_bytes INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (entry, kind)
) WITHOUT ROWID;
"""
#: Rows of one statement: SQLite takes at most 999 values where it is old.
_BATCH = 500


class StoredFragment(NamedTuple):
    """An entry as it is written in one kind of document, by `kind_of`."""

    entry: str
    kind: str
    content: bytes


class QueryPost(NamedTuple):
    """A post that views may have: the key of its entry, when it was published and updated (seconds), its group's number."""

    entry: str
    published: int
    updated: int
    group: int


@dataclass(frozen=True)
class QueryListing:
    """The posts that views are made of, newest first, and what decides the documents around them.

    `feed` is the site's feed without entries. `groups` are the names under which posts are found, as addresses have them;
    `names` gives by subject the folded name -> (name in addresses, label) of all that posts ever had. `limit` and
    `budget_bytes` are those of the feed, `zone` the name of the time zone in which days are counted. `modified` is when it
    last changed, in seconds.
    """

    feed: Feed
    posts: tuple[QueryPost, ...]
    groups: tuple[Names, ...]
    names: Mapping[str, Mapping[str, tuple[str, str]]]
    formats: tuple[str, ...]
    limit: int
    budget_bytes: int
    zone: str
    modified: int = 0
    number: int = 0

    @cached_property
    def labels(self) -> Mapping[tuple[str, str], str]:
        """The label of a name, by its subject and as addresses have it."""
        return {(subject, name): label for subject, names in self.names.items() for name, label in names.values()}

    def name_of(self, subject: str, value: str) -> str | None:
        """A name as addresses have it; None for one that no post ever had."""
        key = fold(value)
        if subject == "language":
            names = self.names[subject]
            return key if any(name == key or name.startswith(f"{key}-") for name in names) else None
        if (subject, key) in self.labels:
            return key
        match = self.names[subject].get(key)
        return match[0] if match is not None else None

    def encoded(self) -> bytes:
        """The listing as it is stored."""
        feed = {name: getattr(self.feed, name) for name in _FEED_FIELDS}
        feed |= {
            "authors": [asdict(author) for author in self.feed.authors], "extras": [_plain(extra) for extra in self.feed.extras],
            "updated": seconds(self.feed.updated),
        }  # fmt: skip
        facts = {
            "feed": feed, "posts": self.posts, "names": self.names, "formats": self.formats, "limit": self.limit,
            "groups": [{subject: sorted(names) for subject, names in group.items()} for group in self.groups],
            "budget_bytes": self.budget_bytes, "zone": self.zone,
        }  # fmt: skip
        return zlib.compress(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())

    @classmethod
    def decoded(cls, content: bytes, modified: int, number: int) -> QueryListing:
        """What `encoded` gave. Raises ValueError."""
        try:
            facts: dict[str, Any] = json.loads(zlib.decompress(content))
            feed = facts["feed"]
            feed |= {
                "authors": tuple(Person(**author) for author in feed["authors"]),
                "extras": tuple(map(extra_from, feed["extras"])), "updated": instant(feed["updated"]),
                "namespaces": tuple(map(tuple, feed["namespaces"])),
            }  # fmt: skip
            return cls(
                Feed(path="", taxonomy="site", labels=(), entries=(), entry_keys=(), **feed),
                tuple(QueryPost(*post) for post in facts["posts"]),
                tuple({subject: frozenset(names) for subject, names in group.items()} for group in facts["groups"]),
                {subject: {key: tuple(row) for key, row in names.items()} for subject, names in facts["names"].items()},
                tuple(facts["formats"]), facts["limit"], facts["budget_bytes"], facts["zone"], modified, number,
            )  # fmt: skip
        except (zlib.error, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a listing: {error}") from error


#: The facts of the feed that its views share. Not its hubs: they are told nothing of views.
_FEED_FIELDS = (
    "title", "description", "id", "base_url", "home_page_url", "urls", "authors", "updated", "language", "rights", "icon", "logo",
    "content_mode", "max_age_seconds", "show_email", "namespaces", "extras",
)  # fmt: skip


def _plain(extra: Any) -> list[Any]:
    return [extra.prefix, extra.namespace, extra.name, extra.text, extra.attributes, extra.children, extra.formats, extra.json]


def kind_of(format: str, version: str, content_mode: str, *, show_email: bool) -> str:
    """The kind of a fragment: what decides its bytes besides the entry."""
    return f"{format}/{version}/{content_mode}{'/email' if show_email else ''}"


# writing


def last(store: Path) -> QueryListing | None:
    """The newest listing; None where there is none that can be read."""
    with suppress(sqlite3.Error, OSError, ValueError), _opened(store) as base:
        row = base.execute("SELECT content, modified, number FROM listing ORDER BY number DESC LIMIT 1").fetchone()
        return QueryListing.decoded(*row) if row else None
    return None


def write(store: Path, listing: QueryListing, as_of: int, fragments: Iterable[StoredFragment]) -> None:
    """Make a listing the newest; `fragments` are those that `missing` named. Raises OSError, with no views left to be served.

    Its Last-Modified is `as_of`, in seconds, but always later than that of another listing before (RFC 9110 §8.8.2).
    """
    try:
        with _opened(store) as base, base:
            # Before the first fragment: readers see either both or neither.
            base.execute("BEGIN IMMEDIATE")
            base.executemany(
                "INSERT OR REPLACE INTO fragment (entry, kind, length_bytes, content) VALUES (?, ?, ?, ?)",
                ((entry, kind, len(body), zlib.compress(body, 6)) for entry, kind, body in fragments),
            )
            content = listing.encoded()
            before = base.execute("SELECT content, modified FROM listing ORDER BY number DESC LIMIT 1").fetchone()
            if before is None or before[0] != content:
                modified = max(as_of, before[1] + 1) if before else as_of
                base.execute("INSERT INTO listing (modified, content) VALUES (?, ?)", (modified, content))
                base.execute("DELETE FROM listing WHERE number < (SELECT max(number) FROM listing)")
            base.execute("CREATE TEMP TABLE listed (entry TEXT PRIMARY KEY)")
            base.executemany("INSERT OR IGNORE INTO listed VALUES (?)", ((post.entry,) for post in listing.posts))
            base.execute("DELETE FROM fragment WHERE entry NOT IN (SELECT entry FROM listed)")
    except sqlite3.Error as error:
        remove(store)
        raise OSError(f"what query views are made of cannot be written: {error}: {store / FILE_NAME}") from error


def missing(store: Path, entries: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """The keys of the entries of which not every kind of fragment is there, in their order."""
    try:
        with _opened(store) as base:
            stored = set(base.execute("SELECT entry, kind FROM fragment"))
    except sqlite3.Error:
        remove(store)
        return list(entries)
    return [entry for entry in entries if any((entry, kind) not in stored for kind in kinds)]


@contextmanager
def _opened(store: Path) -> Iterator[sqlite3.Connection]:
    path = store / FILE_NAME
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as base:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError("the listing is of another version")
        if version == 0:
            path.chmod(0o600)
            base.execute("PRAGMA journal_mode = WAL")
            base.executescript(_SCHEMA)
        yield base


def remove(store: Path) -> None:
    """Serve no views until the next build."""
    for ending in ("", "-wal", "-shm", "-journal"):
        (store / f"{FILE_NAME}{ending}").unlink(missing_ok=True)


# reading


class StoreReader:
    """The newest listing and its fragments, for one thread at a time of one process."""

    def __init__(self, store: Path) -> None:
        self._path = store / FILE_NAME
        self._base: sqlite3.Connection | None = None
        self._inode = 0
        self._listing: QueryListing | None = None

    @contextmanager
    def reading(self) -> Iterator[QueryListing]:
        """The newest listing; `fragments` within are its own. Raises FileNotFoundError, sqlite3.Error, ValueError."""
        inode = self._path.stat().st_ino
        if self._base is None or inode != self._inode:
            # A file that was deleted and made anew is another one.
            self.close()
            # "rw" makes no file, and lets SQLite make those of its journal.
            address = f"file:{quote(str(self._path))}?mode=rw"
            self._base = sqlite3.connect(address, uri=True, timeout=5, isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA query_only = 1")
            self._inode = inode
        self._base.execute("BEGIN")
        try:
            row = self._base.execute("SELECT number, modified FROM listing ORDER BY number DESC LIMIT 1").fetchone()
            if row is None:
                raise FileNotFoundError(self._path)
            if self._listing is None or (self._listing.number, self._listing.modified) != row:
                content = self._base.execute("SELECT content FROM listing WHERE number = ?", (row[0],)).fetchone()[0]
                self._listing = QueryListing.decoded(content, row[1], row[0])
            yield self._listing
        finally:
            self._base.execute("ROLLBACK")

    def lengths(self, entries: Sequence[str], kinds: Sequence[str]) -> list[int]:
        """The length of the longest fragment of each entry, in bytes."""
        longest = dict.fromkeys(entries, 0)
        for entry, _, length in self._rows("length_bytes", entries, kinds):
            longest[entry] = max(longest[entry], length)
        return [longest[entry] for entry in entries]

    def fragments(self, entries: Sequence[str], kind: str) -> list[bytes]:
        """The fragments of entries, in their order. Raises ValueError if one is missing or damaged."""
        bodies = {entry: content for entry, _, content in self._rows("content", entries, (kind,))}
        try:
            return [zlib.decompress(bodies[entry]) for entry in entries]
        except (KeyError, zlib.error) as error:
            raise ValueError(f"a fragment is missing or damaged: {error}") from error

    def _rows(self, column: str, entries: Sequence[str], kinds: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
        assert self._base is not None  # noqa: S101  within `reading`
        for start in range(0, len(entries), _BATCH):
            batch = entries[start : start + _BATCH]
            places = ", ".join("?" * len(batch)), ", ".join("?" * len(kinds))
            yield from self._base.execute(
                f"SELECT entry, kind, {column} FROM fragment WHERE entry IN ({places[0]}) AND kind IN ({places[1]})",  # noqa: S608
                (*batch, *kinds),
            )

    def close(self) -> None:
        """Let go of the file."""
        if self._base is not None:
            self._base.close()
            self._base = None
