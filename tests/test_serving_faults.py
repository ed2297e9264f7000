"""The server under clients and machines that mean no good: it goes on with its last good generation, and recovers by itself."""

from __future__ import annotations

import json
import os
import random
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
import web_servers
from web_servers import Server

from feeds.errors import SettingsError
from feeds.serving.options import options_from
from feeds.serving.server_store import store_of
from feeds.serving.supervisor import POLL_SECONDS, Status, Supervisor
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]


def write(site: Path, name: str, title: str, date: str = "2021-01-01", more: str = "") -> None:
    path = site / "posts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {title}\ndate: {date}\n{more}---\n{title}的正文。\n", "utf-8")


def serve_arguments(site: Path, *more: str) -> tuple[str | Path, ...]:
    return (site / "posts", "--base-url", "https://example.org/", "--state", site / "state", "--output", site / "public", *more)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for number in range(3):
        write(tmp_path, f"{number}.md", f"第{number}篇", f"2021-01-0{number + 1}")
    return tmp_path


@pytest.fixture
def server(site: Path) -> Iterator[Server]:
    with web_servers.feeds_serve(*serve_arguments(site), log=site / "log") as made:
        made.wait_for("/rss.xml")
        yield made


def until(server: Server, condition: Callable[[], object]) -> None:
    web_servers.until(condition, log=server.log_text)


def titles(server: Server) -> list[str]:
    return [one["title"] for one in json.loads(server.ask("/feed.json").body)["items"]]


def health(server: Server) -> dict[str, object]:
    told: dict[str, object] = json.loads(server.ask("/healthz").body)
    return told


def resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


BAD = (
    b"GET\r\n\r\n", b"GET /rss.xml\r\n\r\n", b"GET /rss.xml HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 200,
    b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost a\r\n\r\n", b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://evil.example/rss.xml HTTP/1.1\r\nHost: a\r\n\r\n", b"POST /rss.xml HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(300)) + b"\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + b'"' * 3000 + b"\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nRange: bytes=" + b"0-1," * 1000 + b"\r\n\r\n", b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + b"gzip;q=," * 500 + b"\r\n\r\n",
    b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
)  # fmt: skip


def test_ten_thousand_bad_requests(server: Server) -> None:
    """HTTP-18, HTTP-27: none gets more than an error, nothing is kept of them, polite readers notice nothing."""
    dice = random.Random(7)
    good = server.ask("/rss.xml")
    before = resident(server.pid)
    for count in range(10_000):
        bad = dice.choice(BAD)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
            link.sendall(bad if count % 3 else bad[: dice.randrange(1, len(bad) + 1)])
            if count % 50 == 0:
                link.shutdown(socket.SHUT_WR)
                try:
                    received = link.recv(65536)
                except ConnectionResetError:
                    received = b""
                assert b"root:" not in received and not re.match(rb"HTTP/1\.1 5(?!0[15])", received), (bad[:80], received[:200])
        if count % 500 == 0:
            assert server.ask("/rss.xml").body == good.body
    assert server.ask("/rss.xml", {"If-None-Match": good.headers["etag"]}).status == 304
    assert resident(server.pid) - before < 40_000_000
    assert "Traceback" not in server.log_text()


def test_slow_clients_do_not_delay_others(server: Server) -> None:
    """A byte at a time, nothing at all, and one that never reads: others are answered while all of these still wait."""
    links = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        for number, link in enumerate(links):
            link.sendall((b"GET /rss.xml HTTP/1.1\r\nHost: a\r\n\r\n" * 50) if number % 2 else b"GET /rss")
        for _ in range(50):
            assert server.ask("/rss.xml").status == 200
        for link in links[::2]:
            link.setblocking(False)
            with pytest.raises(BlockingIOError):
                link.recv(1)
    finally:
        for link in links:
            link.close()


