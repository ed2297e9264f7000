"""Whose a state folder is, and where it lies if nobody says so: two sites never share a ledger.

In come paths, out go paths; reads and writes the small file that names the site. Imports nothing that costs: a run with nothing
to do asks, too.
"""

from __future__ import annotations

import os
from os.path import abspath, basename, dirname, exists, join, normpath, relpath

#: The file in a state folder that says whose it is: a head, the path of the posts folder from here, the base URL, and behind a
#: line end the path of the settings file that names the posts folder.
FILE_NAME = "site"
DEFAULT = ".feeds"
_HEAD = b"feeds site 1"
LEDGER = "ledger.sqlite"
#: The file of what hubs and search engines are still to be told (`feeds.push`), and how its first line begins.
OUTBOX = "outbox.json"
OUTBOX_HEAD = b"feeds outbox 1 "


class SiteIdentity:
    """What tells one site from another. `settings_file` is the one that names the posts folder; None if none does."""

    __slots__ = ("base_url", "posts", "settings_file")

    def __init__(self, posts: str, base_url: str = "", settings_file: str | None = None) -> None:
        self.posts, self.base_url = abspath(posts), base_url
        self.settings_file = None if settings_file is None else abspath(settings_file)

    @property
    def facts(self) -> tuple[str, str, str | None]:
        """All that it holds, with whole paths."""
        return self.posts, self.base_url, self.settings_file


def owner(state: str) -> SiteIdentity | None:
    """The site that a state folder belongs to, with whole paths; None if that is not known."""
    try:
        with open(join(state, FILE_NAME), "rb") as stream:
            head, posts, address, end = stream.read(20_000).split(b"\0")
    except (OSError, ValueError):
        return None
    if head != _HEAD or end:
        return None
    base_url, has_file, file = address.partition(b"\n")
    return SiteIdentity(_whole(state, posts), base_url.decode("utf-8", "replace"), _whole(state, file) if has_file else None)


def _whole(state: str, path: bytes) -> str:
    return normpath(join(abspath(state), os.fsdecode(path)))


def is_of(state: str, site: SiteIdentity) -> bool:
    """Whether a state folder is, or may be, that of the site.

    It is if the posts folder is the same, or if the same settings file names another one now and the base URL is the same: the
    site has moved to another folder, e.g. that of another generator, and the one before may still be there.
    """
    result = owner(state)
    if result is None or result.posts == site.posts:
        return True
    return site.settings_file is not None and result.facts[1:] == site.facts[1:]


def default(home: str | None, site: SiteIdentity) -> str:
    """The state folder of a site for which none is named: `.feeds` beside the settings file, else beside the posts folder.

    If that is another site's, a folder in it. A site that got a settings file (in `home`) keeps the state that it has, and so
    does one whose posts folder was renamed: the folder that the state beside its settings file names is not there any more.
    """
    name = basename(site.posts)
    beside_posts = join(dirname(site.posts), DEFAULT)
    first = beside_posts if home is None else join(home, DEFAULT)
    candidates = [first, join(first, name), beside_posts, join(beside_posts, name)]
    for state in candidates:
        if exists(join(state, LEDGER)) and is_of(state, SiteIdentity(site.posts)):
            return state
    is_moved = home is not None and (result := owner(first)) is not None and not exists(result.posts)
    return first if is_moved or is_of(first, site) else candidates[1]


def claim(state: str, site: SiteIdentity) -> None:
    """Write down whose the state folder is, if it says otherwise. Raises OSError."""
    result, file = owner(state), site.settings_file
    if result is not None and result.facts == site.facts:
        return
    # Earlier versions take the whole of it for the base URL, which they only show.
    address = site.base_url.encode() + (b"" if file is None else b"\n" + os.fsencode(relpath(file, state)))
    fresh = join(state, f"{FILE_NAME}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o600), "wb") as stream:
        stream.write(b"\0".join((_HEAD, os.fsencode(relpath(site.posts, state)), address, b"")))
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
