"""What the server says of itself: in come answers as they are given, out go an access log and Prometheus metrics.

Neither holds an address of a client. Each worker writes its own counts to the store now and then; a scrape adds up those
of all workers, of ended ones too, so that no total ever falls. Must not decide an answer.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import sys
import threading
import time
from bisect import bisect_left
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from feeds import system
from feeds.serving.supervisor import Supervisor

#: Upper bounds of the histogram's buckets, in seconds.
BUCKETS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0)
_FLUSH_SECONDS = 1.0
_LONGEST_AGENT = 300
_TRIES = 5


class AnsweredRequest(NamedTuple):
    """One answer: `format` is "" for what is not a document, `seconds` how long it took to make."""

    method: str
    path: str
    status: int
    format: str
    bytes: int
    agent: str
    seconds: float


class Counts:
    """What is counted, as it is added up over workers."""

    def __init__(self) -> None:
        self.responses: Counter[tuple[str, str, int]] = Counter()
        self.bytes: Counter[str] = Counter()
        self.seconds: dict[str, float] = {}
        self.buckets: dict[str, list[int]] = {}
        """By format: how many answers fell into each of BUCKETS, and those above all of them."""
        self.processor_seconds = 0.0

    def add(self, seen: AnsweredRequest) -> None:
        """Count an answer."""
        method = seen.method if seen.method in ("GET", "HEAD", "OPTIONS") else "other"
        format = seen.format or "none"
        self.responses[method, format, seen.status] += 1
        self.bytes[format] += seen.bytes
        self.seconds[format] = self.seconds.get(format, 0.0) + seen.seconds
        buckets = self.buckets.get(format)
        if buckets is None:
            buckets = self.buckets[format] = [0] * (len(BUCKETS) + 1)
        buckets[bisect_left(BUCKETS, seen.seconds)] += 1

    def as_json(self) -> dict[str, object]:
        """For a file."""
        return {
            "responses": [[*key, count] for key, count in self.responses.items()],
            "bytes": dict(self.bytes),
            "seconds": self.seconds,
            "buckets": self.buckets,
            "processor_seconds": self.processor_seconds,
        }

    def merge(self, told: dict[str, object]) -> None:
        """Add what another worker's file says; a damaged file counts as nothing. Raises nothing."""
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            for method, format, status, count in told["responses"]:  # type: ignore[attr-defined]
                self.responses[str(method), str(format), int(status)] += int(count)
            for format, count in told["bytes"].items():  # type: ignore[attr-defined]
                self.bytes[format] += int(count)
            for format, seconds in told["seconds"].items():  # type: ignore[attr-defined]
                self.seconds[format] = self.seconds.get(format, 0.0) + float(seconds)
            for format, buckets in told["buckets"].items():  # type: ignore[attr-defined]
                before = self.buckets.get(format, [0] * (len(BUCKETS) + 1))
                self.buckets[format] = [old + int(new) for old, new in zip(before, buckets, strict=True)]
            self.processor_seconds += float(told["processor_seconds"])  # type: ignore[arg-type]


class ProcessFacts(NamedTuple):
    """What one running worker takes of the machine."""

    started_at: float
    resident_bytes: int
    open_files: int


