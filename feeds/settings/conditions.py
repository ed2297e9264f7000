"""Conditions that posts meet or not, as settings and addresses write them: "category:技术/前端", "path:notes/*", "year:2024".

In comes text, out goes a checked Condition. What a post is comes from elsewhere; must not read posts.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from feeds.model import clean_text
from feeds.settings.kinds import LANGUAGE, Kind, WrongValueError, describe, listed, nearest, string

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
