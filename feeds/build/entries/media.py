"""Image and enclosures of one entry: in come a post's front matter and what resolves its links, out go model values.

Values that are not addresses, types or numbers are noted as problems of the post. Sizes and lengths come from the files' headers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from feeds import text
from feeds.content import links
from feeds.errors import one_line
from feeds.lazy_patterns import lazy_pattern
from feeds.media_files import NOTHING, MediaFacts
from feeds.media_types import media_type as media_type_of
from feeds.model import Enclosure, Image, Value
from feeds.posts.keys import ENCLOSURES, IMAGES
from feeds.posts.metadata import truth
from feeds.settings import Settings

_MEDIA_TYPE = lazy_pattern(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}(?:;[ -~]{0,100})?\Z", re.ASCII)
_UNKNOWN_TYPE = "application/octet-stream"


class Notes(Protocol):
    """Where problems of the post are noted."""

    def problem(self, code: str, what: str, *, field: str | None = None, expected: str = "", fix: str = "") -> None:
        """Note what is wrong with the value of a front-matter key."""

    def take_link_findings(self, field: str | None = None) -> None:
        """Note what resolving links has found since the last call."""


class EntryMedia:
    """The pictures and recordings that a post's front matter names. `keys` are its keys, folded, as (written key, value)."""

    def __init__(self, keys: Mapping[str, tuple[str, Value]], resolver: links.Resolver, settings: Settings, notes: Notes) -> None:
        self.keys, self.links, self.settings, self.notes = keys, resolver, settings, notes

    def link(self, value: Value, field: str) -> str | None:
        """A resource's URL from front matter: a file beside the post, or an address."""
        if not isinstance(value, str) or not value.strip() or truth(value) is not None:
            return None
        value = value.strip()
        url = self.links.url(value, image=True, form="field")
        self.notes.take_link_findings(field)
        if url is None:
            what, fix = f"{value!r:.100} is not an address", "write it as https://…, or as the path of a file"
            self.notes.problem("url", what, field=field, expected="an http(s) URL or a path", fix=fix)
        return url

    def facts(self, value: Value) -> MediaFacts:
        """Size or length of a file of the author's, from its headers."""
        if not isinstance(value, str) or not value.strip():
            return NOTHING
        return self.links.media(self.links.target(value.strip(), image=True, form="field"))

    def image(self) -> Image | None:
        for name in IMAGES:
            key, value = self.keys.get(name, ("", []))
            for item in value if isinstance(value, list) else [value]:
                facts = {name.casefold(): part for name, part in item.items()} if isinstance(item, dict) else {"url": item}
                address = next(
                    (facts[name] for name in ("url", "src", "path", "image", "feature", "teaser") if facts.get(name)), None
                )
                url = self.link(address, key)
                if url is not None:
                    alt = facts.get("alt")
                    width, height = _pixels(facts.get("width")), _pixels(facts.get("height"))
                    if width is None or height is None:
                        width, height, _ = self.facts(address)
                    return Image(
                        url,
                        width=width,
                        height=height,
                        alt=text.plain(alt, 300) or None if isinstance(alt, str) else None,
                        media_type=media_type_of(url),
                    )
        nested = self.keys.get("header", ("", None))[1]
        if isinstance(nested, dict):
            for part in ("teaser", "image", "overlay_image", "og_image"):
                url = self.link(nested.get(part), self.keys["header"][0])
                if url is not None:
                    width, height, _ = self.facts(nested.get(part))
                    return Image(url, width=width, height=height, media_type=media_type_of(url))
        if self.settings.default_image:
            return Image(self.settings.default_image, media_type=media_type_of(self.settings.default_image))
        return None

    def enclosures(self) -> tuple[Enclosure, ...]:
        result: dict[str, Enclosure] = {}
        for name in ENCLOSURES:
            key, value = self.keys.get(name, ("", []))
            for item in value if isinstance(value, list) else [value]:
                facts = {name.casefold(): part for name, part in item.items()} if isinstance(item, dict) else {"url": item}
                address = next((facts[name] for name in ("url", "src", "href", "file") if facts.get(name)), None)
                if not isinstance(address, str):
                    continue
                url = self.link(address, key)
                if url is None:
                    continue
                if " " in address.strip() and "://" not in address and "/" not in address:
                    self.notes.problem(
                        "enclosure", f"{one_line(address, 60)!r} is not an address", field=key,
                        expected="an http(s) URL, or the path of a file", fix="write the file's address, or delete the key",
                    )  # fmt: skip
                    continue
                size = self.links.target(address.strip(), image=True, form="field").size_bytes
                length = facts.get("length") or facts.get("size") or facts.get("size_in_bytes")
                title = facts.get("title")
                kind = self._type(facts.get("type") or facts.get("mime_type"), key) or media_type_of(url) or _UNKNOWN_TYPE
                # What the post says of its recording is said of the first one.
                first = plays(kind) and not any(plays(element.media_type) for element in result.values())
                duration = facts.get("duration") or (self._duration_key() if first else None)
                result.setdefault(
                    url,
                    Enclosure(
                        url,
                        kind,
                        size or _number(length, 10**15) or 0,
                        _duration(duration) or self.facts(address).seconds,
                        text.plain(title, 300) or None if isinstance(title, str) else None,
                    ),
                )
        if not self.settings.shows:
            return tuple(result.values())
        # RSS has room for one, and directories take it for the episode.
        return tuple(sorted(result.values(), key=lambda enclosure: not plays(enclosure.media_type)))

    def _duration_key(self) -> Value:
        """What a key of the post says of the length of its recording."""
        names = ("duration", "podcastduration", "itunesduration")
        return next((self.keys[name][1] for name in names if name in self.keys), None)

    def _type(self, value: Value, field: str) -> str | None:
        """A media type from front matter (RFC 6838 section 4.2); None if it is not one."""
        if not isinstance(value, str) or not value.strip():
            return None
        if _MEDIA_TYPE.match(value.strip()):
            return value.strip().lower()
        self.notes.problem("media-type", f"{one_line(value, 60)!r} is not a media type", field=field, fix="write e.g. audio/mpeg")
        return None


def _pixels(value: Value) -> int | None:
    return _number(value, 100_000) or None


def _number(value: Value, below: int) -> int | None:
    """The number that a text of digits means; None if it is none, or too large."""
    if not isinstance(value, str) or not value.isdecimal() or len(value) > 20 or int(value) >= below:
        return None
    return int(value)


def plays(media_type: str) -> bool:
    return media_type.startswith(("audio/", "video/"))


def _duration(value: Value) -> int | None:
    """Seconds from `90`, `1:30` or `1:02:03`."""
    parts = value.strip().split(":") if isinstance(value, str) else []
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 6 for part in parts):
        return None
    first, *rest = map(int, parts)
    if any(part >= 60 for part in rest):
        return None
    seconds = first
    for part in rest:
        seconds = seconds * 60 + part
    return seconds
