"""`feeds ledger …`: in come settings and what to do, out go lines of text or a ledger in its place.

Holds the build's lock for whatever writes. All work is done by ledger, ledger_text and adopt.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds import dates
from feeds.build import no_change, run
from feeds.build.place import permalink
from feeds.build.publication import Built
from feeds.cli import output
from feeds.cli.command import PLACES, FeedsGroup, Given, Loaded, argument, command, json_option
from feeds.errors import ExitCode, LedgerError, SettingsError
from feeds.ledger.ledger import Ledger
from feeds.migrate.adopt import Mine
from feeds.model import rfc3339, seconds
from feeds.publish import lock
from feeds.settings import Settings


def export(settings: Settings, file: str | None, *, as_json: bool = False) -> int:
    """Write the ledger as text, a line for each post, to a file or to standard output."""
    from feeds.ledger import dump
    from feeds.publish import disk

    if as_json and file in (None, "-"):
        raise SettingsError(("--json: expected a file to write the ledger to, e.g. feeds ledger export --json ledger.txt",))
    ledger = Ledger.open(settings.state)
    lines = list(dump.export(ledger))
    ledger.close()
    if ledger.fresh and file is not None and file != "-" and Path(file).exists():
        raise LedgerError(
            "there is no ledger to export, and the file has one; it is left as it is", where=file,
            fix="bring the ledger back with `feeds ledger import` first, or delete the file",
        )  # fmt: skip
    if file is None or file == "-":
        for line in lines:
            output.say(line)
        return ExitCode.DONE
    disk.write_durably(Path(file), "".join(f"{line}\n" for line in lines).encode())
    if as_json:
        output.say_result({"file": file, "lines": len(lines)})
    return ExitCode.DONE


def import_(settings: Settings, file: str | None, *, as_json: bool = False) -> int:
    """Make a text the ledger; the one that it replaces is kept beside it."""
    from feeds.ledger import dump

    if file is not None and file != "-" and not Path(file).exists():
        if as_json:
            output.say_result({"imported": False, "posts": 0, "terms": 0, "dropped": 0, "joined": 0})
            return ExitCode.DONE
        output.note(f"{file} is not there yet: the first build gives the ids (`feeds ledger export {file}` writes it)")
        return ExitCode.DONE
    with lock.held(settings.state):
        no_change.forget(settings.state)
        if file is None or file == "-":
            imported = dump.import_(settings.state, sys.stdin)
        else:
            with Path(file).open(encoding="utf-8", errors="replace") as lines:
                imported = dump.import_(settings.state, lines)
    if as_json:
        counts = {"posts": imported.posts, "terms": imported.terms, "dropped": imported.dropped, "joined": imported.joined}
        output.say_result({"imported": True, **counts})
        return ExitCode.DONE
    output.note(
        f"the ledger holds {output.counted(imported.posts, 'post')} and {output.counted(imported.terms, 'term')} now"
        + (f"; {output.counted(imported.dropped, 'post')} that it had before are not in the text" if imported.dropped else "")
        + (f"; {output.counted(imported.joined, 'line')} in two versions were joined" if imported.joined else "")
    )
    return ExitCode.DONE


def merge(base: Path, ours: Path, theirs: Path, *, as_json: bool = False) -> int:
    """Git's merge driver for the text: the merged text over `ours`."""
    from feeds.ledger import dump
    from feeds.publish import disk

    held = dump.merge_texts(base, ours, theirs)
    lines = list(dump.lines_of(held))
    disk.write_durably(ours, "".join(f"{line}\n" for line in lines).encode())
    if as_json:
        output.say_result({"file": str(ours), "lines": len(lines)})
    return ExitCode.DONE


def restore(settings: Settings, *, as_json: bool = False) -> int:
    """Replace the ledger by the copy of the last good one."""
    with lock.held(settings.state):
        no_change.forget(settings.state)
        away = Ledger.restore(settings.state)
    if as_json:
        output.say_result({"replaced": str(away) if away else None})
        return ExitCode.DONE
    output.note("the last good ledger is back" + (f"; the one that it replaces lies at {away}" if away else ""))
    return ExitCode.DONE


def posts_of(built: Built, settings: Settings) -> list[Mine]:
    """The published posts, as adoption matches them."""
    return [Mine(post.header.path, permalink(post, settings), post.header.title, post.identity.published) for post in built.out]


