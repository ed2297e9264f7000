"""What lies in the posts folder: in comes a folder, out goes a listing of posts and other files, each with its stat.

No file's content is read. What is skipped is skipped for a reason, and said; a folder that cannot be read never
passes for an empty one.
"""

from __future__ import annotations

import os
import re
import stat as kinds
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fnmatch import translate
from pathlib import Path
from typing import NamedTuple

from feeds.dialects.base import Dialect
from feeds.errors import Problem, RefusedError
from feeds.lazy_patterns import lazy_pattern
from feeds.posts import walk as listing
from feeds.posts.reader import PostReader

#: Kinds of files that are read as posts; a page is left out later, with its reason.
_POSTS = frozenset({"post", "draft", "page"})
#: What editors and synchronisers leave behind: backups, swap files, conflict copies (IN-12).
_LEFTOVER = lazy_pattern(
    r"~\Z|\A~\$|\A#.*#\Z|\.(?:swp|swo|swx|bak|tmp|orig|rej|part|crdownload)\Z|sync-conflict-|conflicted copy|冲突副本",
    re.IGNORECASE,
)


PLAIN = Dialect()


class File(NamedTuple):
    """A regular file: its path below the folder with "/" between names, and its stat."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int

    def line(self) -> str:
        """The file's line in a listing."""
        return listing.line(self.path.rpartition("/")[2], self.size, self.mtime_ns, self.ctime_ns, self.inode)


class Listing(NamedTuple):
    """Posts, the author's other files, and what was skipped; each sorted by path."""

    posts: tuple[File, ...]
    others: tuple[File, ...]
    problems: tuple[Problem, ...]


def walk(folder: Path, skip: tuple[str, ...] = ()) -> str:
    """The folder's listing as text, without the folders below it in `skip`.

    Raises RefusedError if a folder is missing or cannot be read.
    """
    try:
        return listing.take(str(folder), skip)
    except FileNotFoundError as error:
        if folder.exists():
            raise _unreadable(str(folder), error.strerror or str(error)) from error
        raise _missing(folder) from error
    except OSError as error:
        raise _unreadable(str(folder), error.strerror or str(error)) from error


def _missing(folder: Path) -> RefusedError:
    """What to say of a folder that is not there: the folder beside it that was meant, as far as its name tells."""
    from feeds.settings.kinds import nearest

    near = ""
    with suppress(OSError):
        near = nearest(folder.name, {path.name for path in folder.parent.iterdir() if path.is_dir() and path.name[0] != "."})
    return RefusedError(
        "there is no such folder", where=str(folder), expected="a folder of posts", fix=near or "fix its path, or mount it"
    )


def _unreadable(where: str, why: str) -> RefusedError:
    return RefusedError(
        f"the folder cannot be read: {why}", where=where, expected="a folder of posts",
        fix="mount it, or fix its path or its permissions",
    )  # fmt: skip


def scan(folder: Path, exclude: Sequence[str] = (), reader: PostReader | None = None) -> Listing:
    """Every file below `folder`. Raises RefusedError where a folder is missing or cannot be read."""
    return sort_out(folder, listing.blocks(walk(folder)), exclude, reader)


def data_files(blocks: Iterable[tuple[str, Iterable[str]]], reader: PostReader) -> tuple[str, ...]:
    """The paths of the files from which posts inherit front matter, sorted."""
    dialect, site = reader.dialect, reader.site
    if type(dialect).is_data is Dialect.is_data:
        return ()
    names = ((above, listing.fields(line)[0]) for above, lines in blocks for line in lines)
    return tuple(sorted(above + name for above, name in names if dialect.is_data(above + name, site)))


def bundle_folders(blocks: Iterable[tuple[str, Iterable[str]]], reader: PostReader) -> frozenset[str]:
    """The folders that belong to one post each and hold further files that could be posts, without "/" at the end.

    Those without such files make no difference to any post, and are left out so that a new one changes nothing.
    """
    dialect, site = reader.dialect, reader.site
    if type(dialect).owns_folder is Dialect.owns_folder:
        return frozenset()
    owned: set[str] = set()
    others: set[str] = set()
    for above, lines in blocks:
        for line in lines:
            name = listing.fields(line)[0]
            if above and dialect.owns_folder(above + name, site):
                owned.add(above)
            elif name[name.rfind(".") :].lower() in dialect.endings:
                others.add(above)
    return frozenset(folder.rstrip("/") for above in others for folder in _above(above) if folder in owned)


