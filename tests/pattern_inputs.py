"""Every regular expression of the project, and texts that are hard for it: in come the sources, out go patterns and inputs.

The sources are read as syntax trees, so that a new pattern is found by itself. Inputs are made from the pattern's own
structure: what a repetition takes, again and again, before and behind what stands around it.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import re._constants as constants  # type: ignore[import-untyped]
import re._parser as parser  # type: ignore[import-untyped]
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
FUNCTIONS = ("compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split")
#: Functions whose patterns the site's own settings give, for its own paths: file and name.
OWN = {
    ("feeds/content/template_tags/go_syntax.py", "parsed"),
    ("feeds/dialects/jekyll/dialect.py", "_glob"),
    ("feeds/dialects/nikola/dialect.py", "_from_name"),
    ("feeds/dialects/pelican/addresses.py", "_compiled"),
    ("feeds/lazy_patterns.py", "__getattr__"),
    ("feeds/lazy_patterns.py", "lazy_pattern"),
    ("feeds/linear_patterns.py", "__init__"),
    ("feeds/linear_patterns.py", "_anchor"),
    ("feeds/linear_patterns.py", "_character"),
    ("feeds/dialects/pelican/metadata.py", "from_path"),
}
#: Uses of a compiled pattern that begin at one place of the text.
_AT_ONE_PLACE = {"match", "fullmatch"}


class Found(NamedTuple):
    """A pattern, where it is written, and whether it is looked for anywhere in a text, at one place, or has to be all of it."""

    where: str
    pattern: re.Pattern[str]
    anywhere: bool
    whole: bool = False


class _Word(str):
    """What a local name may be: text, and whatever is asked of it is text too."""

    __slots__ = ()

    def __getattr__(self, name: str) -> _Word:
        return self

    def __call__(self, *_: object, **__: object) -> _Word:
        return self

    def __getitem__(self, key: object) -> _Word:
        return self

    def __index__(self) -> int:
        return 1


class _Sample(dict[str, Any]):
    """Local names of a function: each is a word."""

    def __init__(self, known: Mapping[str, object]) -> None:
        super().__init__()
        self.known = known

    def __missing__(self, name: str) -> str:
        if name in self.known or hasattr(builtins, name):
            raise KeyError(name)
        return _Word("word")


def patterns() -> list[Found]:
    """Every pattern of `feeds` and `server.py`, each once."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted([*(ROOT / "feeds").rglob("*.py"), ROOT / "server.py"])}
    found: dict[tuple[str, int], Found] = {}
    for path, tree in trees.items():
        used = _uses(tree)
        chained = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names = {
            id(part): _name(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
            for part in ast.walk(node.value)
        }
        for call in ast.walk(tree):
            function = _function(call)
            if function is None:
                continue
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            if any(
                call in ast.walk(node)
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and (str(path.relative_to(ROOT)), node.name) in OWN
            ):
                continue
            try:
                compiled = list(_compiled(path, tree, call))
            except Exception as error:
                raise AssertionError(
                    f"{where}: the pattern cannot be read: {error}; write it as a constant or with names"
                ) from error
            uses = {function}
            if function == "compile":
                uses = {chained[id(call)]} if id(call) in chained else used.get(names.get(id(call), ""), {"search"})
            anywhere, whole = not uses <= _AT_ONE_PLACE, uses == {"fullmatch"}
            for pattern in compiled:
                old = found.get((pattern.pattern, pattern.flags))
                if old is None or (anywhere, old.whole) > (old.anywhere, whole):
                    found[pattern.pattern, pattern.flags] = Found(where, pattern, anywhere, whole)
    return list(found.values())


def _function(call: ast.AST) -> str | None:
    """Which of FUNCTIONS a call calls; `lazy_pattern` compiles. None where it is another call."""
    if not isinstance(call, ast.Call) or not call.args:
        return None
    if isinstance(call.func, ast.Name):
        return "compile" if call.func.id == "lazy_pattern" else None
    is_of_re = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "re"
    return call.func.attr if is_of_re and call.func.attr in FUNCTIONS else None  # type: ignore[union-attr]


def _name(node: Any) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


def _uses(tree: ast.AST) -> dict[str, set[str]]:
    """By the name of a pattern, or of several, how a module uses it: `NAME.search(…)`. What is handed on may be used anyhow."""
    uses: dict[str, set[str]] = {}
    methods = set()
    for node in ast.walk(tree):
        for loop in getattr(node, "generators", ()) if node is not tree else ():
            if isinstance(loop.iter, ast.Name) and isinstance(loop.target, ast.Name):
                uses.setdefault(loop.iter.id, set()).update(_uses(node).get(loop.target.id, ()))
                methods.add(id(loop.iter))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in FUNCTIONS:
            uses.setdefault(node.value.id, set()).add(node.attr)
            methods.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in methods:
            uses.setdefault(node.id, set()).add("search")
    return uses


def _compiled(path: Path, tree: ast.Module, call: ast.Call) -> Iterator[re.Pattern[str]]:
    """The patterns that a call compiles, its local names replaced by words; none if it is handed a compiled one."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    function = _function(call) or ""
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(function, 2)
    given = [keyword.value for keyword in call.keywords if keyword.arg == "flags"] + call.args[place : place + 1]
    flags = _value(path, module, given[0]) if given else 0
    for expression in _written_out(tree, call, call.args[0]):
        text = _value(path, module, expression)
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        if isinstance(text, _Word):
            raise ValueError("its text is handed over")
        if isinstance(text, str):
            yield re.compile(str(text), flags & ~re.LOCALE)


def _value(path: Path, module: Any, expression: ast.expr) -> Any:
    return eval(compile(ast.Expression(expression), str(path), "eval"), vars(module), _Sample(vars(module)))


def _written_out(tree: ast.Module, call: ast.Call, expression: ast.expr) -> list[ast.expr]:
    """What a local name stands for: each element of the list that a loop goes through, or what was assigned to it before."""
    if not isinstance(expression, ast.Name):
        return [expression]
    name = expression.id
    for node in ast.walk(tree):
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp) and any(
            one is call for one in ast.walk(node)
        ):
            for loop in node.generators:
                targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
                places = [place for place, target in enumerate(targets) if isinstance(target, ast.Name) and target.id == name]
                if places and isinstance(loop.iter, ast.Tuple):
                    rows = loop.iter.elts
                    return [row.elts[places[0]] if isinstance(row, ast.Tuple) else row for row in rows]
        if isinstance(node, ast.FunctionDef) and any(one is call for one in ast.walk(node)):
            assigned = [one.value for one in ast.walk(node) if isinstance(one, ast.Assign) and _name(one) == name]
            if assigned:
                return [part for one in assigned for part in ((one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,))]
    return [expression]


def inputs(pattern: re.Pattern[str], length: int) -> Iterator[str]:
    """Texts of about that length that are hard for the pattern."""
    parsed = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    whole = _shortest(parsed)
    seen = set()
    for before, body in _repetitions(parsed, ""):
        for unit in {body, before + body, before, whole, whole[:-1]} - {""}:
            for head in {"", before}:
                for tail in ("", "\n\0"):
                    text = head + unit * (length // len(unit)) + tail
                    if text not in seen:
                        seen.add(text)
                        yield text


def _repetitions(items: Any, before: str) -> Iterator[tuple[str, str]]:
    """What each repetition takes, with the shortest text that leads to it."""
    text = before
    for operator, argument in items:
        if operator in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
            least, most, inner = argument
            body = _shortest(inner) or " "
            if most > 20:
                yield text, body
                for other in _others(inner):
                    yield text, other
            yield from _repetitions(inner, text)
            text += body * least
        elif operator is constants.SUBPATTERN:
            yield from _repetitions(argument[-1], text)
            text += _shortest(argument[-1])
        elif operator is constants.ATOMIC_GROUP:
            yield from _repetitions(argument, text)
            text += _shortest(argument)
        elif operator is constants.BRANCH:
            for branch in argument[1]:
                yield from _repetitions(branch, text)
            text += min((_shortest(branch) for branch in argument[1]), key=len)
        elif operator in (constants.ASSERT, constants.ASSERT_NOT):
            yield from _repetitions(argument[1], text)
        else:
            text += _shortest([(operator, argument)])


def _others(items: Any) -> Iterator[str]:
    """Other characters that a repetition of one class takes: blanks and line ends, which its neighbours may take too."""
    if len(items) == 1 and items[0][0] in (constants.IN, constants.ANY, constants.NOT_LITERAL):
        pattern = re.compile(_written(items[0]), re.DOTALL)
        yield from (character for character in " \n\t-*<>[]{}=\"'`/.,a0|#:;" if pattern.match(character))


def _written(item: tuple[Any, Any]) -> str:
    """A class of characters as a pattern again."""
    operator, argument = item
    if operator is constants.ANY:
        return "."
    if operator is constants.NOT_LITERAL:
        return f"[^{re.escape(chr(argument))}]"
    text = ""
    for kind, value in argument:
        if kind is constants.NEGATE:
            text = "^"
        elif kind is constants.LITERAL:
            text += re.escape(chr(value))
        elif kind is constants.RANGE:
            text += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        elif kind is constants.CATEGORY:
            text += _CATEGORIES[value]
    return f"[{text}]"


_CATEGORIES = {
    constants.CATEGORY_DIGIT: r"\d", constants.CATEGORY_NOT_DIGIT: r"\D", constants.CATEGORY_SPACE: r"\s", constants.CATEGORY_NOT_SPACE: r"\S",
    constants.CATEGORY_WORD: r"\w", constants.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _shortest(items: Any) -> str:
    """A short text that the items match, or nearly: what only looks ahead or behind is not asked."""
    text = ""
    for operator, argument in items:
        if operator is constants.LITERAL:
            text += chr(argument)
        elif operator in (constants.IN, constants.ANY, constants.NOT_LITERAL):
            pattern = re.compile(_written((operator, argument)), re.DOTALL)
            text += next((one for one in "a0 \n-<>[]{}=\"'`/.,|#:;_$%&*+!?~^\\()@" if pattern.match(one)), _any(pattern))
        elif operator in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
            text += _shortest(argument[2]) * argument[0]
        elif operator is constants.SUBPATTERN:
            text += _shortest(argument[-1])
        elif operator is constants.ATOMIC_GROUP:
            text += _shortest(argument)
        elif operator is constants.BRANCH:
            text += min((_shortest(branch) for branch in argument[1]), key=len)
    return text


def _any(pattern: re.Pattern[str]) -> str:
    return next((chr(number) for number in range(0x11000) if pattern.match(chr(number))), "\U0001f600")
