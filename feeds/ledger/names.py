"""Ids and slugs for posts that get one: in come new posts, out go names that no other post has or had.

Also what one resolution stages for the next commit. Reads the ledger through `among`, writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from feeds.ledger import fingerprint
from feeds.ledger.fingerprint import Sighting
from feeds.ledger.ids import explicit_id as normalised_id
from feeds.ledger.ids import minted_id
from feeds.ledger.record import Record
from feeds.model import digest
from feeds.slugs import MAX_SLUG_BYTES, cut
from feeds.slugs import slug as slug_of

_UNMOVED, _FRONT_MATTER = "path and text", "front matter"

#: From a new post, its slug and its `published`: the id it gets, or None for a tag: URI.
Mint: TypeAlias = Callable[[Sighting, str, datetime], "str | None"]
#: A question with `??` for very many values, and the values: its rows.
Among: TypeAlias = Callable[[str, Iterable[object]], Iterator[tuple[object, ...]]]


class LedgerChanges:
    """What a resolve found to write: records changed and new, their dates before, texts, ids that no post may get again."""

    def __init__(self) -> None:
        self.changed: dict[int, Record] = {}
        self.new: list[Record] = []
        self.new_texts: list[tuple[str, bytes]] = []
        self.undo: list[tuple[int, *tuple[object, ...]]] = []
        self.texts: list[tuple[int, str, bytes]] = []
        self.retired: list[str] = []
        #: Withdrawn posts of which the ledger has only what was sealed, by their keys below 0; those in `changed` are back.
        self.returning: dict[int, Record] = {}
        #: Paths of posts that the last published generation did not have, or had with other content.
        self.new_out: list[str] = []
        self.updated_out: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.changed or self.new or self.texts or self.retired)


class GivenNames:
    """The ids and slugs of one resolution; `staged` has those that it gave already."""

    def __init__(self, authority: str, as_of: datetime, mint: Mint | None, among: Among, staged: LedgerChanges) -> None:
        self.authority, self.as_of, self.mint, self.among, self.staged = authority, as_of, mint, among, staged

    def first_published(self, post: Sighting, record: Record) -> Record:
        """The record of a post that comes out for the first time, with id and slug from where it lies now.

        The name of the draft does not count: a machine that never saw the draft must give the same id.
        """
        slug = slug_of(fingerprint.stem(post.path))
        if slug != record.slug and (self.taken("slug", (slug,)) or slug in self.given_slugs()):
            slug = record.slug if slug_of(fingerprint.stem(record.path)) == slug else self.slugs([post])[post.path]
        minted = self.mint(post, slug, post.published or self.as_of) if self.mint else None
        id = minted or minted_id(self.authority, post.path)
        if id != record.id:
            taken = self.taken("id", (id,)) or id in {changed.id for changed in self.staged.changed.values()}
            id = self.ids([post], {post.path: slug})[post.path] if taken else id
        return record._replace(id=id, slug=slug)

    def given_slugs(self) -> set[str]:
        """The slugs that posts of this build have been given."""
        return {changed.slug for changed in self.staged.changed.values()}

    def slugs(self, posts: Sequence[Sighting]) -> dict[str, str]:
        """A slug for each post, from its name; where that is taken, with a suffix from its path."""
        results = {post.path: slug_of(fingerprint.stem(post.path)) for post in posts}
        taken = self.taken("slug", results.values()) | self.given_slugs()
        for path, slug in results.items():
            result = slug
            attempt = 0
            while result in taken or (attempt and self.taken("slug", (result,))):
                mark = digest(path)[: 8 + attempt]
                result = f"{cut(slug, MAX_SLUG_BYTES - 1 - len(mark))}-{mark}"
                attempt += 1
            results[path] = result
            taken.add(result)
        return results

    def ids(self, posts: Sequence[Sighting], slugs: Mapping[str, str]) -> dict[str, str]:
        """An id for each post that no other has or had; front matter's as it stands."""
        results: dict[str, str] = {}
        stated: set[str] = set()
        for post in posts:
            if post.explicit_id is not None:
                results[post.path] = normalised_id(post.explicit_id, self.authority)
                stated.add(results[post.path])
            else:
                minted = self.mint(post, slugs[post.path], post.published or self.as_of) if self.mint else None
                results[post.path] = minted or minted_id(self.authority, post.path)
        taken = self.taken("id", results.values()) | stated
        taken |= {record.id for record in self.staged.changed.values()}
        for post in posts:
            if post.explicit_id is not None:
                continue
            id = result = results[post.path]
            attempt = 1
            while result in taken or (attempt > 1 and self.taken("id", (result,))):
                attempt += 1
                result = f"{id}{'#' if id.startswith('http') else '~'}{attempt}"
            results[post.path] = result
            taken.add(result)
        return results

    def taken(self, column: str, values: Iterable[str]) -> set[str]:
        """Those of the values that a record has, or as an id once had."""
        wanted = list(values)
        results = {str(row[0]) for row in self.among(f"SELECT {column} FROM posts WHERE {column} IN (??)", wanted)}  # noqa: S608
        if column == "id":
            results |= {str(row[0]) for row in self.among("SELECT id FROM retired WHERE id IN (??)", wanted)}
        return results
