"""One generation in memory: in comes a published folder, out goes an immutable table of documents, each one verified.

A folder that is missing, half-written or damaged gives no snapshot, so that the last good one stays.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from feeds import delivery, manifest
from feeds.manifest import Manifest, Published

#: Bodies beyond this many bytes in all stay on disk.
MEMORY_BYTES = 512_000_000
_ENDINGS = {"gzip": ".gz", "br": ".br"}


class DamagedError(Exception):
    """The folder holds no whole generation."""


class Document:
    """One document: what the manifest says, its bodies by coding ("" is identity) where they are in memory."""

    __slots__ = ("bodies", "codings", "facts", "path")

    def __init__(self, path: str, facts: Published, bodies: Mapping[str, bytes | None]) -> None:
        self.path, self.facts, self.bodies = path, facts, bodies
        self.codings = tuple(coding for coding in delivery.CODINGS if coding in bodies)


@dataclass(slots=True)
class Snapshot:
    """A generation that answers requests. `documents` is keyed as WSGI gives paths (bytes read as Latin-1).

    `answers` remembers whole answers to requests that came before; `fresh_until` is when they age.
    """

    manifest: Manifest
    documents: Mapping[str, Document]
    root: int
    page_policy: str
    redirects: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    answers: dict[tuple[str | None, ...], tuple[str, list[tuple[str, str]], list[bytes]]] = field(default_factory=dict)
    fresh_until: float = 0.0
    control: str = ""
    loaded_at: float = field(default_factory=time.time)

    def body(self, document: Document, coding: str) -> bytes:
        """A document's bytes; read again from the generation's own folder where memory did not hold them."""
        held = document.bodies[coding]
        if held is not None:
            return held
        return _read(self.root, document.path + _ENDINGS.get(coding, ""))

    def refresh(self, now: float) -> None:
        """Make Cache-Control for this moment, and say how long it holds."""
        known = self.manifest
        moment = datetime.fromtimestamp(now, UTC)
        age = delivery.max_age(known.max_age_seconds, known.next_change_at, moment)
        self.control = delivery.cache_control(
            age, known.stale_while_revalidate_seconds, known.stale_if_error_seconds
        )
        self.answers.clear()
        if known.next_change_at is None:
            until = now + 86_400
        else:
            left = known.next_change_at.timestamp() - now
            until = now + 1 if left <= known.max_age_seconds else now + left - known.max_age_seconds
        ahead = any(one.facts.last_modified.timestamp() > now for one in self.documents.values())
        self.fresh_until = now + 1 if ahead else until

    def last_modified(self, document: Document, now: float) -> datetime:
        """When its bytes last changed, never later than now (RFC 9110 section 8.8.2.1)."""
        moment = document.facts.last_modified
        return moment if moment.timestamp() <= now else datetime.fromtimestamp(int(now), UTC)

    def close(self) -> None:
        """Let go of the generation's folder."""
        if self.root >= 0:
            os.close(self.root)
            self.root = -1

    def __del__(self) -> None:
        self.close()


def wsgi(path: str) -> str:
    """A decoded path as WSGI gives it (PEP 3333)."""
    return path.encode("utf-8", "surrogateescape").decode("latin-1")


def load(folder: Path, before: Snapshot | None = None) -> Snapshot:
    """The generation in a folder. Bodies that `before` holds are taken from it. Raises DamagedError."""
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise DamagedError(f"{folder}: {error.strerror}") from error
    try:
        known = Manifest.from_json(_read(root, manifest.FILE_NAME))
        held = {one.facts.digest: one for one in before.documents.values()} if before is not None else {}
        documents = dict(_documents(root, known, held))
    except (OSError, ValueError) as error:
        os.close(root)
        raise DamagedError(f"{folder}: {error}") from error
    from feeds.formats._page import CONTENT_SECURITY_POLICY

    base = urlsplit(known.base_url).path
    made = Snapshot(
        known,
        documents,
        root,
        CONTENT_SECURITY_POLICY,
        {wsgi(base + path): url for path, url in known.moved.items()} | _folders(documents, known),
        frozenset(wsgi(base + path) for path in known.retired),
    )
    made.refresh(time.time())
    return made


def _folders(documents: Mapping[str, Document], known: Manifest) -> dict[str, str]:
    """A page's folder without its last slash leads to the page, for good."""
    from feeds.urls import encode_path

    made = {}
    for key, document in documents.items():
        if key.endswith("/") and len(key) > 1:
            folder = document.path.rpartition("/")[0]
            made[key[:-1]] = known.base_url + encode_path(folder + "/" if folder else "")
    return made


def _documents(root: int, known: Manifest, held: Mapping[str, Document]) -> Iterator[tuple[str, Document]]:
    """Every document by its request path, and pages by their folder's path too."""
    from urllib.parse import unquote

    base = unquote(urlsplit(known.base_url).path)
    room = MEMORY_BYTES
    fresh: list[Document] = []
    for path, facts in known.documents.items():
        old = held.get(facts.digest)
        if old is not None and old.bodies.get("") is not None:
            document = Document(path, facts, old.bodies)
        else:
            body = _read(root, path)
            if len(body) != facts.length_bytes or sha256(body).hexdigest() != facts.digest:
                raise ValueError(f"{path} is not what the manifest says")
            bodies: dict[str, bytes | None] = {"": body if room > 0 else None}
            for coding, ending in _ENDINGS.items():
                try:
                    bodies[coding] = _read(root, path + ending)
                except FileNotFoundError:
                    continue
            room -= sum(len(one) for one in bodies.values() if one is not None)
            document = Document(path, facts, bodies)
            if len(bodies) == 1 and delivery.is_compressible(facts.media_type) and len(body) > 200 and room > 0:
                fresh.append(document)
        key = wsgi(base + path)
        yield key, document
        if facts.format in ("html", "entry") and path.rpartition("/")[2] == "index.html":
            yield wsgi(base + path[: -len("index.html")]), document
    _compress(fresh)


def _compress(documents: list[Document]) -> None:
    """Make the codings of documents that came without, when the content changes and not when it is asked for."""
    from feeds.publish.staging import encode

    def both(document: Document) -> None:
        body = document.bodies[""]
        assert body is not None  # noqa: S101  only bodies in memory are compressed
        made: dict[str, bytes | None] = {"": body}
        for coding in delivery.CODINGS:
            smaller = encode(coding, body)
            if len(smaller) < len(body):
                made[coding] = smaller
        document.bodies = made
        document.codings = tuple(coding for coding in delivery.CODINGS if coding in made)

    if documents:
        with ThreadPoolExecutor() as pool:
            list(pool.map(both, documents))


def _read(root: int, path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    with os.fdopen(handle, "rb") as stream:
        return stream.read()
