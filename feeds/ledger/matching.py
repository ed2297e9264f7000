"""Which post is which: in come the posts of this build and the records of all posts ever seen, out come pairs.

Posts that lie where they lay with the text they had never come here. Must not compare each with each.
Pure, no clock: the same pairs whatever the order of what comes in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from feeds.ledger.fingerprint import EMPTY, Sighting, date_of, is_stub, likeness, numbered_apart, parts_of, stem, titles_alike
from feeds.ledger.ids import explicit_id

#: A sentence that more posts share than this says nothing about who a post is.
_COMMON = 40
#: Of the records that share anything with a post, so many that share most are looked at.
_NEAREST = 12
#: More than any likeness.
_NEVER = 2.0


def _name(path: str) -> str:
    return path.rpartition("/")[2]


#: What tells posts of one text apart, by path and date, best first; a date that is not known is nobody's.
_PLACES: tuple[Callable[[str, int | None], Hashable], ...] = (
    lambda path, _: path,
    lambda path, date: (_name(path), object() if date is None else date),
    lambda path, _: _name(path),
    lambda _, date: object() if date is None else date,
    lambda path, _: stem(path),
    lambda *_: None,
)


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

    @property
    def published_text(self) -> str | None:
        """The digest of the text last published; None before."""
        return self.text if self.out_text == "" else self.out_text


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
        self.published = {record.path: record.key for record in self.records.values() if record.out}
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
        """Whether the two may be one: two different ids that the author gave tell two posts apart.

        What nobody ever saw gives way where it was moved over a published post: it is that one's new version.
        """
        if record.out_text is None and self.published.get(post.path) in self.records:
            return post.path == record.path
        return post.explicit_id is None or record.claim is None or post.path == record.path

    def by_text(self) -> None:
        """Equal texts: of several the one at its path, then of its name or date, then in the order of paths."""
        wanted: dict[str, list[Sighting]] = {}
        for post in self.posts.values():
            wanted.setdefault(post.text_digest, []).append(post)
        known: dict[str, list[Record]] = {}
        for record in self.records.values():
            if record.text in wanted and (record.seen or record.text != EMPTY):
                known.setdefault(record.text, []).append(record)
        self._by_path_beside_a_copy([record for records in known.values() for record in records])
        for text, every in known.items():
            records = [record for record in every if record.key in self.records]
            # What readers have goes before what nobody saw.
            records.sort(key=lambda record: (record.out_text is None, not record.seen, record.path, record.key))
            for rule in _PLACES:
                places: dict[Hashable, list[Sighting]] = {}
                for post in reversed(wanted[text]):
                    if post.path in self.posts:
                        published = None if post.published is None else int(post.published.timestamp())
                        places.setdefault(rule(post.path, published), []).append(post)
                for record in records:
                    some = places.get(rule(record.path, record.published), [])
                    free = (place for place in reversed(range(len(some))) if self.free(some[place], record))
                    place = next(free, None) if record.key in self.records else None
                    if place is not None:
                        post = some.pop(place)
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
            if post is not None and _sure(post, record, *texts[record.key]):
                self.pair(post, record, "path")

    def by_likeness(self) -> None:
        """Edited posts: at their path, or renamed in this very build, whichever they are more like."""
        at_path: dict[str, list[Record]] = {}
        for record in self.records.values():
            if record.path in self.posts:
                at_path.setdefault(record.path, []).append(record)
        gone = [record for record in self.records.values() if record.seen]
        texts = self.texts({record.key for some in (*at_path.values(), gone) for record in some})
        for path, records in sorted(at_path.items()):
            for record in records:
                if record.seen and _sure(self.posts[path], record, *texts[record.key]):
                    self.pair(self.posts[path], record, "path")
                    break
        results = sorted(self.alike(at_path, [record for record in gone if record.key in self.records], texts))
        best: dict[str, int] = {}
        for _, path, _, key in results:
            best.setdefault(path, key)
        # A copy may be more like what its original was than the original, edited since, is: who lies there goes first.
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
            for mark in _marks(record.path, *texts[record.key]):
                places.setdefault(mark, []).append(record)
        for post in self.posts.values():
            near: Counter[int] = Counter()
            for mark in _marks(post.path, post.title, post.sketch):
                some = places.get(mark, ())
                if len(some) <= _COMMON:
                    near.update(record.key for record in some)
            nearest = sorted(near.items(), key=lambda one: (-one[1], one[0]))[:_NEAREST]
            here = {record.key for record in at_path.get(post.path, ()) if record.key in self.records}
            for key in dict.fromkeys((*sorted(here), *(key for key, _ in nearest))):
                record = self.records[key]
                if self.free(post, record):
                    certainty = _certainty(post, record, *texts[key])
                    if certainty is not None:
                        yield -certainty, post.path, record.path, key


def _marks(path: str, title: str, made: bytes) -> Iterable[str | int]:
    """What two versions of one post may share, for finding them without comparing each with each."""
    parts = parts_of(made)
    if parts is not None:
        yield from parts.coarse
        yield from (-1 - number for number in parts.fine)
    yield "name " + stem(path)
    if title:
        yield "title " + title


class Evidence(NamedTuple):
    """What a post and a record share. `same_date` is None if one of them has no date of its author's; `other_part` says that
    the titles, or else the names, are those of two parts of a series.
    """

    likeness: float
    same_text: bool
    stub: bool
    blank: bool
    same_title: bool
    title_alike: bool
    other_part: bool
    same_name: bool
    same_date: bool | None


def evidence(post: Sighting, record: Record, title: str, made: bytes) -> Evidence:
    """What a post and a record share; `title` and `made` are the record's title and sketch."""
    same_title = bool(title) and title == post.title
    names = stem(post.path), stem(record.path)
    same_date = _same_date(post, record)
    return Evidence(
        likeness=likeness(post.sketch, made),
        same_text=bool(made) and post.sketch == made,
        stub=is_stub(made) or is_stub(post.sketch),
        blank=not made or not post.sketch,
        same_title=same_title,
        title_alike=same_title or titles_alike(title, post.title),
        other_part=numbered_apart(*names) and not same_date if same_title else numbered_apart(title, post.title),
        same_name=names[0] == names[1],
        same_date=same_date,
    )


