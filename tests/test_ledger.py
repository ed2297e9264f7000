"""Permanent identity: posts are edited, moved, swapped, deleted and restored, and every id stays with its post."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds import slugs
from feeds.cli.main import main
from feeds.errors import LedgerError
from feeds.ledger import database, fingerprint
from feeds.ledger.fingerprint import Sighting, sketch, text_digest
from feeds.ledger.ledger import Ledger
from feeds.ledger.resolve import BuildFacts, Resolution
from feeds.model import seconds

AUTHORITY = "example.org,2026"
START = datetime(2026, 1, 1, tzinfo=UTC)
RIVER = """We left before the sun was up. The boat was cold and the oars were wet.
Nobody spoke until the second bridge. Then my sister laughed at a heron.
The water was brown from the rain. At the mill we ate bread and hard eggs.
I have a picture of that morning. It shows nothing but fog and one hat."""
NIGHT = """停电是晚上九点开始的。楼下有人喊了一声，然后整条街都安静了。
我们点了两支蜡烛，把冰淇淋全部吃掉。邻居送来一副扑克牌。
打到十一点，谁也不记得输赢。窗外的星星比平时多得多。
电来的时候，大家都有一点失望。"""
BREAD = """Flour, water, salt and a night of patience. The dough looks hopeless at first.
Fold it four times, half an hour apart. It will tighten like a drum.
Bake it dark. A pale loaf is a promise that nobody kept."""


def day(count: int) -> datetime:
    return START + timedelta(days=count)


def post(
    path: str,
    title: str = "",
    body: str = "",
    *,
    id: str | None = None,
    out: bool = True,
    published: datetime | None = None,
    updated: datetime | None = None,
) -> Sighting:
    title = title or fingerprint.stem(path)
    body = body or f"What {title} is about. Nothing else is like it: {' '.join(digest8(title + n) for n in 'abcdefgh')}."
    return Sighting(path, id, title, text_digest(title, body), sketch(body), published, updated, out)


def digest8(text: str) -> str:
    return text_digest(text, "")[:8]


class Site:
    """A state folder and the builds that run on it, each in a ledger of its own as each run has one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def look(self, *posts: Sighting, at: datetime = START, present: tuple[str, ...] = ()) -> Resolution:
        """A dry run."""
        ledger = Ledger.open(self.folder)
        try:
            return ledger.resolve(posts, at, AUTHORITY, BuildFacts(present=present))
        finally:
            ledger.close()

    def build(self, *posts: Sighting, at: datetime = START, present: tuple[str, ...] = (), killed: bool = False) -> Resolution:
        """A build; `killed` after the commit and before the switch."""
        self.count += 1
        ledger = Ledger.open(self.folder)
        try:
            found = ledger.resolve(posts, at, AUTHORITY, BuildFacts(present=present))
            ledger.commit(f"generation {self.count}")
            if not killed:
                ledger.confirm(f"generation {self.count}")
        finally:
            ledger.close()
        return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path / "state")


def ids(found: Resolution) -> dict[str, str]:
    return {path: one.id for path, one in found.identities.items()}


def only(found: Resolution) -> fingerprint.Identity:
    (one,) = found.identities.values()
    return one


# ids stay with their posts


def test_a_minted_id_comes_from_the_path_alone(tmp_path: Path) -> None:
    """X-4: a fresh ledger gives the same ids and slugs, whatever the instant and the order of the posts."""
    posts = [post("tech/雨 声.md"), post("a.md"), post("b/a.md"), post("c/2020-01-01-a.html"), post("x.md", id="42")]
    one = Site(tmp_path / "one").build(*posts, at=day(0)).identities
    other = Site(tmp_path / "other").build(*reversed(posts), at=day(99)).identities
    assert {path: found[:2] for path, found in one.items()} == {path: found[:2] for path, found in other.items()}
    assert one["tech/雨 声.md"].id == "tag:example.org,2026:tech/%E9%9B%A8%20%E5%A3%B0.md"
    assert one["x.md"].id == "tag:example.org,2026:42"
    assert len({found.slug for found in one.values()}) == len(posts)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(post("b.md", "River", RIVER), id="renamed"),
        pytest.param(post("deep/down/a.md", "River", RIVER), id="moved"),
        pytest.param(post("a.md", "On the water", RIVER), id="retitled"),
        pytest.param(post("a.md", "River", RIVER + "\nP.S. The hat was mine."), id="edited"),
        pytest.param(post("a.md", "River", NIGHT), id="rewritten under its title"),
        pytest.param(post("a.md", "Water", RIVER.replace("heron", "swan")), id="retitled and edited"),
        pytest.param(post("b.md", "River", RIVER.replace("heron", "swan")), id="renamed and edited"),
        pytest.param(post("b.md", "Water", RIVER.replace("heron", "swan")), id="renamed, retitled and edited"),
        pytest.param(post("old/a.md", "Water", RIVER.replace("heron", "swan")), id="moved, retitled and edited"),
        pytest.param(post("b.md", "River", RIVER, published=day(-9)), id="renamed and dated"),
        pytest.param(post("a.md", "River", RIVER, out=False), id="made a draft"),
    ],
)
def test_a_change_leaves_the_id(site: Site, after: Sighting) -> None:
    """X-2: title, body, name, folder, date: the post is what it was, and so is its slug."""
    before = only(site.build(post("a.md", "River", RIVER)))
    found = site.build(after, at=day(1))
    assert only(found)[:2] == before[:2]
    assert found.vanished == ()


