"""HTTP/1.1 as `feeds serve` speaks it, byte by byte: what is answered, and how connections begin, wait and end."""

from __future__ import annotations

import asyncio
import re
import resource
import socket
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import web_servers
from generations import BASE, Generations, site
from web_servers import Server

from feeds.serving.http.bridge import Bridge
from feeds.serving.http.connection import Connection
from feeds.serving.http.limits import ConnectionLimit
from feeds.serving.http.request_head import BadRequestError, incomplete, parse

FOLDER = "category/ga\u0308ste/"  # decomposed; published composed
COMPOSED = unicodedata.normalize("NFC", FOLDER)
DOCUMENTS = {**site(), f"{COMPOSED}rss.xml": b"<rss>1</rss>", f"{COMPOSED}index.html": b"<p>1</p>"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Generations:
    generations = Generations(tmp_path_factory.mktemp("published"))
    generations.publish(DOCUMENTS, moved={"old.xml": f"{BASE}rss.xml"}, retired=("ended.xml",))
    return generations


@pytest.fixture(scope="module")
def server(folder: Generations, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    arguments = ("--folder", folder.folder, "--metrics-path", "/metrics")
    with web_servers.feeds_serve(*arguments, log=tmp_path_factory.mktemp("work") / "log") as made:
        made.wait_for("/rss.xml")
        yield made


def head_of(answer: bytes) -> tuple[int, dict[str, str]]:
    """Status and header of the first answer."""
    first, *lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition(": ")
        fields[name.lower()] = value
    assert first.startswith("HTTP/1.1 "), answer[:80]
    return int(first.split()[1]), fields


GOOD = (
    b"GET http://example.org/rss.xml HTTP/1.1\r\nHost: other\r\n",
    b"GET HTTPS://example.org:8443/rss.xml?x HTTP/1.1\r\nHost: other\r\n",
    b"\r\nGET /rss.xml HTTP/1.1\r\nHost: a\r\n",
    b"\r\n\r\n\r\nGET /rss.xml HTTP/1.1\r\nHost: a\r\n",
    b"GET /rss.xml HTTP/1.1\r\nhost:a\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: \r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: [::1]:8000\r\nX-Odd: \xff\t x\r\n",
    b"GET /rss.xml HTTP/1.0\r\n",
    b"GET /rss.xml HTTP/1.9\r\nHost: a\r\n",
    b"GET /rss.xml?%zz&\xe6\x8a\x80 HTTP/1.1\r\nHost: a\r\n",
    b"GET /%72ss.xml HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n",
)


@pytest.mark.parametrize("request_head", GOOD)
def test_forms_of_a_request_that_must_be_understood(server: Server, request_head: bytes) -> None:
    """RFC 9112 §2.2, §3.2.2, §2.5; bytes of UTF-8 in a target as nginx takes them."""
    ending = b"\r\n" if b"Upgrade" in request_head else b"Connection: close\r\n\r\n"
    status, _ = head_of(server.raw(request_head + ending, enough=b"\r\n\r\n"))
    assert status == 200


@pytest.mark.parametrize("path", ["category/技术/rss.xml", "entry/一 个/index.html"])
def test_a_path_in_its_own_script(server: Server, path: str) -> None:
    """As it is, in UTF-8, or coded."""
    raw = path.encode().replace(b" ", b"%20")
    status, _ = head_of(server.raw(b"GET /" + raw + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
    assert status == 200 == server.ask("/" + quote(path)).status


BAD = (
    (400, b"GET rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET  /rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET /rss.xml\r\n\r\n"),
    (400, b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET ftp://a/rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET http:///rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET http://user:word@a/rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET http://:80/rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a b/c@d\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nName : x\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\nHost: a\n\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    (400, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nX:" + b" " * 15_000 + b"\0\r\n\r\n"),
    (400, b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"),
    (400, b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
    (400, b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n"),
    (400, b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    (400, b"\x16\x03\x01\x02\x00\x01"),
    (400, b"\0"),
    (414, b"GET /" + b"a" * 200_000),
    (414, b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    (431, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 200_000),
    (431, b"GET /rss.xml HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200 + b"\r\n"),
    (501, b"get /rss.xml HTTP/1.1\r\nHost: a\r\n\r\n"),
    (501, b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
    (505, b"GET /rss.xml HTTP/2.0\r\nHost: a\r\n\r\n"),
    (505, b"GET /rss.xml HTTP/0.9\r\n\r\n"),
    (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
)


@pytest.mark.parametrize(("status", "data"), BAD, ids=range(len(BAD)))
def test_a_bad_request_is_answered_before_the_connection_closes(server: Server, status: int, data: bytes) -> None:
    """With the header that every answer has, Connection: close among it, and without a reset that would lose the answer."""
    answer = server.raw(data)
    told, fields = head_of(answer)
    assert told == status and answer.count(b"HTTP/1.1 ") == 1
    assert fields["connection"] == "close" and fields["date"]
    assert fields["x-content-type-options"] == "nosniff" and fields["access-control-allow-origin"] == "*"
    body = answer.partition(b"\r\n\r\n")[2]
    assert len(body) == int(fields["content-length"]) > 0


def test_protocol_errors_are_counted(server: Server) -> None:
    """They would otherwise be in no log and no metric."""
    server.raw(b"GET /rss.xml HTTP/2.0\r\nHost: a\r\n\r\n")
    assert re.search(r'status="505"', server.ask("/metrics").body.decode())


@pytest.mark.parametrize("size", [1, 60_000])
def test_a_short_body_is_read_and_the_connection_goes_on(server: Server, size: int) -> None:
    """The answer comes after the body, in whatever pieces that arrives."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        link.sendall(b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * (size - 1))
        link.settimeout(0.3)
        with pytest.raises(TimeoutError):
            link.recv(1)
        link.settimeout(60)
        link.sendall(b"xGET /small.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got = b""
        while chunk := link.recv(65536):
            got += chunk
    assert got.startswith(b"HTTP/1.1 405 ") and got.endswith(b"\r\n\r\n<a/>") and got.count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 3000000\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 10\r\nExpect: 100-continue\r\n"],
)
def test_a_body_that_is_not_read_ends_the_connection_after_the_answer(server: Server, head: bytes) -> None:
    """The answer arrives although the client goes on sending; what it sends is never taken for a request."""
    answer = server.raw(
        b"POST /rss.xml HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n" + b"GET /rss.xml HTTP/1.1\r\nHost: a\r\n\r\n" * 40_000
    )
    status, fields = head_of(answer)
    assert status == 405 and fields["connection"] == "close" and answer.count(b"HTTP/1.1 ") == 1
    assert "GET" in fields["allow"]


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/livez", "/readyz"])
def test_paths_of_the_server_itself_allow_what_they_say(server: Server, path: str) -> None:
    """405 with Allow (RFC 9110 §15.5.6)."""
    for method in ("POST", "PUT", "DELETE", "TRACE", "PATCH"):
        answer = server.ask(path, method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS"), method
    assert server.ask(path, method="OPTIONS").status == 204
    assert server.ask(path, method="HEAD").body == b""
    assert server.ask(path).headers["x-content-type-options"] == "nosniff"


def test_other_spellings_of_an_address_lead_to_it(server: Server) -> None:
    """`/feed/` as WordPress has it, a page without its slash, names that macOS has decomposed."""
    for path, target in (
        ("feed/", "feed"),
        ("category/技术/feed/", "category/技术/feed"),
        ("category/技术", "category/技术/"),
        (f"{FOLDER}rss.xml", f"{COMPOSED}rss.xml"),
        (FOLDER, COMPOSED),
        (FOLDER.rstrip("/"), COMPOSED),
        (f"{FOLDER}feed", f"{COMPOSED}feed"),
    ):
        answer = server.ask("/" + quote(path))
        assert (answer.status, answer.headers.get("location")) == (301, BASE + quote(target)), path
        assert server.ask("/" + quote(target)).status == 200
    for path in ("nothing/", "feed//", "rss.xml/", "rss.xml//", "%ff/", "x/feed/"):
        assert server.ask(f"/{path}").status == 404
    assert server.ask("/ended.xml", method="POST").status == 405


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    """Whole ones, halves, and a client that does not read for a while."""
    asked = b"GET /rss.xml HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" * 1500
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as link:
        link.setblocking(False)
        rest, got = memoryview(asked + b"GET /small.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), b""
        while True:
            if rest:
                with suppress(BlockingIOError):
                    rest = rest[link.send(rest[:50_001]) :]
            try:
                chunk = link.recv(1 << 20)
            except BlockingIOError:
                time.sleep(0.001)
                continue
            if not chunk:
                break
            got += chunk
    assert got.count(b"HTTP/1.1 200") == 1501 and got.count(b"HTTP/1.1 404") == 1500 and got.endswith(b"<a/>")
    assert re.sub(rb".*?HTTP/1\.1 (\d\d\d)", rb"\1 ", got[: 40 * 4000], flags=re.DOTALL).startswith(b"200 404 200 404")


def _answered_paths(chunks: Iterable[tuple[int, bytes]], expected: int) -> list[str]:
    """The paths in the order in which two connections of one loop are answered; `chunks` are sent by number of connection."""
    paths: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        paths.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Length", "0")])
        return []

    async def serve() -> None:
        bridge = Bridge.__new__(Bridge)
        bridge.app, bridge.connections, bridge.seen = app, ConnectionLimit(9), None  # type: ignore[assignment]
        bridge.supervisor = SimpleNamespace(current=lambda: None)
        config, state = SimpleNamespace(loaded_app=bridge), SimpleNamespace(connections=set(), total_requests=0)
        loop, pairs = asyncio.get_running_loop(), [socket.socketpair() for _ in range(2)]
        for _, near in pairs:
            await loop.connect_accepted_socket(lambda: Connection(config, state, {}), near)  # type: ignore[arg-type]
        for number, chunk in chunks:
            pairs[number][0].sendall(chunk)
            if len(chunk) == 1:
                await asyncio.sleep(0)
        while len(paths) < expected:
            await asyncio.sleep(0)
        for far, _ in pairs:
            far.close()
        while state.connections:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(serve(), 30))
    return paths


def test_a_connection_that_asks_much_at_once_does_not_keep_others_waiting() -> None:
    """They are answered in between, and all of its requests in their order."""
    many = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(200))
    paths = _answered_paths([(0, many), (1, b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n")], 201)
    assert paths.index("/other") < 30
    assert [path for path in paths if path != "/other"] == [f"/{number}" for number in range(200)]


def test_the_head_is_read_once_while_its_body_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small they are; what follows the body is the next request."""
    heads: list[bytes] = []
    monkeypatch.setattr("feeds.serving.http.connection.parse", lambda head: heads.append(head) or parse(head))
    data = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n" + b"x" * 50 + b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"
    paths = _answered_paths(((0, data[at : at + 1]) for at in range(len(data))), 2)
    assert paths == ["/a", "/b"] and len(heads) <= 3


def test_http_1_0_is_closed_after_its_answer(server: Server) -> None:
    """Also where the client asks to keep it: it would wait for the end otherwise."""
    for path in (b"/rss.xml", b"/nothing"):
        answer = server.raw(b"GET " + path + b" HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert head_of(answer)[1]["connection"] == "close"


def test_the_oldest_idle_connection_goes_where_there_are_too_many(folder: Generations, tmp_path: Path) -> None:
    """At a limit of 128 open files: new clients are answered, busy connections stay, the log stays short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    stack = ExitStack()
    try:
        server = stack.enter_context(
            web_servers.feeds_serve("--folder", folder.folder, "--max-connections", "50", log=tmp_path / "log")
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    with stack:
        server.wait_for("/rss.xml")
        busy = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        first = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        for _ in range(400):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            busy.sendall(b"GET /small.xml HTTP/1.1\r\nHost: a\r\n\r\n")
            assert busy.recv(65536).startswith(b"HTTP/1.1 200")
            assert server.ask("/rss.xml").status == 200
        assert first.recv(1) == b"", "it was idle for longest"
        assert "Traceback" not in server.log_text() and len(server.log_text()) < 5_000


def test_the_soft_limit_of_open_files_is_raised(folder: Generations, tmp_path: Path) -> None:
    """A shell's usual 1,024 is not the bound."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with web_servers.feeds_serve("--folder", folder.folder, "--max-connections", "700", log=tmp_path / "log") as server:
            server.wait_for("/rss.xml")
            limits = Path(f"/proc/{server.pid}/limits").read_text()
            assert int(re.search(r"Max open files\s+(\d+)", limits)[1]) >= 764  # type: ignore[index]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class _Link:
    """A connection as ConnectionLimit sees it."""

    def __init__(self, last_at: float, unsent: int = 0) -> None:
        self.last_at, self.unsent, self.ended = last_at, unsent, ""
        self.transport = self

    def unsent_bytes(self) -> int:
        return self.unsent

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"


def test_room_closes_the_one_that_was_idle_longest() -> None:
    """By when each last did something, not by when it came."""
    limit = ConnectionLimit(3)
    links = [_Link(1.0), _Link(2.0), _Link(3.0)]
    for link in links:
        limit.enter(link)  # type: ignore[arg-type]
    links[0].last_at = 5.0
    for now in (6.0, 7.0):
        limit.enter(_Link(now))  # type: ignore[arg-type]
    assert [link.ended for link in links] == ["", "closed", "closed"] and len(limit) == 3
    for now in range(10, 5_000):
        passing = _Link(float(now))
        limit.enter(passing)  # type: ignore[arg-type]
        limit.leave(passing)  # type: ignore[arg-type]
    assert len(limit._noted) < 100


@pytest.mark.parametrize("data", [data for _, data in BAD if b"\r\n\r\n" in data])
def test_a_request_in_pieces_is_read_like_a_whole_one(data: bytes) -> None:
    """No prefix of a request is refused for another reason than the request itself; none of a good one is refused."""
    whole = data[: data.index(b"\r\n\r\n") + 4]
    try:
        parse(whole)
    except BadRequestError as error:
        wrong = error.status
    else:
        pytest.skip("the fault lies behind the head")
    for end in range(1, min(len(whole), 400)):
        with suppress(BadRequestError):
            incomplete(whole[:end])
            continue
        with pytest.raises(BadRequestError) as refused:
            incomplete(whole[:end])
        assert refused.value.status == wrong


def test_no_prefix_of_a_good_request_is_refused() -> None:
    for head in GOOD:
        whole = head.lstrip(b"\r\n") + b"\r\n"
        for end in range(1, len(whole) - 3):
            incomplete(whole[:end])
        parse(whole)