def test_a_folder_that_goes_away_comes_back_by_itself(server: Server, site: Path) -> None:
    """REL-9, REL-11: unmounted, replaced by a file, emptied; the log and /healthz say so, readers see the last good generation."""
    good = server.ask("/rss.xml")
    away = site / "away"
    for number, breaking in enumerate(("moved", "file", "emptied")):
        (site / "posts").rename(away)
        if breaking == "file":
            (site / "posts").write_text("x")
        elif breaking == "emptied":
            (site / "posts").mkdir()
        server.child.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
        until(server, lambda: health(server)["status"] != "ok")
        assert server.ask("/rss.xml").body == good.body and server.ask("/healthz").status in (200, 503)
        assert str(site) not in server.ask("/healthz").body.decode()
        if breaking == "file":
            (site / "posts").unlink()
        elif breaking == "emptied":
            (site / "posts").rmdir()
        away.rename(site / "posts")
        write(site, f"after-{number}.md", f"在{breaking}之后", f"2021-02-0{number + 1}")
        server.child.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
        until(server, lambda breaking=breaking: f"在{breaking}之后" in titles(server))  # type: ignore[misc]
        until(server, lambda: health(server)["status"] == "ok")
        good = server.ask("/rss.xml")
    assert "Traceback" not in server.log_text()


def test_a_scheduled_post_comes_and_an_expired_one_goes_with_no_file_touched(site: Path) -> None:
    """HTTP-15: and max-age ends when they do, so that no cache holds the old feed longer."""

    def age(answer: web_servers.Answer) -> int:
        return int(re.search(r"max-age=(\d+)", answer.headers["cache-control"])[1])  # type: ignore[index]

    with web_servers.feeds_serve(*serve_arguments(site), log=site / "log") as server:
        server.wait_for("/feed.json")
        for seconds in (4, 20, 100):
            soon = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
            write(site, "soon.md", "快来了", f"{soon:%Y-%m-%d %H:%M:%S}")
            write(site, "ending.md", "快走了", "2021-03-01", f"expires: {soon:%Y-%m-%d %H:%M:%S}\n")
            os.kill(server.pid, signal.SIGHUP)
            # A machine that takes longer than this to build gets more time.
            while "快走了" not in titles(server) and datetime.now(UTC) < soon:
                time.sleep(0.02)
            first = server.ask("/feed.json")
            if datetime.now(UTC) < soon:
                break
        assert "快走了" in first.body.decode() and "快来了" not in first.body.decode()
        assert age(first) <= seconds + 1
        until(server, lambda: "快来了" in titles(server))
        assert datetime.now(UTC) >= soon
        until(server, lambda: "快走了" not in titles(server))
        # The build after that says that nothing more is due.
        until(server, lambda: age(server.ask("/feed.json")) > 200)
        assert server.ask("/feed.json").headers["last-modified"] != first.headers["last-modified"]


