"""Where the server listens: in come options, out go sockets; and what systemd is told."""

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


def listening(options: ServerOptions) -> list[socket.socket]:
    """Bound sockets: those that systemd hands over, a unix socket, or host and port, of which a name may have several
    addresses. Raises FeedsError.
    """
    handed = _activated()
    if handed:
        return handed
    where = str(options.socket) if options.socket is not None else f"{options.host}:{options.port}"
    try:
        listeners = [_unix_socket(options.socket)] if options.socket is not None else _bound(options.host, options.port)
    except OSError as error:
        fix = "name another --host or --port" if options.socket is None else "name another --socket, in a folder that is there"
        raise FeedsError(f"cannot listen: {error.strerror or error}", where=where, fix=fix) from error
    for listener in listeners:
        listener.set_inheritable(True)
    return listeners


def _bound(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of a host; one that this machine does not have (IPv6 is off) is left out if others are
    there. Port 0 is the same free port for all. Raises OSError.
    """
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    addresses = {each[4]: each[0] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)}
    listeners: list[socket.socket] = []
    refused: OSError | None = None
    for address, family in addresses.items():
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and len(addresses) > 1:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address[0], listeners[0].getsockname()[1] if listeners else port, *address[2:]))
        except OSError as error:
            listener.close()
            refused = error
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue
            for other in listeners:
                other.close()
            raise
        listeners.append(listener)
    if not listeners and refused is not None:
        raise refused
    return listeners


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


def _activated() -> list[socket.socket]:
    """The sockets that systemd opened for this service, one for each ListenStream (sd_listen_fds(3)); none without it."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or not os.environ.get("LISTEN_FDS", "").isdecimal():
        return []
    first = 3
    listeners = [socket.socket(fileno=number) for number in range(first, first + int(os.environ["LISTEN_FDS"]))]
    for listener in listeners:
        listener.set_inheritable(True)
    return listeners


def notify(state: str) -> None:
    """Tell systemd about the service (sd_notify(3)), e.g. "READY=1"; nothing without NOTIFY_SOCKET."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link, suppress(OSError):
        link.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)
