"""Which post is which after a rename: the cases of docs/identity.md, each a build before and a build after."""

from __future__ import annotations

import importlib.util
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from feeds.ledger.fingerprint import (
    SHORT_CHARACTERS,
    UNKNOWN_LIKENESS,
    Sighting,
    is_stub,
    likeness,
    numbered_apart,
    sketch,
    text_digest,
    titles_alike,
)
from feeds.ledger.ledger import Ledger

NOW = datetime(2026, 9, 20, 11, 23, 41, tzinfo=UTC)
DAY = datetime(2026, 9, 20, tzinfo=UTC)
LAKE = "昨天去了西湖，天气很好。桂花开了，满城都是香味。晚上骑车回家，路上没有什么人。"
LAKE_EDITED = LAKE.replace("很", "非常")
CLAUSES = "，".join(f"第{number}天我们走过{place}又看见{thing}" for number, (place, thing) in enumerate(
    itertools.product(("石桥", "渡口", "集市", "旧城", "山脚", "湖边"), ("白鹭", "渔船", "灯火", "雪", "孩子", "面馆", "戏台", "老树", "马", "雾"))
))  # fmt: skip
PARAGRAPH = " ".join(f"{word}{number}" for number in range(100) for word in ("river", "stone", "letter"))
WEEKLY = "## What I read\n\n{} and {}.\n\n## What I cooked\n\n{}, twice, with {}.\n"
FIRST_WEEK = WEEKLY.format(
    "A long report about tides", "the second volume of letters", "Bread with rye", "plum jam from the cellar"
)
SECOND_WEEK = WEEKLY.format(
    "Nothing but manuals of old looms", "one poem, often", "Lentils", "an onion that had to go, and lemons"
)
FIRST_NOTES = "Fixed the crash on start when no printer is there. The list of users sorts by name. Thanks to all who wrote."
SECOND_NOTES = "Maps load twice as fast. A trip may have more than ten stops. Sharing works without an account."


def post(path: str, title: str, body: str, date: datetime | None = None) -> Sighting:
    return Sighting(path, None, title, text_digest(title, body), sketch(body), date, None, out=True)


def is_same(folder: Path, before: Sighting, after: Sighting) -> bool:
    """Whether what lies there in the second build has the id that the first build gave."""
    found = []
    for number, sighting in enumerate((before, after)):
        ledger = Ledger.open(folder)
        found.append(
            ledger.resolve([sighting], NOW + timedelta(days=40 + number), "example.org,2026").identities[sighting.path].id
        )
        ledger.commit(str(number))
        ledger.confirm(str(number))
        ledger.close()
    return found[0] == found[1]


