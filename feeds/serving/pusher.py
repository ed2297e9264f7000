"""The server's own sender: a thread that has the outbox sent in the background whenever something in it is due.

In come settings as they are at the moment, out go child processes, one at a time. Requests never wait for it.
"""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from feeds.serving.child import child_environment, interpreter
from feeds.serving.push_job import SECONDS
from feeds.settings import Settings
from feeds.state_folder import outbox_is_due

LOG = logging.getLogger("feeds.serving")

_LOOK_SECONDS = 1.0
#: A hub fetches a feed as soon as it is told: by then every worker process must serve the new one.
_SETTLE_SECONDS = 2.0
#: How much longer than its own bound a child may take before it is ended.
_GRACE_SECONDS = 15.0


class Pusher:
    """Sends until `stop` is set. `settings` gives those in force; the calling process leads."""

    def __init__(self, settings: Callable[[], Settings | None], stop: threading.Event) -> None:
        self._settings, self._stop = settings, stop
        self._failures: dict[str, str] = {}

    def run(self) -> None:
        """Look and send, for the target of a thread."""
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                settings = self._settings()
                if settings is not None and outbox_is_due(str(settings.state), time.time() - _SETTLE_SECONDS):
                    self._tell(self._send(settings))
            except Exception:
                LOG.exception("internal error while hubs were told; trying again")
                self._stop.wait(60)

    def _send(self, settings: Settings) -> dict[str, Any]:
        """Have a child send what is due; what it said, nothing if it was ended."""
        process = subprocess.Popen(
            [interpreter(), "-P", "-m", "feeds.serving.push_job"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env=child_environment(),
        )  # fmt: skip
        end = time.monotonic() + SECONDS + _GRACE_SECONDS
        data: bytes | None = pickle.dumps(settings)
        while True:
            try:
                out, errors = process.communicate(data, timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                data = None
                if self._stop.is_set() or time.monotonic() > end:
                    process.kill()
        if process.returncode != 0:
            if not self._stop.is_set():
                last = errors.decode(errors="replace").strip().rpartition("\n")[2]
                LOG.error("the process that tells hubs ended with exit code %d: %s", process.returncode, last)
                self._stop.wait(60)
            return {}
        with suppress(ValueError):
            facts = json.loads(out)
            return facts if isinstance(facts, dict) else {}
        return {}

    def _tell(self, facts: dict[str, Any]) -> None:
        """Each failure to the log once, until it changes."""
        if facts.get("sent"):
            LOG.info("hubs and search engines told of %d changes", facts["sent"])
        failures = dict(facts.get("failures") or {})
        for url, why in failures.items():
            if self._failures.get(url) != why:
                LOG.warning("%s was not told of changes: %s; trying again later", url, why)
        self._failures = failures
        if facts.get("given_up"):
            LOG.error("%d messages to hubs were given up: nobody took them", facts["given_up"])
        if facts.get("unwritten"):
            LOG.error("the outbox cannot be written: %s", facts["unwritten"])
            self._stop.wait(60)
