"""`feeds` commands in a process of their own that is forked from the tests': nothing has to be imported again.

For the many tests that run whole commands; those about starting, importing, signals or other environments start a new interpreter.
"""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import feeds

ROOT = Path(__file__).parents[1]
#: Programs to run, and modules that need a library which the tests do without.
_NOT_IMPORTED = {"feeds.__main__"}


@functools.cache
def _import_all() -> None:
    """Import every module of ours in this process, once, so that each command is forked with them."""
    for module in pkgutil.walk_packages(feeds.__path__, "feeds."):
        if module.name not in _NOT_IMPORTED:
            try:
                importlib.import_module(module.name)
            except ImportError:
                continue


def run_feeds(
    *words: str | Path, cwd: Path, environ: Mapping[str, str] | None = None, timeout_seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """`feeds WORDS` in the folder, with this environment (default: ours without FEEDS_*); what it printed and its exit code."""
    if not hasattr(os, "fork"):
        return subprocess.run(
            [sys.executable, "-m", "feeds", *map(str, words)], cwd=cwd, env={**(environ or _environ()), "PYTHONPATH": str(ROOT)},
            capture_output=True, encoding="utf-8", timeout=timeout_seconds, check=False,
        )  # fmt: skip
    _import_all()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            _become(list(map(str, words)), cwd, _environ() if environ is None else environ, output.fileno(), errors.fileno())
        code = _wait(child, timeout_seconds)
        printed = []
        for stream in (output, errors):
            stream.seek(0)
            printed.append(stream.read().decode("utf-8"))
    return subprocess.CompletedProcess(["feeds", *map(str, words)], code, *printed)


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}


def _wait(child: int, timeout_seconds: float) -> int:
    end = time.monotonic() + timeout_seconds
    pause = 0.001
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(child, 9)
            os.waitpid(child, 0)
            raise TimeoutError(f"the command took more than {timeout_seconds} s")
        time.sleep(pause)
        pause = min(2 * pause, 0.02)


def _become(words: Sequence[str], cwd: Path, environ: Mapping[str, str], output: int, errors: int) -> NoReturn:
    """Be the command: its arguments, folder, environment and streams; never returns."""
    code = 70
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, place in ((nothing, 0), (output, 1), (errors, 2)):
            os.dup2(descriptor, place)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        os.environ.clear()
        os.environ.update(environ)
        time.tzset()
        os.chdir(cwd)
        sys.argv = ["feeds", *words]
        from feeds.__main__ import main

        try:
            code = main()
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
