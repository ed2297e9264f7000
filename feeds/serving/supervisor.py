"""The snapshot in force: in come settings or a folder to serve, out goes the newest whole generation.

One thread in each worker process takes over what was packed; in one worker of all, the leader, it also watches the
posts, lets changes settle and has a child build. A request never waits for any of it, and whatever fails, the last good
snapshot stays.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from feeds import MANIFEST_NAME, system
from feeds.errors import ExitCode, FeedsError
from feeds.serving import store as packs
from feeds.serving.build_job import Job
from feeds.serving.child import Child
from feeds.serving.live import Live
from feeds.serving.options import ServerOptions
from feeds.serving.pusher import Pusher
from feeds.serving.server_store import note_site, refuse_other_site, served, store_of
from feeds.serving.store import DamagedError
from feeds.serving.watch import Watch
from feeds.settings import Settings

LOG = logging.getLogger("feeds.serving")
Reread = Callable[[], Settings]

#: Folders on a network give no events: so often a build looks without one.
POLL_SECONDS = 60.0
#: How soon another process's work is noticed: a stat each time.
LOOK_SECONDS = 0.5
#: After a failure the next try comes soon, then ever later, up to this.
PATIENCE_SECONDS = 30.0
_GOOD = (ExitCode.DONE, ExitCode.POSTS_BROKEN)


@dataclass(frozen=True, slots=True)
class Status:
    """What became of the last build, or of the last look at the folder; `error` is "" where all is well."""

    code: int = 0
    error: str = ""
    problems: int = 0
    finished_at: float = 0.0
    broken: tuple[str, ...] = ()
    """The first posts with errors, each as a sentence that names file, line and fix."""
    seconds: float = 0.0
    """How long it took."""


class Supervisor:
    """Keeps the newest whole generation at hand.

    With `settings` alone it builds that generation, into a private folder below the state folder; with `folder` it
    serves what another process publishes there. `store` is where the pack lies; by default below the state folder, or a
    folder of our own where that cannot be written.
    """

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        folder: Path | None = None,
        store: Path | None = None,
        reread: Reread | None = None,
        published: Path | None = None,
        options: ServerOptions | None = None,
    ) -> None:
        """`reread` reads the settings again from where they came, for `reload`. Of `options`, `deltas` and `query_views` count.
        `published` makes it a preview for the author: the folder that subscribers have. Hubs are told nothing then.
        Raises RefusedError if another server with other settings uses the state folder.
        """
        if settings is None and folder is None:
            raise ValueError("a supervisor needs settings to build from, or a folder to serve")
        self.store = store or store_of(settings.state / "serve" if settings is not None else None, folder)
        if folder is None:
            assert settings is not None  # noqa: S101  one of the two is there
            folder = self.store / "public"
            self.settings: Settings | None = served(settings, folder)
            refuse_other_site(self.store, self.settings)
        else:
            self.settings = None
        self._reread = reread
        self._config_stamp = self._stamp_of_config()
        self.folder = folder
        self._options = options or ServerOptions()
        self.live = Live(self.store, deltas=self._options.deltas, query_views=self._options.query_views)
        self._published = published
        #: What subscribers would see of the last build of a preview (`feeds.preview.diff.summary`).
        self.changes: dict[str, Any] = {}
        #: Called when a build has ended and what came of it is in force.
        self.after_build: Callable[[], None] = lambda: None
        #: Called now and then, e.g. to write counts.
        self.each_look: Callable[[], None] = lambda: None
        self._status = Status()
        #: Why the settings could not be read again; "" where those in force are those of feeds.toml.
        self.settings_error = ""
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []
        self._leader = -1
        #: When the next build is due, by the monotonic clock: the wall clock may be set back by hours.
        self._next = 0.0
        self._failures = 0
        self._packed: tuple[int, ...] | None = None
        self._child: Child | None = None

        self.current = self.live.current

    @property
    def ready(self) -> threading.Event:
        """Set once there is a snapshot."""
        return self.live.ready

    @property
    def leads(self) -> bool:
        """Whether this process builds and packs for all."""
        return self._leader >= 0

    @property
    def status(self) -> Status:
        """What became of the last build, whichever worker had it made."""
        if self._leader < 0:
            with suppress(OSError, ValueError, TypeError):
                facts = json.loads((self.store / "status.json").read_bytes())
                return Status(**{**facts, "broken": tuple(facts.get("broken", ()))})
        return self._status

    # its life

    def start(self) -> None:
        """Take over what is packed already, and begin to watch."""
        if self._threads:
            return
        self.take()
        atexit.register(self.stop)
        thread = threading.Thread(target=self._run, name="feeds-supervisor", daemon=True)
        self._threads.append(thread)
        thread.start()

    def restart(self) -> None:
        """Begin anew in a process that was forked off: threads and locks stayed behind."""
        self._threads, self._leader, self._child = [], -1, None
        self._stop, self._wake = threading.Event(), threading.Event()
        self.live.restart()
        self.start()

    def stop(self) -> None:
        """End the watching, and a build that runs."""
        self._stop.set()
        self._wake.set()
        child = self._child
        if child is not None:
            child.end()
        for thread in self._threads:
            thread.join(timeout=10)
        if self._leader >= 0:
            os.close(self._leader)
            self._leader = -1

    def rebuild(self) -> None:
        """Ask for a build, or a look at the folder, now."""
        self._packed = None
        self._next = 0.0
        self._wake.set()

    def wait_for(self, generation: int, seconds: float) -> bool:
        """Wait until this process serves the generation or a later one; False if it does not within that time."""
        end = time.monotonic() + seconds
        while (snapshot := self.current()) is None or snapshot.facts.generation < generation:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def reload(self) -> None:
        """Read the settings again, then build. Settings with mistakes change nothing; the log and /healthz say so."""
        if self._reread is not None and self.settings is not None:
            try:
                fresh = served(self._reread(), self.folder)
            except FeedsError as mistake:
                self.settings_error = " ".join(str(mistake).split("\n"))
                LOG.error("the settings stay as they were: %s", self.settings_error)
            else:
                self.settings_error = ""
                changed = [each.name for each in fields(fresh) if getattr(fresh, each.name) != getattr(self.settings, each.name)]
                LOG.info("settings read again: %s", f"{', '.join(changed)} changed" if changed else "nothing changed")
                self.settings = fresh
                self._config_stamp = self._stamp_of_config()
                if self._leader >= 0:
                    note_site(self.store, fresh)
        self.rebuild()

    def _stamp_of_config(self) -> tuple[tuple[int, int], ...] | None:
        """What tells that feeds.toml or the style sheet of the site was written; None if one of them is not there now."""
        known = (self.settings.config, self.settings.page_css) if self.settings is not None else ()
        try:
            stats = [path.stat() for path in known if path is not None]
        except OSError:
            return None
        return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)

    # the snapshot

    def take(self) -> None:
        """Put the newest turn in force for all processes where this one leads, else follow the one that does."""
        self.each_look()
        if self._leader < 0:
            self.live.follow()
            return
        try:
            self.live.lead()
        except DamagedError as error:
            if self._child is not None:
                # It is being written: the next look is enough.
                return
            LOG.warning("%s: it is made anew", error)
            with suppress(OSError):
                packs.remove(self.store)
            self._packed = None
            self._next = 0.0

    # the leader's work

    def _leads(self) -> bool:
        """Whether this process leads; where nobody does, it begins to. The lock dies with the process."""
        if self._leader < 0:
            try:
                self.store.mkdir(parents=True, exist_ok=True)
                handle = os.open(self.store / "leader.lock", os.O_RDWR | os.O_CREAT | system.PRIVATE, 0o644)
            except OSError as error:
                self._refused(f"the state folder cannot be written: {error}")
                return False
            if not system.try_lock(handle):
                os.close(handle)
                return False
            self._leader = handle
            if self.settings is not None:
                note_site(self.store, self.settings)
                watches = [Watch(self.settings.posts, self._stop, self._wake.set, self.settings.skipped_folders)]
                if self.settings.templates is not None:
                    watches.append(Watch(self.settings.templates, self._stop, self._wake.set))
                for watch in watches:
                    self._start(watch.run, "feeds-watch")
                if self._published is None:
                    self._start(Pusher(lambda: self.settings, self._stop).run, "feeds-push")
        return True

    def _start(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                wait = self._once()
            except Exception:
                # Whatever happens here, requests go on being answered from the last good snapshot, and we try again.
                LOG.exception("internal error in the build loop; still serving the last good generation")
                wait = LOOK_SECONDS
            self._wake.wait(wait)

    def _once(self) -> float:
        """Take over, look, and build where it is time to; how long to wait before the next time."""
        if self._stamp_of_config() not in (None, self._config_stamp):
            self._config_stamp = self._stamp_of_config()
            self.reload()
        woken = self._wake.is_set()
        self._wake.clear()
        if not self._leads():
            self.take()
            return LOOK_SECONDS
        if self.settings is None:
            return self._look()
        if not woken and time.monotonic() < self._next:
            self.take()
            return min(self._look_seconds(), max(0.05, self._next - time.monotonic()))
        if woken and self.current() is not None:
            Watch.settle(self._wake, self._stop)
        self._wake.clear()
        code = self._work(
            Job(self.folder, self.store, self.settings, self._options.deltas, self._published, self._options.query_views)
        )  # fmt: skip
        self.take()
        self.after_build()
        self._next = time.monotonic() + self._pause(code)
        return 0.0 if self._wake.is_set() else min(self._look_seconds(), max(0.05, self._next - time.monotonic()))

    def _look_seconds(self) -> float:
        """How long feeds.toml may wait until it is read again."""
        return LOOK_SECONDS if self.current() is None or self._published is not None else 5.0

    def _pause(self, code: int) -> float:
        """Seconds until the next build that nothing asks for."""
        if code == ExitCode.ALREADY_RUNNING:
            return 0.5
        if code not in _GOOD:
            self._failures += 1
            return float(min(PATIENCE_SECONDS, 0.5 * 2 ** min(self._failures, 10)))
        self._failures = 0
        snapshot = self.current()
        due = snapshot.facts.next_change if snapshot is not None else None
        # What fell due while this build ran is built for at once, but not over and over where the clock is set back.
        return POLL_SECONDS if due is None else min(POLL_SECONDS, max(0.5, due - time.time()))

    def _look(self) -> float:
        """Pack the folder that another process publishes, where its manifest is another one."""
        try:
            result = (self.folder / MANIFEST_NAME).stat()
            stamp: tuple[int, ...] | None = (result.st_ino, result.st_size, result.st_mtime_ns, result.st_ctime_ns)
        except OSError as error:
            stamp = None
            self._refused(f"the folder holds no generation: {error.strerror}")
        if stamp is not None and stamp != self._packed and time.monotonic() >= self._next:
            code = self._work(Job(self.folder, self.store, deltas=self._options.deltas))
            if code == ExitCode.DONE:
                self._packed, self._failures, self._next = stamp, 0, 0.0
            else:
                self._failures += 1
                self._next = time.monotonic() + min(PATIENCE_SECONDS, 0.25 * 2 ** min(self._failures, 10))
        elif stamp is not None and stamp == self._packed and self._status.error:
            self._tell(Status(0, "", self._status.problems, time.time()))
        self.take()
        return LOOK_SECONDS

    def _work(self, job: Job) -> int:
        """Have a child process do the job; its exit code."""
        try:
            child = Child(job, self._stalled, self.take)
        except OSError as error:
            self._refused(f"the build cannot start: {error}")
            return int(ExitCode.MACHINE_REFUSED)
        self._child = child
        begun = time.monotonic()
        try:
            result = child.wait()
        finally:
            self._child = None
        system.reap_orphans()
        if self._stop.is_set() or result.code == ExitCode.ALREADY_RUNNING:
            return result.code
        if result.code in _GOOD:
            broken = tuple(map(str, result.facts.get("broken", ())))
            problems = int(result.facts.get("problems", 0))
            self.changes = result.facts.get("changes") or {}
            self._tell(Status(result.code, "", problems, time.time(), broken, time.monotonic() - begun))
        else:
            why = result.error or f"the build ended with exit code {result.code}"
            self._tell(Status(result.code, why, self._status.problems, time.time(), self._status.broken))
        return result.code

    def _stalled(self, error: str) -> None:
        self._tell(Status(int(ExitCode.MACHINE_REFUSED), error, self._status.problems, time.time(), self._status.broken))

    def _refused(self, error: str) -> None:
        self._tell(Status(int(ExitCode.MACHINE_REFUSED), error, self._status.problems, time.time(), self._status.broken))

    def _tell(self, status: Status) -> None:
        """Remember what became of it; say so once in the log, and to the other workers."""
        was, self._status = self._status, status
        if status.error and status.error != was.error:
            state = "still serving the last good generation" if self.current() else "there is nothing to serve yet"
            LOG.error("%s; %s", status.error, state)
        elif was.error and not status.error:
            LOG.info("build succeeded again")
        if status.broken != was.broken:
            for sentence in status.broken:
                if sentence not in was.broken:
                    LOG.warning("%s", sentence)
            if was.broken and not status.broken:
                LOG.info("no post has errors any more")
        changed = replace(status, finished_at=0.0, seconds=0.0) != replace(was, finished_at=0.0, seconds=0.0)
        if changed or status.finished_at - was.finished_at > POLL_SECONDS / 2:
            with suppress(OSError):
                fresh = self.store / "status.json.next"
                fresh.write_text(json.dumps(asdict(status)))
                fresh.replace(self.store / "status.json")
