"""Generations by hand: in come documents, out goes a folder as the publisher leaves it, manifest last."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from feeds import MANIFEST_NAME
from feeds.http_headers import TargetLink
from feeds.model import digest
from feeds.publish import header_maps
from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.publish.stage import ENDINGS, encode
from feeds.urls import encode_path

TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
    "html": "text/html; charset=utf-8",
    "entry": "text/html; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
    "asset": "image/png",
}
NAMES = {"rss.xml": "rss", "atom.xml": "atom", "feed.json": "json", "index.html": "html", "feeds.opml": "opml"}
BASE = "https://example.org/"
START = datetime(2026, 1, 1, tzinfo=UTC)


def words(seed: str, size: int = 3000) -> bytes:
    """Text of about that many bytes that compresses as feeds do; equal seeds, equal bytes."""
    paragraphs = [f"<p>{seed} {number} 订阅 feed {digest(seed, str(number))[:12]}</p>" for number in range(size // 40)]
    return "\n".join(paragraphs).encode()


def site() -> dict[str, bytes]:
    """The documents of a small site: two feeds, one of them Chinese, pages, an outline, a picture."""
    resources = {}
    for folder in ("", "category/技术/", "category/技术/前端 & c/"):
        for name in ("rss.xml", "atom.xml", "feed.json", "index.html"):
            resources[folder + name] = words(folder + name)
    resources["feeds.opml"] = words("opml")
    resources["entry/一 个/index.html"] = words("entry")
    resources["entry/一 个/picture.png"] = sha256(b"x").digest() * 200
    resources["small.xml"] = b"<a/>"
    resources["rss-archive-1.xml"] = words("rss-archive-1.xml")
    resources["category/技术/feed-archive-12.json"] = words("feed-archive-12.json")
    return resources


def format_of(path: str) -> str:
    """The format of a document by its name, as the table of resources would say."""
    if path.startswith("entry/"):
        return "entry" if path.endswith(".html") else "asset"
    return NAMES.get(re.sub("-archive-[0-9]+", "", path.rpartition("/")[2]), "rss")


@dataclass
class Generations:
    """A published folder that goes from generation to generation."""

    folder: Path
    base_url: str = BASE
    precompress: Sequence[str] = ()
    maps: Sequence[str] = ()
    manifest: Manifest | None = None

    def publish(self, documents: Mapping[str, bytes], *, at: datetime | None = None, **facts: object) -> Manifest:
        """Write the documents file by file and the manifest last; Last-Modified moves with each change of bytes."""
        before = self.manifest
        at = at or (before.as_of + timedelta(seconds=1) if before is not None else START)
        table = {}
        for path, body in sorted(documents.items()):
            old = before.documents.get(path) if before is not None else None
            digest_of_body = sha256(body).hexdigest()
            moment = old.last_modified if old is not None and old.digest == digest_of_body else at
            format = format_of(path)
            links = self.links(path, documents) if format not in ("asset", "entry") else ()
            age = 31_536_000 if "-archive-" in path else None
            table[path] = PublishedDocument(
                digest_of_body, digest_of_body[:40], len(body), TYPES[format], format, moment, links, age
            )
        manifest = Manifest(
            generation=before.generation + 1 if before is not None else 1, revision=digest(*documents), as_of=at,
            base_url=self.base_url, max_age_seconds=3600, documents=table,
        )  # fmt: skip
        manifest = replace(manifest, **facts)  # type: ignore[arg-type]
        for path, body in documents.items():
            self.write(path, body, table[path].last_modified)
            for coding in self.precompress:
                smaller = encode(coding, body)
                if not path.endswith(".png") and len(smaller) < len(body):
                    self.write(path + ENDINGS[coding], smaller, table[path].last_modified)
        for path in set(before.documents if before is not None else ()) - set(documents):
            for ending in ("", *ENDINGS.values()):
                (self.folder / (path + ending)).unlink(missing_ok=True)
        for path, body in header_maps.files(manifest, self.maps, self.precompress).items():
            self.write(path, body, at)
        self.write(MANIFEST_NAME, manifest.to_json().encode(), at)
        self.manifest = manifest
        return manifest

    def links(self, path: str, documents: Mapping[str, bytes]) -> tuple[TargetLink, ...]:
        """Itself, the hub, the same feed in other formats."""
        folder, slash, name = path.rpartition("/")
        own = TargetLink("self", self.base_url + encode_path(path), TYPES[format_of(path)].partition(";")[0])
        others = [
            TargetLink("alternate", self.base_url + encode_path(folder + slash + other), TYPES[format].partition(";")[0])
            for other, format in NAMES.items()
            if other != name and folder + slash + other in documents
        ]
        return (own, TargetLink("hub", "https://hub.example.org/?topic=a$b"), *others)

    def write(self, path: str, body: bytes, moment: datetime) -> None:
        """One file, by rename, with the time that the manifest says."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.next")
        fresh.write_bytes(body)
        os.utime(fresh, (moment.timestamp(), moment.timestamp()))
        fresh.replace(target)


def decoded(body: bytes, coding: str | None) -> bytes:
    """The identity coding of a body."""
    if coding == "gzip":
        return gzip.decompress(body)
    if coding == "br":
        import brotli

        plain: bytes = brotli.decompress(body)
        return plain
    return body
