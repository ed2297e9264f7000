"""Front matter in YAML: every scalar stays the text that its author typed; a mistake is told with its line and the fix.

PyYAML parses (its C parser, if built), bounds hold before it sees the text. Must not know what a key means.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from frontmatter.default_handlers import YAMLHandler

from feeds.model import Quoted, Value
from feeds.posts.front_matter.plain_yaml import NULLS, scan
from feeds.posts.front_matter.types import SAFE_LEVELS, FormHandler, FrontMatterError, Limits, levels

#: Values that an alias may repeat before it is taken for a bomb.
_NODE_BUDGET = 20_000
#: Levels of a list below a key.
_PLAIN_DEPTH = 3
#: Tabs in the indent of a line, or behind the dash of an item.
_INDENTING_TAB = re.compile(r"^(?=[ -]*\t)(?:[ \t]|-(?=[ \t]))+(?=\S)", re.MULTILINE)
#: YAML 1.1 section 5.4 ends a line at these; no editor does, and who pasted them saw a blank.
_ODD_BREAKS = str.maketrans("\x85\u2028\u2029", "   ")
_INDICATORS = re.compile(r"^[ \-?:!&*]*", re.MULTILINE)
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?:\s|\Z)|={7}\s*\Z")


def _without_tabs(indent: re.Match[str]) -> str:
    """Hexo's two blanks for a tab at a line's start; behind a dash one will do."""
    return re.sub(r"-[ ]?\t[ \t]*", "- ", indent[0]).replace("\t", "  ")


class YamlLoader(FormHandler, YAMLHandler):
    """python-frontmatter's YAML handler with a loader of ours."""

    def load_raw(self, raw: str) -> dict[str, Value]:
        plain = scan(raw) if self.limits.depth >= _PLAIN_DEPTH else None
        if plain is not None:
            keys, self.lines = plain
            return keys
        return self.load_with_libyaml(raw)

    def load_with_libyaml(self, raw: str) -> dict[str, Value]:
        """The keys in any YAML that is a mapping. Raises FrontMatterError."""
        raw = raw.translate(_ODD_BREAKS)
        if levels(raw) + max(map(len, _INDICATORS.findall(raw)), default=0) > SAFE_LEVELS:
            raise self.limits.too_deep()
        loader = _loader_class()(raw)
        try:
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            if _INDENTING_TAB.search(raw):
                # No YAML is indented with tabs (section 6.1), but Hexo reads them as two blanks each.
                return self.load_with_libyaml(_INDENTING_TAB.sub(_without_tabs, raw))
            raise _explained(raw, error) from None
        except yaml.YAMLError as error:
            raise FrontMatterError("front-matter-yaml", f"the front matter is not valid YAML: {error}", line=1) from None
        finally:
            loader.dispose()
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.warnings.append(_not_a_mapping(node))
            return {}
        walker = _Walker(self.limits, raw)
        keys, self.lines = walker.mapping(node, 1)
        self.warnings += walker.warnings + _cut_values(node, raw)
        return keys


@lru_cache
def _loader_class() -> Any:
    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Walker:
    """Turns nodes into values within the bounds."""

    def __init__(self, limits: Limits, raw: str) -> None:
        self.limits = limits
        self.raw = raw
        self.budget = _NODE_BUDGET
        self.warnings: list[FrontMatterError] = []

    def value(self, node: Any, depth: int) -> Value:
        self.budget -= 1
        if self.budget < 0:
            raise FrontMatterError(
                "front-matter-aliases", "the front matter repeats itself through aliases too often", line=1,
                fix="write the values out",
            )  # fmt: skip
        if depth > self.limits.depth:
            raise self.limits.too_deep()
        if isinstance(node, yaml.ScalarNode):
            text: str = node.value
            if node.style:
                return Quoted(text)
            return None if text in NULLS else text
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        if depth > 1 and any(not isinstance(key, yaml.ScalarNode) for key, _ in node.value):
            self.warnings.append(
                FrontMatterError(
                    "front-matter-key", "a value begins with two braces, as a template's {{ name }} does; it is taken for text",
                    line=node.start_mark.line + 1, expected="text", fix="quote it, or write what it means",
                )
            )  # fmt: skip
            return Quoted(self.raw[node.start_mark.index : node.end_mark.index])
        return self.mapping(node, depth)[0]

    def mapping(self, node: Any, depth: int) -> tuple[dict[str, Value], dict[str, int]]:
        keys: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise FrontMatterError(
                    "front-matter-key",
                    "a key is a list or a table",
                    line=line,
                    expected="text",
                    fix="write text before the colon",
                )
            name = key.value
            if name == "<<" and not key.style:
                raise FrontMatterError(
                    "front-matter-merge", "a merge key (<<) is not read", line=line, fix="write the keys out"
                )  # fmt: skip
            if name in keys:
                twice = FrontMatterError(
                    "front-matter-duplicate",
                    f"the key {json.dumps(name, ensure_ascii=False):.80} is set twice, on lines {{line:{lines[name]}}} and "
                    f"{{line:{line}}}",
                    line=line, field=name, fix="delete one of them",
                )  # fmt: skip
                if not self.limits.last_key_wins:
                    raise twice
                self.warnings.append(twice)
            keys[name] = self.value(value, depth + 1)
            lines[name] = line
        return keys, lines


