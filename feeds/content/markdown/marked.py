"""What marked from version 1 on reads otherwise than CommonMark: a rule for markdown-it's block parser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from feeds.content.markdown.blocks import line_text


def _ends_container(state: Any, start: int, end: int, silent: bool, *, table: Callable[..., bool]) -> bool:
    """A table that touches a list item or a quotation, and `#` at the beginning of a line below an item, are no part of its text.

    marked has the table within the item (lib/lexer.js, `blockTokens`), where CommonMark takes its rows for text.
    """
    if not silent:
        return False
    indentation, state.blkIndent = state.blkIndent, min(state.blkIndent, max(0, state.sCount[start]))
    try:
        is_table = "|" in line_text(state, start) and table(state, start, end, True)
    finally:
        state.blkIndent = indentation
    return is_table or (state.sCount[start] < indentation and line_text(state, start).startswith("#"))


def add_rules(md: Any) -> None:
    """Give a MarkdownIt the rule."""
    table = next(rule.fn for rule in md.block.ruler.__rules__ if rule.name == "table")
    rule = partial(_ends_container, table=table)
    md.block.ruler.before("paragraph", "ends_container", rule, {"alt": ["paragraph", "blockquote"]})
