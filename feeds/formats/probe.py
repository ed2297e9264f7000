"""The publish gate for one entry: in comes an entry with its fragments, out goes nothing, or a RenderError.

What one entry makes of a document is checked where it is converted, so that it costs that entry and not the whole document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from feeds import formats
from feeds.formats import _elements
from feeds.model import Entry, Feed, Person

_BASE = "https://feeds.invalid/"
_DATE = datetime(2000, 1, 1, tzinfo=UTC)
#: Stands for the entry.
_ENTRY = b"<<entry>>"


class Fragment(NamedTuple):
    """An entry as one format writes it."""

    format: str
    content_mode: str
    show_email: bool
    body: bytes


def check(entry: Entry, fragments: Iterable[Fragment], *, page: bool) -> None:
    """Write a document of the entry alone in each format and hold it against the model; with `page`, also what our
    page of it would hold.

    Raises RenderError with the first difference, or whatever a format raises.
    """
    namespaces = _elements.namespaces_of(entry)
    own: dict[tuple[str, bool], Feed] = {}
    feed = None
    for fragment in fragments:
        mode, show_email = fragment.content_mode, fragment.show_email
        if (mode, show_email) not in own:
            own[mode, show_email] = replace(_feed(mode, namespaces, show_email=show_email), entries=(entry,), entry_keys=("",))
        feed = own[mode, show_email]
        if formats.is_own(fragment.format):
            head, tail = _around(fragment.format, mode, namespaces, show_email=show_email)
            document = b"".join((head, fragment.body, tail))
        else:
            # What a plug-in writes around its entries may tell of them.
            urls = {name: _BASE + name for name in ("html", fragment.format)}
            feed = replace(feed, urls=urls, authors=entry.authors[:1], updated=entry.updated)
            document = formats.by_name(fragment.format).document(feed, [fragment.body])
        formats.by_name(fragment.format).check(document, feed)
    if page and feed is not None:
        from feeds.formats.pages import gate

        gate.content(entry, feed)


def load(format: str, content_mode: str, *, show_email: bool) -> None:
    """Import what the check of a format needs, and write what is around each entry."""
    if formats.is_own(format):
        _around(format, content_mode, (), show_email=show_email)


@lru_cache(64)
def _feed(content_mode: str, namespaces: tuple[tuple[str, str], ...], *, show_email: bool) -> Feed:
    """A feed without entries, in each of our own formats."""
    return Feed(
        path="",
        taxonomy="site",
        labels=(),
        title="-",
        description="-",
        id="urn:x-feeds:probe",
        base_url=_BASE,
        home_page_url=_BASE,
        urls={name: _BASE + name for name in ("html", *formats.OWN)},
        authors=(Person("-"),),
        updated=_DATE,
        entries=(),
        entry_keys=(),
        content_mode=content_mode,
        show_email=show_email,
        namespaces=namespaces,
    )


@lru_cache(64)
def _around(format: str, content_mode: str, namespaces: tuple[tuple[str, str], ...], *, show_email: bool) -> tuple[bytes, bytes]:
    """What stands before and after the entry in a document of one: the same for all with such namespaces."""
    feed = _feed(content_mode, namespaces, show_email=show_email)
    head, _, tail = formats.by_name(format).document(feed, [_ENTRY]).partition(_ENTRY)
    return head, tail