SAME = {
    "renamed, retitled, one word edited, same date": (
        post("西湖夜骑.md", "西湖夜骑", LAKE, NOW), post("西湖骑行记.md", "西湖骑行记", LAKE_EDITED, NOW)
    ),
    "renamed, retitled wholly, one word edited, same date": (
        post("a.md", "西湖夜骑", LAKE, NOW), post("b.md", "桂花", LAKE_EDITED, NOW)
    ),
    "renamed, retitled wholly, undated": (post("a.md", "西湖夜骑", LAKE), post("b.md", "桂花", LAKE)),
    "renamed, one word more in one paragraph, undated": (
        post("a.md", "River", PARAGRAPH), post("b.md", "River", PARAGRAPH.replace("stone50", "grey stone50"))
    ),
    "renamed, one word more among clauses, undated": (
        post("a.md", "River", CLAUSES), post("b.md", "River", CLAUSES.replace("第30天", "大概第30天"))
    ),
    "title corrected, renamed after it, re-dated": (
        post("helo-world.md", "Helo world", FIRST_NOTES, NOW),
        post("hello-world.md", "Hello world", FIRST_NOTES, NOW + timedelta(days=9)),
    ),
    "renamed, retitled and re-dated with the very same text": (
        post("a.md", "Trip", CLAUSES, NOW), post("b.md", "Sixty days", CLAUSES, NOW + timedelta(days=9))
    ),
    "one photograph, renamed and retitled, undated": (
        post("p1.md", "湖边", "![](/images/IMG_1234.jpg)"), post("lake.md", "西湖的早晨", "![](/images/IMG_1234.jpg)")
    ),
    "one line, renamed and retitled, undated": (
        post("a.md", "周末", "昨天去西湖边走了一圈。"), post("b.md", "西湖", "昨天去西湖边走了一圈。")
    ),
    "one sentence, renamed, retitled, one word more, undated": (
        post("a.md", "周末", "昨天去西湖边走了一圈，桂花都开了，满城都是香味。"),
        post("b.md", "西湖", "昨天去西湖边走了一大圈，桂花都开了，满城都是香味。"),
    ),
    "moved to another folder and rewritten, title and name the same": (
        post("a/tea.md", "Tea", FIRST_NOTES), post("b/tea.md", "Tea", SECOND_NOTES)
    ),
    "retitled where it lies": (post("a.md", "Tea", FIRST_NOTES, NOW), post("a.md", "On leaves", FIRST_NOTES, NOW)),
    "rewritten where it lies": (post("a.md", "Tea", FIRST_NOTES, NOW), post("a.md", "Tea", SECOND_NOTES, NOW)),
    "re-dated and edited where it lies": (
        post("now.md", "Now", FIRST_NOTES, NOW), post("now.md", "Now", FIRST_NOTES + " More soon.", NOW + timedelta(days=9))
    ),
    "the second half rewritten, renamed, same title and date": (
        post("a.md", "Tea", FIRST_NOTES, NOW), post("b.md", "Tea", FIRST_NOTES[:60] + SECOND_NOTES[:40], NOW)
    ),
    "rewritten, renamed, same title, date and time": (
        post("a.md", "Tea", FIRST_NOTES, NOW), post("b.md", "Tea", SECOND_NOTES, NOW)
    ),
    "rewritten, renamed, title corrected, same date and time": (
        post("a.md", "Helo world", FIRST_NOTES, NOW), post("b.md", "Hello world", SECOND_NOTES, NOW)
    ),
    "a picture gets a line below it, renamed, undated": (
        post("sunset.md", "Sunset", "![](IMG_1234.jpg)"), post("pier.md", "Sunset", "![](IMG_1234.jpg)\n\nSeen from the pier.")
    ),
    "one sentence that no other post has, renamed, retitled, undated": (
        post("a.md", "西湖", "昨天去了西湖，天气很好，桂花也开了。"), post("b.md", "桂花", "昨天去了西湖，天气很好，桂花也开了。")
    ),
    "a short text and its title get one word more, renamed, same date": (
        post("a.md", "Lake", "It rained. We stayed at the inn and played cards.", NOW),
        post("b.md", "The lake", "It rained. We stayed at the old inn and played cards.", NOW),
    ),
}  # fmt: skip

