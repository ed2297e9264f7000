"""The data of a site of Hugo, which its short codes name as `.Site.Data`: files in JSON, YAML and TOML (gohugo.io/content-management/data-sources/).

In come the files that the site's templates use, by name, out goes one tree: a folder is a table, a file its content.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import lru_cache

from feeds.content.liquid import data
from feeds.data_trees import toml_tree
from feeds.lazy_patterns import lazy_pattern

#: The folders below which the names of such files begin.
DATA, PARTIALS = "data/", "partials/"
ENDINGS = (".json", ".yaml", ".yml", ".toml")
_USES_DATA = lazy_pattern(r"(?<![\w])(?:Site|site|hugo)\.Data\b")
_PARTIAL = lazy_pattern(r"\bpartial(?:Cached)?\s{1,9}\"([\w./-]{1,200})\"")
_PARTIAL_FOLDERS = ("layouts/_partials", "layouts/partials", "themes/*/layouts/_partials", "themes/*/layouts/partials")


def needs(source: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The files that a template uses: the name of each, and patterns of where it may lie, the one that wins first."""
    for match in _PARTIAL.finditer(source):
        name = partial_name(match[1])
        yield PARTIALS + name, tuple(f"{folder}/{name}" for folder in _PARTIAL_FOLDERS)
    if _USES_DATA.search(source):
        yield DATA, tuple(f"data/**/*{ending}" for ending in ENDINGS)


def partial_name(written: str) -> str:
    """The file of `partial "name"`: without an ending it is HTML."""
    name = posixpath.normpath(written.lstrip("/"))
    return name if posixpath.splitext(name)[1] else f"{name}.html"


def site_data(templates: Mapping[str, str]) -> Mapping[str, object]:
    """The tree of a site's data. Raises ValueError for a file that cannot be read."""
    return _tree(tuple(sorted((name, text) for name, text in templates.items() if name.startswith(DATA))))


@lru_cache(maxsize=4)
def _tree(files: tuple[tuple[str, str], ...]) -> Mapping[str, object]:
    root: dict[str, object] = {}
    for name, text in files:
        stem, ending = posixpath.splitext(name.removeprefix(DATA))
        *folders, last = stem.split("/")
        table = root
        for folder in folders:
            inner = table.setdefault(folder, {})
            if not isinstance(inner, dict):
                raise ValueError(f"{folder} is a file and a folder")
            table = inner
        value = _parsed(text, ending)
        held = table.get(last)
        table[last] = {**value, **held} if isinstance(held, dict) and isinstance(value, dict) else value
    return root


def _parsed(text: str, ending: str) -> object:
    # Hugo's numbers in JSON are floating-point, and are shown so: 1234567 is 1.234567e+06.
    if ending == ".json":
        return data.bounded(json.loads(text, parse_int=float))
    if ending == ".toml":
        return data.bounded(toml_tree(text))
    return data.parsed(text, ending, UTC)
