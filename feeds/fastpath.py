"""Has anything changed since the last build? In come arguments and environment, out goes the last exit code, or None.

The path that cron takes nearly every time: one walk of stats over posts and published files, compared with what the last
build wrote down. Reads no post, imports nothing heavy, writes nothing. None always means: do the whole build.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from os.path import abspath, dirname, join  # pathlib costs an import that every cron run would pay

from feeds import settings_path
from feeds.posts import walk
from feeds.state_folder import SiteIdentity, default, outbox_is_due

#: Name of the record in the state folder; one record for each set of arguments.
FOLDER = "unchanged"
_HEAD = "feeds unchanged 2"
#: What a record holds, in this order. `key` is all that decides a build besides files and clock; `posts` the folder that was
#: listed without the folders in `skip`, and `listed` that listing, from before the build read anything; `since` and `until`
#: the seconds between which it holds; `code` the build's exit code; `published` the files it wrote and `stats` theirs.
FIELDS = ("key", "posts", "skip", "since", "until", "code", "published", "stats", "listed")
#: Options of `build` that take a value; what is not an option is the posts folder. A test compares them with the settings.
VALUED = frozenset({
    "--base-url", "--output", "--config", "--as-of", "--state", "--timezone", "--title", "--author", "--permalink", "--language",
    "--limit", "--content", "--workers", "--backend", "--categories-mode", "--formats",
})  # fmt: skip
#: Flags that change nothing in a run that has nothing to do.
_SILENT = frozenset({"--quiet", "-q"})
#: Options under which a build always runs whole: it was asked to say or do something besides.
_NEVER = frozenset({"--dry-run", "--json", "--verbose", "-v", "--accept-removals", "--help", "-h"})


def options(arguments: Sequence[str]) -> tuple[dict[str, str], str | None] | None:
    """The valued options and the posts folder that `build` was given; None where only the whole parser can tell."""
    flags: dict[str, str] = {}
    posts: str | None = None
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if word in _NEVER:
            return None
        if word in _SILENT:
            continue
        if name in VALUED:
            argument = value if equals else next(rest, None)
            if argument is None:
                return None
            flags[name] = argument
        elif word.startswith("-"):
            return None
        elif posts is None:
            posts = word
        else:
            return None
    return flags, posts


def config_file(flags: Mapping[str, str], posts: str | None, environ: Mapping[str, str]) -> str | None:
    """The settings file: the one named, else the one that `feeds.settings.load` finds."""
    named = flags.get("--config") or environ.get("FEEDS_CONFIG")
    return named or settings_path.find(posts or environ.get("FEEDS_POSTS"), os.getcwd())


def state_folder(flags: Mapping[str, str], posts: str | None, environ: Mapping[str, str]) -> str | None:
    """The state folder: `--state`, FEEDS_STATE, what the settings file says, `.feeds` beside it, else beside the posts folder.

    Without the base URL: a site whose posts folder is another one since the last build has no record to be found.
    """
    named = flags.get("--state") or environ.get("FEEDS_STATE")
    if named:
        return named
    config = config_file(flags, posts, environ)
    posts = posts or environ.get("FEEDS_POSTS")
    if config is None:
        return default(None, SiteIdentity(posts or "posts"))
    beside = dirname(abspath(config))
    written = _setting_in(config, "state")
    if written is not None:
        return join(beside, written)
    return default(beside, SiteIdentity(posts or join(beside, _setting_in(config, "posts") or "posts")))


def _setting_in(config: str, setting: str) -> str | None:
    """A path that a settings file names in the plain form of TOML; a wrong guess finds no record, and costs no more."""
    for line in _text_of(config).split("\n"):
        name, _, value = line.partition("=")
        value = value.strip()
        if line.startswith("["):
            return None
        if name.strip() == setting and value[:1] in ('"', "'"):
            return value[1:].partition(value[0])[0]
    return None


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        return stream.read()


def libraries() -> list[str]:
    """Name and version of every installed package, as the names of their folders tell.

    Some of them decide bytes, plug-ins among them; after any change of one, everything is made again once.
    """
    names: list[str] = []
    for folder in sys.path:
        try:
            names += [name for name in os.listdir(folder) if name.endswith(".dist-info")] if folder else ()
        except OSError:
            continue
    return sorted(names)


def key(arguments: Sequence[str], environ: Mapping[str, str], config: str | None) -> str:
    """All that decides a build besides the posts' files and the clock, as text."""
    from feeds import __version__

    told = sorted(
        f"{name}={value}" for name, value in environ.items() if name.startswith("FEEDS_") or name == "SOURCE_DATE_EPOCH"
    )
    written = "" if config is None else _text_of(config)
    return repr([_HEAD, __version__, sys.version, libraries(), os.getcwd(), list(arguments), told, written])


