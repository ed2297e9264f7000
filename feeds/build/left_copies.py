"""Copies whose original was renamed or cannot be read: in come collected posts and the ledger, out go the same without them.

"post 2.md" beside "post.md" is held back when it is read (`feeds.posts.copies`). Once "post.md" is called "walk.md", no name
tells that "post 2.md" is its copy; that both have the same front matter and text does. While "post.md" is broken and its last
version is not known, the ledger has the digest of its text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from feeds.cache import Cache
from feeds.ledger.ledger import Ledger
from feeds.posts import copies
from feeds.posts.collect import Collected, load_headers
from feeds.posts.header import Header


def held_back(collected: Collected, ledger: Ledger, memo: Cache) -> Collected:
    """The collected posts, with the copies among them left out; what was published at its path before stays published.

    Raises LostError where the memo has lost the metadata of an unchanged post, LedgerError if the ledger cannot be read.
    """
    by_text: dict[str, list[Header]] = defaultdict(list)
    for header in collected.headers:
        if header.status == "out":
            by_text[header.text_digest].append(header)
    unchanged = _unchanged(by_text, collected, ledger, memo)
    held: dict[str, Header] = {}
    for text, headers in by_text.items():
        others = [*headers, *unchanged.get(text, ())]
        if len(others) > 1:
            held.update((header.path, copy) for header in headers if (copy := copies.copy_of_any(header, others)) is not None)
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


def _unchanged(
    by_text: Mapping[str, list[Header]], collected: Collected, ledger: Ledger, memo: Cache
) -> Mapping[str, tuple[Header, ...]]:
    """Of the posts that are not looked at, those with the text of one whose name may be that of a copy; by the text's digest."""
    standing = collected.standing
    if standing is None:
        return {}
    texts = [text for text, headers in by_text.items() if any(copies.original_names(header.path) for header in headers)]
    read = {*collected.files, *standing.fallen, *standing.loose}
    paths = {path: text for path, text in ledger.published_with(texts) if path not in read}
    result: dict[str, tuple[Header, ...]] = {}
    for header in load_headers(memo, sorted(paths)):
        result[paths[header.path]] = (*result.get(paths[header.path], ()), header)
    return result
