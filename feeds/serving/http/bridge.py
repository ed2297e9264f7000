"""The Flask app under `feeds serve`: in comes a Request, out goes its answer, made between two events of the loop."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds import http_headers
from feeds.serving.http.limits import ConnectionLimit
from feeds.serving.http.request_head import Request

if TYPE_CHECKING:
    from flask import Flask

LOG = logging.getLogger("feeds.serving")


class Answer(NamedTuple):
    """An answer: `status` with its phrase, headers without Date and Connection, the body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Bridge:
    """The app, its supervisor and what counts its answers."""

    def __init__(self, app: Flask, max_connections: int) -> None:
        self.app, self.connections = app, ConnectionLimit(max_connections)
        self.supervisor = app.extensions["feeds"]
        metrics = app.extensions["feeds-metrics"]
        self.seen = metrics.seen if metrics is not None else None

    def respond(self, request: Request, client: str) -> Answer:
        """The app's answer."""
        start: list[Any] = []

        def start_response(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: object = None,  # noqa: ARG001  part of the protocol
        ) -> Callable[[bytes], None]:
            start[:] = [status, headers]
            return lambda _: None

        try:
            body = b"".join(self.app(environ(request, client), start_response))
        except Exception:
            LOG.exception("internal error while answering %s %r", request.method, request.target)
            return plain("500 Internal Server Error", "Internal error; try again soon.")
        return Answer(start[0], start[1], b"" if request.method == "HEAD" else body)


def plain(status: str, text: str) -> Answer:
    """An answer of one sentence."""
    body = f"{text}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", http_headers.FEED_POLICY),
        *http_headers.COMMON_HEADERS,
    ]
    return Answer(status, headers, body)


def environ(request: Request, client: str) -> dict[str, Any]:
    """A WSGI environ (PEP 3333) with no body."""
    result: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "RAW_URI": request.target,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.fields.items():
        # A name with "_" could pass for one with "-".
        if "_" in name or name in ("content-length", "transfer-encoding"):
            continue
        key = name.upper().replace("-", "_")
        result[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return result
