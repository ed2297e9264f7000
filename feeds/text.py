"""Plain text of one line, as titles, names and terms are: in comes what an author typed, out goes what XML can carry.

Markup that was plainly meant as markup goes; a lone `<b>` that a title talks about stays. No HTML comes out as HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from feeds.html_tags import NAMES, TAG
from feeds.lazy_patterns import lazy_pattern
from feeds.model import clean_text

_BLANKS = lazy_pattern(r"[\s\u200b\ufeff\u2060]+")
#: Characters that are not seen: Unicode's Default_Ignorable_Code_Point (UAX 44 section 5.3).
INVISIBLE = lazy_pattern(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: Elements that vanish with what they hold, and such as hold nothing.
_DEAD = frozenset("script style title textarea template noscript iframe object svg math xmp noembed noframes select".split())
_VOID = frozenset("area base br col embed frame hr image img input keygen link meta param source track wbr".split())
#: Elements that stand on a line of their own.
_APART = frozenset("br hr p div li h1 h2 h3 h4 h5 h6 td th tr dt dd".split())
#: What is left of a tag without an end, where it may become one in what stands behind the title.
_BEGUN = lazy_pattern(r"<(?=[a-zA-Z/!?][^<>]*=)")
#: How often tags are looked for anew: taking one out may join another (`<<b>script>`).
_PASSES = 8
_REFERENCE = lazy_pattern(
    r"&(?:amp;(?![a-zA-Z0-9#]{1,31};)|(?!amp;)(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)"
)
#: A reference to a character by a number of so many digits that no character has it.
LONG_NUMBER = lazy_pattern(r"&#[0-9]{100,};?")
#: Bidirectional embeddings, overrides and isolates (Unicode UAX 9), and what closes them.
_OPEN, _CLOSE = (
    "\u202a\u202b\u202d\u202e\u2066\u2067\u2068",
    {"\u202c": "\u202a\u202b\u202d\u202e", "\u2069": "\u2066\u2067\u2068"},
)
_BIDI = lazy_pattern("[\u202a-\u202e\u2066-\u2069]")


#: How a note of an author to oneself begins, in Liquid, Nunjucks, Hugo, kramdown, Obsidian and HTML.
_NOTE = lazy_pattern(
    r"(\{%[-+~]?\s{0,9}comment\s{0,9}[-+~]?%\})|(\{#(?![\w:.-]{1,100}(?:[ \t][^{}\n#]{0,300})?\}))"
    r"|(\{\{[<%]\s{0,9}comment\s{0,9}[>%]\}\})|(\{::comment\})|((?<!\S)%%(?=.))|(<!--)|(\{\{-?\s{0,9}/\*)"
)
#: How each of them ends.
_NOTE_ENDS = (
    lazy_pattern(r"\{%[-+~]?\s{0,9}endcomment\s{0,9}[-+~]?%\}"),
    lazy_pattern(r"#\}"),
    lazy_pattern(r"\{\{[<%]\s{0,9}/\s{0,9}comment\s{0,9}[>%]\}\}"),
    lazy_pattern(r"\{:/(?:comment)?\}"),
    lazy_pattern(r"%%"),
    lazy_pattern(r"-->"),
    lazy_pattern(r"\*/\s{0,9}-?\}\}"),
)
#: The places of those of Nunjucks and Obsidian among them.
_BRACES, _PERCENT = 1, 4


def without_notes(text: str, end: int) -> tuple[str, int]:
    """The text up to `end` without its author's notes to oneself, and where it ends: `end`, or behind a note that ends later.

    A note that is never closed hides the rest; but `{#` alone is text.
    """
    kept: list[str] = []
    at = 0
    look = 0
    open_braces = False
    while (match := _NOTE.search(text, look, end)) is not None:
        look = match.end()
        braces = match.lastindex == 2
        closing = None if braces and open_braces else _NOTE_ENDS[(match.lastindex or 1) - 1].search(text, look)
        if closing is None and braces:
            # None ends later, either.
            open_braces = True
            continue
        kept.append(text[at : match.start()])
        at = look = closing.end() if closing is not None else len(text)
        if at >= end:
            break
    kept.append(text[at:end])
    return "".join(kept), max(at, end)


def without_closed_notes(text: str) -> str:
    """The text without its author's notes to oneself; what is not closed is text, and so is `%%` unless a blank is behind it.

    `{# note` hides the rest: YAML takes ` #}` for a comment, so that its end is lost.
    """
    kept: list[str] = []
    at = look = 0
    unclosed: set[int] = set()
    while (match := _NOTE.search(text, look)) is not None:
        look = match.end()
        kind = (match.lastindex or 1) - 1
        if kind in unclosed or (kind == _PERCENT and not text[look].isspace()):
            continue
        closing = _NOTE_ENDS[kind].search(text, look)
        if closing is None:
            if kind == _BRACES and text[look : look + 1].isspace():
                return "".join(kept) + text[at : match.start()]
            unclosed.add(kind)
            continue
        if not text[look : closing.start()].strip():
            # A text about such marks.
            continue
        kept.append(text[at : match.start()])
        at = look = closing.end()
    return "".join(kept) + text[at:]


def without_invisible(text: str) -> str:
    """The text without the characters that are not seen."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    """The text in one line: controls out, blanks folded."""
    return _BLANKS.sub(" ", clean_text(text)).strip()


def unescape(text: str) -> str:
    """The text with its character references decoded as `html.unescape` does it, however long their numbers are.

    Python reads no number of more than 4300 digits; to HTML that is U+FFFD, like any beyond Unicode (section 13.2.5.80).
    """
    try:
        return html.unescape(text)
    except ValueError:
        return html.unescape(LONG_NUMBER.sub("\ufffd", text))


def plain(text: str, limit: int) -> str:
    """The text as one plain line of at most `limit` characters, notes and markup stripped and directions closed."""
    text = text[: limit * 8]
    if "{" in text or "%%" in text:
        text = without_closed_notes(text)
    if "<" in text:
        text = _without_markup(text)
    if "&" in text:
        text = _REFERENCE.sub(_decoded, text)
    text = one_line(text)
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return close_directions(text) if _BIDI.search(text) else text


def _decoded(match: re.Match[str]) -> str:
    """What a reference means, unless that would begin or end a tag."""
    character = html.unescape(match[0])
    return match[0] if character in "<>" else character


def _without_markup(text: str) -> str:
    """The text without tags that were meant as tags.

    A tag of an element of HTML goes if it has attributes with values, holds nothing, or is closed; a lone `<b>` or
    `<script setup>` is what the text talks about, and so is `List<String>`.
    """
    for _ in range(_PASSES):
        stripped = _stripped(text)
        if stripped == text:
            return _BEGUN.sub("< ", text)
        text = stripped
    return text.replace("<", "< ")


def _stripped(text: str) -> str:
    """The text without its comments, and the tags that a tokenizer finds in it."""
    while (begin := text.find("<!--")) >= 0:
        end = text.find("-->", begin + 4)
        text = text[:begin] + (text[end + 3 :] if end >= 0 else "")
    results = list(TAG.finditer(text))
    closed = _pairs(results)
    kept: list[str] = []
    at = 0
    for place, tag in enumerate(results):
        name, attributes = tag[2].lower(), tag[3].strip(" /\t\n\f\r")
        if tag.start() < at or not _is_markup(tag, name, attributes, place in closed):
            continue
        kept.append(text[at : tag.start()] + (" " if name in _APART else ""))
        partner = closed.get(place)
        at = results[partner].end() if partner is not None and name in _DEAD and not tag[1] else tag.end()
    return "".join(kept) + text[at:]


def _is_markup(tag: re.Match[str], name: str, attributes: str, is_paired: bool) -> bool:
    if name not in NAMES:
        return "=" in attributes or is_paired
    return bool("=" in attributes or tag[1] or tag[4]) or is_paired or name in _VOID


def _pairs(tags: Sequence[re.Match[str]]) -> dict[int, int]:
    """For each tag that has its opposite, the place of that."""
    open_tags: dict[str, list[int]] = {}
    pairs: dict[int, int] = {}
    for place, tag in enumerate(tags):
        name = tag[2].lower()
        if not tag[1]:
            open_tags.setdefault(name, []).append(place)
        elif open_tags.get(name):
            opening = open_tags[name].pop()
            pairs[opening], pairs[place] = place, opening
    return pairs


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
