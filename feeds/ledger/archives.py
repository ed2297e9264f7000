"""Which archive document of a feed each post is in, for good: in come an open ledger and lists of ids, out go the same.

A row is one archive document. A post that was put into one is never moved to another: not when it gets another date, not
when others are deleted, and it comes back to its place if it is restored. Must not decide where a post goes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import sqlite3

#: The ids in each archive document of a feed, in the order in which they came, the first document first.
Documents: TypeAlias = "list[tuple[str, ...]]"
#: (the feed's id, number of the document from 1, ids of its posts)
Row: TypeAlias = "tuple[str, int, tuple[str, ...]]"

#: In the place of the ids of a document none of whose posts is out, in what is published.
_WITHDRAWN = "withdrawn "
_NONE: frozenset[str] = frozenset()

# `former` is what the row held before a generation that is committed and not yet confirmed; "[]" if there was no row.
_SCHEMA = """CREATE TABLE IF NOT EXISTS archives (
  feed TEXT, number INTEGER, ids TEXT NOT NULL, former TEXT, PRIMARY KEY (feed, number)) WITHOUT ROWID"""


def _is_there(base: sqlite3.Connection | None) -> bool:
    """Whether the ledger has the table: only a site with archives makes it."""
    return base is not None and bool(base.execute("SELECT 1 FROM sqlite_master WHERE name='archives'").fetchone())


def rows(base: sqlite3.Connection | None, *, taken_back: bool) -> list[Row]:
    """All rows, sorted; `taken_back`: without what came with the generation that is not confirmed."""
    if base is None or not _is_there(base):
        return []
    column = "coalesce(former, ids)" if taken_back else "ids"
    result = base.execute(f"SELECT feed, number, {column} FROM archives ORDER BY feed, number")  # noqa: S608
    read = [(feed, number, tuple(json.loads(ids))) for feed, number, ids in result]
    return [row for row in read if row[2]]


def public(held: Iterable[Row], out: Collection[str]) -> list[Row]:
    """The rows as they may be published: without the ids of posts that are no longer `out`, and without feeds that have none.

    A document keeps its number if none of its posts is left: it has a marker in their place.
    """
    result: list[Row] = []
    for feed, its_rows in groupby(held, key=itemgetter(0)):
        shown = [(number, tuple(id for id in ids if id in out)) for _, number, ids in its_rows]
        if any(ids for _, ids in shown):
            result += [(feed, number, ids or (f"{_WITHDRAWN}{number}",)) for number, ids in shown]
    return result


def knows(held: Iterable[Row], published: Iterable[Row]) -> bool:
    """Whether `held` has each id of the `published` rows in the document that it was published in."""
    ids_held = {(feed, number): set(ids) for feed, number, ids in held}
    return all(ids_held.get((feed, number), _NONE).issuperset(_without_marker(ids)) for feed, number, ids in published)


def completed(held: Iterable[Row], published: Iterable[Row]) -> list[Row]:
    """The rows of `held` with what they lack: what was published is in the document it was published in."""
    published = sorted(published)
    placed = {(feed, id) for feed, _, ids in published for id in ids}
    result = {(feed, number): [id for id in ids if (feed, id) not in placed] for feed, number, ids in held}
    for feed, number, ids in published:
        others = result.get((feed, number), [])
        result[feed, number] = [*(_without_marker(ids) if others else ids), *others]
    return [(feed, number, tuple(ids) or (f"{_WITHDRAWN}{number}",)) for (feed, number), ids in sorted(result.items())]


def _without_marker(ids: Iterable[str]) -> list[str]:
    return [id for id in ids if not id.startswith(_WITHDRAWN)]


def documents(held: Iterable[Row]) -> dict[str, Documents]:
    """The documents of each feed, by the feed's id."""
    by_feed: dict[str, Documents] = {}
    for feed, _, ids in held:
        by_feed.setdefault(feed, []).append(ids)
    return by_feed


def changed(before_now: Mapping[str, Documents], now: Mapping[str, Sequence[Sequence[str]]]) -> list[Row]:
    """The rows of `now` that are not as they are known."""
    return [
        (feed, number, tuple(ids))
        for feed, some in sorted(now.items())
        for number, ids in enumerate(some, 1)
        if number > len(before := before_now.get(feed, [])) or before[number - 1] != tuple(ids)
    ]


def write(base: sqlite3.Connection, some: Iterable[Row]) -> None:
    """Write rows, remembering what they held before."""
    values = [(feed, number, _json(ids)) for feed, number, ids in some]
    if values:
        base.execute(_SCHEMA)
        base.executemany(
            "INSERT INTO archives VALUES (?, ?, ?, '[]') ON CONFLICT DO UPDATE SET former=ids, ids=excluded.ids", values
        )


def fill(base: sqlite3.Connection, some: Iterable[Row]) -> None:
    """Write the rows of a whole ledger, which nothing takes back."""
    values = [(feed, number, _json(ids)) for feed, number, ids in some]
    if values:
        base.execute(_SCHEMA)
        base.executemany("INSERT INTO archives VALUES (?, ?, ?, NULL)", values)


def take_back(base: sqlite3.Connection) -> None:
    """Undo what came with a generation that was never published."""
    if _is_there(base):
        base.execute("DELETE FROM archives WHERE former='[]'")
        base.execute("UPDATE archives SET ids=former, former=NULL WHERE former IS NOT NULL")


def confirm(base: sqlite3.Connection) -> None:
    """What came with the last generation counts: it is live."""
    if _is_there(base):
        base.execute("UPDATE archives SET former=NULL WHERE former IS NOT NULL")


def forget(base: sqlite3.Connection, feeds: Collection[str]) -> None:
    """Delete the rows of these feeds: a feed's id holds the name of its term."""
    if _is_there(base):
        base.executemany("DELETE FROM archives WHERE feed=?", [(feed,) for feed in feeds])


def _json(ids: Sequence[str]) -> str:
    return json.dumps(ids, ensure_ascii=False, separators=(",", ":"))