class Metrics:
    """Counts and logs answers of this worker."""

    def __init__(self, supervisor: Supervisor, access_log: str | None = None) -> None:
        self.supervisor = supervisor
        self.folder = supervisor.store / "counters"
        self._path = access_log
        self._handle = -1
        self.restart()
        supervisor.each_look = self.flush
        atexit.register(self.flush)

    def restart(self) -> None:
        """Begin to count, in a process that was forked off too: what was counted before is the parent's."""
        self._counts = Counts()
        self._lock = threading.Lock()
        self._flushed = 0.0
        self._started_at = time.time()
        # A process id comes again, in a container with each start; this name does not.
        self._name = f"{os.getpid()}-{system.process_start(os.getpid())}-{secrets.token_hex(8)}"
        self.reopen()

    def reopen(self) -> None:
        """Open the access log, anew where it was rotated away."""
        if self._path is None:
            return
        old, self._handle = self._handle, -1
        if self._path == "-":
            self._handle = os.dup(sys.stderr.fileno())
        else:
            self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | system.PRIVATE, 0o640)
        if old >= 0:
            os.close(old)

    def seen(self, seen: AnsweredRequest) -> None:
        """Count an answer, and log it."""
        with self._lock:
            self._counts.add(seen)
        if self._handle >= 0:
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "method": seen.method[:16],
                "path": seen.path.encode("latin-1", "replace").decode("utf-8", "replace")[:2000],
                "status": seen.status,
                "bytes": seen.bytes,
                "seconds": round(seen.seconds, 6),
                "format": seen.format or None,
                "agent": seen.agent[:_LONGEST_AGENT],
            }
            # One write for a line, so that lines of several workers never mix; a full disk costs lines, not answers.
            with suppress(OSError):
                os.write(self._handle, (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write this worker's counts where the other workers find them."""
        self._flushed = time.monotonic()
        used = os.times()
        with self._lock:
            self._counts.processor_seconds = used.user + used.system
            counts = self._counts.as_json()
        counts["process"] = [self._started_at, _resident_bytes(), _open_files()]
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            fresh = self.folder / f"{self._name}.next"
            fresh.write_text(json.dumps(counts))
            fresh.replace(self.folder / f"{self._name}.json")

    def totals(self) -> tuple[Counts, list[ProcessFacts]]:
        """The counts of all workers since the state folder was made, and what those that run now take."""
        self.flush()
        # The worker that leads may be moving counts from one file to another at this instant.
        for _ in range(_TRIES):
            before = _stamp(self.folder / "ended.json")
            result = self._added_up()
            if _stamp(self.folder / "ended.json") == before:
                break
        return result

    def _added_up(self) -> tuple[Counts, list[ProcessFacts]]:
        total, processes = Counts(), []
        ended: list[Path] = []
        merged = _read(self.folder / "ended.json")
        total.merge(merged)
        already = set(map(str, merged.get("names", [])))  # type: ignore[call-overload]
        for path in sorted(self.folder.glob("*-*.json")):
            if path.name in already:
                path.unlink(missing_ok=True)
                continue
            counts = _read(path)
            total.merge(counts)
            if _is_running(path):
                with suppress(KeyError, TypeError, ValueError):
                    processes.append(ProcessFacts(*counts["process"]))  # type: ignore[misc]
            else:
                ended.append(path)
        if ended and self.supervisor.leads:
            self._keep_ended(ended, merged)
        return total, processes

    def _keep_ended(self, ended: list[Path], merged: dict[str, object]) -> None:
        """Put the counts of workers that ended into one file, so that there are never many; one process does it."""
        kept = Counts()
        kept.merge(merged)
        for path in ended:
            kept.merge(_read(path))
        with suppress(OSError):
            fresh = self.folder / "ended.next"
            # Their names too: where this stops before they are deleted, they are not added twice.
            fresh.write_text(json.dumps({**kept.as_json(), "names": [path.name for path in ended]}))
            fresh.replace(self.folder / "ended.json")
            for path in ended:
                path.unlink(missing_ok=True)


def _is_running(path: Path) -> bool:
    """Whether the worker that writes this file has not ended; another process may have its id by now."""
    words = path.name.split("-")
    try:
        process = int(words[0])
        if Path("/proc/self").exists():
            started = system.process_start(process)
            return started > 0 and words[1] in (str(started), "0")
        os.kill(process, 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_ino, stat.st_mtime_ns


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0


def _open_files() -> int:
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0


def _read(path: Path) -> dict[str, object]:
    try:
        counts = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return counts if isinstance(counts, dict) else {}
