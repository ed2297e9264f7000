"""The formats, in one table: in comes a Feed, out go bytes, and a check that the bytes say what the model says.

A format never sees settings, posts or HTTP. Each lies in a file of its own and imports heavy libraries when used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from feeds import plugins
from feeds.model import Entry, Feed


class Format(Protocol):
    """One format of a feed. All functions are pure: equal arguments, equal bytes."""

    @property
    def name(self) -> str:
        """Name in settings, URL tables and the manifest: "rss"."""

    @property
    def media_type(self) -> str:
        """With the charset parameter where the type has one."""

    @property
    def version(self) -> str:
        """Moves with each change of the bytes written for equal arguments; part of every key."""

    def fragment(self, entry: Entry, *, content_mode: str, show_email: bool = False) -> bytes:
        """The entry as it stands inside each document of this format: written once, joined many times."""

    def document(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """The whole document, given the fragments of `feed.entries` in their order."""

    def check(self, body: bytes, feed: Feed) -> None:
        """Parse the bytes strictly and compare number, order, ids, dates, titles and URL rules with the model.

        Raises RenderError that names the feed, the format and the first difference.
        """


class PlugIn(Format, Protocol):
    """A format of another package; those of this one have their file names in the settings."""

    @property
    def file_name(self) -> str:
        """Name of its documents in a feed's folder: "feed.txt"."""


#: Name of a format -> its module.
_MODULES = {"rss": "rss", "atom": "atom", "json": "jsonfeed"}
#: The formats of this package, the best one first where a reader does not care.
OWN = tuple(_MODULES)
#: Formats of documents for people: a feed's page, an entry's page, and lists.
PAGES = frozenset({"html", "entry", "page"})

MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
    "html": "text/html; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
    "css": "text/css; charset=utf-8",
}


@cache
def by_name(name: str) -> Format:
    """The format called `name`: "rss", "atom", "json", or a plug-in's. Raises LookupError if there is none."""
    if name in _MODULES:
        format: Format = import_module(f"feeds.formats.{_MODULES[name]}").FORMAT
        return format
    loaded = plugins.load(plugins.FORMATS, name)
    if loaded is None:
        raise LookupError(f"{name!r} is not a format; expected one of {', '.join((*_MODULES, *plugins.named(plugins.FORMATS)))}")
    return cast(Format, loaded)


def is_own(name: str) -> bool:
    """Whether the format is one of this package, not a plug-in's."""
    return name in _MODULES


def media_type_of(name: str) -> str:
    """The media type of a format's documents."""
    return MEDIA_TYPES.get(name) or by_name(name).media_type


def file_name_of(name: str) -> str:
    """The name of a plug-in's documents in a feed's folder."""
    return cast(PlugIn, by_name(name)).file_name
