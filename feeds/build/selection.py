"""Which posts meet a set's conditions: in come conditions and the posts' names, paths and dates, out go positions.

Conditions about names are decided once for all posts under the same names. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from feeds.build.timeline import Timeline, Where
from feeds.model import seconds
from feeds.posts.index import Combination
from feeds.settings.conditions import OF_NAMES, Condition
from feeds.slugs import fold

#: The names of a post by subject, folded: of a category each path from the root down to it, by names and by slugs.
Names = Mapping[str, frozenset[str]]
NamesOf = Callable[[Combination], Names]


@dataclass(frozen=True, slots=True)
class Rules:
    """Conditions of which one must hold (if there are any), of which all must, and of which none may."""

    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, any: Iterable[str], all: Iterable[str], none: Iterable[str]) -> Rules:
        """The rules of checked texts."""
        return cls(*(tuple(map(Condition.of, texts)) for texts in (any, all, none)))

    @property
    def of_names(self) -> bool:
        """Whether the names alone decide."""
        return all(condition.subject in OF_NAMES for condition in (*self.any, *self.all, *self.none))

    def hold(self, meets: Callable[[Condition], bool]) -> bool:
        """Whether they hold for a post that `meets` tells of."""
        return (
            (not self.any or any(map(meets, self.any)))
            and all(map(meets, self.all))
            and not any(map(meets, self.none))
        )  # fmt: skip


def positions(rules: Rules, where: Sequence[Where], out: Timeline, names_of: NamesOf, zone: str) -> list[int]:
    """The positions of all posts for which the rules hold, ascending."""
    own_zone = ZoneInfo(zone)
    spans = {condition: _span(condition, own_zone) for condition in (*rules.any, *rules.all, *rules.none)}
    results: list[int] = []
    for group in where:
        names = names_of(group.names)

        def by_names(condition: Condition, names: Names = names) -> bool:
            return _named(condition, names)

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
                return _named(condition, names)

            if rules.hold(meets):
                results.append(position)
    return sorted(results)


def _named(condition: Condition, names: Names) -> bool:
    wanted = fold(condition.value)
    some = names[condition.subject]
    if condition.subject == "language":
        return any(name == wanted or name.startswith(f"{wanted}-") for name in some)
    return wanted in some


def _span(condition: Condition, zone: ZoneInfo) -> tuple[int, int] | None:
    """The instants that a condition about days allows, from the first second to that after the last; None for others."""
    first, last = date.min, date.max
    if condition.subject == "year":
        first, last = date(int(condition.value), 1, 1), date(int(condition.value), 12, 31)
    elif condition.subject == "since":
        first = date.fromisoformat(condition.value)
    elif condition.subject == "until":
        last = date.fromisoformat(condition.value)
    else:
        return None
    return _midnight(first, zone), _midnight(last, zone, timedelta(days=1))


def _midnight(day: date, zone: ZoneInfo, later: timedelta = timedelta()) -> int:
    # The first and last days of the calendar stand for "always"; no zone can shift them.
    if day == date.min:
        return -(2**62)
    if day >= date(9999, 12, 31):
        return 2**62
    return seconds(datetime(day.year, day.month, day.day, tzinfo=zone) + later)
