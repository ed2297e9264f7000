"""One run over one site, from lock to switch: in come settings and the instant, out goes an Outcome.

The order is the safety: everything is made and checked before the ledger is committed, the ledger before the switch, and
what only saves time is written last. Killed at any point, the next run ends where this one would have ended.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias, cast

from feeds import __version__, clock, fastpath, plugins, state_folder
from feeds.build import held, pages, place, podcast, publication, recovery
from feeds.build.entry_cache import ChurnError
from feeds.build.inputs import Inputs
from feeds.build.notices import newly_left_out
from feeds.build.plans import names_needed
from feeds.build.publication import Built
from feeds.build.timeline import Out
from feeds.cache import Cache, LostError
from feeds.errors import ExitCode, FailedPostsError, FeedsError, LedgerError, Problem, SettingsError, sentence
from feeds.ledger import database
from feeds.ledger.dump import public_tables
from feeds.ledger.fingerprint import SKETCH_VERSION
from feeds.ledger.ledger import Ledger, UnsettledError
from feeds.model import Publication, digest
from feeds.posts import collect, metadata, scan, walk
from feeds.posts.collect import Listed
from feeds.posts.index import PostIndex
from feeds.posts.last_good import LastGoodSources
from feeds.posts.memory import MemorySource
from feeds.posts.reader import PostReader, open_reader, template_files, with_bundles, with_data, with_templates
from feeds.publish import Facts, Target, guard, lock, moved_documents, resources
from feeds.publish import Published as PublishResult
from feeds.publish.folder import FolderTarget
from feeds.publish.manifest import Manifest
from feeds.publish.resources import Resource
from feeds.publish.stage import read_manifest
from feeds.push import announce, services
from feeds.push.announce import Changes
from feeds.settings import Settings, fingerprint

#: How often a run begins again because a file changed under it.
_TRIES = 4

Tell: TypeAlias = Callable[[str], None]
Then: TypeAlias = "Callable[[Outcome], None]"


def silent(_: str) -> None:
    """Tell nobody."""


def nothing(_: Outcome) -> None:
    """Do nothing more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, and the state of the posts folder before it read anything."""

    built: Built
    settings: Settings
    switched: PublishResult
    seconds: float
    notices: tuple[str, ...]
    listed: Listed
    changes: Changes

    @property
    def exit_code(self) -> ExitCode:
        """0, or 1 where posts are broken."""
        return self.built.exit_code


class OpenSite:
    """Settings with ledger, memo and kept sources open; `close` lets go of them."""

    def __init__(self, settings: Settings, closing: ExitStack, source: MemorySource | None = None) -> None:
        self.settings, self.source = settings, source
        database.tidy(settings.state)
        self.ledger = Ledger.open(settings.state)
        closing.callback(self._close_ledger)
        if self.ledger.doubtful and not self.ledger.fresh:
            from feeds.ledger import dump

            dump.verify(self.ledger)
        self.memo = Cache(settings.state / "memo.sqlite")
        closing.callback(self.memo.close)
        self.kept = LastGoodSources(settings.state / "kept")
        self.target = target_of(settings)

    def _close_ledger(self) -> None:
        self.ledger.close()

    def complete(self, last: Manifest | None, previous: recovery.Tables = (), *, aside: Path | None = None) -> list[str]:
        """Complete a ledger that does not know what is published; sentences that say so.

        The ledger with what it lacks is made in the folder `aside`, if there is one, and the site's own is left as it is.
        """
        tables, where = recovery.tables_of(last, previous)
        result = recovery.completed(self.ledger, tables, where) if tables else None
        if result is None:
            return [recovery.NOTHING_KNOWN] if self.ledger.fresh and last is not None else []
        self.ledger.close()
        folder = aside or self.settings.state
        Ledger.begin(folder, result[0])
        self.ledger = Ledger.open(folder)
        return [result[1]]

    def assemble(self, as_of: datetime, tell: Tell, *, whole: bool = True, everything: bool = False) -> tuple[Built, Listed]:
        """Gather and build; again where a file changed in between. Unless `whole`, posts that stand are not looked at.

        With `everything` also posts that enter no document are converted.
        """
        listed, reader = self._posts()
        headers_key = _headers_key(reader)
        standing = None if whole else self.standing(headers_key, as_of)
        failures: dict[str, Problem] = {}
        hopeless: set[str] = set()
        attempt = 0
        while True:
            tell("reading posts")
            collected = collect.collect_posts(reader, self.memo, self.kept, listed, headers_key=headers_key, standing=standing)
            collected = collect.quarantine(collected, failures, hopeless)
            tell("converting")
            try:
                inputs = Inputs(self.settings, as_of, collected, self.ledger, self.memo, self.kept, everything)
                return publication.build(inputs), listed
            except (UnsettledError, LostError):
                if standing is None:
                    raise
                standing = None
            except FailedPostsError as error:
                hopeless.update(error.problems.keys() & failures.keys())
                failures.update(error.problems)
                standing = None
            except ChurnError as error:
                attempt += 1
                if attempt == _TRIES:
                    failures.update(error.problems)
                    attempt = 0
                    continue
                time.sleep(0.05 * 2**attempt)
                standing = None
                listed, reader = self._posts()
                headers_key = _headers_key(reader)

    def _posts(self) -> tuple[Listed, PostReader]:
        """The listing of the posts, and what reads them."""
        if self.source is not None:
            return Listed(time.time_ns(), self.source.listing()), self.source.reader
        listed = _listed(self.settings)
        return listed, _reader(self.settings, listed)

    def standing(self, headers_key: str, as_of: datetime) -> PostIndex | None:
        """The posts that stand since the last publish."""
        if self.memo.fact("headers") != headers_key or self.ledger.token is None:
            return None
        return PostIndex.load(self.settings.state, digest(headers_key, self.ledger.token), int(as_of.timestamp()))

    def remember_standing(self, built: Built) -> None:
        """Write down which posts stand from now on, once the ledger says that their generation is live."""
        headers_key, token = _headers_key(built.collected.reader), self.ledger.token
        if token is None:
            return
        collected = built.collected
        built.out.save(
            self.settings.state, digest(headers_key, token), built.publication.as_of, files=collected.files,
            paths={header.path for header in collected.headers} | collected.broken.keys(),
            doubtful=collected.racy | collected.broken.keys(), taxonomies=names_needed(self.settings),
        )  # fmt: skip

    def resources(self, built: Built) -> tuple[Resource, ...]:
        """The table of all documents."""
        names = resources.Names(self.settings.formats, place.document_names(self.settings))
        source = resources.Source(built.conversion.fragments, self._asset, pages.source(self.settings, built, self.memo))
        table = resources.table(built.publication, names, source, proofs=services.proofs(self.settings))
        settings, site = self.settings, built.publication.feeds[0]
        return moved_documents.added(table, settings.moved, settings.base_url, site) if settings.moved_documents else table

    def changes(self, built: Built) -> Changes:
        """What the build publishes that the last generation did not; to be asked before the ledger is committed."""
        new, updated = self.ledger.changed_out()
        wanted = new | updated
        posts = [one for _, one in built.out.fresh() if one.header.path in wanted] if wanted else []
        urls = {post.header.path: permalink(self.settings, post) for post in posts}
        return Changes(
            tuple(url for path, url in urls.items() if path in new),
            tuple(url for path, url in urls.items() if path in updated),
        )

    def settle(self, revision: str) -> bool:
        """Confirm the generation that is live, and save the memo; False where the machine does not let us.

        Neither undoes the publish: the next run confirms what is live before all else.
        """
        import sqlite3

        try:
            self.ledger.confirm(revision)
            self.memo.save()
        except (LedgerError, OSError, sqlite3.Error):
            return False
        return True

    def _asset(self, path: str) -> tuple[str, Callable[[], bytes]]:
        """An author's file: the digest of its bytes, remembered by its stat, and how to read it."""
        from hashlib import sha256

        from feeds.posts.read import open_regular

        place = _source_of(self.settings, path)

        def read() -> bytes:
            with open_regular(place) as stream:
                return stream.read()

        stat = place.lstat()
        key = digest("asset", path, repr((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)))
        known = self.memo.get("digest", (key,)).get(key)
        if known is None:
            known = sha256(read()).hexdigest().encode()
            self.memo.put("digest", key, known)
        return f"asset-{known.decode()}", read


