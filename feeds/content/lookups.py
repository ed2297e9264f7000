"""What a site has for its posts to lead to and to show: the look-ups of an index, and what they answer.

Every answer is decided by the posts folder, the settings and the ledger alone, so that it can be a part of a key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from feeds.media_files import MediaFacts


class PostTarget(NamedTuple):
    """A post that a reference means: its permalink; `hidden` says why it must not be linked, and then `url` is ""."""

    url: str
    hidden: str = ""


class ListedPost(NamedTuple):
    """A published post as templates list it. `published` is aware UTC; `categories` are paths of names."""

    path: str
    title: str
    url: str
    published: datetime
    categories: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]


class SiteLookups(Protocol):
    """What is there. Every answer is decided by the posts folder, the settings and the ledger alone."""

    def post(self, path: str) -> PostTarget | None:
        """The post at a path below the posts folder; None if there is none."""

    def posts_named(self, name: str) -> Sequence[str]:
        """The paths of all posts whose path without its ending is `name` or ends in "/" + `name`, sorted."""

    def posts_titled(self, title: str) -> Sequence[str]:
        """The paths of all published posts with this title, sorted."""

    def posts_slugged(self, slug: str) -> Sequence[str]:
        """The paths of all published posts with this slug, as their dialect has it, sorted."""

    def title(self, path: str) -> str:
        """The title of a published post, "" of any other."""

    def file(self, path: str) -> int | None:
        """The size in bytes of the author's file at a path below the posts folder; None if there is none."""

    def files_named(self, name: str) -> Sequence[str]:
        """The paths of all files of that name below the posts folder, sorted."""

    def site_file(self, path: str) -> int | None:
        """The size in bytes of the file at a path below the site's folder; None if there is none or it is not for readers."""

    def stamp(self, source: str) -> str | None:
        """What changes if a file does, without its content. `source` is a path below the posts folder, with "/" in front one
        below the site's folder.
        """

    def media(self, source: str) -> MediaFacts:
        """What the headers of a picture or a recording say; `source` as of `stamp`."""

    def source(self, path: str) -> str | None:
        """The text of the author's file at a path below the posts folder; None if there is none, or it is not UTF-8 text."""

    def folder(self, path: str) -> Sequence[str]:
        """The names in a folder below the posts folder, those of folders with "/" at their end, sorted; posts are not among them."""

    def published(self) -> Sequence[ListedPost]:
        """All published posts, newest first."""


#: What `answer` looks up besides what `Candidate.kind` names: [kind, value].
Lookup = tuple[str, str]


def answer(index: SiteLookups, lookup: Lookup) -> object:
    """What the index says to one look-up: part of the key under which the post that asked is remembered."""
    kind, value = lookup
    ask: Mapping[str, Callable[[str], object]] = {
        "post": index.post, "post-name": index.posts_named, "post-title": index.posts_titled,
        "post-slug": index.posts_slugged, "title": index.title,
        "file": index.file, "file-name": index.files_named, "site-file": index.site_file,
        "stamp": index.stamp, "source": index.source, "folder": index.folder, "published": lambda _: index.published(),
    }  # fmt: skip
    return ask[kind](value)
