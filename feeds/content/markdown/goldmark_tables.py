"""goldmark's tables: part of a paragraph, with or without text above them (goldmark, extension/table.go).

A rule for markdown-it's block parser. As the lines are those of a paragraph, rows may be
indented as far as they like, and a table may continue a list item or a quotation without being indented at all.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import zip_longest
from typing import Any

from markdown_it.rules_block import paragraph
from markdown_it.rules_block.table import MAX_AUTOCOMPLETED_CELLS, escapedSplit

from feeds.lazy_patterns import lazy_pattern

State = Any

#: A table's ruler is looked for in so many lines of a paragraph.
_TEXT_LINES = 100

_RULER = lazy_pattern(r" {0,3}(?=[|:\-])[|:\- \t]*\Z")
_UNDERLINE = lazy_pattern(r" {0,3}=+[ \t]*\Z")
_COLUMN = lazy_pattern(r"[ \t]*(:?)-+(:?)[ \t]*\Z")


def table(state: State, start: int, end: int, silent: bool) -> bool:
    """A paragraph whose second or a later line is a table's ruler: the table begins with the line above the ruler."""
    if silent or not _may_hold_ruler(state, start):
        return False
    before = len(state.tokens)
    paragraph(state, start, end, silent)
    inline = state.tokens[-2]
    lines = inline.content.split("\n")
    number, alignments = next(
        ((number, columns) for number, line in enumerate(lines) if number and (columns := _alignments(line))), (0, [])
    )
    if not alignments or len(_cells(lines[number - 1])) > len(alignments):
        del state.tokens[before:]
        state.line = start
        return False
    first, last = inline.map
    # A heading's underline ends the paragraph: with a table above it, it is text (parser/setext_headings.go).
    underline = next((at for at in range(number + 1, len(lines)) if _UNDERLINE.match(lines[at])), len(lines))
    if underline < len(lines):
        lines, last = lines[:underline], first + underline
        state.line = last
    if number == 1:
        del state.tokens[before:]
    else:
        inline.content = "\n".join(lines[: number - 1]).rstrip()
        inline.map = state.tokens[-3].map = [first, first + number - 1]
    _push_table(state, lines[number - 1 :], alignments, (first + number - 1, last))
    return True


def _may_hold_ruler(state: State, start: int) -> bool:
    """Whether a ruler is in the lines below `start` up to the next empty one; the rulers of a document are looked for once."""
    source, rulers = state.env.get("rulers", (None, ()))
    if source is not state.src:
        # A ruler may be in a quotation or a list item: its line begins with their marks.
        rulers = [number for number, line in enumerate(state.src.split("\n")) if _alignments(line.lstrip(" \t>"))]
        state.env["rulers"] = state.src, rulers
    place = bisect_right(rulers, start)
    if place == len(rulers):
        return False
    return rulers[place] == start + 1 or not any(map(state.isEmpty, range(start + 1, min(rulers[place], start + _TEXT_LINES))))


def _alignments(line: str) -> list[str] | None:
    """How each column is aligned, "" where the ruler does not say; None if the line is not a ruler."""
    if "-" not in line or not _RULER.match(line) or not line.strip("- \t"):
        return None
    columns = line.strip(" \t").removeprefix("|").removesuffix("|").split("|")
    alignments = []
    for column in columns:
        match = _COLUMN.match(column)
        if match is None:
            return None
        alignments.append({(":", ":"): "center", ("", ":"): "right", (":", ""): "left"}.get((match[1], match[2]), ""))
    return alignments


def _cells(line: str) -> list[str]:
    """The cells of a row."""
    text = line.strip()
    cells: list[str] = escapedSplit(text)
    if cells and not cells[0].strip() and text.startswith("|"):
        cells.pop(0)
    if cells and not cells[-1].strip() and text.endswith("|"):
        cells.pop()
    return [cell.strip() for cell in cells]


def _push_table(state: State, lines: list[str], alignments: list[str], place: tuple[int, int]) -> None:
    """Write the tokens of a table; `lines` are its header, its ruler and its rows, which are in the lines `place` of the source."""
    first, last = place
    state.push("table_open", "table", 1).map = [first, last]
    state.push("thead_open", "thead", 1).map = [first, first + 1]
    _push_row(state, _cells(lines[0]), alignments, "th", first)
    state.push("thead_close", "thead", -1)
    rows, completed = lines[2:], 0
    if rows:
        state.push("tbody_open", "tbody", 1).map = [first + 2, last]
        for number, row in enumerate(rows):
            cells = _cells(row)
            completed += max(0, len(alignments) - len(cells))
            if completed > MAX_AUTOCOMPLETED_CELLS:
                break
            _push_row(state, cells, alignments, "td", first + 2 + number)
        state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)


def _push_row(state: State, cells: list[str], alignments: list[str], tag: str, line: int) -> None:
    state.push("tr_open", "tr", 1).map = [line, line + 1]
    # A row may be short of cells, and what it has too many is left out.
    for cell, alignment in zip_longest(cells[: len(alignments)], alignments, fillvalue=""):
        opened = state.push(f"{tag}_open", tag, 1)
        if alignment:
            opened.attrs = {"style": f"text-align:{alignment}"}
        token = state.push("inline", "", 0)
        token.content, token.map, token.children = cell, [line, line + 1], []
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)


def add_rules(md: Any) -> None:
    """Let a MarkdownIt read tables as goldmark does."""
    md.block.ruler.disable("table")
    md.block.ruler.before("lheading", "goldmark_table", table)
