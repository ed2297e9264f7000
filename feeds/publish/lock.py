"""One writer at a time: in comes a state folder, out goes a held lock, or AlreadyRunningError at once.

flock(2) on a file that is never unlinked: it dies with its process. On NFS it holds between machines only from NFSv4 on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from feeds import system
from feeds.errors import AlreadyRunningError

FILE_NAME = "build.lock"
#: What our files and folders in the state folder are called, without endings.
_OURS = frozenset(
    {
        "build",
        "ledger",
        "cache",
        "memo",
        "post-index",
        "standing",
        "kept",
        "published",
        "unchanged",
        "held",
        "serve",
        "preview",
        "site",
        "notices",
        "told",
        "outbox",
    }
)
#: Descriptors of the locks that this process holds.
_held: set[int] = set()


def _let_go() -> None:
    # A worker that was forked off shares the lock: it must not outlive the process that took it.
    for handle in _held:
        os.close(handle)
    _held.clear()


system.after_fork(_let_go)


def _make_private(state: Path) -> None:
    """Our files in the state folder are their owner's alone: they hold titles and addresses of posts that are not public.

    So is the folder itself, unless somebody keeps other files in it.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {path: path.name.partition(".")[0] in _OURS for path in state.iterdir()}
    for path in (*(path for path in ours if ours[path]), *([state] if all(ours.values()) else [])):
        # Gone meanwhile, or another user's: then its access is that user's affair.
        with suppress(FileNotFoundError, PermissionError):
            here = path.lstat()
            if here.st_mode & 0o077 and not stat.S_ISLNK(here.st_mode):
                path.chmod(stat.S_IMODE(here.st_mode) & 0o700)


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Hold the state folder's lock. Raises AlreadyRunningError where another process does."""
    _make_private(state)
    handle = os.open(state / FILE_NAME, os.O_RDWR | os.O_CREAT | system.PRIVATE, 0o600)
    try:
        if not system.try_lock(handle):
            raise AlreadyRunningError("another build is running", where=str(state), fix="wait for it")
        _held.add(handle)
        yield
        _make_private(state)
    finally:
        _held.discard(handle)
        os.close(handle)
