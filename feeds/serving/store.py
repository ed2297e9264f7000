"""A generation, packed for serving: in comes a published folder, out goes an SQLite file with its bodies in every coding.

Made by one process when content changes; every worker reads the same file. Each packing is a *turn*, and a reader sees
exactly the turn that it asks for, so that all workers can switch at once. Every body was verified against the manifest
before a turn names it. Must not know HTTP requests.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from feeds import http_headers

DATABASE = "pack.sqlite"
_VERSION = 1
_SCHEMA = f"""
PRAGMA user_version = {_VERSION};
CREATE TABLE generation (turn INTEGER PRIMARY KEY, source TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE document (
    path TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, digest BLOB NOT NULL, modified INTEGER NOT NULL,
    media_type TEXT NOT NULL, format TEXT NOT NULL, links TEXT NOT NULL, max_age_seconds INTEGER, PRIMARY KEY (path, since)
) WITHOUT ROWID;
CREATE INDEX document_until ON document (until);
CREATE INDEX document_digest ON document (digest);
CREATE TABLE body (
    id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL, coding TEXT NOT NULL, checksum INTEGER NOT NULL,
    content BLOB NOT NULL, UNIQUE (digest, coding)
);
"""
#: `until` of a document that is in the newest turn.
FOR_EVER = 1 << 62
_CODINGS = ("identity", *http_headers.CODINGS)
#: Readers never wait in WAL mode; a writer waits for another one.
_BUSY_SECONDS = 20.0


class DamagedError(Exception):
    """The folder holds no whole generation, or the pack is not what was written."""


class StoredBody(NamedTuple):
    """One body of the pack; `length_bytes` 0 where there is none."""

    id: int
    length_bytes: int
    checksum: int


class PackedDocument(NamedTuple):
    """One document of a pack. `places` holds the identity coding's body, then those of http_headers.CODINGS.

    `max_age_seconds` is its own, None for the generation's.
    """

    path: str
    digest: bytes
    modified: int
    media_type: str
    format: str
    links: str
    places: tuple[StoredBody, ...]
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a pack says of its generation as a whole. `names` gives the file names of each format."""

    generation: int
    revision: str
    as_of: str
    base_url: str
    root: str
    max_age_seconds: int
    stale_while_revalidate_seconds: int
    stale_if_error_seconds: int
    next_change: float | None
    problems: int
    documents: int
    moved: Mapping[str, str]
    retired: frozenset[str]
    names: Mapping[str, tuple[str, ...]]
    page_script: str = ""


def wsgi(path: str) -> str:
    """A decoded path as WSGI gives it: UTF-8 bytes read as Latin-1 (PEP 3333)."""
    return path.encode("utf-8", "surrogateescape").decode("latin-1")


class Pack:
    """One turn of a store, opened. `find` and `body` may be called from any thread."""

    def __init__(self, store: Path, turn: int) -> None:
        """Open a turn. Raises DamagedError, FileNotFoundError where it is not there (any more)."""
        self._lock = threading.Lock()
        self.turn = turn
        self._base = connect(store / DATABASE)
        try:
            rows = self._ask("SELECT facts FROM generation WHERE turn = ?", turn)
            if not rows:
                raise FileNotFoundError(store / DATABASE)
            head = json.loads(rows[0][0])
            retired, names = head.pop("retired"), head.pop("names")
            self.facts = PackFacts(
                retired=frozenset(retired), names={name: tuple(files) for name, files in names.items()}, **head
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"the pack cannot be read: {error}") from error

    def __len__(self) -> int:
        return self.facts.documents

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._base.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise DamagedError(f"the pack cannot be read: {error}") from error

    def find(self, path: str) -> PackedDocument | None:
        """The document at a request path, as WSGI gives it; None where there is none."""
        if path in self.facts.moved or path in self.facts.retired:
            # What has moved or ended is not a document, even where its bytes are still there.
            return None
        if path.endswith("/"):
            path += "index.html"
            if path in self.facts.moved or path in self.facts.retired:
                return None
        try:
            rows = self._ask(
                "SELECT digest, modified, media_type, format, links, max_age_seconds FROM document "
                "WHERE path = ? AND since <= ? AND until > ?",
                path, self.turn, self.turn,
            )  # fmt: skip
        except UnicodeEncodeError:
            return None
        if not rows:
            return None
        bodies = self._ask("SELECT coding, id, length(content), checksum FROM body WHERE digest = ?", rows[0][0])
        bodies_by_coding = {coding: StoredBody(*place) for coding, *place in bodies}
        if "identity" not in bodies_by_coding:
            raise DamagedError("a body is missing from the pack")
        digest, modified, media_type, format, links, max_age_seconds = rows[0]
        places = tuple(bodies_by_coding.get(coding, StoredBody(0, 0, 0)) for coding in _CODINGS)
        return PackedDocument(path, digest, modified, media_type, format, links, places, max_age_seconds)

    def records(self, formats: Iterable[str]) -> Iterator[PackedDocument]:
        """All documents in some formats."""
        for format in formats:
            question = "SELECT path FROM document WHERE format = ? AND since <= ? AND until > ? ORDER BY path"
            for (path,) in self._ask(question, format, self.turn, self.turn):
                record = self.find(path)
                if record is not None:
                    yield record

    def body(self, place: StoredBody) -> bytes:
        """A whole body, verified. Raises DamagedError."""
        rows = self._ask("SELECT content FROM body WHERE id = ?", place.id)
        body = rows[0][0] if rows else b""
        if not isinstance(body, bytes) or len(body) != place.length_bytes or crc32(body) != place.checksum:
            raise DamagedError("a body is not what was written")
        return body

    def part(self, place: StoredBody, first: int, end: int) -> bytes:
        """The bytes of a body from `first` up to `end`. Raises DamagedError."""
        rows = self._ask("SELECT substr(content, ?, ?) FROM body WHERE id = ?", first + 1, end - first, place.id)
        part = rows[0][0] if rows else b""
        if not isinstance(part, bytes) or len(part) != end - first:
            raise DamagedError("a body is not what was written")
        return part


def connect(path: Path) -> sqlite3.Connection:
    """A connection for reading, for any thread. Raises FileNotFoundError, DamagedError."""
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        base = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        base.execute("PRAGMA query_only = 1")
        if base.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            raise DamagedError("the pack is of another version")
    except sqlite3.Error as error:
        raise DamagedError(f"the pack cannot be opened: {error}") from error
    return base


def newest_turn(store: Path) -> int:
    """The newest turn of a store. Raises DamagedError, FileNotFoundError where there is none yet."""
    with closing(connect(store / DATABASE)) as base:
        try:
            turn = base.execute("SELECT max(turn) FROM generation").fetchone()[0]
        except sqlite3.Error as error:
            raise DamagedError(f"the pack cannot be read: {error}") from error
    if turn is None:
        raise FileNotFoundError(store / DATABASE)
    return int(turn)


@contextmanager
def writing(store: Path) -> Iterator[sqlite3.Connection]:
    """A connection for the one process that writes; a file that cannot be read is made anew. Raises OSError."""
    try:
        base = _opened(store)
        with closing(base):
            yield base
            with suppress(sqlite3.Error):
                base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            remove(store)
        raise OSError(f"the pack cannot be written: {error}: {store / DATABASE}") from error


def _opened(store: Path) -> sqlite3.Connection:
    path = store / DATABASE
    for _ in range(2):
        base = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            version = base.execute("PRAGMA user_version").fetchone()[0]
            if version == _VERSION:
                return base
            if version == 0 and not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                path.chmod(0o600)
                base.executescript(f"BEGIN;\n{_SCHEMA}COMMIT;")
                return base
        except sqlite3.OperationalError:
            base.close()
            raise
        except sqlite3.DatabaseError:
            pass
        base.close()
        remove(store)
    raise OSError(f"the pack cannot be made: {path}")


def remove(store: Path) -> None:
    """Throw the pack away; it is made anew from the published folder."""
    for ending in ("", "-wal", "-shm", "-journal"):
        (store / f"{DATABASE}{ending}").unlink(missing_ok=True)
