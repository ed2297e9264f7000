"""Filters of an Eleventy site that write a date: in comes the configuration's text, out go their patterns by name.

The plain forms are read: luxon's `toFormat`, moment's and dayjs's `format`, and the day of `toISOString()`. Patterns are luxon's
(https://moment.github.io/luxon/#/formatting). Times are UTC's, as on the servers on which such sites are built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from feeds.content.nunjucks.filters import Filters
from feeds.dialects.eleventy.code import call_body
from feeds.english import MONTHS

_FILTER = re.compile(r"(?:addFilter|addLiquidFilter|addNunjucksFilter)\(\s{0,9}[\"'`]([\w$]{1,60})[\"'`]\s{0,9},")
_LUXON = re.compile(r"\.toFormat\(\s{0,9}[\"'`]([^\"'`\n]{1,60})[\"'`]")
_MOMENT = re.compile(r"(?:moment|dayjs)[^;\n]{0,200}\.format\(\s{0,9}[\"'`]([^\"'`\n]{1,60})[\"'`]")
_ISO_DAY = re.compile(
    r"\.toISOString\(\)\s{0,9}\.(?:split\(\s{0,9}[\"'`]T[\"'`]\s{0,9}\)\s{0,9}\[0\]|(?:slice|substring|substr)\(\s{0,9}0\s{0,9},\s{0,9}10\s{0,9}\))"
)
_MOST_CHARACTERS = 600
_PART = re.compile(r"'[^']{0,40}'|([A-Za-z])\1*")
#: luxon's token of each of moment's.
_OF_MOMENT = {"YYYY": "yyyy", "YY": "yy", "DD": "dd", "D": "d"}


def patterns(code: str) -> dict[str, str]:
    """The patterns of the filters that write a date, by the filter's name; `code` is without comments."""
    results: dict[str, str] = {}
    for match in _FILTER.finditer(code):
        body = call_body(code, match.end(), _MOST_CHARACTERS)
        pattern = ""
        if luxon := _LUXON.search(body):
            pattern = luxon[1]
        elif moment := _MOMENT.search(body):
            pattern = re.sub(r"([A-Za-z])\1*", lambda token: _OF_MOMENT.get(token[0], token[0]), moment[1])
        elif _ISO_DAY.search(body):
            pattern = "yyyy-MM-dd"
        if pattern and _written(datetime(2001, 2, 3, tzinfo=UTC), pattern) is not None:
            results[match[1]] = pattern
    return results


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
