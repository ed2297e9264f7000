"""What happens in the posts folder: in comes its path, out go calls when something in it changed.

Events may be lost, late or impossible (a network folder, a mount that went away): the caller also looks by the
clock. Must not read what changed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

LOG = logging.getLogger("feeds.serving")

#: Changes come in bursts: a build begins when none has come for this long, or at the latest after the second.
SETTLE_SECONDS = 0.25
SETTLE_AT_MOST_SECONDS = 5.0
_AGAIN_SECONDS = 2.0


class Watch:
    """Calls `changed` after each burst of changes below a folder, until `stop` is set; not for what changes below `skip`."""

    def __init__(self, folder: Path, stop: threading.Event, changed: Callable[[], None], skip: tuple[str, ...] = ()) -> None:
        self.folder, self.stop, self.changed = folder, stop, changed
        self._skip = tuple(f"{os.path.realpath(folder)}/{path}" for path in skip)

    def run(self) -> None:
        """Watch for as long as the folder is there; where it is not, wait for it."""
        from watchfiles import watch

        away = False
        while not self.stop.is_set():
            try:
                if away and self.folder.is_dir():
                    away = False
                    self.changed()
                for changes in watch(
                    self.folder, stop_event=self.stop, watch_filter=None, debounce=200, step=50, rust_timeout=1000,
                    yield_on_timeout=True, raise_interrupt=False, ignore_permission_denied=True,
                ):  # fmt: skip
                    if any(not f"{os.path.realpath(path)}/".startswith(self._skip) for _, path in changes):
                        self.changed()
                    if not self.folder.is_dir():
                        raise FileNotFoundError(self.folder)
            except (OSError, RuntimeError) as error:
                if not away:
                    LOG.debug("no events from %s: %s", self.folder, error)
                away = True
            self.stop.wait(_AGAIN_SECONDS)

    @staticmethod
    def settle(wake: threading.Event, stop: threading.Event) -> None:
        """Wait until no change has come for a moment, but not for ever."""
        end = time.monotonic() + SETTLE_AT_MOST_SECONDS
        while time.monotonic() < end and not stop.is_set():
            wake.clear()
            if not wake.wait(SETTLE_SECONDS):
                return
