"""Shared caches before what we publish: Varnish with its default rules before nginx and before `feeds serve`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import web_servers
from generations import Generations, site
from web_servers import Server

from feeds.urls import encode_path

PATHS = ("/rss.xml", "/feed.json", "/feeds.opml", "/", "/category/" + encode_path("技术") + "/atom.xml")


@contextmanager
def varnish(upstream: Server, work: Path) -> Iterator[Server]:
    program, port = web_servers.program("varnishd"), web_servers.free_port()
    work.mkdir(parents=True, exist_ok=True)
    command = [
        program, "-F", "-n", work / "varnish", "-a", f"127.0.0.1:{port}", "-b", f"127.0.0.1:{upstream.port}",
        "-s", "malloc,16m", "-T", "none",
    ]  # fmt: skip
    with web_servers.running(command, port, work / "log") as server:
        yield server


@pytest.fixture(params=["nginx", "caddy", "feeds"])
def origin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of the published folder; documents go stale after a second."""
    web_servers.program("varnishd")
    name = str(request.param)
    generations = Generations(tmp_path / "published", precompress=("gzip",), maps=("nginx", "caddy"))
    generations.publish(site(), max_age_seconds=1)
    web_servers.readable(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    if name == "feeds":
        with web_servers.feeds_serve("--folder", generations.folder, log=work / "log") as server:
            server.wait_for("/rss.xml")
            yield server
        return
    program, port = web_servers.program(name), web_servers.free_port()
    config = web_servers.example(
        "nginx-static.conf" if name == "nginx" else "Caddyfile-static", work, folder=generations.folder, port=port
    )
    rest = ["-c", config, "-g", "daemon off;"] if name == "nginx" else ["run", "--adapter", "caddyfile", "--config", config]
    homes = {key: str(work) for key in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with web_servers.running([program, *rest], port, work / "log", **homes) as server:
        yield server


def revalidated(cache: Server, path: str, headers: dict[str, str]) -> web_servers.Answer:
    """The answer after the cache has asked its origin again: its Age has gone back."""
    oldest, end = 0, time.monotonic() + 120
    while time.monotonic() < end:
        answer = cache.ask(path, headers)
        age = int(answer.headers["age"])
        if oldest and age < oldest:
            return answer
        oldest = max(oldest, age)
        time.sleep(0.2)
    raise AssertionError(f"the cache never asked again: age {oldest}: {cache.log_text()}")


def test_a_revalidated_document_is_what_it_was(origin: Server, tmp_path: Path) -> None:
    """A 304 replaces the headers that a cache has stored (RFC 9111 §3.2): type, length, policy and tag stay the document's."""
    with varnish(origin, tmp_path / "cache") as cache:
        for accepted in ("identity", "gzip"):
            headers = {"Accept-Encoding": accepted}
            before = {path: cache.ask(path, headers) for path in PATHS}
            for path in PATHS:
                after = revalidated(cache, path, headers)
                assert (after.status, after.body) == (200, before[path].body)
                for name in ("content-type", "content-encoding", "etag", "last-modified", "content-security-policy", "vary"):
                    assert after.headers.get(name) == before[path].headers.get(name), (path, name)


def test_odd_spellings_of_a_path_do_not_displace_the_document(origin: Server, tmp_path: Path) -> None:
    """What is answered for `//rss.xml` is never kept as the answer for `/rss.xml`."""
    with varnish(origin, tmp_path / "cache") as cache:
        # Varnish asks for gzip itself, and unpacks it for a client that does not.
        good = cache.ask("/rss.xml")
        assert good.body == origin.ask("/rss.xml").body
        for odd in (
            "//rss.xml",
            "/x/../rss.xml",
            "/./rss.xml",
            "/rss.xml/",
            "/%2Frss.xml",
            "/rss.xml%00",
            "/rss.xml?a",
            "/RSS.xml",
        ):
            cache.ask(odd)
            answer = cache.ask("/rss.xml")
            assert (answer.status, answer.body, answer.headers["etag"]) == (200, good.body, good.headers["etag"]), odd
