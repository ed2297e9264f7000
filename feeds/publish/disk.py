"""Files as they must be written: in come bytes and paths, out go durable files, linked copies, exchanged folders.

The few system calls that everything above relies on, each with its fallback. Knows nothing of feeds.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from feeds import system

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
#: From so many files on one flush of the file system is cheaper than one for each file.
_MANY = 16
_LABEL = "security.selinux"


def write(path: Path, body: bytes, mtime: float | None = None) -> None:
    """A whole new file; its bytes are durable after `flush`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(body)
    if mtime is not None:
        os.utime(path, (mtime, mtime))


def write_durably(path: Path, body: bytes) -> None:
    """Replace a file at once: temporary file, fsync, rename, fsync of the folder. The file is its owner's alone."""
    fresh = path.with_name(f"{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(fresh, "wb", opener=private_opener) as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_private(folder: Path, *, passable: bool = False) -> None:
    """Make a folder, or one that is there, its owner's alone; `passable` lets others through to paths that they know."""
    mode = 0o711 if passable else 0o700
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o777 != mode:
        _allowed(os.chmod, folder, mode)


def private_opener(path: str, flags: int) -> int:
    """For `open`: a new file is its owner's alone."""
    return os.open(path, flags, 0o600)


class Access(NamedTuple):
    """Who may read what is published: owner and group (None: the process's own), modes, security label."""

    owner: int | None
    group: int | None
    folder_mode: int
    file_mode: int
    label: bytes | None

    def give(self, path: Path, *, folder: bool) -> None:
        """Give a file or folder this access; what the system does not allow stays as it is."""
        here = path.stat()
        if self.group is not None and here.st_gid != self.group:
            _allowed(os.chown, path, -1, self.group)
        if self.owner is not None and here.st_uid != self.owner:
            _allowed(os.chown, path, self.owner, -1)
        mode = self.folder_mode if folder else self.file_mode
        if here.st_mode & 0o7777 != mode:
            _allowed(os.chmod, path, mode)
        if self.label is not None:
            _allowed(os.setxattr, path, _LABEL, self.label)


def access_of(folder: Path) -> Access:
    """The access that a published folder has, for what takes its place; readable by all if it is new.

    Pages and feeds are for the public: the process's umask does not decide who may read them.
    """
    try:
        here = folder.stat()
    except OSError:
        return Access(None, None, 0o755, 0o644, None)
    mode = here.st_mode & 0o7777
    label = None
    if hasattr(os, "getxattr"):
        with suppress(OSError):
            label = os.getxattr(folder, _LABEL)
    return Access(here.st_uid, here.st_gid, mode, mode & 0o666, label)


def _allowed(call: Callable[..., None], *arguments: object) -> None:
    """A system call that only some users or file systems allow."""
    try:
        call(*arguments)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EACCES, errno.EINVAL):
            raise


def make_folders(folder: Path, root: Path, access: Access) -> None:
    """Make a folder below `root` with all above it; new ones get the access."""
    missing = []
    while folder != root and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir()
        access.give(new, folder=True)


def link(source: Path, target: Path) -> None:
    """The same file at a second place, inode and times kept; a copy where the file system has no links left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EMLINK, errno.EPERM, errno.EXDEV, errno.ENOTSUP, errno.EACCES):
            raise
        shutil.copy2(source, target)


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable (fsync(2))."""
    if not system.OPENS_FOLDERS:
        return
    handle = os.open(folder, os.O_RDONLY | system.FOLDER | system.PRIVATE)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def flush(files: list[Path], folder: Path) -> None:
    """Make the bytes of these files, and every folder below `folder`, durable."""
    syncfs = getattr(_libc(), "syncfs", None)
    if syncfs is not None and len(files) >= _MANY:
        handle = os.open(folder, os.O_RDONLY | system.PRIVATE)
        try:
            if syncfs(handle) == 0:
                return
        finally:
            os.close(handle)
    for file in files:
        # Windows flushes only what is open for writing.
        handle = os.open(file, (os.O_RDONLY if system.OPENS_FOLDERS else os.O_RDWR) | system.PRIVATE)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    for below in sorted({parent for file in files for parent in file.parents if folder in (parent, *parent.parents)}):
        sync_folder(below)


def exchange(path: Path, other: Path) -> bool:
    """Swap two folders at once (renameat2(2) with RENAME_EXCHANGE); False where the system cannot."""
    renameat2 = getattr(_libc(), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV):
        return False
    raise OSError(code, os.strerror(code), str(path), None, str(other))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def files_below(folder: Path) -> Iterator[str]:
    """Every file below the folder, as a path with "/" between names."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with os.scandir(folder / above) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{above}{entry.name}/")
                else:
                    yield above + entry.name


def remove_tree(folder: Path) -> None:
    """Delete a folder of ours with all that is in it; nothing where it is gone."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_empty(root: Path, folders: Iterable[Path]) -> None:
    """Delete folders that have become empty, from the innermost outwards, never `root`."""
    for folder in sorted(set(folders), key=lambda path: -len(path.parts)):
        here = folder
        while here != root and root in here.parents:
            try:
                here.rmdir()
            except OSError:
                break
            here = here.parent


def nearest_existing(path: Path) -> Path:
    """The path itself if it exists, else the nearest folder above it that does."""
    while not path.exists():
        path = path.parent
    return path
