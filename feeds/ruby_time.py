"""Dates as Ruby reads and writes them: `Time.parse` (Date._parse) and `Time#strftime`, and YAML's timestamps as Psych has them.

Jekyll's dates are whatever these accept, so the same leniency is needed to give the same day in an address. Never asks the
clock: text without a year is a ValueError where Ruby takes today's. Every pattern is linear and input is bounded.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from feeds.dates import EXPECTED
from feeds.english import MONTHS, WEEKDAYS
from feeds.lazy_patterns import lazy_pattern

MAX_CHARS = 200

_SHORT_MONTHS = [month[:3].lower() for month in MONTHS]
_MONTH = "(" + "|".join(_SHORT_MONTHS) + ")"
#: Ruby's Time::ZoneOffset, in hours.
_ZONES = {
    "UTC": 0, "Z": 0, "UT": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    **{letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", 1)},
    **{letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", 1)},
}  # fmt: skip
_YAML_TIME = lazy_pattern(
    r"(-?\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d\d):(\d\d)(?:\.\d*)?(?:\s*(Z|[-+]\d{1,2}(?::?\d\d)?))?\Z", re.ASCII
)
_NOISE = lazy_pattern(r"[^-+',./:@\w\[\]]+|_")
_DAY = lazy_pattern(r"\b(?:sun|mon|tue|wed|thu|fri|sat)[^-/\d\s]*", re.IGNORECASE)
_TIME = lazy_pattern(
    r"(\d{1,9}\s{0,3}(?:(?::\s{0,3}\d{1,9}(?:\s{0,3}:\s{0,3}\d{1,9}(?:[,.]\d*)?)?|h(?:\s{0,3}\d{1,9}m?(?:\s{0,3}\d{1,9}s?)?)?)"
    r"(?:\s{0,3}[ap](?:m\b|\.m\.))?|[ap](?:m\b|\.m\.)))"
    r"(?:\s{0,3}((?:gmt|utc?)?[-+]\d{1,9}(?:[,.:]\d{1,9}(?::\d{1,9})?)?|[a-z]{1,40}(?:\sdst)?\b))?",
    re.IGNORECASE | re.ASCII,
)
_CLOCK = lazy_pattern(
    r"(\d+)\s*h?(?:\s*:?\s*(\d+)m?(?:\s*:?\s*(\d+)(?:[,.]\d*)?s?)?)?(?:\s*([ap])(?:m\b|\.m\.))?", re.IGNORECASE | re.ASCII
)
_EU = lazy_pattern(
    rf"'?(\d{{1,9}})[^-\d\s]{{0,9}}\s{{0,9}}{_MONTH}[^-\d\s']{{0,30}}(?:\s{{0,9}}('?-?\d{{1,9}}(?:(?:st|nd|rd|th)\b)?))?",
    re.IGNORECASE | re.ASCII,
)
_US = lazy_pattern(
    rf"\b{_MONTH}[^-\d\s']{{0,30}}\s{{0,9}}('?\d{{1,9}})[^-\d\s']{{0,30}}(?:\s{{0,9}},?\s{{0,9}}('?-?\d{{1,9}}))?",
    re.IGNORECASE | re.ASCII,
)
_ISO = lazy_pattern(r"('?[-+]?\d{1,9})-(\d{1,9})-('?-?\d{1,9})", re.ASCII)
_DAY_MONTH_YEAR = lazy_pattern(rf"('?-?\d{{1,9}})-{_MONTH}[^-/.]{{0,9}}-('?-?\d{{1,9}})", re.IGNORECASE | re.ASCII)
_MONTH_DAY_YEAR = lazy_pattern(rf"\b{_MONTH}[^-/.]{{0,9}}-('?-?\d{{1,9}})(?:-('?-?\d{{1,9}}))?", re.IGNORECASE | re.ASCII)
_SLASHES = lazy_pattern(r"('?-?\d{1,9})/\s*('?\d{1,9})(?:\D\s*('?-?\d{1,9}))?", re.ASCII)
_DOTS = lazy_pattern(r"('?-?\d{1,9})\.\s*('?\d{1,9})\.\s*('?-?\d{1,9})", re.ASCII)
_DAY_OF_YEAR = lazy_pattern(r"\b([1-9]\d{3})-(\d{3})\b", re.ASCII)
_DIGITS = lazy_pattern(r"([-+]?)(\d{2,14})(?:\s*t?\s*(\d{2,6})?(?:[,.]\d*)?)?(z\b|[-+]\d{1,4}\b)?", re.IGNORECASE | re.ASCII)


def yaml_time(text: str) -> datetime | None:
    """What YAML itself makes of a plain scalar: UTC where it names no zone. None if it is no timestamp with a time.

    Raises ValueError for a time that does not exist.
    """
    match = _YAML_TIME.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    zone = match[7]
    offset = timedelta()
    if zone and zone != "Z":
        hours, colon, minutes = zone[1:].partition(":")
        if not colon:
            hours, minutes = hours[:2], hours[2:]
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if zone[0] == "-" else 1)
    return (_moment(text, (year, month, day), (hour, minute, second)) - offset).replace(tzinfo=UTC)


def parse(text: str, zone: tzinfo) -> datetime:
    """The instant that `Time.parse` makes of text, aware UTC; in `zone` where the text names no zone that Ruby knows.

    Raises ValueError with a sentence.
    """
    if len(text) > MAX_CHARS:
        raise ValueError("the date is too long")
    rest = _DAY.sub(" ", _NOISE.sub(" ", text), count=1)
    clock: tuple[int, int, int] = (0, 0, 0)
    name = ""
    match = _TIME.search(rest)
    if match:
        clock, name = _clock(match[1], text), match[2] or ""
        rest = rest[: match.start()] + " " + rest[match.end() :]
    date = _date(rest)
    if date is None:
        date, clock, name = _digits(rest, clock, name)
    if date is None:
        raise ValueError(f"{text!r:.60} is not a date; expected {EXPECTED}")
    moment = _moment(text, date, clock)
    offset = _offset(name, date[0], zone)
    try:
        if offset is not None:
            return (moment - offset).replace(tzinfo=UTC)
        # Of a clock time that the zone has twice Ruby means the second; one that it skips has the offset before the gap.
        return max(moment.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(fold=0) for fold in (0, 1))
    except OverflowError:
        raise ValueError(f"{text!r:.60} lies outside the years 1 to 9999; expected {EXPECTED}") from None


def _clock(text: str, whole: str) -> tuple[int, int, int]:
    match = _CLOCK.match(text)
    if match is None:
        return 0, 0, 0
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    if match[4]:
        hour = hour % 12 + (12 if match[4] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError(f"{whole!r:.60} names a time that does not exist; expected hours to 24:00, minutes and seconds to 59")
    return hour, minute, second


def _date(rest: str) -> tuple[int, int, int] | None:
    """Year, month and day in the first form that fits, in the order in which Ruby tries them."""
    if match := _EU.search(rest):
        return _year_first(match[3], str(_SHORT_MONTHS.index(match[2].lower()) + 1), match[1])
    if match := _US.search(rest):
        return _year_first(match[3], str(_SHORT_MONTHS.index(match[1].lower()) + 1), match[2])
    if match := _ISO.search(rest):
        return _year_first(match[1], match[2], match[3])
    if match := _DAY_MONTH_YEAR.search(rest):
        return _year_first(match[3], str(_SHORT_MONTHS.index(match[2].lower()) + 1), match[1])
    if match := _MONTH_DAY_YEAR.search(rest):
        return _year_first(match[3], str(_SHORT_MONTHS.index(match[1].lower()) + 1), match[2])
    if match := _SLASHES.search(rest) or _DOTS.search(rest):
        return _year_first(match[1], match[2], match[3])
    if (match := _DAY_OF_YEAR.search(rest)) and 1 <= int(match[2]) <= 366:
        day = datetime(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)  # noqa: DTZ001
        return day.year, day.month, day.day
    return None


def _year_first(year: str | None, month: str | None, day: str | None) -> tuple[int, int, int] | None:
    """Which of three numbers is the year: one with a quote or of more than two digits (`s3e` of Ruby's date_parse.c)."""
    if year is not None and month is not None and day is None:
        year, month, day = day, year, month
    if year is None and day is not None and (len(_number(day)) > 2 or day.startswith("'")):
        year, day = day, None
    if year is not None and not re.fullmatch(r"'?[-+]?\d+", year):
        digits = _number(year)
        year, day = day, digits
    if month is not None and (month.startswith("'") or len(_number(month)) > 2):
        year, month, day = month, day, year
    if day is not None and (day.startswith("'") or len(_number(day)) > 2):
        year, day = day, year
    if year is None or month is None:
        return None
    number = int(_number(year))
    if len(_number(year)) <= 2 and not year.startswith(("'", "-", "+")):
        number += 1900 if number >= 69 else 2000
    return number, int(_number(month)), int(_number(day)) if day is not None else 1


def _number(text: str) -> str:
    match = re.search(r"\d+", text)
    return match[0] if match else "0"


def _digits(rest: str, clock: tuple[int, int, int], name: str) -> tuple[tuple[int, int, int] | None, tuple[int, int, int], str]:
    """Runs of digits: `20200112`, `20200112T200000`, `202001122000`."""
    match = _DIGITS.search(rest)
    if match is None or len(match[2]) not in (8, 12, 14):
        return None, clock, name
    digits = match[2]
    time = digits[8:] or match[3] or ""
    if time:
        hour, minute, second = (int(time[place : place + 2] or 0) for place in (0, 2, 4))
        clock = _clock(f"{hour}:{minute}:{second}", rest)
    return (int(digits[:4]), int(digits[4:6]), int(digits[6:8])), clock, match[4] or name


def _moment(text: str, date: tuple[int, int, int], clock: tuple[int, int, int]) -> datetime:
    """The date and time as they stand; 30 February is 1 March, as Ruby counts on to day 31."""
    year, month, day = date
    if not 1 <= day <= 31:
        raise ValueError(f"{text!r:.60} names a day that does not exist; expected {EXPECTED}")
    if clock[0] > 24 or clock[1] > 59 or clock[2] > 60:
        raise ValueError(f"{text!r:.60} names a time that does not exist; expected hours to 24:00, minutes and seconds to 59")
    try:
        return datetime(year, month, 1) + timedelta(days=day - 1, hours=clock[0], minutes=clock[1], seconds=clock[2])  # noqa: DTZ001
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r:.60} names a day that does not exist; expected {EXPECTED}") from None


