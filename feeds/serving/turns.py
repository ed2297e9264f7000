"""Which turn of a store is live, in memory that all processes of a server share: they switch at one instant.

So no client that asks one worker after the other is ever sent back to an older generation.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

from feeds import system

FILE_NAME = "turn"
_SIZE = 8


class Turns:
    """The live turn; 0 before the first. Where memory cannot be shared, each process has its own."""

    def __init__(self, store: Path) -> None:
        self.shared = True
        try:
            handle = os.open(store / FILE_NAME, os.O_RDWR | os.O_CREAT | system.PRIVATE, 0o600)
            try:
                if os.fstat(handle).st_size != _SIZE:
                    os.truncate(handle, _SIZE)
                memory: mmap.mmap | bytearray = mmap.mmap(handle, _SIZE)
            finally:
                os.close(handle)
        except (OSError, ValueError):
            self.shared, memory = False, bytearray(_SIZE)
        #: One aligned word, so that a reader sees the old number or the new one. `number[0]` is the quickest look.
        self.number = memoryview(memory).cast("Q")

    @property
    def live(self) -> int:
        """The live turn."""
        return self.number[0]

    def switch(self, turn: int) -> None:
        """Make another turn the live one, for every process."""
        self.number[0] = turn
