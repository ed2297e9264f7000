"""The server as readers meet it: a real process, real sockets, a folder of posts that changes."""

from __future__ import annotations

import functools
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import web_servers

ROOT = Path(__file__).parents[1]
BASE = "/blog/"


class Server:
    """`feeds serve` on a folder of posts."""

    def __init__(self, site: Path) -> None:
        self.site, self.port = site, web_servers.free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
        self.log = (site / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "feeds", "serve", "posts", "--base-url", f"https://example.org{BASE}", "--port", str(self.port)],
            cwd=site, env={**environ, "PYTHONPATH": str(ROOT)}, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = link.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            link.close()

    def log_text(self) -> str:
        return (self.site / "server.log").read_text(errors="replace")

    def until(self, condition: Callable[[], object]) -> None:
        web_servers.until(condition, log=self.log_text)

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
        # Brotli may come a moment after the rest.
        made.until(lambda: made.ask(f"{BASE}rss.xml", Accept_Encoding="br")[1].get("content-encoding") == "br")
        yield made
    finally:
        web_servers.stop(made.process)
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
TYPES = {
    "rss.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json",
    "feeds.opml": "text/x-opml; charset=utf-8",
}


class Row(NamedTuple):
    """A request for a document, and what has to come back.

    In `request` and `headers`, `{etag}`, `{gzip_etag}`, `{last_modified}` … stand for the document's own values. A header's
    value is a pattern for the whole of it, "" says that the header is absent. `body` is "document", "gzip" (the document, packed),
    "empty" or "any".
    """

    rule: str
    request: Mapping[str, str] = {}
    status: int = 200
    headers: Mapping[str, str] = {}
    body: str = "document"
    method: str = "GET"


SAME = {name: f"{{{name.replace('-', '_')}}}" for name in ("etag", "last-modified", "cache-control", "vary")}
GZIP = {"content-encoding": "gzip", "etag": "{gzip_etag}"}
NOT_PACKED = {"content-encoding": "", "etag": "{etag}"}
NOT_STORED = {"cache-control": "no-store"}


def _not_modified(rule: str, **request: str) -> Row:
    return Row(rule, request, 304, SAME, "empty")


