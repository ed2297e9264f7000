"""How many connections there may be at a time, and the open files that they need."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Protocol

LOG = logging.getLogger("feeds.serving")
#: Open files besides connections: the pack, logs, libraries, the pipes of a build, connections that are being accepted.
RESERVED_FILES = 64


class OpenConnection(Protocol):
    """A connection that counts. `last_at` is when it last did something, on the event loop's clock."""

    last_at: float
    transport: asyncio.Transport

    def unsent_bytes(self) -> int:
        """What its client has not taken yet."""


class ConnectionLimit:
    """At most `bound` connections: one more closes the one that was idle longest."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self._open: set[OpenConnection] = set()
        #: In the order of the instants noted here; a connection may have been active since.
        self._noted: deque[tuple[float, OpenConnection]] = deque()

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: OpenConnection) -> None:
        """Let a connection in."""
        if len(self._open) >= self.bound:
            self._close_oldest()
        self._open.add(connection)
        self._noted.append((connection.last_at, connection))
        if len(self._noted) > 2 * self.bound + 64:
            self._noted = deque(noted for noted in self._noted if noted[1] in self._open)

    def leave(self, connection: OpenConnection) -> None:
        """A connection is closed."""
        self._open.discard(connection)

    def _close_oldest(self) -> None:
        for _ in range(2 * len(self._noted)):
            noted_at, connection = self._noted.popleft()
            if connection not in self._open:
                continue
            if connection.last_at > noted_at:
                self._noted.append((connection.last_at, connection))
                continue
            break
        else:
            return
        self._open.discard(connection)
        if connection.unsent_bytes():
            connection.transport.abort()
        else:
            connection.transport.close()


def raise_file_limit(connections: int) -> int:
    """Raise the soft limit of open files for so many connections, up to the hard limit; how many there may then be."""
    try:
        import resource
    except ImportError:
        return connections
    wanted = connections + RESERVED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        except (OSError, ValueError):
            soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    possible = connections if soft == resource.RLIM_INFINITY else max(16, min(connections, soft - RESERVED_FILES))
    if possible < connections:
        LOG.warning(
            "%d connections at a time instead of %d: the limit of open files is %d (ulimit -n, LimitNOFILE=)",
            possible, connections, soft,
        )  # fmt: skip
    return possible
