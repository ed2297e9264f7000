"""The Flask app: serves the feeds of one generation, and everything around them.

`create_app(settings)` is for embedding; `from_environment()` makes the app that WSGI servers import from `server.py`.
Documents are answered by feeds.serving.middleware before Flask is asked.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request

from feeds import http_headers
from feeds.serving.metrics import Metrics, since
from feeds.serving.middleware import FeedsMiddleware
from feeds.serving.responses import ENVIRON, PHRASES, Headers, RequestHeaders, reply
from feeds.serving.snapshot import Document, Snapshot
from feeds.serving.store import DamagedError
from feeds.serving.supervisor import Supervisor
from feeds.settings import Settings
from feeds.urls import encode_path

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds after which a reader may ask again, before the first generation is there.
RETRY_SECONDS = 10
#: How long `create_app` waits for a first generation: a test client or a worker that has just started finds feeds.
FIRST_SECONDS = 5.0
#: How long caches keep "no such feed": a new category has one soon.
_MISSING_AGE = "public, max-age=60"
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"]


def create_app(
    settings: Settings | None = None,
    *,
    folder: Path | None = None,
    metrics_path: str | None = None,
    access_log: str | None = None,
    wait_seconds: float = FIRST_SECONDS,
) -> Flask:
    """The app that builds the feeds of `settings` beside the requests, or serves what is published in `folder`.

    `metrics_path` answers Prometheus there, `access_log` is a file or "-". Waits at most `wait_seconds` for the first
    generation; until there is one, every answer is 503. Raises ValueError without settings and folder.
    """
    supervisor = Supervisor(settings=settings, folder=folder)
    app = Flask("feeds-server", static_folder=None)
    app.extensions["feeds"] = supervisor
    app.url_map.merge_slashes = False
    observer = Metrics(supervisor, access_log) if metrics_path or access_log else None
    app.extensions["feeds-observer"] = observer
    _routes(app, supervisor)
    if observer is not None:
        _observe(app, observer, metrics_path)
    seen = observer.seen if observer is not None else None
    app.wsgi_app = FeedsMiddleware(IgnoreHostMiddleware(app.wsgi_app), supervisor.current, seen)  # type: ignore[method-assign]
    supervisor.start()
    os.register_at_fork(after_in_child=supervisor.restart)
    supervisor.ready.wait(wait_seconds)
    return app


class IgnoreHostMiddleware:
    """Takes from a request what must not reach an answer: the Host it was sent to (HTTP-27)."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_HOST"] = "feeds.invalid"
        environ["feeds.path"] = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        return self.app(environ, start_response)


def _routes(app: Flask, supervisor: Supervisor) -> None:
    @app.get("/healthz")
    def health() -> Response:
        """Whether there is something to serve, how old it is, and what became of the last build."""
        return _health(supervisor)

    @app.route("/", defaults={"path": ""}, methods=_METHODS)
    @app.route("/<path:path>", methods=_METHODS)
    def other(path: str) -> Response:  # noqa: ARG001  the path is taken as it came
        """All that the front does not answer."""
        return _other(supervisor)

    @app.after_request
    def common(response: Response) -> Response:
        """What every answer carries."""
        for name, value in http_headers.COMMON_HEADERS:
            response.headers.setdefault(name, value)
        return response

    @app.errorhandler(400)
    @app.errorhandler(404)
    def missing(_: Exception) -> Response:
        return _missing()

    @app.errorhandler(405)
    def not_allowed(_: Exception) -> Response:
        return _not_allowed()

    @app.errorhandler(500)
    def broken(_: Exception) -> Response:
        return _unavailable("Something went wrong here; ask again soon.")


