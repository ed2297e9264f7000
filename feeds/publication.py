"""All feeds of a site at one instant, as values: what a build hands to those who publish it.

No I/O, no settings, no clock. `feeds.build.publication` makes one; `feeds.model` has what it consists of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.errors import Problem
from feeds.model import Feed


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post that is in no feed, and why: "draft", "unpublished", "hidden", "scheduled", "expired", "feed-false", "broken" …

    `until` is the instant from which it will be in (scheduled), None where no time changes it.
    """

    path: str
    reason: str
    what: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the author's that is copied to `path` below the output, since a reader finds it nowhere else.

    `source` is its path below the posts folder; with "/" in front, below the folder of the settings file.
    """

    path: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """An entry whose page is ours: its folder ("entry/slug/"), the entry's key, the paths of the category and tag feeds
    that it belongs to, when it was updated, and its position among all posts, newest first.
    """

    folder: str
    key: str
    feeds: tuple[str, ...]
    updated: datetime
    position: int


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive document of a feed: `number` counts from 1, the oldest posts' (RFC 5005 section 4).

    `feed` has the entries of this document alone, and the path of the feed's folder. A `closed` document never gets another
    post; `max_age_seconds` is how long caches may keep it, None for as long as the subscription document.
    """

    number: int
    feed: Feed
    closed: bool
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """All feeds of one site at one instant, with what was found on the way.

    Equal inputs give an equal `revision`. `next_change_at` is when a scheduled post falls due or one expires.
    `archives` are the archive documents of its feeds. `pages` are the entries that have no page but ours. `outlined` says since
    when each feed, and each that once was one, stands in the site's outline, by the feed's id: the newest is the outline's own
    date (OPML 2.0, dateModified).
    """

    base_url: str
    as_of: datetime
    feeds: tuple[Feed, ...]
    pages: tuple[OwnPage, ...]
    assets: tuple[Asset, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...]
    revision: str
    outlined: Mapping[str, datetime]
    next_change_at: datetime | None = None
    archives: tuple[Archive, ...] = ()
