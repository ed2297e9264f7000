"""Values as JavaScript shows them, and the methods that it gives them: in come texts, numbers, lists, tables and dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from feeds.content.nunjucks.filters import COMMON, joined, strftime

_TEXT_METHODS: Mapping[str, Callable[..., Any]] = {
    "toLowerCase": str.lower, "toUpperCase": str.upper, "trim": str.strip, "startsWith": str.startswith, "endsWith": str.endswith,
    "toString": str, "indexOf": str.find, "includes": str.__contains__, "split": lambda text, mark=",": COMMON["split"](text, mark),
    "replace": lambda text, old, new="": COMMON["replace"](text, old, new, 1),
    "slice": lambda text, start=0, end=None: text[start:end],
}  # fmt: skip
_LIST_METHODS: Mapping[str, Callable[..., Any]] = {
    "includes": list.__contains__, "slice": lambda values, start=0, end=None: values[start:end],
    "join": lambda values, mark=",": joined(map(shown, values), mark), "reverse": lambda values: values[::-1],
}  # fmt: skip
_DATE_METHODS: Mapping[str, Callable[..., Any]] = {
    "getFullYear": lambda moment: moment.year, "getMonth": lambda moment: moment.month - 1, "getDate": lambda moment: moment.day,
    "getDay": lambda moment: moment.isoweekday() % 7, "getTime": lambda moment: int(moment.timestamp() * 1000),
    "toISOString": lambda moment: strftime(moment, "%Y-%m-%dT%H:%M:%S.%LZ"),
    "toDateString": lambda moment: strftime(moment, "%a %b %d %Y"),
}  # fmt: skip


def methods_of(obj: Any) -> Mapping[str, Callable[..., Any]]:
    """The methods of JavaScript that a value has."""
    if isinstance(obj, str):
        return _TEXT_METHODS
    return _LIST_METHODS if isinstance(obj, list) else _DATE_METHODS if isinstance(obj, datetime) else {}


def shown(value: Any) -> Any:
    """A value as JavaScript makes text of it; text and what is not defined stay."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, datetime):
        return strftime(value, "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")
    if isinstance(value, list | tuple):
        return joined(map(shown, value), ",")
    return "[object Object]" if isinstance(value, Mapping) else value
