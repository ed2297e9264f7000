"""`feeds init`: writes feeds.toml, then shows on one screen what the feeds will be, and what subscribers will see."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feeds import settings_path
from feeds.build import run
from feeds.build.place import permalink
from feeds.build.publication import Built
from feeds.cli import output
from feeds.cli.command import Given, argument
from feeds.cli.command import command as as_command
from feeds.cli.language import translated
from feeds.cli.ledger import posts_of
from feeds.dialects import by_name
from feeds.errors import ExitCode, FeedsError
from feeds.ledger.ledger import Ledger
from feeds.migrate import adopt, init
from feeds.migrate.adopt import Adopted, Told
from feeds.settings import Settings, load

_SHOWN = 10


@as_command("init", example="feeds init", posts="")
@argument("folder", "The blog's folder. Default: the current one.", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a feeds.toml that is there.")
@click.option("--base-url", metavar="URL", help="The blog's address, if its settings do not say it.")
@click.option("--feed", metavar="FEED", help="The old feed, an address or a file: its entries' ids are kept.")
@click.option("--check", "live", metavar="FEED", help="Write nothing; compare what would be published with a live feed.")
def command(given: Given, folder: Path, force: bool, base_url: str | None, feed: str | None, live: str | None) -> int:
    """Write a commented feeds.toml, from what the folder's site generator says, and keep the ids of the old feed."""
    as_of = given.instant()
    if live:
        return check(folder, live, as_of)
    return main(folder, force=force, base_url=base_url, feed=feed, as_of=as_of)


def main(folder: Path, *, force: bool, base_url: str | None, feed: str | None, as_of: datetime) -> int:
    """Move a blog in; returns the exit code."""
    moved_in = init.run(folder, force=force, base_url=base_url)
    _say_head(moved_in)
    for note in moved_in.notes:
        output.note(f"note: {note}")
    source = feed or (str(moved_in.old_feed.file) if moved_in.old_feed is not None else None)
    if "base_url" not in moved_in.settings:
        output.note("\nNext: set base_url in feeds.toml, the address under which the feeds will be; then run: feeds build")
        return ExitCode.DONE
    if not moved_in.post_folders:
        output.note("\nNext: set posts in feeds.toml, or put a first post there; then run: feeds build")
        return ExitCode.DONE
    settings = load(config=moved_in.path, environ={}, flags={}, cwd=folder)
    try:
        with run.look(settings, as_of, settle=True) as (site, built):
            _say_posts(built, settings)
            if source is not None:
                try:
                    _adopt(site.ledger, built, settings, source)
                except FeedsError as error:
                    if feed is not None:
                        raise
                    output.message(f"\nThe ids of the old feed {source} were not taken over: {error}")
    except FeedsError as error:
        output.note(f"\nThe posts could not be looked at: {error}")
        return error.exit_code
    output.note("\nNext: feeds check   (what is left out, and why)\n      feeds build   (publish)")
    return ExitCode.DONE


def _say_head(moved_in: init.MovedIn) -> None:
    if moved_in.generator:
        output.note(f"Wrote {moved_in.path}, with what the settings of {moved_in.generator} say.")
    else:
        output.note(f"Wrote {moved_in.path}. No generator recognised: the posts are read as a plain folder.")


