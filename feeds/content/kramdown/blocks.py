"""kramdown's quotations, fences, headings and marks: rules for markdown-it's block parser (kramdown 2.4, parser/kramdown/*.rb).

kramdown takes the lines that belong to an item or a quotation, whatever is in them, and reads those as a document of their
own; CommonMark looks at each line for the end of what is open. Every rule looks at a bounded number of lines. No HTML that
comes out is trusted.
"""

from __future__ import annotations

import re
from typing import Any

from feeds.content.markdown.blocks import formula as block_formula
from feeds.content.markdown.blocks import line_text
from feeds.content.markdown.html_elements import SPAN_ELEMENTS
from feeds.lazy_patterns import lazy_pattern

State = Any

#: Deeper lists and quotations are read as CommonMark has them: each is a document of its own, and is read once more.
DEPTH = 12
END_MARK = lazy_pattern(r"\^\s*\Z")
ATTRIBUTE_LINE = lazy_pattern(r" {0,3}\{:(?![:/])(?:[^\\}]|\\.){1,500}\}\s*\Z")
#: A formula on one line with a list of attributes behind it, which belongs to the block.
_FORMULA_WITH_ATTRIBUTES = lazy_pattern(r"( {0,3}\$\$[^$]{1,2000}\$\$)(\{:(?![:/])(?:[^\\}]|\\.){1,500}\}\s*)\Z")
_SPANS = "|".join(sorted({*SPAN_ELEMENTS, "script"}))
TAG_OF_BLOCK = lazy_pattern(rf" {{0,3}}</?(?!(?:{_SPANS})\b)[A-Za-z_][\w.-]*", re.IGNORECASE)
_HEADING = lazy_pattern(r"#{1,6}[ \t]+[^ \t]")
_QUOTATION = lazy_pattern(r" {0,3}> ?")
_FENCE = lazy_pattern(r" {0,3}(`{3,}|~{3,})")
#: A definition on one line (LINK_DEFINITION_START), of which the address is one: prose stays in view.
_DEFINITION = lazy_pattern(
    r"\[([^^\n\]][^\n\]]{0,500})\]:[ \t]{0,99}(?=[^\n]{0,2000}[/#])(\S[^\n]{0,2000}?)(?:[ \t]{1,99}([\"'])([^\n]{1,500}?)\3)?\Z"
)
_UNDERLINE = lazy_pattern(r"(=|-)[-=]*[ \t\r\f\v]*\Z")


def source_line(state: State, line: int) -> str:
    """A line as it is written, without the indentation of what it lies in."""
    return str(state.getLines(line, line + 1, state.blkIndent, False))


def is_inside(state: State, line: int) -> bool:
    """Whether a line belongs to what is open around it."""
    return bool(state.isEmpty(line) or state.sCount[line] >= state.blkIndent)


def begins_block(state: State, line: int) -> bool:
    """Whether a blank line, an attribute list or the beginning of what lies around is before the line (BLOCK_BOUNDARY)."""
    if line == 0 or state.isEmpty(line - 1) or not state.tokens or state.tokens[-1].nesting == 1:
        return True
    before = source_line(state, line - 1)
    return bool(ATTRIBUTE_LINE.match(before) or END_MARK.match(before))


def ends_block(state: State, line: int, end: int) -> bool:
    """Whether a blank line, an attribute list or the end of what lies around comes at the line."""
    if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
        return True
    text = source_line(state, line)
    return bool(ATTRIBUTE_LINE.match(text) or END_MARK.match(text))


def blocks_of(state: State, text: str, line: int) -> list[Any]:
    """The tokens of a text that is read as a document of its own; `line` is its first line."""
    env = state.env
    tokens: list[Any] = []
    env.setdefault("lines", len(state.bMarks))
    depth, endless = env.get("depth", 0), env.pop("endless", None)
    env["depth"] = depth + 1
    state.md.block.parse(text, state.md, env, tokens)
    env["depth"] = depth
    env.pop("endless", None)
    if endless is not None:
        env["endless"] = endless
    for token in tokens:
        token.level += state.level
        if token.map:
            token.map = [token.map[0] + line, token.map[1] + line]
    return tokens


def quotation(state: State, start: int, end: int, silent: bool) -> bool:
    """A quotation: all lines up to a blank one (Kramdown#parse_blockquote)."""
    if state.is_code_block(start) or not _QUOTATION.match(source_line(state, start)):
        return False
    if silent:
        return True
    if state.env.get("depth", 0) >= DEPTH:
        from markdown_it.rules_block import blockquote

        return blockquote(state, start, end, False)
    lines, number = [], start
    while number < end and not state.isEmpty(number) and state.sCount[number] >= state.blkIndent:
        line = source_line(state, number)
        if number > start and (ATTRIBUTE_LINE.match(line) or END_MARK.match(line) or TAG_OF_BLOCK.match(line)):
            break
        mark = _QUOTATION.match(line)
        lines.append(line[mark.end() :] if mark else line)
        number += 1
    state.push("blockquote_open", "blockquote", 1).map = [start, number]
    state.tokens += blocks_of(state, "\n".join(lines), start)
    state.push("blockquote_close", "blockquote", -1)
    state.line = number
    return True


def closing_fence(state: State, start: int, end: int, marks: str) -> int | None:
    """The line that closes the fence of a line; kramdown's fence without one is text."""
    closings: dict[str, tuple[int, int]] = state.__dict__.setdefault("closing_fences", {})
    begun, closing = closings.get(marks, (0, -1))
    if closing < 0 or not begun <= start < closing:
        closing = start + 1
        while closing < end and not _closes(state, closing, marks):
            closing += 1
        closings[marks] = start, closing
    return closing if closing < end else None


