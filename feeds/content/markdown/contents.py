"""The table of contents that kramdown makes of a list with `{:toc}`: the headings, nested by level, each with a link to its place.

Works on markdown-it's tokens after the text between marks has been parsed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote

#: The token that stands where the table goes; `meta["ordered"]` says whether it is numbered.
TOKEN = "contents"  # noqa: S105  the name of a token


_TEXTS = ("text", "text_special", "code_inline", "formula")


class _Heading(NamedTuple):
    """A heading: its level from 1, its text as HTML, its anchor."""

    level: int
    text: str
    anchor: str


def fill(state: Any) -> None:
    """The rule of markdown-it that fills the tables of contents."""
    places = [token for token in state.tokens if token.type == TOKEN]
    if not places:
        return
    headings = list(_headings(state.tokens))
    for token in places:
        token.content = _listing(headings, "ol" if token.meta["ordered"] else "ul")


def content_of(renderer: Any, tokens: Sequence[Any], place: int, options: Any, env: Any) -> str:
    """The HTML of a table of contents."""
    content: str = tokens[place].content
    return content


def _headings(tokens: Sequence[Any]) -> Iterator[_Heading]:
    seen: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        children = inline.children or ()
        plain = "".join(child.content for child in children if child.type in _TEXTS)
        anchor = str(token.attrGet("id") or _anchor(plain))
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        if not token.meta.get("no_toc") and plain.strip():
            name = f"{anchor}-{count}" if count else anchor
            yield _Heading(int(token.tag[1]), "".join(_spans(children)).strip(), quote(name))


def _spans(children: Sequence[Any]) -> Iterator[str]:
    """The text of a heading with its emphasis and code, without links, pictures and notes."""
    for child in children:
        if child.type in _TEXTS:
            text = html.escape(child.content, quote=False)
            yield f"<code>{text}</code>" if child.type == "code_inline" else text
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.tag in ("em", "strong"):
            yield f"</{child.tag}>" if child.nesting < 0 else f"<{child.tag}>"


def _anchor(text: str) -> str:
    """The id that kramdown's parser for GFM gives to a heading."""
    kinds = ((char, unicodedata.category(char)) for char in text.lower())
    kept = (char for char, kind in kinds if char in "- \t" or kind[0] in "LMN" or kind == "Pc")
    return re.sub(r"[ \t]", "-", "".join(kept).strip())


def _listing(headings: Sequence[_Heading], tag: str) -> str:
    """Nested lists: a heading belongs to the nearest one before it that has a lower level."""
    parts: list[str] = []
    levels: list[int] = []
    for heading in headings:
        before = len(levels)
        while levels and levels[-1] >= heading.level:
            levels.pop()
        depth = len(levels)
        parts.append(f"</li>\n</{tag}>\n" * (before - depth - 1))
        parts.append("</li>\n" if depth < before else f"\n<{tag}>\n")
        levels.append(heading.level)
        parts.append(f'<li><a href="#{heading.anchor}">{heading.text}</a>')
    return "".join(parts) + f"</li>\n</{tag}>\n" * len(levels) if parts else ""
