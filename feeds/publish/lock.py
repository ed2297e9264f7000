"""One writer at a time: in comes a state folder, out goes a held lock, or AlreadyRunningError at once.

flock(2) on a file that is never unlinked: it dies with its process. On NFS it holds between machines only from NFSv4 on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feeds.errors import AlreadyRunningError

FILE_NAME = "build.lock"
#: Descriptors of the locks that this process holds.
_held: set[int] = set()


def _let_go() -> None:
    # A worker that was forked off shares the lock: it must not outlive the process that took it.
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Hold the state folder's lock. Raises AlreadyRunningError where another process does."""
    state.mkdir(parents=True, exist_ok=True)
    handle = os.open(state / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError("another build is running", where=str(state), mend="wait for it") from None
        _held.add(handle)
        yield
    finally:
        _held.discard(handle)
        os.close(handle)
