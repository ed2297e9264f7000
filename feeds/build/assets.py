"""The author's own files beside a post: in comes a reference as written, out goes its URL, and what must be copied.

Hexo's asset folder (`trip.md` and `trip/`), page bundles (`trip/index.md`) and plain relative paths. Reads no file: the
listing of the scan is all that it knows.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from feeds.media_types import media_type
from feeds.model import Asset, digest
from feeds.urls import encode_path


class Found(NamedTuple):
    """A file of the author's that a reference means: where it lies, where a reader finds it, how large it is."""

    source: str
    url: str
    length_bytes: int


class Beside:
    """What lies beside one post. `asked` collects every reference that was looked up, for whoever remembers results."""

    def __init__(self, path: str, permalink: str, page: str | None, others: Mapping[str, int]) -> None:
        self.permalink, self.page, self.others = permalink, page, others
        self.folder = posixpath.dirname(path)
        self.own_folder = posixpath.join(self.folder, posixpath.splitext(posixpath.basename(path))[0])
        self.bundle = posixpath.basename(path).casefold().startswith("index.")
        self.asked: dict[str, None] = {}
        self.copied: dict[str, Asset] = {}

    def find(self, reference: str) -> Found | None:
        """The file that a relative reference means; None where there is none or the reference is not relative."""
        name = unquote(reference.partition("#")[0].partition("?")[0]).replace("\\", "/").strip()
        if not name or name.startswith("/") or ":" in name.partition("/")[0] or media_type(name) is None:
            return None
        self.asked[reference] = None
        for folder in (self.own_folder, self.folder):
            source = posixpath.normpath(posixpath.join(folder, name))
            if source in self.others:
                return Found(source, self._url(source, folder), self.others[source])
        return None

    def url(self, reference: str) -> str | None:
        """The absolute URL of the file that a relative reference means."""
        found = self.find(reference)
        return found.url if found else None

    def _url(self, source: str, folder: str) -> str:
        inside = source.startswith(self.own_folder + "/")
        below = source[len(self.own_folder) + 1 :] if inside else posixpath.relpath(source, folder or ".")
        if below.startswith("../"):
            below = f"{digest(source)[:8]}-{posixpath.basename(source)}"
        if self.page is not None:
            self.copied.setdefault(source, Asset(self.page + below, source))
        home = self.permalink if self.permalink.endswith("/") else self.permalink.rpartition("/")[0] + "/"
        return home + encode_path(below)

    def missing(self, reference: str) -> bool:
        """Whether our own page would show a broken image: the reference is relative, and there is no such file."""
        return self.page is not None and reference in self.asked and self.find(reference) is None
