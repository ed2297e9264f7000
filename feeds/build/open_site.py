"""A site while a run works on it: its ledger, cache and target, opened under the build's lock.

In come settings and, for posts from elsewhere than a folder, their source; out goes an `OpenSite` that assembles a build and
makes its resources. Publishes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from feeds import __version__, cache, fastpath, state_folder
from feeds.build import emptied, left_copies, pages, place, publication, recovery
from feeds.build.entries.conversion import ChurnError
from feeds.build.groups.plans import names_needed
from feeds.build.inputs import Inputs
from feeds.build.publication import Built
from feeds.build.target import target_of
from feeds.build.timeline import ReadPosts
from feeds.cache import Cache, LostError
from feeds.errors import FailedPostsError, FeedsError, LedgerError, Problem, SettingsError, sentence
from feeds.ledger import database
from feeds.ledger.fingerprint import SKETCH_VERSION
from feeds.ledger.ledger import Ledger, UnsettledError
from feeds.model import digest
from feeds.posts import collect, scan, walk
from feeds.posts.collect import Listed
from feeds.posts.header import Header
from feeds.posts.index import PostIndex
from feeds.posts.last_good import LastGoodSources
from feeds.posts.memory import MemorySource
from feeds.posts.reader import PostReader, open_reader, with_bundles, with_data
from feeds.posts.templates import with_templates
from feeds.publish import lock, moved_documents, resources
from feeds.publish.manifest import Manifest, Tables
from feeds.publish.resources import Resource
from feeds.push import services
from feeds.push.announce import Changes
from feeds.settings import Settings, fingerprint

#: How often a run begins again because a file changed under it.
_TRIES = 4

OnStage: TypeAlias = Callable[[str], None]


class CacheError(FeedsError):
    """The cache cannot be used; where it was damaged it is gone, and the next try begins a new one."""


@contextmanager
def opened(settings: Settings, source: MemorySource | None = None) -> Iterator[OpenSite]:
    import sqlite3

    file = settings.state / cache.FILE_NAME
    with ExitStack() as closing:
        closing.enter_context(lock.held(settings.state))
        try:
            yield OpenSite(settings, closing, source)
        except sqlite3.Error as error:  # the ledger's are LedgerErrors by now
            if isinstance(error, sqlite3.OperationalError):
                raise CacheError(f"the cache cannot be used: {error}", where=str(file)) from error
            file.unlink(missing_ok=True)
            raise CacheError(f"the cache was damaged and is deleted: {error}", where=str(file), fix="run it again") from error


def _headers_key(reader: PostReader) -> str:
    settings = reader.settings
    return digest(
        __version__, SKETCH_VERSION, *Header._fields, fingerprint(settings), str(settings.posts), reader.data_digest,
        *fastpath.libraries(),
    )  # fmt: skip


def _public_key(ledger: Ledger, lines: Sequence[str]) -> str | None:
    """Digest of the ledger as it is and of what a manifest has of it; None while the ledger has what is not confirmed."""
    return digest(__version__, ledger.token, "\n".join(lines)) if ledger.token is not None else None


def _reader(settings: Settings, listed: Listed) -> PostReader:
    reader = open_reader(settings)
    reader = with_bundles(reader, scan.bundle_folders(walk.blocks(listed.text), reader))
    return with_templates(with_data(reader, scan.data_files(walk.blocks(listed.text), reader)))


class OpenSite:
    """Settings with ledger, cache and kept sources open; `close` lets go of them."""

    def __init__(self, settings: Settings, closing: ExitStack, source: MemorySource | None = None) -> None:
        self.settings, self.source = settings, source
        database.tidy(settings.state)
        self.ledger = Ledger.open(settings.state)
        closing.callback(self._close_ledger)
        if self.ledger.doubtful and not self.ledger.fresh:
            from feeds.ledger import dump

            dump.verify(self.ledger)
        self.cache = Cache(settings.state)
        closing.callback(self.cache.close)
        self.kept = LastGoodSources(settings.state / "kept")
        self.target = target_of(settings)
        #: What the live manifest has of the ledger, where the ledger is exactly as it was when that was written.
        self.public_lines: tuple[str, ...] = ()

    def _close_ledger(self) -> None:
        self.ledger.close()

    def complete(self, last: Manifest | None, previous: recovery.Tables = (), *, aside: Path | None = None) -> list[str]:
        """Complete a ledger that does not know what is published; sentences that say so.

        The ledger with what it lacks is made in the folder `aside`, if there is one, and the site's own is left as it is.
        """
        if last is not None and not previous and self._is_as_published(last):
            return []
        tables, where = recovery.tables_of(last, previous)
        result = recovery.completed(self.ledger, tables, where) if tables else None
        if result is None:
            return [recovery.NOTHING_KNOWN] if self.ledger.fresh and last is not None else []
        self.ledger.close()
        folder = aside or self.settings.state
        Ledger.begin(folder, result[0])
        self.ledger = Ledger.open(folder)
        return [result[1]]

    def _is_as_published(self, last: Manifest) -> bool:
        """Whether the manifest has the ledger as it is: nothing was written to it since. If so, what is written is watched."""
        lines = Tables.of(last.ledger).lines
        if not lines or self.cache.fact("public") != _public_key(self.ledger, lines) or not self.ledger.watch():
            return False
        self.public_lines = tuple(lines)
        return True

    def assemble(
        self, as_of: datetime, on_stage: OnStage, *, whole: bool = True, everything: bool = False
    ) -> tuple[Built, Listed]:
        """Collect and build; again if a file changed in between. Unless `whole`, unchanged posts are not looked at.

        With `everything` also posts that enter no document are converted.
        """
        listed, reader = self._posts()
        headers_key = _headers_key(reader)
        unchanged = None if whole else self.unchanged_posts(headers_key, as_of)
        failures: dict[str, Problem] = {}
        unconvertible: set[str] = set()
        attempt = 0
        while True:
            on_stage("reading posts")
            collected = collect.collect_posts(reader, self.cache, self.kept, listed, headers_key=headers_key, unchanged=unchanged)
            collected = collect.quarantine(collected, failures, unconvertible)
            on_stage("converting")
            try:
                collected = emptied.as_broken(collected, self.ledger)
                collected = left_copies.held_back(collected, self.ledger, self.cache)
                inputs = Inputs(self.settings, as_of, collected, self.ledger, self.cache, self.kept, everything)
                return publication.build(inputs), listed
            except (UnsettledError, LostError):
                if unchanged is None:
                    raise
                unchanged = None
            except FailedPostsError as error:
                unconvertible.update(error.problems.keys() & failures.keys())
                failures.update(error.problems)
                unchanged = None
            except ChurnError as error:
                attempt += 1
                if attempt == _TRIES:
                    unconvertible.update(error.problems.keys() & failures.keys())
                    failures.update(error.problems)
                    attempt = 0
                    continue
                time.sleep(0.05 * 2**attempt)
                unchanged = None
                listed, reader = self._posts()
                headers_key = _headers_key(reader)

    def _posts(self) -> tuple[Listed, PostReader]:
        """The listing of the posts, and what reads them."""
        if self.source is not None:
            return Listed(time.time_ns(), self.source.listing()), self.source.reader
        listed = _listed(self.settings)
        return listed, _reader(self.settings, listed)

    def unchanged_posts(self, headers_key: str, as_of: datetime) -> PostIndex | None:
        """The index of posts that are unchanged since the last publish."""
        if self.cache.fact("headers") != headers_key or self.ledger.token is None or self.ledger.takes_stated_ids:
            return None
        return PostIndex.load(self.settings.state, digest(headers_key, self.ledger.token), int(as_of.timestamp()))

    def write_index(self, built: Built) -> None:
        """Write the index of unchanged posts, once the ledger has confirmed that their generation is live."""
        headers_key, token = _headers_key(built.collected.reader), self.ledger.token
        if token is None:
            return
        collected = built.collected
        paths = {header.path for header in collected.headers} | collected.broken.keys()
        read = ReadPosts(collected.files, paths, collected.racy | collected.broken.keys())
        key = digest(headers_key, token)
        built.out.save(self.settings.state, key, built.publication.as_of, read, names_needed(self.settings))

    def resources(self, built: Built) -> tuple[Resource, ...]:
        """The table of all documents."""
        names = resources.DocumentNames(self.settings.formats, place.document_names(self.settings))
        source = resources.ResourceSource(built.conversion.fragments, self._asset, pages.source(self.settings, built, self.cache))
        table = resources.table(built.publication, names, source, proofs=services.proofs(self.settings))
        settings, site = self.settings, built.publication.feeds[0]
        return moved_documents.added(table, settings.moved, settings.base_url, site) if settings.moved_documents else table

    def changes(self, built: Built) -> Changes:
        """What the build publishes that the last generation did not; to be asked before the ledger is committed."""
        new, updated = self.ledger.changed_out()

        def permalinks(paths: Collection[str]) -> Iterator[str]:
            posts = (post for _, post in built.out.fresh()) if paths else ()
            return (place.permalink(post, self.settings) for post in posts if post.header.path in paths)

        return Changes(lambda: permalinks(new), lambda: permalinks(updated))

    def settle(self, revision: str, live: Manifest) -> bool:
        """Confirm the generation that is live, and save the cache; False if the disk does not allow it.

        Neither undoes the publish: the next run confirms what is live before all else.
        """
        import sqlite3

        try:
            self.ledger.confirm(revision)
            self.cache.set_fact("public", _public_key(self.ledger, Tables.of(live.ledger).lines) or "")
            self.cache.save()
        except (LedgerError, OSError, sqlite3.Error):
            return False
        return True

    def _asset(self, path: str) -> tuple[str, Callable[[], bytes]]:
        """An author's file: the digest of its bytes, remembered by its stat, and how to read it."""
        from hashlib import sha256

        from feeds.posts.read import open_regular

        source = source_of(self.settings, path)

        def read() -> bytes:
            with open_regular(source) as stream:
                return stream.read()

        stat = source.lstat()
        key = digest("asset", path, repr((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)))
        content_digest = self.cache.get("digest", (key,)).get(key)
        if content_digest is None:
            content_digest = sha256(read()).hexdigest().encode()
            self.cache.put("digest", key, content_digest)
        return f"asset-{content_digest.decode()}", read


