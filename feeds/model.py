"""What the stages hand to each other: frozen values, invariants checked where they are made.

In come plain values, out go types that cannot be wrong: aware UTC times in whole seconds, absolute ASCII URLs,
text that XML 1.0 can carry. No I/O, no settings, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TypeAlias

from feeds.errors import Problem
from feeds.extras import Extra
from feeds.lazy_patterns import lazy_pattern
from feeds.shows import Episode, Show

#: What front matter holds once read, in YAML, TOML or JSON: scalars stay as the author typed them.
Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"


class Quoted(str):
    """A scalar that its author quoted, or wrote as a block: YAML reads it as text, never as a date, a number or a flag."""

    __slots__ = ()


#: Everything that XML 1.0 section 2.2 `Char` does not allow.
NOT_XML = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSOLUTE = lazy_pattern(r"https?://[!-~]+\Z")


def digest(*parts: str | bytes) -> str:
    """Digest of the parts with their boundaries, as 40 hex digits: no two lists of parts share one by shifting bytes."""
    hasher = blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return hasher.hexdigest()


def clean_text(text: str) -> str:
    """The text with what XML 1.0 cannot carry taken out (lone surrogates and control characters among it)."""
    return NOT_XML.sub("", text)


def seconds(moment: datetime) -> int:
    """Seconds since 1970 of an aware instant."""
    return int(moment.timestamp())


def instant(count: int) -> datetime:
    """The aware UTC instant of so many seconds since 1970."""
    return _EPOCH + timedelta(seconds=count)


def rfc3339(moment: datetime) -> str:
    """`2021-08-04T05:49:00Z` (RFC 3339 section 5.6; RFC 4287 section 3.3 wants upper-case T and Z)."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _instant(moment: datetime, name: str) -> None:
    if moment.tzinfo is not UTC or moment.microsecond:
        raise ValueError(f"{name} must be aware UTC in whole seconds, not {moment!r}")


def _url(url: str, name: str) -> None:
    if not _ABSOLUTE.match(url):
        raise ValueError(f"{name} must be an absolute http(s) URL in ASCII, not {url!r}")


def _text(text: str, name: str) -> None:
    if NOT_XML.search(text):
        raise ValueError(f"{name} holds a character that XML 1.0 cannot carry: {text!r:.200}")


class SafeHtml(str):
    """HTML that the sanitiser returned (content.py), or that was remembered from it; nothing else may make one."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Post:
    """What the author wrote: path, front matter, body, source digest. No HTML yet, nothing from settings.

    `path` is relative to the posts folder with "/" between names. `front_matter` keeps the author's keys in their order,
    `lines` gives each top-level key's line in the file. `body_line` is the file's line on which the body begins.
    `markup` is "markdown", "html" or "text".
    """

    path: str
    digest: str
    front_matter: Mapping[str, Value]
    lines: Mapping[str, int]
    body: str
    body_line: int
    markup: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """RFC 4287 section 3.2; JSON Feed 1.1 `authors`."""

    name: str
    url: str | None = None
    email: str | None = None
    avatar: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a person needs a name")
        _text(self.name, "name")
        for name, url in (("url", self.url), ("avatar", self.avatar)):
            if url is not None:
                _url(url, name)


@dataclass(frozen=True, slots=True)
class Category:
    """RFC 4287 section 4.2.2: `term` is the stable slug path, `scheme` the taxonomy's URL, `label` the plain-text name."""

    term: str
    scheme: str
    label: str

    def __post_init__(self) -> None:
        if not self.term or not self.label:
            raise ValueError("a category needs a term and a label")
        _text(self.term, "term")
        _text(self.label, "label")
        _url(self.scheme, "scheme")


