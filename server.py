"""The Flask app: in come HTTP requests, out go the feeds of one generation, and everything around them.

`create_app(settings)` for embedding; `app` for `gunicorn server:app` and `flask --app server run`, which take their settings
from feeds.toml and FEEDS_* variables. Documents are answered by feeds.serving.front before Flask is asked.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request

from feeds import delivery
from feeds.serving.front import Front, respond
from feeds.serving.keeper import Keeper
from feeds.serving.snapshot import wsgi
from feeds.settings import Settings

#: Seconds after which a reader may ask again, before the first generation is there.
RETRY_SECONDS = 10


def create_app(
    settings: Settings | None = None, *, folder: Path | None = None, metrics_path: str | None = None, access_log: str | None = None
) -> Flask:
    """The app that builds from `settings`, or serves what another process publishes into `folder`."""
    keeper = Keeper(settings=settings, folder=folder) if folder is None else Keeper(folder=folder)
    app = Flask("feeds-server", static_folder=None)
    app.extensions["feeds"] = keeper
    app.url_map.merge_slashes = False
    seen = None
    if metrics_path or access_log:
        from feeds.serving.observe import Observer

        observer = Observer(keeper, access_log)
        seen = observer.seen
        if metrics_path:
            app.add_url_rule(metrics_path, "metrics", observer.metrics)
        app.after_request(observer.seen_flask)
    _routes(app, keeper)
    app.wsgi_app = Front(app.wsgi_app, keeper.current, seen)  # type: ignore[method-assign]
    keeper.start()
    return app


def _routes(app: Flask, keeper: Keeper) -> None:
    @app.get("/healthz")
    def health() -> Response:
        """Whether there is something to serve, how old it is, and what became of the last build."""
        return _health(keeper)

    @app.route("/", defaults={"path": ""}, methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
    @app.route("/<path:path>", methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
    def other(path: str) -> Response:  # noqa: ARG001  the table knows paths as they came
        """All that is no document of the table."""
        return _other(keeper)

    @app.after_request
    def common(response: Response) -> Response:
        for name, value in delivery.COMMON:
            response.headers.setdefault(name, value)
        return response

    @app.errorhandler(404)
    def missing(_: Exception) -> Response:
        return _plain(404, "There is no such feed here.")

    @app.errorhandler(405)
    def not_allowed(_: Exception) -> Response:
        return _not_allowed()


def _other(keeper: Keeper) -> Response:
    """OPTIONS, negotiation, what has moved or gone, and what never was."""
    snapshot = keeper.current()
    path = request.environ["PATH_INFO"]
    if request.method == "OPTIONS":
        response = Response(status=204)
        response.headers.extend([("Allow", delivery.ALLOW), *delivery.PREFLIGHT])
        return response
    if snapshot is None:
        response = _plain(503, "The feeds are being made; ask again soon.")
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        response.headers["Cache-Control"] = "no-store"
        return response
    known = path in snapshot.documents or path in snapshot.redirects or path in snapshot.gone
    if request.method not in ("GET", "HEAD"):
        return _not_allowed() if known or path.endswith("/feed") else _plain(404, "There is no such feed here.")
    if path in snapshot.gone:
        return _lasting(_plain(410, "This feed has ended."), snapshot.control)
    if path in snapshot.redirects:
        response = _plain(301 if path not in _folders(snapshot) else 308, "This has moved for good.")
        response.headers["Location"] = snapshot.redirects[path]
        return _lasting(response, snapshot.control)
    negotiated = _negotiated(snapshot, path)
    return negotiated if negotiated is not None else _plain(404, "There is no such feed here.")


def _folders(snapshot: Any) -> set[str]:
    return {key[:-1] for key in snapshot.documents if key.endswith("/")}


def _negotiated(snapshot: Any, path: str) -> Response | None:
    """`…/feed`: the format that the reader likes best, under the URL of that format (NEG-1 … NEG-4)."""
    if not path.endswith("/feed"):
        return None
    base = wsgi(urlsplit(snapshot.manifest.base_url).path)
    folder = path[: -len("feed")]
    if not folder.startswith(base):
        return None
    below = folder[len(base) :].encode("latin-1").decode("utf-8", "replace")
    formats = {
        one.format: document
        for where, one in snapshot.manifest.documents.items()
        if where.rpartition("/")[0] == below.rstrip("/") and one.format in ("rss", "atom", "json", "html")
        and (document := snapshot.documents.get(wsgi(urlsplit(snapshot.manifest.base_url).path + where))) is not None
    }  # fmt: skip
    if not set(formats) & {"rss", "atom", "json"}:
        return None
    mode = request.headers.get("Sec-Fetch-Mode")
    name = delivery.negotiate(request.headers.get("Accept"), formats.keys(), mode)
    document = formats.get(name) or next(iter(formats.values()))
    own = next((url for relation, url, _ in document.facts.links if relation == "self"), snapshot.manifest.base_url)
    vary = "Accept, Accept-Encoding, Sec-Fetch-Mode" if mode is not None else "Accept, Accept-Encoding, Sec-Fetch-Mode"
    status, headers, body = respond(
        snapshot, document, request.method, request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"),
        request.headers.get("Accept-Encoding", ""), request.headers.get("If-Match"), time.time(),
        more=[("Content-Location", own)], vary=vary,
    )  # fmt: skip
    response = Response(body, status=status)
    response.headers.clear()
    response.headers.extend(headers)
    return response


def _health(keeper: Keeper) -> Response:
    snapshot, status = keeper.current(), keeper.status
    facts: dict[str, Any] = {
        "status": "starting" if snapshot is None else "degraded" if status.error else "ok",
        "last_build": {"exit_code": status.code, "error": _without_paths(status.error), "problems": status.problems},
    }
    if snapshot is not None:
        known = snapshot.manifest
        facts |= {
            "generation": known.generation,
            "revision": known.revision,
            "documents": len(known.documents),
            "problems": known.problems,
            "age_seconds": max(0, int((datetime.now(UTC) - known.as_of).total_seconds())),
            "loaded_seconds_ago": max(0, int(time.time() - snapshot.loaded_at)),
        }
    response = jsonify(facts)
    response.status_code = 200 if snapshot is not None else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def _without_paths(text: str) -> str:
    """The sentence without the machine's paths: whoever asks for health need not know them."""
    import re

    return re.sub(r"(?<![\w.])/[^\s:;,)]+", "…", text)


