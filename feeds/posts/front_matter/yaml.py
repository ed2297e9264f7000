"""Front matter in YAML: every scalar stays the text that its author typed; a mistake is reported with its line and the fix.

PyYAML parses (its C parser, if built), bounds hold before it sees the text. Must not know what a key means.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from feeds.data_trees import without_indenting_tabs
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Quoted, Value
from feeds.posts.front_matter.plain_yaml import NULLS, scan
from feeds.posts.front_matter.types import SAFE_LEVELS, FormHandler, FrontMatterError, FrontMatterLimits, levels
from feeds.posts.front_matter.yaml_mistakes import explained

#: Values that an alias may repeat before it is taken for a bomb.
_NODE_BUDGET = 20_000
#: Levels of a list below a key.
_PLAIN_DEPTH = 3
#: YAML 1.1 section 5.4 ends a line at these; no editor does, and who pasted them saw a blank.
_ODD_BREAKS = str.maketrans("\x85\u2028\u2029", "   ")
#: Characters that YAML does not allow and XML does (YAML 1.1 section 4.1, `c-printable`).
_UNPRINTABLE = lazy_pattern("[\x7f-\x84\x86-\x9f]")
_INDICATORS = lazy_pattern(r"^[ \-?:!&*]*", re.MULTILINE)


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
            if (spaced := without_indenting_tabs(raw)) != raw:
                return self.load_with_libyaml(spaced)
            raise explained(raw, error) from None
        except yaml.YAMLError as error:
            match = _UNPRINTABLE.search(raw)
            if match is None:
                raise FrontMatterError("front-matter-yaml", f"the front matter is not valid YAML: {error}", line=1) from None
            raise FrontMatterError(
                "front-matter-yaml", f"the front matter holds the control character U+{ord(match[0]):04X}",
                line=raw.count("\n", 0, match.start()) + 1, fix="delete it",
            ) from None  # fmt: skip
        finally:
            loader.dispose()
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.warnings.append(not_a_mapping(node))
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

    def __init__(self, limits: FrontMatterLimits, raw: str) -> None:
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


def not_a_mapping(node: Any) -> FrontMatterError:
    """What is between the fences is not keys; no node if it is no YAML. The caller decides whether it is the post's text."""
    kind = "a list" if isinstance(node, yaml.SequenceNode) else "plain text"
    return FrontMatterError(
        "front-matter-type", f"what is between the fences is {kind}, so it is taken as the text of the post",
        line=1, expected="keys and values, e.g. title: …", fix="write keys, or delete the fences",
    )  # fmt: skip


#: Keys whose values are often written as tags are in a text: `tags: #tea, #boats`.
_TERMS = {"tags", "tag", "categories", "category", "keywords"}


def _cut_values(node: Any, raw: str) -> list[FrontMatterError]:
    """Values of which YAML drops a part that the author plainly meant: `title: 入门 #1`, `title: !important`, `title: # one`."""
    warnings: list[FrontMatterError] = []
    if not any(mark in raw for mark in (" #", ": !", ": &", " - ")):
        return warnings
    lines = raw.split("\n")
    for key, value in node.value:
        mark = value.end_mark
        if getattr(value, "style", "x") or mark.line >= len(lines):
            continue
        if re.search(r"\n[ ]{0,40}- ", raw[value.start_mark.index : mark.index]):
            what = "the lines below the key go on with its first value, as that has no dash"
            fix = "write the first value in a line of its own that begins with a dash"
            warnings.append(FrontMatterError("terms-list", what, line=key.start_mark.line + 1, field=key.value, fix=fix))
            continue
        begin = raw[value.start_mark.index : value.start_mark.index + 2]
        if begin[:1] in ("!", "&") and begin != "!!" and not _is_repeated(begin, value, raw):
            written = lines[value.start_mark.line][value.start_mark.column :].strip()
            lost = written.split()[0]
            warnings.append(_cut(key, f"YAML takes {lost[:40]!r} for a mark of its own", written))
            continue
        rest = lines[mark.line][mark.column :]
        if not value.value and key.value.casefold() == "title" and re.match(r"\s+#\s", rest):
            # A template's comment, or a title that begins with the sign: nothing that could be corrected by rule.
            what = f"the title is empty: YAML takes {rest.strip()[:40]!r} for a comment"
            fix = "write a title, in quotes if # belongs to it"
            warnings.append(FrontMatterError("front-matter-cut", what, line=key.start_mark.line + 1, field=key.value, fix=fix))
        elif re.match(r"\s+#[^\s#]", rest):
            warnings.append(_cut(key, f"YAML ends the value before {rest.strip()[:40]!r}", (value.value + rest).strip()))
    return warnings


def _is_repeated(begin: str, value: Any, raw: str) -> bool:
    """Whether an anchor (`&name`) is one in earnest: an alias (`*name`) repeats its value."""
    name = re.match(r"&([\w-]{1,99})", raw[value.start_mark.index : value.start_mark.index + 100])
    return begin[0] == "&" and name is not None and re.search(rf"\*{re.escape(name[1])}(?![\w-])", raw) is not None


def _cut(key: Any, what: str, whole: str) -> FrontMatterError:
    fix = f"quote it: {key.value}: {json.dumps(whole, ensure_ascii=False)}"
    if key.value.casefold() in _TERMS:
        names = [name.strip().lstrip("#") for name in re.split(r"[,，、]|\s#", whole)]
        fix = f"write a list: {key.value}: {json.dumps([name for name in names if name], ensure_ascii=False)}"
    return FrontMatterError("front-matter-cut", what, line=key.start_mark.line + 1, field=key.value, fix=fix)
