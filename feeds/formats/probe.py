"""The publish gate for one entry: in comes an entry with its fragments, out goes nothing, or a RenderError.

What one entry makes of a document is checked where it is converted, so that it costs that entry and not the whole document.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from feeds import formats
from feeds.model import Entry, Feed

_BASE = "https://feeds.invalid/"


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
    feed = None
    for fragment in fragments:
        feed = _feed_of(entry, fragment)
        writer = formats.by_name(fragment.format)
        writer.check(writer.document(feed, [fragment.body]), feed)
    if page and feed is not None:
        from feeds.formats.pages import gate

        gate.content(entry, feed)


def _feed_of(entry: Entry, fragment: Fragment) -> Feed:
    return Feed(
        path="",
        taxonomy="site",
        labels=(),
        title="-",
        description="-",
        id="urn:x-feeds:probe",
        base_url=_BASE,
        home_page_url=_BASE,
        urls={name: _BASE + name for name in dict.fromkeys(("html", fragment.format))},
        authors=entry.authors[:1],
        updated=entry.updated,
        entries=(entry,),
        entry_keys=("",),
        content_mode=fragment.content_mode,
        show_email=fragment.show_email,
    )
