"""The index of posts that are published and unchanged since the last build: in comes the last run's file, out go rows.

A large archive hardly changes between two runs. What the last one read of each post is kept as columns, which are loaded
at once and never looked at one by one; a run reads, resolves and sorts in only what has changed. It is one more cache:
its key holds all that decides a row besides the post's own file, and without it every byte comes out the same.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from feeds.errors import Problem
from feeds.ledger.fingerprint import Identity
from feeds.model import instant, seconds
from feeds.posts import walk

#: In the state folder; FORMER_NAME is what earlier versions called it.
FILE_NAME, FORMER_NAME = "post-index", "standing"
_CRC_DIGITS = 8


class Combination(NamedTuple):
    """The terms of a post: category paths from the root, tags, authors, its language's tag."""

    categories: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    language: str = ""


class Row(NamedTuple):
    """A published post: its line in the listing, its identity, its names, the problems in its metadata.

    `shown` is a digest of what lists of posts show of it.
    """

    line: str
    identity: Identity
    names: Combination
    problems: tuple[Problem, ...]
    shown: int = 0


@dataclass(slots=True, eq=False)
class PostIndex:
    """The unchanged posts as columns, in the listing's order; `order` holds the rows of published posts, newest first.

    `folders` are (path, number of rows), `lines` those of the listing; instants are seconds since 1970; `combination_of` are
    places in `combinations`. `without_row` are the paths of the last run's posts that have no row, `problems` those in
    metadata, by row. Call `match` first: it says which rows are still valid.
    """

    folders: Sequence[tuple[str, int]]
    lines: Sequence[str]
    ids: Sequence[str]
    slugs: Sequence[str]
    published: Sequence[int]
    updated: Sequence[int]
    first_seen: Sequence[int]
    combination_of: Sequence[int]
    shown: Sequence[int]
    combinations: Sequence[Combination]
    order: Sequence[int]
    without_row: Sequence[str]
    problems: Mapping[int, tuple[Problem, ...]]
    #: Rows that are no longer valid, by path.
    invalid: dict[str, int] = field(init=False, default_factory=dict)
    #: Where each folder's rows end.
    _ends: Sequence[int] = field(init=False)
    _gone: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._ends = list(accumulate(count for _, count in self.folders))

    def match(self, blocks: Iterable[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
        """Keep the rows whose files have the same path and stat; return the listing's other lines."""
        ranges: dict[str, list[range]] = {}
        for (above, count), end in zip(self.folders, self._ends, strict=True):
            ranges.setdefault(above, []).append(range(end - count, end))
        left: list[tuple[str, list[str]]] = []
        for above, lines in blocks:
            here = set(lines)
            rest = here
            for rows in ranges.pop(above, ()):
                known = self.lines[rows.start : rows.stop]
                if not here.issuperset(known):
                    self._invalidate(above, (row for row in rows if self.lines[row] not in here))
                rest = rest.difference(known)
            if rest:
                left.append((above, sorted(rest)))
        for above, gone_rows in ranges.items():
            for rows in gone_rows:
                self._invalidate(above, rows)
        return left

    def _invalidate(self, above: str, rows: Iterable[int]) -> None:
        for row in rows:
            self._gone.add(row)
            self.invalid[above + walk.fields(self.lines[row])[0]] = row

    def __len__(self) -> int:
        return len(self.lines) - len(self._gone)

    def ranked(self) -> Sequence[int]:
        """The valid rows, newest first."""
        gone = self._gone
        return [row for row in self.order if row not in gone] if gone else self.order

    def path(self, row: int) -> str:
        """The path of a row's post."""
        return self.folders[bisect_right(self._ends, row)][0] + walk.fields(self.lines[row])[0]

    def rows_by_path(self) -> Iterator[tuple[str, int]]:
        """The path of each valid row, and the row."""
        start = 0
        for above, count in self.folders:
            for row in range(start, start + count):
                if row not in self._gone:
                    yield above + walk.name_of(self.lines[row]), row
            start += count

    def identity(self, row: int) -> Identity:
        """The identity of a row's post."""
        return Identity(
            self.ids[row], self.slugs[row], instant(self.first_seen[row]), instant(self.published[row]),
            instant(self.updated[row]), "path and text",
        )  # fmt: skip

    def valid_problems(self) -> dict[int, tuple[Problem, ...]]:
        """Problems in the metadata of unchanged posts, by row."""
        return {row: problems for row, problems in self.problems.items() if row not in self._gone}

    # to and from a file

    @classmethod
    def load(cls, folder: Path, key: str, as_of: int) -> PostIndex | None:
        """The index that the last run wrote; None if there is none, if it is damaged, or if anything that decides it has changed.

        With the clock before that run's `as_of` nothing is valid: what was published then may not be due yet.
        """
        try:
            whole = (folder / FILE_NAME).read_bytes()
            end = whole.index(b"\n", _CRC_DIGITS + 1) + 1
            if int(whole[:_CRC_DIGITS], 16) != crc32(memoryview(whole)[_CRC_DIGITS:]):
                return None
            head = json.loads(whole[_CRC_DIGITS:end])
            if head["key"] != key or as_of < head["as_of"]:
                return None
            parts: list[bytes] = []
            for size in head["sizes"]:
                parts.append(whole[end : end + size])
                end += size
            texts = [_texts(part) for part in parts[:3]]
            numbers = [_numbers(code, part) for code, part in zip("qqqiQi", parts[3:], strict=True)]
            combinations = [
                Combination(tuple(map(tuple, categories)), tuple(tags), tuple(authors), language)
                for categories, tags, authors, language in head["combinations"]
            ]
            problems = {int(row): tuple(Problem(*item) for item in some) for row, some in head["problems"].items()}
        except (OSError, ValueError, LookupError, TypeError):
            return None
        published, updated, first_seen, combination_of, shown, order = numbers
        return cls(
            folders=[(above, count) for above, count in head["folders"]], lines=texts[0], ids=texts[1], slugs=texts[2],
            published=published, updated=updated, first_seen=first_seen, combination_of=combination_of, shown=shown,
            combinations=combinations, order=order, without_row=head["without_row"], problems=problems,
        )  # fmt: skip


class PostIndexWriter:
    """Makes the next run's rows: those still valid, each changed post in its own old row, new ones at the end."""

    def __init__(self, before: PostIndex | None) -> None:
        self.folders: list[tuple[str, int]] = list(before.folders) if before else []
        self.lines: list[str] = list(before.lines) if before else []
        self.ids: list[str] = list(before.ids) if before else []
        self.slugs: list[str] = list(before.slugs) if before else []
        self.numbers = [
            array(code, getattr(before, name) if before else ())
            for name, code in (
                ("published", "q"), ("updated", "q"), ("first_seen", "q"), ("combination_of", "i"), ("shown", "Q"),
            )
        ]  # fmt: skip
        self.combinations: dict[Combination, int] = {}
        for names in before.combinations if before else ():
            self.combinations.setdefault(names, len(self.combinations))
        self.problems = dict(before.valid_problems()) if before else {}
        self.free: dict[str, int] = dict(before.invalid) if before else {}

    def put(self, path: str, row: Row) -> int:
        """Write a post's row; returns its number. Posts that are new come folder by folder."""
        identity = row.identity
        numbers = (
            seconds(identity.published), seconds(identity.updated), seconds(identity.first_seen),
            self.combinations.setdefault(row.names, len(self.combinations)), row.shown,
        )  # fmt: skip
        place = self.free.pop(path, None)
        if place is None:
            place = len(self.lines)
            self.lines.append(row.line)
            self.ids.append(identity.id)
            self.slugs.append(identity.slug)
            for column, number in zip(self.numbers, numbers, strict=True):
                column.append(number)
            above = path[: path.rfind("/") + 1]
            if self.folders and self.folders[-1][0] == above:
                self.folders[-1] = above, self.folders[-1][1] + 1
            else:
                self.folders.append((above, 1))
        else:
            self.lines[place], self.ids[place], self.slugs[place] = row.line, identity.id, identity.slug
            for column, number in zip(self.numbers, numbers, strict=True):
                column[place] = number
        if row.problems:
            self.problems[place] = row.problems
        return place

    def save(self, folder: Path, key: str, as_of: int, order: Iterable[int], without_row: Sequence[str]) -> None:
        """Write the rows. `order` gives them newest first; `without_row` the paths of posts that have none."""
        ranked = array("i", order)
        if self.free:
            self._close_gaps(ranked)
        if any("\n" in item for item in (*self.ids, *self.slugs)):
            return
        parts = [
            *("\n".join(some).encode("utf-8", "surrogateescape") for some in (self.lines, self.ids, self.slugs)),
            *(_little(column).tobytes() for column in (*self.numbers, ranked)),
        ]
        head = {
            "key": key, "as_of": as_of, "sizes": [len(part) for part in parts], "folders": self.folders,
            "combinations": list(self.combinations), "without_row": without_row,
            "problems": {row: [astuple(item) for item in some] for row, some in self.problems.items()},
        }  # fmt: skip
        parts.insert(0, b"\n" + json.dumps(head).encode() + b"\n")
        crc = 0
        for part in parts:
            crc = crc32(part, crc)
        fresh = folder / f"{FILE_NAME}.new"
        with fresh.open("wb") as stream:
            stream.writelines((f"{crc:0{_CRC_DIGITS}x}".encode(), *parts))
        fresh.replace(folder / FILE_NAME)
        (folder / FORMER_NAME).unlink(missing_ok=True)

    def _close_gaps(self, ranked: array[int]) -> None:
        """Take out the rows of posts that are gone."""
        gone = set(self.free.values())
        kept = [row for row in range(len(self.lines)) if row not in gone]
        place = dict(zip(kept, range(len(kept)), strict=True))
        ranked[:] = array("i", [place[row] for row in ranked])
        self.problems = {place[row]: some for row, some in self.problems.items()}
        for column in (self.lines, self.ids, self.slugs):
            column[:] = [column[row] for row in kept]
        for numbers in self.numbers:
            numbers[:] = array(numbers.typecode, [numbers[row] for row in kept])
        ends = list(accumulate(count for _, count in self.folders))
        left = Counter(bisect_right(ends, row) for row in kept)
        self.folders = [(above, left[number]) for number, (above, _) in enumerate(self.folders) if left[number]]


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


def _texts(part: bytes) -> list[str]:
    return part.decode("utf-8", "surrogateescape").split("\n") if part else []


def _numbers(code: str, part: bytes) -> Sequence[int]:
    result = array(code)
    result.frombytes(part)
    if sys.byteorder == "big":
        result.byteswap()
    return result