#: RFC 9110, RFC 9111 and docs/spec.md, a row for each rule and each form of it.
CONTRACT = (
    Row("HTTP-1 entity tag", headers={"etag": r'"[\w-]{20,}"'}),
    Row("HTTP-1 varies by coding alone", headers={"vary": "Accept-Encoding"}),
    Row("HTTP-1 names itself", headers={"link": '.*rel="self".*'}),
    Row("HTTP-1 no cookie", headers={"set-cookie": "", "expires": ""}),
    Row("HTTP-1 length", headers={"content-length": "{length}"}),
    Row("HTTP-15 freshness", headers={"cache-control": r"public, max-age=\d+, stale-while-revalidate=\d+, stale-if-error=\d+"}),
    Row("HTTP-23 any origin may read", headers={"access-control-allow-origin": r"\*"}),
    Row("HTTP-24 nothing is sniffed", headers={"x-content-type-options": "nosniff"}),
    Row("HTTP-24 nothing runs", headers={"content-security-policy": "default-src 'none'.*"}),
    Row("HTTP-25 media type", headers={"content-type": "{type}.*"}),
    Row("HTTP-2 HEAD", headers={**SAME, "content-length": "{length}", "content-type": "{type}.*"}, body="empty", method="HEAD"),
    _not_modified("HTTP-2 HEAD with a condition", If_None_Match="{etag}")._replace(method="HEAD"),
    _not_modified("HTTP-3 its tag", If_None_Match="{etag}"),
    _not_modified("HTTP-3 in a list", If_None_Match='"other", {etag}'),
    _not_modified("HTTP-3 weak", If_None_Match="W/{etag}"),
    _not_modified("HTTP-3 any", If_None_Match="*"),
    _not_modified("HTTP-7 without quotes", If_None_Match="{bare_etag}"),
    _not_modified("HTTP-7 marked by a proxy", If_None_Match='"{bare_etag}-gzip"'),
    Row("HTTP-3 another tag", {"If_None_Match": '"other"'}),
    Row("HTTP-3 the tag counts, not the date", {"If_None_Match": '"other"', "If_Modified_Since": "{last_modified}"}),
    _not_modified("HTTP-4 the same instant", If_Modified_Since="{last_modified}"),
    _not_modified("HTTP-4 a later instant", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT"),
    Row("HTTP-4 an earlier instant", {"If_Modified_Since": "Mon, 01 Jan 1990 00:00:00 GMT"}),
    Row("HTTP-4 no date", {"If_Modified_Since": "yesterday"}),
    Row(
        "HTTP-23 304 to another origin", {"If_None_Match": "{etag}", "Origin": "https://reader.example"}, 304,
        {**SAME, "access-control-allow-origin": r"\*", "access-control-expose-headers": ".*ETag.*"}, "empty",
    ),
    Row("HTTP-9 another tag", {"If_Match": '"other"'}, 412, NOT_STORED, "any"),
    Row("HTTP-9 the tag of another coding", {"If_Match": "{gzip_etag}"}, 412, NOT_STORED, "any"),
    Row("HTTP-9 the tag of this coding", {"If_Match": "{gzip_etag}", "Accept_Encoding": "gzip"}, 200, GZIP, "gzip"),
    Row("HTTP-10 gzip", {"Accept_Encoding": "gzip"}, 200, GZIP, "gzip"),
    Row("HTTP-10 x-gzip", {"Accept_Encoding": "x-gzip"}, 200, GZIP, "gzip"),
    Row("HTTP-10 brotli first", {"Accept_Encoding": "br, gzip"}, 200, {"content-encoding": "br"}, "any"),
    Row("HTTP-10 no gzip", {"Accept_Encoding": "gzip;q=0"}, 200, NOT_PACKED),
    Row("HTTP-10 nothing else", {"Accept_Encoding": "*;q=0"}, 200, NOT_PACKED),
    Row("HTTP-10 unknown", {"Accept_Encoding": "zork"}, 200, NOT_PACKED),
    _not_modified("HTTP-12 the tag of the packed document", If_None_Match="{gzip_etag}", Accept_Encoding="gzip")._replace(
        headers={**SAME, "etag": "{gzip_etag}"}
    ),
    Row("HTTP-13 range", {"Range": "bytes=0-1"}),
    Row("HTTP-13 range of another unit", {"Range": "items=0-1"}),
    Row("HTTP-13 several ranges", {"Range": "bytes=0-0,5-6"}),
    Row("HTTP-27 another host", {"Host": "evil.example"}),
    Row("HTTP-14 POST", status=405, headers={"allow": ".*GET.*"}, body="any", method="POST"),
    Row("HTTP-14 PUT", status=405, headers={"allow": ".*GET.*"}, body="any", method="PUT"),
    Row("HTTP-14 DELETE", status=405, headers={"allow": ".*GET.*"}, body="any", method="DELETE"),
    Row("HTTP-14 OPTIONS", status=204, headers={"allow": ".*GET.*"}, body="empty", method="OPTIONS"),
)  # fmt: skip
#: What a 304 may carry besides, RFC 9110 section 15.4.5; the first two come from the connection.
WITH_304 = {"date", "connection", "server", "keep-alive", *SAME}


@pytest.fixture
def documents(server: Server) -> dict[str, tuple[dict[str, str], bytes]]:
    """Each document as it is sent without conditions, with what its rows refer to; asked for once in each generation."""
    return _documents(server, json.loads(server.ask("/healthz")[2])["generation"])


@functools.cache
def _documents(server: Server, _generation: int) -> dict[str, tuple[dict[str, str], bytes]]:
    result = {}
    for path in FEEDS:
        status, headers, body = server.ask(BASE + path)
        assert status == 200 and body
        facts = {name.replace("-", "_"): value for name, value in headers.items()}
        facts["bare_etag"], facts["length"] = headers["etag"].strip('"'), str(len(body))
        facts["gzip_etag"] = server.ask(BASE + path, Accept_Encoding="gzip")[1]["etag"]
        facts["type"] = TYPES.get(path.rpartition("/")[2], "text/html")
        assert facts["gzip_etag"] != headers["etag"], "HTTP-12"
        result[path] = facts, body
    return result


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("row", CONTRACT, ids=lambda row: row.rule)
def test_contract(server: Server, documents: dict[str, tuple[dict[str, str], bytes]], path: str, row: Row) -> None:
    """Every document, every rule; Accept-Encoding is absent unless the row names it."""
    facts, document = documents[path]
    request = {name: value.format_map(facts) for name, value in row.request.items()}
    status, headers, body = server.ask(BASE + path, row.method, **request)
    assert status == row.status
    quoted = {name: re.escape(value) for name, value in facts.items()}
    for name, value in row.headers.items():
        pattern = re.sub(r"\{([a-z]\w*)\}", lambda match: quoted[match[1]], value)
        assert re.fullmatch(pattern, headers.get(name, "")), (name, pattern, headers.get(name))
    if row.body != "any":
        assert (gzip.decompress(body) if row.body == "gzip" else body) == (b"" if row.body == "empty" else document)
    if status == 304 and "Origin" not in row.request:
        assert headers.keys() <= WITH_304


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("query", ["_=123", "null"])
def test_an_unknown_query_changes_nothing(server: Server, documents: dict[str, Any], path: str, query: str) -> None:
    """HTTP-17: some readers add one to get past caches."""
    status, headers, body = server.ask(f"{BASE}{path}?{query}")
    assert (status, headers["etag"], body) == (200, documents[path][0]["etag"], documents[path][1])


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


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/plain; charset=utf-8"), ("", "text/plain; charset=utf-8"),
        ("application/rss+xml, application/atom+xml;q=0.8, text/html;q=0.5", "text/plain; charset=utf-8"),
    ],
)  # fmt: skip
def test_a_browser_gets_a_page_where_there_is_nothing(server: Server, accept: str, kind: str) -> None:
    """A reader of feeds gets a sentence; a cache keeps them apart, and neither for long."""
    for path in ("nothing", "category/nothing/rss.xml", "x/y/z/"):
        status, headers, body = server.ask(BASE + path, Accept=accept)
        assert (status, headers["content-type"], headers["vary"]) == (404, kind, "Accept")
        assert headers["cache-control"] == "public, max-age=60" and "etag" not in headers
        assert (b"/blog/rss.xml" in body) == kind.startswith("text/html")
        assert server.ask(BASE + path, "HEAD", Accept=accept)[1]["content-length"] == str(len(body))
    assert server.ask(f"{BASE}nothing", "POST", Accept=accept)[0] == 404


def test_health_names_no_path(server: Server) -> None:
    """/healthz says how things are, and no secret."""
    status, _, body = server.ask("/healthz")
    parsed = json.loads(body)
    assert status == 200 and parsed["generation"] >= 1
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
    server.process.send_signal(signal.SIGHUP)
    server.until(lambda: json.loads(server.ask("/healthz")[2])["status"] == "degraded")
    assert "新的" in server.items() and server.ask(f"{BASE}rss.xml")[0] == 200
    away.rename(server.site / "posts")
    (server.site / "posts/newer.md").write_text("---\ntitle: 更新的\ndate: 2021-02-02\n---\nx")
    server.process.send_signal(signal.SIGHUP)
    server.until(lambda: "更新的" in server.items())
    server.until(lambda: json.loads(server.ask("/healthz")[2])["status"] == "ok")


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
