"""Put what a publish changed into the outbox: in come settings, a manifest and permalinks.

Cheap to import: what sends is loaded only if there is something to send.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from feeds.publish.manifest import Manifest
from feeds.push import services
from feeds.push.outbox import outbox_of
from feeds.settings import Settings
from feeds.state_folder import outbox_due

if TYPE_CHECKING:
    from feeds.push.drain import Report


#: How long a server that serves what another process publishes may take to notice it.
SETTLE_SECONDS = 1.0


class Changes:
    """Permalinks of the posts that a generation publishes for the first time, and of those whose text it changes.

    Made by calling the functions when they are asked for: in a first build every post is new, and often nobody asks.
    """

    def __init__(self, new: Callable[[], Iterable[str]], updated: Callable[[], Iterable[str]]) -> None:
        self._new, self._updated = new, updated

    @cached_property
    def new(self) -> tuple[str, ...]:
        """Of posts that are published for the first time."""
        return tuple(self._new())

    @cached_property
    def updated(self) -> tuple[str, ...]:
        """Of posts whose text is another one."""
        return tuple(self._updated())

    def __iter__(self) -> Iterator[str]:
        """All of them, new ones first."""
        yield from self.new
        yield from self.updated


def stage(settings: Settings, revision: str, changes: Iterable[str]) -> None:
    """Before the switch: remember the permalinks for the search engines, in case the run ends before `announce`.

    Raises OSError.
    """
    engines = services.engines(settings)
    outbox = outbox_of(settings)
    if engines or outbox.exists:
        wanted = (url for url in changes if any(services.accepts(settings, engine, url) for engine in engines))
        outbox.stage(revision, wanted)


def announce(settings: Settings, live: Manifest) -> None:
    """Add messages about what the live generation changed since the last call. Raises OSError."""
    listeners = services.topics(settings, live.documents.values())
    digests = services.digests(listeners, live)
    outbox_of(settings).announce(live.revision, digests, listeners, services.engines(settings), int(time.time()))


def send_after_build(settings: Settings) -> Report | None:
    """Send what is due, for a few seconds at most; None if nothing is, or if the settings leave it to `feeds ping`."""
    due = outbox_due(str(settings.state)) if settings.push.after_build else None
    if due is None or due > time.time():
        return None
    # A hub fetches a feed at once; by then a server that looks at the folder must have taken it over.
    time.sleep(max(0.0, min(SETTLE_SECONDS, due + SETTLE_SECONDS - time.time())))
    from feeds.push.drain import AFTER_BUILD_SECONDS, drain

    return drain(settings, seconds=AFTER_BUILD_SECONDS)
