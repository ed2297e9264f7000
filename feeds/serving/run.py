"""`feeds serve`: in come settings and an address, a production server runs until it is told to end.

uvicorn listens, counts its workers and ends gracefully; `connection` answers. Chosen on measured figures, which
docs/benchmarks.md tells.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from feeds.errors import ExitCode
from feeds.pickled import PickledByName
from feeds.serving import preview as preparation
from feeds.serving.http.listen import listening, shown
from feeds.serving.logs import start_logging
from feeds.serving.options import ServerOptions
from feeds.serving.preview import Preview
from feeds.serving.supervisor import Reread
from feeds.settings import Settings

if TYPE_CHECKING:
    from uvicorn import Config

LOG = logging.getLogger("feeds.serving")
_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Task(PickledByName):
    """What each worker serves; pickled to it."""

    settings: Settings | None
    folder: Path | None
    options: ServerOptions
    reread: Reread | None
    preview: Preview | None = None

    def __call__(self) -> object:
        """The app of one worker, with its supervisor at work and its signals set."""
        from feeds.serving.app import create_app
        from feeds.serving.http.bridge import Bridge
        from feeds.serving.http.limits import raise_file_limit
        from feeds.serving.http.preview_connection import PreviewBridge

        start_logging(self.options.log_format)
        _end_with_parent()
        published = self.preview.site.output if self.preview is not None else None
        app = create_app(
            self.settings, folder=self.folder, options=self.options, wait_seconds=0, reread=self.reread, preview_of=published
        )
        supervisor, metrics = app.extensions["feeds"], app.extensions["feeds-metrics"]

        def reload() -> None:
            LOG.info("SIGHUP received: reading the settings again and rebuilding")
            if metrics is not None:
                metrics.reopen()
            supervisor.reload()

        def reopen() -> None:
            LOG.info("SIGUSR1 received: reopening the access log")
            if metrics is not None:
                metrics.reopen()

        loop = asyncio.get_running_loop()
        for name, handler in (("SIGHUP", reload), ("SIGUSR1", reopen), ("SIGUSR2", lambda: LOG.info("SIGUSR2 is ignored"))):
            if hasattr(signal, name):
                loop.add_signal_handler(getattr(signal, name), handler)
        most_connections = raise_file_limit(self.options.max_connections)
        if self.preview is None:
            return Bridge(app, most_connections)
        bridge = PreviewBridge(app, most_connections)
        bridge.begin(self.preview)
        return bridge


def _end_with_parent() -> None:
    """End this worker when its parent is killed: an orphan would keep the port."""
    import threading

    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    if multiprocessing.parent_process() is not None:
        threading.Thread(target=watch, name="feeds-parent", daemon=True).start()


def serve_preview(preview: Preview, *, options: ServerOptions, reread: Reread) -> int:
    """Serve a preview of the site for its author until SIGTERM or SIGINT. Raises FeedsError, OSError."""
    handle = preparation.prepare(preview.site)
    try:
        return serve(
            preparation.settings_of(preview.site), options=options, preview=preview,
            reread=lambda: preparation.settings_of(reread()),
        )  # fmt: skip
    finally:
        os.close(handle)


def serve(
    settings: Settings | None,
    *,
    options: ServerOptions,
    folder: Path | None = None,
    reread: Reread | None = None,
    preview: Preview | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP reads the settings again and rebuilds.

    Raises FeedsError for an address that cannot be had.
    """
    start_logging(options.log_format)
    if settings is not None:
        LOG.info("settings: %s", settings.config or "no feeds.toml; flags and environment alone")
        _refuse_other_site(settings)
    from feeds.serving.http.server import BACKLOG

    listeners = listening(options)
    config = _config(Task(settings, folder.absolute() if folder is not None else None, options, reread, preview))
    LOG.info("listening on %s", ", ".join(map(shown, listeners)))
    if preview is not None and settings is not None:
        LOG.info("preview: open %s", shown(listeners[0]).rstrip("/") + preparation.front_page(settings))
    with ExitStack() as closing:
        for listener in listeners:
            closing.enter_context(listener).listen(BACKLOG)
        if options.workers > 1:
            from feeds.serving.http.workers import Workers

            Workers(config, sockets=listeners).run()
        else:
            _run_alone(config, listeners)
    return ExitCode.DONE


def _config(task: Task) -> Config:
    """What uvicorn is told: it accepts connections and counts workers; our own classes answer."""
    from uvicorn import Config

    from feeds.serving.http.connection import Connection
    from feeds.serving.http.preview_connection import PreviewConnection
    from feeds.serving.http.server import ACCEPTED_AT_ONCE

    return Config(
        task,
        factory=True,
        http=Connection if task.preview is None else PreviewConnection,
        loop="asyncio",
        lifespan="off",
        ws="none",
        interface="asgi3",
        workers=task.options.workers,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _run_alone(config: Config, listeners: list[socket]) -> None:
    """Serve in this process, until a signal ends it."""
    from feeds.serving.http.server import HttpServer

    server = HttpServer(config)
    # Before uvicorn takes the signals this ends the process; afterwards uvicorn ends gracefully and raises the signal
    # once more, by which the process would not have ended well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run(sockets=listeners)
    except KeyboardInterrupt:
        pass
    except SystemExit as ended:
        if ended.code:
            raise


def _refuse_other_site(settings: Settings) -> None:
    from feeds.serving.server_store import check_state

    check_state(settings)
