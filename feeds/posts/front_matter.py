"""Front matter in YAML, TOML and JSON: in comes a post's text, out go its keys as typed, their lines, and the body.

python-frontmatter splits and parses, through handlers of ours; scalars stay the text that the author typed, since only this
project knows what each key means. Bounds hold before a library sees the text. Must not read files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from feeds.model import Quoted, Value

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MAPPING_LINE = re.compile(r"\s*[\"']?[\w][\w .-]{0,60}[\"']?\s*:(?:\s|\Z)")
_YAML_LINES = re.compile(r"(?:\s*\Z|\s*#|\s*-\s|\s+\S|[\"']?[\w][\w .-]{0,60}[\"']?\s*:(?:\s|\Z))")
#: Keys of which one must be there before text without fences passes for front matter.
KNOWN = frozenset({
    "title", "date", "tags", "tag", "categories", "category", "author", "authors", "slug", "summary", "description",
    "layout", "permalink", "published", "draft", "status", "lang", "modified", "updated", "id", "cover", "thumbnail",
})  # fmt: skip
#: Values that an alias may repeat before it is taken for a bomb.
_NODE_BUDGET = 20_000
#: Hexo's JSON with no opening fence: keys, then a line of semicolons.
_JSON_WITHOUT_FENCE = re.compile(r"\"[^\"\n]{1,60}\"\s*:[^\0]*?^;{3,}[ \t]*$", re.MULTILINE)
_INDENTING_TAB = re.compile(r"^([ ]*\t[ \t]*)(?=\S)", re.MULTILINE)
_ODD_BREAKS = str.maketrans("\x85\u2028\u2029", "   ")
#: Levels that libyaml and json may recurse into: far below what overflows a stack.
_SAFE_LEVELS = 1_000


class FrontMatterError(ValueError):
    """Front matter that cannot be read. `line` counts from 1 within the text that was given."""

    def __init__(
        self, code: str, what: str, *, line: int | None = None, field: str | None = None, expected: str = "", mend: str = ""
    ) -> None:
        self.code, self.what, self.line, self.field, self.expected, self.mend = code, what, line, field, expected, mend
        ValueError.__init__(self, what)

    def shift(self, lines: int) -> None:
        """Count lines from further up."""
        self.line = None if self.line is None else self.line + lines
        self.what = re.sub(r"\{line:(\d+)\}", lambda found: str(int(found[1]) + lines), self.what)


@dataclass(slots=True)
class FrontMatter:
    """What was read: keys as typed, the line of each, the body, and the line on which it begins (from 1)."""

    keys: dict[str, Value]
    lines: dict[str, int]
    body: str
    body_line: int
    warnings: list[FrontMatterError] = field(default_factory=list)


def read(text: str, *, bytes_bound: int, depth_bound: int) -> FrontMatter:
    """Split and parse. Text without front matter is all body. Raises FrontMatterError."""
    stripped = text.lstrip("\n\r\t \v\f")
    skipped = text.count("\n", 0, len(text) - len(stripped))
    start = stripped[:3]
    found: FrontMatter | None
    try:
        if start == "---":
            found = _fenced(stripped, _yaml(depth_bound), bytes_bound)
        elif start == "+++":
            found = _fenced(stripped, _toml(), bytes_bound)
        elif start == ";;;":
            found = _fenced(stripped, _json(depth_bound), bytes_bound)
        elif start[:1] == "{" and re.match(r"\{\s*[\"}]", stripped):
            found = _bare_json(stripped, bytes_bound, depth_bound)
        elif start[:1] == "<":
            found = _html_head(stripped)
        elif _JSON_WITHOUT_FENCE.match(stripped[: bytes_bound * 2]):
            skipped -= 1
            found = _fenced(";;;\n" + stripped, _json(depth_bound), bytes_bound)
        elif _opens_without_fence(stripped, bytes_bound):
            skipped -= 1
            found = _fenced("---\n" + stripped, _yaml(depth_bound), bytes_bound)
        else:
            found = _header_lines(stripped)
    except FrontMatterError as error:
        error.shift(skipped)
        raise
    if found is None:
        return FrontMatter({}, {}, text, 1)
    found.lines = {key: line + skipped for key, line in found.lines.items()}
    found.body_line += skipped
    for warning in found.warnings:
        warning.shift(skipped)
    return found


@lru_cache
def _handler_class() -> Any:
    from frontmatter.default_handlers import BaseHandler

    class Handler(BaseHandler):
        """One fence, one loader of ours; keeps body and line numbers as they were."""

        def __init__(self, fence: str, load_raw: Callable[[str], Any]) -> None:
            super().__init__(fm_boundary=re.compile(rf"^{fence}[ \t]*$", re.MULTILINE), start_delimiter="", end_delimiter="")
            # YAML may end its document with dots, which Jekyll and Pandoc take for a fence.
            self.closing = re.compile(r"^(?:-{3,}|\.\.\.)[ \t]*$", re.MULTILINE) if "-" in fence else self.FM_BOUNDARY
            self.load_raw = load_raw
            self.body: str | None = None
            self.raw = ""
            self.lines: dict[str, int] = {}
            self.warnings: list[FrontMatterError] = []
            self.bytes_bound = 0

        def split(self, text: str) -> tuple[str, str]:
            boundary = self.FM_BOUNDARY
            assert boundary is not None  # noqa: S101  given above
            first = boundary.match(text)
            assert self.closing is not None  # noqa: S101  given above
            second = self.closing.search(text, first.end()) if first else None
            if first is None or second is None:
                raise ValueError("no fence")
            self.raw = text[first.end() : second.start()]
            body = text[second.end() :]
            self.body = body[1:] if body[:1] == "\n" else body
            return self.raw, self.body

        def load(self, fm: str) -> dict[str, Any]:
            if len(fm) > self.bytes_bound or len(fm.encode()) > self.bytes_bound:
                raise FrontMatterError(
                    "bound-front-matter",
                    f"the front matter has more than {self.bytes_bound} bytes",
                    line=1,
                    mend="shorten it, or raise bounds.front_matter_bytes",
                )
            keys: dict[str, Any]
            keys, self.lines, self.warnings = self.load_raw(fm)
            return keys

    return Handler


def _fenced(text: str, load_raw: Callable[[str], Any], bytes_bound: int) -> FrontMatter | None:
    import frontmatter

    fence = re.escape(text[0]) + "{3,}"
    handler = _handler_class()(fence, load_raw)
    handler.bytes_bound = bytes_bound
    opening = text.partition("\n")[0]
    if not re.match(rf"{fence}[ \t]*\Z", opening):
        return None
    # What follows the second fence is the body, blank lines at its end included: parse() must not see them as text's end.
    parsed, _ = frontmatter.parse(text, handler=handler)
    keys = cast("dict[str, Value]", parsed)
    if handler.body is None:
        second_line = text.partition("\n")[2].lstrip("\n").partition("\n")[0]
        if text[0] == "-" and not _MAPPING_LINE.match(second_line):
            return None
        raise FrontMatterError(
            "front-matter-open",
            "the front matter is not closed",
            line=1,
            expected=f"a line {text[:3]} after the last key",
            mend=f"add a line {text[:3]}",
        )
    if not keys and handler.raw.strip() and not handler.lines:
        first = handler.raw.strip("\n").partition("\n")[0]
        if handler.warnings and not _MAPPING_LINE.match(first):
            return FrontMatter({}, {}, text, 1, handler.warnings)
    return FrontMatter(
        keys,
        handler.lines,
        handler.body,
        2 + handler.raw.count("\n"),
        handler.warnings,
    )


def _opens_without_fence(text: str, bytes_bound: int) -> bool:
    """Whether this is Hexo's form with no opening fence: keys, then a line of dashes."""
    fence = re.search(r"^-{3,}[ \t]*$", text[: bytes_bound * 2], re.MULTILINE)
    lines = text[: fence.start()].splitlines() if fence else []
    return (
        bool(lines)
        and _MAPPING_LINE.match(lines[0]) is not None
        and all(map(_YAML_LINES.match, lines))
        and not KNOWN.isdisjoint(line.partition(":")[0].strip(" \"'").casefold() for line in lines)
    )


