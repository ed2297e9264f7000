"""HTTP under `feeds serve`: in come the bytes of a connection, out go answers; a request seen before is one look-up.

uvicorn's own protocol reads whatever is not plainly a whole, simple GET or HEAD, so that nothing here interprets a
doubtful byte. Every other request goes through `Bridge` to the Flask app. Slow and silent clients are cut off.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from h11 import LocalProtocolError
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from feeds import http_headers
from feeds.serving.middleware import answer
from feeds.serving.responses import PHRASES, Reply, RequestHeaders

if TYPE_CHECKING:
    from flask import Flask

LOG = logging.getLogger("feeds.serving")
#: A connection on which nothing came, or nothing could be sent, for this long is closed.
IDLE_SECONDS = 30.0
_LONGEST_HEAD = 8192
#: A request has no use for a body; a longer one is not read to its end.
_LONGEST_BODY_BYTES = 65_536
_LONGEST_REMEMBERED = 2048

#: A whole request with no body: no line but these, every byte of them as RFC 9112 has it, and no coded octet in the path
#: that a server might take for a separator.
_HEAD = re.compile(
    rb"(GET|HEAD) (/(?:[!$&-;=@A-Z_a-z~]|%(?!2[fF]|5[cC]|00)[0-9A-Fa-f]{2})*)(?:\?[!-~]*)? HTTP/1\.([01])\r\n"
    rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*\r\n)*)\r\n"
)
#: What makes a request not simple: a body, another protocol, an answer before it.
_DELICATE = frozenset({"content-length", "transfer-encoding", "upgrade", "expect", "te", "trailer", "http2-settings"})
_NAMES = tuple(name.replace("_", "-") for name in RequestHeaders._fields)


class Simple(NamedTuple):
    """A simple request, read."""

    method: str
    path: str
    wish: tuple[str | None, ...]
    agent: str
    closes: bool


class Remembered(NamedTuple):
    """An answer as bytes, up to its Date; with what the log wants to know."""

    head: bytes
    body: bytes
    closes: bool
    reply: Reply
    simple: Simple


def read(data: bytes) -> Simple | None:
    """The request in `data`; None where it is not a whole one, or more than one, or not plainly simple."""
    found = _HEAD.fullmatch(data) if len(data) <= _LONGEST_HEAD else None
    if found is None:
        return None
    fields: dict[str, str] = {}
    for line in found[4].decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        # A list may come in several lines (RFC 9110 section 5.3); of Host there is one.
        if name == "host" and name in fields:
            return None
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    if not _DELICATE.isdisjoint(fields) or ("host" not in fields and found[3] == b"1"):
        return None
    connection = fields.get("connection", "").lower()
    if connection not in ("", "keep-alive", "close"):
        return None
    # A connection of HTTP/1.0 ends with its answer, whatever the client would like (RFC 9112 section 9.3 allows it).
    closes = connection == "close" or found[3] == b"0"
    path = unquote_to_bytes(found[2]).decode("latin-1")
    return Simple(found[1].decode(), path, tuple(map(fields.get, _NAMES)), fields.get("user-agent", ""), closes)


class Connection(H11Protocol):
    """One connection. Simple requests for documents are answered here; the first other one hands it to uvicorn."""

    _date = b""
    _second = 0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        bridge = config.loaded_app
        assert isinstance(bridge, Bridge)  # noqa: S101  run.py gives nothing else
        self._current, self._seen = bridge.supervisor.current, bridge.seen
        self._handed_over = False
        self._heard = 0.0
        self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to listen."""
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._timer = self.loop.call_later(IDLE_SECONDS, self._check)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer at once, or hand the connection over."""
        self._heard = self.loop.time()
        if not self._handed_over:
            if self._answer(data):
                return
            self._handed_over = True
        super().data_received(data)

    def _answer(self, data: bytes) -> bool:
        snapshot = self._current()
        if snapshot is None or self.transport.get_write_buffer_size():
            return False
        now = time.time()
        snapshot.refresh_if_due(now)
        found: Remembered | None = snapshot.answers.get(data)
        if found is None:
            simple = read(data)
            if simple is None:
                return False
            made = answer(snapshot, simple.method, simple.path, simple.wish, now)
            if made is None:
                return False
            found = Remembered(_head(made, closes=simple.closes), made.body, simple.closes, made, simple)
            if len(data) <= _LONGEST_REMEMBERED and (simple.path, simple.method, simple.wish) in snapshot.answers:
                snapshot.remember(data, found, len(made.body))
        second = int(now)
        if second != Connection._second:
            Connection._date = f"{http_headers.http_date(second)}\r\n\r\n".encode()
            Connection._second = second
        if found.body:
            self.transport.writelines((found.head, Connection._date, found.body))
        else:
            self.transport.write(found.head + Connection._date)
        self._heard = self.loop.time()
        self.server_state.total_requests += 1
        if self._seen is not None:
            made, simple = found.reply, found.simple
            self._seen(simple.method, simple.path, made.status, made.format, len(made.body), simple.agent)
        if found.closes:
            self.transport.close()
        return True

    def _check(self) -> None:
        """Close a connection that only takes up room; look again later at one that does not."""
        if self.transport.is_closing() and not self.transport.get_write_buffer_size():
            return
        unsent = self.transport.get_write_buffer_size()
        silent = self.loop.time() - self._heard
        if unsent and unsent == self._unsent:
            self.transport.abort()
            return
        if not unsent and silent >= IDLE_SECONDS and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()
            return
        self._unsent = unsent
        self._timer = self.loop.call_later(IDLE_SECONDS if unsent else max(1.0, IDLE_SECONDS - silent), self._check)


def _head(made: Reply, *, closes: bool) -> bytes:
    lines = [f"HTTP/1.1 {PHRASES[made.status]}", *(f"{name}: {value}" for name, value in made.headers)]
    if closes:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\nDate: ").encode("latin-1")


class Bridge:
    """The Flask app as an ASGI app. Its answers are look-ups, so that they are made between two events of the loop."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.supervisor = app.extensions["feeds"]
        observer = app.extensions["feeds-metrics"]
        self.seen = observer.seen if observer is not None else None

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        start: list[Any] = []

        def start_response(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: object = None,  # noqa: ARG001  part of the protocol
        ) -> Callable[[bytes], None]:
            start[:] = [int(status[:3]), headers]
            return lambda _: None

        try:
            body = b"".join(self.app(environ(scope), start_response))
        except Exception:
            LOG.exception("a fault of this program while it answered %s %r", scope["method"], scope["path"])
            start[:], body = [500, [("Content-Type", "text/plain"), ("Content-Length", "0")]], b""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in start[1]]
        headers.append((b"date", http_headers.http_date(int(time.time())).encode()))
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        if has_body and not await _discarded(receive):
            headers.append((b"connection", b"close"))
        # Where a client broke the protocol after its head was read, uvicorn has answered, and closes.
        with suppress(LocalProtocolError):
            await send({"type": "http.response.start", "status": start[0], "headers": headers})
            await send({"type": "http.response.body", "body": body})


async def _discarded(receive: Callable[[], Awaitable[Any]]) -> bool:
    """Read a request's body to its end and forget it: a proxy that is still sending loses the answer. False if it is long."""
    read_bytes = 0
    while read_bytes <= _LONGEST_BODY_BYTES:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return bool(message["type"] == "http.request")
        read_bytes += len(message.get("body", b""))
    return False


def environ(scope: MutableMapping[str, Any]) -> dict[str, Any]:
    """A WSGI environ (PEP 3333) for an ASGI scope, with no body."""
    raw: bytes = scope.get("raw_path") or b"/"
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
        "RAW_URI": raw.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if b"_" in name:
            # A name with "_" could pass for one with "-".
            continue
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.decode("latin-1")
        made[key] = f"{made[key]}, {text}" if key in made else text
    made.pop("CONTENT_LENGTH", None)
    return made
