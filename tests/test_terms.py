"""Terms: which spellings are one category, how it is called, and that its address stays for good."""

from __future__ import annotations

import itertools

import pytest

from feeds.build.groups.taxonomy import Group, Term, ancestors, group, spelled_differently, terms

Paths = dict[tuple[str, ...], int]
Known = dict[tuple[str, ...], tuple[tuple[str, ...], str]]


def addresses(paths: Paths, known: Known | None = None, renamed: dict[str, str] | None = None) -> dict[str, str]:
    """Label -> path of slugs, whatever the order in which the names come."""
    results = [terms(dict(order), known or {}, renamed or {}) for order in itertools.permutations(paths.items())]
    assert all(result == results[0] for result in results)
    for key, term in results[0].items():
        assert term.key == key and len(term.labels) == len(term.slugs) == len(key)
        if len(key) > 1:
            above = results[0][key[:-1]]
            assert term.slugs[:-1] == above.slugs and term.labels[:-1] == above.labels
    return {"/".join(term.labels): "/".join(term.slugs) for term in results[0].values()}


@pytest.mark.parametrize(
    ("paths", "known", "renamed", "expected"),
    [
        ({}, {}, {}, {}),
        ({("Tech",): 1}, {}, {}, {"Tech": "tech"}),
        # the label is the most frequent spelling, of equals the first
        ({("tech",): 1, ("Tech",): 2}, {}, {}, {"Tech": "tech"}),
        ({("tech",): 2, ("Tech",): 2}, {}, {}, {"Tech": "tech"}),
        ({("Tech", "Web"): 1, ("tech", "web"): 2, ("Tech",): 2}, {}, {}, {"Tech": "tech", "Tech/web": "tech/web"}),
        # categories of one name below different ones
        ({("A", "Web"): 1, ("B", "Web"): 1}, {}, {}, {"A": "a", "B": "b", "A/Web": "a/web", "B/Web": "b/web"}),
        # an address stays whatever the settings or other names say later
        ({("Tech",): 1}, {("tech",): (("technik",), "Technik")}, {}, {"Tech": "technik"}),
        ({("Tech",): 1}, {("tech",): (("technik",), "Technik")}, {"Tech": "new"}, {"Tech": "technik"}),
        ({}, {("tech",): (("tech",), "Tech")}, {}, {"Tech": "tech"}),
        ({("Tech", "Web"): 1}, {("tech",): (("technik",), "Technik")}, {}, {"Tech": "technik", "Tech/Web": "technik/web"}),
        # the author's own slugs, for any spelling and at any depth
        ({("技术",): 1}, {}, {"技术": "tech"}, {"技术": "tech"}),
        ({("Web Design",): 1}, {}, {"web  design": "Design"}, {"Web Design": "design"}),
        ({("技术", "网页"): 1}, {}, {"网页": "web"}, {"技术": "技术", "技术/网页": "技术/web"}),
        # a name that reads like its slug keeps it before one whose own slug it would be
        ({("C++",): 1, ("c plus plus",): 9}, {}, {}, None),
        # a slug of the author's that another has already
        ({("技术",): 1, ("Tech",): 1}, {("tech",): (("tech",), "Tech")}, {"技术": "tech"}, None),
        ({("技术",): 1, ("Tech",): 1}, {}, {"技术": "tech"}, None),
        ({("A",): 1, ("B",): 1}, {}, {"A": "same", "B": "same"}, None),
    ],
)
def test_addresses_of_terms(paths: Paths, known: Known, renamed: dict[str, str], expected: dict[str, str] | None) -> None:
    """One for each, never two of one; `None` where one of two has to get another."""
    result = addresses(paths, known, renamed)
    assert len(set(result.values())) == len(result)
    if expected is not None:
        assert result == expected


def test_who_keeps_an_address_that_two_want() -> None:
    """What subscribers know goes before settings, settings before what a name would give."""
    both = {("技术",): 1, ("Tech",): 1}
    assert addresses(both, {("tech",): (("tech",), "Tech")}, {"技术": "tech"})["Tech"] == "tech"
    assert addresses(both, {}, {"技术": "tech"})["技术"] == "tech"
    assert addresses({("A",): 1, ("B",): 1}, {}, {"A": "same", "B": "same"}) == {"A": "same", "B": "b"}
    assert addresses({("C++",): 1, ("c plus plus",): 9})["c plus plus"] == "c-plus-plus"
    assert addresses({("B",): 1}, {("a",): (("b",), "A")})["A"] == "b"


def test_spellings_of_one_term_are_told() -> None:
    """At the depth at which they differ."""
    paths = [("Tech", "Web"), ("tech", "Web"), ("Tech", "web"), ("Life",), ("Life",)]
    assert spelled_differently(paths) == {("tech",): ["Tech", "tech"], ("tech", "web"): ["Web", "web"]}
    assert spelled_differently([("Web",), ("Tech", "web")]) == {}


def test_ancestors_begin_at_the_root() -> None:
    """A post of a category is one of all above it."""
    assert list(ancestors(("a", "b", "c"))) == [("a",), ("a", "b"), ("a", "b", "c")]
    assert list(ancestors(())) == []


def grouped(limit: int, own: dict[tuple[str, ...], int]) -> list[Group]:
    """Posts 0, 3 in Tech and in Tech/Web, 1 in Tech alone, 2 and 4 in Life and, spelled otherwise, in Tech."""
    names: Paths = {("Tech", "Web"): 2, ("Tech",): 1, ("Life",): 2, ("tech",): 2}
    by_key = terms(names, {("empty",): (("empty",), "Empty")}, {})
    posts = [
        ([("Life",), ("tech",)], [2, 4]),
        ([("Tech", "Web"), ("Tech",)], [0, 3]),
        ([("Tech",)], [1]),
    ]
    return group(posts, by_key, own, limit)


@pytest.mark.parametrize(
    ("limit", "own", "expected"),
    [
        (9, {}, {"empty": (), "life": (2, 4), "tech": (0, 1, 2, 3, 4), "tech/web": (0, 3)}),
        (2, {}, {"empty": (), "life": (2, 4), "tech": (0, 1), "tech/web": (0, 3)}),
        (1, {}, {"empty": (), "life": (2,), "tech": (0,), "tech/web": (0,)}),
        (1, {("tech",): 4}, {"empty": (), "life": (2,), "tech": (0, 1, 2, 3), "tech/web": (0,)}),
    ],
)
def test_the_posts_of_a_term(limit: int, own: dict[tuple[str, ...], int], expected: dict[str, tuple[int, ...]]) -> None:
    """Each post once, newest first, those of the categories below too; and a category without posts keeps its feed."""
    groups = grouped(limit, own)
    assert {"/".join(result.term.slugs): result.members for result in groups} == expected
    assert [result.term.slugs for result in groups] == sorted(result.term.slugs for result in groups)
    last = {"/".join(result.term.slugs): result.last for result in groups}
    assert last == {"empty": None, "life": 4, "tech": 4, "tech/web": 3}
    runs = {"/".join(result.term.slugs): sorted(itertools.chain(*result.runs)) for result in groups}
    assert runs == {"empty": [], "life": [2, 4], "tech": [0, 1, 2, 3, 4], "tech/web": [0, 3]}
    assert all(isinstance(result.term, Term) for result in groups)
