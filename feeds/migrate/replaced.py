"""A feeds.toml that `feeds init --force` replaces: in comes its path, out go a copy of it and the feeds published by it."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from feeds.errors import FeedsError
from feeds.publish.stage import read_manifest
from feeds.settings import load


class Replaced(NamedTuple):
    """The settings before: the copy that is kept of them, and the paths of the feeds that were published by them, decoded."""

    copy: Path
    feeds: tuple[str, ...]


def kept(path: Path) -> Replaced:
    """Keep a copy of a feeds.toml beside it, under a name that is free. Raises OSError."""
    text = path.read_bytes()
    names = (path.with_name(f"{path.name}.bak{number or ''}") for number in count())
    copy = next(name for name in names if not name.exists() or name.read_bytes() == text)
    copy.write_bytes(text)
    return Replaced(copy, _published(path))


def _published(path: Path) -> tuple[str, ...]:
    """The feeds in the output of these settings; none where the settings have mistakes or nothing is published."""
    with suppress(FeedsError):
        settings = load(config=path, environ={}, flags={}, cwd=path.parent)
        manifest = read_manifest(settings.output)
        names = {settings.paths.rss, settings.paths.atom, settings.paths.json}
        return tuple(name for name in (manifest.documents if manifest else ()) if name.rpartition("/")[2] in names)
    return ()
