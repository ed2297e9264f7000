"""What a manifest has of the ledger: in comes a ledger, out go lines of JSON, a fact, term, archive document or post each.

Enough to bring a lost ledger back (`feeds.ledger.dump.read_tables`). Lines of posts whose rows nobody has written to since the
last generation are taken over from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from feeds.ledger.dump import table_of
from feeds.ledger.ids import encode
from feeds.ledger.ledger import Ledger
from feeds.ledger.record import Record

#: So many posts, the newest, are in a manifest.
POSTS = 5_000
_to_json = json.JSONEncoder(ensure_ascii=False).encode
#: What is around the id in the line of a post.
_BEFORE_ID, _AFTER_ID = '{"id": "', '", "path": '


def lines(ledger: Ledger, last: Sequence[str] = ()) -> tuple[str, ...]:
    """What the ledger knows of published posts and terms, each as a line of JSON, in an order that depends on them alone.

    `last` are the lines of the last generation, of a ledger that is watched since they were written (`Ledger.watch`). Of a
    post that has an id of its own the path is left out unless its id is made of it: nothing else that is published has it.
    """
    kept = _by_id(last)
    for id in ledger.written() if kept else ():
        kept.pop(id, None)
    ids = ledger.public_ids(POSTS)
    held = ledger.published([id for id in ids if id not in kept])
    tables: list[dict[str, Any]] = [{"fact": name, "value": value} for name, value in sorted(held.facts.items())]
    tables += [
        {"term": key, "taxonomy": taxonomy, "slugs": slugs, "label": label} for taxonomy, key, slugs, label in sorted(held.terms)
    ]
    tables += [{"archive": feed, "number": number, "ids": ids} for feed, number, ids in sorted(held.archives)]
    fresh = {
        record.id: _to_json(table_of(_shown(record), title, sketch, held.visible.get(record.id)))
        for record, title, sketch in held.posts
    }
    return (*map(_to_json, tables), *(kept.get(id) or fresh[id] for id in sorted(ids)))


def _shown(record: Record) -> Record:
    is_public = record.claim is None or record.id.endswith(f":{encode(record.path)}")
    return record if is_public else record._replace(path=record.id)


def _by_id(last: Iterable[str]) -> dict[str, str]:
    """The lines of posts by id. One whose id JSON has to escape is not among them, and is written anew."""
    result: dict[str, str] = {}
    for line in last:
        id, found, _ = line.removeprefix(_BEFORE_ID).partition(_AFTER_ID)
        if found and line.startswith(_BEFORE_ID) and "\\" not in id and '"' not in id:
            result[id] = line
    return result
