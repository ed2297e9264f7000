"""What marked before version 1, and kramed, read otherwise than CommonMark: rules for a MarkdownIt."""

from __future__ import annotations

import re
from typing import Any

from feeds.content.flavour import Flavour

RENDERERS = frozenset({"marked-0", "kramed"})
#: Elements that begin no block of HTML (marked 0.3, `_tag` of its lexer).
_INLINE = frozenset(
    "a em strong small s cite q dfn abbr data time code var samp kbd sub sup i b u mark ruby rt rp bdi bdo span br wbr ins del img".split()
)
#: Characters that a backslash keeps from being Markdown (marked 0.3, `escape` of its inline lexer).
_ESCAPED = frozenset("\\`*{}[]()#$+-.!_>~|")
_TAG = re.compile(r"</?([A-Za-z][\w-]{0,30})(?![\w-])")


def add_rules(md: Any, flavour: Flavour) -> None:
    """Give a MarkdownIt the rules of these renderers."""
    from markdown_it.rules_block import html_block, reference
    from markdown_it.rules_inline import escape

    def reference_at_top(state: Any, start: int, end: int, silent: bool) -> bool:
        """`[name]: address` in a list is text there (marked's lexer, `top`); in a quotation, where it would be lost, too."""
        return state.level == 0 and reference(state, start, end, silent)

    def html_block_of_blocks(state: Any, start: int, end: int, silent: bool) -> bool:
        """A picture or another element of a line begins a paragraph: the text below it is Markdown."""
        match = _TAG.match(state.src, state.bMarks[start] + state.tShift[start])
        if match is not None and match[1].lower() in _INLINE:
            return False
        return html_block(state, start, end, silent)

    def escape_of_some(state: Any, silent: bool) -> bool:
        """`\\;` and a backslash at a line's end are text."""
        return state.src[state.pos + 1 : state.pos + 2] in _ESCAPED and escape(state, silent)

    md.block.ruler.at("reference", reference_at_top)
    if flavour.emphasis == "marked-0.3":
        md.inline.ruler.at("escape", escape_of_some)
        md.block.ruler.at("html_block", html_block_of_blocks, {"alt": ["paragraph", "reference", "blockquote"]})
