"""Dates of posts that name none: in come the posts folder and paths, out go instants from git's history or from the files.

Only asked for posts that come out for the first time. Where git is not there, or knows nothing, there is no date.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

_PATIENCE_SECONDS = 60


class FileDates(NamedTuple):
    """By path: seconds since 1970 of the first and the last change; and what the operator should know."""

    dates: dict[str, tuple[int, int]]
    notices: tuple[str, ...] = ()


#: Posts that a notice names.
_NAMED = 3
_NOTHING_KNOWN = (
    "posts without a date take that of this first build: {}; where the state folder is not kept they would be new at every build "
    "(keep it, or commit the text ledger: `feeds ledger export`; or build with --previous or --adopt and what is published; or "
    "set date_source)"
)
_SHALLOW = (
    "the git history is cut off (a shallow clone), so that posts without a date count as new; fetch all of it, e.g. "
    "fetch-depth: 0, or set date_source"
)


def of_undated(folder: Path, source: str, paths: Collection[str], *, fresh: bool) -> FileDates:
    """The dates of posts that name none, as the setting `date_source` says; `fresh`: there is no ledger yet."""
    chosen = source or ("git" if fresh else "first-seen")
    if not paths or chosen == "first-seen" or not folder.is_dir():
        return FileDates({})
    result = of_files(folder, paths, chosen)
    unknown = sorted(set(paths) - result.dates.keys())
    if fresh and not source and unknown and not result.dates and not result.notices:
        named = ", ".join(unknown[:_NAMED]) + (f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else "")
        return result._replace(notices=(_NOTHING_KNOWN.format(named),))
    return result


def of_files(folder: Path, paths: Collection[str], source: str) -> FileDates:
    """The dates of files below the posts folder; `source` is "git" or "mtime"."""
    if source == "git":
        return _from_git(folder, frozenset(paths))
    dates = {}
    for path in paths:
        try:
            moment = int((folder / path).stat().st_mtime)
        except OSError:
            continue
        dates[path] = (moment, moment)
    return FileDates(dates)


def _git(folder: Path, *arguments: str) -> str | None:
    import subprocess

    environ = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, env=environ, capture_output=True, check=False, timeout=_PATIENCE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def _from_git(folder: Path, paths: frozenset[str]) -> FileDates:
    """Author dates of the commits that added a file and that changed it last; a renamed file is the one that it was."""
    shallow = _git(folder, "rev-parse", "--is-shallow-repository")
    if shallow is None or shallow.strip() == "true":
        return FileDates({}, () if shallow is None else (_SHALLOW,))
    options = ("--no-merges", "--format=\x01%at", "--name-status", "--relative", "-z", "-M", "--diff-filter=AMR")
    log = _git(folder, "log", *options, "--", ".")
    if log is None:
        return FileDates({})
    dates: dict[str, tuple[int, int]] = {}
    #: What a path of an older commit is called today.
    today = {path: path for path in paths}
    moment = 0
    words = iter(log.replace("\n", "\0").split("\0"))
    for word in words:
        if word.startswith("\x01"):
            moment = int(word[1:] or 0)
        elif word in ("A", "M") or (word[:1] == "R" and word[1:].isdecimal()):
            old = next(words, "")
            new = next(words, "") if word[0] == "R" else old
            path = today.get(new)
            if path is None:
                continue
            dates[path] = (moment, dates.get(path, (moment, moment))[1])
            if word[0] == "A":
                del today[new]
            elif word[0] == "R":
                today[old] = today.pop(new)
    return FileDates({path: (min(pair), max(pair)) for path, pair in dates.items()})
