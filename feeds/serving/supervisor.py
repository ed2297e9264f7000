"""The snapshot in force: in come settings or a folder to serve, out goes the newest whole generation.

One thread in each worker process takes over what was packed; in one worker of all, the leader, it also watches the
posts, lets changes settle and has a child build. A request never waits for any of it, and whatever fails, the last good
snapshot stays.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from feeds.errors import ExitCode
from feeds.publish import manifest
from feeds.serving.build_job import Job
from feeds.serving.snapshot import Snapshot
from feeds.serving.store import DamagedError, Pack, stamp_of
from feeds.serving.watch import Watch
from feeds.settings import Settings

LOG = logging.getLogger("feeds.serving")

#: Folders on a network give no events: so often a build looks without one.
POLL_SECONDS = 60.0
#: How soon another process's work is noticed: a stat each time.
LOOK_SECONDS = 0.5
#: After a failure the next try comes soon, then ever later, up to this.
PATIENCE_SECONDS = 30.0
#: A build that takes longer is stuck.
BUILD_SECONDS = 3600.0
_GOOD = (ExitCode.DONE, ExitCode.POSTS_BROKEN)


@dataclass(frozen=True, slots=True)
class Status:
    """What became of the last build, or of the last look at the folder; `error` is "" where all is well."""

    code: int = 0
    error: str = ""
    problems: int = 0
    finished_at: float = 0.0


class Supervisor:
    """Keeps the newest whole generation at hand.

    With `settings` alone it builds that generation, into a private folder below the state folder; with `folder` it
    serves what another process publishes there. `store` is where the pack lies; by default below the state folder, or a
    folder of our own where that cannot be written.
    """

    def __init__(self, *, settings: Settings | None = None, folder: Path | None = None, store: Path | None = None) -> None:
        if settings is None and folder is None:
            raise ValueError("a keeper needs settings to build from, or a folder to serve")
        self.store = store or _store(settings.state / "serve" if settings is not None else None, folder)
        if folder is None:
            assert settings is not None  # noqa: S101  one of the two is there
            folder = self.store / "public"
            self.settings: Settings | None = replace(
                settings, output=folder, output_mode="exchange", precompress=(), header_maps=()
            )
        else:
            self.settings = None
        self.folder = folder
        self.snapshot: Snapshot | None = None
        self.ready = threading.Event()
        self._status = Status()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []
        self._leader = -1
        self._next = 0.0
        self._failures = 0
        self._packed: tuple[int, ...] | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def current(self) -> Snapshot | None:
        """The snapshot in force; None before the first."""
        return self.snapshot

    @property
    def status(self) -> Status:
        """What became of the last build, whichever worker had it made."""
        if self._leader < 0:
            with suppress(OSError, ValueError, TypeError):
                return Status(**json.loads((self.store / "status.json").read_bytes()))
        return self._status

    # its life

    def start(self) -> None:
        """Take over what is packed already, and begin to watch."""
        if self._threads:
            return
        self.take()
        thread = threading.Thread(target=self._run, name="feeds-keeper", daemon=True)
        self._threads.append(thread)
        thread.start()

    def restart(self) -> None:
        """Begin anew in a process that was forked off: threads and locks stayed behind."""
        self._threads, self._leader, self._child = [], -1, None
        self._stop, self._wake, self.ready = threading.Event(), threading.Event(), threading.Event()
        self.start()

    def stop(self) -> None:
        """End the watching, and a build that runs."""
        self._stop.set()
        self._wake.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
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
        while self.snapshot is None or self.snapshot.facts.generation < generation:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    # the snapshot

    def take(self) -> bool:
        """Put the pack in the store in force where it is another one; True where it was."""
        stamp = stamp_of(self.store)
        if stamp is None or (self.snapshot is not None and stamp == self.snapshot.pack.stamp):
            return False
        try:
            made = Snapshot(Pack(self.store), self.snapshot)
        except (DamagedError, FileNotFoundError) as error:
            # Whoever leads packs it anew; a pack that was replaced while it was opened is taken next time.
            LOG.warning("%s", error)
            if self._leader >= 0 and self.snapshot is None:
                with suppress(OSError):
                    (self.store / "index").unlink()
                self._packed = None
            return False
        made.refresh(time.time())
        self.snapshot = made
        self.ready.set()
        LOG.info("generation %d is live: %d documents", made.facts.generation, made.facts.documents)
        return True

    # the leader's work

    def _leads(self) -> bool:
        """Whether this process leads; where nobody does, it begins to. The lock dies with the process."""
        if self._leader < 0:
            import fcntl

            try:
                self.store.mkdir(parents=True, exist_ok=True)
                handle = os.open(self.store / "leader.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                self._refused(f"the state folder cannot be written: {error}")
                return False
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                return False
            self._leader = handle
            if self.settings is not None:
                watch = Watch(self.settings.posts, self._stop, self._wake.set, self.settings.skipped_folders)
                thread = threading.Thread(target=watch.run, name="feeds-watch", daemon=True)
                self._threads.append(thread)
                thread.start()
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                wait = self._once()
            except Exception:
                # Whatever happens here, requests go on being answered from the last good snapshot, and we try again.
                LOG.exception("the keeper stumbled; the last good generation is served on")
                wait = LOOK_SECONDS
            self._wake.wait(wait)

    def _once(self) -> float:
        """Take over, look, and build where it is time to; how long to wait before the next time."""
        woken = self._wake.is_set()
        self._wake.clear()
        if not self._leads():
            self.take()
            return LOOK_SECONDS
        if self.settings is None:
            return self._look()
        if not woken and time.time() < self._next:
            self.take()
            return min(LOOK_SECONDS if self.snapshot is None else 5.0, max(0.05, self._next - time.time()))
        if woken and self.snapshot is not None:
            Watch.settle(self._wake, self._stop)
        self._wake.clear()
        code = self._work(Job(self.folder, self.store, self.settings))
        self.take()
        self._next = time.time() + self._pause(code)
        return 0.0 if self._wake.is_set() else min(5.0, self._next - time.time())

    def _pause(self, code: int) -> float:
        """Seconds until the next build that nothing asks for."""
        if code == ExitCode.ALREADY_RUNNING:
            return 0.5
        if code not in _GOOD:
            self._failures += 1
            return float(min(PATIENCE_SECONDS, 0.5 * 2 ** min(self._failures, 10)))
        self._failures = 0
        due = self.snapshot.facts.next_change if self.snapshot is not None else None
        # What fell due while this build ran is built for at once, but not over and over where the clock is set back.
        return POLL_SECONDS if due is None else min(POLL_SECONDS, max(0.5, due - time.time()))

    def _look(self) -> float:
        """Pack the folder that another process publishes, where its manifest is another one."""
        try:
            found = (self.folder / manifest.FILE_NAME).stat()
            stamp: tuple[int, ...] | None = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        except OSError as error:
            stamp = None
            self._refused(f"the folder holds no generation: {error.strerror}")
        if stamp is not None and stamp != self._packed and time.time() >= self._next:
            code = self._work(Job(self.folder, self.store))
            if code == ExitCode.DONE:
                self._packed, self._failures, self._next = stamp, 0, 0.0
            else:
                self._failures += 1
                self._next = time.time() + min(PATIENCE_SECONDS, 0.25 * 2 ** min(self._failures, 10))
        elif stamp is not None and stamp == self._packed and self._status.error:
            self._tell(Status(0, "", self._status.problems, time.time()))
        self.take()
        return LOOK_SECONDS

    def _work(self, job: Job) -> int:
        """Have a child do the job; its exit code."""
        try:
            child = subprocess.Popen(
                [sys.executable, "-m", "feeds.serving.build_job"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self._refused(f"the build cannot start: {error}")
            return int(ExitCode.MACHINE_REFUSED)
        self._child = child
        try:
            out, error_text = child.communicate(pickle.dumps(job), timeout=BUILD_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            out, error_text = child.communicate()
        finally:
            self._child = None
        code = child.returncode
        told = _told(out)
        if self._stop.is_set() or code == ExitCode.ALREADY_RUNNING:
            return code
        if code in _GOOD:
            self._tell(Status(code, "", int(told.get("problems", 0)), time.time()))
        else:
            last = error_text.decode(errors="replace").strip().rpartition("\n")[2]
            why = told.get("error") or last or f"the build ended with {code}"
            self._tell(Status(code, str(why), self._status.problems, time.time()))
        return code

    def _refused(self, error: str) -> None:
        self._tell(Status(int(ExitCode.MACHINE_REFUSED), error, self._status.problems, time.time()))

    def _tell(self, status: Status) -> None:
        """Remember what became of it; say so once in the log, and to the other workers."""
        was, self._status = self._status, status
        if status.error and status.error != was.error:
            so = "the last good generation is served on" if self.snapshot else "there is nothing to serve yet"
            LOG.error("%s; %s", status.error, so)
        elif was.error and not status.error:
            LOG.info("all is well again")
        changed = replace(status, finished_at=0.0) != replace(was, finished_at=0.0)
        if changed or status.finished_at - was.finished_at > POLL_SECONDS / 2:
            with suppress(OSError):
                fresh = self.store / "status.json.next"
                fresh.write_text(json.dumps(asdict(status)))
                fresh.replace(self.store / "status.json")


def _store(wanted: Path | None, folder: Path | None) -> Path:
    """Where the pack lies: one for each folder of somebody else's; a private one where all else fails."""
    from hashlib import sha256

    if wanted is None:
        assert folder is not None  # noqa: S101  the caller has one of the two
        wanted = folder.parent / f".{folder.name}.serve"
    elif folder is not None:
        wanted = wanted / sha256(os.fsencode(folder)).hexdigest()[:12]
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError as error:
        LOG.warning("%s cannot be written (%s): each worker keeps a pack of its own", wanted, error.strerror)
        return Path(tempfile.mkdtemp(prefix="feeds-serve-"))


def _told(out: bytes) -> dict[str, Any]:
    try:
        told = json.loads(out.strip().rpartition(b"\n")[2])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
