"""What front matter is read into, and how a form of it is read: the values and the handler that the other modules share.

A form is a handler of python-frontmatter (https://python-frontmatter.readthedocs.io/en/latest/handlers.html): the library
detects, splits and loads through it. Must not know any form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from frontmatter.default_handlers import BaseHandler

from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value

#: Keys of which one must be there before text without fences passes for front matter.
KNOWN = frozenset({
    "title", "date", "tags", "tag", "categories", "category", "author", "authors", "slug", "summary", "description",
    "layout", "permalink", "published", "draft", "status", "lang", "modified", "updated", "id", "cover", "thumbnail",
})  # fmt: skip
#: A line `key: value` of a mapping.
MAPPING_LINE = lazy_pattern(r"\s{0,99}[\"']?[\w][\w .-]{0,60}+[\"']?\s{0,99}:(?:\s|\Z)")
#: Levels that libyaml and json may recurse into: far below what overflows a stack.
SAFE_LEVELS = 1_000


#: python-frontmatter strips the body; between two of these its blanks are safe. No text that is read holds a NUL.
GUARD = "\0"


class FrontMatterError(Exception):
    """Front matter that cannot be read. `line` counts from 1 within the text that was given.

    Not a ValueError: python-frontmatter takes that for "there is no front matter".
    """

    def __init__(
        self, code: str, what: str, *, line: int | None = None, field: str | None = None, expected: str = "", fix: str = ""
    ) -> None:
        self.code, self.what, self.line, self.field, self.expected, self.fix = code, what, line, field, expected, fix
        Exception.__init__(self, what)

    def shift(self, lines: int) -> None:
        """Count lines from further up."""
        self.line = None if self.line is None else self.line + lines
        self.what = re.sub(r"\{line:(\d+)\}", lambda match: str(int(match[1]) + lines), self.what)


class FrontMatterLimits(NamedTuple):
    """How much front matter is read: bytes of the whole, levels of lists and tables; and what a key means that is set twice.

    With `last_key_wins` it has its last value, which is a warning; else it is an error.
    """

    bytes: int
    depth: int
    last_key_wins: bool = False

    def too_deep(self) -> FrontMatterError:
        """The error for front matter that nests too deeply."""
        return FrontMatterError(
            "bound-front-matter-depth", f"the front matter nests deeper than {self.depth} levels", line=1,
            fix="flatten it, or raise bounds.front_matter_depth",
        )  # fmt: skip

    def check_size(self, raw: str) -> None:
        """Raises FrontMatterError if the front matter is larger than the bound."""
        if len(raw) > self.bytes or len(raw.encode("utf-8", "replace")) > self.bytes:
            raise FrontMatterError(
                "bound-front-matter", f"the front matter has more than {self.bytes} bytes", line=1,
                fix="shorten it, or raise bounds.front_matter_bytes",
            )  # fmt: skip


@dataclass(slots=True)
class FrontMatter:
    """What was read: keys as typed, the line of each, the body, and the line on which it begins (from 1)."""

    keys: dict[str, Value]
    lines: dict[str, int]
    body: str
    body_line: int
    warnings: list[FrontMatterError] = field(default_factory=list)


class Span(NamedTuple):
    """Where front matter lies in a text: the raw keys, and where the body begins. Offsets in characters."""

    start: int
    end: int
    body: int


class FormHandler(BaseHandler):
    """One form of front matter. `find` says where it is; `load_raw` reads it and sets `lines` and `warnings`."""

    FM_BOUNDARY = lazy_pattern(r"(?!)")  # the library wants one; `find` decides

    def __init__(self, limits: FrontMatterLimits) -> None:
        super().__init__()
        self.limits = limits
        self.span: Span | None = None
        self.lines: dict[str, int] = {}
        self.warnings: list[FrontMatterError] = []

    def find(self, text: str) -> Span | None:
        """Where the front matter is in a text that begins with it; None if the text has none of this form."""
        raise NotImplementedError

    def load_raw(self, raw: str) -> dict[str, Value]:
        """The keys in the raw front matter; lines count from 1 within it. Raises FrontMatterError."""
        raise NotImplementedError

    def detect(self, text: str) -> bool:
        self.span = self.find(text)
        return self.span is not None

    def split(self, text: str) -> tuple[str, str]:
        """Raw front matter, and the body behind a GUARD. A ValueError tells the library that there is none."""
        if self.span is None and not self.detect(text):
            raise ValueError("no front matter of this form")
        assert self.span is not None  # noqa: S101  detected
        return text[self.span.start : self.span.end], GUARD + text[self.span.body :]

    def load(self, fm: str, **_: object) -> dict[str, Any]:
        self.limits.check_size(fm)
        return self.load_raw(fm)


def plain(value: object, limits: FrontMatterLimits, depth: int = 1) -> Value:
    """A TOML, JSON or JavaScript value as the same kind of text that YAML front matter gives. Raises FrontMatterError."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if depth > limits.depth:
        raise limits.too_deep()
    if isinstance(value, list):
        return [plain(item, limits, depth + 1) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item, limits, depth + 1) for key, item in value.items()}
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def levels(raw: str) -> int:
    """An upper bound of how deeply brackets nest in a text, found without recursion."""
    flow = raw.count("[") + raw.count("{")
    if flow <= 50:
        return flow
    deepest = level = 0
    for character in raw:
        if character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level = max(0, level - 1)
    return deepest