def test_two_files_that_swap_their_names_keep_their_ids(site: Site) -> None:
    """An id goes with the text, not with the path; edited on the way too."""
    before = ids(site.build(post("a.md", "River", RIVER), post("b.md", "Night", NIGHT)))
    swapped = ids(site.build(post("b.md", "River", RIVER), post("a.md", "Night", NIGHT)))
    assert (swapped["b.md"], swapped["a.md"]) == (before["a.md"], before["b.md"])
    again = ids(site.build(post("a.md", "River", RIVER + "\nMore."), post("b.md", "Night", NIGHT + "\n完。")))
    assert again == before


def test_a_whole_folder_moves_with_twins_in_it(site: Site) -> None:
    """Posts with equal texts are told apart by their names when the folder moves."""
    posts = {name: post(f"2021/{name}", "Untitled", "Soon.") for name in ("a.md", "b.md", "c.md")}
    before = ids(site.build(*posts.values()))
    after = ids(site.build(*(one._replace(path=f"archive/{name}") for name, one in posts.items())))
    assert {f"2021/{path[8:]}": id for path, id in after.items()} == before


def test_an_unrelated_replacement_is_a_new_post(site: Site) -> None:
    """Another title and another text at an old path; when the first comes back, so does its id."""
    before = only(site.build(post("a.md", "River", RIVER)))
    found = site.build(post("a.md", "Night", NIGHT))
    assert only(found).id == before.id + "~2"
    assert only(found).slug != before.slug
    assert found.vanished == ("a.md",)
    assert only(site.build(post("a.md", "River", RIVER))).id == before.id
    assert only(site.build(post("a.md", "Night", NIGHT))).id == before.id + "~2"


def test_a_deleted_post_that_comes_back_elsewhere_is_itself(site: Site) -> None:
    """Many builds later, at another path, with its text: no subscriber sees it as new."""
    before = ids(site.build(post("a.md", "River", RIVER), post("b.md", "Night", NIGHT)))
    for count in range(3):
        site.build(post("b.md", "Night", NIGHT + "\n" * count), at=day(count))
    assert ids(site.build(post("b.md", "Night", NIGHT), post("z/q.md", "River", RIVER)))["z/q.md"] == before["a.md"]


def test_a_copy_gets_its_own_id(site: Site) -> None:
    """Two files never share an id, and the one that was there first keeps it, wherever the other sorts."""
    before = only(site.build(post("m.md", "River", RIVER)))
    after = ids(site.build(post("a.md", "River", RIVER), post("m.md", "River", RIVER), post("z.md", "River", RIVER)))
    assert after["m.md"] == before.id
    assert len(set(after.values())) == 3


def test_a_renamed_post_with_a_copy_keeps_one_id(site: Site) -> None:
    """Renamed and copied in one build: one of the two has the id, the other its own, whatever the order."""
    before = only(site.build(post("m.md", "River", RIVER)))
    posts = [post("x/m.md", "River", RIVER), post("a.md", "River", RIVER)]
    found = [ids(site.look(*order)) for order in (posts, posts[::-1])]
    assert found[0] == found[1]
    assert found[0]["x/m.md"] == before.id != found[0]["a.md"]


def test_a_draft_may_change_beyond_recognition(site: Site) -> None:
    """Renamed while a draft, rewritten while a draft: what nobody saw stays one post."""
    before = only(site.build(post("_drafts/idea.md", "Idea", "", out=False)))
    site.build(post("_drafts/idea.md", "River", RIVER, out=False))
    known = only(site.build(post("2026-01-01-river.md", "River", RIVER)))
    assert known.origin != "new" and known.first_seen == before.first_seen
    assert known.id == "tag:example.org,2026:2026-01-01-river.md", "the draft's name is nobody's business"
    assert known.slug == "river"


def test_form_letters_are_not_taken_for_one_another(site: Site) -> None:
    """A short text after a pattern, another title, name and date: another post, much as their letters agree."""
    site.build(post("week-1.md", "Week 1", "Links of week 1.", published=day(-7)))
    found = site.build(post("week-2.md", "Week 2", "Links of week 2.", published=day(0)))
    assert only(found).origin == "new"
    assert found.vanished == ("week-1.md",)


def test_blank_stubs_are_not_taken_for_one_another(site: Site) -> None:
    """A file with neither title nor text says nothing: one of them, long gone, is not every later one."""
    blank = Sighting("a.md", None, "", fingerprint.EMPTY, b"", None, None, True)
    before = only(site.build(blank))
    assert only(site.build(blank._replace(path="b.md"))).id == before.id
    site.build()
    assert only(site.build(blank._replace(path="c.md"))).id != before.id


