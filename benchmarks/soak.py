"""A long run of `feeds serve` under edits: in comes a number of requests, out go counts of answers that were not right.

    nice python benchmarks/soak.py --requests 100000 --workers 3

A post is edited every second while clients ask for feeds, with and without codings and validators, each over several
connections, so that it meets all workers. Every answer is checked: its bytes against its ETag, Repr-Digest and
Content-Length, a 304 against what was stored, and its edit and Last-Modified against the newest that this client has seen.
Ends with 1 if an answer was wrong, lost, or of a generation before.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import itertools
import json
import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
POST = "---\ntitle: Edit {number:08}\ndate: 2026-01-02 03:04:05\ncategories: [茶]\nurl: https://example.org/tea/\n---\n{text}\n"
PATHS = ("/rss.xml", "/atom.xml", "/feed.json", "/category/%E8%8C%B6/rss.xml")
CODINGS = ("", "gzip", "br", "gzip, br")
#: Connections of one client, and requests after which it opens another in the place of each.
CONNECTIONS, RENEWED_AFTER = 4, 400
EDIT = re.compile(rb"Edit ([0-9]{8})")
#: What a client may wait for an answer on a loaded machine.
TIMEOUT_SECONDS = 60.0


class Client:
    """Asks, checks each answer, and counts: "right", and by name what was not."""

    def __init__(self, port: int, seed: int) -> None:
        self.port, self.random, self.counts = port, random.Random(seed), Counter[str]()
        self.connections = [self.connect() for _ in range(CONNECTIONS)]
        self.newest: dict[str, tuple[int, float]] = {}
        self.stored: dict[tuple[str, str], tuple[str, str]] = {}

    def connect(self) -> http.client.HTTPConnection:
        """A connection of its own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)

    def run(self, requests: int) -> Counter[str]:
        """Ask so many times, over the connections in turn."""
        for number in range(requests):
            turn = number % CONNECTIONS
            if number // CONNECTIONS % RENEWED_AFTER == RENEWED_AFTER - 1:
                self.connections[turn].close()
                self.connections[turn] = self.connect()
            try:
                self.counts[self.ask(self.connections[turn])] += 1
            except (OSError, http.client.HTTPException) as error:
                self.counts[f"lost: {type(error).__name__}"] += 1
                self.connections[turn] = self.connect()
        return self.counts

    def ask(self, connection: http.client.HTTPConnection) -> str:
        """One request; "right", or what is not."""
        path, coding = self.random.choice(PATHS), self.random.choice(CODINGS)
        headers = {"Accept-Encoding": coding or "identity"}
        stored = self.stored.get((path, coding))
        if stored is not None and self.random.random() < 0.5:
            headers["If-None-Match"] = stored[0]
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 304:
            validators = answer.headers["ETag"], answer.headers["Last-Modified"]
            return (
                "right" if not body and validators == stored and "If-None-Match" in headers else "wrong: a 304 of something else"
            )
        if answer.status != 200:
            return f"wrong: status {answer.status}"
        return self.check(path, coding, answer, body)

    def check(self, path: str, coding: str, answer: http.client.HTTPResponse, body: bytes) -> str:
        """A whole document: its bytes are what its headers say, and it is not older than what this client has seen."""
        used = answer.headers.get("Content-Encoding")
        plain = gzip.decompress(body) if used == "gzip" else brotli.decompress(body) if used == "br" else body
        tag = urlsafe_b64encode(sha256(plain).digest()).decode()[:27]
        if answer.headers["ETag"] != (f'"{tag}-{used}"' if used else f'"{tag}"'):
            return "wrong: ETag"
        if answer.headers["Repr-Digest"] != f"sha-256=:{b64encode(sha256(body).digest()).decode()}:":
            return "wrong: Repr-Digest"
        if int(answer.headers["Content-Length"]) != len(body):
            return "wrong: Content-Length"
        edit = EDIT.search(plain)
        if edit is None:
            return "wrong: no edit in it"
        self.stored[path, coding] = answer.headers["ETag"], answer.headers["Last-Modified"]
        current = int(edit[1]), parsedate_to_datetime(answer.headers["Last-Modified"]).timestamp()
        before = self.newest.setdefault(path, current)
        self.newest[path] = max(before, current)
        return "right" if current[0] >= before[0] and current[1] >= before[1] else "stepped back"


def work(port: int, seed: int, requests: int) -> Counter[str]:
    """A client in a process of its own."""
    return Client(port, seed).run(requests)


@contextmanager
def edits(post: Path, seconds: float) -> Iterator[list[int]]:
    """Edit a post again and again; the number of the last edit is in the list."""
    ended, numbers = threading.Event(), [0]

    def run() -> None:
        for number in itertools.count(1):
            if ended.wait(seconds):
                return
            fresh = post.with_suffix(".new")
            fresh.write_text(POST.format(number=number, text=f"水温八十度。{number} " * 200), encoding="utf-8")
            fresh.replace(post)
            numbers[0] = number

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield numbers
    finally:
        ended.set()
        thread.join()


@contextmanager
def server(folder: Path, workers: int) -> Iterator[int]:
    """`feeds serve` on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ("--base-url", "https://example.org/", "--port", str(port), "--workers", str(workers))
    command = [sys.executable, "-m", "feeds", "serve", "posts", *settings]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        end = time.monotonic() + 120
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            if child.poll() is not None or time.monotonic() > end:
                raise SystemExit((folder / "log").read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.2)
        yield port
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


def main() -> int:
    """Run, print the counts as JSON, say with the exit code whether all was right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="of all clients together")
    parser.add_argument("--workers", type=int, default=3, help="of the server")
    parser.add_argument("--clients", type=int, default=3, help="processes that ask")
    parser.add_argument("--edit-seconds", type=float, default=1.0, help="between two edits of the post")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="feeds-soak-")))
        post = folder / "posts" / "tea.md"
        post.parent.mkdir()
        post.write_text(POST.format(number=0, text="水温八十度。"), encoding="utf-8")
        port = stack.enter_context(server(folder, options.workers))
        numbers = stack.enter_context(edits(post, options.edit_seconds))
        share = options.requests // options.clients
        with multiprocessing.get_context("spawn").Pool(options.clients) as pool:
            counts = sum(pool.starmap(work, [(port, seed, share) for seed in range(options.clients)]), Counter[str]())
        wrong = {name: count for name, count in sorted(counts.items()) if name != "right"}
        print(json.dumps({"requests": sum(counts.values()), "edits": numbers[0], "right": counts["right"], **wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
