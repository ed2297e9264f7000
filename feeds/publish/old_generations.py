"""Generations that were live: kept beside the output for readers that hold them open, for caches and for `rollback`."""

from __future__ import annotations

import os
import time
from pathlib import Path

from feeds.publish import disk
from feeds.publish.manifest import Manifest
from feeds.publish.stage import read_manifest


class OldGenerations:
    """The old generations in the folder `beside`; each is kept for `keep_seconds`, the newest for good."""

    def __init__(self, beside: Path, keep_seconds: int) -> None:
        self.beside, self.keep_seconds = beside, keep_seconds

    def folders(self) -> list[Path]:
        """The folders of old generations, oldest first."""
        if not self.beside.is_dir():
            return []
        return sorted(self.beside / name for name in os.listdir(self.beside) if name.startswith("old-"))  # noqa: PTH208

    def keep(self, folder: Path, last: Manifest | None) -> None:
        """Keep the generation that was live, for readers that still hold it open and for `rollback`."""
        if last is None or read_manifest(folder) is None:
            disk.remove_tree(folder)
        else:
            home = self.beside / f"old-{last.generation:09}"
            disk.remove_tree(home)
            # What was withdrawn since is in it: it may lie below a web server's root.
            disk.make_private(folder)
            folder.rename(home)
            os.utime(home)
        self._prune()

    def _prune(self) -> None:
        """Delete old generations that no cache can hold any more; the newest stays."""
        for folder in self.folders():
            disk.make_private(folder)
        for folder in self.folders()[:-1]:
            if time.time() - folder.stat().st_mtime > self.keep_seconds:
                disk.remove_tree(folder)

    def drop_empty(self) -> None:
        """Delete the folder beside the output if nothing is in it."""
        try:
            self.beside.rmdir()
        except OSError:
            pass
