"""The head of an HTML file -> its title and named meta elements, with the line of each. Imported when a post has such a head."""

from __future__ import annotations

from html.parser import HTMLParser

from feeds.model import Value


class Head(HTMLParser):
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
