"""`feeds init`: writes feeds.toml, then shows on one screen what the feeds will be, and what subscribers will see."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import click

from feeds import settings_path
from feeds.build import run
from feeds.build.place import permalink
from feeds.build.publication import Built
from feeds.build.timeline import Out
from feeds.cli import output
from feeds.cli.command import Given, argument, json_option
from feeds.cli.command import command as as_command
from feeds.cli.language import translated
from feeds.cli.ledger import posts_of
from feeds.dialects import by_name
from feeds.errors import ExitCode, FeedsError
from feeds.ledger.ledger import Ledger
from feeds.migrate import adopt, init
from feeds.migrate.adopt import Adopted, Mine, Told
from feeds.migrate.replaced import Replaced
from feeds.model import rfc3339
from feeds.settings import Settings, load
from feeds.urls import encode_path

_SHOWN = 10
#: In place of a blog's address that nothing says (RFC 6761 section 6.4).
_UNKNOWN = "https://blog.invalid/"
#: A language of fewer posts is no translation of the site.
_FEWEST_OF_A_LANGUAGE = 3


@as_command("init", example="feeds init", posts="")
@argument("folder", "The blog's folder. Default: the current one.", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a feeds.toml that is there; a copy of it is kept.")
@click.option("--base-url", metavar="URL", help="The blog's address, if its settings do not say it.")
@click.option("--feed", metavar="FEED", help="The old feed, an address or a file: its entries' ids are kept.")
@click.option("--check", "live", metavar="FEED", help="Write nothing; compare what would be published with a live feed.")
@json_option
def command(given: Given, folder: Path, live: str | None, as_json: bool, **options: Any) -> int:
    """Write a commented feeds.toml, from what the folder's site generator says, and keep the ids of the old feed."""
    as_of = given.instant()
    if live:
        return check(folder, live, as_of, as_json=as_json)
    return main(folder, as_of=as_of, as_json=as_json, **options)


def main(folder: Path, *, force: bool, base_url: str | None, feed: str | None, as_of: datetime, as_json: bool = False) -> int:
    """Move a blog in; returns the exit code."""
    moved_in = init.run(folder, force=force, base_url=base_url)
    missing = "base_url" if "base_url" not in moved_in.settings else "posts" if not moved_in.post_folders else None
    if as_json:
        old_feed = _old_feed(moved_in, feed)
        looked = {} if missing else _looked(folder, moved_in, old_feed, as_of)
        output.say_result({**_written(moved_in), "missing": missing, **looked})
        return ExitCode.DONE
    _say_head(moved_in)
    for note in moved_in.notes:
        output.note(f"note: {note}")
    if missing == "base_url":
        _say_posts_without_address(folder, moved_in, as_of)
        output.note("\nNext: set base_url in feeds.toml, the address under which the feeds will be; then run: feeds build")
        return ExitCode.DONE
    if missing:
        output.note("\nNext: set posts in feeds.toml, or put a first post there; then run: feeds build")
        return ExitCode.DONE
    settings = load(config=moved_in.path, environ={}, flags={}, cwd=folder)
    old_feed = _old_feed(moved_in, feed)
    try:
        with run.look(settings, as_of, settle=True) as (site, built):
            _say_posts(built, settings)
            _say_languages(built, settings)
            _say_replaced(moved_in.replaced, built, settings)
            if old_feed is not None:
                adoption = _adopt(site.ledger, built, settings, old_feed)
                _say_adoption(adoption)
                if not old_feed.is_named:
                    _say_age(adoption, settings, moved_in.live_feed)
    except FeedsError as error:
        output.note(f"\nThe posts could not be looked at: {error}")
        return error.exit_code
    if old_feed is None and moved_in.live_feed:
        _say_live_feed(moved_in.live_feed)
    output.note("\nNext: feeds check   (what is left out, and why)\n      feeds build   (publish)")
    return ExitCode.DONE


def _say_live_feed(address: str) -> None:
    """How the ids of a feed that is only on the web are kept: to its subscribers, all posts would be new."""
    output.note(
        "\nNo feed of the generator is in this folder. If the blog has subscribers, keep the ids that they know before the first "
        "build:"
    )
    output.note(f"  feeds ledger adopt {address}")


