"""`feeds ledger …`: in come settings and what to do, out go lines of text or a ledger in its place.

Holds the build's lock for whatever writes. All work is done by ledger, ledger_text and adopt.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from feeds.build import run
from feeds.build.publication import Built
from feeds.cli import output
from feeds.errors import ExitCode, SettingsError
from feeds.ledger.ledger import Ledger
from feeds.migrate.adopt import Mine
from feeds.publish import lock
from feeds.settings import Settings


def export(settings: Settings, file: str | None) -> int:
    """Write the ledger as text, a line for each post, to a file or to standard output."""
    from feeds.ledger import dump
    from feeds.publish import disk

    ledger = Ledger.open(settings.state)
    lines = list(dump.export(ledger))
    ledger.close()
    if file is None or file == "-":
        for line in lines:
            output.say(line)
        return ExitCode.DONE
    disk.write_durably(Path(file), "".join(f"{line}\n" for line in lines).encode())
    return ExitCode.DONE


def import_(settings: Settings, file: str | None) -> int:
    """Make a text the ledger; the one that it replaces is kept beside it."""
    from feeds.ledger import dump

    with lock.held(settings.state):
        run.forget_unchanged(settings.state)
        if file is None or file == "-":
            imported = dump.import_(settings.state, sys.stdin)
        else:
            with Path(file).open(encoding="utf-8", errors="replace") as lines:
                imported = dump.import_(settings.state, lines)
    output.say(
        f"the ledger holds {output.counted(imported.posts, 'post')} and {output.counted(imported.terms, 'term')} now"
        + (f"; {output.counted(imported.dropped, 'post')} that it had before are not in the text" if imported.dropped else "")
    )
    return ExitCode.DONE


def restore(settings: Settings) -> int:
    """Put the copy of the last good ledger in its place."""
    with lock.held(settings.state):
        run.forget_unchanged(settings.state)
        away = Ledger.restore(settings.state)
    output.say("the last good ledger is back" + (f"; the one that it replaces lies at {away}" if away else ""))
    return ExitCode.DONE


def posts_of(built: Built, settings: Settings) -> list[Mine]:
    """The published posts, as adoption matches them."""
    return [
        Mine(post.header.path, run.permalink(settings, post), post.header.title, post.identity.published) for post in built.out
    ]


def adopt(settings: Settings, source: str | None, as_of: datetime) -> int:
    """Take the ids of an earlier feed for the posts that are in it, so that moving here re-flags nothing."""
    from feeds.migrate import adopt as adopting

    if source is None:
        raise SettingsError(("which feed? expected its address or file: feeds ledger adopt https://example.org/atom.xml",))
    with run.look(settings, as_of, settle=True) as (site, built):
        run.forget_unchanged(settings.state)
        found = adopting.adopt(source, posts_of(built, settings))
        refused = site.ledger.adopt(found.adoptions)
        if site.ledger.meta("authority") is None:
            site.ledger.set_meta("authority", settings.authority)
        site.ledger.commit("adopt")
    output.say(f"{output.counted(len(found.adoptions) - len(refused), 'post')} took the id that readers know")
    for path in refused:
        output.say(f"    {path}: its old id is another post's by now; it keeps its own")
    for told in found.unmatched_entries:
        output.say(f"    no post for the entry {told.title or told.link!r} ({told.link})")
    return ExitCode.DONE


def forget(settings: Settings, word: str | None, as_of: datetime) -> int:
    """Forget a category, tag or author that has no post any more, with all below it: the next build does not list it."""
    with run.look(settings, as_of, settle=True) as (site, built):
        empty = {plan.path.rstrip("/"): plan for plan in built.plans if plan.taxonomy != "site" and plan.oldest is None}
        names = ", ".join(sorted(empty)[:20]) or "none is"
        wanted = (word or "").strip("/")
        plan = empty.get(wanted)
        if plan is None:
            full = any(one.path.rstrip("/") == wanted for one in built.plans)
            what = "still has posts" if full else "is not a feed"
            said = f"{wanted!r} {what}" if wanted else "which feed?"
            raise SettingsError((f"{said}; expected the path of a feed without posts: {names}",))
        depth = len(plan.term.key)
        below = [
            (one.term.key, feed.id)
            for one, feed in zip(built.plans, built.publication.feeds, strict=True)
            if one.taxonomy == plan.taxonomy and one.term.key[:depth] == plan.term.key
        ]
        run.forget_unchanged(settings.state)
        site.ledger.forget_terms(plan.taxonomy, [key for key, _ in below], [id for _, id in below])
    output.say(f"{wanted} is forgotten; the next `feeds build` publishes without it")
    return ExitCode.DONE


def main(settings: Settings, action: str, file: str | None) -> int:
    """Carry out one action; returns the exit code."""
    if action == "export":
        return export(settings, file)
    if action == "import":
        return import_(settings, file)
    if action == "restore":
        return restore(settings)
    now = datetime.now(UTC).replace(microsecond=0)
    return forget(settings, file, now) if action == "forget" else adopt(settings, file, now)
