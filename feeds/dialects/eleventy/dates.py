"""Filters of an Eleventy site that write a date: in comes the configuration's text, out go their patterns by name.

The plain forms are read: luxon's `toFormat` and `toISODate`, moment's and dayjs's `format`, date-fns's `format(date, …)`, the day
of `toISOString()`, and functions that put a text together from `getFullYear()` and the like, which are called for a few dates.
Patterns are luxon's (https://moment.github.io/luxon/#/formatting). Times are UTC's, as on the servers that build such sites.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from feeds.content.nunjucks.filters import Filters
from feeds.dialects.eleventy.code import call_body
from feeds.dialects.javascript import functions
from feeds.dialects.javascript.syntax import UnreadableCodeError, function_at
from feeds.dialects.javascript.values import text
from feeds.english import MONTHS
from feeds.lazy_patterns import lazy_pattern

_FILTER = lazy_pattern(r"(?:addFilter|addLiquidFilter|addNunjucksFilter)\(\s{0,9}[\"'`]([\w$]{1,60})[\"'`]\s{0,9},")
_LUXON = lazy_pattern(r"\.\s{0,40}toFormat\(\s{0,9}[\"'`]([^\"'`\n]{1,60})[\"'`]")
_MOMENT = lazy_pattern(r"(?:moment|dayjs)[^;]{0,200}?\.\s{0,40}format\(\s{0,9}[\"'`]([^\"'`\n]{1,60})[\"'`]")
#: date-fns writes the patterns of Unicode, as luxon does (https://date-fns.org/docs/format).
_DATE_FNS = lazy_pattern(
    r"(?<![\w.$])(?:format|formatDate)\(\s{0,9}(?:new\s{1,9})?[\w$.]{1,60}(?:\([\w$.]{0,60}\))?\s{0,9},\s{0,9}[\"'`]([^\"'`\n]{1,60})[\"'`]"
)
_ISO_DAY = lazy_pattern(
    r"\.\s{0,40}toISODate\(\s{0,9}\)|\.\s{0,40}toISOString\(\)\s{0,9}\.(?:split\(\s{0,9}[\"'`]T[\"'`]\s{0,9}\)\s{0,9}\[0\]|(?:slice|substring|substr)\(\s{0,9}0\s{0,9},\s{0,9}10\s{0,9}\))"
)
_MOST_CHARACTERS = 600
#: Dates for which a function is called: no two parts of the first are alike, those of the others have one digit and two.
_SAMPLES = (
    datetime(2031, 11, 27, 22, 43, 58, tzinfo=UTC),
    datetime(2004, 3, 5, 1, 2, 6, tzinfo=UTC),
    datetime(2026, 10, 9, 14, 50, 7, tzinfo=UTC),
)
_PART = lazy_pattern(r"'[^']{0,40}'|([A-Za-z])\1*")
#: luxon's token of each of moment's.
_OF_MOMENT = {"YYYY": "yyyy", "YY": "yy", "DD": "dd", "D": "d"}


def patterns(code: str) -> dict[str, str]:
    """The patterns of the filters that write a date, by the filter's name; `code` is without comments."""
    results: dict[str, str] = {}
    for match in _FILTER.finditer(code):
        body = call_body(code, match.end(), _MOST_CHARACTERS)
        pattern = ""
        if called := _derived(code, match.end()):
            pattern = called
        elif luxon := _LUXON.search(body):
            pattern = luxon[1]
        elif moment := _MOMENT.search(body):
            pattern = re.sub(r"([A-Za-z])\1*", lambda token: _OF_MOMENT.get(token[0], token[0]), moment[1])
        elif unicode := _DATE_FNS.search(body):
            pattern = unicode[1]
        elif _ISO_DAY.search(body):
            pattern = "yyyy-MM-dd"
        if pattern and _written(datetime(2001, 2, 3, tzinfo=UTC), pattern) is not None:
            results[match[1]] = pattern
    return results


def _derived(code: str, place: int) -> str:
    """The pattern after which the function at a place writes dates; "" if it is not read, or writes them in another way."""
    try:
        source = function_at(code, place)
        first, *others = [(instant, text(functions.call(code, source, instant))) for instant in _SAMPLES]
    except UnreadableCodeError:
        return ""
    values = {_written(first[0], token): token for token in ("yyyy", "yy", "LLLL", "LLL", "MM", "dd", "HH", "mm", "ss")}
    parts = re.split("|".join(sorted(map(str, values), key=len, reverse=True)).join("()"), first[1])
    if len(parts) < 3 or any("'" in part for part in parts):
        return ""
    pattern = "".join(values.get(part) or re.sub(r"[A-Za-z]+", r"'\g<0>'", part) for part in parts)
    for month, day in (("MM", "dd"), ("M", "d"), ("MM", "d"), ("M", "dd")):
        candidate = pattern.replace("MM", month).replace("dd", day)
        if all(_written(instant, candidate) == written for instant, written in (first, *others)):
            return candidate
    return ""


def filters(named: Mapping[str, Any]) -> Filters:
    """The filters that the option `date_filters` names."""
    return {name: _filter(str(pattern)) for name, pattern in named.items()}


def _filter(pattern: str) -> Any:
    def write(value: object, *_: object) -> str:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        text = _written(instant.astimezone(UTC), pattern)
        if text is None:
            raise ValueError(f"the pattern {pattern!r} of a date is not read")
        return text

    return write


def _written(instant: datetime, pattern: str) -> str | None:
    """The instant as a pattern of luxon writes it; None if a part of the pattern is not read."""
    month = MONTHS[instant.month - 1]
    parts = {
        "yyyy": f"{instant.year:04}", "yy": f"{instant.year % 100:02}", "y": str(instant.year),
        "MMMM": month, "LLLL": month, "MMM": month[:3], "LLL": month[:3],
        "MM": f"{instant.month:02}", "LL": f"{instant.month:02}",
        "M": str(instant.month), "L": str(instant.month), "dd": f"{instant.day:02}", "d": str(instant.day),
        "HH": f"{instant.hour:02}", "mm": f"{instant.minute:02}", "ss": f"{instant.second:02}",
    }  # fmt: skip
    if any(token[0][0] != "'" and token[0] not in parts for token in _PART.finditer(pattern)):
        return None
    return _PART.sub(lambda token: token[0][1:-1] if token[0][0] == "'" else parts[token[0]], pattern)
