"""A generation, packed for serving: in comes a published folder, out goes one index file and bodies in every coding.

Made once, by one process, when content changes; every worker then reads the same files, so that a swap costs a worker one
small read. Every body was verified against the manifest before the index names it. Must not know HTTP requests.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from zlib import crc32

from feeds import http_headers
from feeds.media_types import compressible
from feeds.model import rfc3339
from feeds.publish import manifest
from feeds.publish.manifest import Manifest, Published
from feeds.urls import ARCHIVE_FILE_NAME

INDEX = "index"
_BODIES = "bodies-"
_MAGIC = b"feedspk2"
_HEAD = struct.Struct("<8sIQ32s")
_SLOT = struct.Struct("<QI")
#: Digest, last modified, its own max-age (0: none), media type, format, strings (offset, path, links, checksum), then
#: (offset, length, checksum) of the identity coding and of each of delivery.CODINGS; length 0 where there is none.
_RECORD = struct.Struct("<32sqIHHQIII" + "QQI" * (1 + len(http_headers.CODINGS)))
_PLACES = 9
#: Bodies that no generation names any more are thrown away when they are more than this and more than those that are named.
_WASTE_BYTES = 64_000_000


class DamagedError(Exception):
    """The folder holds no whole generation, or the pack is not what was written."""


class Place(NamedTuple):
    """Where one body lies in the bodies file; `length_bytes` 0 where there is none."""

    offset: int
    length_bytes: int
    checksum: int


class Record(NamedTuple):
    """One document of a pack. `places` holds the identity coding's body, then those of http_headers.CODINGS.

    `max_age_seconds` is its own, None for the generation's.
    """

    path: str
    digest: bytes
    modified: int
    media_type: str
    format: str
    links: str
    places: tuple[Place, ...]
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
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


def _hash(path: bytes) -> int:
    return int.from_bytes(blake2b(path, digest_size=8).digest(), "little")


def wsgi(path: str) -> str:
    """A decoded path as WSGI gives it: UTF-8 bytes read as Latin-1 (PEP 3333)."""
    return path.encode("utf-8", "surrogateescape").decode("latin-1")


class Pack:
    """An opened pack. `find` and `body` may be called from any thread."""

    def __init__(self, store: Path) -> None:
        """Open the pack of a store. Raises DamagedError, FileNotFoundError where there is none yet."""
        self._index = -1
        self._bodies = -1
        try:
            self._open(store)
        except FileNotFoundError:
            self.close()
            raise
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            self.close()
            raise DamagedError(f"the pack cannot be read: {error}") from error

    def _open(self, store: Path) -> None:
        self._index = os.open(store / INDEX, os.O_RDONLY | os.O_CLOEXEC)
        found = os.fstat(self._index)
        self.stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        magic, size, front_size, checksum = _HEAD.unpack(os.pread(self._index, _HEAD.size, 0))
        front = os.pread(self._index, front_size, _HEAD.size)
        if magic != _MAGIC or len(front) != front_size or sha256(front).digest() != checksum:
            raise ValueError("its checksum is wrong")
        head = json.loads(front[:size])
        self.name: str = head.pop("bodies")
        self.source: str = head.pop("source")
        self._media_types: list[str] = head.pop("media_types")
        self._formats: list[str] = head.pop("formats")
        self._slots: int = head.pop("slots")
        retired, names = head.pop("retired"), head.pop("names")
        self.facts = Facts(retired=frozenset(retired), names={name: tuple(files) for name, files in names.items()}, **head)
        self._front, self._slots_at = front, size
        self._records_at = size + self._slots * _SLOT.size
        self._strings_at = _HEAD.size + front_size
        self._bodies = os.open(store / self.name, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the files."""
        for handle in (self._index, self._bodies):
            if handle >= 0:
                os.close(handle)
        self._index = self._bodies = -1

    def __del__(self) -> None:
        self.close()

    def __len__(self) -> int:
        return self.facts.documents

    def find(self, path: str) -> Record | None:
        """The document at a request path, as WSGI gives it; None where there is none."""
        try:
            wanted = path.encode("latin-1")
        except UnicodeEncodeError:
            return None
        value = _hash(wanted)
        at = value % self._slots
        while True:
            found, number = _SLOT.unpack_from(self._front, self._slots_at + at * _SLOT.size)
            if not number:
                return None
            if found == value:
                record = self._record(number - 1)
                if record.path == path or (record.path.startswith(path) and path.endswith("/")):
                    return record
            at = (at + 1) % self._slots

    def _record(self, number: int) -> Record:
        fields = _RECORD.unpack_from(self._front, self._records_at + number * _RECORD.size)
        digest, modified, max_age, media_type, format, offset, path_size, links_size, checksum = fields[:_PLACES]
        strings = os.pread(self._index, path_size + links_size, self._strings_at + offset)
        if crc32(strings) != checksum:
            raise DamagedError("the index's strings are not what was written")
        places = tuple(Place(*fields[at : at + 3]) for at in range(_PLACES, len(fields), 3))
        path, links = strings[:path_size].decode("latin-1"), strings[path_size:].decode("ascii")
        kinds = self._media_types[media_type], self._formats[format]
        return Record(path, digest, modified, *kinds, links, places, max_age or None)

    def records(self) -> Iterator[Record]:
        """All documents, in no order that means anything."""
        return map(self._record, range(self.facts.documents))

    def body(self, place: Place) -> bytes:
        """A whole body, verified. Raises DamagedError."""
        body = os.pread(self._bodies, place.length_bytes, place.offset)
        if len(body) != place.length_bytes or crc32(body) != place.checksum:
            raise DamagedError("a body is not what was written")
        return body

    def part(self, place: Place, first: int, end: int) -> bytes:
        """The bytes of a body from `first` up to `end`."""
        return os.pread(self._bodies, end - first, place.offset + first)


