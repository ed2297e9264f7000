"""kramdown's lists: a rule for markdown-it's block parser (kramdown 2.4, parser/kramdown/list.rb).

The lines that belong to an item are taken, whatever is in them, and read as a document of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from feeds.content.kramdown.blocks import ATTRIBUTE_LINE, DEPTH, END_MARK, TAG_OF_BLOCK, blocks_of, is_inside, source_line
from feeds.content.markdown.blocks import attributes_in
from feeds.lazy_patterns import lazy_pattern

State = Any

_RULER = lazy_pattern(r" {0,3}([*_-])[ \t]*\1[ \t]*\1(?:\1|[ \t])*\Z")
#: By the kind of a list: an item's mark with the blanks before it, and its text.
_ITEM_STARTS = {
    "ul": lazy_pattern(r"( {0,3}[+*-])([\t| ].*)\Z", re.DOTALL),
    "ol": lazy_pattern(r"( {0,3}\d{1,9}\.)([\t| ].*)\Z", re.DOTALL),
}
_LIST_START = lazy_pattern(r" {0,3}(?:[+*-]|\d{1,9}\.)[\t| ]")
_ITEM_ATTRIBUTES = lazy_pattern(r"\s*\{:(?!(?:\w[\w:-]*)?:|/)((?:[^\\}]|\\.){1,500})\}\s*")
_TASK = lazy_pattern(r"\s*\[([ xX])\]\s+")


@dataclass
class _Item:
    """An item of a list: where it begins, the width of its indentation, and its lines, those from a nested list on apart."""

    line: int
    indentation: int
    chunks: list[list[str]]
    attributes: dict[str, str] = field(default_factory=dict)
    tokens: list[Any] = field(default_factory=list)
    checked: bool | None = None


def listing(state: State, start: int, end: int, silent: bool) -> bool:
    """A list (Kramdown#parse_list): lines without indentation belong to an item too, until a blank one."""
    if state.is_code_block(start) or not _LIST_START.match(first := source_line(state, start)):
        return False
    if silent:
        return True
    if state.env.get("depth", 0) >= DEPTH:
        return _markdown_it_list(state, start, end)
    kind = "ul" if first.lstrip()[0] in "+*-" else "ol"
    items, number, is_ended = _items(state, start, end, kind)
    _read_items(state, items, is_ended=is_ended)
    name = {"ul": "bullet_list", "ol": "ordered_list"}[kind]
    opening = state.push(f"{name}_open", kind, 1)
    opening.map = [start, number]
    if kind == "ol" and (first_number := int(first.split(".")[0])) != 1:
        opening.attrs = {"start": first_number}
    for item in items:
        token = state.push("list_item_open", "li", 1)
        token.map, token.attrs = [item.line, item.line + sum(map(len, item.chunks))], dict(item.attributes)
        if item.checked is not None:
            token.meta = {"checked": item.checked}
        state.tokens += item.tokens
        state.push("list_item_close", "li", -1)
    state.push(f"{name}_close", kind, -1)
    state.line = number
    return True


def _markdown_it_list(state: State, start: int, end: int) -> bool:
    from markdown_it.rules_block import list_block

    return list_block(state, start, end, False)


def _items(state: State, start: int, end: int, kind: str) -> tuple[list[_Item], int, bool]:
    """The items of the list that begins at a line, the line behind it, and whether `^` ends it."""
    items: list[_Item] = []
    most_blanks, is_nested, after_blank = 3, False, False
    number, last = start, start
    while number < end and is_inside(state, number):
        line = source_line(state, number)
        if after_blank and _RULER.match(line):
            break
        if END_MARK.match(line):
            return items, number + 1, True
        match = _ITEM_STARTS[kind].match(line)
        if match and len(line) - len(line.lstrip(" ")) <= most_blanks:
            item = _item(number, len(match[1]), match[2])
            items.append(item)
            most_blanks = min(item.indentation, 4) - 1
            is_nested, after_blank = bool(_LIST_START.match(item.chunks[0][0])), False
        elif not line.strip():
            is_nested = after_blank = True
            item.chunks[-1].append("")
        elif _is_content(line, item.indentation) or (not after_blank and _is_lazy(line, item.indentation)):
            is_nested = _add_line(item, line, is_nested=is_nested)
            after_blank = False
        else:
            break
        number += 1
        last = last if after_blank else number
    return items, last, False


def _item(line: int, width: int, content: str) -> _Item:
    """An item by its first line: the text behind the mark, and how far the text is from the beginning of the line."""
    match = _ITEM_ATTRIBUTES.match(content)
    if not content[match.end() if match else 0 :].strip():
        indentation = 4
    else:
        blanks = content[: len(content) - len(content.lstrip(" \t"))]
        column = width
        for blank in blanks:
            column += 4 - column % 4 if blank == "\t" else 1
        indentation = column
    attributes: dict[str, str] = {}
    if match:
        attributes, content = attributes_in(match[1]), content[match.end() :]
    return _Item(line, indentation, [[content.lstrip()]], attributes)


def _is_content(line: str, indentation: int) -> bool:
    whole, rest = divmod(indentation, 4)
    column, at = 0, 0
    while at < len(line) and column < 4 * whole + 4:
        if line.startswith("    ", at):
            at += 4
        elif line[at] == "\t":
            at += 1
        else:
            break
        column += 4
    return column >= 4 * whole + 4 or (column >= 4 * whole and line.startswith(" " * rest, at))


def _is_lazy(line: str, indentation: int) -> bool:
    """Whether a line without the item's indentation goes on with it, whatever it would begin elsewhere."""
    if ATTRIBUTE_LINE.match(line) or TAG_OF_BLOCK.match(line):
        return len(line) - len(line.lstrip(" ")) > min(indentation, 3)
    return True


def _add_line(item: _Item, line: str, *, is_nested: bool) -> bool:
    """Add a line to an item; gives whether there is a nested list now."""
    blanks = len(line) - len(line.lstrip("\t"))
    line = "    " * blanks + line[blanks:]
    is_indented = line.startswith(" " * item.indentation)
    if is_indented:
        line = line[item.indentation :]
    if _LIST_START.match(line):
        if not is_nested and is_indented:
            item.chunks.append([])
            is_nested = True
        elif is_nested and not is_indented:
            line = " " * (item.indentation + 4) + line
    item.chunks[-1].append(line)
    return is_nested


def _read_items(state: State, items: list[_Item], *, is_ended: bool) -> None:
    """Read what each item holds; the first paragraph is no element where no blank line follows it (Kramdown#parse_list)."""
    state.level += 2
    previous_are_loose = True
    for item in items:
        line = item.line
        for chunk in item.chunks:
            text = "\n".join(chunk)
            if line == item.line and state.md.options.get("tasklists") and (task := _TASK.match(text)):
                item.checked, text = task[1] != " ", text[task.end() :]
            item.tokens += blocks_of(state, text, line)
            line += len(chunk)
        first = item.tokens[0] if item.tokens else None
        if first is None or first.type != "paragraph_open":
            previous_are_loose = False
            continue
        behind = first.map[1] - item.line
        is_followed = behind < len(item.chunks[0]) and not item.chunks[0][behind].strip()
        count = sum(1 for token in item.tokens if token.level == state.level and token.nesting >= 0)
        is_last = item is items[-1]
        if (not is_followed or (is_last and count == 1 and not is_ended)) and (
            not is_last or len(items) == 1 or not previous_are_loose
        ):
            first.hidden = item.tokens[2].hidden = True
            previous_are_loose = False
    state.level -= 2


def add_rules(md: Any) -> None:
    """Give a MarkdownIt kramdown's lists instead of CommonMark's."""
    md.block.ruler.at("list", listing, {"alt": ["paragraph", "reference", "blockquote"]})
