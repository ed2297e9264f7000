"""HTML among Markdown: rules for markdown-it's block parser, which write its tokens.

Whole elements, and Markdown within `<div markdown="1">`. Every rule looks at a bounded number of lines. No HTML that comes
out is trusted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from feeds.content.flavour import Flavour
from feeds.content.markdown.blocks import ANYWHERE, children, line_text, may_look, push_inline
from feeds.lazy_patterns import lazy_pattern

State = Any
Rule = Callable[[State, int, int, bool], bool]

_ANY_TAG = lazy_pattern(r"</?([a-zA-Z][\w-]{0,40})")
#: Elements of a line (Kramdown::Parser::Html::Constants::HTML_SPAN_ELEMENTS).
SPAN_ELEMENTS = frozenset(
    "a abbr acronym b big bdo br button cite code del dfn em i img input ins kbd label mark option q rb rbc rp rt rtc ruby samp "
    "select small span strong sub sup time tt u var".split()
)
#: Without a bound on attributes: a drawing in `data-mxgraph` has thousands of characters.
_OPENING_TAG = lazy_pattern(r"<([a-z][a-z0-9]{0,20})\b([^<>\n]*)>")
_MARKDOWN_ATTRIBUTE = lazy_pattern(
    r"[ \t]markdown[ \t]{0,9}=[ \t]{0,9}(?:\"(?:1|block|span)\"|'(?:1|block|span)'|1|block|span)(?![\w\"'])"
)
#: Blocks that hold text, not blocks (Kramdown::Parser::Html::Constants::HTML_CONTENT_MODEL_SPAN).
_HOLD_TEXT = frozenset("caption dt h1 h2 h3 h4 h5 h6 legend optgroup p th".split()) | SPAN_ELEMENTS
#: Elements that hold blocks, of which nothing is Markdown.
_BLOCKS = frozenset({
    "address", "article", "aside", "audio", "blockquote", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "iframe", "li", "main", "nav", "object", "ol", "p", "pre", "section",
    "table", "tbody", "td", "th", "thead", "tr", "ul", "video",
})  # fmt: skip


def markdown_in_html(state: State, start: int, end: int, silent: bool) -> bool:
    """`<div markdown="1">` up to its `</div>`, each on a line of its own, with Markdown between them."""
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 1] != "<" or state.is_code_block(start):
        return False
    line = line_text(state, start).rstrip()
    match = _OPENING_TAG.match(line)
    if match is None or not _MARKDOWN_ATTRIBUTE.search(match[2]):
        return False
    name, attributes = match[1], _MARKDOWN_ATTRIBUTE.sub("", match[2])
    closing = re.compile(rf"</{name}[ \t]{{0,9}}>")
    rest, last = line[match.end() :], start
    inner = closing.search(rest)
    if inner is None:
        depth = 1
        for last in range(start + 1, end):
            if not may_look(state, 1):
                return False
            text = line_text(state, last)
            depth += len(re.findall(rf"<{name}\b", text)) - len(closing.findall(text))
            if depth <= 0:
                break
        else:
            return False
    if silent:
        return True
    state.push("html_block", "", 0).content = f"<{name}{attributes}>\n"
    if inner is not None:
        push_inline(state, rest[: inner.start()], start)
    else:
        before, _, behind = line_text(state, last).partition(f"</{name}")
        model = _MARKDOWN_ATTRIBUTE.search(match[2])
        if model is not None and ("span" in model[0] or ("block" not in model[0] and name in _HOLD_TEXT)):
            lines = (rest, *(line_text(state, number) for number in range(start + 1, last)), before)
            push_inline(state, "\n".join(lines).strip(), start)
        else:
            _blocks_inside(state, (start, len(rest.lstrip())), (last, len(before) if before.strip() else 0))
        rest = behind.partition(">")[2]
    tail = rest[inner.end() :] if inner is not None else rest
    if not tail.lstrip().startswith("<"):
        tail = html.escape(tail, quote=False)
    state.push("html_block", "", 0).content = f"</{name}>{tail}\n"
    state.line = last + 1
    return True


def _blocks_inside(state: State, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Read what is between two tags as blocks: all lines between, and so many characters of the line of either tag.

    On the first line those are the characters behind the tag, on the last line those before it.
    """
    (start, behind), (end, before) = first, last
    kept = state.bMarks[start], state.tShift[start], state.sCount[start], state.eMarks[end]
    lines = [number for number in range(start + 1, end + bool(before)) if not state.isEmpty(number)]
    indent = min((state.sCount[number] for number in lines), default=state.blkIndent)
    if behind:
        text = line_text(state, start).rstrip()
        state.bMarks[start] += state.tShift[start] + len(text) - behind
        state.tShift[start], state.sCount[start] = 0, indent
    if before:
        state.eMarks[end] = state.bMarks[end] + state.tShift[end] + before
    children(state, start if behind else start + 1, end + bool(before), indent, "html")
    state.bMarks[start], state.tShift[start], state.sCount[start], state.eMarks[end] = kept


