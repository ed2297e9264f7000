"""The HTML documents of a publication: feeds, entries, archive and lists of terms come in, their resources go out.

Nothing is rendered here: each resource has the key of its page and the function that makes it. Jinja2 and lxml are
imported only when that function is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from feeds.formats import MEDIA_TYPES, media_type_of
from feeds.formats.pages import entry_page, feed_page, gate, lines, missing_page, term_index
from feeds.formats.pages.feed_page import Places
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import CodeStore, Renderer
from feeds.http_headers import TargetLink
from feeds.model import Entry, Feed, digest, instant
from feeds.publication import Publication
from feeds.publish.resource import Resource, document_links
from feeds.urls import MISSING_PAGE


class Posts(Protocol):
    """What lists show of all posts, newest first, by position."""

    published: Sequence[int]

    def key(self, positions: Sequence[int]) -> str:
        """Digest of these posts' lines."""

    def lines(self, positions: Sequence[int]) -> list[lines.PostLine]:
        """The lines of these posts."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """Where pages take what a publication does not hold.

    `runs` gives the positions of all posts of a feed by its path, as runs that are each ascending. `places` orders terms,
    `templates` keeps compiled templates.
    """

    look: Look
    posts: Posts
    entry: Callable[[str], Entry]
    runs: Callable[[str], Sequence[Sequence[int]]]
    places: Places
    templates: CodeStore | None = None


def resources(publication: Publication, source: PageSource, keys: Mapping[str, str]) -> Iterator[Resource]:
    """Every page, and the style sheet that all of them share. `keys` are those of the feeds, by path."""
    return _Pages(publication, source, keys).all()


class _Pages:
    def __init__(self, publication: Publication, source: PageSource, keys: Mapping[str, str]) -> None:
        self.publication, self.source, self.look, self.keys = publication, source, source.look, keys
        self.feeds = publication.feeds
        self.site = publication.feeds[0]
        self.by_path = {feed.path: feed for feed in publication.feeds}
        self.renderer = Renderer(source.look, source.templates)
        self.twin_renderers = {
            feed.path: Renderer(replace(source.look, language=feed.language), source.templates)
            for feed in publication.feeds
            if feed.is_twin
        }
        self.spans = lines.spans(source.posts.published, self.look.zone)

    def all(self) -> Iterator[Resource]:
        yield self._style()
        yield from self._feed_pages()
        yield from self._entry_pages()
        yield from self._archive()
        for feed in self.feeds[1:]:
            if not feed.is_twin:
                yield from self._posts_of(feed)
        for taxonomy in self.look.taxonomies:
            yield from self._terms(taxonomy)
        if self.look.has_missing_page:
            yield self._page(
                MISSING_PAGE, missing_page.key(self.look, self.site),
                lambda: missing_page.document(self.renderer, self.site), None, from_root=True,
            )  # fmt: skip

    def _style(self) -> Resource:
        text = self.look.style_sheet.encode()
        return Resource(
            self.look.folder + self.look.style, "css", MEDIA_TYPES["css"], digest("css", text), lambda: text, lambda _: None
        )  # fmt: skip

    def _feed_pages(self) -> Iterator[Resource]:
        years = [(span.year, span.count) for span in self.spans if span.month == 0]
        for feed in self.feeds:
            around = feed_page.relatives(feed, self.by_path, years, feed.count > len(feed.entry_keys))
            renderer = self.twin_renderers.get(feed.path, self.renderer)

            def render(renderer: Renderer = renderer, feed: Feed = feed, around: feed_page.Relatives = around) -> bytes:
                return feed_page.document(renderer, feed, around, self.source.places)

            def check(body: bytes, renderer: Renderer = renderer, feed: Feed = feed) -> None:
                gate.feed_page(body, renderer.look, feed)

            yield Resource(
                self.look.folder + self.look.page(feed.path), "html", MEDIA_TYPES["html"],
                feed_page.key(renderer.look, feed, around, self.keys[feed.path]), render, check, document_links(feed, "html"),
                feed.updated,
            )  # fmt: skip

    def _entry_pages(self) -> Iterator[Resource]:
        formats = [(name, url) for name, url in self.site.urls.items() if name not in ("html", "opml")]
        links = tuple(
            TargetLink("alternate", url, media_type_of(name).partition(";")[0], self.site.language or "") for name, url in formats
        )
        posts, last = self.source.posts, len(self.source.posts.published) - 1
        for page in self.publication.pages:
            feeds = [self.by_path[path] for path in page.feeds if path in self.by_path]
            older = page.position + 1 if page.position < last else None
            newer = page.position - 1 if page.position else None
            shown = [posts.key([position]) if position is not None else "" for position in (older, newer)]

            def render(
                key: str = page.key, feeds: Sequence[Feed] = feeds, older: int | None = older, newer: int | None = newer
            ) -> bytes:
                before, after = (posts.lines([at])[0] if at is not None else None for at in (older, newer))
                around = entry_page.Around(self.site, feeds, before, after)
                return entry_page.document(self.renderer, self.source.entry(key), around)

            def check(body: bytes, key: str = page.key) -> None:
                gate.entry_page(body, self.look, self.source.entry(key), self.site)

            yield Resource(
                self.look.page(page.folder), "entry", MEDIA_TYPES["html"],
                entry_page.key(self.look, page.key, self.site, feeds, shown), render, check, links, page.updated,
            )  # fmt: skip

    def _archive(self) -> Iterator[Resource]:
        look, site, spans = self.look, self.site, self.spans
        newest = self._date([0]) if self.source.posts.published else None
        yield self._page(
            look.page(look.archive), term_index.archive_key(look, site, spans),
            lambda: term_index.archive(self.renderer, site, spans), newest,
        )  # fmt: skip
        for year, months in lines.years(spans):
            folder = f"{look.archive}{year.year}/"
            if not lines.has_months(year):
                yield from self._list(folder, lines.ListOf(year, count=year.count), range(year.start, year.stop))
                continue

            def index(year: lines.Span = year, months: Sequence[lines.Span] = months) -> bytes:
                return lines.year_index(self.renderer, site, year, months)

            yield self._page(look.page(folder), lines.year_key(look, site, months), index, self._date([year.start]))
            for month in months:
                of = lines.ListOf(month, count=month.count)
                yield from self._list(f"{folder}{month.month:02d}/", of, range(month.start, month.stop))

    def _posts_of(self, feed: Feed) -> Iterator[Resource]:
        """The list of all posts of a term, where its feed's page shows only the newest."""
        if feed.count <= len(feed.entry_keys):
            return
        positions = sorted(position for run in self.source.runs(feed.path) for position in run)
        trail = feed_page.relatives(feed, self.by_path).trail
        yield from self._list(feed.path, lines.ListOf(None, feed, trail, feed.count), positions, name="posts")

    def _list(self, folder: str, of: lines.ListOf, positions: Sequence[int], name: str | None = None) -> Iterator[Resource]:
        posts = self.source.posts
        for page in lines.pages(self.look, folder, 0, len(positions), name):
            shown = positions[page.start : page.stop]
            # How many there are changes with each post; only the newest page does, too.
            about = of if page.newer is None else replace(of, count=0)

            def render(page: lines.ListPage = page, shown: Sequence[int] = shown, about: lines.ListOf = about) -> bytes:
                return lines.document(self.renderer, self.site, page, about, posts.lines(shown))

            key = lines.key(self.look, self.site, page, about, posts.key(shown))
            yield self._page(page.path, key, render, self._date(shown))

    def _terms(self, taxonomy: str) -> Iterator[Resource]:
        feeds = [feed for feed in self.feeds if feed.taxonomy == taxonomy]
        if not feeds:
            return
        terms = term_index.terms_key(self.look, self.site, feeds)
        for page in term_index.pages(self.look, taxonomy, feeds):

            def render(page: term_index.TermPage = page) -> bytes:
                return term_index.document(self.renderer, self.site, feeds, page, self.source.places)

            yield self._page(page.path, term_index.key(terms, page), render, self.site.updated)

    def _page(
        self, path: str, key: str, render: Callable[[], bytes], dated: datetime | None, *, from_root: bool = False
    ) -> Resource:
        subject = gate.Subject(self.look, self.look.url(path), self.site, from_root)

        def check(body: bytes) -> None:
            gate.plain(body, subject)

        return Resource(self.look.folder + path, "page", MEDIA_TYPES["html"], key, render, check, (), dated)

    def _date(self, positions: Sequence[int]) -> datetime | None:
        """When the newest of these posts was published."""
        return instant(self.source.posts.published[positions[0]]) if positions else None
