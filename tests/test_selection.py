"""Which posts a feed holds, and which feed is below which: decided from posts and settings as values, without a build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.build.groups import sets, taxonomy
from feeds.build.groups.plans import Plan, Tree, names_needed
from feeds.build.groups.taxonomy import Term
from feeds.build.timeline import Out, Timeline
from feeds.ledger.fingerprint import Identity
from feeds.posts.header import Author, Header
from feeds.posts.index import Combination
from feeds.settings import FeedSettings, SetSettings, Settings
from feeds.settings.conditions import CONDITION, Condition
from feeds.settings.kinds import WrongValueError
from feeds.slugs import fold, slug

SUBJECTS = ("category", "tag", "author", "language")


def post(name: str, published: str, updated: str = "", path: str = "", **names: Any) -> Out:
    """A published post; instants are in UTC."""
    at = datetime.fromisoformat(published).replace(tzinfo=UTC)
    changed = datetime.fromisoformat(updated).replace(tzinfo=UTC) if updated else at
    header = Header(
        path=path or f"{name}.md", digest="", title=name, text_digest="", sketch=b"", explicit_id=None, published=at, updated=None,
        expires=None, status="out", status_key="", categories=names.get("categories", ()), tags=names.get("tags", ()),
        authors=tuple(map(Author, names.get("authors", ()))), link=None, slug="", dated_by="date",
        content_language=names.get("language", ""),
    )  # fmt: skip
    return Out(header, Identity(name, name, at, at, changed, "new"))


POSTS = (
    post("a", "2021-03-01", "2025-01-01", categories=(("Tech", "Web"),), tags=("css", "Notes")),
    post("b", "2022-03-01", categories=(("Tech",),), tags=("C++",), language="en-GB"),
    post("c", "2023-12-31T23:30", categories=(("生活",),), authors=("Lin",), language="de"),
    post("d", "2024-01-01T00:30", "2024-02-01", "notes/d.md", tags=("css",), language="en"),
)


def settings(**facts: Any) -> Settings:
    return Settings(base_url="https://example.org/", posts=Path("posts"), **facts)


def paths_of(subject: str, names: Combination) -> tuple[tuple[str, ...], ...]:
    if subject == "category":
        return names.categories
    if subject == "language":
        return ((names.language or "zh-CN",),)
    return tuple((name,) for name in (names.tags if subject == "tag" else names.authors))


def chooser(site: Settings, posts: Iterable[Out] = POSTS) -> sets.Chooser:
    """With terms of all taxonomies; `Web` has a slug of its own."""
    timeline = Timeline(posts, None, lambda paths: [])
    where = timeline.combinations(SUBJECTS)
    terms = {}
    for subject in SUBJECTS:
        counts = {path: 1 for group in where for path in paths_of(subject, group.names)}
        terms[subject] = taxonomy.terms(counts, {}, {"Web": "wb"}, frozenset())
    return sets.Chooser(site, terms, where, timeline, paths_of)


def names(of: sets.Chooser, positions: Iterable[int]) -> str:
    return "".join(of.out.id(position) for position in positions)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("category:tech", Condition("category", "tech")), (" Category : /Tech / Web/ ", Condition("category", "Tech / Web")),
        ("path:/notes/*/", Condition("path", "/notes/*/")), ("tag:a:b", Condition("tag", "a:b")), ("tag: a  \t b", Condition("tag", "a b")),
        ("author:/x/", Condition("author", "/x/")), ("language:zh-cn", Condition("language", "zh-CN")),
        ("until:20240131", Condition("until", "2024-01-31")), ("since:2024-01-31", Condition("since", "2024-01-31")),
        ("YEAR:2024", Condition("year", "2024")), (f"tag:{'x' * 300}", Condition("tag", "x" * 300)),
    ],
)  # fmt: skip
def test_how_a_condition_is_read(written: str, read: Condition) -> None:
    """In one form, whatever blanks, case and slashes are around it; what is behind the first colon is the value."""
    assert Condition.of(CONDITION.read(written)) == read


CONDITIONS = CONDITION.allowed


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ("css", ('"css" is not a condition', CONDITIONS, 'did you mean "category:css"?')), ("", ('"" is not a condition', CONDITIONS, "")),
        (":x", ('":x" is not a condition', CONDITIONS, "")), ("catgory:x", ('"catgory:x" is not a condition', CONDITIONS, 'did you mean "category"?')),
        ("tag: ", ('"tag:" has no value, or one that is too long', CONDITIONS, "")), (5, ("5 is not text", CONDITIONS, 'write it in quotes: "5"')),
        ("year:0000", ('"0000" is not a year', "e.g. year:2024", "")), ("year:24", ('"24" is not a year', "e.g. year:2024", "")),
        ("year:20245", ('"20245" is not a year', "e.g. year:2024", "")),
        ("since:2024-02-30", ('"2024-02-30" is not a day', "e.g. since:2024-01-31", "")),
        ("until:soon", ('"soon" is not a day', "e.g. until:2024-01-31", "")),
    ],
)  # fmt: skip
def test_what_is_no_condition(written: object, mistake: tuple[str, str, str]) -> None:
    """What is wrong, what is allowed, and the fix where it can be guessed."""
    with pytest.raises(WrongValueError) as raised:
        CONDITION.read(written)
    assert (raised.value.what, raised.value.expected, raised.value.fix) == mistake
    with pytest.raises(WrongValueError, match="too long"):
        CONDITION.read(f"tag:{'x' * 301}")


@pytest.mark.parametrize(
    ("rules", "held"),
    [
        ({"any": ("category:Tech",)}, "ba"),
        ({"any": ("category:tech/web",)}, "a"),
        ({"any": ("category:tech/wb",)}, "a"),
        ({"any": ("category:web",)}, ""),
        ({"any": ("tag:c++",)}, "b"),
        ({"any": ("tag:c-plus-plus",)}, "b"),
        ({"any": ("category:生活", "tag:css")}, "dca"),
        ({"all": ("tag:css", "category:tech")}, "a"),
        ({"any": ("tag:css",), "none": ("category:tech",)}, "d"),
        ({"none": ("category:tech", "author:LIN")}, "d"),
        ({"any": ("language:en",)}, "db"),
        ({"any": ("language:en-gb",)}, "b"),
        ({"any": ("language:zh",)}, "a"),
        ({"any": ("language:e",)}, ""),
        ({"any": ("path:notes/*",)}, "d"),
        ({"any": ("path:[ab].md", "author:lin")}, "cba"),
        ({"any": ("year:2023",)}, "c"),
        ({"all": ("since:2022-03-01", "until:2023-12-31")}, "cb"),
        ({"all": ("since:2022-03-02", "until:2023-12-30")}, ""),
        ({"any": ("until:2021-02-28",)}, ""),
        ({"any": ("since:2024-01-01", "tag:c++")}, "db"),
    ],
)
def test_what_a_set_holds(rules: dict[str, tuple[str, ...]], held: str) -> None:
    """Newest first, whatever the names; "category" with what is below it, a language with its regions."""
    made = chooser(settings(sets={"mine": SetSettings(**rules)}))
    [plan] = made.sets()
    assert names(made, plan.members) == held and names(made, plan.positions()) == held
    assert plan.oldest == (plan.members[-1] if held else None) and plan.count == len(held)


@pytest.mark.parametrize(
    ("zone", "published", "held"),
    [
        ("UTC", "2024-01-01T00:00:00", False), ("UTC", "2023-12-31T23:59:59", True), ("UTC", "2023-01-01T00:00:00", True),
        ("UTC", "2022-12-31T23:59:59", False), ("Asia/Shanghai", "2023-12-31T16:00:00", False),
        ("Asia/Shanghai", "2022-12-31T16:00:00", True),
    ],
)  # fmt: skip
def test_a_day_ends_with_its_last_second(zone: str, published: str, held: bool) -> None:
    """By the site's zone; the same for `year`, and for `since` with `until`."""
    for rules in ({"any": ("year:2023",)}, {"all": ("since:2023-01-01", "until:2023-12-31")}):
        made = chooser(settings(sets={"mine": SetSettings(**rules)}, timezone=zone), [post("x", published)])
        [plan] = made.sets()
        assert bool(plan.members) is held