def _header_lines(text: str) -> FrontMatter | None:
    """Pelican's Markdown: `Title: …` lines up to the first blank one."""
    keys: dict[str, Value] = {}
    lines: dict[str, int] = {}
    last = ""
    rest = text.split("\n")
    for number, line in enumerate(rest, 1):
        found = re.match(r"([A-Za-z][\w-]{0,40}):(?:[ \t]+(.*)|\Z)", line)
        if found and number <= 100:
            last = found[1]
            keys[last] = (found[2] or "").strip()
            lines[last] = number
        elif last and line[:1] in " \t" and line.strip():
            keys[last] = f"{keys[last]} {line.strip()}".strip()
        elif not line.strip() and keys:
            break
        else:
            return None
    if not {key.casefold() for key in keys} & KNOWN:
        return None
    return FrontMatter(keys, lines, "\n".join(rest[number:]), number + 1)


def _html_head(text: str) -> FrontMatter | None:
    """Pelican's HTML: the head's title and meta elements are the front matter, the body is the body."""
    head = re.search(r"<head\b[^>]*>(.*?)</head\s*>", text[:200_000], re.IGNORECASE | re.DOTALL)
    body = re.search(r"<body\b[^>]*>", text, re.IGNORECASE)
    if head is None or body is None:
        return None
    from html.parser import HTMLParser

    keys: dict[str, Value] = {}
    lines: dict[str, int] = {}

    class Head(HTMLParser):
        in_title = False

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            said = dict(attributes)
            self.in_title = tag == "title"
            name = said.get("name")
            if tag == "meta" and name and said.get("content") is not None:
                keys.setdefault(name, said["content"])
                lines.setdefault(name, self.getpos()[0])

        def handle_data(self, data: str) -> None:
            if self.in_title:
                keys["title"] = data.strip()
                lines.setdefault("title", self.getpos()[0])
                self.in_title = False

    parser = Head()
    parser.feed(head[1])
    above = text.count("\n", 0, head.start(1))
    end = text.lower().rfind("</body")
    inner = text[body.end() : end if end > body.end() else len(text)]
    return FrontMatter(keys, {key: line + above for key, line in lines.items()}, inner, text.count("\n", 0, body.end()) + 1)


