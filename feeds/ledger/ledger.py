"""Permanent identity: in come the posts of a build, out go their ids, slugs and dates, which stay for good.

Ids and slugs once given stay; dates are stamped with the generation that is about to be published, and taken back where
that was never confirmed. Reads in bulk, writes nothing before `commit`, and nothing at all where nothing changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.ledger import archives as archive_rows
from feeds.ledger import database, fingerprint, redating, watching
from feeds.ledger import visible as visible_rows
from feeds.ledger.contents import Adoption, LedgerContents
from feeds.ledger.fingerprint import Sighting
from feeds.ledger.names import LedgerChanges
from feeds.ledger.reader import FORGOTTEN, OUTLINE, SHORT_SLUG, LedgerReader, as_json
from feeds.ledger.resolve import NO_FACTS, BuildFacts, Resolution, ResolveRules, Resolving
from feeds.ledger.withdrawn import returning
from feeds.model import digest, seconds

if TYPE_CHECKING:
    import sqlite3


class UnsettledError(Exception):
    """The identities of some posts cannot be resolved without a look at all posts."""


class Ledger(LedgerReader):
    """The ledger of one state folder. One writer: the caller of `commit` or `confirm` must hold the build's lock."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._new_facts: dict[str, str] = {}
        self._terms: dict[tuple[str, str], tuple[str, str]] = {}
        self._pages: set[str] = set()
        self._archives: list[archive_rows.Row] = []
        self._adopted: dict[str, Adoption] = {}
        self._visible: dict[str, tuple[str, str]] = {}
        self._staged = LedgerChanges()

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Open, or begin, the ledger of a state folder. Raises LedgerError where it is damaged, empty or newer."""
        return cls(folder)

    @staticmethod
    def restore(folder: Path) -> Path | None:
        """Put the copy of the last good ledger in its place; returns where the one it replaces lies now."""
        return database.restore(folder)

    # what is remembered

    def meta(self, name: str) -> str | None:
        """A fact about the site that must outlive settings, as the first authority."""
        return self._new_facts.get(name, self._meta.get(name))

    def set_meta(self, name: str, value: str) -> None:
        """Remember a fact; written by `commit`."""
        if self.meta(name) != value:
            self._new_facts[name] = value

    def set_outlined(self, moments: Mapping[str, datetime]) -> None:
        """Remember since when feeds stand in the outline; written by the next `commit`, and of its generation."""
        outlined = self.outlined()
        fresh = {id: moment for id, moment in moments.items() if id not in outlined}
        if fresh:
            self._new_facts.update({OUTLINE + id: str(seconds(moment)) for id, moment in fresh.items()})
            # By number: another generation may have that one's name, where the same feeds come back.
            self.set_meta("outlining", as_json((self._number + 1, sorted(fresh))))

    def term_slugs(self, taxonomy: str) -> dict[tuple[str, ...], tuple[tuple[str, ...], str]]:
        """Every term that ever had a feed: folded names from the root -> (slugs from the root, label)."""
        with self._ledger_errors():
            rows = {key: (slugs, label) for key, slugs, label in self._ask(
                "SELECT key, slugs, label FROM terms WHERE taxonomy=?", (taxonomy,)
            )}  # fmt: skip
        rows.update({key: value for (name, key), value in self._terms.items() if name == taxonomy})
        return {tuple(json.loads(key)): (tuple(json.loads(slugs)), label) for key, (slugs, label) in rows.items()}

    def add_terms(self, taxonomy: str, terms: Mapping[tuple[str, ...], tuple[tuple[str, ...], str]]) -> None:
        """Remember terms that get a feed, in the form of `term_slugs`; written where slugs or label are new."""
        terms_held = self.term_slugs(taxonomy)
        for key, (slugs, label) in terms.items():
            if terms_held.get(key) != (slugs, label):
                self._terms[taxonomy, as_json(key)] = (as_json(slugs), label)

    def forget_terms(self, taxonomy: str, keys: Collection[tuple[str, ...]], feed_ids: Collection[str]) -> None:
        """Forget terms, by their folded names, and the names of their feeds; the copy of the ledger forgets them too.

        That there was a feed stays known, without its name: the outline's date must not go back.
        """
        if self._base is None:
            return
        with self._ledger_errors():
            base = self._base
            base.execute("BEGIN IMMEDIATE")
            terms_held = self.term_slugs(taxonomy)
            facts = [f"{SHORT_SLUG}{taxonomy}/{'/'.join(terms_held[key][0])}" for key in keys if key in terms_held]
            base.executemany("DELETE FROM meta WHERE name=?", [(fact,) for fact in facts])
            base.executemany("DELETE FROM terms WHERE taxonomy=? AND key=?", [(taxonomy, as_json(key)) for key in keys])
            number, ids = json.loads(self._meta.get("outlining", "[0, []]"))
            kept = as_json((number, [id for id in ids if id not in feed_ids]))
            base.execute("UPDATE meta SET value=? WHERE name='outlining'", (kept,))
            for id in feed_ids:
                nameless = FORGOTTEN + digest(id)
                base.execute("UPDATE OR REPLACE meta SET name=? WHERE name=?", (nameless, OUTLINE + id))
            archive_rows.forget(base, feed_ids)
            base.execute("COMMIT")
            base.execute("VACUUM")
        database.back_up(self.folder)

    def redate(self, undated: Collection[str], span: tuple[int, int], now: int) -> tuple[str, ...]:
        """Replace instants that a wrong clock stamped by `now`, at once. Returns the paths of the posts concerned, sorted.

        Seconds since 1970; `span` is the first and the last instant that is wrong. `published` is replaced of the posts at the
        paths `undated`, whose front matter names no date; `updated` of these, and of others where an edit stamped it.
        """
        if self._base is None:
            return ()
        with self._ledger_errors():
            paths = redating.replace_stamps(self._base, undated, span, now)
        database.back_up(self.folder)
        return paths

    def set_archives(self, documents: Mapping[str, Sequence[Sequence[str]]]) -> None:
        """Remember which archive document each post is in, in the form of `archives`; written by the next `commit`."""
        self._archives = archive_rows.changed(self.archives(), documents) if documents else []

    def page_ids(self) -> frozenset[str]:
        """The ids of the posts whose own page was ever published."""
        # Also under the ids that the last `resolve` found them to have now.
        renamed = {record.id for record in self._staged.changed.values() if record.page}
        with self._ledger_errors():
            return frozenset(str(row[0]) for row in self._ask("SELECT id FROM posts WHERE page=1")) | self._pages | renamed

    def mark_pages(self, ids: Iterable[str]) -> None:
        """Remember that these posts have a page of their own now."""
        self._pages |= set(ids) - self.page_ids()

    def _edited(self, sightings: Sequence[Sighting]) -> list[str]:
        """The paths of posts that are out with another text than when it was noted down what a reader sees of them."""
        last = visible_rows.last_texts(self._base, [post.path for post in sightings])
        return [post.path for post in sightings if post.out and last.get(post.path) not in (None, post.text_digest)]

    def staged_ids(self) -> set[str]:
        """The ids of posts that the next commit adds or changes."""
        return {record.id for record in (*self._staged.new, *self._staged.changed.values())}

    def note_visible(self, visible: Mapping[str, tuple[str, str]]) -> None:
        """Note down what a reader sees of posts, by id: the digest of the text and of what it shows; written by `commit`."""
        with self._ledger_errors():
            visible_held = visible_rows.known(self._base, {id: text for id, (text, _) in visible.items()})
        self._visible = {id: pair for id, pair in visible.items() if pair[1] and visible_held.get(id) != pair[1]}

    # resolution

    @property
    def has_other_digests(self) -> bool:
        """Whether another version of ours took the digests of texts: they say nothing about the texts of today."""
        return self.meta("digests") not in (None, fingerprint.VERSION)

    @property
    def takes_stated_ids(self) -> bool:
        """Whether the ids that readers know were kept until the last build, and those of front matter count from now on."""
        return self._meta.get("ids") == "keep" and self.meta("ids") == "accept"

    def resolve(
        self,
        sightings: Sequence[Sighting],
        as_of: datetime,
        authority: str,
        facts: BuildFacts = NO_FACTS,
    ) -> Resolution:
        """The identity of each post: id, slug and dates. Writes nothing; a second call begins anew.

        Raises UnsettledError if the sightings cannot be told apart without a look at posts outside `facts.at`.
        """
        with self._ledger_errors():
            rules = ResolveRules(
                trusting=self.has_other_digests,
                keep_ids=self.meta("ids") == "keep",
                restate=self.takes_stated_ids,
                zone=self.meta("timezone") or "UTC",
                resketch=self.meta("sketches") != fingerprint.SKETCH_VERSION,
                visible=visible_rows.are_kept(self._base),
            )
            resolving = Resolving(sightings, as_of, authority, facts, self._among, rules)
            edited = self._edited(sightings)
            withdrawn = returning(self._meta, [post.text_digest for post in sightings], self._among)
            resolving.staged.returning = {record.key: record for record in withdrawn}
            if facts.at is None:
                resolution = resolving.run(chain(self._rows(), withdrawn), edited)
            else:
                rows = [*self._rows_at(facts.at), *withdrawn]
                claims = {post.path: post.explicit_id for post in sightings}
                unstated = {row[3]: row[0] for row in rows if row[3] is not None and claims.get(row[4], "") is None}
                stating = self._among("SELECT claim, key FROM posts WHERE claim IN (??)", unstated)
                if any(key != unstated[claim] for claim, key in stating):
                    # An id that its post no longer states stays, unless a post outside `at` states it.
                    raise UnsettledError
                (known,) = next(self._ask("SELECT count(*) FROM posts WHERE out=1"))
                resolution = resolving.run(rows, edited)._replace(known=known)
        self._staged = resolving.staged
        return resolution

    def changed_out(self) -> tuple[frozenset[str], frozenset[str]]:
        """Of the posts of the last `resolve`, the paths of those that are newly out, and of those whose `updated` moved.

        Both against the last published generation; to be asked before `commit`.
        """
        return frozenset(self._staged.new_out), frozenset(self._staged.updated_out)

    # writing

    def watch(self) -> bool:
        """Note down from now on to which posts' rows this process writes; False where that is impossible. See `written`."""
        with self._ledger_errors():
            return self._base is not None and watching.begin(self._base)

    def written(self) -> set[str]:
        """The ids of posts to whose rows something was written since `watch`."""
        with self._ledger_errors():
            return watching.written(self._base) if self._base is not None else set()

    def commit(self, generation: str) -> bool:
        """Write what is new, before the generation of that name goes live; False where there was nothing to write."""
        staged = self._staged
        staged_facts = self._new_facts or self._terms or self._pages or self._adopted or self._archives or self._visible
        dirty = bool(staged or staged_facts)
        if not dirty and self._pending is None:
            if self._base is not None and not database.is_backed_up(self.folder):
                # A run was killed before its copy, or somebody has been at the file, which was checked whole since.
                database.back_up(self.folder)
            return False
        with self._ledger_errors():
            number = self._number + 1
            base = self._base
            if base is None:
                base = database.create(self.folder)
            else:
                base.execute("BEGIN IMMEDIATE")
            if self._pending is not None:
                self._take_back(base, self._pending[1])
            _write_posts(base, staged, number)
            base.executemany("UPDATE posts SET page=1 WHERE id=?", [(page,) for page in sorted(self._pages)])
            base.executemany(
                "INSERT OR REPLACE INTO terms VALUES (?, ?, ?, ?)",
                [(*key, *value) for key, value in sorted(self._terms.items())],
            )
            archive_rows.write(base, self._archives)
            self._write_adopted(base)
            visible_rows.write(base, self._visible)
            self._new_facts.update(
                generation=str(number),
                pending=as_json((generation, number)),
                digests=fingerprint.VERSION,
                sketches=fingerprint.SKETCH_VERSION,
            )
            self._meta.update(self._new_facts)
            base.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", sorted(self._new_facts.items()))
            base.execute("COMMIT")
            self._base = base if self._base is not None else database.settle_new(self.folder, base)
        database.back_up(self.folder)
        self._new_facts, self._terms, self._pages, self._adopted, self._staged = {}, {}, set(), {}, LedgerChanges()
        self._archives, self._visible = [], {}
        return True

    def _take_back(self, base: sqlite3.Connection, number: int) -> None:
        """Undo what a generation wrote that was committed and is not live."""
        base.execute(
            "UPDATE posts SET out=0, first_seen=NULL, published=NULL, updated=NULL, out_text=NULL WHERE born=?",
            (number,),
        )
        base.execute(
            "UPDATE posts SET out=undo.out, first_seen=undo.first_seen, published=undo.published, "
            "updated=undo.updated, out_text=undo.out_text FROM undo WHERE undo.key=posts.key"
        )
        base.execute("DELETE FROM undo")
        archive_rows.take_back(base)
        for fact in self._taken_back():
            base.execute("DELETE FROM meta WHERE name=?", (fact,))
            del self._meta[fact]

    def confirm(self, generation: str) -> None:
        """Say which generation is live: what was committed for it counts from now on. At the start of a run too."""
        if self._pending is None or self._pending[0] != generation or self._base is None:
            return
        with self._ledger_errors():
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute("DELETE FROM undo")
            self._base.execute("DELETE FROM meta WHERE name='pending'")
            archive_rows.confirm(self._base)
            self._base.execute("COMMIT")
        del self._meta["pending"]
        database.touch_copy(self.folder)

    def adopt(self, adopted: Mapping[str, Adoption]) -> tuple[str, ...]:
        """Give posts of the last `resolve`, by path, the ids that an earlier feed gave them; written by `commit`.

        Returns the paths of those whose id is another post's by now: these keep their own.
        """
        with self._ledger_errors():
            owners = dict(self._among("SELECT id, path FROM posts WHERE id IN (??)", [item.id for item in adopted.values()]))
        owners.update((record.id, record.path) for record in (*self._staged.changed.values(), *self._staged.new))
        refused = []
        for path, adoption in sorted(adopted.items()):
            if owners.setdefault(adoption.id, path) == path:
                self._adopted[path] = adoption
            else:
                refused.append(path)
        return tuple(refused)

    def _write_adopted(self, base: sqlite3.Connection) -> None:
        """Adopted ids and dates count at once: an earlier generator published them."""
        if not self._adopted:
            return
        places = {path: (key, id) for key, id, path in base.execute("SELECT key, id, path FROM posts WHERE seen=1")}
        for path, adoption in self._adopted.items():
            if path not in places:
                continue
            key, id = places[path]
            published, updated = (
                None if moment is None else seconds(moment) for moment in (adoption.published, adoption.updated)
            )
            # RSS tells no update; it was then that its readers last saw one.
            updated = published if updated is None else updated
            if id != adoption.id:
                base.execute("INSERT OR IGNORE INTO retired VALUES (?)", (id,))
                base.execute("DELETE FROM retired WHERE id=?", (adoption.id,))
            base.execute(
                "UPDATE posts SET id=?, published=coalesce(?, published), updated=coalesce(?, updated), out_text='', "
                "born=0 WHERE key=?",
                (adoption.id, published, updated, key),
            )
            # Generators that take it from the file's time publish an `updated` from before the post.
            base.execute("UPDATE posts SET updated=published WHERE key=? AND updated < published", (key,))
            base.execute("DELETE FROM undo WHERE key=?", (key,))

    # whole ledgers

    @staticmethod
    def begin(folder: Path, held: LedgerContents) -> None:
        """Make this the folder's ledger. The one that it replaces is kept beside it."""
        import sqlite3

        try:
            database.put_aside(folder)
            base = database.create(folder)
            Ledger._fill(base, held)
            database.settle_new(folder, base).close()
        except sqlite3.Error as error:
            raise database.refusal(folder / database.NAME, error) from error
        database.back_up(folder)

    @staticmethod
    def _fill(base: sqlite3.Connection, held: LedgerContents) -> None:
        rows = [(key, *record[1:], 0) for key, (record, _, _) in enumerate(held.posts, 1)]
        base.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        texts = [(key, title, sketch) for key, (_, title, sketch) in enumerate(held.posts, 1)]
        base.executemany("INSERT INTO texts VALUES (?, ?, ?)", texts)
        texts_out = {record.id: record.published_text for record, _, _ in held.posts}
        shown = {id: (text, held.visible[id]) for id, text in texts_out.items() if text is not None and id in held.visible}
        visible_rows.write(base, shown)
        terms = [(name, as_json(key), as_json(slugs), label) for name, key, slugs, label in held.terms]
        base.executemany("INSERT INTO terms VALUES (?, ?, ?, ?)", terms)
        base.executemany("INSERT INTO retired VALUES (?)", [(id,) for id in held.retired])
        base.executemany("INSERT INTO meta VALUES (?, ?)", sorted(held.facts.items()))
        archive_rows.fill(base, held.archives)
        base.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        if self._base is not None:
            self._base.close()


