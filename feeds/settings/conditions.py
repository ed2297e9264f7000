"""Conditions that posts meet or not, as settings and addresses write them: "category:技术/前端", "path:notes/*", "year:2024".

In comes text, out go checked conditions and what they mean for a post. What a post is comes from elsewhere; must not read posts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feeds.model import clean_text, seconds
from feeds.settings.kinds import LANGUAGE, Kind, WrongValueError, describe, listed, nearest, string
from feeds.slugs import fold

#: The names of a post by subject, folded: of a category each path from the root down to it, by names and by slugs.
Names = Mapping[str, frozenset[str]]

#: What a condition may be about: names of a post, its file, the day of its publishing in the site's time zone.
SUBJECTS = ("category", "tag", "author", "language", "path", "year", "since", "until")
#: Those that are decided by the names alone under which a post is grouped.
OF_NAMES = frozenset({"category", "tag", "author", "language"})


class Condition(NamedTuple):
    """`subject` is one of SUBJECTS. A category holds its sub-categories, a language its regions ("zh" is also "zh-CN")."""

    subject: str
    value: str

    @classmethod
    def of(cls, text: str) -> Condition:
        """The condition of a checked text."""
        return cls(*text.split(":", 1))


def _condition(value: object) -> str:
    text = " ".join(clean_text(string(value, CONDITION.allowed)).split())
    subject, colon, rest = text.partition(":")
    subject, rest = subject.strip().casefold(), rest.strip()
    if not colon or subject not in SUBJECTS:
        near = nearest(subject, SUBJECTS) if colon else f'did you mean "category:{text}"?' if text else ""
        raise WrongValueError(f"{describe(text)} is not a condition", CONDITION.allowed, near)
    if not rest or len(rest) > 300:
        raise WrongValueError(f"{describe(text)} has no value, or one that is too long", CONDITION.allowed)
    return f"{subject}:{checked(subject, rest)}"


def checked(subject: str, value: str) -> str:
    """A condition's value in its usual form. Raises WrongValueError."""
    if subject == "language":
        tag: str = LANGUAGE.read(value)
        return tag
    if subject == "year":
        if not re.fullmatch(r"[0-9]{4}", value) or value == "0000":
            raise WrongValueError(f"{describe(value)} is not a year", "e.g. year:2024")
    elif subject in ("since", "until"):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise WrongValueError(f"{describe(value)} is not a day", f"e.g. {subject}:2024-01-31") from None
    return value.strip("/") if subject == "category" else value


CONDITION = Kind(
    _condition, 'conditions, e.g. "category:tech/web", "tag:css", "author:Lin", "language:en", "path:notes/*", "year:2024", '
    '"since:2024-01-31", "until:2024-12-31"',
)  # fmt: skip
CONDITIONS = listed(CONDITION, "a list of " + CONDITION.allowed)


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


def named(condition: Condition, names: Names) -> bool:
    """Whether a post under these names meets a condition about names."""
    wanted = fold(condition.value)
    names_of_subject = names[condition.subject]
    if condition.subject == "language":
        return any(name == wanted or name.startswith(f"{wanted}-") for name in names_of_subject)
    return wanted in names_of_subject


def span_of(condition: Condition, zone: ZoneInfo) -> tuple[int, int] | None:
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
