"""Patterns and quoting that nginx and Caddy read alike."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.formats import OWN, PAGES

#: The first line of each file.
NOTE = "# Made by `feeds build` with the documents beside it; do not edit. docs/deploy.md says how to include it.\n"
#: Formats whose documents ignore Range.
WHOLE_FORMATS = (*OWN, "opml", "css", *sorted(PAGES))
#: What proxies add to a tag when they change the coding: as in http_headers.none_match.
SUFFIXES = r"(?:(?:--?|;)(?:gzip|br|zstd|deflate|df))*"
#: A member of If-None-Match before the one that matters, or an empty one (RFC 9110 section 5.6.1.2). No member can be read in
#: two ways, so that time stays linear.
MEMBER = r'[\t ]*(?:(?:[Ww]/)?(?:"[^"]*"|[^\t ,"]+)[\t ]*)?,'


def quoted(text: str) -> str:
    """A string of a configuration file, in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def any_of(names: Iterable[str]) -> str:
    """A regular expression, the same for PCRE and RE2, of paths that end in one of these names; `*` is a number."""
    escaped = (re.escape(name).replace(r"\*", "[0-9]+").replace(r"\ ", " ") for name in names)
    return "/(?:" + "|".join(escaped) + ")$"
