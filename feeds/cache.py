"""Results of pure stages, remembered: in come digests of inputs, out go the results of an earlier run.

A cache and nothing else: with the file deleted every byte published is the same, only later. A damaged file is deleted, a
damaged value (SQLite does not look at them) is as good as none.
Files are known by their stat (as git's index knows them); everything else by a digest of all that decides it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from zlib import crc32

#: In the state folder; FORMER_NAME is what earlier versions called it.
FILE_NAME, FORMER_NAME = "cache.sqlite", "memo.sqlite"
VERSION = 4
# WITHOUT ROWID a table has its rows in inner pages too, some four of them in each: values of kilobytes took three times as long
# to read and to write.
_SCHEMA = """
CREATE TABLE files (path TEXT PRIMARY KEY, stat TEXT NOT NULL, header TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE results (key TEXT, kind TEXT, value BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE (key, kind));
CREATE TABLE notes (key TEXT, kind TEXT, value BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (key, kind)) WITHOUT ROWID;
CREATE TABLE used (key TEXT PRIMARY KEY, build INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
#: How many builds a result that nobody asked for is kept; uses are noted at half that interval, to write less.
KEEP_BUILDS = 20
_AT_ONCE = 500
#: Small results that every run asks for, in a table of their own: among the large ones each would cost a page.
_NOTES = frozenset({"lookups", "facts", "digest"})


def _table(kind: str) -> str:
    return "notes" if kind in _NOTES else "results"


class LostError(LookupError):
    """A remembered value that another one relies on is gone, or damaged."""


def _last_sources(earlier: sqlite3.Connection) -> list[tuple[str, tuple[object, ...]]]:
    """What a cache of another version knows of the sources of posts, as statements for this one: a post may break in the very
    build that follows an upgrade. Its files and sources are as they were in every version so far; anything else is made anew.
    """
    try:
        files = earlier.execute("SELECT path, header FROM files").fetchall()
        sources = earlier.execute("SELECT key, value FROM results WHERE kind='source'").fetchall()
    except sqlite3.DatabaseError:
        return []
    return [
        *(("INSERT INTO files VALUES (?, '', ?, ?)", (path, header, crc32(header.encode()))) for path, header in files),
        *(("INSERT INTO results VALUES (?, 'source', ?, ?)", (key, value, crc32(value))) for key, value in sources),
        *(("INSERT INTO used VALUES (?, 0)", (key,)) for key, _ in sources),
    ]


def _take_former(state: Path) -> None:
    """Give the file of an earlier version its present name: it may have the only good source of a post that breaks now."""
    for ending in ("-journal", ""):  # the journal first: without it, the file could be half written
        former = state / (FORMER_NAME + ending)
        if former.exists() and not (state / FILE_NAME).exists():
            former.replace(state / (FILE_NAME + ending))


class Cache:
    """The remembered results in one state folder. One writer (the build's lock); nothing is written before `save`."""

    def __init__(self, state: Path) -> None:
        self.path = state / FILE_NAME
        self._new: dict[tuple[str, str], bytes] = {}
        self._files: list[tuple[str, str, str]] = []
        self._used: set[str] = set()
        self._closed = False
        self._base = self._open()
        self.build = int(self.fact("build") or 0) + 1

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _take_former(self.path.parent)
        sources: list[tuple[str, tuple[object, ...]]] = []
        try:
            self.path.touch(mode=0o600)
            base = sqlite3.connect(self.path, isolation_level=None)
            base.execute("PRAGMA synchronous=OFF")
            (version,) = base.execute("PRAGMA user_version").fetchone()
            if version == VERSION:
                base.execute("SELECT count(*) FROM facts").fetchone()
                return base
            sources = _last_sources(base)
            base.close()
        except sqlite3.DatabaseError:
            pass
        for path in (self.path, self.path.with_name(self.path.name + "-journal")):
            path.unlink(missing_ok=True)
        self.path.touch(mode=0o600)  # SQLite keeps the mode of what is there
        base = sqlite3.connect(self.path, isolation_level=None)
        # Values are some kilobytes long: on small pages each would be a chain of them.
        base.execute("PRAGMA page_size=16384")
        base.execute("PRAGMA synchronous=OFF")
        base.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={VERSION};")
        for statement, values in sources:
            base.execute(statement, values)
        base.execute("COMMIT")
        return base

    def fact(self, name: str) -> str | None:
        """A remembered fact about the last build."""
        row = self._base.execute("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return row[0] if row else None

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact; written with the next `save`."""
        self._begin()
        self._base.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def files(self, paths: Sequence[str] | None = None) -> Iterator[tuple[str, str, str]]:
        """The files of the last build: (path, stat, header), in one bulk read; or those of them at these paths."""
        question = "SELECT path, stat, header, crc FROM files"
        parts = [()] if paths is None else [paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE)]
        for part in parts:
            where = f" WHERE path IN ({','.join('?' * len(part))})" if part else ""
            for path, stat, header, crc in self._base.execute(question + where, part):
                if crc32(header.encode()) == crc:
                    yield path, stat, header

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The remembered values of those keys that have one of that kind."""
        results: dict[str, bytes] = {}
        asked: list[str] = []
        for key in dict.fromkeys(keys):
            new = self._new.get((key, kind))
            if new is not None:
                results[key] = new
            else:
                asked.append(key)
        for start in range(0, len(asked), _AT_ONCE):
            batch = asked[start : start + _AT_ONCE]
            marks = ",".join("?" * len(batch))
            question = f"SELECT key, value, crc FROM {_table(kind)} WHERE kind=? AND key IN ({marks})"  # noqa: S608  only marks
            with self._readable() as base:
                rows = base.execute(question, (kind, *batch))
                results.update((key, value) for key, value, crc in rows if crc32(value) == crc)
        self._used.update(results)
        return results

    def need(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of keys that this run has already built upon. Raises sqlite3.DatabaseError where one is lost."""
        result = self.get(kind, keys)
        if len(result) < len(set(keys)):
            raise sqlite3.DatabaseError(f"a value of {kind} is damaged")
        return result

    def keep(self, keys: Iterable[str]) -> None:
        """Say that what is remembered under these keys is still wanted, though nobody asks for it in this run."""
        self._used.update(keys)

    def put(self, kind: str, key: str, value: bytes) -> None:
        """Remember a value; written with the next `save`, or earlier where many have gathered."""
        self._new[key, kind] = value
        self._used.add(key)
        if len(self._new) >= _AT_ONCE:
            self._flush()

    def put_file(self, path: str, stat: str, header: str) -> None:
        """Remember a file; written as results are."""
        self._files.append((path, stat, header))
        if len(self._files) >= _AT_ONCE:
            self._flush()

    def drop_files(self, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        self._begin()
        self._base.executemany("DELETE FROM files WHERE path=?", ((path,) for path in paths))

    def _begin(self) -> None:
        if not self._base.in_transaction:
            self._base.execute("BEGIN")

    def _flush(self) -> None:
        self._begin()
        for table in ("results", "notes"):
            self._base.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)",  # noqa: S608  our own names
                ((key, kind, value, crc32(value)) for (key, kind), value in self._new.items() if _table(kind) == table),
            )
        self._new.clear()
        self._base.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
            ((path, stat, header, crc32(header.encode())) for path, stat, header in self._files),
        )
        self._files.clear()

    def save(self) -> None:
        """Write what is new, all of the run in one transaction."""
        self._flush()
        base = self._base
        base.executemany(
            "INSERT INTO used VALUES (?, ?) ON CONFLICT DO UPDATE SET build=excluded.build WHERE build<?",
            ((key, self.build, self.build - KEEP_BUILDS // 2) for key in self._used),
        )
        for table in ("results", "notes"):
            question = f"DELETE FROM {table} WHERE key IN (SELECT key FROM used WHERE build<?)"  # noqa: S608  our own names
            base.execute(question, (self.build - KEEP_BUILDS,))
        base.execute("DELETE FROM used WHERE build<?", (self.build - KEEP_BUILDS,))
        self.set_fact("build", str(self.build))
        base.execute("COMMIT")
        self._used.clear()

    def forget_files(self, headers_key: str) -> None:
        """Drop every remembered file: what decides a header has changed, to what the key says."""
        self._begin()
        self._base.execute("DELETE FROM files")
        self.set_fact("headers", headers_key)

    @contextmanager
    def _readable(self) -> Iterator[sqlite3.Connection]:
        """The open file; once it was closed, e.g. for a publication that a program has kept, opened anew for one question."""
        if not self._closed:
            yield self._base
            return
        with closing(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)) as base:
            yield base

    def close(self) -> None:
        """Let go of the file; what was not saved can still be read, and is not written any more."""
        self._closed = True
        self._base.close()
