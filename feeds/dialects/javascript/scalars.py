"""How JavaScript reads what an author wrote in YAML: numbers, texts of values, dates.

Generators in JavaScript read front matter with js-yaml, so that `1e3` is 1000 in an address and `2020-01-02 03:04:05 +0800` an
instant. In come scalars as typed, out go the texts and instants that such a generator makes of them. Pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from math import isfinite

from feeds import dates
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Quoted, Value

#: js-yaml 4, lib/type/int.js and lib/type/float.js.
_INTEGER = lazy_pattern(r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+)\Z", re.ASCII)
_FLOAT = lazy_pattern(r"(?:[-+]?[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z", re.ASCII)
_FLAGS = {"true": "true", "True": "true", "TRUE": "true", "false": "false", "False": "false", "FALSE": "false"}
#: js-yaml 4, lib/type/timestamp.js: what is not quoted and looks like this is a date.
_DAY = lazy_pattern(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_TIMESTAMP = lazy_pattern(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?\Z", re.ASCII
)
#: The date form of ECMA-262, 21.4.1.32: without a time it is UTC, with one and no offset local.
_ISO_DAY = lazy_pattern(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z", re.ASCII)
#: What V8 reads besides (src/date/dateparser-inl.h): zeros before a number, commas, days up to 31 in any month.
_LEGACY = lazy_pattern(
    r"\+?(?P<year>\d{4})(?P<mark>[-/ ])0{0,9}(?P<month>[1-9]\d?)(?P=mark)0{0,9}(?P<day>[1-9]\d?)"
    r"(?:[\s,/]{1,9}(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}))?(?:\.\d{1,9})?)?"
    r"\s{0,9}(?P<zone>Z|(?:GMT|UTC)?(?P<sign>[-+])(?P<hours>\d{1,2}):?(?P<minutes>\d\d))?\s{0,9}(?:\([^()]{0,40}\))?\Z",
    re.ASCII,
)
_AMERICAN = lazy_pattern(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?=\s|\Z)", re.ASCII)


def is_number(value: Value) -> bool:
    """Whether a value is a number for js-yaml."""
    return isinstance(value, str) and not isinstance(value, Quoted) and number_text(value) is not None


def number_text(text: str) -> str | None:
    """A bare scalar's text as JavaScript prints the number that it is; None if it is none: `1.50` is "1.5", `1e3` "1000"."""
    if not 0 < len(text) < 400:
        return None
    if _INTEGER.match(text):
        sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.removeprefix("+"))
        base = {"0b": 2, "0x": 16, "0o": 8}.get(digits[:2], 10)
        number = float(sign * int(digits[2:] if base != 10 else digits, base))
    elif _FLOAT.match(text):
        number = float(text)
    else:
        return None
    return _printed(number) if isfinite(number) else None


def _printed(number: float) -> str:
    """ECMA-262, 6.1.6.1.20 Number::toString."""
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    _, figures, exponent = Decimal(repr(abs(number))).as_tuple()
    shown = "".join(map(str, figures))
    digits = shown.rstrip("0")
    #: Where the decimal point is, counted from before the first digit.
    point = len(shown) + int(exponent)
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def text_of(value: Value) -> str | None:
    """The text of a value as `String(value)` gives it; None for null and tables."""
    if isinstance(value, list):
        return ",".join(text_of(item) or "" for item in value)
    if not isinstance(value, str):
        return None
    if isinstance(value, Quoted):
        return str(value)
    return _FLAGS.get(value) or number_text(value) or value


def instant(text: str, zone: tzinfo, machine: tzinfo | None = None) -> datetime:
    """The instant that a date in front matter is for Hexo, aware UTC in whole seconds. Raises ValueError.

    `machine` is the zone of the machine on which Hexo runs, if that is not the site's: an offset in a text then counts, but
    the clock time that the machine shows at that instant is taken for one of the site's zone.

    A bare YAML timestamp is taken to UTC first, and the clock time that it then shows is one of the site's zone, whatever
    its offset was: hexo-front-matter adds the machine's offset to each date. A text is read as `new Date` reads it. Days and
    hours beyond the last one run on into the next month or day.
    """
    if machine is not None and machine != zone:
        seen = instant(text, machine).astimezone(machine)
        return _at(seen.replace(tzinfo=None), zone)
    bare = not isinstance(text, Quoted)
    text = text.strip()
    if bare and (match := _DAY.match(text)):
        return _at(_clock(*map(int, match.groups())), zone)
    if bare and (match := _TIMESTAMP.match(text)):
        moment = _clock(*(int(part) for part in match.groups()[:6]))
        if match[8]:
            offset = timedelta(hours=int(match[9]), minutes=int(match[10] or 0))
            moment = moment + offset if match[8] == "-" else moment - offset
        return _at(moment, zone)
    if match := _ISO_DAY.match(text):
        if not bare or match[2]:
            year, month, day = (int(part or 1) for part in match.groups())
            return _at(_clock(year, month, day), UTC)
        raise ValueError(f"{text!r} is a number, not a date")
    if match := _AMERICAN.match(text):
        if int(match[1]) > 12 >= int(match[2]):
            meant = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}{text[match.end() :]}"
            raise ValueError(f"{text!r} has the day before the month, where the generator wants it behind; expected {meant}")
        text = f"{match[3]}-{match[1]}-{match[2]}{text[match.end() :]}"
    try:
        return dates.parse(text, zone)
    except ValueError:
        legacy = _legacy(text, zone)
        if legacy is None:
            raise
        return legacy


def _legacy(text: str, zone: tzinfo) -> datetime | None:
    """The instant that V8's old parser of dates reads; None if it reads none, or a time that does not exist."""
    match = _LEGACY.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    if month > 12 or day > 31 or hour > 23 or minute > 59 or second > 59:
        return None
    moment = _clock(year, month, day, hour, minute, second)
    if not match["zone"]:
        return _at(moment, zone)
    offset = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    try:
        return _at(moment + offset if match["sign"] == "-" else moment - offset, UTC)
    except OverflowError:
        return None


def _clock(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """`Date.UTC`: each part may run over into the next larger one. Raises ValueError."""
    years, month = divmod(month - 1, 12)
    try:
        return datetime(year + years, month + 1, 1) + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001
    except (ValueError, OverflowError):
        raise ValueError(f"the date lies outside the years 1 to 9999; expected {dates.EXPECTED}") from None


def _at(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.replace(tzinfo=zone).astimezone(UTC).replace(fold=0)
    except (OverflowError, ValueError):
        raise ValueError(f"the date lies outside the years 1 to 9999; expected {dates.EXPECTED}") from None
