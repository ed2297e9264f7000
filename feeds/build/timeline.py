"""Published posts, newest first: in come posts that this run has read and those that are unchanged, out go positions and groups.

An unchanged post is a row of `posts/index.py` until its metadata is needed, which is rare in a large archive. Pure: the same
timeline whether posts were unchanged or were read again.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, overload

from feeds.ledger.fingerprint import Identity
from feeds.model import digest, seconds
from feeds.posts.header import Header
from feeds.posts.index import Combination, PostIndex, PostIndexWriter, Row
from feeds.posts.scan import File


@dataclass(frozen=True, slots=True)
class Out:
    """A published post: its metadata and identity."""

    header: Header
    identity: Identity


class SameNames(NamedTuple):
    """Posts with exactly the same names in all taxonomies: the names, and the posts' positions, ascending."""

    names: Combination
    positions: Sequence[int]


def combination(header: Header, taxonomies: Collection[str]) -> Combination:
    """A post's names in those taxonomies."""
    return Combination(
        header.categories if "category" in taxonomies else (),
        header.tags if "tag" in taxonomies else (),
        tuple(author.name for author in header.authors) if "author" in taxonomies else (),
        header.content_language if "language" in taxonomies else "",
    )


@dataclass(frozen=True, slots=True)
class ReadPosts:
    """What a run has read: all files by path, the paths of posts, and of those that the next run has to read again."""

    files: Mapping[str, File]
    paths: Collection[str]
    doubtful: Collection[str]