ANOTHER = {
    "next issue of weekly notes": (
        post("2026-09-13-weekly.md", "Weekly notes", FIRST_WEEK, NOW - timedelta(days=7)),
        post("2026-09-20-weekly.md", "Weekly notes", SECOND_WEEK, NOW),
    ),
    "next issue of weekly notes, dated by its name alone": (
        post("2026-09-13-weekly.md", "Weekly notes", FIRST_WEEK), post("2026-09-20-weekly.md", "Weekly notes", SECOND_WEEK)
    ),
    "next issue of weekly notes, numbered": (
        post("week-37.md", "Weekly notes", FIRST_WEEK), post("week-38.md", "Weekly notes", SECOND_WEEK)
    ),
    "the page of the month written anew under a new date": (
        post("now.md", "Now", FIRST_NOTES, NOW), post("now.md", "Now", SECOND_NOTES, NOW + timedelta(days=30))
    ),
    "two photographs of one day": (
        post("p1.md", "Photo", "![](IMG_1234.jpg)", DAY), post("p2.md", "Photo", "![](IMG_1301.jpg)", DAY)
    ),
    "two photographs of one host, undated": (
        post("p1.md", "湖边", "![照片](https://img.example.org/blog/uploads/2026/09/IMG_1234.jpg)"),
        post("p2.md", "山上", "![照片](https://img.example.org/blog/uploads/2026/09/IMG_1301.jpg)"),
    ),
    "two photographs of one host, title and day": (
        post("p1.md", "每日一图", "![照片](https://img.example.org/blog/uploads/2026/09/IMG_1234.jpg)", DAY),
        post("p2.md", "每日一图", "![照片](https://img.example.org/blog/uploads/2026/09/IMG_1301.jpg)", DAY),
    ),
    "two files of one name in two folders": (
        post("p1.md", "湖边", "![](https://img.example.org/a/2026/lake/1.jpg)"),
        post("p2.md", "山上", "![](https://img.example.org/a/2026/hill/1.jpg)"),
    ),
    "another sentence after the same pattern": (
        post("b1.md", "读书", "今天读了《红楼》，很好看。", DAY), post("b2.md", "读书", "今天读了《水浒》，真好看。", DAY + timedelta(days=1)),
    ),
    "two release notes of one day": (
        post("reader-2.md", "Release notes", FIRST_NOTES, DAY), post("maps-7.md", "Release notes", SECOND_NOTES, DAY)
    ),
    "two release notes of one day, at another time": (
        post("reader-2.md", "Release notes", FIRST_NOTES, NOW),
        post("maps-7.md", "Release notes", SECOND_NOTES, NOW + timedelta(hours=2)),
    ),
    "another stub, undated": (post("a.md", "Tea", "To be written."), post("b.md", "Maps", "To be written.")),
    "next part of a series, undated, after a pattern": (
        post("part-1.md", "House, part 1", FIRST_NOTES + " Plans are on the forge."),
        post("part-2.md", "House, part 2", SECOND_NOTES + " Plans are on the forge."),
    ),
    "another post": (post("a.md", "Tea", FIRST_NOTES), post("b.md", "Maps", SECOND_NOTES)),
    "another stub": (post("a.md", "Tea", "To be written.", NOW), post("b.md", "Maps", "To be written.", NOW + timedelta(days=1))),
    "another text and title where one lay": (post("a.md", "Tea", FIRST_NOTES, NOW), post("a.md", "Maps", SECOND_NOTES, NOW)),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME)
def test_a_post_that_a_person_would_call_the_same_keeps_its_id(case: str, tmp_path: Path) -> None:
    """Renamed and changed in one build: the old file is gone, another one is there."""
    assert is_same(tmp_path, *SAME[case])


@pytest.mark.parametrize("case", ANOTHER)
def test_a_post_that_a_person_would_call_another_gets_its_own_id(case: str, tmp_path: Path) -> None:
    """One is deleted and another added in one build: with the old id no reader would show it."""
    assert not is_same(tmp_path, *ANOTHER[case])


@pytest.mark.parametrize("case", SAME)
def test_an_undone_change_is_found_again(case: str, tmp_path: Path) -> None:
    """What is the same one way is the same the other way."""
    before, after = SAME[case]
    assert is_same(tmp_path, after, before)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Helo world", "Hello world", True),
        ("西湖夜骑", "西湖骑行记", True),
        ("How to brew tea", "How to Brew Tea!", True),
        ("Week 1", "Week 2", False),
        ("游记（上）", "游记（下）", False),
        ("Part II", "Part III", False),
        ("Tea", "Maps", False),
        ("", "", False),
        ("Tea", "", False),
    ],
)
def test_titles_that_are_spellings_of_one(one: str, other: str, alike: bool) -> None:
    """Most letters in one order, and the same numbers."""
    assert titles_alike(one, other) is titles_alike(other, one) is alike