def part(number: int, *own: str) -> str:
    """A body after a pattern: most of it stands in every part of the series."""
    return "\n".join((
        "This is one of a series about how we built the house.", "If you have not read the first part, begin there.",
        *(own or (f"Of part {number} I will say {digest8(str(number))}.", f"And {digest8(f'{number} too')} besides.")),
        "As always, comments are welcome by mail.", "The plans are on the forge.", "Thanks to all who wrote last time.",
    ))  # fmt: skip


@pytest.mark.parametrize("dated", [True, False])
def test_parts_of_a_series_swap_their_names_and_are_edited_at_once(site: Site, dated: bool) -> None:
    """What lies at a path may be like what lay there and yet be another: whom it is more like, that one it is."""

    def parts(one: str, other: str, more: str = "") -> tuple[Sighting, Sighting]:
        dates = (day(-9), day(-2)) if dated else (None, None)
        return (
            post(one, "Part 1", part(1) + more, published=dates[0]),
            post(other, "Part 2", part(2) + more, published=dates[1]),
        )

    before = ids(site.build(*parts("a.md", "b.md")))
    after = ids(site.build(*parts("b.md", "a.md", "\nP.S. A word was missing.")))
    assert after == {"a.md": before["b.md"], "b.md": before["a.md"]}


def test_a_copy_is_not_the_original_that_was_edited_meanwhile(site: Site) -> None:
    """Who lies where it lay goes first, even where the copy is more like what it was."""
    before = ids(site.build(post("a.md", "Part 1", part(1))))
    edited = post("a.md", "Part 1, anew", part(1, "Something quite different."))
    found = ids(site.build(edited, post("b.md", "Part 1, again", part(1) + "\nP.S.")))
    assert found["a.md"] == before["a.md"] != found["b.md"]


def test_a_copy_of_the_earlier_text_is_not_the_original(site: Site) -> None:
    """The original stays where it is and is edited; the copy has to the letter what it was."""
    body = part(1)
    before = ids(site.build(post("a.md", "Part 1", body, published=day(-3))))
    edited = post("a.md", "Part 1", body + "\nP.S. A word was missing.", published=day(-3))
    found = ids(site.build(edited, post("b.md", "Part 1", body, published=day(-3))))
    assert found["a.md"] == before["a.md"] != found["b.md"]


def test_a_page_that_is_moved_and_begun_anew(site: Site) -> None:
    """The old text keeps its id at its new path; under the old path and title a new issue begins."""
    before = ids(site.build(post("now.md", "Now", part(1), published=day(-9))))
    found = ids(
        site.build(post("2026-01.md", "Now", part(1), published=day(-9)), post("now.md", "Now", part(2), published=day(-1)))
    )
    assert found["2026-01.md"] == before["now.md"] != found["now.md"]


@pytest.mark.parametrize("body", ["A heron, at last.", "停电了。", "<https://example.net/4711>"])
def test_a_short_post_is_renamed_and_retitled_at_once(site: Site, body: str) -> None:
    """A new title, and the file named after it: date and body are what they were."""
    before = only(site.build(post("a.md", "Heron", body, published=day(-3))))
    assert only(site.build(post("heron-at-last.md", "Heron at last", body, published=day(-3)))).id == before.id
    assert only(site.build(post("other.md", "Another day", body, published=day(-2)))).id != before.id


def test_a_post_without_a_body_is_retitled(site: Site) -> None:
    """A link's or a picture's post may be all title and front matter."""

    def blank(title: str, path: str = "a.md") -> Sighting:
        return Sighting(path, None, title, text_digest(title, ""), b"", None, None, True)

    before = only(site.build(blank("One link")))
    assert only(site.build(blank("One good link"))).id == before.id
    site.build()
    assert only(site.build(blank("Something else"))).id != before.id


def test_posts_of_one_text_are_told_apart_by_their_dates(site: Site) -> None:
    """Weekly notes nobody has filled in: one is deleted while the other moves."""

    def week(path: str, number: int) -> Sighting:
        return post(path, "Weekly notes", "To be written.", published=day(7 * number))

    before = ids(site.build(week("1/notes.md", 1), week("2/notes.md", 2), at=day(99)))
    found = site.build(week("old/notes.md", 2), at=day(99))
    assert only(found).id == before["2/notes.md"]
    assert found.vanished == ("1/notes.md",)
    found = site.build(week("old/notes.md", 2), week("new/notes.md", 1), at=day(99))
    assert ids(found)["new/notes.md"] == before["1/notes.md"]


def test_a_new_version_is_written_as_a_draft_and_moved_over_the_post(site: Site) -> None:
    """What readers have goes before what nobody saw: the post is the one that it was."""
    before = ids(site.build(post("a.md", "River", RIVER)))
    draft = post("a-new.md", "River", RIVER + "\nThe hat was mine.", out=False)
    site.build(post("a.md", "River", RIVER), draft)
    assert ids(site.build(draft._replace(path="a.md", out=True))) == before


