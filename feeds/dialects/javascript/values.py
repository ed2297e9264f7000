"""Values of JavaScript and their methods, as far as functions in data files use them: texts, lists, dates, regular expressions.

Pure and bounded. Anything else raises UnreadableCodeError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from feeds.dialects.javascript.syntax import UnreadableCodeError
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import normal_form

MOST_CHARACTERS = 20_000
LARGEST_INTEGER = 2**53
#: What a regular expression may cost: the characters that are searched, to the power of its quantifiers and one.
_MOST_WORK = 20_000_000
#: Line ends, escapes, classes, and the marks of groups, which are no quantifiers.
_NO_QUANTIFIER = lazy_pattern(r"\(\?:\\r\?\\n\)|\\.|\[(?:[^\]\\]|\\.)*+\]?|\(\?(?:[:=!]|<[=!]?)")
_QUANTIFIER = lazy_pattern(r"([*+]|\{\d*,\d*\}|\?)\??")
_MOST_OPTIONAL = 4
UNDEFINED = None


def is_equal(left: Any, right: Any) -> bool:
    """`===`: lists and objects are equal only to themselves."""
    if isinstance(left, list | Mapping | tuple) or isinstance(right, list | Mapping | tuple):
        return left is right
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def joined(parts: Iterable[str], mark: str = "") -> str:
    """The parts as one text. Raises UnreadableCodeError if it is too long."""
    result: list[str] = []
    left = MOST_CHARACTERS
    for part in parts:
        left -= len(part) + len(mark)
        if left < 0:
            raise UnreadableCodeError("it does too much")
        result.append(part)
    return mark.join(result)


def is_true(value: Any) -> bool:
    return bool(value) if not isinstance(value, list | dict | tuple) else True


def text(value: Any) -> str:
    """`String(value)`."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return joined(("" if item is None else text(item) for item in value), ",")
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, str):
        return value
    raise UnreadableCodeError("a value that is no text")


def new(name: str, arguments: list[Any]) -> datetime:
    """`new Date(…)` of a date or of a text in ISO 8601; a day alone is UTC's, and so is a time without a zone."""
    value = arguments[0] if len(arguments) == 1 else UNDEFINED
    if name == "Date" and isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        value = datetime.fromisoformat(value)
    if name != "Date" or not isinstance(value, datetime):
        raise UnreadableCodeError(f"new {name}")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def is_instance(value: Any, kind: tuple[Any, ...]) -> bool:
    """`value instanceof Date` and `… Array`."""
    if kind == ("name", "Date"):
        return isinstance(value, datetime)
    if kind == ("name", "Array"):
        return isinstance(value, list)
    raise UnreadableCodeError("instanceof")


def global_call(name: str, arguments: list[Any]) -> Any:
    from urllib.parse import quote

    value = arguments[0] if arguments else UNDEFINED
    if name == "encodeURIComponent":
        return quote(text(value), safe="!'()*-._~")
    if name == "encodeURI":
        return quote(text(value), safe="!'()*-._~;/?:@&=+$,#")
    if name == "String":
        return text(value) if arguments else ""
    if name == "Boolean":
        return is_true(value)
    if name in ("isNaN", "Number") and isinstance(value, int | float):
        return value if name == "Number" else False
    if name in ("Number", "parseInt") and isinstance(value, str | int) and re.fullmatch(r"\s*-?\d{1,15}\s*", text(value)):
        return int(value)
    raise UnreadableCodeError(name)


def _index(value: Any, length: int, default: int) -> int:
    place = default if value is None else int(value)
    return max(0, length + place) if place < 0 else min(place, length)


def method(owner: Any, name: str, arguments: list[Any]) -> Any:
    """A method of a text, a list, a date or a global object."""
    if isinstance(owner, tuple):
        return _static(owner, name, arguments)
    if isinstance(owner, datetime):
        return _of_date(owner, name)
    if name in ("slice", "substring"):
        start, end = (
            _index(value, len(owner), default) for value, default in zip([*arguments, None, None], (0, len(owner)), strict=False)
        )
        return owner[start:end] if start <= end or name == "slice" else owner[end:start]
    if name in ("includes", "indexOf", "concat", "at"):
        first = arguments[0]
        if name == "includes":
            return first in owner if isinstance(owner, str) else any(is_equal(item, first) for item in owner)
        if name == "at":
            return owner[int(first)] if -len(owner) <= first < len(owner) else UNDEFINED
        if name == "concat":
            return (
                joined([owner, *map(text, arguments)])
                if isinstance(owner, str)
                else [*owner, *(first if isinstance(first, list) else [first])]
            )
        if isinstance(owner, str):
            return owner.find(first)
        return next((place for place, item in enumerate(owner) if is_equal(item, first)), -1)
    return (_of_text if isinstance(owner, str) else _of_list)(owner, name, arguments)


