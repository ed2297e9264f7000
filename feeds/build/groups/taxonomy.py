"""Terms and groups: the names that authors wrote, as terms whose slugs never change.

A term is a path of names from its taxonomy's root. Names that differ only in case, normal form or blanks are one term;
all other differences count. Pure: what was given before comes in, what is new goes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from feeds.model import digest
from feeds.slugs import MAX_SLUG_BYTES, cut, fold, slug, unique


class Term(NamedTuple):
    """One term: its folded names from the root (its identity), the label of each, the slug of each."""

    key: tuple[str, ...]
    labels: tuple[str, ...]
    slugs: tuple[str, ...]


class Group(NamedTuple):
    """One term's posts, as positions in the list that was grouped, in its order, cut at the limit; `last` is the last of all
    of them, None where there is none. `runs` are the positions of all of them, each run ascending.
    """

    term: Term
    members: tuple[int, ...]
    last: int | None
    runs: tuple[Sequence[int], ...] = ()


def ancestors(path: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The path's own beginnings, root first, itself last."""
    return (path[: depth + 1] for depth in range(len(path)))


def terms(
    paths: Mapping[tuple[str, ...], int],
    terms_before: Mapping[tuple[str, ...], tuple[tuple[str, ...], str]],
    renamed: Mapping[str, str],
    reserved: Collection[str] = (),
) -> dict[tuple[str, ...], Term]:
    """Every term that the paths name, and every known one, by key. `paths` tells how many posts name each.

    `terms_before` gives the slugs and the label that a term got before: slugs stay for good. `renamed` is the author's own
    slug for a name, `reserved` are slugs that no new term gets: documents lie beside the folders of terms. A label is the most
    frequent spelling, of equals the first by code points.
    """
    spellings: dict[tuple[str, ...], Counter[str]] = {}
    for path, times in paths.items():
        key: tuple[str, ...] = ()
        for name in path:
            key += (fold(name),)
            spellings.setdefault(key, Counter())[name] += times
    for key, (_, label) in terms_before.items():
        if key not in spellings:
            spellings[key] = Counter({label: 1})
    renames = {fold(name): slug(own_slug) for name, own_slug in renamed.items()}
    result: dict[tuple[str, ...], Term] = {}
    children: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key in spellings:
        children.setdefault(key[:-1], []).append(key)
    for parent in sorted(children, key=lambda key: (len(key), key)):
        above = result.get(parent, Term((), (), ()))
        slugs: dict[tuple[str, ...], str] = {}
        for key in sorted(children[parent], key=lambda child: (child not in terms_before, child[-1] not in renames, child)):
            own_slug = terms_before[key][0][-1] if key in terms_before else renames.get(key[-1])
            if own_slug is not None and own_slug not in slugs.values() and (key in terms_before or own_slug not in reserved):
                slugs[key] = own_slug
        taken = {terms_before[key][0][-1] for key in children[parent] if key in terms_before} | {*slugs.values(), *reserved}
        fresh = unique((key[-1] for key in children[parent] if key not in slugs), taken)
        for key in sorted(children[parent]):
            counts = spellings[key]
            label = min(counts, key=lambda name: (-counts[name], name))
            result[key] = Term(key, (*above.labels, label), (*above.slugs, slugs.get(key) or fresh[key[-1]]))
    return result


def short_slugs(
    wanted: Mapping[tuple[str, ...], Sequence[str]], given: Mapping[tuple[str, ...], str]
) -> dict[tuple[str, ...], str]:
    """One slug a term that no other term has, for addresses that hold the last slug of a path alone.

    `wanted` are the slugs of each term from the root: the last of them is the one that it gets, if it is free; else all of them
    joined ("work-tea"), else with a suffix. `given` are those that terms got before: they stay. Of the others the term that is
    first in `wanted` chooses first.
    """
    results: dict[tuple[str, ...], str] = {}
    taken: set[str] = set()
    for key in sorted(wanted, key=lambda key: key not in given):
        slugs = wanted[key]
        joined, mark = cut("-".join(slugs), MAX_SLUG_BYTES - 9), digest(*key)
        suffixed = f"{joined}-{mark[:8]}", f"{cut(joined, MAX_SLUG_BYTES - 41)}-{mark}"
        candidates = (given.get(key, slugs[-1]), slugs[-1], joined, *suffixed)
        results[key] = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(results[key])
    return results


def spelled_differently(paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], list[str]]:
    """The terms that are written in more than one way, each with its spellings (IN-14)."""
    spellings: dict[tuple[str, ...], set[str]] = {}
    for path in set(paths):
        key: tuple[str, ...] = ()
        for name in path:
            key += (fold(name),)
            spellings.setdefault(key, set()).add(name)
    return {key: sorted(names) for key, names in sorted(spellings.items()) if len(names) > 1}


def group(
    posts: Iterable[tuple[Iterable[tuple[str, ...]], Sequence[int]]],
    terms_by_key: Mapping[tuple[str, ...], Term],
    limit_of: Mapping[tuple[str, ...], int],
    limit: int,
) -> list[Group]:
    """The posts of every term, each in the terms of its paths and in all above them; empty terms too, sorted by slugs.

    `posts` gives paths and the ascending positions of all posts with exactly these; `limit_of` holds the terms
    with a limit of their own.
    """
    members: dict[tuple[str, ...], list[int]] = {key: [] for key in terms_by_key}
    last: dict[tuple[str, ...], int] = {}
    runs: dict[tuple[str, ...], list[Sequence[int]]] = {}
    keys: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for paths, positions in posts:
        mine: dict[tuple[str, ...], None] = {}
        for path in paths:
            if path not in keys:
                folded = tuple(map(fold, path))
                keys[path] = tuple(ancestors(folded))
            mine.update(dict.fromkeys(keys[path]))
        for key in mine:
            last[key] = max(last.get(key, 0), positions[-1])
            members[key] += positions[: limit_of.get(key, limit)]
            runs.setdefault(key, []).append(positions)
    return sorted(
        (
            Group(
                terms_by_key[key],
                tuple(sorted(positions_of_term)[: limit_of.get(key, limit)]),
                last.get(key),
                tuple(runs.get(key, ())),
            )
            for key, positions_of_term in members.items()
        ),
        key=lambda plan: plan.term.slugs,
    )
