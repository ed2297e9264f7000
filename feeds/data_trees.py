"""TOML and JSON of settings and data files, of any shape: in comes text, out goes a tree, or a ValueError that says why not.

Tabs in YAML are made the blanks that they stand for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from feeds.lazy_patterns import lazy_pattern

#: Dots in a line of TOML; lines that have more of them are not what a person wrote.
_MOST_DOTS = 1000
_TOO_DEEP = "it is nested too deeply"
#: Tabs in the indent of a line, or behind the dash of an item.
_INDENTING_TAB = lazy_pattern(r"^(?=[ -]*\t)(?:[ \t]|-(?=[ \t]))+(?=\S|$)", re.MULTILINE)


def has_long_key(text: str) -> bool:
    """Whether a line may hold a key of very many names (`a.b.c…`): tomllib takes memory by the square of them."""
    return text.count(".") > _MOST_DOTS and max(line.count(".") for line in text.split("\n")) > _MOST_DOTS


def toml_tree(text: str) -> dict[str, Any]:
    """The tree of a TOML document. Raises ValueError."""
    import tomllib

    if has_long_key(text):
        raise ValueError(f"a line has more than {_MOST_DOTS} dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def json_tree(text: str) -> Any:
    """The tree of a JSON document. Raises ValueError."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def without_indenting_tabs(text: str) -> str:
    """YAML with two blanks for each tab in the indent of a line, and one for those behind the dash of an item.

    No YAML is indented with tabs (YAML 1.1, section 6.1), but Hexo reads them so.
    """
    return _INDENTING_TAB.sub(lambda indent: re.sub(r"-[ ]?\t[ \t]*", "- ", indent[0]).replace("\t", "  "), text)
