"""A post's metadata, or the findings that break it, as text for the cache, and back.

In come headers and problems, out goes JSON; what cannot be read back counts as lost. Must not read files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from feeds.errors import Problem
from feeds.model import seconds
from feeds.posts.header import Author, Header

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(result: Header | tuple[Problem, ...]) -> str:
    """A header, or a broken post's findings, as text."""
    if not isinstance(result, Header):
        return _to_json({"broken": [astuple(problem) for problem in result]})
    return _to_json(
        [
            *result[:4],
            result.sketch.hex(),
            result.explicit_id,
            *(moment and seconds(moment) for moment in (result.published, result.updated, result.expires)),
            result.status,
            result.status_key,
            result.categories,
            result.tags,
            result.authors,
            result.link,
            result.slug,
            result.dated_by,
            result.language,
            result.content_language,
            result.translation,
            result.extra,
            [astuple(problem) for problem in result.problems],
        ]
    )


def decode_all(texts: Sequence[str]) -> list[Header | tuple[Problem, ...]]:
    """What `encode` wrote, many at once; what cannot be read is left out, so that its file is read again."""
    try:
        return [_decoded(values) for values in json.loads(f"[{','.join(texts)}]")]
    except (ValueError, LookupError, TypeError):
        return [item for item in map(decode, texts) if item is not None]


def decode(text: str) -> Header | tuple[Problem, ...] | None:
    """What `encode` wrote; None where it cannot be read, so that the file is read again."""
    try:
        return _decoded(json.loads(text))
    except (ValueError, LookupError, TypeError):
        return None


def digest_in(text: str) -> str | None:
    """The digest of the source of the header that this or any earlier version of `encode` wrote; None of a broken post."""
    try:
        values = json.loads(text)
    except ValueError:
        return None
    # Path and digest have come first in every version, so that the last good source is found after an upgrade.
    return values[1] if isinstance(values, list) and len(values) > 1 and isinstance(values[1], str) else None


def _decoded(values: Any) -> Header | tuple[Problem, ...]:
    if isinstance(values, dict):
        return tuple(Problem(*fields) for fields in values["broken"])
    return Header(
        values[0],
        values[1],
        values[2],
        values[3],
        bytes.fromhex(values[4]),
        values[5],
        _moment(values[6]),
        _moment(values[7]),
        _moment(values[8]),
        values[9],
        values[10],
        tuple(map(tuple, values[11])),
        tuple(values[12]),
        tuple(Author(*author) for author in values[13]),
        values[14],
        values[15],
        values[16],
        values[17],
        values[18],
        values[19],
        tuple(map(tuple, values[20])),
        tuple(Problem(*fields) for fields in values[21]),
    )


def _moment(count: int | None) -> datetime | None:
    return None if count is None else datetime.fromtimestamp(count, UTC)
