"""Real servers on loopback: in comes what to serve, out goes an address to ask, until the block ends.

Each listens on 127.0.0.1, on a port that the system gave, and is ended by its own process id.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


class Headers(dict[str, str]):
    """Header fields by lower-case name; several of one name are joined."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Headers
    body: bytes


@dataclass
class Server:
    """A server under test."""

    port: int
    pid: int = 0
    log: Path | None = None
    host: str = "127.0.0.1"
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def ask(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET", body: bytes | None = None) -> Answer:
        """One request on a connection of its own, with no header but Host and those given."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {"Host": "example.org", **(headers or {})}
            if body is not None:
                given["Content-Length"] = str(len(body))
            for name, value in given.items():
                connection.putheader(name, value.encode("latin-1"))
            connection.endheaders(body)
            response = connection.getresponse()
            fields = Headers()
            for name, value in response.getheaders():
                key = name.lower()
                fields[key] = f"{fields[key]}, {value}" if key in fields else value
            return Answer(response.status, fields, response.read())
        finally:
            connection.close()

    def raw(self, data: bytes, enough: bytes | None = None) -> bytes:
        """What comes back for these bytes, until the server closes or these bytes are among it. Raises TimeoutError."""
        with socket.create_connection((self.host, self.port), timeout=60) as connection:
            received = b""
            with suppress(ConnectionError):
                connection.sendall(data)
            with suppress(ConnectionError):
                while chunk := connection.recv(65536):
                    received += chunk
                    if enough is not None and enough in received:
                        break
            return received

    def wait_for(self, path: str, status: int = 200, seconds: float = 120.0) -> Answer:
        """Ask until the status is this one."""
        end = time.monotonic() + seconds
        while True:
            with suppress(OSError, http.client.HTTPException):
                answer = self.ask(path)
                if answer.status == status:
                    return answer
            if time.monotonic() > end:
                log = self.log_text() if self.log is not None else ""
                raise AssertionError(f"no {status} for {path}: {log}")
            time.sleep(0.05)

    def log_text(self) -> str:
        """The server's log."""
        assert self.log is not None
        return self.log.read_text(errors="replace")


def until(condition: Callable[[], object], seconds: float = 120.0, log: Callable[[], str] = str) -> None:
    """Wait until a condition holds; a connection that is refused or breaks off, and an answer that is not JSON, count as no.

    `log` gives what a failure shows, e.g. a server's log.
    """
    end = time.monotonic() + seconds
    while True:
        with suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
            if condition():
                return
        assert time.monotonic() < end, f"the condition never held: {log()[-3000:]}"
        time.sleep(0.05)


def descendants(process: int) -> list[int]:
    """The processes that a process has started and that run now, and those that these have started."""
    result = [process]
    for each in result:
        # A process may end at any instant.
        with suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{each}/task").iterdir():
                with suppress(FileNotFoundError, ProcessLookupError):
                    result += map(int, (task / "children").read_text().split())
    return result[1:]


def is_running(process: int) -> bool:
    """Whether a process has not ended; one that has and waits for its parent counts as ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on now, below those that the system gives to clients, which would take it meanwhile.

    Raises OSError if this machine does not have the address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
    while True:
        port = 12_000 + secrets.randbelow(20_000)
        with socket.socket(family) as probe, suppress(OSError):
            probe.bind((host, port))
            return port


def stop(child: subprocess.Popen[bytes], sign: int = signal.SIGTERM) -> int:
    """End a process that we started; its exit code."""
    if child.poll() is None:
        child.send_signal(sign)
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


@contextmanager
def running(command: Sequence[str | Path], port: int, log: Path, **environ: str) -> Iterator[Server]:
    """A command that listens on `port`, until the block ends."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    with log.open("wb") as output:
        child = subprocess.Popen(
            [*map(str, command)],
            stdout=output,
            stderr=output,
            env={**inherited, "PYTHONPATH": str(ROOT), **environ},
            cwd=log.parent,
        )
    server = Server(port, child.pid, log, child=child)
    try:
        end = time.monotonic() + 120
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if child.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{command[0]} does not listen: {server.log_text()}")
            time.sleep(0.03)
        yield server
    finally:
        stop(child)


@contextmanager
def feeds_serve(*arguments: str | Path, log: Path, **environ: str) -> Iterator[Server]:
    """`feeds serve`, as people start it."""
    port = free_port()
    with running([sys.executable, "-m", "feeds", "serve", *arguments, "--port", str(port)], port, log, **environ) as server:
        yield server


@contextmanager
def gunicorn(*, log: Path, workers: int = 1, **environ: str) -> Iterator[Server]:
    """`gunicorn server:app` with settings from the environment."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "server:app", "--bind", f"127.0.0.1:{port}", "--workers", str(workers),
        "--threads", "4", "--graceful-timeout", "5",
    ]  # fmt: skip
    with running(command, port, log, **environ) as server:
        yield server


def program(name: str) -> str:
    """A program of the system's, or the test is skipped."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def example(name: str, work: Path, **values: str | int | Path) -> Path:
    """A configuration of docs/deploy/ with its places filled in: `@folder@` and so on; `@work@` is `work`."""
    text = (ROOT / "docs" / "deploy" / name).read_text("utf-8")
    for key, value in {"work": work, **values}.items():
        text = text.replace(f"@{key}@", str(value))
    assert "@" not in text.replace("@feeds", "").replace("user@", ""), "a place was not filled in"
    if name.startswith("nginx") and os.geteuid() == 0:
        # Its workers would be another user, whom each new run of pytest locks out of the folder of all runs.
        text = f"user root;\n{text}"
    path = work / name
    path.write_text(text, "utf-8")
    return path


def readable(folder: Path) -> None:
    """Let the web servers' own users, whom root starts them as, reach a folder of pytest's."""
    for one in (folder, *folder.parents):
        if one.is_relative_to(Path(tempfile.gettempdir())) and one != Path(tempfile.gettempdir()):
            one.chmod(0o755)
