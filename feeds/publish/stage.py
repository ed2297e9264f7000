"""Make a generation: in come resources and the last manifest, out goes a folder that is complete and checked.

Documents with the key they had are linked, not rendered; all others are rendered, written, read back and compared with the model.
Nothing that readers see is touched here.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from feeds import MANIFEST_NAME
from feeds.errors import PublishError, machine_fix
from feeds.media_types import compressible
from feeds.progress import counted
from feeds.publish import Extras, GenerationFacts, disk
from feeds.publish import manifest as manifests
from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.publish.resources import Resource

_SECOND = timedelta(seconds=1)
#: Codings beside a document: ending by name.
ENDINGS = {"gzip": ".gz", "br": ".br"}
#: A document of so few bytes may come out larger in a coding, and then has none.
_SMALL = 1000


@dataclass(slots=True)
class StagedGeneration:
    """A generation that is ready to go live: its folder, its manifest, what is new in it against the last one.

    `fresh` are the files that were written, `kept` those that are as they were, `extras` the header maps; all as paths
    below the folder.
    """

    folder: Path
    manifest: Manifest
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    fresh: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staging:
    """Where a generation is made and what it is compared with.

    `folder` is the new generation's, `live` the published one's with the manifest `last`. `history` gives when paths that are
    gone last changed: a document that comes back must not look older. `precompress` names codings ("gzip", "br"). `extras`
    makes the header maps from the manifest, `extras_before` are the paths of those that `live` may have. With `link` false
    unchanged files are not linked into `folder`.
    """

    folder: Path
    live: Path
    last: Manifest | None
    history: Mapping[str, datetime]
    precompress: Sequence[str] = ()
    extras: Extras | None = None
    extras_before: Collection[str] = ()
    link: bool = True

    @property
    def documents_before(self) -> Mapping[str, PublishedDocument]:
        """The documents of the last generation, by path."""
        return self.last.documents if self.last is not None else {}


def stage(resources: Sequence[Resource], facts: GenerationFacts, staging: Staging) -> StagedGeneration | None:
    """Make the next generation in `staging.folder`; None if it would equal the live one. Raises RenderError, PublishError."""
    folder, live, last = staging.folder, staging.live, staging.last
    staged = StagedGeneration(folder, last or _manifest(facts, 1, {}))
    documents = _staged_documents(resources, facts, staging, staged)
    staged.removed = tuple(sorted(path for path in staging.documents_before if path not in documents))
    staged.fresh += _complete(folder, live, documents, set(staged.fresh), staging.precompress)
    staged.manifest = _manifest(facts, (last.generation if last is not None else 0) + 1, documents)
    maps = dict(staging.extras(staged.manifest)) if staging.extras is not None else {}
    staged.extras = tuple(sorted(maps))
    if _equals_live(staged, staging, maps):
        return None
    _keep_unchanged(staged, staging)
    for path, body in sorted(maps.items()):
        disk.write(folder / path, body, facts.as_of.timestamp())
        staged.fresh.append(path)
    disk.write(folder / MANIFEST_NAME, staged.manifest.to_json().encode(), facts.as_of.timestamp())
    staged.fresh.append(MANIFEST_NAME)
    disk.flush([folder / path for path in staged.fresh], folder)
    return staged


def _staged_documents(
    resources: Sequence[Resource], facts: GenerationFacts, staging: Staging, staged: StagedGeneration
) -> dict[str, PublishedDocument]:
    """The generation's documents by path. Those whose inputs or bytes changed are written, read back and checked.

    Decides each document's Last-Modified: it moves with the bytes only (RFC 9110 section 8.8.2).
    """
    documents: dict[str, PublishedDocument] = {}
    changed: list[str] = []
    for resource in counted(resources, len(resources)):
        old = staging.documents_before.get(resource.path)
        there = old is not None and is_there(staging.live / resource.path, old)
        if old is not None and there and old.key == resource.key:
            documents[resource.path] = replace(
                old, links=resource.links, media_type=resource.media_type, max_age_seconds=resource.max_age_seconds
            )
            continue
        body = resource.render()
        digest = sha256(body).hexdigest()
        same = old is not None and old.digest == digest
        earlier_digest, earlier = facts.earlier.get(resource.path, ("", None))
        if old is not None and same:
            moment = old.last_modified
        elif old is None and earlier is not None and earlier_digest == digest:
            moment = earlier
        else:
            before = (staging.history.get(resource.path), old and old.last_modified, earlier)
            moment = _moment(
                resource, max((moment_before for moment_before in before if moment_before), default=None), facts.as_of
            )
            changed.append(resource.path)
        documents[resource.path] = PublishedDocument(
            digest, resource.key, len(body), resource.media_type, resource.format, moment, resource.links,
            resource.max_age_seconds,
        )  # fmt: skip
        if not (same and there):
            written = staging.folder / resource.path
            disk.write(written, body, moment.timestamp())
            resource.check(written.read_bytes())
            staged.fresh.append(resource.path)
            staged.fresh += _compress(written, resource.path, body, resource.media_type, staging.precompress, moment)
    staged.changed = tuple(changed)
    return documents


def _equals_live(staged: StagedGeneration, staging: Staging, maps: Mapping[str, bytes]) -> bool:
    """Whether the live generation already is the staged one; `maps` are the header maps by path."""
    last, live = staging.last, staging.live
    return (
        last is not None
        and not staged.fresh
        and read_manifest(live) is not None
        and replace(staged.manifest, generation=last.generation, as_of=last.as_of, next_change_at=last.next_change_at) == last
        and not any((live / path).exists() for path in staging.extras_before if path not in maps)
        and all(_has(live / path, body) for path, body in maps.items())
    )


def _keep_unchanged(staged: StagedGeneration, staging: Staging) -> None:
    """Note the files that are as they were, and link them into the new generation if it needs them."""
    fresh = set(staged.fresh)
    for path in staged.manifest.documents:
        if path not in fresh:
            staged.kept.append(path)
            for ending in (ENDINGS[coding] for coding in staging.precompress):
                if path + ending not in fresh and (staging.live / (path + ending)).is_file():
                    staged.kept.append(path + ending)
    if staging.link:
        for path in staged.kept:
            disk.link(staging.live / path, staging.folder / path)


def _moment(resource: Resource, newest: datetime | None, as_of: datetime) -> datetime:
    """When the document's bytes last changed, of those that changed now: always later than before (HTTP-8)."""
    if newest is None:
        return min(resource.dated, as_of) if resource.dated is not None else as_of
    return as_of if as_of > newest else newest + _SECOND


