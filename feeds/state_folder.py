"""Whose a state folder is, and where it lies if nobody says so: two sites never share a ledger.

In come paths, out go paths; reads and writes the small file that names the site. Imports nothing that costs: a run with nothing
to do asks, too.
"""

from __future__ import annotations

import os
from os.path import abspath, basename, dirname, exists, join, normpath, relpath

#: The file in a state folder that says whose it is: a head, the path of the posts folder from here, the base URL.
FILE_NAME = "site"
DEFAULT = ".feeds"
_HEAD = b"feeds site 1"
LEDGER = "ledger.sqlite"
#: The file of what hubs and search engines are still to be told (`feeds.push`), and how its first line begins.
OUTBOX = "outbox.json"
OUTBOX_HEAD = b"feeds outbox 1 "


def owner(state: str) -> tuple[str, str] | None:
    """The posts folder and the base URL of the site that a state folder belongs to; None if that is not known."""
    try:
        with open(join(state, FILE_NAME), "rb") as stream:
            head, posts, base_url, end = stream.read(20_000).split(b"\0")
    except (OSError, ValueError):
        return None
    if head != _HEAD or end:
        return None
    return normpath(join(abspath(state), os.fsdecode(posts))), base_url.decode("utf-8", "replace")


def is_of(state: str, posts: str) -> bool:
    """Whether a state folder is, or may be, that of the site with this posts folder."""
    result = owner(state)
    return result is None or result[0] == abspath(posts)


def default(home: str | None, posts: str) -> str:
    """The state folder of a site for which none is named: `.feeds` beside the settings file, else beside the posts folder.

    If that is another site's, a folder in it. A site that got a settings file (in `home`) keeps the state that it has, and so
    does one whose posts folder was renamed: the folder that the state beside its settings file names is not there any more.
    """
    posts = abspath(posts)
    beside_posts = join(dirname(posts), DEFAULT)
    first = beside_posts if home is None else join(home, DEFAULT)
    candidates = [first, join(first, basename(posts)), beside_posts, join(beside_posts, basename(posts))]
    for state in candidates:
        if exists(join(state, LEDGER)) and is_of(state, posts):
            return state
    is_moved = home is not None and (result := owner(first)) is not None and not exists(result[0])
    return first if is_moved or is_of(first, posts) else candidates[1]


def claim(state: str, posts: str, base_url: str) -> None:
    """Write down whose the state folder is, if it says otherwise. Raises OSError."""
    if owner(state) == (abspath(posts), base_url):
        return
    way = relpath(posts, state)
    fresh = join(state, f"{FILE_NAME}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o600), "wb") as stream:
        stream.write(b"\0".join((_HEAD, os.fsencode(way), base_url.encode(), b"")))
    os.replace(fresh, join(state, FILE_NAME))


def outbox_due(state: str) -> int | None:
    """When a build has to send something that waits in the outbox, in seconds since 1970; None if nothing is waiting."""
    try:
        with open(join(state, OUTBOX), "rb") as stream:
            due = stream.readline(100).removeprefix(OUTBOX_HEAD).strip()
    except OSError:
        return None
    return int(due) if due.isdigit() else None


def outbox_is_due(state: str, now: float) -> bool:
    """Whether a build has anything to send that waits in the outbox; `now` in seconds since 1970."""
    due = outbox_due(state)
    return due is not None and due <= now