def _offset(name: str, year: int, zone: tzinfo) -> timedelta | None:
    """What a zone's name or offset stands for; None for one that Ruby does not know, which it then leaves out."""
    upper = name.upper()
    if match := re.fullmatch(r"([-+])(\d\d):?(\d\d)?(?::?(\d\d))?", upper):
        sign = -1 if match[1] == "-" else 1
        return sign * timedelta(hours=int(match[2]), minutes=int(match[3] or 0), seconds=int(match[4] or 0))
    if upper in _ZONES:
        return timedelta(hours=_ZONES[upper])
    for month in (1, 7):
        moment = datetime(min(max(year, 1), 9999), month, 1, tzinfo=zone)
        if upper and (moment.tzname() or "").upper() == upper:
            return moment.utcoffset()
    return None


_STRFTIME = lazy_pattern(r"%([-0^#_]{0,5})(\d{0,2})(:{0,2}[A-Za-z%+])")
_WIDTHS = {"d": 2, "m": 2, "H": 2, "I": 2, "M": 2, "S": 2, "y": 2, "j": 3, "L": 3, "N": 9, "C": 2, "U": 2, "W": 2, "V": 2, "g": 2}
_BLANK_PADDED = {"e": 2, "k": 2, "l": 2}
_COMPOUNDS = {
    "D": "%m/%d/%y", "x": "%m/%d/%y", "F": "%Y-%m-%d", "T": "%H:%M:%S", "X": "%H:%M:%S", "R": "%H:%M", "r": "%I:%M:%S %p",
    "c": "%a %b %e %H:%M:%S %Y", "v": "%e-%^b-%Y", "+": "%a %b %e %H:%M:%S %Z %Y", "h": "%b",
}  # fmt: skip