def test_a_draft_of_the_same_text_does_not_stand_for_the_post(site: Site) -> None:
    """The draft that a post was copied from is deleted while the post is renamed."""
    before = ids(site.build(post("a/draft.md", "River", RIVER, out=False), post("b/post.md", "River", RIVER)))
    assert only(site.build(post("c/river.md", "River", RIVER))).id == before["b/post.md"]


def test_a_draft_that_moves_is_not_the_post_that_was_deleted(site: Site) -> None:
    """It is about as like the one as the other; but nobody deletes a draft and makes a draft of a post."""
    out = post("a/river.md", "River", RIVER)
    before = ids(site.build(out, post("z/river.md", "River", RIVER + "\nOne more word.", out=False)))
    moved = post("y/river.md", "River", RIVER + "\nAnother word, then.", out=False)
    assert ids(site.build(moved)) == {"y/river.md": before["z/river.md"]}
    assert ids(site.build(moved, out))["a/river.md"] == before["a/river.md"]


def test_a_published_post_is_renamed_over_a_draft_and_edited(site: Site) -> None:
    """A draft may become anything, but not another post that readers know."""
    before = ids(site.build(post("a.md", "River", RIVER), post("b.md", "Idea", "To do.", out=False)))
    assert ids(site.build(post("b.md", "River", RIVER.replace("heron", "swan"))))["b.md"] == before["a.md"]


def test_an_id_that_a_draft_had_and_lost_again_counts_for_nothing(site: Site) -> None:
    """A machine that never saw the draft gives the same id, from where the post is first published."""
    site.build(post("idea.md", "River", RIVER, id="one", out=False))
    site.build(post("idea.md", "River", RIVER, out=False))
    assert only(site.build(post("river.md", "River", RIVER))).id == "tag:example.org,2026:river.md"
    other = post("other.md", "Hat", "A hat of straw lies on the water.", id="one")
    assert site.build(post("river.md", "River", RIVER), other).identities["other.md"].id == "tag:example.org,2026:one"


def test_a_draft_with_an_id_of_its_own_is_not_rewritten_into_another_post(site: Site) -> None:
    """Its id is the author's to give: when the draft comes back, no published post may have it."""
    site.build(post("a.md", "Idea", "To do.", id="idea", out=False))
    before = only(site.build(post("a.md", "River", RIVER)))
    found = ids(site.build(post("a.md", "River", RIVER), post("b.md", "Idea", "To do.", id="idea")))
    assert found["a.md"] == before.id != found["b.md"]


def test_a_broken_post_keeps_its_identity(site: Site) -> None:
    """A file that is there and cannot be read is not gone: nobody else gets its id, it has not vanished."""
    before = only(site.build(post("a.md", "River", RIVER)))
    found = site.build(post("copy.md", "River", RIVER), present=("a.md",))
    assert only(found).id != before.id
    assert found.vanished == ()
    assert ids(site.build(post("a.md", "River", RIVER), post("copy.md", "River", RIVER)))["a.md"] == before.id


# ids of front matter


def test_front_matter_decides_the_id_and_is_remembered(site: Site) -> None:
    """An id that is written wins; taken out again it stays; moved to another post it moves."""
    site.build(post("a.md", "River", RIVER))
    named = only(site.build(post("a.md", "River", RIVER, id="https://Example.org/river")))
    assert (named.id, named.origin) == ("https://example.org/river", "front matter")
    assert only(site.build(post("b.md", "River", RIVER))).id == named.id
    found = ids(site.build(post("b.md", "River", RIVER), post("c.md", "Night", NIGHT, id="https://Example.org/river")))
    assert found["c.md"] == named.id != found["b.md"]


def test_a_retired_id_is_never_used_again(site: Site) -> None:
    """A post that got an id of its own leaves its minted one unused for ever."""
    minted = only(site.build(post("a.md", "River", RIVER)))
    site.build(post("b.md", "River", RIVER, id="river"))
    assert ids(site.build(post("b.md", "River", RIVER, id="river"), post("a.md", "Night", NIGHT)))["a.md"] != minted.id


def test_of_two_posts_with_one_id_the_owner_has_it(site: Site) -> None:
    """X-3: the second is left out and named with the first, in the order of paths or by what the ledger knows."""
    first = site.look(post("b.md", "Night", NIGHT, id="one"), post("a.md", "River", RIVER, id="one"))
    assert first.left_out == {"b.md"}
    site.build(post("b.md", "Night", NIGHT, id="one"))
    for copy in ("a.md", "z.md"):
        for written in ("one", "tag:example.org,2026:one"):
            found = site.look(post(copy, "River", RIVER, id=written), post("b.md", "Night", NIGHT, id="one"))
            (problem,) = found.problems
            assert found.left_out == {copy}
            assert (problem.code, problem.severity, problem.path) == ("duplicate-id", "error", copy)
            assert "b.md" in str(problem) and "another id" in problem.fix


