"""Filters of Nunjucks and Liquid for templates rendered by Jinja2: texts, numbers, dates; none makes a text of any length.

In come values of data, out go texts. Dates have English names on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from feeds.english import MONTHS, WEEKDAYS

MAX_CHARACTERS = 2_000_000
Filters = Mapping[str, Callable[..., Any]]


def _replaced(value: Any, part: Any = "", new: Any = "", count: int = -1) -> str:
    text, old, inserted = _text(value), _text(part), _text(new)
    if not old:
        return text
    if text.count(old) * len(inserted) > MAX_CHARACTERS:
        raise ValueError(f"it becomes more than {MAX_CHARACTERS} characters")
    return text.replace(old, inserted, count)


def _number(value: Any) -> Any:
    try:
        return int(value) if float(value) == int(float(value)) else float(value)
    except (TypeError, ValueError):
        return 0


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def joined(values: Iterable[Any], mark: Any = "") -> str:
    """The texts of values with a mark between them."""
    texts = [_text(value) for value in values]
    if sum(map(len, texts)) + len(_text(mark)) * len(texts) > MAX_CHARACTERS:
        raise ValueError(f"it becomes more than {MAX_CHARACTERS} characters")
    return _text(mark).join(texts)


def date_text(value: Any, form: str = "%Y-%m-%d") -> str:
    """Liquid's filter `date` with strftime's codes, in UTC and English; other values as they are."""
    if isinstance(value, str) and value not in ("now", "today"):
        from feeds import dates

        try:
            value = dates.parse(value, UTC)
        except ValueError:
            return str(value)
    return strftime(value.astimezone(UTC), form) if isinstance(value, datetime) else _text(value)


def strftime(moment: datetime, form: str) -> str:
    """strftime with English names on every machine; `%-d` and `%e` without zeros."""
    values: dict[str, str] = {
        "Y": f"{moment.year:04}", "y": f"{moment.year % 100:02}", "m": f"{moment.month:02}", "d": f"{moment.day:02}",
        "e": f"{moment.day:2}", "H": f"{moment.hour:02}", "M": f"{moment.minute:02}", "S": f"{moment.second:02}",
        "I": f"{(moment.hour + 11) % 12 + 1:02}", "p": "PM" if moment.hour > 11 else "AM", "P": "pm" if moment.hour > 11 else "am",
        "j": f"{moment.timetuple().tm_yday:03}", "b": MONTHS[moment.month - 1][:3], "h": MONTHS[moment.month - 1][:3],
        "B": MONTHS[moment.month - 1], "a": WEEKDAYS[moment.weekday()][:3], "A": WEEKDAYS[moment.weekday()],
        "w": str((moment.weekday() + 1) % 7), "u": str(moment.isoweekday()), "s": str(int(moment.timestamp())),
        "F": f"{moment.year:04}-{moment.month:02}-{moment.day:02}", "T": f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}",
        "V": f"{moment.isocalendar().week:02}", "G": f"{moment.isocalendar().year:04}", "L": f"{moment.microsecond // 1000:03}",
        "z": f"{moment:%z}", "Z": "UTC", "%": "%",
    }  # fmt: skip

    def code(match: re.Match[str]) -> str:
        text = values.get(match[2], match[0])
        return (text.lstrip("0 ") or "0") if match[1] and text is not match[0] else text

    return re.sub(r"%([-^]?)([A-Za-z%])", code, form)


#: Filters of Liquid under their names; Jinja2 has Nunjucks' own.
COMMON: Filters = {
    "append": lambda value, more="": _text(value) + _text(more),
    "prepend": lambda value, more="": _text(more) + _text(value),
    "upcase": lambda value: _text(value).upper(),
    "downcase": lambda value: _text(value).lower(),
    "capitalize": lambda value: _text(value)[:1].upper() + _text(value)[1:],
    "strip": lambda value: _text(value).strip(),
    "lstrip": lambda value: _text(value).lstrip(),
    "rstrip": lambda value: _text(value).rstrip(),
    "remove": lambda value, part="": _replaced(value, part),
    "remove_first": lambda value, part="": _replaced(value, part, "", 1),
    "replace": _replaced,
    "replace_first": lambda value, part="", new="": _replaced(value, part, new, 1),
    "join": joined,
    "split": lambda value, mark=" ": _text(value).split(_text(mark)) if mark else list(_text(value)),
    "size": lambda value: len(value) if hasattr(value, "__len__") else 0,
    "strip_html": lambda value: re.sub(r"<[^<>]*>", "", _text(value)),
    "plus": lambda value, other=0: _number(value) + _number(other),
    "minus": lambda value, other=0: _number(value) - _number(other),
    "date": date_text,
}