def _write_posts(base: sqlite3.Connection, staged: LedgerChanges, number: int) -> None:
    """Write the records that a resolution changed or added, in the generation with this number."""
    (last,) = base.execute("SELECT coalesce(max(key), 0) FROM posts").fetchone()
    back = sorted(key for key in staged.changed if key < 0)
    new_keys = {key: last + count for count, key in enumerate(back, 1)}
    # As they were before this generation, which may never be published.
    base.executemany(
        "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(new_keys[key], *staged.returning[key][1:], 0) for key in back],
    )
    base.executemany(
        "UPDATE posts SET id=?, slug=?, claim=?, path=?, text=?, seen=?, out=?, first_seen=?, published=?, updated=?, out_text=? "
        "WHERE key=?",
        [(*record[1:12], new_keys.get(key, key)) for key, record in staged.changed.items()],
    )
    last += len(back)
    keys = range(last + 1, last + 1 + len(staged.new))
    base.executemany(
        "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(key, *record[1:], number) for key, record in zip(keys, staged.new, strict=True)],
    )
    texts = [
        *((new_keys.get(key, key), *text) for key, *text in staged.texts),
        *((key, *text) for key, text in zip(keys, staged.new_texts, strict=True)),
    ]
    base.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", texts)
    base.executemany(
        "INSERT INTO undo VALUES (?, ?, ?, ?, ?, ?)", [(new_keys.get(key, key), *dates) for key, *dates in staged.undo]
    )
    base.executemany("INSERT OR IGNORE INTO retired VALUES (?)", [(item,) for item in staged.retired])
