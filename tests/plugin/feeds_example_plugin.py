"""A package that adds a format, a generator and a publish target, as an installed one would."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from feeds import Entry, Feed, Settings
from feeds.dialects.base import Dialect, FileKind, PostFacts, SiteFacts
from feeds.errors import RenderError
from feeds.publish import Extras, GenerationFacts, TargetResult
from feeds.publish.folder import FolderTarget
from feeds.publish.resources import Resource


class Text:
    """One line for each entry."""

    name = "text"
    media_type = "text/plain; charset=utf-8"
    version = "1"
    file_name = "feed.txt"

    def fragment(self, entry: Entry, *, content_mode: str, show_email: bool = False) -> bytes:
        """`2021-08-04 Tea https://example.org/tea/`."""
        return f"{entry.published:%Y-%m-%d} {entry.title} {entry.permalink}\n".encode()

    def document(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """The feed's title and its entries."""
        return f"{feed.title}\n".encode() + b"".join(fragments)

    def check(self, body: bytes, feed: Feed) -> None:
        """Every entry has its line."""
        if body.count(b"\n") != 1 + len(feed.entries):
            raise RenderError(feed.path, self.name, "an entry is missing")


class Wiki(Dialect):
    """Pages of a wiki: names with capitals are posts, addresses are /wiki/Name."""

    name = "wiki"
    label = "Wiki"

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        """Only pages whose name begins with a capital are posts."""
        return FileKind("post") if path[:1].isupper() else FileKind("ignored")

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str:
        """Below /wiki/, without an ending."""
        return f"wiki/{facts.path.rpartition('.')[0]}"


class Copies(FolderTarget):
    """The output folder, and a copy of every RSS document in a second folder beside it."""

    def publish(self, resources: Sequence[Resource], facts: GenerationFacts, *, extras: Extras | None = None) -> TargetResult:
        """Publish, then copy."""
        result = super().publish(resources, facts, extras=extras)
        copy = Path(f"{self.output}-copy")
        copy.mkdir(exist_ok=True)
        shutil.copy(self.output / "rss.xml", copy / "rss.xml")
        return result


def copies(settings: Settings) -> Copies:
    """The target for a site."""
    return Copies(settings.output, settings.state, mode=settings.output_mode, precompress=(), keep_seconds=60)


TEXT = Text()
WIKI = Wiki()