class Timeline(Sequence[Out]):
    """The published posts, newest first, by (published, id): a total order.

    `load` gives the metadata of unchanged posts, by path.
    """

    def __init__(
        self, fresh: Iterable[Out], unchanged: PostIndex | None, load: Callable[[Sequence[str]], Sequence[Header]]
    ) -> None:
        self._index, self._load = unchanged, load
        self._loaded: dict[int, Out] = {}
        self._digests: dict[int, int] = {}
        ordered = sorted(fresh, key=_rank)
        self._posts: list[Out | int]
        if unchanged is None:
            self._posts = [*ordered]
        else:
            self._posts = [*unchanged.ranked()]
            published, ids = unchanged.published, unchanged.ids

            def rank(post: Out | int) -> tuple[int, str]:
                return (-published[post], ids[post]) if isinstance(post, int) else _rank(post)

            for item in ordered:
                self._posts.insert(bisect_left(self._posts, _rank(item), key=rank), item)

    def __len__(self) -> int:
        return len(self._posts)

    @overload
    def __getitem__(self, index: int) -> Out: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Out]: ...
    def __getitem__(self, index: int | slice) -> Out | Sequence[Out]:
        if isinstance(index, slice):
            return self.at(range(len(self))[index])
        return self.at((range(len(self))[index],))[0]

    def __iter__(self) -> Iterator[Out]:
        return iter(self.at(range(len(self))))

    def at(self, positions: Sequence[int]) -> list[Out]:
        """The posts at these positions, the metadata of unchanged ones loaded at once."""
        results = [self._posts[position] for position in positions]
        wanted = [item for item in results if isinstance(item, int) and item not in self._loaded]
        if wanted:
            unchanged = self._index
            assert unchanged is not None  # noqa: S101  only its rows are numbers
            headers = self._load([unchanged.path(row) for row in wanted])
            for row, header in zip(wanted, headers, strict=True):
                self._loaded[row] = Out(header, unchanged.identity(row))
        return [self._loaded[item] if isinstance(item, int) else item for item in results]

    def id(self, position: int) -> str:
        """The id of the post at a position."""
        post = self._posts[position]
        return post.identity.id if isinstance(post, Out) else self._rows.ids[post]

    def among(self, ids: frozenset[str]) -> Iterator[int]:
        """The positions of the posts with these ids."""
        return (position for position in range(len(self) if ids else 0) if self.id(position) in ids)

    def path(self, position: int) -> str:
        """The path of the file of the post at a position, below the posts folder."""
        post = self._posts[position]
        return post.header.path if isinstance(post, Out) else self._rows.path(post)

    def updated_seconds(self, position: int) -> int:
        """When the post at a position was updated, in seconds since 1970."""
        post = self._posts[position]
        return seconds(post.identity.updated) if isinstance(post, Out) else self._rows.updated[post]

    def published_seconds(self, position: int) -> int:
        """When the post at a position was published, in seconds since 1970."""
        post = self._posts[position]
        return int(post.identity.published.timestamp()) if isinstance(post, Out) else self._rows.published[post]

    def shown(self, positions: Sequence[int]) -> bytes:
        """Eight bytes for each of the posts at these positions: a digest of what lists of posts show of it."""
        posts, known = self._posts, self._index.shown if self._index is not None else ()
        result = array("Q", [known[post] if isinstance(post := posts[at], int) else self._digest(at, post) for at in positions])
        if sys.byteorder == "big":
            result.byteswap()
        return result.tobytes()

    def _digest(self, position: int, post: Out) -> int:
        line_digest = self._digests.get(position)
        if line_digest is None:
            line_digest = self._digests[position] = _shown(post)
        return line_digest

    def all_published(self) -> Sequence[int]:
        """When each post was published, in seconds since 1970, newest first."""
        known = self._index.published if self._index is not None else ()
        return [known[post] if isinstance(post, int) else seconds(post.identity.published) for post in self._posts]

    @property
    def _rows(self) -> PostIndex:
        assert self._index is not None  # noqa: S101  only its rows are numbers
        return self._index

    def combinations(self, taxonomies: Collection[str]) -> list[SameNames]:
        """All posts by their names in these taxonomies."""
        result: dict[Combination, list[int]] = {}
        rows: list[list[int]] = []
        of: Sequence[int] = ()
        if self._index is not None:
            rows = [result.setdefault(names, []) for names in self._index.combinations]
            of = self._index.combination_of
        for position, post in enumerate(self._posts):
            if isinstance(post, int):
                rows[of[post]].append(position)
            else:
                result.setdefault(combination(post.header, taxonomies), []).append(position)
        return [SameNames(names, positions) for names, positions in result.items() if positions]

    def fresh(self) -> Iterator[tuple[int, Out]]:
        """The posts that this run has read, each with its position."""
        return ((position, post) for position, post in enumerate(self._posts) if isinstance(post, Out))

    def save(self, folder: Path, key: str, as_of: datetime, read: ReadPosts, taxonomies: Collection[str]) -> None:
        """Write the index of unchanged posts: those that no later instant and no other post decides. Raises OSError."""
        columns = PostIndexWriter(self._index)
        lasting = {
            post.header.path: (position, post) for position, post in self.fresh()
            if post.header.path not in read.doubtful
            and post.header.expires is None and (post.header.updated is None or post.header.updated <= as_of)
            # An id that its author took out again stays only until another post states it.
            and (post.header.explicit_id is not None or post.identity.origin != "front matter")
        }  # fmt: skip
        rows: dict[int, int] = {}
        for path, (position, post) in sorted(lasting.items(), key=lambda item: item[0]):
            names = combination(post.header, taxonomies)
            result = Row(read.files[path].line(), post.identity, names, post.header.problems, self._digest(position, post))
            rows[position] = columns.put(path, result)
        order = (
            row
            for position, post in enumerate(self._posts)
            if (row := rows.get(position) if isinstance(post, Out) else post) is not None
        )
        columns.save(folder, key, seconds(as_of), order, sorted(set(read.paths) - lasting.keys()))


def _shown(post: Out) -> int:
    """Digest of what decides a post's line in a list: its title, its language, and all that its address is made of."""
    header, identity = post.header, post.identity
    facts = (
        header.path, header.title, header.link, header.slug, header.language, header.explicit_id, header.categories,
        header.tags, header.extra, header.updated, header.expires, header.dated_by, identity.slug, identity.published,
    )  # fmt: skip
    return int(digest(repr(facts))[:16], 16)


def _rank(out: Out) -> tuple[int, str]:
    return -int(out.identity.published.timestamp()), out.identity.id


def counted(groups: Iterable[SameNames], paths: Callable[[Combination], Iterable[tuple[str, ...]]]) -> Counter[tuple[str, ...]]:
    """How many posts have each path of names."""
    result: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        for path in paths(group.names):
            result[path] += len(group.positions)
    return result