def test_a_draft_never_takes_an_id_from_a_published_post(site: Site) -> None:
    """A copy begun as a draft, id and all, in a folder that sorts first: a warning, and the post stays out."""
    found = site.build(post("_drafts/a.md", "New", "Soon.", id="one", out=False), post("a.md", "River", RIVER, id="one"))
    assert found.left_out == {"_drafts/a.md"}
    assert found.problems[0].severity == "warning"


def test_a_renamed_post_with_an_id_and_its_copy(site: Site) -> None:
    """The file that has the text that the ledger knows has the id too."""
    site.build(post("m.md", "River", RIVER, id="one"))
    found = site.build(post("a.md", "River, part two", NIGHT, id="one"), post("z.md", "River", RIVER, id="one"))
    assert found.left_out == {"a.md"}


def test_a_minted_id_evades_one_that_is_written(site: Site) -> None:
    """Front matter may spell what would be minted for another file."""
    found = ids(site.build(post("a.md", "River", RIVER), post("z.md", "Night", NIGHT, id="tag:example.org,2026:a.md")))
    assert found == {"z.md": "tag:example.org,2026:a.md", "a.md": "tag:example.org,2026:a.md~2"}


def test_permalinks_may_be_ids(site: Site) -> None:
    """X-4: an operator whose permalinks never change may have them as ids; once given they stay."""
    ledger = Ledger.open(site.folder)
    found = ledger.resolve(
        [post("a.md"), post("b/a.md")], START, AUTHORITY, BuildFacts(mint=lambda _, slug, __: f"https://e.org/{slug}")
    )
    assert sorted(ids(found).values()) == sorted(f"https://e.org/{one.slug}" for one in found.identities.values())
    ledger.commit("one")
    ledger.close()
    assert ids(site.look(post("a.md"), post("b/a.md"))) == ids(found)


# slugs


def test_slugs_are_names_and_never_shared(site: Site) -> None:
    """From the file's name, distinct under case folding; a later post never moves an earlier one's."""
    names = [
        "Hello.md",
        "2021/hello.md",
        "hello.html",
        "HELLO/index.md",
        "雨声.md",
        "2020-02-02-雨声.md",
        "CON.md",
        "….md",
    ]
    one = {path: found.slug for path, found in site.build(*map(post, names)).identities.items()}
    assert one["雨声.md"] != one["2020-02-02-雨声.md"]
    assert len({slug.casefold() for slug in one.values()}) == len(names)
    assert all(slug and len(slug.encode()) <= slugs.MAX_SLUG_BYTES for slug in one.values())
    more = site.build(*map(post, [*names, "0/hello.md"])).identities
    assert {path: more[path].slug for path in names} == one


# dates


def test_an_undated_post_is_published_when_it_was_first_out(site: Site) -> None:
    """IN-10: not when it was a draft, and for good, also if the clock goes back or a date is taken out."""
    site.build(post("a.md", out=False), at=day(0))
    assert only(site.build(post("a.md"), at=day(2))).published == day(2)
    assert only(site.build(post("a.md"), at=day(5))).published == day(2)
    assert only(site.build(post("a.md"), at=day(1))).published == day(2)
    assert only(site.build(post("a.md", published=day(-30)), at=day(6))).published == day(-30)
    assert only(site.build(post("a.md"), at=day(7))).published == day(-30)


def test_updated_moves_when_the_published_text_moves(site: Site) -> None:
    """ATOM-6: at first `published`; then the build that saw title or content change; nothing else counts."""
    a = {"published": day(-9)}
    found = [
        only(site.build(one, at=at)).updated
        for at, one in (
            (day(0), post("a.md", "River", RIVER, **a)),
            (day(1), post("b.md", "River", RIVER.replace("\n", "\r\n"), **a)),
            (day(2), post("b.md", "River", RIVER + "\nMore.", **a)),
            (day(3), post("c.md", "River", RIVER + "\nMore.", **a)),
            (day(4), post("c.md", "The river", RIVER + "\nMore.", **a)),
        )
    ]
    assert found == [day(-9), day(-9), day(2), day(2), day(4)]


def test_updated_never_goes_back(site: Site) -> None:
    """Neither with the clock nor with the date of publication; and it is never before `published`."""
    site.build(post("a.md", "River", RIVER), at=day(0))
    site.build(post("a.md", "River", RIVER + "\nMore."), at=day(5))
    assert only(site.build(post("a.md", "River", RIVER + "\nEven more."), at=day(2))).updated == day(5) + timedelta(seconds=1)
    assert only(site.build(post("a.md", "River", RIVER + "\nEven more.", published=day(8)), at=day(9))).updated == day(8)
    assert only(site.build(post("a.md", "River", RIVER + "\nEven more.", published=day(3)), at=day(9))).updated == day(8)


