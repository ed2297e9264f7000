"""Lists of all posts: lines come in, pages with their headings and paging go out.

Pages of a list are filled from the oldest post on: the newest page grows, the full ones stay as they are, so that one
new post changes two pages at most, however long the list is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from feeds.formats._wording import first_words
from feeds.formats.pages import views
from feeds.formats.pages.common import TITLE_IN_LIST, Frame, local
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import Renderer
from feeds.model import Feed, digest, instant

#: So many posts stand on a full page of a list; on the newest one at most twice as many, less one.
PER_PAGE = 50


class PostLine(NamedTuple):
    """What a list shows of a post. `title` may be empty: then its day stands there. `language` as in an Entry."""

    title: str
    permalink: str
    published: datetime
    language: str | None = None


class ListPage(NamedTuple):
    """One page of a list: its path, its posts as positions in the list, newest first, and the pages beside it."""

    path: str
    start: int
    stop: int
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """A year, or a month of it, and its posts as positions in the list of all posts, newest first. `month` 0: the year."""

    year: int
    month: int
    start: int
    stop: int

    @property
    def count(self) -> int:
        """The number of its posts."""
        return self.stop - self.start


def pages(look: Look, folder: str, start: int, stop: int, name: str | None = None) -> list[ListPage]:
    """The pages of a list of the posts from `start` to `stop`, newest page first; one page at least.

    The first one holds the newest posts, up to two pages' worth less one, under the plain name; the others are full.
    """
    count = stop - start
    full = max(count // PER_PAGE - 1, 0)
    cuts = [stop - number * PER_PAGE for number in range(full, -1, -1)]
    names = [look.page(folder, None, name), *(look.page(folder, number, name) for number in range(full, 0, -1))]
    bounds = [start, *cuts]
    return [
        ListPage(
            names[place], bounds[place], bounds[place + 1],
            names[place - 1] if place else None, names[place + 1] if place < full else None,
        )
        for place in range(full + 1)
    ]  # fmt: skip


def spans(published: Sequence[int], zone: str) -> list[Span]:
    """The years and months that have posts, newest first, each year before its months.

    `published` are seconds since 1970, newest first. A month begins at midnight of its first day in the zone.
    """
    result: list[Span] = []
    ascending = _Reversed(published)
    place = 0
    while place < len(published):
        day = local(instant(published[place]), zone)
        end = len(published) - bisect_right(ascending, _begin(day.year, day.month, zone) - 1)
        # At the edges of a zone's history a month may seem to begin after a post of it.
        end = max(end, place + 1)
        if not result or result[-1].year != day.year:
            result.append(Span(day.year, 0, place, end))
        else:
            year = next(number for number in range(len(result) - 1, -1, -1) if result[number].month == 0)
            result[year] = replace(result[year], stop=end)
        result.append(Span(day.year, day.month, place, end))
        place = end
    return result


class _Reversed(Sequence[int]):
    """The numbers from the last to the first, for `bisect`."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> int:  # type: ignore[override]
        return self._numbers[len(self._numbers) - 1 - index]


def _begin(year: int, month: int, zone: str) -> int:
    """The first second of a month in a zone, in seconds since 1970."""
    from datetime import UTC
    from zoneinfo import ZoneInfo

    try:
        return int(datetime(year, month, 1, tzinfo=ZoneInfo(zone)).timestamp())
    except (OverflowError, ValueError):
        return int(datetime(year, month, 1, tzinfo=UTC).timestamp())


def years(spans: Sequence[Span]) -> Iterator[tuple[Span, list[Span]]]:
    """Each year with its months, newest first."""
    for place, span in enumerate(spans):
        if span.month == 0:
            months = []
            for other in spans[place + 1 :]:
                if other.month == 0:
                    break
                months.append(other)
            yield span, months


def site_facts(site: Feed) -> str:
    """Digest of what every page shows of the site."""
    shown = (site.title, site.rights, site.icon, site.logo, site.home_page_url, sorted(site.urls.items()))
    return digest(repr(shown))


def has_months(year: Span) -> bool:
    """Whether a year has more posts than one page shows: then each month has pages of its own."""
    return year.count >= 2 * PER_PAGE