def stamp_of(store: Path) -> tuple[int, int, int] | None:
    """What changes whenever the pack does; None where there is none."""
    try:
        found = (store / INDEX).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def write(folder: Path, store: Path, next_change_at: datetime | None = None) -> Manifest:
    """Pack the generation in a folder; what the store holds already is not read again. One process at a time.

    `next_change_at` is when a scheduled post falls due or one expires, as far as it is known: the folder does not tell.

    Raises DamagedError where the folder holds no whole generation, OSError where the store cannot be written; the pack
    that was there before then stays.
    """
    store.mkdir(parents=True, exist_ok=True)
    for stray in store.glob(f"{INDEX}.*"):
        stray.unlink(missing_ok=True)
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise DamagedError(f"the folder cannot be opened: {error.strerror}") from error
    try:
        try:
            text = _read(root, manifest.FILE_NAME)
            made = Manifest.from_json(text)
            made = replace(made, next_change_at=next_change_at or made.next_change_at)
        except (OSError, ValueError) as error:
            raise DamagedError(f"there is no manifest that can be read: {error}") from error
        before = None
        with suppress(DamagedError, FileNotFoundError):
            before = Pack(store)
        source = sha256(text + repr(made.next_change_at).encode()).hexdigest()
        if before is None or before.source != source:
            _Writer(store, before).write(root, made, source)
        return made
    finally:
        os.close(root)