def _plain(status: int, text: str) -> Response:
    response = Response(text + "\n", status=status, mimetype="text/plain")
    response.headers["Content-Security-Policy"] = delivery.DOCUMENT_POLICY
    if status == 404:
        response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _lasting(response: Response, control: str) -> Response:
    response.headers["Cache-Control"] = control
    return response


def _not_allowed() -> Response:
    response = _plain(405, "Feeds are read with GET or HEAD.")
    response.headers["Allow"] = delivery.ALLOW
    return response


def _from_environment() -> Flask:
    """The app as FEEDS_* variables and feeds.toml describe it."""
    from feeds.errors import FeedsError
    from feeds.settings import load

    logging.basicConfig(level=os.environ.get("FEEDS_LOG_LEVEL", "INFO").upper(), format="%(levelname)s %(name)s: %(message)s")
    folder = os.environ.get("FEEDS_SERVE_FOLDER")
    options = {"metrics_path": os.environ.get("FEEDS_METRICS_PATH"), "access_log": os.environ.get("FEEDS_ACCESS_LOG")}
    if folder:
        return create_app(folder=Path(folder).absolute(), **options)
    try:
        return create_app(load(environ=os.environ, flags={}, cwd=Path.cwd()), **options)
    except FeedsError as error:
        raise SystemExit(f"feeds: {error}") from None


def __getattr__(name: str) -> Flask:
    """`server.app`, made when a WSGI server first asks for it (PEP 562)."""
    if name not in ("app", "application"):
        raise AttributeError(f"module 'server' has no attribute {name!r}")
    app = _from_environment()
    globals().update(app=app, application=app)
    return app
