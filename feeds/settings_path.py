"""Where the settings file of a site is: in come the folders to look from, out goes a path.

Opens nothing, and imports nothing that costs: a run with nothing to do asks, too.
"""

from __future__ import annotations

from os.path import abspath, dirname, exists, isfile, join

FILE_NAME = "feeds.toml"


def find(posts: str | None, cwd: str) -> str | None:
    """The settings file beside the posts folder that was named, else in the working folder or the nearest above it.

    The search ends where a repository begins (a folder with `.git`), and at the root. A relative `posts` is below `cwd`.
    """
    if posts:
        beside = join(dirname(abspath(join(cwd, posts))), FILE_NAME)
        if isfile(beside):
            return beside
    folder = abspath(cwd)
    while True:
        path = join(folder, FILE_NAME)
        if isfile(path):
            return path
        parent = dirname(folder)
        if parent == folder or exists(join(folder, ".git")):
            return None
        folder = parent
