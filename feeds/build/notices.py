"""What a build tells besides what it did: files that are left out for a reason that their author did not choose, a wrong clock.

Each file is reported once, until it changes; the state folder remembers which. Must not decide what is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from feeds.build import generator_settings
from feeds.build.publication import Built
from feeds.model import rfc3339
from feeds.publish import disk
from feeds.publish.manifest import Manifest
from feeds.settings import Settings

#: In the state folder: the notices that were reported by earlier builds; _FORMER_NAME is what earlier versions called it.
_FILE_NAME, _FORMER_NAME = "notices.json", "told.json"
_MOST_AT_ONCE = 10
_NOT_CHOSEN = frozenset({"file-name", "skipped", "unread-format", "moved-target"})

#: Two machines that build one site need not agree more closely.
_CLOCKS_AGREE = timedelta(minutes=10)


def of_clock(last: Manifest | None, as_of: datetime) -> Iterator[str]:
    """A notice if what is published was built later than now; the build after it has nothing to tell."""
    if last is not None and last.as_of - as_of > _CLOCKS_AGREE:
        yield (
            f"what is published was built as of {rfc3339(last.as_of)}, later than now ({rfc3339(as_of)}): one of the two clocks "
            "was wrong; if it was that one, `feeds ledger redate` replaces the dates that it stamped"
        )


def not_reported_yet(settings: Settings, built: Built) -> Iterator[str]:
    """Files that are left out for a reason that their author did not choose, and settings of the generator that changed.

    Each is reported once, until it changes.
    """
    publication = built.publication
    left = [
        f"{problem.path}: {problem.what}" if problem.path else problem.what
        for problem in publication.problems
        if problem.code in _NOT_CHOSEN
    ]
    left += [f"{item.path}: {item.what}" for item in publication.left_out if item.reason in ("empty", "copy")]
    left += [f"{problem.what} ({problem.fix})" for problem in generator_settings.changed(settings)]
    left.sort()
    reported = _reported(settings.state)
    if left != reported:
        # Reported again at worst.
        with suppress(OSError):
            text = json.dumps(left, ensure_ascii=False)
            disk.write_durably(settings.state / _FILE_NAME, text.encode("utf-8", "replace"))
            (settings.state / _FORMER_NAME).unlink(missing_ok=True)
    known = frozenset(reported)
    new = [line for line in left if line not in known]
    yield from new[:_MOST_AT_ONCE]
    if len(new) > _MOST_AT_ONCE:
        text = f"{len(new) - _MOST_AT_ONCE} more such notices (`feeds check` lists them)"
        yield text


def _reported(state: Path) -> list[str]:
    for name in (_FILE_NAME, _FORMER_NAME):
        with suppress(OSError, ValueError):
            reported: list[str] = json.loads((state / name).read_bytes())
            return reported
    return []
