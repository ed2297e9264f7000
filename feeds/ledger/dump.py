"""The ledger as text: in come lines, out goes a ledger, and the other way round; one line for each post.

For sites built where no disk stays: the text lies in git beside the posts, merges there line by line, and is equal
wherever the ledgers are. Of what a merge left twice both sides count, by the rules of `feeds.ledger.merge`.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from feeds.errors import LedgerError
from feeds.lazy_patterns import lazy_pattern
from feeds.ledger import database
from feeds.ledger.contents import LedgerContents
from feeds.ledger.ledger import Ledger
from feeds.ledger.merge import merged
from feeds.ledger.reader import SHORT_SLUG
from feeds.ledger.record import Record
from feeds.model import clean_text, instant, rfc3339, seconds

_HEAD = "# feeds ledger 1: written by `feeds ledger export`, read by `feeds ledger import`; one line for each post"
_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
_KINDS = ("fact", "term", "archive", "retired", "id")
#: Headings that keep lines apart: git joins what two branches have added without asking unless it is side by side.
_BUCKETS = 256
_DATES = ("first_seen", "published", "updated")
_FLAGS = ("seen", "out", "page")
#: What no folder of ours has in its name.
_NO_NAME = lazy_pattern(r"[/\\\x00-\x1f\x7f]")
#: More mistakes than this are counted, not listed.
_TOLD = 20


class Imported(NamedTuple):
    """What a text held: posts and terms, how many posts the ledger had that the text does not know, and how many lines stood
    there in two versions that were joined.
    """

    posts: int
    terms: int
    dropped: int
    joined: int = 0


def export(ledger: Ledger) -> Iterator[str]:
    """The ledger's lines, without line ends, in an order that does not depend on its history."""
    yield from lines_of(ledger.contents())


def lines_of(held: LedgerContents) -> Iterator[str]:
    """The lines of a ledger, each below the heading that the digest of its name says: "# 00" to "# ff"."""
    yield _HEAD
    below: dict[int, list[str]] = {}
    for line in _sorted_lines(held):
        below.setdefault(_bucket(line), []).append(line)
    for bucket in range(_BUCKETS):
        yield f"# {bucket:02x}"
        yield from below.get(bucket, ())


def read_tables(tables: Iterable[Mapping[str, object]]) -> LedgerContents:
    """Read what `feeds.ledger.public.lines` wrote, as tables, e.g. from a manifest. Raises LedgerError as `read` does."""
    return read_merging([_HEAD, *(json.dumps(table) for table in tables)])[0]


def _bucket(line: str) -> int:
    return crc32("\0".join(map(str, _key(json.loads(line)))).encode("utf-8", "surrogatepass")) % _BUCKETS


def _key(row: dict[str, Any]) -> tuple[object, ...]:
    """What a line is about. Raises StopIteration if it is about nothing that is known."""
    kind = next(kind for kind in _KINDS if kind in row)
    more = {"term": row.get("taxonomy"), "archive": row.get("number")}.get(kind)
    return kind, str(row[kind]), str(more)


def _sorted_lines(held: LedgerContents) -> Iterator[str]:
    for name, value in sorted(held.facts.items()):
        yield _line({"fact": name, "value": value})
    for taxonomy, key, slugs, label in sorted(held.terms):
        yield _line({"term": key, "taxonomy": taxonomy, "slugs": slugs, "label": label})
    for feed, number, ids in sorted(held.archives):
        yield _line({"archive": feed, "number": number, "ids": ids})
    for id in sorted(held.retired):
        yield _line({"retired": id})
    for record, title, sketch in sorted(held.posts, key=lambda post: post[0].id):
        yield _line(table_of(record, title, sketch, held.visible.get(record.id)))


def _line(value: dict[str, Any]) -> str:
    # Line separators of Unicode would cut the line in many an editor; lone surrogates have no UTF-8.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(
        character if character.isprintable() else "".join(f"\\u{unit:04x}" for unit in _units(character)) for character in text
    )