def _manifest(facts: GenerationFacts, generation: int, documents: Mapping[str, PublishedDocument]) -> Manifest:
    return Manifest(
        generation=generation,
        revision=facts.revision,
        as_of=facts.as_of,
        base_url=facts.base_url,
        max_age_seconds=facts.max_age_seconds,
        stale_while_revalidate_seconds=facts.stale_while_revalidate_seconds,
        stale_if_error_seconds=facts.stale_if_error_seconds,
        next_change_at=facts.next_change_at,
        problems=facts.problems,
        moved=dict(facts.moved or {}),
        retired=facts.retired,
        # Written once, for the manifest and for its copy.
        ledger=manifests.Tables.of(facts.ledger),
        page_script=facts.page_script,
        documents=documents,
    )


def is_there(path: Path, published: PublishedDocument) -> bool:
    """Whether the file is the document: by its size and the time that we gave it, else by its bytes."""
    try:
        stat = path.stat()
        if stat.st_size != published.length_bytes:
            return False
        return _has_time(stat, published) or sha256(path.read_bytes()).hexdigest() == published.digest
    except OSError:
        return False


def _has_time(stat: os.stat_result, published: PublishedDocument) -> bool:
    return stat.st_mtime == published.last_modified.timestamp()


def _has(path: Path, body: bytes) -> bool:
    try:
        return path.read_bytes() == body
    except OSError:
        return False


def _complete(
    folder: Path, live: Path, documents: Mapping[str, PublishedDocument], fresh: Collection[str], precompress: Sequence[str]
) -> list[str]:
    """Write the codings that unchanged documents lack, or that somebody has been at; small ones need not have any."""
    result: list[str] = []
    for path, document in documents.items() if precompress else ():
        if path in fresh or not compressible(document.media_type):
            continue
        for coding in precompress:
            there = live / (path + ENDINGS[coding])
            try:
                if _has_time(there.stat(), document):
                    continue
            except OSError:
                if document.length_bytes <= _SMALL:
                    continue
            body = (live / path).read_bytes()
            if not _has(there, encode(coding, body)):
                result += _compress(folder / path, path, body, document.media_type, (coding,), document.last_modified)
    return result


def _compress(file: Path, path: str, body: bytes, media_type: str, precompress: Sequence[str], moment: datetime) -> list[str]:
    """Write the codings beside a document, where they are smaller, with its time (nginx wants them equal)."""
    result: list[str] = []
    if not compressible(media_type):
        return result
    for coding in precompress:
        smaller = encode(coding, body)
        if len(smaller) < len(body):
            disk.write(file.with_name(file.name + ENDINGS[coding]), smaller, moment.timestamp())
            result.append(path + ENDINGS[coding])
    return result


def encode(coding: str, body: bytes) -> bytes:
    """The body in a coding, with nothing of the clock in it (RFC 1952: no time, no name)."""
    if coding == "gzip":
        import gzip

        return gzip.compress(body, 9, mtime=0)
    import brotli  # type: ignore[import-untyped]

    compressed: bytes = brotli.compress(body, quality=9)
    return compressed


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in a folder; None where there is none, or none that can be read."""
    path = folder / MANIFEST_NAME
    try:
        stat = path.stat()
        return _parsed(_ManifestFile((stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns), path))
    except (OSError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _ManifestFile:
    """A manifest's file; two with the same stat are the same file, though its folder may have been moved in between."""

    stat: tuple[int, ...]
    path: Path = field(compare=False)


@lru_cache(1)
def _parsed(file: _ManifestFile) -> Manifest:
    # A run asks for the live one several times, and once more when it has become the one before.
    return Manifest.from_json(file.path.read_bytes())


def refused(output: Path, error: OSError) -> PublishError:
    """An operating system error as a sentence with its fix."""
    path = os.fspath(error.filename) if isinstance(error.filename, str | os.PathLike) else ""
    return PublishError(
        str(output),
        "",
        f"{error.strerror or error}{f': {path}' if path else ''}; what was published stays",
        fix=machine_fix(error) or "look at the folder",
    )
