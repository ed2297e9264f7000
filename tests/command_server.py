"""Runs `feeds` commands for tests/commands.py, each in a fork of this process, which has imported everything and has one thread.

A fork of the tests' own process would do as well but for its other threads (of the test runner, of servers under test): a lock
that one of them holds at that instant, e.g. SQLite's or the C library's, is never released in the fork. Reads a JSON object a
line from the standard input, and answers the command's exit code, or null if it was ended for taking too long.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import pkgutil
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

import feeds

#: Programs to run. Other modules may need a library that the tests do without.
_NOT_IMPORTED = {"feeds.__main__"}
#: Imported by ours only when they are needed.
_LIBRARIES = (
    "ada_url", "bleach", "docutils.core", "docutils.parsers.rst", "docutils.writers.html5_polyglot", "encodings.ascii",
    "encodings.unicode_escape", "encodings.utf_8_sig", "feedgen.feed", "html5lib", "lxml.etree", "markdown.extensions.codehilite",
    "markdown.extensions.extra", "markdown_it", "mdit_py_plugins.footnote", "multiprocessing.connection", "multiprocessing.popen_fork",
    "pygments.formatters", "pygments.lexers", "pypinyin", "sqlite3", "text_unidecode",
)  # fmt: skip


def main() -> None:
    """Serve until the standard input ends."""
    modules = [module.name for module in pkgutil.walk_packages(feeds.__path__, "feeds.") if module.name not in _NOT_IMPORTED]
    for name in (*_LIBRARIES, *modules):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
        sys.stdout.write(f"{json.dumps(_wait(child, request['timeout_seconds']))}\n")
        sys.stdout.flush()


def _wait(child: int, timeout_seconds: float) -> int | None:
    """The exit code, negative for a signal; None if the time was up. Where it was then is in its standard error."""
    end = time.monotonic() + timeout_seconds
    pause = 0.001
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(child, signal.SIGABRT)
            os.waitpid(child, 0)
            return None
        time.sleep(pause)
        pause = min(2 * pause, 0.02)


def _become(request: dict[str, Any]) -> NoReturn:
    """Be the command: its arguments, folder, environment and streams; never returns."""
    code = 70
    try:
        streams = (os.devnull, os.O_RDONLY), (request["output"], os.O_WRONLY), (request["errors"], os.O_WRONLY)
        for descriptor, (path, flags) in enumerate(streams):
            os.dup2(os.open(path, flags | os.O_APPEND), descriptor)
        faulthandler.enable(2)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        os.environ.clear()
        os.environ.update(request["environ"])
        time.tzset()
        os.chdir(request["cwd"])
        sys.argv = ["feeds", *request["words"]]
        from feeds.__main__ import main as feeds_main

        try:
            code = feeds_main()
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    # The folder of the tests is first on the path of a script: no test module may take the place of another.
    sys.path[0] = str(Path(__file__).parents[1])
    main()
