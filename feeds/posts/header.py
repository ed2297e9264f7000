"""The metadata of one post as values: what its front matter says, read and normalised, without the body."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from feeds.errors import Problem

#: The key in `Header.extra` of the instant before which a post is not published, in seconds since 1970.
VISIBLE_FROM = "visible from"


class Author(NamedTuple):
    """An author as front matter names one."""

    name: str
    email: str | None = None
    url: str | None = None
    avatar: str | None = None


class Header(NamedTuple):
    """What the front matter of one post says.

    `status` is "out", or the reason for which no time will bring the post out, one of `visibility.REASONS` or a dialect's;
    `status_key` is the front matter key that says so, "" if none does. Instants are aware UTC. `categories` are paths of names
    from the root. `link` is the
    post's own page as the author gave it: an address, or a path below the site, which may hold placeholders. `slug` is what
    the author wrote for the permalink, "" where nothing. `dated_by` tells where `published` comes from: the key as written,
    "file name", or "" for nowhere. `language` is the translation's as its file or folder name says, `content_language` that
    of the text, which front matter may state besides; "" is the site's. `translation` is what it says of translations
    (`languages.translation`), `extra` further front matter that permalinks need, by folded key.
    """

    path: str
    digest: str
    title: str
    text_digest: str
    sketch: bytes
    explicit_id: str | None
    published: datetime | None
    updated: datetime | None
    expires: datetime | None
    status: str
    status_key: str
    categories: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]
    authors: tuple[Author, ...]
    link: str | None
    slug: str
    dated_by: str
    language: str = ""
    content_language: str = ""
    translation: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def visible_from(self) -> datetime | None:
        """The instant before which the post is not published whatever its date is; None if there is none."""
        written = next((value for name, value in self.extra if name == VISIBLE_FROM), None)
        return None if written is None else datetime.fromtimestamp(int(written), UTC)
