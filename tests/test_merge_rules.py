"""Two ledgers of one site as one, fact by fact: what becomes of a post, a term, an archive that the two hold differently."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.ledger.contents import LedgerContents
from feeds.ledger.merge import merged
from feeds.ledger.record import Record

Values = dict[str, Any]
FIRST: Values = {
    "key": 1, "id": "tag:e.org,2026:tea", "slug": "tea", "claim": None, "path": "tea.md", "text": "a" * 32, "seen": 1, "out": 1,
    "first_seen": 100, "published": 100, "updated": 100, "out_text": "", "page": 0,
}  # fmt: skip


def snapshot(*posts: Values, **facts: Any) -> LedgerContents:
    """A ledger with these posts; title, sketch and the digest of what readers see come with a post's other values."""
    rows, visible = [], {}
    for post in posts:
        values = {**FIRST, **post}
        title, sketch, shown = values.pop("title", "Tea"), values.pop("sketch", b"s"), values.pop("shown", None)
        record = Record(**values)
        rows.append((record, title, sketch))
        if shown is not None:
            visible[record.id] = shown
    given: Values = {"terms": [], "retired": [], "facts": {}, "archives": (), **facts}
    return LedgerContents(rows, given["terms"], given["retired"], given["facts"], given["archives"], visible)


def both_ways(ours: LedgerContents, theirs: LedgerContents, base: LedgerContents | None = None) -> LedgerContents:
    """The merged ledger, which must not depend on who merges whom, nor change when it is merged once more."""
    result = merged(ours, theirs, base)
    assert result == merged(theirs, ours, base)
    assert merged(result, result, base) == result
    return result


def one(result: LedgerContents) -> Values:
    """The values of the only post."""
    ((record, title, sketch),) = result.posts
    return {**record._asdict(), "title": title, "sketch": sketch, "shown": result.visible.get(record.id)}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        # readers saw it first on the one side, last on the other
        ({"published": 50, "first_seen": 60}, {"published": 70, "first_seen": 80}, {"published": 50, "first_seen": 60}),
        ({"published": None, "first_seen": None}, {"published": 70, "first_seen": 80}, {"published": 70, "first_seen": 80}),
        ({"updated": 200}, {"updated": 300}, {"updated": 300}),
        ({"updated": None}, {"updated": 300}, {"updated": 300}),
        # it is in the last build or published if it is so on one side
        ({"seen": 0, "out": 1, "page": 0}, {"seen": 1, "out": 0, "page": 4}, {"seen": 1, "out": 1, "page": 4}),
        ({"updated": 300, "seen": 0, "out": 0, "page": 0}, {"seen": 1, "out": 1, "page": 4}, {"seen": 1, "out": 1, "page": 4}),
        # the text is that of the side that updated it last, with all that belongs to the text
        (
            {"updated": 300, "text": "b" * 32, "title": "B", "sketch": b"b", "shown": "bb", "out_text": "", "path": "b.md"},
            {"updated": 200, "text": "c" * 32, "title": "C", "sketch": b"c", "shown": "cc", "out_text": "x", "path": "c.md"},
            {"updated": 300, "text": "b" * 32, "title": "B", "sketch": b"b", "shown": "bb", "out_text": "", "path": "b.md"},
        ),
        # of equally old versions that of a post still there, then of one that was out
        ({"seen": 1, "path": "a.md", "text": "1" * 32}, {"seen": 0, "path": "b.md", "text": "2" * 32}, {"path": "a.md", "text": "1" * 32}),
        (
            {"out_text": "", "updated": None, "path": "a.md", "text": "1" * 32},
            {"out_text": None, "updated": None, "path": "b.md", "text": "2" * 32},
            {"path": "a.md", "text": "1" * 32, "out_text": ""},
        ),
        # an id that one side claims stays claimed
        ({"claim": "urn:x:1"}, {"claim": None, "updated": 300}, {"claim": "urn:x:1"}),
        # the page's address is that under which it was first known
        ({"slug": "tea", "first_seen": 90}, {"slug": "tea-2", "first_seen": 80, "updated": 300}, {"slug": "tea-2"}),
        ({"slug": "tea", "first_seen": None}, {"slug": "tea-2", "first_seen": 80}, {"slug": "tea-2"}),
        ({"slug": "b"}, {"slug": "a"}, {"slug": "a"}),
    ],
)  # fmt: skip
def test_what_becomes_of_a_post_that_both_sides_know(ours: Values, theirs: Values, expected: Values) -> None:
    """The oldest first publication and the newest update count."""
    result = one(both_ways(snapshot(ours), snapshot(theirs)))
    assert {name: result[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        # one side corrected the date: it is the corrected one, earlier or later
        ({"published": 150, "updated": 200}, {}, {"published": 150, "updated": 200}),
        ({}, {"published": 50}, {"published": 50}),
        # an update is never before the publication
        ({"published": 400}, {}, {"published": 400, "updated": 400}),
        # one side moved the file, the other edited it
        (
            {"path": "new.md"},
            {"text": "b" * 32, "title": "B", "updated": 300},
            {"path": "new.md", "text": "b" * 32, "title": "B"},
        ),
        # both did: the newer one counts
        ({"path": "new.md", "updated": 200}, {"path": "newer.md", "updated": 300}, {"path": "newer.md"}),
        ({"published": 70, "updated": 200}, {"published": 80, "updated": 300}, {"published": 80}),
        # an edit that is older than the other side's move
        ({"text": "b" * 32, "updated": 200}, {"path": "new.md", "updated": 300}, {"text": "b" * 32, "path": "new.md"}),
        ({"claim": "urn:x:1"}, {"updated": 300}, {"claim": "urn:x:1"}),
        ({"out_text": "c" * 32, "text": "b" * 32}, {"path": "new.md", "updated": 300}, {"out_text": "c" * 32, "path": "new.md"}),
    ],
)
def test_what_only_one_side_changed_is_taken_from_it(ours: Values, theirs: Values, expected: Values) -> None:
    """With the ledger from which both came, as git's merge driver gives it."""
    result = one(both_ways(snapshot(ours), snapshot(theirs), snapshot({})))
    assert {name: result[name] for name in expected} == expected


