"""What an author wrote nearly as Markdown, so that its marks are read as text: in come a body and its HTML, out go findings.

Chinese keyboards type full-width brackets and marks; `##heading` was a heading once. Looks at what came out, so that nothing is
told that this blog's Markdown reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from feeds.content.markdown.render import Note
from feeds.lazy_patterns import lazy_pattern
from feeds.text import unescape

_ADDRESS = r"(?:https?://|\.{0,2}/|[\w.-]{1,60}[./])"


class _Mistake(NamedTuple):
    """How a slip is written, what is wrong, and the fix."""

    pattern: re.Pattern[str]
    what: str
    fix: str


_SLIPS = (
    _Mistake(
        lazy_pattern(rf"!?\[[^\[\]\n]{{0,200}}\][（(]{_ADDRESS}[^\s()（）]{{1,500}}[）)]"),
        "full-width parentheses make no link: they come out as text",
        "write [text](address)",
    ),
    _Mistake(lazy_pattern(rf"!?【[^【】\n]{{1,200}}】\({_ADDRESS}[^\s()（）]{{1,500}}\)"), "full-width brackets make no link: they come out as text", "write [text](address)"),
    _Mistake(lazy_pattern(r"\([^()\n]{1,200}\)\[https?://[^\s\[\]]{1,500}\]"), "brackets and parentheses are swapped, and make no link: they come out as text", "write [text](address)"),
    _Mistake(lazy_pattern(r"(?m)^#{2,6}[^\s#]"), "no blank after #, which makes no heading: it comes out as text", "write a blank after the last #"),
    _Mistake(lazy_pattern(r"(?m)^[ ]{0,3}(?:·{3}|｀{3})"), "the marks begin no code: they come out as text", "write ```"),
)  # fmt: skip
#: Where one of them may be: most texts have none.
_SIGN = lazy_pattern(r"[）】]\(|\]（|\)\[http|^##|^[ ]{0,3}(?:·{3}|｀{3})", re.MULTILINE)
_TAG = lazy_pattern(r"<(/?)([\w-]{1,40})[^<>]{0,2000}>")


def slips(body: str, html: str) -> Iterator[Note]:
    """One note for each kind of slip, at the line of the first, if its marks are in the text that readers see."""
    if _SIGN.search(body) is None:
        return
    shown = _text(html)
    for slip in _SLIPS:
        found = next((match for match in slip.pattern.finditer(body) if match[0].strip() in shown), None)
        if found is not None:
            line = body.count("\n", 0, found.start()) + 1
            yield Note("markdown-slip", slip.what, line, slip.fix, "notice")


def _text(html: str) -> str:
    """The text of clean HTML without its code."""
    kept: list[str] = []
    at = depth = 0
    for tag in _TAG.finditer(html):
        if not depth:
            kept.append(html[at : tag.start()])
        at = tag.end()
        if tag[2] in ("code", "pre"):
            depth += -1 if tag[1] else 1
    return unescape("".join(kept) + html[at:])
