"""How sure it is that a post of this build is one that the ledger knows: by text, title, name and date.

The thresholds are those of the tables in docs/identity.md; benchmarks/identity.py measures them. Pure, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, time
from typing import NamedTuple

from feeds.ledger.fingerprint import (
    Sighting,
    date_of,
    extends,
    is_stub,
    is_telling,
    likeness,
    numbered_apart,
    stem,
    titles_alike,
)
from feeds.ledger.record import Record
from feeds.model import seconds

#: More than any likeness.
_NEVER = 2.0


class Unique:
    """What one of the posts to match has and one record, and no other post: asked only where nothing else decides.

    `count` gives, for a column of the ledger ("published" or "sketch") and values, how many records have each value; `zone` is
    that of the site.
    """

    def __init__(self, posts: Collection[Sighting], count: Callable[[str, Collection[object]], Counter[object]], zone: str):
        self._posts, self._count, self._zone = posts, count, zone
        self._values: dict[str, frozenset[object]] = {}

    def has(self, column: str, value: object) -> bool:
        if column not in self._values:
            of_posts = Counter(_value(post, column) for post in self._posts)
            of_records = self._count(column, [value for value in of_posts if value])
            self._values[column] = frozenset(
                value for value, count in of_posts.items() if count == 1 and of_records[value] == 1
            )  # fmt: skip
        return value in self._values[column]

    def has_time(self, date: datetime) -> bool:
        """Whether a date tells the time of day too: it is not midnight, neither in the site's zone nor in UTC."""
        from zoneinfo import ZoneInfo

        return all(date.astimezone(zone).time() != time.min for zone in (UTC, ZoneInfo(self._zone)))


def _value(post: Sighting, column: str) -> object:
    if column == "sketch":
        return post.sketch
    return None if post.published is None else seconds(post.published)


class Evidence(NamedTuple):
    """What a post and a record share. `same_date` is None if one of them has no date of its author's; `other_part` says that
    the titles, or else the names, are those of two parts of a series; `extended`, that one text holds the whole of the other.
    """

    likeness: float
    same_text: bool
    stub: bool
    telling: bool
    blank: bool
    same_title: bool
    title_alike: bool
    other_part: bool
    extended: bool
    same_name: bool
    same_date: bool | None


