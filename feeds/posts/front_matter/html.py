"""Front matter in the head of an HTML file, as Pelican has it: the title and the meta elements are keys, the body is the body."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from feeds.model import Value
from feeds.posts.front_matter.types import GUARD, FormHandler, Span

#: How far a head reaches at most, in characters.
_HEAD_CHARACTERS = 200_000
_HEAD, _BODY = re.compile(r"<head(?=[\s/>])", re.IGNORECASE), re.compile(r"<body(?=[\s/>])", re.IGNORECASE)
_HEAD_END, _BODY_END = re.compile(r"</head", re.IGNORECASE), re.compile(r"</body", re.IGNORECASE)


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
        head = _Head()
        head.feed(raw)
        self.lines = head.lines
        return head.keys


class _Head(HTMLParser):
    """Collects the title and the named meta elements."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, Value] = {}
        self.lines: dict[str, int] = {}
        self.in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.in_title = tag == "title"
        name, content = attributes.get("name"), attributes.get("content")
        if tag == "meta" and name and content is not None:
            self.keys.setdefault(name, content)
            self.lines.setdefault(name, self.getpos()[0])

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.keys["title"] = data.strip()
            self.lines.setdefault("title", self.getpos()[0])
            self.in_title = False
