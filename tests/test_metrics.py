"""Metrics and logs as an operator's monitor reads them: names, sums over workers, restarts."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
import web_servers
from generations import Generations, site
from prometheus_client.parser import text_string_to_metric_families
from web_servers import Server

from feeds.serving import metrics as metrics_module
from feeds.serving.metrics import AnsweredRequest, Counts, Metrics
from feeds.serving.prometheus import exposition
from feeds.serving.supervisor import Supervisor


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(server: Server, name: str, **labels: str) -> float:
    values = samples(server.ask("/metrics").body.decode())
    return sum(value for (each, given), value in values.items() if each == name and set(labels.items()) <= set(given))


@pytest.fixture
def folder(tmp_path: Path) -> Generations:
    generations = Generations(tmp_path / "published")
    generations.publish(site())
    return generations


def test_totals_of_several_workers_are_exact_and_survive_them(folder: Generations, tmp_path: Path) -> None:
    """Every answer is counted, whichever worker is asked; neither a worker's end nor a restart makes a total fall."""
    arguments = ("--folder", folder.folder, "--workers", "3", "--metrics-path", "/metrics")
    asked, refused, counters = 0, 0, tmp_path / ".published.serve" / "counters"
    for _ in range(2):
        with web_servers.feeds_serve(*arguments, log=tmp_path / "log") as server:
            web_servers.until(lambda server=server: total(server, "feeds_workers") == 3)
            web_servers.until(lambda server=server: server.ask("/readyz").status == 200)
            for _ in range(60):
                assert server.ask("/rss.xml").status == 200
            asked += 60
            for _ in range(20):
                server.raw(b"GET / HTTP/3.0\r\n\r\n")
            refused += 20
            web_servers.until(
                lambda server=server, asked=asked: (
                    total(server, "feeds_http_responses_total", format="rss", status="200") == asked
                )
            )
            web_servers.until(
                lambda server=server, refused=refused: total(server, "feeds_http_responses_total", status="505") == refused
            )
            assert total(server, "feeds_http_request_duration_seconds_count", format="rss") == asked
            size = len(site()["rss.xml"])
            assert total(server, "feeds_http_response_body_bytes_total", format="rss") == asked * size
            workers = [int(path.name.partition("-")[0]) for path in counters.glob("*-*.json")]
            worker = next(each for each in workers if each != server.pid and Path(f"/proc/{each}").exists())
            os.kill(worker, signal.SIGKILL)
            web_servers.until(lambda server=server: total(server, "feeds_workers") == 3)
            assert total(server, "feeds_http_responses_total", format="rss", status="200") == asked
            for _ in range(30):
                # The server ends before it would write these counts.
                server.ask("/rss.xml")
            asked += 30
    assert len(list(counters.iterdir())) <= 8


def test_names_follow_the_conventions(folder: Generations, tmp_path: Path) -> None:
    """Counters end in _total, instants in _timestamp_seconds, and what every program tells has its usual name."""
    log = tmp_path / "access.log"
    arguments = ("--folder", folder.folder, "--metrics-path", "/metrics", "--access-log", log)
    with web_servers.feeds_serve(*arguments, log=tmp_path / "log") as server:
        server.wait_for("/rss.xml")
        server.ask("/feed", {"Accept": "application/atom+xml"})
        server.ask("/nothing")
        web_servers.until(lambda: total(server, "feeds_last_build_success") == 1)
        answer = server.ask("/metrics")
        text = answer.body.decode()
        assert (
            answer.headers["content-type"].startswith("text/plain; version=0.0.4")
            and answer.headers["cache-control"] == "no-store"
        )
    values = samples(text)
    names = {name for name, _ in values}
    for family in text_string_to_metric_families(text):
        assert family.documentation and re.fullmatch(r"(feeds|process)_[a-z_]+", family.name)
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
    assert names >= {
        "feeds_build_info", "feeds_generation_timestamp_seconds", "feeds_last_build_timestamp_seconds", "process_cpu_seconds_total",
        "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds", "feeds_http_request_duration_seconds_bucket",
    }  # fmt: skip
    assert values["feeds_http_responses_total", (("format", "atom"), ("method", "GET"), ("status", "200"))] == 1
    assert values["feeds_http_responses_total", (("format", "none"), ("method", "GET"), ("status", "404"))] >= 1
    assert values["feeds_last_build_success", ()] == 1 and values["feeds_ready", ()] == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"time", "method", "path", "status", "bytes", "seconds", "format", "agent"} == set(lines[0])
    assert {line["format"] for line in lines} >= {"rss", "atom", None}


def test_a_process_id_that_comes_again_is_another_worker(folder: Generations) -> None:
    """In a container each server is process 1: what an earlier one counted is kept, and it is not one of the workers that run."""
    metrics = Metrics(Supervisor(folder=folder.folder))
    metrics.supervisor._leads()
    for round in range(1, 4):
        metrics.restart()
        metrics.seen(AnsweredRequest("GET", "/rss.xml", 200, "rss", 10, "", 0.0001))
        counts, processes = metrics.totals()
        assert (counts.responses["GET", "rss", 200], len(processes)) == (round, 1)
        # As it is named where the next process gets the same id.
        mine = metrics.folder / f"{metrics._name}.json"
        pid, _, token = metrics._name.split("-")
        mine.rename(metrics.folder / f"{pid}-1-{token}.json")
    assert len(list(metrics.folder.glob("*-*.json"))) == 1
    metrics.supervisor.stop()


def test_a_total_is_right_while_counts_are_merged(folder: Generations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker moves the counts of ended ones into one file between this one's reading of that and of theirs."""
    leading, other = (Metrics(Supervisor(folder=folder.folder)) for _ in range(2))
    leading.supervisor._leads()
    counts = Counts()
    counts.add(AnsweredRequest("GET", "/rss.xml", 200, "rss", 10, "", 0.0001))
    leading.folder.mkdir()
    (leading.folder / "999999999-1-aa.json").write_text(json.dumps(counts.as_json()))
    read, merging = metrics_module._read, []

    def read_and_merge(path: Path) -> dict[str, object]:
        result = read(path)
        if not merging:
            merging.append(path)
            leading.totals()
        return result

    monkeypatch.setattr(metrics_module, "_read", read_and_merge)
    assert other.totals()[0].responses["GET", "rss", 200] == 1
    assert merging == [leading.folder / "ended.json"] and not list(leading.folder.glob("999999999-*"))
    leading.supervisor.stop()


def test_counts_of_an_interrupted_merge_are_not_added_twice(folder: Generations, tmp_path: Path) -> None:
    """The merged file is written before those that went into it are deleted; damaged files count as nothing."""
    supervisor = Supervisor(folder=folder.folder)
    metrics = Metrics(supervisor)
    counts = Counts()
    counts.add(AnsweredRequest("GET", "/rss.xml", 200, "rss", 10, "", 0.0001))
    metrics.folder.mkdir()
    name = "999999999-aa.json"
    for place in (name, "999999998-bb.json"):
        (metrics.folder / place).write_text(json.dumps(counts.as_json()))
    (metrics.folder / "999999997-cc.json").write_text('{"responses": [["GET"]]')
    (metrics.folder / "ended.json").write_text(json.dumps({**counts.as_json(), "names": [name]}))
    expected = 'feeds_http_responses_total{format="rss",method="GET",status="200"} 2.0'
    assert expected in exposition(metrics).decode()
    assert expected in exposition(metrics).decode()
    assert not (metrics.folder / name).exists()
