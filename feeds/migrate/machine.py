"""The time zone of the machine on which a blog's generator runs, as far as the blog's folder and this machine tell it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feeds.dialects.base import Dialect
from feeds.dialects.config_files import SiteFolder
from feeds.lazy_patterns import lazy_pattern

_UTC = "Etc/UTC"
#: Files with which hosts are told to build a site; their machines are in UTC if nothing is said.
_JOB_FOLDERS = (".github/workflows", ".circleci", "")
_JOBS = lazy_pattern(r"\.travis\.yml|\.gitlab-ci\.yml|netlify\.toml|vercel\.json")
_COMMENT = lazy_pattern(r"(?m)(?:^|\s)#.*$")
_SCRIPT = lazy_pattern(r"\b(?:npm|yarn|pnpm)\s(?:run\s)?(?:build|deploy|generate)\b")
_ZONE = lazy_pattern(r"\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z]\w{1,30}(?:/[A-Z]\w{1,30})?")
#: The moment of publication in a page: the Open Graph protocol's, which Hexo writes, else the first element of HTML with one.
_PUBLISHED = lazy_pattern(
    r"article:published_time\"? content=\"?([\dT:.+Z-]{16,40})|<time [^<>]{0,200}datetime=\"?([\dT:.+Z-]{19,40})"
)
_MOST_FILES = 20_000
_MOST_PAGES = 500
_HEAD_BYTES = 60_000


def settle(dialect: Dialect, settings: dict[str, Any], site: SiteFolder) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings with the zone in which the generator reads dates and writes days, and a note that says where it is from."""
    here, own = this_zone(), settings.get("timezone")
    if own and "machine_timezone" not in dialect.options:
        return settings, ()
    zone, place = _zone_of_pages(site, settings, own or here)
    job = ""
    if zone is None:
        zone, job = _zone_of_job(site, dialect.name)
    if not own:
        return _without_own(dialect.label, settings, zone or here, place or job)
    if _same_zone(own, zone or here or own):
        return settings, ()
    if zone is None:
        note = (
            f"{dialect.label} writes the days in addresses as they are in the zone of the machine it runs on. If that is not "
            f"{own} (this machine is in {here}), set machine_timezone in the table [dialect] of feeds.toml."
        )
        return settings, (note,)
    if place:
        note = (
            f"The addresses of the pages in {place} have the days of {zone}, not of {own}: machine_timezone is {zone} "
            "in the table [dialect]."
        )
    else:
        note = (
            f"{dialect.label} writes the days in addresses as they are in the zone of the machine it runs on, {zone} by "
            f"{job}, so machine_timezone is that in the table [dialect]: change it in feeds.toml if the blog is built elsewhere."
        )
    return {**settings, "dialect": {**settings.get("dialect", {}), "machine_timezone": zone}}, (note,)


