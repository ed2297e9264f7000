"""Packing a published folder into a store: what the store holds already is not read again. One process at a time.

Identity and gzip come first, so that a new server answers soon; brotli, which takes ten times as long, is added as a
turn of its own where there is much of it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zlib import crc32

from feeds import MANIFEST_NAME, http_headers, system
from feeds.media_types import compressible
from feeds.model import rfc3339
from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.serving import store as packs
from feeds.serving.store import FOR_EVER, DamagedError, wsgi
from feeds.serving.turns import Turns
from feeds.urls import ARCHIVE_FILE_NAME

#: Codings that are made before a generation is served, and those that may come later.
_FIRST = ("gzip",)
_LATER = tuple(coding for coding in http_headers.CODINGS if coding not in _FIRST)
#: Of so few new bytes every coding is made at once.
_LITTLE_BYTES = 2_000_000
_BATCH = 64


def write(folder: Path, store: Path, next_change_at: datetime | None = None) -> Manifest:
    """Pack the generation in a folder.

    `next_change_at` is when a scheduled post falls due or one expires, as far as it is known: the folder does not tell.

    Raises DamagedError where the folder holds no whole generation, OSError where the store cannot be written; the turn
    that was there before then stays.
    """
    store.mkdir(parents=True, exist_ok=True)
    try:
        root = os.open(folder, os.O_RDONLY | system.FOLDER | system.PRIVATE) if system.OPENS_FOLDERS else folder
    except OSError as error:
        raise DamagedError(f"the folder cannot be opened: {error.strerror}") from error
    try:
        try:
            text = _read(root, MANIFEST_NAME)
            result = Manifest.from_json(text)
            result = replace(result, next_change_at=next_change_at or result.next_change_at)
        except (OSError, ValueError) as error:
            raise DamagedError(f"there is no manifest that can be read: {error}") from error
        with packs.writing(store) as base:
            _Packing(base, result, root, store).run(sha256(text + repr(result.next_change_at).encode()).hexdigest())
        return result
    finally:
        if isinstance(root, int):
            os.close(root)


class _Packing:
    """One packing of a generation."""

    def __init__(self, base: sqlite3.Connection, manifest: Manifest, root: int | Path, store: Path) -> None:
        self.base, self.made, self.root = base, manifest, root
        self.by_digest = {bytes.fromhex(document.digest): (path, document) for path, document in manifest.documents.items()}
        newest = base.execute("SELECT turn, source FROM generation ORDER BY turn DESC LIMIT 1").fetchone()
        self.source = str(newest[1]) if newest else ""
        # A pack that was made anew must not count from one again: its readers know turns by their numbers.
        self.turn = max(int(newest[0]) if newest else 0, Turns(store).live)

    def run(self, source: str) -> None:
        """Write what is not there yet."""
        if source != self.source:
            lacking = self.lacking(("identity", *_FIRST))
            size = sum(self.by_digest[digest][1].length_bytes for digest in lacking)
            self.add(lacking, ("identity", *_FIRST, *(_LATER if size <= _LITTLE_BYTES else ())))
            self.switch(source)
        later = self.lacking(_LATER)
        if later:
            self.add(later, _LATER)
            self.switch(source)

    def lacking(self, codings: tuple[str, ...]) -> list[bytes]:
        """Digests of documents that are not there in all of these codings, largest audience first: shortest path."""
        codings_by_digest: dict[bytes, set[str]] = {}
        for digest, coding in self.base.execute("SELECT digest, coding FROM body"):
            codings_by_digest.setdefault(digest, set()).add(coding)
        wanted = set(codings)
        results = [digest for digest in self.by_digest if not wanted <= codings_by_digest.get(digest, set())]
        return sorted(results, key=lambda digest: (len(self.by_digest[digest][0]), digest))

    def add(self, digests: list[bytes], codings: tuple[str, ...]) -> None:
        """Write bodies; a coding that is not smaller is written as nothing."""
        rest = iter(digests)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            while batch := list(islice(rest, _BATCH)):
                rows = [row for rows in pool.map(lambda digest: list(self.bodies(digest, codings)), batch) for row in rows]
                with self.transaction():
                    self.base.executemany(
                        "INSERT OR IGNORE INTO body (digest, coding, checksum, content) VALUES (?, ?, ?, ?)", rows
                    )

    def bodies(self, digest: bytes, codings: tuple[str, ...]) -> Iterator[tuple[bytes, str, int, bytes]]:
        """The rows of one document. Raises DamagedError where its file is not what the manifest says."""
        from feeds.publish.stage import encode

        path, document = self.by_digest[digest]
        try:
            body = _read(self.root, path)
        except OSError as error:
            raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
        if len(body) != document.length_bytes or sha256(body).digest() != digest:
            raise DamagedError(f"{path} is not what the manifest says")
        for coding in codings:
            content = body
            if coding != "identity":
                content = encode(coding, body) if compressible(document.media_type) else body
                content = content if len(content) < len(body) else b""
            yield digest, coding, crc32(content), content

    def switch(self, source: str) -> None:
        """Write a new turn: documents that are as they were keep their rows."""
        turn = self.turn + 1
        wanted = {self.key(path): self.row(document) for path, document in self.made.documents.items()}
        with self.transaction():
            rows = self.base.execute(
                "SELECT path, digest, modified, media_type, format, links, max_age_seconds FROM document WHERE until = ?",
                (FOR_EVER,),
            )
            held = {path: tuple(rest) for path, *rest in rows}
            gone = [(turn, path, FOR_EVER) for path, row in held.items() if wanted.get(path) != row]
            fresh = [(path, turn, FOR_EVER, *row) for path, row in wanted.items() if held.get(path) != row]
            self.base.executemany("UPDATE document SET until = ? WHERE path = ? AND until = ?", gone)
            self.base.executemany("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", fresh)
            self.base.execute("INSERT INTO generation VALUES (?, ?, ?)", (turn, source, json.dumps(self.facts())))
            # A worker may be one turn behind for a moment; nobody needs what is older.
            self.base.execute("DELETE FROM generation WHERE turn < ?", (turn - 1,))
            if self.base.execute("DELETE FROM document WHERE until < ?", (turn,)).rowcount:
                # Both sides are read from an index: not a scan of all bodies.
                unused = "SELECT digest FROM body EXCEPT SELECT digest FROM document"
                self.base.execute(f"DELETE FROM body WHERE digest IN ({unused})")  # noqa: S608  a constant
        self.turn = turn

    def key(self, path: str) -> str:
        """A document's request path, as WSGI gives it."""
        return wsgi(unquote(urlsplit(self.made.base_url).path) + path)

    def row(self, published: PublishedDocument) -> tuple[bytes, int, str, str, str, int | None]:
        """What a document's row says besides its path."""
        links = http_headers.link(published.links)
        modified = int(published.last_modified.timestamp())
        return bytes.fromhex(published.digest), modified, published.media_type, published.format, links, published.max_age_seconds

    def facts(self) -> Mapping[str, object]:
        """The generation as a whole: the fields of store.Facts."""
        result = self.made
        names: dict[str, set[str]] = {}
        for path, document in result.documents.items():
            file = path.rpartition("/")[2]
            if document.format not in ("asset", "entry") and not ARCHIVE_FILE_NAME.match(file):
                names.setdefault(document.format, set()).add(file)
        return {
            "generation": result.generation, "revision": result.revision, "as_of": rfc3339(result.as_of),
            "base_url": result.base_url,
            "root": self.key(""), "max_age_seconds": result.max_age_seconds,
            "stale_while_revalidate_seconds": result.stale_while_revalidate_seconds,
            "stale_if_error_seconds": result.stale_if_error_seconds,
            "page_script": result.page_script,
            "next_change": result.next_change_at.timestamp() if result.next_change_at else None, "problems": result.problems,
            "documents": len(result.documents), "moved": {self.key(path): url for path, url in result.moved.items()},
            "retired": [self.key(path) for path in result.retired],
            "names": {name: sorted(files)[:20] for name, files in names.items()},
        }  # fmt: skip

    def transaction(self) -> _Transaction:
        """All or nothing."""
        return _Transaction(self.base)


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self.base = base

    def __enter__(self) -> None:
        self.base.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if kind is None:
            self.base.execute("COMMIT")
        else:
            with suppress(sqlite3.Error):
                self.base.execute("ROLLBACK")


def _read(root: int | Path, path: str) -> bytes:
    """A file below the folder, its last name no link. A reader that was refused must not block: O_NONBLOCK."""
    flags = os.O_RDONLY | system.NO_FOLLOW | system.NO_WAIT | system.PRIVATE
    handle = os.open(path, flags, dir_fd=root) if isinstance(root, int) else os.open(root / path, flags)
    with os.fdopen(handle, "rb") as stream:
        return stream.read()