def source_of(settings: Settings, source: str) -> Path:
    """Where an asset's source lies: below the posts folder, or with "/" in front below the folder of the settings file."""
    if source.startswith("/") and settings.config is not None:
        return settings.config.parent / source[1:]
    return settings.posts / source


def _listed(settings: Settings) -> Listed:
    """The posts folder as the run with nothing to do has just seen it, else as it is. Raises RefusedError."""
    skip = settings.skipped_folders
    return Listed(*(fastpath.taken(str(settings.posts), skip) or (time.time_ns(), scan.walk(settings.posts, skip))))


def site_of(settings: Settings) -> state_folder.SiteIdentity:
    """What tells the site from others."""
    file = str(settings.config) if settings.config is not None and settings.posts_by_config else None
    return state_folder.SiteIdentity(str(settings.posts), settings.base_url, file)


def refuse_other_site(settings: Settings) -> None:
    """Raise SettingsError if the state folder is another site's: its ids and names would become this one's.

    A site may change its base URL, and its posts folder may be moved; but where the folder that the state knows is still there
    and another one is built, that is another site, unless its settings file says so.
    """
    result = state_folder.owner(str(settings.state))
    if result is None or state_folder.is_of(str(settings.state), site_of(settings)) or not Path(result.posts).is_dir():
        return
    raise SettingsError(
        (
            sentence(
                f"it belongs to another site: {result.base_url}, posts in {result.posts}", where=f"state ({settings.state})",
                fix=f"name another folder, e.g. --state {settings.state}/{settings.posts.name}; if it is the same site, delete "
                f"the file {state_folder.FILE_NAME} in it",
            ),
        )
    )  # fmt: skip