def test_a_killed_builder_and_a_full_state_cost_nothing(server: Server, site: Path) -> None:
    """The build is another process: its death is told, the next change brings a new one."""
    for number in range(300):
        write(site, f"many/{number}.md", f"多{number}", "2020-01-01")
    killed: list[int] = []

    def kill() -> bool:
        for child in web_servers.descendants(server.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed.append(child)
        return bool(killed)

    until(server, kill)
    assert killed and server.ask("/rss.xml").status == 200
    write(site, "after.md", "之后", "2022-01-01")
    until(server, lambda: "之后" in titles(server))


def test_workers_say_the_same_and_a_dead_one_is_replaced(site: Path) -> None:
    """Several processes, one set of bytes and validators (HTTP-6)."""
    with web_servers.feeds_serve(*serve_arguments(site, "--workers", "2"), log=site / "log") as server:
        until(server, lambda: all(server.ask("/rss.xml").status == 200 for _ in range(20)))
        statuses = {
            (one.headers["etag"], one.headers["last-modified"], one.body) for one in (server.ask("/rss.xml") for _ in range(40))
        }
        assert len(statuses) == 1
        workers = [
            child for child in web_servers.descendants(server.pid) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
        assert len(workers) == 2
        os.kill(workers[-1], signal.SIGKILL)
        write(site, "after.md", "之后", "2022-01-01")
        until(server, lambda: all("之后" in titles(server) for _ in range(20)))


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told(site: Path, sign: signal.Signals) -> None:
    """A request under way is answered; exit code 0, no traceback, no process left."""
    with web_servers.feeds_serve(*serve_arguments(site), log=site / "log") as server:
        server.wait_for("/rss.xml")
        assert server.child is not None
        processes = [server.pid, *web_servers.descendants(server.pid)]
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
            link.sendall(b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            # Not before the server has it: a connection that nobody has taken up yet is no request under way.
            link.recv(1, socket.MSG_PEEK)
            server.child.send_signal(sign)
            got = b""
            while chunk := link.recv(65536):
                got += chunk
        assert got.startswith(b"HTTP/1.1 200") and got.endswith(b"</rss>\n")
        assert server.child.wait(60) == 0
        assert "Traceback" not in server.log_text()
    web_servers.until(lambda: not any(map(web_servers.is_running, processes)))


def test_a_served_folder_is_taken_up_whole_or_not_at_all(site: Path) -> None:
    """What another machine publishes: half-written, damaged or missing, the last good generation goes on."""
    from generations import Generations
    from generations import site as documents

    generations = Generations(site / "published")
    generations.publish(documents())
    with web_servers.feeds_serve("--folder", generations.folder, log=site / "log") as server:
        good = server.wait_for("/rss.xml")
        kept = generations.folder.with_name("kept")
        shutil.copytree(generations.folder, kept)
        (generations.folder / "rss.xml").write_bytes(b"half")
        manifest = (generations.folder / ".feeds-manifest.json").read_text("utf-8")
        digest = sha256(good.body).hexdigest()
        assert digest in manifest
        (generations.folder / ".feeds-manifest.json").write_text(manifest.replace(digest, sha256(b"whole").hexdigest()), "utf-8")
        server.child.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
        until(server, lambda: "rss.xml is not what the manifest says" in server.log_text())
        assert server.ask("/rss.xml").body == good.body
        shutil.rmtree(generations.folder)
        until(server, lambda: "the folder holds no generation" in server.log_text())
        assert server.ask("/rss.xml").body == good.body
        kept.rename(generations.folder)
        generations.publish({**documents(), "rss.xml": b"<rss>new</rss>"})
        until(server, lambda: server.ask("/rss.xml").body == b"<rss>new</rss>")


# never "ok" of what is not


def test_a_file_of_the_site_that_is_called_like_a_library_changes_nothing(site: Path) -> None:
    """`html.py` beside the posts is not imported by the build's process."""
    (site / "html.py").write_text("raise SystemExit(9)\n")
    with web_servers.feeds_serve(*serve_arguments(site), log=site / "log") as server:
        server.wait_for("/rss.xml")
        assert health(server)["status"] == "ok"


def test_a_build_that_did_not_say_that_it_is_done_failed(tmp_path: Path) -> None:
    """A crash ends with exit code 1 as broken posts do: only the build's own last line makes it good."""
    from feeds.serving.build_job import Job
    from feeds.serving.child import Child

    result = Child(Job(tmp_path / "no folder", tmp_path / "no store"), lambda _: None).wait()
    assert result.code not in (0, 1) and result.error
    crashed = Child(Job(tmp_path, "not a path"), lambda _: None).wait()  # type: ignore[arg-type]
    assert crashed.code == 70 and "Error" in crashed.error


def test_a_build_that_does_not_end_when_told_is_killed(site: Path) -> None:
    """A build that is stopped, or hangs in its disk, reads no SIGTERM: the server that ends must not leave it behind."""
    from feeds.serving.build_job import Job
    from feeds.serving.child import Child

    child = Child(Job(site / "public", site / "store"), lambda _: None)
    os.kill(child.pid, signal.SIGSTOP)
    # Of two signals that are pending, SIGTERM would be taken first.
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    child.end()
    result = child.wait()
    assert result.code == 70 and "signal 9" in result.error


def test_a_post_with_errors_is_named_and_settings_are_read_again(site: Path) -> None:
    """The log says which post, where and how to fix it, once; feeds.toml is watched; mistakes in it change nothing."""
    (site / "feeds.toml").write_text('base_url = "https://example.org/"\ntitle = "One"\n')
    with web_servers.feeds_serve("--config", site / "feeds.toml", log=site / "log") as server:
        server.wait_for("/rss.xml")
        (site / "posts" / "broken.md").write_text('---\ntitle: "unclosed\n---\nx\n')
        until(server, lambda: "broken.md:2" in server.log_text())
        (site / "feeds.toml").write_text('base_url = "https://example.org/"\ntitle = "Two"\n')
        until(server, lambda: b"<title>Two</title>" in server.ask("/rss.xml").body)
        (site / "feeds.toml").write_text('base_url = "https://example.org/"\ntitle = "Three"\nlimit = "x"\n')
        until(server, lambda: "the settings stay as they were" in server.log_text())
        until(server, lambda: health(server)["status"] == "degraded" and "mistakes" in str(health(server)["settings"]))
        os.kill(server.pid, signal.SIGUSR1)
        os.kill(server.pid, signal.SIGUSR2)
        assert b"<title>Two</title>" in server.ask("/rss.xml").body
        assert server.log_text().count("broken.md:2") == 1
        (site / "feeds.toml").write_text('base_url = "https://example.org/"\ntitle = "Two"\n')
        until(server, lambda: (health(server)["status"], health(server)["settings"]) == ("ok", "in force"))
        other = subprocess.run(
            [sys.executable, "-m", "feeds", "serve", "--config", site / "feeds.toml", "--title", "Other", "--limit", "3", "--port", "0"],
            cwd=site, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert other.returncode == 3 and "a server with other settings is running" in other.stderr


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"FEEDS_METRICS_PATH": "metrics"}, "--metrics-path"),
        ({"FEEDS_METRICS_PATH": "/healthz"}, "--metrics-path"),
        ({"FEEDS_ACCESS_LOG": "/nonexistent/log"}, "--access-log"),
        ({"FEEDS_PORT": "abc"}, "FEEDS_PORT"),
        ({"FEEDS_WORKERS": "1000"}, "--workers"),
        ({"FEEDS_LOG_FORMAT": "xml"}, "--log-format"),
    ],
)
def test_a_server_that_cannot_run_says_so_in_one_sentence(site: Path, environ: dict[str, str], says: str) -> None:
    """Exit 2, no traceback, whichever way the option was given."""
    done = subprocess.run(
        [sys.executable, "-m", "feeds", "serve", *map(str, serve_arguments(site))], capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
    )  # fmt: skip
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"FEEDS_METRICS_PATH": "metrics"}, "--metrics-path"), ({"FEEDS_ACCESS_LOG": "/nonexistent/log"}, "--access-log"),
        ({"FEEDS_QUERY_VIEWS": "many"}, "FEEDS_QUERY_VIEWS"), ({"FEEDS_LIMIT": "abc"}, "FEEDS_LIMIT"), ({"FEEDS_FOO": "1"}, "FEEDS_FOO"),
        ({"FEEDS_LOG_LEVEL": "loud"}, "FEEDS_LOG_LEVEL"),
        ({"FEEDS_SERVE_FOLDER": "public", "FEEDS_QUERY_VIEWS": "5"}, "--query-views"),
    ],
)  # fmt: skip
def test_a_host_that_imports_the_app_ends_at_once_with_a_sentence(
    site: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], says: str
) -> None:
    """`gunicorn server:app` and others import the module when they start: not each request fails, the start does."""
    for name in [name for name in os.environ if name.startswith("FEEDS_")]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(site)
    (site / "feeds.toml").write_text('base_url = "https://example.org/"\n')
    with pytest.raises(SettingsError, match=says):
        runpy.run_path(str(ROOT / "server.py"))


