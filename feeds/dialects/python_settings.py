"""Settings that are Python code (pelicanconf.py, Nikola's conf.py): in comes the text, out go the names it sets.

Nothing is run: expressions of literals, of names set before, and a few harmless calls are worked out from the syntax tree;
whatever else stands there is left out. Must not import or open anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from feeds.dialects.config_files import UnreadableError

_MAX_LENGTH = 100_000


class _UnknownError(Exception):
    """The value cannot be known without running the code."""


def settings_of(text: str, name: str, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The names that the file called `name` sets, each to its last known value.

    `before` holds what `from … import *` brings in. Raises UnreadableError.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(name, str(error)) from error
    values: dict[str, Any] = dict(before or {})
    for statement in tree.body:
        try:
            _apply(statement, values)
        except (_UnknownError, TypeError, ValueError, LookupError, AttributeError, RecursionError, OverflowError):
            for target in _targets(statement):
                values.pop(target, None)
    return values


def _targets(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _apply(statement: ast.stmt, values: dict[str, Any]) -> None:
    """Carry out one assignment; other statements change nothing."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        if isinstance(statement.target, ast.Name):
            values[statement.target.id] = _value(statement.value, values)
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        values[statement.target.id] = _sum(values[statement.target.id], _value(statement.value, values))
    elif isinstance(statement, ast.Assign):
        value = _value(statement.value, values)
        for target in statement.targets:
            if isinstance(target, ast.Name):
                values[target.id] = value
            elif isinstance(target, ast.Subscript):
                _value(target.value, values)[_value(target.slice, values)] = value
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        _changing_call(statement.value, values)


def _changing_call(call: ast.Call, values: dict[str, Any]) -> None:
    """`LIST.append(…)`, `LIST.extend(…)`, `TABLE.update(…)`."""
    if not isinstance(call.func, ast.Attribute) or len(call.args) != 1:
        return
    owner, value = _value(call.func.value, values), _value(call.args[0], values)
    if isinstance(owner, list) and call.func.attr == "append":
        owner.append(value)
    elif isinstance(owner, list) and call.func.attr == "extend":
        owner.extend(value)
    elif isinstance(owner, dict) and call.func.attr == "update":
        owner.update(value)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """What an expression means. Raises _UnknownError, or what Python itself would raise."""
    result = _EXPRESSIONS.get(type(node))
    if result is None:
        raise _UnknownError(type(node).__name__)
    return result(node, values)


def _name(node: Any, values: Mapping[str, Any]) -> Any:
    if node.id not in values:
        raise _UnknownError(node.id)
    return values[node.id]


def _items(node: Any, values: Mapping[str, Any]) -> list[Any]:
    """The items of a list or tuple; those that are not known are left out."""
    items: list[Any] = []
    for item in node.elts:
        try:
            items += _value(item.value, values) if isinstance(item, ast.Starred) else [_value(item, values)]
        except (_UnknownError, TypeError, LookupError):
            continue
    return items


def _table(node: Any, values: Mapping[str, Any]) -> dict[Any, Any]:
    table: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        try:
            if key is None:
                table.update(_value(value, values))
            else:
                table[_value(key, values)] = _value(value, values)
        except (_UnknownError, TypeError, LookupError):
            continue
    return table


def _sum(left: Any, right: Any) -> Any:
    if type(left) is not type(right) or not isinstance(left, str | list | tuple | int):
        raise _UnknownError("+")
    total = left + right
    if not isinstance(total, int) and len(total) > _MAX_LENGTH:
        raise _UnknownError("too long")
    return total


def _operation(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node.op, ast.Add):
        return _sum(_value(node.left, values), _value(node.right, values))
    if isinstance(node.op, ast.Mod):
        left = _value(node.left, values)
        if isinstance(left, str):
            return left % _value(node.right, values)
    raise _UnknownError(type(node.op).__name__)


def _text(node: Any, values: Mapping[str, Any]) -> str:
    """An f-string of plain names."""
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and (part.format_spec is not None or part.conversion != -1):
            raise _UnknownError("format")
        parts.append(str(_value(part.value if isinstance(part, ast.FormattedValue) else part, values)))
    return "".join(parts)


def _call(node: Any, values: Mapping[str, Any]) -> Any:
    """`os.path.join(…)`, `os.environ.get(name, default)`, `dict(…)`, `"…".format(…)` and the like."""
    dotted = ast.unparse(node.func)
    arguments = [_value(argument, values) for argument in node.args]
    named = {keyword.arg: _value(keyword.value, values) for keyword in node.keywords if keyword.arg}
    if dotted in ("os.environ.get", "os.getenv", "environ.get", "getenv") and len(arguments) == 2:
        return arguments[1]
    if dotted in ("os.path.join", "path.join", "join") and arguments and all(isinstance(part, str) for part in arguments):
        return "/".join(part.rstrip("/") for part in arguments)
    if dotted == "dict" and not arguments:
        return named
    if dotted in ("list", "tuple", "set", "str") and len(arguments) == 1:
        return arguments[0] if dotted == "str" else list(arguments[0])
    if isinstance(node.func, ast.Attribute) and not named:
        owner = _value(node.func.value, values)
        if isinstance(owner, str) and node.func.attr in ("lower", "upper", "strip", "rstrip", "lstrip", "replace", "split"):
            return getattr(owner, node.func.attr)(*arguments)
    raise _UnknownError(dotted)


_EXPRESSIONS: Mapping[type[ast.expr], Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: lambda node, _: node.value,
    ast.Name: _name,
    ast.List: _items,
    ast.Tuple: lambda node, values: tuple(_items(node, values)),
    ast.Set: _items,
    ast.Dict: _table,
    ast.BinOp: _operation,
    ast.JoinedStr: _text,
    ast.Call: _call,
    ast.Subscript: lambda node, values: _value(node.value, values)[_value(node.slice, values)],
    ast.UnaryOp: lambda node, values: (
        -_value(node.operand, values) if isinstance(node.op, ast.USub) else not _value(node.operand, values)
    ),
}
