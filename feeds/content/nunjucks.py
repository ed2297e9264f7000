"""Nunjucks templates by Jinja2's sandbox, which has nearly the same language: in come a template and data, out goes text.

Also the Liquid of Eleventy's addresses, whose few forms are rewritten first. Bounds: loops nest twice, a template has at
most 100,000 rounds, text is not multiplied. Must not read files: there is no include and no import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_MAX_ROUNDS = 100_000
_MAX_LOOPS = 2
_MAX_CHARACTERS = 2_000_000
_MAX_JOINS = 15
#: Methods and filters that make a text of any length.
_LONG = frozenset({"center", "ljust", "rjust", "zfill", "format", "format_map", "expandtabs", "replace", "join", "translate"})
_REFUSED = ("center", "format", "indent", "wordwrap", "xmlattr", "pprint", "tojson", "urlize")
Filters = Mapping[str, Callable[..., Any]]


class TemplateError(ValueError):
    """A template that cannot be rendered; the text says why."""


@lru_cache
def _environment_class() -> Any:
    from jinja2 import ChainableUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """No attribute of Python's own, no arithmetic that makes long texts."""

        intercepted_binops = frozenset({"+", "*", "**", "%"})

        def __init__(self, escape: bool) -> None:
            super().__init__(undefined=ChainableUndefined, autoescape=escape, keep_trailing_newline=True)
            self.rounds = 0
            self.globals = {"range": self._range}

        def _range(self, *bounds: int) -> range:
            numbers = range(*bounds)
            self.rounds += len(numbers)
            if self.rounds > _MAX_ROUNDS:
                raise SecurityError(f"it has more than {_MAX_ROUNDS} rounds of loops")
            return numbers

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            texts = operator == "+" and isinstance(left, str) and isinstance(right, str)
            if texts and len(left) + len(right) <= _MAX_CHARACTERS:
                return left + right
            if operator == "**" or not isinstance(left, int | float) or not isinstance(right, int | float):
                raise SecurityError(f"the operator {operator} is for numbers")
            return super().call_binop(context, operator, left, right)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return not (isinstance(obj, str) and attr in _LONG) and super().is_safe_attribute(obj, attr, value)

    return Environment


def render(template: str, data: Mapping[str, Any], filters: Filters, *, escape: bool = True) -> str:
    """The template with the data; `escape` is Nunjucks' autoescape. Raises TemplateError."""
    from jinja2 import TemplateError as Jinja2Error
    from jinja2 import nodes

    environment = _environment_class()(escape)
    for name in _REFUSED:
        environment.filters.pop(name, None)
    environment.filters.update({**_COMMON, **filters})
    try:
        tree = environment.parse(template)
        if tree.find(nodes.Include) or tree.find(nodes.Import) or tree.find(nodes.FromImport) or tree.find(nodes.Extends):
            raise TemplateError("it includes another file")
        if _loop_depth(tree) > _MAX_LOOPS:
            raise TemplateError(f"its loops nest deeper than {_MAX_LOOPS}")
        if sum(len(joined.nodes) for joined in tree.find_all(nodes.Concat)) > _MAX_JOINS:
            raise TemplateError(f"it joins more than {_MAX_JOINS} texts")
        text: str = environment.from_string(template).render(**data)
    except TemplateError:
        raise
    except (Jinja2Error, TypeError, ValueError, LookupError, ArithmeticError, RecursionError, AttributeError) as error:
        raise TemplateError(str(error).split("\n")[0][:200] or type(error).__name__) from None
    if len(text) > _MAX_CHARACTERS:
        raise TemplateError(f"it becomes more than {_MAX_CHARACTERS} characters")
    return text


@lru_cache
def known_filters() -> frozenset[str]:
    """Names of the filters that every template has."""
    from jinja2.filters import FILTERS

    return (frozenset(FILTERS) - set(_REFUSED)) | frozenset(_COMMON)