# YAML


def _yaml(depth_bound: int) -> Callable[[str], Any]:
    def load(raw: str) -> tuple[Value, dict[str, int], list[FrontMatterError]]:
        import yaml

        # YAML takes these for ends of lines (1.1 section 5.4); no editor does, and whoever pasted them saw a blank.
        raw = raw.translate(_ODD_BREAKS)
        levels = _levels(raw)
        if levels > _SAFE_LEVELS:
            raise _too_deep(depth_bound)
        loader = _loader_class()(raw)
        try:
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            if _INDENTING_TAB.search(raw):
                # No YAML is indented with tabs (section 6.1), but Hexo reads them as two blanks each.
                return load(_INDENTING_TAB.sub(lambda found: found[1].replace("\t", "  "), raw))
            raise _yaml_error(raw, error) from None
        except yaml.YAMLError as error:
            raise FrontMatterError("front-matter-yaml", f"the front matter is no YAML: {error}", line=1) from None
        finally:
            loader.dispose()
        return _from_node(node, raw, depth_bound)

    return load


@lru_cache
def _loader_class() -> Any:
    import yaml

    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _levels(raw: str) -> int:
    """An upper bound of how deeply the text nests, found without recursion."""
    flow = raw.count("[") + raw.count("{")
    if flow > 50:
        deepest = level = 0
        for character in raw:
            if character in "[{":
                level += 1
                deepest = max(deepest, level)
            elif character in "]}":
                level = max(0, level - 1)
        flow = deepest
    block = max((len(run) for run in re.findall(r"^[ \-?:!&*]*", raw, re.MULTILINE)), default=0)
    return flow + block


def _too_deep(bound: int) -> FrontMatterError:
    return FrontMatterError(
        "bound-front-matter-depth",
        f"the front matter nests deeper than {bound} levels",
        line=1,
        mend="flatten it, or raise bounds.front_matter_depth",
    )


