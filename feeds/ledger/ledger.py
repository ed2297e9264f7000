"""Permanent identity: in come the posts that a build found, out goes who each is, for good.

Ids and slugs once given stay; dates are stamped with the generation that is about to be published, and taken back where
that was never confirmed. Reads in bulk, writes nothing before `commit`, and nothing at all where nothing changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from feeds.ledger import archives as archive_rows
from feeds.ledger import database, fingerprint
from feeds.ledger import visible as visible_rows
from feeds.ledger.fingerprint import Sighting
from feeds.ledger.matching import Record, Row
from feeds.ledger.resolve import Mint, Resolution, Resolving, Rules, Staged
from feeds.ledger.snapshot import Adoption, Known, Snapshot
from feeds.model import digest, instant, seconds

if TYPE_CHECKING:
    import sqlite3

_AT_ONCE = 500
#: From so many paths on all rows are read rather than asked for.
_MANY = 2_000
_ALL = "SELECT key, id, slug, claim, path, text, seen, out, first_seen, published, updated, out_text, page FROM posts"
#: As they were before a generation that was never published stamped them.
_BEFORE = """SELECT posts.key, id, slug, claim, path, text, seen,
  iif(born=:pending, 0, coalesce(undo.out, posts.out)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.first_seen, undo.first_seen)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.published, undo.published)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.updated, undo.updated)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.out_text, undo.out_text)), page
  FROM posts LEFT JOIN undo ON undo.key = posts.key"""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class UnsettledError(Exception):
    """Who some posts are cannot be told without a look at all of them."""


#: Facts that count this file's own writes, and mean nothing elsewhere.
_OWN_FACTS = ("generation", "pending", "outlining")
_OUTLINE = "outline "
#: Of seconds since 1970 that are an instant: somebody's own hand may have been at a ledger's text.
_DIGITS = 11


class Ledger:
    """The ledger of one state folder. One writer: whoever calls `commit` or `confirm` holds the build's lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with self._said():
            #: Somebody else has been at the file since we wrote it, or a run of ours was killed.
            self.doubtful = not database.is_backed_up(folder)
            self._base = database.open_file(folder)
            #: There was no ledger; `lost`: and yet there is a copy of one.
            self.fresh = self._base is None
            self.lost = self.fresh and (folder / database.BACKUP).exists()
            self._meta: dict[str, str] = dict(self._ask("SELECT name, value FROM meta"))
        self._told: dict[str, str] = {}
        self._terms: dict[tuple[str, str], tuple[str, str]] = {}
        self._pages: set[str] = set()
        self._archives: list[archive_rows.Row] = []
        self._adopted: dict[str, Adoption] = {}
        self._visible: dict[str, tuple[str, str]] = {}
        self._staged = Staged()

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Open, or begin, the ledger of a state folder. Raises LedgerError where it is damaged, empty or newer."""
        return cls(folder)

    @staticmethod
    def restore(folder: Path) -> Path | None:
        """Put the copy of the last good ledger in its place; returns where the one it replaces lies now."""
        return database.restore(folder)

    @contextmanager
    def _said(self) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except sqlite3.Error as error:
            raise database.refusal(self.folder / database.NAME, error) from error

    def _ask(self, question: str, values: Sequence[object] | Mapping[str, object] = ()) -> Iterator[tuple[Any, ...]]:
        return iter(()) if self._base is None else iter(self._base.execute(question, values))

    def _among(self, question: str, values: Iterable[object]) -> Iterator[tuple[Any, ...]]:
        """The question's rows for very many values, some at a time; `??` stands for them."""
        every = list(values)
        for start in range(0, len(every), _AT_ONCE):
            some = every[start : start + _AT_ONCE]
            yield from self._ask(question.replace("??", ",".join("?" * len(some))), some)

    # what is remembered

    def meta(self, name: str) -> str | None:
        """A fact about the site that must outlive settings, as the first authority."""
        return self._told.get(name, self._meta.get(name))

    def set_meta(self, name: str, value: str) -> None:
        """Remember a fact; written by `commit`."""
        if self.meta(name) != value:
            self._told[name] = value

    def outlined(self) -> dict[str, datetime]:
        """Since when each feed stands in the site's outline, by the feed's id."""
        taken_back = self._taken_back()
        results = {}
        for fact, value in self._meta.items():
            id = fact.removeprefix(_OUTLINE)
            if id != fact and fact not in taken_back and value.isdecimal() and len(value) <= _DIGITS:
                results[id] = instant(int(value))
        return results

    def _taken_back(self) -> frozenset[str]:
        """The facts about the outline that came with the generation that was committed and not confirmed."""
        number, ids = json.loads(self._meta.get("outlining", "[0, []]"))
        if self._pending is None or self._pending[1] != number:
            return frozenset()
        return frozenset(_OUTLINE + id for id in ids)

    def set_outlined(self, moments: Mapping[str, datetime]) -> None:
        """Remember since when feeds stand in the outline; written by the next `commit`, and of its generation."""
        known = self.outlined()
        fresh = {id: moment for id, moment in moments.items() if id not in known}
        if fresh:
            self._told.update({_OUTLINE + id: str(seconds(moment)) for id, moment in fresh.items()})
            # By number: another generation may have that one's name, where the same feeds come back.
            self.set_meta("outlining", _json((self._number + 1, sorted(fresh))))

    def term_slugs(self, taxonomy: str) -> dict[tuple[str, ...], tuple[tuple[str, ...], str]]:
        """Every term that ever had a feed: folded names from the root -> (slugs from the root, label)."""
        with self._said():
            rows = {key: (slugs, label) for key, slugs, label in self._ask(
                "SELECT key, slugs, label FROM terms WHERE taxonomy=?", (taxonomy,)
            )}  # fmt: skip
        rows.update({key: said for (name, key), said in self._terms.items() if name == taxonomy})
        return {tuple(json.loads(key)): (tuple(json.loads(slugs)), label) for key, (slugs, label) in rows.items()}

    def add_terms(self, taxonomy: str, terms: Mapping[tuple[str, ...], tuple[tuple[str, ...], str]]) -> None:
        """Remember terms that get a feed, in the form of `term_slugs`; written where slugs or label are new."""
        known = self.term_slugs(taxonomy)
        for key, (slugs, label) in terms.items():
            if known.get(key) != (slugs, label):
                self._terms[taxonomy, _json(key)] = (_json(slugs), label)

    def forget_terms(self, taxonomy: str, keys: Collection[tuple[str, ...]], feed_ids: Collection[str]) -> None:
        """Forget terms, by their folded names, and the names of their feeds; the copy of the ledger forgets them too.

        That there was a feed stays known, without its name: the outline's date must not go back.
        """
        if self._base is None:
            return
        with self._said():
            base = self._base
            base.execute("BEGIN IMMEDIATE")
            base.executemany("DELETE FROM terms WHERE taxonomy=? AND key=?", [(taxonomy, _json(key)) for key in keys])
            number, ids = json.loads(self._meta.get("outlining", "[0, []]"))
            kept = _json((number, [id for id in ids if id not in feed_ids]))
            base.execute("UPDATE meta SET value=? WHERE name='outlining'", (kept,))
            for id in feed_ids:
                nameless = _OUTLINE + "forgotten-" + digest(id)
                base.execute("UPDATE OR REPLACE meta SET name=? WHERE name=?", (nameless, _OUTLINE + id))
            archive_rows.forget(base, feed_ids)
            base.execute("COMMIT")
            base.execute("VACUUM")
        database.back_up(self.folder)

    def archives(self) -> dict[str, archive_rows.Documents]:
        """The ids in each archive document of a feed, oldest document first, by the feed's id."""
        with self._said():
            return archive_rows.documents(archive_rows.rows(self._base, taken_back=self._pending is not None))

    def set_archives(self, documents: Mapping[str, Sequence[Sequence[str]]]) -> None:
        """Remember which archive document each post is in, in the form of `archives`; written by the next `commit`."""
        self._archives = archive_rows.changed(self.archives(), documents) if documents else []

    def page_ids(self) -> frozenset[str]:
        """The ids of the posts whose own page was ever published."""
        # Also under the ids that the last `resolve` found them to have now.
        renamed = {record.id for record in self._staged.changed.values() if record.page}
        with self._said():
            return frozenset(str(row[0]) for row in self._ask("SELECT id FROM posts WHERE page=1")) | self._pages | renamed

    def mark_pages(self, ids: Iterable[str]) -> None:
        """Remember that these posts have a page of their own now."""
        self._pages |= set(ids) - self.page_ids()

    def edited(self, sightings: Sequence[Sighting]) -> list[str]:
        """The paths of posts that are out with another text than when it was noted down what a reader sees of them."""
        with self._said():
            last = visible_rows.last_texts(self._base, [post.path for post in sightings])
        return [post.path for post in sightings if post.out and last.get(post.path) not in (None, post.text_digest)]

    def staged_ids(self) -> set[str]:
        """The ids of posts that the next commit adds or changes."""
        return {record.id for record in (*self._staged.new, *self._staged.changed.values())}

    def note_visible(self, visible: Mapping[str, tuple[str, str]]) -> None:
        """Note down what a reader sees of posts, by id: the digest of the text and of what it shows; written by `commit`."""
        with self._said():
            known = visible_rows.known(self._base, {id: text for id, (text, _) in visible.items()})
        self._visible = {id: pair for id, pair in visible.items() if pair[1] and known.get(id) != pair[1]}

    def last_out(self) -> dict[str, Known]:
        """The posts of the last published generation, by id."""
        known = {}
        with self._said():
            for record in map(Record._make, self._rows()):
                if record.out and record.published is not None and record.updated is not None:
                    dates = instant(record.published), instant(record.updated)
                    known[record.id] = Known(record.id, record.slug, record.path, *dates)
        return known

    # who is who

    @property
    def _pending(self) -> tuple[str, int] | None:
        """The generation that was committed and not confirmed: its name and number."""
        if "pending" not in self._meta:
            return None
        name, number = json.loads(self._meta["pending"])
        return name, number

    @property
    def _number(self) -> int:
        """The number of the last generation that was committed."""
        return int(self._meta.get("generation", "0"))

    def _rows(self) -> Iterator[Row]:
        return self._ask(_ALL) if self._pending is None else self._ask(_BEFORE, {"pending": self._pending[1]})

    def _rows_at(self, paths: Sequence[str]) -> Iterator[Row]:
        """The records of posts at these paths, and of those that the last build did not see."""
        yield from self._ask(f"{_ALL} WHERE seen=0")
        if len(paths) > _MANY:
            wanted = set(paths)
            yield from (row for row in self._ask(f"{_ALL} WHERE seen=1") if row[4] in wanted)
        else:
            yield from self._among(f"{_ALL} WHERE path IN (??) AND seen=1", paths)

    @property
    def token(self) -> str | None:
        """Another one whenever anything in the file may be another; None where it holds what no generation confirmed."""
        stamp = database.stamp(self.folder)
        if stamp is None or self._pending is not None:
            return None
        return (
            f"{self._meta.get('generation')} {stamp[0]} {stamp[1]} {fingerprint.VERSION} {fingerprint.SKETCH_VERSION} "
            f"{self._meta.get('digests')} {self._meta.get('sketches')}"
        )

    def resolve(
        self,
        sightings: Sequence[Sighting],
        as_of: datetime,
        authority: str,
        *,
        present: Collection[str] = (),
        mint: Mint | None = None,
        at: Sequence[str] | None = None,
        visible: Mapping[str, str] = MappingProxyType({}),
        dates: Mapping[str, tuple[int, int]] = MappingProxyType({}),
    ) -> Resolution:
        """Who each post is. Writes nothing; a second call begins anew.

        `present` holds the paths of files that are there and could not be read: nobody gets their identity. `mint` may
        give a new post another id than a tag: URI, from the post, its slug and its `published`. With `at`, every post that
        this ledger has seen at another path than these is where it was and as it was, and no sighting: UnsettledError where
        the sightings cannot be told apart without it. `visible` gives, by path, the digest of what a reader sees of posts that
        were `edited`: if it is what it was, `updated` stays. `dates` are those of posts without one of their own.
        """
        with self._said():
            #: Digests taken by another version of ours say nothing.
            trusting = self.meta("digests") not in (None, fingerprint.VERSION)
            resolving = Resolving(
                sightings,
                as_of,
                authority,
                present=frozenset(present),
                mint=mint,
                among=self._among,
                rules=Rules(
                    trusting=trusting,
                    keep_ids=self.meta("ids") == "keep",
                    visible=visible,
                    dates=dates,
                    zone=self.meta("timezone") or "UTC",
                    resketch=self.meta("sketches") != fingerprint.SKETCH_VERSION,
                ),
            )
            if at is None:
                resolution = resolving.run(self._rows())
            else:
                rows = list(self._rows_at(at))
                claims = {post.path: post.explicit_id for post in sightings}
                unstated = {row[3]: row[0] for row in rows if row[3] is not None and claims.get(row[4], "") is None}
                stating = self._among("SELECT claim, key FROM posts WHERE claim IN (??)", unstated)
                if any(key != unstated[claim] for claim, key in stating):
                    # An id that nobody states any more stays, unless a post that we do not look at states it.
                    raise UnsettledError
                (known,) = next(self._ask("SELECT count(*) FROM posts WHERE out=1"))
                resolution = resolving.run(rows)._replace(known=known)
        self._staged = resolving.staged
        return resolution

    def changed_out(self) -> tuple[frozenset[str], frozenset[str]]:
        """Of the posts of the last `resolve`, the paths of those that are newly out, and of those whose `updated` moved.

        Both against the last published generation; to be asked before `commit`.
        """
        return frozenset(self._staged.new_out), frozenset(self._staged.updated_out)

    # writing

    def commit(self, generation: str) -> bool:
        """Write what is new, before the generation of that name goes live; False where there was nothing to write."""
        staged = self._staged
        staged_facts = self._told or self._terms or self._pages or self._adopted or self._archives or self._visible
        dirty = bool(staged or staged_facts)
        if not dirty and self._pending is None:
            if self._base is not None and not database.is_backed_up(self.folder):
                # A run was killed before its copy, or somebody has been at the file, which was checked whole since.
                database.back_up(self.folder)
            return False
        with self._said():
            number = self._number + 1
            base = self._base
            if base is None:
                base = database.create(self.folder)
            else:
                base.execute("BEGIN IMMEDIATE")
            if self._pending is not None:
                base.execute(
                    "UPDATE posts SET out=0, first_seen=NULL, published=NULL, updated=NULL, out_text=NULL WHERE born=?",
                    (self._pending[1],),
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
            base.executemany(
                "UPDATE posts SET id=?2, slug=?3, claim=?4, path=?5, text=?6, seen=?7, out=?8, first_seen=?9, published=?10, "
                "updated=?11, out_text=?12 WHERE key=?1",
                [record[:12] for record in staged.changed.values()],
            )
            (last,) = base.execute("SELECT coalesce(max(key), 0) FROM posts").fetchone()
            keys = range(last + 1, last + 1 + len(staged.new))
            base.executemany(
                "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(key, *record[1:], number) for key, record in zip(keys, staged.new, strict=True)],
            )
            texts = [*staged.texts, *((key, *text) for key, text in zip(keys, staged.new_texts, strict=True))]
            base.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", texts)
            base.executemany("INSERT INTO undo VALUES (?, ?, ?, ?, ?, ?)", staged.undo)
            base.executemany("INSERT OR IGNORE INTO retired VALUES (?)", [(item,) for item in staged.retired])
            base.executemany("UPDATE posts SET page=1 WHERE id=?", [(page,) for page in sorted(self._pages)])
            base.executemany(
                "INSERT OR REPLACE INTO terms VALUES (?, ?, ?, ?)",
                [(*key, *said) for key, said in sorted(self._terms.items())],
            )
            archive_rows.write(base, self._archives)
            self._write_adopted(base)
            visible_rows.write(base, self._visible)
            self._told.update(
                generation=str(number),
                pending=_json((generation, number)),
                digests=fingerprint.VERSION,
                sketches=fingerprint.SKETCH_VERSION,
            )
            self._meta.update(self._told)
            base.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", sorted(self._told.items()))
            base.execute("COMMIT")
            self._base = base if self._base is not None else database.settle_new(self.folder, base)
        database.back_up(self.folder)
        self._told, self._terms, self._pages, self._adopted, self._staged = {}, {}, set(), {}, Staged()
        self._archives, self._visible = [], {}
        return True

    def confirm(self, generation: str) -> None:
        """Say which generation is live: what was committed for it counts from now on. At the start of a run too."""
        if self._pending is None or self._pending[0] != generation or self._base is None:
            return
        with self._said():
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
        with self._said():
            owners = dict(self._among("SELECT id, path FROM posts WHERE id IN (??)", [item.id for item in adopted.values()]))
        owners.update((record.id, record.path) for record in (*self._staged.changed.values(), *self._staged.new))
        refused = []
        for path, one in sorted(adopted.items()):
            if owners.setdefault(one.id, path) == path:
                self._adopted[path] = one
            else:
                refused.append(path)
        return tuple(refused)

    def _write_adopted(self, base: sqlite3.Connection) -> None:
        """Adopted ids and dates count at once: an earlier generator published them."""
        if not self._adopted:
            return
        places = {path: (key, id) for key, id, path in base.execute("SELECT key, id, path FROM posts WHERE seen=1")}
        for path, one in self._adopted.items():
            if path not in places:
                continue
            key, id = places[path]
            published, updated = (None if moment is None else seconds(moment) for moment in (one.published, one.updated))
            # RSS tells no update; it was then that its readers last saw one.
            updated = published if updated is None else updated
            if id != one.id:
                base.execute("INSERT OR IGNORE INTO retired VALUES (?)", (id,))
                base.execute("DELETE FROM retired WHERE id=?", (one.id,))
            base.execute(
                "UPDATE posts SET id=?, published=coalesce(?, published), updated=coalesce(?, updated), out_text='', "
                "born=0 WHERE key=?",
                (one.id, published, updated, key),
            )
            # Generators that take it from the file's time publish an `updated` from before the post.
            base.execute("UPDATE posts SET updated=published WHERE key=? AND updated < published", (key,))
            base.execute("DELETE FROM undo WHERE key=?", (key,))

    # whole ledgers

    def published(self, most: int) -> Snapshot:
        """What is public: the newest posts that are out, with what was committed last, and all terms."""
        with self._said():
            rows = list(self._ask(f"{_ALL} WHERE out=1 AND published IS NOT NULL ORDER BY published DESC, id LIMIT ?", (most,)))
            records = [Record._make(row) for row in rows]
            texts = {key: (title, made) for key, title, made in self._among(
                "SELECT key, title, sketch FROM texts WHERE key IN (??)", [record.key for record in records]
            )}  # fmt: skip
            visible = visible_rows.known(self._base, {record.id: record.published_text for record in records})
            terms = self._all_terms()
        public = ("authority", "digests", "sketches", "timezone")
        facts = {name: value for name, value in self._meta.items() if name in public or name.startswith(_OUTLINE)}
        posts = [(record, *texts.get(record.key, ("", b""))) for record in records]
        return Snapshot(posts, terms, [], facts, visible=visible)

    def known_posts(self, ids: Collection[str]) -> dict[str, tuple[str, int | None, bool]]:
        """By id, the posts among these that the ledger knows: text last published, `updated`, whether the row is complete.

        An id that was given up is known too.
        """
        question = (
            "SELECT id, iif(out_text='', text, coalesce(out_text, '')), updated, texts.key IS NOT NULL AND (out=0 OR "
            "(first_seen IS NOT NULL AND published IS NOT NULL AND updated IS NOT NULL)) "
            "FROM posts LEFT JOIN texts ON texts.key=posts.key WHERE id IN (??)"
        )
        with self._said():
            known = {id: (text, updated, bool(whole)) for id, text, updated, whole in self._among(question, ids)}
            given_up = {id for (id,) in self._among("SELECT id FROM retired WHERE id IN (??)", ids)}
        return known | dict.fromkeys(given_up - known.keys(), ("", None, True))

    def _all_terms(self) -> list[tuple[str, tuple[str, ...], tuple[str, ...], str]]:
        return [
            (name, tuple(json.loads(key)), tuple(json.loads(slugs)), label)
            for name, key, slugs, label in self._ask("SELECT taxonomy, key, slugs, label FROM terms")
        ]

    def snapshot(self) -> Snapshot:
        """All that the ledger holds."""
        with self._said():
            texts = {key: (title, made) for key, title, made in self._ask("SELECT key, title, sketch FROM texts")}
            posts = [(record, *texts.get(record.key, ("", b""))) for record in map(Record._make, self._rows())]
            terms = self._all_terms()
            retired = [id for (id,) in self._ask("SELECT id FROM retired ORDER BY id")]
            archived = archive_rows.rows(self._base, taken_back=self._pending is not None)
            visible = visible_rows.known(self._base, {record.id: record.published_text for record, _, _ in posts})
        unsaid = {*_OWN_FACTS, *self._taken_back()}
        facts = {key: self._meta[key] for key in self._meta if key not in unsaid}
        return Snapshot(posts, terms, retired, facts, archived, visible)

    @staticmethod
    def begin(folder: Path, held: Snapshot) -> None:
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
    def _fill(base: sqlite3.Connection, held: Snapshot) -> None:
        rows = [(key, *record[1:], 0) for key, (record, _, _) in enumerate(held.posts, 1)]
        base.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        texts = [(key, title, made) for key, (_, title, made) in enumerate(held.posts, 1)]
        base.executemany("INSERT INTO texts VALUES (?, ?, ?)", texts)
        texts_out = {record.id: record.published_text for record, _, _ in held.posts}
        shown = {id: (text, held.visible[id]) for id, text in texts_out.items() if text is not None and id in held.visible}
        visible_rows.write(base, shown)
        terms = [(name, _json(key), _json(slugs), label) for name, key, slugs, label in held.terms]
        base.executemany("INSERT INTO terms VALUES (?, ?, ?, ?)", terms)
        base.executemany("INSERT INTO retired VALUES (?)", [(id,) for id in held.retired])
        base.executemany("INSERT INTO meta VALUES (?, ?)", sorted(held.facts.items()))
        archive_rows.fill(base, held.archives)
        base.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        if self._base is not None:
            self._base.close()
