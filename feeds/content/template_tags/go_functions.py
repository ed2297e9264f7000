"""The functions of Hugo's templates that a short code may call: in come values, out goes a value.

A value that a function cannot take is a TypeError, ValueError, KeyError or IndexError. Source: gohugo.io/functions/.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
import posixpath
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from feeds.lazy_patterns import lazy_pattern
from feeds.text import unescape

#: A regular expression is only tried where it cannot take long: at most one part of it is unbounded, and no group is repeated.
_MOST_SEARCHED = 5_000
_UNBOUNDED = lazy_pattern(r"(?<!\\)[*+]|\{\d*,\d*\}")


class Html(str):
    """Text that a template says is HTML: it is not escaped."""

    __slots__ = ()


class Scratch:
    """The scratch pad of a call (`.Scratch`, `.Store`, `newScratch`)."""

    METHODS = frozenset({"Set", "Get", "Add", "Delete", "SetInMap"})

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def method(self, name: str) -> Callable[[list[object]], object]:
        """One of METHODS; all but `Get` write nothing into the page."""
        return {"Set": self._set, "Get": self._get, "Add": self._add, "Delete": self._delete, "SetInMap": self._set_in_map}[name]

    def _set(self, values: list[object]) -> str:
        self.values[_text(values[0])] = values[1]
        return ""

    def _get(self, values: list[object]) -> object:
        return self.values.get(_text(values[0]))

    def _add(self, values: list[object]) -> str:
        key, added = _text(values[0]), values[1]
        held = self.values.get(key)
        if held is None:
            self.values[key] = added
        elif isinstance(held, list):
            self.values[key] = [*held, *(added if isinstance(added, list) else [added])]
        elif isinstance(held, str) and isinstance(added, str):
            self.values[key] = held + added
        else:
            self.values[key] = _number(held) + _number(added)
        return ""

    def _delete(self, values: list[object]) -> str:
        self.values.pop(_text(values[0]), None)
        return ""

    def _set_in_map(self, values: list[object]) -> str:
        table = self.values.setdefault(_text(values[0]), {})
        if not isinstance(table, dict):
            raise TypeError(table)
        table[_text(values[1])] = values[2]
        return ""


def _text(value: object) -> str:
    if not isinstance(value, str | int):
        raise TypeError(value)
    return str(value)


def _default(values: list[object]) -> object:
    return values[-1] if len(values) > 1 and values[-1] not in (None, "", False, 0) else values[0]


def _printf(values: list[object]) -> str:
    rest = iter(values[1:])
    return re.sub(r"%[sdvq]", lambda match: _text(next(rest)) if match[0] != "%q" else f'"{_text(next(rest))}"', _text(values[0]))


def _and(values: list[object]) -> object:
    return next((value for value in values if not value), values[-1])


def _or(values: list[object]) -> object:
    return next((value for value in values if value), values[-1])


def _index(values: list[object]) -> object:
    if len(values) == 1:
        return values[0]
    held, key = values[0], values[1]
    if held is None:
        return None
    if isinstance(held, Mapping):
        return held.get(str(key))
    if isinstance(held, list) and isinstance(key, int):
        return held[key] if 0 <= key < len(held) else None
    raise TypeError(held)


def number_text(value: float) -> str:
    """A floating-point number as Go prints it (strconv.FormatFloat, %g): 3278, 1.234567e+06."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    sign = "-" if value < 0 else ""
    _, figures, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, figures))
    power = int(exponent) + len(digits) - 1
    if -4 <= power < 6:
        return sign + format(Decimal(repr(abs(value))).normalize(), "f")
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if power > 0 else '-'}{abs(power):02}"


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return int(value)


