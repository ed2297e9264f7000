"""Where the server listens: in come options, out goes a socket; and what systemd is told."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path

from feeds.errors import FeedsError
from feeds.serving.options import ServerOptions


def shown(listener: socket.socket) -> str:
    """The address of a socket, for the log."""
    address = listener.getsockname()
    if isinstance(address, str | bytes):
        return f"unix:{os.fsdecode(address)}"
    return f"http://{f'[{address[0]}]' if ':' in address[0] else address[0]}:{address[1]}/"


def listening(options: ServerOptions) -> socket.socket:
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
            result = socket.getaddrinfo(host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            listener = socket.socket(result[0], socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(result[4])
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