@dataclass(frozen=True, slots=True)
class Image:
    """The picture that stands for an entry (Media RSS `media:content`; JSON Feed `image`). Sizes in pixels."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str | None = None
    media_type: str | None = None

    def __post_init__(self) -> None:
        _url(self.url, "image")
        if self.alt is not None:
            _text(self.alt, "alt")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """RSS 2.0 `enclosure`, RFC 4287 section 4.2.7.2, JSON Feed `attachments`; `length_bytes` 0 where unknown."""

    url: str
    media_type: str
    length_bytes: int = 0
    duration_seconds: int | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        _url(self.url, "enclosure")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a subscriber gets, Atom-shaped (RFC 4287 section 4.1.2).

    `title` is plain text and may be empty: each format does then as its spec asks. `summary` is plain text, one
    paragraph. `language` (BCP 47) is set only where it differs from the site's. `translations` are (language, URL) of the post
    in each of its languages, its own among them, if there are several. `via` is the page a link
    post is about, `canonical` the page elsewhere where the post first stood (RFC 6596). `episode` is what a podcast says of
    it; the episode's file is the first enclosure. `extras` are elements that the site declares; `link` is the permalink with the
    site's parameters, for feeds, None without any.
    """

    id: str
    permalink: str
    title: str
    published: datetime
    updated: datetime
    authors: tuple[Person, ...]
    categories: tuple[Category, ...]
    summary: str
    content: SafeHtml
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    translations: tuple[tuple[str, str], ...] = ()
    comments_url: str | None = None
    via: str | None = None
    canonical: str | None = None
    rights: str | None = None
    #: False for a content too large for feeds: they carry the summary, and only the entry's page has the content.
    content_in_feeds: bool = True
    episode: Episode | None = None
    extras: tuple[Extra, ...] = ()
    link: str | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an entry needs an id")
        if not self.authors:
            raise ValueError("an entry needs an author (RFC 4287 section 4.1.1)")
        if not isinstance(self.content, SafeHtml):
            raise TypeError("content must be SafeHtml: only the sanitiser makes it")
        _instant(self.published, "published")
        _instant(self.updated, "updated")
        if self.updated < self.published:
            raise ValueError(f"updated {self.updated} lies before published {self.published}")
        _url(self.permalink, "permalink")
        for name, url in (
            ("link", self.link),
            ("comments_url", self.comments_url),
            ("via", self.via),
            ("canonical", self.canonical),
        ):
            if url is not None:
                _url(url, name)
        for name, text in (
            ("id", self.id),
            ("title", self.title),
            ("summary", self.summary),
            ("content", self.content),
            ("rights", self.rights or ""),
        ):
            _text(text, name)

    @property
    def feed_link(self) -> str:
        """The entry's address as feeds link to it."""
        return self.link or self.permalink


@dataclass(frozen=True, slots=True)
class History:
    """Where a document is among those of one archived feed (RFC 5005 section 4): absolute URLs by the format's name.

    `older` and `newer` are the archive documents beside it, None where there is none; the subscription document has no
    `newer`. `current` is the subscription document: None in that document itself, set in every archive document.
    """

    older: Mapping[str, str] | None = None
    newer: Mapping[str, str] | None = None
    current: Mapping[str, str] | None = None

    def relations(self, format: str) -> tuple[tuple[str, str], ...]:
        """The relations of RFC 5005 section 4 and the URLs that they lead to, in one format."""
        named = (("prev-archive", self.older), ("next-archive", self.newer), ("current", self.current))
        return tuple((relation, urls[format]) for relation, urls in named if urls is not None and format in urls)


