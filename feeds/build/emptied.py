"""Published posts whose file is empty and whose last version is not known: in come collected posts, out go the same without them.

Where no state is kept from build to build, the ledger comes from the manifest of what is published, which has no texts. Such a
post counts as broken: it is in no feed until it is written again, and keeps its id and its dates until then.
"""

from __future__ import annotations

from dataclasses import replace

from feeds.errors import Problem
from feeds.ledger.ledger import Ledger
from feeds.posts.collect import Collected

_WHAT = (
    "the file is empty, though the post is published; its last version is not known here, so it is left out until it is written "
    "again"
)


def as_broken(collected: Collected, ledger: Ledger) -> Collected:
    """The collected posts, with the empty ones among them that the ledger knows as published counted as broken.

    Raises LedgerError if the ledger cannot be read.
    """
    empty = {header.path for header in collected.headers if header.status == "empty"}
    published = ledger.published_among(empty) if empty else set()
    if not published:
        return collected
    fix = "write the post again, or delete the file to withdraw it"
    return replace(
        collected,
        headers=tuple(header for header in collected.headers if header.path not in published),
        broken={**collected.broken, **{path: (Problem("emptied", "error", path, _WHAT, fix=fix),) for path in published}},
    )
