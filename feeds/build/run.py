"""One run over one site, from lock to switch: in come settings and the instant, out goes an Outcome.

The order is the safety: everything is made and checked before the ledger is committed, the ledger before the switch, and
what only saves time is written last. Killed at any point, the next run ends where this one would have ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeAlias

from feeds import cache, state_folder
from feeds.build import held_generation, moved_targets, pages, podcast
from feeds.build.notices import not_reported_yet, of_clock
from feeds.build.open_site import CacheError, OnStage, OpenSite, opened, refuse_other_site, site_of
from feeds.build.publication import Built
from feeds.build.target import announced, header_maps_of
from feeds.dialects import by_name
from feeds.errors import ExitCode
from feeds.ledger import public
from feeds.posts.collect import Listed
from feeds.posts.memory import MemorySource
from feeds.publication import Publication
from feeds.publish import GenerationFacts, TargetResult, guard, moved_documents
from feeds.publish.manifest import Tables
from feeds.publish.resource import Resource
from feeds.publish.stage import read_manifest
from feeds.push import announce
from feeds.push.announce import Changes
from feeds.settings import Settings

OnPublished: TypeAlias = "Callable[[Outcome], None]"
BeforePublish: TypeAlias = "Callable[[OpenSite, Built, Sequence[Resource]], Iterable[str]]"


def silent(_: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, and the state of the posts folder before it read anything."""

    built: Built
    settings: Settings
    switched: TargetResult
    seconds: float
    notices: tuple[str, ...]
    listed: Listed
    changes: Changes

    @property
    def exit_code(self) -> ExitCode:
        """0, or 1 where posts are broken."""
        return self.built.exit_code


def _no_more(_: Outcome) -> None:
    """Do nothing more."""


def _no_warnings(*_: object) -> Iterable[str]:
    """Say nothing of what is going to be published."""
    return ()


class Hooks(NamedTuple):
    """Functions that are called during a publish, under the build's lock.

    `on_stage` gets the name of each stage as it begins, `on_published` the outcome. `before_publish` gets all documents of the
    new generation while the last one is still published, and returns notices.
    """

    on_stage: OnStage = silent
    on_published: OnPublished = _no_more
    before_publish: BeforePublish = _no_warnings


NO_HOOKS = Hooks()


def publish(
    settings: Settings,
    as_of: datetime,
    *,
    accepted: guard.Accepted = guard.NOTHING_ACCEPTED,
    hooks: Hooks = NO_HOOKS,
    source: MemorySource | None = None,
    everything: bool = False,
) -> Outcome:
    """Publish the site as it is at `as_of`. Raises FeedsError with nothing changed that a reader sees.

    `accepted` says which refusals of the guard are waived. `source` has the posts if no folder has. With `everything`
    posts that enter no document are converted, too.
    """
    run = partial(_publish, settings, as_of, accepted=accepted, hooks=hooks, source=source, everything=everything)
    try:
        return run()
    except CacheError:
        if (settings.state / cache.FILE_NAME).exists():
            raise
    return run()


def _publish(
    settings: Settings,
    as_of: datetime,
    *,
    accepted: guard.Accepted,
    hooks: Hooks,
    source: MemorySource | None,
    everything: bool,
) -> Outcome:
    started = time.monotonic()
    with opened(settings, source) as site:
        held_generation.refuse(settings.state)
        if source is None:
            refuse_other_site(settings)
        last = site.target.last()
        if last is not None:
            site.ledger.confirm(last.revision)
            # What a run that was killed behind its switch did not announce.
            with suppress(OSError):
                announce.announce(settings, last)
        notices = [*site.complete(last, accepted.previous.tables), *of_clock(last, as_of)]
        if accepted.ids != "ask" and site.ledger.meta("ids") != accepted.ids:
            site.ledger.set_meta("ids", accepted.ids)
        built, listed = site.assemble(as_of, hooks.on_stage, whole=False, everything=everything)
        _refuse_surprises(site, built, accepted)
        table = site.resources(built)
        built = built.with_problems(moved_targets.findings(settings, built, table))
        warnings = list(hooks.before_publish(site, built, table))
        # A post's last good source must be in one of the two at every instant, whenever it breaks and whenever we are killed.
        site.kept.write()
        site.cache.save()
        site.kept.settle(built.collected.kept)
        _remember(site, built)
        revision = built.publication.revision
        if source is None:
            state_folder.claim(str(settings.state), site_of(settings))
        changes = site.changes(built)
        # A disk that has no room for the outbox does not stop a build.
        with suppress(OSError):
            announce.stage(settings, revision, changes)
        site.ledger.commit(revision)
        hooks.on_stage("publishing")
        facts = _facts(site, built.publication, accepted)
        switched = site.target.publish(table, facts, extras=header_maps_of(settings))
        settled = site.settle(revision, switched.manifest) and switched.settled
        switched = replace(switched, settled=announced(settings, switched.manifest) and settled)
        if switched.settled:
            # They only save time: a disk without room for them does not undo the build.
            with suppress(OSError):
                site.write_index(built)
        notices += warnings
        notices += built.notices
        notices += not_reported_yet(settings, built)
        notices += switched.notices
        outcome = Outcome(built, settings, switched, time.monotonic() - started, tuple(notices), listed, changes)
        hooks.on_published(outcome)
    return outcome


