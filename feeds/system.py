"""What operating systems differ in: flags of open files, locks, what a forked process does first, another one's processor time.

Linux has all of it. Elsewhere the nearest is taken: Windows locks a byte (msvcrt) and knows no links to guard against at
opening; without fork there is nothing to do after one. docs/operations.md says what is weaker where.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
#: Flags for os.open; 0 where a system does not have one. Bytes are never translated, nor inherited by another program.
PRIVATE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)
FOLDER = getattr(os, "O_DIRECTORY", 0)
#: Whether a folder can be opened, and its files reached from there.
OPENS_FOLDERS = bool(FOLDER) and os.open in os.supports_dir_fd


def try_lock(handle: int) -> bool:
    """Lock an open file for this process alone, until it is closed; False where another one holds it.

    flock(2), or a byte far behind the end of the file (Windows), which dies with the process as well.
    """
    try:
        import fcntl
    except ImportError:
        return _lock_byte(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_byte(handle: int) -> bool:
    try:
        import msvcrt
    except ImportError:
        # Neither of the two: SQLite's own locks remain.
        return True
    os.lseek(handle, 1 << 30, os.SEEK_SET)
    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
    return True


def after_fork(begin: Callable[[], None]) -> None:
    """Have this called first in each process that is forked off, where there is fork(2)."""
    register = getattr(os, "register_at_fork", None)
    if register is not None:
        register(after_in_child=begin)


def processor_seconds(process: int) -> float:
    """Processor time of a process and its descendants so far; changes all the time if the system does not tell."""
    total, waiting = 0, [process]
    for each in waiting:
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
            for task in Path(f"/proc/{each}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, ValueError, IndexError):
            if each == process:
                return time.monotonic()
    return total / os.sysconf("SC_CLK_TCK")


def process_start(process: int) -> int:
    """When a process began, in clock ticks since the machine did; 0 if it has ended, or the system does not tell (proc(5))."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return 0 if fields[0] in ("Z", "X") else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0


@functools.cache
def prctl() -> Any:
    """prctl(2), or None where the system lacks it. To be called before a fork that calls it: dlopen(3) takes a lock."""
    import ctypes

    return getattr(ctypes.CDLL(None), "prctl", None)


def reap_orphans(*, leaders: bool = False) -> None:
    """As process 1 of a container, collect the ended processes of builds that were killed: they have no other parent any more.

    A leader of its session is a build, for which somebody may wait; it is collected with `leaders` alone (waitpid(2), proc(5)).
    """
    if os.getpid() != 1 or not hasattr(os, "getsid"):
        return
    own_session = os.getsid(0)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            state, parent, _, session = path.read_text().rpartition(")")[2].split()[:4]
            process = int(path.parent.name)
            is_known = int(session) == own_session or (int(session) == process and not leaders)
            if state == "Z" and parent == "1" and not is_known:
                os.waitpid(process, os.WNOHANG)


def end_with_parent(number: int) -> None:
    """Have the kernel send this process that signal when its parent ends, however that happens (prctl(2), Linux)."""
    call = prctl()
    if call is not None:
        call(_PR_SET_PDEATHSIG, number, 0, 0, 0)