def _not_a_mapping(node: Any) -> FrontMatterError:
    """What is between the fences is not keys. The caller decides whether it is the post's text."""
    kind = "a list" if isinstance(node, yaml.SequenceNode) else "plain text"
    return FrontMatterError(
        "front-matter-type", f"what is between the fences is {kind}, so it is taken as the text of the post",
        line=1, expected="keys and values, e.g. title: …", fix="write keys, or delete the fences",
    )  # fmt: skip


def _cut_values(node: Any, raw: str) -> list[FrontMatterError]:
    """Values that YAML cut at ` #`, though the author plainly meant the sign: `title: 入门 #1`."""
    warnings: list[FrontMatterError] = []
    if " #" not in raw:
        return warnings
    lines = raw.split("\n")
    for key, value in node.value:
        mark = value.end_mark
        if getattr(value, "style", "x") or mark.line >= len(lines):
            continue
        rest = lines[mark.line][mark.column :]
        if re.match(r"\s+#[^\s#]", rest):
            whole = json.dumps((value.value + rest).strip(), ensure_ascii=False)
            warnings.append(
                FrontMatterError(
                    "front-matter-cut", f"YAML ends the value before {rest.strip()[:40]!r}", line=key.start_mark.line + 1,
                    field=key.value, fix=f"quote it: {key.value}: {whole}",
                )
            )  # fmt: skip
    return warnings


class _Mistake(NamedTuple):
    what: str
    fix: str


def _explained(raw: str, error: Any) -> FrontMatterError:
    """The error with the line of its cause, which is often not the line at which the parser stopped."""
    lines = raw.split("\n")
    said = error.problem or error.context
    conflict = next((number for number, line in enumerate(lines) if _CONFLICT.match(line)), None)
    if conflict is not None:
        return _error(conflict, "the front matter holds a conflict mark of a version control system", "resolve the conflict")
    stopped, began = error.problem_mark, error.context_mark
    number = min((stopped or began).line, len(lines) - 1) if stopped or began else 0
    context = error.context or ""
    if began is not None and began.line < number and ("quoted scalar" in context or "flow" in context):
        what = "a quotation mark" if "quoted" in context else "a bracket"
        key = _key_of(lines[began.line])
        return _error(began.line, f"{what} is not closed", f"close {what}", key)
    before = next((at for at in range(number - 1, -1, -1) if lines[at].strip()), number)
    for at, certain in ((number, True), (before, True), (number, False)):
        mistake = _mistake(lines[at], certain=certain)
        if mistake is not None:
            return _error(at, f"the front matter is not valid YAML: {mistake.what or said}", mistake.fix, _key_of(lines[at]))
    fix = "quote the value, or look at the line above"
    return _error(number, f"the front matter is not valid YAML: {said}", fix, _key_of(lines[number]))


def first_mistake(raw: str) -> FrontMatterError | None:
    """What is certainly wrong in text that is no mapping but was meant as one; None if nothing is."""
    for number, line in enumerate(raw.split("\n")):
        mistake = _mistake(line, certain=True) if _key_of(line) else None
        if mistake is not None and "://" not in line.partition(" ")[0]:
            return _error(number, f"the front matter is not valid YAML: {mistake.what}", mistake.fix, _key_of(line))
    return None


def _error(number: int, what: str, fix: str, key: str | None = None) -> FrontMatterError:
    return FrontMatterError("front-matter-yaml", what, line=number + 1, field=key, fix=fix)


def _key_of(line: str) -> str | None:
    match = re.match(r"\s*([\w][\w .-]{0,40})\s*[:：]", line)
    return match[1].strip() if match else None


def _mistake(line: str, *, certain: bool) -> _Mistake | None:
    """What is wrong with a line of YAML; only what is wrong for certain, unless the parser stopped there."""
    key, colon, value = line.partition(":")
    value_text = value.strip().replace('"', '\\"')
    if "：" in line and not re.match(r"\s*[\w.-]+:", line):
        return _Mistake("a full-width colon", f"write a half-width colon: {line.replace('：', ': ', 1).strip()}")
    if re.match(r"\s*[\w.-]+:\S", line) and not re.match(r"\s*[\w.-]+:[\"'\[{]", line):
        blank = value[:1].isspace() or value[:1] in "\u200b\ufeff\u2060"
        what = "an odd blank after the colon" if blank else "no blank after the colon"
        return _Mistake(what, f"put a blank after the colon: {key.strip()}: {value.strip()}")
    if re.match(r"\s*[\w.-]+:[\u00a0\u2000-\u200b\u3000\ufeff\u2060]", line):
        return _Mistake("an odd blank after the colon", f"put a plain blank after the colon: {key.strip()}: {value.strip()}")
    if certain:
        return None
    if "\t" in line[: len(line) - len(line.lstrip())] or "\t" in value[:1]:
        return _Mistake("", "indent with blanks, not with tabs")
    if colon and value_text and value_text[0] not in "\"'":
        return _Mistake("", f'quote the value: {key.strip()}: "{value_text}"')
    return None
