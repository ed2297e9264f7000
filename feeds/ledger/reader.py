"""What a ledger holds: in comes a state folder, out come the records, terms and facts of its ledger.

Reads only. What a generation wrote that was committed and never confirmed is left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from feeds.ledger import archives as archive_rows
from feeds.ledger import database, fingerprint
from feeds.ledger import visible as visible_rows
from feeds.ledger.contents import LedgerContents
from feeds.ledger.record import Record, Row
from feeds.ledger.withdrawn import WITHDRAWN, sealed
from feeds.model import digest, instant

_AT_ONCE = 500
#: From so many paths on all rows are read rather than asked for.
_MANY = 2_000
ALL_ROWS = "SELECT key, id, slug, claim, path, text, seen, out, first_seen, published, updated, out_text, page FROM posts"
#: As they were before a generation that was never published stamped them.
_BEFORE = """SELECT posts.key, id, slug, claim, path, text, seen,
  iif(born=:pending, 0, coalesce(undo.out, posts.out)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.first_seen, undo.first_seen)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.published, undo.published)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.updated, undo.updated)),
  iif(born=:pending, NULL, iif(undo.key IS NULL, posts.out_text, undo.out_text)), page
  FROM posts LEFT JOIN undo ON undo.key = posts.key"""


#: Posts that are out no more, with the text that was published last.
_WITHDRAWN = """
  SELECT key, id, slug, claim, path, iif(out_text='', text, out_text), seen, out, first_seen, published, updated, '', page
  FROM posts WHERE out=0 AND out_text IS NOT NULL AND published IS NOT NULL AND updated IS NOT NULL
  ORDER BY updated DESC, id LIMIT ?"""


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


#: Facts that count this file's own writes, and mean nothing elsewhere.
_OWN_FACTS = ("generation", "pending", "outlining")
OUTLINE = "outline "
#: A feed that was forgotten, with the digest of its id instead of the id.
FORGOTTEN = f"{OUTLINE}forgotten-"
#: Before the taxonomy and the slug path of a term: its slug in addresses that hold only the last name of a path.
SHORT_SLUG = "slug "
#: Facts that readers can see, and the beginnings of their names.
_PUBLIC_FACTS = ("authority", "digests", "sketches", "timezone", OUTLINE, SHORT_SLUG, WITHDRAWN)
#: So many withdrawn posts, those updated last, are in a manifest.
_WITHDRAWN_POSTS = 500
#: Of seconds since 1970 that are an instant: somebody's own hand may have been at a ledger's text.
_DIGITS = 11


class LedgerReader:
    """The ledger of one state folder, open for reading. Errors of SQLite are raised as LedgerError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with self._ledger_errors():
            #: The file was modified by another program since our last write, or a run of ours was killed.
            self.doubtful = not database.is_backed_up(folder)
            self._base = database.open_file(folder)
            #: There was no ledger; `lost`: and yet there is a copy of one.
            self.fresh = self._base is None
            self.lost = self.fresh and (folder / database.BACKUP).exists()
            self._meta: dict[str, str] = dict(self._ask("SELECT name, value FROM meta"))

    @contextmanager
    def _ledger_errors(self) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except sqlite3.Error as error:
            raise database.refusal(self.folder / database.NAME, error) from error

    def _ask(self, question: str, values: Sequence[object] | Mapping[str, object] = ()) -> Iterator[tuple[Any, ...]]:
        return iter(()) if self._base is None else iter(self._base.execute(question, values))

    def _among(self, question: str, values: Iterable[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of a query for very many values, asked in batches; `??` in the query is replaced by each batch."""
        every = list(values)
        for start in range(0, len(every), _AT_ONCE):
            batch = every[start : start + _AT_ONCE]
            yield from self._ask(question.replace("??", ",".join("?" * len(batch))), batch)

    def outlined(self) -> dict[str, datetime]:
        """Since when each feed stands in the site's outline, by the feed's id."""
        taken_back = self._taken_back()
        results = {}
        for fact, value in self._meta.items():
            id = fact.removeprefix(OUTLINE)
            if id != fact and fact not in taken_back and value.isdecimal() and len(value) <= _DIGITS:
                results[id] = instant(int(value))
        return results

    def has_forgotten(self, feed_id: str) -> bool:
        """Whether the term of the feed with this id was forgotten (`feeds ledger forget`)."""
        return FORGOTTEN + digest(feed_id) in self._meta

    def _taken_back(self) -> frozenset[str]:
        """The facts about the outline that came with the generation that was committed and not confirmed."""
        number, ids = json.loads(self._meta.get("outlining", "[0, []]"))
        if self._pending is None or self._pending[1] != number:
            return frozenset()
        return frozenset(OUTLINE + id for id in ids)

    def archives(self) -> dict[str, archive_rows.Documents]:
        """The ids in each archive document of a feed, oldest document first, by the feed's id."""
        return archive_rows.documents(self.archive_rows())

    def archive_rows(self) -> list[archive_rows.Row]:
        """The archive documents as the ledger has them, without what was committed and not confirmed."""
        with self._ledger_errors():
            return archive_rows.rows(self._base, taken_back=self._pending is not None)

    def check_facts(self) -> None:
        """Raise ValueError if a fact that is read as a number or a time zone is not one."""
        from zoneinfo import ZoneInfo

        if not self._meta.get("generation", "0").isdecimal():
            raise ValueError(f"the generation {self._meta['generation']!r} is not a number")
        try:
            ZoneInfo(self._meta.get("timezone", "UTC"))
        except (OSError, LookupError, ValueError) as error:
            raise ValueError(f"{self._meta['timezone']!r} is not a time zone") from error

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
        return self._ask(ALL_ROWS) if self._pending is None else self._ask(_BEFORE, {"pending": self._pending[1]})

    def _rows_at(self, paths: Sequence[str]) -> Iterator[Row]:
        """The records of posts at these paths, and of those that the last build did not see."""
        yield from self._ask(f"{ALL_ROWS} WHERE seen=0")
        if len(paths) > _MANY:
            wanted = set(paths)
            yield from (row for row in self._ask(f"{ALL_ROWS} WHERE seen=1") if row[4] in wanted)
        else:
            yield from self._among(f"{ALL_ROWS} WHERE path IN (??) AND seen=1", paths)

    def published_like(self, titles: Collection[str], dates: Collection[int], sketches: Collection[bytes]) -> set[str]:
        """The paths of posts that are out and have one of these titles, dates (seconds since 1970) or sketches of the text."""
        question = "SELECT path FROM posts JOIN texts ON texts.key=posts.key WHERE out=1 AND"
        with self._ledger_errors():
            return {
                path
                for column, values in (("title", titles), ("published", dates), ("sketch", sketches))
                for (path,) in self._among(f"{question} {column} IN (??)", values)
            }

    def published_among(self, paths: Collection[str]) -> set[str]:
        """Which of these paths are those of posts that are out."""
        with self._ledger_errors():
            return {path for (path,) in self._among("SELECT path FROM posts WHERE out=1 AND path IN (??)", paths)}

    def published_at(self, paths: Collection[str]) -> dict[str, tuple[str | None, bytes]]:
        """By path, the digest of the text last published, and the sketch, of the posts at these paths that are out."""
        question = (
            "SELECT path, iif(out_text='', text, out_text), coalesce(sketch, x'') "
            "FROM posts LEFT JOIN texts ON texts.key=posts.key WHERE out=1 AND path IN (??)"
        )
        with self._ledger_errors():
            return {path: (text, sketch) for path, text, sketch in self._among(question, paths)}

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

    # whole ledgers

    def public_ids(self, most: int) -> list[str]:
        """The ids of the newest posts that are out, with what was committed last."""
        question = "SELECT id FROM posts WHERE out=1 AND published IS NOT NULL ORDER BY published DESC, id LIMIT ?"
        with self._ledger_errors():
            return [id for (id,) in self._ask(question, (most,))]

    def published(self, ids: Collection[str]) -> LedgerContents:
        """What is public: the posts with these ids, with what was committed last, all terms, and archives' documents."""
        with self._ledger_errors():
            records = [Record._make(row) for row in self._among(f"{ALL_ROWS} WHERE id IN (??)", ids)]
            texts = {key: (title, sketch) for key, title, sketch in self._among(
                "SELECT key, title, sketch FROM texts WHERE key IN (??)", [record.key for record in records]
            )}  # fmt: skip
            visible = visible_rows.known(self._base, {record.id: record.published_text for record in records})
            terms = self._all_terms()
            archived = archive_rows.rows(self._base, taken_back=False)
            out = {id for (id,) in self._ask("SELECT id FROM posts WHERE out=1")} if archived else set()
            withdrawn = map(Record._make, self._ask(_WITHDRAWN, (_WITHDRAWN_POSTS,)))
            facts = {name: value for name, value in self._meta.items() if name.startswith(_PUBLIC_FACTS)}
            facts.update(map(sealed, withdrawn))
        posts = [(record, *texts.get(record.key, ("", b""))) for record in records]
        return LedgerContents(posts, terms, [], facts, archive_rows.public(archived, out), visible)

    def known_posts(self, ids: Collection[str]) -> dict[str, tuple[str, int | None, bool]]:
        """By id, the posts among these that the ledger knows: text last published, `updated`, whether the row is complete.

        An id that was given up is known too.
        """
        question = (
            "SELECT id, iif(out_text='', text, coalesce(out_text, '')), updated, texts.key IS NOT NULL AND (out=0 OR "
            "(first_seen IS NOT NULL AND published IS NOT NULL AND updated IS NOT NULL)) "
            "FROM posts LEFT JOIN texts ON texts.key=posts.key WHERE id IN (??)"
        )
        with self._ledger_errors():
            results = {id: (text, updated, bool(is_complete)) for id, text, updated, is_complete in self._among(question, ids)}
            given_up = {id for (id,) in self._among("SELECT id FROM retired WHERE id IN (??)", ids)}
        return results | dict.fromkeys(given_up - results.keys(), ("", None, True))

    def _all_terms(self) -> list[tuple[str, tuple[str, ...], tuple[str, ...], str]]:
        return [
            (name, tuple(json.loads(key)), tuple(json.loads(slugs)), label)
            for name, key, slugs, label in self._ask("SELECT taxonomy, key, slugs, label FROM terms")
        ]

    def contents(self) -> LedgerContents:
        """All that the ledger holds."""
        with self._ledger_errors():
            texts = {key: (title, sketch) for key, title, sketch in self._ask("SELECT key, title, sketch FROM texts")}
            posts = [(record, *texts.get(record.key, ("", b""))) for record in map(Record._make, self._rows())]
            terms = self._all_terms()
            retired = [id for (id,) in self._ask("SELECT id FROM retired ORDER BY id")]
            archived = archive_rows.rows(self._base, taken_back=self._pending is not None)
            visible = visible_rows.known(self._base, {record.id: record.published_text for record, _, _ in posts})
        left_out = {*_OWN_FACTS, *self._taken_back()}
        facts = {key: self._meta[key] for key in self._meta if key not in left_out}
        return LedgerContents(posts, terms, retired, facts, archived, visible)
