"""The files of code that an Eleventy site is configured by, and the layouts whose front matter pages have (https://www.11ty.dev/docs/data-cascade/).

In comes a site's folder, out go texts and keys; no code is run.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from feeds.dialects.config_files import SiteFolder
from feeds.dialects.javascript import literals

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
#: Between a data file and the modules behind it: a comment with the module's path.
_MARK = "\n//# module of the site: "
_LAYOUT_ENDINGS = (".njk", ".liquid", ".html", ".md", ".webc", ".hbs", ".ejs", ".pug", ".vto")
#: The keys of a layout's front matter that decide of a page, or that its address is made of.
_LAYOUT_KEYS = frozenset({"permalink", "tags", "date", "draft", "eleventyExcludeFromCollections", "category", "categories"})
_MOST_LAYOUTS = 200


def code(folder: SiteFolder, name: str, text: str) -> str:
    """A configuration without comments, with the site's own modules that it imports behind it."""
    pieces = [literals.without_comments(text)]
    waiting = [(name, pieces[0])]
    known = {name}
    while waiting:
        path, source = waiting.pop(0)
        for match in _IMPORT.finditer(source):
            other = _module(partial(_text, folder), path, match[1])
            if other is None or other[0] in known or len(known) > _MOST_MODULES:
                continue
            known.add(other[0])
            pieces.append(literals.without_comments(other[1]))
            waiting.append((other[0], pieces[-1]))
    return "\n".join(pieces)


def _text(folder: SiteFolder, path: str) -> str | None:
    return folder.text(path) if folder.has_file(path) else None


def _module(read: Callable[[str], str | None], path: str, written: str) -> tuple[str, str] | None:
    """The path and text of a module that another imports, None if it is none of the site's."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    if target.startswith("..") or "node_modules" in target.split("/"):
        return None
    for ending in _ENDINGS:
        if (text := read(target + ending)) is not None:
            return target + ending, text
    return None


def bundle(path: str, text: str, read: Callable[[str], str | None]) -> str:
    """A data file's text with the site's own modules that it imports behind it; `read` gives a file's text by its path."""
    texts = {path: text}
    waiting = [path]
    while waiting:
        importing = waiting.pop(0)
        for match in _IMPORT.finditer(literals.without_comments(texts[importing])):
            other = _module(read, importing, match[1])
            if other is not None and other[0] not in texts and len(texts) < _MOST_MODULES:
                texts[other[0]] = other[1]
                waiting.append(other[0])
    return "".join(_MARK + name + "\n" + texts[name] if name != path else text for name in texts)


def exported(path: str, bundled: str) -> tuple[Any, str]:
    """What a data file with its modules (`bundle`) exports, and all their code; the first is UNKNOWN if that cannot be told."""
    main, *others = bundled.split(_MARK)
    modules = {name: text for name, _, text in (other.partition("\n") for other in others)}
    text = literals.without_comments(main)
    values = literals.exported(main)
    named = {match[1] or match[2]: match[3] for match in _NAMED.finditer(text)}
    whole, spread = _EXPORTED.search(text), _SPREAD.search(text)
    keys: dict[str, Any] = {}
    for name in [whole[1]] if whole else re.findall(r"\.\.\.([A-Za-z_$][\w$]*)", spread[1]) if spread else []:
        other = _module(modules.get, path, named[name]) if name in named else None
        try:
            inherited = literals.exported(other[1]) if other else None
        except ValueError:
            inherited = None
        keys |= inherited if isinstance(inherited, dict) else {}
    code = "\n".join(literals.without_comments(part) for part in (main, *modules.values()))
    if keys:
        values = {**keys, **values} if isinstance(values, dict) else keys
    return values, code


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
