"""The messages that are made outside of `translated`, as templates: in come the sources, out go texts with numbered places.

Calls that make an error or a finding, and what commands say, are recognised by their names. `feeds.cli.sentences` finds the
templates again in finished texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from feeds.cli.sentences import PLACE
from feeds.lazy_patterns import lazy_pattern

PACKAGE = Path(__file__).parents[1]
#: Calls whose arguments are messages, or parts of one.
_MESSAGES = frozenset({
    "SettingsError", "RefusedError", "PublishError", "FeedsError", "LedgerError", "AlreadyRunningError", "RenderError",
    "PageTemplateError", "FrontMatterError", "Problem", "Finding", "Note", "TemplateMessage", "problem", "sentence", "damaged",
    "note", "report", "message", "append", "agreed", "say", "reject", "refuse", "warn", "fail", "mistake", "_mistake",
    "_broken", "WrongValueError", "Kind", "LeftOut", "_number", "_Mistake", "Mistake", "Doubt", "_error", "_refused", "_complain",
    "CacheError", "Found", "FileKind",
})  # fmt: skip
_PARTS = frozenset({"what", "expected", "fix", "allowed"})
#: Variables that hold a message or a part of one.
_NAMES = frozenset(
    {
        *_PARTS,
        "error",
        "why",
        "said",
        "text",
        "known",
        "reason",
        "row",
        "rows",
        "notices",
        "note",
        "notes",
        "REASONS",
        "EXPECTED",
        "_INSTEAD",
    }
)
#: Functions that return a message.
_FUNCTIONS = frozenset({"reason", "_posts", "_address", "_fix", "_requoted", "set_permalink", "what_is_read", "copied_output"})
#: Calls whose own arguments are translated already, or are no messages.
_OWN = frozenset({"translated", "counted", "get"})
#: Packages whose texts go to logs of a server, or are no sentences.
_NOT_FOR_PEOPLE = frozenset({"serving", "static_hosts", "formats", "pages"})
_WITH_VALUE_ERRORS = frozenset({"dates.py", "metadata.py", "adopt.py"})
_NOT_FOR_MESSAGES = frozenset(
    {"findings.py", "settings/page.py", "cli/page.py", "cli/json_page.py", "cli/catalogue.py", "cli/templates.py"}
)
_WORDS = lazy_pattern(r"[a-z]{2}[^{} ]{0,40} [^{}a-z]{0,10}[a-z]|[a-z]{4}")
_NO_SENTENCE = lazy_pattern(r"SELECT |</|\\\\1|^# |^if not \(| WHERE |^PRAGMA |^INSERT |^CREATE |^\{0\} post\{1\}$")


def templates() -> Iterator[str]:
    """Messages with their values as numbered places; only those that say something of their own."""
    for path in sorted(PACKAGE.rglob("*.py")):
        # Functions that read dates and front matter know no finding: theirs are the texts of ValueErrors.
        name = path.relative_to(PACKAGE)
        messages = _MESSAGES | {"ValueError"} if path.name in _WITH_VALUE_ERRORS or "dialects" in path.parts else _MESSAGES
        if name.as_posix() in _NOT_FOR_MESSAGES or _NOT_FOR_PEOPLE.intersection(name.parts[:-1]):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for value in _message_values(node, messages):
                yield from _texts_in(value)


def _message_values(node: ast.AST, messages: frozenset[str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        if _name_of(node) in messages:
            yield from node.args
        yield from (item.value for item in node.keywords if item.arg in _PARTS)
    elif isinstance(node, ast.FunctionDef) and node.name in _FUNCTIONS:
        yield from (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value is not None)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _targets(node) & _NAMES:
        yield node.value


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    """The names of the variables and attributes that are assigned to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    nodes = [inner for target in targets for inner in ast.walk(target)]
    return {str(getattr(inner, "id", getattr(inner, "attr", ""))) for inner in nodes}


def _name_of(node: ast.Call) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def _texts_in(value: ast.AST) -> Iterator[str]:
    """The texts of an expression: each whole, and those that a conditional puts into another."""
    inner: set[ast.AST] = set()
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and _name_of(node) in _OWN:
            inner.update(ast.walk(node))
        if node in inner:
            continue
        text = ""
        if isinstance(node, ast.JoinedStr):
            inner.update(node.values)
            text = template_of(node).strip()
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.strip()
        bare = PLACE.sub("", text)
        if " " in PLACE.sub("x", text) and _WORDS.search(bare) and not _NO_SENTENCE.search(text):
            yield from (line.strip() for line in text.split("\n") if line.strip())


def template_of(node: ast.JoinedStr) -> str:
    """An f-string with numbered places."""
    number = iter(range(10))
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else f"{{{next(number)}}}" for part in node.values)
    return re.sub(r"\{line:(\{\d\})\}", r"\1", text)
