"""How the server is started, stopped and replaced: systemd's sockets and notifications, IPv6, a container's rules."""

from __future__ import annotations

import fnmatch
import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import web_servers
import yaml
from generations import Generations, site

from feeds.errors import FeedsError
from feeds.serving.http.listen import listening
from feeds.serving.options import ServerOptions

ROOT = web_servers.ROOT
DOCKERFILE = ROOT / "docs" / "deploy" / "Dockerfile"


@pytest.fixture
def folder(tmp_path: Path) -> Generations:
    generations = Generations(tmp_path / "published")
    generations.publish(site())
    return generations


@contextmanager
def activated(
    listener: socket.socket, folder: Path, log: Path, *arguments: str, second: socket.socket | None = None, **environ: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`feeds serve` on sockets that somebody else holds, as systemd starts it (sd_listen_fds(3))."""
    listeners = [listener] if second is None else [listener, second]

    def hand_over() -> None:
        for number, each in enumerate(listeners, 3):
            os.dup2(each.fileno(), number)

    command = shlex.join([sys.executable, "-m", "feeds", "serve", "--folder", str(folder), *arguments])
    with log.open("ab") as output:
        child = subprocess.Popen(
            ["sh", "-c", f"LISTEN_PID=$$ exec {command}"], stdout=output, stderr=output, close_fds=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LISTEN_FDS": str(len(listeners)), **environ},
            preexec_fn=hand_over,
        )  # fmt: skip
    try:
        yield child
    finally:
        web_servers.stop(child)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_restart_loses_no_request(folder: Generations, tmp_path: Path, workers: str) -> None:
    """The socket is systemd's: while one server ends and the next one starts, clients ask all the time."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        port = listener.getsockname()[1]
        faults: list[str] = []
        answered = 0
        done = threading.Event()

        def ask() -> None:
            nonlocal answered
            while not done.is_set():
                link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                try:
                    link.request("GET", "/rss.xml")
                    response = link.getresponse()
                    body = response.read()
                    # A server that has just started may say that it is not ready; none may break off.
                    if not (response.status == 200 and body == site()["rss.xml"]) and response.status != 503:
                        faults.append(f"{response.status} {body[:50]!r}")
                    answered += 1
                except (OSError, http.client.HTTPException) as error:
                    faults.append(repr(error))
                finally:
                    link.close()

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for number in range(3):
            with activated(listener, folder.folder, tmp_path / "log", "--workers", workers) as child:
                if not number:
                    for asker in askers:
                        asker.start()
                before = answered
                web_servers.until(lambda before=before: answered > before + 100)
                child.send_signal(signal.SIGTERM)
                assert child.wait(120) == 0
        with activated(listener, folder.folder, tmp_path / "log"):
            done.set()
            for asker in askers:
                asker.join(120)
        assert faults == [] and answered > 300
        assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_systemd_is_told(folder: Generations, tmp_path: Path, workers: str) -> None:
    """READY once it listens, STOPPING when it begins to end (sd_notify(3)); each ListenStream of the socket unit is answered."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told,
        socket.socket() as listener,
        socket.socket(socket.AF_UNIX) as second,
    ):
        path = tmp_path / "notify"
        told.bind(str(path))
        told.settimeout(120)
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        second.bind(str(tmp_path / "second"))
        second.listen(16)
        more = ("--workers", workers)
        with activated(listener, folder.folder, tmp_path / "log", *more, second=second, NOTIFY_SOCKET=str(path)) as child:
            assert told.recv(4096) == b"READY=1"
            for family, address in ((socket.AF_INET, listener.getsockname()), (socket.AF_UNIX, second.getsockname())):
                with socket.socket(family) as link:
                    link.settimeout(60)
                    link.connect(address)
                    link.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
                    assert link.recv(4096).startswith(b"HTTP/1.1 200 ")
            child.send_signal(signal.SIGTERM)
            assert told.recv(4096) == b"STOPPING=1"
            assert child.wait(120) == 0


def test_a_name_with_two_addresses_is_listened_on_at_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `localhost` has them, with one port; an address that this machine has not is left out if another is there."""
    addresses = {"localhost": ["127.0.0.1", "127.0.0.2"], "half": ["192.0.2.1", "127.0.0.1"], "none": ["192.0.2.1"]}

    def resolve(host: str, port: int, **_: int) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with ExitStack() as closing:
        both = [closing.enter_context(each) for each in listening(ServerOptions(host="localhost", port=0))]
        assert [each.getsockname()[0] for each in both] == addresses["localhost"]
        assert len({each.getsockname()[1] for each in both}) == 1
        half = [closing.enter_context(each) for each in listening(ServerOptions(host="half", port=0))]
        assert [each.getsockname()[0] for each in half] == ["127.0.0.1"]
    with pytest.raises(FeedsError, match="cannot listen"):
        listening(ServerOptions(host="none", port=0))


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6_literals(folder: Generations, tmp_path: Path, host: str) -> None:
    """With and without brackets; the log has an address that a browser takes."""
    try:
        port = web_servers.free_port("::1")
    except OSError:
        pytest.skip("no IPv6 here")
    command = [sys.executable, "-m", "feeds", "serve", "--folder", str(folder.folder), "--host", host, "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        server = web_servers.Server(port, child.pid, tmp_path / "log", host="::1")
        assert server.wait_for("/rss.xml").body == site()["rss.xml"]
        assert f"listening on http://[::1]:{port}/" in server.log_text()
    finally:
        web_servers.stop(child)


# containers


def instructions() -> list[tuple[str, str]]:
    """The last stage of the Dockerfile."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    made = [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]
    return made[max(number for number, (word, _) in enumerate(made) if word == "FROM") :]


def test_the_image_runs_as_its_file_says(folder: Generations, tmp_path: Path) -> None:
    """Its ENV, CMD, HEALTHCHECK and STOPSIGNAL in a process of its own: not root, the site not writable, nothing but the state."""
    steps = instructions()
    told = dict(steps)
    user, port = int(told["USER"]), web_servers.free_port()
    assert user > 0 and "EXPOSE" in told
    site_folder, state = tmp_path / "site", tmp_path / "state"
    (site_folder / "posts").mkdir(parents=True)
    (site_folder / "posts" / "a.md").write_text("---\ntitle: 一\ndate: 2021-01-01\n---\n正文\n", "utf-8")
    (site_folder / "feeds.toml").write_text('base_url = "https://example.org/"\n')
    state.mkdir(mode=0o700)
    web_servers.readable(site_folder)
    state.chmod(0o700)
    environ = dict(pair.split("=", 1) for pair in shlex.split(told["ENV"]))
    assert environ["FEEDS_HOST"] == "0.0.0.0" and environ["FEEDS_STATE"] == told["VOLUME"]
    environ |= {
        "FEEDS_HOST": "127.0.0.1",
        "FEEDS_PORT": str(port),
        "FEEDS_STATE": str(state),
        "PYTHONPATH": str(ROOT),
        "PATH": os.environ["PATH"],
    }
    as_user = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        # The interpreter may lie where no other user gets to, e.g. in root's home.
        subprocess.run([sys.executable, "-c", ""], check=True, **as_user)  # type: ignore[call-overload]
    except PermissionError:
        as_user = {}
    if as_user:
        os.chown(state, user, user)
    command = json.loads(told["CMD"])
    assert command[0] == "feeds"
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=site_folder, env=environ, stdout=log, stderr=log, **as_user,  # type: ignore[call-overload]
        )  # fmt: skip
    try:
        web_servers.Server(port, child.pid, tmp_path / "log").wait_for("/rss.xml")
        check = json.loads(told["HEALTHCHECK"].partition("CMD ")[2])
        assert check[0] == "python"
        assert subprocess.run([sys.executable, *check[1:]], env=environ, capture_output=True).returncode == 0
        assert sorted(path.name for path in site_folder.iterdir()) == ["feeds.toml", "posts"]
    finally:
        child.send_signal(getattr(signal, told["STOPSIGNAL"]))
        assert child.wait(120) == 0
    dead = subprocess.run([sys.executable, *check[1:]], env=environ, capture_output=True)
    assert dead.returncode == 1, "a server that does not answer is not healthy"
    for line in (tmp_path / "log").read_text().splitlines():
        assert json.loads(line)["message"]


def test_nothing_private_goes_into_the_image() -> None:
    """.dockerignore lets in what the package is made of, and nothing else of the project."""
    allowed = [line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = {path.split("/")[0] for path in tracked.stdout.split("\0") if path} or {path.name for path in ROOT.iterdir()}
    going = {name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in allowed)}
    assert going == {"pyproject.toml", "README.md", "LICENSE", "server.py", "feeds"}
    wanted = re.findall(r'(?:readme|license-files)\s*=\s*\[?"([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(wanted) <= going


def test_the_compose_file_is_as_strict_as_it_says() -> None:
    """Read-only, no capabilities, not open to the network, its state in a volume, its Dockerfile there."""
    compose = yaml.safe_load((ROOT / "docs/deploy/compose.yaml").read_text("utf-8"))
    service = compose["services"]["feeds"]
    context = (ROOT / "docs/deploy" / service["build"]["context"]).resolve()
    assert context == ROOT.resolve() and (context / service["build"]["dockerfile"]).resolve() == DOCKERFILE.resolve()
    assert service["read_only"] and service["init"] and service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    mounts = dict(volume.split(":")[:2] for volume in service["volumes"])
    steps = dict(instructions())
    assert set(mounts.values()) == {steps["WORKDIR"], steps["VOLUME"]} and "state" in compose["volumes"]
