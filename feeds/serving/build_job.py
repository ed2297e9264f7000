"""One build and one packing as a child process: in comes a pickled Job, out go an exit code and a line of JSON.

So neither shares the interpreter's lock, the memory or a crash with the server that asked. Its standard input belongs
to its parent: nobody else may write it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import clock, http_headers, system
from feeds.errors import ExitCode, FeedsError, machine_sentence, one_line
from feeds.pickled import PickledByName, load
from feeds.settings import Settings

if TYPE_CHECKING:
    from feeds.build.run import Outcome

#: So many posts with errors are named to the server's log.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Job(PickledByName):
    """What to do: build with `settings` where there are any, then pack what lies in `folder` into `store`.

    `deltas`: note down what each version of a feed holds, for readers that want only what is new. `published` is the
    folder that subscribers have, for a preview: what they would see is told. `query_views`: write what views of the site's feed
    are made of, where it is not 0.
    """

    folder: Path
    store: Path
    settings: Settings | None = None
    deltas: bool = False
    published: Path | None = None
    query_views: int = 0


def main() -> int:
    """Do the job; the exit code is that of `feeds build`."""
    system.end_with_parent(signal.SIGTERM)
    code = ExitCode.DONE
    result: dict[str, object] = {}
    due = None
    try:
        job: Job = load(sys.stdin.buffer)
        if job.published is None:
            _yield_processor()
        if job.settings is not None:
            code, due = _build(job, job.settings, result)
        result["generation"] = _pack(job, due)
    except FeedsError as error:
        code = error.exit_code
        result["error"] = str(error)
    except OSError as error:
        code = ExitCode.MACHINE_REFUSED
        result["error"] = machine_sentence(error)
    except Exception as error:
        code = ExitCode.INTERNAL
        result["error"] = f"internal error: {type(error).__name__}: {one_line(error)}"
    # The last word: without it the parent takes the build for failed, whatever its exit code.
    print(json.dumps({**result, "done": True}))  # noqa: T201  the parent reads it
    return code


def _yield_processor() -> None:
    """The server's answers come first. Nobody waits for a build but the author in front of a preview."""
    if hasattr(os, "nice"):
        os.nice(19)
    if hasattr(os, "SCHED_BATCH"):
        # Linux then never lets a build that wakes up take the processor from an answer that is being made.
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _build(job: Job, settings: Settings, told: dict[str, object]) -> tuple[ExitCode, datetime | None]:
    """The exit code, and when the next change is due.

    `told` gets how many errors there are in posts, the first of them as sentences, and for a preview what would change.
    """
    from feeds.build import run

    def then(outcome: run.Outcome) -> None:
        _note_listing(job, outcome)
        if job.published is not None:
            from feeds.preview import diff

            told["changes"] = diff.summary(job.published, outcome.built, outcome.switched.manifest)

    outcome = run.publish(settings, clock.now(os.environ), hooks=run.Hooks(on_published=then), everything=job.query_views > 0)
    publication = outcome.built.publication
    errors = [str(problem) for problem in publication.problems if problem.severity == "error"]
    told.update(problems=len(errors), broken=errors[:_NAMED])
    return outcome.exit_code, publication.next_change_at


def _pack(job: Job, next_change_at: datetime | None) -> int:
    from feeds.serving import packing
    from feeds.serving.store import DamagedError

    try:
        generation = packing.write(job.folder, job.store, next_change_at).generation
        if job.deltas:
            note_versions(job.store)
    except DamagedError as error:
        raise FeedsError(f"the generation is not whole: {error}", where=str(job.folder)) from error
    return generation


def _note_listing(job: Job, outcome: Outcome) -> None:
    """Write what query views are made of, or remove it where there are none. Raises OSError."""
    if job.query_views:
        from feeds.serving.query import listing as query_listing

        query_listing.note(job.store, outcome.settings, outcome.built)
    elif job.store.is_dir():
        from feeds.serving.query import store as query_store

        query_store.remove(job.store)


def note_versions(store: Path) -> None:
    """Note down what the feeds of the newest turn hold. Raises DamagedError, OSError."""
    from feeds.serving import deltas
    from feeds.serving import store as packs

    pack = packs.Pack(store, packs.newest_turn(store))
    records = {record.path: record for record in pack.records(deltas.FORMATS) if deltas.is_feed(record.format, record.path)}
    tags = {path: http_headers.tag(record.digest.hex()) for path, record in records.items()}
    new = {
        path: (records[path].format, tags[path], pack.body(records[path].places[0])) for path in deltas.unknown(store, tags)
    }  # fmt: skip
    deltas.remember(store, new, tags.keys())


if __name__ == "__main__":
    sys.exit(main())
