"""Data that functions compute in Eleventy (https://www.11ty.dev/docs/data-computed/): permalinks, titles, tags.

A function stands in front matter as a text with a mark, its own code and its module's. One that is not read leaves the data as it
is without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from feeds.dialects.base import PostFacts
from feeds.dialects.eleventy.slugs import PACKAGES
from feeds.dialects.javascript.functions import call
from feeds.dialects.javascript.literals import FunctionText
from feeds.dialects.javascript.syntax import UnreadableCodeError
from feeds.model import Post, Value

COMPUTED = "eleventyComputed"
_MARK = "function of JavaScript: "
_KEYS = ("permalink", "title", "tags")
_MOST_CHARACTERS = 30_000
_DATE = datetime(2024, 3, 2, tzinfo=UTC)
#: A page with what most have, to try a function with.
_EXAMPLE: Mapping[str, Any] = {
    "title": "A title", "slug": "a-title", "lang": "en", "locale": "en", "tags": ["post"], "categories": ["post"],
    "category": "post", "draft": False, "permalink": None, "date": _DATE, "collections": {},
    "page": {
        "fileSlug": "a-title", "filePathStem": "/posts/a-title", "date": _DATE, "inputPath": "./posts/a-title.md",
        "outputFileExtension": "html", "templateSyntax": "md", "lang": "en",
    },
}  # fmt: skip


def with_functions(tree: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Keys of a data file with its functions as texts, where they decide of a page; others are left out."""
    keys = {key: value for key, value in tree.items() if not isinstance(value, FunctionText)}
    for key, value in tree.items():
        if isinstance(value, FunctionText) and key == "permalink" and len(code) <= _MOST_CHARACTERS:
            keys[key] = _written(value, code)
    computed = tree.get(COMPUTED)
    if isinstance(computed, dict):
        keys[COMPUTED] = {
            key: _written(value, code) if isinstance(value, FunctionText) else value
            for key, value in computed.items()
            if not isinstance(value, FunctionText) or (key in _KEYS and len(code) <= _MOST_CHARACTERS)
        }
    return keys


def _written(function: FunctionText, code: str) -> str:
    return _MARK + json.dumps([function.text, code])


def data(post: Post, facts: PostFacts, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a function sees: what templates do, with the permalink and only a date and title that the page has."""
    keys = {key: value for key, value in given.items() if key != COMPUTED}
    permalink = post.front_matter.get("permalink")
    return {
        **keys,
        "title": post.front_matter.get("title"),
        "permalink": permalink if not _is_function(permalink) else None,
        "date": facts.published,
        "collections": {},
    }


def values(front_matter: Mapping[str, Value], seen: Mapping[str, Any]) -> dict[str, Any]:
    """What functions of the computed data say of the title and the tags."""
    computed = front_matter.get(COMPUTED)
    table = computed if isinstance(computed, dict) else {}
    return dict(_results({key: table[key] for key in ("title", "tags") if _is_function(table.get(key))}, seen))


def permalink(front_matter: Mapping[str, Value], seen: Mapping[str, Any]) -> Value:
    """The permalink as written, or as a function says: "false" for a page that is not written, None for none."""
    written = front_matter.get("permalink")
    computed = front_matter.get(COMPUTED)
    other = computed.get("permalink") if isinstance(computed, dict) else None
    if _is_function(other):
        for _, result in _results({"permalink": other}, seen):
            return "false" if result is False else result if isinstance(result, str) else None
    elif written is None:
        written = other
    if _is_function(written):
        for _, result in _results({"permalink": written}, seen):
            return "false" if result is False else result if isinstance(result, str) else None
        return None
    return written


def unread_permalink(keys: Mapping[str, Any]) -> bool:
    """Whether a data file (`with_functions`) computes permalinks by a function that is not read, tried with an example."""
    computed = keys.get(COMPUTED)
    written = [
        table["permalink"] for table in (keys, computed) if isinstance(table, Mapping) and _is_function(table.get("permalink"))
    ]
    return any(not list(_results({"permalink": function}, _EXAMPLE)) for function in written)


def _is_function(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_MARK)


def _results(functions: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What each function gives; nothing of one that is not read."""
    for key, written in functions.items():
        function, code = json.loads(written.removeprefix(_MARK))
        try:
            yield key, call(code, function, dict(seen), packages=PACKAGES)
        except UnreadableCodeError:
            continue
