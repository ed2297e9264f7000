"""Lists of terms: all feeds of a taxonomy come in, pages go out, in the order of the language's readers.

A long list is cut into pages by size. The archive's list of years and months is made here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from feeds.formats._wording import first_words
from feeds.formats.pages import views
from feeds.formats.pages.common import Frame
from feeds.formats.pages.feed_page import Places, facts, term_view, tree
from feeds.formats.pages.lines import Span, has_months, site_facts, years
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import Renderer
from feeds.model import Feed, digest

#: A page of terms is closed before its list passes this.
_PAGE_BYTES = 48_000
#: What stands around a term's address and label.
_ROW_BYTES = 90
#: So few terms need no letters above them.
_PLAIN = 24
#: So many characters of a term name a part of the list.
_LABEL = 12


class TermPage(NamedTuple):
    """One page of a list of terms; `number` counts from 1, `of` is how many there are."""

    path: str
    number: int
    of: int


class _Row(NamedTuple):
    """`heading` is the letter that stands over the term, `letter` the one that it is looked up under."""

    heading: str
    letter: str
    term: views.Term
    size: int


def pages(look: Look, taxonomy: str, feeds: Sequence[Feed]) -> list[TermPage]:
    """The pages that the terms need. How many there are depends on sizes alone, not on the order."""
    folder = look.index(taxonomy)
    of = max(1, -(-sum(_size(feed) for feed in feeds if feed.count) // _PAGE_BYTES))
    return [TermPage(look.page(folder, number if number > 1 else None), number, of) for number in range(1, of + 1)]


def _size(feed: Feed) -> int:
    return _ROW_BYTES + len(feed.urls["html"].rstrip("/").rpartition("/")[2]) + len(feed.labels[-1].encode())


def terms_key(look: Look, site: Feed, feeds: Sequence[Feed]) -> str:
    """Digest of all that decides the bytes of a list of terms, whatever page of it."""
    terms = (part for feed in feeds for part in (facts(feed), str(feed.count)))
    return digest("terms", look.key, site_facts(site), *terms)


def key(terms: str, page: TermPage) -> str:
    """Digest of all that decides the page's bytes; `terms` is what `terms_key` gives."""
    return digest(terms, repr(page))


def document(renderer: Renderer, site: Feed, feeds: Sequence[Feed], page: TermPage, places: Places) -> bytes:
    """A page of the list of a taxonomy's terms: categories as a tree, others under their first letters."""
    look = renderer.look
    frame = Frame(look, site, look.url(page.path))
    taxonomy = feeds[0].taxonomy
    rows = _rows(frame, [feed for feed in feeds if feed.count], places)
    parts = _cut(rows, page.of)
    others = pages(look, taxonomy, feeds)
    return renderer.page(
        "terms.html.j2",
        site=frame.site(),
        page=_page(frame, frame.strings.taxonomy(taxonomy)),
        facts=frame.strings.fill("all_terms", count=frame.strings.number(len(rows))),
        groups=_groups(parts[page.number - 1]),
        parts=[
            views.Part(label, None if other.number == page.number else frame.link(look.url(other.path)))
            for label, other in zip(_labels(parts), others, strict=True)
        ]
        if page.of > 1
        else [],
    )


def archive_key(look: Look, site: Feed, spans: Sequence[Span]) -> str:
    """Digest of all that decides the bytes of the archive's own page."""
    return digest("archive", look.key, site_facts(site), repr([(span.year, span.month, span.count) for span in spans]))


def archive(renderer: Renderer, site: Feed, spans: Sequence[Span]) -> bytes:
    """The archive's own page: the years with their months."""
    look = renderer.look
    frame = Frame(look, site, look.url(look.page(look.archive)))
    strings = frame.strings
    groups = []
    for year, months in years(spans):
        url = frame.link(look.url(look.page(f"{look.archive}{year.year}/")))
        items = [views.Term(month_url(frame, year, month), strings.month_heading(month.month), month.count) for month in months]
        groups.append(views.Group(strings.fill("year", year=year.year), items, url))
    total = sum(span.count for span in spans if span.month == 0)
    return renderer.page(
        "terms.html.j2", site=frame.site(), page=_page(frame, strings["archive"]), facts=strings.count("posts", total),
        groups=groups, parts=[],
    )  # fmt: skip


def month_url(frame: Frame, year: Span, month: Span) -> str:
    """Where a month's posts stand: on its own page, or on the year's where that holds them all."""
    look = frame.look
    if has_months(year):
        return frame.link(look.url(look.page(f"{look.archive}{month.year}/{month.month:02d}/")))
    return f"{frame.link(look.url(look.page(f'{look.archive}{month.year}/')))}#month-{month.month}"


def _page(frame: Frame, heading: str) -> views.Page:
    site = frame.site_feed
    return frame.page("terms", f"{heading} - {site.title}", heading, feeds=(site,), trail=frame.trail((site,)))


def _rows(frame: Frame, feeds: Sequence[Feed], places: Places) -> list[_Row]:
    results = dict(
        zip((frame.link(feed.urls["html"]) for feed in feeds), places([feed.labels[-1] for feed in feeds]), strict=True)
    )
    sizes = {frame.link(feed.urls["html"]): _size(feed) for feed in feeds}
    other = frame.strings["other_letters"]
    if feeds and feeds[0].taxonomy == "category":
        terms = tree(frame, feeds, places)
        lettered = False
    else:
        terms = sorted((term_view(frame, feed) for feed in feeds), key=lambda term: (results[term.url].key, term.url))
        lettered = len(feeds) > _PLAIN
    letters: dict[str, str] = {}
    letter = other
    for term in terms:
        # A category is looked up under the letter of the one above all others.
        letter = letter if term.depth else results[term.url].heading or other
        letters[term.url] = letter
    return [_Row(letters[term.url] if lettered else "", letters[term.url], term, sizes[term.url]) for term in terms]


def _cut(rows: Sequence[_Row], of: int) -> list[list[_Row]]:
    """The rows in so many parts of nearly the same size."""
    result: list[list[_Row]] = [[] for _ in range(of)]
    total = sum(row.size for row in rows) or 1
    before = 0
    for row in rows:
        result[before * of // total].append(row)
        before += row.size
    return result


def _groups(rows: Sequence[_Row]) -> list[views.Group]:
    results: dict[str, list[views.Term]] = {}
    for row in rows:
        results.setdefault(row.heading, []).append(row.term)
    return [views.Group(heading, terms) for heading, terms in results.items()]


def _labels(parts: Sequence[Sequence[_Row]]) -> list[str]:
    """What each part holds: its first and last letter; with its first term where several parts are of one letter."""
    result = []
    for rows in parts:
        ends = (rows[0].letter, rows[-1].letter) if rows else ("–", "–")
        result.append(ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}")
    return [
        f"{label}: {first_words(rows[0].term.label, _LABEL)}" if rows and result.count(label) > 1 else label
        for label, rows in zip(result, parts, strict=True)
    ]
