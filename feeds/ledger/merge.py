"""Two ledgers of one site as one: in come what two branches made of it, out goes a ledger that has both. Pure.

For each fact there is a rule, and the rules do not depend on which side is which: of a post both sides know, the oldest first
publication and the newest update count; a post, a category or an id that one side has stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from feeds.ledger.contents import LedgerContents
from feeds.ledger.record import Record
from feeds.model import digest
from feeds.slugs import MAX_SLUG_BYTES, cut

T = TypeVar("T")
_OUTLINE = "outline "

#: A post of a snapshot: its record, title and sketch, and the digest of what a reader sees of it.
Post = tuple[Record, str, bytes, str | None]


def merged(ours: LedgerContents, theirs: LedgerContents, base: LedgerContents | None = None) -> LedgerContents:
    """Both ledgers as one. With `base`, from which both came, what only one side has changed is what that side made of it."""
    posts = _posts(_by_id(ours), _by_id(theirs), _by_id(base) if base is not None else {})
    facts = _facts(ours.facts, theirs.facts, base.facts if base is not None else {})
    ids = {record.id for record, *_ in posts}
    visible = {record.id: shown for record, _, _, shown in posts if shown is not None}
    return LedgerContents(
        [(record, title, sketch) for record, title, sketch, _ in posts],
        _terms([*ours.terms, *theirs.terms]),
        sorted({*ours.retired, *theirs.retired} - ids),
        facts,
        _archives([*ours.archives, *theirs.archives]),
        visible,
    )


def _by_id(held: LedgerContents) -> dict[str, Post]:
    return {record.id: (record, title, sketch, held.visible.get(record.id)) for record, title, sketch in held.posts}


def _posts(ours: Mapping[str, Post], theirs: Mapping[str, Post], base: Mapping[str, Post]) -> list[Post]:
    both = []
    for id in sorted({*ours, *theirs}):
        mine, yours = ours.get(id), theirs.get(id)
        if mine is not None and yours is not None:
            both.append(mine if mine == yours else _post(mine, yours, base.get(id)))
        else:
            both.append(mine or yours)  # type: ignore[arg-type]
    return _apart(both)


def _post(mine: Post, yours: Post, base: Post | None) -> Post:
    """One post that both sides know."""
    first, second = (mine, yours) if _rank(mine) >= _rank(yours) else (yours, mine)

    def taken(value: Callable[[Post], T]) -> T:
        """The value of the side that changed it, of the newer one if both did."""
        if base is not None and value(first) == value(base):
            return value(second)
        return value(first)

    a, b = first[0], second[0]
    published = _least(a.published, b.published) if base is None else taken(lambda post: post[0].published)
    updated = _most(a.updated, b.updated)
    if updated is not None and published is not None:
        updated = max(updated, published)
    # A text and what belongs to it are never mixed.
    title, sketch, text, out_text, shown = taken(lambda post: (post[1], post[2], post[0].text, post[0].out_text, post[3]))
    record = a._replace(
        slug=min((a, b), key=lambda record: (_known(record.first_seen), record.slug)).slug,
        claim=taken(lambda post: post[0].claim) or a.claim or b.claim,
        path=taken(lambda post: post[0].path),
        text=text,
        out_text=out_text,
        seen=max(a.seen, b.seen),
        out=max(a.out, b.out),
        page=max(a.page, b.page),
        first_seen=_least(a.first_seen, b.first_seen),
        published=published,
        updated=updated,
    )
    return record, title, sketch, shown


def _rank(post: Post) -> tuple[Any, ...]:
    """The newer version of a post is the one that was updated last; the order of equal ones is any, but always the same."""
    record = post[0]
    return (record.updated or 0, record.seen, record.out_text is not None, record.path, record.text, post[1])


def _apart(posts: Iterable[Post]) -> list[Post]:
    """The posts with slugs and claims that no other has: the one that came first keeps them."""
    slugs: set[str] = set()
    claims: set[str] = set()
    apart: dict[str, Post] = {}
    for post in sorted(posts, key=lambda post: (_known(post[0].first_seen), post[0].id)):
        record = post[0]
        slug, length = record.slug, 8
        while slug.casefold() in slugs:
            mark = digest(record.path)[:length]
            slug = f"{cut(record.slug, MAX_SLUG_BYTES - 1 - len(mark))}-{mark}"
            length += 1
        slugs.add(slug.casefold())
        claim = None if record.claim in claims else record.claim
        if claim is not None:
            claims.add(claim)
        apart[record.id] = (record._replace(slug=slug, claim=claim), *post[1:])
    return [apart[id] for id in sorted(apart)]


def _terms(terms: Iterable[tuple[str, tuple[str, ...], tuple[str, ...], str]]) -> list[Any]:
    """Terms of both sides; of two that want one address the first by name gets it, the next build finds another for the other."""
    kept: dict[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...], tuple[str, ...], str]] = {}
    for term in sorted(terms):
        kept.setdefault(term[:2], term)
    taken: set[tuple[str, str]] = set()
    apart = []
    for taxonomy, key, slugs, label in sorted(kept.values()):
        address = (taxonomy, "/".join(slugs).casefold())
        above = len(key) == 1 or (taxonomy, "/".join(slugs[:-1]).casefold()) in taken
        if address not in taken and above:
            taken.add(address)
            apart.append((taxonomy, key, slugs, label))
    return apart


def _facts(ours: Mapping[str, str], theirs: Mapping[str, str], base: Mapping[str, str]) -> dict[str, str]:
    """Facts of the site; since when a feed is in the outline: the earlier instant; versions of digests: the earlier one."""
    facts = {}
    for name in {**ours, **theirs}:
        mine, yours = ours.get(name), theirs.get(name)
        if mine is None or yours is None or mine == yours:
            facts[name] = mine if mine is not None else yours or ""
        elif not name.startswith(_OUTLINE) and base.get(name) in (mine, yours):
            facts[name] = yours if base[name] == mine else mine
        else:
            numbers = mine.isdecimal() and yours.isdecimal()
            facts[name] = min(mine, yours, key=int) if numbers else min(mine, yours)
    return facts


def _archives(rows: Iterable[tuple[str, int, tuple[str, ...]]]) -> list[tuple[str, int, tuple[str, ...]]]:
    """The archive documents of both sides: what one of them put into a document stays there, each post in one of them."""
    places: dict[str, dict[int, list[str]]] = {}
    seen: set[tuple[str, str]] = set()
    for feed, number, ids in sorted(rows, key=lambda row: (row[0], row[1], -len(row[2]), row[2])):
        document = places.setdefault(feed, {}).setdefault(number, [])
        for id in ids:
            if (feed, id) not in seen:
                seen.add((feed, id))
                document.append(id)
    merged_rows = []
    for feed, documents in sorted(places.items()):
        filled = [tuple(ids) for _, ids in sorted(documents.items()) if ids]
        merged_rows += [(feed, number, ids) for number, ids in enumerate(filled, 1)]
    return merged_rows


def _known(instant: int | None) -> int:
    """An instant for sorting; what was never out comes last."""
    return 1 << 62 if instant is None else instant


def _least(a: int | None, b: int | None) -> int | None:
    return min((value for value in (a, b) if value is not None), default=None)


def _most(a: int | None, b: int | None) -> int | None:
    return max((value for value in (a, b) if value is not None), default=None)
