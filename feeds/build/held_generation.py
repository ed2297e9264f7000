"""The generation that was rolled back to and is held: builds publish nothing until it is released. In comes a state folder."""

from __future__ import annotations

import json
from pathlib import Path

from feeds.errors import RefusedError
from feeds.model import rfc3339
from feeds.publish import disk, lock
from feeds.publish.manifest import Manifest
from feeds.settings import Settings

#: In the state folder: number and date of the generation that is held.
FILE_NAME = "held.json"


def hold(state: Path, live: Manifest) -> None:
    """Hold the generation that is live. Raises OSError."""
    facts = {"generation": live.generation, "since": rfc3339(live.as_of)}
    disk.write_durably(state / FILE_NAME, json.dumps(facts).encode())


def release(settings: Settings) -> bool:
    """Let builds publish again after a rollback; returns whether a generation was held."""
    with lock.held(settings.state):
        was_held = (settings.state / FILE_NAME).exists()
        (settings.state / FILE_NAME).unlink(missing_ok=True)
    return was_held


def refuse(state: Path) -> None:
    """Raise RefusedError while a rolled-back generation is held."""
    try:
        held = json.loads((state / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        held = {}
    number, since = held.get("generation", "?"), held.get("since", "?")
    raise RefusedError(
        f"nothing is published: generation {number} was rolled back to on {since} and is held",
        fix="`feeds rollback --release` lets builds publish again",
    )
