"""One setting's value: in comes what stands in feeds.toml, a variable or a flag; out goes the value, or what is wrong.

Each `Kind` reads one sort of value and says in words what it allows. Must not know where a value came from, nor what
other settings say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from typing import Any, NamedTuple

from feeds import plugins
from feeds.lazy_patterns import lazy_pattern
from feeds.model import clean_text


class WrongValueError(ValueError):
    """A value that cannot be: what is wrong, what was expected, the fix. The parts of `feeds.errors.sentence`."""

    def __init__(self, what: str, expected: str = "", fix: str = "") -> None:
        self.what, self.expected, self.fix = what, expected, fix
        super().__init__(what)


class Kind(NamedTuple):
    """`read(value)` gives the checked value or raises WrongValueError; `allowed` says for people what it takes.

    `shape` is how the text of a variable or flag becomes a value: "text", "number", "flag", or "list" (commas, or as in
    TOML).
    """

    read: Callable[[Any], Any]
    allowed: str
    shape: str = "text"


def describe(value: object) -> str:
    """The value as its author wrote it, or nearly so."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{" ".join(clean_text(value).split()):.80}"'
    if isinstance(value, int | float):
        return f"{value:.12g}" if isinstance(value, float) else str(value)[:40]
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return f"a date ({value})" if isinstance(value, date | time) else f"a value of the class {type(value).__name__}"


def nearest(word: str, known: Collection[str]) -> str:
    """`did you mean …?`, or nothing where no known word is near."""
    import difflib

    folded = {item.casefold(): item for item in known}
    near = difflib.get_close_matches(word.casefold(), folded, 1, 0.65)
    return f'did you mean "{folded[near[0]]}"?' if near else ""


def from_text(text: str, shape: str) -> object:
    """What a variable or flag says, as TOML would have said it; what does not fit stays text, for `read` to refuse."""
    if shape == "flag":
        word = text.strip().casefold()
        return True if word in ("true", "yes", "on", "1") else False if word in ("false", "no", "off", "0") else text
    if shape == "number":
        try:
            return int(text.replace("_", "")) if len(text) < 40 else text
        except ValueError:
            return text
    if shape == "list":
        if text.lstrip().startswith("["):
            import tomllib

            try:
                return tomllib.loads(f"list = {text}")["list"]
            except tomllib.TOMLDecodeError:
                return text
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def string(value: object, expected: str = "text") -> str:
    if not isinstance(value, str):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fix = f'write it in quotes: "{value}"' if number else ""
        raise WrongValueError(f"{describe(value)} is not text", expected, fix)
    return value


def line(limit: int = 1000, empty: bool = True) -> Kind:
    """Plain text of one line, blanks folded, without what XML cannot carry."""

    def read(value: object) -> str:
        text = " ".join(clean_text(string(value)).split())
        if not text and not empty:
            raise WrongValueError("it is empty", "text")
        if len(text) > limit:
            raise WrongValueError(f"{len(text)} characters", f"at most {limit}")
        return text

    return Kind(read, "text")


def exactly(count: int, allowed: str) -> Kind:
    """Text of so many characters, none of them a blank or a control character."""

    def read(value: object) -> str:
        text = string(value, allowed)
        if len(text) != count or text.split() != [text] or clean_text(text) != text:
            raise WrongValueError(f"{describe(text)} is not {count} characters", allowed)
        return text

    return Kind(read, allowed)


def choice(*names: str) -> Kind:
    """One of some words."""
    allowed = _either(names)

    def read(value: object) -> str:
        text = string(value, allowed)
        if text not in names:
            raise WrongValueError(f"{describe(text)} is not known", allowed, nearest(text, names))
        return text

    return Kind(read, allowed)


def listed(kind: Kind, allowed: str, *, least: int = 0) -> Kind:
    """A list whose items are each of a kind, none twice."""

    def read(value: object) -> tuple[Any, ...]:
        if isinstance(value, str):
            raise WrongValueError(f"{describe(value)} is text", allowed, f'write it in brackets: ["{value}"]')
        if not isinstance(value, list | tuple):
            raise WrongValueError(f"{describe(value)} is not a list", allowed)
        items = tuple(kind.read(item) for item in value)
        if len(items) < least:
            raise WrongValueError("the list is empty", allowed)
        for place, element in enumerate(items):
            if element in items[:place]:
                raise WrongValueError(f"{describe(element)} is in it twice", allowed)
        return items

    return Kind(read, allowed, "list")