def test_an_id_that_one_side_changed() -> None:
    """The other side, updated later, has the earlier one still."""
    base = {"claim": "urn:x:0"}
    result = both_ways(snapshot({"claim": "urn:x:1", "updated": 200}), snapshot({**base, "updated": 300}), snapshot(base))
    assert one(result)["claim"] == "urn:x:1"


def test_a_post_that_one_side_has_stays() -> None:
    """A deletion is not forgotten: the post may come back, and readers know its id."""
    tea, maps = {"id": "tag:e.org,2026:tea"}, {"id": "tag:e.org,2026:maps", "slug": "maps", "path": "maps.md", "shown": "mm"}
    result = both_ways(snapshot(tea), snapshot(maps), snapshot(tea))
    assert [record.id for record, *_ in result.posts] == ["tag:e.org,2026:maps", "tag:e.org,2026:tea"]
    assert result.visible == {"tag:e.org,2026:maps": "mm"}


def test_two_posts_never_share_an_address_or_an_id() -> None:
    """Of two posts that want one page address the older has it, also where only case differs; of an id likewise."""
    older = {"id": "tag:e.org,2026:z", "slug": "Tea", "claim": "urn:x:1", "first_seen": 50, "path": "z/tea.md"}
    newer = {"id": "tag:e.org,2026:a", "slug": "tea", "claim": "urn:x:1", "first_seen": 60, "path": "a/tea.md"}
    unpublished = {"id": "tag:e.org,2026:b", "slug": "tea", "first_seen": None, "path": "b/tea.md"}
    result = both_ways(snapshot(older, unpublished), snapshot(newer))
    records = {record.path: record for record, *_ in result.posts}
    assert (records["z/tea.md"].slug, records["z/tea.md"].claim) == ("Tea", "urn:x:1")
    assert records["a/tea.md"].claim is None and records["b/tea.md"].claim is None
    slugs = [records[path].slug for path in ("a/tea.md", "b/tea.md")]
    assert len({"tea", *slugs}) == 3
    for slug in slugs:
        assert slug.startswith("tea-") and len(slug) == len("tea-") + 8
    long = [{"id": f"tag:e.org,2026:{place}", "slug": "s" * 100, "path": f"{place}/s.md"} for place in "ab"]
    assert [len(record.slug) for record, *_ in both_ways(snapshot(long[0]), snapshot(long[1])).posts] == [100, 100]


