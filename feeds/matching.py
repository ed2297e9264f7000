"""Which post is which: in come the posts of this build and the records of all posts ever seen, out come pairs.

Posts that lie where they lay with the text they had never come here. Must not compare each with each.
Pure, no clock: the same pairs whatever the order of what comes in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from feeds.identity import EMPTY, Sighting, explicit_id, hashes, likeness, stem

#: A sentence that more posts share than this says nothing about who a post is.
_COMMON = 40
#: Of the records that share anything with a post, so many that share most are looked at.
_NEAREST = 12
#: Fewer sentences than this are a stub or a form letter, by which no post is known again without its title or name.
_ENOUGH_SENTENCES = 6
_NEVER = 2.0


def _any(_: str) -> str:
    return ""


class Record(NamedTuple):
    """What the ledger holds of one post. Instants are seconds since 1970, None before it was ever out.

    `text` is the digest last seen, `out_text` the one last published ("" for the same). `seen`: in the last build;
    `out`: in the last published generation.
    """

    key: int
    id: str
    slug: str
    claim: str | None
    path: str
    text: str
    seen: int
    out: int
    first_seen: int | None
    published: int | None
    updated: int | None
    out_text: str | None
    page: int


#: A Record's values, as the ledger's file gives them.
Row: TypeAlias = tuple[
    int, str, str, "str | None", str, str, int, int, "int | None", "int | None", "int | None", "str | None", int
]


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
    ) -> None:
        self.posts = {post.path: post for post in sorted(posts)}
        self.records = {record.key: record for record in records}
        self.authority, self.owner, self.texts = authority, owner, texts
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
        """Whether the two may be one: two different ids that the author gave tell two posts apart."""
        return post.explicit_id is None or record.claim is None or post.path == record.path

    def by_text(self) -> None:
        """Equal texts: of several the one at its path, then of its name, then in the order of paths."""
        wanted: dict[str, list[Sighting]] = {}
        for post in self.posts.values():
            wanted.setdefault(post.text_digest, []).append(post)
        known: dict[str, list[Record]] = {}
        for record in self.records.values():
            if record.text in wanted and (record.seen or record.text != EMPTY):
                known.setdefault(record.text, []).append(record)
        for text, records in known.items():
            records.sort(key=lambda record: (not record.seen, record.path, record.key))
            rules: tuple[Callable[[str], str], ...] = (str, stem, _any)
            for rule in rules:
                places: dict[str, list[Sighting]] = {}
                for post in reversed(wanted[text]):
                    if post.path in self.posts:
                        places.setdefault(rule(post.path), []).append(post)
                for record in records:
                    some = places.get(rule(record.path), [])
                    free = (place for place in reversed(range(len(some))) if self.free(some[place], record))
                    place = next(free, None) if record.key in self.records else None
                    if place is not None:
                        self.pair(some.pop(place), record, "path and text" if rule is str else "text")

    def by_likeness(self) -> None:
        """Edited posts: at their path, or renamed in this very build; at last by the path and an equal title."""
        at_path: dict[str, list[Record]] = {}
        for record in self.records.values():
            if record.path in self.posts:
                at_path.setdefault(record.path, []).append(record)
        gone = [record for record in self.records.values() if record.seen]
        texts = self.texts({record.key for some in (*at_path.values(), gone) for record in some})
        for path, records in sorted(at_path.items()):
            post = self.posts[path]
            likest = [(not record.seen, -likeness(post.sketch, texts[record.key][1]), record.key) for record in records]
            for _, like, key in sorted(likest):
                record = self.records[key]
                # What nobody ever saw can be rewritten from the ground up and stay one post.
                fresh = record.seen and record.out_text is None
                doubtful = not record.seen or _dates(post, record) is False
                if fresh or -like >= (0.5 if doubtful else 0.2):
                    self.pair(post, record, "path")
                    break
        self.renamed([record for record in gone if record.key in self.records], texts)
        for path, records in sorted(at_path.items()):
            for record in records:
                found = self.posts.get(path)
                if found and record.key in self.records and found.title and found.title == texts[record.key][0]:
                    self.pair(found, record, "path")

    def renamed(self, gone: Sequence[Record], texts: Texts) -> None:
        """Posts whose file was renamed and edited at once: likest first."""
        places: dict[str | int, list[Record]] = {}
        for record in gone:
            title, made = texts[record.key]
            for mark in _marks(record.path, title, made):
                places.setdefault(mark, []).append(record)
        found: list[tuple[float, str, str, int]] = []
        for post in self.posts.values():
            near: Counter[int] = Counter()
            for mark in _marks(post.path, post.title, post.sketch):
                some = places.get(mark, ())
                if len(some) <= _COMMON:
                    near.update(record.key for record in some)
            for key, _ in sorted(near.items(), key=lambda one: (-one[1], one[0]))[:_NEAREST]:
                record = self.records[key]
                if not self.free(post, record):
                    continue
                title, made = texts[record.key]
                like = likeness(post.sketch, made)
                same_title = bool(title) and title == post.title
                sentences = min(made[:1] + post.sketch[:1], default=0)
                if like >= _enough(post, record, same_title=same_title, sentences=sentences):
                    likest = like + 0.5 * same_title + 0.25 * (stem(post.path) == stem(record.path))
                    found.append((-likest, post.path, record.path, record.key))
        for _, path, _, key in sorted(found):
            if path in self.posts and key in self.records:
                self.pair(self.posts[path], self.records[key], "likeness")


def _marks(path: str, title: str, made: bytes) -> Iterable[str | int]:
    """What two versions of one post may share, for finding them without comparing each with each."""
    coarse, fine = hashes(made)
    yield from coarse
    yield from (-1 - number for number in fine)
    yield "name " + stem(path)
    if title:
        yield "title " + title


def _dates(post: Sighting, record: Record) -> bool | None:
    """Whether the two have one date; None where one of them has none."""
    if post.published is None or record.published is None:
        return None
    return post.published.timestamp() == record.published


def _enough(post: Sighting, record: Record, *, same_title: bool, sentences: int) -> float:
    """The likeness from which a post is a record's, renamed in this build: what else is equal counts for much.

    A name, a title and a date that all differ are another post's, however alike: posts are written after a pattern.
    """
    same_name = stem(post.path) == stem(record.path)
    same_date = _dates(post, record)
    if same_title and (same_name or same_date):
        return 0.0
    if same_title or same_name:
        return 0.4 if same_date is False else 0.15 if same_title or same_date else 0.25
    if same_date is False or sentences < _ENOUGH_SENTENCES:
        return _NEVER
    return 0.5 if same_date else 0.6