def test_edits_of_unpublished_posts_do_not_move_updated(site: Site) -> None:
    """A draft, or a post that is scheduled, is edited freely: once out its `updated` is its `published`."""
    site.build(post("a.md", "River", RIVER, out=False), at=day(0))
    site.build(post("a.md", "River", RIVER + "\nMore.", out=False, published=day(3)), at=day(1))
    found = only(site.build(post("a.md", "River", RIVER + "\nEven more.", published=day(3)), at=day(4)))
    assert (found.published, found.updated) == (day(3), day(3))


def test_a_post_that_comes_back_from_being_a_draft(site: Site) -> None:
    """Unchanged it has the dates it had; edited meanwhile, the build that brings it back is its `updated`."""
    site.build(post("a.md", "River", RIVER), at=day(0))
    site.build(post("a.md", "River", RIVER + "\nMore.", out=False), at=day(1))
    back = only(site.look(post("a.md", "River", RIVER), at=day(2)))
    assert (back.published, back.updated) == (day(0), day(0))
    assert only(site.look(post("a.md", "River", RIVER + "\nMore."), at=day(2))).updated == day(2)


def test_front_matter_decides_updated(site: Site) -> None:
    """What the author says stands, but never before `published`; the ledger's loss does not change it (REL-10)."""
    dates = {"published": day(-9), "updated": day(-3)}
    assert only(site.build(post("a.md", "River", RIVER, **dates), at=day(0))).updated == day(-3)
    assert only(site.build(post("a.md", "River", RIVER + "\nMore.", **dates), at=day(1))).updated == day(-3)
    assert only(site.build(post("a.md", "River", RIVER + "\nMore.", published=day(-2), updated=day(-3)))).updated == day(-2)


