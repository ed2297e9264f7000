"""Finds template tags in a body: in comes Markdown or HTML, out come text, code and tags in their order.

Nothing inside code is touched: fences, `inline code`, `<pre>`, and in Markdown indented blocks. What the author hides (notes to
oneself in any of the generators' forms) is dropped here, so that no later stage sees it. Linear in the length of the body.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from feeds.content.template_tags import sections
from feeds.content.template_tags.cursor import HUGO_END
from feeds.content.template_tags.in_code import called
from feeds.content.template_tags.marks import Code, Piece, Tag, TagContext, Text
from feeds.content.template_tags.notes import Notes
from feeds.content.template_tags.sections import HIDING_NAMES, OPAQUE_NAMES, hiding_name
from feeds.lazy_patterns import lazy_pattern

#: Whether there may be anything to do at all.
_SIGN = lazy_pattern(
    rf"<!--|{sections.MISTYPED_COMMENT}|" + r"\{[%{#:]|\[\[|%%|\[_?toc|\[/?(?:caption|wp_caption|embed|audio|video|gallery)\b",
    re.IGNORECASE,
)
_TOKEN = lazy_pattern(
    rf"\n|{sections.BEGINNINGS}|{sections.MISTYPED_COMMENT}|"
    + r"\\[`\\]|`+|<!--|<(?:pre|code|script|style|textarea)\b|\{[%{#:]|!?\[\[|%%",
    re.IGNORECASE | re.MULTILINE,
)
_PERCENT_END = lazy_pattern(r"%\}|\{%")
_HUGO_END = {"<": lazy_pattern(r">\}\}|\{\{[<%]"), "%": lazy_pattern(r"%\}\}|\{\{[<%]")}
_BRACES_END = lazy_pattern(r"\}\}|\{\{|\n[ \t]*\n")
_LITERAL = lazy_pattern(r"\{\{[-+~]?\s{0,9}(?:\"([^\"\\\n]{0,400})\"|'([^'\\\n]{0,400})')\s{0,9}[-+~]?\}\}")
_NAME = lazy_pattern(r"[ \t]{0,9}([a-z][\w-]{1,39})(?=\s)")
_WIKI = lazy_pattern(r"!?\[\[([^\[\]\n]{1,500})\]\]")
_ZOLA = lazy_pattern(r"\s{0,9}([A-Za-z_][\w:]{0,59})\s{0,9}\((.*)\)\s{0,9}", re.DOTALL)
#: What between braces is not text, in any generator: variables of a site, and texts with a filter.
_KNOWN_BRACES = lazy_pattern(
    r"(?:site|page|config|theme)\.[\w.]{1,60}\s{0,9}(?:\||\Z)|(?:\"[^\"{}]{0,400}\"|'[^'{}]{0,400}')\s{0,9}\|"
)
#: A tab of Hexo's themes: its title.
_TAB = lazy_pattern(r"<!--\s{0,9}(tab|timeline|node|folder)[ \t]{1,9}([^\n<>]{1,200}?)\s{0,9}-->")
#: The tags whose parts such comments are; any other comment is for no reader.
_PARTS_OF = {"timeline": "timeline", "node": "timeline", "folder": "folders"}
_NEAR = 20_000
_MOST_CHARACTERS = 4_000

#: Tags between which and their end nothing is a tag, by table: code, text to be shown as it is.
CODE_NAMES = frozenset({"codeblock", "code", "highlight", "mermaid", "plantuml"})
RAW_NAMES = frozenset({"raw", "verbatim"})
#: Those of them that no generator knows without an end.
_ALWAYS_CLOSED = frozenset({"codeblock", "highlight"}) | RAW_NAMES
_OPAQUE = CODE_NAMES | RAW_NAMES | OPAQUE_NAMES | HIDING_NAMES

#: A value of which one brace is missing; TeX has braces without blanks.
_OPEN_VALUE = lazy_pattern(r"\{\{-?[ ]{1,9}[\w.]{1,60}(?:[ ]{0,9}\|[^{}\n]{0,100})?[ ]{0,9}\}(?!\})")


# A pattern with so large a range takes 4 ms to compile, and most texts have no such tag.
@cache
def _percent() -> re.Pattern[str]:
    return re.compile(r"([/#]?)\s{0,9}([\w\u0080-\uffff][\w\u0080-\uffff.-]{0,59})?(.*)", re.DOTALL)


@cache
def _hugo() -> re.Pattern[str]:
    return re.compile(r"(/?)\s{0,9}([\w\u0080-\uffff][\w\u0080-\uffff./-]{0,79})?(.*)", re.DOTALL)


def pieces(body: str, context: TagContext) -> Iterator[Piece]:
    """The pieces of a body, in their order."""
    if context.markup == "text" or not (_SIGN.search(body) or sections.may_begin(body)):
        yield Code(body)
        return
    yield from _Scanner(body, context).run()


class Written(NamedTuple):
    """A tag as written: its syntax, name and arguments, and where in the body it is."""

    syntax: str
    name: str
    arguments: str
    start: int
    end: int


class _Scanner(Notes):
    def __init__(self, body: str, context: TagContext) -> None:
        super().__init__(body, context)
        tables = context.tables
        self.hugo = "hugo" in tables or "nikola" in tables
        self.braces = any(table in tables for table in ("hexo", "jekyll", "zola"))

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
            elif mark[:2] == "<!":
                yield from self.mistyped_comment(start)
            elif (
                mark[0] in ":> "
                or mark[:2] == "<%"
                or (mark[0] in "[{" and mark[:2] not in ("[[", "{%", "{#", "{:") and mark != "{{")
            ):
                yield from self.section(start)
            elif mark[0] == "<":
                yield from self.element(start, mark[1:].lower())
            elif mark == "{%":
                yield from self.percent_tag(start)
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

    def comment(self, start: int) -> Iterator[Piece]:
        """An HTML comment: nothing of it goes on but that there was one (it keeps lists apart), unless it is in indented code."""
        end = -1 if self.missing("-->", start) else self.body.find("-->", start + 2)
        if self.context.markup.startswith("rst") and (end < 0 or sections.marked(self.body, start, self.without) is None):
            return  # reStructuredText knows no such comment: it is text
        if end < 0:
            self.without.setdefault("-->", start)
            yield from self.open_comment(start)
            return
        hidden = sections.marked(self.body, start, self.without)
        if hidden is not None and end + 3 > self.indented_end:
            yield from self.left_out(start, hidden)
            return
        tab = _TAB.match(self.body, start, end + 3) if "hexo" in self.context.tables else None
        if tab and self.is_part(tab[1], start):
            yield from self.tag(Written("percent", "tab", tab[2].partition("@")[0], start, end + 3), single=True)
            return
        yield from self.flush(start, end + 3)
        # Indented code shows its comments; elsewhere they are dropped with the other comments of the page.
        yield Code(self.body[start : end + 3] if self.in_indented_code(start, end + 3) else "<!-- -->")
        self.after_jump(end)

    def is_part(self, kind: str, start: int) -> bool:
        """Whether a comment of a kind is a part of the tag around it."""
        container = _PARTS_OF.get(kind)
        near = max(0, start - _NEAR)
        opened, closed = (self.body.rfind(f"{{% {mark}{container}", near, start) for mark in ("", "end"))
        return container is None or opened > closed

    def element(self, start: int, name: str) -> Iterator[Piece]:
        """An element whose inside is code, or for no reader."""
        if self.missing(f"</{name}", start):
            return
        end = re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE).search(self.body, start)
        if end is None:
            self.without.setdefault(f"</{name}", start)
            return
        yield from self.flush(start, end.end())
        yield from self.code(start, end.end())

    def code(self, start: int, end: int) -> Iterator[Piece]:
        """Code; in Hugo's the short codes that stand for a text are called."""
        if "hugo" in self.context.tables and not self.plain:
            for call in called(self.body, start, end, self.context.templates):
                yield Code(self.shown(self.body[start : call.start]))
                syntax = "angle" if call.mark == "<" else "percents"
                yield Tag(syntax, call.name, call.arguments, self.line_of(call.start), single=True)
                start = call.end
        yield Code(self.shown(self.body[start:end]))

    def section(self, start: int) -> Iterator[Piece]:
        """A section that its author hides, in brackets, in a box or in a comment of a template language."""
        if self.body[start] in ":> " and not self.markdown:
            return
        if self.body.startswith("{{", start) and "zola" in self.context.tables:
            yield from self.braces_tag(start)
            return
        hidden = None if start < self.indented_end else sections.section(self.body, start, self.without)
        if hidden is None:
            self.pos = start + 2
            if self.body.startswith("{{", start):
                yield from self.braces_tag(start)
            return
        yield from self.left_out(start, hidden)

    def left_out(self, start: int, hidden: sections.Section) -> Iterator[Piece]:
        """Leave out a section, and tell of it."""
        if hidden.name:
            what = f"a section that is meant to be hidden ({hidden.name}) is left out"
            self.context.note("section-hidden", what, self.line_of(start), "take its marks away to show it", "notice")
        yield from self.dropped(start, hidden.end)

    # tags

    def percent_tag(self, start: int) -> Iterator[Piece]:
        end = _PERCENT_END.search(self.body, start + 2, start + _MOST_CHARACTERS)
        if end is None or end[0] != "%}":
            if self.percent:
                self.open_mark(start, "{%", "%}")
            return
        inner = self.unquoted(self.body[start + 2 : end.start()]).strip("-+~").strip()
        if inner.startswith("/*") and inner.endswith("*/"):
            if not self.percent:
                return
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
        if match[1] == "#":
            yield from self.flush(start, end.end())
            return
        if not self.percent and sections.is_condition_of_drafts(match[2], match[3]):
            yield from self.foreign_condition(Written("percent", match[2], match[3], start, end.end()))
            return
        name, arguments = hiding_name(match[2]), match[3].strip()
        if not self.percent and not self.hides(Written("percent", name, "", start, end.end())):
            return
        zola = _ZOLA.fullmatch(inner) if "zola" in self.context.tables else None
        if zola:
            name, arguments = zola[1], zola[2]
        closing = (
            bool(match[1]) or (name.startswith("end") and len(name) > 3) or (name == "end" and "zola" in self.context.tables)
        )
        bare = (name.removeprefix("end") or name) if closing and not match[1] else name
        if bare != "raw" and bare not in OPAQUE_NAMES | HIDING_NAMES and self.is_code_of_hexo(end.end()):
            return
        yield from self.tag(Written("percent", bare, arguments, start, end.end()), closing=closing)

    def is_code_of_hexo(self, end: int) -> bool:
        """Whether a tag that ends at a place is in indented code, in which Hexo calls none but `{% raw %}`."""
        return end <= self.indented_end and "hexo" in self.context.tables and not self.plain

    def open_mark(self, start: int, mark: str, end: str) -> None:
        """Tell of a tag whose mark is not closed: it is text."""
        name = _NAME.match(self.body, start + len(mark))
        if name is not None:
            what = f"the template tag {name[1]!r} is not closed: it comes out as text"
            self.context.note("tag-unclosed", what, self.line_of(start), f"close it with {end}", "warning")

    def braces_tag(self, start: int) -> Iterator[Piece]:
        body = self.body
        mark = body[start + 2 : start + 3]
        if mark in ("<", "%"):
            if body.startswith("/*", start + 3):
                yield from self.hugo_comment(start, mark) if self.hugo else ()
                return
            end = _HUGO_END[mark].search(body, start + 3, start + _MOST_CHARACTERS)
            if end is None or end[0].startswith("{{"):
                if self.hugo:
                    self.open_mark(start, body[start : start + 3], HUGO_END[mark])
                return
            inner = self.unquoted(body[start + 3 : end.start()]).strip()
            match = _hugo().match(inner)
            if match is None or not match[2]:
                return
            syntax = "angle" if mark == "<" else "percents"
            name = hiding_name(match[2].rstrip("/"))
            if not self.hugo and not self.hides(Written(syntax, name, "", start, end.end())):
                return
            arguments = match[3].strip()
            single = arguments.endswith("/")
            arguments = arguments[:-1].rstrip() if single else arguments
            tag = Written(syntax, name, arguments, start, end.end())
            yield from self.tag(tag, closing=bool(match[1]), single=single)
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
            if not self.plain and _OPEN_VALUE.match(body, start):
                self.open_mark(start, "{{", "}}")
            return
        inner = body[start + 2 : end.start()].strip("-+~").strip()
        if self.plain and not _KNOWN_BRACES.match(inner):
            return
        if inner.startswith("/*") and inner.endswith("*/") and "zola" in self.context.tables:
            yield from self.flush(start, end.end())
            yield Code(f"{{{{ {inner[2:-2].strip()} }}}}")
            return
        if self.is_code_of_hexo(end.end()):
            return
        yield from self.tag(Written("braces", "", inner, start, end.end()), single=True)

    def hugo_comment(self, start: int, mark: str) -> Iterator[Piece]:
        """`{{</* tag */>}}`, with anything up to `*/>}}`: a short code that is shown, not called."""
        closing = f"*/{HUGO_END[mark]}"
        end = -1 if self.missing(closing, start) else self.body.find(closing, start + 5)
        if end < 0:
            self.without.setdefault(closing, start)
            return
        yield from self.flush(start, end + len(closing))
        shown = f"{{{{{mark}{self.unquoted(self.body[start + 5 : end])}{HUGO_END[mark]}"
        yield Code(shown.replace("<", "&lt;").replace(">", "&gt;"))
        self.after_jump(end)

    def tag(self, written: Written, *, closing: bool = False, single: bool = False) -> Iterator[Piece]:
        if not closing and not single and written.name in _OPAQUE and not self.is_own(written.name):
            yield from self.opaque(written)
            return
        syntax, name, arguments, start, end = written
        where = self.place(start, end)
        yield from self.flush(start, end)
        yield Tag(syntax, name, arguments, closing=closing, single=single, **where)  # type: ignore[arg-type]
        self.after_jump(end)

    def is_own(self, name: str) -> bool:
        """Whether the site's own template says what a tag with a name that often hides shows."""
        return name in HIDING_NAMES and name in self.context.templates

    def hides(self, written: Written) -> bool:
        """Whether a tag of an engine that the generator does not have begins a section that is hidden all the same."""
        name = written.name
        return name in OPAQUE_NAMES or (name in HIDING_NAMES and self.closing(written) is not None)

    def foreign_condition(self, written: Written) -> Iterator[Piece]:
        """A condition of an engine that the generator does not have, e.g. `{% if jekyll.environment == "development" %}`."""
        close = self.closing(written)
        if close is not None:
            yield from self.left_out(
                written.start, sections.Section(close.end(), f"{written.name} {written.arguments.strip()[:40]}")
            )

    def opaque(self, written: Written) -> Iterator[Piece]:
        """A tag whose inside is taken as it is written, up to its end."""
        syntax, name, arguments, start, end = written
        close = self.closing(written)
        if close is None:
            where = self.place(start, end)
            yield from self.flush(start, end)
            if name in OPAQUE_NAMES:
                # Where it ends nobody knows: what may be hidden does not come out.
                yield Tag(syntax, name, arguments, raw="", **where)  # type: ignore[arg-type]
                self.context.note(
                    "tag-unclosed", f"{name} is never closed: all that follows is left out", self.line_of(start),
                    f"close it, e.g. with {{% end{name} %}}" if syntax == "percent" else f"close it with {{{{< /{name} >}}}}", "warning",
                )  # fmt: skip
                self.text_from = self.pos = len(self.body)
                return
            if name in _ALWAYS_CLOSED:
                what = f"{name} is never closed: its mark is left out, and what follows is read as text"
                fix = f"close it, e.g. with {{% end{name} %}}" if syntax == "percent" else f"close it with {{{{< /{name} >}}}}"
                self.context.note("tag-unclosed", what, self.line_of(start), fix, "warning")
            yield Tag(syntax, name, arguments, **where)  # type: ignore[arg-type]
            return
        where = self.place(start, end)
        where["last"] = self.blank_to_line_end(close.end()) is not None
        yield from self.flush(start, close.end())
        yield Tag(syntax, name, arguments, raw=self.shown(self.body[end : close.start()]), **where)  # type: ignore[arg-type]
        self.after_jump(close.end())

    def closing(self, written: Written) -> re.Match[str] | None:
        """The end of a tag whose inside is taken as it is written; notes may hold notes (Liquid)."""
        name = re.escape(written.name)
        end = (
            rf"\{{%[-+~]?\s{{0,9}}(?:end{name}|/{name}|end)\s{{0,9}}[-+~]?%\}}" if written.syntax == "percent"
            else rf"\{{\{{[<%]\s{{0,9}}/\s{{0,9}}{name}\s{{0,9}}[>%]\}}\}}"
        )  # fmt: skip
        if self.missing(end, written.end):
            return None
        if written.name in OPAQUE_NAMES or written.name in ("if", "unless"):
            begin = rf"\{{%[-+~]?\s{{0,9}}{name}\b" if written.syntax == "percent" else rf"\{{\{{[<%]\s{{0,9}}{name}\b"
            begins, ends = re.compile(begin, re.IGNORECASE), re.compile(end, re.IGNORECASE)
            close = sections.nested_end(self.body, written.end, begins, ends)
        else:
            close = re.compile(end, re.IGNORECASE).search(self.body, written.end)
        if close is None:
            self.without.setdefault(end, written.end)
        return close

    def unquoted(self, arguments: str) -> str:
        """Arguments over several lines without the quote marks that begin them."""
        return re.sub(r"\n[ \t]{0,40}(?:>[ \t]?){1,20}", "\n", arguments) if "\n" in arguments and ">" in arguments else arguments

    # wiki links

    def wiki(self, start: int) -> Iterator[Piece]:
        match = _WIKI.match(self.body, start) if self.obsidian and self.markdown else None
        if match is None or re.fullmatch(r"_?toc_?", match[1], re.IGNORECASE):
            return
        where = self.place(start, match.end())
        yield from self.flush(start, match.end())
        yield Tag("embed" if match[0][0] == "!" else "wiki", "", match[1], single=True, **where)  # type: ignore[arg-type]
