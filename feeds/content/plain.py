"""Words without markup: in comes HTML or text, out goes plain text, and a summary cut at a sentence.

Knows sentences of Chinese as of English, and never cuts a character that readers see as one. No HTML comes out.
"""

from __future__ import annotations

import html
import re
import unicodedata

from feeds.content.bounds import BoundError
from feeds.content.markup import prepared
from feeds.html_tags import TAG
from feeds.lazy_patterns import lazy_pattern
from feeds.model import SafeHtml, clean_text
from feeds.text import unescape

#: About as much as a reader shows below a title.
SUMMARY_CHARACTERS = 200

#: Elements of which no reader sees the inside.
_UNSEEN = frozenset({"object", "select", "template", "noscript", "applet", "svg", "datalist", "portal"})
_TEX = lazy_pattern(r"<annotation\b[^<>]{0,200}>([^<]*)</annotation", re.I)
_BLOCK = lazy_pattern(
    r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|pre|figure|figcaption|dl|dt|dd|hr|section|summary|details)\b[^<>]*>",
    re.I,
)
_CODE_BLOCK = lazy_pattern(r"<pre\b.*?(?:</pre\s*>|\Z)", re.I | re.S)
#: A blank beside full-width punctuation, which has its own room: where two paragraphs were joined.
_WIDE_BLANK = lazy_pattern(r"(?<=[。！？；：，、」』）】》〉〕]) | (?=[「『（【《〈〔])")
_SENTENCE_END = lazy_pattern(r"[。！？…；]+[”’」』）)】]*|[.!?]+[\"'”’)\]]*(?=\s|\Z)")
_SOFT_END = lazy_pattern(r"[，、：,;:—]|\s")


def plain_text(markup: str, *, code: bool = True) -> str:
    """The text of HTML in one line; with `code` false without its code blocks. Plain text comes through as it is.

    A formula is its TeX if it has that. What comes out may hold "<": it is text.
    """
    text = markup
    if "<" in text:
        if not isinstance(markup, SafeHtml):
            text = _whole(text)
        if "<math" in text:
            text = _with_tex(text)
        if not code:
            text = _CODE_BLOCK.sub(" ", text)
        text = TAG.sub("", _BLOCK.sub(" ", text))
    if "&" in text:
        text = unescape(text)
    return " ".join(clean_text(text).split())


def _whole(text: str) -> str:
    """Untrusted HTML without what no reader sees."""
    try:
        return _seen(prepared(text).text)
    except BoundError:
        return html.escape(text, quote=False)


def _seen(text: str) -> str:
    """Whole tags and text without the elements of which no reader sees the inside."""
    kept: list[str] = []
    at = depth = 0
    name = ""
    for tag in TAG.finditer(text):
        kind = tag[2].lower()
        if depth:
            depth += 0 if kind != name else -1 if tag[1] else 1
            at = tag.end() if not depth else at
        elif kind in _UNSEEN and not tag[1] and not tag[4]:
            kept.append(text[at : tag.start()])
            name, depth = kind, 1
    return "".join(kept) if depth else "".join(kept) + text[at:]


def _with_tex(text: str) -> str:
    """The text with the TeX of each formula in its place, if it has that."""
    pieces: list[str] = []
    at = 0
    while (begin := text.find("<math", at)) >= 0 and (end := text.find("</math", begin)) >= 0:
        tex = _TEX.search(text, begin, end)
        pieces += (text[at:begin], f" {tex[1]} " if tex else text[begin:end])
        at = end
    return "".join(pieces) + text[at:]


def summarise(text: str, limit: int = SUMMARY_CHARACTERS) -> str:
    """The text, cut behind its last sentence within `limit` characters, else at a pause with "…"."""
    # Of single blanks no more than every second character goes: so much of the text is enough.
    text = _WIDE_BLANK.sub("", " ".join(text.split())[: 3 * limit + 3])
    if len(text) <= limit:
        return text
    end = 0
    for match in _SENTENCE_END.finditer(text, 0, limit + 1):
        end = match.end()
    if limit // 3 <= end <= limit:
        return text[:end].rstrip()
    cut = _whole_characters(text, limit - 1)
    pause = 0
    for match in _SOFT_END.finditer(text, cut // 2, cut):
        pause = match.start()
    return text[: pause or cut].rstrip(" ，、：,;:—") + "…"


def _whole_characters(text: str, end: int) -> int:
    """The greatest end not after `end` that splits nothing that is seen as one character (UAX 29, the common rules)."""
    while 0 < end < len(text):
        after, before = text[end], text[end - 1]
        joined = (
            unicodedata.combining(after)
            or unicodedata.category(after) in ("Mn", "Me", "Mc")
            or after in "\u200d\ufe0e\ufe0f"
            or before == "\u200d"
            or "\U0001f3fb" <= after <= "\U0001f3ff"
            or ("\U0001f1e6" <= after <= "\U0001f1ff" and _flags_before(text, end) % 2)
        )
        if not joined:
            break
        end -= 1
    return end


def _flags_before(text: str, end: int) -> int:
    count = 0
    while end > count and "\U0001f1e6" <= text[end - count - 1] <= "\U0001f1ff":
        count += 1
    return count
