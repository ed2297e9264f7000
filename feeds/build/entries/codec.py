"""Entries as JSON, as the cache keeps them: in comes an Entry or its text, out goes the other. Equal entries give equal text."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple, fields
from datetime import UTC, datetime
from typing import Any

from feeds.extras import extra_from
from feeds.model import Category, Enclosure, Entry, Image, Person, SafeHtml
from feeds.shows import episode_from

_FIELDS = tuple(field.name for field in fields(Entry))


def encode_entry(entry: Entry) -> str:
    """An entry as JSON."""
    plain = {name: getattr(entry, name) for name in _FIELDS}
    plain["published"] = int(entry.published.timestamp())
    plain["updated"] = int(entry.updated.timestamp())
    plain["authors"] = [astuple(person) for person in entry.authors]
    plain["categories"] = [astuple(category) for category in entry.categories]
    plain["image"] = astuple(entry.image) if entry.image else None
    plain["enclosures"] = [astuple(enclosure) for enclosure in entry.enclosures]
    plain["extras"] = [astuple(extra) for extra in entry.extras]
    plain["episode"] = asdict(entry.episode) if entry.episode else None
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def decode_entry(text: bytes) -> Entry:
    """What `encode_entry` wrote. The content was safe when it was remembered, under a key that holds the policy's version."""
    plain: Any = json.loads(text)
    plain["published"] = datetime.fromtimestamp(plain["published"], UTC)
    plain["updated"] = datetime.fromtimestamp(plain["updated"], UTC)
    plain["authors"] = tuple(Person(*parts) for parts in plain["authors"])
    plain["categories"] = tuple(Category(*parts) for parts in plain["categories"])
    plain["content"] = SafeHtml(plain["content"])
    plain["image"] = Image(*plain["image"]) if plain["image"] else None
    plain["enclosures"] = tuple(Enclosure(*parts) for parts in plain["enclosures"])
    plain["translations"] = tuple(tuple(parts) for parts in plain["translations"])
    plain["extras"] = tuple(map(extra_from, plain["extras"]))
    plain["episode"] = episode_from(plain["episode"])
    return Entry(**plain)
