"""MDX (https://mdxjs.com/docs/what-is-mdx/) as Markdown: in comes a body, out goes what is between its components.

Modules and expressions are left out, elements keep what HTML has of them, components lose their marks and keep their inside;
lines keep their numbers. Nothing is run. What is in code is untouched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from feeds.dialects.javascript import literals
from feeds.lazy_patterns import lazy_pattern
from feeds.media_types import media_type
from feeds.model import Value

_FENCE = lazy_pattern(r"[ \t]*(?:>[ \t]?)*(`{3,}|~{3,})")
_ITEM = lazy_pattern(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_MODULE = lazy_pattern(r"import\s+[\w*{\"']|export\s+(?:const|let|var|default|async|function|class|type|interface|\{|\*)")
_FACTS = lazy_pattern(r"(?m)^export\s+const\s+(?:meta|metadata|front[mM]atter)\s*(?::[^=\n]{0,99})?=\s*(?=\{)")
_IMPORTED = lazy_pattern(r"""(?m)^import\s+([A-Za-z_$][\w$]{0,99})\s+from\s+["']([^"'\n]{1,500})["']""")
_KEY = lazy_pattern(r"""[,\n]\s{0,99}["']?([A-Za-z_]\w{0,99})["']?\s{0,9}(?=[:,\n]|\Z)""")
_INNER = lazy_pattern(r"""\{[^{}\[\]]*\}|\[[^{}\[\]]*\]|"[^"\n]*"|'[^'\n]*'|`[^`]*`""")
#: What may be more than text: code, an escaped mark, an id of a heading, an expression, a tag.
_MARK = lazy_pattern(r"`+|\\.|\{#[\w-]{1,200}\}|\{|</?(?=[A-Za-z>])")
_NAME = lazy_pattern(r"[A-Za-z][\w.:-]{0,99}")
_END = lazy_pattern(r"\s*/?>")
_BACKTICKS = lazy_pattern(r"`+")
_ATTRIBUTE = lazy_pattern(r"""\s*([A-Za-z_][\w.:-]{0,99})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|(\{)))?|\s*(\{)""")
#: React's names of attributes and HTML's.
_RENAMED = {
    "className": "class",
    "htmlFor": "for",
    "srcSet": "srcset",
    "colSpan": "colspan",
    "rowSpan": "rowspan",
    "dateTime": "datetime",
}
_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr"})
_LINKS = frozenset({"Link", "A", "NextLink", "NavLink"})
#: Characters of an expression, and runs of backticks among which the one is that ends a piece of code.
_LONGEST, _MOST_RUNS = 20_000, 200
_INDENTED = 4
_DEEPEST = 9


class Converted(NamedTuple):
    """A body as Markdown; the front matter that a module in it exports, None if there is none; what was left out, by name."""

    body: str
    keys: dict[str, Value] | None
    left_out: tuple[str, ...]


def as_markdown(body: str) -> Converted:
    """The body of a post in MDX as Markdown of as many lines."""
    modules, parts = [], []
    for kind, text in _parts(body):
        if kind == "module":
            modules.append(text)
        parts.append(("code", "\n" * text.count("\n")) if kind == "module" else (kind, text))
    code = "\n".join(modules)
    reader = _Text(dict(_IMPORTED.findall(code)), len(body))
    texts = [text if kind == "code" else reader.read(text) for kind, text in parts]
    return Converted(_without_indents("".join(texts)), _facts(code), tuple(sorted(reader.left_out)))


def _parts(body: str) -> Iterator[tuple[str, str]]:
    """The body taken apart in lines of text, of code between fences, and of modules: "text", "code", "module"."""
    kind, held, fence, depth, begins = "text", list[str](), "", 0, True
    for line in body.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if fence:
            held.append(line)
            if _closes(mark, line, fence):
                yield "code", "".join(held)
                held, fence, begins = [], "", True
            continue
        if kind == "module" and (line.strip() or depth > 0):
            held.append(line)
            depth += _opened(line)
            continue
        if kind == "module" or mark or (begins and _MODULE.match(line)):
            yield kind, "".join(held)
            kind, held = "text", []
            if mark:
                fence = mark[1]
            elif begins and _MODULE.match(line):
                kind, depth = "module", _opened(line)
        held.append(line)
        begins = not line.strip()
    yield ("code" if fence else kind), "".join(held)


def _closes(mark: re.Match[str] | None, line: str, fence: str) -> bool:
    """Whether a line ends the code that the fence has begun."""
    return mark is not None and mark[1].startswith(fence) and not line[mark.end() :].strip()


def _opened(line: str) -> int:
    """How many more brackets a line opens than it closes."""
    return sum(map(line.count, "{[(")) - sum(map(line.count, "}])"))


class _Text:
    """Reads text between modules and code; `left_out` collects the names of what cannot be shown.

    `steps` bounds the search for braces that nothing closes.
    """

    def __init__(self, imported: Mapping[str, str], characters: int) -> None:
        self.imported = imported
        self.steps = 4 * characters + _LONGEST
        self.left_out: set[str] = set()

    def read(self, text: str) -> str:
        result: list[str] = []
        at = 0
        while match := _MARK.search(text, at):
            mark, end = match[0], match.end()
            shown = mark
            if mark[0] == "`":
                runs = islice(_BACKTICKS.finditer(text, end), _MOST_RUNS)
                closing = next((run for run in runs if len(run[0]) == len(mark)), match)
                end = closing.end()
                shown = text[match.start() : end]
            elif mark == "{" and (closed := self._closing(text, match.start())) > 0:
                end = closed
                shown = self._expression(text[match.end() : end - 1])
            elif mark[0] == "<":
                shown, end = self._tag(text, match)
            result += text[at : match.start()], shown
            at = end
        return "".join((*result, text[at:]))

    def _expression(self, code: str) -> str:
        """What an expression shows: the text of a string, nothing of a comment; of anything else only its line ends."""
        bare = literals.without_comments(code).strip()
        if not bare:
            return "\n" * code.count("\n")
        value = literals.value_at(bare, 0, {})[0]
        if isinstance(value, str):
            return html.escape(value, quote=False)
        self.left_out.add("{…}")
        return "\n" * code.count("\n")

    def _tag(self, text: str, match: re.Match[str]) -> tuple[str, int]:
        """What a tag becomes, and where it ends; where it has no end, its first mark is text."""
        closes = match[0] == "</"
        named = _NAME.match(text, match.end())
        name = named[0] if named else ""
        attributes, at = self._attributes(text, match.end() + len(name))
        ending = _END.match(text, at)
        if ending is None:
            return html.escape(match[0], quote=False), match.end()
        is_empty, end = ending[0].strip() == "/>", ending.end()
        lines = "\n" * text.count("\n", match.start(), end)
        if name and name[0].islower() and "." not in name:
            return _element(name, attributes, closes=closes, is_empty=is_empty) + lines, end
        if name in _LINKS:
            target = attributes.get("href") or attributes.get("to") or ""
            return _element("a", {"href": target} if target else {}, closes=closes, is_empty=is_empty) + lines, end
        if attributes.get("src") and media_type(attributes["src"].partition("?")[0]):
            kept = {key: value for key, value in attributes.items() if key in ("src", "alt", "title")}
            return _element("img", kept, closes=False, is_empty=True) + lines, end
        if is_empty and name:
            self.left_out.add(name)
        return lines, end

    def _attributes(self, text: str, at: int) -> tuple[dict[str, str], int]:
        """The attributes of a tag whose values are texts, and where they end."""
        found: dict[str, str] = {}
        while match := _ATTRIBUTE.match(text, at):
            at = match.end()
            if match[4] or match[5]:
                end = self._closing(text, at - 1)
                if end < 0:
                    break
                code = text[at : end - 1].strip()
                at = end
                if match[1]:
                    value = self.imported.get(code) or literals.value_at(code, 0, {})[0]
                    if isinstance(value, str):
                        found[match[1]] = value
            elif match[1]:
                found[match[1]] = html.unescape(match[2] or match[3] or "")
        return found, at

    def _closing(self, text: str, at: int) -> int:
        """Where the expression ends whose brace is at a place: behind its own closing brace; -1 if nothing closes it."""
        depth, start, end = 0, at, min(len(text), at + _LONGEST, at + self.steps)
        while at < end:
            char = text[at]
            if char in "\"'`":
                closing = text.find(char, at + 1, end)
                if closing < 0 or (char == "'" and "\n" in text[at:closing]):
                    closing = at  # an apostrophe in the text of an element
                at = closing
            elif char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    self.steps -= at - start
                    return at + 1
            at += 1
        self.steps -= end - start
        return -1


def _element(name: str, attributes: Mapping[str, str], *, closes: bool, is_empty: bool) -> str:
    if closes:
        return f"</{name}>"
    written = "".join(f' {_RENAMED.get(key, key)}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>" + (f"</{name}>" if is_empty and name not in _VOID else "")


def _facts(code: str) -> dict[str, Value] | None:
    """The front matter that a module exports: `export const metadata = { title: "Tea", draft: true }`.

    What is no literal stands for itself, so that a flag which only the code could tell is not taken for absent.
    """
    match = _FACTS.search(code)
    if match is None:
        return None
    value, end = literals.value_at(code, match.end(), {})
    written = code[match.end() + 1 : end - 1]
    for _ in range(_DEEPEST):
        written = _INNER.sub("", written)
    keys: dict[str, Value] = dict.fromkeys(_KEY.findall(f",{written}"), "an expression")
    if "..." in written:
        keys["draft"] = "an expression"
    return keys | ({key: _as_typed(item) for key, item in value.items()} if isinstance(value, dict) else {})


def _as_typed(value: Any) -> Value:
    """A literal as front matter has it: scalars as they are written."""
    if isinstance(value, list):
        return [_as_typed(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _as_typed(item) for key, item in value.items()}
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _without_indents(text: str) -> str:
    """The text without indentation that Markdown would take for code: MDX has no code by indentation."""
    lines, in_list, shift, fence = [], False, 0, ""
    for line in text.splitlines(keepends=True):
        bare = line.lstrip(" \t")
        indent = len(line) - len(bare)
        mark = _FENCE.match(line)
        if fence:
            lines.append(line[min(indent, shift) :])
            fence = "" if _closes(mark, line, fence) else fence
            continue
        if bare.strip():
            shift = indent if not in_list and indent >= _INDENTED else shift if indent >= shift else 0
            if _ITEM.match(line):
                in_list = True
            elif indent == shift:
                in_list = False
        fence = mark[1] if mark else ""
        lines.append(line[min(indent, shift) :])
    return "".join(lines)
