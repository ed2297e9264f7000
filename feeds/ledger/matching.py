"""Which post is which: in come the posts of this build and the records of all posts ever seen, out come pairs.

Posts whose path and text are unchanged never come here. Must not compare each with each.
Pure, no clock: the same pairs whatever the order of what comes in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from feeds.ledger.evidence import Unique, certainty, is_sure, keeps_title, outdoes_a_copy
from feeds.ledger.fingerprint import EMPTY, Sighting, parts_of, stem
from feeds.ledger.ids import explicit_id
from feeds.ledger.record import Record
from feeds.model import seconds

#: A sentence that more posts share than this says nothing about who a post is.
_COMMON = 40
#: Of the records that share anything with a post, so many that share most are looked at.
_NEAREST = 12


def _name(path: str) -> str:
    return path.rpartition("/")[2]


#: What tells posts of one text apart, by path and date, best first; an unknown date matches none.
_PLACES: tuple[Callable[[str, int | None], Hashable], ...] = (
    lambda path, _: path,
    lambda path, date: (_name(path), object() if date is None else date),
    lambda path, _: _name(path),
    lambda _, date: object() if date is None else date,
    lambda path, _: stem(path),
    lambda *_: None,
)


class Pair(NamedTuple):
    """A post and the record it was found by."""

    record: Record
    origin: str


class Matches(NamedTuple):
    """Pairs by the post's path, and the posts whose id another has: path -> (id, path of its owner)."""

    pairs: dict[str, Pair]
    duplicates: dict[str, tuple[str, str]]


Texts = Mapping[int, tuple[str, bytes]]


