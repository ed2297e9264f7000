"""Which posts a run has written to: in comes an open ledger, out go the ids of posts whose rows are not as they were.

SQLite itself takes note, by triggers of this connection alone, whoever writes; the file does not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

#: Tables with what the ledger has of a post, whose rows have the post's key.
_TABLES = ("posts", "texts", "visible")


def begin(base: sqlite3.Connection) -> bool:
    """Take note from now on; False if a table is not there yet, so that nothing can be noted."""
    if not {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='table'")}.issuperset(_TABLES):
        return False
    statements = ["CREATE TEMP TABLE written (key INTEGER PRIMARY KEY)"]
    for table in _TABLES:
        for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            note = f"INSERT OR IGNORE INTO written VALUES ({row}.key)"  # noqa: S608  our own names
            statements.append(f"CREATE TEMP TRIGGER written_{table}_{event} AFTER {event} ON main.{table} BEGIN {note}; END")
    base.executescript(";".join(statements))
    return True


def written(base: sqlite3.Connection) -> set[str]:
    """The ids of the posts that were written to since `begin`."""
    return {id for (id,) in base.execute("SELECT id FROM posts JOIN temp.written ON posts.key = temp.written.key")}