def _from_node(node: Any, raw: str, depth_bound: int) -> tuple[dict[str, Value], dict[str, int], list[FrontMatterError]]:
    import yaml

    if node is None:
        return {}, {}, []
    if not isinstance(node, yaml.MappingNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "plain text"
        first = raw.strip("\n").partition("\n")[0]
        wrong = FrontMatterError(
            "front-matter-type",
            f"what stands between the fences is {kind}, so it is taken as the text of the post",
            line=1,
            expected="keys and values, as title: …",
            mend="write keys, or take the fence away",
        )
        if _MAPPING_LINE.match(first) or "：" in first:
            wrong.what = f"the front matter is {kind}"
            if "：" in first:
                wrong.mend = "write a half-width colon and a blank after each key"
            raise wrong
        return {}, {}, [wrong]
    budget = _NODE_BUDGET

    def value(one: Any, depth: int) -> Value:
        nonlocal budget
        budget -= 1
        if budget < 0:
            raise FrontMatterError(
                "front-matter-aliases",
                "the front matter repeats itself through aliases too often",
                line=1,
                mend="write the values out",
            )
        if depth > depth_bound:
            raise _too_deep(depth_bound)
        if isinstance(one, yaml.ScalarNode):
            text: str = one.value
            if one.style:
                return Quoted(text)
            return None if text in _NULLS else text
        if isinstance(one, yaml.SequenceNode):
            return [value(item, depth + 1) for item in one.value]
        return mapping(one, depth)[0]

    def mapping(one: Any, depth: int) -> tuple[dict[str, Value], dict[str, int]]:
        keys: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, said in one.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise FrontMatterError("front-matter-key", "a key is a list or a table", line=line, expected="text")
            name = key.value
            if name == "<<" and not key.style:
                raise FrontMatterError(
                    "front-matter-merge",
                    "a merge key (<<) is not read",
                    line=line,
                    mend="write the keys out",
                )
            if name in keys:
                raise FrontMatterError(
                    "front-matter-duplicate",
                    f"the key {name!r} stands twice, on lines {{line:{lines[name]}}} and {{line:{line}}}",
                    line=line,
                    field=name,
                    mend="delete one of them",
                )
            keys[name] = value(said, depth + 1)
            lines[name] = line
        return keys, lines

    keys, lines = mapping(node, 1)
    return keys, lines, _cut_values(node, raw)


def _cut_values(node: Any, raw: str) -> list[FrontMatterError]:
    """Values that YAML cut at ` #`, where the author plainly meant the sign: `title: 入门 #1`."""
    warnings: list[FrontMatterError] = []
    if " #" not in raw:
        return warnings
    lines = raw.split("\n")
    for key, said in node.value:
        mark = said.end_mark
        if getattr(said, "style", "x") or mark.line >= len(lines):
            continue
        rest = lines[mark.line][mark.column :]
        if re.match(r"\s+#[^\s#]", rest):
            warnings.append(
                FrontMatterError(
                    "front-matter-cut",
                    f"YAML ends the value before {rest.strip()[:40]!r}",
                    line=key.start_mark.line + 1,
                    field=key.value,
                    mend=f"quote it: {key.value}: {json.dumps((said.value + rest).strip(), ensure_ascii=False)}",
                )
            )
    return warnings


def _yaml_error(raw: str, error: Any) -> FrontMatterError:
    mark = error.problem_mark or error.context_mark
    lines = raw.split("\n")
    number = min(mark.line, len(lines) - 1) if mark is not None else 0
    line = lines[number]
    before = lines[number - 1] if number else ""
    what = f"the front matter is no YAML: {error.problem or error.context}"
    key, colon, said = line.partition(":")
    quoted = said.strip().replace('"', '\\"')
    if "：" in line and not re.match(r"\s*[\w-]+:", line):
        mend = f"write a half-width colon: {line.replace('：', ': ', 1).strip()}"
    elif "：" in before and not re.match(r"\s*[\w-]+:", before):
        number, mend = number - 1, f"write a half-width colon: {before.replace('：', ': ', 1).strip()}"
    elif "\t" in line[: len(line) - len(line.lstrip())] or "\t" in said[:1]:
        mend = "indent with blanks, not with tabs"
    elif colon and quoted and quoted[0] not in "\"'":
        mend = f'quote the value: {key.strip()}: "{quoted}"'
    elif re.match(r"\s*[\w-]+:\S", line):
        mend = f"put a blank after the colon: {key.strip()}: {said}"
    else:
        mend = "quote the value, or look at the line above"
    return FrontMatterError(
        "front-matter-yaml",
        what,
        line=number + 1,
        field=key.strip() if colon and re.match(r"\s*[\w-]+:", line) else None,
        mend=mend,
    )


# TOML and JSON


def _toml() -> Callable[[str], Any]:
    def load(raw: str) -> tuple[dict[str, Value], dict[str, int], list[FrontMatterError]]:
        import tomllib

        if _levels(raw) > _SAFE_LEVELS:
            raise _too_deep(_SAFE_LEVELS)
        try:
            tree = tomllib.loads(raw, parse_float=str)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            found = re.search(r"at line (\d+)", str(error))
            raise FrontMatterError(
                "front-matter-toml",
                f"the front matter is no TOML: {error}",
                line=int(found[1]) if found else 1,
                mend="quote texts, and write dates as 2021-08-04T05:49:00+08:00",
            ) from None
        keys = {key: _plain(value) for key, value in tree.items()}
        return keys, _key_lines(raw, keys, r"\s*[\"']?{}[\"']?\s*=|\s*\[+\s*{}\s*[\].]"), []

    return load


def _json(depth_bound: int) -> Callable[[str], Any]:
    def load(raw: str) -> tuple[dict[str, Value], dict[str, int], list[FrontMatterError]]:
        text = raw.strip()
        text = text if text[:1] == "{" else "{" + text + "}"
        keys, _ = _json_object(text, depth_bound)
        return keys, _key_lines(raw, keys, r"\s*[{{,]?\s*\"{}\"\s*:"), []

    return load


def _bare_json(text: str, bytes_bound: int, depth_bound: int) -> FrontMatter:
    import frontmatter

    found: list[int] = []

    class Handler(_handler_class()):  # type: ignore[misc]
        """A JSON object with no fence: it ends where its last brace does."""

        def split(self, whole: str) -> tuple[str, str]:
            end = _json_object(whole[: bytes_bound + 1] if len(whole) > bytes_bound else whole, depth_bound)[1]
            found.append(end)
            return whole[:end], whole[end:]

    handler = Handler(r"\{", _json(depth_bound))
    handler.bytes_bound = bytes_bound
    parsed, _ = frontmatter.parse(text, handler=handler)
    keys = cast("dict[str, Value]", parsed)
    rest = text[found[0] :]
    line = text.count("\n", 0, found[0]) + 1
    if rest[:1] == "\n":
        rest, line = rest[1:], line + 1
    return FrontMatter(keys, handler.lines, rest, line)


def _json_object(text: str, depth_bound: int) -> tuple[dict[str, Value], int]:
    if _levels(text) > _SAFE_LEVELS and _json_depth(text) > depth_bound:
        raise _too_deep(depth_bound)

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = dict(found)
        if len(keys) < len(found):
            names = [name for name, _ in found]
            twice = next(name for name in names if names.count(name) > 1)
            raise FrontMatterError(
                "front-matter-duplicate", f"the key {twice!r} stands twice", field=twice, mend="delete one of them"
            )
        return keys

    try:
        tree, end = json.JSONDecoder(object_pairs_hook=pairs, parse_float=str, parse_int=str).raw_decode(text)
    except json.JSONDecodeError as error:
        raise FrontMatterError(
            "front-matter-json", f"the front matter is no JSON: {error.msg}", line=error.lineno, mend="check quotes and commas"
        ) from None
    except RecursionError:
        raise _too_deep(depth_bound) from None
    return {key: _plain(value) for key, value in tree.items()}, end


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


def _plain(value: Any) -> Value:
    """A TOML or JSON value as the same kind of text that YAML front matter gives."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _key_lines(raw: str, keys: Mapping[str, Value], pattern: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(raw.split("\n"), 1):
        for key in keys:
            if key not in lines and key in line and re.match(pattern.replace("{}", re.escape(key)).replace("{{", "{"), line):
                lines[key] = number
    return lines
