"""Slugs and addresses as Pelican makes them: `utils.slugify`, and patterns like "{date:%Y}/{slug}.html"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from feeds.dialects.transliteration import to_ascii
from feeds.english import MONTHS, WEEKDAYS
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import normal_form

#: The substitutions of SLUG_REGEX_SUBSTITUTIONS if the site sets none.
_SUBSTITUTIONS = ((r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-"))


def slugify(text: str, options: Mapping[str, Any], of: str) -> str:
    """A slug as Pelican makes it (utils.slugify); `of` is "slug", "category", "tag" or "author"."""
    text = normal_form("NFKC", Markup(text).striptags())  # noqa: S704  its tags are taken out
    if not options.get("slugify_use_unicode"):
        text = to_ascii(text)
    for pattern, replacement in _substitutions(options, of):
        text = pattern.sub(replacement, text)
    if not options.get("slugify_preserve_case"):
        text = text.lower()
    return text.strip()


def _substitutions(options: Mapping[str, Any], of: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = options.get(f"{of}_regex_substitutions") or options.get("slug_regex_substitutions") or _SUBSTITUTIONS
    return _compiled(tuple((str(pattern), str(replacement)) for pattern, replacement in rows))


@lru_cache(64)
def _compiled(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    def normal(text: str) -> str:
        return normal_form("NFKC", text)

    return tuple((re.compile(normal(pattern), re.IGNORECASE), normal(replacement)) for pattern, replacement in rows)


_FIELD = lazy_pattern(r"\{(\w+)(?:\.(\w+))?(?::([^{}]*))?\}")


def extra_fields(pattern: str) -> list[str]:
    """The names in braces that are not Pelican's own."""
    own_fields = {"path", "slug", "lang", "date", "author", "category"}
    return [match[1] for match in _FIELD.finditer(pattern) if match[1] not in own_fields]


def formatted(pattern: str, values: Mapping[str, Any]) -> str:
    """`{date:%Y}/{slug}.html` with its values (str.format as far as Pelican's addresses use it)."""

    def field(match: re.Match[str]) -> str:
        name, attribute, form = match.groups()
        value = values.get(name, "")
        if isinstance(value, datetime):
            if attribute in ("year", "month", "day", "hour", "minute", "second"):
                number = getattr(value, attribute)
                return format(number, form) if form and re.fullmatch(r"0?\d?d?", form) else str(number)
            return strftime(value, form) if form else str(value)
        return str(value)

    return _FIELD.sub(field, pattern)


def strftime(moment: datetime, form: str) -> str:
    """`%Y`, `%m`, `%-d` and the others of C89, with English names whatever the locale (utils.strftime)."""
    names: dict[str, str] = {
        "Y": f"{moment.year:04}", "y": f"{moment.year % 100:02}", "m": f"{moment.month:02}", "d": f"{moment.day:02}",
        "H": f"{moment.hour:02}", "M": f"{moment.minute:02}", "S": f"{moment.second:02}",
        "I": f"{(moment.hour + 11) % 12 + 1:02}",
        "p": "PM" if moment.hour > 11 else "AM", "j": f"{moment.timetuple().tm_yday:03}", "b": MONTHS[moment.month - 1][:3],
        "B": MONTHS[moment.month - 1], "a": WEEKDAYS[moment.weekday()][:3], "A": WEEKDAYS[moment.weekday()],
        "w": str((moment.weekday() + 1) % 7), "V": f"{moment.isocalendar().week:02}", "G": f"{moment.isocalendar().year:04}",
        "u": str(moment.isoweekday()), "%": "%",
    }  # fmt: skip

    def code(match: re.Match[str]) -> str:
        text = names.get(match[2], match[0])
        return (text.lstrip("0") or "0") if match[1] and text != match[0] else text

    return re.sub(r"%(-?)([A-Za-z%])", code, form)
