"""What the files of every static host say, whatever their language: in comes the manifest of a generation, out go its facts.

Every value comes from `feeds.http_headers`, by which our own server answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from feeds import http_headers
from feeds.formats import PAGES
from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.urls import ARCHIVE_FILE_NAME, encode_path


class Maps:
    """What the maps of every host are made from. Paths are request paths, decoded, with the base URL's own before them."""

    def __init__(self, manifest: Manifest, precompress: Sequence[str]) -> None:
        self.manifest = manifest
        self.codings = tuple(coding for coding in http_headers.CODINGS if coding in precompress)
        self.root = unquote(urlsplit(manifest.base_url).path)
        self.cache_control = http_headers.cache_control(
            manifest.max_age_seconds, manifest.stale_while_revalidate_seconds, manifest.stale_if_error_seconds
        )

    def documents(self) -> Iterator[tuple[str, PublishedDocument]]:
        """Each document by each of its request paths: a page by its folder's too. Not what has moved or ended."""
        hidden = self._hidden()
        for path, document in sorted(self.manifest.documents.items()):
            folder, slash, file = path.rpartition("/")
            if path in hidden:
                continue
            yield self.root + path, document
            if file == "index.html" and folder + slash not in hidden:
                yield self.root + folder + slash, document

    def moved(self) -> Iterator[tuple[str, str]]:
        """(request path, absolute URL)."""
        for path, url in sorted(self.manifest.moved.items()):
            yield self.root + path, url

    def folders(self) -> Iterator[tuple[str, str]]:
        """(request path, absolute URL) of the folder of each page without its slash, if nothing else has that path."""
        hidden = self._hidden()
        taken = {*self.manifest.documents, *hidden}
        for path in sorted(self.manifest.documents):
            folder, _, file = path.rpartition("/")
            if file != "index.html" or folder in taken or {path, f"{folder}/"} & hidden:
                continue
            if folder:
                yield self.root + folder, f"{self.manifest.base_url}{encode_path(folder)}/"
            elif self.root != "/":
                yield self.root.rstrip("/"), self.manifest.base_url

    def _hidden(self) -> set[str]:
        """What has moved or ended is not a document, even if its file is still there."""
        return {*self.manifest.moved, *self.manifest.retired}

    def retired(self) -> Iterator[str]:
        """Request paths."""
        for path in sorted(self.manifest.retired):
            yield self.root + path

    def names(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """By format of feeds and pages: the media type, and how its files are called; archive documents with `*` as number."""
        result: dict[str, tuple[str, set[str]]] = {}
        for path, document in self.manifest.documents.items():
            if document.format != "asset":
                name = ARCHIVE_FILE_NAME.sub(r"\1*\2", path.rpartition("/")[2])
                result.setdefault(document.format, (document.media_type, set()))[1].add(name)
        return {format: (media_type, tuple(sorted(names))) for format, (media_type, names) in sorted(result.items())}

    def asset_types(self) -> Mapping[str, str]:
        """By ending of an author's files (".png"), the media type."""
        assets = {path: document for path, document in self.manifest.documents.items() if document.format == "asset"}
        results = {PurePosixPath(path).suffix: document.media_type for path, document in sorted(assets.items())}
        return {ending: media_type for ending, media_type in sorted(results.items()) if ending}

    def pages(self) -> re.Pattern[str]:
        """Matches the request paths of our own pages."""
        names = sorted({name for format in PAGES for name in self.names().get(format, ("", ()))[1]})
        return re.compile("/(?:" + "|".join(map(re.escape, names)) + ")?$")

    def page_policy(self) -> str:
        """The Content-Security-Policy of our pages."""
        return http_headers.content_security_policy("html", self.manifest.page_script)

    def tag(self, published: PublishedDocument) -> str:
        """The opaque tag of a document, without a coding's suffix."""
        return http_headers.tag(published.digest)

    def own_control(self, published: PublishedDocument) -> str:
        """The document's own Cache-Control, "" for that of all others."""
        return http_headers.own_cache_control(published.max_age_seconds) if published.max_age_seconds else ""

    def modified(self, published: PublishedDocument) -> str:
        """Last-Modified."""
        return http_headers.http_date(int(published.last_modified.timestamp()))

    def links(self, published: PublishedDocument) -> str:
        """The Link header."""
        return http_headers.link(published.links)
