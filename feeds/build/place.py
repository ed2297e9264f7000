"""Where an entry belongs on the web: in come a header and who the post is, out go its place and its permalink.

What a feed needs to know of posts that it need not convert. Pure: no I/O, no clock, no HTML.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feeds import permalink_patterns, slugs
from feeds.model import Category, Person
from feeds.posts.metadata import Header, below
from feeds.settings import Settings
from feeds.urls import encode_path, resolve


class Place(NamedTuple):
    """Who and where an entry is, as ledger and taxonomy say: nothing that its own file tells."""

    id: str
    published: datetime
    updated: datetime
    slug: str
    categories: tuple[Category, ...]
    category_slugs: tuple[str, ...]
    page: str | None
    """Path of our own page of the entry ("entry/slug/"), None where it has one of its own."""


def home_of(settings: Settings) -> str:
    """The URL below which the site's own pages lie."""
    home = settings.home_page_url or settings.base_url
    return home if home.endswith("/") else home + "/"


def permalink_of(header: Header, slug: str, published: datetime, settings: Settings) -> str:
    """The post's own page, as its header tells it."""
    if header.link is None and settings.permalink is None:
        return settings.base_url + encode_path(settings.paths.entry.format(slug=slug))
    facts = permalink_patterns.Facts(
        header.path, published.astimezone(ZoneInfo(settings.timezone)), header.title, header.slug, header.explicit_id or "",
        tuple(map(slugs.slug, header.categories[0])) if header.categories else (),
    )  # fmt: skip
    return permalink_at(header.link, facts, settings)


def permalink_at(link: str | None, facts: permalink_patterns.Facts, settings: Settings) -> str:
    """A post's own page: the link that its author gave, else the site's pattern (DESIGN: Decisions 8)."""
    home = home_of(settings)
    if link is not None:
        if "://" not in link and not permalink_patterns.unknown(link):
            link = permalink_patterns.expand(link, facts)
        whole = resolve(below(link), home)
        if whole is not None:
            return whole
    pattern = settings.permalink or ":title/"
    if "://" in pattern:
        scheme, _, rest = pattern.partition("://")
        return resolve(f"{scheme}://{permalink_patterns.expand(rest, facts)}", home) or home
    return home + encode_path(permalink_patterns.expand(pattern, facts))


def site_authors(settings: Settings) -> tuple[Person, ...]:
    """The feed's authors, and those of a post that names none (RFC 4287 section 4.1.1 wants one)."""
    return settings.authors or (Person(settings.title),)
