"""Terms, slugs and groups: in come the names that authors wrote, out go terms that stay what they are.

A term is a path of names from its taxonomy's root. Names that differ only in case, normal form or blanks are one term;
all other differences count. Pure: what was given before comes in, what is new goes out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from feeds.model import digest

MAX_SLUG_BYTES = 100

#: Names that a feed's own documents, or a site's, may have beside the folders of terms.
RESERVED = frozenset({
    "all", "feed", "feeds", "index", "page", "rss", "atom", "json", "opml", "category", "tag", "author", "entry",
})  # fmt: skip
#: Windows cannot hold a file of that name, with any ending.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\.|\Z)")
#: Endings of documents that lie beside the folders of terms.
_DOCUMENTS = (".xml", ".json", ".html", ".opml", ".gz", ".br")
#: What is spoken, so that C, C++ and C# stay apart and readable.
_SPOKEN = {
    "+": " plus ", "#": " sharp ", "&": " and ", "@": " at ", "%": " percent ", "=": " equals ", "$": " dollar ",
    "*": " star ", "<": " lt ", ">": " gt ", "/": " slash ", "\\": " backslash ", "|": " pipe ", "^": " caret ",
    "~": " tilde ", "!": " bang ", "?": " question ",
}  # fmt: skip
#: A folded name that is its own slug, which nearly all are.
_PLAIN = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d|x)(?:-|\Z))[^\W_]+(?:-[^\W_]+)*\Z")
_BLANKS = re.compile(r"[\s\u200b\ufeff\u2060]+")


def fold(name: str) -> str:
    """What two spellings of one name share: NFC, case folded, blanks folded (IN-14)."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())).strip()


def slug(name: str) -> str:
    """The name as a path segment: letters of every script kept, at most 100 bytes; "" never comes out.

    Two names may share one: `unique` tells them apart.
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    if _PLAIN.match(text) and text not in RESERVED and len(text.encode()) <= MAX_SLUG_BYTES - 9:
        return text
    kept: list[str] = []
    for character in text:
        kind = unicodedata.category(character)
        if kind[0] in "LNM" or (kind in ("So", "Sk") and ord(character) > 0x2000):
            kept.append(character)
        elif character in _SPOKEN:
            kept.append(_SPOKEN[character])
        elif kind[0] == "C":
            continue
        else:
            kept.append("." if character == "." else "_" if character == "_" else "-" if character == "-" else " ")
    made = unicodedata.normalize("NFC", re.sub(r"\s+", "-", "".join(kept).strip()))
    made = re.sub(r"-{2,}", "-", made).strip("-.")
    if not any(unicodedata.category(character)[0] in "LNS" for character in made):
        return "x-" + digest(name)[:8]
    if len(made.encode()) > MAX_SLUG_BYTES - 9:
        made = _cut(made, MAX_SLUG_BYTES - 9) + "-" + digest(name)[:8]
    if made in RESERVED or _DEVICE.match(made) or made.endswith(_DOCUMENTS):
        made = made.replace(".", "-") + "-" + digest(name)[:8]
    return made


def _cut(text: str, limit: int) -> str:
    """The text cut at `limit` bytes, never inside a character and what combines with it."""
    cut = text.encode()[:limit].decode(errors="ignore")
    rest = text[len(cut) :]
    while cut and rest and (unicodedata.combining(rest[0]) or rest[0] in "\u200d\ufe0f"):
        cut, rest = cut[:-1], cut[-1] + rest
    return cut.rstrip("-.")


def unique(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """A slug for each folded name, none of them taken, whatever the order of the names.

    Of several names that share a slug, the one that reads like it keeps it; the others get a suffix from their own text.
    """
    wanted: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        wanted.setdefault(slug(name), []).append(name)
    given: dict[str, str] = {}
    used = set(taken)
    for base in sorted(wanted):
        sharing = wanted[base]
        owner = min(sharing, key=lambda name: (name.replace(" ", "-") != base, "-" in name, len(name), name))
        if base not in used:
            given[owner] = base
            used.add(base)
    for base in sorted(wanted):
        for name in wanted[base]:
            if name not in given:
                made = f"{_cut(base, MAX_SLUG_BYTES - 9)}-{digest(name)[:8]}"
                while made in used:
                    made = f"{_cut(base, MAX_SLUG_BYTES - 41)}-{digest(made, name)}"
                given[name] = made
                used.add(made)
    return given


class Term(NamedTuple):
    """One term: its folded names from the root (its identity), the label of each, the slug of each."""

    key: tuple[str, ...]
    labels: tuple[str, ...]
    slugs: tuple[str, ...]


class Group(NamedTuple):
    """One term's posts, as positions in the list that was grouped, in its order, cut at the limit; `last` is the last of all
    of them, None where there is none.
    """

    term: Term
    members: tuple[int, ...]
    last: int | None


def ancestors(path: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The path's own beginnings, root first, itself last."""
    return (path[: depth + 1] for depth in range(len(path)))


def terms(
    paths: Mapping[tuple[str, ...], int], known: Mapping[tuple[str, ...], tuple[tuple[str, ...], str]], renamed: Mapping[str, str]
) -> dict[tuple[str, ...], Term]:
    """Every term that the paths name, and every known one, by key. `paths` tells how many posts name each.

    `known` gives the slugs and the label that a term got before: slugs stay for good. `renamed` is the author's own
    slug for a name. A label is the most frequent spelling, of equals the first by code points.
    """
    spellings: dict[tuple[str, ...], Counter[str]] = {}
    for path, times in paths.items():
        key: tuple[str, ...] = ()
        for name in path:
            key += (fold(name),)
            spellings.setdefault(key, Counter())[name] += times
    for key, (_, label) in known.items():
        if key not in spellings:
            spellings[key] = Counter({label: 1})
    renames = {fold(name): slug(given) for name, given in renamed.items()}
    made: dict[tuple[str, ...], Term] = {}
    children: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key in spellings:
        children.setdefault(key[:-1], []).append(key)
    for parent in sorted(children, key=lambda key: (len(key), key)):
        above = made.get(parent, Term((), (), ()))
        slugs: dict[tuple[str, ...], str] = {}
        for key in sorted(children[parent], key=lambda one: (one not in known, one[-1] not in renames, one)):
            given = known[key][0][-1] if key in known else renames.get(key[-1])
            if given is not None and given not in slugs.values():
                slugs[key] = given
        taken = {known[key][0][-1] for key in children[parent] if key in known} | set(slugs.values())
        fresh = unique((key[-1] for key in children[parent] if key not in slugs), taken)
        for key in sorted(children[parent]):
            counts = spellings[key]
            label = min(counts, key=lambda name: (-counts[name], name))
            made[key] = Term(key, (*above.labels, label), (*above.slugs, slugs.get(key) or fresh[key[-1]]))
    return made


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
    made: Mapping[tuple[str, ...], Term],
    limit_of: Mapping[tuple[str, ...], int],
    limit: int,
) -> list[Group]:
    """The posts of every term, each in the terms of its paths and in all above them; empty terms too, sorted by slugs.

    `posts` gives paths and the ascending positions of all posts that stand under just these; `limit_of` holds the terms
    with a limit of their own.
    """
    members: dict[tuple[str, ...], list[int]] = {key: [] for key in made}
    last: dict[tuple[str, ...], int] = {}
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
    return sorted(
        (Group(made[key], tuple(sorted(found)[: limit_of.get(key, limit)]), last.get(key)) for key, found in members.items()),
        key=lambda one: one.term.slugs,
    )
