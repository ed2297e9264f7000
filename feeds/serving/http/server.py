"""uvicorn's server as we run it: connections that the kernel has taken are answered before it ends; no flood of tracebacks."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import socket
import time
from typing import Any

from uvicorn.config import Config
from uvicorn.server import Server

from feeds.serving.http.listen import notify

LOG = logging.getLogger("feeds.serving")
#: Connections that wait in the kernel.
BACKLOG = 2_048
#: Connections that are accepted at a time: asyncio opens them all before the first is looked at.
ACCEPTED_AT_ONCE = 8
_COMPLAINT_SECONDS = 60.0


class HttpServer(Server):
    """A server on sockets that listen already. `config.backlog` is how many connections are accepted at a time."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._complained_at = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        asyncio.get_running_loop().set_exception_handler(self._fault)
        await super().startup(sockets)
        for each in sockets or []:
            # uvicorn gave the kernel the same bound as asyncio.
            each.listen(BACKLOG)
        if multiprocessing.parent_process() is None:
            notify("READY=1")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take up what waits in the kernel, where it would be reset, then end."""
        if multiprocessing.parent_process() is None:
            notify("STOPPING=1")
        waiting = [each.dup() for each in sockets or []]
        for server in self.servers:
            server.close()
        for listener in waiting:
            with listener:
                await self._take_up(listener)
        await super().shutdown(sockets)

    async def _take_up(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        for _ in range(BACKLOG):
            try:
                accepted, _address = listener.accept()
            except OSError:
                return
            accepted.setblocking(False)
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, accepted)

    def _protocol(self) -> asyncio.Protocol:
        result: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        return result

    def _fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "out of system resource" not in str(context.get("message")):
            loop.default_exception_handler(context)
        elif time.monotonic() - self._complained_at > _COMPLAINT_SECONDS:
            self._complained_at = time.monotonic()
            LOG.warning("no more connections can be accepted: %s", context.get("exception"))
