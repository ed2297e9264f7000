"""How much of a text must be the same for two posts to be one: the table of docs/identity.md, cell by cell."""

from __future__ import annotations

import re
import sys
from array import array
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.ledger.evidence import Unique, certainty, is_sure
from feeds.ledger.fingerprint import Sighting
from feeds.ledger.record import Record

DOCS = (Path(__file__).parent.parent / "docs" / "identity.md").read_text()
DAY = datetime(2026, 9, 20, tzinfo=UTC)
TIME = datetime(2026, 9, 20, 11, 23, 41, tzinfo=UTC)
FIRST_SEEN = datetime(2026, 10, 1, tzinfo=UTC)
#: The likeness of made sketches goes in steps of one in so many.
STEPS = 20

TITLES = {
    "same": ("Tea in winter", "Tea in winter"),
    "similar": ("Helo world", "Hello world"),
    "another": ("Tea in winter", "Maps of the coast"),
    "part": ("House, part 1", "House, part 2"),
    "none": ("", ""),
}
NAMES = {
    "same": ("old/tea.md", "new/tea.md"),
    "another": ("tea.md", "coast.md"),
    "part": ("week-37.md", "week-38.md"),
    "path": ("tea.md", "tea.md"),
}
DATES: dict[str, tuple[datetime | None, datetime | None]] = {
    "same": (DAY, DAY),
    "none": (None, None),
    "another": (DAY, DAY + timedelta(days=7)),
    "same time": (TIME, TIME),
}


def packed(coarse: Collection[int], fine: Collection[int]) -> bytes:
    """A sketch as `feeds.ledger.fingerprint.sketch` writes it, of these hashes."""
    numbers = array("I", [sum(coarse) + sum(fine), *sorted(coarse), *sorted(fine)])
    if sys.byteorder == "little":
        numbers.byteswap()
    return bytes([64 + len(coarse)]) + numbers.tobytes()


def texts(percent: int, *, stub: bool = False) -> tuple[bytes, bytes]:
    """Two sketches of which so many percent are alike, 5 by 5; 100 is the same text."""
    shared = percent * STEPS // 100
    only = (STEPS - shared) // 2
    first, second = set(range(1, STEPS - only + 1)), set(range(1, shared + 1)) | set(range(STEPS - only + 1, STEPS + 1))
    if stub:
        return packed((), first), packed((), second)
    return packed(first, ()), packed(second, ())


@dataclass(frozen=True)
class Case:
    """What a record of an earlier build and a post of this build share."""

    title: str = "another"
    name: str = "another"
    date: str = "none"
    stub: bool = False
    date_is_unique: bool = True
    text_is_unique: bool = True
    seen: bool = True
    published: bool = True
    post_out: bool = True

    def values(self, percent: int, sketches: tuple[bytes, bytes] | None = None) -> tuple[Sighting, Record, str, bytes]:
        old, new = sketches or texts(percent, stub=self.stub)
        old_title, new_title = TITLES[self.title]
        old_path, new_path = NAMES[self.name]
        old_date, new_date = DATES[self.date]
        post = Sighting(new_path, None, new_title, "2" * 32, new, new_date, None, self.post_out)
        first_seen = int(FIRST_SEEN.timestamp())
        record = Record(
            key=1, id="tag:example.org,2026:tea.md", slug="tea", claim=None, path=old_path, text="1" * 32, seen=int(self.seen),
            out=int(self.published), first_seen=first_seen if self.published else None,
            published=int(old_date.timestamp()) if old_date else first_seen if self.published else None,
            updated=None, out_text="" if self.published else None, page=0,
        )  # fmt: skip
        return post, record, old_title, old

    def sure(self, percent: int, sketches: tuple[bytes, bytes] | None = None, zone: str = "UTC") -> float | None:
        post, record, title, old = self.values(percent, sketches)
        records = {"published": 1 if self.date_is_unique else 2, "sketch": 1 if self.text_is_unique else 2}

        def count(column: str, values: Collection[object]) -> Counter[object]:
            return Counter(dict.fromkeys(values, records[column]))

        return certainty(post, record, title, old, Unique([post], count, zone))

    def least(self) -> int | None:
        """The least likeness, in percent, from which the two are one post; None if only the very same text is."""
        same = [percent for percent in range(0, 100, 5) if self.sure(percent) is not None]
        assert same == list(range(same[0], 100, 5)) if same else True, "more in common never tells two posts apart"
        return same[0] if same else None


