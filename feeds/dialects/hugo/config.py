"""Hugo's settings: in comes a site's folder, out goes one tree merged of its files, keys in lower case.

Hugo reads one file at the site's root and the files of `config/_default` and of the environment's folder, in which a file's
name is the table that it holds (https://gohugo.io/configuration/introduction/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feeds.dialects.base import SiteFolder
from feeds.dialects.config_files import word

_KINDS = ("toml", "yaml", "yml", "json")
_ROOTS = ("hugo", "config")
_FOLDERS = ("config/_default", "config/production")


def read(folder: SiteFolder) -> dict[str, Any] | None:
    """The site's settings; None if there are none. Raises UnreadableError."""
    merged: dict[str, Any] = {}
    has_settings, home = False, ""
    for name in root_files(folder):
        merged = _merged(merged, folder.tree(name) or {})
        has_settings = True
        home = word(merged.get("baseurl"))
        break
    for config in _FOLDERS:
        for name in folder.names(config):
            stem, _, kind = name.rpartition(".")
            if kind not in _KINDS:
                continue
            tree: Any = folder.data(f"{config}/{name}") or {}
            has_settings = True
            merged = _merged(merged, _placed(stem.lower(), tree))
        # A folder of settings for a server or a preview often has "/".
        home = word(merged.get("baseurl")) if "//" in word(merged.get("baseurl")) else home
    if home:
        merged["baseurl"] = home
    return merged if has_settings else None


def _placed(stem: str, tree: Any) -> Any:
    """What a file of a settings folder holds, below the table that the file's name says: `params.toml`, `params.en.toml`."""
    if stem in _ROOTS:
        return tree if isinstance(tree, Mapping) else {}
    table, _, language = stem.partition(".")
    name = "menus" if table == "menu" else table
    if language:
        # `languages.en.toml` and `hugo.en.toml` are the language's own table.
        return {"languages": {language: {name: tree} if name in ("menus", "params") else tree}}
    return {name: tree}


def root_files(folder: SiteFolder) -> Iterator[str]:
    """The settings files at the site's root, the one that Hugo takes first."""
    return (name for stem in _ROOTS for kind in _KINDS if folder.has_file(name := f"{stem}.{kind}"))


def _merged(old: Mapping[str, Any], new: Mapping[Any, Any]) -> dict[str, Any]:
    """Both trees in one, keys in lower case; the new one's values win, tables are merged."""
    merged = dict(old)
    for key, value in new.items():
        name = str(key).lower()
        before = merged.get(name)
        merged[name] = _merged(before if isinstance(before, dict) else {}, value) if isinstance(value, Mapping) else value
    return merged


def truth(value: Any, default: bool = False) -> bool:
    """A flag: YAML's come as text."""
    if isinstance(value, bool):
        return value
    text = word(value).lower()
    return default if not text else text in ("true", "1", "yes", "on")


def texts(value: Any) -> list[str]:
    """A list of texts, or one text."""
    if isinstance(value, list):
        return [word(part) for part in value if word(part)]
    return [word(value)] if word(value) else []
