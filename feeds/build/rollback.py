"""Take the last publish back: the generation before the live one is published again, and held."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from feeds import clock
from feeds.build import held_generation, no_change
from feeds.build.target import announced, header_maps_of, target_of
from feeds.errors import LedgerError
from feeds.ledger.ledger import Ledger
from feeds.publish import lock
from feeds.publish.manifest import Manifest
from feeds.settings import Settings


class RolledBack(NamedTuple):
    """What a rollback published: the number of the new generation, and the paths of the documents that changed back."""

    generation: int
    changed: tuple[str, ...]


def rollback(settings: Settings, as_of: datetime | None = None) -> RolledBack:
    """Publish the generation before the live one again as of an instant (default: now), and hold it.

    Until `release`, builds are refused: the next cron run would publish again what was just taken back.
    """
    with lock.held(settings.state):
        # First: killed from here on, the next build runs whole.
        no_change.forget(settings.state)
        target = target_of(settings)
        _confirm(settings.state, target.last())
        done = target.rollback(as_of or clock.now(os.environ), extras=header_maps_of(settings))
        announced(settings, done.manifest)
        held_generation.hold(settings.state, done.manifest)
    return RolledBack(done.manifest.generation, tuple(sorted(done.changed)))


def _confirm(state: Path, last: Manifest | None) -> None:
    """What a killed run published counts, though another generation takes its place; without a ledger there is nothing to do."""
    if last is not None:
        with suppress(LedgerError):
            ledger = Ledger.open(state)
            ledger.confirm(last.revision)
            ledger.close()