@dataclass(frozen=True, slots=True)
class FeedToAdopt:
    """The feed whose ids are to be kept: an address or a file, whether the author named it, and files of `more` languages."""

    source: str
    is_named: bool
    more: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """All its sources, for people."""
        return ", ".join((self.source, *self.more))


@dataclass(frozen=True, slots=True)
class AdoptionReport:
    """What came of taking over the old feed's ids. `new` has the titles of posts that its subscribers have not seen.

    `newest_entry` and `newest_post` are the instants of the feed's last entry and of the last post that is new; None if there is
    none with a date.
    """

    source: str
    kept: int = 0
    new: tuple[str, ...] = ()
    unmatched: tuple[Told, ...] = ()
    error: str | None = None
    newest_entry: datetime | None = None
    newest_post: datetime | None = None


def _old_feed(moved_in: init.MovedIn, feed: str | None) -> FeedToAdopt | None:
    if feed is not None:
        return FeedToAdopt(feed, is_named=True)
    found = (*([moved_in.old_feed] if moved_in.old_feed is not None else []), *moved_in.language_feeds)
    files = list(dict.fromkeys(str(old_feed.file) for old_feed in found))
    return FeedToAdopt(files[0], is_named=False, more=tuple(files[1:])) if files else None


def _written(moved_in: init.MovedIn) -> dict[str, Any]:
    return {"file": str(moved_in.path), "generator": moved_in.generator or None, "notes": list(moved_in.notes)}


def _looked(folder: Path, moved_in: init.MovedIn, old_feed: FeedToAdopt | None, as_of: datetime) -> dict[str, Any]:
    """What the feeds will be, for a machine."""
    settings = load(config=moved_in.path, environ={}, flags={}, cwd=folder)
    with run.look(settings, as_of, settle=True) as (site, built):
        posts = list(built.out)
        adoption = _adopt(site.ledger, built, settings, old_feed) if old_feed is not None else None
        return {
            "posts": len(posts),
            "feeds": len(built.publication.feeds),
            "left_out": [output.left_out_of(item) for item in built.publication.left_out],
            "links": [
                {
                    "path": post.header.path,
                    "permalink": permalink(post, settings),
                    "title": post.header.title,
                    "published": rfc3339(post.identity.published),
                }
                for post in posts
            ],
            "no_longer_published": _no_longer_published(moved_in.replaced, built, settings),
            "old_feed": None
            if adoption is None
            else {
                "source": adoption.source,
                "kept": adoption.kept,
                "new": list(adoption.new),
                "unmatched": _unmatched(adoption.unmatched),
                "newest_entry": rfc3339(adoption.newest_entry) if adoption.newest_entry is not None else None,
                "error": adoption.error,
            },
        }


def _unmatched(entries: Sequence[Told]) -> list[dict[str, str]]:
    """Entries of an old feed that are no posts here, for a machine."""
    return [{"title": entry.title, "link": entry.link} for entry in entries]


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
    text = translated("{posts} in {feeds}, {count} left out ({reasons})") if left_out else translated("{posts} in {feeds}")
    counted = {"posts": output.counted(len(posts), "post"), "feeds": output.counted(len(built.publication.feeds), "feed")}
    output.note("\n" + text.format(**counted, count=len(left_out), reasons=output.reasons_of(left_out)))
    if any(item.reason == "broken" for item in left_out):
        output.say_commonest_error(built.publication.problems, sys.stdout, settings.posts)
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
        link = permalink(post, settings).replace(_UNKNOWN, "…/")
        title = post.header.title or post.header.path
        output.note(f"  {post.identity.published.astimezone(zone):%Y-%m-%d}  {link}  {title}")


def _say_posts_without_address(folder: Path, moved_in: init.MovedIn, as_of: datetime) -> None:
    """What the feeds will be where the blog's address is not known yet; no state is kept of that."""
    if not moved_in.post_folders:
        return
    with TemporaryDirectory() as state:
        settings = replace(load(config=moved_in.path, environ={}, flags={"base_url": _UNKNOWN}, cwd=folder), state=Path(state))
        try:
            with run.look(settings, as_of) as (_, built):
                _say_posts(built, settings)
        except FeedsError as error:
            output.note(f"\nThe posts could not be looked at: {error}")


