"""The query of a view of the site's feed: in come the query of a URL and the names that there are, out goes a Query.

`?category=tech&tag=-css&since=2024-01-01&limit=20`: the conditions of sets (`feeds.settings.conditions`), but for paths of
files, which are the author's. One meaning has one spelling: `Query.canonical`. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, unquote_plus

from feeds.lazy_patterns import lazy_pattern
from feeds.settings.conditions import Condition, Rules, checked
from feeds.settings.kinds import WrongValueError

#: Parameters whose value is a condition of that name; "-" before the value of one of NEGATED means that it must not hold.
SUBJECTS = ("category", "tag", "author", "language", "year", "since", "until")
NAMED = SUBJECTS[:4]
NEGATED = SUBJECTS[:5]
PARAMETERS = (*NAMED, "any", *SUBJECTS[4:], "newest", "limit", "content")
#: A longer query, or one of more conditions, is refused.
MOST_CHARACTERS, MOST_CONDITIONS = 2_000, 20
_ASKS = lazy_pattern(r"(?:\A|&)(?:" + "|".join(PARAMETERS) + r")=")
#: Below a name's own end, what is part of it: sub-categories, regions of a language.
_BELOW = {"category": "/", "language": "-"}

#: The spelling of a name (subject, as it was sent) that addresses have; None for one that no post ever had.
NameOf = Callable[[str, str], str | None]
Pair = tuple[str, str]


class QueryError(Exception):
    """A query that has no answer: `status` 400 for one that is malformed, 404 for a name that no post ever had."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text, self.status = text, status


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What a view may be: entries if the query names no number, and at most; the content that it has if it names none."""

    default: int
    most: int
    content: str


@dataclass(frozen=True, slots=True)
class Query:
    """A view: which posts, how many, in what form. `canonical` are its parameters, decoded, as its one address has them."""

    rules: Rules
    newest: str
    limit: int
    content: str
    canonical: tuple[Pair, ...]

    @property
    def text(self) -> str:
        """The query of its address, "" for the feed itself."""
        return "&".join(f"{name}={quote(value, safe='/:-._~')}" for name, value in self.canonical)


def asks(query: str) -> bool:
    """Whether a query has a parameter of a view; all other queries change nothing."""
    return _ASKS.search(query) is not None


def pairs_of(query: str) -> tuple[Pair, ...]:
    """The parameters of a view in a query as WSGI gives it, decoded; all others are left out. Raises QueryError."""
    if len(query) > MOST_CHARACTERS:
        raise QueryError(f"The query is longer than {MOST_CHARACTERS} characters.")
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in PARAMETERS:
            try:
                pairs.append((name, unquote_plus(value.encode("latin-1").decode("utf-8"), errors="strict")))
            except UnicodeError:
                raise QueryError(f"{name}: the value is not text in UTF-8.") from None
    return tuple(pairs)


def parse(pairs: Iterable[Pair], name_of: NameOf, limits: QueryLimits) -> Query:
    """The view that parameters describe. Raises QueryError."""
    pairs_with_value = [(name, value.strip()) for name, value in pairs if value.strip()]
    conditions = {kind: list[Condition]() for kind in ("any", "all", "none")}
    for name, value in pairs_with_value:
        if name in SUBJECTS:
            negative = name in NEGATED and value.startswith("-")
            conditions["none" if negative else "all"].append(_condition(name, value[negative:].strip(), name_of))
        elif name == "any":
            subject, _, rest = value.partition(":")
            if subject not in SUBJECTS:
                raise QueryError(f"any: {value!r:.100} is not a condition; expected e.g. tag:css.")
            conditions["any"].append(_condition(subject, rest.strip(), name_of))
    if sum(map(len, conditions.values())) > MOST_CONDITIONS:
        raise QueryError(f"The query has more than {MOST_CONDITIONS} conditions.")
    rules = _simplified(conditions["any"], conditions["all"], conditions["none"])
    limit = _limit(_one("limit", pairs_with_value), limits)
    newest = _word("newest", pairs_with_value, ("published", "updated"))
    content = _word("content", pairs_with_value, (limits.content, "summary"))
    canonical = (
        *((condition.subject, condition.value) for condition in rules.all if condition.subject in NAMED),
        *((condition.subject, f"-{condition.value}") for condition in rules.none if condition.subject in NAMED),
        *(("any", f"{condition.subject}:{condition.value}") for condition in rules.any),
        *((condition.subject, condition.value) for condition in rules.all if condition.subject not in NAMED),
        *((condition.subject, f"-{condition.value}") for condition in rules.none if condition.subject not in NAMED),
        *((("newest", newest),) if newest != "published" else ()),
        *((("limit", str(limit)),) if limit != limits.default else ()),
        *((("content", content),) if content != limits.content else ()),
    )
    order = sorted(canonical, key=lambda pair: (PARAMETERS.index(pair[0]), pair[1].startswith("-"), pair[1]))
    return Query(rules, newest, limit, content, tuple(order))


def _condition(subject: str, value: str, name_of: NameOf) -> Condition:
    if not value:
        raise QueryError(f"{subject}: the condition has no value.")
    try:
        value = checked(subject, value)
    except WrongValueError as error:
        raise QueryError(f"{subject}: {error}.") from None
    if subject not in NAMED:
        return Condition(subject, value)
    name = name_of(subject, value)
    if name is None:
        raise QueryError(f"There is no {subject} {value!r:.100} here.", 404)
    return Condition(subject, name)


def _simplified(any: Iterable[Condition], all: Iterable[Condition], none: Iterable[Condition]) -> Rules:
    """Conditions that say the same in one way: each once, none that another one implies, days as one span."""
    must = set(all)
    choice = _broadest(any)
    if len(choice) == 1 or choice & must:
        must |= choice if len(choice) == 1 else set()
        choice = set()
    names = {condition for condition in must if condition.subject in NAMED}
    implied = {outer for outer in names for inner in names if _includes(outer, inner)}
    days = _span({condition for condition in must if condition.subject not in NAMED})
    return Rules(*(tuple(sorted(some)) for some in (choice, names - implied | days, _broadest(none))))


def _broadest(conditions: Iterable[Condition]) -> set[Condition]:
    some = set(conditions)
    return {inner for inner in some if not any(_includes(outer, inner) for outer in some)}


def _includes(outer: Condition, inner: Condition) -> bool:
    """Whether another condition holds for every post for which `inner` does, by their names alone."""
    sign = _BELOW.get(outer.subject)
    return outer.subject == inner.subject and sign is not None and inner.value.startswith(outer.value + sign)


def _span(conditions: Iterable[Condition]) -> set[Condition]:
    """Conditions about days, all of which must hold, as one year or as a first and a last day."""
    first, last = date.min, date.max
    for condition in conditions:
        if condition.subject in ("since", "year"):
            since = condition.value if condition.subject == "since" else f"{condition.value}-01-01"
            first = max(first, date.fromisoformat(since))
        if condition.subject in ("until", "year"):
            until = condition.value if condition.subject == "until" else f"{condition.value}-12-31"
            last = min(last, date.fromisoformat(until))
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return {Condition("year", f"{first.year:04}")}
    since_, until_ = Condition("since", first.isoformat()), Condition("until", last.isoformat())
    return ({since_} if first > date.min else set()) | ({until_} if last < date.max else set())


def _one(name: str, pairs: Iterable[Pair]) -> str | None:
    values = {value for other, value in pairs if other == name}
    if len(values) > 1:
        raise QueryError(f"{name} is given twice.")
    return next(iter(values), None)


def _limit(value: str | None, limits: QueryLimits) -> int:
    if value is None:
        return limits.default
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and int(value)):
        raise QueryError(f"limit: {value!r:.40} is not a whole number from 1 to {limits.most}.")
    return min(int(value), limits.most)


def _word(name: str, pairs: Iterable[Pair], words: tuple[str, ...]) -> str:
    """One of the words; the first if none is given."""
    value = _one(name, pairs) or words[0]
    if value not in words:
        raise QueryError(f"{name}: expected {' or '.join(dict.fromkeys(words))}, not {value!r:.40}.")
    return value