#: The listing that `probe` took and found changed: the whole build that follows need not walk the folder for it again.
_taken: dict[tuple[str, tuple[str, ...]], tuple[int, str]] = {}


def _looked(folder: str, skip: tuple[str, ...]) -> str:
    moment_ns = time.time_ns()
    result = walk.take(folder, skip)
    _taken[folder, skip] = (moment_ns, result)
    return result


def taken(folder: str, skip: tuple[str, ...] = ()) -> tuple[int, str] | None:
    """The listing that `probe` took, and an instant before it in nanoseconds since 1970; once, None where it took none."""
    return _taken.pop((folder, skip), None)


def stats(paths: Sequence[str]) -> str:
    """Size and time of each published file; "-" where it is gone."""
    results = []
    for path in paths:
        try:
            stat = os.lstat(path)
        except OSError:
            results.append("-")
        else:
            results.append(f"{stat.st_size} {stat.st_mtime_ns}")
    return "\n".join(results)


def record_path(state: str, arguments: Sequence[str]) -> str:
    """The file of the record for these arguments."""
    from zlib import crc32

    name = f"{crc32(repr((os.getcwd(), list(arguments))).encode('utf-8', 'surrogateescape')):08x}"
    return join(state, FOLDER, name)


def probe(arguments: Sequence[str], environ: Mapping[str, str]) -> int | None:
    """The exit code of the last build, where an equal build would now change nothing; None where it must run."""
    try:
        parsed = options(arguments)
        if parsed is None:
            return None
        flags, posts = parsed
        state = state_folder(flags, posts, environ)
        if state is None:
            return None
        with open(record_path(state, arguments), encoding="utf-8", errors="surrogateescape", newline="") as stream:
            parts = stream.read().split("\0")
        facts = dict(zip((*FIELDS, "end"), parts, strict=True))
        now = _now(flags, environ)
        if facts["end"] != "end" or now < int(facts["since"]) or (facts["until"] and now >= int(facts["until"])):
            return None
        if facts["key"] != key(arguments, environ, config_file(flags, posts, environ)):
            return None
        if facts["stats"] != stats(facts["published"].split("\n")):
            return None
        skip = tuple(facts["skip"].split("\n")) if facts["skip"] else ()
        if facts["listed"] != _looked(facts["posts"], skip):
            return None
        return None if outbox_is_due(state, time.time()) else int(facts["code"])
    except (OSError, ValueError, UnicodeError):
        return None


def _now(flags: Mapping[str, str], environ: Mapping[str, str]) -> int:
    if "--as-of" in flags:
        from datetime import datetime

        moment = datetime.fromisoformat(flags["--as-of"])
        if moment.tzinfo is None:
            raise ValueError("a naive --as-of is for the whole parser")
        return int(moment.timestamp())
    epoch = environ.get("SOURCE_DATE_EPOCH")
    return int(epoch) if epoch else int(time.time())


def record(path: str, facts: Mapping[str, str]) -> None:
    """Write down what the next `probe` compares with: a text for each of FIELDS; lists have a line for each item."""
    whole = "\0".join((*(facts[name] for name in FIELDS), "end"))
    os.makedirs(dirname(path), exist_ok=True)
    # One name, so that a killed run leaves nothing that the next does not replace. Of two runs at once the last is right,
    # or `end` does not stand where it has to.
    fresh = f"{path}.next"
    with open(fresh, "wb", buffering=0) as stream:
        stream.write(whole.encode("utf-8", "surrogateescape"))
    try:
        os.replace(fresh, path)
    except FileNotFoundError:
        # Another run has taken it.
        return
