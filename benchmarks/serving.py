"""`feeds serve` beside nginx on the same bytes: in comes a number of rounds, out go processor time per request and p99.

    python benchmarks/serving.py --rounds 3 --seconds 4

One process of each, pinned to one processor, wrk on another. What counts is the processor time of the server for each
request, which holds on a noisy machine; p99 is wrk's. The servers take turns. Must not assert a time: it reports.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).parent))

import corpus
from skeletons import BASE_URL

ROOT = Path(__file__).parents[1]
SERVER_CPU, WRK_CPU = "0", "1"
#: What our processor time, and our p99, may be of nginx's; and our p99 during builds, of ours when nothing happens.
GOAL_PROCESSOR, GOAL_P99, GOAL_BUILDING = 2.0, 3.0, 2.0
#: What a resource may cost in memory beside its bytes.
GOAL_BYTES = 1_000
KINDS = ("304", "200 gzip", "200 plain")

_NGINX = """\
worker_processes 1;
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    types {{ application/rss+xml xml; }}
    sendfile on;
    tcp_nopush on;
    keepalive_requests 10000000;
    open_file_cache max=1000 inactive=60s;
    gzip_static on;
    server {{ listen 127.0.0.1:{port}; root {folder}; add_header Cache-Control "public, max-age=900"; }}
}}
"""


class Load(NamedTuple):
    """What one run of wrk showed: requests, the server's processor time for each in µs, p99 in ms."""

    requests: int
    processor_us: float
    p99_ms: float


class Server(NamedTuple):
    """A running server: its process (with children) and where it listens."""

    name: str
    process: int
    port: int


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def family(process: int) -> list[int]:
    """The process and all that it started."""
    found = [process]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def processor_seconds(process: int) -> float:
    """Processor time of a process and all that it started."""
    ticks = 0
    for one in family(process):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def pinned(process: int, cpu: str) -> None:
    """Keep a process and all that it started to one processor."""
    for one in family(process):
        for task in Path(f"/proc/{one}/task").iterdir():
            os.sched_setaffinity(int(task.name), {int(cpu)})


@contextmanager
def running(name: str, command: Sequence[str], port: int, work: Path, path: str) -> Iterator[Server]:
    """A server on one processor, until the block ends."""
    with (work / f"{name}.out").open("wb") as said:
        started = subprocess.Popen(command, stdout=said, stderr=said, cwd=work, env=_environment())
        try:
            end = time.monotonic() + 60
            while True:
                try:
                    ask(port, path)
                    break
                except OSError:
                    if started.poll() is not None or time.monotonic() > end:
                        raise SystemExit(f"{name} does not answer:\n{(work / f'{name}.out').read_text()[-2000:]}") from None
                    time.sleep(0.05)
            pinned(started.pid, SERVER_CPU)
            yield Server(name, started.pid, port)
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDS_", "PYTHON"))}
    return kept | {"PYTHONPATH": str(ROOT)}


def ask(port: int, path: str, **headers: str) -> dict[str, str]:
    """The header fields of an answer."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with urlopen(Request(f"http://127.0.0.1:{port}/{path}", headers=given), timeout=10) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}


def load(server: Server, path: str, headers: Sequence[str], seconds: int, connections: int = 16) -> Load:
    """One run of wrk."""
    command = ["taskset", "-c", WRK_CPU, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    before = processor_seconds(server.process)
    output = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/{path}"], capture_output=True, text=True, check=True
    ).stdout
    spent = processor_seconds(server.process) - before
    requests = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    if "Socket errors" in output or ("Non-2xx" in output and "If-None-Match" not in " ".join(headers)):
        raise SystemExit(f"{server.name} did not answer well:\n{output}")
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    return Load(requests, spent / requests * 1e6, float(p99[1]) * unit[p99[2]] if p99 else 0.0)


def headers_of(server: Server, path: str, kind: str) -> list[str]:
    """What a reader sends for this kind of answer; the ETag is the server's own."""
    if kind == "200 plain":
        return []
    if kind == "200 gzip":
        return ["Accept-Encoding: gzip"]
    return ["Accept-Encoding: gzip", f"If-None-Match: {ask(server.port, path, Accept_Encoding='gzip')['etag']}"]