@pytest.mark.parametrize("published", ["0001-01-02", "1960-01-01", "2024-01-01", "9999-12-31T23:00"])
def test_days_reach_to_the_ends_of_the_calendar(published: str) -> None:
    """Long before 1970, and in the last year, whatever the zone."""
    rules = {"all": ("since:0001-01-01", "until:9999-12-31")}
    made = chooser(settings(sets={"mine": SetSettings(**rules)}, timezone="Pacific/Kiritimati"), [post("x", published)])
    assert [names(made, plan.members) for plan in made.sets()] == ["x"]


def test_a_set_as_a_plan() -> None:
    """Its name is its label unless it has a title, its slug its folder; sets come in the order of their folders."""
    own = {
        "banana": SetSettings(any=("tag:css",)),
        "Zebra": SetSettings(any=("tag:none",)),
        "Front end": SetSettings(any=("tag:css",), title="FE"),
    }
    plans = list(chooser(settings(sets=own)).sets())
    assert [(plan.path, plan.term.key, plan.term.labels, plan.term.slugs) for plan in plans] == [
        ("set/banana/", ("banana",), ("banana",), ("banana",)),
        ("set/front-end/", (fold("Front end"),), ("FE",), ("front-end",)),
        ("set/zebra/", ("zebra",), ("Zebra",), ("zebra",)),
    ]
    assert [plan.own for plan in plans] == [own["banana"], own["Front end"], own["Zebra"]]
    assert {(plan.taxonomy, plan.twin) for plan in plans} == {("set", None)} and plans[2].runs == ()


