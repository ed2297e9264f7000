"""Copies whose original was renamed or cannot be read: in come collected posts and the ledger, out go the same without them.

"post 2.md" beside "post.md" is held back when it is read (`feeds.posts.copies`). Once "post.md" is called "walk.md", no name
tells that "post 2.md" is its copy; that both have the same front matter, but for the title, and nearly the same text does. While
"post.md" is broken and its last version is not known, the ledger has the digest of its text.
"""

from __future__ import annotations

from dataclasses import replace

from feeds.cache import Cache
from feeds.ledger.ledger import Ledger
from feeds.model import seconds
from feeds.posts import copies
from feeds.posts.collect import Collected, load_headers
from feeds.posts.header import Header


def held_back(collected: Collected, ledger: Ledger, cache: Cache) -> Collected:
    """The collected posts, with the copies among them left out; what was published at its path before stays published.

    Raises LostError where the cache has lost the metadata of an unchanged post, LedgerError if the ledger cannot be read.
    """
    held = copies.copies_among([*collected.headers, *_unchanged(collected, ledger, cache)])
    held.update(_of_broken(collected, ledger))
    for path in ledger.published_among(held):
        del held[path]
    return replace(collected, headers=tuple(held.get(header.path, header) for header in collected.headers)) if held else collected


def _of_broken(collected: Collected, ledger: Ledger) -> dict[str, Header]:
    """By path, the copies of published posts that are broken now and of which no version is known."""
    broken = collected.broken.keys() - collected.kept
    if not broken:
        return {}
    originals = {
        header.path: paths
        for header in collected.headers
        if header.status == "out" and (paths := broken.intersection(copies.original_names(header.path)))
    }
    published = ledger.published_at({path for paths in originals.values() for path in paths})
    result = {}
    for header in collected.headers:
        for path in sorted(originals.get(header.path, ())):
            if path in published and copies.is_alike(header, *published[path]):
                result[header.path] = copies.as_copy(header, path, same=header.text_digest == published[path][0])
    return result


def _unchanged(collected: Collected, ledger: Ledger, cache: Cache) -> tuple[Header, ...]:
    """Of the published posts that are not looked at, those with title, date or text of one whose name may be that of a copy."""
    unchanged = collected.unchanged
    if unchanged is None:
        return ()
    named = [header for header in collected.headers if header.status == "out" and copies.original_names(header.path)]
    if not named:
        return ()
    read = {*collected.files, *unchanged.invalid, *unchanged.without_row}
    alike = ledger.published_like(
        {header.title for header in named},
        {seconds(header.published) for header in named if header.published is not None},
        {header.sketch for header in named},
    )
    return load_headers(cache, sorted(alike - read))
