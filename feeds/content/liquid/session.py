"""One rendering of a text with Liquid: what its templates may see, what they have cost, what their author should know.

Reads no file and no clock but through the scope that the caller makes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from io import StringIO
from typing import NamedTuple
from urllib.parse import urlsplit

#: What one text may cost: steps (values looked up, loop iterations, filters), and characters in variables.
MAX_STEPS = 300_000
MAX_VARIABLE_CHARS = 2_000_000
MAX_MESSAGES = 100
#: Stands for the first brace of `{{` and `{%` in text that is not a template any more, until tags have been replaced.
BRACE = "\ue07b"
_ENCODED_BRACE = "%EE%81%BB"
#: Stands for `{%` of a tag that stays in the text, until all is rendered.
TAG = "\ue07c"


class BudgetError(Exception):
    """A template costs more than one text may. Not one of the library's errors, which end only the tag that raises them."""


class TemplateMessage(NamedTuple):
    """Something that the author should know: a code, what is wrong, the line in the source from 1, and the fix."""

    code: str
    what: str
    line: int
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the templates of one post see.

    `variables` are the names of the outermost scope ("site", "page"). `include` gives the source of a file that a tag
    includes, by its name and whether it is relative to the post; None if there is none. `address` gives the address that
    a tag ("link", "post_url") writes for a name, with the tag's line. `markdown` renders Markdown, `now` is what templates
    take for the time of the build, `home` the URL of the site's front page, which ends in "/"; `markup` is "markdown" or
    "html". `filters` come before the engine's own. `language` is "liquid" for Jekyll's, "liquidjs" for Eleventy's, or
    "nunjucks". If it is not `enabled`, the text is not a template.
    """

    variables: Mapping[str, object]
    include: Callable[[str, bool], str | None]
    address: Callable[[str, str, int], str]
    markdown: Callable[[str], str]
    now: datetime
    zone: tzinfo
    home: str
    markup: str = "markdown"
    enabled: bool = True
    filters: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    language: str = "liquid"


@dataclass(slots=True)
class Session:
    """One rendering: what it may see, what it has cost, what it has to tell."""

    scope: Scope
    source: str
    messages: dict[TemplateMessage, None] = field(default_factory=dict)
    steps: int = 0
    variable_chars: int = 0
    include_at: int = 0
    """Where the tag is in the post's own source whose file is being rendered."""
    _starts: list[int] = field(default_factory=list)

    @property
    def base_path(self) -> str:
        """The path of the site below its host, without "/" at its end."""
        return urlsplit(self.scope.home).path.rstrip("/")

    def spend(self, steps: int = 1) -> None:
        """Count what a template does; BudgetError if it is too much."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise BudgetError("it takes too many steps")

    def report(self, code: str, what: str, offset: int, source: str | None = None, fix: str = "") -> None:
        """Tell about something at an offset of a source, by default the post's; in an included file at the tag's."""
        if len(self.messages) < MAX_MESSAGES:
            at = offset if source is None or source is self.source else self.include_at
            self.messages[TemplateMessage(code, what, self.line(at), fix)] = None

    def line(self, offset: int) -> int:
        """The line of an offset in the post's source, from 1."""
        if not self._starts:
            self._starts = [match.end() for match in re.finditer("\n", self.source)] or [len(self.source) + 1]
        return bisect_right(self._starts, max(offset, 0)) + 1


SESSION: ContextVar[Session] = ContextVar("liquid session")


def guarded(text: str) -> str:
    """Text whose braces are not those of a template: `{{` and `{%` begin with BRACE."""
    return text.replace("{{", BRACE + "{").replace("{%", BRACE + "%") if "{" in text else text


def unguarded(text: str) -> str:
    """HTML with its braces again, in addresses too, where Markdown has encoded what stands for one."""
    return text.replace(BRACE, "{").replace(_ENCODED_BRACE, "%7B")


class Buffer(StringIO):
    """What is written, with a bound in bytes, and the line in the source from which each line comes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.size = most, 0
        self.lines = [1]
        self._line = 1
        self._fresh = True
        self._last = ""

    def write(self, text: str, /) -> int:
        """Write what a tag shows: all its lines are from the tag's line."""
        return self._write(text, [self._line] * text.count("\n"))

    def write_source(self, text: str, line: int) -> int:
        """Write text as it is in the source, from this line on."""
        if self._fresh:
            self.lines[-1] = line
        count = text.count("\n")
        self._line = line + count
        return self._write(text, list(range(line + 1, line + count + 1)))

    def ends_with(self, text: str) -> bool:
        """Whether the last write was this text."""
        return self._last == text

    def _write(self, text: str, lines: list[int]) -> int:
        if not text:
            return 0
        self.size += len(text.encode("utf-8", "replace"))
        if self.size > self.most:
            raise BudgetError(f"the text would have more than {self.most} bytes")
        SESSION.get().spend()
        self.lines += lines
        self._fresh = text.endswith("\n")
        self._last = text
        return super().write(text)
