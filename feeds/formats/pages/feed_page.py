"""A feed's own page: in come a Feed and the feeds around it, out goes the page that shows its address and newest posts.

The site's is the front page: it names categories, tags, authors and years besides. A page changes only with what it
shows; a new category must not change the page of an unrelated one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from feeds.formats._wording import heading
from feeds.formats.pages import collation, views
from feeds.formats.pages.common import Frame, summary_in_list, title_in_list
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import Renderer
from feeds.model import Entry, Feed, digest

#: So many terms stand on the front page, and of a category's children on its own: all others are on the list of terms.
_CATEGORIES, _TAGS, _AUTHORS, _CHILDREN, _YEARS = 40, 30, 12, 60, 8

Places = Callable[[Sequence[str]], Sequence[collation.IndexPlace]]


class Relatives(NamedTuple):
    """The feeds that a feed's page names.

    `trail` leads from the site's feed down to the parent; `listed` are all other feeds on the site's page, none elsewhere.
    `years` are the years of the archive with their numbers of posts, newest first, on the site's page; `more` says that
    there is a list of all the feed's posts.
    """

    site: Feed
    trail: tuple[Feed, ...] = ()
    children: tuple[Feed, ...] = ()
    listed: tuple[Feed, ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    more: bool = False

    @property
    def key(self) -> str:
        """Digest of all that a page shows of them: goes into the key of the page's resource."""
        groups = ((self.site,), self.trail, self.children, self.listed)
        counted = (str(part.count) for group in groups[2:] for part in group)
        return digest(
            *(part for group in groups for part in (str(len(group)), *map(facts, group))),
            *counted, repr(self.years), str(self.more),
        )  # fmt: skip


def facts(feed: Feed) -> str:
    """Digest of what another page shows of a feed, but for the number of its posts."""
    return digest(feed.path, feed.taxonomy, *feed.labels, feed.title, str(feed.parent), repr(sorted(feed.urls.items())))


def relatives(feed: Feed, feeds: Mapping[str, Feed], years: Sequence[tuple[int, int]] = (), more: bool = False) -> Relatives:
    """The relatives of a feed among all feeds of the site, by path; the site's comes first among them."""
    site = next(iter(feeds.values()))
    trail: list[Feed] = []
    above = feeds.get(feed.parent) if feed.parent is not None else None
    while above is not None and above not in trail:
        trail.append(above)
        above = feeds.get(above.parent) if above.parent is not None else None
    front = feed.taxonomy == "site"
    return Relatives(
        site=site,
        trail=tuple(reversed(trail)),
        children=tuple(feeds[path] for path in feed.children if path in feeds),
        listed=tuple(other for other in feeds.values() if other.taxonomy != "site") if front else (),
        years=tuple(years) if front else (),
        more=more,
    )


def key(look: Look, feed: Feed, around: Relatives, feed_key: str | None = None) -> str:
    """Digest of all that decides the page's bytes; `feed_key` is the feed's own key if it is known."""
    return digest("html", look.key, feed_key or feed.key, str(feed.count), around.key)


def document(renderer: Renderer, feed: Feed, around: Relatives, places: Places) -> bytes:
    """The page, in UTF-8."""
    look = renderer.look
    frame = Frame(look, around.site, feed.urls["html"])
    front = feed.taxonomy == "site"
    name = feed.labels[-1] if feed.labels and not feed.is_twin else feed.title
    about = feed.description if feed.description not in (feed.title, name) else ""
    children, total = _heaviest(frame, around.children, _CHILDREN, places)
    items = _items(frame, feed.entries)
    return renderer.page(
        "feed.html.j2",
        site=frame.site(),
        page=replace(
            frame.page(
                "site" if front else "term",
                feed.title,
                name,
                description=about or frame.strings["what_a_feed_is"],
                feeds=(feed, around.site),
                trail=frame.trail(around.trail),
            ),
            translations=_scripts(feed),
        ),
        about=about,
        count=feed.count,
        updated=frame.date(feed.updated) if feed.entry_keys else None,
        subscribe=frame.subscribe(feed, "" if front else name, len(around.listed) + 1 if front else 0),
        items=items,
        show_authors=len({tuple(author.name for author in item.authors) for item in items}) > 1,
        children=children,
        children_total=total,
        children_url=frame.link(look.url(look.page(look.index(feed.taxonomy)))) if total > len(children) else None,
        directories=[
            directory for taxonomy in look.taxonomies if (directory := _directory(frame, taxonomy, around.listed, places))
        ],
        years=_years(frame, around.years),
        more_url=_more(frame, feed, around),
    )


def _scripts(feed: Feed) -> list[tuple[str, str]]:
    """The pages of a feed and its twins by language, if it has any: its own first (WHATWG HTML section 4.6.7.1)."""
    versions = [(feed.language or "", feed.urls), *feed.twins] if feed.twins else []
    return [(language, urls["html"]) for language, urls in versions if language]


