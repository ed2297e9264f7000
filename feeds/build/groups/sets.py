"""Feeds by conditions: in come settings, terms and all posts, out go the plans of sets, and of feeds that leave posts out.

Must not decide what a condition means (`feeds.build.groups.selection`). Pure: no I/O, no clock.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

from feeds.build.groups import selection, taxonomy
from feeds.build.groups.plans import Plan, Terms
from feeds.build.groups.taxonomy import Term
from feeds.build.timeline import SameNames, Timeline
from feeds.posts.index import Combination
from feeds.settings import FeedSettings, SetSettings, Settings
from feeds.settings.conditions import Names, Rules
from feeds.slugs import fold, slug

#: The paths of names of a taxonomy under which posts are.
PathsOf = Callable[[str, Combination], Iterable[tuple[str, ...]]]


def limit_of(own: FeedSettings, settings: Settings) -> int:
    """How many entries a feed may have; a limit of 0 is none."""
    limit = settings.limit if own.limit is None else own.limit
    return limit or sys.maxsize


class Chooser:
    """Finds the posts that meet conditions, by names as the site writes them or by their slugs."""

    def __init__(self, settings: Settings, terms: Terms, where: Sequence[SameNames], out: Timeline, paths_of: PathsOf) -> None:
        self.settings, self.terms, self.out, self.paths_of = settings, terms, out, paths_of
        self.positions = partial(
            selection.positions, where=where, out=out, names_of=cache(self._names), zone=settings.timezone
        )  # fmt: skip

    def _names(self, names: Combination) -> Names:
        """All by which conditions may call posts under these names."""
        return {subject: frozenset(self._of(subject, names)) for subject in ("category", "tag", "author", "language")}

    def _of(self, subject: str, names: Combination) -> Iterator[str]:
        for path in self.paths_of(subject, names):
            for key in taxonomy.ancestors(tuple(map(fold, path))):
                yield "/".join(key)
                term = self.terms.get(subject, {}).get(key)
                yield "/".join(term.slugs if term is not None else map(slug, key))

    def without_excluded(self, plan: Plan) -> Plan:
        """A feed's plan without the posts that its own settings leave out."""
        if not plan.own.exclude:
            return plan
        excluded = set(self.positions(Rules.of(plan.own.exclude, (), ())))
        return _of_posts(plan, [position for position in plan.positions() if position not in excluded], self.settings)

    def sets(self) -> Iterator[Plan]:
        """The feeds of the settings' sets, in the order of their folders."""
        for name, own in sorted(self.settings.sets.items(), key=lambda item: slug(item[0])):
            path = self.settings.paths.set.format(slug=slug(name))
            plan = Plan("set", Term((fold(name),), (own.title or name,), (slug(name),)), path, (), own, None)
            yield _of_posts(plan, self.positions(Rules.of(own.any, own.all, own.none)), self.settings, self._updated(own))

    def _updated(self, own: SetSettings) -> Callable[[int], int] | None:
        return self.out.updated_seconds if own.newest == "updated" else None


def _of_posts(plan: Plan, positions: list[int], settings: Settings, rank: Callable[[int], int] | None = None) -> Plan:
    """The plan of a feed of these posts; the newest within its limit by `rank`, else by their publishing, are its members."""
    limit = limit_of(plan.own, settings)
    members = positions[:limit]
    if rank is not None and limit < len(positions):
        members = sorted(sorted(positions, key=lambda position: (-rank(position), position))[:limit])
    oldest = positions[-1] if positions else None
    return replace(plan, members=tuple(members), oldest=oldest, runs=(positions,) if positions else ())
