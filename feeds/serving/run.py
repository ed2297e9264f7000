"""`feeds serve`: in come settings and an address, a production server runs until it is told to end.

uvicorn listens, counts its workers and ends gracefully; `connection` answers. Chosen on measured figures, which
docs/benchmarks.md tells.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feeds.errors import ExitCode, FeedsError
from feeds.serving.options import ServerOptions
from feeds.serving.supervisor import Reread
from feeds.settings import Settings

LOG = logging.getLogger("feeds.serving")
_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Task:
    """What each worker serves; pickled to it."""

    settings: Settings | None
    folder: Path | None
    options: ServerOptions
    reread: Reread | None

    def __call__(self) -> object:
        """The app of one worker, with its supervisor at work and its signals set."""
        from feeds.serving.app import create_app
        from feeds.serving.bridge import Bridge
        from feeds.serving.limits import raise_file_limit

        start_logging(self.options.log_format)
        _end_with_parent()
        app = create_app(self.settings, folder=self.folder, options=self.options, wait_seconds=0, reread=self.reread)
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
        return Bridge(app, raise_file_limit(self.options.max_connections))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (RFC 3339), level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a traceback is one more field."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_logging(log_format: str = "text") -> None:
    """One line for each thing worth knowing, on standard error."""
    level = os.environ.get("FEEDS_LOG_LEVEL", "INFO").upper()
    level = level if level in logging.getLevelNamesMapping() else "INFO"
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    logging.basicConfig(level=level, handlers=[handler])
    # uvicorn tells of its own life, and of every request that is not HTTP: neither is news to an operator.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)


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


def serve(settings: Settings | None, *, options: ServerOptions, folder: Path | None = None, reread: Reread | None = None) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP reads the settings again and rebuilds.

    Raises FeedsError for an address that cannot be had.
    """
    start_logging(options.log_format)
    if settings is not None:
        LOG.info("settings: %s", settings.config or "no feeds.toml; flags and environment alone")
        _refuse_other_site(settings)
    listener = _listen(options)
    task = Task(settings, folder.absolute() if folder is not None else None, options, reread)
    from uvicorn import Config

    from feeds.serving.connection import Connection
    from feeds.serving.http_server import ACCEPTED_AT_ONCE, BACKLOG, HttpServer

    config = Config(
        task,
        factory=True,
        http=Connection,
        loop="asyncio",
        lifespan="off",
        ws="none",
        interface="asgi3",
        workers=options.workers,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    LOG.info("listening on %s", _shown(listener))
    listener.listen(BACKLOG)
    notify("READY=1")
    with listener:
        if options.workers > 1:
            from feeds.serving.workers import Workers

            Workers(config, sockets=[listener]).run()
            return ExitCode.DONE
        server = HttpServer(config)
        # uvicorn ends gracefully and then raises the signal once more, by which it would not have ended well.
        signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            pass
    return ExitCode.DONE


def _refuse_other_site(settings: Settings) -> None:
    from feeds.serving.supervisor import check_state

    check_state(settings)


def _shown(listener: socket.socket) -> str:
    address = listener.getsockname()
    if isinstance(address, str | bytes):
        return f"unix:{os.fsdecode(address)}"
    return f"http://{f'[{address[0]}]' if ':' in address[0] else address[0]}:{address[1]}/"


def _listen(options: ServerOptions) -> socket.socket:
    """A bound socket: one that systemd hands over, a unix socket, or host and port. Raises FeedsError."""
    handed = _activated()
    if handed is not None:
        return handed
    where = str(options.socket) if options.socket is not None else f"{options.host}:{options.port}"
    try:
        if options.socket is not None:
            listener = _unix_socket(options.socket)
        else:
            host = options.host[1:-1] if options.host.startswith("[") and options.host.endswith("]") else options.host
            found = socket.getaddrinfo(host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            listener = socket.socket(found[0], socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(found[4])
    except OSError as error:
        raise FeedsError(f"cannot listen: {error.strerror or error}", where=where, fix="name another --host or --port") from error
    listener.set_inheritable(True)
    return listener


def _unix_socket(path: Path) -> socket.socket:
    """A unix socket that the web server's group may use; a socket that nobody listens on any more is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                path.unlink(missing_ok=True)
            else:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    listener.bind(str(path))
    path.chmod(0o660)
    return listener


def _activated() -> socket.socket | None:
    """The socket that systemd opened for this service (sd_listen_fds(3)); None if there is none."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or not os.environ.get("LISTEN_FDS", "").isdecimal():
        return None
    if int(os.environ["LISTEN_FDS"]) < 1:
        return None
    listener = socket.socket(fileno=3)
    listener.set_inheritable(True)
    return listener


def notify(state: str) -> None:
    """Tell systemd about the service (sd_notify(3)), e.g. "READY=1"; nothing without NOTIFY_SOCKET."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link, suppress(OSError):
        link.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)