def _say_languages(built: Built, settings: Settings) -> None:
    """How each language gets a feed of its own, as generators have it, where the site's feed holds posts in several."""
    counts = Counter(post.header.language or settings.language or "" for post in built.out)
    common = {name: count for name, count in counts.most_common() if name and count >= _FEWEST_OF_A_LANGUAGE}
    if len(common) < 2 or "language" in settings.taxonomies:
        return
    listed = ", ".join(f"{name} ({count})" for name, count in common.items())
    others = ", ".join(
        f'"language:{name}"' for name in sorted(counts) if name and name != (settings.language or next(iter(common)))
    )
    taxonomies = ", ".join(f'"{name}"' for name in (*settings.taxonomies, "language"))
    output.note(
        f"\nThe site's feed holds posts in several languages: {listed}. For a feed of each, set taxonomies = [{taxonomies}], and "
        f'exclude = [{others}] in the table [feed.""].'
    )


def _no_longer_published(replaced: Replaced | None, built: Built, settings: Settings) -> list[str]:
    """The feeds that were published by the settings before, and by these have neither a place nor a new address."""
    if replaced is None:
        return []
    feeds = built.publication.feeds
    addresses = {url.removeprefix(settings.base_url) for feed in feeds for url in feed.urls.values()}
    return [path for path in replaced.feeds if encode_path(path) not in addresses and path not in settings.moved]


def _say_replaced(replaced: Replaced | None, built: Built, settings: Settings) -> None:
    """What became of the settings before, and which feeds their readers would lose."""
    if replaced is None:
        return
    output.note(f"\nThe settings before are kept in {replaced.copy}.")
    if lost := _no_longer_published(replaced, built, settings):
        output.message(f"Addresses of feeds that readers have, and that the new settings do not publish ({len(lost)}):")
        for path in lost[:_SHOWN]:
            output.message(f"  {path}")
        output.message("Name their new addresses in the table [moved] of feeds.toml, or set [paths] as it was before.")


def _adopt(ledger: Ledger, built: Built, settings: Settings, old_feed: FeedToAdopt) -> AdoptionReport:
    """Take the ids of the old feed. Raises FeedsError if it cannot be read and the author named it."""
    try:
        matched = adopt.adopt(old_feed.source, posts_of(built, settings), old_feed.more)
        refused = ledger.adopt(matched.adoptions)
        if ledger.meta("authority") is None:
            ledger.set_meta("authority", settings.authority)
        ledger.commit("adopt")
    except FeedsError as error:
        if old_feed.is_named:
            raise
        return AdoptionReport(old_feed.shown, error=str(error))
    kept = len(matched.adoptions) - len(refused)
    new = _new_to_subscribers(built, matched)
    titles = tuple(post.header.title or post.header.path for post in new)
    dates = [item.published or item.updated for item in matched.adoptions.values()]
    dates += [entry.published or entry.updated for entry in matched.unmatched_entries]
    return AdoptionReport(
        old_feed.shown, kept, titles, tuple(matched.unmatched_entries),
        newest_entry=max((date for date in dates if date is not None), default=None),
        newest_post=max((post.identity.published for post in new), default=None),
    )  # fmt: skip


def _say_adoption(adoption: AdoptionReport) -> None:
    """What the subscribers of the old feed will see."""
    if adoption.error is not None:
        output.message(f"\nThe ids of the old feed {adoption.source} were not taken over: {adoption.error}")
        return
    output.note(f"\nSubscribers of the old feed ({adoption.source}): {adoption.kept} of its entries keep their ids")
    output.note(f"  {output.counted(len(adoption.new), 'post')} will show as new to them" + (":" if adoption.new else ""))
    for title in adoption.new[:_SHOWN]:
        output.note(f"    {title}")
    for entry in adoption.unmatched[:_SHOWN]:
        output.note(f"  no post for its entry {entry.title!r} ({entry.link})")


def _say_age(adoption: AdoptionReport, settings: Settings, live_feed: str) -> None:
    """Say that the old feed's file in the folder ends before the newest post: the feed that subscribers have may be newer."""
    entry, post = adoption.newest_entry, adoption.newest_post
    if entry is None or post is None or post <= entry:
        return
    zone = ZoneInfo(settings.timezone)
    day_of_entry, day_of_post = entry.astimezone(zone).date(), post.astimezone(zone).date()
    output.note(f"  The newest entry of that file is of {day_of_entry}, the newest post of {day_of_post}.")
    if live_feed:
        output.note("  If the feed on the web is newer than the file, keep the ids of that one before the first build:")
        output.note(f"    feeds ledger adopt {live_feed}")


