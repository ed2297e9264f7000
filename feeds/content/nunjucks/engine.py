"""Nunjucks templates by Jinja2's sandbox, which has nearly the same language: in come a template and data, out goes text.

Also the Liquid of Eleventy's addresses, whose few forms are rewritten first. Reads no file and no clock, sees no attribute of
Python's, and is bounded: what a template does is counted in steps, what it shows in characters. Macros, blocks and inherited
templates are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial, wraps
from typing import Any

from feeds.content.nunjucks.filters import COMMON, MAX_CHARACTERS, Filters, joined, strftime

__all__ = ["Filters", "TemplateError", "from_liquid", "render", "shown"]

#: What one template may cost: nodes that are run in loops, filters, values shown.
MAX_STEPS = 300_000
_LARGEST_NUMBER = 10**30
#: Filters of Jinja2 that make texts or lists of any length, ask for chance, or have no equal in Nunjucks.
_REFUSED = frozenset(
    {"center", "format", "indent", "wordwrap", "xmlattr", "pprint", "tojson", "urlize", "batch", "slice", "random"}
)


class TemplateError(ValueError):
    """A template that cannot be rendered; the text says why."""


@lru_cache
def _environment_class() -> Any:
    from jinja2 import ChainableUndefined, nodes
    from jinja2.compiler import CodeGenerator
    from jinja2.exceptions import SecurityError
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Nothing(ChainableUndefined):
        """What is not defined: it shows nothing, and so does what is called or looked up on it."""

        def __call__(self, *_: Any, **__: Any) -> Nothing:  # type: ignore[override]
            return self

    class Generator(CodeGenerator):
        """Constants are shown like other values: the library makes text of them before it asks."""

        def _output_child_to_const(self, node: Any, frame: Any, finalize: Any) -> str:
            if not isinstance(node, nodes.TemplateData):
                raise nodes.Impossible
            return super()._output_child_to_const(node, frame, finalize)

    class Environment(ImmutableSandboxedEnvironment):
        """Attributes are those of the data and a few of JavaScript; everything is counted."""

        code_generator_class = Generator
        intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

        def __init__(self, escape: bool, filters: Filters) -> None:
            super().__init__(undefined=Nothing, autoescape=escape, keep_trailing_newline=True, finalize=self.finished)
            self.steps = self.characters = 0
            self.globals = {"range": self.range}
            every = {name: made for name, made in self.filters.items() if name not in _REFUSED} | {**COMMON, **filters}
            self.filters = {name: self.counted(function) for name, function in every.items()}
            self.filters |= {"_rounds": self.rounds, "_joined": self.concatenated}

        def spend(self, steps: int) -> None:
            self.steps += steps
            if self.steps > MAX_STEPS:
                raise SecurityError("it takes too many steps")

        def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def wrapper(*values: Any, **named: Any) -> Any:
                arguments = (*values, *named.values())
                self.spend(2 + sum(len(value) for value in arguments if isinstance(value, str | list | dict)) // 500)
                return function(*values, **named)

            return wrapper

        def concatenated(self, values: Any, mark: Any = "") -> str:
            text = joined(values, mark)
            self.spend(2 + len(text) // 500)
            return text

        def rounds(self, values: Any, cost: int, pairs: bool) -> list[Any]:
            """What a loop runs over, as a list; `cost` are the steps of one round."""
            if isinstance(values, Mapping):
                values = list(values.items()) if pairs else list(values)
            elif not isinstance(values, list | tuple | range):
                values = list(values) if isinstance(values, str | Iterator) else []
            self.spend(len(values) * cost)
            return list(values)

        def range(self, *bounds: int) -> range:
            numbers = range(*bounds)
            self.spend(len(numbers))
            return numbers

        def finished(self, value: Any) -> Any:
            """A value as JavaScript shows it."""
            value = shown(value)
            self.characters += len(value) if isinstance(value, str) else 10
            self.spend(1)
            if self.characters > MAX_CHARACTERS:
                raise SecurityError(f"it becomes more than {MAX_CHARACTERS} characters")
            return value

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
                return self.concatenated([shown(left), shown(right)])
            numbers = isinstance(left, int | float) and isinstance(right, int | float)
            if operator == "**" or not numbers or max(abs(left), abs(right)) > _LARGEST_NUMBER:
                raise SecurityError(f"the operator {operator} is for numbers")
            return super().call_binop(context, operator, left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, LoopContext) and attribute in _LOOP:
                return getattr(obj, attribute)
            return self.member(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if isinstance(obj, list | tuple | str) and isinstance(argument, int):
                return obj[argument] if 0 <= argument < len(obj) else self.undefined(obj=obj, name=str(argument))
            return self.member(obj, str(argument))

        def member(self, obj: Any, name: str) -> Any:
            if isinstance(obj, Mapping):
                return obj[name] if name in obj else self.undefined(obj=obj, name=name)
            methods = _methods(obj)
            if name == "length" and isinstance(obj, str | list | tuple):
                return len(obj)
            return partial(self.counted(methods[name]), obj) if name in methods else self.undefined(obj=obj, name=name)

    return Environment


_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
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


def _methods(obj: Any) -> Mapping[str, Callable[..., Any]]:
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


def render(template: str, data: Mapping[str, Any], filters: Filters, *, escape: bool = True) -> str:
    """The template with the data; `escape` is Nunjucks' autoescape. Raises TemplateError."""
    from jinja2 import TemplateError as Jinja2Error

    try:
        environment = _environment_class()(escape, _with_unknown(template, filters))
        text: str = environment.from_string(_bounded(environment.parse(template))).render(**data)
    except TemplateError:
        raise
    except (
        Jinja2Error,
        SyntaxError,
        TypeError,
        ValueError,
        LookupError,
        ArithmeticError,
        RecursionError,
        AttributeError,
    ) as error:
        raise TemplateError(str(error).split("\n")[0][:200] or type(error).__name__) from None
    if len(text) > MAX_CHARACTERS:
        raise TemplateError(f"it becomes more than {MAX_CHARACTERS} characters")
    return text


