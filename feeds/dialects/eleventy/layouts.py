"""The layouts of an Eleventy site, whose front matter pages have beside their own (https://www.11ty.dev/docs/data-cascade/)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.dialects.config_files import SiteFolder

_ENDINGS = (".njk", ".liquid", ".html", ".md", ".webc", ".hbs", ".ejs", ".pug", ".vto")
#: The keys of a layout's front matter that decide of a page, or that its address is made of.
_KEYS = frozenset({"permalink", "tags", "date", "draft", "eleventyExcludeFromCollections", "category", "categories"})
_MOST_LAYOUTS = 200


def read_layouts(folder: SiteFolder, below: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The front matter of layouts that pages have beside their own, by the layout's name; `layout` names the next one."""
    import yaml

    tables: dict[str, dict[str, Any]] = {}
    for place in dict.fromkeys((below["layouts"], below["includes"])):
        for path in folder.files(place) if folder.has_folder(place) else ():
            text = (folder.text(f"{place}/{path}") or "") if path.endswith(_ENDINGS) and len(tables) < _MOST_LAYOUTS else ""
            block = re.match(r"---[ \t]{0,9}\r?\n(.*?)\n---", text, re.DOTALL)
            try:
                keys = yaml.load(block[1], Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)) if block else None  # noqa: S506
            except yaml.YAMLError:
                continue
            if isinstance(keys, dict):
                own = {str(key): value for key, value in keys.items() if key in _KEYS or key == "layout"}
                tables.setdefault(posixpath.splitext(path)[0], own)
    return {name: keys for name in sorted(tables) if (keys := tables[name]) and _decides(name, tables)}


def _decides(name: str, tables: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a layout, or one that it lies in, has a key that decides of a page."""
    return any(key != "layout" for keys in enclosing_layouts(name, tables) for key in keys)


def enclosing_layouts(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The front matter of a layout and of those that it lies in, the innermost first."""
    for _ in range(10):
        keys = tables.get(name) or tables.get(posixpath.splitext(name)[0])
        if keys is None:
            return
        yield keys
        name = str(keys.get("layout") or "")
