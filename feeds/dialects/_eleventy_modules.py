"""The files of code that an Eleventy site is configured by, and the layouts whose front matter pages have (https://www.11ty.dev/docs/data-cascade/).

In comes a site's folder, out go texts and keys; no code is run.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.dialects import javascript_literals as javascript
from feeds.dialects.config_files import SiteFolder

_IMPORT = re.compile(r"(?:\bfrom\s{1,9}|\brequire\(\s{0,9}|\bimport\s{1,9})[\"'](\.{1,2}/[^\"'\n]{1,200})[\"']")
_NAMED = re.compile(
    r"(?:import\s{1,9}([A-Za-z_$][\w$]{0,80})\s{1,9}from\s{1,9}|(?:const|let|var)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}require\(\s{0,9})"
    r"[\"'](\.{1,2}/[^\"'\n]{1,200})[\"']"
)
_EXPORTED = re.compile(r"(?:export\s{1,9}default|module\.exports\s{0,9}=)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}(?:;|\n|\Z)")
_SPREAD = re.compile(
    r"(?:export\s{1,9}default|module\.exports\s{0,9}=)\s{1,9}\{\s{0,99}((?:\.\.\.[A-Za-z_$][\w$]{0,80}\s{0,9},\s{0,99}){1,9})"
)
_ENDINGS = ("", ".js", ".cjs", ".mjs", ".ts", "/index.js")
_MOST_MODULES = 40
_LAYOUT_ENDINGS = (".njk", ".liquid", ".html", ".md", ".webc", ".hbs", ".ejs", ".pug", ".vto")
#: The keys of a layout's front matter that decide of a page, or that its address is made of.
_LAYOUT_KEYS = frozenset({"permalink", "tags", "date", "draft", "eleventyExcludeFromCollections", "category", "categories"})
_MOST_LAYOUTS = 200


def code(folder: SiteFolder, name: str, text: str) -> str:
    """A configuration without comments, with the site's own modules that it imports behind it."""
    pieces = [javascript.without_comments(text)]
    waiting = [(name, pieces[0])]
    known = {name}
    while waiting:
        path, source = waiting.pop(0)
        for match in _IMPORT.finditer(source):
            other = _module(folder, path, match[1])
            if other is None or other[0] in known or len(known) > _MOST_MODULES:
                continue
            known.add(other[0])
            pieces.append(javascript.without_comments(other[1]))
            waiting.append((other[0], pieces[-1]))
    return "\n".join(pieces)


def _module(folder: SiteFolder, path: str, written: str) -> tuple[str, str] | None:
    """The path and text of a module that another imports, None if it is none of the site's."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    if target.startswith("..") or "node_modules" in target.split("/"):
        return None
    for ending in _ENDINGS:
        if folder.has_file(target + ending) and (text := folder.text(target + ending)) is not None:
            return target + ending, text
    return None


def imported_data(folder: SiteFolder, source: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Data files in JavaScript that export what another file exports: the path below the input folder, and the keys of each."""
    for path in folder.files(source):
        if not re.search(r"\.11tydata\.[cm]?js\Z", path):
            continue
        full = f"{source}/{path}".lstrip("/")
        text = javascript.without_comments(folder.text(full) or "")
        named = {match[1] or match[2]: match[3] for match in _NAMED.finditer(text)}
        exported, spread = _EXPORTED.search(text), _SPREAD.search(text)
        names = [exported[1]] if exported else re.findall(r"\.\.\.([A-Za-z_$][\w$]*)", spread[1]) if spread else []
        keys: dict[str, Any] = {}
        for name in names:
            other = _module(folder, full, named[name]) if name in named else None
            try:
                values = javascript.exported(other[1]) if other else None
            except ValueError:
                values = None
            keys |= values if isinstance(values, dict) else {}
        if keys:
            yield path, keys


def layouts(folder: SiteFolder, below: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The front matter of layouts that pages have beside their own, by the layout's name; `layout` names the next one."""
    import yaml

    tables: dict[str, dict[str, Any]] = {}
    for place in dict.fromkeys((below["layouts"], below["includes"])):
        for path in folder.files(place) if folder.has_folder(place) else ():
            text = (
                (folder.text(f"{place}/{path}") or "") if path.endswith(_LAYOUT_ENDINGS) and len(tables) < _MOST_LAYOUTS else ""
            )
            block = re.match(r"---[ \t]{0,9}\r?\n(.*?)\n---", text, re.DOTALL)
            try:
                keys = yaml.load(block[1], Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)) if block else None  # noqa: S506
            except yaml.YAMLError:
                continue
            if isinstance(keys, dict):
                own = {str(key): value for key, value in keys.items() if key in _LAYOUT_KEYS or key == "layout"}
                tables.setdefault(posixpath.splitext(path)[0], own)
    return {name: keys for name in sorted(tables) if (keys := tables[name]) and _decides(name, tables)}


def _decides(name: str, tables: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a layout, or one that it lies in, has a key that decides of a page."""
    return any(key != "layout" for keys in chain(name, tables) for key in keys)


def chain(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The front matter of a layout and of those that it lies in, the innermost first."""
    for _ in range(10):
        keys = tables.get(name) or tables.get(posixpath.splitext(name)[0])
        if keys is None:
            return
        yield keys
        name = str(keys.get("layout") or "")
