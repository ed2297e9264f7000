"""Every form of date that an author writes: in come text and a zone, out goes aware UTC in whole seconds.

Never asks the clock, the locale or the machine's time zone. What cannot be read is a ValueError that says what was expected.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from feeds.english import MONTHS, WEEKDAYS
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import normal_form

EXPECTED = "a date, e.g. 2021-08-04 05:49:00"

#: Zones with one meaning (RFC 5322 section 4.3); CST and IST have several: refused, unless the site's own zone is called so.
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "WET": 0, "WEST": 60, "BST": 60, "MSK": 180, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip
_AMBIGUOUS = frozenset({"CST", "IST", "AST"})
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}

_OFFSET = r"(?P<zone>Z|[+-]\d{1,2}(?::?\d{2})?(?::\d{2})?|[A-Za-z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?)"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,:]\d{1,20})?)?)?\s{0,9}(?P<half>[AaPp]\.?[Mm]\.?)?"
)
_NUMERIC = lazy_pattern(
    rf"(?P<year>\d{{1,4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})"
    rf"(?:(?:\s{{0,9}}[Tt]\s{{0,9}}|\s{{1,9}}|[-_](?=\d{{1,2}}:)){_CLOCK}(?:\s{{0,9}}{_OFFSET})?)?(?:\s{{0,9}}\[[\w/+-]{{1,60}}\])?\Z",
    re.ASCII,
)
_COMPACT = lazy_pattern(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    rf"(?:[Tt ]?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)?(?:[.,]\d{{1,20}})?(?:\s{{0,9}}{_OFFSET})?)?\Z",
    re.ASCII,
)
_CHINESE = lazy_pattern(
    r"(?P<year>\d{1,4})\s{0,9}[年./-]\s{0,9}(?P<month>\d{1,2})\s{0,9}[月./-]\s{0,9}(?P<day>\d{1,2})\s{0,9}[日号號]?\s{0,9}"
    r"(?:[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?\s{0,9})?"
    r"(?:(?P<part>凌晨|清晨|早上|早晨|上午|中午|正午|下午|傍晚|晚上|夜里|夜间|午夜|深夜)?\s{0,9}"
    rf"(?P<hour>\d{{1,2}})\s{{0,9}}[:时時点點]\s{{0,9}}(?:(?P<minute>\d{{1,2}})\s{{0,9}}(?:分|:)?\s{{0,9}}(?:(?P<second>\d{{1,2}})\s{{0,9}}秒?)?)?(?:\s{{0,9}}{_OFFSET})?)?\Z",
    re.ASCII,
)
#: 二〇二一年八月四日: a number before what it counts.
_NUMERALS = lazy_pattern(r"[〇零○一二三四五六七八九十]{1,4}(?=\s{0,9}[年月日号號时時点點分秒])")
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_WORDS = lazy_pattern(
    rf"(?:[A-Za-z]{{3,9}}\.?,?\s{{1,9}})?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]{{1,9}}(?P<month>[A-Za-z]{{3,9}})\.?,?[\s-]{{1,9}}(?P<year>\d{{2,4}})"
    rf"|(?P<month2>[A-Za-z]{{3,9}})\.?\s{{1,9}}(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,9}}(?P<year2>\d{{4}}))"
    rf"(?:,?\s{{1,9}}(?:at\s{{1,9}})?{_CLOCK}(?:\s{{0,9}}{_OFFSET})?)?(?:\s{{0,9}}\([^()]{{0,99}}\))?\Z",
    re.ASCII,
)
#: `date` and JavaScript: `Wed Aug 04 2021 05:49:00 GMT+0800 (China Standard Time)`, `Wed Aug 4 05:49:00 UTC 2021`.
_UNIX = lazy_pattern(
    rf"(?:[A-Za-z]{{3,9}},?\s{{1,9}})?(?P<month>[A-Za-z]{{3,9}})\s{{1,9}}(?P<day>\d{{1,2}})\s{{1,9}}(?P<clock>\d{{1,2}}:\d\d:\d\d)\s{{1,9}}(?:{_OFFSET}\s{{1,9}})?(?P<year>\d{{4}})\Z",
    re.ASCII,
)
_EPOCH = lazy_pattern(r"-?\d{9,10}(?:\.\d+)?\Z|-?\d{12,13}\Z", re.ASCII)
_IN_NAME = lazy_pattern(r"(\d{4})[-_.](\d{1,2})[-_.](\d{1,2})(?=[-_. ]|\Z)|(\d{4})(\d{2})(\d{2})(?=[-_. ])", re.ASCII)
#: The time before the day, as V8 reads it: `21:29 2023/3/23`.
_CLOCK_FIRST = lazy_pattern(r"(\d{1,2}:\d\d(?::\d\d)?)\s{1,9}(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\Z", re.ASCII)
_YEAR_FIRST = lazy_pattern(
    r"\s{0,9}(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:(?:[Tt]|\s{1,9})(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?", re.ASCII
)


#: What is written wrongly in dates, and how it is meant.
_SLIPS = (
    (lazy_pattern(r"[：︰]"), ":"),
    (lazy_pattern(r"[－‐-―−]"), "-"),
    (lazy_pattern(r"::+"), ":"),
    (lazy_pattern(r"-(?=T\d)"), ""),
    (lazy_pattern(r"\s+"), " "),
    (lazy_pattern(r"(?<![,，;；。.])[,，;；。.]+\Z"), ""),
    (lazy_pattern(r"(?<=\d)[oO](?=[\d-])|(?<=-)[oO](?=\d)"), "0"),
    (lazy_pattern(r"(?<=[ \d][+-])(?=\d\d\d\Z)"), "0"),
)


def parse(text: str, zone: tzinfo) -> datetime:
    """The instant that `text` names; where it names no zone, in `zone`. Fractions of seconds are cut.

    A date alone is midnight. `24:00` is the next day's midnight, second 60 the next minute's first. Of a clock time that
    a zone has twice the first is meant; one that it skips is read with the offset before the gap.
    """
    text = text.strip()
    if len(text) in (19, 20, 25) and text[4:5] == "-":
        try:
            return _utc(datetime.fromisoformat(text), zone)
        except ValueError:
            pass
    text = normal_form("NFKC", text).strip()
    if len(text) > 100:
        raise ValueError("the date is too long")
    if _EPOCH.match(text):
        return _epoch(text)
    if "年" in text:
        text = _NUMERALS.sub(_number, text)
    text = _CLOCK_FIRST.sub(r"\2 \1", text)
    for form in (_NUMERIC, _COMPACT, _CHINESE, _WORDS, _UNIX):
        match = form.match(text)
        if match:
            return _utc(_moment(match.groupdict(), text, zone), zone)
    raise ValueError(f"{text!r} is not a date that can be read; expected {EXPECTED}")


def corrected(text: str) -> str | None:
    """The date in a form that is read, with its zone as typed; None if it is not clear what was meant."""
    text = text.strip().strip("\"'“”‘’＂")
    for pattern, meant in _SLIPS:
        text = pattern.sub(meant, text).strip()
    try:
        parse(text, UTC)
    except ValueError:
        return None
    return text


def _number(match: re.Match[str]) -> str:
    """`二〇二一` digit by digit; `二十一`, `十` as counted."""
    tens, ten, ones = match[0].partition("十")
    return f"{(tens.translate(_DIGITS) or '1')}{ones.translate(_DIGITS) or '0'}" if ten else tens.translate(_DIGITS)


def _epoch(text: str) -> datetime:
    seconds = float(text) if "." in text else int(text) / (1000 if len(text.lstrip("-")) > 10 else 1)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds // 1))


def _moment(parts: dict[str, str | None], text: str, zone: tzinfo) -> datetime:
    """The moment of a matched form; naive where it names no zone."""
    year = int(parts.get("year") or parts.get("year2") or 0)
    if len(parts.get("year") or parts.get("year2") or "") == 2:
        year += 2000 if year < 70 else 1900
    month_text = parts.get("month") or parts.get("month2") or ""
    month = int(month_text) if month_text.isdigit() else _month(month_text, text)
    day = int(parts.get("day") or parts.get("day2") or 0)
    clock = parts.get("clock")
    if clock:
        parts["hour"], parts["minute"], parts["second"] = clock.split(":")
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    hour = _half(hour, parts.get("half"), parts.get("part"), text)
    if hour > 24 or (hour == 24 and (minute or second)) or minute > 59 or second > 60:
        raise ValueError(f"{text!r} names a time that does not exist; expected hours to 24:00, minutes and seconds to 59")
    try:
        moment = datetime(year, month, day) + timedelta(hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} names a day that does not exist; expected {EXPECTED}") from None
    if parts.get("zone") == zone.tzname(moment):
        return moment
    offset = _offset(parts.get("zone"), text)
    return moment if offset is None else moment.replace(tzinfo=timezone(offset))


def _month(name: str, text: str) -> int:
    number = _MONTHS.get(name[:3].casefold())
    if number is None:
        raise ValueError(f"{text!r} names no month that is known; expected {EXPECTED}")
    return number


def _half(hour: int, half: str | None, part: str | None, text: str) -> int:
    """The hour of the day, given am/pm or the Chinese part of the day."""
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"{text!r} has am or pm with hour {hour}; expected 1 to 12")
        return hour % 12 + (12 if half[0] in "pP" else 0)
    if part in ("下午", "傍晚", "晚上", "夜里", "夜间", "深夜", "中午", "正午") and hour < 12:
        late = part in ("中午", "正午") and hour > 9
        at_night = part in ("夜里", "深夜", "夜间") and hour < 6
        return hour if late or at_night else hour + 12
    if part in ("凌晨", "午夜", "上午", "晚上", "深夜") and hour == 12:
        return 12 if part == "上午" else 0 if part in ("凌晨", "午夜") else 24
    return hour


def _offset(zone: str | None, text: str) -> timedelta | None:
    if not zone:
        return None
    name = re.match(r"[A-Za-z]*", zone)
    letters = name[0].upper() if name else ""
    numeric = zone[len(letters) :]
    if letters in _AMBIGUOUS:
        raise ValueError(f"the zone {letters} in {text!r} has several meanings; expected an offset, e.g. +08:00")
    if letters not in _ZONES and letters:
        raise ValueError(f"the zone {letters} in {text!r} is not known; expected an offset, e.g. +08:00")
    minutes = _ZONES.get(letters, 0)
    if numeric:
        digits = numeric[1:]
        if digits[1:2] == ":":
            digits = f"0{digits}"
        digits = digits.replace(":", "")
        hours, extra = int(digits[:2]), int(digits[2:4] or 0)
        if hours > 23 or extra > 59:
            raise ValueError(f"the offset {numeric} in {text!r} does not exist; expected an offset, e.g. +08:00")
        minutes += (hours * 60 + extra) * (-1 if numeric[0] == "-" else 1)
    return timedelta(minutes=minutes)


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    try:
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        whole = aware.astimezone(UTC).replace(microsecond=0, fold=0)
    except (OverflowError, ValueError):
        raise ValueError(f"{moment} lies outside the years 1 to 9999; expected {EXPECTED}") from None
    return whole


def from_file_name(name: str) -> str | None:
    """The date with which a file's name begins (`2021-08-04-title.md`), as text that `parse` reads; None without one."""
    match = _IN_NAME.match(name)
    if not match:
        return None
    year, month, day = (part for part in match.groups() if part is not None)
    return f"{year}-{int(month):02}-{int(day):02}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else None