def target_of(settings: Settings) -> Target:
    """Where the site is published. Raises SettingsError if the plug-in that the settings name is gone."""
    if settings.target != "folder":
        factory = plugins.load(plugins.TARGETS, settings.target)
        if factory is None:
            raise SettingsError((f"target: no installed package has a publish target {settings.target!r}",))
        return cast("Callable[[Settings], Target]", factory)(settings)
    return FolderTarget(
        settings.output, settings.state, mode=settings.output_mode, precompress=settings.precompress,
        keep_seconds=settings.max_age_seconds,
    )  # fmt: skip


def _source_of(settings: Settings, source: str) -> Path:
    """Where an asset's source lies: below the posts folder, or with "/" in front below the folder of the settings file."""
    if source.startswith("/") and settings.config is not None:
        return settings.config.parent / source[1:]
    return settings.posts / source


class _CacheError(FeedsError):
    """The memo cannot be used; where it was damaged it is gone, and the next try begins a new one."""


@contextmanager
def _open(settings: Settings, source: MemorySource | None = None) -> Iterator[OpenSite]:
    import sqlite3

    memo = settings.state / "memo.sqlite"
    with ExitStack() as closing:
        closing.enter_context(lock.held(settings.state))
        try:
            yield OpenSite(settings, closing, source)
        except sqlite3.Error as error:  # the ledger's are LedgerErrors by now
            if isinstance(error, sqlite3.OperationalError):
                raise _CacheError(f"the machine does not let the cache be used: {error}", where=str(memo)) from error
            memo.unlink(missing_ok=True)
            raise _CacheError(f"the cache was damaged and is deleted: {error}", where=str(memo), fix="run it again") from error


