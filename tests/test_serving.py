"""The server as readers meet it: a real process, real sockets, a folder of posts that changes."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import web_servers

ROOT = Path(__file__).parents[1]
BASE = "/blog/"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`feeds serve` on a folder of posts."""

    def __init__(self, site: Path) -> None:
        self.site, self.port = site, free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
        self.log = (site / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "feeds", "serve", "posts", "--base-url", f"https://example.org{BASE}", "--port", str(self.port)],
            cwd=site, env={**environ, "PYTHONPATH": str(ROOT)}, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = link.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            link.close()

    def until(self, true: Any, seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if true():
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError((self.site / "server.log").read_text(errors="replace")[-3000:])

    def items(self) -> list[str]:
        return [item["title"] for item in json.loads(self.ask(f"{BASE}feed.json")[2])["items"]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    site = tmp_path_factory.mktemp("site")
    (site / "posts").mkdir()
    for number in range(4):
        (site / f"posts/{number}.md").write_text(
            f"---\ntitle: 第{number}篇\ndate: 2021-01-0{number + 1}\ncategories: [技术, 前端]\ntags: [C++]\n---\n"
            + "正文。" * 300
        )
    made = Server(site)
    try:
        made.until(lambda: made.ask(f"{BASE}rss.xml")[0] == 200)
        yield made
    finally:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(20)
        made.log.close()


FEEDS = (
    "rss.xml",
    "atom.xml",
    "feed.json",
    "category/%E6%8A%80%E6%9C%AF/%E5%89%8D%E7%AB%AF/rss.xml",
    "tag/c-plus-plus/atom.xml",
    "feeds.opml",
    "",
)


@pytest.mark.parametrize("path", FEEDS)
def test_every_document_keeps_the_contract(server: Server, path: str) -> None:
    """HTTP-1 … HTTP-17, HTTP-23 … HTTP-27 on one document."""
    url = BASE + path
    status, headers, body = server.ask(url)
    assert status == 200 and body
    assert re.fullmatch(r'"[\w-]{20,}"', headers["etag"])  # HTTP-1
    assert headers["vary"] == "Accept-Encoding" and headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(body)
    assert re.search(r"public, max-age=\d+, stale-while-revalidate=\d+, stale-if-error=\d+", headers["cache-control"])  # HTTP-15
    assert "content-security-policy" in headers and headers["access-control-allow-origin"] == "*"  # HTTP-23, HTTP-24
    assert 'rel="self"' in headers["link"] and "set-cookie" not in headers
    kind = {"xml": "application/", "json": "application/feed+json", "opml": "text/x-opml"}.get(
        path.rpartition(".")[2], "text/html"
    )
    assert headers["content-type"].startswith(kind)  # HTTP-25
    same = {name: headers[name] for name in ("etag", "last-modified", "cache-control", "vary")}
    head = server.ask(url, "HEAD")
    assert (
        head[0] == 200
        and head[2] == b""
        and {name: head[1][name] for name in (*same, "content-length", "content-type")}
        == {
            **same,
            "content-length": headers["content-length"],
            "content-type": headers["content-type"],
        }
    )  # fmt: skip  HTTP-2
    tag = headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*", tag.strip('"'), tag[:-1] + '-gzip"'):  # HTTP-3, HTTP-7
        status, told, rest = server.ask(url, If_None_Match=known)
        assert (status, rest) == (304, b"") and {name: told[name] for name in same} == same  # HTTP-5
        assert set(told) - {"server", "date", "connection", "keep-alive"} == set(same), "RFC 9110 section 15.4.5"
    told = server.ask(url, If_None_Match=tag, Origin="https://reader.example")[1]  # HTTP-23
    assert told["access-control-allow-origin"] == "*" and "ETag" in told["access-control-expose-headers"]
    assert server.ask(url, If_None_Match='"other"', If_Modified_Since=headers["last-modified"])[0] == 200
    assert server.ask(url, If_Modified_Since=headers["last-modified"])[0] == 304  # HTTP-4
    assert server.ask(url, If_Modified_Since="Mon, 01 Jan 1990 00:00:00 GMT")[0] == 200
    assert server.ask(url, If_Modified_Since="yesterday")[0] == 200
    status, told, _ = server.ask(url, If_Match='"other"')
    assert (status, told["cache-control"]) == (412, "no-store")  # HTTP-9; RFC 9111 section 3
    packed_tag = server.ask(url, Accept_Encoding="gzip")[1]["etag"]
    assert server.ask(url, If_Match=packed_tag)[0] == 412, "it is not the tag of what would be sent"
    assert server.ask(url, If_Match=packed_tag, Accept_Encoding="gzip")[0] == 200
    for accepted, coding in (
        ("gzip", "gzip"),
        ("br, gzip", "br"),
        ("gzip;q=0", None),
        ("x-gzip", "gzip"),
        ("zork", None),
    ):  # HTTP-10
        _, told, packed = server.ask(url, Accept_Encoding=accepted)
        assert told.get("content-encoding") == coding
        if coding == "gzip":
            assert gzip.decompress(packed) == body and told["etag"] != tag  # HTTP-12
            assert server.ask(url, If_None_Match=told["etag"])[0] == 304
    for ranged in ("bytes=0-1", "items=0-1", "bytes=0-0,5-6"):
        status, told, rest = server.ask(url, Range=ranged)  # HTTP-13
        assert (status, rest) == (200, body) if path else status == 200
    assert server.ask(f"{url}?_=123")[1]["etag"] == tag  # HTTP-17
    assert server.ask(url, Host="evil.example")[2] == body  # HTTP-27
    for method in ("POST", "PUT", "DELETE"):
        status, told, _ = server.ask(url, method)
        assert status == 405 and "GET" in told["allow"]  # HTTP-14
    status, told, rest = server.ask(url, "OPTIONS")
    assert status == 204 and "GET" in told["allow"] and rest == b""


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/rss+xml,application/atom+xml,application/feed+json,text/html,*/*;q=0.9", "application/rss+xml"),
        ("*/*", "application/rss+xml"),
        ("application/atom+xml,application/rss+xml;q=0.5", "application/atom+xml"),
        ("application/feed+json", "application/feed+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("image/png", "application/rss+xml"),
    ],
)
def test_one_url_negotiates(server: Server, accept: str, kind: str) -> None:
    """NEG-1 … NEG-4."""
    status, headers, body = server.ask(f"{BASE}feed", Accept=accept)
    assert status == 200 and headers["content-type"].startswith(kind)
    assert "Accept" in headers["vary"] and headers["content-location"].startswith("https://example.org/blog/")
    assert server.ask(f"{BASE}feed", Accept=accept, If_None_Match=headers["etag"])[0] == 304
    assert body


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "%2e%2e/x", "rss.xml%00", "//x", "%ff", "a" * 8000, "category/%5c", ".feeds-manifest.json"]
)
def test_no_path_leads_out(server: Server, path: str) -> None:
    """HTTP-18: whatever a path says, it is a document of the table or it is not there."""
    assert server.ask(BASE + path)[0] in (400, 404, 414)