def evidence(post: Sighting, record: Record, title: str, sketch: bytes) -> Evidence:
    """What a post and a record share; `title` and `sketch` are the record's title and sketch."""
    same_title = bool(title) and title == post.title
    names = stem(post.path), stem(record.path)
    same_date = _same_date(post, record)
    return Evidence(
        likeness=likeness(post.sketch, sketch),
        same_text=bool(sketch) and post.sketch == sketch,
        stub=is_stub(sketch) or is_stub(post.sketch),
        telling=is_telling(sketch) and is_telling(post.sketch),
        blank=not sketch or not post.sketch,
        same_title=same_title,
        title_alike=same_title or titles_alike(title, post.title),
        other_part=numbered_apart(*names) and not same_date if same_title else numbered_apart(title, post.title),
        extended=extends(post.sketch, sketch) or extends(sketch, post.sketch),
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


def is_sure(post: Sighting, record: Record, title: str, sketch: bytes) -> bool:
    """Whether a post at its old path is so clearly the record's that no other need be looked at: most edits are."""
    result = evidence(post, record, title, sketch)
    if result.same_date is False:
        return False
    if result.same_title:
        return result.likeness >= (0.2 if result.same_date else 0.6)
    return result.likeness >= 0.9 and not result.stub


def outdoes_a_copy(post: Sighting, record: Record, title: str, sketch: bytes) -> bool:
    """Whether a post at its old path is the record's although the very text that it had appeared at another one."""
    if is_sure(post, record, title, sketch):
        return True
    result = evidence(post, record, title, sketch)
    return bool(result.same_date) and not result.stub and result.likeness >= 0.5


def keeps_title(post: Sighting, record: Record, title: str) -> bool:
    """Whether a post has the record's title and not another date: at its old path it is that post, if no other had that title."""
    return bool(title) and title == post.title and _same_date(post, record) is not False


def certainty(post: Sighting, record: Record, title: str, sketch: bytes, unique: Unique) -> float | None:
    """How sure it is that a post is a record's, by all that the two share; None where it is not enough."""
    result = evidence(post, record, title, sketch)
    at_path = post.path == record.path
    if result.likeness < (_enough_at_path(record, result, had_text=bool(sketch)) if at_path else _enough(result)):  # noqa: SIM102
        if at_path or result.likeness < _enough_if_unique(post, result, unique):
            return None
    # Many stubs are alike. A draft is rather another draft, and what readers have a post that they can still see.
    text = result.likeness / 2 if result.stub else result.likeness
    titles = 0.5 if result.same_title else 0.3 if result.title_alike else 0.0
    around = titles + 0.25 * result.same_name + 0.25 * bool(result.same_date)
    return text + around + 0.1 * (at_path and bool(record.seen)) + 0.1 * (post.out == bool(record.out))


def _enough_at_path(record: Record, shared: Evidence, *, had_text: bool) -> float:
    """The likeness from which a post that lies where a record's lay is that one: its title is enough, or a part."""
    # What nobody ever saw can be rewritten from the ground up and stay one post.
    if record.seen and record.out_text is None and record.claim is None:
        return 0.0
    if shared.same_date is not False and (shared.same_title or (shared.title_alike and record.seen)):
        return 0.0
    if not record.seen:
        return 0.4
    if not had_text or shared.same_text:
        # It had no text yet, e.g. a file that an editor had just made: whatever is written there is that post.
        return 0.0 if shared.title_alike or shared.same_date is not False else 0.4
    if shared.same_date is False:
        # A page that is written anew each week, under a new date, is another issue of it.
        return 0.2 if shared.title_alike else 0.4
    return 0.15


def _enough(shared: Evidence) -> float:
    """The likeness from which a post is a record's, renamed in this build: what else is equal counts for much.

    The table is that of docs/identity.md. Without a title, a name or a date in common only a text that is equal to the letter
    tells: posts are written after a pattern.
    """
    date = shared.same_date
    if shared.same_title and shared.same_name and date is not False:
        return 0.0
    if shared.same_text and (date or not shared.stub or (shared.title_alike and shared.same_name)):
        return 0.0
    if shared.blank:
        return 0.0 if shared.same_title and date is not False else _NEVER
    if shared.other_part:
        needed = 0.5 if shared.same_title else 0.8
    elif shared.same_title:
        needed = 0.4 if date is False else 0.2
    elif shared.same_name:
        needed = 0.5 if date is False else 0.15 if date or shared.title_alike else 0.25
    elif shared.title_alike:
        needed = 0.5 if date is False else 0.2 if date else 0.35
    else:
        needed = _NEVER if date is False else 0.3 if date else 0.35
    if shared.stub:
        if shared.same_title and date is not False and not shared.other_part and shared.extended:
            return 0.0
        needed = max(needed, _enough_for_stub(shared))
    return needed


def _enough_for_stub(shared: Evidence) -> float:
    """The least likeness of stubs: many are alike."""
    if shared.same_title and shared.same_date is not False:
        return 0.4
    if shared.title_alike or shared.same_name or shared.same_date:
        return 0.6 if shared.same_date is False else 0.5
    # Of the very same text `_enough_if_unique` decides.
    telling = shared.telling and not shared.same_text and not shared.other_part
    return 0.6 if telling and shared.same_date is None else _NEVER


def _enough_if_unique(post: Sighting, shared: Evidence, unique: Unique) -> float:
    """The likeness from which a post is a record's, renamed in this build, by what no other post has.

    That is a date with a time of day, or the whole of a short text.
    """
    if shared.same_text and shared.same_date is not False and is_telling(post.sketch) and unique.has("sketch", post.sketch):
        return 0.0
    date = post.published
    if date is not None and shared.same_date and unique.has_time(date) and unique.has("published", seconds(date)):
        return 0.0 if shared.title_alike else 0.15
    return _NEVER
