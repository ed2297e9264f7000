"""Which record a post is paired with, and by what: a table of small cases, without files or a ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from feeds.ledger.evidence import Unique
from feeds.ledger.fingerprint import EMPTY, Sighting, sketch, text_digest
from feeds.ledger.matching import Matcher
from feeds.ledger.record import Record

AUTHORITY = "example.org,2026"
TEA = "Green tea wants water of eighty degrees and two minutes of patience, and the second pot is better than the first one."
EDITED = TEA.replace("two minutes", "three minutes")
MAPS = "Old maps of the coast show islands which no ship has ever found again, drawn by people who had never left the harbour."
MORE = f"{EDITED} {MAPS}"
FIRST, SECOND = datetime(2021, 3, 1, tzinfo=UTC), datetime(2022, 4, 2, tzinfo=UTC)


def post(
    path: str, body: str = TEA, *, id: str | None = None, title: str = "Tea", date: datetime | None = None, out: bool = True
) -> Sighting:
    """A post of this build."""
    return Sighting(path, id, title, text_digest(title, body), sketch(body), date, None, out)


@dataclass(frozen=True)
class Held:
    """A post as the ledger holds it: the record's values, and the title and body last seen."""

    path: str
    body: str = TEA
    claim: str | None = None
    title: str = "Tea"
    date: datetime | None = None
    published: bool = True
    seen: bool = True
    id: str | None = None

    def record(self, key: int) -> Record:
        """Its row; a draft that never was published has no instants."""
        published = None if self.date is None else int(self.date.timestamp())
        id = self.id or f"tag:{AUTHORITY}:{self.claim or self.path}"
        return Record(
            key, id, f"slug-{key}", self.claim, self.path, text_digest(self.title, self.body), int(self.seen), int(self.published),
            1_600_000_000 if self.published else None, published, published, "" if self.published else None, 0,
        )  # fmt: skip


def matched(
    posts: list[Sighting], held: list[Held], owners: dict[str, tuple[str, str]] | None = None
) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """Post's path -> the path that the ledger has for it, and by what it was found; and the duplicates."""
    records = [item.record(key) for key, item in enumerate(held, 1)]

    def count(column: str, values: object) -> Counter[object]:
        return Counter(getattr(record, column, None) for record in records)

    matcher = Matcher(
        posts,
        records,
        authority=AUTHORITY,
        owner=lambda id, _: (owners or {}).get(id),
        texts=lambda keys: {key: (held[key - 1].title, sketch(held[key - 1].body)) for key in keys},
        unique=Unique(posts, count, "UTC"),
    )
    matches = matcher.run()
    return {path: (pair.record.path, pair.origin) for path, pair in matches.pairs.items()}, matches.duplicates


