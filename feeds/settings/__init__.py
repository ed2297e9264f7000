"""What a site may set: feeds.toml, then FEEDS_* variables, then flags come in; out goes one frozen `Settings`.

`load` reports every mistake at once. What reads and checks the sources lies in the modules beside this one. Must not read
posts, the clock or the network. docs/settings.md describes each setting for people: it is made from the fields below.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields as dataclass_fields
from pathlib import Path

from feeds.formats import OWN as FORMATS
from feeds.model import digest
from feeds.settings.groups import Bounds, FeedSettings, Paths, Sanitise, SetSettings, Visibility
from feeds.settings.push import Push
from feeds.settings.rows import affects
from feeds.settings.settings import AUTHORITY_DATE, Settings
from feeds.settings.show import ShowSettings
from feeds.settings.special_kinds import READERS, TAXONOMIES

__all__ = [
    "AUTHORITY_DATE", "FORMATS", "READERS", "TAXONOMIES", "Bounds", "FeedSettings", "Paths", "Push", "Sanitise",
    "SetSettings", "Settings", "ShowSettings", "Visibility",
    "entry_fingerprint", "fingerprint", "load",
]  # fmt: skip


def fingerprint(settings: Settings) -> str:
    """Digest of all settings that decide bytes of documents, cache facts included."""
    return _digest(settings, {"nothing"})


def entry_fingerprint(settings: Settings) -> str:
    """Digest of the settings that decide what a post becomes, whatever feeds it stands in."""
    # The site's title stands in an entry only where no author is set.
    return digest(_digest(settings, {"nothing", "channel"}), repr(settings.authors or settings.title))


def _digest(settings: Settings, without: Collection[str]) -> str:
    parts = []
    for attribute in dataclass_fields(settings):
        if attribute.name in ("config", "posts_by_config") or affects(attribute) in without:
            continue
        value = getattr(settings, attribute.name)
        parts += [attribute.name, repr(sorted(value.items()) if isinstance(value, Mapping) else value)]
    return digest(*parts)


def load(
    *,
    config: Path | None = None,
    environ: Mapping[str, object],
    flags: Mapping[str, object],
    cwd: Path,
    need_base_url: bool = True,
) -> Settings:
    """The settings of one site, or SettingsError with every mistake at once.

    `config` is the file named by the user; None looks for FEEDS_CONFIG, `feeds.toml` beside the posts folder named,
    `feeds.toml` in `cwd` or the nearest above it, and does without. `environ` maps variables to texts, or to values as feeds.toml
    has them; `flags` maps dotted names ("base_url",
    "sanitise.backend") to what was given, None where nothing was. Later sources win: file, `FEEDS_*` of `environ`, flags.
    Relative paths of the file lie beside it, those of variables and flags below `cwd`. With `need_base_url` false a missing
    base URL becomes `http://localhost/`, for commands that publish nothing.
    """
    from feeds.settings.read import read

    return read(config=config, environ=environ, flags=flags, cwd=cwd, need_base_url=need_base_url)
