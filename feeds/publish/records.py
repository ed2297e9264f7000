"""What a target remembers of its output folder: small JSON files in the state folder.

A file that cannot be read counts as empty: each only saves work, or is written again with the next generation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from feeds.model import rfc3339
from feeds.publish import disk
from feeds.publish.manifest import Manifest
from feeds.publish.stage import StagedGeneration

_COPY = "published.json"
_GONE = "gone.json"
_JOURNAL = "journal.json"
_EXTRAS = "extras.json"
_LEFT = "left.json"


class Records:
    """The records about one output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: What a switch file by file has yet to do.
        self.journal = folder / _JOURNAL
        #: The documents that the last switch file by file replaced or deleted, with their manifest.
        self.before = folder / "before"

    def copy(self) -> Manifest | None:
        """The copy of the live generation's manifest."""
        try:
            return Manifest.from_json((self.folder / _COPY).read_bytes())
        except (OSError, ValueError):
            return None

    def tidy(self) -> None:
        """Delete what writing a record that was interrupted has left."""
        for name in (_COPY, _GONE, _JOURNAL, _EXTRAS):
            (self.folder / f"{name}.new").unlink(missing_ok=True)

    def gone(self) -> dict[str, datetime]:
        """When documents that are no longer published last changed, by path."""
        try:
            moments = json.loads((self.folder / _GONE).read_bytes())
        except (OSError, ValueError):
            return {}
        return {path: datetime.fromisoformat(moment).astimezone(UTC) for path, moment in moments.items()}

    def note_gone(self, staged: StagedGeneration, last: Manifest | None) -> None:
        """Write down when the documents that go last changed; one that comes back must not look older (HTTP-8)."""
        if staged.removed and last is not None:
            gone = {**self.gone(), **{path: last.documents[path].last_modified for path in staged.removed}}
            moments = {path: rfc3339(moment) for path, moment in sorted(gone.items()) if path not in staged.manifest.documents}
            disk.write_durably(self.folder / _GONE, json.dumps(moments, ensure_ascii=False, indent=0).encode())

    def extras(self) -> set[str]:
        """The further files of the live generation, and of one that was on its way: header maps."""
        try:
            return set(json.loads((self.folder / _EXTRAS).read_bytes()))
        except (OSError, ValueError):
            return set()

    def note_extras(self, extras: Iterable[str]) -> None:
        """Write down which further files are ours."""
        noted = set(extras)
        if noted != self.extras():
            disk.write_durably(self.folder / _EXTRAS, json.dumps(sorted(noted)).encode())

    def left(self) -> set[str]:
        """The paths that were left to somebody else's files, of which the operator has been told."""
        try:
            return set(json.loads((self.folder / _LEFT).read_bytes()))
        except (OSError, ValueError):
            return set()

    def note_left(self, left: Sequence[str]) -> list[str]:
        """Sentences for the paths that are left to somebody else's files for the first time."""
        left_before = self.left()
        new = sorted(set(left) - left_before)
        if set(left) != left_before:
            disk.write_durably(self.folder / _LEFT, json.dumps(sorted(left), ensure_ascii=False).encode())
        if not new:
            return []
        shown = ", ".join(new[:3]) + (f" and {len(new) - 3} more" if len(new) > 3 else "")
        what = "is not what was published there" if len(new) == 1 else "are not what was published there"
        return [
            f"{shown} {what}: another program's files now, left as they are (this is said once; "
            "[paths] can move the feeds elsewhere, pages = false makes no pages)"
        ]

    def remember(self, manifest: Manifest) -> None:
        """Keep a copy of the live generation's manifest."""
        text = manifest.to_json(private=True).encode()
        copy = self.folder / _COPY
        if not copy.exists() or copy.read_bytes() != text:
            disk.write_durably(copy, text)
