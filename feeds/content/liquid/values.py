"""How Liquid's values print and compare as Ruby's do: nil is nothing, lists run together, hashes and times have Ruby's form.

Pure functions without a clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from liquid import Undefined

from feeds.lazy_patterns import lazy_pattern
from feeds.ruby_time import strftime

_NUMBER = lazy_pattern(r"\s{0,99}([+-]?\d{1,30})(\.\d{1,30})?")
_MOST_LEVELS = 20


def is_nil(value: object) -> bool:
    """Whether the value is nil or undefined."""
    return value is None or isinstance(value, Undefined)


def to_text(value: object) -> str:
    """The value as `{{ value }}` prints it."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return strftime(value, "%Y-%m-%d %H:%M:%S %z")
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, Mapping):
        return inspect(value)
    if isinstance(value, list | tuple):
        return "".join(to_text(item) for item in flat(value))
    return str(value)


def inspect(value: object, depth: int = _MOST_LEVELS) -> str:
    """The value as Ruby's `inspect` writes it; deeper levels than `depth` are left out."""
    if is_nil(value):
        return "nil"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not depth:
        return "..."
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inspect(key)}=>{inspect(item, depth - 1)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inspect(item, depth - 1) for item in value) + "]"
    return to_text(value)


def flat(items: Iterable[object], depth: int = _MOST_LEVELS) -> list[object]:
    """The items, those of lists within the list in their places."""
    result: list[object] = []
    for item in items:
        if isinstance(item, list | tuple) and depth:
            result += flat(item, depth - 1)
        else:
            result.append(item)
    return result


def as_list(value: object) -> list[object]:
    """What an array filter goes over: a list flattened, nothing for nil, anything else as the one item."""
    if isinstance(value, list | tuple):
        return flat(value)
    if isinstance(value, range):
        return list(value)
    return [] if is_nil(value) else [value]


def number(value: object) -> int | float:
    """The value as Liquid's arithmetic reads it: 0 for what is not a number."""
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, int | float):
        return value
    match = _NUMBER.match(to_text(value))
    if match is None:
        return 0
    return float(match[0]) if match[2] else int(match[1])


def size(value: object) -> int:
    """About how many characters a value holds."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | tuple | range):
        # What its items hold has been measured when they were made.
        return 50 * len(value)
    return 1
