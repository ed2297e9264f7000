"""Every document that we publish, in one table: path -> Resource(format, media type, key, how to render, how to check).

Server, publisher and tests read this table and nothing else, so that static publishing equals serving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import formats
from feeds.errors import RenderError
from feeds.formats import MEDIA_TYPES, media_type_of
from feeds.model import Entry, Feed, Publication, digest


@dataclass(frozen=True, slots=True)
class Resource:
    """One document to publish.

    `path` is its place below the output folder and the base URL, decoded ("category/技术/rss.xml"). `key` is the digest of
    all that decides its bytes: equal key, equal bytes. `render` makes them; `check` is the publish gate and raises
    RenderError. `links` are (relation, absolute URL, media type) for the Link header. `dated` is the newest date of what it
    shows: where it is published for the first time, it counts as last modified then, so that every machine says the same.
    """

    path: str
    format: str
    media_type: str
    key: str
    render: Callable[[], bytes]
    check: Callable[[bytes], None]
    links: tuple[tuple[str, str, str], ...] = ()
    dated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """How the documents in a feed's folder are called, by format ("rss" -> "rss.xml"), and which formats there are."""

    formats: tuple[str, ...]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table takes what it does not hold: fragments of a feed in a format, an entry by its key, an asset's bytes.

    `asset` gives an asset's digest and how to read it.
    """

    fragments: Callable[[str, Feed], Sequence[bytes]]
    entry: Callable[[str], Entry]
    asset: Callable[[str], tuple[str, Callable[[], bytes]]]


def table(publication: Publication, names: Names, source: Source) -> tuple[Resource, ...]:
    """Every document of a publication, sorted by path."""
    made = [*_feeds(publication, names, source), *_pages(publication, names, source), *_assets(publication, source)]
    by_path: dict[str, Resource] = {}
    for resource in made:
        if resource.path in by_path:
            raise RenderError(resource.path, resource.format, "two documents have one path")
        by_path[resource.path] = resource
    return tuple(by_path[path] for path in sorted(by_path))


def _links(feed: Feed, format: str) -> tuple[tuple[str, str, str], ...]:
    """What the Link header says of a feed's document: itself, its hubs, the same in other formats (RFC 8288, WebSub 4)."""
    own = [("self", feed.urls[format], media_type_of(format).partition(";")[0])] if format in feed.urls else []
    hubs = [("hub", hub, "") for hub in feed.hubs] if format != "html" else []
    others = [
        ("alternate", url, media_type_of(name).partition(";")[0])
        for name, url in feed.urls.items()
        if name not in (format, "opml")
    ]
    return (*own, *hubs, *others)


def _feeds(publication: Publication, names: Names, source: Source) -> Iterable[Resource]:
    from feeds.formats import html, opml

    by_path = {feed.path: feed for feed in publication.feeds}
    page = html.FORMAT
    for feed in publication.feeds:
        for name in names.formats:
            yield _feed(feed, name, names, source)
        around = html.relatives(feed, by_path)

        def render(feed: Feed = feed, around: html.Relatives = around) -> bytes:
            return page.document(feed, source.fragments("html", feed), around)

        def check(body: bytes, feed: Feed = feed) -> None:
            page.check(body, feed)

        yield Resource(
            feed.path + names.files["html"], "html", page.media_type, digest("html", page.version, feed.key, around.key),
            render, check, _links(feed, "html"), feed.updated,
        )  # fmt: skip
    site = publication.feeds[0]
    since = max(publication.outlined.values())
    yield Resource(
        site.path + names.files["opml"], "opml", MEDIA_TYPES["opml"],
        opml.key(site.title, publication.feeds, since, site.language),
        lambda: opml.document(site.title, publication.feeds, since, site.language),
        lambda body: opml.check(body, site.title, publication.feeds, since),
        (("self", site.urls["opml"], "text/x-opml"),), since,
    )  # fmt: skip


def _feed(feed: Feed, name: str, names: Names, source: Source) -> Resource:
    format = formats.by_name(name)
    return Resource(
        feed.path + names.files[name], name, format.media_type, digest(name, format.version, feed.key),
        lambda: format.document(feed, source.fragments(name, feed)),
        lambda body: format.check(body, feed),
        _links(feed, name), feed.updated,
    )  # fmt: skip


def _pages(publication: Publication, names: Names, source: Source) -> Iterable[Resource]:
    if not publication.pages:
        return
    from feeds.formats import entrypage

    site = publication.feeds[0]
    by_path = {feed.path: feed for feed in publication.feeds}
    links = tuple(
        ("alternate", url, media_type_of(name).partition(";")[0]) for name, url in site.urls.items() if name in names.formats
    )
    for path, key, within, updated in publication.pages:
        around = [by_path[where] for where in within if where in by_path]

        def render(key: str = key, around: Sequence[Feed] = around) -> bytes:
            return entrypage.document(source.entry(key), site, around)

        def check(body: bytes, key: str = key) -> None:
            entrypage.check(body, source.entry(key), site)

        yield Resource(
            path + names.files["html"], "entry", entrypage.MEDIA_TYPE, digest("entry", key, entrypage.key(site, around)),
            render, check, links, updated,
        )  # fmt: skip


def _assets(publication: Publication, source: Source) -> Iterable[Resource]:
    from feeds.media_types import media_type

    for asset in publication.assets:
        key, read = source.asset(asset.source)
        kind = media_type(asset.path) or "application/octet-stream"
        yield Resource(asset.path, "asset", kind, key, read, lambda _: None)