def _refuse_surprises(site: OpenSite, built: Built, accepted: guard.Accepted) -> None:
    """Raise RefusedError if subscribers would see what is rarely meant: other ids, other dates, many posts gone."""
    settings = site.settings
    if accepted.ids != "accept":
        guard.check_ids(built.rekeyed, posts=settings.posts)
    if not accepted.dates:
        zones = site.ledger.meta("timezone") or settings.timezone, settings.timezone
        guard.check_dates(built.redated, zones, posts=settings.posts)
    if not accepted.removals:
        files = built.collected.found
        left_out, reason = (0, "") if files else built.collected.left_out
        endings = " ".join(by_name(settings.generator).endings)
        guard.check(
            guard.Removals(files, built.known, built.gone, built.future, left_out, reason, built.lost, endings),
            posts=settings.posts, max_fraction=settings.max_removed_fraction, min_removed=settings.min_removed,
        )  # fmt: skip


def _remember(site: OpenSite, built: Built) -> None:
    """What the ledger keeps for good: the first authority, terms that have a feed, posts that have a page of ours."""
    ledger = site.ledger
    if ledger.meta("authority") is None:
        ledger.set_meta("authority", site.settings.authority)
    for name, terms in built.terms.items():
        if name in site.settings.taxonomies:
            ledger.add_terms(name, {key: (term.slugs, term.labels[-1]) for key, term in terms.items()})
    for fact, slug in built.slug_facts.items():
        ledger.set_meta(fact, slug)
    ledger.set_meta("timezone", site.settings.timezone)
    for feed in built.publication.feeds:
        if feed.show is not None:
            ledger.set_meta(podcast.GUID_FACT + feed.path, feed.show.guid)
    ledger.mark_pages(built.page_ids)
    ledger.note_visible(built.visible)
    ledger.set_outlined(built.publication.outlined)
    ledger.set_archives(built.archived)


def _facts(site: OpenSite, publication: Publication, accepted: guard.Accepted) -> GenerationFacts:
    settings = site.settings
    errors = sum(problem.severity == "error" for problem in publication.problems)
    base = settings.base_url
    return GenerationFacts(
        revision=publication.revision,
        as_of=publication.as_of,
        ledger=Tables(public.lines(site.ledger, site.public_lines)),
        base_url=base,
        max_age_seconds=settings.max_age_seconds,
        stale_while_revalidate_seconds=settings.stale_while_revalidate_seconds,
        stale_if_error_seconds=settings.stale_if_error_seconds,
        next_change_at=publication.next_change_at,
        problems=errors,
        moved=moved_documents.targets(settings.moved, base),
        retired=tuple(path.lstrip("/") for path in settings.retired),
        page_script=pages.own_script(settings),
        earlier=accepted.previous.documents,
    )


@contextmanager
def look(
    settings: Settings,
    as_of: datetime,
    *,
    on_stage: OnStage = silent,
    settle: bool = False,
    everything: bool = False,
    source: MemorySource | None = None,
) -> Iterator[tuple[OpenSite, Built]]:
    """What a build would publish now, without publishing: writes nothing but the cache. `everything` as in `assemble`.

    `settle` for who means to write the ledger: what a killed run published is confirmed first, as a build does.
    """
    with opened(settings, source) as site, TemporaryDirectory() as aside:
        last = site.target.last() if settle else read_manifest(settings.output)
        if settle and last is not None:
            site.ledger.confirm(last.revision)
        site.complete(last, aside=None if settle else Path(aside))
        built, _ = site.assemble(as_of, on_stage, everything=everything)
        yield site, built
        site.cache.save()
