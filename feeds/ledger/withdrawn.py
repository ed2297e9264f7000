"""Posts that were published and are not any more, as facts that tell nothing to whoever does not have their text.

A manifest is public, and a withdrawn post has to be gone from it. And yet it must be the same post for readers when it comes back
after the state was lost: what the ledger has of it is sealed with the digest of its text. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import shake_256

from feeds.ledger.names import Among
from feeds.ledger.record import Record
from feeds.model import digest
from feeds.slugs import MAX_SLUG_BYTES, cut

#: What the names of these facts begin with; a digest of the text's digest follows.
WITHDRAWN = "withdrawn "
#: Sealed values are as long as a multiple of this: the length of an id or a path is no hint either.
_BLOCK_BYTES = 256


def sealed(record: Record) -> tuple[str, str]:
    """Name and value of the fact for a record whose `text` is the digest of the text last published.

    Where its file lies now is not in it: whoever read the post has that text, and the draft's name is none of theirs.
    """
    dates = record.first_seen, record.published, record.updated
    told = json.dumps([record.id, record.slug, record.claim, *dates, record.page]).encode()
    told += b" " * (-len(told) % _BLOCK_BYTES)
    return _name(record.text), _combined(told, record.text).hex()


def returning(facts: Mapping[str, str], texts: Sequence[str], among: Among) -> list[Record]:
    """The records of withdrawn posts with one of these digests of texts, as they were, where the ledger has no row of them.

    Their keys are below 0. A value that is no seal, e.g. changed by hand, tells nothing: its post is as new.
    """
    seals = {name: value for name, value in facts.items() if name.startswith(WITHDRAWN)}
    found = [record for text in sorted(set(texts)) if seals and (record := _opened(seals.get(_name(text)), text)) is not None]
    ids, slugs = [record.id for record in found], [record.slug for record in found]
    taken_ids = {id for (id,) in among("SELECT id FROM posts WHERE id IN (??)", ids)}
    taken_ids |= {id for (id,) in among("SELECT id FROM retired WHERE id IN (??)", ids)}
    taken_slugs = {slug for (slug,) in among("SELECT slug FROM posts WHERE slug IN (??)", slugs)}
    records: list[Record] = []
    for record in found:
        if record.id not in taken_ids:
            slug, mark = record.slug, digest(record.id)
            if slug in taken_slugs:
                slug = f"{cut(slug, MAX_SLUG_BYTES - 1 - len(mark))}-{mark}"
            records.append(record._replace(key=-1 - len(records), slug=slug))
            taken_ids.add(record.id)
            taken_slugs.add(slug)
    return records


def _opened(value: str | None, text: str) -> Record | None:
    try:
        told = json.loads(_combined(bytes.fromhex(value or ""), text))
        id, slug, claim, first_seen, published, updated, page = told
    except (ValueError, TypeError):
        return None
    return Record(0, id, slug, claim, id, text, 0, 0, first_seen, published, updated, "", page)


def _name(text: str) -> str:
    return WITHDRAWN + digest("withdrawn", text)


def _combined(value: bytes, text: str) -> bytes:
    """The value with a stream of bytes that only the text's digest gives; done twice it is the value again."""
    stream = shake_256(b"withdrawn\0" + text.encode()).digest(len(value))
    return bytes(a ^ b for a, b in zip(value, stream, strict=True))
