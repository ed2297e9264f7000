"""What the server says of itself: in come answers as they are given, out go an access log and Prometheus metrics.

Neither holds an address of a client. Counters of all workers are added up: each writes its own to the store now and
then. Must not decide an answer.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.serving.supervisor import Supervisor

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_FLUSH_SECONDS = 5.0
_LONGEST_AGENT = 300


class Metrics:
    """Counts and logs answers; `metrics` tells the counts of all workers."""

    def __init__(self, supervisor: Supervisor, access_log: str | None = None) -> None:
        self.supervisor = supervisor
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._bytes: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._flushed = 0.0
        self._path = access_log
        self._handle = -1
        self.reopen()

    def reopen(self) -> None:
        """Open the access log, anew where it was rotated away."""
        if self._path is None:
            return
        old, self._handle = self._handle, -1
        if self._path == "-":
            self._handle = os.dup(sys.stderr.fileno())
        else:
            self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        if old >= 0:
            os.close(old)

    def seen(self, method: str, path: str, status: int, format: str, sent: int, agent: str) -> None:
        """Count an answer, and log it."""
        with self._lock:
            self._requests[method if method in ("GET", "HEAD", "OPTIONS") else "other", format or "none", status] += 1
            self._bytes[format or "none"] += sent
        if self._handle >= 0:
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "method": method[:16],
                "path": path.encode("latin-1", "replace").decode("utf-8", "replace")[:2000],
                "status": status,
                "bytes": sent,
                "format": format or None,
                "agent": agent[:_LONGEST_AGENT],
            }
            # One write for a line, so that lines of several workers never mix; a full disk costs lines, not answers.
            with suppress(OSError):
                os.write(self._handle, (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write this worker's counters where the other workers find them."""
        self._flushed = time.monotonic()
        folder = self.supervisor.store / "counters"
        with self._lock:
            told = {
                "requests": [[*key, count] for key, count in self._requests.items()],
                "bytes": list(self._bytes.items()),
            }
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            fresh = folder / f"{os.getpid()}.next"
            fresh.write_text(json.dumps(told))
            fresh.replace(folder / f"{os.getpid()}.json")

    def totals(self) -> tuple[Counter[tuple[str, str, int]], Counter[str]]:
        """Requests by (method, format, status) and bytes by format, of all workers since the store was made."""
        self.flush()
        requests: Counter[tuple[str, str, int]] = Counter()
        sent: Counter[str] = Counter()
        for path in sorted((self.supervisor.store / "counters").glob("*.json")):
            told = _read(path)
            for method, format, status, count in told.get("requests", []):
                requests[method, format, status] += count
            for format, count in told.get("bytes", []):
                sent[format] += count
        return requests, sent

    def metrics(self) -> bytes:
        """All counters and gauges in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        text: bytes = generate_latest(registry)
        return text

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks a collector for."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        requests, sent = self.totals()
        answers = CounterMetricFamily("feeds_answers", "Answers given.", labels=["method", "format", "status"])
        for (method, format, status), count in sorted(requests.items()):
            answers.add_metric([method, format, str(status)], count)
        yield answers
        bytes_sent = CounterMetricFamily("feeds_body_bytes", "Bytes of bodies given.", labels=["format"])
        for format, count in sorted(sent.items()):
            bytes_sent.add_metric([format], count)
        yield bytes_sent
        last = self.supervisor.status
        yield GaugeMetricFamily("feeds_build_exit_code", "Exit code of the last build.", value=last.code)
        yield GaugeMetricFamily("feeds_build_finished_seconds", "When it ended, since 1970.", value=last.finished_at)
        snapshot = self.supervisor.current()
        if snapshot is not None:
            facts = snapshot.facts
            age = max(0.0, time.time() - since(facts.as_of))
            yield GaugeMetricFamily("feeds_generation", "Number of the generation served.", value=facts.generation)
            yield GaugeMetricFamily("feeds_documents", "Documents in it.", value=facts.documents)
            yield GaugeMetricFamily("feeds_problems", "Posts broken in it.", value=facts.problems)
            yield GaugeMetricFamily("feeds_generation_age_seconds", "Since its as_of.", value=age)


def since(moment: str) -> float:
    """Seconds since 1970 of an RFC 3339 instant."""
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
