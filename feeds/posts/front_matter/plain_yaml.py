"""The plain subset of YAML that most posts' front matter is written in, read line by line: text in, keys and their lines out.

A key and a value on one line, the value a plain scalar, a quoted one without escapes, or a flat list; or a flat list below the
key. Whatever else is in the text, the whole of it is left to libyaml (yaml.py), which gives the same result for the subset:
tests/test_plain_yaml.py compares the two. Scanning takes about a fifth of libyaml's time. Reports no error of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from feeds.lazy_patterns import lazy_pattern
from feeds.model import Quoted, Value

#: Scalars that are no value (YAML 1.1, the type null), unless quoted.
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
#: Tabs, and characters that libyaml refuses (YAML 1.1 section 5.1) or takes for a line's end or a byte order mark.
_OTHER_CHARACTERS = lazy_pattern("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
#: With more lines or brackets than that, libyaml's path has bounds to hold.
_MOST_LINES, _MOST_BRACKETS = 500, 40
_MOST_INDENT = 40
#: A line of a mapping: its key, and the value with the blanks around it. libyaml bounds a key at 1,024 bytes.
_KEY = lazy_pattern(r"([^\W\d][\w-]{0,80}):(?: ++(.*+))?\Z")
#: A list's item below its key: its indent, and the value.
_ITEM = lazy_pattern(r"( *+)- ++(.*+)\Z")
#: Characters that begin something else than a plain scalar, or may (YAML 1.1 section 5.3); "=" is a type of its own.
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=")
#: An item of a flow list: quoted, or plain without any character that could mean something there.
_FLOW_ITEM = lazy_pattern(r" *(?:\"([^\"\\]*)\"|'([^']*)'|([^\W_](?:[\w./+ -]*[\w./+-])?)) *\Z")


class PlainMapping(NamedTuple):
    """The keys with their values, and the line of each key, counted from 1."""

    keys: dict[str, Value]
    lines: dict[str, int]


def scan(raw: str) -> PlainMapping | None:
    """The mapping that the text is; None if it is anything that only libyaml reads, e.g. a list of lists, or a mistake."""
    if _OTHER_CHARACTERS.search(raw) or raw.count("[") + raw.count("{") > _MOST_BRACKETS:
        return None
    lines = raw.split("\n")
    if len(lines) > _MOST_LINES:
        return None
    mapping = PlainMapping({}, {})
    return mapping if _scan_lines(lines, mapping) and mapping.keys else None


def _scan_lines(lines: list[str], mapping: PlainMapping) -> bool:
    """Read the lines into the mapping; False if one of them is not of the subset."""
    keys = mapping.keys
    open_key = ""
    items: list[Value] | None = None
    indent = ""
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#" or not line.strip(" "):
            continue
        if line[0] in " -":
            item = _ITEM.match(line)
            if item is None or not open_key or len(item[1]) > _MOST_INDENT:
                return False
            if items is None:
                keys[open_key] = items = []
                indent = item[1]
            text = item[2].rstrip(" ")
            if item[1] != indent or not text or not _append(items, text):
                return False
            continue
        entry = _KEY.match(line)
        if entry is None or entry[1] in keys:
            return False
        name, text = entry[1], (entry[2] or "").rstrip(" ")
        open_key, items = ("", None) if text else (name, None)
        mapping.lines[name] = number
        if not text:
            keys[name] = None
        elif text[0] == "[":
            flow = _flow_list(text)
            if flow is None:
                return False
            keys[name] = flow
        elif not _set(keys, name, text):
            return False
    return True


def _set(keys: dict[str, Value], name: str, text: str) -> bool:
    """Set the key to the scalar; False if the text is not one."""
    values: list[Value] = []
    if not _append(values, text):
        return False
    keys[name] = values[0]
    return True


def _append(values: list[Value], text: str) -> bool:
    """Append the scalar of a line's end; False if the text is not one. `text` has no blanks around it."""
    first = text[0]
    if first in _INDICATORS:
        inside = text[1:-1]
        if len(text) < 2 or text[-1] != first or first not in "\"'" or first in inside or (first == '"' and "\\" in inside):
            return False
        values.append(Quoted(inside))
    elif ": " in text or " #" in text or text[-1] == ":":
        return False
    else:
        values.append(None if text in NULLS else text)
    return True


def _flow_list(text: str) -> list[Value] | None:
    """The items of `[a, "b", 'c']`; None if there is anything else in it."""
    inside = text[1:-1]
    if text[-1] != "]" or len(text) < 2:
        return None
    if not inside.strip(" "):
        return []
    items: list[Value] = []
    for part in inside.split(","):
        match = _FLOW_ITEM.match(part)
        if match is None:
            return None
        double, single, plain = match.groups()
        if plain is None:
            items.append(Quoted(single if double is None else double))
        else:
            items.append(None if plain in NULLS else plain)
    return items