class _Writer:
    def __init__(self, store: Path, before: Pack | None) -> None:
        self.store, self.before = store, before

    def write(self, root: int, made: Manifest, source: str) -> None:
        held: dict[bytes, tuple[Place, ...]] = {}
        if self.before is not None:
            held = {record.digest: record.places for record in self.before.records()}
        wanted = {bytes.fromhex(one.digest) for one in made.documents.values()}
        live = sum(place.length_bytes for digest in held.keys() & wanted for place in held[digest])
        name = self.before.name if self.before is not None else f"{_BODIES}1"
        size = (self.store / name).stat().st_size if self.before is not None else 0
        if self.before is not None and size > 2 * live + _WASTE_BYTES:
            name = f"{_BODIES}{int(name.removeprefix(_BODIES)) + 1}"
            try:
                held = self._move(name, {digest: places for digest, places in held.items() if digest in wanted})
            except DamagedError:
                held = {}
        with (self.store / name).open("ab") as bodies:
            fresh = [(path, one) for path, one in made.documents.items() if bytes.fromhex(one.digest) not in held]
            for one, variants in _verified(root, fresh):
                places = []
                for body in variants:
                    places.append(Place(bodies.tell(), len(body), crc32(body)) if body else Place(0, 0, 0))
                    bodies.write(body)
                held[bytes.fromhex(one.digest)] = tuple(places)
            bodies.flush()
            os.fsync(bodies.fileno())
        self._index(made, source, name, held)
        for other in self.store.glob(f"{_BODIES}*"):
            if other.name != name:
                other.unlink(missing_ok=True)

    def _move(self, name: str, held: Mapping[bytes, tuple[Place, ...]]) -> dict[bytes, tuple[Place, ...]]:
        """Copy the bodies that are still named to a new file."""
        assert self.before is not None  # noqa: S101  only an old pack is moved
        moved = {}
        with (self.store / name).open("wb") as bodies:
            for digest, places in held.items():
                fresh = []
                for place in places:
                    fresh.append(place._replace(offset=bodies.tell()) if place.length_bytes else place)
                    if place.length_bytes:
                        bodies.write(self.before.body(place))
                moved[digest] = tuple(fresh)
        return moved

    def _index(self, made: Manifest, source: str, name: str, held: Mapping[bytes, tuple[Place, ...]]) -> None:
        base = unquote(urlsplit(made.base_url).path)
        media_types = sorted({one.media_type for one in made.documents.values()})
        formats = sorted({one.format for one in made.documents.values()})
        names: dict[str, set[str]] = {}
        keys: list[tuple[bytes, int]] = []
        records, strings = bytearray(), bytearray()
        # What has moved or ended is no document, even where its bytes are still there.
        hidden = {*made.moved, *made.retired}
        for number, (path, one) in enumerate(made.documents.items()):
            folder, file = path[: path.rfind("/") + 1], path.rpartition("/")[2]
            if not ARCHIVE_FILE_NAME.match(file):
                names.setdefault(one.format, set()).add(file)
            key = (base + path).encode("utf-8", "surrogateescape")
            if path not in hidden:
                keys.append((key, number))
            if file == "index.html" and path not in hidden and folder not in hidden:
                keys.append(((base + folder).encode("utf-8", "surrogateescape"), number))
            links = http_headers.link(one.links).encode("ascii")
            digest = bytes.fromhex(one.digest)
            records += _RECORD.pack(
                digest, int(one.last_modified.timestamp()), one.max_age_seconds or 0,
                media_types.index(one.media_type), formats.index(one.format),
                len(strings), len(key), len(links), crc32(key + links), *(value for place in held[digest] for value in place),
            )  # fmt: skip
            strings += key + links
        slots = _table(keys)
        head = json.dumps({
            "bodies": name, "source": source, "media_types": media_types, "formats": formats, "slots": len(slots) // _SLOT.size,
            "generation": made.generation, "revision": made.revision, "as_of": rfc3339(made.as_of), "base_url": made.base_url,
            "root": wsgi(base), "max_age_seconds": made.max_age_seconds,
            "stale_while_revalidate_seconds": made.stale_while_revalidate_seconds,
            "stale_if_error_seconds": made.stale_if_error_seconds,
            "next_change": made.next_change_at.timestamp() if made.next_change_at else None, "problems": made.problems,
            "documents": len(made.documents), "moved": {wsgi(base + path): url for path, url in made.moved.items()},
            "retired": [wsgi(base + path) for path in made.retired],
            "names": {name: sorted(files)[:20] for name, files in names.items() if name not in ("asset", "entry")},
        }).encode()  # fmt: skip
        front = head + slots + records
        fresh = self.store / f"{INDEX}.{os.getpid()}"
        try:
            with fresh.open("wb") as index:
                index.write(_HEAD.pack(_MAGIC, len(head), len(front), sha256(front).digest()))
                index.write(front)
                index.write(strings)
                index.flush()
                os.fsync(index.fileno())
            fresh.rename(self.store / INDEX)
        finally:
            fresh.unlink(missing_ok=True)


def _table(keys: list[tuple[bytes, int]]) -> bytearray:
    """A hash table with open addressing, at most half full."""
    count = 1 << max(3, (2 * len(keys)).bit_length())
    slots: list[tuple[int, int]] = [(0, 0)] * count
    for key, number in keys:
        value = _hash(key)
        at = value % count
        while slots[at][1]:
            at = (at + 1) % count
        slots[at] = (value, number + 1)
    packed = bytearray()
    for slot in slots:
        packed += _SLOT.pack(*slot)
    return packed


def _verified(root: int, documents: list[tuple[str, Published]]) -> Iterator[tuple[Published, tuple[bytes, ...]]]:
    """Each document with its bodies, identity first; each digest once. Raises DamagedError for one that differs."""
    from feeds.publish.stage import encode

    def prepare(item: tuple[str, Published]) -> tuple[Published, tuple[bytes, ...]]:
        path, one = item
        try:
            body = _read(root, path)
        except OSError as error:
            raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
        if len(body) != one.length_bytes or sha256(body).hexdigest() != one.digest:
            raise DamagedError(f"{path} is not what the manifest says")
        variants = [body]
        for coding in http_headers.CODINGS:
            smaller = encode(coding, body) if compressible(one.media_type) else body
            variants.append(smaller if len(smaller) < len(body) else b"")
        return one, tuple(variants)

    once = iter({one.digest: (path, one) for path, one in documents}.values())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while some := list(islice(once, 64)):
            yield from pool.map(prepare, some)


def _read(root: int, path: str) -> bytes:
    """A file below the folder, its last name no link. A reader that was refused must not block: O_NONBLOCK."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=root)
    with os.fdopen(handle, "rb") as stream:
        return stream.read()