def plug_in(kind: Kind, group: str) -> Kind:
    """One of the words of `kind`, or the name of an installed plug-in of an entry point group."""

    def read(value: object) -> Any:
        # The installed packages are looked at only for a word that is not our own.
        try:
            return kind.read(value)
        except WrongValueError:
            if isinstance(value, str) and value in plugins.named(group):
                return value
            raise

    return Kind(read, kind.allowed)


def some_of(*names: str, least: int = 0, group: str = "") -> Kind:
    """A list of some of the words, and of names of plug-ins if there is a group of them."""
    word = choice(*names)
    return listed(plug_in(word, group) if group else word, f"a list of some of {_either(names, 'and')}", least=least)


def _either(names: Collection[str], word: str = "or") -> str:
    *first, last = (f'"{name}"' for name in names)
    return f"{', '.join(first)} {word} {last}" if first else last


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError(f"{describe(value)} is neither true nor false", "true or false")
    return value


FLAG = Kind(boolean, "true or false", "flag")


def whole(low: int, high: int) -> Kind:
    """A whole number within bounds."""
    return _number(low, high, f"a whole number from {low} to {high}", {}, "")


_SIZES = {"b": 1, "": 1, "kb": 1000, "k": 1000, "kib": 1024, "mb": 1000**2, "m": 1000**2, "mib": 1024**2}
_TIMES = {
    "": 1, "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400, "w": 604800, "week": 604800,
    "weeks": 604800,
}  # fmt: skip


def size(low: int, high: int) -> Kind:
    """Bytes: a whole number, or text, e.g. "512 KB" (1000 bytes each) or "1 MiB" (1024 × 1024)."""
    return _number(low, high, f'{shown_size(low)} to {shown_size(high)}: bytes, or text, e.g. "512 KB"', _SIZES, "size")


def duration(low: int, high: int) -> Kind:
    """Seconds: a whole number, or text, e.g. "15 min", "1 h", "7 d"."""
    return _number(low, high, f'{shown_time(low)} to {shown_time(high)}: seconds, or text, e.g. "1 h"', _TIMES, "duration")


def shown_size(size_bytes: int) -> str:
    for unit, name in ((1000**2, "MB"), (1000, "KB")):
        if size_bytes and size_bytes % unit == 0:
            return f"{size_bytes // unit} {name}"
    return f"{size_bytes} B"


def shown_time(seconds: int) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def _number(low: int, high: int, allowed: str, units: Mapping[str, int], what: str) -> Kind:
    def read(value: object) -> int:
        if isinstance(value, str) and units:
            match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)", value.strip(), re.IGNORECASE)
            if not match or match[2].lower() not in units:
                raise WrongValueError(f"{describe(value)} is not a valid {what}", allowed)
            value = float(match[1]) * units[match[2].lower()]
            if value != int(value):
                raise WrongValueError(f"{describe(match[0])} is not a whole number", allowed)
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            fix = "without quotes" if isinstance(value, str) and value.strip().isdigit() else ""
            raise WrongValueError(f"{describe(value)} is not a whole number", allowed, fix)
        if not low <= value <= high:
            raise WrongValueError(f"{describe(value)} is too {'small' if value < low else 'large'}", allowed)
        return value

    return Kind(read, allowed, "number")


def fraction(value: object) -> float:
    """A part of one, as 0.3 or "30 %"."""
    allowed = FRACTION.allowed
    if isinstance(value, str):
        match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?|\.\d{1,6})\s*(%?)", value.strip())
        if not match:
            raise WrongValueError(f"{describe(value)} is not a fraction", allowed)
        value = float(match[1]) / (100 if match[2] else 1)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise WrongValueError(f"{describe(value)} is not a fraction", allowed)
    if not 0 <= value <= 1:
        fix = f'write "{value:g} %"' if 1 < value <= 100 else ""
        raise WrongValueError(f"{describe(value)} is out of range", allowed, fix)
    return float(value)


FRACTION = Kind(fraction, '0 to 1, or text, e.g. "30 %"')


# --- names of the world: zones, languages, encodings, hosts


_ZONES = {
    "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "peking": "Asia/Shanghai", "cst": "Asia/Shanghai",
    "asia/beijing": "Asia/Shanghai", "prc": "Asia/Shanghai", "utc+8": "Asia/Shanghai", "gmt+8": "Asia/Shanghai",
    "+08:00": "Asia/Shanghai", "+0800": "Asia/Shanghai", "中国": "Asia/Shanghai", "上海": "Asia/Shanghai",
    "北京": "Asia/Shanghai", "台北": "Asia/Taipei", "香港": "Asia/Hong_Kong",
    "jst": "Asia/Tokyo", "ist": "Asia/Kolkata",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "edt": "America/New_York", "cdt": "America/Chicago",
    "bst": "Europe/London", "cest": "Europe/Berlin", "gmt": "UTC", "z": "UTC",
}  # fmt: skip


