"""The syntax of Hugo's templates: in comes a template's source, out go its blocks and actions (pkg.go.dev/text/template)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from feeds.lazy_patterns import lazy_pattern

_ACTION = lazy_pattern(r"\{\{(-?)((?:[^{}\"`]|\"(?:[^\"\\\n]|\\.){0,2000}\"|`[^`]{0,2000}`){0,4000})\}\}", re.DOTALL)
_TOKEN = lazy_pattern(
    r"""\s{1,200}|("(?:[^"\\]|\\.){0,2000}")|(`[^`]{0,2000}`)|(-?\d{1,15})|(\$[\w]{0,60}(?:\.[\w.]{1,200})?)|(\.[A-Za-z_][\w.]{0,200}|\.)|([A-Za-z_][\w.]{0,100})|(:=|=|\||\(|\)|,)"""
)
_KINDS = ("text", "raw", "number", "variable", "field", "name", "mark")


class UnsupportedError(ValueError):
    """Something in a template that is not read here."""


Token = tuple[str, str]


@dataclass(slots=True)
class Block:
    """An `if`, `with` or `range` with its branches, or a plain action (`keyword` "")."""

    keyword: str
    tokens: list[Token]
    body: list[str | Block] = field(default_factory=list)
    otherwise: list[str | Block] = field(default_factory=list)


@lru_cache(maxsize=200)
def parsed(source: str) -> tuple[str | Block, ...]:
    """A template as blocks. Raises UnsupportedError."""
    source = re.sub(r"\{\{-?\s{0,20}/\*.*?\*/\s{0,20}-?\}\}", "", source, flags=re.DOTALL)
    root: list[str | Block] = []
    stack: list[tuple[Block, list[str | Block]]] = []
    into = root
    at = 0
    trim = False
    for match in _ACTION.finditer(source):
        text = source[at : match.start()]
        text = text.lstrip() if trim else text
        if "{{" in text:
            raise UnsupportedError("an action that is not read")
        action = match[2]
        trim = action.endswith("-")
        into.append(text.rstrip() if match[1] else text)
        at = match.end()
        action = action.removesuffix("-").strip()
        keyword, _, rest = action.partition(" ")
        if keyword in ("if", "with", "range"):
            block = Block(keyword, tokens_of(rest))
            into.append(block)
            stack.append((block, into))
            into = block.body
        elif keyword == "else":
            if not stack:
                raise UnsupportedError("else without if")
            into = stack[-1][0].otherwise
            if rest.strip():
                inner, _, condition = rest.strip().partition(" ")
                block = Block(inner, tokens_of(condition))
                into.append(block)
                # One `end` closes both.
                stack[-1] = (Block("chain", []), stack[-1][1])
                stack[-1][0].body, stack[-1][0].otherwise = block.body, block.otherwise
                into = block.body
        elif keyword == "end":
            if not stack:
                raise UnsupportedError("end without if")
            into = stack.pop()[1]
        elif keyword in ("define", "block", "template", "break", "continue", "return", "try"):
            raise UnsupportedError(keyword)
        elif action:
            into.append(Block("", tokens_of(action)))
        if len(stack) > 20:
            raise UnsupportedError("it nests too deep")
    if stack or "{{" in source[at:]:
        raise UnsupportedError("an action is not closed")
    into.append(source[at:].lstrip() if trim else source[at:])
    return tuple(root)


def tokens_of(expression: str) -> list[Token]:
    """An action's tokens; a field that follows a parenthesis at once is a "member" of its value. Raises UnsupportedError."""
    tokens: list[Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise UnsupportedError(expression[at : at + 20])
        is_behind = at > 0 and expression[at - 1] == ")"
        at = match.end()
        if match.lastindex:
            kind = _KINDS[match.lastindex - 1]
            tokens.append(("member" if kind == "field" and is_behind else kind, match[match.lastindex]))
    return tokens
