"""Sends what waits in the outbox as a child process: in come pickled settings, out goes a line of JSON.

Its server can end it whatever a hub does, and a slow hub takes neither threads nor memory from answers.
"""

from __future__ import annotations

import json
import signal
import sys

from feeds import system
from feeds.pickled import UpgradedError, load
from feeds.push.drain import drain

#: How long one run may take; what is left is sent by the next.
SECONDS = 60.0


def main() -> int:
    """Send, and tell what came of it."""
    system.end_with_parent(signal.SIGTERM)
    try:
        settings = load(sys.stdin.buffer)
    except UpgradedError as error:
        sys.exit(str(error))
    report = drain(settings, seconds=SECONDS)
    result = {
        "sent": len(report.sent),
        "waiting": report.waiting,
        "failures": report.failures,
        "given_up": len(report.given_up),
        "unwritten": report.unwritten,
    }
    print(json.dumps(result))  # noqa: T201  the parent reads it
    return 0


if __name__ == "__main__":
    sys.exit(main())