def strftime(moment: datetime, pattern: str) -> str:
    """An aware moment as Ruby's `Time#strftime` writes it: flags, widths, and English names whatever the locale."""

    def replaced(match: re.Match[str]) -> str:
        flags, width, directive = match[1], match[2], match[3]
        written = _directive(moment, directive, flags)
        if written is None:
            return match[0]
        if "^" in flags:
            written = written.upper()
        if "#" in flags:
            written = written.lower() if directive == "p" else written.upper()
        if width and "-" not in flags:
            zeros = ("0" in flags or directive in _WIDTHS or directive in "YG") and "_" not in flags
            written = written.rjust(int(width), "0" if zeros else " ")
        return written

    return _STRFTIME.sub(replaced, pattern)


def _directive(moment: datetime, directive: str, flags: str) -> str | None:
    """What one directive stands for; None for an unknown one."""
    if directive in _COMPOUNDS:
        return strftime(moment, _COMPOUNDS[directive])
    number = _number_of(moment, directive)
    if number is not None:
        if "-" in flags:
            return str(number)
        fill = " " if ("_" in flags or directive in _BLANK_PADDED) and "0" not in flags else "0"
        return str(number).rjust(_WIDTHS.get(directive, _BLANK_PADDED.get(directive, 0)), fill)
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    morning, month, day = moment.hour < 12, MONTHS[moment.month - 1], WEEKDAYS[moment.weekday()]
    texts = {
        "a": day[:3], "A": day, "b": month[:3], "B": month, "p": "AM" if morning else "PM", "P": "am" if morning else "pm",
        "z": f"{sign}{hours:02d}{rest:02d}", ":z": f"{sign}{hours:02d}:{rest:02d}", "::z": f"{sign}{hours:02d}:{rest:02d}:00",
        "Z": moment.tzname() or "", "n": "\n", "t": "\t", "%": "%",
    }  # fmt: skip
    return texts.get(directive)


def _number_of(moment: datetime, directive: str) -> int | None:
    week = moment.isocalendar()
    day = moment.timetuple().tm_yday
    numbers = {
        "Y": moment.year, "C": moment.year // 100, "y": moment.year % 100, "m": moment.month, "d": moment.day, "e": moment.day,
        "j": day, "H": moment.hour, "k": moment.hour, "I": moment.hour % 12 or 12, "l": moment.hour % 12 or 12,
        "M": moment.minute, "S": moment.second, "L": moment.microsecond // 1000, "N": moment.microsecond * 1000,
        "u": week.weekday, "w": week.weekday % 7, "G": week.year, "g": week.year % 100, "V": week.week,
        "U": (day + 6 - week.weekday % 7) // 7, "W": (day + 7 - week.weekday) // 7, "s": int(moment.timestamp()),
    }  # fmt: skip
    return numbers.get(directive)
