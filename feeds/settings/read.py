"""The settings of one site from all sources: in come the file, variables and flags, out go `Settings` or every mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from feeds import settings_path
from feeds.errors import SettingsError
from feeds.settings.assemble import assemble
from feeds.settings.settings import Settings
from feeds.settings.sources import MOST_MISTAKES, FileReader, ValueReader, read_flags, read_variables
from feeds.settings.toml_file import SettingsDocument


def find(config: Path | None, environ: Mapping[str, object], flags: Mapping[str, object], cwd: Path) -> Path | None:
    """The settings file: the one named, else FEEDS_CONFIG's, else beside the posts named, else in `cwd` or above."""
    if config is not None or environ.get("FEEDS_CONFIG"):
        return Path(os.path.normpath(cwd / str(config or environ["FEEDS_CONFIG"])))
    posts = flags.get("posts") or environ.get("FEEDS_POSTS")
    path = settings_path.find(str(posts) if posts else None, str(cwd))
    return None if path is None else Path(path)


def read(
    *,
    config: Path | None,
    environ: Mapping[str, object],
    flags: Mapping[str, object],
    cwd: Path,
    need_base_url: bool,
) -> Settings:
    """The settings, or SettingsError with every mistake of every source. See `feeds.settings.load`."""
    cwd = Path(os.path.abspath(cwd))  # noqa: PTH100  symlinks stay as the user named them
    reader = ValueReader()
    path = find(config, environ, flags, cwd)
    broken = False
    if path is not None:
        name = str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)
        document = SettingsDocument(path, name)
        broken = bool(document.mistake)
        if broken:
            reader.mistakes.append(document.mistake)
        else:
            FileReader(reader, document).read()
    read_variables(reader, environ, cwd)
    read_flags(reader, flags, cwd)
    reader.posts_by_config = path is not None and not (flags.get("posts") or environ.get("FEEDS_POSTS"))
    settings = None if broken else assemble(reader, path, cwd, need_base_url=need_base_url)
    if reader.mistakes or settings is None:
        mistakes = list(dict.fromkeys(reader.mistakes))
        if len(mistakes) > MOST_MISTAKES:
            what = f"{len(mistakes) - MOST_MISTAKES} more mistakes are not listed; correct these first"
            mistakes[MOST_MISTAKES:] = [what]
        raise SettingsError(tuple(mistakes))
    return settings