def _headers_key(reader: PostReader) -> str:
    settings = reader.settings
    return digest(
        __version__, SKETCH_VERSION, *metadata.Header._fields, fingerprint(settings), str(settings.posts), reader.data_digest,
        *fastpath.libraries(),
    )  # fmt: skip


def _reader(settings: Settings, listed: Listed) -> PostReader:
    reader = open_reader(settings)
    reader = with_bundles(reader, scan.bundle_folders(walk.blocks(listed.text), reader))
    return with_templates(with_data(reader, scan.data_files(walk.blocks(listed.text), reader)))


def publish(
    settings: Settings,
    as_of: datetime,
    *,
    accept_removals: bool = False,
    ids: str = "ask",
    accept_dates: bool = False,
    previous: recovery.Tables = (),
    tell: Tell = silent,
    then: Then = nothing,
    source: MemorySource | None = None,
    everything: bool = False,
) -> Outcome:
    """Publish the site as it is at `as_of`. Raises FeedsError with nothing changed that a reader sees.

    `ids` says what to do if published posts would get other ids: "ask" refuses, "keep" keeps those that readers know from
    now on, "accept" takes the new ones. `accept_dates` publishes although another `timezone` moves dates. `then` is
    called with what was done before anybody else may publish. `source` has the posts if no folder has. With `everything` posts
    that enter no document are converted, too.
    """
    accepted = guard.Accepted(removals=accept_removals, ids=ids, dates=accept_dates, previous=previous)
    run = partial(_publish, settings, as_of, accepted=accepted, tell=tell, then=then, source=source, everything=everything)
    try:
        return run()
    except _CacheError:
        if (settings.state / "memo.sqlite").exists():
            raise
    return run()


