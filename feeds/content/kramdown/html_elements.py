"""HTML in a line of kramdown's Markdown: a rule for markdown-it's inline parser (kramdown 2.4, parser/kramdown/html.rb).

Elements of blocks and closing tags of nothing are text, e.g. in "put it within <h1> or <p>"; what is in `<code>` is no
Markdown. The rule looks at a bounded number of characters. No HTML that comes out is trusted.
"""

from __future__ import annotations

import re
from typing import Any

from feeds.lazy_patterns import lazy_pattern

State = Any

_NAME = r"(?:[A-Za-z_][\w.-]{0,60}:)?[A-Za-z_][\w.-]{0,60}"
_VALUE = r"(?:\s{0,20}=\s{0,20}(?:[^\s\"'=<>`]{1,500}|\"[^\"]{0,5000}\"|'[^']{0,5000}'))?"
_OPENING = lazy_pattern(rf"<({_NAME})(?:\s{{1,200}}{_NAME}{_VALUE}){{0,50}}\s{{0,200}}(/?)>")
_CLOSING = lazy_pattern(rf"</({_NAME})\s{{0,200}}>")
#: Kramdown::Parser::Html::Constants::HTML_BLOCK_ELEMENTS.
BLOCK_ELEMENTS = frozenset(
    "address article aside applet body blockquote caption col colgroup dd div dl dt fieldset figcaption footer form h1 h2 h3 h4 "
    "h5 h6 header hgroup hr html head iframe legend menu li main map nav ol optgroup p pre section summary table tbody td th "
    "thead tfoot tr ul".split()
)
#: Elements whose inside is taken as it is written (HTML_CONTENT_MODEL_RAW).
_RAW_ELEMENTS = frozenset("script style math option textarea pre code kbd samp var".split())
_WITHOUT_BODY = frozenset("area base br col command embed hr img input keygen link meta param source track wbr".split())


def tag(state: State, silent: bool) -> bool:
    """A tag of an element of a line as HTML, any other tag as text."""
    if state.src[state.pos] != "<":
        return False
    opening = _OPENING.match(state.src, state.pos, state.posMax)
    result = opening or _CLOSING.match(state.src, state.pos, state.posMax)
    if result is None:
        return False
    name, end = result[1].lower(), result.end()
    open_elements: list[str] = state.__dict__.setdefault("open_elements", [])
    is_html = name not in BLOCK_ELEMENTS if opening else name in open_elements
    if opening and is_html and name in _RAW_ELEMENTS and not result[2]:
        end = _end_of(state, name, end)
    if not silent:
        if not is_html:
            state.pending += result[0]
        else:
            state.push("html_inline", "", 0).content = state.src[state.pos : end]
            _note(open_elements, name, opens=opening is not None and end == result.end() and not result[2])
    state.pos = end
    return True


def _note(open_elements: list[str], name: str, *, opens: bool) -> None:
    """Keep the list of the elements that are open."""
    if opens:
        if name not in _WITHOUT_BODY and len(open_elements) < 1000:
            open_elements.append(name)
    elif name in open_elements:
        del open_elements[len(open_elements) - 1 - open_elements[::-1].index(name) :]


def _end_of(state: State, name: str, start: int) -> int:
    """Where an element ends that begins before `start`; `start` if it is not closed."""
    failed: set[str] = state.__dict__.setdefault("unclosed_elements", set())
    if name in failed:
        return start
    closing = re.compile(rf"</{re.escape(name)}\s{{0,20}}>", re.IGNORECASE).search(state.src, start, state.posMax)
    if closing is None:
        if state.posMax == len(state.src):
            failed.add(name)
        return start
    return closing.end()


def add_rules(md: Any) -> None:
    """Give a MarkdownIt the rule, beside markdown-it's own for comments."""
    md.inline.ruler.before("html_inline", "tag", tag)
