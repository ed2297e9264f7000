"""The public API of a build: `Site`, and what it gives, `SitePublication` with its feeds.

site = Site.load("feeds.toml")
publication = site.build()
publication.feed("category/tech").render("atom")
site.publish()
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from feeds import clock, formats
from feeds.errors import ExitCode, Problem
from feeds.model import Entry, Feed, Post
from feeds.publication import LeftOut, Publication
from feeds.settings import Settings, load
from feeds.settings.validate import validated

if TYPE_CHECKING:
    from feeds.posts.memory import MemorySource


#: So many feeds an error names.
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class SiteFeed:
    """One feed of a publication; `model` has all that its formats write."""

    model: Feed

    @property
    def path(self) -> str:
        """The folder below the base URL without the last "/", e.g. "category/tech"; "" for the site's own feed."""
        return self.model.path.rstrip("/")

    @property
    def title(self) -> str:
        """Plain text."""
        return self.model.title

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Newest first."""
        return tuple(self.model.entries)

    def render(self, format: str) -> bytes:
        """The document in a format: "rss", "atom", "json", or a plug-in's name.

        It is read back and compared with the model before it is returned. Raises LookupError for a name that is
        not a format, RenderError if the document does not say what the model says.
        """
        writer = formats.by_name(format)
        mode, show_email = self.model.content_mode, self.model.show_email
        fragments = [writer.fragment(entry, content_mode=mode, show_email=show_email) for entry in self.model.entries]
        body = writer.document(self.model, fragments)
        writer.check(body, self.model)
        return body


@dataclass(frozen=True, slots=True)
class SitePublication:
    """All feeds of a site as of one instant, and what was found while they were made."""

    model: Publication

    @property
    def revision(self) -> str:
        """Equal for equal inputs."""
        return self.model.revision

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What its author should know, e.g. posts with errors."""
        return self.model.problems

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Posts that are in no feed, with the reason."""
        return self.model.left_out

    def __iter__(self) -> Iterator[SiteFeed]:
        """The site's own feed first, then those of terms."""
        return map(SiteFeed, self.model.feeds)

    def __len__(self) -> int:
        return len(self.model.feeds)

    def feed(self, path: str = "") -> SiteFeed:
        """The feed at a path below the base URL, e.g. "category/tech"; "" is the site's. Raises KeyError."""
        wanted = path.strip("/")
        for feed in self:
            if feed.path == wanted or (not wanted and feed.model.taxonomy == "site"):
                return feed
        paths = [feed.path for feed in self]
        names = ", ".join(map(repr, get_close_matches(wanted, paths) or paths[:_MOST_NAMED]))
        raise KeyError(f"no feed {path!r}; there are {len(paths)}, e.g. {names}")


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What `Site.publish` did. `changed` and `removed` are paths of documents below the output folder."""

    publication: SitePublication
    generation: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    notices: tuple[str, ...]
    new_permalinks: tuple[str, ...] = ()
    """Addresses of the posts that were published for the first time."""
    updated_permalinks: tuple[str, ...] = ()
    """Addresses of the posts whose text changed."""

    @property
    def exit_code(self) -> int:
        """That of `feeds build`: 0, or 1 if posts have errors and were left out or kept as they last were."""
        return int(
            ExitCode.POSTS_BROKEN if any(problem.severity == "error" for problem in self.publication.problems) else ExitCode.DONE
        )


@dataclass(frozen=True, slots=True)
class PingResult:
    """What `Site.ping` did: messages that were taken, those that wait, and why services took none, by their URL."""

    sent: int
    waiting: int
    failures: dict[str, str]


class Site:
    """One site: its settings, checked, and what can be done with them.

    Nothing is open between calls. Calls that run at the same time in several processes are safe: one publishes, the
    others raise RefusedError.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError with every mistake at once."""
        self.settings = validated(settings)

    @classmethod
    def load(cls, config: str | os.PathLike[str] | None = None, **settings: object) -> Site:
        """The site of a settings file; keyword arguments replace what it says, e.g. `base_url="…"`.

        Without a file, feeds.toml in the working folder is read if it is there. Raises SettingsError, and TypeError for
        a keyword that is not a setting.
        """
        path = Path(config) if config is not None else None
        return cls.of(load(config=path, environ={}, flags=settings, cwd=Path.cwd()))

    @classmethod
    def of(cls, checked: Settings) -> Site:
        """The site of settings that are checked already."""
        site = cls.__new__(cls)
        site.settings = checked
        return site

    def build(self, as_of: datetime | None = None, *, posts: Iterable[Post] | None = None) -> SitePublication:
        """What would be published as of an instant (default: now), without publishing it.

        `posts` (see `feeds.post`) replace the posts folder. Reads and writes the cache in the state folder; changes
        neither the ledger nor the output. Raises FeedsError.
        """
        from feeds.build import run

        with run.look(self.settings, _instant(as_of), source=self._source(posts)) as (_, built):
            for feed in built.publication.feeds:
                tuple(feed.entries)
            return SitePublication(built.publication)

    def publish(
        self,
        as_of: datetime | None = None,
        *,
        posts: Iterable[Post] | None = None,
        accept_removals: bool = False,
        accept_dates: bool = False,
        ids: Literal["ask", "keep", "accept"] = "ask",
    ) -> PublishResult:
        """Publish the site as of an instant (default: now). Raises FeedsError with nothing changed that a reader sees.

        `accept_removals` publishes although many posts are gone (docs/operations.md), `accept_dates` although another
        `timezone` moves dates of published posts. If published posts state other ids than readers know, `ids` says what counts:
        "ask" raises RefusedError, "keep" keeps those that readers know, from now on, "accept" takes the new ones
        (docs/identity.md). Raises ValueError for another word.
        """
        from feeds.build import run
        from feeds.publish.guard import Accepted

        if ids not in ("ask", "keep", "accept"):
            raise ValueError(f'ids must be "ask", "keep" or "accept", not {ids!r}')
        source = self._source(posts)
        accepted = Accepted(removals=accept_removals, ids=ids, dates=accept_dates)
        outcome = run.publish(self.settings, _instant(as_of), accepted=accepted, source=source)
        live = outcome.switched
        publication = SitePublication(outcome.built.publication)
        return PublishResult(
            publication, live.manifest.generation, live.changed, live.removed, outcome.notices,
            outcome.changes.new, outcome.changes.updated,
        )  # fmt: skip

    def ping(self, *, seconds: float = 10.0) -> PingResult:
        """Tell hubs and search engines of what they have not been told of, for so many seconds at most (docs/push.md).

        `publish` only notes what they are to be told. Raises nothing for a hub that is down: its message waits.
        """
        from feeds.push.drain import drain

        report = drain(self.settings, seconds=seconds)
        return PingResult(len(report.sent), report.waiting, dict(report.failures))

    def _source(self, posts: Iterable[Post] | None) -> MemorySource | None:
        from feeds.posts.memory import MemorySource

        return None if posts is None else MemorySource(self.settings, posts)


def _instant(as_of: datetime | None) -> datetime:
    """The instant in UTC and whole seconds. Raises ValueError if it names no zone."""
    if as_of is None:
        return clock.now(os.environ)
    if as_of.tzinfo is None:
        raise ValueError(f"as_of must name a time zone, e.g. datetime.now(UTC), not {as_of!r}")
    return as_of.astimezone(UTC).replace(microsecond=0)
