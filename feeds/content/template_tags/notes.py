"""Notes to oneself in a body, in the forms of all generators: each is dropped where it is found.

In come the marks with which one begins, out goes nothing but the text before it. Knows nothing of tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feeds.content.template_tags import sections
from feeds.content.template_tags.cursor import Cursor
from feeds.content.template_tags.marks import Piece, TagContext
from feeds.lazy_patterns import lazy_pattern

_ATTRIBUTES = lazy_pattern(r"\{#[\w:.-]{1,100}(?:[ \t][^{}\n#]{0,300})?\}")
_RAW_END = lazy_pattern(r"\{:/(?:nomarkdown)?\}")
_KRAMDOWN = lazy_pattern(r"\{::(\w{1,30})((?:[^{}\n/]|/(?!\})){0,300})(/?)\}")


class Notes(Cursor):
    """A scan of a body that drops notes to oneself."""

    def __init__(self, body: str, context: TagContext) -> None:
        super().__init__(body, context)
        tables = context.tables
        self.percent = any(table in tables for table in ("hexo", "jekyll", "liquid-tags", "zola"))
        self.obsidian, self.kramdown = "obsidian" in tables, "kramdown" in tables

    def open_comment(self, start: int) -> Iterator[Piece]:
        """A comment without an end hides its paragraph, and at the beginning of a line all that follows (CommonMark 4.6, HTML)."""
        if start < self.indented_end or self.body[start + 4 : start + 5] in (">", "`"):
            return
        other_end = -1 if self.missing("--!>", start) else self.body.find("--!>", start)
        if other_end < 0:
            self.without.setdefault("--!>", start)
        else:
            # HTML section 13.2.5.53 takes it for an end, too.
            yield from self.dropped(start, other_end + 4)
            return
        if start >= self.paragraph_end:
            self.new_paragraph(start)
        end = len(self.body) if self.is_first(start) or not self.markdown else self.paragraph_end
        what = "a comment is not closed: what follows is left out"
        self.context.note("comment", what, self.line_of(start), "close it with -->", "warning")
        yield from self.dropped(start, end)

    def mistyped_comment(self, start: int) -> Iterator[Piece]:
        """`<!- note -->` and the like: Markdown would show it."""
        if start >= self.paragraph_end:
            self.new_paragraph(start)
        if start < self.indented_end or self.missing(f"<!- {self.paragraph_end}", start):
            return
        end = sections.mistyped_comment_end(self.body, start, self.paragraph_end)
        if end is None:
            self.without.setdefault(f"<!- {self.paragraph_end}", start)
            return
        what = f"a comment is mistyped, and is left out: {self.body[start:end].strip()[:30]!r}"
        self.context.note("comment", what, self.line_of(start), "begin it with <!-- and end it with -->", "warning")
        yield from self.dropped(start, end)

    def nunjucks_comment(self, start: int) -> Iterator[Piece]:
        """`{# … #}` of Nunjucks, Jinja and Tera; `{#id}` behind a heading is none."""
        if _ATTRIBUTES.match(self.body, start) or self.body[start - 1 : start] == "$":  # `${#array[@]}` of a shell
            return
        if start >= self.paragraph_end:
            self.new_paragraph(start)
        # Where no engine reads them, a comment ends within its paragraph.
        alone = self.is_first(start) and self.body[start + 2 : start + 3] in ("\n", " ", "-")
        limit = len(self.body) if self.percent or alone else self.paragraph_end
        end = self.body.find("#}", start + 2, limit) if not self.missing(f"#}} {limit}", start) else -1
        if end < 0:
            self.without.setdefault(f"#}} {limit}", start)
            return
        yield from self.dropped(start, end + 2)

    def kramdown_tag(self, start: int) -> Iterator[Piece]:
        """`{::comment}…{:/comment}`, and kramdown's other extensions, which leave their inside.

        What `{::nomarkdown}` holds is for the renderer.
        """
        match = _KRAMDOWN.match(self.body, start)
        if not self.kramdown and (match is None or match[1] != "comment"):
            return
        if match is not None and match[1] == "nomarkdown" and not match[3]:
            raw = _RAW_END.search(self.body, match.end(), match.end() + 20_000)
            if raw is not None and not re.search(r"\{[%{]", self.body[match.end() : raw.start()]):
                self.pos = raw.end()
                self.after_jump(self.pos)
                return
        if match is None:
            if self.kramdown and (closing := re.compile(r"\{:/(?:\w{1,30})?\}").match(self.body, start)):
                yield from self.dropped(start, closing.end())
            return
        if match[1] != "comment" or match[3]:
            yield from self.dropped(start, match.end())
            return
        close = re.compile(r"\{:/(?:comment)?\}").search(self.body, match.end())
        yield from self.dropped(start, close.end() if close else len(self.body))

    def open_percent_comment(self, start: int) -> Iterator[Piece]:
        """`%% note` at the beginning of a line whose paragraph has no second mark: what Obsidian hides goes on to the next one."""
        end = self.body.find("%%", start + 2)
        if end < 0:
            what = "a comment is not closed: what follows is left out"
            self.context.note("comment", what, self.line_of(start), "close it with %%", "warning")
        yield from self.dropped(start, end + 2 if end >= 0 else len(self.body))

    def obsidian_comment(self, start: int) -> Iterator[Piece]:
        """`%%…%%` of Obsidian: within a paragraph, or from a line of its own to the next mark, else to the end.

        In a plain folder only what stands like a word, or on lines of its own; with other generators only what is no single
        word, or between lines of its own.
        """
        body = self.body
        if self.is_first(start) and self.blank_to_line_end(start + 2) is not None:
            end = body.find("%%", start + 2) if self.obsidian else sections.percent_line(body, start + 2)
            if not self.obsidian and (end < 0 or sections.is_comment_of_code(body, start, end)):
                return
            yield from self.dropped(start, end + 2 if end >= 0 else len(body))
            return
        if start >= self.paragraph_end:
            self.new_paragraph(start)
        end = body.find("%%", start + 2, self.paragraph_end)
        if end < 0:
            if self.obsidian and not self.plain and self.is_first(start) and body[start + 2 : start + 3] in (" ", "\t"):
                yield from self.open_percent_comment(start)
            return
        before = body[max(self.line_start, start - 1) : start]
        # Three in a row are a placeholder: "Choose a domain for %%%".
        if not self.obsidian and ("%%%" in body[start : end + 3] or not sections.is_note(body[start + 2 : end])):
            self.pos = max(self.pos, start + 3) if body.startswith("%%%", start) else self.pos
            return
        if (self.plain or not self.obsidian) and (
            not body[start + 2 : end].strip()
            or sections.is_loop_variable(body, start, end)
            or (not self.obsidian and sections.is_comment_of_code(body, start, end))
            or (before and not before.isspace() and before not in "（(“，。>*_")
        ):
            return
        yield from self.dropped(start, end + 2)
