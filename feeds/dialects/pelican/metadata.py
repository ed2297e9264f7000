"""Front matter as Pelican's readers find it: in a file's path, in Markdown, reStructuredText and HTML (pelican/readers.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.content import restructuredtext
from feeds.dialects.base import OwnFrontMatter
from feeds.dialects.python_markdown import header
from feeds.model import Value

#: Keys of which Pelican takes the first line only (readers.DUPLICATES_DEFINITIONS_ALLOWED).
_SINGLE = frozenset({"tags", "date", "modified", "status", "category", "author", "save_as", "url", "authors", "slug"})
#: Keys that count as absent if they are empty (readers.METADATA_PROCESSORS).
_NEVER_EMPTY = frozenset({"tags", "status", "category", "author", "authors", "slug"})


def from_path(path: str, options: Mapping[str, Any]) -> dict[str, str]:
    """The keys in a file's path, the first pattern that gives a key (readers.parse_path_metadata)."""
    above, _, name = path.rpartition("/")
    base = name[: name.rfind(".")] if "." in name[1:] else name
    checks = [
        (options.get("filename_metadata", r"(?P<date>\d{4}-\d{2}-\d{2}).*"), base),
        (options.get("path_metadata", ""), path),
    ]
    keys: dict[str, str] = {}
    for pattern, text in checks:
        match = re.match(pattern, text) if pattern and text else None
        for key, value in match.groupdict().items() if match else ():
            if value is not None:
                keys.setdefault(key.lower(), value)
    folder = above.rpartition("/")[2]
    if folder and options.get("use_folder_as_category", True):
        keys.setdefault("category", folder)
    return keys


def processed(keys: Mapping[str, Any]) -> dict[str, Value]:
    """Keys with the lists that Pelican makes of them; those that are empty and must not be are left out."""
    result: dict[str, Value] = {}
    for key, value in keys.items():
        if key in ("tags", "authors"):
            value = _listed(value)  # noqa: PLW2901
        elif isinstance(value, list):
            value = value[0] if key in _SINGLE else " ".join(value)  # noqa: PLW2901
        if key == "date":
            value = value.replace("_", " ")  # noqa: PLW2901
        if key in _NEVER_EMPTY and not (value.strip() if isinstance(value, str) else value):
            continue
        result[key] = value
    return result


def _listed(value: Any) -> list[Value]:
    """The names in a list, or in text between semicolons, else commas (readers.ensure_metadata_list)."""
    if isinstance(value, str):
        value = value.split(";" if ";" in value else ",")
    return list(dict.fromkeys(name.strip() for name in value if name.strip()))


def markdown_header(text: str) -> OwnFrontMatter:
    keys, lines, body_line = header(text)
    single = {key: values[0] if key in _SINGLE else values for key, values in keys.items()}
    body = "\n".join(text.split("\n")[body_line - 1 :])
    return OwnFrontMatter(processed(single), lines, body, body_line)


def docinfo(text: str, *, strict: bool) -> OwnFrontMatter:
    document = restructuredtext.read(text, strict=strict)
    keys: dict[str, Any] = {name.lower(): value for name, value in document.fields}
    if document.title:
        keys.setdefault("title", document.title)
    lines = {name: text.count("\n", 0, max(0, text.lower().find(f":{name}:"))) + 1 for name in keys}
    return OwnFrontMatter(processed(keys), lines, text, 1)


def html_head(text: str) -> OwnFrontMatter:
    """The head's title and meta elements, and what is in body (readers.HTMLReader)."""
    from html.parser import HTMLParser

    keys: dict[str, Any] = {}
    lines: dict[str, int] = {}

    class Head(HTMLParser):
        in_head = in_title = False

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            self.in_head = self.in_head or tag == "head"
            self.in_title = self.in_head and tag == "title"
            values = dict(attributes)
            name = (values.get("name") or "").lower()
            if tag == "meta" and self.in_head and name:
                name = "tags" if name == "keywords" else name
                keys.setdefault(name, []).append(values.get("content") or values.get("contents") or "")
                lines.setdefault(name, self.getpos()[0])

        def handle_endtag(self, tag: str) -> None:
            self.in_head = self.in_head and tag != "head"
            self.in_title = self.in_title and tag != "title"

        def handle_data(self, data: str) -> None:
            if self.in_title:
                keys.setdefault("title", []).append(data)
                lines.setdefault("title", self.getpos()[0])

    opening = re.search(r"<body\b[^<>]{0,2000}>", text, re.IGNORECASE)
    if opening is None:
        return OwnFrontMatter({}, {}, "", 1)
    parser = Head()
    parser.feed(text[: opening.start()])
    end = text.lower().rfind("</body")
    body = text[opening.end() : end if end >= opening.end() else len(text)]
    joined = {key: "".join(values) if key == "title" or len(values) == 1 else values for key, values in keys.items()}
    return OwnFrontMatter(processed(joined), lines, body, text.count("\n", 0, opening.end()) + 1)