def _publish(
    settings: Settings,
    as_of: datetime,
    *,
    accepted: guard.Accepted,
    tell: Tell,
    then: Then,
    source: MemorySource | None,
    everything: bool,
) -> Outcome:
    started = time.monotonic()
    with _open(settings, source) as site:
        held.refuse(settings.state)
        if source is None:
            refuse_other_site(settings)
        last = site.target.last()
        if last is not None:
            site.ledger.confirm(last.revision)
            # What a run that was killed behind its switch did not announce.
            with suppress(OSError):
                announce.announce(settings, last)
        notices = site.complete(last, accepted.previous)
        if accepted.ids != "ask" and site.ledger.meta("ids") != accepted.ids:
            site.ledger.set_meta("ids", accepted.ids)
        built, listed = site.assemble(as_of, tell, whole=False, everything=everything)
        collected = built.collected
        if accepted.ids != "accept":
            guard.check_ids(built.rekeyed, posts=settings.posts)
        if not accepted.dates:
            zones = site.ledger.meta("timezone") or settings.timezone, settings.timezone
            guard.check_dates(built.redated, zones, posts=settings.posts)
        guard.check(
            posts=settings.posts, found=collected.found, known=built.known, gone=built.gone, future=built.future,
            max_fraction=settings.max_removed_fraction, min_removed=settings.min_removed, accepted=accepted.removals,
        )  # fmt: skip
        table = site.resources(built)
        # A post's last good source must be in one of the two at every instant, whenever it breaks and whenever we are killed.
        site.kept.write()
        site.memo.save()
        site.kept.settle(collected.kept)
        _remember(site, built)
        revision = built.publication.revision
        if source is None:
            state_folder.claim(str(settings.state), str(settings.posts), settings.base_url)
        changes = site.changes(built)
        # A disk that has no room for the outbox does not stop a build.
        with suppress(OSError):
            announce.stage(settings, revision, (*changes.new, *changes.updated))
        site.ledger.commit(revision)
        tell("publishing")
        switched = site.target.publish(table, _facts(settings, built.publication, site.ledger), extras=_extras(settings))
        settled = site.settle(revision) and switched.settled
        switched = replace(switched, settled=_announced(settings, switched.manifest) and settled)
        if switched.settled:
            # They only save time: a disk without room for them does not undo the build.
            with suppress(OSError):
                site.remember_standing(built)
        notices += built.notices
        notices += newly_left_out(settings.state, built)
        notices += switched.notices
        outcome = Outcome(built, settings, switched, time.monotonic() - started, tuple(notices), listed, changes)
        then(outcome)
    return outcome


def _announced(settings: Settings, live: Manifest) -> bool:
    """Put what changed into the outbox; False where the disk does not take it, and the next run has to."""
    try:
        announce.announce(settings, live)
    except OSError:
        return False
    return True


def refuse_other_site(settings: Settings) -> None:
    """Raise SettingsError if the state folder is another site's: its ids and names would become this one's.

    A site may change its base URL, and its posts folder may be moved; but where the folder that the state knows is still there
    and another one is built, that is another site.
    """
    result = state_folder.owner(str(settings.state))
    if result is None or state_folder.is_of(str(settings.state), str(settings.posts)) or not Path(result[0]).is_dir():
        return
    raise SettingsError(
        (
            sentence(
                f"it belongs to another site: {result[1]}, posts in {result[0]}", where=f"state ({settings.state})",
                fix=f"name another folder, e.g. --state {settings.state}/{settings.posts.name}; if it is the same site, delete "
                f"the file {state_folder.FILE_NAME} in it",
            ),
        )
    )  # fmt: skip


def _listed(settings: Settings) -> Listed:
    """The posts folder as the run with nothing to do has just seen it, else as it is. Raises RefusedError."""
    skip = settings.skipped_folders
    return Listed(*(fastpath.taken(str(settings.posts), skip) or (time.time_ns(), scan.walk(settings.posts, skip))))


def _remember(site: OpenSite, built: Built) -> None:
    """What the ledger keeps for good: the first authority, terms that have a feed, posts that have a page of ours."""
    ledger = site.ledger
    if ledger.meta("authority") is None:
        ledger.set_meta("authority", site.settings.authority)
    for name, terms in built.terms.items():
        if name in site.settings.taxonomies:
            ledger.add_terms(name, {key: (term.slugs, term.labels[-1]) for key, term in terms.items()})
    ledger.set_meta("timezone", site.settings.timezone)
    for feed in built.publication.feeds:
        if feed.show is not None:
            ledger.set_meta(podcast.GUID_FACT + feed.path, feed.show.guid)
    ledger.mark_pages(built.page_ids)
    ledger.note_visible(built.visible)
    ledger.set_outlined(built.publication.outlined)
    ledger.set_archives(built.archived)


def _facts(settings: Settings, made: Publication, ledger: Ledger) -> Facts:
    errors = sum(problem.severity == "error" for problem in made.problems)
    base = settings.base_url
    return Facts(
        revision=made.revision,
        as_of=made.as_of,
        ledger=public_tables(ledger),
        base_url=base,
        max_age_seconds=settings.max_age_seconds,
        stale_while_revalidate_seconds=settings.stale_while_revalidate_seconds,
        stale_if_error_seconds=settings.stale_if_error_seconds,
        next_change_at=made.next_change_at,
        problems=errors,
        moved=moved_documents.targets(settings.moved, base),
        retired=tuple(path.lstrip("/") for path in settings.retired),
        page_script=pages.own_script(settings),
    )


