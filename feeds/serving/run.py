"""`feeds serve`: in come settings and an address, a production server runs until it is told to end.

uvicorn listens, counts its workers and ends gracefully; `connection` answers. Chosen on measured figures, which
docs/benchmarks.md tells.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from feeds.errors import ExitCode, FeedsError, SettingsError
from feeds.settings import Settings

LOG = logging.getLogger("feeds.serving")
_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Task:
    """What each worker serves; pickled to it."""

    settings: Settings | None
    folder: Path | None
    metrics_path: str | None
    access_log: str | None

    def __call__(self) -> object:
        """The app of one worker, with its keeper at work and its signals set."""
        from feeds.serving.app import create_app
        from feeds.serving.connection import Bridge

        start_logging()
        app = create_app(
            self.settings,
            folder=self.folder,
            metrics_path=self.metrics_path,
            access_log=self.access_log,
            wait_seconds=0,
        )
        supervisor, observer = app.extensions["feeds"], app.extensions["feeds-observer"]

        def again() -> None:
            LOG.info("told to build anew")
            if observer is not None:
                observer.reopen()
            supervisor.rebuild()

        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, again)
        return Bridge(app)


def start_logging() -> None:
    """One line for each thing worth knowing, on standard error."""
    level = os.environ.get("FEEDS_LOG_LEVEL", "INFO").upper()
    level = level if level in logging.getLevelNamesMapping() else "INFO"
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    # uvicorn tells of its own life, and of every request that is no HTTP: neither is news to an operator.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)


def serve(
    settings: Settings | None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    folder: Path | None = None,
    metrics_path: str | None = None,
    access_log: str | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP builds anew. `port` 0 takes a free one and says which.

    Raises SettingsError for an address that is none, FeedsError for one that cannot be had.
    """
    mistakes = []
    if not 0 <= port <= 65_535:
        mistakes.append(f"--port: {port} is no port; expected 0 to 65535")
    if not 1 <= workers <= 256:
        mistakes.append(f"--workers: {workers} is out of range; expected 1 to 256")
    if metrics_path is not None and not metrics_path.startswith("/"):
        mistakes.append(f"--metrics-path: {metrics_path!r} is no path; expected one with a slash before it, as /metrics")
    if mistakes:
        raise SettingsError(tuple(mistakes))
    start_logging()
    listener = _listen(host, port)
    task = Task(settings, folder.absolute() if folder is not None else None, metrics_path, access_log)
    from uvicorn import Config, Server

    from feeds.serving.connection import Connection

    config = Config(
        task,
        factory=True,
        http=Connection,
        loop="asyncio",
        lifespan="off",
        ws="none",
        interface="asgi3",
        workers=workers,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        backlog=2048,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    address = listener.getsockname()
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]
    LOG.info("listening on http://%s:%d/", shown, address[1])
    with listener:
        if workers > 1:
            from feeds.serving.workers import Workers

            Workers(config, sockets=[listener]).run()
            return ExitCode.DONE
        server = Server(config)
        # uvicorn ends gracefully and then raises the signal once more, by which it would not have ended well.
        signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            pass
    return ExitCode.DONE


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises FeedsError where the address cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        made = socket.socket(found[0], socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(found[4])
    except OSError as error:
        what = f"cannot listen: {error.strerror or error}"
        raise FeedsError(what, where=f"{host}:{port}", mend="name another --host or --port") from error
    made.set_inheritable(True)
    return made
