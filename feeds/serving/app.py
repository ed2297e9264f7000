"""The Flask app: serves the feeds of one generation, and everything around them.

`create_app(settings)` is for embedding; `from_environment()` makes the app that WSGI servers import from `server.py`.
Documents are answered by feeds.serving.middleware before Flask is asked.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from feeds import system
from feeds.serving import views
from feeds.serving.metrics import AnsweredRequest, Metrics
from feeds.serving.middleware import FeedsMiddleware
from feeds.serving.options import ServerOptions, options_from
from feeds.serving.prometheus import CONTENT_TYPE, exposition
from feeds.serving.supervisor import Reread, Supervisor
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
    options: ServerOptions | None = None,
    wait_seconds: float = FIRST_SECONDS,
    reread: Reread | None = None,
    preview_of: Path | None = None,
) -> Flask:
    """The app that builds the feeds of `settings` beside the requests, or serves what is published in `folder`.

    Without both, everything comes from feeds.toml and FEEDS_* variables (`from_environment`). Waits at most
    `wait_seconds` for the first generation; until there is one, every answer is 503. `reread` reads the settings again
    when feeds.toml changes. `preview_of` is the folder that subscribers have, for a preview (`feeds.serving.preview`).
    Raises FeedsError.
    """
    if settings is None and folder is None:
        return from_environment()
    options = (options or ServerOptions()).checked(builds=settings is not None)
    supervisor = Supervisor(settings=settings, folder=folder, reread=reread, published=preview_of, options=options)
    app = Flask("feeds-server", static_folder=None)
    app.extensions["feeds"] = supervisor
    app.url_map.merge_slashes = False
    metrics = Metrics(supervisor, options.access_log) if options.metrics_path or options.access_log else None
    app.extensions["feeds-metrics"] = metrics
    _routes(app, supervisor)
    if metrics is not None:
        _observe(app, metrics, options.metrics_path)
    seen = metrics.seen if metrics is not None else None
    app.wsgi_app = FeedsMiddleware(IgnoreHostMiddleware(app.wsgi_app), supervisor.current, seen)  # type: ignore[method-assign]
    supervisor.start()
    if metrics is not None:
        system.after_fork(metrics.restart)
    system.after_fork(supervisor.restart)
    supervisor.ready.wait(wait_seconds)
    return app


class IgnoreHostMiddleware:
    """Takes the Host header from a request: no answer may depend on it, or a shared cache could be poisoned."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_HOST"] = "feeds.invalid"
        if not environ["PATH_INFO"]:
            # Mounted at a prefix and asked without a slash: Flask would redirect to the host above.
            environ["PATH_INFO"], environ["feeds.bare"] = "/", True
        return self.app(environ, start_response)


def _routes(app: Flask, supervisor: Supervisor) -> None:
    app.register_blueprint(blueprint("feeds", supervisor))

    @app.route("/healthz", methods=views.METHODS, provide_automatic_options=False)
    @views.read_only
    def health() -> Response:
        """Whether there is something to serve, how old it is, and how the last build ended."""
        return views.health(supervisor)

    @app.route("/livez", methods=views.METHODS, provide_automatic_options=False)
    @views.read_only
    def live() -> Response:
        """The process answers."""
        return views.live()

    @app.route("/readyz", methods=views.METHODS, provide_automatic_options=False)
    @views.read_only
    def ready() -> Response:
        """There is a generation to serve."""
        return views.ready(supervisor)

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

        @app.route(metrics_path, methods=views.METHODS, provide_automatic_options=False)
        @views.read_only
        def metrics() -> Response:
            """The counters of all workers, for Prometheus."""
            response = Response(exposition(observer), content_type=CONTENT_TYPE)
            response.headers["Cache-Control"] = "no-store"
            return response

    @app.after_request
    def seen(response: Response) -> Response:
        length = response.content_length or 0
        agent, begun = request.headers.get("User-Agent", ""), request.environ.get("feeds.begun") or time.perf_counter()
        seconds = time.perf_counter() - begun
        format = getattr(response, "feeds_format", "")
        observer.seen(
            AnsweredRequest(request.method, views.requested_path(), response.status_code, format, length, agent, seconds)
        )
        return response


def from_environment() -> Flask:
    """The app as FEEDS_* variables and feeds.toml describe it; FEEDS_SERVE_FOLDER serves a folder and builds nothing.

    Raises FeedsError with a sentence if the settings are wrong: a WSGI server then ends instead of trying again.
    """
    from feeds.serving.logs import start_logging

    options = options_from(os.environ)
    start_logging(options.log_format)
    folder = os.environ.get("FEEDS_SERVE_FOLDER")
    if folder:
        return create_app(folder=Path(folder).absolute(), options=options)
    return create_app(environment_settings(), options=options, reread=environment_settings)


def check_environment() -> None:
    """Read what `from_environment` reads, and make nothing. Raises SettingsError."""
    options = options_from(os.environ)
    if os.environ.get("FEEDS_SERVE_FOLDER"):
        options.checked(builds=False)
    else:
        environment_settings()


def environment_settings() -> Settings:
    """The settings of feeds.toml and FEEDS_* variables. Raises SettingsError."""
    from feeds.settings import load

    return load(environ=os.environ, flags={}, cwd=Path.cwd())
