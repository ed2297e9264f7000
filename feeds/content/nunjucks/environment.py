"""Jinja2's sandbox as Nunjucks behaves: classes over the library, which is imported with this module, so late.

Sees no attribute of Python's, and counts what a template does and shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from typing import Any

from jinja2 import ChainableUndefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from feeds.content.nunjucks.filters import COMMON, MAX_CHARACTERS, Filters, joined
from feeds.content.nunjucks.values import methods_of, shown

#: What one template may cost: nodes that are run in loops, filters, values shown.
MAX_STEPS = 300_000
_LARGEST_NUMBER = 10**30
#: Filters of Jinja2 that make texts or lists of any length, ask for chance, or have no equal in Nunjucks.
REFUSED_FILTERS = frozenset(
    {"center", "format", "indent", "wordwrap", "xmlattr", "pprint", "tojson", "urlize", "batch", "slice", "random"}
)
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
#: What reads other templates or defines parts of its own is refused.
REFUSED_NODES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Macro, nodes.CallBlock, nodes.Block)


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

    def __init__(self, filters: Filters, *, escape: bool) -> None:
        super().__init__(undefined=Nothing, autoescape=escape, keep_trailing_newline=True, finalize=self.finished)
        self.steps = self.characters = 0
        self.globals = {"range": self.range}
        every = {name: function for name, function in self.filters.items() if name not in REFUSED_FILTERS} | {**COMMON, **filters}
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
        methods = methods_of(obj)
        if name == "length" and isinstance(obj, str | list | tuple):
            return len(obj)
        return partial(self.counted(methods[name]), obj) if name in methods else self.undefined(obj=obj, name=name)


class _Bounds(NodeTransformer):
    """Loops that are counted, and texts that are joined within bounds."""

    def visit_For(self, node: Any) -> Any:  # noqa: N802  the name is the library's
        if node.recursive:
            raise SecurityError("it has a recursive loop")
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


def bounded(template: str, environment: Environment) -> nodes.Template:
    """The template, parsed, with loops that are counted and texts that are joined within bounds. Raises SecurityError."""
    tree = environment.parse(template)
    if any(tree.find(kind) for kind in REFUSED_NODES):
        raise SecurityError("it includes another template, or defines a macro or a block")
    result: nodes.Template = _Bounds().visit(tree)
    result.set_environment(environment)
    return result