@pytest.mark.parametrize(
    ("limit", "newest", "members"),
    [(None, "published", "dc"), (1, "published", "d"), (1, "updated", "a"), (2, "updated", "da"), (3, "updated", "dca"), (0, "updated", "dcba"),
     (4, "updated", "dcba"), (0, "published", "dcba")],
)  # fmt: skip
def test_which_posts_of_a_set_are_within_its_limit(limit: int | None, newest: str, members: str) -> None:
    """Those published or updated last, newest first either way; 0 is no limit, and none of its own is the site's."""
    made = chooser(settings(limit=2, sets={"mine": SetSettings(none=("tag:none",), limit=limit, newest=newest)}))
    [plan] = made.sets()
    assert names(made, plan.members) == members and names(made, plan.positions()) == "dcba" and plan.oldest == 3


def test_of_posts_updated_at_once_the_one_published_last_counts() -> None:
    """So that the choice is the same each time."""
    made = chooser(
        settings(sets={"mine": SetSettings(none=("tag:none",), limit=1, newest="updated")}),
        [post("old", "2021-01-01", "2025-01-01"), post("new", "2022-01-01", "2025-01-01"), post("x", "2023-01-01")],
    )
    assert [names(made, plan.members) for plan in made.sets()] == ["new"]


def test_a_feed_without_the_posts_that_it_excludes() -> None:
    """What is left fills the feed up to its limit."""
    made = chooser(settings(limit=2))
    site = Plan("site", Term((), (), ()), "", (0, 1), FeedSettings(), 3, (range(4),))
    assert made.without_excluded(site) is site
    plan = made.without_excluded(replace(site, own=FeedSettings(exclude=("category:生活", "path:notes/*"))))
    assert names(made, plan.members) == "ba" and names(made, plan.positions()) == "ba" and plan.oldest == 3
    few = made.without_excluded(replace(site, own=FeedSettings(exclude=("tag:css",), limit=1)))
    assert names(made, few.members) == "c" and names(made, few.positions()) == "cb" and few.oldest == 2
    none = made.without_excluded(replace(site, own=FeedSettings(exclude=("since:2000-01-01",))))
    assert (none.members, none.oldest, none.count) == ((), None, 0)