#: Row of the table -> what two posts of that row share, besides the date.
ROWS = {
    "the same title and name": (Case(title="same", name="same"),),
    "the same title": (Case(title="same"), Case(title="same", name="part")),
    "the same name": (Case(name="same"), Case(name="same", title="similar")),
    "a similar title": (Case(title="similar"),),
    "a title that differs by its number": (Case(title="part"),),
    "nothing of these": (Case(),),
}
COLUMNS = ("same", "none", "another")


def row(start: str) -> list[str]:
    """The cells of the table's row that begins so."""
    line = next(
        line for line in DOCS.splitlines() if line.startswith("| ") and re.fullmatch(r" \(.*\)", line[2:].split(" |")[0].removeprefix(start) or " ()")
    )  # fmt: skip
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def allowed(cell: str) -> list[int | None]:
    """The likenesses that a cell names, in percent: 0 for "any text", None for "the very same text"."""
    if "any text" in cell:
        return [0]
    return [int(number) for number in re.findall(r"(\d+) %", cell)] or [None]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("start", ROWS)
def test_the_table_of_the_docs_is_what_is_done(start: str, column: str) -> None:
    """Each cell: so much in common is enough, and a twentieth less is not."""
    percents = allowed(row(start)[COLUMNS.index(column)])
    for case, percent in zip(ROWS[start], percents, strict=False):
        dated = Case(**{**case.__dict__, "date": column})
        assert dated.least() == percent, (dated, percent)
        assert dated.sure(100) is not None, "the very same text of some length tells that it is the post, whatever else changed"


@pytest.mark.parametrize(
    ("title", "start"), [("same", "the same or a similar"), ("similar", "the same or a similar"), ("another", "another")]
)
def test_a_date_with_a_time_that_no_other_post_has(title: str, start: str) -> None:
    """It tells the post almost alone; a day without a time, or a time that another post has, does not."""
    line = next(line for line in DOCS.splitlines() if line.startswith(f"| {start} title, and a date with a time"))
    assert Case(title=title, date="same time").least() == allowed(line.split("|")[2])[0]
    shared = Case(title=title, date="same time", date_is_unique=False).least()
    assert shared == Case(title=title, date="same").least() and shared is not None and shared > 15


@pytest.mark.parametrize(("zone", "percent"), [("UTC", 0), ("Etc/GMT-5", 20), ("Asia/Shanghai", 0)])
def test_midnight_in_the_site_s_zone_is_a_day_without_a_time(zone: str, percent: int) -> None:
    """19:00 in UTC is midnight five hours east of it."""
    evening = datetime(2026, 9, 20, 19, tzinfo=UTC)
    case = Case(title="same")
    results = []
    for part in range(0, 100, 5):
        post, record, title, old = case.values(part)
        post, record = post._replace(published=evening), record._replace(published=int(evening.timestamp()))
        unique = Unique([post], lambda _, values: Counter(dict.fromkeys(values, 1)), zone)
        results.append(certainty(post, record, title, old, unique) is not None)
    assert results.index(True) * 5 == percent


def test_a_time_that_two_new_posts_have_tells_neither() -> None:
    """A date counts as one post's own if it is so among the posts and among the records."""
    post, record, title, old = Case(title="another", date="same time").values(15)
    other = post._replace(path="other.md")
    undated = post._replace(path="undated.md", published=None)
    for posts, records, same in (
        ((post,), 1, True),
        ((post, undated), 1, True),
        ((post, other), 1, False),
        ((post,), 2, False),
        ((post,), 0, False),
    ):
        unique = Unique(posts, lambda _, values, records=records: Counter(dict.fromkeys(values, records)), "UTC")  # type: ignore[misc]
        assert (certainty(post, record, title, old, unique) is not None) is same, (len(posts), records)


