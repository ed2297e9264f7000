"""Patterns of paths as Hugo reads them (github.com/gobwas/glob): in come a pattern and a path, out goes whether it fits.

For page matchers in a site's settings and for the resources of a bundle.
"""

from __future__ import annotations

import re

from feeds.lazy_patterns import lazy_pattern
from feeds.linear_patterns import linear_pattern

_WORDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
_PART = lazy_pattern(r"(\*\*|\*|\?|\{[^{}]*\}|\[!?[\w.-]+\])")


def fits(glob: str, path: str) -> bool:
    """Whether a path fits a pattern: "*" and "?" within a name, "**" across names, "{a,b}" either, "[a-c]" one of them.

    Capitals do not count. Raises ValueError if the pattern is too long, or is none.
    """
    return linear_pattern(_expression(glob.lower())).fullmatch(path.lower())


def _expression(glob: str) -> str:
    """A pattern as a regular expression; the alternatives in braces are patterns, too."""
    return "".join(map(_part, _PART.split(glob)))


def _part(part: str) -> str:
    if part[:1] == "{" and part[-1:] == "}":
        return f"(?:{'|'.join(map(_expression, part[1:-1].split(',')))})"
    if _PART.fullmatch(part) and part[:1] == "[":
        return "[^" + part[2:] if part[1] == "!" else part
    return _WORDS.get(part) or re.escape(part)