def test_digests_of_another_version_move_no_date(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """When we learn to take digests otherwise, no post is updated by that."""
    before = only(site.build(post("a.md", "River", RIVER), at=day(0)))
    monkeypatch.setattr(fingerprint, "VERSION", "another")
    other = post("a.md", "River", RIVER)._replace(text_digest="f" * 32)
    found = only(site.build(other, at=day(1)))
    assert found[:5] == before[:5]
    assert only(site.build(other, at=day(2))) == found
    assert only(site.build(other._replace(text_digest="e" * 32), at=day(3))).updated == day(3)


# generations


def test_what_was_never_published_is_taken_back(site: Site, tmp_path: Path) -> None:
    """REL-5: killed between commit and switch; the next run gives what it had given without the killed one."""
    first = (post("a.md", "River", RIVER), post("b.md", "Night", NIGHT), post("c.md", out=False))
    then = (post("a.md", "River", RIVER + "\nMore."), post("n.md", "Night", NIGHT), post("c.md"), post("d.md"))
    undisturbed = Site(tmp_path / "undisturbed")
    undisturbed.build(*first, at=day(0))
    site.build(*first, at=day(0))
    site.build(*then, at=day(1), killed=True)
    site.build(*then, at=day(2), killed=True)
    assert site.look(*then, at=day(3))._replace(identities={}) == undisturbed.look(*then, at=day(3))._replace(identities={})
    found, wanted = site.build(*then, at=day(3)), undisturbed.build(*then, at=day(3))
    assert {path: one[:5] for path, one in found.identities.items()} == {path: one[:5] for path, one in wanted.identities.items()}
    assert found.known == 2


def test_a_first_run_that_is_killed_leaves_nothing_behind(site: Site) -> None:
    """The very first commit, never published: ids and slugs stay, dates are those of the run that gets through."""
    killed = site.build(post("a.md", "River", RIVER), at=day(0), killed=True)
    found = site.build(post("a.md", "River", RIVER), at=day(4))
    assert only(found)[:2] == only(killed)[:2]
    assert only(found)[2:5] == (day(4), day(4), day(4))
    assert (found.known, found.vanished) == (0, ())


def test_a_generation_that_went_live_is_confirmed_later(site: Site) -> None:
    """Killed between switch and confirm: the next run sees which generation is live, and its dates stand."""
    site.build(post("a.md", "River", RIVER), at=day(0))
    site.build(post("a.md", "River", RIVER + "\nMore."), at=day(1), killed=True)
    ledger = Ledger.open(site.folder)
    ledger.confirm("generation 2")
    ledger.close()
    assert only(site.build(post("a.md", "River", RIVER + "\nMore."), at=day(9))).updated == day(1)


def test_what_is_gone_is_counted_against_the_last_generation(site: Site) -> None:
    """REL-9: deleted files are `vanished`, posts out no more `withdrawn`; renamed ones neither, drafts neither."""
    posts = [post(f"{name}.md") for name in "abcdef"] + [post("draft.md", out=False)]
    assert site.build(*posts).known == 0
    after = [posts[0], posts[1]._replace(path="renamed.md"), posts[2]._replace(out=False)]
    for _ in range(2):
        found = site.look(*after)
        assert (found.known, found.vanished, found.withdrawn) == (6, ("d.md", "e.md", "f.md"), ("c.md",))
    site.build(*after)
    found = site.look(*after)
    assert (found.known, found.vanished, found.withdrawn) == (2, (), ())


def test_the_last_generation_can_be_asked_for(site: Site) -> None:
    """What subscribers have: the posts that were out, with their dates; not what a killed run would have published."""
    site.build(post("a.md", "River", RIVER), post("b.md", out=False), at=day(0))
    site.build(post("a.md", "River", RIVER + "\nMore."), post("b.md"), at=day(1), killed=True)
    ledger = Ledger.open(site.folder)
    (record,) = (record for record, *_ in ledger.contents().posts if record.out)
    ledger.close()
    assert (record.path, record.published, record.updated) == ("a.md", seconds(day(0)), seconds(day(0)))


# terms, pages, facts


def test_terms_facts_and_pages_are_remembered(site: Site) -> None:
    """Slugs once given, the first authority, whose page was ever published: all survive, and are told once only."""
    key = ("编程", "c++")
    ledger = Ledger.open(site.folder)
    page = only(ledger.resolve([post("a.md")], START, AUTHORITY)).id
    ledger.set_meta("authority", AUTHORITY)
    ledger.add_terms("category", {key[:1]: (("编程",), "编程"), key: (("编程", "c-plus-plus"), "C++")})
    ledger.mark_pages([page])
    assert ledger.commit("one")
    ledger.close()
    ledger = Ledger.open(site.folder)
    assert ledger.meta("authority") == AUTHORITY
    assert ledger.term_slugs("category")[key] == (("编程", "c-plus-plus"), "C++")
    assert ledger.term_slugs("tag") == {}
    assert ledger.page_ids() == {page}
    ledger.confirm("one")
    ledger.set_meta("authority", AUTHORITY)
    ledger.add_terms("category", ledger.term_slugs("category"))
    ledger.mark_pages([page])
    assert not ledger.commit("two")
    ledger.close()


# the file


def test_nothing_new_writes_nothing(site: Site) -> None:
    """REL-2: no byte, no time of any file moves, and a look at an empty state folder makes no file."""
    site.look(post("a.md"))
    assert not site.folder.exists()
    posts = [post("a.md"), post("b.md", id="b", published=day(-1)), post("c.md", published=day(-2), updated=day(-1))]
    posts += [post("d.md", out=False), post("e.md", published=day(-3), updated=day(-4))]
    site.build(*posts)

    def files() -> dict[str, tuple[int, int, bytes]]:
        return {one.name: (one.stat().st_ino, one.stat().st_mtime_ns, one.read_bytes()) for one in site.folder.iterdir()}

    before = files()
    for order in (posts, posts[::-1]):
        site.build(*order, at=day(3))
    assert files() == before
    assert set(before) == {"ledger.sqlite", "ledger.backup.sqlite"}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def _scribble(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.seek(4096 + 20)
        stream.write(os.urandom(4096 * 2))


def _newer(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version=999")
    base.close()


def _foreign(path: Path) -> None:
    path.unlink()
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE bookmarks (url)")
    base.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not a database"),
        _cut,
        _scribble,
        _newer,
        _foreign,
    ],
)
def test_a_ledger_that_cannot_be_trusted_is_refused_and_restored(site: Site, damage: object) -> None:
    """REL-10: exit code 5, the file left as it is, the way back named; and the way back works."""
    posts = [post(f"{count}.md") for count in range(60)]
    before = ids(site.build(*posts))
    path = site.folder / "ledger.sqlite"
    damage(path)  # type: ignore[operator]
    bad = path.read_bytes()
    for _ in range(2):
        with pytest.raises(LedgerError, match="feeds ledger restore") as refused:
            site.look(*posts)
        assert refused.value.exit_code == 5
    assert path.read_bytes() == bad
    moved = Ledger.restore(site.folder)
    assert moved is not None and moved.read_bytes() == bad
    assert ids(site.look(*(one._replace(path=f"moved/{one.path}") for one in posts))) == {
        f"moved/{name}": id for name, id in before.items()
    }


def test_a_lost_ledger_is_reported_and_its_copy_kept(site: Site) -> None:
    """Deleted by mistake: the copy of the last good one is never overwritten by a ledger that begins anew."""
    before = ids(site.build(post("a.md", "River", RIVER)))
    site.build(post("b.md", "River", RIVER))
    (site.folder / "ledger.sqlite").unlink()
    ledger = Ledger.open(site.folder)
    assert ledger.fresh and ledger.lost
    ledger.close()
    copy = (site.folder / "ledger.backup.sqlite").read_bytes()
    site.build(post("b.md", "River", RIVER))
    assert (site.folder / "ledger.former.sqlite").read_bytes() == copy
    Ledger.restore(site.folder)
    assert ids(site.look(post("b.md", "River", RIVER))) == {"b.md": before["a.md"]}


def test_a_lost_ledger_is_restored_after_any_number_of_builds(site: Site) -> None:
    """Its loss is said by the build that has begun a new one: what brings it back then is the same command."""
    before = ids(site.build(post("a.md", "River", RIVER)))
    site.build(post("b.md", "River", RIVER))
    (site.folder / "ledger.sqlite").unlink()
    fresh = ids(site.build(post("b.md", "River", RIVER)))
    site.build(post("b.md", "River", RIVER), post("c.md", "Night", NIGHT))
    assert Ledger.restore(site.folder) == site.folder / "ledger.former.sqlite"
    assert ids(site.build(post("b.md", "River", RIVER))) == {"b.md": before["a.md"]}
    Ledger.restore(site.folder)
    assert ids(site.look(post("b.md", "River", RIVER))) == fresh


def test_without_a_copy_there_is_nothing_to_restore(site: Site) -> None:
    """A sentence, not a traceback; nothing is touched."""
    with pytest.raises(LedgerError, match="no copy"):
        Ledger.restore(site.folder)


def test_a_ledger_in_use_is_not_called_damaged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another program holds says so: restoring would be the wrong advice."""
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.1)
    site.build(post("a.md"))
    other = sqlite3.connect(site.folder / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(LedgerError) as refused:
            Ledger.open(site.folder)
    finally:
        other.close()
    assert "restore" not in str(refused.value)


_BUILDS = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_ledger import Site, post
site = Site(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    site.build(*(post(f"{n}.md", "", f"Post {n}, version {site.count}.") for n in range(40)))
"""


def test_a_kill_at_any_instant_leaves_a_good_ledger(tmp_path: Path) -> None:
    """REL-5: killed while it is made, written, copied: the next run opens it, and no id has moved."""
    delays = random.Random(7)
    wanted = {f"{n}.md": f"tag:example.org,2026:{n}.md" for n in range(40)}
    for round in range(12):
        folder = tmp_path / str(round // 4)
        words = [sys.executable, "-c", _BUILDS, str(folder), str(Path(__file__).parent)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as running:
            assert running.stdout is not None
            running.stdout.readline()
            time.sleep(delays.uniform(0, 0.06))
            running.kill()
        posts = [post(f"{n}.md", "", f"Post {n}, round {round}.") for n in range(40)]
        assert ids(Site(folder).build(*posts)) == wanted
        assert not list(folder.glob("*.new*")) and not list(folder.glob("*-journal"))


def test_what_a_wrong_clock_stamped_can_be_redated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`feeds ledger redate`: an undated post and an edit take the right instant; dates of front matter stay."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "dated.md").write_text("---\ntitle: Dated\ndate: 2020-05-01\n---\nBread.\n", "utf-8")
    (posts / "undated.md").write_text("---\ntitle: Undated\n---\nTea.\n", "utf-8")
    places = ["--base-url", "https://example.org/", "--state", str(tmp_path / ".feeds"), "--output", str(tmp_path / "public")]
    building, redating = ["build", str(posts), *places], ["ledger", "redate", "--posts", str(posts), *places]

    def dates_of() -> dict[str, tuple[str, str]]:
        items = json.loads((tmp_path / "public" / "feed.json").read_text("utf-8"))["items"]
        return {item["title"]: (item["date_published"], item.get("date_modified", item["date_published"])) for item in items}

    # The clock is twenty days ahead, and was right before the post was edited.
    assert main([*building, "--as-of", "2026-01-20"]) == 0
    (posts / "dated.md").write_text("---\ntitle: Dated\ndate: 2020-05-01\n---\nBread and salt.\n", "utf-8")
    assert main([*building, "--as-of", "2026-01-21"]) == 0
    assert dates_of() == {"Dated": ("2020-05-01T00:00:00Z", "2026-01-21T00:00:00Z"), "Undated": ("2026-01-20T00:00:00Z",) * 2}
    assert main([*redating, "--as-of", "2026-01-02"]) == 0
    assert "2 posts took the instant 2026-01-02T00:00:00Z: dated.md, undated.md" in capsys.readouterr().out
    for day, is_told in (("2026-01-02", True), ("2026-01-03", False)):
        assert main([*building, "--as-of", day]) == 0
        assert ("built as of 2026-01-21T00:00:00Z, later than now (2026-01-02" in capsys.readouterr().err) is is_told
    right = {"Dated": ("2020-05-01T00:00:00Z", "2026-01-02T00:00:00Z"), "Undated": ("2026-01-02T00:00:00Z",) * 2}
    assert dates_of() == right
    assert main([*redating, "--as-of", "2026-01-03"]) == 0 and "0 posts" in capsys.readouterr().out
    # A machine that began in 1970; an edit afterwards moves on from the right date.
    (posts / "late.md").write_text("---\ntitle: Late\n---\nCoffee.\n", "utf-8")
    assert main([*building, "--as-of", "1970-01-02"]) == 0
    assert main([*redating, "--until", "2001-01-01", "--as-of", "2026-01-04"]) == 0
    assert main([*building, "--as-of", "2026-01-04"]) == 0
    assert dates_of() == right | {"Late": ("2026-01-04T00:00:00Z",) * 2}
    assert main([*redating, "--until", "soon"]) == 2 and "--until: " in capsys.readouterr().err
    assert main([*redating, "--from", "2026-01-02", "--until", "2026-01-01"]) == 2
