"""Prepared HTML -> the tokens that html5lib's tree is built of: a tokenizer for markup in which every tag is whole.

html5lib's own reads character by character, which is most of the time that cleaning takes, and is quadratic in the length
of a tag's name and in the number of its attributes. In comes what markup.py prepared: no comments, no raw text, "<" only as the
beginning of a tag. So a tag is one match of a pattern, and text is all that is between two of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from feeds.html_tags import TAG

#: html5lib's numbers of token types.
_DOCTYPE, _CHARACTERS, _SPACE, _START, _END = 0, 1, 2, 3, 4
_ATTRIBUTE = re.compile(
    r"([^\t\n\f\r />=<\"'][^\t\n\f\r />=<\"']*+)"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r ><\"'][^\t\n\f\r ><]*+)|(?=>)))?+"
)
#: References in attributes: without a semicolon none before "=" or a letter (HTML section 13.2.5.73).
_REFERENCE = re.compile(r"&(?:#[0-9]{1,9};?|#[xX][0-9a-fA-F]{1,8};?|[a-zA-Z][a-zA-Z0-9]{1,40}(?:;|(?![a-zA-Z0-9=])))")
_SPACES = re.compile(r"[\t\n\f\r ]+")


class _NoStream:
    """What html5lib asks of its input: nothing that is known here."""

    charEncoding = (None, "certain")  # noqa: N815  html5lib's name

    @staticmethod
    def position() -> tuple[int, int]:
        return (1, 0)


class Tokens:
    """The tokens of a page whose body is `text`. html5lib sets `state` where raw text begins; there is none."""

    rcdataState = rawtextState = scriptDataState = plaintextState = None  # noqa: N815  html5lib's names

    def __init__(self, text: str) -> None:
        self.text = text
        self.state: Any = None
        self.stream = _NoStream()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield {"type": _DOCTYPE, "name": "html", "publicId": None, "systemId": None, "correct": True}
        yield _start("body", {}, closes_itself=False)
        text, at = self.text, 0
        for found in TAG.finditer(text):
            if found.start() > at:
                yield from _characters(text[at : found.start()])
            at = found.end()
            name = found[2]
            name = name if name.islower() else name.lower()
            if found[1]:
                yield {"type": _END, "name": name, "data": {}, "selfClosing": False}
            else:
                yield _start(name, _attributes(found[3]) if found[3] else {}, closes_itself=bool(found[4]))
        if at < len(text):
            yield from _characters(text[at:])


def _start(name: str, attributes: dict[str, str], *, closes_itself: bool) -> dict[str, Any]:
    return {"type": _START, "name": name, "data": attributes, "selfClosing": closes_itself, "selfClosingAcknowledged": False}


def _characters(text: str) -> Iterator[dict[str, Any]]:
    """Text, decoded; blanks at its beginning are a token of their own, which tables keep in their place."""
    if "&" in text:
        text = html.unescape(text)
    spaces = _SPACES.match(text)
    if spaces is None:
        yield {"type": _CHARACTERS, "data": text}
        return
    yield {"type": _SPACE, "data": spaces[0]}
    if spaces.end() < len(text):
        yield {"type": _CHARACTERS, "data": text[spaces.end() :]}


def _attributes(text: str) -> dict[str, str]:
    """The attributes of a tag by name; of two with one name the first counts."""
    made: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text):
        value = found[found.lastindex] or "" if found.lastindex and found.lastindex > 1 else ""
        if "&" in value:
            value = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), value)
        made.setdefault(found[1].lower(), value)
    return made
