"""One build and one packing as a child process: in comes a pickled Job, out go an exit code and a line of JSON.

So neither shares the interpreter's lock, the memory or a crash with the server that asked. Its standard input belongs
to its parent: nobody else may write it.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feeds.errors import ExitCode, FeedsError
from feeds.settings import Settings


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: build with `settings` where there are any, then pack what lies in `folder` into `store`."""

    folder: Path
    store: Path
    settings: Settings | None = None


def main() -> int:
    """Do the job; the exit code is that of `feeds build`."""
    job = pickle.load(sys.stdin.buffer)  # noqa: S301  written by our own parent process
    # The server's answers come first.
    os.nice(19)
    if hasattr(os, "SCHED_BATCH"):
        # Linux then never lets a build that wakes up take the processor from an answer that is being made.
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    code = ExitCode.DONE
    told: dict[str, object] = {}
    try:
        if job.settings is not None:
            code, told["problems"] = _build(job.settings)
        told["generation"] = _pack(job)
    except FeedsError as error:
        code = error.exit_code
        told["error"] = str(error)
    except OSError as error:
        code = ExitCode.MACHINE_REFUSED
        told["error"] = f"the machine said no: {error}"
    print(json.dumps(told))  # noqa: T201  the parent reads it
    return code


def _build(settings: Settings) -> tuple[ExitCode, int]:
    from feeds.build import run

    outcome = run.publish(settings, _now())
    problems = outcome.built.publication.problems
    return outcome.exit_code, sum(one.severity == "error" for one in problems)


def _pack(job: Job) -> int:
    from feeds.serving import store as pack

    try:
        return pack.write(job.folder, job.store).generation
    except pack.DamagedError as error:
        raise FeedsError(f"the generation is not whole: {error}", where=str(job.folder)) from error


def _now() -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC).replace(microsecond=0)


if __name__ == "__main__":
    sys.exit(main())
