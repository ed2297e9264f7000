"""Front matter without fences: Pelican's `Title: …` lines up to a blank one, and Hexo's keys above a single line of dashes."""

from __future__ import annotations

import re

from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value
from feeds.posts import flag_rules, visibility
from feeds.posts.front_matter.toml_json import JsonLoader
from feeds.posts.front_matter.types import KNOWN, MAPPING_LINE, FormHandler, FrontMatterError, FrontMatterLimits, Span
from feeds.posts.front_matter.yaml import YamlLoader

_YAML_LINES = lazy_pattern(r"(?:\s*\Z|\s*#|\s*-\s|\s+\S|[\"']?[\w][\w .-]{0,60}[\"']?\s*:(?:\s|\Z))")
_HEADER = lazy_pattern(r"([A-Za-z][\w-]{0,40}):(?:[ \t]+(.*)|\Z)")
_TIGHT_HEADER = lazy_pattern(r"([A-Za-z][\w-]{0,40}):(\S.*)")
_JSON_KEY, _SEMICOLONS = lazy_pattern(r"\"[^\"\n]{1,60}\"\s*:"), lazy_pattern(r"^;{3,}[ \t]*$", re.MULTILINE)
_QUOTED = lazy_pattern(r"([\"'])([^\"']*)\1\Z")
#: More lines of keys than anybody writes.
_KEYS = 100


def is_known(key: str) -> bool:
    """Whether front matter usually has this key."""
    return key.casefold() in KNOWN or visibility.key_name(key) in flag_rules.RULES


class HeaderLines(FormHandler):
    """`Title: …` lines up to the first blank one (https://python-markdown.github.io/extensions/meta_data/)."""

    def __init__(self, limits: FrontMatterLimits) -> None:
        super().__init__(limits)
        self.keys: dict[str, list[str]] = {}

    def find(self, text: str) -> Span | None:
        last = ""
        start, number, size = 0, 0, min(len(text), self.limits.bytes)
        has_key = False
        while start < len(text):
            if start > size:
                if has_key:
                    raise FrontMatterError(
                        "bound-front-matter", f"the front matter has more than {self.limits.bytes} bytes", line=1,
                        fix="end it with a blank line, or raise bounds.front_matter_bytes",
                    )  # fmt: skip
                return None
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            line = text[start:end]
            number += 1
            result = _HEADER.match(line) or _tight(line)
            if result and len(self.keys) < _KEYS:
                last = result[1]
                has_key = has_key or is_known(last)
                self.keys.setdefault(last, []).append((result[2] or "").strip())
                self.lines.setdefault(last, number)
            elif last and line[:1] in (" ", "\t") and line.strip():
                self.keys[last].append(line.strip())
            elif not line.strip() and self.keys:
                break
            else:
                return None
            start = end + 1
        if not has_key:
            return None
        return Span(0, min(start, len(text)), min(start + (text[start : start + 1] == "\n"), len(text)))

    def load_raw(self, raw: str) -> dict[str, Value]:  # noqa: ARG002  find has read them
        return {key: _unquoted(" ".join(filter(None, parts))) for key, parts in self.keys.items()}


def _unquoted(value: str) -> str:
    """The value without quotes around the whole of it: lines of YAML that lost their fences."""
    quoted = _QUOTED.match(value)
    return quoted[2] if quoted else value


def _tight(line: str) -> re.Match[str] | None:
    """`Status:draft`, if the key is known and no address (`https://…`)."""
    match = _TIGHT_HEADER.match(line)
    return match if match and is_known(match[1]) and not match[2].startswith(("//", ":")) else None


class OpenJson(JsonLoader):
    """Hexo's JSON without an opening fence: keys, then a line of semicolons."""

    def find(self, text: str) -> Span | None:
        fence = _SEMICOLONS.search(text, 0, self.limits.bytes * 2) if _JSON_KEY.match(text) else None
        if fence is None:
            return None
        return Span(0, fence.start(), fence.end() + (text[fence.end() : fence.end() + 1] == "\n"))


class OpenYaml(YamlLoader):
    """Hexo's form without an opening fence: keys, then a line of dashes."""

    def find(self, text: str) -> Span | None:
        fence = re.search(r"^-{3,}[ \t]*$", text[: self.limits.bytes * 2], re.MULTILINE)
        lines = text[: fence.start()].splitlines() if fence else []
        if fence is None or not lines or not MAPPING_LINE.match(lines[0]) or not all(map(_YAML_LINES.match, lines)):
            return None
        if not any(is_known(line.partition(":")[0].strip(" \"'")) for line in lines):
            return None
        body = fence.end() + (text[fence.end() : fence.end() + 1] == "\n")
        return Span(0, fence.start(), body)
