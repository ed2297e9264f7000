"""`feeds` commands, each in a process of its own in which nothing has to be imported again.

For the many tests that run whole commands; those about starting, importing, signals or other environments start a new interpreter.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
_one_at_a_time = threading.Lock()


@functools.cache
def _server() -> subprocess.Popen[str]:
    """The process from which commands are forked, started for the first of them; it ends with this one."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "command_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def run_feeds(
    *words: str | Path, cwd: Path, environ: Mapping[str, str] | None = None, timeout_seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """`feeds WORDS` in the folder, with this environment (default: ours without FEEDS_*); what it printed and its exit code."""
    if environ is None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    arguments = list(map(str, words))
    if not hasattr(os, "fork"):
        return subprocess.run(
            [sys.executable, "-m", "feeds", *arguments], cwd=cwd, env={**environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, encoding="utf-8", timeout=timeout_seconds, check=False,
        )  # fmt: skip
    with tempfile.NamedTemporaryFile() as output, tempfile.NamedTemporaryFile() as errors:
        request = {
            "words": arguments, "cwd": str(cwd), "environ": dict(environ), "timeout_seconds": timeout_seconds,
            "output": output.name, "errors": errors.name,
        }  # fmt: skip
        with _one_at_a_time:
            server = _server()
            assert server.stdin is not None and server.stdout is not None
            print(json.dumps(request), file=server.stdin, flush=True)
            code = json.loads(server.stdout.readline())
        printed = [stream.read().decode("utf-8") for stream in (output, errors)]
    if code is None:
        raise TimeoutError(f"feeds {' '.join(arguments)} took more than {timeout_seconds} s\n{printed[1]}")
    return subprocess.CompletedProcess(["feeds", *arguments], code, *printed)
