"""Resolve post identities for one build: in come posts and records, out go identities and what is to be written.

Decides ids and slugs; dates come from `feeds.ledger.dating`. Writes nothing and reads no clock: the instant comes in as `as_of`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from feeds.errors import Problem
from feeds.ledger.dating import CLOCK_SECONDS, Dating, Visible
from feeds.ledger.evidence import Unique
from feeds.ledger.fingerprint import Identity, Sighting
from feeds.ledger.ids import explicit_id as normalised_id
from feeds.ledger.matching import Matcher, Texts
from feeds.ledger.names import Among, GivenNames, LedgerChanges, Mint
from feeds.ledger.record import Record, Row

_UNMOVED, _FRONT_MATTER = "path and text", "front matter"


class Resolution(NamedTuple):
    """The identities of the posts of one build.

    `identities` by path; `left_out` holds the paths of posts whose id another post has. `known` counts the posts that
    were out in the last published generation; of those, `vanished` gives the paths of the ones whose file is gone
    (renamed ones are not), `withdrawn` the ones whose file is still there and that are out no more.
    """

    identities: Mapping[str, Identity]
    problems: tuple[Problem, ...]
    left_out: frozenset[str]
    known: int
    vanished: tuple[str, ...]
    withdrawn: tuple[str, ...]
    rekeyed: tuple[tuple[str, str, str], ...] = ()
    """Published posts whose front matter states another id than readers know: path, known id, stated id."""
    redated: tuple[tuple[str, datetime, datetime], ...] = ()
    """Published posts whose front matter has another date than readers know: path, known date, new date."""


class BuildFacts(NamedTuple):
    """What a build knows of its posts besides their metadata.

    `present`: paths of files that are there and could not be read; no other post gets their identity. `mint` may give a new post
    another id than a `tag:` URI, from the post, its slug and its `published`. `at`: the only paths that may have changed; every
    other record is as it was and has no sighting; None if all files were looked at. `visible` gives, by path, the digests of what
    a reader sees of posts at these paths, whose text was edited; if it is what it was, `updated` stays. `dates`: by path, when
    posts that name no date were first and last changed, in seconds since 1970, for those that are published for the first time.
    `earlier`: by path, if the ledger `has_other_digests`, today's digest of the text that the last build saw there, where it is
    not what is there now.
    """

    present: Collection[str] = frozenset()
    mint: Mint | None = None
    at: Sequence[str] | None = None
    visible: Visible | None = None
    dates: Mapping[str, tuple[int, int]] = MappingProxyType({})
    earlier: Mapping[str, str] = MappingProxyType({})


NO_FACTS = BuildFacts()


class ResolveRules(NamedTuple):
    """How a resolve reads the ledger.

    `trusting`: digests were taken by another version of ours, so where a post lies says which it is, and no date moves.
    `keep_ids`: published posts keep the id that readers know, whatever their front matter says now; `restate`: those that
    were kept so give way to the stated ones in this build. `resketch`: the sketches in the ledger are of an earlier version, and
    every post that is seen gets a new one. `zone` is the site's. `visible`: the ledger has what readers saw of posts.
    """

    trusting: bool = False
    keep_ids: bool = False
    resketch: bool = False
    restate: bool = False
    zone: str = "UTC"
    visible: bool = False


class Resolving:
    """One resolution: first unchanged posts, then moved and edited ones, then new ones."""

    def __init__(
        self,
        sightings: Sequence[Sighting],
        as_of: datetime,
        authority: str,
        facts: BuildFacts,
        among: Among,
        rules: ResolveRules,
    ) -> None:
        self.sightings, self.authority, self.facts, self.among = sightings, authority, facts, among
        self.as_of = as_of.astimezone(UTC).replace(microsecond=0)
        self.dating = Dating(self.as_of, facts.dates, facts.visible, among)
        self.now = self.dating.now
        self.staged = LedgerChanges()
        self.identities: dict[str, Identity] = {}
        self.withdrawn: list[str] = []
        self.rules = rules
        self.names = GivenNames(authority, self.as_of, facts.mint, among, self.staged)
        self.rekeyed: list[tuple[str, str, str]] = []

    def run(self, rows: Iterable[Row], edited: Sequence[str] = ()) -> Resolution:
        """Resolve all sightings against the ledger's records; `edited` are the paths of published posts with another text."""
        by_path = {post.path: post for post in self.sightings}
        self.dating.look_at(edited)
        loose, known = self.unmoved(by_path, rows)
        unpaired: list[Sighting] = []
        if len(self.identities) < len(by_path):
            unpaired = sorted(post for post in self.sightings if post.path not in self.identities)
        missing = {record.key: record for record in loose if record.path not in self.facts.present or not record.seen}
        duplicates: dict[str, tuple[str, str]] = {}
        if unpaired:
            matcher = Matcher(
                unpaired, missing.values(), authority=self.authority, texts=self.texts,
                owner=lambda wanted, claim: self.owner(wanted, claim, missing),
                unique=Unique(unpaired, self.count, self.rules.zone),
            )  # fmt: skip
            matches = matcher.run()
            duplicates = matches.duplicates
            if self.rules.visible:
                self.dating.look_at_moved(by_path, {path: pair.record for path, pair in matches.pairs.items()})
            for path, (record, origin) in matches.pairs.items():
                del missing[record.key]
                self.settle(by_path[path], record, origin)
            self.add([post for post in unpaired if post.path not in self.identities and post.path not in duplicates])
        vanished = []
        for record in missing.values():
            if record.out:
                vanished.append(record.path)
            if record.out or record.seen:
                self.write(record, record._replace(seen=0, out=0))
        problems = tuple(
            Problem(
                code="duplicate-id",
                severity="error" if by_path[path].out else "warning",
                path=path,
                what=f"its id {wanted} is that of {owner}",
                fix=f"give {path} or {owner} another id, or none",
            )
            for path, (wanted, owner) in sorted(duplicates.items())
        )
        gone, withdrawn = tuple(sorted(vanished)), tuple(sorted(self.withdrawn))
        return Resolution(
            self.identities, problems, frozenset(duplicates), known, gone, withdrawn, tuple(sorted(self.rekeyed)),
            tuple(sorted(self.dating.redated)),
        )  # fmt: skip

    def unmoved(self, by_path: Mapping[str, Sighting], rows: Iterable[Row]) -> tuple[list[Record], int]:
        """Settle every post whose path and text are unchanged; returns the other records, and how many posts were published."""
        claimed = {post.explicit_id for post in self.sightings if post.explicit_id is not None}
        identities, instants, horizon = self.identities, self.dating.instants, self.now + CLOCK_SECONDS
        make = tuple.__new__
        if self.rules.restate:
            rows = map(self.without_kept_claim, rows)
        loose: list[Record] = []
        count_out = 0
        for row in rows:
            _, id, slug, claim, path, text, seen, was_out, first_seen, published, updated, out_text, _ = row
            count_out += was_out
            post = by_path.get(path)
            if post is None:
                loose.append(Record._make(row))
                continue
            _, explicit_id, _, text_digest, _, post_published, post_updated, out = post
            # Nothing at all has changed: nearly every post of nearly every build. Written out for its speed.
            if (
                text_digest == text
                and explicit_id == claim
                and out
                and was_out
                and seen
                and out_text == ""
                and first_seen in instants
                and updated is not None
                and updated <= horizon
                and post_published is not None
                and post_published.timestamp() == published
                and (post_updated is None or post_updated.timestamp() == updated)
            ):
                if post_updated is None:
                    post_updated = post_published if updated == published else self.dating.at(updated)
                if self.rules.resketch:
                    self.staged.texts.append((row[0], post.title, post.sketch))
                origin = _FRONT_MATTER if claim else _UNMOVED
                first = instants[first_seen]
                identities[path] = make(Identity, (id, slug, first, post_published, post_updated, origin))
            elif (
                (text_digest == text or (self.rules.trusting and seen))
                and (explicit_id == claim or (explicit_id is None and claim not in claimed))
                and path not in identities
            ):
                self.settle(post, Record._make(row), _FRONT_MATTER if claim else _UNMOVED)
            else:
                loose.append(Record._make(row))
        return loose, count_out

    def without_kept_claim(self, row: Row) -> Row:
        """The row without its claim if the post kept the id that readers knew: the stated id is as good as new then."""
        claim = row[3]
        if claim is None or normalised_id(claim, self.authority) == row[1]:
            return row
        return Record._make(row)._replace(claim=None)

    # what the matching asks

    def texts(self, keys: Collection[int]) -> Texts:
        """Title and sketch of records."""
        rows = self.among("SELECT key, title, sketch FROM texts WHERE key IN (??)", sorted(keys))
        results: dict[int, tuple[str, bytes]] = {key: (title, sketch) for key, title, sketch in rows}  # type: ignore[misc]
        return {key: results.get(key, ("", b"")) for key in keys}

    def count(self, column: str, values: Collection[object]) -> Counter[object]:
        """How many records have each of these values of "published" or "sketch"."""
        table = "texts" if column == "sketch" else "posts"
        rows = self.among(f"SELECT {column} FROM {table} WHERE {column} IN (??)", values)  # noqa: S608
        return Counter(value for (value,) in rows)

    def owner(self, wanted: str, claim: str, missing: Collection[int]) -> tuple[str, str] | None:
        """Id and path of the post that has this id by now, or None."""
        for question, value in (("claim", claim), ("id", wanted)):
            rows = self.among(f"SELECT key, id, path FROM posts WHERE {question} IN (??)", [value])  # noqa: S608
            for key, id, path in rows:
                if key not in missing:
                    return str(id), str(path)
        return None

    # known posts

    def settle(self, post: Sighting, record: Record, origin: str) -> None:
        """Give a known post its identity, and stage what changed."""
        before = record
        record = self.dating.plausible(record)
        first_seen = self.now if record.first_seen is None else record.first_seen
        text = post.text_digest
        last = record.text if record.out_text == "" else record.out_text
        if self.rules.trusting and last is not None:
            last = self.facts.earlier.get(record.path, text)
        record, dates = self.dating.dated(post, record, last)
        if self.was_draft(record) and post.out and post.explicit_id is None and origin != "new":
            # An id that was taken out of it again is nobody's: a machine that never saw the draft mints one, too.
            origin = _UNMOVED if origin == _FRONT_MATTER else origin
            record = self.names.first_published(post, record._replace(claim=None))
        id = record.id
        if post.explicit_id is not None and post.explicit_id != record.claim and origin != _FRONT_MATTER:
            id = self.stated_id(post, record)
            origin = _FRONT_MATTER
        elif post.explicit_id is None and record.claim is not None:
            # However it was matched: a post that states that id may have it.
            origin = _FRONT_MATTER
        self.identities[post.path] = Identity(
            id, record.slug, self.dating.at(first_seen), dates.published_at,
            dates.published_at if dates.updated == dates.published else self.dating.at(dates.updated), origin,
        )  # fmt: skip
        claim = record.claim if post.explicit_id is None else post.explicit_id
        if post.out:
            changed = Record(
                record.key,
                id,
                record.slug,
                claim,
                post.path,
                text,
                1,
                1,
                first_seen,
                dates.published,
                dates.stored,
                "",
                record.page,
            )
        else:
            changed = Record(
                record.key, id, record.slug, claim, post.path, text, 1, 0, first_seen, record.published, record.updated,
                "" if last == text else last, record.page,
            )  # fmt: skip
            if record.out:
                self.withdrawn.append(post.path)
        if (changed != record and text != record.text) or (record.key and self.rules.resketch) or record.key < 0:
            self.staged.texts.append((record.key, post.title, post.sketch))
        if post.out and not record.out:
            self.staged.new_out.append(post.path)
        elif post.out and (dates.stored, record.slug) != (before.updated, before.slug):
            self.staged.updated_out.append(post.path)
        if changed != before:
            self.write(before, changed)
            if id != record.id and record.out_text is not None:
                self.staged.retired.append(record.id)

    def stated_id(self, post: Sighting, record: Record) -> str:
        """The id of a post whose front matter states another one than before; readers know that of a draft that was out, too."""
        stated = normalised_id(post.explicit_id or "", self.authority)
        is_known = record.out_text is not None and record.first_seen is not None
        if is_known and (self.rules.keep_ids or not post.out):
            return record.id
        if is_known and stated != record.id:
            self.rekeyed.append((post.path, record.id, stated))
        return stated

    def was_draft(self, record: Record) -> bool:
        """Whether a build has settled that nobody has seen the post; one that was cut off before it went live has not."""
        return record.out_text is None and record.first_seen is not None

    def write(self, old: Record, new: Record) -> None:
        """Stage a changed record, and what its dates were where the generation they belong to is never published."""
        self.staged.changed[new.key] = new
        before = old.text if old.out_text == "" else old.out_text
        after = new.text if new.out_text == "" else new.out_text
        if old[7:11] != new[7:11] or before != after:
            self.staged.undo.append((old.key, *old[7:11], before))

    # what is new

    def add(self, posts: Sequence[Sighting]) -> None:
        """Records for new posts; of two that want one slug the first by path gets it."""
        slugs = self.names.slugs(posts)
        ids = self.names.ids(posts, slugs)
        for post in posts:
            blank = Record(0, ids.pop(post.path), slugs.pop(post.path), post.explicit_id, post.path, post.text_digest, 1, 0,
                           None, None, None, None, 0)  # fmt: skip
            self.settle(post, blank, _FRONT_MATTER if post.explicit_id is not None else "new")
            self.staged.new.append(self.staged.changed.pop(0))
            self.staged.new_texts.append((post.title, post.sketch))
        self.staged.undo = [row for row in self.staged.undo if row[0] != 0]
