"""Finds template tags in a body: in comes Markdown or HTML, out come text, code and tags in their order.

Nothing inside code is touched: fences, `inline code`, `<pre>`, and in Markdown indented blocks. What the author hides (notes to
oneself in any of the generators' forms) is dropped here, so that no later stage sees it. Linear in the length of the body.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache

from feeds.content.template_tags.lines import LineReader
from feeds.content.template_tags.marks import Code, Piece, Prefix, Tag, TagContext, Text

#: Whether there may be anything to do at all.
_SIGN = re.compile(r"<!--|\{[%{#:]|\[\[|%%|\[_?toc|\[/?(?:caption|wp_caption|embed|audio|video|gallery)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\n|\\[`\\]|`+|<!--|<(?:pre|code|script|style|textarea)\b|\{[%{#:]|!?\[\[|%%", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"\n[ \t>]*(?=\n|\Z)")
_TICKS = re.compile(r"`+")
_PERCENT_END = re.compile(r"%\}|\{%")
_HUGO_END = {"<": re.compile(r">\}\}|\{\{[<%]"), "%": re.compile(r"%\}\}|\{\{[<%]")}
_BRACES_END = re.compile(r"\}\}|\{\{|\n[ \t]*\n")
_LITERAL = re.compile(r"\{\{[-+~]?\s{0,9}(?:\"([^\"\\\n]{0,400})\"|'([^'\\\n]{0,400})')\s{0,9}[-+~]?\}\}")
_WIKI = re.compile(r"!?\[\[([^\[\]\n]{1,500})\]\]")
_ATTRIBUTES = re.compile(r"\{#[\w:.-]{1,100}(?:[ \t][^{}\n#]{0,300})?\}")
_ZOLA = re.compile(r"\s{0,9}([A-Za-z_][\w:]{0,59})\s{0,9}\((.*)\)\s{0,9}", re.DOTALL)
_RAW_END = re.compile(r"\{:/(?:nomarkdown)?\}")
_KRAMDOWN = re.compile(r"\{::(\w{1,30})((?:[^{}\n/]|/(?!\})){0,300})(/?)\}")
#: What is no text between braces, whoever wrote it: variables of a site, and texts with a filter.
_KNOWN_BRACES = re.compile(
    r"(?:site|page|config|theme)\.[\w.]{1,60}\s{0,9}(?:\||\Z)|(?:\"[^\"{}]{0,400}\"|'[^'{}]{0,400}')\s{0,9}\|"
)
#: A tab of Hexo's themes: its title.
_TAB = re.compile(r"<!--\s{0,9}tab[ \t]{1,9}([^\n<>]{1,200}?)\s{0,9}-->")
_MOST_CHARACTERS = 4_000

#: Tags between which and their end nothing is a tag, by table: code, text to be shown as it is.
CODE_NAMES = frozenset({"codeblock", "code", "highlight", "mermaid", "plantuml"})
RAW_NAMES = frozenset({"raw", "verbatim"})
#: Tags whose inside is a note to oneself.
NOTE_NAMES = frozenset({"comment"})
#: Tags whose inside is for those who know a password.
SECRET_NAMES = frozenset({
    "hugo-encryptor", "hugo-encrypt", "encrypt", "encrypted", "hbe", "password", "protected", "secret", "hugo-encrypter", "locked", "lock",
    "hide-encrypt", "encryptor", "pwd", "members-only", "private",
})  # fmt: skip
_OPAQUE = CODE_NAMES | RAW_NAMES | NOTE_NAMES | SECRET_NAMES


# A pattern with so large a range takes 4 ms to compile, and most texts have no such tag.
@cache
def _percent() -> re.Pattern[str]:
    return re.compile(r"([/#]?)\s{0,9}([\w\u0080-\uffff][\w\u0080-\uffff.-]{0,59})?(.*)", re.DOTALL)


@cache
def _hugo() -> re.Pattern[str]:
    return re.compile(r"(/?)\s{0,9}([\w\u0080-\uffff][\w\u0080-\uffff./-]{0,79})?(.*)", re.DOTALL)


def pieces(body: str, context: TagContext) -> Iterator[Piece]:
    """The pieces of a body, in their order."""
    if context.markup == "text" or not _SIGN.search(body):
        yield Code(body)
        return
    yield from _Scanner(body, context).run()


#: A tag that has more characters of its line before or behind it is taken to be in the middle of text.
_LONG_LINE = 400
_BLANK_REST = re.compile(r"[^\S\n]{0,400}(?=\n|\Z)")


class _Scanner:
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
        self.paragraph_end = -1
        self.last_ticks: dict[int, int] = {}
        #: Ends that were looked for in vain from some place on.
        self.without: dict[str, int] = {}
        tables = context.tables
        self.percent = any(table in tables for table in ("hexo", "jekyll", "liquid-tags", "zola"))
        self.hugo = "hugo" in tables or "nikola" in tables
        self.braces = any(table in tables for table in ("hexo", "jekyll", "zola"))
        self.plain = "hexo" in tables and "hugo" in tables
        self.obsidian, self.kramdown = "obsidian" in tables, "kramdown" in tables

    def run(self) -> Iterator[Piece]:
        body = self.body
        size = len(body)
        yield from self.at_line_start(0)
        while self.pos < size:
            match = _TOKEN.search(body, self.pos)
            if match is None:
                break
            start, mark = match.start(), match[0]
            self.pos = match.end()
            if mark == "\n":
                yield from self.at_line_start(match.end())
            elif mark[0] == "`":
                yield from self.ticks(start, len(mark))
            elif mark == "<!--":
                yield from self.comment(start)
            elif mark[0] == "<":
                yield from self.element(start, mark[1:].lower())
            elif mark == "{%":
                yield from self.percent_tag(start) if self.percent else ()
            elif mark == "{{":
                yield from self.braces_tag(start)
            elif mark == "{#":
                yield from self.nunjucks_comment(start)
            elif mark == "{:":
                yield from self.kramdown_tag(start)
            elif mark in ("[[", "![["):
                yield from self.wiki(start)
            elif mark == "%%":
                yield from self.obsidian_comment(start)
        yield from self.flush(size)

    # output

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
        known = self.without.get(what)
        return known is not None and at >= known

    # lines, code

    def at_line_start(self, start: int) -> Iterator[Piece]:
        """Hand on the lines of code that begin here."""
        self.line_start = start
        if not self.markdown:
            return
        while start < len(self.body):
            kind, end = self.lines.read(start)
            if kind == "text" or (kind == "indented" and not self.plain):
                break
            yield from self.flush(start, end)
            yield Code(self.shown(self.body[start:end]))
            start = self.line_start = end
        self.pos = max(self.pos, start)

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
                yield Code(self.shown(self.body[start : run.end()]))
                return

    def new_paragraph(self, start: int) -> None:
        """Look for the end of the paragraph, and for the last run of backticks of each length in it."""
        end = _PARAGRAPH_END.search(self.body, start)
        self.paragraph_end = end.start() + 1 if end else len(self.body)
        self.last_ticks = {len(run[0]): run.start() for run in _TICKS.finditer(self.body, start, self.paragraph_end)}

    def comment(self, start: int) -> Iterator[Piece]:
        """An HTML comment: nothing of it goes on, but that there was one (it keeps lists apart)."""
        end = -1 if self.missing("-->", start) else self.body.find("-->", start + 2)
        if end < 0:
            self.without.setdefault("-->", start)
            return
        tab = _TAB.match(self.body, start, end + 3) if "hexo" in self.context.tables else None
        if tab:
            yield from self.tag("percent", "tab", tab[1].partition("@")[0], start, end + 3, closing=False, single=True)
            return
        yield from self.flush(start, end + 3)
        yield Code("<!-- -->")
        self.after_jump(end)

    def element(self, start: int, name: str) -> Iterator[Piece]:
        """An element whose inside is code, or for no reader."""
        if self.missing(f"</{name}", start):
            return
        end = re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE).search(self.body, start)
        if end is None:
            self.without.setdefault(f"</{name}", start)
            return
        yield from self.flush(start, end.end())
        yield Code(self.shown(self.body[start : end.end()]))

    # tags

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

    def percent_tag(self, start: int) -> Iterator[Piece]:
        end = _PERCENT_END.search(self.body, start + 2, start + _MOST_CHARACTERS)
        if end is None or end[0] != "%}":
            return
        inner = self.unquoted(self.body[start + 2 : end.start()]).strip("-+~").strip()
        if inner.startswith("/*") and inner.endswith("*/"):
            yield from self.flush(start, end.end())
            yield (
                Text(f"{{% {inner[2:-2].strip()} %}}")
                if "zola" not in self.context.tables
                else Code(f"{{% {inner[2:-2].strip()} %}}")
            )
            return
        match = _percent().match(inner)
        if match is None or not match[2]:
            # `{% # a note %}` of Liquid, and what no engine takes as a tag.
            if match is not None and match[1] == "#":
                yield from self.flush(start, end.end())
            return
        name, said = match[2], match[3].strip()
        zola = _ZOLA.fullmatch(inner) if "zola" in self.context.tables else None
        if zola:
            name, said = zola[1], zola[2]
        closing = (
            bool(match[1]) or (name.startswith("end") and len(name) > 3) or (name == "end" and "zola" in self.context.tables)
        )
        bare = (name.removeprefix("end") or name) if closing and not match[1] else name
        yield from self.tag("percent", bare, said, start, end.end(), closing=closing, single=False)

    def braces_tag(self, start: int) -> Iterator[Piece]:
        body = self.body
        mark = body[start + 2 : start + 3]
        if mark in ("<", "%") and self.hugo:
            end = _HUGO_END[mark].search(body, start + 3, start + _MOST_CHARACTERS)
            if end is None or end[0].startswith("{{"):
                return
            inner = self.unquoted(body[start + 3 : end.start()]).strip()
            if inner.startswith("/*") and inner.endswith("*/"):
                yield from self.flush(start, end.end())
                shown = f"{{{{{mark} {inner[2:-2].strip()} {'>' if mark == '<' else '%'}}}}}"
                yield Code(shown.replace("<", "&lt;").replace(">", "&gt;"))
                return
            match = _hugo().match(inner)
            if match is None or not match[2]:
                return
            said = match[3].strip()
            single = said.endswith("/")
            said = said[:-1].rstrip() if single else said
            yield from self.tag(
                "angle" if mark == "<" else "percents",
                match[2].rstrip("/"),
                said,
                start,
                end.end(),
                closing=bool(match[1]),
                single=single,
            )
            return
        if not self.braces or mark in ("<", "%", "{"):
            return
        literal = _LITERAL.match(body, start, start + 500)
        if literal is not None and not self.plain:
            # `{{ "{{" }}` is how two braces are written.
            yield from self.flush(start, literal.end())
            yield Code(html.escape(literal[1] or literal[2] or "", quote=False))
            return
        end = _BRACES_END.search(body, start + 2, start + 500)
        if end is None or end[0] != "}}":
            return
        inner = body[start + 2 : end.start()].strip("-+~").strip()
        if self.plain and not _KNOWN_BRACES.match(inner):
            return
        if inner.startswith("/*") and inner.endswith("*/") and "zola" in self.context.tables:
            yield from self.flush(start, end.end())
            yield Code(f"{{{{ {inner[2:-2].strip()} }}}}")
            return
        yield from self.tag("braces", "", inner, start, end.end(), closing=False, single=True)

    def tag(self, syntax: str, name: str, said: str, start: int, end: int, *, closing: bool, single: bool) -> Iterator[Piece]:
        if not closing and not single and name in _OPAQUE:
            yield from self.opaque(syntax, name, said, start, end)
            return
        where = self.place(start, end)
        yield from self.flush(start, end)
        yield Tag(syntax, name, said, closing=closing, single=single, **where)  # type: ignore[arg-type]
        self.after_jump(end)

    def opaque(self, syntax: str, name: str, said: str, start: int, end: int) -> Iterator[Piece]:
        """A tag whose inside is taken as it is written, up to its end."""
        escaped = re.escape(name)
        pattern = (
            rf"\{{%[-+~]?\s{{0,9}}(?:end{escaped}|/{escaped}|end)\s{{0,9}}[-+~]?%\}}" if syntax == "percent"
            else rf"\{{\{{[<%]\s{{0,9}}/\s{{0,9}}{escaped}\s{{0,9}}[>%]\}}\}}"
        )  # fmt: skip
        close = None if self.missing(pattern, end) else re.compile(pattern).search(self.body, end)
        if close is None:
            self.without.setdefault(pattern, end)
            where = self.place(start, end)
            yield from self.flush(start, end)
            if name in NOTE_NAMES | SECRET_NAMES:
                # Where it ends nobody knows: what may be hidden does not come out.
                yield Tag(syntax, name, said, raw="", **where)  # type: ignore[arg-type]
                self.context.note(
                    "tag-unclosed", f"{name} is never closed: all that follows is left out", self.line_of(start),
                    f"close it, e.g. with {{% end{name} %}}" if syntax == "percent" else f"close it with {{{{< /{name} >}}}}", "warning",
                )  # fmt: skip
                self.text_from = self.pos = len(self.body)
                return
            yield Tag(syntax, name, said, **where)  # type: ignore[arg-type]
            return
        where = self.place(start, end)
        where["last"] = self.blank_to_line_end(close.end()) is not None
        yield from self.flush(start, close.end())
        yield Tag(syntax, name, said, raw=self.body[end : close.start()], **where)  # type: ignore[arg-type]
        self.after_jump(close.end())

    def after_jump(self, at: int) -> None:
        """The scan goes on in another line."""
        newline = self.body.rfind("\n", max(self.line_start, self.searched), at)
        self.searched = at
        if newline >= 0:
            self.line_start = newline + 1

    def unquoted(self, said: str) -> str:
        """Arguments over several lines without the quote marks that begin them."""
        return re.sub(r"\n[ \t]{0,40}(?:>[ \t]?){1,20}", "\n", said) if "\n" in said and ">" in said else said

    # notes to oneself

    def nunjucks_comment(self, start: int) -> Iterator[Piece]:
        """`{# … #}` of Nunjucks, Jinja and Tera; `{#id}` behind a heading is none."""
        if not self.percent or _ATTRIBUTES.match(self.body, start) or self.missing("#}", start):
            return
        end = self.body.find("#}", start + 2)
        if end < 0:
            self.without.setdefault("#}", start)
            return
        yield from self.dropped(start, end + 2)

    def kramdown_tag(self, start: int) -> Iterator[Piece]:
        """`{::comment}…{:/comment}`, and kramdown's other extensions, which leave their inside.

        What `{::nomarkdown}` holds is for the renderer.
        """
        match = _KRAMDOWN.match(self.body, start) if self.kramdown else None
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

    def obsidian_comment(self, start: int) -> Iterator[Piece]:
        """`%%…%%` of Obsidian: within a paragraph, or from a line of its own to the next mark, else to the end.

        In a plain folder only what stands like a word, or on lines of its own.
        """
        if not self.obsidian:
            return
        body = self.body
        if self.is_first(start) and self.blank_to_line_end(start + 2) is not None:
            end = body.find("%%", start + 2)
            yield from self.dropped(start, end + 2 if end >= 0 else len(body))
            return
        if start >= self.paragraph_end:
            self.new_paragraph(start)
        end = body.find("%%", start + 2, self.paragraph_end)
        if end < 0:
            return
        before = body[max(self.line_start, start - 1) : start]
        if self.plain and (
            not body[start + 2 : end].strip() or (before and not before.isspace() and before not in "（(“，。>*_")
        ):
            return
        yield from self.dropped(start, end + 2)

    def dropped(self, start: int, end: int) -> Iterator[Piece]:
        """Leave out what stands here; a line that held nothing else goes with it."""
        line_end = self.blank_to_line_end(end)
        if line_end is not None and self.line_start >= self.text_from and self.is_first(start):
            yield from self.flush(self.line_start, line_end)
        else:
            yield from self.flush(start, end)
        self.after_jump(self.pos)

    # wiki links

    def wiki(self, start: int) -> Iterator[Piece]:
        match = _WIKI.match(self.body, start) if self.obsidian and self.markdown else None
        if match is None or re.fullmatch(r"_?toc_?", match[1], re.IGNORECASE):
            return
        where = self.place(start, match.end())
        yield from self.flush(start, match.end())
        yield Tag("embed" if match[0][0] == "!" else "wiki", "", match[1], single=True, **where)  # type: ignore[arg-type]


_ESCAPED_HUGO = re.compile(r"\{\{([<%])\s{0,9}/\*((?:[^*{]|\*(?!/)|\{(?!\{)){0,2000})\*/\s{0,9}([>%])\}\}")
_ESCAPED_ZOLA = re.compile(r"\{(\{|%)\s{0,9}/\*((?:[^*{]|\*(?!/)|\{(?!\{)){0,2000})\*/\s{0,9}(\}|%)\}")


def unescaped(code: str, tables: tuple[str, ...]) -> str:
    """Code in which `{{</* tag */>}}` of Hugo and `{{/* tag */}}` of Zola are the tags that they show."""
    if "hugo" in tables:
        code = _ESCAPED_HUGO.sub(lambda found: f"{{{{{found[1]} {found[2].strip()} {found[3]}}}}}", code)
    if "zola" in tables:
        code = _ESCAPED_ZOLA.sub(r"{\1\2\3}", code)
    return code
