"""The snapshot in force: in come a folder to serve and, where we build it ourselves, settings; out goes the newest whole one.

One thread for each process: it watches, lets changes settle, has a build run in a child process, and swaps one reference. A
request never waits for it. What fails is told in the log and in `status`, and the last good snapshot stays.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feeds import manifest
from feeds.errors import ExitCode
from feeds.serving.snapshot import DamagedError, Snapshot, load
from feeds.settings import Settings

LOG = logging.getLogger("feeds.serving")

#: Network folders give no events: every so often we look without one.
POLL_SECONDS = 30.0
#: Changes come in bursts; a build begins when none has come for this long.
SETTLE_SECONDS = 0.3
#: How soon a folder that another process publishes is looked at again.
FOLDER_POLL_SECONDS = 1.0
#: How long a build may take before it is taken for stuck.
BUILD_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Status:
    """What became of the last build, or of the last look at the folder; "" where all is well."""

    code: int = 0
    error: str = ""
    problems: int = 0
    finished_at: float = 0.0


class Keeper:
    """Keeps the newest whole generation of one folder at hand.

    With `settings` it builds that generation itself, into a private folder below the state folder; with `folder` alone it
    serves what another process publishes there.
    """

    def __init__(self, *, settings: Settings | None = None, folder: Path | None = None) -> None:
        if (settings is None) == (folder is None):
            raise ValueError("a keeper has either settings to build from or a folder to serve")
        self.settings = None
        if settings is not None:
            folder = settings.state / "serve" / "public"
            self.settings = replace(
                settings, output=folder, precompress=("gzip", "br"), header_maps=(), output_mode="exchange",
            )  # fmt: skip
        assert folder is not None  # noqa: S101  one of the two is there
        self.folder = folder
        self.snapshot: Snapshot | None = None
        self.status = Status()
        self.builds = 0
        self._stamp: tuple[int, ...] | None = None
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def current(self) -> Snapshot | None:
        """The snapshot in force; None before the first."""
        return self.snapshot

    # its life

    def start(self) -> None:
        """Load what is there already, and begin to watch."""
        if self._thread is not None:
            return
        self.look()
        self._thread = threading.Thread(target=self._run, name="feeds-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watching, and a build that runs."""
        self._stop.set()
        self._wake.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def rebuild(self) -> None:
        """Ask for a build, or a look at the folder, now."""
        self._wake.set()

    # the generation in the folder

    def look(self) -> bool:
        """Swap in the generation in the folder where it is another, whole one; True where it was."""
        stamp = self._stat()
        if stamp is None:
            self._tell(Status(self.status.code, "the folder holds no generation", self.status.problems, time.time()))
            return False
        if stamp == self._stamp and self.snapshot is not None:
            return False
        try:
            made = load(self.folder, self.snapshot)
        except DamagedError as error:
            self._tell(Status(int(ExitCode.MACHINE_REFUSED), f"the generation is not whole: {error}", 0, time.time()))
            return False
        # Switched while it was read: every body agreed with its manifest, so that this one is whole; the newer one is next.
        self.snapshot, self._stamp = made, stamp
        if self.settings is None:
            self._tell(Status(0, "", made.manifest.problems, time.time()))
        LOG.info("generation %d is live: %d documents", made.manifest.generation, len(made.manifest.documents))
        return True

    def _stat(self) -> tuple[int, ...] | None:
        try:
            found = os.stat(self.folder / manifest.FILE_NAME)
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def _tell(self, status: Status) -> None:
        if status.error and status.error != self.status.error:
            LOG.error("%s; the last good generation is served on", status.error)
        elif self.status.error and not status.error:
            LOG.info("all is well again")
        self.status = status

    # builds

    def build(self) -> int:
        """Have a child process build; returns its exit code."""
        assert self.settings is not None  # noqa: S101  only a keeper with settings builds
        self.settings.output.parent.mkdir(parents=True, exist_ok=True)
        child = subprocess.Popen(
            [sys.executable, "-m", "feeds.serving.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._child = child
        try:
            out, error = child.communicate(pickle.dumps(self.settings), timeout=BUILD_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            out, error = child.communicate()
        finally:
            self._child = None
        code = child.returncode
        told = _told(out)
        self.builds += 1
        if code in (ExitCode.DONE, ExitCode.POSTS_BROKEN):
            self._tell(Status(code, "", int(told.get("problems", 0)), time.time()))
        elif code == ExitCode.ALREADY_RUNNING:
            LOG.debug("another process builds")
        else:
            why = told.get("error") or error.decode(errors="replace").strip().rpartition("\n")[2] or f"the build ended with {code}"
            self._tell(Status(code, str(why), self.status.problems, time.time()))
        return code

    def _run(self) -> None:
        watcher = threading.Thread(target=self._watch, name="feeds-watch", daemon=True)
        watcher.start()
        wait = 0.0
        while not self._stop.is_set():
            self._wake.wait(wait)
            if self._stop.is_set():
                return
            if self._wake.is_set() and wait:
                self._settle()
            self._wake.clear()
            wait = self._once()

    def _settle(self) -> None:
        """Wait until no change has come for a moment, but not for ever."""
        end = time.monotonic() + 20 * SETTLE_SECONDS
        while time.monotonic() < end:
            self._wake.clear()
            if not self._wake.wait(SETTLE_SECONDS):
                return

    def _once(self) -> float:
        """One build or look; how long to wait for the next."""
        try:
            if self.settings is None:
                self.look()
                return FOLDER_POLL_SECONDS
            try:
                code = self.build()
            except OSError as error:
                code = int(ExitCode.MACHINE_REFUSED)
                self._tell(Status(code, f"the build cannot start: {error}", self.status.problems, time.time()))
            self.look()
            if code == ExitCode.ALREADY_RUNNING:
                return 0.5
            return min(POLL_SECONDS, self._until_due())
        except Exception:
            # Whatever happens here, requests go on being answered from the last good snapshot, and we try again.
            LOG.exception("the keeper stumbled")
            return POLL_SECONDS

    def _until_due(self) -> float:
        due = self.snapshot.manifest.next_change_at if self.snapshot is not None else None
        return POLL_SECONDS if due is None else max(0.2, due.timestamp() - time.time())

    def _watch(self) -> None:
        """Wake the keeper when something changes in the posts, or in the folder that another process publishes."""
        from watchfiles import watch

        folder = self.settings.posts if self.settings is not None else self.folder.parent
        while not self._stop.is_set():
            try:
                changes: Any = watch(
                    folder, stop_event=self._stop, recursive=self.settings is not None, watch_filter=None, debounce=200, step=50,
                    rust_timeout=1000, raise_interrupt=False,
                )  # fmt: skip
                for _ in changes:
                    self._wake.set()
            except (OSError, RuntimeError) as error:
                LOG.debug("no events from %s: %s", folder, error)
            # The folder is away, or was replaced: the slow look notices; watch again when it is back.
            self._stop.wait(5)


def _told(out: bytes) -> dict[str, Any]:
    try:
        told = json.loads(out.strip().rpartition(b"\n")[2])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
