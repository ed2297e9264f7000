"""Where a site is published: its target, the files that go with each generation, and the messages about it.

In come settings, out goes a `Target`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from feeds import plugins
from feeds.errors import SettingsError
from feeds.publish import Target
from feeds.publish.folder import FolderTarget
from feeds.publish.manifest import Manifest
from feeds.push import announce
from feeds.settings import Settings


def target_of(settings: Settings) -> Target:
    """Where the site is published. Raises SettingsError if the plug-in that the settings name is gone."""
    if settings.target != "folder":
        factory = plugins.load(plugins.TARGETS, settings.target)
        if factory is None:
            raise SettingsError((f"target: no installed package has a publish target {settings.target!r}",))
        return cast("Callable[[Settings], Target]", factory)(settings)
    return FolderTarget(
        settings.output, settings.state, mode=settings.output_mode, precompress=settings.precompress,
        keep_seconds=settings.max_age_seconds,
    )  # fmt: skip


def header_maps_of(settings: Settings) -> Callable[[Manifest], Mapping[str, bytes]] | None:
    """The header maps that the settings ask for."""
    if not settings.header_maps:
        return None
    from feeds.publish import header_maps

    return lambda manifest: header_maps.files(manifest, settings.header_maps, settings.precompress)


def announced(settings: Settings, live: Manifest) -> bool:
    """Put what changed into the outbox; False where the disk does not take it, and the next run has to."""
    try:
        announce.announce(settings, live)
    except OSError:
        return False
    return True
