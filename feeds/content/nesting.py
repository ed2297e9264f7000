"""Whether a second parse would read a tree as it is: the rules of HTML by which one element ends another.

Cleaning takes elements away, and what is left may stand where no parser would put it (a paragraph within a paragraph that
a button held apart). Then it is cleaned once more. In come names from the outside in, out comes yes or no. A false yes only
costs time.
"""

from __future__ import annotations

#: What holds for the inside of an element, as bits.
PARAGRAPH, ITEM, DEFINITION, RUBY_TEXT = 1, 2, 4, 8
#: The nearest element around that is kept, as bits.
HEADING, LIST, DEFINITIONS, TABLE, ROWS, ROW, RUBY, DIVISION = 16, 32, 64, 128, 256, 512, 1024, 2048
_OPEN = PARAGRAPH | ITEM | DEFINITION | RUBY_TEXT

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
#: Their start ends a paragraph (HTML section 13.2.6.4.7).
_END_PARAGRAPHS = _HEADINGS | frozenset(
    "address article aside blockquote center dd details dir div dl dt fieldset figcaption figure footer form header hgroup hr li main"
    " menu nav ol p pre search section summary table ul".split()
)
_AROUND = {
    "ul": LIST, "ol": LIST, "dl": DEFINITIONS, "table": TABLE, "thead": ROWS, "tbody": ROWS, "tfoot": ROWS, "tr": ROW, "ruby": RUBY,
    "div": DIVISION, **dict.fromkeys(_HEADINGS, HEADING),
}  # fmt: skip
#: Where each may stand; a parser puts it elsewhere, or what is around it.
_WITHIN = {
    "li": LIST, "dt": DEFINITIONS | DIVISION, "dd": DEFINITIONS | DIVISION, "td": ROW, "th": ROW, "tr": ROWS | TABLE, "thead": TABLE, "tbody": TABLE,
    "tfoot": TABLE, "caption": TABLE, "rt": RUBY, "rp": RUBY,
}  # fmt: skip
#: Elements that an open item or definition does not look through (HTML section 13.2.6.4.7, "special").
_NO_BARRIER = frozenset(
    "a abbr address b cite code del dfn div em i ins kbd mark p q s samp small span strong sub sup time u var".split()
)


def inside(name: str, state: int) -> tuple[int, bool]:
    """The state within a kept element of that name that stands in `state`, and whether a parser would read it there."""
    around = state & ~_OPEN
    fits = not (
        (state & PARAGRAPH and name in _END_PARAGRAPHS)
        or (around == HEADING and name in _HEADINGS)
        or (name == "li" and state & ITEM)
        or (name in ("dt", "dd") and state & DEFINITION)
        or (name in ("rt", "rp") and state & RUBY_TEXT)
        or (name in _WITHIN and not around & _WITHIN[name])
        or (around & (TABLE | ROWS | ROW) and name not in _WITHIN)
    )
    opened = state & _OPEN
    if name in ("table", "td", "th", "caption"):
        opened = 0
    elif name not in _NO_BARRIER:
        opened &= ~(ITEM | DEFINITION)
    if name == "p":
        opened |= PARAGRAPH
    elif name == "li":
        opened |= ITEM
    elif name in ("dt", "dd"):
        opened |= DEFINITION
    elif name in ("rt", "rp"):
        opened |= RUBY_TEXT
    elif name == "ruby":
        opened &= ~RUBY_TEXT
    return opened | _AROUND.get(name, 0), fits