def _observe(app: Flask, observer: Metrics, metrics_path: str | None) -> None:
    if metrics_path:

        @app.get(metrics_path)
        def metrics() -> Response:
            """The counters of all workers, for Prometheus."""
            response = Response(observer.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")
            response.headers["Cache-Control"] = "no-store"
            return response

    @app.after_request
    def seen(response: Response) -> Response:
        length = response.content_length or 0
        path, agent = request.environ["feeds.path"], request.headers.get("User-Agent", "")
        observer.seen(request.method, path, response.status_code, "", length, agent)
        return response


def _other(supervisor: Supervisor) -> Response:
    """OPTIONS, negotiation, what has moved or gone, and what never was."""
    snapshot = supervisor.current()
    path: str = request.environ["feeds.path"]
    if request.method == "OPTIONS":
        response = Response(status=204)
        response.headers.extend(http_headers.PREFLIGHT_HEADERS)
        return response
    if snapshot is None:
        return _unavailable("The feeds are being made; ask again soon.")
    snapshot.refresh_if_due(time.time())
    # A proxy may have taken the base URL's path away.
    root = snapshot.facts.root
    path = path if path.startswith(root) else root + path.lstrip("/")
    document = snapshot.document(path)
    offered = _offered(snapshot, path) if document is None else {}
    if request.method not in ("GET", "HEAD"):
        return _not_allowed() if document or offered or path in snapshot.facts.moved else _missing()
    if path in snapshot.facts.retired:
        return _lasting(_plain(410, "This feed has ended."), snapshot)
    if path in snapshot.facts.moved:
        return _moved(snapshot.facts.moved[path], snapshot)
    if _coded_slash():
        return _missing()
    if document is not None:
        # Below a SCRIPT_NAME, or the disk lost the body.
        return _answer(snapshot, document)
    if offered:
        return _negotiated(snapshot, offered)
    if snapshot.document(path + "/") is not None and not path.endswith("/"):
        below = path[len(snapshot.facts.root) :].encode("latin-1").decode("utf-8", "replace")
        return _moved(snapshot.facts.base_url + encode_path(below) + "/", snapshot)
    return _missing()


def _coded_slash() -> bool:
    raw = (request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "").partition("?")[0].lower()
    return any(coded in raw for coded in ("%2f", "%5c", "%00"))


def _offered(snapshot: Snapshot, path: str) -> dict[str, Document]:
    """The formats behind `…/feed`, by name; empty where the path is no such URL."""
    if not path.endswith("/feed"):
        return {}
    folder = path[: -len("feed")]
    made: dict[str, Document] = {}
    for format in (*http_headers.FEED_FORMATS, "html"):
        for file in snapshot.facts.names.get(format, ()):
            found = snapshot.document(folder + file.encode().decode("latin-1"))
            if found is not None and found.format == format:
                made.setdefault(format, found)
    return made if set(made) & set(http_headers.FEED_FORMATS) else {}


def _negotiated(snapshot: Snapshot, offered: dict[str, Document]) -> Response:
    """The format that the reader likes best, said to be the URL of that format (NEG-1 … NEG-4)."""
    types = {name: document.media_type for name, document in offered.items()}
    accept, mode = request.headers.get("Accept"), request.headers.get("Sec-Fetch-Mode")
    name = http_headers.negotiate(accept, mode, tuple(offered), types)
    document = offered[name]
    own = re.search(r'<([^>]*)>; rel="self"', document.links)
    more = (("Content-Location", own[1] if own else _address(snapshot, document)),)
    return _answer(snapshot, document, vary="Accept, Accept-Encoding, Sec-Fetch-Mode", more=more)


def _address(snapshot: Snapshot, document: Document) -> str:
    below = document.path[len(snapshot.facts.root) :].encode("latin-1").decode("utf-8", "replace")
    return snapshot.facts.base_url + encode_path(below)


def _answer(snapshot: Snapshot, document: Document, *, vary: str = "", more: Headers = ()) -> Response:
    wish = RequestHeaders(*(request.environ.get(name) for name in ENVIRON))
    try:
        found = reply(snapshot, document, request.method, wish, time.time(), vary=vary, more=more)
    except DamagedError:
        return _unavailable("This feed cannot be read just now; ask again soon.")
    response = Response(found.body, status=PHRASES[found.status])
    response.headers.clear()
    response.headers.extend(found.headers)
    return response


def _health(supervisor: Supervisor) -> Response:
    """JSON for a monitor. No path, no address, no secret: anybody may ask."""
    snapshot, status = supervisor.current(), supervisor.status
    facts: dict[str, Any] = {
        "status": "starting" if snapshot is None else "degraded" if status.error else "ok",
        "last_build": {
            "exit_code": status.code,
            "error": _without_paths(status.error) or None,
            "seconds_ago": max(0, int(time.time() - status.finished_at)) if status.finished_at else None,
        },
    }
    if snapshot is not None:
        known = snapshot.facts
        facts |= {
            "generation": known.generation,
            "revision": known.revision,
            "documents": known.documents,
            "problems": known.problems,
            "as_of": known.as_of,
            "age_seconds": max(0, int(time.time() - since(known.as_of))),
        }
    response = jsonify(facts)
    response.status_code = 200 if snapshot is not None else 503
    response.headers["Cache-Control"] = "no-store"
    if snapshot is None:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _without_paths(text: str) -> str:
    """The sentence without the machine's paths: whoever asks for health need not know them."""
    return re.sub(r"(?<![\w.])/[^\s:;,)]+", "…", text)


def _plain(status: int, text: str) -> Response:
    response = Response(text + "\n", status=status, mimetype="text/plain")
    response.headers["Content-Security-Policy"] = http_headers.FEED_POLICY
    return response


def _missing() -> Response:
    response = _plain(404, "There is no such feed here.")
    response.headers["Cache-Control"] = _MISSING_AGE
    return response


def _unavailable(text: str) -> Response:
    response = _plain(503, text)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _moved(url: str, snapshot: Snapshot) -> Response:
    """301 to an absolute URL, whatever Host was asked (HTTP-21)."""
    response = _plain(301, "This has moved for good.")
    response.headers["Location"] = url
    return _lasting(response, snapshot)


def _lasting(response: Response, snapshot: Snapshot) -> Response:
    response.headers["Cache-Control"] = snapshot.control
    return response


def _not_allowed() -> Response:
    response = _plain(405, "Feeds are read with GET or HEAD.")
    response.headers["Allow"] = http_headers.ALLOW
    return response


def from_environment() -> Flask:
    """The app as FEEDS_* variables and feeds.toml describe it; FEEDS_SERVE_FOLDER serves a folder and builds nothing.

    Raises SystemExit with a sentence where the settings are wrong.
    """
    from feeds.errors import FeedsError
    from feeds.serving.run import start_logging
    from feeds.settings import load

    start_logging()
    metrics_path, access_log = os.environ.get("FEEDS_METRICS_PATH"), os.environ.get("FEEDS_ACCESS_LOG")
    folder = os.environ.get("FEEDS_SERVE_FOLDER")
    try:
        settings = None if folder else load(environ=os.environ, flags={}, cwd=Path.cwd())
    except FeedsError as error:
        raise SystemExit(f"feeds: {error}") from None
    return create_app(
        settings, folder=Path(folder).absolute() if folder else None, metrics_path=metrics_path, access_log=access_log
    )
