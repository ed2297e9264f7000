"""Several workers: in come uvicorn's configuration and a listening socket, out go processes that are kept alive.

SIGHUP is passed on, for a new build: it restarts nobody.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from socket import socket

from uvicorn.config import STARTUP_FAILURE
from uvicorn.server import Server
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from feeds import system
from feeds.serving.http.listen import notify
from feeds.serving.http.server import HttpServer


class Worker(Process):
    """A worker process with our server."""

    @property
    def server(self) -> Server:
        """Made in the worker, when it is first asked for."""
        if self._server is None:
            self._server = HttpServer(self.config)
        return self._server

    def target(self, sockets: list[socket] | None = None) -> None:
        """Serve, in the worker, and write its counts and end its build in the end.

        When all requests are answered, uvicorn raises the signal that ended it once more, which would kill the process.
        """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        super().target(sockets)


class Workers(Multiprocess):
    """uvicorn's supervisor with our workers, and with another meaning of SIGHUP."""

    def init_processes(self) -> None:
        """Start the workers."""
        self.processes = [self._started() for _ in range(self.processes_num)]
        notify("READY=1")

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have ended or hang; give up where one cannot start."""
        system.reap_orphans(leaders=True)
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set() or worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:
                self.should_exit.set()
                return
            self.processes[place] = self._started()

    def terminate_all(self) -> None:
        """End the workers, and tell systemd."""
        notify("STOPPING=1")
        super().terminate_all()

    def _started(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        worker.start()
        return worker

    def _send(self, sign: int) -> None:
        for worker in self.processes:
            if worker.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, sign)

    def handle_hup(self) -> None:
        """Have the worker that leads read the settings again and build; the others reopen their log."""
        self._send(signal.SIGHUP)

    def handle_usr1(self) -> None:
        """Have every worker reopen its access log."""
        self._send(signal.SIGUSR1)

    def handle_ttin(self) -> None:
        """The number of workers is a setting."""

    def handle_ttou(self) -> None:
        """The number of workers is a setting."""