def _items(frame: Frame, entries: Sequence[Entry]) -> list[views.Item]:
    return [
        views.Item(
            url=frame.links(entry.permalink),
            title=title_in_list(heading(entry)),
            date=frame.date(entry.published),
            summary=summary_in_list(entry.summary),
            category=frame.category(entry),
            authors=frame.people(entry, show_email=False),
            picture=frame.picture(entry.image) if entry.image is not None else None,
            language=entry.language,
        )
        for entry in entries
    ]


def _more(frame: Frame, feed: Feed, around: Relatives) -> str | None:
    """The list of all posts of this feed, where it shows only the newest."""
    look = frame.look
    if not around.more:
        return None
    if feed.taxonomy == "site" or feed.is_twin:
        return frame.link(look.url(look.page(look.archive)))
    return frame.link(look.url(look.page(feed.path, name="posts")))


def _years(frame: Frame, years: Sequence[tuple[int, int]]) -> list[views.Term]:
    look = frame.look
    return [
        views.Term(frame.link(look.url(look.page(f"{look.archive}{year}/"))), frame.strings.fill("year", year=year), count)
        for year, count in years[:_YEARS]
    ]


def term_view(frame: Frame, feed: Feed, depth: int = 0) -> views.Term:
    """A feed's term as templates see it."""
    return views.Term(frame.link(feed.urls["html"]), feed.labels[-1], feed.count, depth)


def _heaviest(frame: Frame, feeds: Sequence[Feed], most: int, places: Places) -> tuple[list[views.Term], int]:
    """The terms with the most posts, in the language's order; and how many there are in all. Empty terms are left out."""
    filled = [feed for feed in feeds if feed.count]
    chosen = sorted(filled, key=lambda feed: (-feed.count, feed.path))[:most]
    ordered = zip(chosen, places([feed.labels[-1] for feed in chosen]), strict=True)
    return [term_view(frame, feed) for feed, _ in sorted(ordered, key=lambda pair: (pair[1].key, pair[0].path))], len(filled)


def _directory(frame: Frame, taxonomy: str, listed: Sequence[Feed], places: Places) -> views.Directory | None:
    """A taxonomy's terms beside the newest posts; None where there is nothing to choose from."""
    look = frame.look
    feeds = [feed for feed in listed if feed.taxonomy == taxonomy and feed.count]
    # One author writes every post: their name leads nowhere else.
    if not feeds or (taxonomy == "author" and len(feeds) == 1 and feeds[0].count >= frame.site_feed.count):
        return None
    if taxonomy == "category":
        terms = _tree(frame, feeds, places)
    elif taxonomy == "tag":
        # Heaviest first: a cloud is looked at, not looked up.
        chosen = sorted(feeds, key=lambda feed: (-feed.count, feed.path))[:_TAGS]
        order = {place.key: feed for feed, place in zip(chosen, places([feed.labels[-1] for feed in chosen]), strict=True)}
        terms = [term_view(frame, order[place]) for place in sorted(order, key=lambda place: (-order[place].count, place))]
    else:
        terms, _ = _heaviest(frame, feeds, _AUTHORS, places)
    return views.Directory(
        name=taxonomy,
        heading=frame.strings.taxonomy(taxonomy),
        terms=terms,
        total=len(feeds),
        all_url=frame.link(look.url(look.page(look.index(taxonomy)))),
    )


def _tree(frame: Frame, feeds: Sequence[Feed], places: Places) -> list[views.Term]:
    """Categories below their parents: level by level as long as there is room, the heaviest where there is not."""
    by_path = {feed.path: feed for feed in feeds}
    level = [feed for feed in feeds if feed.parent not in by_path]
    chosen = sorted(level, key=lambda feed: (-feed.count, feed.path))[:_CATEGORIES]
    while level:
        above = {feed.path for feed in level}
        level = [feed for feed in feeds if feed.parent in above]
        if len(chosen) + len(level) > _CATEGORIES:
            break
        chosen += level
    return tree(frame, chosen, places)


def tree(frame: Frame, feeds: Sequence[Feed], places: Places) -> list[views.Term]:
    """Terms in the language's order, each behind its parent and with its depth; parents that are not there count as none."""
    by_path = {feed.path: feed for feed in feeds}
    order = dict(zip(by_path, places([feed.labels[-1] for feed in by_path.values()]), strict=True))
    below: dict[str | None, list[Feed]] = {}
    for feed in by_path.values():
        below.setdefault(feed.parent if feed.parent in by_path else None, []).append(feed)
    for children in below.values():
        children.sort(key=lambda feed: (order[feed.path].key, feed.path), reverse=True)
    result: list[views.Term] = []
    waiting = [(feed, 0) for feed in below.get(None, [])]
    while waiting:
        feed, depth = waiting.pop()
        result.append(term_view(frame, feed, min(depth, 4)))
        waiting += [(child, depth + 1) for child in below.get(feed.path, [])]
    return result
