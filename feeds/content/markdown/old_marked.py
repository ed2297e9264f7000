"""What marked before version 1, and kramed, read otherwise than CommonMark: rules for a MarkdownIt."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from typing import Any

from feeds.content.flavour import Flavour
from feeds.lazy_patterns import lazy_pattern

RENDERERS = frozenset({"marked-0", "kramed"})
#: Elements that begin no block of HTML (marked 0.3, `_tag` of its lexer).
_INLINE = frozenset(
    "a em strong small s cite q dfn abbr data time code var samp kbd sub sup i b u mark ruby rt rp bdi bdo span br wbr ins del img".split()
)
#: Characters that a backslash keeps from being Markdown (marked 0.3, `escape` of its inline lexer); to kramed `$` is one, too.
_ESCAPED = frozenset("\\`*{}[]()#+-.!_>~|")
_TAG = lazy_pattern(r"(</?)([A-Za-z][\w-]{0,30})(?![\w-])(?!:|[\w.+-]{0,60}@)")
#: A tag alone on its line.
_LONE_TAG = lazy_pattern(r"<[A-Za-z](?:[^<>\"']|\"[^\"\n]*\"|'[^'\n]*')*>[ ]*\Z")
#: The end of a line that ends an element, in its source.
_CLOSING = lazy_pattern(r"</([A-Za-z][\w-]{0,30})>[ ]*$", re.MULTILINE)
_PRE = lazy_pattern(r"<pre(?=[\s>])", re.IGNORECASE)
_PARENTHESIS = lazy_pattern(r"\d{1,9}\)")
_FENCE = lazy_pattern(r"[ \t>]*(?:`{3}|~{3})")
#: Elements whose text is not Markdown (marked 0.3, `pre` of its token `html`).
_RAW = frozenset({"pre", "script", "style"})
#: A tag with attributes that no quotes enclose, `=` included, which CommonMark has as text.
_BARE_TAG = lazy_pattern(r"<[A-Za-z][\w-]{0,30}(?:[ \t][^<>\"'/\s]{0,500}){1,20}>")
#: A table's second line, with and without a bar before its first cell (marked 0.3, `table` and `nptable`).
_RULER = lazy_pattern(r" {0,99}(?:\|[ ]{0,99}[-:][-| :]*|[-:]+ {0,99}\|[-| :]*)\Z")
#: A line's end beside the tag of a block, where Hexo's `<br>` would stand between rows or paragraphs.
_BETWEEN_BLOCKS = lazy_pattern(
    r"(</?(?:article|aside|blockquote|br|caption|center|col|colgroup|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr"
    r"|li|main|nav|object|ol|p|section|source|summary|table|tbody|td|tfoot|th|thead|tr|ul|video)\b[^<>]{0,2000}>)[ \t]*\n\s*(?=<)",
    re.IGNORECASE,
)


def add_rules(md: Any, flavour: Flavour) -> None:
    """Give a MarkdownIt the rules of these renderers."""
    from markdown_it.rules_block import reference, table
    from markdown_it.rules_inline import escape, html_inline

    def reference_at_top(state: Any, start: int, end: int, silent: bool) -> bool:
        """`[name]: address` in a list is text there (marked's lexer, `top`); in a quotation, where it would be lost, too."""
        return state.level == 0 and reference(state, start, end, silent)

    def table_of_any_width(state: Any, start: int, end: int, silent: bool) -> bool:
        """A table whose rows need not have as many cells as its second line."""
        return table(state, start, end, silent) or (not silent and _uneven_table(state, start, end))

    def escape_of_some(state: Any, silent: bool) -> bool:
        """`\\;` and a backslash at a line's end are text."""
        char = state.src[state.pos + 1 : state.pos + 2]
        return (char in _ESCAPED or (char == "$" and flavour.renderer == "kramed")) and escape(state, silent)

    def bare_tag(state: Any, silent: bool) -> bool:
        """`<a href=page?id=1>`."""
        if _pre_element(state, silent) or html_inline(state, silent):
            return True
        match = _BARE_TAG.match(state.src, state.pos, state.posMax)
        if match is None:
            return False
        if not silent:
            state.push("html_inline", "", 0).content = match[0]
        state.pos = match.end()
        return True

    any_list = next(rule.fn for rule in md.block.ruler.__rules__ if rule.name == "list")
    dotted = partial(_list_with_dots, any_list=any_list)
    md.block.ruler.at("list", dotted, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("reference", reference_at_top)
    if flavour.emphasis == "marked-0.3":
        md.inline.ruler.at("escape", escape_of_some)
        md.inline.ruler.at("html_inline", bare_tag)
        md.block.ruler.at("table", table_of_any_width, {"alt": ["paragraph", "reference"]})
        md.block.ruler.at(
            "html_block",
            partial(_html_block, with_markdown=flavour.renderer != "kramed"),
            {"alt": ["paragraph", "reference", "blockquote"]},
        )


def _list_with_dots(state: Any, start: int, end: int, silent: bool, *, any_list: Callable[..., bool]) -> bool:
    """`1)` begins no list before marked 1 (`bullet` of its lexer), nor in kramed."""
    return _PARENTHESIS.match(_text(state, start)) is None and any_list(state, start, end, silent)


def _html_block(state: Any, start: int, end: int, silent: bool, *, with_markdown: bool) -> bool:
    """An element up to the end of its closing tag before an empty line, whose text is Markdown; other tags begin paragraphs."""
    from markdown_it.rules_block import html_block

    position = state.bMarks[start] + state.tShift[start]
    match = _TAG.match(state.src, position, state.eMarks[start])
    if match is None or state.is_code_block(start):
        return html_block(state, start, end, silent)
    name = match[2]
    if name.lower() in _INLINE:
        return False
    if silent:
        return match[1] == "<"
    line = state.src[position : state.eMarks[start]]
    before_empty_line = start + 1 >= end or state.isEmpty(start + 1)
    if match[1] == "</":
        return before_empty_line and line.count(">") == 1 and html_block(state, start, end, silent)
    after = _after_closing(state, name, start, end)
    if after is None:
        return bool(before_empty_line and _LONE_TAG.match(line)) and html_block(state, start, end, silent)
    if any(_FENCE.match(state.src, state.bMarks[number]) for number in range(start, after)):
        # Hexo reads fences before marked does: they stay blocks.
        return html_block(state, start, end, silent)
    text = state.getLines(start, after, state.blkIndent, False)
    state.line = after
    if not with_markdown or name.lower() in _RAW:
        token = state.push("html_block", "", 0)
        token.content, token.map = f"{text}\n", [start, after]
        return True
    state.push("paragraph_open", "p", 1).hidden = True
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = _BETWEEN_BLOCKS.sub(r"\1 ", text.strip()), [start, after], []
    state.push("paragraph_close", "p", -1).hidden = True
    return True


def _pre_element(state: Any, silent: bool) -> bool:
    """`<pre>` within another element, whole: marked reads Markdown in it, which takes `*` and `_` out of code."""
    opening = _PRE.match(state.src, state.pos, state.posMax)
    if opening is None or state.__dict__.get("open_pre"):
        return False
    end = state.src.find("</pre>", opening.end(), state.posMax)
    if end < 0:
        state.__dict__["open_pre"] = True  # those behind it are not closed either
        return False
    if not silent:
        state.push("html_inline", "", 0).content = state.src[state.pos : end + len("</pre>")]
    state.pos = end + len("</pre>")
    return True


def _after_closing(state: Any, name: str, start: int, end: int) -> int | None:
    """The number of the line after the first that ends with `</name>` before an empty line, from `start` on; None if there is none."""
    source, closings = state.env.get("closings", (None, {}))
    if source is not state.src:
        closings = {}
        for number, (begins, ends) in enumerate(zip(state.bMarks, state.eMarks, strict=True)):
            match = _CLOSING.search(state.src[begins:ends])
            if match is not None:
                closings.setdefault(match[1], []).append(number)
        state.env["closings"] = state.src, closings
    numbers = closings.get(name, ())
    for number in numbers[bisect_left(numbers, start) :]:
        if number >= end or number >= (end := _item_end(state, start, end)):
            return None
        if number + 1 >= end or state.isEmpty(number + 1):
            return int(number) + 1
    return None


def _item_end(state: Any, start: int, end: int) -> int:
    """The number of the first line from `start` on that is not in the same list item, `end` at most."""
    if not state.blkIndent:
        return end
    source, indent, begins, ends = state.env.get("list_item", (None, 0, 0, 0))
    if source is not state.src or indent != state.blkIndent or not begins <= start < ends:
        ends = next(
            (number for number in range(start, end) if not state.isEmpty(number) and state.sCount[number] < state.blkIndent), end
        )
        state.env["list_item"] = state.src, state.blkIndent, start, ends
    return min(int(ends), end)


def _uneven_table(state: Any, start: int, end: int) -> bool:
    """A table with a header of other width than its second line, from `start` on (marked 0.3, `table` and `nptable`)."""
    end = _item_end(state, start, end)
    if start + 1 >= end or state.is_code_block(start):
        return False
    header, ruler = _text(state, start), _text(state, start + 1)
    has_first_bar = header.startswith("|")
    if "|" not in header or not _RULER.match(ruler) or ruler.startswith("|") != has_first_bar:
        return False
    last = start + 2
    while (
        last < end
        and not state.isEmpty(last)
        and (_text(state, last).startswith("|") if has_first_bar else "|" in _text(state, last))
    ):
        last += 1
    state.push("table_open", "table", 1).map = [start, last]
    for tag, cell, numbers in (("thead", "th", range(start, start + 1)), ("tbody", "td", range(start + 2, last))):
        if not numbers:
            continue
        state.push(f"{tag}_open", tag, 1)
        for number in numbers:
            state.push("tr_open", "tr", 1).map = [number, number + 1]
            for text in _text(state, number).removeprefix("|").removesuffix("|").split("|"):
                state.push(f"{cell}_open", cell, 1)
                token = state.push("inline", "", 0)
                token.content, token.map, token.children = text.strip(), [number, number + 1], []
                state.push(f"{cell}_close", cell, -1)
            state.push("tr_close", "tr", -1)
        state.push(f"{tag}_close", tag, -1)
    state.push("table_close", "table", -1)
    state.line = last
    return True


def _text(state: Any, number: int) -> str:
    """A line without the blanks around it."""
    return str(state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip(" "))
