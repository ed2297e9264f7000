"""Names of blocks (`^name` behind or below a block), by which notes link to them (Obsidian Help, "Internal links"): nobody sees them."""

from __future__ import annotations

import re
from typing import Any

from feeds.lazy_patterns import lazy_pattern

State = Any

_NAME = lazy_pattern(r"(?:^|(?<=\s))\^[A-Za-z0-9-]{1,100}[ \t]*\Z")
#: A name that Obsidian made up: nobody else writes one by accident.
_MADE_UP = lazy_pattern(r"(?:^|(?<=\s))\^(?=[a-f]*\d)[0-9a-f]{6}[ \t]*\Z")


def remove(state: State, pattern: re.Pattern[str]) -> None:
    """Take the name from the end of each paragraph and list item; a paragraph that is nothing else goes with it."""
    kept: list[Any] = []
    for place, token in enumerate(state.tokens):
        if token.type != "inline" or "^" not in token.content or state.tokens[place + 1].type != "paragraph_close":
            kept.append(token)
            continue
        last = token.children[-1] if token.children else None
        match = pattern.search(last.content) if last is not None and last.type == "text" else None
        if last is not None and match is not None:
            last.content = last.content[: match.start()].rstrip()
            while token.children and (token.children[-1].type in ("softbreak", "hardbreak") or _is_empty(token.children[-1])):
                token.children.pop()
        if match is not None and not token.children and kept[-1].type == "paragraph_open":
            # The paragraph's end follows, and is dropped with its beginning.
            kept.pop()
            state.tokens[place + 1].meta = {**state.tokens[place + 1].meta, "dropped": True}
            continue
        kept.append(token)
    state.tokens = [token for token in kept if not token.meta.get("dropped")]


def _is_empty(token: Any) -> bool:
    return token.type == "text" and not token.content


def add_rules(md: Any, renderer: str) -> None:
    """Let a MarkdownIt leave out the names of blocks: all of them in notes of Obsidian, in a plain folder those that it made up."""
    pattern = _NAME if renderer == "obsidian" else _MADE_UP
    md.core.ruler.push("block_ids", lambda state: remove(state, pattern))