def _new_to_subscribers(built: Built, matched: Adopted) -> list[Out]:
    """The posts in the site's feed that the old feed did not have."""
    feed = built.publication.feeds[0]
    newest = [post for post, _ in zip(built.out, range(len(feed.entry_keys)), strict=False)]
    return [post for post in newest if post.header.path not in matched.adoptions]


@dataclass(frozen=True, slots=True)
class PostDifference:
    """A post whose id, link, date or title in a live feed is another; both as texts."""

    path: str
    field: str
    ours: str
    theirs: str


@dataclass(slots=True)
class Comparison:
    """What would be published beside a live feed: its entries, those that are posts here, and how many of these are equal."""

    source: str
    entries: int
    matched: int
    unmatched: tuple[Told, ...]
    equal: dict[str, int] = field(default_factory=lambda: {"id": 0, "link": 0, "date": 0, "title": 0})
    differences: list[PostDifference] = field(default_factory=list)


def check(folder: Path, source: str, as_of: datetime, *, as_json: bool = False) -> int:
    """Compare what would be published with a live feed, a URL or a file: ids, links, dates, titles; returns the exit code."""
    settings = load(config=folder / settings_path.FILE_NAME, environ={}, flags={}, cwd=folder)
    with run.look(settings, as_of) as (_, built):
        posts = {post.path: post for post in posts_of(built, settings)}
        ids = {post.header.path: post.identity.id for post in built.out}
        entries = adopt.read(*adopt.load(source))
        matched = adopt.match(entries, tuple(posts.values()))
    comparison = Comparison(source, len(entries), len(matched.adoptions), tuple(matched.unmatched_entries))
    by_id = {adoption.id: path for path, adoption in matched.adoptions.items()}
    for entry in entries:
        path = by_id.get(entry.id)
        if path is not None:
            for name, is_equal, difference in _compared(entry, posts[path], ids[path]):
                comparison.equal[name] += is_equal
                if not is_equal:
                    comparison.differences.append(difference)
    if as_json:
        output.say_result({
            "source": source,
            "entries": comparison.entries,
            "matched": comparison.matched,
            "equal": comparison.equal,
            "differences": [asdict(difference) for difference in comparison.differences],
            "unmatched": _unmatched(comparison.unmatched),
        })  # fmt: skip
    else:
        _say_comparison(comparison)
    return ExitCode.DONE if not comparison.differences and not comparison.unmatched else ExitCode.REFUSED


def _compared(entry: Told, post: Mine, id: str) -> Iterator[tuple[str, bool, PostDifference]]:
    """What an entry of a live feed says beside a post of ours; what it does not say is equal."""
    for name, theirs, ours in (
        ("id", entry.id, id),
        ("link", entry.link, post.permalink),
        ("date", entry.published, post.published),
        ("title", entry.title, post.title),
    ):
        is_equal = theirs is None or theirs == ours or (name == "title" and not theirs)
        yield name, is_equal, PostDifference(post.path, name, _text(ours), _text(theirs))


def _text(value: str | datetime | None) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _say_comparison(comparison: Comparison) -> None:
    count = comparison.matched
    entries = output.counted(comparison.entries, "entry", "entries")
    output.message(f"{comparison.source}: {entries}, {count} of them are posts here")
    for name, number in comparison.equal.items():
        output.message(f"  {name}s: {number} of {count} equal")
    if others := count - comparison.equal["id"]:
        new, source = output.counted(others, "post", "posts"), comparison.source
        output.message(f"  subscribers would see {new} as new; before the first build, feeds ledger adopt {source} keeps the ids")
    shown = 4 * _SHOWN
    differences = [difference for difference in comparison.differences if difference.field != "id"]
    for difference in differences[:shown]:
        output.message(f"  {difference.path}: {difference.field} {difference.ours} is {difference.theirs} in the live feed")
    for entry in comparison.unmatched[:_SHOWN]:
        output.message(f"  no post for the entry {entry.title or entry.link!r} ({entry.link})")
    if len(differences) > shown:
        output.message(f"  and {len(differences) - shown} more differences")
