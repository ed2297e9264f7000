"""The guard before a publish: in come counts against the last published generation, out goes a refusal, or nothing.

Many posts at once rarely vanish on purpose: a disk is not mounted, a path or the clock is wrong. Renames do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from feeds.errors import RefusedError
from feeds.model import rfc3339
from feeds.publish.manifest import Previous

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a guard lets pass: many removals; other ids ("ask", "keep" or "accept"); dates moved by another time zone.

    `previous` is what an earlier generation tells, to complete a ledger that is lost.
    """

    removals: bool = False
    ids: str = "ask"
    dates: bool = False
    previous: Previous = field(default_factory=Previous)


#: Every refusal of the guard stands.
NOTHING_ACCEPTED = Accepted()


def check_ids(rekeyed: Sequence[tuple[str, str, str]], *, posts: Path) -> None:
    """Raise RefusedError if published posts would get other ids: all their subscribers would see them as new.

    `rekeyed` are (path, the id that readers know, the id that front matter states).
    """
    if not rekeyed:
        return
    named = _listed([f"{path} ({old} -> {new})" for path, old, new in rekeyed])
    raise RefusedError(
        f"the id of {_counted(rekeyed)} would change, so that subscribers see it again as new: {named}",
        where=str(posts),
        fix="keep the ids that readers know with `feeds build --keep-ids` (remembered), or take the new ones with --accept-ids",
    )


def check_dates(redated: Sequence[tuple[str, datetime, datetime]], zones: tuple[str, str], *, posts: Path) -> None:
    """Raise RefusedError if published posts would get other dates because the site's time zone is another one.

    `redated` are (path, the date that readers know, the new one) in UTC; `zones` are the names of the last build's zone and of
    this one's.
    """
    before, now = zones
    if before == now:
        return
    here, there = ZoneInfo(before), ZoneInfo(now)
    # A date without a zone shows the same on the wall; any other was changed by its author.
    moved = [
        (path, old, new) for path, old, new in redated
        if old.astimezone(here).replace(tzinfo=None) == new.astimezone(there).replace(tzinfo=None)
    ]  # fmt: skip
    if not moved:
        return
    named = _listed([f"{path} ({rfc3339(old)} -> {rfc3339(new)})" for path, old, new in moved])
    raise RefusedError(
        f"the time zone is {now} and was {before}: the date of {_counted(moved)} would move: {named}",
        where=str(posts),
        fix=f'set timezone = "{before}" again, or take the new dates with `feeds build --accept-dates`',
    )


@dataclass(frozen=True, slots=True)
class Removals:
    """What a build would take away. `files` counts the files of posts that are there, `published` the posts of the last
    generation; `gone` has the paths of those that would no longer be published, `future` says how many of them now lie in
    the future, and `broken` how many cannot be read while no earlier version of them is known.
    `left_out` counts the files in the formats of posts that are none, `reason` says why the first of them is none; `endings` are
    those of posts.
    """

    files: int
    published: int
    gone: Sequence[str]
    future: int
    left_out: int = 0
    reason: str = ""
    broken: int = 0
    endings: str = ".md .markdown .html .htm .txt"


def check(removals: Removals, *, posts: Path, max_fraction: float, min_removed: int) -> None:
    """Raise RefusedError if too much of what is published would go: `min_removed` posts and more than `max_fraction` of all."""
    published, gone, future = removals.published, removals.gone, removals.future
    if not removals.files and removals.left_out:
        reason = removals.reason or "by the conventions of the generator they are pages, or not read"
        raise RefusedError(
            f"none of the files in the posts folder ({removals.left_out}) is a post: {reason}",
            where=str(posts),
            fix="correct the setting that leaves them out, or posts; if it is meant, build with --accept-removals",
        )
    if not removals.files:
        if published:
            raise RefusedError(
                f"the posts folder is empty: the feeds would lose every post they have ({published})",
                where=str(posts),
                fix="mount or fix the folder; if it is meant, build with --accept-removals",
            )
        raise RefusedError(
            "the posts folder holds no posts",
            where=str(posts),
            expected=f"files {removals.endings}",
            fix="fix the path; if it is meant, build with --accept-removals",
        )
    if published and future == len(gone) >= published:
        raise RefusedError(
            f"all {published} published posts now lie in the future",
            where=str(posts),
            fix="set the clock right; if it is meant, build with --accept-removals",
        )
    if len(gone) > max_fraction * published and len(gone) >= min_removed:
        if removals.broken:
            raise RefusedError(
                f"{len(gone)} of {published} published posts would go, {removals.broken} of which are broken: {_listed(gone)}",
                where=str(posts),
                expected=f"at most {max_fraction:.0%}",
                fix="`feeds check` says what is wrong with each; if it is meant, build with --accept-removals",
            )
        raise RefusedError(
            f"{len(gone)} of {published} published posts would go: {_listed(gone)}",
            where=str(posts),
            expected=f"at most {max_fraction:.0%}",
            fix="look at the folder; if it is meant, build with --accept-removals",
        )


def _listed(items: Sequence[str]) -> str:
    """The first items, and how many more there are."""
    return ", ".join(items[:_NAMED]) + (f" and {len(items) - _NAMED} more" if len(items) > _NAMED else "")


def _counted(posts: Sequence[object]) -> str:
    return f"{len(posts)} published posts" if len(posts) > 1 else "a published post"