@pytest.mark.parametrize(
    ("facts", "needed"),
    [
        ({}, ("category", "tag", "author")),
        ({"taxonomies": ("author",)}, ("author",)),
        ({"taxonomies": ("language",), "language_categories": True}, ("language", "category")),
        ({"sets": {"x": SetSettings(any=("tag:a",))}}, SUBJECTS),
        ({"feeds": {"": FeedSettings(exclude=("tag:a",))}}, SUBJECTS),
        ({"feeds": {"": FeedSettings(limit=1)}}, ("category", "tag", "author")),
    ],
)
def test_the_names_that_are_looked_at(facts: dict[str, Any], needed: tuple[str, ...]) -> None:
    """Those of taxonomies with feeds, and all where conditions choose posts."""
    assert names_needed(settings(**facts)) == needed


def plan_at(taxonomy_name: str, *path: str) -> Plan:
    slugs = tuple(map(slug, path))
    term = Term(tuple(map(fold, path)), path, slugs)
    return Plan(taxonomy_name, term, f"{taxonomy_name}/{'/'.join(slugs)}/", (), FeedSettings(), None)


def test_which_feed_is_below_which() -> None:
    """Below the nearest term above that has a feed, in its own taxonomy; else below the site's."""
    site = Plan("site", Term((), (), ()), "", (), FeedSettings(), None)
    plans = [
        site, plan_at("category", "a", "b"), plan_at("category", "a"), plan_at("category", "a", "b", "c"),
        plan_at("category", "a", "gone", "d"), plan_at("category", "gone", "gone", "e"), plan_at("tag", "a"), plan_at("tag", "b", "c"),
        plan_at("category", "x", "gone", "gone", "y"), plan_at("category", "x"),
    ]  # fmt: skip
    tree = Tree(plans)
    assert [tree.around(plan) for plan in plans] == [
        (None, ()),
        ("category/a/", ("category/a/b/c/",)),
        ("", ("category/a/b/", "category/a/gone/d/")),
        ("category/a/b/", ()),
        ("category/a/", ()),
        ("", ()),
        ("", ()),
        ("", ()),
        ("category/x/", ()),
        ("", ("category/x/gone/gone/y/",)),
    ]


def test_the_order_of_posts() -> None:
    """Newest first, posts of one second by their ids; a position gives the same post to all who ask."""
    at = datetime(2024, 1, 1, tzinfo=UTC)
    posts = [post("b", "2024-01-01"), post("a", "2024-01-01"), post("z", "2024-01-02"), post("m", "2023-01-01", "2024-06-01")]
    timeline = Timeline(posts, None, lambda paths: [])
    assert [out.identity.id for out in timeline] == ["z", "a", "b", "m"] == [timeline.id(position) for position in range(4)]
    assert len(timeline) == 4 and timeline[1].identity.id == "a" and timeline[-1].identity.id == "m"
    assert [out.identity.id for out in timeline[1:3]] == ["a", "b"]
    assert [timeline.path(position) for position in range(4)] == ["z.md", "a.md", "b.md", "m.md"]
    assert timeline.published_seconds(1) == at.timestamp() == timeline.updated_seconds(1)
    assert timeline.updated_seconds(3) - timeline.published_seconds(3) == timedelta(days=517).total_seconds()
    assert list(timeline.all_published()) == [timeline.published_seconds(position) for position in range(4)]
    assert list(timeline.among(frozenset({"m", "a", "other"}))) == [1, 3] and list(timeline.among(frozenset())) == []
    assert [position for position, _ in timeline.fresh()] == [0, 1, 2, 3]
