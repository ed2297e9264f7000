"""The answer before Flask: in comes a WSGI request, out goes a document of the snapshot, or the question to Flask.

A request that came before is one look-up. One snapshot is chosen at the start of each request, so that body, length and
validators are always of one generation. Never raises: what it cannot answer, Flask answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from werkzeug.wsgi import ClosingIterator

from feeds.serving.metrics import AnsweredRequest
from feeds.serving.responses import ENVIRON, PHRASES, Reply, RequestHeaders, reply
from feeds.serving.snapshot import Snapshot
from feeds.serving.store import DamagedError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Current = Callable[[], Snapshot | None]
Observe = Callable[[AnsweredRequest], None]
_LONGEST_KEY = 2000


class FeedsMiddleware:
    """WSGI middleware: documents of the snapshot, everything else from `app`."""

    def __init__(self, app: WSGIApplication, current: Current, seen: Observe | None = None) -> None:
        self.app, self.current, self.seen = app, current, seen

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        begun = time.perf_counter() if self.seen is not None else 0.0
        environ["feeds.begun"] = begun
        snapshot = self.current()
        if snapshot is not None:
            get = environ.get
            path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
            view = snapshot.is_view(get("QUERY_STRING") or "")
            result = None if view else answer(snapshot, method, path, tuple(map(get, ENVIRON)), time.time())
            if result is not None and not _has_coded_slash(environ):
                if self.seen is not None:
                    seconds = time.perf_counter() - begun
                    agent = get("HTTP_USER_AGENT") or ""
                    self.seen(AnsweredRequest(method, path, result.status, result.format, len(result.body), agent, seconds))
                start_response(PHRASES[result.status], list(result.headers))
                return [result.body]
        return _never_empty(self.app(environ, start_response))


def _never_empty(parts: Iterable[bytes]) -> Iterable[bytes]:
    """The parts of a body, with an empty one if there is none: hypercorn sends the headers with the first part, or never."""
    iterator = iter(parts)
    return ClosingIterator(chain((next(iterator, b""),), iterator), getattr(parts, "close", None))


def answer(snapshot: Snapshot, method: str, path: str, values: tuple[str | None, ...], now: float) -> Reply | None:
    """The answer for a document of the snapshot; `values` are a Wish's. None where Flask has to say."""
    snapshot.refresh_if_due(now)
    key = (path, method, values)
    result: Reply | None = snapshot.answers.get(key)
    if result is not None:
        return result
    if method not in ("GET", "HEAD"):
        return None
    document = snapshot.document(path)
    if document is None:
        return None
    try:
        result = reply(snapshot, document, method, RequestHeaders(*values), now)
    except DamagedError:
        return None
    # A whole answer holds its body: large ones, parts, and dates of the future are worked out again each time.
    ordinary = result.status in (200, 226, 304) and len(result.body) < 1_000_000 and document.modified <= now
    if ordinary and sum(len(value) for value in values if value) < _LONGEST_KEY:
        snapshot.remember(key, result, len(result.body))
    return result


def _has_coded_slash(environ: WSGIEnvironment) -> bool:
    """Whether the path as it was sent holds a coded slash or backslash, where the server tells (HTTP-18)."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if "%" not in raw:
        return False
    raw = raw.partition("?")[0].lower()
    return "%2f" in raw or "%5c" in raw or "%00" in raw
