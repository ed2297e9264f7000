"""One build as a child process: in come pickled settings on standard input, out goes an exit code and one line of JSON.

So a build shares no interpreter lock, no memory and no crash with the server that asked for it.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from datetime import UTC, datetime

from feeds.errors import FeedsError


def main() -> int:
    """Build and publish once, into the folder that the settings name."""
    settings = pickle.load(sys.stdin.buffer)  # noqa: S301  written by our own parent process
    # A build must not slow the answers of the server beside it.
    os.nice(5)
    from feeds import run

    try:
        outcome = run.publish(settings, _now())
    except FeedsError as error:
        print(json.dumps({"error": str(error)}))  # noqa: T201
        return error.exit_code
    problems = outcome.built.publication.problems
    print(json.dumps({"problems": sum(one.severity == "error" for one in problems), "changed": len(outcome.switched.changed)}))  # noqa: T201
    return outcome.exit_code


def _now() -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)


if __name__ == "__main__":
    sys.exit(main())
