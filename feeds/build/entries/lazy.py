"""A feed's entries, loaded only when somebody looks at them: in come keys, out go sequences of entries.

A build that finds a document unchanged never loads its entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from feeds.build.entries.conversion import Conversion
from feeds.model import Entry


class Entries(Sequence[Entry]):
    """The entries of these keys."""

    def __init__(self, conversion: Conversion, keys: tuple[str, ...]) -> None:
        self._conversion, self._keys = conversion, keys

    def _entries(self) -> tuple[Entry, ...]:
        # Those that were asked for last stay in memory; all feeds' together would take too much of it.
        return self._conversion.entries(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return self._entries()[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries())


class ArchiveEntries(Entries):
    """The entries of an archive document. They do not stay in memory: archives hold every post of the site, several times.

    `recent` is shared by the archive documents of a build and keeps the entries of the one that was looked at last.
    """

    def __init__(self, conversion: Conversion, keys: tuple[str, ...], recent: dict[tuple[str, ...], tuple[Entry, ...]]) -> None:
        super().__init__(conversion, keys)
        self._recent = recent

    def _entries(self) -> tuple[Entry, ...]:
        if self._keys not in self._recent:
            self._recent.clear()
            self._recent[self._keys] = self._conversion.entries(self._keys)
        return self._recent[self._keys]
