"""Which lines of a Markdown body are code, and which containers (quotes, lists) hold a line: CommonMark 0.31 sections 4.4, 4.5, 5.

A reader of lines, not of Markdown: just enough to know where a template tag is text and how its output must be indented.
"""

from __future__ import annotations

import re

from feeds.content.template_tags.marks import Prefix
from feeds.lazy_patterns import lazy_pattern

_QUOTE = lazy_pattern(r"(?:[ ]{0,3}>[ ]?){0,30}")
_FENCE = lazy_pattern(r"(`{3,})[^`\n]{0,400}(?=\n|\Z)|(~{3,})")
_ITEM = lazy_pattern(r"([-+*]|[0-9]{1,9}[.)]|\[\^[^\]\n]{1,60}\]:|:(?=[ \t]))([ \t]{1,20}|(?=\n|\Z))")
_INDENTED_BLOCK = lazy_pattern(r'(?:!!!|\?\?\?\+?|===)[ \t]{1,9}[\w"]')
#: A heading, its line below, or a rule: what follows it continues no paragraph (CommonMark sections 4.1 to 4.3).
_WHOLE_LINE = lazy_pattern(
    r"(?:#{1,6}(?:[ \t][^\n]*)?|=+[ \t]*|--[ \t]*|(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})(?=\n|\Z)"
)
_CONTAINERS = lazy_pattern(r"(?:[ \t]|>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])){0,200}")


class LineReader:
    """Reads lines in their order. `read` says what the line at a place is, and where it (or the code block) ends."""

    def __init__(self, body: str) -> None:
        self.body = body
        self.lists: list[int] = []
        self.blank = True
        self.indented = False
        self.quote = ""

    def read(self, start: int) -> tuple[str, int]:
        """("fence", end), ("indented", end) or ("text", end of the line); `end` is behind the line end."""
        body = self.body
        end = body.find("\n", start)
        end = len(body) if end < 0 else end + 1
        match = _QUOTE.match(body, start, end)
        at = match.end() if match else start
        quote = body[start:at]
        if (">" in quote) != (">" in self.quote):
            self.lists, self.blank = [], True
        self.quote = quote
        column = 0
        while at < end and body[at] in " \t":
            column += 4 - column % 4 if body[at] == "\t" else 1
            at += 1
        if at >= end or body[at] == "\n":
            self.blank = True
            return "text", end
        if self.blank:
            while self.lists and column < self.lists[-1]:
                self.lists.pop()
        base = self.lists[-1] if self.lists else 0
        if column - base >= 4 and (self.blank or self.indented):
            self.indented, self.blank = True, False
            return "indented", end
        self.indented = self.blank = False
        fence = _FENCE.match(body, at, end)
        if fence:
            return "fence", self._fence_end(end, fence[1] or fence[2])
        self.blank = _WHOLE_LINE.match(body, self._items(at, column, end), end) is not None
        return "text", end

    def _fence_end(self, start: int, mark: str) -> int:
        """Behind the line that closes a fence; the end of the quote or of the body if none does."""
        body = self.body
        close = re.compile(rf"[ \t]*{mark[0]}{{{len(mark)},}}[ \t]*(?:\n|\Z)")
        base = self.lists[-1] if self.lists else 0
        while start < len(body):
            end = body.find("\n", start)
            end = len(body) if end < 0 else end + 1
            if ">" in self.quote and not body[start:end].lstrip(" ").startswith(">"):
                return start
            quote = _QUOTE.match(body, start, end) if ">" in self.quote else None
            at = quote.end() if quote else start
            match = close.match(body, at, end)
            if match and len(body[at : body.index(mark[0], at)].expandtabs(4)) - base < 4:
                return end
            start = end
        return start

    def _items(self, at: int, column: int, end: int) -> int:
        """Note the lists that begin in a line, one within the other, and say where their text begins."""
        while len(self.lists) < 60:
            match = None if _WHOLE_LINE.match(self.body, at, end) else _ITEM.match(self.body, at, end)
            if match is None:
                if _INDENTED_BLOCK.match(self.body, at, end):
                    self._open(column, column + 4)
                break
            width = len(match[2].expandtabs(4)) if match[2] else 1
            marker = 2 if match[1].startswith("[^") else len(match[1])
            # Five blanks and more begin a block of indented code in the item.
            self._open(column, column + marker + (width if width <= 4 else 1))
            column += len(match[1]) + width
            at = match.end()
            if not match[2]:
                break
        return at

    def _open(self, column: int, content: int) -> None:
        while self.lists and column < self.lists[-1]:
            self.lists.pop()
        self.lists.append(content)

    def only_containers(self, before: str) -> bool:
        """Whether what stands before a place in its line belongs to containers only."""
        match = _CONTAINERS.match(before)
        return match is not None and match.end() == len(before)

    def prefix(self, before: str) -> Prefix:
        """The containers of a place in the line that was read last; `before` is what stands before it in its line."""
        quote = "> " * self.quote.count(">")
        return Prefix(before, quote + " " * (self.lists[-1] if self.lists else 0))
