"""What a reader saw of each published post, as digests: in come an open ledger and ids, out go the same.

A row belongs to one text of a post (its digest), so a row of another text says nothing. Must not decide what an edit is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

_AT_ONCE = 500
#: From so many values on all rows are read rather than asked for.
_MANY = 2_000
# A ledger of an earlier version gets the table with its first row; earlier versions do not look at it.
_SCHEMA = """CREATE TABLE IF NOT EXISTS visible (
  key INTEGER, text TEXT, visible TEXT NOT NULL, PRIMARY KEY (key, text)) WITHOUT ROWID"""
_LAST = "coalesce(undo.out_text, iif(posts.out_text='', posts.text, posts.out_text))"
_FROM = "FROM posts LEFT JOIN undo ON undo.key=posts.key"


def are_kept(base: sqlite3.Connection | None) -> bool:
    """Whether the ledger has such rows at all: one of an earlier version has none."""
    return base is not None and bool(base.execute("SELECT 1 FROM sqlite_master WHERE name='visible'").fetchone())


def _among(base: sqlite3.Connection, question: str, column: str, values: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The question's rows with one of the values in a column; possibly others, if there are many values."""
    if len(values) > _MANY:
        yield from base.execute(question)
        return
    for start in range(0, len(values), _AT_ONCE):
        batch = values[start : start + _AT_ONCE]
        yield from base.execute(f"{question} AND {column} IN ({','.join('?' * len(batch))})", batch)


def last_texts(base: sqlite3.Connection | None, paths: Sequence[str]) -> dict[str, str | None]:
    """The digest of the text last published of posts at these paths of which it is known what a reader saw."""
    if base is None or not are_kept(base):
        return {}
    question = f"SELECT path, {_LAST} {_FROM} WHERE seen=1 AND posts.key IN (SELECT key FROM visible)"  # noqa: S608
    return dict(_among(base, question, "path", paths))


def known(base: sqlite3.Connection | None, texts: Mapping[str, str | None]) -> dict[str, str]:
    """By id, what a reader saw of posts while their text had the given digest."""
    if base is None or not are_kept(base):
        return {}
    question = "SELECT id, visible.text, visible FROM posts JOIN visible ON visible.key=posts.key WHERE 1"
    return {id: shown for id, text, shown in _among(base, question, "id", list(texts)) if texts.get(id) == text}


def write(base: sqlite3.Connection, digests: Mapping[str, tuple[str, str]]) -> None:
    """Note what a reader sees of posts, by id: (digest of the text, digest of what it shows).

    The row before it stays until its generation is confirmed by a later one: that may be taken back.
    """
    if not digests:
        return
    base.execute(_SCHEMA)
    for id, (text, shown) in digests.items():
        row = base.execute(f"SELECT posts.key, {_LAST} {_FROM} WHERE id=?", (id,)).fetchone()
        if row is not None:
            base.execute("DELETE FROM visible WHERE key=? AND text NOT IN (?, ?)", (row[0], text, row[1] or ""))
            base.execute("INSERT OR REPLACE INTO visible VALUES (?, ?, ?)", (row[0], text, shown))
