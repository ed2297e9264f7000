"""A place in a body that moves forward: lines, paragraphs, code and the pieces up to it. Knows no generator's tags.

Linear in the length of the body: what was looked for in vain is not looked for again.
"""

from __future__ import annotations

from collections.abc import Iterator

from feeds.content.template_tags.lines import LineReader
from feeds.content.template_tags.marks import Code, Piece, Prefix, TagContext, Text
from feeds.lazy_patterns import lazy_pattern

_PARAGRAPH_END = lazy_pattern(r"\n[ \t>]*(?=\n|\Z)")
_TICKS = lazy_pattern(r"`+")
#: A tag that has more characters of its line before or behind it is taken to be in the middle of text.
_LONG_LINE = 400
_BLANK_REST = lazy_pattern(r"[^\S\n]{0,400}(?=\n|\Z)")


class Cursor:
    """Where a scan of a body is, and what it has handed on."""

    def __init__(self, body: str, context: TagContext) -> None:
        self.body, self.context = body, context
        self.markdown = context.markup == "markdown"
        self.lines = LineReader(body)
        self.pos = 0
        self.text_from = 0
        self.line = 1
        self.counted = 0
        self.line_start = 0
        #: How far `after_jump` has looked for the beginning of the line.
        self.searched = 0
        #: Where the indented line ends that may be code, and in which generators read tags all the same.
        self.indented_end = 0
        self.paragraph_end = -1
        self.last_ticks: dict[int, int] = {}
        #: Ends that were looked for in vain from some place on.
        self.without: dict[str, int] = {}
        tables = context.tables
        self.plain = "hexo" in tables and "hugo" in tables

    def flush(self, end: int, resume: int | None = None) -> Iterator[Piece]:
        """The text up to `end`; text goes on at `resume`."""
        if end > self.text_from:
            yield Text(self.body[self.text_from : end])
        self.text_from = self.pos = end if resume is None else resume

    def line_of(self, at: int) -> int:
        """The line of a place; places come in their order."""
        if at > self.counted:
            self.line += self.body.count("\n", self.counted, at)
            self.counted = at
        return self.line

    def missing(self, what: str, at: int) -> bool:
        """Whether this end was looked for before from here or earlier, and is not there."""
        start = self.without.get(what)
        return start is not None and at >= start

    # lines, code

    def at_line_start(self, start: int) -> Iterator[Piece]:
        """Hand on the lines of code that begin here."""
        self.line_start = start
        if not self.markdown:
            return
        while start < len(self.body):
            kind, end = self.lines.read(start)
            if kind == "text" or (kind == "indented" and not self.plain):
                self.indented_end = end if kind == "indented" else start
                break
            yield from self.flush(start, end)
            yield from self.code(start, end)
            start = self.line_start = end
        self.pos = max(self.pos, start)

    def in_indented_code(self, start: int, end: int) -> bool:
        """Whether what is between two places begins in indented code, and no line of it leaves the code."""
        if end <= self.indented_end or start >= self.indented_end or self.lines.quote:
            return end <= self.indented_end
        column = 4 + (self.lines.lists[-1] if self.lines.lists else 0)
        lines = (line.expandtabs(4) for line in self.body[start:end].split("\n")[1:])
        return all(not line.strip() or len(line) - len(line.lstrip(" ")) >= column for line in lines)

    def code(self, start: int, end: int) -> Iterator[Piece]:
        """What is between two places, as code."""
        yield Code(self.shown(self.body[start:end]))

    def shown(self, code: str) -> str:
        """Code as the generator shows it: the marks with which a tag is kept from being one are gone."""
        return unescaped(code, self.context.tables) if "/*" in code else code

    def ticks(self, start: int, count: int) -> Iterator[Piece]:
        """Inline code, from one run of backticks to the next of the same length within the paragraph."""
        if not self.markdown:
            return
        if start >= self.paragraph_end:
            self.new_paragraph(start)
        if self.last_ticks.get(count, -1) <= start:
            return
        for run in _TICKS.finditer(self.body, start + count, self.paragraph_end):
            if len(run[0]) == count:
                yield from self.flush(start, run.end())
                yield from self.code(start, run.end())
                return

    def new_paragraph(self, start: int) -> None:
        """Look for the end of the paragraph, and for the last run of backticks of each length in it."""
        end = _PARAGRAPH_END.search(self.body, start)
        self.paragraph_end = end.start() + 1 if end else len(self.body)
        self.last_ticks = {len(run[0]): run.start() for run in _TICKS.finditer(self.body, start, self.paragraph_end)}

    def place(self, start: int, end: int) -> dict[str, object]:
        """Where a tag stands in its line."""
        before = self.body[self.line_start : start] if start - self.line_start < _LONG_LINE else "x"
        line_end = self.blank_to_line_end(end)
        first = self.lines.only_containers(before)
        last = line_end is not None
        prefix = self.lines.prefix(before) if self.markdown else Prefix()
        table = (False, False)
        if first and line_end is not None and self.markdown:
            table = (self.has_bar(self.line_start - 1), self.has_bar(line_end + 1, forward=True))
        return {"first": first, "last": last, "prefix": prefix, "beside_table": table, "line": self.line_of(start)}

    def is_first(self, start: int) -> bool:
        """Whether nothing but marks of lists and quotations comes before a place in its line."""
        return self.lines.only_containers(self.body[self.line_start : min(start, self.line_start + _LONG_LINE)])

    def blank_to_line_end(self, at: int) -> int | None:
        """The end of the line at a place if only blanks come before it, None otherwise."""
        match = _BLANK_REST.match(self.body, at)
        return match.end() if match else None

    def has_bar(self, at: int, *, forward: bool = False) -> bool:
        """Whether the line at a place may be the row of a table."""
        if at < 0:
            return False
        start = at if forward else self.body.rfind("\n", max(0, at - 2_000), at) + 1
        end = self.body.find("\n", at, at + 2_000) if forward else at
        return "|" in self.body[start : end if end >= 0 else start + 2_000]

    def after_jump(self, at: int) -> None:
        """The scan goes on in another line."""
        newline = self.body.rfind("\n", max(self.line_start, self.searched), at)
        self.searched = at
        if newline >= 0:
            self.line_start = newline + 1

    def dropped(self, start: int, end: int) -> Iterator[Piece]:
        """Leave out what stands here; a line that held nothing else goes with it."""
        line_end = self.blank_to_line_end(end)
        if line_end is not None and self.line_start >= self.text_from and self.is_first(start):
            yield from self.flush(self.line_start, line_end)
        else:
            yield from self.flush(start, end)
        self.after_jump(self.pos)


