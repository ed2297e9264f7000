"""Metrics in Prometheus' text format, named by its conventions: base units, `_total`, `_timestamp_seconds`, `_info`."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from feeds import __version__
from feeds.serving.metrics import BUCKETS, Counts, Metrics, ProcessFacts

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(metrics: Metrics) -> bytes:
    """All counters and gauges."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(metrics))
    text: bytes = generate_latest(registry)
    return text


class _Collector:
    """What prometheus_client asks a collector for."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """All families."""
        counts, processes = self.metrics.totals()
        yield from _http(counts)
        yield from _processes(counts, processes)
        yield from _build(self.metrics)


def _http(counts: Counts) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    responses = CounterMetricFamily("feeds_http_responses", "Answers given.", labels=["method", "format", "status"])
    for (method, format, status), count in sorted(counts.responses.items()):
        responses.add_metric([method, format, str(status)], count)
    yield responses
    sent = CounterMetricFamily("feeds_http_response_body_bytes", "Bytes of bodies given.", labels=["format"])
    for format, count in sorted(counts.bytes.items()):
        sent.add_metric([format], count)
    yield sent
    durations = HistogramMetricFamily(
        "feeds_http_request_duration_seconds", "From a whole request to its answer, without the network.", labels=["format"]
    )
    for format, buckets in sorted(counts.buckets.items()):
        bounds = [*map(str, BUCKETS), "+Inf"]
        durations.add_metric([format], list(zip(bounds, accumulate(buckets), strict=True)), counts.seconds.get(format, 0.0))
    yield durations


def _gauge(name: str, text: str, value: float) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, text, value=value)


def _processes(counts: Counts, processes: list[ProcessFacts]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    yield CounterMetricFamily("process_cpu_seconds", "Processor time of all workers.", value=counts.processor_seconds)
    yield _gauge("feeds_workers", "Workers that run.", len(processes))
    if processes:
        resident, files = sum(each.resident_bytes for each in processes), sum(each.open_files for each in processes)
        started = min(each.started_at for each in processes)
        yield _gauge("process_resident_memory_bytes", "Memory of all workers.", resident)
        yield _gauge("process_open_fds", "Open files of all workers.", files)
        yield _gauge("process_start_time_seconds", "Start of the oldest worker, since 1970.", started)


def _build(metrics: Metrics) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    info = GaugeMetricFamily("feeds_build_info", "The program's version.", labels=["version", "python_version"])
    info.add_metric([__version__, platform.python_version()], 1)
    yield info
    last = metrics.supervisor.status
    code, success = (last.code, not last.error) if last.finished_at else (-1, False)
    yield _gauge("feeds_last_build_exit_code", "Exit code of the last build; -1 before the first.", code)
    yield _gauge("feeds_last_build_success", "Whether the last build published what it should.", int(success))
    yield _gauge("feeds_last_build_timestamp_seconds", "When the last build ended, since 1970.", last.finished_at)
    yield _gauge("feeds_last_build_duration_seconds", "How long the last build took.", last.seconds)
    in_force = int(not metrics.supervisor.settings_error)
    yield _gauge("feeds_settings_reload_success", "Whether the settings could be read when they last changed.", in_force)
    snapshot = metrics.supervisor.current()
    yield _gauge("feeds_ready", "Whether there is a generation to serve.", int(snapshot is not None))
    if snapshot is None:
        return
    facts = snapshot.facts
    yield _gauge("feeds_generation", "Number of the generation served.", facts.generation)
    yield _gauge("feeds_generation_timestamp_seconds", "Its instant, since 1970.", since(facts.as_of))
    yield _gauge("feeds_generation_documents", "Documents in it.", facts.documents)
    yield _gauge("feeds_posts_with_errors", "Posts with errors in it.", facts.problems)
    if facts.next_change is not None:
        yield _gauge("feeds_next_change_timestamp_seconds", "When a post falls due or expires.", facts.next_change)


def since(moment: str) -> float:
    """Seconds since 1970 of an RFC 3339 instant."""
    return datetime.fromisoformat(moment).timestamp()