def _units(character: str) -> Iterator[int]:
    raw = character.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(raw[start : start + 2], "big") for start in range(0, len(raw), 2))


@lru_cache(256)
def _date_text(count: int) -> str:
    # Posts have most of their dates in common with themselves or each other.
    return rfc3339(instant(count))


def table_of(record: Record, title: str, sketch: bytes, visible: str | None) -> dict[str, Any]:
    """A post as a table: what the ledger has of it, its id first."""
    _, id, slug, claim, path, _, seen, out, first_seen, published, updated, _, page = record
    told: dict[str, Any] = {"id": id, "path": path, "title": title, "slug": slug}
    if claim is not None:
        told["claim"] = claim
    told |= {name: 1 for name, flag in zip(_FLAGS, (seen, out, page), strict=True) if flag}
    for name, count in zip(_DATES, (first_seen, published, updated), strict=True):
        if count is not None:
            told[name] = _date_text(count)
    told["text"] = record.text
    if record.out_text is not None:
        told["out_text"] = "" if record.out_text == record.text else record.out_text
    if visible is not None:
        told["visible"] = visible
    told["sketch"] = b64encode(sketch).decode()
    return told


class _Reading:
    """One text being read: what it holds so far, the line of everything, and every mistake."""

    def __init__(self, *, merging: bool = False) -> None:
        #: Whether posts that want one slug or one claim are left for `feeds.ledger.merge` to tell apart.
        self.merging = merging
        self.visible: dict[str, str] = {}
        self.held = LedgerContents([], [], [], {}, visible=self.visible)
        self.mistakes: list[str] = []
        self.archives: dict[tuple[str, int], tuple[str, ...]] = {}
        self.lines: dict[tuple[str, object], tuple[int, str]] = {}

    def once(self, number: int, line: str, kind: str, name: object) -> bool:
        """Whether a line is the first to tell of this; a second one that tells otherwise is a mistake."""
        before = self.lines.setdefault((kind, name), (number, line))
        if self.merging and kind.endswith(("slug", "claim")):
            return before[0] == number
        if before[0] != number and before[1] != line:
            self.mistakes.append(f"lines {before[0]} and {number} both have the {kind} {name!r}: keep one of them")
        return before[0] == number

    def read(self, number: int, line: str) -> None:
        if line.startswith(_MARKERS):
            self.mistakes.append(f"line {number}: a merge left a conflict here: keep one side and drop the marks")
            return
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError("not a table")
            kind = next(kind for kind in _KINDS if kind in row)
            readers: dict[str, Callable[[int, str, dict[str, Any]], None]] = {
                "fact": self.fact, "term": self.term, "archive": self.archive, "retired": self.retired, "id": self.post,
            }  # fmt: skip
            readers[kind](number, line, row)
        except (ValueError, TypeError, KeyError, StopIteration, OverflowError) as error:
            cause = f"{type(error).__name__} {error}" if str(error) else "it tells of no post"
            self.mistakes.append(f"line {number}: this is not a line of a ledger ({cause})")

    def fact(self, number: int, line: str, row: dict[str, Any]) -> None:
        if self.once(number, line, "fact", _text(row["fact"])):
            value = _slug(row["value"]) if row["fact"].startswith(SHORT_SLUG) else _text(row["value"])
            self.held.facts[row["fact"]] = value

    def term(self, number: int, line: str, row: dict[str, Any]) -> None:
        taxonomy = _text(row["taxonomy"])
        key, slugs = tuple(map(_text, row["term"])), tuple(map(_slug, row["slugs"]))
        if not key or len(key) != len(slugs):
            raise ValueError("as many slugs as names are needed")
        if self.once(number, line, f"{taxonomy} term", "/".join(key)):
            self.once(number, line, f"{taxonomy} slug", "/".join(slugs).casefold())
            self.held.terms.append((taxonomy, key, slugs, _text(row["label"])))

    def archive(self, number: int, line: str, row: dict[str, Any]) -> None:
        feed, place = _text(row["archive"]), row["number"]
        if not isinstance(place, int) or place < 1 or not isinstance(row["ids"], list) or not row["ids"]:
            raise TypeError("a number from 1 and a list of ids are needed")
        if self.once(number, line, f"archive document {place} of", feed):
            self.archives[feed, place] = tuple(map(_text, row["ids"]))

    def whole(self) -> LedgerContents:
        """All that the lines hold; a missing archive document, or a post in two of one feed, is a mistake."""
        seen: set[tuple[str, str]] = set()
        last = ("", 0)
        for (feed, place), ids in sorted(self.archives.items()):
            if self.merging:
                break
            if place != (last[1] if last[0] == feed else 0) + 1:
                self.mistakes.append(f"the archive document before {place} of {feed!r} is missing")
            last = (feed, place)
            for id in ids:
                if (feed, id) in seen:
                    self.mistakes.append(f"{id!r} is in two places of the archive of {feed!r}: keep one of them")
                seen.add((feed, id))
        return self.held._replace(archives=[(*place, ids) for place, ids in sorted(self.archives.items())])

    def retired(self, number: int, line: str, row: dict[str, Any]) -> None:
        if self.once(number, line, "retired id", _text(row["retired"])):
            self.held.retired.append(row["retired"])

    def post(self, number: int, line: str, row: dict[str, Any]) -> None:
        dates = _date(row.get("first_seen")), _date(row.get("published")), _date(row.get("updated"))
        flags = [int(bool(row.get(name))) for name in _FLAGS]
        claim = None if row.get("claim") is None else _text(row["claim"])
        out_text = None if row.get("out_text") is None else str(row["out_text"])
        id, slug, path, text = _text(row["id"]), _slug(row["slug"]), _text(row["path"]), _text(row["text"])
        record = Record(0, id, slug, claim, path, text, flags[0], flags[1], *dates, out_text, flags[2])
        if record.updated is not None and record.published is not None and record.updated < record.published:
            raise ValueError("it was updated before it was published")
        result = b64decode(row["sketch"], validate=True)
        if not isinstance(row["title"], str) or (result and len(result) % 4 != 1):
            raise ValueError("title or sketch is wrong")
        row["title"].encode()
        if self.once(number, line, "id", record.id):
            self.once(number, line, "slug", record.slug.casefold())
            if claim is not None:
                self.once(number, line, "claim", claim)
            if row.get("visible") is not None:
                self.visible[id] = _text(row["visible"])
            self.held.posts.append((record, row["title"], result))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is not text")
    value.encode()  # half a character has no UTF-8
    return value


