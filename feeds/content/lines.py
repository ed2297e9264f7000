"""Where in a body an address stands: in comes a body once, out goes the line of each address, in linear time.

An address may be written in Markdown or HTML, with entities or percent-encoded; the renderer has changed it before
anybody finds something wrong with it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from feeds.lazy_patterns import lazy_pattern
from feeds.text import unescape

_ADDRESS = lazy_pattern(
    r"""\]\([ \t]{0,20}(?:<([^<>\n]{1,2000})>|((?:[^()\n]|\([^()\n]{0,500}\)){1,2000}))"""
    r"""|\b(?:href|src|poster|srcset|cite|data)\s{0,20}=\s{0,20}(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s>"']{1,2000}))"""
    r"""|^[ \t>]{0,20}\[[^\]\[\n]{1,200}\]:[ \t]{0,20}<?([^\s<>]{1,2000})"""
    r"""|<(https?:[^<>\s]{1,2000})>|(?<![\w"'(<=])(https?://[^\s<>"')\]]{1,2000})""",
    re.MULTILINE,
)
_TITLE = lazy_pattern(r"(?<!\s)\s+[\"'(]")


def plain(written: str) -> str:
    """An address without entities and percent-encoding, as two spellings of it are compared."""
    text = unescape(written) if "&" in written else written
    return (unquote(text) if "%" in text else text).strip()


def readable(written: str) -> str:
    """An address as a message shows it: as its author typed it, without the percent-encoding of Markdown's renderers."""
    try:
        return unquote(written, errors="strict") if "%" in written else written
    except UnicodeDecodeError:
        return written


class AddressLines:
    """The lines of a body's addresses, counted from 1."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._lines: dict[str, int] | None = None

    def line(self, written: str) -> int | None:
        """The first line that holds the address, however it is written there; None if no line does."""
        if self._lines is None:
            self._lines = self._read()
        return self._lines.get(plain(written))

    def _read(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        number, counted = 1, 0
        for match in _ADDRESS.finditer(self._body):
            at = match.start(match.lastindex or 0)
            number += self._body.count("\n", counted, at)
            counted = at
            written = match[match.lastindex or 0]
            lines.setdefault(plain(written), number)
            title = _TITLE.search(written)
            if title is not None:
                lines.setdefault(plain(written[: title.start()]), number)
        return lines
