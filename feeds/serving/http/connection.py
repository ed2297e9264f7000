"""HTTP under `feeds serve`: in come the bytes of a connection, out go answers; a request seen before is one look-up.

Documents are answered from the snapshot, everything else by the Flask app. An answer after which the connection ends
says so. Slow and silent clients are cut off, and where there are too many connections, the one that was idle longest.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import Any, NamedTuple

from uvicorn.config import Config
from uvicorn.server import ServerState

from feeds import http_headers
from feeds.serving.http.bridge import Answer, Bridge, plain
from feeds.serving.http.request_head import BadRequestError, Request, incomplete, parse
from feeds.serving.metrics import AnsweredRequest
from feeds.serving.middleware import answer
from feeds.serving.responses import PHRASES, Reply, RequestHeaders

#: A connection on which nothing came, no whole request came, or nothing could be sent for this long is closed.
IDLE_SECONDS = 30.0
#: After a last answer, what a client is still sending is read for this long: else the answer would be lost on its way.
LINGER_SECONDS = 2.0
#: A request has no use for a body; a longer one is not read to its end.
_LONGEST_BODY_BYTES = 65_536
_LONGEST_LINGER_BYTES = 4_000_000
_LONGEST_REMEMBERED = 2048
#: Requests of one connection that are answered before other connections have their turn.
_REQUESTS_AT_ONCE = 8
_NAMES = tuple(name.replace("_", "-") for name in RequestHeaders._fields)


class Remembered(NamedTuple):
    """An answer as bytes, up to its Date; with what the log wants to know."""

    head: bytes
    body: bytes
    closes: bool
    reply: Reply
    request: Request


class Connection(asyncio.Protocol):
    """One connection."""

    _date = b""
    _second = 0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002  uvicorn gives it
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        bridge = config.loaded_app
        assert isinstance(bridge, Bridge)  # noqa: S101  run.py gives nothing else
        self.bridge, self.state = bridge, server_state
        self._current, self._seen = bridge.supervisor.current, bridge.seen
        self.loop = _loop or asyncio.get_running_loop()
        self.transport: asyncio.Transport
        self._buffer = bytearray()
        self._client = ""
        self._begun = 0.0
        self.last_at = 0.0
        self._paused = self._ending = self._lingering = self._answered = self._waiting = False
        self._unsent = self._lingered_bytes = self._needed_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    # asyncio's events

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen; where there are too many, the connection that was idle longest goes."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  a stream
        self.transport = transport
        peer = transport.get_extra_info("peername")
        self._client = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        self.last_at = self.loop.time()
        self._timer = self.loop.call_later(IDLE_SECONDS, self._check)
        self.state.connections.add(self)  # type: ignore[arg-type]
        self.bridge.connections.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  it does not matter why
        """Let go of everything."""
        if self._timer is not None:
            self._timer.cancel()
        self.state.connections.discard(self)
        self.bridge.connections.leave(self)

    def data_received(self, data: bytes) -> None:
        """Answer what has come whole."""
        if self._lingering:
            self._lingered_bytes += len(data)
            if self._lingered_bytes > _LONGEST_LINGER_BYTES:
                self.transport.abort()
            return
        if self._seen is not None:
            self._begun = time.perf_counter()
        if not self._buffer and not self._paused and self._answer_remembered(data):
            return
        if not self._buffer:
            self.last_at = self.loop.time()
        self._buffer += data
        self._process()

    def eof_received(self) -> bool:
        """The client sends no more; what it has asked for is still answered."""
        return self._paused and bool(self._buffer)

    def pause_writing(self) -> None:
        """The client does not keep up: what it asked for besides waits."""
        self._paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._paused = False
        self._continue()

    def shutdown(self) -> None:
        """The server ends: an idle connection too; one whose request has not come yet is answered first."""
        self._ending = True
        if self._answered and not self._buffer and not self.unsent_bytes():
            self.transport.close()
        else:
            self.loop.call_later(LINGER_SECONDS, self.transport.close)

    # requests

    def _answer_remembered(self, data: bytes) -> bool:
        """Answer bytes that are one whole request which came before."""
        snapshot = self._current()
        if snapshot is None or self._ending:
            return False
        snapshot.refresh_if_due(time.time())
        remembered: Remembered | None = snapshot.answers.get(data)
        if remembered is None:
            return False
        self._send_remembered(remembered)
        return True

    def _send_remembered(self, remembered: Remembered) -> None:
        self._write(remembered.head, remembered.body)
        if self._seen is not None:
            reply, request = remembered.reply, remembered.request
            agent, seconds = request.fields.get("user-agent", ""), time.perf_counter() - self._begun
            self._seen(AnsweredRequest(request.method, request.path, reply.status, reply.format, len(reply.body), agent, seconds))
        if remembered.closes:
            self.transport.close()

    def _continue(self) -> None:
        """Answer what has waited in the buffer, and read on once nothing is waiting."""
        self._waiting = False
        if not self._paused:
            self._process()
        if not (self._paused or self._waiting):
            self.transport.resume_reading()

    def _process(self) -> None:
        """Answer the whole requests in the buffer, in their order; after some, other connections have their turn."""
        answered = 0
        try:
            while len(self._buffer) > self._needed_bytes and not (
                self._paused or self._waiting or self._lingering or self.transport.is_closing()
            ):
                if answered == _REQUESTS_AT_ONCE:
                    self._waiting = True
                    self.transport.pause_reading()
                    self.loop.call_soon(self._continue)
                    return
                # An empty line before a request is not part of it (RFC 9112 section 2.2).
                while self._buffer.startswith(b"\r\n"):
                    del self._buffer[:2]
                if bytes(self._buffer[:2]) in (b"", b"\r"):
                    return
                end = self._buffer.find(b"\r\n\r\n") + 4
                if end < 4:
                    incomplete(bytes(self._buffer))
                    return
                head = bytes(self._buffer[:end])
                request = parse(head)
                body = request.body_bytes
                unread = body is None or body > _LONGEST_BODY_BYTES or (body > 0 and "expect" in request.fields)
                if not unread and len(self._buffer) < end + (body or 0):
                    self._needed_bytes = end + (body or 0) - 1
                    return
                self._needed_bytes = 0
                del self._buffer[: end + (body or 0)]
                self._answer(head, request, unread=unread)
                self.last_at = self.loop.time()
                answered += 1
        except BadRequestError as error:
            self._refuse(error)

    def _answer(self, head: bytes, request: Request, *, unread: bool) -> None:
        """Answer one request. `unread`: its body is still to come, and is not waited for."""
        closes = request.closes or unread or self._ending
        snapshot, now = self._current(), time.time()
        if snapshot is not None and not (request.has_coded_separator or unread or snapshot.is_view(request.query)):
            snapshot.refresh_if_due(now)
            values = tuple(map(request.fields.get, _NAMES))
            reply = answer(snapshot, request.method, request.path, values, now)
            if reply is not None:
                remembered = Remembered(
                    head_of(PHRASES[reply.status], reply.headers, closes=closes), reply.body, closes, reply, request
                )
                is_remembered = (request.path, request.method, values) in snapshot.answers
                if is_remembered and closes == request.closes and not request.body_bytes and len(head) <= _LONGEST_REMEMBERED:
                    snapshot.remember(head, remembered, len(reply.body))
                self._send_remembered(remembered)
                return
        # The app's own hooks count and log this one.
        result = self.bridge.respond(request, self._client)
        self._write(head_of(result.status, result.headers, closes=closes), result.body)
        if unread:
            self._linger()
        elif closes:
            self.transport.close()

    def _refuse(self, error: BadRequestError) -> None:
        """Say what is wrong with a request, and end the connection."""
        self._buffer.clear()
        result: Answer = plain(f"{error.status} {HTTPStatus(error.status).phrase}", error.text)
        self._write(head_of(result.status, result.headers, closes=True), result.body)
        if self._seen is not None:
            self._seen(AnsweredRequest("-", "-", error.status, "", len(result.body), "", 0.0))
        self._linger()

    def _write(self, head: bytes, body: bytes) -> None:
        second = int(time.time())
        if second != Connection._second:
            Connection._date = f"{http_headers.http_date(second)}\r\n\r\n".encode()
            Connection._second = second
        self.last_at = self.loop.time()
        self._answered = True
        self.state.total_requests += 1
        if body:
            self.transport.writelines((head, Connection._date, body))
        else:
            self.transport.write(head + Connection._date)

    # ends

    def _linger(self) -> None:
        """Send no more, and read what still comes: closing at once would reset the connection, and lose the answer."""
        self._lingering = True
        self._buffer.clear()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def unsent_bytes(self) -> int:
        """What the client has not taken yet of its answers."""
        return self.transport.get_write_buffer_size()

    def _check(self) -> None:
        """Close a connection that only takes up room; look again later at one that does not."""
        unsent = self.unsent_bytes()
        if self.transport.is_closing() and not unsent:
            return
        if unsent and unsent == self._unsent:
            self.transport.abort()
            return
        self._unsent = unsent
        silent = self.loop.time() - self.last_at
        if not unsent and silent >= IDLE_SECONDS:
            if self._buffer and not self._lingering:
                self._refuse(BadRequestError(408, "The request took too long."))
            else:
                self.transport.close()
            return
        self._timer = self.loop.call_later(IDLE_SECONDS if unsent else max(1.0, IDLE_SECONDS - silent), self._check)


def head_of(status: str, headers: Any, *, closes: bool) -> bytes:
    """The head of an answer up to its Date, which `_write` adds."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    if closes:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\nDate: ").encode("latin-1")
