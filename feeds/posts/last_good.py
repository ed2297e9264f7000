"""The last good source of posts that are broken now: in come bytes, out they come again until the post is fixed.

A published post that its author breaks stays in the feeds as it was. One small file for each such post, in the state folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from feeds.model import digest


class LastGoodSources:
    """The folder of kept sources. Read at once, written only by `write` and `settle`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new: dict[str, bytes] = {}
        #: The files that are there, once the folder was looked at: most posts have none, and most sites have no such folder.
        self._names: set[str] | None = None

    def _file(self, path: str) -> Path:
        return self.folder / f"{digest(path)}.post"

    def get(self, path: str) -> bytes | None:
        """The last good source of the post at `path`; None where there is none."""
        if path in self._new:
            return self._new[path]
        if self._names is None:
            try:
                self._names = set(os.listdir(self.folder))  # noqa: PTH208
            except FileNotFoundError:
                self._names = set()
        file = self._file(path) if self._names else None
        return file.read_bytes() if file is not None and file.name in self._names else None

    def put(self, path: str, source: bytes) -> None:
        """Keep a source from now on."""
        self._new[path] = source

    def write(self) -> None:
        """Write what is newly kept. Durable when it returns."""
        if not self._new:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for path, source in self._new.items():
            file = self._file(path)
            fresh = file.with_suffix(".new")
            with fresh.open("wb") as stream:
                stream.write(source)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(file)
        self._new.clear()
        self._names = None

    def settle(self, broken: Iterable[str]) -> None:
        """Drop what is kept for no post that is broken; what is newly kept is written first."""
        self.write()
        if not self.folder.is_dir():
            return
        wanted = {self._file(path).name for path in broken}
        for name in os.listdir(self.folder):  # noqa: PTH208
            if name not in wanted:
                (self.folder / name).unlink(missing_ok=True)
        self._names = None