@dataclass(frozen=True, slots=True)
class ListOf:
    """What a list holds: a year or a month of the archive (`span`), or the posts of a term (`feed`, and those above it)."""

    span: Span | None = None
    feed: Feed | None = None
    trail: Sequence[Feed] = ()
    count: int = 0

    @property
    def key(self) -> str:
        """Digest of all that a page of the list shows of it."""
        feeds = [*self.trail, self.feed] if self.feed else []
        names = (part for feed in feeds for part in (feed.path, feed.title, *feed.labels))
        return digest(repr(self.span and (self.span.year, self.span.month)), str(self.count), *names)


def key(look: Look, site: Feed, page: ListPage, of: ListOf, lines: str) -> str:
    """Digest of all that decides the bytes of a list's page; `lines` is the digest of its posts."""
    return digest("list", look.key, site_facts(site), repr((page.path, page.newer, page.older)), of.key, lines)


def document(renderer: Renderer, site: Feed, page: ListPage, of: ListOf, lines: Sequence[PostLine]) -> bytes:
    """A page of a list of posts. Those of a whole year stand under the names of their months."""
    look = renderer.look
    frame = Frame(look, site, look.url(page.path))
    heading, trail = _head(frame, of)
    title = f"{frame.strings['all_posts']} - {of.feed.title}" if of.feed else f"{heading} - {site.title}"
    newer, older = (frame.link(look.url(path)) if path else None for path in (page.newer, page.older))
    return renderer.page(
        "list.html.j2",
        site=frame.site(),
        page=replace(
            frame.page(
                "list",
                title,
                heading,
                feeds=(of.feed, site) if of.feed else (site,),
                trail=trail,
            ),
            newer=newer,
            older=older,
        ),
        count=of.count,
        groups=_groups(frame, lines, of.span),
    )


def _head(frame: Frame, of: ListOf) -> tuple[str, list[views.Link]]:
    """The heading of a list, and the way down to it."""
    look, strings = frame.look, frame.strings
    if of.feed is not None:
        return of.feed.labels[-1], frame.trail((*of.trail, of.feed))
    trail = [*frame.trail((frame.site_feed,)), views.Link(frame.link(look.url(look.page(look.archive))), strings["archive"])]
    span = of.span
    if span is None:
        return strings["all_posts"], trail
    year = strings.fill("year", year=span.year)
    if span.month == 0:
        return year, trail
    trail.append(views.Link(frame.link(look.url(look.page(f"{look.archive}{span.year}/"))), year))
    return strings.month(span.year, span.month), trail


def year_index(renderer: Renderer, site: Feed, year: Span, months: Sequence[Span]) -> bytes:
    """The page of a year whose months have pages of their own: it names them."""
    look = renderer.look
    frame = Frame(look, site, look.url(look.page(f"{look.archive}{year.year}/")))
    heading, trail = _head(frame, ListOf(year))
    items = []
    for month in months:
        url = frame.link(look.url(look.page(f"{look.archive}{year.year}/{month.month:02d}/")))
        items.append(views.Term(url, frame.strings.month(month.year, month.month), month.count))
    return renderer.page(
        "terms.html.j2",
        site=frame.site(),
        page=frame.page("terms", f"{heading} - {site.title}", heading, feeds=(site,), trail=trail),
        facts=frame.strings.count("posts", year.count),
        groups=[views.Group("", items)],
        parts=[],
    )


def year_key(look: Look, site: Feed, months: Sequence[Span]) -> str:
    """Digest of all that decides the bytes of a year's page that names its months."""
    return digest("year", look.key, site_facts(site), repr([(month.year, month.month, month.count) for month in months]))


def _groups(frame: Frame, lines: Sequence[PostLine], span: Span | None) -> list[views.Group]:
    """The lines of a year under the names of their months; others under no heading."""
    if span is None or span.month:
        return [views.Group("", [line_view(frame, line, year=span is None) for line in lines])]
    results: dict[int, list[views.Line]] = {}
    for line in lines:
        month = local(line.published, frame.look.zone).month
        results.setdefault(month, []).append(line_view(frame, line, year=False))
    return [views.Group(frame.strings.month_heading(month), items, anchor=f"month-{month}") for month, items in results.items()]


def line_view(frame: Frame, line: PostLine, *, year: bool = True) -> views.Line:
    """A line as templates see it."""
    date = frame.date(line.published, year=year)
    title = first_words(line.title, TITLE_IN_LIST) or frame.date(line.published).text
    return views.Line(frame.links(line.permalink), title, date, line.language)
