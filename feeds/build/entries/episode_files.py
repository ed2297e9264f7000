"""What front matter says of an episode in the podcast namespace beyond its file: parts of it, other files, who is paid.

In come keys, out go values of feeds.shows; what cannot be read is a finding and is left out. Reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from feeds import text
from feeds.lazy_patterns import lazy_pattern
from feeds.media_types import media_type
from feeds.model import Value as FrontMatter
from feeds.posts.keys import fold_key
from feeds.posts.metadata import truth
from feeds.settings.kinds import LANGUAGE, WrongValueError
from feeds.settings.show import VALUE
from feeds.shows import AlternateEnclosure, Soundbite, Value

#: Of a value and its key: the absolute URL that it means, None with a finding if it means none.
Link = Callable[[FrontMatter, str], "str | None"]
Tell = Callable[..., None]

_SECONDS = lazy_pattern(r"(?:(?:([0-9]{1,3}):)?([0-9]{1,3}):)?([0-9]{1,6})(\.[0-9]{1,3})?\Z")
_INTEGRITY = lazy_pattern(r"sha(?:256|384|512)-[A-Za-z0-9+/]{40,90}={0,2}\Z")
_TYPE = lazy_pattern(r"[a-z]+/[a-z0-9.+-]{1,80}(?:; ?[a-z]+=[^\s;\"<>]{1,80})?\Z")
_LONGEST_TITLE, _LONGEST_SECONDS = 128, 100_000
_SOUNDBITE = "a table, e.g. { start: 1:13, duration: 60, title: The kettle }"
_FILE = "a table, e.g. { url: episode-1.opus, type: audio/opus, title: Small }"


def part(facts: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of these keys that has one, however it is written."""
    folded = {fold_key(key): value for key, value in facts.items()}
    return next((folded[name] for name in names if folded.get(name)), None)


def listed(value: FrontMatter) -> list[Any]:
    """One or several values as a list; nothing is none."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def seconds(value: object) -> str | None:
    """A time as a decimal number of seconds: "73", "73.5", "1:13" or "1:02:03.5"; None if it is not one."""
    match = _SECONDS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    whole_seconds = int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + int(match[3])
    fraction = (match[4] or "").rstrip("0")
    return f"{whole_seconds}{fraction if fraction != '.' else ''}" if whole_seconds < _LONGEST_SECONDS else None


def soundbites(written: str, value: FrontMatter, problem: Tell) -> Iterator[Soundbite]:
    """podcast:soundbite of each table."""
    for item in listed(value):
        facts = item if isinstance(item, dict) else {}
        start = seconds(part(facts, "start", "starttime", "from"))
        duration = seconds(part(facts, "duration", "length"))
        if start is None or duration is None or not float(duration):
            problem("episode-extra", "a soundbite needs a start and a duration", field=written, expected=_SOUNDBITE)
            continue
        title = part(facts, "title", "text")
        yield Soundbite(start, duration, text.plain(title, _LONGEST_TITLE) if isinstance(title, str) else "")


def alternates(written: str, value: FrontMatter, link: Link, problem: Tell) -> Iterator[AlternateEnclosure]:
    """podcast:alternateEnclosure of each address or table."""
    for item in listed(value):
        facts = item if isinstance(item, dict) else {"url": item}
        addresses = listed(part(facts, "sources", "source", "url", "uri", "src", "href", "file"))
        urls = [link(address, written) for address in addresses if isinstance(address, str)]
        kind = part(facts, "type", "mimetype")
        kind = kind.strip().casefold() if isinstance(kind, str) else media_type(str(addresses[0])) if addresses else None
        if not addresses or kind is None or not _TYPE.fullmatch(kind):
            problem("episode-extra", "another file of the episode needs an address and a type", field=written, expected=_FILE)
            continue
        sources = tuple(dict.fromkeys(url for url in urls if url is not None))
        if sources:
            yield AlternateEnclosure(
                sources,
                kind,
                length_bytes=_whole(part(facts, "length", "size")),
                bitrate=_decimal(part(facts, "bitrate")),
                height=_whole(part(facts, "height")),
                language=_language(part(facts, "language", "lang")),
                title=_words(part(facts, "title"), 32),
                relation=_words(part(facts, "rel"), 32),
                codecs=_words(part(facts, "codecs"), 100),
                default=truth(part(facts, "default")) is True,
                integrity=_integrity(part(facts, "integrity", "sri"), written, problem),
            )


def value_of(written: str, value: FrontMatter, problem: Tell) -> Value | None:
    """podcast:value of the episode, in place of the show's."""
    if not isinstance(value, dict):
        return None
    try:
        result: Value = VALUE.read(_typed(value))
    except WrongValueError as error:
        problem("episode-extra", f"value: {error.what}", field=written, expected=error.expected, fix=error.fix)
        return None
    if not result.recipients:
        problem("episode-extra", "value: it has no recipients", field=written, expected=VALUE.allowed)
        return None
    return result


def _typed(value: Any) -> Any:
    """Numbers and flags of front matter, which keeps scalars as they were typed, in the types that settings have."""
    if isinstance(value, dict):
        return {_key(key): _of_type(_key(key), inner) for key, inner in value.items()}
    return [_typed(item) for item in value] if isinstance(value, list) else value


def _key(key: str) -> str:
    return {"customkey": "custom_key", "customvalue": "custom_value"}.get(fold_key(key), fold_key(key))


def _of_type(key: str, value: Any) -> Any:
    if key == "split":
        number = _whole(value)
        return value if number is None else number
    if key == "fee":
        flag = truth(value)
        return value if flag is None else flag
    return _typed(value)


def _whole(value: object) -> int | None:
    digits = value.strip().replace("_", "") if isinstance(value, str) else ""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 13 else None


def _decimal(value: object) -> str | None:
    match = re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", value.strip()) if isinstance(value, str) else None
    return match[0] if match else None


def _language(value: object) -> str | None:
    try:
        tag: str = LANGUAGE.read(value)
    except WrongValueError:
        return None
    return tag


def _words(value: object, limit: int) -> str | None:
    return text.plain(value, limit) or None if isinstance(value, str) else None


def _integrity(value: object, written: str, problem: Tell) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and _INTEGRITY.fullmatch(value.strip()):
        return value.strip()
    problem("episode-extra", f"{value!s:.60} is not a digest", field=written, expected="e.g. sha384- and the digest in base64")
    return None
