"""How many people read a feed: in comes an access log, out go the numbers that aggregators tell in their User-Agent.

Reads nginx's combined log and our own lines of JSON. An aggregator counts with its last word on a feed; single readers
are not counted, for no log tells them apart without watching people. No address is kept (HTTP-29).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from feeds.lazy_patterns import lazy_pattern

_COMBINED = lazy_pattern(
    r'\S+ \S+ [^\[\n]{0,300} \[[^\]\n]{0,100}\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) \S+'
    r'(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)")?'
)
_COUNT = lazy_pattern(r"(\d[\d,. ]{0,12}?)\s*(?:subscribers?|readers?)\b", re.IGNORECASE)
_GOOD = ("200", "304", "226", "206")


@dataclass(frozen=True, slots=True)
class Subscribers:
    """What the log tells of one feed: `by_agent` is each aggregator's last number."""

    path: str
    by_agent: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(self.by_agent.values())


def count(lines: Iterable[str]) -> tuple[Subscribers, ...]:
    """The feeds of a log, most read first. What is no line of either log is passed over."""
    results: dict[str, dict[str, int]] = {}
    for line in lines:
        request = _ours(line) if line.startswith("{") else _combined(line)
        if request is None:
            continue
        path, status, agent = request
        number = subscribers(agent)
        if number is not None and status in _GOOD:
            results.setdefault(path, {})[name(agent)] = number
    result = [Subscribers(path, by_agent) for path, by_agent in results.items()]
    return tuple(sorted(result, key=lambda row: (-row.total, row.path)))


def subscribers(agent: str) -> int | None:
    """The number in a User-Agent, as "1 subscriber" or "1,234 subscribers"; None where it tells none."""
    match = _COUNT.search(agent)
    if match is None:
        return None
    digits = re.sub(r"\D", "", match[1])
    return int(digits) if digits else None


def name(agent: str) -> str:
    """Who an aggregator is: its User-Agent without what changes from day to day.

    Some ask for each of their servers' feeds apart and tell them apart by an id: that stays.
    """
    text = _COUNT.sub("", agent)
    identity = re.search(r"feed-id[=:]\s*([\w-]+)", text)
    product = re.match(r"\s*([^\s/;(]+)", text)
    result = product[1] if product else text.strip()
    return f"{result} ({identity[1]})" if identity else result


def _ours(line: str) -> tuple[str, str, str] | None:
    try:
        record = json.loads(line)
        return str(record["path"]), str(record["status"]), str(record["agent"])
    except (ValueError, KeyError, TypeError):
        return None


def _combined(line: str) -> tuple[str, str, str] | None:
    match = _COMBINED.match(line)
    if match is None or match["agent"] is None:
        return None
    parts = match["request"].split(" ")
    if len(parts) < 2:
        return None
    return unquote(parts[1].partition("?")[0]), match["status"], match["agent"]
