"""What lists of all posts show: positions on the timeline come in, lines and digests of them go out.

A digest costs no look at a post, so that a build with one change reads only the posts of the pages that change.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.build.place import permalink
from feeds.build.timeline import Timeline
from feeds.formats.pages.lines import PostLine
from feeds.model import digest
from feeds.settings import Settings


class PostLines:
    """The lines of all posts that are out, by position, newest first. `base` is a digest of what decides all of them."""

    def __init__(self, timeline: Timeline, settings: Settings, base: str) -> None:
        self._timeline, self._settings, self._base = timeline, settings, base
        #: Seconds since 1970 of each post, newest first.
        self.published: Sequence[int] = timeline.all_published()

    def __len__(self) -> int:
        return len(self._timeline)

    def key(self, positions: Sequence[int]) -> str:
        """Digest of these posts' lines."""
        return digest(self._base, self._timeline.shown(positions))

    def lines(self, positions: Sequence[int]) -> list[PostLine]:
        """The lines of these posts."""
        own = (self._settings.language or "").casefold()
        return [
            PostLine(
                post.header.title,
                permalink(post, self._settings),
                post.identity.published,
                language if (language := post.header.language) and language.casefold() != own else None,
            )
            for post in self._timeline.at(positions)
        ]