def _without_own(label: str, settings: dict[str, Any], zone: str | None, source: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings with a zone, where the generator's own name none; `source` is the folder or file that tells it, "" if none."""
    if zone is None:
        return settings, ()
    if source:
        note = (
            f"{label}'s settings name no timezone, so it reads dates in the zone of the machine it runs on. timezone is {zone}, "
            f"by {source}: change it in feeds.toml if the blog is built elsewhere."
        )
    else:
        note = (
            f"{label}'s settings name no timezone, so it reads dates in the zone of the machine it runs on. timezone is {zone}, "
            "as on this machine: change it in feeds.toml if the blog is built elsewhere."
        )
    return {**settings, "timezone": zone}, (note,)


def _zone_of_job(site: SiteFolder, command: str) -> tuple[str | None, str]:
    """The zone in which a host builds the site, and the file that says so; (None, "") where no file has the site built."""
    scripts = command in (site.text("package.json") or "")
    for folder in _JOB_FOLDERS:
        for name in site.names(folder):
            if folder == "" and not _JOBS.fullmatch(name):
                continue
            file = f"{folder}/{name}".lstrip("/")
            text = _COMMENT.sub("", site.text(file) or "") if name.endswith((".yml", ".yaml", ".toml", ".json")) else ""
            if re.search(rf"\b{command}\b", text) or (scripts and _SCRIPT.search(text)):
                return next((zone for zone in _ZONE.findall(text) if _is_zone(zone)), _UTC), file
    return None, ""


def _zone_of_pages(site: SiteFolder, settings: dict[str, Any], wanted: str | None) -> tuple[str | None, str]:
    """The zone, `wanted` or UTC, that alone fits the days in the addresses of made pages, and the folder of those.

    (None, "") where no page tells one from the other.
    """
    pattern = _up_to_the_day(str(settings.get("permalink", "")))
    if pattern is None or wanted is None or not _is_zone(wanted):
        return None, ""
    for place in (str(settings.get("output") or "public"), ".deploy_git", "docs", ""):
        if site.has_file(f"{place}/index.html".lstrip("/")):
            days = list(islice(_days(site, place, pattern), _MOST_PAGES))
            wrong = {zone: sum(_day(moment, zone) != day for day, moment in days) for zone in (wanted, _UTC)}
            right = min(wrong, key=lambda zone: wrong[zone])
            if wrong[wanted] != wrong[_UTC] and 20 * wrong[right] <= len(days):
                return right, f"{place or '.'}/"
    return None, ""


def _up_to_the_day(permalink: str) -> re.Pattern[str] | None:
    """A pattern of what pages' paths begin with, up to the day; None if they hold no whole day."""
    begin, day, _ = permalink.partition(":day")
    if not day or ":year" not in begin or ":month" not in begin:
        return None
    parts = {":year": r"(?P<year>\d{4})", ":month": r"(?P<month>\d\d)", ":day": r"(?P<day>\d\d)"}
    text = "".join(
        parts.get(part) or (r"[^/]{1,200}" if part.startswith(":") else re.escape(part))
        for part in re.split(r"(:[a-z_]+)", begin + day)
    )
    try:
        return re.compile(text.removeprefix("/"))
    except re.error:
        return None  # the year twice


def _days(site: SiteFolder, place: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, datetime]]:
    """The days in the addresses of made pages, and when these were published."""
    for path in islice(site.files(place), _MOST_FILES):
        match = pattern.match(path) if path.endswith(".html") else None
        if match is None:
            continue
        with suppress(OSError, ValueError), (site.path / place / path).open("rb") as file:
            published = _PUBLISHED.search(file.read(_HEAD_BYTES).decode("utf-8", "replace"))
            moment = datetime.fromisoformat(published[1] or published[2]) if published else None
            if moment is not None and moment.tzinfo is not None:
                yield f"{match['year']}-{match['month']}-{match['day']}", moment


def _day(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False


def _same_zone(first: str, second: str) -> bool:
    """Whether two names of zones mean the same clock, as far as blogs reach back; an unknown name is left to the checks."""
    if not (_is_zone(first) and _is_zone(second)):
        return True
    zones = ZoneInfo(first), ZoneInfo(second)
    days = (datetime(year, month, 1) for year in range(2000, 2038) for month in range(1, 13))  # noqa: DTZ001
    return all(zones[0].utcoffset(day) == zones[1].utcoffset(day) for day in days)


def this_zone() -> str | None:
    """The name of this machine's time zone, e.g. "Asia/Shanghai"; None if it has no name that is known."""
    names = [os.environ.get("TZ", "").removeprefix(":")]
    with suppress(OSError, ValueError):
        names.append(Path("/etc/timezone").read_text(encoding="ascii").strip())
    # The link's text, e.g. /usr/share/zoneinfo/Europe/Berlin; a zone may itself be a link to another's file.
    with suppress(OSError):
        names.append(os.readlink("/etc/localtime").partition("zoneinfo/")[2])  # noqa: PTH115
    return next((ZoneInfo(name).key for name in names if name and _is_zone(name)), None)
