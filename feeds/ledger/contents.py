"""What goes in and out of a ledger: a whole one as values, and what an earlier feed said of a post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from feeds.ledger import archives as archive_rows
from feeds.ledger.record import Record


class LedgerContents(NamedTuple):
    """All that a ledger holds, whatever the file: records with title and sketch, terms, given-up ids, facts, archives.

    Terms are (taxonomy, folded names, slugs, label), `archives` the rows of `feeds.ledger.archives`, `visible` the digests
    of what readers see of posts, by id. What was never published is not in it, but for ids and slugs.
    """

    posts: list[tuple[Record, str, bytes]]
    terms: list[tuple[str, tuple[str, ...], tuple[str, ...], str]]
    retired: list[str]
    facts: dict[str, str]
    archives: Sequence[archive_rows.Row] = ()
    visible: Mapping[str, str] = MappingProxyType({})


class Adoption(NamedTuple):
    """What an earlier feed said of a post: its id there, and the dates that its readers have seen."""

    id: str
    published: datetime | None
    updated: datetime | None
