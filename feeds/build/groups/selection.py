"""Which posts meet a set's conditions: in come conditions and the posts' names, paths and dates, out go positions.

Conditions about names are decided once for all posts under the same names. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from feeds.build.timeline import SameNames, Timeline
from feeds.posts.index import Combination
from feeds.settings.conditions import Condition, Names, Rules, named, span_of

NamesOf = Callable[[Combination], Names]


def positions(rules: Rules, where: Sequence[SameNames], out: Timeline, names_of: NamesOf, zone: str) -> list[int]:
    """The positions of all posts for which the rules hold, ascending."""
    own_zone = ZoneInfo(zone)
    spans = {condition: span_of(condition, own_zone) for condition in (*rules.any, *rules.all, *rules.none)}
    results: list[int] = []
    for group in where:
        names = names_of(group.names)

        def by_names(condition: Condition, names: Names = names) -> bool:
            return named(condition, names)

        if rules.of_names:
            if rules.hold(by_names):
                results += group.positions
            continue
        for position in group.positions:

            def meets(condition: Condition, position: int = position, names: Names = names) -> bool:
                span = spans[condition]
                if span is not None:
                    return span[0] <= out.published_seconds(position) < span[1]
                if condition.subject == "path":
                    return fnmatchcase(out.path(position), condition.value)
                return named(condition, names)

            if rules.hold(meets):
                results.append(position)
    return sorted(results)
