"""Fences within list items, as Hexo has them: a text goes in, one comes out in which CommonMark finds them there, too.

Hexo highlights fences before Markdown is read and leaves a comment in the place of each. For marked such a comment below a
list item belongs to it, and so does what follows up to the next blank line. In CommonMark a fence that is not indented
ends the list, and an indented list behind it would be code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from feeds.lazy_patterns import lazy_pattern

_FENCE = lazy_pattern(r"([ \t]{0,20})(`{3,99}|~{3,99})([^\n]{0,999})\Z")
_ITEM = lazy_pattern(r"( {0,20})(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}(?=\S)")


def indented(body: str) -> str:
    """The text with fences that touch a list item indented as far as the item's text is, and the lines behind them."""
    if "```" not in body and "~~~" not in body:
        return body
    lines = body.split("\n")
    fences = dict(_fences(lines))
    result: list[str] = []
    column, in_list, behind, number = 0, False, False, 0
    while number < len(lines):
        line = lines[number]
        last = fences.get(number, number)
        indent = len(line) - len(line.lstrip(" "))
        item = None if number in fences else _ITEM.match(line)
        if not line.strip():
            column, behind = 0, False
        elif number in fences:
            block = lines[number : last + 1]
            indent = _indent(line)
            *above, line = _moved(block, max(column, indent)) if in_list else block
            result.extend(above)
            behind = indent < column
        elif item is not None and (indent < 4 or in_list):
            column, in_list, behind = item.end(), True, False
        elif line.startswith("#"):
            column, in_list, behind = 0, False, False  # in CommonMark a heading ends the list
        elif behind and indent < column:
            line = " " * (column - indent) + line
        elif not column and not indent:
            in_list = False
        result.append(line)
        number = last + 1
    return "\n".join(result)


def _moved(block: Sequence[str], column: int) -> list[str]:
    """A fence that begins at a column, in which no line is indented less: such a line would end the list item."""
    code = block[1:-1]
    least = min((_indent(line) for line in (block[0], *code) if line.strip()), default=0)
    shift, margin = max(column - least, 0), " " * column
    if shift == column:
        # What is before the code is what the item takes away: tabs stay.
        code = [margin + line if line.strip() else line for line in code]
    elif shift:
        code = [" " * (shift + _indent(line)) + line.lstrip(" \t") if line.strip() else line for line in code]
    return [margin + block[0].lstrip(), *code, margin + block[-1].strip()]


def _indent(line: str) -> int:
    """How many columns a line is indented."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def _fences(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and the last line of each fence that is closed."""
    first, marks = -1, ""
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if match is None:
            continue
        if first < 0:
            if match[2][0] != "`" or "`" not in match[3]:
                first, marks = number, match[2]
        elif match[2].startswith(marks) and not match[3].strip():
            yield first, number
            first = -1
