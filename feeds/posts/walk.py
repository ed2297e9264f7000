"""What lies in a folder, as text: in comes a folder, out goes a line for each file with its stat, grouped by folder.

One walk for everybody: the run with nothing to do compares the text, a build takes its posts from it. Reads no file, judges
nothing. Imports nothing that costs: cron pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from feeds import MANIFEST_NAME

#: Folders of other programs, which hold no posts.
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
#: No file has this name.
UNREADABLE = "/"
#: 0 where folders cannot be opened (Windows). As in feeds.system, which a run with nothing to do does without.
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC if hasattr(os, "O_DIRECTORY") and os.scandir in os.supports_fd else 0
_KIND, _REGULAR, _FOLDER = 0o170000, 0o100000, 0o040000
_SECOND_NS = 1_000_000_000
#: A file changed this shortly before it was listed may change again with the same stat; on file systems that count whole
#: seconds the longer time.
_TICK_NS, _LONG_TICK_NS = 20_000_000, 2 * _SECOND_NS


def take(folder: str, skip: tuple[str, ...] = ()) -> str:
    """Every file below the folder, hidden ones left out. OSError where the folder itself cannot be read.

    `skip` are paths of folders below it that are not looked into, each with "/" at its end.

    A folder is a line of a tab and its path below the root with "/" behind it ("" for the root); then come its files, a
    line each, sorted: name, size, mtime_ns, ctime_ns, inode, with tabs between, and the mode of what is no regular file.
    What vanishes during the walk is left out; a folder that cannot be read has the one line UNREADABLE and its errno: whether
    that matters is for others to say.
    """
    lines: list[str] = []
    left = [""]
    while left:
        above = left.pop()
        try:
            listed, folders = _look(f"{folder}/{above}", above)
        except (FileNotFoundError, NotADirectoryError):
            if not above:
                raise
            continue
        except OSError as error:
            if not above:
                raise
            listed, folders = [f"{UNREADABLE}\t{error.errno}"], []
        if skip:
            folders = [path for path in folders if path not in skip]
        folders.sort(reverse=True)
        lines.append("\t" + above.replace("\n", "//n"))
        lines += listed
        left += folders
    return "\n".join(lines)


def _look(folder: str, above: str, escaping: bool = False) -> tuple[list[str], list[str]]:
    """The lines of one folder's files, sorted, and the paths of the folders in it."""
    results: list[str] = []
    folders: list[str] = []
    odd = 0
    # Of an open folder's entries each stat is a look into that folder, not a way down from the root.
    handle = os.open(folder, _OPEN_FOLDER) if _OPEN_FOLDER else -1
    try:
        for entry in os.scandir(handle if handle >= 0 else folder):
            name = entry.name
            if name[0] == ".":
                if name == MANIFEST_NAME and above:  # feeds were published into this folder: nothing in it is a post
                    return [], []
                continue
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            kind = stat.st_mode & _KIND
            if kind == _FOLDER:
                if name not in SKIPPED_FOLDERS:
                    folders.append(f"{above}{name}/")
                continue
            if escaping:
                name = _escaped(name)
            # As `line` has it, written out for its speed.
            results.append(f"{name}\t{stat.st_size}\t{stat.st_mtime_ns}\t{stat.st_ctime_ns}\t{stat.st_ino}")
            if kind != _REGULAR:
                results[-1] += f"\t{stat.st_mode}"
                odd += 1
    finally:
        if handle >= 0:
            os.close(handle)
    results.sort()
    listing = "\n".join(results)
    if not escaping and (listing.count("\t") != 4 * len(results) + odd or listing.count("\n") >= max(len(results), 1)):
        # A name holds a tab or the end of a line.
        return _look(folder, above, escaping=True)
    return results, folders


def line(name: str, size: int, mtime_ns: int, ctime_ns: int, inode: int) -> str:
    """A file's line."""
    return f"{_escaped(name)}\t{size}\t{mtime_ns}\t{ctime_ns}\t{inode}"


def _escaped(name: str) -> str:
    return name.replace("\n", "/n").replace("\t", "/t")


def blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The listing's folders, each with its lines."""
    for block in ("\n" + text).split("\n\t")[1:]:
        above, _, lines = block.partition("\n")
        yield above.replace("//n", "\n"), lines.split("\n") if lines else []


def fields(written: str) -> tuple[str, list[int]]:
    """A line's name, and its numbers: size, mtime_ns, ctime_ns, inode, and perhaps mode."""
    name, *numbers = written.split("\t")
    if "/" in name and name != UNREADABLE:
        name = name.replace("/n", "\n").replace("/t", "\t")
    return name, [int(number) for number in numbers]


def name_of(written: str) -> str:
    """A line's name."""
    name = written.partition("\t")[0]
    return name.replace("/n", "\n").replace("/t", "\t") if "/" in name and name != UNREADABLE else name


def is_racy(mtime_ns: int, ctime_ns: int, taken_ns: int) -> bool:
    """Whether a file with these times, listed not before `taken_ns`, could change again and keep its stat."""
    tick = _TICK_NS if mtime_ns % _SECOND_NS or ctime_ns % _SECOND_NS else _LONG_TICK_NS
    # Any write sets ctime to the clock; mtime may be what somebody wished it to be, years ahead.
    return ctime_ns > taken_ns - tick