def test_parts_of_a_series_are_told_by_their_numbers() -> None:
    """A number more or another one, all else the same."""
    assert (
        numbered_apart("Notes 3", "Notes 4") and numbered_apart("游记（上）", "游记（下）") and numbered_apart("Notes", "Notes 2")
    )
    assert not numbered_apart("Notes 3", "Maps 4") and not numbered_apart("Notes 3", "Note 3")


def _sentences(random_numbers: random.Random) -> str:
    letters = [chr(0x4E00 + random_numbers.randrange(3000)) for _ in range(random_numbers.randint(12, 900))]
    return "".join(letter + ("，" if random_numbers.random() < 0.1 else "") for letter in letters)


@pytest.mark.parametrize("seed", range(30))
def test_one_letter_more_leaves_most_of_any_text(seed: int) -> None:
    """Also where the text grows beyond what counts as short."""
    numbers = random.Random(seed)
    body = _sentences(numbers)
    at = numbers.randrange(len(body))
    assert likeness(sketch(body), sketch(body[:at] + "好" + body[at:])) > 0.6
    assert likeness(sketch(body), sketch(_sentences(numbers))) < 0.15
    border = (body * 90)[:SHORT_CHARACTERS]
    assert likeness(sketch(border), sketch(border + "好")) > 0.6


def test_a_stub_is_told_from_a_text() -> None:
    """Few letters may be anybody's."""
    assert is_stub(sketch("To be written.")) and is_stub(sketch("停电了。"))
    assert not is_stub(sketch(LAKE)) and not is_stub(sketch(PARAGRAPH)) and not is_stub(b"")


def test_a_sketch_of_an_earlier_version_says_little(tmp_path: Path) -> None:
    """Where a post lies says who it is then; and the first build takes a new sketch of every post it sees."""
    earlier = bytes([2]) + bytes(range(8))
    assert likeness(earlier, sketch(LAKE)) == UNKNOWN_LIKENESS
    old = post("a.md", "西湖夜骑", LAKE, NOW)._replace(sketch=earlier)
    ledger = Ledger.open(tmp_path)
    first = ledger.resolve([old], NOW, "example.org,2026").identities["a.md"].id
    ledger.set_meta("sketches", "1")
    ledger.commit("1")
    ledger.confirm("1")
    ledger._base.execute("UPDATE meta SET value='1' WHERE name='sketches'")  # type: ignore[union-attr]
    ledger.close()
    ledger = Ledger.open(tmp_path)
    ledger.resolve([post("a.md", "西湖夜骑", LAKE, NOW)], NOW, "example.org,2026")
    assert ledger.commit("2")
    ledger.confirm("2")
    ledger.close()
    ledger = Ledger.open(tmp_path)
    found = ledger.resolve([post("b.md", "桂花", LAKE_EDITED, NOW)], NOW, "example.org,2026").identities["b.md"]
    ledger.close()
    assert (found.id, found.origin) == (first, "likeness")


@pytest.fixture(scope="module")
def corpus() -> Iterator[ModuleType]:
    """The script that measures misses and false matches."""
    path = Path(__file__).parent.parent / "benchmarks" / "identity.py"
    spec = importlib.util.spec_from_file_location("identity_corpus", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["identity_corpus"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["identity_corpus"]


def test_few_posts_of_the_made_corpus_are_missed_or_mistaken(corpus: ModuleType) -> None:
    """The figures of docs/identity.md, on a part of the corpus."""
    totals = {"miss": [0, 0], "false match": [0, 0]}
    for _, error, wrong, count in corpus.made(100, seed=2):
        totals[error][0] += wrong
        totals[error][1] += count
    assert totals["miss"][0] <= 0.005 * totals["miss"][1]
    assert totals["false match"][0] <= 0.01 * totals["false match"][1]
