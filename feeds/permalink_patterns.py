"""Permalink patterns as Hexo, Jekyll and Hugo write them: in come a pattern and a post's facts, out goes a path.

`:title` is the file's own name as typed, as those generators have it, so that links agree with the pages they made.
Must not know the base URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from datetime import datetime
from hashlib import sha1
from typing import NamedTuple

from feeds.english import MONTHS, WEEKDAYS
from feeds.lazy_patterns import lazy_pattern


class PermalinkFacts(NamedTuple):
    """What a pattern may name. `moment` is the publishing instant in the site's time zone; `slug` the post's own slug,
    from front matter or else from its file; `categories` the slugs of its first category path.
    """

    path: str
    moment: datetime
    title: str
    slug: str
    id: str
    categories: tuple[str, ...]


_DATE = lazy_pattern(r"\d{4}-\d{1,2}-\d{1,2}-(?=.)")
_PLACEHOLDER = lazy_pattern(r":([a-z_]+)")

#: Jekyll's built-in styles.
STYLES = {
    "date": ":categories/:year/:month/:day/:title.html",
    "pretty": ":categories/:year/:month/:day/:title/",
    "ordinal": ":categories/:year/:y_day/:title.html",
    "weekdate": ":categories/:year/W:week/:short_day/:title.html",
    "none": ":categories/:title.html",
}


def stem(path: str) -> str:
    """The file's name without date and ending; of a page bundle (`trip/index.md`) the folder's name."""
    parts = path.split("/")
    name = parts[-1].rpartition(".")[0] or parts[-1]
    if name.casefold() == "index" and len(parts) > 1:
        name = parts[-2]
    return _DATE.sub("", name)


def folders(path: str) -> tuple[str, ...]:
    """The folders above a post, without those that only generators care about (`_posts`, `_drafts`)."""
    parts = path.split("/")
    above = parts[:-2] if parts[-1].casefold().startswith("index.") else parts[:-1]
    return tuple(part for part in above if not part.startswith("_"))


def _title(facts: PermalinkFacts) -> str:
    return facts.slug or "/".join((*folders(facts.path), stem(facts.path)))


#: Placeholder -> what stands for it.
PLACEHOLDERS: dict[str, Callable[[PermalinkFacts], str]] = {
    "year": lambda facts: f"{facts.moment.year:04}",
    "short_year": lambda facts: f"{facts.moment.year % 100:02}",
    "month": lambda facts: f"{facts.moment.month:02}",
    "i_month": lambda facts: str(facts.moment.month),
    "short_month": lambda facts: MONTHS[facts.moment.month - 1][:3],
    "monthname": lambda facts: MONTHS[facts.moment.month - 1].lower(),
    "day": lambda facts: f"{facts.moment.day:02}",
    "i_day": lambda facts: str(facts.moment.day),
    "short_day": lambda facts: WEEKDAYS[facts.moment.weekday()][:3],
    "weekday": lambda facts: str((facts.moment.weekday() + 1) % 7),
    "weekdayname": lambda facts: WEEKDAYS[facts.moment.weekday()].lower(),
    "week": lambda facts: f"{facts.moment.isocalendar().week:02}",
    "y_day": lambda facts: f"{facts.moment.timetuple().tm_yday:03}",
    "yearday": lambda facts: str(facts.moment.timetuple().tm_yday),
    "hour": lambda facts: f"{facts.moment.hour:02}",
    "minute": lambda facts: f"{facts.moment.minute:02}",
    "second": lambda facts: f"{facts.moment.second:02}",
    "title": _title,
    "name": lambda facts: stem(facts.path),
    "slug": lambda facts: facts.slug or stem(facts.path),
    "filename": lambda facts: stem(facts.path),
    "contentbasename": lambda facts: stem(facts.path),
    "slugorfilename": lambda facts: facts.slug or stem(facts.path),
    "slugorcontentbasename": lambda facts: facts.slug or stem(facts.path),
    "post_title": lambda facts: facts.title.replace("/", "-").replace(" ", "-") or stem(facts.path),
    "category": lambda facts: "/".join(facts.categories),
    "categories": lambda facts: "/".join(facts.categories),
    "section": lambda facts: "/".join(folders(facts.path)[:1]),
    "sections": lambda facts: "/".join(folders(facts.path)),
    "id": lambda facts: facts.id,
    "hash": lambda facts: sha1(  # noqa: S324  Hexo's :hash, an address and no secret
        (facts.title + f"{facts.moment:%Y-%m-%d %H:%M:%S}").encode()
    ).hexdigest()[:12],
}


def unknown(pattern: str, known: Container[str] | None = None) -> list[str]:
    """The placeholders of a pattern that are none of the known ones (PLACEHOLDERS by default)."""
    names = PLACEHOLDERS if known is None else known
    return [name for name in _PLACEHOLDER.findall(STYLES.get(pattern, pattern)) if _known(name, names) is None]


def _known(name: str, names: Container[str]) -> str | None:
    """The longest placeholder with which `name` begins: `:year_` is `:year` and "_"."""
    while name and name not in names:
        name = name[:-1]
    return name or None


def expand(pattern: str, facts: PermalinkFacts) -> str:
    """The path below the site that the pattern gives; never begins with "/", empty parts folded."""

    def stands_for(match: re.Match[str]) -> str:
        placeholder = _known(match[1], PLACEHOLDERS)
        return PLACEHOLDERS[placeholder](facts) + match[1][len(placeholder) :] if placeholder else match[0]

    path = _PLACEHOLDER.sub(stands_for, STYLES.get(pattern, pattern))
    return re.sub(r"/{2,}", "/", path).lstrip("/")
