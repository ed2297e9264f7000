"""Functions in JavaScript (Eleventy's computed data and short codes) that only make texts and lists of what they are given.

In comes a module's code and the place of a function in it, out goes what the function returns for its arguments. A small part of
the language is read: expressions, declarations, assignments to names, `if`, `for … of`, `return`, functions, methods of texts and
lists, regular expressions that are short to run. Anything else (modules of others, today's date, files, other loops) raises
UnreadableCodeError: nothing is guessed.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from feeds.dialects.javascript.syntax import Node, UnreadableCodeError, function_at, parse_expression, without_types
from feeds.dialects.javascript.values import (
    LARGEST_INTEGER,
    MOST_CHARACTERS,
    UNDEFINED,
    global_call,
    is_equal,
    is_instance,
    is_true,
    joined,
    method,
    new,
    text,
)
from feeds.lazy_patterns import lazy_pattern

_MOST_STEPS = 20_000
_CHARACTERS_A_STEP = 100
#: `const name = …` and `function name(…)` at the beginning of a line of a module.
_DECLARED = lazy_pattern(
    r"^(?:export\s{1,9})?(?:(?:const|let|var)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}|(?=(?:async\s{1,9})?function\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}\()"
    r"|(?:module\.)?exports\.([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9})",
    re.MULTILINE,
)
_GLOBALS = frozenset({"String", "Number", "Boolean", "Array", "Object", "encodeURIComponent", "encodeURI", "parseInt", "isNaN"})


#: `import name from "package"` and `const name = require("package")`.
_IMPORTED = lazy_pattern(
    r"^(?:import\s{1,9}([A-Za-z_$][\w$]{0,80})\s{1,9}from\s{0,9}|(?:const|let|var)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}require\(\s{0,9})"
    r"[\"']([@\w./-]{1,100})[\"']",
    re.MULTILINE,
)


Names = ChainMap[str, Any]
Packages = Mapping[str, Callable[..., Any] | Mapping[str, Callable[..., Any]]]


def call(
    code: str,
    source: str,
    *arguments: Any,
    packages: Packages | None = None,
    exported: Mapping[str, str] | None = None,
) -> Any:
    """What a function of a module with this code returns for its arguments. Raises UnreadableCodeError.

    `source` is the function's text, or its name if the module declares it.
    `packages` are functions that the module may import, by the names of their packages; of one that makes objects
    there is what an object has.
    `exported` has the texts of what other modules of the site export, by the names that this one gives them.
    """
    with _reported():
        return _plain(_Run(code, packages or {}, exported or {}).value(_parsed(source), ChainMap())(*arguments))


def values(expressions: Sequence[Node], names: Mapping[str, Any]) -> list[Any]:
    """The values of expressions that see these names. Raises UnreadableCodeError."""
    with _reported():
        return _Run("", {}, {}).items(expressions, ChainMap(dict(names)))


@contextmanager
def _reported() -> Iterator[None]:
    """Every way in which values do not fit raises UnreadableCodeError."""
    try:
        yield
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
    return {match[1] or match[2] or match[3]: match.end() for match in reversed(list(_DECLARED.finditer(code)))}


@lru_cache(maxsize=50)
def _imports(code: str) -> Mapping[str, str]:
    """The packages that a module imports as a whole, by the names that it gives them."""
    return {match[1] or match[2]: match[3] for match in _IMPORTED.finditer(code)}


class _Returned(Exception):  # noqa: N818  a way out of a function, not an error
    def __init__(self, value: Any) -> None:
        self.value = value


class _Run:
    """One call with everything that it calls."""

    def __init__(self, code: str, packages: Packages, exported: Mapping[str, str]) -> None:
        self.code = code
        self.packages, self.exported = packages, exported
        self.steps = 0
        self.known: dict[str, Any] = {}

    # functions

    def apply(self, function: Node, arguments: Sequence[Any], scope: Names) -> Any:
        _, parameters, body = function
        names = scope.new_child()
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

    def bind(self, pattern: Node, given: Any, names: Names) -> None:
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

    def run(self, node: Node, names: Names) -> None:
        """Run a statement."""
        self.count()
        kind = node[0]
        if kind == "block":
            inside = names.new_child()
            for statement in node[1]:
                self.run(statement, inside)
        elif kind == "declarations":
            for declaration in node[1]:
                self.run(declaration, names)
        elif kind == "for-of":
            for item in list(self.value(node[2], names)):
                inside = names.new_child()
                self.bind(node[1], item, inside)
                self.run(node[3], inside)
        elif kind == "declare":
            self.bind(node[1], self.value(node[2], names) if node[2] else UNDEFINED, names)
        elif kind == "if":
            if is_true(self.value(node[1], names)):
                self.run(node[2], names)
            elif node[3]:
                self.run(node[3], names)
        elif kind == "return":
            raise _Returned(self.value(node[1], names) if node[1] else UNDEFINED)
        else:
            self.value(node, names)

    def count(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > _MOST_STEPS:
            raise UnreadableCodeError("it does too much")

    # expressions

    def value(self, node: Node, names: Names) -> Any:
        self.count()
        result = getattr(self, f"_{node[0]}")(node, names)
        if isinstance(result, str):
            if len(result) > MOST_CHARACTERS:
                raise UnreadableCodeError("it does too much")
            self.count(len(result) // _CHARACTERS_A_STEP)
        return result

    def _literal(self, node: Node, names: Names) -> Any:
        return node[1]

    def _name(self, node: Node, names: Names) -> Any:
        name = node[1]
        if name in names:
            return names[name]
        if name not in self.known:
            packaged = self.packages.get(_imports(self.code).get(name, ""))
            if packaged is not None:
                self.known[name] = partial(self._packaged, packaged) if callable(packaged) else lambda *_: packaged
                return self.known[name]
            place = _declarations(self.code).get(name)
            if place is None and name not in self.exported:
                if name in _GLOBALS:
                    return ("global", name)
                raise UnreadableCodeError(f"{name} is not known")
            source = function_at(self.code, place) if place is not None else self.exported[name]
            self.known[name] = self.value(_parsed(source), ChainMap())
        return self.known[name]

    def _assign(self, node: Node, names: Names) -> Any:
        """`name = value` and `name += value`, of a name that a function declares."""
        _, sign, name, expression = node
        owner = next((scope for scope in names.maps if name in scope), None)
        if owner is None:
            raise UnreadableCodeError(f"{name} is not declared in a function")
        value = self.value(expression if sign == "=" else ("binary", "+", ("name", name), expression), names)
        owner[name] = value
        return value

    def _packaged(self, function: Callable[..., Any], value: Any, *options: Any) -> Any:
        if not isinstance(value, str):
            raise UnreadableCodeError("a package is given what is no text")
        self.count(len(value))
        return function(value, *options)

    def _regex(self, node: Node, names: Names) -> Any:
        return node

    def _function(self, node: Node, names: Names) -> Any:
        return partial(self._called, node, names)

    def _called(self, node: Node, names: Names, *arguments: Any) -> Any:
        return self.apply(node, arguments, names)

    def _template(self, node: Node, names: Names) -> str:
        return joined(part if isinstance(part, str) else text(self.value(part, names)) for part in node[1])

    def _array(self, node: Node, names: Names) -> list[Any]:
        return self.items(node[1], names)

    def items(self, nodes: Sequence[Node], names: Names) -> list[Any]:
        """The values of a list's items, or of arguments."""
        items: list[Any] = []
        for node in nodes:
            if node[0] == "rest":
                more = self.value(node[1], names)
                self.count(len(more))
                items += more
            else:
                items.append(self.value(node, names))
        return items

    def _object(self, node: Node, names: Names) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, item in node[1]:
            if key is None:
                table.update(self.value(item, names) or {})
            else:
                table[key] = self.value(item, names)
        return table

    def _member(self, node: Node, names: Names) -> Any:
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

    def _call(self, node: Node, names: Names) -> Any:
        function = self.value(node[1], names)
        if function is UNDEFINED and node[3]:
            return UNDEFINED
        arguments = self.items(node[2], names)
        if callable(function):
            return function(*arguments)
        if isinstance(function, tuple) and function[0] == "method":
            result = method(function[1], function[2], arguments)
            if isinstance(result, list) and result is not function[1]:
                self.count(len(result))
            return result
        if isinstance(function, tuple) and function[0] == "global":
            return global_call(function[1], arguments)
        raise UnreadableCodeError("what is called is no function")

    def _new(self, node: Node, names: Names) -> Any:
        packaged = self.packages.get(_imports(self.code).get(node[1], ""))
        if isinstance(packaged, Mapping):
            return packaged
        return new(node[1], self.items(node[2], names))

    def _choice(self, node: Node, names: Names) -> Any:
        return self.value(node[2] if is_true(self.value(node[1], names)) else node[3], names)

    def _logic(self, node: Node, names: Names) -> Any:
        left = self.value(node[2], names)
        goes_on = {"||": not is_true(left), "&&": is_true(left), "??": left is UNDEFINED}[node[1]]
        return self.value(node[3], names) if goes_on else left

    def _unary(self, node: Node, names: Names) -> Any:
        value = self.value(node[2], names)
        if node[1] == "!":
            return not is_true(value)
        return -value if node[1] == "-" else value + 0

    def _binary(self, node: Node, names: Names) -> Any:
        if node[1] == "instanceof":
            return is_instance(self.value(node[2], names), node[3])
        left, right = self.value(node[2], names), self.value(node[3], names)
        sign = node[1]
        if sign in ("===", "==", "!==", "!="):
            return is_equal(left, right) == (sign[0] == "=")
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
        result = operations[sign]()
        if isinstance(result, int) and abs(result) > LARGEST_INTEGER:
            raise UnreadableCodeError("a number that is not exact in JavaScript")
        return result