def _slug(value: object) -> str:
    # It becomes the name of a folder: what somebody wrote into the text must not lead out of the output.
    slug = _text(value)
    if slug in (".", "..") or _NO_NAME.search(slug):
        raise ValueError(f"{slug!r} is not a slug of one level")
    return slug


def _date(value: object) -> int | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value} names no zone")
    return seconds(moment.astimezone(UTC))


class Versions(NamedTuple):
    """The lines of a text that a merge left: `layers` have each line with its number, those that are there twice one a layer."""

    layers: list[list[tuple[int, str]]]
    joined: int


def _versions(lines: Iterable[str]) -> Versions:
    """The versions in a text: marks of a conflict, and what both sides came from, are left out."""
    layers: list[list[tuple[int, str]]] = [[]]
    versions_by_key: dict[tuple[object, ...], list[str]] = {}
    joined = 0
    in_base = False
    for number, line in enumerate(lines, 1):
        text = line.strip("\r\n\ufeff \t")
        if text.startswith(_MARKERS):
            in_base = text.startswith("|||||||") or (in_base and not text.startswith("======="))
            continue
        if in_base:
            continue
        place = 0
        if text.startswith("{"):
            try:
                versions = versions_by_key.setdefault(_key(json.loads(text)), [])
            except (ValueError, TypeError, StopIteration, RecursionError):
                versions = []
            if text not in versions:
                versions.append(text)
                place = len(versions) - 1
                joined += place > 0
            else:
                continue
        if place == len(layers):
            layers.append([])
        layers[place].append((number, text))
    return Versions(layers, joined)


