"""The Flask app: serves the feeds of one generation, and everything around them.

`create_app(settings)` is for embedding; `from_environment()` makes the app that WSGI servers import from `server.py`.
Documents are answered by feeds.serving.middleware before Flask is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from feeds.serving import views
from feeds.serving.metrics import Metrics
from feeds.serving.middleware import FeedsMiddleware
from feeds.serving.supervisor import Supervisor
from feeds.serving.views import blueprint
from feeds.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: How long `create_app` waits for a first generation: a test client or a worker that has just started finds feeds.
FIRST_SECONDS = 5.0


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
        return self.app(environ, start_response)


def _routes(app: Flask, supervisor: Supervisor) -> None:
    app.register_blueprint(blueprint("feeds", supervisor))

    @app.get("/healthz")
    def health() -> Response:
        """Whether there is something to serve, how old it is, and how the last build ended."""
        return views.health(supervisor)

    @app.errorhandler(400)
    @app.errorhandler(404)
    def missing(_: Exception) -> Response:
        return views.with_common_headers(views.missing())

    @app.errorhandler(405)
    def not_allowed(_: Exception) -> Response:
        return views.with_common_headers(views.not_allowed())

    @app.errorhandler(500)
    def broken(_: Exception) -> Response:
        return views.with_common_headers(views.unavailable("Internal error; try again soon."))


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
        path, agent = views.requested_path(), request.headers.get("User-Agent", "")
        observer.seen(request.method, path, response.status_code, "", length, agent)
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