class Matcher:
    """One run of the matching; `posts` and `records` are what is still unpaired, and shrink."""

    def __init__(
        self,
        posts: Iterable[Sighting],
        records: Iterable[Record],
        *,
        authority: str,
        owner: Callable[[str, str], tuple[str, str] | None],
        texts: Callable[[Collection[int]], Texts],
        unique: Unique,
    ) -> None:
        self.posts = {post.path: post for post in sorted(posts)}
        self.records = {record.key: record for record in records}
        self.published = {record.path: record.key for record in self.records.values() if record.out}
        self.authority, self.owner, self.texts, self.unique = authority, owner, texts, unique
        self.pairs: dict[str, Pair] = {}
        self.duplicates: dict[str, tuple[str, str]] = {}

    def run(self) -> Matches:
        """Every stage in turn: front matter's id, text, path, likeness."""
        self.by_claim()
        if self.posts and self.records:
            self.by_text()
        if self.posts and self.records:
            self.by_likeness()
        return Matches(self.pairs, self.duplicates)

    def pair(self, post: Sighting, record: Record, origin: str) -> None:
        self.pairs[post.path] = Pair(record, origin)
        del self.posts[post.path]
        del self.records[record.key]

    def by_claim(self) -> None:
        """Posts that name their id: the ledger's owner has it, else who has its text, else who is out, else by path."""
        claims = {record.claim: record for record in self.records.values() if record.claim is not None}
        ids = {record.id: record for record in self.records.values()}
        sharing: dict[str, list[Sighting]] = {}
        for post in self.posts.values():
            if post.explicit_id is not None:
                claimed = claims.get(post.explicit_id)
                wanted = claimed.id if claimed else explicit_id(post.explicit_id, self.authority)
                sharing.setdefault(wanted, []).append(post)
        for wanted, posts in sharing.items():
            owned = self.owner(wanted, posts[0].explicit_id or "")
            if owned is not None:
                for post in posts:
                    self.duplicates[post.path] = owned
                    del self.posts[post.path]
                continue
            record = ids.get(wanted)
            posts.sort(
                key=lambda post: (
                    record is None or post.path != record.path,
                    record is None or post.text_digest != record.text,
                    not post.out,
                    post.path,
                )
            )
            for post in posts[1:]:
                self.duplicates[post.path] = wanted, posts[0].path
                del self.posts[post.path]
            if record is not None:
                self.pair(posts[0], record, "front matter")

    def free(self, post: Sighting, record: Record) -> bool:
        """Whether the two may be one: two different ids that the author gave tell two posts apart.

        A draft that was never published gives way if it was moved over a published post: it is that post's new version.
        """
        if record.out_text is None and self.published.get(post.path) in self.records:
            return post.path == record.path
        return post.explicit_id is None or record.claim is None or post.path == record.path

    def by_text(self) -> None:
        """Equal texts: of several the one at its path, then of its name or date, then in the order of paths."""
        wanted: dict[str, list[Sighting]] = {}
        for post in self.posts.values():
            wanted.setdefault(post.text_digest, []).append(post)
        by_digest: dict[str, list[Record]] = {}
        for record in self.records.values():
            if record.text in wanted and (record.seen or record.text != EMPTY):
                by_digest.setdefault(record.text, []).append(record)
        self._by_path_beside_a_copy([record for records in by_digest.values() for record in records])
        for text, every in by_digest.items():
            records = [record for record in every if record.key in self.records]
            # Published posts go before drafts.
            records.sort(key=lambda record: (record.out_text is None, not record.seen, record.path, record.key))
            for rule in _PLACES:
                places: dict[Hashable, list[Sighting]] = {}
                for post in reversed(wanted[text]):
                    if post.path in self.posts:
                        published = None if post.published is None else int(post.published.timestamp())
                        places.setdefault(rule(post.path, published), []).append(post)
                for record in records:
                    posts = places.get(rule(record.path, record.published), [])
                    free = (place for place in reversed(range(len(posts))) if self.free(posts[place], record))
                    place = next(free, None) if record.key in self.records else None
                    if place is not None:
                        post = posts.pop(place)
                        self.pair(post, record, "path and text" if post.path == record.path else "text")

    def _by_path_beside_a_copy(self, records: Sequence[Record]) -> None:
        """Pair posts that were edited at their path while a copy of the earlier text appeared at another one.

        A post whose new text was another record's is left out: it has been moved there.
        """
        digests = {record.text for record in self.records.values()}
        edited = [
            record
            for record in records
            if record.seen
            and (post := self.posts.get(record.path)) is not None
            and post.text_digest not in digests
            and self.free(post, record)
        ]
        texts = self.texts({record.key for record in edited}) if edited else {}
        for record in edited:
            post = self.posts.get(record.path)
            if post is not None and outdoes_a_copy(post, record, *texts[record.key]):
                self.pair(post, record, "path")

    def by_likeness(self) -> None:
        """Edited posts: at their path, or renamed in this very build, whichever they are more like."""
        at_path: dict[str, list[Record]] = {}
        for record in self.records.values():
            if record.path in self.posts:
                at_path.setdefault(record.path, []).append(record)
        gone = [record for record in self.records.values() if record.seen]
        texts = self.texts({record.key for some in (*at_path.values(), gone) for record in some})
        titles = Counter(texts[record.key][0] for record in gone)
        for path, records in sorted(at_path.items()):
            for record in records:
                post, (title, sketch) = self.posts[path], texts[record.key]
                if record.seen and (
                    is_sure(post, record, title, sketch) or (titles[title] == 1 and keeps_title(post, record, title))
                ):
                    self.pair(post, record, "path")
                    break
        results = sorted(self.alike(at_path, [record for record in gone if record.key in self.records], texts))
        best: dict[str, int] = {}
        for _, path, _, key in results:
            best.setdefault(path, key)
        # A copy may be more like what its original was than the original, edited since, is: the post already at that path wins.
        own = [(path, key) for path, key in best.items() if self.records[key].path == path]
        for path, key in [*sorted(own), *((path, key) for _, path, _, key in results)]:
            if path in self.posts and key in self.records:
                record = self.records[key]
                self.pair(self.posts[path], record, "path" if record.path == path else "likeness")

    def alike(
        self, at_path: Mapping[str, Sequence[Record]], gone: Sequence[Record], texts: Texts
    ) -> Iterator[tuple[float, str, str, int]]:
        """The posts and records that may be one: (minus how sure it is, the post's path, the record's, its key)."""
        places: dict[str | int, list[Record]] = {}
        for record in gone:
            for mark in _marks(record.path, *texts[record.key], record.published):
                places.setdefault(mark, []).append(record)
        for post in self.posts.values():
            near: Counter[int] = Counter()
            published = None if post.published is None else seconds(post.published)
            for mark in _marks(post.path, post.title, post.sketch, published):
                posts = places.get(mark, ())
                if len(posts) <= _COMMON:
                    near.update(record.key for record in posts)
            nearest = sorted(near.items(), key=lambda candidate: (-candidate[1], candidate[0]))[:_NEAREST]
            here = {record.key for record in at_path.get(post.path, ()) if record.key in self.records}
            for key in dict.fromkeys((*sorted(here), *(key for key, _ in nearest))):
                record = self.records[key]
                if self.free(post, record):
                    certain = certainty(post, record, *texts[key], self.unique)
                    if certain is not None:
                        yield -certain, post.path, record.path, key


def _marks(path: str, title: str, sketch: bytes, published: int | None) -> Iterable[str | int]:
    """What two versions of one post may share, for finding them without comparing each with each."""
    parts = parts_of(sketch)
    if parts is not None:
        yield from parts.coarse
        yield from (-1 - number for number in parts.fine)
    yield "name " + stem(path)
    if title:
        yield "title " + title
    if published is not None:
        yield f"date {published}"