def _extras(settings: Settings) -> Callable[[Manifest], Mapping[str, bytes]] | None:
    """The header maps that the settings ask for."""
    if not settings.header_maps:
        return None
    from feeds.publish import header_maps

    return lambda manifest: header_maps.files(manifest, settings.header_maps, settings.precompress)


@contextmanager
def look(
    settings: Settings,
    as_of: datetime,
    *,
    tell: Tell = silent,
    settle: bool = False,
    everything: bool = False,
    source: MemorySource | None = None,
) -> Iterator[tuple[OpenSite, Built]]:
    """What a build would publish now, without publishing: writes nothing but the memo. `everything` as in `assemble`.

    `settle` for who means to write the ledger: what a killed run published is confirmed first, as a build does.
    """
    with _open(settings, source) as site, TemporaryDirectory() as aside:
        last = site.target.last() if settle else read_manifest(settings.output)
        if settle and last is not None:
            site.ledger.confirm(last.revision)
        site.complete(last, aside=None if settle else Path(aside))
        built, _ = site.assemble(as_of, tell, everything=everything)
        yield site, built
        site.memo.save()


def permalink(settings: Settings, out: Out) -> str:
    """The address of a post's own page, whether or not it stands in a document."""
    return place.permalink_of(out.header, out.identity.slug, out.identity.published, settings)


def rollback(settings: Settings, as_of: datetime | None = None) -> str:
    """Publish the generation before the live one again as of an instant (default: now), and hold it; a sentence that says so.

    Until `release`, builds are refused: the next cron run would publish again what was just taken back.
    """
    with lock.held(settings.state):
        # First: killed from here on, the next build runs whole.
        forget_unchanged(settings.state)
        target = target_of(settings)
        _confirm(settings.state, target.last())
        done = target.rollback(as_of or clock.now(os.environ), extras=_extras(settings))
        _announced(settings, done.manifest)
        held.hold(settings.state, done.manifest)
    return (
        f"generation {done.manifest.generation} is live and held: the one before, with {len(done.changed)} documents changed "
        "back. Builds publish nothing until `feeds rollback --release`."
    )


def _confirm(state: Path, last: Manifest | None) -> None:
    """What a killed run published counts, though another generation takes its place; without a ledger there is nothing to do."""
    if last is not None:
        with suppress(LedgerError):
            ledger = Ledger.open(state)
            ledger.confirm(last.revision)
            ledger.close()


def record_unchanged(outcome: Outcome, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Write down what lets the next equal run end at once; nothing where a file may yet change unseen."""
    settings = outcome.settings
    if not outcome.switched.settled or outcome.built.collected.racy:
        return
    manifest = outcome.switched.manifest
    watched = [str(settings.output / path) for path in (*manifest.documents, *outcome.switched.beside)]
    watched.append(str(settings.state / "ledger.sqlite"))
    watched += pages.watched(settings)
    # Files outside the posts folder are in no listing.
    reader = outcome.built.collected.reader
    if reader.templates and settings.config is not None:
        files = [path for path, _ in template_files(settings.config.parent, reader.dialect.template_folders)]
        watched += sorted({str(path) for path in files} | {str(path.parent) for path in files})
    sources = {asset.source for asset in outcome.built.publication.assets if asset.source.startswith("/")}
    watched += (str(_source_of(settings, source)) for source in sorted(sources | outcome.built.conversion.site_media))
    until = outcome.built.publication.next_change_at
    # It only saves time: a disk without room for it does not undo the build.
    with suppress(OSError):
        fastpath.record(
            arguments, environ, state=str(settings.state), posts=str(settings.posts), skip=settings.skipped_folders,
            since=int(outcome.built.publication.as_of.timestamp()), until=None if until is None else int(until.timestamp()),
            code=int(outcome.exit_code), published=watched, listed=outcome.listed.text,
        )  # fmt: skip


def forget_unchanged(state: Path) -> None:
    """Make the next build run whole."""
    folder = state / fastpath.FOLDER
    if folder.is_dir():
        for name in os.listdir(folder):  # noqa: PTH208
            (folder / name).unlink(missing_ok=True)
