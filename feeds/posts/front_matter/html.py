"""Front matter in the head of an HTML file, as Pelican has it: the title and the meta elements are keys, the body is the body."""

from __future__ import annotations

import re

from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value
from feeds.posts.front_matter.types import GUARD, FormHandler, Span

#: How far a head reaches at most, in characters.
_HEAD_CHARACTERS = 200_000
_HEAD, _BODY = lazy_pattern(r"<head(?=[\s/>])", re.IGNORECASE), lazy_pattern(r"<body(?=[\s/>])", re.IGNORECASE)
_HEAD_END, _BODY_END = lazy_pattern(r"</head", re.IGNORECASE), lazy_pattern(r"</body", re.IGNORECASE)


class HtmlHead(FormHandler):
    """`<head>` with title and meta elements, and a `<body>`."""

    def find(self, text: str) -> Span | None:
        if text[:1] != "<":
            return None
        head = _HEAD.search(text, 0, _HEAD_CHARACTERS)
        start = text.find(">", head.end()) + 1 if head else 0
        end = _HEAD_END.search(text, start, _HEAD_CHARACTERS) if start else None
        body = _BODY.search(text) if end else None
        after = text.find(">", body.end()) + 1 if body else 0
        return Span(start, end.start(), after) if end and after else None

    def split(self, text: str) -> tuple[str, str]:
        raw, body = super().split(text)
        end = max((match.start() for match in _BODY_END.finditer(body)), default=None)
        return raw, body if end is None else body[:end] + GUARD

    def load_raw(self, raw: str) -> dict[str, Value]:
        from feeds.posts.front_matter.html_meta import Head

        head = Head()
        head.feed(raw)
        self.lines = head.lines
        return head.keys
