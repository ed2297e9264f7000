"""Plans of feeds: which posts each feed holds, and which feed is below which.

Plain values between the grouping of posts and the making of feeds. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from feeds.build.groups.taxonomy import Term
from feeds.settings import FeedSettings, Settings

#: Every term by taxonomy and folded names; only taxonomies that have feeds.
Terms: TypeAlias = Mapping[str, Mapping[tuple[str, ...], Term]]


#: An empty document's date: no entry gives one, and the clock must not.
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)


def names_needed(settings: Settings) -> tuple[str, ...]:
    """The taxonomies whose names are looked at: those that have feeds, and all if conditions choose posts."""
    if settings.sets or any(own.exclude for own in settings.feeds.values()):
        return ("category", "tag", "author", "language")
    return (*settings.taxonomies, "category") if settings.language_categories else settings.taxonomies


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned feed: its term ("site" has none) and its posts, newest first, as positions in the list of what is out.

    `runs` hold the positions of all posts of the term, each run ascending. `twin` is the language tag of the script that the
    entries are converted to, None for all other feeds.
    """

    taxonomy: str
    term: Term
    path: str
    members: tuple[int, ...]
    own: FeedSettings
    oldest: int | None
    runs: tuple[Sequence[int], ...] = ()
    twin: str | None = None

    @property
    def count(self) -> int:
        """The number of all posts of the term, in the feed or not."""
        return sum(map(len, self.runs))

    def positions(self) -> list[int]:
        """The positions of all posts of the term, newest first."""
        return sorted(position for run in self.runs for position in run)


class Tree:
    """Which feed is below which."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.site = plans[0].path
        self.paths = {(plan.taxonomy, plan.term.key): plan.path for plan in plans[1:]}
        self.below: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for plan in plans[1:]:
            if key := self._key_above(plan):
                self.below.setdefault((plan.taxonomy, key), []).append(plan.path)

    def _key_above(self, plan: Plan) -> tuple[str, ...]:
        """The key of the nearest term above that has a feed, () if none has: one without posts may have lost its address."""
        key = plan.term.key[:-1]
        while key and (plan.taxonomy, key) not in self.paths:
            key = key[:-1]
        return key

    def around(self, plan: Plan) -> tuple[str | None, tuple[str, ...]]:
        """The path of the feed above (None above the site's), and those of the feeds right below."""
        if plan.taxonomy == "site":
            return None, ()
        above = self.paths.get((plan.taxonomy, self._key_above(plan)), self.site)
        return above, tuple(self.below.get((plan.taxonomy, plan.term.key), ()))