def _items(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _pattern(written: object, searched: object) -> re.Pattern[str]:
    """A regular expression of Go, if it is short to run. Raises ValueError."""
    pattern = _text(written)
    if len(_text(searched)) > _MOST_SEARCHED or len(_UNBOUNDED.findall(pattern)) > 1 or re.search(r"\)[*+{]", pattern):
        raise ValueError(pattern)
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(pattern) from error


def _find(values: list[object]) -> list[object]:
    matches = [match[0] for match in _pattern(values[0], values[1]).finditer(_text(values[1]))]
    return list(matches[: _number(values[2])] if len(values) > 2 and _number(values[2]) >= 0 else matches)


def _replaced(values: list[object]) -> str:
    pattern = _pattern(values[0], values[2])
    replacement = re.sub(
        r"\$(?:\{(\w{1,40})\}|(\d{1,2}))", lambda group: f"\\g<{group[1] or group[2]}>", _text(values[1]).replace("\\", r"\\")
    )
    try:
        return pattern.sub(replacement, _text(values[2]))
    except re.error as error:
        raise ValueError(replacement) from error


def _part(values: list[object]) -> str:
    """`slicestr text start [end]`."""
    text = _text(values[0])
    end = _number(values[2]) if len(values) > 2 else len(text)
    return text[_number(values[1]) : end]


def _length(values: list[object]) -> str:
    """`substr text start [length]`; a start below 0 counts from the end."""
    text = _text(values[0])
    start = _number(values[1]) if len(values) > 1 else 0
    start = max(0, len(text) + start) if start < 0 else start
    return text[start : start + _number(values[2])] if len(values) > 2 else text[start:]


def _in(values: list[object]) -> bool:
    held = values[0]
    return values[1] in held if isinstance(held, list) else _text(values[1]) in _text(held)


def _table(values: list[object]) -> dict[str, object]:
    return {_text(values[at]): values[at + 1] for at in range(0, len(values), 2)}


def _compared(compare: Callable[[float, float], bool]) -> Callable[[list[object]], bool]:
    return lambda values: compare(_quantity(values[0]), _quantity(values[1]))


def _quantity(value: object) -> float:
    """A number with or without a fraction."""
    if not isinstance(value, int | float):
        raise TypeError(value)
    return value


def _digest(name: str) -> Callable[[list[object]], str]:
    """A digest of a text as hexadecimal digits, with which templates make ids."""
    return lambda values: hashlib.new(name, _text(values[-1]).encode(), usedforsecurity=False).hexdigest()


def _quotient(values: list[object]) -> int:
    divisor = _number(values[1])
    if divisor == 0:
        raise ValueError("a division by zero")
    return _number(values[0]) // divisor


FUNCTIONS: dict[str, Callable[[list[object]], object]] = {
    "safeHTML": lambda values: Html(_text(values[-1])), "htmlUnescape": lambda values: unescape(_text(values[-1])),
    "safeHTMLAttr": lambda values: Html(_text(values[-1])), "safeURL": lambda values: Html(html.escape(_text(values[-1]))),
    "safeCSS": lambda values: Html(html.escape(_text(values[-1]))), "safeJS": lambda values: Html(html.escape(_text(values[-1]))),
    "htmlEscape": lambda values: Html(html.escape(_text(values[-1]))), "plainify": lambda values: re.sub(r"<[^<>]{0,1000}>", "", _text(values[-1])),
    "emojify": lambda values: values[-1], "default": _default, "printf": _printf, "print": lambda values: "".join(map(_text, values)),
    "eq": lambda values: any(values[0] == value for value in values[1:]), "ne": lambda values: values[0] != values[1],
    "and": _and, "or": _or, "not": lambda values: not values[0], "cond": lambda values: values[1] if values[0] else values[2],
    "len": lambda values: len(values[0]) if isinstance(values[0], str | list | dict) else 0, "index": _index,
    "isset": lambda values: _index(values) is not None, "trim": lambda values: _text(values[0]).strip(_text(values[1])),
    "upper": lambda values: _text(values[-1]).upper(), "lower": lambda values: _text(values[-1]).lower(), "title": lambda values: _text(values[-1]).title(),
    "chomp": lambda values: Html(_text(values[-1]).rstrip("\r\n")), "string": lambda values: _text(values[-1]), "int": lambda values: int(_text(values[-1])),
    "replace": lambda values: _text(values[0]).replace(_text(values[1]), _text(values[2])), "urlize": lambda values: _text(values[-1]).lower().replace(" ", "-"),
    "anchorize": lambda values: _text(values[-1]).lower().replace(" ", "-"), "split": lambda values: _text(values[0]).split(_text(values[1])),
    "delimit": lambda values: _text(values[1]).join(map(_text, values[0] if isinstance(values[0], list) else [])),
    "strings.TrimSpace": lambda values: _text(values[-1]).strip(), "TrimSpace": lambda values: _text(values[-1]).strip(),
    "countwords": lambda values: len(_text(values[-1]).split()), "errorf": lambda values: "", "warnf": lambda values: "",
    "first": lambda values: _items(values[1])[: _number(values[0])], "last": lambda values: _items(values[1])[-_number(values[0]) :] if values[0] else [],
    "after": lambda values: _items(values[1])[_number(values[0]) :], "slice": lambda values: values, "dict": _table,
    "append": lambda values: [*_items(values[-1]), *values[:-1]], "in": _in, "newScratch": lambda values: Scratch(),
    "hasPrefix": lambda values: _text(values[0]).startswith(_text(values[1])), "HasPrefix": lambda values: _text(values[0]).startswith(_text(values[1])),
    "hasSuffix": lambda values: _text(values[0]).endswith(_text(values[1])), "HasSuffix": lambda values: _text(values[0]).endswith(_text(values[1])),
    "Contains": lambda values: _text(values[1]) in _text(values[0]), "TrimPrefix": lambda values: _text(values[1]).removeprefix(_text(values[0])),
    "TrimSuffix": lambda values: _text(values[1]).removesuffix(_text(values[0])), "TrimLeft": lambda values: _text(values[1]).lstrip(_text(values[0])),
    "TrimRight": lambda values: _text(values[1]).rstrip(_text(values[0])), "ToLower": lambda values: _text(values[-1]).lower(),
    "ToUpper": lambda values: _text(values[-1]).upper(), "Replace": lambda values: _text(values[0]).replace(_text(values[1]), _text(values[2])),
    "Split": lambda values: _text(values[0]).split(_text(values[1])), "humanize": lambda values: _text(values[-1]).replace("-", " ").capitalize(),
    "slicestr": _part, "substr": _length, "findRE": _find, "FindRE": _find, "replaceRE": _replaced, "ReplaceRE": _replaced,
    **{name: _digest(name.lower()) for name in ("md5", "sha1", "sha256", "MD5", "SHA1", "SHA256")},
    "base64Encode": lambda values: base64.b64encode(_text(values[-1]).encode()).decode(),
    "Base": lambda values: posixpath.basename(_text(values[-1])), "Ext": lambda values: posixpath.splitext(_text(values[-1]))[1],
    "Dir": lambda values: posixpath.dirname(_text(values[-1])), "BaseName": lambda values: posixpath.splitext(posixpath.basename(_text(values[-1])))[0],
    "add": lambda values: sum(map(_number, values)), "sub": lambda values: _number(values[0]) - _number(values[1]),
    "mul": lambda values: _number(values[0]) * _number(values[1]), "div": _quotient,
    "gt": _compared(lambda left, right: left > right), "ge": _compared(lambda left, right: left >= right),
    "lt": _compared(lambda left, right: left < right), "le": _compared(lambda left, right: left <= right),
}  # fmt: skip