def _bounded(tree: Any) -> Any:
    """The parsed template with loops that are counted and texts that are joined within bounds."""
    from jinja2 import nodes
    from jinja2.visitor import NodeTransformer

    refused = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Macro, nodes.CallBlock, nodes.Block)

    class Bounds(NodeTransformer):
        def visit_For(self, node: Any) -> Any:  # noqa: N802  the name is the library's
            if node.recursive:
                raise TemplateError("it has a recursive loop")
            size = sum(1 for child in node.body for _ in child.find_all(nodes.Node))
            size += sum(len(data.data) for child in node.body for data in child.find_all(nodes.TemplateData)) // 50
            cost = [nodes.Const(1 + size), nodes.Const(isinstance(node.target, nodes.Tuple))]
            self.generic_visit(node)
            node.iter = nodes.Filter(node.iter, "_rounds", cost, [], None, None, lineno=node.lineno)
            return node

        def visit_Concat(self, node: Any) -> Any:  # noqa: N802  the name is the library's
            self.generic_visit(node)
            values = nodes.List(node.nodes, lineno=node.lineno)
            return nodes.Filter(values, "_joined", [], [], None, None, lineno=node.lineno)

    if any(tree.find(kind) for kind in refused):
        raise TemplateError("it includes another template, or defines a macro or a block")
    result = Bounds().visit(tree)
    result.set_environment(tree.environment)
    return result


def _with_unknown(template: str, filters: Filters) -> Filters:
    """The filters, and those of the site's own: what is called like a slug makes one, others change nothing."""
    from jinja2.filters import FILTERS

    known = (FILTERS.keys() - _REFUSED) | COMMON.keys() | filters.keys()
    slug = filters.get("slugify", _same)
    unknown = {name for name in re.findall(r"\|\s*(\w+)", template) if name not in known}
    return {**filters, **{name: slug if "slug" in name.lower() else _same for name in unknown}}


def _same(value: Any, *_: Any, **__: Any) -> Any:
    return value


_EXPRESSION = re.compile(r"(\{\{-?|\{%-?)((?:[^{]|\{(?![{%]))*?)(-?\}\}|-?%\})", re.DOTALL)
_FILTER = re.compile(r"""\|\s*(\w+)\s*:\s*((?:"[^"]*"|'[^']*'|[^|"'])*)""")


def from_liquid(template: str) -> str:
    """A template in Liquid, as addresses use it, in Nunjucks: filters' arguments, `elsif`, `unless`, `assign`, `contains`."""

    def rewritten(match: re.Match[str]) -> str:
        opening, text, closing = match.groups()
        text = _FILTER.sub(lambda part: f"| {part[1]}({part[2].strip()}) ", text)
        if opening.startswith("{%"):
            text = re.sub(r"\A\s*elsif\b", " elif", text)
            text = re.sub(r"\A\s*unless\b(.*)\Z", r" if not (\1) ", text, flags=re.DOTALL)
            text = re.sub(r"\A\s*endunless\b", " endif", text)
            text = re.sub(r"\A\s*assign\b", " set", text)
            text = re.sub(r"(?<![\w.])(\w[\w.]*)\s{1,9}contains\s{1,9}(\S+)", r"\2 in \1", text)
        return f"{opening}{text}{closing}"

    return _EXPRESSION.sub(rewritten, template)