def test_health_names_no_path(server: Server) -> None:
    """/healthz says how things are, and no secret."""
    status, _, body = server.ask("/healthz")
    told = json.loads(body)
    assert status == 200 and told["generation"] >= 1
    assert str(server.site) not in body.decode()


def test_an_edit_goes_live_by_itself_and_a_broken_folder_does_not(server: Server) -> None:
    """REL-11: what readers get is always the last good generation; the server recovers by itself."""
    before = server.ask(f"{BASE}rss.xml")[1]
    (server.site / "posts/new.md").write_text("---\ntitle: 新的\ndate: 2021-02-01\n---\nx")
    server.until(lambda: "新的" in server.items())
    after = server.ask(f"{BASE}rss.xml")[1]
    assert after["etag"] != before["etag"]
    away = server.site / "away"
    (server.site / "posts").rename(away)
    time.sleep(1.5)
    assert "新的" in server.items() and server.ask(f"{BASE}rss.xml")[0] == 200
    away.rename(server.site / "posts")
    (server.site / "posts/newer.md").write_text("---\ntitle: 更新的\ndate: 2021-02-02\n---\nx")
    server.until(lambda: "更新的" in server.items(), 60)


def test_a_published_folder_needs_no_posts_and_no_settings(tmp_path: Path) -> None:
    """`feeds serve --folder` on a machine that only has what another one published."""
    posts = tmp_path / "author" / "posts"
    posts.mkdir(parents=True)
    (posts / "a.md").write_text("---\ntitle: 一\ndate: 2021-01-01\n---\n正文\n", encoding="utf-8")
    folder = tmp_path / "published"
    command = ["build", str(posts), "--base-url", "https://example.org/", "--output", str(folder)]
    subprocess.run([sys.executable, "-m", "feeds", *command], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    elsewhere = tmp_path / "server"
    elsewhere.mkdir()
    with web_servers.feeds_serve("--folder", folder, log=elsewhere / "log") as server:
        assert server.wait_for("/rss.xml").body == (folder / "rss.xml").read_bytes()