@pytest.mark.parametrize(
    ("posts", "held", "pairs"),
    [
        pytest.param([post("tea.md")], [Held("tea.md")], {"tea.md": ("tea.md", "path and text")}, id="unchanged"),
        pytest.param([post("new.md")], [Held("old.md")], {"new.md": ("old.md", "text")}, id="renamed"),
        pytest.param([post("tea.md", EDITED)], [Held("tea.md")], {"tea.md": ("tea.md", "path")}, id="edited"),
        pytest.param([post("new.md", EDITED)], [Held("old.md")], {"new.md": ("old.md", "likeness")}, id="renamed and edited"),
        pytest.param([post("new.md", MAPS, title="Maps")], [Held("old.md")], {}, id="another post"),
        pytest.param(
            [post("b/one.md"), post("b/two.md")],
            [Held("a/two.md"), Held("a/one.md")],
            {"b/one.md": ("a/one.md", "text"), "b/two.md": ("a/two.md", "text")},
            id="of equal texts, by the file's name",
        ),
        pytest.param(
            [post("b/c/one.md"), post("d/e/2020-01-01-one.md")],
            [Held("a/x/2020-01-01-one.md"), Held("z/x/one.md")],
            {"b/c/one.md": ("z/x/one.md", "text"), "d/e/2020-01-01-one.md": ("a/x/2020-01-01-one.md", "text")},
            id="of equal texts, by the whole name rather than its words",
        ),
        pytest.param(
            [post("a.md", EDITED), post("b.md", MAPS.replace("never", "hardly ever"), title="Maps")],
            [Held("a.md"), Held("b.md", MAPS, title="Maps")],
            {"a.md": ("a.md", "path"), "b.md": ("b.md", "path")},
            id="several edited at once",
        ),
        pytest.param(
            [post("x.md", date=SECOND), post("y.md", date=FIRST)],
            [Held("p.md", date=FIRST), Held("q.md", date=SECOND)],
            {"x.md": ("q.md", "text"), "y.md": ("p.md", "text")},
            id="of equal texts, by the date",
        ),
        pytest.param(
            [post("b/one.md", date=SECOND), post("c/one.md", date=FIRST)],
            [Held("a/one.md", date=FIRST)],
            {"c/one.md": ("a/one.md", "text")},
            id="of equal texts and names, by the date",
        ),
        pytest.param(
            [post("x.md"), post("y.md")],
            [Held("q.md"), Held("p.md")],
            {"x.md": ("p.md", "text"), "y.md": ("q.md", "text")},
            id="of equal texts alone, in the order of paths",
        ),
        pytest.param(
            [post("new.md")],
            [Held("a.md", published=False), Held("z.md")],
            {"new.md": ("z.md", "text")},
            id="a published post goes before a draft",
        ),
        pytest.param(
            [post("new.md")],
            [Held("a.md", seen=False), Held("z.md")],
            {"new.md": ("z.md", "text")},
            id="one of the last build goes before one of an earlier build",
        ),
        pytest.param(
            [post("tea.md", EDITED), post("copy.md")],
            [Held("tea.md")],
            {"tea.md": ("tea.md", "path")},
            id="edited, while a copy of the earlier text appeared",
        ),
        pytest.param(
            [post("tea.md", MORE, title="Oolong", date=FIRST), post("copy.md", date=FIRST)],
            [Held("tea.md", date=FIRST)],
            {"tea.md": ("tea.md", "path")},
            id="edited and retitled under its date, while a copy of the earlier text appeared",
        ),
        pytest.param(
            [post("tea.md", MORE, title="Oolong", date=SECOND), post("copy.md", date=FIRST)],
            [Held("tea.md", date=FIRST)],
            {"copy.md": ("tea.md", "text")},
            id="moved, while another post was written after its pattern under a new date",
        ),
        pytest.param(
            [post("tea.md", MAPS, title="Maps"), post("copy.md")],
            [Held("tea.md")],
            {"copy.md": ("tea.md", "text")},
            id="moved, while another post took the path",
        ),
        pytest.param(
            [post("one.md", MAPS, title="Maps"), post("two.md")],
            [Held("one.md"), Held("two.md", MAPS, title="Maps")],
            {"one.md": ("two.md", "text"), "two.md": ("one.md", "text")},
            id="two posts that changed places",
        ),
        pytest.param(
            [post("tea.md", f"Hot.\n\n{MAPS}")],
            [Held("tea.md", "Hot."), Held("maps.md", MAPS, title="Maps")],
            {"tea.md": ("tea.md", "path")},
            id="a short post took in the text of one that was deleted",
        ),
        pytest.param(
            [post("tea.md", EDITED)],
            [Held("tea.md", MAPS), Held("hot.md")],
            {"tea.md": ("hot.md", "likeness")},
            id="moved over a post of the same title",
        ),
        pytest.param([post("new.md", "", title="")], [Held("old.md", "", title="")], {"new.md": ("old.md", "text")}, id="empty, seen"),
        pytest.param([post("new.md", "", title="")], [Held("old.md", "", title="", seen=False)], {}, id="empty, from an earlier build"),
    ],
)  # fmt: skip
def test_a_post_is_paired_by_text_path_or_likeness(
    posts: list[Sighting], held: list[Held], pairs: dict[str, tuple[str, str]]
) -> None:
    """Whatever the order in which posts and records come."""
    assert matched(posts, held)[0] == pairs
    assert matched(posts[::-1], held)[0] == pairs


