"""What marked before version 1, and kramed, read otherwise than CommonMark: rules for a MarkdownIt."""

from __future__ import annotations

from typing import Any

RENDERERS = frozenset({"marked-0", "kramed"})


def add_rules(md: Any) -> None:
    """Give a MarkdownIt the rules of these renderers."""
    from markdown_it.rules_block import reference

    def reference_at_top(state: Any, start: int, end: int, silent: bool) -> bool:
        """`[name]: address` in a list is text there (marked's lexer, `top`); in a quotation, where it would be lost, too."""
        return state.level == 0 and reference(state, start, end, silent)

    md.block.ruler.at("reference", reference_at_top)
