"""The build's process as its server sees it: how it is started, watched and ended.

A build counts as done only by its own last line; everything else it may do is a failure.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import site
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import feeds
from feeds import system
from feeds.errors import ExitCode
from feeds.serving.build_job import Job

#: A build that has used no processor time for so long is said to hang, and after the second time it is ended.
STALL_SECONDS, STALLED_SECONDS = 45.0, 300.0
#: A build that takes longer is ended.
BUILD_SECONDS = 3600.0
_LOOK_SECONDS = 0.5
#: A build that is told to end and does not, e.g. because it is stopped, is killed after so long.
_END_SECONDS = 2.0


class Result(NamedTuple):
    """What came of a build: the exit code of `feeds build`, why it failed ("" if it did not), what it said."""

    code: int
    error: str
    facts: dict[str, Any]


class Child:
    """One build in a process of its own. `stalled` gets a sentence when it hangs; `meanwhile` is called now and then."""

    def __init__(self, job: Job, stalled: Callable[[str], None], meanwhile: Callable[[], None] = lambda: None) -> None:
        """Start the process. Raises OSError."""
        self._job, self._stalled, self._meanwhile = job, stalled, meanwhile
        self._ended_at: float | None = None
        # -P: a file `html.py` in the working folder must not take the place of a library's module.
        self._process = subprocess.Popen(
            [interpreter(), "-P", "-m", "feeds.serving.build_job"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env=child_environment(),
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process id of the build."""
        return self._process.pid

    def wait(self) -> Result:
        """Wait for its end, which is bounded."""
        begun = progress_at = time.monotonic()
        used, told = -1.0, False
        data: bytes | None = pickle.dumps(self._job)
        while True:
            try:
                out, errors = self._process.communicate(data, timeout=_LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                data = None
            self._meanwhile()
            now, seconds = time.monotonic(), system.processor_seconds(self._process.pid)
            if seconds != used:
                used, progress_at, told = seconds, now, False
            elif now - progress_at > STALL_SECONDS and not told:
                told = True
                self._stalled(
                    f"the build has used no processor time for {STALL_SECONDS:.0f} s: is its disk or network folder gone?"
                )
            ending = self._ended_at is not None and now - self._ended_at > _END_SECONDS
            if ending or now - progress_at > STALLED_SECONDS or now - begun > BUILD_SECONDS:
                self.kill()
        return self._result(out, errors)

    def _result(self, out: bytes, errors: bytes) -> Result:
        code = self._process.returncode
        facts = _last_line(out)
        if facts.get("done") is True:
            return Result(code, str(facts.get("error") or ""), facts)
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Result(
            int(ExitCode.INTERNAL), f"the build ended with {how} and did not finish{f': {last}' if last else ''}", facts
        )

    def kill(self) -> None:
        """End it with all its workers, at once."""
        with suppress(ProcessLookupError, PermissionError):
            self._signal("SIGKILL")

    def _signal(self, name: str) -> None:
        if hasattr(os, "killpg"):
            os.killpg(self._process.pid, getattr(signal, name))
        else:
            self._process.terminate()

    def end(self) -> None:
        """Tell it and all its workers to end; `wait` kills what does not. Nothing is lost: a build may be killed anywhere."""
        if self._process.poll() is None:
            self._ended_at = time.monotonic()
            with suppress(ProcessLookupError, PermissionError):
                self._signal("SIGTERM")


def interpreter() -> str:
    """The Python that runs this program, also inside a server whose own executable is not Python (uWSGI)."""
    if Path(sys.executable or "").name.startswith(("python", "pypy")):
        return sys.executable
    places = [Path(sys.prefix) / "bin" / name for name in ("python3", "python")] + [Path(sys.prefix) / "python.exe"]
    return next((str(place) for place in places if place.is_file()), "python3")


def child_environment() -> dict[str, str]:
    """The environment in which the child imports the package from where it was imported here."""
    home = str(Path(feeds.__file__).resolve().parents[1])
    environ = dict(os.environ)
    if home not in (*site.getsitepackages(), site.getusersitepackages()):
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, (home, environ.get("PYTHONPATH"))))
    return environ


def _last_line(out: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(out.strip().rpartition(b"\n")[2])
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
