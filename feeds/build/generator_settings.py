"""What the site generator's own settings say by now otherwise than feeds.toml: `feeds init` reads them once.

In come settings, out go findings. Looked at only if a settings file of the generator is newer than feeds.toml, so that saving
feeds.toml again says that its author knows. Never changes what is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from feeds.dialects import by_name
from feeds.dialects.config_files import SiteFolder, UnreadableError
from feeds.errors import Problem
from feeds.settings import Settings

#: Settings of ours that decide links and what is public; how often a post is named in a text decides nothing of it.
_SETTINGS = ("permalink", "categories_mode", "default_category", "category_map", "tag_map")
#: Options of dialects for which `feeds init` also looks at posts and data: they change without the settings.
_FROM_POSTS = frozenset({"params", "data", "static", "languages", "sections", "collection", "collection_globs", "folders"})
_SHOWN = 80


def files(settings: Settings) -> list[Path]:
    """The settings files of the site's generator that are there, sorted."""
    if settings.config is None:
        return []
    folder = settings.config.parent
    patterns = by_name(settings.generator).settings_files
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


def changed(settings: Settings) -> Iterator[Problem]:
    """What the generator's settings, saved after feeds.toml, say otherwise than it."""
    newer = _newer(settings)
    if settings.config is None or not newer:
        return
    shown = " and ".join(path.relative_to(settings.config.parent).as_posix() for path in newer)
    try:
        result = by_name(settings.generator).detect(SiteFolder(settings.config.parent))
    except UnreadableError as error:
        yield Problem(
            "generator-settings", "warning", "", f"{error}: what changed in it since is not known here", fix="correct the file"
        )  # fmt: skip
        return
    if result is None:
        return
    there: dict[str, Any] = {name: result.settings.get(name) for name in _SETTINGS if result.settings.get(name)}
    here: dict[str, Any] = {name: getattr(settings, name) for name in there}
    options = result.settings.get("dialect") or {}
    for name in sorted((options.keys() | settings.dialect.keys()) - _FROM_POSTS):
        there[f"dialect.{name}"], here[f"dialect.{name}"] = options.get(name), settings.dialect.get(name)
    for name, value in there.items():
        if value != here[name] and (value or here[name]):
            yield Problem(
                "generator-settings", "warning", "",
                f"{shown} was saved after feeds.toml, and {name} is {_text(value)} there, {_text(here[name])} here",
                fix="write the same into feeds.toml; if it is as you mean it, save feeds.toml again: it alone is read",
            )  # fmt: skip


def _newer(settings: Settings) -> list[Path]:
    try:
        saved = settings.config.stat().st_mtime_ns if settings.config is not None else 0
        return [path for path in files(settings) if path.stat().st_mtime_ns > saved]
    except OSError:
        return []


def _text(value: Any) -> str:
    """A value for a message, in one line."""
    if value in (None, "", [], {}, False):
        return "not set"
    text = ", ".join(f"{key}: {item}" for key, item in value.items()) if isinstance(value, Mapping) else str(value)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
