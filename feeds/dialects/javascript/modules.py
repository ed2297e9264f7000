"""The modules of a site's own that its configuration and its data import: in comes a file, out go their texts; no code is run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from feeds.dialects.config_files import SiteFolder
from feeds.dialects.javascript import literals
from feeds.dialects.javascript.syntax import UnreadableCodeError, function_at
from feeds.lazy_patterns import lazy_pattern

_IMPORT = lazy_pattern(r"(?:\bfrom\s{1,9}|\brequire\(\s{0,9}|\bimport\s{1,9})[\"'](\.{1,2}/[^\"'\n]{1,200})[\"']")
_NAMED = lazy_pattern(
    r"(?:import\s{1,9}([A-Za-z_$][\w$]{0,80})\s{1,9}from\s{1,9}|(?:const|let|var)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}require\(\s{0,9})"
    r"[\"'](\.{1,2}/[^\"'\n]{1,200})[\"']"
)
_EXPORTED = lazy_pattern(r"(?:export\s{1,9}default|module\.exports\s{0,9}=)\s{1,9}([A-Za-z_$][\w$]{0,80})\s{0,9}(?:;|\n|\Z)")
_SPREAD = lazy_pattern(
    r"(?:export\s{1,9}default|module\.exports\s{0,9}=)\s{1,9}\{\s{0,99}((?:\.\.\.[A-Za-z_$][\w$]{0,80}\s{0,9},\s{0,99}){1,9})"
)
_EXPORTS = lazy_pattern(r"^(?:export\s{1,9}default|module\.exports\s{0,9}=)\s{0,9}", re.MULTILINE)
_DESTRUCTURED = lazy_pattern(
    r"(?:import\s{0,9}\{([\w$,\s]{1,500})\}\s{0,9}from\s{0,9}|(?:const|let|var)\s{0,9}\{([\w$,\s]{1,500})\}\s{0,9}=\s{0,9}require\(\s{0,9})"
    r"[\"'](\.{1,2}/[^\"'\n]{1,200})[\"']"
)
_ENDINGS = ("", ".js", ".cjs", ".mjs", ".ts", "/index.js")
_MOST_MODULES = 40
#: Between a data file and the modules behind it: a comment with the module's path.
_MARK = "\n//# module of the site: "


def code(folder: SiteFolder, name: str, text: str) -> str:
    """A configuration without comments, with the site's own modules that it imports behind it."""
    texts = _with_imported(name, text, lambda path: folder.text(path) if folder.has_file(path) else None)
    return "\n".join(map(literals.without_comments, texts.values()))


def bundle(path: str, text: str, read: Callable[[str], str | None]) -> str:
    """A data file's text with the site's own modules that it imports behind it; `read` gives a file's text by its path."""
    texts = _with_imported(path, text, read)
    return "".join(_MARK + name + "\n" + texts[name] if name != path else text for name in texts)


def _with_imported(path: str, text: str, read: Callable[[str], str | None]) -> dict[str, str]:
    """The texts of a module and of those that it imports, by their paths: itself first, then the nearest."""
    texts = {path: text}
    waiting = [path]
    while waiting:
        importing = waiting.pop(0)
        for match in _IMPORT.finditer(literals.without_comments(texts[importing])):
            other = _module(read, importing, match[1])
            if other is not None and other[0] not in texts and len(texts) < _MOST_MODULES:
                texts[other[0]] = other[1]
                waiting.append(other[0])
    return texts


def _module(read: Callable[[str], str | None], path: str, written: str) -> tuple[str, str] | None:
    """The path and text of a module that another imports, None if it is none of the site's."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    if target.startswith("..") or "node_modules" in target.split("/"):
        return None
    for ending in _ENDINGS:
        if (text := read(target + ending)) is not None:
            return target + ending, text
    return None


def joined(bundled: str) -> tuple[str, dict[str, str]]:
    """The code of a file with its modules (`bundle`) without comments, and the texts of what modules export, by the names that
    others give them: of a module as a whole, or of a key of the object that it exports."""
    main, *others = bundled.split(_MARK)
    texts = {"": literals.without_comments(main)}
    for other in others:
        name, _, text = other.partition("\n")
        texts[name] = literals.without_comments(text)
    whole = {name: source for name, text in texts.items() if (source := _exported_source(text))}
    exports: dict[str, str] = {}
    for text in texts.values():
        for match in _NAMED.finditer(text):
            if source := _by_ending(whole, match[3]):
                exports.setdefault(match[1] or match[2], source)
        for match in _DESTRUCTURED.finditer(text):
            if source := _by_ending(whole, match[3]):
                names = re.findall(r"[A-Za-z_$][\w$]*", match[1] or match[2])
                exports = {**{name: f"({source}).{name}" for name in names}, **exports}
    return "\n".join(texts.values()), exports


def _exported_source(text: str) -> str:
    """The text of what a module exports as a whole; "" if it exports nothing so, or what is not read."""
    match = _EXPORTS.search(text)
    try:
        return function_at(text, match.end()) if match else ""
    except UnreadableCodeError:
        return ""


def _by_ending(sources: Mapping[str, str], written: str) -> str:
    """What the module exports whose path ends as an import names it."""
    ends = written.lstrip("./")
    return next((source for name, source in sources.items() if any(name.endswith(ends + ending) for ending in _ENDINGS)), "")


def exported(path: str, bundled: str) -> tuple[Any, str]:
    """What a data file with its modules (`bundle`) exports, and all their code; the first is UNKNOWN if that cannot be known."""
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