@pytest.mark.parametrize(
    ("posts", "held", "pairs", "duplicates"),
    [
        pytest.param([post("new.md", MAPS, id="x")], [Held("old.md", claim="x")], {"new.md": "old.md"}, set(), id="its id alone"),
        pytest.param(
            [post("new.md", MAPS, id="x")],
            [Held("old.md", claim="x", id="urn:kept:1")],
            {"new.md": "old.md"},
            set(),
            id="its id, though readers know the post by another",
        ),
        pytest.param([post("new.md", id="x")], [Held("old.md", claim="y")], {}, set(), id="two ids are two posts"),
        pytest.param([post("tea.md", id="x")], [Held("tea.md", claim="y")], {"tea.md": "tea.md"}, set(), id="an id that changed"),
        pytest.param([post("new.md", id="x")], [Held("old.md")], {"new.md": "old.md"}, set(), id="an id that was added"),
        pytest.param([post("new.md")], [Held("old.md", claim="y")], {"new.md": "old.md"}, set(), id="an id that was taken out"),
        pytest.param(
            [post("a.md", id="x"), post("tea.md", MAPS, id="x")],
            [Held("tea.md", claim="x")],
            {"tea.md": "tea.md"},
            {"a.md"},
            id="of two with one id, the one at the path",
        ),
        pytest.param(
            [post("a.md", MAPS, id="x"), post("b.md", id="x")],
            [Held("tea.md", claim="x")],
            {"b.md": "tea.md"},
            {"a.md"},
            id="of two with one id, the one with the text",
        ),
        pytest.param(
            [post("a.md", id="x", out=False), post("b.md", id="x")],
            [Held("tea.md", claim="x")],
            {"b.md": "tea.md"},
            {"a.md"},
            id="of two with one id, the published one",
        ),
        pytest.param(
            [post("b.md", id="x"), post("a.md", id="x")],
            [Held("tea.md", claim="x")],
            {"a.md": "tea.md"},
            {"b.md"},
            id="of two with one id, the first path",
        ),
        pytest.param([post("b.md", id="x"), post("a.md", id="x")], [], {}, {"b.md"}, id="two new posts with one id"),
    ],
)  # fmt: skip
def test_an_id_in_front_matter_decides(
    posts: list[Sighting], held: list[Held], pairs: dict[str, str], duplicates: set[str]
) -> None:
    """It goes before text and path; a second post with it is a duplicate of the first."""
    result, others = matched(posts, held)
    assert {path: record for path, (record, _) in result.items()} == pairs
    assert set(others) == duplicates
    owner = next(iter({item.path for item in posts} - duplicates))
    assert all(found == (f"tag:{AUTHORITY}:x", owner) for found in others.values())


def test_posts_with_the_id_of_a_post_that_is_there_are_its_duplicates() -> None:
    owner = (f"tag:{AUTHORITY}:x", "tea.md")
    pairs, duplicates = matched([post("a.md", id="x"), post("b.md", id="x")], [Held("a.md")], {owner[0]: owner})
    assert (pairs, duplicates) == ({}, {"a.md": owner, "b.md": owner})


def test_a_draft_that_is_moved_over_a_published_post_is_its_new_version() -> None:
    """The published post keeps its record; without one the draft's own counts."""
    moved = post("tea.md", EDITED)
    draft = Held("drafts/tea.md", EDITED, published=False)
    assert matched([moved], [Held("tea.md"), draft])[0] == {"tea.md": ("tea.md", "path")}
    assert matched([moved], [draft])[0] == {"tea.md": ("drafts/tea.md", "text")}
    assert matched([post("drafts/tea.md", EDITED)], [Held("tea.md"), draft])[0] == {
        "drafts/tea.md": ("drafts/tea.md", "path and text")
    }
    both = matched([moved], [Held("tea.md"), Held("drafts/tea.md", EDITED)])[0]
    assert both == {"tea.md": ("drafts/tea.md", "text")}, "a published post may be moved over another"


def test_a_text_without_letters_is_the_empty_one() -> None:
    assert post("a.md", "", title="").text_digest == EMPTY
