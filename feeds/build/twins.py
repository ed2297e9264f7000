"""The site's feed in the other script of Chinese: in come its entries, out go those of its twin.

A twin's entries have ids of their own, so that a reader who subscribes to both feeds sees both. Pure but for OpenCC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feeds.build.entries.conversion import Conversion
from feeds.build.entries.lazy import Entries
from feeds.content import chinese
from feeds.model import Category, Entry, Feed, SafeHtml, digest

#: How a twin's title ends.
_NAMES = {"s": "简体", "t": "繁體", "tw": "正體", "hk": "繁體"}
#: Moves with each change of what a twin says of equal entries.
_VERSION = "1"


class TwinEntries(Entries):
    """The entries of these keys as their twin has them."""

    def __init__(self, conversion: Conversion, keys: tuple[str, ...], target: str, language: str | None) -> None:
        super().__init__(conversion, keys)
        self._target, self._language = target, language

    def _entries(self) -> tuple[Entry, ...]:
        return tuple(entry_of(entry, self._target, self._language) for entry in super()._entries())


def entry_of(entry: Entry, target: str, language: str | None) -> Entry:
    """An entry's twin. `language` is the site's; an entry that is not in Chinese keeps its text."""
    source = chinese.script_of(entry.language or language)
    identifier = f"{entry.id}{'.' if '#' in entry.id else '#'}{target}"
    if source is None:
        return replace(entry, id=identifier, language=entry.language or language)
    return replace(
        entry,
        id=identifier,
        language=None,
        title=chinese.convert(entry.title, source, target),
        summary=chinese.convert(entry.summary, source, target),
        # Clean already: only its text is another, and no text becomes markup.
        content=SafeHtml(chinese.convert_html(entry.content, source, target)),
        categories=tuple(
            Category(category.term, category.scheme, chinese.convert(category.label, source, target))
            for category in entry.categories
        ),
    )


def source_id(identifier: str, target: str) -> str:
    """The id of the entry whose twin in the script `target` has this one."""
    name = identifier.removesuffix(target)
    return name[:-1] if name != identifier and name.endswith((".", "#")) else identifier


def feed_of(feed: Feed, keys: Sequence[str], target: str, language: str | None, conversion: Conversion) -> Feed:
    """The twin of a feed with the entries of these keys; `feed` is as a feed of its language would be."""
    from importlib.metadata import version

    source = chinese.script_of(language)
    title = chinese.convert(feed.title, source, target)
    title = f"{title}（{_NAMES[chinese.TARGETS[target.casefold()]]}）"
    used = digest("twin", _VERSION, version("opencc"), target, language or "")
    return replace(
        feed,
        title=title,
        description=chinese.convert(feed.description, source, target),
        language=target,
        entries=TwinEntries(conversion, tuple(keys), target, language),
        entry_keys=tuple(digest(used, key) for key in keys),
        show=None,
    )


def linked(feeds: list[Feed], numbers: Sequence[int]) -> None:
    """Have the site's feed, which is the first, and its twins name each other."""
    versions = [(feeds[number].language or "", feeds[number].urls) for number in (0, *numbers)]
    for number in (0, *numbers):
        own = feeds[number].urls
        feeds[number] = replace(feeds[number], twins=tuple(other for other in versions if other[0] and other[1] is not own))
