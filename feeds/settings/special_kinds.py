"""Kinds of values that only one or two settings take: folders and files, pages, readers, moves, limits."""

from __future__ import annotations

import re
from collections.abc import Collection

from feeds.content.policy import ALLOWABLE_ATTRIBUTES, ALLOWABLE_TAGS
from feeds.html_tags import NAMES
from feeds.settings.addresses import OWN_PATH, folder
from feeds.settings.kinds import Kind, WrongValueError, choice, describe, listed, nearest, some_of, string, whole

TAXONOMIES = ("category", "tag", "author")
#: All by which posts can be grouped; a site has feeds of TAXONOMIES unless it says otherwise.
ALL_TAXONOMIES = (*TAXONOMIES, "language")
#: Readers that a page can open a feed in; the formats know how each is addressed. "feed" is the machine's own.
READERS = ("folo", "feedly", "inoreader", "newsblur", "theoldreader", "feedbin", "bazqux", "feed")

CONTENT = choice("full", "summary")
LIMIT = whole(0, 3000)
"""Inoreader blocks feeds of more than 3,000 entries; 0 is all of them."""
MOVED = Kind(OWN_PATH.read, 'a path below the base URL or a URL, e.g. "category/web/rss.xml"')


def _name_of(what: str, known: Collection[str]) -> Kind:
    """The name of a tag or attribute, in lower case, but only of those that are known to be harmless."""
    allowed = f"the name of {what} that can neither run, load nor ask for input"

    def read(value: object) -> str:
        text = string(value, allowed).strip().lower()
        if not re.fullmatch(r"[a-z][a-z0-9-]*", text):
            raise WrongValueError(f"{describe(value)} is not the name of {what}", allowed)
        if text not in known:
            # A name of HTML is no slip for another one.
            near = "" if text in NAMES else nearest(text, known)
            raise WrongValueError(f"{describe(value)} is never allowed", allowed, near)
        return text

    return Kind(read, allowed)


#: Attributes of one tag, in the table `sanitise.allow_attributes`.
ATTRIBUTES = listed(_name_of("an attribute", ALLOWABLE_ATTRIBUTES), "a list of names of attributes")
TAG = _name_of("a tag", ALLOWABLE_TAGS)


def _path(value: object) -> str:
    text = string(value, PATH.allowed)
    if not text.strip() or "\0" in text:
        raise WrongValueError("it is empty", PATH.allowed)
    return text


PATH = Kind(_path, "a folder")
FILE = Kind(_path, "a file")
#: Kinds whose relative paths begin where the setting was given.
LOCAL = (PATH, FILE)


def _pages(value: object) -> bool | str:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in ("true", "false"):
        return value.strip().casefold() == "true"
    if not isinstance(value, str):
        raise WrongValueError(f"{describe(value)} is neither true nor false nor a folder", PAGES.allowed)
    try:
        return str(folder().read(value)) or True
    except WrongValueError as wrong:
        raise WrongValueError(wrong.what, PAGES.allowed, wrong.fix) from None


PAGES = Kind(_pages, 'true, false, or a folder below which the pages go, e.g. "feeds/"')


def _archive(value: object) -> tuple[str, ...]:
    # A variable of the environment gives a list of words.
    if value is True or value == ["true"]:
        return _ARCHIVED
    if value is False or value == ["false"]:
        return ()
    if isinstance(value, list | tuple):
        names: tuple[str, ...] = some_of(*_ARCHIVED).read(value)
        return names
    raise WrongValueError(f"{describe(value)} is neither true nor false nor a list", ARCHIVE.allowed)


_ARCHIVED = ("site", *ALL_TAXONOMIES, "set")
ARCHIVE = Kind(_archive, "true, false, or " + some_of(*_ARCHIVED).allowed, "list")


def _reader(value: object) -> str:
    text = " ".join(string(value, READER.allowed).split())
    if text in READERS:
        return text
    label, _, url = text.rpartition(" ")
    if not label:
        near = nearest(text, READERS)
        raise WrongValueError(f"{describe(text)} is not a known reader", READER.allowed, near)
    if url.count("{url}") + url.count("{feed}") != 1 or not re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]+", url):
        raise WrongValueError(f"{describe(url)} is not an address with one {{url}} in it", READER.allowed)
    if url.partition(":")[0] in ("javascript", "data", "vbscript", "file"):
        raise WrongValueError(f"{describe(url)} would run or open what a page must not", READER.allowed)
    return text


READER = Kind(
    _reader, f'{", ".join(READERS)}, or a label and an address, e.g. "Miniflux https://rss.example.org/bookmarklet?uri={{url}}"'
)
