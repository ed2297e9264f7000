"""What `feeds diff` and `feeds build --dry-run` tell: in comes a Difference, out go lines for a person or one JSON document."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from feeds.cli.language import translated
from feeds.cli.output import counted, paint, say, say_result
from feeds.urls import ARCHIVE_FILE_NAME

if TYPE_CHECKING:
    from feeds.preview.diff import Difference, FeedDifference
    from feeds.preview.live import LiveEntry


def tell(difference: Difference, *, timezone: str, as_json: bool) -> None:
    """What subscribers would see, feed by feed; for people with dates in the site's time zone (an IANA name)."""
    if as_json:
        say_result(_facts(difference))
        return
    if not difference.published_before:
        say(translated("nothing is published yet: every entry would be new"))
    lines = _Lines(ZoneInfo(timezone))
    for feed in difference.feeds:
        lines.say_feed(feed)
    say(_summary(difference))
    for url, count in difference.told.items():
        say(f"{url} would be told of {counted(count, 'address', 'addresses')}")
    if difference.feeds:
        say(translated("(+ new, ~ updated, - withdrawn, @ another date)"))


def _facts(difference: Difference) -> dict[str, Any]:
    """The difference for a machine (feeds/cli/json_schema.json)."""
    return {
        "feeds": [
            {
                "path": feed.path,
                "status": feed.status,
                **{
                    name: [_entry_facts(entry) for entry in getattr(feed, name)]
                    for name in ("new", "updated", "withdrawn", "returning")
                },
                **{
                    name: [{"before": _entry_facts(old), "after": _entry_facts(new)} for old, new in getattr(feed, name)]
                    for name in ("redated", "resurfacing")
                },
            }
            for feed in difference.feeds
        ],
        "changed": list(difference.changed),
        "removed": list(difference.removed),
        "told": dict(difference.told),
        "would_come_back_as_unread": difference.resurfacing,
    }


def _entry_facts(entry: LiveEntry) -> dict[str, str]:
    """An entry for a machine; instants are in UTC already."""
    facts: dict[str, str] = entry._asdict()
    return facts | {name: facts[name].replace("+00:00", "Z") for name in ("published", "updated")}


class _Lines:
    """Lines for a person, with dates in one time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def say_feed(self, feed: FeedDifference) -> None:
        """A feed's heading, then a line for each entry that subscribers would see differently."""
        heading = paint(f"{feed.path or translated('(site)')}  {feed.title}", "bold", sys.stdout)
        say(heading + (f"  ({translated(feed.status)})" if feed.status != "changed" else ""))
        for old, new in feed.resurfacing:
            text = translated("would come back as unread: {entry}: its id was {old}, would be {new}")
            self._alarm(text.format(entry=self._named(new), old=old.id, new=new.id))
        for entry in feed.returning:
            text = translated("{entry}: comes back, older than all that the feed holds")
            say(f"  {paint('<', 'warning', sys.stdout)} {text.format(entry=self._named(entry))}")
        for mark, colour, entries in (
            ("+", "good", feed.new), ("~", "warning", feed.updated), ("-", "error", feed.withdrawn),
        ):  # fmt: skip
            for entry in entries:
                say(f"  {paint(mark, colour, sys.stdout)} {self._named(entry)}")
        for old, new in feed.redated:
            dates = f"{self._local(old.published)} -> {self._local(new.published)}"
            say(f"  {paint('@', 'warning', sys.stdout)} {self._named(new)}: {dates}")

    def _alarm(self, text: str) -> None:
        say(paint(f"  ! {text}", "error", sys.stdout))

    def _local(self, moment: str) -> str:
        return f"{datetime.fromisoformat(moment).astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _named(self, entry: LiveEntry) -> str:
        return f"{self._local(entry.published)[:10]} {entry.title or entry.permalink}"


def _summary(difference: Difference) -> str:
    """How many feeds and documents would change, and whether old posts would show as unread."""
    text = translated("nothing would change for subscribers")
    if difference.feeds or difference.changed:
        text = translated("{feeds} would change for subscribers, {documents} in all").format(
            feeds=counted(len(difference.feeds), "feed"), documents=counted(len(difference.changed), "document")
        )
    archives = sum(bool(ARCHIVE_FILE_NAME.match(path)) for path in difference.changed)
    text += translated(", {count} of them archives").format(count=archives) if archives else ""
    return text + (translated(", and old posts would come back as unread") if difference.resurfacing else "")
