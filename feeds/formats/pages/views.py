"""What templates see: plain values with names that a template's author can rely on (docs/pages.md lists them).

All text is plain and is escaped by the template; all URLs are ready to be written: relative where they are ours.
Only `EntryPage.content` is HTML, which the sanitiser made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from feeds.formats.pages.readers import Button


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that comes with a post; `player` is the element that plays it ("audio" or "video"), "" if nothing does."""

    url: str
    label: str
    player: str


@dataclass(frozen=True, slots=True)
class Date:
    """An instant: `iso` for programs (RFC 3339, UTC), `text` for people (a day in the site's zone and language)."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a document: `url` to copy, `shown` with other scripts decoded, its format's name and media type."""

    name: str
    url: str
    shown: str
    media_type: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture. Sizes in pixels, None where they are not known."""

    url: str
    alt: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a taxonomy with its page and the number of its posts; `depth` counts from 0."""

    url: str
    label: str
    count: int | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Terms or posts under one heading; `url` where the heading leads somewhere, `anchor` its id where it has one."""

    heading: str
    items: Sequence[Term] | Sequence[Line]
    url: str | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a list that is cut into several; `url` is None for the page itself."""

    label: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """An author; `url` is None where none is known."""

    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """A post in a list of newest posts."""

    url: str
    title: str
    date: Date
    summary: str
    category: Link | None
    authors: Sequence[Person]
    picture: Picture | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A post in a list of all posts."""

    url: str
    title: str
    date: Date
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What every page knows of the site. `url` is its front page, `tile` stands where there is no icon.

    `indexes` lead to the lists of all categories, tags and authors.
    """

    title: str
    url: str
    icon: str | None
    tile: str
    language: str | None
    direction: str
    rights: str | None
    licence_url: str | None
    home_page: str | None
    archive: str
    indexes: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Page:
    """What every page says of itself, `<head>` included.

    `language` is that of its words; `content_language` that of the posts, None where it is the same. `canonical` and
    `properties` (Open Graph, https://ogp.me) hold absolute URLs. `translations` are (language, absolute URL) of the page in each
    of its languages, its own among them.
    """

    kind: str
    title: str
    heading: str
    description: str
    language: str
    content_language: str | None
    canonical: str
    style: str
    alternates: Sequence[Address] = ()
    translations: Sequence[tuple[str, str]] = ()
    properties: Sequence[tuple[str, str]] = ()
    trail: Sequence[Link] = ()
    newer: str | None = None
    older: str | None = None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The box with a feed's address: the one to copy, the other formats, the readers, the outline of all feeds."""

    name: str
    address: Address
    others: Sequence[Address]
    readers: Sequence[Button]
    outline: Address | None = None
    outline_text: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """A taxonomy beside the list: some terms, and the page with all `total` of them where there are more."""

    name: str
    heading: str
    terms: Sequence[Term]
    total: int
    all_url: str | None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A post's own page. `category` is its first one at its deepest, `categories` are all of them and the tags."""

    title: str
    language: str | None
    published: Date
    updated: Date | None
    authors: Sequence[Person]
    picture: Picture | None
    content: Markup
    category: Link | None
    categories: Sequence[Link]
    files: Sequence[File]
    about: str | None
    comments: str | None
    rights: str | None
    licence_url: str | None
    previous: Line | None
    next: Line | None