def _above(folder: str) -> Iterator[str]:
    """The folder and all above it, each with "/" at its end."""
    while folder:
        yield folder
        folder = folder[: folder.rstrip("/").rfind("/") + 1]


def sort_out(
    folder: Path, blocks: Iterable[tuple[str, Iterable[str]]], exclude: Sequence[str] = (), reader: PostReader | None = None
) -> Listing:
    """Which files of the folder's listing are posts; `exclude` holds patterns of names or of paths below the folder.

    Raises RefusedError where a folder in it cannot be read, and is not excluded.
    """
    posts: list[File] = []
    others: list[File] = []
    problems: list[Problem] = []
    dialect = reader.dialect if reader else PLAIN
    endings = dialect.endings
    unread: dict[str, list[str]] = {}
    excluded = re.compile("|".join(translate(pattern) for pattern in exclude)).match if exclude else None
    for above, lines in blocks:
        if excluded is not None and any(map(excluded, _folders(above))):
            continue
        for line in lines:
            name, numbers = listing.fields(line)
            if name == listing.UNREADABLE:
                raise _unreadable(f"{folder}/{above}".rstrip("/"), os.strerror(numbers[0]))
            path = above + name
            if not path.isascii() and not _is_utf8(path):
                shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                problems.append(Problem("file-name", "warning", shown, "its name is not UTF-8", fix="rename the file"))
                continue
            if excluded is not None and (excluded(path) or excluded(name)):
                continue
            dot = name.rfind(".")
            is_post = dot > 0 and name[dot:].lower() in endings and (reader is None or kind_of(path, reader) in _POSTS)
            regular = len(numbers) == 4
            if regular and not _LEFTOVER.search(name):
                size, mtime_ns, ctime_ns, inode = numbers
                (posts if is_post else others).append(File(path, size, mtime_ns, inode, ctime_ns))
                if not is_post and dot > 0 and (ending := name[dot:].lower()) in dialect.unread and not _ignored(path, reader):
                    unread.setdefault(ending, []).append(path)
            elif is_post or (not regular and kinds.S_ISLNK(numbers[4])):
                problems.append(_skipped(path, kinds.S_IFREG if regular else numbers[4]))
    problems += (_unread(dialect.unread[ending], ending, sorted(paths)) for ending, paths in unread.items())
    posts.sort()
    others.sort()
    return Listing(tuple(posts), tuple(others), tuple(sorted(problems, key=lambda problem: problem.path)))


def _ignored(path: str, reader: PostReader | None) -> bool:
    return reader is not None and kind_of(path, reader) in ("ignored", "page")


def _unread(label: str, ending: str, paths: Sequence[str]) -> Problem:
    """One finding for all files in a format that is not read, at the first of them."""
    is_single = len(paths) == 1
    shown = f"{', '.join(paths[:4])}{' and others' if len(paths) > 4 else ''}"
    return Problem(
        "unread-format", "warning", paths[0],
        f"1 file in {label} ({ending}) is not read: {shown}"
        if is_single
        else f"{len(paths)} files in {label} ({ending}) are not read: {shown}",
        expected="Markdown or HTML", fix="convert them, e.g. with pandoc, or exclude them",
    )  # fmt: skip


def kind_of(path: str, reader: PostReader) -> str:
    """What the dialect says a file is, by its path."""
    return reader.dialect.kind(path, reader.site).name


def _folders(above: str) -> Iterator[str]:
    """The folder and all above it, each by its path and by its name."""
    path = ""
    for name in above.split("/")[:-1]:
        path += name
        yield path
        yield name
        path += "/"


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _skipped(path: str, mode: int) -> Problem:
    if kinds.S_ISLNK(mode):
        what, fix = "a symbolic link is not followed", "put the file itself here, or name the linked folder as posts folder"
    elif kinds.S_ISREG(mode):
        return Problem("leftover", "notice", path, "an editor's leftover is skipped", fix="delete it")
    else:
        kind = "a FIFO" if kinds.S_ISFIFO(mode) else "a socket" if kinds.S_ISSOCK(mode) else "a device"
        what, fix = f"{kind} is not a post", "take it out of the posts folder"
    return Problem("skipped", "warning", path, what, fix=fix)