def _closes(state: State, line: int, marks: str) -> bool:
    text = line_text(state, line)
    return text.startswith(marks) and not text.strip(marks[0] + " \t") and not state.is_code_block(line)


def code(state: State, start: int, end: int, silent: bool) -> bool:
    """Indented lines; a line that follows them without a blank line goes on with the last one (Kramdown#parse_codeblock)."""
    if not state.is_code_block(start):
        return False
    last = start
    for number in range(start + 1, end):
        if state.isEmpty(number):
            continue
        is_indented = state.is_code_block(number)
        if not is_indented and (state.isEmpty(number - 1) or not is_inside(state, number) or _ends_code(state, number)):
            break
        last = number
    text = ""
    for number in range(start, last + 1):
        is_lazy = bool(text) and not state.isEmpty(number) and not state.is_code_block(number)
        line = state.getLines(number, number + 1, (0 if is_lazy else 4) + state.blkIndent, True)
        text = f"{text.removesuffix(chr(10))} {line}" if is_lazy else text + line
    token = state.push("code_block", "code", 0)
    token.content, token.map = text, [start, last + 1]
    state.line = last + 1
    return True


def _ends_code(state: State, line: int) -> bool:
    text = source_line(state, line)
    return bool(ATTRIBUTE_LINE.match(text) or END_MARK.match(text) or TAG_OF_BLOCK.match(text))


def fence(state: State, start: int, end: int, silent: bool) -> bool:
    """A fence that is closed, with what is in it as it is written."""
    result = None if state.is_code_block(start) else _FENCE.match(line := source_line(state, start))
    if result is None or (result[1][0] == "`" and "`" in line[result.end() :]):
        return False
    closing = closing_fence(state, start, end, result[1])
    if closing is None:
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.content = state.getLines(start + 1, closing, state.blkIndent, True)
        token.info, token.markup, token.map = line[result.end() :].strip(), result[1], [start, closing + 1]
        state.line = closing + 1
    return True


def formula(state: State, start: int, end: int, silent: bool) -> bool:
    """`$$…$$` that begins and ends a block; within a paragraph it is a formula of the line (Kramdown#parse_block_math)."""
    before = len(state.tokens)
    if silent or not begins_block(state, start):
        return False
    match = _FORMULA_WITH_ATTRIBUTES.match(source_line(state, start))
    line_end = state.eMarks[start]
    state.eMarks[start] -= len(match[2]) if match else 0
    is_formula = block_formula(state, start, end, False)
    state.eMarks[start] = line_end
    if not is_formula:
        return False
    if match or ends_block(state, state.line, end):
        return True
    del state.tokens[before:]
    return False


def underlined_heading(state: State, start: int, end: int, silent: bool) -> bool:
    """A line with `===` or `---` below it, the first one of its block."""
    if (
        state.is_code_block(start)
        or start + 1 >= end
        or state.sCount[start + 1] < state.blkIndent
        or not begins_block(state, start)
    ):
        return False
    underline = _UNDERLINE.match(source_line(state, start + 1))
    if underline is None:
        return False
    tag = "h1" if underline[1] == "=" else "h2"
    state.push("heading_open", tag, 1).map = [start, start + 2]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = line_text(state, start).strip(), [start, start + 1], []
    state.push("heading_close", tag, -1)
    state.line = start + 2
    return True


def heading(state: State, start: int, end: int, silent: bool) -> bool:
    """A heading with `#`, which begins where its block does and holds something (Kramdown::Parser::GFM::ATX_HEADER_START)."""
    from markdown_it.rules_block import heading as commonmark

    is_heading = state.sCount[start] == state.blkIndent and _HEADING.match(line_text(state, start)) is not None
    return is_heading and commonmark(state, start, end, silent)


def definition(state: State, start: int, end: int, silent: bool) -> bool:
    """`[name]: an address "title"`: the address may hold blanks (Kramdown#parse_link_definition)."""
    from markdown_it.common.utils import normalizeReference
    from markdown_it.rules_block import reference

    if silent or reference(state, start, end, silent):
        return not silent
    match = None if state.is_code_block(start) else _DEFINITION.match(line_text(state, start).rstrip())
    if match is None:
        return False
    name = normalizeReference(match[1])
    href = state.md.normalizeLink(match[2].strip().replace(" ", "%20"))
    state.env.setdefault("references", {}).setdefault(name, {"title": match[4] or "", "href": href})
    state.line = start + 1
    return True


def end_mark(state: State, start: int, end: int, silent: bool) -> bool:
    """`^` alone on a line ends a block and is not shown."""
    if not END_MARK.match(source_line(state, start)):
        return False
    if not silent:
        state.line = start + 1
    return True


def add_rules(md: Any) -> None:
    """Give a MarkdownIt kramdown's rules instead of CommonMark's."""
    block = md.block.ruler
    block.at("code", code)
    block.before("fence", "end_mark", end_mark, {"alt": ["paragraph", "reference", "blockquote"]})
    block.at("fence", fence, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    block.at("blockquote", quotation, {"alt": ["paragraph", "reference", "list"]})
    block.at("formula", formula, {"alt": []})
    block.at("lheading", underlined_heading, {"alt": []})
    block.at("reference", definition)
    block.at("heading", heading, {"alt": ["paragraph", "reference", "blockquote"]})