def adopt(settings: Settings, source: str | None, as_of: datetime, *, as_json: bool = False) -> int:
    """Take the ids of an earlier feed for the posts that are in it, so that moving here re-flags nothing."""
    from feeds.migrate import adopt as adopting

    if source is None:
        raise SettingsError(("which feed? expected its address or file: feeds ledger adopt https://example.org/atom.xml",))
    with run.look(settings, as_of, settle=True) as (site, built):
        no_change.forget(settings.state)
        result = adopting.adopt(source, posts_of(built, settings))
        refused = site.ledger.adopt(result.adoptions)
        if site.ledger.meta("authority") is None:
            site.ledger.set_meta("authority", settings.authority)
        site.ledger.commit("adopt")
    if as_json:
        output.say_result({
            "adopted": {path: adoption.id for path, adoption in sorted(result.adoptions.items()) if path not in refused},
            "refused": list(refused),
            "unmatched": [{"title": entry.title, "link": entry.link} for entry in result.unmatched_entries],
        })  # fmt: skip
        return ExitCode.DONE
    output.note(f"{output.counted(len(result.adoptions) - len(refused), 'post')} took the id that readers know")
    for path in refused:
        output.note(f"    {path}: its old id is another post's by now; it keeps its own")
    for entry in result.unmatched_entries:
        output.note(f"    no post for the entry {entry.title or entry.link!r} ({entry.link})")
    return ExitCode.DONE


def forget(settings: Settings, word: str | None, as_of: datetime, *, as_json: bool = False) -> int:
    """Forget a category, tag or author that has no post any more, with all below it: the next build does not list it."""
    with run.look(settings, as_of, settle=True) as (site, built):
        empty = {plan.path.rstrip("/"): plan for plan in built.plans if plan.taxonomy != "site" and plan.oldest is None}
        wanted = (word or "").strip("/")
        nearest = sorted(empty, key=lambda path: (not wanted or wanted.casefold() not in path.casefold(), len(path), path))
        names = ", ".join(path[:_SHOWN_CHARACTERS] for path in nearest[:_SHOWN_FEEDS]) or "none is"
        plan = empty.get(wanted)
        if plan is None:
            full = any(item.path.rstrip("/") == wanted for item in built.plans)
            what = "still has posts" if full else "is not a feed"
            why = f"{wanted!r} {what}" if wanted else "which feed?"
            raise SettingsError((f"{why}; expected the path of a feed without posts: {names}",))
        depth = len(plan.term.key)
        below = [
            (other_plan.term.key, feed.id)
            for other_plan, feed in zip(built.plans, built.publication.feeds, strict=True)
            if other_plan.taxonomy == plan.taxonomy and other_plan.term.key[:depth] == plan.term.key
        ]
        no_change.forget(settings.state)
        site.ledger.forget_terms(plan.taxonomy, [key for key, _ in below], [id for _, id in below])
    if as_json:
        output.say_result({"forgotten": wanted, "feeds": len(below)})
        return ExitCode.DONE
    output.note(f"{wanted} is forgotten; the next `feeds build` publishes without it")
    return ExitCode.DONE


def redate(settings: Settings, as_of: datetime, start: str | None, end: str | None, *, as_json: bool = False) -> int:
    """Replace instants that a wrong clock stamped, of a span or after now, by now."""
    now = seconds(as_of)
    first = now + 1 if start is None and end is None else _moment("--from", start, 0)
    last = _moment("--until", end, _END)
    if first > last:
        raise SettingsError(("--from is later than --until; expected the span in which the clock was wrong",))
    with run.look(settings, as_of, settle=True) as (site, built):
        no_change.forget(settings.state)
        undated = {post.header.path for post in built.out if post.header.published is None}
        paths = site.ledger.redate(undated, (first, last), now)
    if as_json:
        output.say_result({"posts": list(paths), "to": rfc3339(as_of)})
        return ExitCode.DONE
    named = f": {', '.join(paths[:20])}{' …' if len(paths) > 20 else ''}" if paths else ""
    output.note(f"{output.counted(len(paths), 'post')} took the instant {rfc3339(as_of)}{named}")
    return ExitCode.DONE


