"""Plain text of one line, as titles, names and terms are: in comes what an author typed, out goes what XML can carry.

Markup that was plainly meant as markup goes; a lone `<b>` that a title talks about stays. No HTML comes out as HTML.
"""

from __future__ import annotations

import re

from feeds.model import clean_text

_BLANKS = re.compile(r"[\s\u200b\ufeff\u2060]+")
#: Characters that are not seen: Unicode's Default_Ignorable_Code_Point (UAX 44 section 5.3).
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: Elements that vanish with what they hold.
_DEAD = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
#: A pair `<em>…</em>` of inline markup, innermost first.
_PAIR = re.compile(
    r"<(a|abbr|b|big|cite|code|del|dfn|em|font|h[1-6]|i|ins|kbd|mark|p|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var)"
    r"\b[^<>]*>([^<>]*)</\1\s*>",
    re.IGNORECASE,
)
#: A tag that carries attributes or stands alone by nature: nobody means it as text.
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s+[a-z-]+\s*=\s*[^<>]*)/?>|<(?:br|hr|wbr)\s*/?>", re.IGNORECASE)
#: Bidirectional embeddings, overrides and isolates (Unicode UAX 9), and what closes them.
_OPEN, _CLOSE = (
    "\u202a\u202b\u202d\u202e\u2066\u2067\u2068",
    {"\u202c": "\u202a\u202b\u202d\u202e", "\u2069": "\u2066\u2067\u2068"},
)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


#: How a note of an author to oneself begins, in Liquid, Nunjucks, Hugo, kramdown, Obsidian and HTML.
_NOTE = re.compile(
    r"(\{%[-+~]?\s{0,9}comment\s{0,9}[-+~]?%\})|(\{#(?![\w:.-]{1,100}(?:[ \t][^{}\n#]{0,300})?\}))"
    r"|(\{\{[<%]\s{0,9}comment\s{0,9}[>%]\}\})|(\{::comment\})|((?<!\S)%%(?=.))|(<!--)"
)
#: How each of them ends.
_NOTE_ENDS = (
    re.compile(r"\{%[-+~]?\s{0,9}endcomment\s{0,9}[-+~]?%\}"),
    re.compile(r"#\}"),
    re.compile(r"\{\{[<%]\s{0,9}/\s{0,9}comment\s{0,9}[>%]\}\}"),
    re.compile(r"\{:/(?:comment)?\}"),
    re.compile(r"%%"),
    re.compile(r"-->"),
)


def without_notes(text: str, end: int) -> tuple[str, int]:
    """The text up to `end` without its author's notes to oneself, and where it ends: `end`, or behind a note that ends later.

    A note that is never closed hides the rest; but `{#` alone is text.
    """
    kept: list[str] = []
    at = 0
    look = 0
    open_braces = False
    while (found := _NOTE.search(text, look, end)) is not None:
        look = found.end()
        braces = found.lastindex == 2
        closing = None if braces and open_braces else _NOTE_ENDS[(found.lastindex or 1) - 1].search(text, look)
        if closing is None and braces:
            # None ends later, either.
            open_braces = True
            continue
        kept.append(text[at : found.start()])
        at = look = closing.end() if closing is not None else len(text)
        if at >= end:
            break
    kept.append(text[at:end])
    return "".join(kept), max(at, end)


def without_invisible(text: str) -> str:
    """The text without the characters that are not seen."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    """The text in one line: controls out, blanks folded."""
    return _BLANKS.sub(" ", clean_text(text)).strip()


def plain(text: str, limit: int) -> str:
    """The text as one plain line of at most `limit` characters, markup stripped and directions closed."""
    if "<" in text:
        text = _TAG.sub("", _DEAD.sub("", text[: limit * 8]))
        while True:
            stripped = _PAIR.sub(r"\2", text)
            if stripped == text:
                break
            text = stripped
    text = one_line(text)
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return close_directions(text) if _BIDI.search(text) else text


def close_directions(text: str) -> str:
    """Close each direction that the text opens, so that it cannot turn what stands after it (UAX 9 section 3.1)."""
    open_now: list[str] = []
    kept: list[str] = []
    for character in text:
        if character in _OPEN:
            open_now.append(character)
        elif character in _CLOSE:
            if not open_now or open_now[-1] not in _CLOSE[character]:
                continue
            open_now.pop()
        kept.append(character)
    kept.extend("\u202c" if character in _CLOSE["\u202c"] else "\u2069" for character in reversed(open_now))
    return "".join(kept)