def read_merging(lines: Iterable[str]) -> tuple[LedgerContents, int]:
    """What the lines hold, and how many of them stood in another version that was joined with the first.

    Of what is in it twice, e.g. between the marks of a conflict, both count. Raises LedgerError as `read` does.
    """
    layers, joined = _versions(lines)
    held = _read(layers[0], merging=True)
    for layer in layers[1:]:
        held = merged(held, _read([(1, _HEAD), *layer], merging=True))
    # Also what only one version has may want the slug of another.
    return merged(held, held), joined


def read(lines: Iterable[str]) -> LedgerContents:
    """What the lines hold. Raises LedgerError that names every line in conflict or without sense."""
    return _read(enumerate(lines, 1), merging=False)


def _read(lines: Iterable[tuple[int, str]], *, merging: bool) -> LedgerContents:
    reading = _Reading(merging=merging)
    headed = False
    for number, line in lines:
        text = line.strip("\r\n\ufeff \t")
        if text.startswith("# feeds ledger "):
            headed = True
            if not text.startswith(_HEAD[:16]) or text[16:17].isdigit():
                reading.mistakes.append(f"line {number}: the text is of a newer version")
        elif text and not text.startswith("#"):
            reading.read(number, text)
    held = reading.whole()
    if not headed:
        reading.mistakes.insert(0, "line 1: this is not a ledger: its first line is missing")
    if reading.mistakes:
        more = len(reading.mistakes) - _TOLD
        told = reading.mistakes[:_TOLD] + ([f"and {more} more"] if more > 0 else [])
        raise LedgerError("the text cannot be read; nothing has changed:\n  " + "\n  ".join(told))
    return held


def verify(ledger: Ledger) -> None:
    """Raise LedgerError where the ledger holds what none of ours does: SQLite does not look at damage within a value."""
    try:
        for record, _, _ in ledger.contents().posts:
            if not all(isinstance(value, int | None) for value in (record.seen, record.out, *record[8:11], record.page)):
                raise TypeError(f"a flag or date of {record.id!r} is not a whole number")
        held = read(export(ledger))
        ledger.outlined()
        ledger.check_facts()
        for record, _, _ in held.posts:
            if clean_text(record.id) != record.id:
                raise ValueError(f"{record.id!r} is not an id")
    except (LedgerError, ValueError, TypeError, LookupError, OverflowError, AttributeError) as error:
        what = error.what if isinstance(error, LedgerError) else f"{type(error).__name__} {error}"
        if what.startswith("the ledger "):
            raise
        raise database.damaged(ledger.folder / database.NAME, f"is damaged: {what}") from error


def import_(folder: Path, lines: Iterable[str]) -> Imported:
    """Make the text the ledger of the state folder; the one that it replaces is kept. Raises LedgerError as `read`."""
    held, joined = read_merging(lines)
    dropped = 0
    try:
        ledger = Ledger.open(folder)
    except LedgerError:
        pass
    else:
        ids = {record.id for record, _, _ in held.posts}
        dropped = sum(record.id not in ids for record, _, _ in ledger.contents().posts)
        ledger.close()
    Ledger.begin(folder, held)
    return Imported(len(held.posts), len(held.terms), dropped, joined)


def merge_texts(base: Path, ours: Path, theirs: Path) -> LedgerContents:
    """What two branches made of the text `base`, as one ledger; an empty or missing file is a ledger that knows nothing.

    Raises LedgerError as `read`.
    """
    return merged(_read_file(ours), _read_file(theirs), _read_file(base))


def _read_file(path: Path) -> LedgerContents:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            whole = lines.read()
    except FileNotFoundError:
        whole = ""
    if not whole.strip():
        return LedgerContents([], [], [], {})
    try:
        return read_merging(whole.splitlines())[0]
    except LedgerError as error:
        raise LedgerError(error.what, where=str(path)) from error