def _loop_depth(node: Any) -> int:
    from jinja2 import nodes

    inner = max((_loop_depth(child) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, nodes.For)


_EXPRESSION = re.compile(r"(\{\{-?|\{%-?)(.*?)(-?\}\}|-?%\})", re.DOTALL)
_FILTER = re.compile(r"""\|\s*(\w+)\s*:\s*((?:"[^"]*"|'[^']*'|[^|"'])*)""")


def from_liquid(template: str) -> str:
    """A template in Liquid, as addresses use it, in Nunjucks: filters' arguments, `elsif`, `unless`, `assign`, `contains`."""

    def rewritten(found: re.Match[str]) -> str:
        opening, text, closing = found.groups()
        text = _FILTER.sub(lambda part: f"| {part[1]}({part[2].strip()}) ", text)
        if opening.startswith("{%"):
            text = re.sub(r"\A\s*elsif\b", " elif", text)
            text = re.sub(r"\A\s*unless\b(.*)\Z", r" if not (\1) ", text, flags=re.DOTALL)
            text = re.sub(r"\A\s*endunless\b", " endif", text)
            text = re.sub(r"\A\s*assign\b", " set", text)
            text = re.sub(r"(\w[\w.]*)\s+contains\s+(\S+)", r"\2 in \1", text)
        return f"{opening}{text}{closing}"

    return _EXPRESSION.sub(rewritten, template)


def _replaced(value: Any, part: Any = "", new: Any = "", count: int = -1) -> str:
    text, old, inserted = _text(value), _text(part), _text(new)
    if not old:
        return text
    if text.count(old) * len(inserted) > _MAX_CHARACTERS:
        raise ValueError(f"it becomes more than {_MAX_CHARACTERS} characters")
    return text.replace(old, inserted, count)


def _number(value: Any) -> Any:
    try:
        return int(value) if float(value) == int(float(value)) else float(value)
    except (TypeError, ValueError):
        return 0


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def date_text(value: Any, form: str = "%Y-%m-%d") -> str:
    """Liquid's filter `date` with strftime's codes, in UTC and English; other values as they are."""
    if isinstance(value, str) and value not in ("now", "today"):
        from feeds import dates

        try:
            value = dates.parse(value, UTC)
        except ValueError:
            return str(value)
    return strftime(value.astimezone(UTC), form) if isinstance(value, datetime) else _text(value)


_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def strftime(moment: datetime, form: str) -> str:
    """strftime with English names on every machine; `%-d` and `%e` without zeros."""
    values: dict[str, str] = {
        "Y": f"{moment.year:04}", "y": f"{moment.year % 100:02}", "m": f"{moment.month:02}", "d": f"{moment.day:02}",
        "e": f"{moment.day:2}", "H": f"{moment.hour:02}", "M": f"{moment.minute:02}", "S": f"{moment.second:02}",
        "I": f"{(moment.hour + 11) % 12 + 1:02}", "p": "PM" if moment.hour > 11 else "AM", "P": "pm" if moment.hour > 11 else "am",
        "j": f"{moment.timetuple().tm_yday:03}", "b": _MONTHS[moment.month - 1][:3], "h": _MONTHS[moment.month - 1][:3],
        "B": _MONTHS[moment.month - 1], "a": _DAYS[moment.weekday()][:3], "A": _DAYS[moment.weekday()],
        "w": str((moment.weekday() + 1) % 7), "u": str(moment.isoweekday()), "s": str(int(moment.timestamp())),
        "F": f"{moment.year:04}-{moment.month:02}-{moment.day:02}", "T": f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}",
        "V": f"{moment.isocalendar().week:02}", "G": f"{moment.isocalendar().year:04}", "L": f"{moment.microsecond // 1000:03}",
        "z": f"{moment:%z}", "Z": "UTC", "%": "%",
    }  # fmt: skip

    def code(found: re.Match[str]) -> str:
        text = values.get(found[2], found[0])
        return (text.lstrip("0 ") or "0") if found[1] and text is not found[0] else text

    return re.sub(r"%([-^]?)([A-Za-z%])", code, form)


#: Filters of Liquid under their names; Jinja2 has Nunjucks' own.
_COMMON: Filters = {
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
    "split": lambda value, mark=" ": _text(value).split(_text(mark)) if mark else list(_text(value)),
    "size": lambda value: len(value) if hasattr(value, "__len__") else 0,
    "strip_html": lambda value: re.sub(r"<[^<>]*>", "", _text(value)),
    "plus": lambda value, other=0: _number(value) + _number(other),
    "minus": lambda value, other=0: _number(value) - _number(other),
    "date": date_text,
}
