"""HTML that no Markdown renderer may touch: taken out before it runs, put back after it.

A mark of letters and digits stands for each piece meanwhile. It goes through Markdown as a word does, also where it is part of
an address. The sanitiser comes after all of this.
"""

from __future__ import annotations

import html
import re
from functools import cached_property

from feeds.lazy_patterns import lazy_pattern
from feeds.model import digest
from feeds.text import unescape

#: More than this is not put back: a template that shows its inside twice, within another that does, doubles each time.
_MOST_CHARACTERS = 2_000_000
_TAG = lazy_pattern(r"<[^<>]{0,4000}>")


class Fragments:
    """The pieces of one body."""

    def __init__(self, body: str) -> None:
        """Marks are chosen so that the body holds none."""
        self._pieces: list[str] = []
        self._blocks: list[bool] = []
        self._sizes: list[int] = []
        seed = 0
        while True:
            # Letters only, and no vowels: no word in any language, no entity, no emoji code, no number.
            letters = digest(body[:1000], str(len(body)), str(seed)).translate(_CONSONANTS)[:12]
            self._mark = f"q{letters}q"
            if self._mark not in body:
                break
            seed += 1

    @cached_property
    def _found(self) -> re.Pattern[str]:
        # Most bodies have no piece: a pattern takes longer to compile than to find nothing with.
        return re.compile(rf"{self._mark}(\d{{1,7}})q")

    def keep(self, markup: str, *, block: bool) -> str:
        """The mark that stands for some HTML."""
        size = len(markup) + sum(self._sizes[int(match[1])] for match in self._found.finditer(markup))
        if size > _MOST_CHARACTERS:
            markup, size = "", 0
        self._pieces.append(markup)
        self._blocks.append(block)
        self._sizes.append(size)
        return f"{self._mark}{len(self._pieces) - 1}q"

    def filled(self, rendered: str) -> str:
        """The rendered body with the HTML in its places; within a tag only the text of it."""
        if not self._pieces:
            return rendered
        if self._mark in rendered:
            rendered = _TAG.sub(lambda tag: self._within_tag(tag[0]) if self._mark in tag[0] else tag[0], rendered)
            rendered = re.sub(rf"<p>\s{{0,99}}{self._mark}(\d{{1,7}})q\s{{0,99}}</p>", self._paragraph, rendered)
        return self._found.sub(lambda match: self._whole(int(match[1])), rendered)

    def _paragraph(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self._whole(number) if self._blocks[number] else match[0]

    def _whole(self, number: int) -> str:
        """A piece with the pieces in it, which are older than it."""
        if number >= len(self._pieces):
            return ""
        return self._found.sub(lambda match: self._whole(int(match[1])) if int(match[1]) < number else "", self._pieces[number])

    def _within_tag(self, tag: str) -> str:
        def text(match: re.Match[str]) -> str:
            return html.escape(unescape(_TAG.sub("", self._whole(int(match[1])))))

        return self._found.sub(text, tag)


_CONSONANTS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrtvw")