@dataclass(frozen=True, slots=True)
class Feed:
    """Channel facts and ordered entries (RFC 4287 section 4.1.1).

    `path` is the feed's folder below the base URL, decoded ("" for the site, else "category/技术/前端/"); `urls` gives the
    absolute URL of this feed in each format by the format's name ("rss", "atom", "json", "html", …); `home_page_url` is
    the HTML page that the feed is about. `taxonomy` is "site", "category", "tag" or "author"; `labels` the names from the
    taxonomy's root to this term. `parent` and `children` are paths of other feeds. Entries are newest first by
    (published, id) and may be loaded only when looked at; `entry_keys` stand for them in `key`. `since` is when the oldest
    post of the term was published, `count` the number of all posts of the term; no document but pages shows them.
    `complete` says that every post of the term is in it (RFC 5005 section 2), `history` where the others are. `rsscloud` is
    the root URL of the rssCloud server that is told of changes.
    `namespaces` are (prefix, URI) of entries' elements, `twins` (language, URLs by format) of this feed in other scripts.
    """

    path: str
    taxonomy: str
    labels: tuple[str, ...]
    title: str
    description: str
    id: str
    base_url: str
    home_page_url: str
    urls: Mapping[str, str]
    authors: tuple[Person, ...]
    updated: datetime
    entries: Sequence[Entry] = field(compare=False)
    entry_keys: tuple[str, ...]
    language: str | None = None
    rights: str | None = None
    icon: str | None = None
    logo: str | None = None
    content_mode: str = "full"
    max_age_seconds: int = 3600
    hubs: tuple[str, ...] = ()
    show_email: bool = False
    parent: str | None = None
    children: tuple[str, ...] = ()
    since: datetime | None = None
    complete: bool = False
    count: int = 0
    rsscloud: str | None = None
    history: History | None = None
    show: Show | None = None
    namespaces: tuple[tuple[str, str], ...] = ()
    extras: tuple[Extra, ...] = ()
    twins: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def __post_init__(self) -> None:
        if not self.title:
            raise ValueError("a feed needs a title")
        if not self.authors:
            raise ValueError("a feed needs an author (RFC 4287 section 4.1.1)")
        if self.content_mode not in ("full", "summary"):
            raise ValueError(f"content_mode is full or summary, not {self.content_mode!r}")
        if self.complete and self.history is not None:
            raise ValueError("a complete feed has no archives (RFC 5005 section 2)")
        _instant(self.updated, "updated")
        for name, url in (("home_page_url", self.home_page_url), ("base_url", self.base_url), *self.urls.items()):
            _url(url, name)
        for name, text in (("title", self.title), ("description", self.description), ("id", self.id)):
            _text(text, name)

    @property
    def is_twin(self) -> bool:
        """Whether this is the site's feed in another script of its language."""
        return bool(self.twins) and self.taxonomy != "site"

    @property
    def home_page_language(self) -> str | None:
        """The language of the home page of a feed with twins: a twin's is that of the site's own feed."""
        return self.twins[0][0] if self.is_twin else self.language

    @property
    def is_archive(self) -> bool:
        """Whether this is an archive document, not one to subscribe to (RFC 5005 section 4)."""
        return self.history is not None and self.history.current is not None

    @property
    def key(self) -> str:
        """Digest of all that decides this feed's documents: the channel's facts and the entries' keys."""
        past = self.history
        return digest(
            *(
                repr(value)
                for value in (
                    self.path,
                    self.taxonomy,
                    self.labels,
                    self.title,
                    self.description,
                    self.id,
                    self.base_url,
                    self.home_page_url,
                    sorted(self.urls.items()),
                    self.authors,
                    rfc3339(self.updated),
                    self.language,
                    self.rights,
                    self.icon,
                    self.logo,
                    self.content_mode,
                    self.max_age_seconds,
                    self.hubs,
                    self.show_email,
                    self.parent,
                    self.children,
                    self.complete,
                    *((self.rsscloud,) if self.rsscloud else ()),
                    past and [sorted(urls.items()) if urls else None for urls in (past.older, past.newer, past.current)],
                    *((self.show,) if self.show else ()),
                    *((self.namespaces,) if self.namespaces else ()),
                    *((self.extras,) if self.extras else ()),
                    *(((language, sorted(urls.items())) for language, urls in self.twins)),
                )
            ),
            *self.entry_keys,
        )