def _of_text(owner: str, name: str, arguments: list[Any]) -> Any:
    simple: Mapping[str, Callable[[], Any]] = {
        "toLowerCase": owner.lower, "toUpperCase": owner.upper, "trim": owner.strip, "toString": lambda: owner,
        "startsWith": lambda: owner.startswith(arguments[0]), "endsWith": lambda: owner.endswith(arguments[0]),
        "trimStart": owner.lstrip, "trimEnd": owner.rstrip, "charAt": lambda: owner[int(arguments[0]) : int(arguments[0]) + 1],
        "normalize": lambda: normal_form(arguments[0] if arguments else "NFC", owner),
        "padStart": lambda: owner.rjust(min(int(arguments[0]), 100), arguments[1] if len(arguments) > 1 else " "),
    }  # fmt: skip
    if name in simple:
        return simple[name]()
    if name == "split":
        mark = arguments[0] if arguments else None
        if isinstance(mark, tuple):
            return _regex_of(mark, owner)[0].split(owner)
        return [owner] if mark is None else list(owner) if mark == "" else owner.split(mark)
    if name in ("replace", "replaceAll") and isinstance(arguments[1], str):
        old, new = arguments
        if isinstance(old, str):
            if name == "replace":
                return owner.replace(old, new, 1)
            return joined(owner.split(old), new) if old else owner.replace(old, new)
        pattern, flags = _regex_of(old, owner)
        written = re.sub(r"\$(\d)|\$&", lambda match: rf"\g<{match[1] or 0}>", new.replace("\\", r"\\"))
        pieces, end = [], 0
        for match in pattern.finditer(owner) if "g" in flags else filter(None, [pattern.search(owner)]):
            pieces += [owner[end : match.start()], match.expand(written)]
            end = match.end()
        return joined([*pieces, owner[end:]])
    if name == "match" and isinstance(arguments[0], tuple):
        pattern, flags = _regex_of(arguments[0], owner)
        if "g" in flags:
            return [match[0] for match in pattern.finditer(owner)] or UNDEFINED
        result = pattern.search(owner)
        return [result[0], *result.groups()] if result else UNDEFINED
    raise UnreadableCodeError(name)


def _of_list(owner: list[Any], name: str, arguments: list[Any]) -> Any:
    if name == "join":
        return joined(("" if item is None else text(item) for item in owner), text(arguments[0]) if arguments else ",")
    if name in ("pop", "shift"):
        return owner.pop(-1 if name == "pop" else 0) if owner else UNDEFINED
    if name == "reverse":
        owner.reverse()
        return owner
    function = arguments[0] if arguments else None
    if function == ("global", "Boolean"):
        function = is_true
    elif function == ("global", "String"):
        function = text
    if name == "push":
        owner += arguments
        return len(owner)
    if name in ("map", "filter", "find", "some", "every", "forEach") and callable(function):
        if function == text:
            joined(map(text, owner))  # too much raises
        own = function in (text, is_true)
        results = [function(item) if own else function(item, place) for place, item in enumerate(list(owner))]
        if name == "forEach":
            return UNDEFINED
        if name == "map":
            return results
        fitting = [item for item, result in zip(owner, results, strict=True) if is_true(result)]
        return {
            "filter": fitting,
            "find": fitting[0] if fitting else UNDEFINED,
            "some": bool(fitting),
            "every": len(fitting) == len(owner),
        }[name]
    raise UnreadableCodeError(name)


def _of_date(owner: datetime, name: str) -> Any:
    """The parts of a date; those of the machine's zone are taken for UTC, in which days of front matter are."""
    moment = owner.astimezone(UTC)
    parts: Mapping[str, Any] = {
        "FullYear": moment.year,
        "Month": moment.month - 1,
        "Date": moment.day,
        "Hours": moment.hour,
        "Minutes": moment.minute,
        "Seconds": moment.second,
        "Time": int(moment.timestamp() * 1000),
    }
    part = re.fullmatch(r"get(?:UTC)?(\w+)", name)
    if part and part[1] in parts:
        return parts[part[1]]
    if name == "toISOString":
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    raise UnreadableCodeError(name)


def _static(owner: tuple[Any, ...], name: str, arguments: list[Any]) -> Any:
    if owner == ("global", "Array") and name == "isArray":
        return isinstance(arguments[0], list)
    if owner == ("global", "Object") and name in ("keys", "values"):
        return list(getattr(arguments[0], name)())
    if owner[0] == "regex" and name == "test":
        return _regex_of(owner, text(arguments[0]))[0].search(text(arguments[0])) is not None
    raise UnreadableCodeError(name)


def _regex_of(node: tuple[Any, ...], searched: str) -> tuple[re.Pattern[str], str]:
    """A regular expression of JavaScript, if it is short to run, and its flags."""
    source, flags = node[1], node[2]
    bare = _NO_QUANTIFIER.sub(lambda match: "(" if match[0][0] == "(" and match[0][-1] != ")" else "c", source)
    quantifiers = [match[1] for match in _QUANTIFIER.finditer(bare)]
    optional = quantifiers.count("?")
    work = (len(searched) + 1) ** (len(quantifiers) - optional + 1)
    if work > _MOST_WORK or optional > _MOST_OPTIONAL or re.search(r"\)[*+{]", bare) or set(flags) - set("giu"):
        raise UnreadableCodeError("a regular expression")
    pattern = re.sub(r"\(\?<([A-Za-z])", r"(?P<\1", source.replace("\\/", "/"))
    try:
        return re.compile(pattern, re.ASCII | re.IGNORECASE) if "i" in flags else re.compile(pattern, re.ASCII), flags
    except re.error as error:
        raise UnreadableCodeError("a regular expression") from error
