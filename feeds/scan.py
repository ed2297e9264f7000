"""What lies in the posts folder: in comes a folder, out goes a listing of posts and other files, each with its stat.

One walk, no file's content read. What is skipped is skipped for a reason, and said; a folder that cannot be read never
passes for an empty one.
"""

from __future__ import annotations

import os
import re
import stat as kinds
from collections.abc import Sequence
from fnmatch import translate
from pathlib import Path
from typing import NamedTuple

from feeds.errors import Problem, RefusedError

POST_ENDINGS = frozenset({".md", ".markdown", ".html", ".htm", ".txt"})
#: Folders that hold no posts, whoever made them.
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
#: What editors and synchronisers leave behind: backups, swap files, conflict copies (IN-12).
_LEFTOVER = re.compile(
    r"~\Z|\A#.*#\Z|\.(?:swp|swo|swx|bak|tmp|orig|rej|part|crdownload)\Z|sync-conflict-|conflicted copy|冲突副本", re.IGNORECASE
)


class File(NamedTuple):
    """A regular file: its path below the folder with "/" between names, and its stat."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int


class Listing(NamedTuple):
    """Posts, the author's other files, and what was skipped; each sorted by path."""

    posts: tuple[File, ...]
    others: tuple[File, ...]
    problems: tuple[Problem, ...]


def scan(folder: Path, exclude: Sequence[str] = ()) -> Listing:
    """Every file below `folder`. Raises RefusedError where a folder is missing or cannot be read."""
    posts: list[File] = []
    others: list[File] = []
    problems: list[Problem] = []
    excluded = re.compile("|".join(translate(pattern) for pattern in exclude)).match if exclude else None
    left = [""]
    root = os.fspath(folder)
    while left:
        above = left.pop()
        try:
            with os.scandir(os.path.join(root, above) if above else root) as entries:  # noqa: PTH118
                for entry in entries:
                    name = entry.name
                    if name[0] == ".":
                        continue
                    path = above + name
                    if not path.isascii() and not _is_utf8(path):
                        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                        problems.append(Problem("file-name", "warning", shown, "its name is not UTF-8", mend="rename the file"))
                        continue
                    if excluded is not None and (excluded(path) or excluded(name)):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if name not in _SKIPPED_FOLDERS:
                            left.append(path + "/")
                        continue
                    try:
                        found = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    dot = name.rfind(".")
                    is_post = dot > 0 and name[dot:].lower() in POST_ENDINGS
                    if kinds.S_ISREG(found.st_mode) and not _LEFTOVER.search(name):
                        file = File(path, found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns)
                        (posts if is_post else others).append(file)
                    elif is_post or kinds.S_ISLNK(found.st_mode):
                        problems.append(_skipped(path, found.st_mode))
        except OSError as error:
            if above and isinstance(error, FileNotFoundError):
                continue
            raise RefusedError(
                f"the folder cannot be read: {error.strerror}",
                where=os.path.join(root, above),  # noqa: PTH118
                expected="a folder of posts",
                mend="mount it, or mend its path or its permissions",
            ) from error
    posts.sort()
    others.sort()
    return Listing(tuple(posts), tuple(others), tuple(sorted(problems, key=lambda one: one.path)))


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _skipped(path: str, mode: int) -> Problem:
    if kinds.S_ISLNK(mode):
        what, mend = "a symbolic link is not followed", "put the file itself here, or name the linked folder as posts folder"
    elif kinds.S_ISREG(mode):
        return Problem("leftover", "notice", path, "an editor's leftover is skipped", mend="delete it")
    else:
        kind = "a FIFO" if kinds.S_ISFIFO(mode) else "a socket" if kinds.S_ISSOCK(mode) else "a device"
        what, mend = f"{kind} is no post", "take it out of the posts folder"
    return Problem("skipped", "warning", path, what, mend=mend)
