"""Instants that a wrong clock left in the ledger: in come an open file and the span that is wrong, out go rows with another one.

A build takes back by itself what lies more than 31 days ahead; this is for what is nearer, or past. Reads no clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from feeds.ledger.reader import OUTLINE


def replace_stamps(base: sqlite3.Connection, undated: Collection[str], span: tuple[int, int], now: int) -> tuple[str, ...]:
    """As `Ledger.redate`."""
    first, last = span
    posts: dict[int, tuple[str, int, int]] = {}
    question = "SELECT key, path, published, updated FROM posts WHERE published IS NOT NULL AND updated IS NOT NULL"
    for key, path, published, updated in base.execute(question):
        is_undated = path in undated
        right = now if is_undated and first <= published <= last else published
        stamped = first <= updated <= last and (is_undated or updated != published)
        edited = max(now if stamped else updated, right)
        if (right, edited) != (published, updated):
            posts[key] = path, right, edited
    base.execute("BEGIN IMMEDIATE")
    base.execute("UPDATE posts SET first_seen=? WHERE first_seen BETWEEN ? AND ?", (now, first, last))
    base.executemany(
        "UPDATE posts SET published=?, updated=? WHERE key=?", [(right, edited, key) for key, (_, right, edited) in posts.items()]
    )
    base.execute(
        "UPDATE meta SET value=? WHERE substr(name, 1, ?)=? AND CAST(value AS INTEGER) BETWEEN ? AND ?",
        (str(now), len(OUTLINE), OUTLINE, first, last),
    )
    base.execute("COMMIT")
    return tuple(sorted(path for path, _, _ in posts.values()))
