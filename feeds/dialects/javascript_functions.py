"""Functions in JavaScript data files (Eleventy's computed data), as far as they only make texts and lists of what they are given.

In comes a module's code and the place of a function in it, out goes what the function returns for its arguments. A small part of
the language is read: expressions, `const`, `if`, `return`, arrow functions, methods of texts and lists, regular expressions that
are short to run. Anything else (modules of others, dates, files, loops) raises UnreadableCodeError: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from feeds.dialects.javascript_syntax import Node, UnreadableCodeError, function_at, parse_expression, without_types
from feeds.normal_forms import normal_form

_MOST_STEPS = 20_000
_MOST_CHARACTERS = 20_000
_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d*,\d*\}")
#: `const name = …` and `function name(…)` at the beginning of a line of a module.
_DECLARED = re.compile(
    r"^(?:export\s{1,9})?(?:(?:const|let|var)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}|(?=(?:async\s{1,9})?function\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}\())",
    re.MULTILINE,
)
_GLOBALS = frozenset({"String", "Number", "Boolean", "Array", "Object", "encodeURIComponent", "encodeURI", "parseInt"})
UNDEFINED = None


def call(code: str, source: str, argument: Any) -> Any:
    """What the function `source` of a module with this code returns for one argument. Raises UnreadableCodeError."""
    try:
        return _plain(_Run(code).apply(_parsed(source), [argument]))
    except (RecursionError, IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise error if isinstance(error, UnreadableCodeError) else UnreadableCodeError(str(error)) from error


def _plain(value: Any) -> Any:
    """A result, if it is a text, a number, a flag, nothing, or a list of them."""
    for item in value if isinstance(value, list) else (value,):
        if item is not None and not isinstance(item, str | int | float):
            raise UnreadableCodeError("a result that is neither a text nor a list")
    return value


@lru_cache(maxsize=200)
def _parsed(source: str) -> Node:
    return parse_expression(without_types(source))


@lru_cache(maxsize=50)
def _declarations(code: str) -> Mapping[str, int]:
    """Where the functions and constants of a module begin, by name."""
    return {match[1] or match[2]: match.end() for match in reversed(list(_DECLARED.finditer(code)))}


class _Returned(Exception):  # noqa: N818  a way out of a function, not an error
    def __init__(self, value: Any) -> None:
        self.value = value


class _Run:
    """One call with everything that it calls."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.steps = 0
        self.known: dict[str, Any] = {}

    # functions

    def apply(self, function: Node, arguments: Sequence[Any], scope: Mapping[str, Any] | None = None) -> Any:
        _, parameters, body = function
        names: dict[str, Any] = dict(scope or {})
        for number, pattern in enumerate(parameters):
            rest = pattern[0] == "rest"
            given = list(arguments[number:]) if rest else arguments[number] if number < len(arguments) else UNDEFINED
            self.bind(pattern[1] if rest else pattern, given, names)
        if body[0] != "block":
            return self.value(body, names)
        try:
            self.run(body, names)
        except _Returned as returned:
            return returned.value
        return UNDEFINED

    def bind(self, pattern: Node, given: Any, names: dict[str, Any]) -> None:
        """Give the names of a parameter or of a declaration their values."""
        kind = pattern[0]
        if kind == "default":
            self.bind(pattern[1], self.value(pattern[2], names) if given is UNDEFINED else given, names)
        elif kind == "name":
            names[pattern[1]] = given
        elif kind == "object-pattern":
            for key, inner in pattern[1]:
                self.bind(inner, self.member(given, key), names)
        elif kind == "array-pattern":
            items = list(given)
            for number, inner in enumerate(pattern[1]):
                if inner is not None:
                    self.bind(inner, items[number] if number < len(items) else UNDEFINED, names)
        else:
            raise UnreadableCodeError(kind)

    def run(self, node: Node, names: dict[str, Any]) -> None:
        """Run a statement."""
        self.count()
        kind = node[0]
        if kind == "block":
            for statement in node[1]:
                self.run(statement, names)
        elif kind == "declare":
            self.bind(node[1], self.value(node[2], names) if node[2] else UNDEFINED, names)
        elif kind == "if":
            if _true(self.value(node[1], names)):
                self.run(node[2], names)
            elif node[3]:
                self.run(node[3], names)
        elif kind == "return":
            raise _Returned(self.value(node[1], names) if node[1] else UNDEFINED)
        else:
            self.value(node, names)

    def count(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise UnreadableCodeError("it does too much")

    # expressions

    def value(self, node: Node, names: dict[str, Any]) -> Any:
        self.count()
        result = getattr(self, f"_{node[0]}")(node, names)
        if isinstance(result, str) and len(result) > _MOST_CHARACTERS:
            raise UnreadableCodeError("it does too much")
        return result

    def _literal(self, node: Node, names: dict[str, Any]) -> Any:
        return node[1]

    def _name(self, node: Node, names: dict[str, Any]) -> Any:
        name = node[1]
        if name in names:
            return names[name]
        if name not in self.known:
            place = _declarations(self.code).get(name)
            if place is None:
                if name in _GLOBALS:
                    return ("global", name)
                raise UnreadableCodeError(f"{name} is not known")
            self.known[name] = self.value(_parsed(function_at(self.code, place)), {})
        return self.known[name]

    def _regex(self, node: Node, names: dict[str, Any]) -> Any:
        return node

    def _function(self, node: Node, names: dict[str, Any]) -> Any:
        return partial(self._called, node, names)

    def _called(self, node: Node, names: dict[str, Any], *arguments: Any) -> Any:
        return self.apply(node, arguments, names)

    def _template(self, node: Node, names: dict[str, Any]) -> str:
        return "".join(part if isinstance(part, str) else text(self.value(part, names)) for part in node[1])

    def _array(self, node: Node, names: dict[str, Any]) -> list[Any]:
        items: list[Any] = []
        for item in node[1]:
            if item[0] == "rest":
                items += self.value(item[1], names)
            else:
                items.append(self.value(item, names))
        return items

    def _object(self, node: Node, names: dict[str, Any]) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, item in node[1]:
            if key is None:
                table.update(self.value(item, names) or {})
            else:
                table[key] = self.value(item, names)
        return table

    def _member(self, node: Node, names: dict[str, Any]) -> Any:
        owner = self.value(node[1], names)
        key = node[2] if isinstance(node[2], str) else self.value(node[2], names)
        if owner is UNDEFINED and node[3]:
            return UNDEFINED
        return self.member(owner, key)

    def member(self, owner: Any, key: Any) -> Any:
        if owner is UNDEFINED:
            raise UnreadableCodeError(f"{key} of nothing")
        if isinstance(owner, Mapping):
            return owner.get(text(key))
        if isinstance(owner, str | list):
            if key == "length":
                return len(owner)
            if isinstance(key, int | float):
                return owner[int(key)] if 0 <= key < len(owner) else UNDEFINED
            return ("method", owner, key)
        if isinstance(owner, datetime):
            return ("method", owner, key)
        if isinstance(owner, tuple) and owner[0] in ("global", "regex"):
            return ("method", owner, key)
        raise UnreadableCodeError(str(key))

    def _call(self, node: Node, names: dict[str, Any]) -> Any:
        function = self.value(node[1], names)
        if function is UNDEFINED and node[3]:
            return UNDEFINED
        arguments = self._array(("array", node[2]), names)
        if callable(function):
            return function(*arguments)
        if isinstance(function, tuple) and function[0] == "method":
            return method(function[1], function[2], arguments)
        if isinstance(function, tuple) and function[0] == "global":
            return _global(function[1], arguments)
        raise UnreadableCodeError("what is called is no function")

    def _choice(self, node: Node, names: dict[str, Any]) -> Any:
        return self.value(node[2] if _true(self.value(node[1], names)) else node[3], names)

    def _logic(self, node: Node, names: dict[str, Any]) -> Any:
        left = self.value(node[2], names)
        goes_on = {"||": not _true(left), "&&": _true(left), "??": left is UNDEFINED}[node[1]]
        return self.value(node[3], names) if goes_on else left

    def _unary(self, node: Node, names: dict[str, Any]) -> Any:
        value = self.value(node[2], names)
        if node[1] == "!":
            return not _true(value)
        return -value if node[1] == "-" else value + 0

    def _binary(self, node: Node, names: dict[str, Any]) -> Any:
        left, right = self.value(node[2], names), self.value(node[3], names)
        sign = node[1]
        if sign in ("===", "==", "!==", "!="):
            return (left == right and isinstance(left, bool) == isinstance(right, bool)) == (sign[0] == "=")
        if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
            return text(left) + text(right)
        if isinstance(left, str) != isinstance(right, str):
            raise UnreadableCodeError("texts and numbers are compared")
        operations: Mapping[str, Callable[[], Any]] = {
            "+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "<": lambda: left < right,
            ">": lambda: left > right, "<=": lambda: left <= right, ">=": lambda: left >= right,
        }  # fmt: skip
        if isinstance(left, str) and sign not in ("<", ">", "<=", ">="):
            raise UnreadableCodeError(sign)
        return operations[sign]()


def _true(value: Any) -> bool:
    return bool(value) if not isinstance(value, list | dict | tuple) else True


def text(value: Any) -> str:
    """`String(value)`."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join("" if item is None else text(item) for item in value)
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, str):
        return value
    raise UnreadableCodeError("a value that is no text")


def _global(name: str, arguments: list[Any]) -> Any:
    from urllib.parse import quote

    value = arguments[0] if arguments else UNDEFINED
    if name == "encodeURIComponent":
        return quote(text(value), safe="!'()*-._~")
    if name == "encodeURI":
        return quote(text(value), safe="!'()*-._~;/?:@&=+$,#")
    if name == "String":
        return text(value) if arguments else ""
    if name == "Boolean":
        return _true(value)
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
            return first in owner
        if name == "at":
            return owner[int(first)] if -len(owner) <= first < len(owner) else UNDEFINED
        if name == "concat":
            return (
                owner + "".join(map(text, arguments))
                if isinstance(owner, str)
                else [*owner, *(first if isinstance(first, list) else [first])]
            )
        return owner.find(first) if isinstance(owner, str) else owner.index(first) if first in owner else -1
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
            return owner.replace(old, new, -1 if name == "replaceAll" else 1)
        pattern, flags = _regex_of(old, owner)
        written = re.sub(r"\$(\d)|\$&", lambda match: rf"\g<{match[1] or 0}>", new.replace("\\", r"\\"))
        return pattern.sub(written, owner, count=0 if "g" in flags else 1)
    if name == "match" and isinstance(arguments[0], tuple):
        pattern, flags = _regex_of(arguments[0], owner)
        if "g" in flags:
            return [match[0] for match in pattern.finditer(owner)] or UNDEFINED
        result = pattern.search(owner)
        return [result[0], *result.groups()] if result else UNDEFINED
    raise UnreadableCodeError(name)


def _of_list(owner: list[Any], name: str, arguments: list[Any]) -> Any:
    if name == "join":
        return (text(arguments[0]) if arguments else ",").join("" if item is None else text(item) for item in owner)
    if name in ("pop", "shift"):
        return owner.pop(-1 if name == "pop" else 0) if owner else UNDEFINED
    if name == "reverse":
        owner.reverse()
        return owner
    function = arguments[0] if arguments else None
    if function == ("global", "Boolean"):
        function = _true
    elif function == ("global", "String"):
        function = text
    if name in ("map", "filter", "find", "some", "every") and callable(function):
        results = [function(item) for item in owner]
        if name == "map":
            return results
        fitting = [item for item, result in zip(owner, results, strict=True) if _true(result)]
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
    if len(searched) > 2_000 or len(_UNBOUNDED.findall(source)) > 2 or re.search(r"\)[*+{]", source) or set(flags) - set("giu"):
        raise UnreadableCodeError("a regular expression")
    pattern = re.sub(r"\(\?<([A-Za-z])", r"(?P<\1", source.replace("\\/", "/"))
    try:
        return re.compile(pattern, re.ASCII | re.IGNORECASE) if "i" in flags else re.compile(pattern, re.ASCII), flags
    except re.error as error:
        raise UnreadableCodeError("a regular expression") from error