#: 31 December 9999, the last day that dates can tell, in seconds since 1970.
_END = 253_402_300_799
#: How many feeds a message names, and how much of each.
_SHOWN_FEEDS, _SHOWN_CHARACTERS = 10, 80


def _moment(option: str, written: str | None, default: int) -> int:
    """An option's instant in seconds since 1970; a day without a time begins in UTC."""
    if written is None:
        return default
    try:
        return seconds(dates.parse(written, UTC))
    except ValueError as error:
        raise SettingsError((f"{option}: {error}",)) from None


_PATH = click.Path(path_type=Path)
_file = argument(
    "file", "Where to read or write. Default: standard input or output.", required=False, metavar="[FILE]", type=click.Path()
)


@command("export", example="feeds ledger export ledger.txt", posts="--posts", settings=PLACES)
@_file
@json_option
def export_command(given: Given, file: str | None, as_json: bool) -> int:
    """Write the ledger as text, a line for each post. Commit it beside the posts of a site that is built on other machines."""
    return export(given.settings(need_base_url=False), file, as_json=as_json)


@command("import", example="feeds ledger import ledger.txt", posts="--posts", settings=PLACES)
@_file
@json_option
def import_command(given: Given, file: str | None, as_json: bool) -> int:
    """Make an exported text the ledger. The one that it replaces is kept beside it."""
    return import_(given.settings(need_base_url=False), file, as_json=as_json)


@command("merge", example="feeds ledger merge base.txt ours.txt theirs.txt", posts="")
@argument("base", "The common ancestor, %O of git's merge drivers.", metavar="BASE", type=_PATH)
@argument("ours", "The text of this branch, %A; the merged one takes its place.", metavar="OURS", type=_PATH)
@argument("theirs", "The text of the other branch, %B.", metavar="THEIRS", type=_PATH)
@json_option
def merge_command(given: Given, base: Path, ours: Path, theirs: Path, as_json: bool) -> int:  # noqa: ARG001
    """Merge two branches' versions of an exported text, as a merge driver of git."""
    return merge(base, ours, theirs, as_json=as_json)


@command("adopt", example="feeds ledger adopt https://example.org/atom.xml", posts="--posts", timed=True)
@argument("source", "The old feed, an address or a file.", required=False, metavar="URL|FILE")
@json_option
def adopt_command(given: Given, source: str | None, as_json: bool) -> int:
    """Take over the ids of an old feed, so that nothing comes back as unread to its subscribers."""
    return adopt(given.settings(), source, given.instant(), as_json=as_json)


@command("restore", example="feeds ledger restore", posts="--posts", settings=PLACES)
@json_option
def restore_command(given: Given, as_json: bool) -> int:
    """Replace the ledger by the copy of the last good one."""
    return restore(given.settings(need_base_url=False), as_json=as_json)


@command("forget", example="feeds ledger forget category/tea", posts="--posts", timed=True)
@argument("feed", "The path of a feed without posts.", required=False, metavar="FEED")
@json_option
def forget_command(given: Given, feed: str | None, as_json: bool) -> int:
    """Forget a category, tag or author that has no post any more. The next build publishes without it."""
    return forget(given.settings(need_base_url=False), feed, given.instant(), as_json=as_json)


@command("redate", example="feeds ledger redate", posts="--posts", timed=True)
@click.option("--from", "start", metavar="TIME", help="When the clock went wrong. Default: now, or with --until ever since.")
@click.option("--until", "end", metavar="TIME", help="When the clock was right again. Default: not yet.")
@json_option
def redate_command(given: Given, start: str | None, end: str | None, as_json: bool) -> int:
    """Set dates that a wrong clock recorded to now: those of posts without a date of their own, and of edits."""
    return redate(given.settings(need_base_url=False), given.instant(), start, end, as_json=as_json)


ledger = FeedsGroup(
    "ledger",
    {
        "export": Loaded(__name__, "export_command"),
        "import": Loaded(__name__, "import_command"),
        "merge": Loaded(__name__, "merge_command"),
        "adopt": Loaded(__name__, "adopt_command"),
        "restore": Loaded(__name__, "restore_command"),
        "forget": Loaded(__name__, "forget_command"),
        "redate": Loaded(__name__, "redate_command"),
    },
    example="feeds ledger export ledger.txt",
    help="Export, import, merge and repair the ledger, which remembers the ids of posts.",
)
