"""A small part of JavaScript's syntax: in comes code, out go trees of tuples whose first item names what they are.

What is not read raises UnreadableCodeError. Source: ECMA-262, chapters 12 to 15.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from feeds.lazy_patterns import lazy_pattern

Node = tuple[Any, ...]


class UnreadableCodeError(ValueError):
    """Something in the code that is not read here."""


_TOKEN = lazy_pattern(
    r"(?P<blank>\s{1,2000})|(?P<number>\d{1,15}(?:\.\d{1,15})?)|(?P<name>[A-Za-z_$][\w$]{0,100})"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.){0,5000}\"|'(?:[^'\\\n]|\\.){0,5000}')"
    r"|(?P<mark>=>|\.\.\.|\?\.|\?\?|\|\||&&|===|!==|==|!=|<=|>=|\+=|[-+*/<>=!?:;,.(){}\[\]])",
    re.DOTALL,
)
_REGEX = lazy_pattern(r"/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,300}\]){1,500})/([a-z]{0,6})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_LEVELS = (("??", "||"), ("&&",), ("===", "!==", "==", "!="), ("<", ">", "<=", ">=", "instanceof"), ("+", "-"), ("*",))
_MOST_CHARACTERS = 50_000
_MOST_LEVELS = 60


def without_types(source: str) -> str:
    """The source without a `;` at its end."""
    return source.strip().rstrip(";")


def function_at(code: str, start: int) -> str:
    """The text of the expression that begins at a place of a module."""
    parser = _Parser(code, start)
    parser.assignment()
    return code[start : parser.behind]


def parse_expression(source: str) -> Node:
    """An expression that is all of the text."""
    parser = _Parser(source, 0)
    node = parser.assignment()
    if parser.kind:
        raise UnreadableCodeError(parser.text)
    return node


class _Parser:
    """Reads one expression; `kind` and `text` are the token ahead, `behind` is where the last one ended."""

    def __init__(self, code: str, start: int) -> None:
        self.code, self.at, self.behind, self.first = code, start, start, start
        self.kind = self.text = ""
        self.depth = 0
        self.next()

    def next(self) -> str:
        """Go on to the next token; gives the text of the one that was ahead."""
        text, self.behind = self.text, self.at
        while True:
            if self.at - self.first > _MOST_CHARACTERS:
                raise UnreadableCodeError("long code")
            if self.code.startswith("`", self.at):
                self.kind, self.text = "template", "`"
                return text
            match = _TOKEN.match(self.code, self.at)
            if match is None:
                if self.at < len(self.code):
                    self.kind, self.text = "unknown", self.code[self.at]
                    return text
                self.kind = self.text = ""
                return text
            if match.lastgroup != "blank":
                break
            self.at = match.end()
        self.start = self.at
        self.kind, self.text, self.at = str(match.lastgroup), match[0], match.end()
        return text

    def take(self, mark: str) -> bool:
        """Go over a mark or word, if it is ahead."""
        if self.text != mark or self.kind not in ("mark", "name"):
            return False
        self.next()
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise UnreadableCodeError(f"{self.text!r} where {mark!r} is expected")

    def again(self, place: tuple[int, int, str, str]) -> None:
        self.at, self.behind, self.kind, self.text = place

    @property
    def place(self) -> tuple[int, int, str, str]:
        return self.at, self.behind, self.kind, self.text

    # expressions

    def assignment(self) -> Node:
        self.depth += 1
        if self.depth > _MOST_LEVELS:
            raise UnreadableCodeError("deep code")
        try:
            return self.arrow() or self.assigned(self.choice())
        finally:
            self.depth -= 1

    def assigned(self, node: Node) -> Node:
        """An assignment to a name, if its sign is ahead; else the expression itself."""
        if self.kind != "mark" or self.text not in ("=", "+="):
            return node
        if node[0] != "name":
            raise UnreadableCodeError("an assignment to what is no name")
        return ("assign", self.next(), node[1], self.assignment())

    def arrow(self) -> Node | None:
        """An arrow function or `function (…) {…}`; None if there is none."""
        if self.kind == "name" and self.text in ("async", "function"):
            if self.text == "async":
                raise UnreadableCodeError("async")
            self.next()
            if self.kind == "name":
                self.next()
            self.expect("(")
            parameters = self.patterns(")")
            return ("function", parameters, self.block())
        before = self.place
        if self.kind == "name":
            name = self.next()
            if self.take("=>"):
                return ("function", [("name", name)], self.arrow_body())
        elif self.take("("):
            patterns: list[Node] | None = None
            with suppress(UnreadableCodeError):
                patterns = self.patterns(")")
            if patterns is not None and self.take("=>"):
                return ("function", patterns, self.arrow_body())
        self.again(before)
        return None

    def arrow_body(self) -> Node:
        return self.block() if self.text == "{" and self.kind == "mark" else self.assignment()

    def choice(self) -> Node:
        condition = self.binary(0)
        if self.kind != "mark" or not self.take("?"):
            return condition
        yes = self.assignment()
        self.expect(":")
        return ("choice", condition, yes, self.assignment())

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.kind in ("mark", "name") and self.text in _LEVELS[level]:
            sign = self.next()
            kind = "logic" if sign in ("??", "||", "&&") else "binary"
            left = (kind, sign, left, self.binary(level + 1))
        return left

    def unary(self) -> Node:
        if self.kind == "mark" and self.text in ("!", "-", "+"):
            return ("unary", self.next(), self.unary())
        return self.members(self.primary())

    def members(self, node: Node) -> Node:
        while self.kind == "mark" and self.text in (".", "?.", "[", "("):
            sign = self.next()
            optional = sign == "?."
            if sign == "(" or (optional and self.take("(")):
                node = ("call", node, self.items(")"), optional)
            elif sign == "[" or (optional and self.take("[")):
                node = ("member", node, self.assignment(), optional)
                self.expect("]")
            else:
                if self.kind != "name":
                    raise UnreadableCodeError(self.text)
                node = ("member", node, self.next(), optional)
        return node

    def primary(self) -> Node:
        if self.kind == "number":
            number = float(self.next())
            return ("literal", int(number) if number.is_integer() else number)
        if self.kind == "string":
            return ("literal", _unescaped(self.next()[1:-1]))
        if self.kind == "template":
            return self.template()
        if self.kind == "name":
            word = self.next()
            if word in ("true", "false", "null", "undefined"):
                return ("literal", {"true": True, "false": False}.get(word))
            if word == "new":
                name = self.next() if self.kind == "name" else ""
                self.expect("(")
                return ("new", name, self.items(")"))
            if word in ("await", "this", "typeof", "class", "yield", "delete", "void"):
                raise UnreadableCodeError(word)
            return ("name", word)
        if self.kind == "mark" and self.text == "/":
            match = _REGEX.match(self.code, self.start)
            if match is None:
                raise UnreadableCodeError("/")
            self.at = match.end()
            self.next()
            return ("regex", match[1], match[2])
        if self.take("("):
            node = self.assignment()
            self.expect(")")
            return node
        if self.take("["):
            return ("array", self.items("]"))
        if self.take("{"):
            return self.table()
        raise UnreadableCodeError(self.text or "the end of the code")

    def items(self, close: str) -> list[Node]:
        items: list[Node] = []
        while not self.take(close):
            items.append(("rest", self.assignment()) if self.take("...") else self.assignment())
            if self.text != close:
                self.expect(",")
        return items

    def table(self) -> Node:
        pairs: list[tuple[str | None, Node]] = []
        while not self.take("}"):
            if self.take("..."):
                pairs.append((None, self.assignment()))
            else:
                if self.kind not in ("name", "string", "number"):
                    raise UnreadableCodeError(self.text)
                is_name = self.kind == "name"
                key = self.next()
                if self.take(":"):
                    pairs.append((key if is_name else key.strip("\"'"), self.assignment()))
                elif is_name and self.take("("):
                    pairs.append((key, ("function", self.patterns(")"), self.block())))
                elif is_name and self.text in (",", "}"):
                    pairs.append((key, ("name", key)))
                else:
                    raise UnreadableCodeError(self.text)
            if self.text != "}":
                self.expect(",")
        return ("object", pairs)

    def template(self) -> Node:
        """A template string; its expressions are parsed where they stand."""
        parts: list[Any] = [""]
        at = self.at + 1
        while at < len(self.code) and self.code[at] != "`":
            if self.code[at] == "\\":
                parts.append(_unescaped(self.code[at : at + 2]))
                at += 2
            elif self.code.startswith("${", at):
                self.at = at + 2
                self.next()
                parts.append(self.assignment())
                if self.text != "}":
                    raise UnreadableCodeError(self.text)
                at = self.at
            else:
                end = at + 1
                while end < len(self.code) and self.code[end] not in "`\\$":
                    end += 1
                parts.append(self.code[at:end])
                at = end
        self.at = at + 1
        self.next()
        return ("template", parts)

    # patterns and statements

    def patterns(self, close: str) -> list[Node]:
        """Parameters of a function, or the items of a pattern of a list."""
        patterns: list[Node] = []
        while not self.take(close):
            patterns.append(("rest", self.pattern()) if self.take("...") else self.with_default(self.pattern()))
            if self.text != close:
                self.expect(",")
        return patterns

    def with_default(self, pattern: Node) -> Node:
        return ("default", pattern, self.assignment()) if self.take("=") else pattern

    def pattern(self) -> Node:
        if self.take("["):
            return ("array-pattern", self.patterns("]"))
        if not self.take("{"):
            if self.kind != "name":
                raise UnreadableCodeError(self.text)
            return ("name", self.next())
        pairs: list[tuple[str, Node]] = []
        while not self.take("}"):
            if self.kind != "name":
                raise UnreadableCodeError(self.text)
            key = self.next()
            pairs.append((key, self.with_default(self.pattern() if self.take(":") else ("name", key))))
            if self.text != "}":
                self.expect(",")
        return ("object-pattern", pairs)

    def block(self) -> Node:
        self.expect("{")
        statements: list[Node] = []
        while not self.take("}"):
            if not self.take(";"):
                statements.append(self.statement())
        return ("block", statements)

    def statement(self) -> Node:
        if self.kind == "mark" and self.text == "{":
            return self.block()
        if self.kind == "name" and self.text in ("const", "let", "var"):
            return self.declarations()
        if self.take("for"):
            return self.loop()
        if self.take("if"):
            self.expect("(")
            condition = self.assignment()
            self.expect(")")
            yes = self.statement()
            self.take(";")
            return ("if", condition, yes, self.statement() if self.take("else") else None)
        if self.take("return"):
            return ("return", None if self.text in (";", "}") else self.assignment())
        if self.kind == "name" and self.text in ("while", "do", "switch", "try", "throw", "function", "class"):
            raise UnreadableCodeError(self.text)
        return self.assignment()

    def declarations(self) -> Node:
        """`const a = 1, b = 2`."""
        self.next()
        found: list[Node] = []
        while not found or self.take(","):
            pattern = self.pattern()
            found.append(("declare", pattern, self.assignment() if self.take("=") else None))
        return ("declarations", found)

    def loop(self) -> Node:
        """`for (const item of items) …`; no other loop is read."""
        self.expect("(")
        if self.kind != "name" or self.text not in ("const", "let", "var"):
            raise UnreadableCodeError("for")
        self.next()
        pattern = self.pattern()
        self.expect("of")
        items = self.assignment()
        self.expect(")")
        return ("for-of", pattern, items, self.statement())


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)