def _say_posts(built: Built, settings: Settings) -> None:
    """What was found, what is not read, and the links of ten posts."""
    posts = list(built.out)
    left_out = built.publication.left_out
    unread = [problem for problem in built.publication.problems if problem.code == "unread-format"]
    text = translated("{posts} in {feeds}, {count} left out") if left_out else translated("{posts} in {feeds}")
    counted = {"posts": output.counted(len(posts), "post"), "feeds": output.counted(len(built.publication.feeds), "feed")}
    output.note("\n" + text.format(**counted, count=len(left_out)))
    for problem in unread:
        output.note(problem.what)
    if not posts:
        return
    # A folder of notes has no site of its own: the links are those of our pages.
    has_site = settings.permalink is not None or by_name(settings.generator).makes_pages(settings.dialect)
    output.note("\nTheir links, which should be the blog's own:" if has_site else "\nTheir links, to pages that the build makes:")
    step = max(1, len(posts) // _SHOWN)
    zone = ZoneInfo(settings.timezone)
    for post in posts[::step][:_SHOWN]:
        output.note(f"  {post.identity.published.astimezone(zone):%Y-%m-%d}  {permalink(post, settings)}  {post.header.title}")


def _adopt(ledger: Ledger, built: Built, settings: Settings, source: str) -> None:
    """Take the ids of the old feed, and say what its subscribers will see."""
    matched = adopt.adopt(source, posts_of(built, settings))
    refused = ledger.adopt(matched.adoptions)
    if ledger.meta("authority") is None:
        ledger.set_meta("authority", settings.authority)
    ledger.commit("adopt")
    kept = len(matched.adoptions) - len(refused)
    output.note(f"\nSubscribers of the old feed ({source}): {kept} of its entries keep their ids")
    new = _new_to_subscribers(built, matched)
    output.note(f"  {output.counted(len(new), 'post')} will show as new to them" + (":" if new else ""))
    for title in new[:_SHOWN]:
        output.note(f"    {title}")
    for entry in matched.unmatched_entries[:_SHOWN]:
        output.note(f"  no post for its entry {entry.title!r} ({entry.link})")


def _new_to_subscribers(built: Built, matched: Adopted) -> list[str]:
    """Titles of the posts in the site's feed that the old feed did not have."""
    feed = built.publication.feeds[0]
    newest = [post.header for post, _ in zip(built.out, range(len(feed.entry_keys)), strict=False)]
    return [header.title or header.path for header in newest if header.path not in matched.adoptions]


def check(folder: Path, source: str, as_of: datetime) -> int:
    """Compare what would be published with a live feed, a URL or a file: links, dates, titles; returns the exit code."""
    settings = load(config=folder / settings_path.FILE_NAME, environ={}, flags={}, cwd=folder)
    with run.look(settings, as_of) as (_, built):
        posts = {post.path: post for post in posts_of(built, settings)}
        adopted = adopt.read(*adopt.load(source))
        matched = adopt.match(adopted, tuple(posts.values()))
    by_id = {adoption.id: path for path, adoption in matched.adoptions.items()}
    rows: list[str] = []
    same = dict.fromkeys(("link", "date", "title"), 0)
    for entry in adopted:
        path = by_id.get(entry.id)
        if path is None:
            continue
        post = posts[path]
        pairs = (
            ("link", entry.link, post.permalink),
            ("date", entry.published, post.published),
            ("title", entry.title, post.title),
        )
        for name, theirs, ours in pairs:
            if theirs is None or theirs == ours or (name == "title" and not theirs):
                same[name] += 1
            else:
                rows.append(f"  {path}: {name} {ours} is {theirs} in the live feed")
    _say_comparison(source, adopted, matched, same, rows)
    return ExitCode.DONE if not rows and not matched.unmatched_entries else ExitCode.REFUSED


def _say_comparison(source: str, told: Sequence[Told], matched: Adopted, same: dict[str, int], rows: Sequence[str]) -> None:
    count = len(matched.adoptions)
    output.message(f"{source}: {output.counted(len(told), 'entry', 'entries')}, {count} of them are posts here")
    for name, number in same.items():
        output.message(f"  {name}s: {number} of {count} equal")
    for row in rows[: 4 * _SHOWN]:
        output.message(row)
    for entry in matched.unmatched_entries[:_SHOWN]:
        output.message(f"  no post for the entry {entry.title or entry.link!r} ({entry.link})")
    with suppress(IndexError):
        output.message(f"  and {len(rows) - 4 * _SHOWN} more differences" if len(rows) > 4 * _SHOWN else "")