def test_a_clock_that_is_set_back_holds_no_build_up(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder gives no events, a build looks once a minute, whatever the wall clock says."""
    clock = SimpleNamespace(time=lambda: wall[0], monotonic=lambda: steady[0])
    wall, steady, builds = [1_700_000_000.0], [1_000.0], []
    monkeypatch.setattr("feeds.serving.supervisor.time", clock)
    settings = Settings(base_url="https://example.org/", posts=site / "posts", output=site / "public", state=site / "state")
    supervisor = Supervisor(settings=settings, store=site / "store")
    monkeypatch.setattr(supervisor, "_leads", lambda: True)
    monkeypatch.setattr(supervisor, "_work", lambda _: builds.append(1) or 0)
    supervisor._once()
    wall[0] -= 3_600
    steady[0] += POLL_SECONDS - 1
    assert supervisor._once() <= 1 and len(builds) == 1
    steady[0] += 1
    supervisor._once()
    assert len(builds) == 2


def test_what_other_workers_are_told_of_builds(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed at once, and now and then that builds still end well; not each of them, or the disk would never rest."""
    store = tmp_path / "store"
    store.mkdir()
    leading, other = (Supervisor(folder=site, store=store) for _ in range(2))
    monkeypatch.setattr(leading, "_leader", 9)
    for status, seen in (
        (Status(0, "", 0, 1_000.0), 1_000.0),
        (Status(0, "", 0, 1_000.0 + POLL_SECONDS / 2), 1_000.0),
        (Status(0, "", 0, 1_001.0 + POLL_SECONDS), 1_001.0 + POLL_SECONDS),
        (Status(3, "refused", 2, 1_002.0 + POLL_SECONDS, ("a.md: broken",)), 1_002.0 + POLL_SECONDS),
    ):
        leading._tell(status)
        assert other.status.finished_at == seen and leading.status == status
    assert other.status == leading.status


def test_where_the_pack_lies(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In a folder of its own for each folder that is served; beside that one if nobody names one; a private one where neither is."""
    one, two = tmp_path / "one", tmp_path / "two"
    named = tmp_path / "deep/store"
    places = [store_of(named, None), store_of(named, one), store_of(named, two), store_of(None, one)]
    assert places[0] == named and places[3] == tmp_path / ".one.serve"
    assert {place.parent for place in places[1:3]} == {named} and places[1] != places[2] == store_of(named, two)
    assert all(place.is_dir() for place in places) and not caplog.records
    (tmp_path / "file").write_text("in the way")
    private = store_of(tmp_path / "file/store", None)
    assert private.is_dir() and private.name.startswith("feeds-serve-") and "keeps a pack of its own" in caplog.text
    private.rmdir()


@pytest.mark.parametrize("word", ["/run/feeds.sock", "unix:/run/feeds.sock", "unix:///run/feeds.sock"])
def test_a_socket_is_named_as_other_servers_name_it(word: str) -> None:
    assert options_from({"FEEDS_SOCKET": word}).socket == Path("/run/feeds.sock")
    assert options_from({}, {"socket": Path(word)}).socket == Path("/run/feeds.sock")


def test_a_unix_socket(site: Path) -> None:
    """`--socket` answers there; a socket left behind by a killed server is taken over."""
    path = site / "feeds.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    command = [
        sys.executable,
        "-m",
        "feeds",
        "serve",
        *map(str, serve_arguments(site)),
        "--socket",
        str(path),
        "--log-format",
        "json",
    ]
    with (site / "log").open("wb") as log:
        server = subprocess.Popen(command, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:

        def is_answered() -> bool:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(60)
                link.connect(str(path))
                link.sendall(b"GET /rss.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return link.recv(65536).startswith(b"HTTP/1.1 200")

        web_servers.until(is_answered, log=(site / "log").read_text)
    finally:
        server.terminate()
        assert server.wait(60) == 0
    lines = [json.loads(line) for line in (site / "log").read_text().splitlines()]
    assert any(line["message"].startswith("listening on unix:") and line["level"] == "info" for line in lines)