def zone(value: object) -> str:
    """An IANA time zone that this machine knows."""
    allowed = ZONE.allowed
    text = string(value, allowed).strip()
    if text == "UTC":
        return text
    from zoneinfo import ZoneInfo, available_timezones

    name = re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", text)
    if name and text.lower() not in ("localtime", "posixrules"):
        try:
            ZoneInfo(text)
            return text
        except (OSError, ValueError, KeyError):
            pass
    known = _ZONES.get(text.casefold().replace(" ", ""))
    fix = f'did you mean "{known}"?' if known else nearest(text, available_timezones())
    raise WrongValueError(f"{describe(value)} is not a time zone", allowed, fix)


ZONE = Kind(zone, 'an IANA time zone, e.g. "Asia/Shanghai" or "UTC"')

_LANGUAGE = lazy_pattern(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}",
    re.IGNORECASE,
)
_LANGUAGES = {
    "chinese": "zh-CN", "cn": "zh-CN", "中文": "zh-CN", "简体中文": "zh-CN", "繁體中文": "zh-TW", "english": "en",
}  # fmt: skip


def meant_language(text: str) -> str:
    """The tag that a language's name or a locale means: zh-CN for 中文, en-US for en_US.UTF-8; "" for what is neither."""
    tag = text.partition(".")[0].replace("_", "-")
    return _LANGUAGES.get(text.casefold()) or (tag if _LANGUAGE.fullmatch(tag) else "")


def language(value: object) -> str:
    """A language tag in the case that BCP 47 section 2.1.1 recommends."""
    allowed = LANGUAGE.allowed
    text = string(value, allowed).strip()
    if text.casefold() in _LANGUAGES or not _LANGUAGE.fullmatch(text):
        good = meant_language(text)
        raise WrongValueError(f"{describe(value)} is not a language tag", allowed, f'did you mean "{good}"?' if good else "")
    first, *rest = text.lower().split("-")
    parts = [first]
    for part in rest:
        if any(len(before) == 1 for before in parts):
            parts.append(part)
        else:
            parts.append(part.upper() if len(part) == 2 else part.title() if re.fullmatch("[a-z]{4}", part) else part)
    return "-".join(parts)


LANGUAGE = Kind(language, 'a language tag (BCP 47), e.g. "zh-CN" or "en"')


def encoding(value: object) -> str:
    """A text encoding that Python knows, by its usual name."""
    import codecs

    text = string(value, ENCODING.allowed).strip()
    try:
        result = codecs.lookup(text)
        "a".encode(result.name)
    except (LookupError, ValueError, UnicodeError):
        from encodings.aliases import aliases

        raise WrongValueError(
            f"{describe(value)} is not an encoding", ENCODING.allowed, nearest(text, {*aliases, "utf-8"} - {text})
        ) from None
    return result.name


ENCODING = Kind(encoding, 'names of encodings, e.g. "utf-8", "gb18030" or "big5"')


_AUTHORITY = lazy_pattern(
    r"(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?,\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
)


def authority(value: object) -> str:
    """Authority and date of a tag: URI (RFC 4151 section 2.1)."""
    text = string(value, AUTHORITY.allowed).strip().lower()
    if text and not _AUTHORITY.fullmatch(text):
        bare = re.fullmatch(r"(?:https?://)?([a-z0-9.@-]+)/?", text)
        raise WrongValueError(
            f"{describe(value)} is not a valid authority", AUTHORITY.allowed, f'write "{bare[1]},2026"' if bare else ""
        )
    return text


AUTHORITY = Kind(authority, 'a domain and a date on which it was yours, e.g. "example.org,2026"')


def email(value: object) -> str:
    text = string(value).strip().removeprefix("mailto:")
    if not re.fullmatch(r"[^\s@<>(),;:]+@[^\s@<>(),;:.]+(?:\.[^\s@<>(),;:.]+)+", text) or clean_text(text) != text:
        raise WrongValueError(f"{describe(value)} is not a valid e-mail address", 'an address, e.g. "me@example.org"')
    return text


EMAIL = Kind(email, "an e-mail address")


def secret(pattern: re.Pattern[str], allowed: str) -> Kind:
    """Text that is a key or a token; a message never shows it."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            raise WrongValueError("it is not valid (it is not shown here)", allowed)
        return value.strip()

    return Kind(read, allowed)