def compared(servers: Sequence[Server], path: str, *, rounds: int, seconds: int) -> dict[str, dict[str, Load]]:
    """Medians by kind of answer and server."""
    every: dict[tuple[str, str], list[Load]] = {}
    for place in range(rounds):
        turn = list(servers[place % len(servers) :]) + list(servers[: place % len(servers)])
        for kind in KINDS:
            for server in turn:
                found = load(server, path, headers_of(server, path, kind), seconds)
                every.setdefault((kind, server.name), []).append(found)
                print(f"  {kind}, {server.name}: {found.processor_us:.1f} µs, p99 {found.p99_ms:.2f} ms", file=sys.stderr)
    made: dict[str, dict[str, Load]] = {}
    for (kind, name), loads in every.items():
        made.setdefault(kind, {})[name] = Load(*(statistics.median(one) for one in zip(*loads, strict=True)))  # type: ignore[arg-type]
    return made


def table(found: dict[str, dict[str, Load]]) -> str:
    """What was measured against nginx, with the goals."""
    lines = [
        "| a feed of 100 kB | nginx µs | feeds serve µs | ratio | nginx p99 ms | feeds serve p99 ms | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, loads in found.items():
        theirs, ours = loads["nginx"], loads["feeds"]
        times, slower = ours.processor_us / theirs.processor_us, ours.p99_ms / theirs.p99_ms
        lines.append(
            f"| {kind} | {theirs.processor_us:.1f} | {ours.processor_us:.1f} | {times:.2f} {_verdict(times, GOAL_PROCESSOR)} "
            f"| {theirs.p99_ms:.2f} | {ours.p99_ms:.2f} | {slower:.2f} {_verdict(slower, GOAL_P99)} |"
        )
    return "\n".join(lines)


def _verdict(reached: float, goal: float) -> str:
    return f"({'met' if reached <= goal else 'MISSED'}: ≤ {goal:g})"


def while_building(site: Path, work: Path, path: str, seconds: int) -> str:
    """p99 of the embedded builder's server when nothing happens, and while it builds an edit again and again."""
    port = free_port()
    command = [
        sys.executable, "-m", "feeds", "serve", str(site / "posts"), "--base-url", BASE_URL, "--config", str(work / "feeds.toml"),
        "--state", str(work / "served"), "--port", str(port),
    ]  # fmt: skip
    newest = max((site / "posts").rglob("*.md"))
    with running("serve", command, port, work, path) as server:
        # The one that answers has a processor of its own, as it would have; the builder may use both.
        for one in family(server.process):
            os.sched_setaffinity(one, {0, 1})
        headers = ["Accept-Encoding: gzip"]
        # Two connections: so few that the figure is the server's, not that of a queue in front of it.
        quiet = load(server, path, headers, seconds, connections=2)
        before = ask(port, path, Accept_Encoding="gzip")["etag"]
        done = threading.Event()

        def edit() -> None:
            count = 0
            while not done.wait(1.0):
                count += 1
                with newest.open("a", encoding="utf-8") as stream:
                    stream.write(f"\n<p>edited {count}</p>\n")

        editor = threading.Thread(target=edit)
        editor.start()
        busy = load(server, path, headers, max(seconds, 6), connections=2)
        done.set()
        editor.join()
        if ask(port, path, Accept_Encoding="gzip")["etag"] == before:
            raise SystemExit("no build took place: the comparison would say nothing")
    slower = busy.p99_ms / quiet.p99_ms
    return (
        f"While building: p99 {busy.p99_ms:.2f} ms, {slower:.2f} × the quiet {quiet.p99_ms:.2f} ms "
        f"{_verdict(slower, GOAL_BUILDING)}; the builder, wrk and the server share two processors."
    )


def publish(work: Path) -> tuple[Path, Path, str]:
    """An archive, its feeds on disk, and the path of the feed whose size is nearest to 100 kB."""
    site = work / "site"
    corpus.make(site, count=2_000, form="hexo", seed=1)
    (site / "posts").symlink_to(site / corpus.POSTS["hexo"]) if not (site / "posts").exists() else None
    (work / "feeds.toml").write_text(
        'title = "Corpus"\nlanguage = "zh-CN"\npermalink = "posts/:slug/"\ntaxonomies = ["category"]\nlimit = 14\n'
        'precompress = ["gzip"]\nmax_document_bytes = "2 MB"\n', encoding="utf-8",
    )  # fmt: skip
    folder = work / "out"
    subprocess.run(
        [
            sys.executable, "-m", "feeds", "build", str((site / "posts").resolve()), "--base-url", BASE_URL, "--config",
            str(work / "feeds.toml"), "--state", str(work / "state"), "--output", str(folder),
        ],
        check=True, env=_environment(), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    feeds = [one for one in folder.rglob("rss.xml") if str(one.relative_to(folder)).isascii()]
    chosen = min(feeds, key=lambda one: abs(one.stat().st_size - 100_000))
    return site, folder, str(chosen.relative_to(folder))


def many(folder: Path, count: int) -> None:
    """A published folder of so many small documents."""
    from feeds import MANIFEST_NAME
    from feeds.publish.manifest import Manifest, PublishedDocument

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    documents = {}
    for number in range(count):
        path, body = f"entry/post-{number}/index.html", f"<p>{number}</p>".encode()
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(body)
        digest = sha256(body).hexdigest()
        documents[path] = PublishedDocument(digest, str(number), len(body), "text/html; charset=utf-8", "entry", moment, ())
    manifest = Manifest(1, "many", moment, BASE_URL, 900, documents)
    (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")


def memory_of_resources(work: Path, count: int) -> str:
    """What many resources cost a worker in memory beside their bytes, once each was asked for."""
    folder = work / "many"
    folder.mkdir()
    many(folder, count)
    port = free_port()
    command = [sys.executable, "-m", "feeds", "serve", "--folder", str(folder), "--port", str(port)]
    with running("many", command, port, work, "entry/post-0/index.html") as server:
        before = _resident(server.process)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            for number in range(count):
                connection.request("GET", f"/entry/post-{number}/index.html")
                if connection.getresponse().read() != f"<p>{number}</p>".encode():
                    raise SystemExit(f"the answer for resource {number} is wrong")
        each = (_resident(server.process) - before) / count
    return f"{count:,} resources: {each:.0f} bytes of memory each, all of them asked for {_verdict(each, GOAL_BYTES)}."


def _resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare `feeds serve` with nginx on the same bytes.")
    parser.add_argument("--rounds", type=int, default=3, help="medians are reported (default 3)")
    parser.add_argument("--seconds", type=int, default=4, help="of each load, whole ones (default 4)")
    parser.add_argument("--resources", type=int, default=100_000, help="documents whose memory is measured (default 100000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was measured")
    asked = parser.parse_args()
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None or shutil.which("wrk") is None or shutil.which("taskset") is None:
        parser.error("nginx, wrk and taskset have to be installed")
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch).resolve()
        work.chmod(0o755)
        site, folder, path = publish(work)
        size = (folder / path).stat().st_size
        print(f"{path}: {size:,} bytes, {(folder / (path + '.gz')).stat().st_size:,} in gzip", file=sys.stderr)
        ports = free_port(), free_port()
        (work / "nginx.conf").write_text(_NGINX.format(work=work, folder=folder, port=ports[0]))
        ours = [sys.executable, "-m", "feeds", "serve", "--folder", str(folder), "--port", str(ports[1])]
        with (
            running("nginx", [nginx, "-c", str(work / "nginx.conf")], ports[0], work, path) as theirs,
            running("feeds", ours, ports[1], work, path) as own,
        ):
            found = compared((theirs, own), path, rounds=asked.rounds, seconds=asked.seconds)
        print(table(found), while_building(site, work, path, asked.seconds), sep="\n\n", end="\n\n")
        print(memory_of_resources(work, asked.resources))
    if asked.json:
        every = {kind: {name: one._asdict() for name, one in loads.items()} for kind, loads in found.items()}
        asked.json.write_text(json.dumps(every))


if __name__ == "__main__":
    main()