@pytest.mark.parametrize(
    ("case", "percent"),
    [
        (Case(title="same", stub=True), 40),
        (Case(title="same", date="same", stub=True), 40),
        (Case(title="same", date="another", stub=True), 60),
        (Case(title="similar", stub=True), 50),
        (Case(title="similar", date="another", stub=True), 60),
        (Case(name="same", stub=True), 50),
        (Case(date="same", stub=True), 50),
        (Case(stub=True), 60),
        (Case(title="part", stub=True), None),
        (Case(date="another", stub=True), None),
    ],
)
def test_stubs_need_more(case: Case, percent: int | None) -> None:
    """Many of them are alike."""
    assert case.least() == percent


@pytest.mark.parametrize("grown", [False, True])
def test_a_stub_beside_a_text_needs_as_much(grown: bool) -> None:
    """Which of the two is the stub does not matter."""
    for percent, same in ((45, False), (50, True)):
        stub, short = texts(percent, stub=True)
        text = packed(range(100, 120), [int.from_bytes(short[place : place + 4], "big") for place in range(5, len(short), 4)])
        sketches = (stub, text) if grown else (text, stub)
        assert (Case(title="similar").sure(0, sketches) is not None) is same


def test_a_stub_within_the_longer_text_under_the_same_title() -> None:
    """A picture with a line below it is the picture's post; under another title or date it is not."""
    grown = packed((), range(1, 6)), packed((), range(1, 21))
    assert Case(title="same", stub=True).sure(0, grown) is not None
    assert Case(title="same", stub=True).sure(0, grown[::-1]) is not None, "undone"
    assert Case(title="same", date="another", stub=True).sure(0, grown) is None
    assert Case(title="similar", stub=True).sure(0, grown) is None
    assert Case(title="same", name="part", stub=True).sure(0, grown) is None


@pytest.mark.parametrize(
    ("case", "letters", "same"),
    [
        (Case(stub=True), 12, True),
        (Case(stub=True), 11, False),
        (Case(stub=True, text_is_unique=False), 12, False),
        (Case(stub=True, date="same"), 3, True),
        (Case(stub=True, date="another"), 12, False),
        (Case(stub=True, date="another", title="similar", name="same"), 3, True),
        (Case(stub=True, title="similar"), 3, True),
    ],
)
def test_the_very_same_short_text(case: Case, letters: int, same: bool) -> None:
    """A sentence of some length that no other post has is the post; "To be written." is anybody's."""
    sketch = packed((), range(1, letters + 1))
    assert (case.sure(100, (sketch, sketch)) is not None) is same


def test_a_stub_without_anything_in_common_is_another_post() -> None:
    """A short sentence of which most stays may be the same; of two words nobody can tell."""
    assert Case(stub=True).sure(0, (packed((), range(1, 19)), packed((), range(4, 19)))) is not None
    assert Case(stub=True).sure(0, (packed((), range(1, 12)), packed((), range(2, 12)))) is None


@pytest.mark.parametrize("sketches", [(b"", b""), (b"", texts(0)[1]), (texts(0)[0], b"")])
def test_a_post_without_a_text_is_known_by_its_title(sketches: tuple[bytes, bytes]) -> None:
    """And by nothing else, unless it lies where it lay."""
    assert Case(title="same").sure(0, sketches) is not None
    assert Case(title="same", date="same").sure(0, sketches) is not None
    assert Case(title="same", date="another").sure(0, sketches) is None
    assert Case(title="similar", date="same").sure(0, sketches) is None
    assert Case(title="none").sure(0, sketches) is None
    assert Case(name="same", date="same").sure(0, sketches) is None


@pytest.mark.parametrize(
    ("case", "percent"),
    [
        (Case(name="path", title="same"), 0),
        (Case(name="path", title="similar"), 0),
        (Case(name="path", title="same", date="another"), 20),
        (Case(name="path", title="similar", date="another"), 20),
        (Case(name="path"), 15),
        (Case(name="path", date="same"), 15),
        (Case(name="path", date="another"), 40),
        # It had been away for a build at least: something else may have been put there.
        (Case(name="path", title="same", seen=False), 0),
        (Case(name="path", title="similar", seen=False), 40),
        (Case(name="path", seen=False), 40),
        # A draft that nobody saw may be rewritten from the ground up.
        (Case(name="path", published=False), 0),
        (Case(name="path", published=False, date="another"), 0),
        (Case(name="path", published=False, seen=False), 40),
    ],
)
def test_a_post_at_its_old_path(case: Case, percent: int) -> None:
    """Its title is enough, or a part of its text."""
    assert case.least() == percent