def test_an_id_that_was_given_up_and_is_in_use_again() -> None:
    """Given-up ids of both sides stay so, except that of a post."""
    result = both_ways(snapshot({}, retired=["tag:old:2", "tag:old:1"]), snapshot(retired=["tag:old:1", FIRST["id"]]))
    assert result.retired == ["tag:old:1", "tag:old:2"]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([("category", ("tech",), ("tech",), "Tech")], [("tag", ("tech",), ("tech",), "Tech")], ["category tech", "tag tech"]),
        ([("category", ("c++",), ("c",), "C++")], [("category", ("c",), ("c",), "C")], ["category c"]),
        ([("category", ("a",), ("Tea",), "A")], [("category", ("b",), ("tea",), "B")], ["category a"]),
        (
            [("category", ("tech",), ("tech",), "Tech"), ("category", ("tech", "web"), ("tech", "web"), "Web")],
            [("category", ("tech",), ("tech",), "Tech"), ("category", ("tech", "css"), ("tech", "css"), "CSS")],
            ["category tech", "category tech/css", "category tech/web"],
        ),
        # a category below one that has lost its address waits for the next build, too
        (
            [("category", ("a",), ("tea",), "A")],
            [("category", ("b",), ("Tee",), "B"), ("category", ("b", "c"), ("other", "c"), "C")],
            ["category a", "category b"],
        ),
        # of two spellings of one term's address one, always the same
        ([("tag", ("tea",), ("tea-2",), "Tea")], [("tag", ("tea",), ("tea",), "TEA")], ["tag tea"]),
    ],
)  # fmt: skip
def test_terms_of_both_sides(ours: list[Any], theirs: list[Any], expected: list[str]) -> None:
    """Each address once: a subscriber of a category's feed keeps it."""
    result = both_ways(snapshot(terms=ours), snapshot(terms=theirs))
    assert [f"{taxonomy} {'/'.join(key)}" for taxonomy, key, _, _ in result.terms] == expected
    addresses = [(taxonomy, "/".join(slugs).casefold()) for taxonomy, _, slugs, _ in result.terms]
    assert len(set(addresses)) == len(addresses)
    assert all(term in (*ours, *theirs) for term in result.terms)


@pytest.mark.parametrize(
    ("ours", "theirs", "base", "expected"),
    [
        ({"a": "1"}, {"b": "2"}, {}, {"a": "1", "b": "2"}),
        ({"a": "1"}, {"a": "1"}, {"a": "0"}, {"a": "1"}),
        ({"outline x": "900"}, {"outline x": "1000"}, {}, {"outline x": "900"}),
        ({"outline x": "900"}, {"outline x": "1000"}, {"outline x": "900"}, {"outline x": "900"}),
        ({"a": "10"}, {"a": "9"}, {}, {"a": "9"}),
        ({"a": "new"}, {"a": "old"}, {"a": "old"}, {"a": "new"}),
        ({"a": "zone"}, {"a": "old"}, {"a": "old"}, {"a": "zone"}),
        ({"a": "b"}, {"a": "a"}, {"a": "old"}, {"a": "a"}),
        ({"a": ""}, {}, {}, {"a": ""}),
        ({"a": "10"}, {"a": "x"}, {}, {"a": "10"}),
    ],
)
def test_facts_of_both_sides(
    ours: dict[str, str], theirs: dict[str, str], base: dict[str, str], expected: dict[str, str]
) -> None:
    """What one side changed counts; else the earlier instant and the lower version."""
    assert both_ways(snapshot(facts=ours), snapshot(facts=theirs), snapshot(facts=base)).facts == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (
            [("site", 1, ("a", "b"))],
            [("site", 1, ("a", "b")), ("site", 2, ("c",))],
            [("site", 1, ("a", "b")), ("site", 2, ("c",))],
        ),
        ([("site", 1, ("a", "b"))], [("tag", 1, ("a",))], [("site", 1, ("a", "b")), ("tag", 1, ("a",))]),
        ([("site", 1, ("a", "b"))], [("site", 1, ("a", "c"))], [("site", 1, ("a", "b", "c"))]),
        ([("site", 1, ("a",))], [("site", 2, ("a",)), ("site", 3, ("b",))], [("site", 1, ("a",)), ("site", 2, ("b",))]),
        ([("site", 1, ("a",))], [("site", 1, ("b", "a"))], [("site", 1, ("b", "a"))]),
    ],
)
def test_archives_of_both_sides(ours: list[Any], theirs: list[Any], expected: list[Any]) -> None:
    """Each post in one document, documents counted without a gap (RFC 5005 section 4)."""
    assert list(both_ways(snapshot(archives=ours), snapshot(archives=theirs)).archives) == expected
