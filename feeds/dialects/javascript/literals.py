"""Literals in JavaScript settings (Eleventy's): in comes the text of a module, out go the plain values it holds.

Nothing is run. A value that only the code could tell is UNKNOWN; functions that return a template string are kept as a
template (`TemplateString`), since addresses are written so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from feeds.lazy_patterns import lazy_pattern

_MAX_DEPTH = 60
#: What a constant, or a template string that names some, may hold at most: parts and characters.
_MOST_WEIGHT = 100_000
_MOST_PLACES = 300
#: Characters of an expression that is not a literal.
_LONGEST_EXPRESSION = 20_000


class _Unknown:
    """The value of what cannot be known."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class TemplateString(NamedTuple):
    """A template string with its expressions between `{{` and `}}`: `/blog/${data.page.fileSlug}/` of a function."""

    text: str


class FunctionText(NamedTuple):
    """A function that is more than a template string: its text, as an expression."""

    text: str


_COMMENT = lazy_pattern(
    r"""(?P<keep>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)
_SPACE = lazy_pattern(r"\s*")
_NAME = lazy_pattern(r"[A-Za-z_$][\w$]*")
_NUMBER = lazy_pattern(r"-?(?:0x[0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)")
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}


def without_comments(text: str) -> str:
    """The code without its comments; line ends stay."""

    def kept(match: re.Match[str]) -> str:
        return match["keep"] if match["keep"] is not None else "\n" * match[0].count("\n") or " "

    return _COMMENT.sub(kept, text)


def first(matches: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """The first places of a call or a key in a configuration, more than anybody writes: behind each the code is read on."""
    return islice(matches, _MOST_PLACES)


#: `const name =` and `const { key, other: name } =` at the beginning of a line, in TypeScript with a type.
_CONSTANT = lazy_pattern(
    r"(?m)^[ \t]*(?:export\s{1,9})?(?:const|let|var)\s{1,9}(?:([A-Za-z_$][\w$]{0,99})|\{([\w\s$:,]{1,500})\})"
    r"\s{0,9}(?::\s{0,9}[\w.$<>\[\]| ]{1,99})?=(?![=>])\s{0,99}"
)
#: What TypeScript has behind a value.
_TYPED = lazy_pattern(r"\s{1,9}(?:as|satisfies)\s{1,9}[\w.$<>\[\]| ]{1,99}(?=\s{0,99}(?:[,;}\])]|\Z|\n))")
_MEMBER = lazy_pattern(r"\??\.([A-Za-z_$][\w$]{0,99})(?![\w$(])")


@lru_cache(4)
def constants(code: str) -> Mapping[str, Any]:
    """`const name = literal` at the beginning of lines; `code` is without comments."""
    values: dict[str, Any] = {}
    for match in _CONSTANT.finditer(code):
        value = value_at(code, match.end(), values)[0]
        if value is UNKNOWN or weight(value, _MOST_WEIGHT) > _MOST_WEIGHT:
            continue
        if match[1]:
            values.setdefault(match[1], value)
        elif isinstance(value, dict):
            for key, _, name in (part.partition(":") for part in match[2].split(",")):
                if key.strip() in value:
                    values.setdefault(name.strip() or key.strip(), value[key.strip()])
    return values


def weight(value: Any, most: int) -> int:
    """How much a value holds, counted in parts and characters, what it holds twice twice; counting ends above `most`.

    Constants that name each other twice double with each line.
    """
    if isinstance(value, str):
        return 1 + len(value)
    if not isinstance(value, list | dict):
        return 1
    total = 1
    for part in value if isinstance(value, list) else value.values():
        total += weight(part, most - total)
        if total > most:
            break
    return total


def exported(text: str) -> Any:
    """What a data module exports, e.g. `export default {…}` or `module.exports = {…}`; UNKNOWN if that cannot be known.

    Raises ValueError if it is far larger than its text, since its constants name each other many times.
    """
    value = _exported(text)
    most = max(_MOST_WEIGHT, len(text))
    if weight(value, most) > most:
        raise ValueError("it holds far more than is written in it")
    return value


def _exported(text: str) -> Any:
    code = without_comments(text)
    names = constants(code)
    match = re.search(r"export\s+default\s+|module\.exports\s*=\s*", code)
    if match is None:
        exports = {
            each[1]: value_at(code, each.end(), names)[0]
            for each in re.finditer(r"(?m)^export\s+(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*", code)
        }
        return exports or UNKNOWN
    start = match.end()
    # A function that returns an object: `() => ({…})`, `async function () { return {…}; }`.
    arrow = re.compile(
        r"(?:async\s{0,9})?\([^()]{0,500}\)\s{0,9}=>\s{0,99}(\(?\s{0,99})(?=\{)|(?:async\s{1,9})?\w{1,100}\s{0,9}=>\s{0,99}(\(\s{0,99})(?=\{)"
    ).match(code, start)
    if arrow and (arrow[1] or arrow[2] or "").strip():
        return value_at(code, arrow.end(), names)[0]
    if arrow or re.compile(r"(?:async\s+)?function\b").match(code, start):
        returned = re.compile(r"return\s+(?=\{)").search(code, start)
        return value_at(code, returned.end(), names)[0] if returned else UNKNOWN
    return value_at(code, start, names)[0]


def value_at(code: str, at: int, names: Mapping[str, Any], depth: int = 0) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends."""
    at = _skip(code, at)
    if at >= len(code) or depth > _MAX_DEPTH:
        return UNKNOWN, len(code)
    if code[at] in "\"'`":
        value, end = _string(code, at, names)
    elif code[at] == "{":
        value, end = _object(code, at, names, depth)
    elif code[at] == "[":
        value, end = _array(code, at, names, depth)
    elif number := _NUMBER.match(code, at):
        value, end = _number(number[0]), number.end()
    elif arrow := re.compile(
        r"(?:async\s{0,9})?(?:\(([^()]{0,500})\)|(\w{1,100}))\s{0,9}=>\s{0,99}(?:\{\s{0,99}return\s{1,99})?"
    ).match(code, at):
        return _function(code, at, arrow)
    elif method := re.compile(
        r"(?:async\s{1,9})?function\s{0,9}\w{0,100}\s{0,9}\(([^()]{0,500})\)()\s{0,99}\{\s{0,99}return\s{1,99}"
    ).match(code, at):
        return _function(code, at, method)
    elif re.compile(r"function\s{0,9}\w{0,100}\s{0,9}\(").match(code, at):
        end = _expression_end(code, at)
        return FunctionText(code[at:end].strip()), end
    else:
        word = _NAME.match(code, at)
        value, end = (_named(word[0], names), word.end()) if word else (UNKNOWN, at)
        while isinstance(value, dict) and (member := _MEMBER.match(code, end)):
            value, end = value.get(member[1], UNKNOWN), member.end()
    if typed := _TYPED.match(code, end):
        end = typed.end()
    following = _skip(code, end)
    goes_on = following < len(code) and code[following] not in ",;}])"
    if goes_on and ("\n" not in code[end:following] or code[following] in ".?+-*/%&|<>=("):
        end = _expression_end(code, at)
        return _fallback(code[at:end]), end
    return value, end


_FALLBACK = lazy_pattern(r"(?:\|\||\?\?)\s*(\"[^\"]*\"|'[^']*'|`[^`$]*`)\s*\Z")
_CHOICE = lazy_pattern(r"\?\s*(\"[^\"]*\"|'[^']*'|`[^`$]*`)\s*:\s*(\"[^\"]*\"|'[^']*'|`[^`$]*`)\s*\Z")


def _fallback(expression: str) -> Any:
    """The literal in `process.env.URL || "…"`; of `a ? "…" : "…"` the first that is not an address of the own machine."""
    if match := _FALLBACK.search(expression):
        return match[1][1:-1]
    if match := _CHOICE.search(expression):
        return next((text[1:-1] for text in match.groups() if "localhost" not in text), UNKNOWN)
    return UNKNOWN


def _named(word: str, names: Mapping[str, Any]) -> Any:
    return _WORDS[word] if word in _WORDS else names.get(word, UNKNOWN)


def _number(text: str) -> int | float:
    text = text.replace("_", "")
    return int(text, 0) if re.fullmatch(r"-?(?:0x[0-9a-fA-F]+|0|[1-9]\d*)", text) else float(text)


def _skip(code: str, at: int) -> int:
    match = _SPACE.match(code, at)
    return match.end() if match else at


def _string(code: str, at: int, names: Mapping[str, Any]) -> tuple[Any, int]:
    """A string, or a template string whose expressions are known names."""
    mark, end = code[at], at + 1
    pieces: list[str] = []
    is_constant = True
    named_characters = 0
    while end < len(code) and code[end] != mark:
        if code[end] == "\\" and end + 1 < len(code):
            pieces.append(_ESCAPES.get(code[end + 1], code[end + 1]))
            end += 2
        elif mark == "`" and code.startswith("${", end):
            close = code.find("}", end)
            value = names.get(code[end + 2 : close].strip(), UNKNOWN) if close > 0 else UNKNOWN
            is_constant = is_constant and isinstance(value, str | int) and named_characters <= _MOST_WEIGHT
            pieces.append(str(value) if is_constant else "")
            named_characters += len(pieces[-1])
            end = close + 1 if close > 0 else len(code)
        else:
            pieces.append(code[end])
            end += 1
    return ("".join(pieces) if is_constant else UNKNOWN), end + 1


def _array(code: str, at: int, names: Mapping[str, Any], depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    at = _skip(code, at + 1)
    while at < len(code) and code[at] != "]":
        value, at = value_at(code, at, names, depth + 1)
        if value is not UNKNOWN:
            items.append(value)
        at = _skip(code, at)
        at = _skip(code, at + 1) if at < len(code) and code[at] == "," else _to_close(code, at, "]")
    return items, at + 1


def _object(code: str, at: int, names: Mapping[str, Any], depth: int) -> tuple[dict[str, Any], int]:
    items: dict[str, Any] = {}
    at = _skip(code, at + 1)
    key_form = re.compile(r"""(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\[\s*["']([^"']*)["']\s*\]|([A-Za-z_$][\w$]*|\d+))\s*""")
    while at < len(code) and code[at] != "}":
        key = key_form.match(code, at)
        if code.startswith("...", at) or key is None:
            at = _expression_end(code, at)
        else:
            name = next(group for group in key.groups() if group is not None)
            at = key.end()
            if code.startswith(":", at):
                value, at = value_at(code, at + 1, names, depth + 1)
                if value is not UNKNOWN:
                    items[name] = value
            elif code.startswith("(", at):  # a method
                body = re.compile(r"\(([^()]*)\)()\s*\{\s*return\s+").match(code, at)
                end = _method_end(code, at)
                returned = _returned(code, body) if body else UNKNOWN
                items[name] = returned if returned is not UNKNOWN else FunctionText(f"function {code[at:end].strip()}")
                at = end
            elif name in names:  # shorthand
                items[name] = names[name]
        at = _skip(code, at)
        at = _skip(code, at + 1) if at < len(code) and code[at] in ",;" else at
        if at < len(code) and code[at] != "}" and not key_form.match(code, at) and not code.startswith("...", at):
            at = _to_close(code, at, "}")
    return items, at + 1


def _function(code: str, at: int, head: re.Match[str]) -> tuple[Any, int]:
    """A function as the template that it returns, else as its text; and where it ends."""
    end = _expression_end(code, at)
    returned = _returned(code, head)
    return (returned if returned is not UNKNOWN else FunctionText(code[at:end].strip())), end


def _returned(code: str, head: re.Match[str]) -> Any:
    """The template string that a function returns, its parameter taken off: `data => `/x/${data.page.fileSlug}/``."""
    at = _skip(code, head.end())
    at = _skip(code, at + 1) if code.startswith("(", at) else at
    if at >= len(code) or code[at] not in "`\"'":
        return UNKNOWN
    end = _string(code, at, {})[1]
    if code[at] != "`":
        return TemplateString(str(_string(code, at, {})[0]))
    parameter = (head[1] or head[2] or "").split(",")[0].split("=")[0].strip()
    pieces = []
    for index, piece in enumerate(re.split(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}", code[at + 1 : end - 1])):
        expression = _translated(piece.strip(), parameter) if index % 2 else piece
        if expression is None:
            return UNKNOWN
        pieces.append(f"{{{{ {expression} }}}}" if index % 2 else expression)
    return TemplateString("".join(pieces))


def _translated(expression: str, parameter: str) -> str | None:
    """`data.page.fileSlug` as `page.fileSlug`, `this.slugify(data.title)` as `title | slugify`; None for anything else."""
    call = re.fullmatch(r"(?:this\.|eleventyConfig\.)?(slugify|slug)\((.+)\)", expression)
    if call:
        inner = _translated(call[2].strip(), parameter)
        return None if inner is None else f"{inner} | {call[1]}"
    member = re.fullmatch(r"([A-Za-z_$][\w$]*)((?:\??\.[A-Za-z_$][\w$]*|\[\d+\])*)", expression)
    if member is None:
        return None
    path = member[2].replace("?.", ".")
    if member[1] == parameter and path:
        return path.removeprefix(".")
    destructured = {name.strip() for name in parameter.strip("{} ").split(",")} if parameter.startswith("{") else set()
    return member[1] + path if member[1] in destructured or parameter.startswith("{") else None


def _signs(code: str, at: int) -> Iterator[tuple[str, int]]:
    """Characters from a place on, strings as one, with the place behind each; not of more code than an expression has."""
    most = min(len(code), at + _LONGEST_EXPRESSION)
    while at < most:
        if code[at] in "\"'`":
            at = _string(code, at, {})[1]
            yield "s", at
        else:
            at += 1
            yield code[at - 1], at


def _expression_end(code: str, at: int) -> int:
    """Where an expression ends: before the comma or bracket that follows it."""
    level = 0
    for sign, end in _signs(code, at):
        if level == 0 and sign in ",;)}]":
            return end - 1
        level += (sign in "({[") - (sign in ")}]")
    return len(code)


def _to_close(code: str, at: int, mark: str) -> int:
    """The place of the bracket that closes what is open."""
    level = 0
    for sign, end in _signs(code, at):
        if level == 0 and sign == mark:
            return end - 1
        level += (sign in "({[") - (sign in ")}]")
    return len(code)


def _method_end(code: str, at: int) -> int:
    """Where a method ends that begins with its parameters."""
    at = _to_close(code, at + 1, ")") + 1
    at = code.find("{", at)
    return _to_close(code, at + 1, "}") + 1 if at >= 0 else len(code)