def from_folders(path: str) -> str | None:
    """The date of `2021/08/04/title.md`-like folders, as Eleventy and bare archives have them."""
    match = re.search(r"(?:\A|/)(\d{4})/(\d{2})/(\d{2})/[^/]+\Z", path)
    return "-".join(match.groups()) if match else None


def exists(text: str) -> bool:
    """Whether the day and the time that a text names, the year first, are in the calendar; True for every other text.

    Some generators let a 13th month or a 31st of February run over into the next year or month.
    """
    match = _YEAR_FIRST.match(text)
    if match is None:
        return True
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        datetime(year, month, day)  # noqa: DTZ001
    except ValueError:
        return False
    return (hour < 24 and minute < 60 and second <= 60) or (hour, minute, second) == (24, 0, 0)


def rfc822(moment: datetime) -> str:
    """`Wed, 04 Aug 2021 05:49:00 +0000` (RFC 5322 section 3.3), in English whatever the locale."""
    at = moment.astimezone(UTC)
    return (
        f"{WEEKDAYS[at.weekday()][:3]}, {at.day:02} {MONTHS[at.month - 1][:3]} {at.year:04} "
        f"{at.hour:02}:{at.minute:02}:{at.second:02} +0000"
    )


def local(moment: datetime, zone_name: str) -> str:
    """An instant for people, in a zone, which is named: `2026-01-02 10:00 (Europe/Berlin)`."""
    return f"{moment.astimezone(ZoneInfo(zone_name)):%Y-%m-%d %H:%M} ({zone_name})"