def _same_date(post: Sighting, record: Record) -> bool | None:
    """Whether the two have one date; None if one of them has none but that of the build that published it."""
    if post.published is not None and record.published is not None and record.published != record.first_seen:
        return post.published.timestamp() == record.published
    if post.published is not None and record.published == post.published.timestamp():
        return True
    written = date_of(post.path), date_of(record.path)
    return written[0] == written[1] if all(written) else None


def _sure(post: Sighting, record: Record, title: str, made: bytes) -> bool:
    """Whether a post at its old path is so clearly the record's that no other need be looked at: most edits are."""
    result = evidence(post, record, title, made)
    if result.same_date is False:
        return False
    if result.same_title:
        return result.likeness >= (0.2 if result.same_date else 0.6)
    return result.likeness >= 0.9 and not result.stub


def _certainty(post: Sighting, record: Record, title: str, made: bytes) -> float | None:
    """How sure it is that a post is a record's, by all that the two share; None where it is not enough."""
    result = evidence(post, record, title, made)
    at_path = post.path == record.path
    if result.likeness < (_enough_at_path(record, result, had_text=bool(made)) if at_path else _enough(result)):
        return None
    # Many stubs are alike. A draft is rather another draft, and what readers have a post that they can still see.
    shared = result.likeness / 2 if result.stub else result.likeness
    titles = 0.5 if result.same_title else 0.3 if result.title_alike else 0.0
    around = titles + 0.25 * result.same_name + 0.25 * bool(result.same_date)
    return shared + around + 0.1 * (at_path and bool(record.seen)) + 0.1 * (post.out == bool(record.out))


def _enough_at_path(record: Record, found: Evidence, *, had_text: bool) -> float:
    """The likeness from which a post that lies where a record's lay is that one: its title is enough, or a part."""
    # What nobody ever saw can be rewritten from the ground up and stay one post.
    if record.seen and record.out_text is None and record.claim is None:
        return 0.0
    if found.same_date is not False and (found.same_title or (found.title_alike and record.seen)):
        return 0.0
    if not record.seen:
        return 0.4
    if not had_text or found.same_text:
        # It had no text yet, e.g. a file that an editor had just made: whatever is written there is that post.
        return 0.0 if found.title_alike or found.same_date is not False else 0.4
    if found.same_date is False:
        # A page that is written anew each week, under a new date, is another issue of it.
        return 0.2 if found.title_alike else 0.4
    return 0.15


def _enough(found: Evidence) -> float:
    """The likeness from which a post is a record's, renamed in this build: what else is equal counts for much.

    The table is that of docs/identity.md. Without a title, a name or a date in common only a text that is equal to the letter
    tells: posts are written after a pattern.
    """
    date = found.same_date
    if found.same_title and found.same_name and date is not False:
        return 0.0
    if found.same_text and (date or not found.stub or (found.title_alike and found.same_name)):
        return 0.0
    if found.blank:
        return 0.0 if found.same_title and date is not False else _NEVER
    if found.other_part:
        needed = 0.5 if found.same_title else 0.8
    elif found.same_title:
        needed = 0.4 if date is False else 0.2
    elif found.same_name:
        needed = 0.5 if date is False else 0.15 if date or found.title_alike else 0.25
    elif found.title_alike:
        needed = 0.5 if date is False else 0.2 if date else 0.35
    else:
        needed = _NEVER if date is False else 0.3 if date else 0.45
    return max(needed, 0.7 if found.title_alike or found.same_name or date else _NEVER) if found.stub else needed
