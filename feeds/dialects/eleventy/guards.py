"""Keys of front matter with which an Eleventy configuration leaves pages out in code: read from its text, never run.

Preprocessors that return false, filters of collections, computed data. What is not of these plain forms is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from feeds.dialects.eleventy.code import call_body
from feeds.lazy_patterns import lazy_pattern

#: Keys that our own rules read, and what is no key of an author's.
_READ_ANYWAY = frozenset({"draft", "page", "date", "title", "permalink", "eleventy", "collections", "tags"})
_PREPROCESSOR = lazy_pattern(r"addPreprocessor\(\s{0,9}[\"'`]([^\"'`\n]{0,100})[\"'`]")
_COLLECTION = lazy_pattern(r"addCollection\(")
_DATA = lazy_pattern(r"(!?)(?<![\w.$])data\.([A-Za-z_$][\w$]{0,60})(\.|\[|\s{0,9}[=!]==?)?")
_FILTERED = lazy_pattern(r"!\s{0,9}\w{1,40}\.data\.([A-Za-z_$][\w$]{0,60})(?![\w$.(\[])")
_COMPUTED = lazy_pattern(
    r"(?:eleventyExcludeFromCollections|permalink)[\"']?\s{0,9}[:(=,][^\n=]{0,80}=>\s{0,9}\(?\s{0,9}data\.([A-Za-z_$][\w$]{0,60})\s{0,9}"
    r"(?:\?\s{0,9}false|\)?\s{0,9}[,};\n])"
)
_MOST_CHARACTERS = 2_000


def keys(code: str) -> tuple[list[str], list[str]]:
    """The keys that leave a page out if they have a value, and the names of preprocessors that are not understood.

    `code` is without comments.
    """
    hidden = [match[1] for match in _COMPUTED.finditer(code)]
    unread: list[str] = []
    for match in _COLLECTION.finditer(code):
        hidden += _FILTERED.findall(call_body(code, match.end(), _MOST_CHARACTERS))
    for match in _PREPROCESSOR.finditer(code):
        condition, returns, _ = call_body(code, match.end(), _MOST_CHARACTERS).partition("return false")
        if not returns:
            continue
        plain = list(_plain(condition))
        if None in plain or not plain:
            unread.append(match[1])
        hidden += [name for name in plain if name]
    return list(dict.fromkeys(name for name in hidden if name not in _READ_ANYWAY)), unread


def _plain(condition: str) -> Iterator[str | None]:
    """The keys that a condition asks for a value; None for each that it asks otherwise."""
    for match in _DATA.finditer(condition):
        yield None if (match[1] or match[3]) and match[2] not in _READ_ANYWAY else match[2]
