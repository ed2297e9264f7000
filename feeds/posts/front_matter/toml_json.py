"""Front matter in TOML, JSON and JavaScript: keys as text, each with its line; mistakes with line and fix.

tomllib, json and json5 parse. JavaScript is read only as far as it is data: an object, or constants with literal values.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from itertools import islice
from typing import Any

from frontmatter.default_handlers import JSONHandler

from feeds.data_trees import has_long_key
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value
from feeds.posts import visibility
from feeds.posts.front_matter.types import SAFE_LEVELS, FormHandler, FrontMatterError, FrontMatterLimits, Span, levels, plain

_TOML_KEY = lazy_pattern(r"\s{0,99}(?:\[{1,2}\s{0,99})?(?:\"([^\"\n]*)\"|'([^'\n]*)'|([\w-]+))\s{0,99}[.=\]]")
_JSON_TOKEN = lazy_pattern(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]|\n', re.DOTALL)
_CURLY = "“”‘’「」『』＂＇"
_CONSTANT = lazy_pattern(r"(?:export\s+)?(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*")


class TomlLoader(FormHandler):
    """TOML by tomllib: python-frontmatter's own handler needs the abandoned package toml."""

    def load_raw(self, raw: str) -> dict[str, Value]:
        if levels(raw) > SAFE_LEVELS or has_long_key(raw):
            raise self.limits.too_deep()
        try:
            tree = tomllib.loads(raw, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise _toml_error(raw, error) from None
        keys = {key: plain(value, self.limits, 2) for key, value in tree.items()}
        self.lines = _toml_lines(raw, keys)
        return keys


def _toml_error(raw: str, error: Exception) -> FrontMatterError:
    """What is wrong with a line of TOML, and how it is written."""
    match = re.search(r"at line (\d+)", str(error))
    number = int(match[1]) if match else 1
    line = next(islice(raw.split("\n"), number - 1, None), "")
    key, equals, value = (part.strip() for part in line.partition("="))
    fix = "quote texts, and write dates like 2021-08-04T05:49:00+08:00"
    if not equals and re.match(r"\s{0,99}[\w-]{1,99}\s{0,9}[:：]", line):
        fix = "write = for the colon and quote texts, or write --- for +++"
    elif "overwrite" in str(error):
        fix = "delete one of the two lines of this key"
    elif value[:1] in _CURLY and value:
        fix = f"write straight quotation marks: {key} = {_toml_text(value.strip(_CURLY))}"
    elif re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", value):
        fix = f"write two digits: {key} = {'-'.join(part.zfill(2) for part in value.split('-'))}"
    elif (value_as_flag := visibility.flag(value)) is not None and value.isalpha():
        fix = f"write {key} = {'true' if value_as_flag else 'false'}"
    elif value and (value[0].isalpha() or not value.isascii()):
        fix = f"quote the text: {key} = {_toml_text(value)}"
    what = f"the front matter is not valid TOML: {_short(error)}"
    return FrontMatterError("front-matter-toml", what, line=number, field=key if equals else None, fix=fix)


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class JsonLoader(FormHandler, JSONHandler):
    """python-frontmatter's JSON handler with a parser that keeps numbers as typed and refuses a key that is set twice."""

    def load_raw(self, raw: str) -> dict[str, Value]:
        text = raw.strip()
        above = raw.count("\n", 0, len(raw) - len(raw.lstrip()))
        if text[:1] != "{":
            text = "{" + text + "}"
        keys, end = json_object(text, self.limits)
        if text[end:].strip():
            raise FrontMatterError("front-matter-json", "there is more after the JSON object", line=1, fix="delete it")
        self.lines = {key: line + above for key, line in json_lines(text).items() if key in keys}
        return keys


class BareJson(JsonLoader):
    """A JSON object without a fence: it ends with its last brace."""

    def find(self, text: str) -> Span | None:
        if not re.match(r"\{\s*[\"}]", text):
            return None
        limit = self.limits.bytes
        part = text[: limit + 1] if len(text) > limit else text
        try:
            end = json_object(part, self.limits)[1]
        except FrontMatterError as error:
            if len(text) > limit and error.code == "front-matter-json":
                self.limits.check_size(part)
            raise
        body = end + 1 if text[end : end + 1] == "\n" else end
        return Span(0, end, body)


#: A number in another base has at most so many digits.
_DIGITS = 100


class JavaScriptLoader(FormHandler):
    """An object literal, or `const name = literal;` lines, as Eleventy has them; read by json5."""

    def load_raw(self, raw: str) -> dict[str, Value]:
        if levels(raw) > 100:
            raise self.limits.too_deep()
        text = raw.strip()
        above = raw.count("\n", 0, len(raw) - len(raw.lstrip())) + 1
        constants = list(_CONSTANT.finditer(text))
        if not constants or constants[0].start() != 0:
            tree = self._literal(_without_functions(text.rstrip(";")) or "{}", above)
            if not isinstance(tree, dict):
                raise _not_data(above)
            self.lines = dict.fromkeys(tree, above)
            return {key: plain(value, self.limits, 2) for key, value in tree.items()}
        keys: dict[str, Value] = {}
        ends = [*(constant.start() for constant in constants[1:]), len(text)]
        for span, end in zip(constants, ends, strict=True):
            line = above + text.count("\n", 0, span.start())
            literal = text[span.end() : end].strip()
            keys[span[1]] = plain(self._literal(literal.rstrip("; \n"), line), self.limits, 2)
            self.lines[span[1]] = line
        return keys

    def _literal(self, text: str, line: int) -> object:
        import json5

        try:
            return json5.loads(text, parse_float=str, parse_int=_whole, allow_duplicate_keys=False)
        except (ValueError, RecursionError) as error:
            raise _not_data(line, _short(error)) from None


def _without_functions(text: str) -> str:
    """An object without the functions of its `pagination`, which choose the items of a page that lists (Eleventy)."""
    if "pagination" not in text:
        return text
    from feeds.dialects.javascript import literals

    try:
        tree = literals.value_at(text, 0, {})[0]
    except (ValueError, RecursionError):
        return text
    pagination = tree.get("pagination") if isinstance(tree, dict) else None
    for value in pagination.values() if isinstance(pagination, dict) else ():
        if isinstance(value, literals.FunctionText):
            text = text.replace(value.text, "null", 1)
    return text


def _whole(text: str, base: int = 10) -> str:
    """A whole number as JavaScript has it: `0x10` is 16; one that is too long for a number stays as it is written."""
    return text if base == 10 or len(text) > _DIGITS else str(int(text, base))


def _not_data(line: int, why: str = "") -> FrontMatterError:
    return FrontMatterError(
        "front-matter-js", "the front matter is JavaScript that is not plain data" + (f": {why}" if why else ""), line=line,
        expected='an object, or lines like const title = "…";', fix="write it as YAML: a line --- and title: …",
    )  # fmt: skip


def json_object(text: str, limits: FrontMatterLimits) -> tuple[dict[str, Value], int]:
    """The JSON object at the start of the text and where it ends. Raises FrontMatterError."""
    if levels(text) > SAFE_LEVELS and _json_depth(text) > limits.depth:
        raise limits.too_deep()

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = dict(items)
        if len(keys) < len(items):
            names = [name for name, _ in items]
            twice = next(name for name in names if names.count(name) > 1)
            raise FrontMatterError(
                "front-matter-duplicate", f"the key {json.dumps(twice, ensure_ascii=False):.80} is set twice", line=1,
                field=twice, fix="delete one of them",
            )  # fmt: skip
        return keys

    try:
        tree, end = json.JSONDecoder(object_pairs_hook=pairs, parse_float=str, parse_int=str).raw_decode(text)
    except json.JSONDecodeError as error:
        # A comma is missing behind the value before, not where the parser stopped.
        missing = error.msg.startswith("Expecting ',' delimiter")
        line = text.count("\n", 0, len(text[: error.pos].rstrip())) + 1 if missing else error.lineno
        raise FrontMatterError(
            "front-matter-json", "the front matter is not valid JSON: " + ("a comma is missing" if missing else error.msg),
            line=line, fix="check quotes, commas and brackets; JSON takes no comma after the last value",
        ) from None  # fmt: skip
    except RecursionError:
        raise limits.too_deep() from None
    return {key: plain(value, limits, 2) for key, value in tree.items()}, end


def _json_depth(text: str) -> int:
    deepest = level = 0
    for character in text:
        if character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
            if not level:
                break
    return deepest


def json_lines(text: str) -> dict[str, int]:
    """The line of each key of the object at the start of the text, in one pass."""
    lines: dict[str, int] = {}
    line, level = 1, 0
    for match in _JSON_TOKEN.finditer(text):
        piece = match[0]
        if piece == "\n":
            line += 1
        elif piece in "{[":
            level += 1
        elif piece in "}]":
            level -= 1
            if not level:
                break
        else:
            if level == 1 and match[2] is not None:
                lines.setdefault(_unescaped(match[1]), line)
            line += piece.count("\n")
    return lines


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')) if "\\" in text else text
    except ValueError:
        return text


def _toml_lines(raw: str, keys: Mapping[str, Value]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(raw.split("\n"), 1):
        match = _TOML_KEY.match(line)
        name = next((name for name in match.groups() if name is not None), None) if match else None
        if name in keys and name is not None:
            lines.setdefault(name, number)
    return lines


def _short(error: Exception) -> str:
    """An error's text in one line."""
    return " ".join("".join(item if item.isprintable() else " " for item in str(error)[:300]).split())[:200]