def html_element(*, markdown_inside: bool, text_behind: bool) -> Rule:
    """An HTML block from its tag to the tag that closes it, blank lines included (kramdown, Python-Markdown).

    With `markdown_inside` what lies in an element with `markdown="1"` within it is read as Markdown, with `text_behind` what
    follows its closing tag on the same line (kramdown).
    """

    def rule(state: State, start: int, end: int, silent: bool) -> bool:
        first = state.bMarks[start] + state.tShift[start]
        if state.src[first : first + 1] != "<" or state.is_code_block(start):
            return False
        match = _OPENING_TAG.match(line_text(state, start))
        if match is None or match[1] not in _BLOCKS:
            return False
        tag = re.compile(rf"<(/?){match[1]}\b")
        depth, behind = 0, 0
        for last in range(start, end):
            if not may_look(state, 1):
                return False
            for mark in tag.finditer(state.src, state.bMarks[last] + state.tShift[last], state.eMarks[last]):
                depth += -1 if mark[1] else 1
                if depth == 0:
                    behind = state.src.find(">", mark.end(), state.eMarks[last]) + 1
            if depth <= 0:
                break
        else:
            return False
        if not silent:
            _element(state, start, last + 1, markdown_inside=markdown_inside)
            if text_behind and behind:
                _go_on_behind(state, last, end, behind)
        return True

    return rule


def _go_on_behind(state: State, line: int, end: int, place: int) -> None:
    """Read the rest of an element's last line as the beginning of a block of its own."""
    text = state.src[place : state.eMarks[line]]
    block = state.tokens[-1]
    if not text.strip() or text.lstrip().startswith("<") or block.type != "html_block":
        return
    content = block.content.rstrip("\n")
    if not content.endswith(text):
        return
    block.content = content.removesuffix(text) + "\n"
    state.bMarks[line] = place + len(text) - len(text.lstrip())
    state.tShift[line], state.sCount[line], state.line = 0, state.blkIndent, line
    any(rule(state, line, end, False) for rule in state.md.block.ruler.getRules(""))


def _element(state: State, start: int, end: int, *, markdown_inside: bool) -> None:
    number = start
    while markdown_inside and (opening := _opening_of_markdown(state, number, end)) is not None:
        line, place = opening
        before = state.bMarks[line], state.tShift[line], state.sCount[line]
        html_before = state.getLines(number, line, state.blkIndent, True) + state.src[before[0] : place]
        token = state.push("html_block", "", 0)
        token.content, token.map = html_before, [number, line + 1]
        state.bMarks[line], state.tShift[line], state.sCount[line] = place, 0, state.blkIndent
        is_read = markdown_in_html(state, line, end, False)
        state.bMarks[line], state.tShift[line], state.sCount[line] = before
        if not is_read:
            state.tokens.pop()
            break
        number = state.line
    if number < end:
        token = state.push("html_block", "", 0)
        token.content, token.map = state.getLines(number, end, state.blkIndent, True), [number, end]
    state.line = end


def _opening_of_markdown(state: State, start: int, end: int) -> tuple[int, int] | None:
    """The line, and the place in the source, of the first tag with `markdown="1"`."""
    for line in range(start, end):
        for tag in _OPENING_TAG.finditer(state.src, state.bMarks[line], state.eMarks[line]):
            if _MARKDOWN_ATTRIBUTE.search(tag[2]):
                return line, tag.start()
    return None


def html_block_of_kramdown(state: State, start: int, end: int, silent: bool) -> bool:
    """CommonMark's HTML block, unless it begins with an element of a line or a closing tag: both begin a paragraph in kramdown."""
    from markdown_it.rules_block import html_block

    line = line_text(state, start)
    match = _ANY_TAG.match(line)
    if match is not None and (line.startswith("</") or match[1].lower() in SPAN_ELEMENTS):
        return False
    return html_block(state, start, end, silent)


def add_rules(md: Any, flavour: Flavour) -> None:
    """Give a MarkdownIt the rules that the flavour asks for."""
    block = md.block.ruler
    if flavour.markdown_in_html:
        block.before("html_block", "markdown_in_html", markdown_in_html, ANYWHERE)
    if flavour.whole_html_blocks:
        block.before(
            "html_block",
            "html_element",
            html_element(markdown_inside=flavour.markdown_in_html, text_behind=flavour.renderer == "kramdown"),
            ANYWHERE,
        )
    if flavour.renderer == "kramdown":
        block.at("html_block", html_block_of_kramdown, {"alt": ["paragraph", "reference", "blockquote"]})