_ESCAPED_HUGO = lazy_pattern(r"\{\{([<%])/\*")
_ESCAPED_ZOLA = lazy_pattern(r"\{(\{|%)\s{0,9}/\*((?:[^*{]|\*(?!/)|\{(?!\{)){0,2000})\*/\s{0,9}(\}|%)\}")
#: The end of a short code of Hugo, by the mark with which it begins.
HUGO_END = {"<": ">}}", "%": "%}}"}


def unescaped(code: str, tables: tuple[str, ...]) -> str:
    """Code in which `{{</* tag */>}}` of Hugo and `{{/* tag */}}` of Zola are the tags that they show."""
    if "hugo" in tables:
        code = "".join(_unescaped_hugo(code))
    if "zola" in tables:
        code = _ESCAPED_ZOLA.sub(r"{\1\2\3}", code)
    return code


def _unescaped_hugo(code: str) -> Iterator[str]:
    """The parts of the text. Between `{{</*` and the next `*/>}}` anything may stand, other short codes too."""
    start = 0
    missing: set[str] = set()
    for match in _ESCAPED_HUGO.finditer(code):
        closing = HUGO_END[match[1]]
        if match.start() < start or closing in missing:
            continue
        end = code.find(f"*/{closing}", match.end())
        if end < 0:
            missing.add(closing)
            continue
        yield f"{code[start : match.start()]}{{{{{match[1]}{code[match.end() : end]}{closing}"
        start = end + 2 + len(closing)
    yield code[start:]
