"""Several workers: in come uvicorn's configuration and a listening socket, out go processes that are kept alive.

SIGHUP is passed on, for a new build: it restarts nobody.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from uvicorn.supervisors.multiprocess import Multiprocess


class Workers(Multiprocess):
    """uvicorn's supervisor, but for what SIGHUP means."""

    def handle_hup(self) -> None:
        """Have the worker that leads build anew; the others reopen their log."""
        for process in self.processes:
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGHUP)
