"""Metadata at the top of a Markdown file as Python-Markdown's extension `meta` reads it (Pelican, and Nikola if switched on).

https://python-markdown.github.io/extensions/meta_data/
"""

from __future__ import annotations

from feeds.lazy_patterns import lazy_pattern

_KEY = lazy_pattern(r"[ ]{0,3}(?P<key>[A-Za-z0-9_-]+):\s*(?P<value>.*)")
_MORE = lazy_pattern(r"[ ]{4,}(?P<value>.*)")
_BEGIN = lazy_pattern(r"-{3}")
_END = lazy_pattern(r"-{3}|\.{3}")


def header(text: str) -> tuple[dict[str, list[str]], dict[str, int], int]:
    """The lines of each key in lower case, the line of each key (from 1), and the line on which the body begins."""
    rows = text.removeprefix("\ufeff").expandtabs(4).split("\n")
    keys: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    last = ""
    number = 1 if _BEGIN.match(rows[0]) else 0
    while number < len(rows):
        row = rows[number]
        number += 1
        match = _KEY.match(row)
        if not row.strip() or _END.match(row):
            return keys, lines, number + 1
        if match:
            last = match["key"].lower().strip()
            keys.setdefault(last, []).append(match["value"].strip())
            lines.setdefault(last, number)
        elif last and (more := _MORE.match(row)):
            keys[last].append(more["value"].strip())
        else:
            return keys, lines, number
    return keys, lines, number + 1