def test_what_is_written_into_an_empty_file_is_its_post() -> None:
    """Unless its date moved and its title is another."""
    written = b"", texts(0)[1]
    assert Case(name="path").sure(0, written) is not None
    assert Case(name="path", date="another", title="similar").sure(0, written) is not None
    assert Case(name="path", date="another").sure(0, written) is None
    assert Case(name="path", seen=False).sure(0, written) is None
    claimed = Case(name="path", published=False, date="another").values(0)
    post, record, title, old = claimed
    never = Unique([post], lambda *_: Counter(), "UTC")
    assert certainty(post, record._replace(claim="x"), title, old, never) is None, (
        "a draft with an id of its own is not rewritten"
    )


@pytest.mark.parametrize(
    ("case", "percent"),
    [
        (Case(title="same", name="path"), 60),
        (Case(title="same", name="path", date="same"), 20),
        (Case(title="same", name="path", date="another"), None),
        (Case(name="path"), 90),
        (Case(name="path", date="same"), 90),
        (Case(name="path", stub=True), None),
    ],
)
def test_an_edit_is_plain_where_title_and_text_stay(case: Case, percent: int | None) -> None:
    """Then no other post is compared."""
    sure = [part for part in range(0, 100, 5) if is_sure(*case.values(part))]
    assert (sure[0] if sure else None) == percent


def test_of_several_the_one_that_shares_more_is_surer() -> None:
    """By text, title, name and date, whether it was published, and where it lay."""
    base = Case(date="none", name="another", title="another")
    ranks = [
        (Case(title="same"), Case(title="similar")),
        (Case(title="similar"), base),
        (Case(name="same"), base),
        (Case(date="same"), base),
        (base, Case(stub=True, title="another", date="none", name="same")),
        (Case(post_out=True), Case(post_out=False)),
        (Case(published=False, post_out=False), Case(published=False, post_out=True)),
        (Case(name="path"), Case(name="same")),
        (Case(name="path"), Case(name="path", seen=False)),
        # A name and a date weigh as much as the title; the title more than either.
        (Case(title="same"), Case(name="same")),
        (Case(title="same"), Case(date="same")),
    ]
    for more, less in ranks:
        first, second = more.sure(95), less.sure(95)
        assert first is not None and second is not None and first > second, (more, less)
    assert (base.sure(95) or 0) > (base.sure(60) or 0)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("2026-09-13-weekly.md", "2026-09-20-weekly.md", False),
        ("2026-09-13-weekly.md", "drafts/2026-09-13-weekly.md", True),
        ("2026-09-13-weekly.md", "weekly.md", True),
    ],
)
def test_dates_of_names_count_where_front_matter_has_none(old: str, new: str, same: bool) -> None:
    """An issue under another date, with hardly a word in common, is another issue."""
    post, record, title, sketch = Case(title="same").values(20)
    unique = Unique([post], lambda *_: Counter(), "UTC")
    assert (certainty(post._replace(path=new), record._replace(path=old), title, sketch, unique) is not None) is same


def test_a_date_taken_from_the_first_build_may_be_written_into_the_post() -> None:
    """An undated post that gets the date under which it was published is dated the same; another date tells nothing."""
    post, record, title, old = Case(title="same", name="path").values(0)
    unique = Unique([post], lambda *_: Counter(), "UTC")
    for written in (FIRST_SEEN, FIRST_SEEN - timedelta(days=9)):
        assert certainty(post._replace(published=written), record, title, old, unique) is not None
    same = is_sure(post._replace(published=FIRST_SEEN, sketch=texts(20)[1]), record, title, texts(20)[0])
    other = is_sure(post._replace(published=DAY, sketch=texts(20)[1]), record, title, texts(20)[0])
    assert same and not other
