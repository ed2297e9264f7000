"""kramdown's tables: lines that all have a bar, with or without a line of dashes (kramdown 2.4, parser/kramdown/table.rb).

A rule for markdown-it's block parser, which looks at each line of a paragraph once. Must not read what is in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from feeds.content.kramdown.blocks import begins_block, ends_block, source_line
from feeds.lazy_patterns import lazy_pattern

State = Any

_ALIGNMENT = lazy_pattern(r"[ \t]?(:?)-+(:?)[ \t]?")
_BAR = lazy_pattern(r"\||.*?[^\\]\|")
#: What in a row is no bar of the table: escapes, code, formulas.
_PIECE = lazy_pattern(r"\\.|`+|\$\$|<code\b[^<>]{0,500}>|\|", re.DOTALL)
#: Short rows get no more empty cells than this, all rows together.
_MOST_EMPTY = 10_000

Row = list[tuple[str, int]]


class _Section(NamedTuple):
    """`thead`, `tbody` or `tfoot`, and its rows; a row's cells have the number of its line."""

    tag: str
    rows: list[Row]


def _is_ruler(line: str, mark: str) -> bool:
    """Whether the line parts sections of a table: bars, colons and blanks, and the mark at least once."""
    return mark in line and not line.strip(f"+|: \t{mark}")


def table(state: State, start: int, end: int, silent: bool) -> bool:
    """A table (Kramdown#parse_table): it begins and ends a block, and each of its lines has a bar that is not in code."""
    if silent or state.is_code_block(start) or not _BAR.match(source_line(state, start)) or not begins_block(state, start):
        return False
    number = start
    while number < end and not state.isEmpty(number) and state.sCount[number] >= state.blkIndent:
        if not _BAR.match(source_line(state, number)):
            break
        number += 1
    if not ends_block(state, number, end):
        return False
    sections, alignments = _sections(state, start, number)
    if not any(section.tag == "tbody" for section in sections):
        return False
    _push(state, sections, alignments, (start, number))
    state.line = number
    return True


def _sections(state: State, start: int, end: int) -> tuple[list[_Section], list[str]]:
    """The table's parts and the columns' alignments; no parts where a line has no bar outside of code."""
    sections: list[_Section] = []
    alignments: list[str] = []
    rows: list[Row] = []
    has_footer = False
    leads = source_line(state, start).lstrip().startswith("|")
    for number in range(start, end):
        line = source_line(state, number).rstrip(" \t")
        if _is_ruler(line, "-"):
            if rows and not alignments and not has_footer:
                sections.append(_Section("thead", rows))
                alignments = [_alignment(*item) for item in _ALIGNMENT.findall(line)]
                rows = []
            elif rows and not has_footer:
                sections.append(_Section("tbody", rows))
                rows = []
        elif _is_ruler(line, "="):
            if rows:
                sections.append(_Section("tbody", rows))
                rows = []
            has_footer = True
        else:
            cells = list(_cells(line))
            if len(cells) == 1:
                return [], []
            if leads and not cells[0].strip():
                del cells[0]
            if cells and not cells[-1].strip():
                del cells[-1]
            rows.append([(cell.strip(), number) for cell in cells])
    if rows:
        sections.append(_Section("tfoot" if has_footer else "tbody", rows))
    return sections, alignments


def _alignment(left: str, right: str) -> str:
    return ("center" if left else "right") if right else ("left" if left else "")


def _cells(line: str) -> Iterator[str]:
    """The cells of a row; a bar in code or in a formula is none, and `\\|` is a bar of the text."""
    pieces = list(_PIECE.finditer(line))
    following: dict[str, list[int]] = {}
    for place in range(len(pieces) - 1, -1, -1):
        following.setdefault(pieces[place][0], []).append(place)
    cell, at, place = "", 0, 0
    while place < len(pieces):
        piece = pieces[place]
        mark = piece[0]
        if piece.start() < at:
            place += 1
            continue
        cell += line[at : piece.start()]
        at = piece.end()
        later = following[mark]
        while later and later[-1] <= place:
            later.pop()
        place += 1
        if mark == "|":
            yield cell
            cell = ""
        elif mark == "\\|":
            cell += "|"
        elif mark[0] in "`$" and later:
            closing = pieces[later[-1]]
            cell += line[piece.start() : closing.end()]
            at, place = closing.end(), later[-1] + 1
        elif mark[0] == "<" and (closed := line.find("</code>", at)) >= 0:
            cell += line[piece.start() : closed]
            at = closed
        else:
            cell += mark
    yield cell + line[at:]


def _push(state: State, sections: list[_Section], alignments: list[str], lines: tuple[int, int]) -> None:
    columns = max(len(row) for section in sections for row in section.rows)
    empty = sum(columns - len(row) for section in sections for row in section.rows)
    state.push("table_open", "table", 1).map = list(lines)
    for tag, rows in sections:
        state.push(f"{tag}_open", tag, 1)
        for row in rows:
            state.push("tr_open", "tr", 1)
            kind = "th" if tag == "thead" else "td"
            missing = columns - len(row) if empty <= _MOST_EMPTY else 0
            for column, (cell, line) in enumerate([*row, *[("", lines[0])] * missing]):
                token = state.push(f"{kind}_open", kind, 1)
                if column < len(alignments) and alignments[column]:
                    token.attrs = {"style": f"text-align:{alignments[column]}"}
                inline = state.push("inline", "", 0)
                inline.content, inline.map, inline.children = cell, [line, line + 1], []
                state.push(f"{kind}_close", kind, -1)
            state.push("tr_close", "tr", -1)
        state.push(f"{tag}_close", tag, -1)
    state.push("table_close", "table", -1)


def add_rules(md: Any) -> None:
    """Give a MarkdownIt kramdown's tables, and GitHub's for those that kramdown leaves as text, e.g. within a paragraph."""
    from markdown_it.rules_block import table as github_table

    md.disable("table")
    md.block.ruler.before("paragraph", "kramdown_table", table, {"alt": []})
    md.block.ruler.before("paragraph", "github_table", github_table, {"alt": ["paragraph", "reference"]})
