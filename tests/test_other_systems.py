"""Without what only Linux has: the calls are taken away, and the same site is built, checked and served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import web_servers

from feeds import system

#: Imported by Python itself before anything else, in each process.
TAKEN_AWAY = """
import os, sys
os.supports_dir_fd.clear()
os.supports_fd.clear()
# What modules of Python's own take from the system when they are imported stays theirs.
import asyncio, signal, ctypes, random, logging, shutil, threading, tempfile, concurrent.futures.thread
for name in ("fcntl", "resource", "grp", "pwd"):
    sys.modules[name] = None
for name in ("O_DIRECTORY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "register_at_fork", "killpg", "nice", "SCHED_BATCH",
             "chown", "lchown", "getxattr", "setxattr", "listxattr", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "setitimer"):
    if hasattr(signal, name):
        delattr(signal, name)
class Library:
    def __init__(self, *arguments, **options):
        pass
    def __getattr__(self, name):
        raise AttributeError(name)
ctypes.CDLL = Library
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "sitecustomize.py").write_text(TAKEN_AWAY)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    return {**kept, "PYTHONPATH": f"{tmp_path / 'taken'}{os.pathsep}{web_servers.ROOT}"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    for number in range(3):
        (tmp_path / "posts" / f"{number}.md").write_text(
            f"---\ntitle: 第{number}篇\ndate: 2021-01-0{number + 1}\n---\n正文\n", "utf-8"
        )
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\n')
    return tmp_path


def test_build_and_check_run_and_write_the_same_bytes(site: Path, environ: dict[str, str]) -> None:
    """A second run with nothing to do as well, an edit, and a build beside another one."""

    def feeds(*words: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([sys.executable, "-m", "feeds", *words], cwd=site, env=given, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    plain = {**environ, "PYTHONPATH": str(web_servers.ROOT)}
    times = {"SOURCE_DATE_EPOCH": "1767225600"}
    for out, given in (("here", plain), ("there", environ)):
        for _ in range(2):
            done = feeds("build", "--output", out, "--state", f"state-{out}", given={**given, **times})
            assert (done.returncode, done.stderr) == (0, "")
        assert feeds("check", "--state", f"state-{out}", given={**given, **times}).returncode == 0
    for path in (site / "here").rglob("*.xml"):
        assert path.read_bytes() == (site / "there" / path.relative_to(site / "here")).read_bytes()
    (site / "posts" / "3.md").write_text("---\ntitle: 新\ndate: 2021-02-01\n---\n正文\n", "utf-8")
    assert feeds("build", "--output", "there", "--state", "state-there", given={**environ, **times}).returncode == 0
    assert "新" in (site / "there" / "rss.xml").read_text("utf-8")


def test_serve_runs_takes_up_an_edit_and_ends(site: Path, environ: dict[str, str]) -> None:
    """With its build in a child, also without signals but SIGTERM."""
    log = site / "log"
    with web_servers.feeds_serve("--config", site / "feeds.toml", log=log, PYTHONPATH=environ["PYTHONPATH"]) as server:
        assert "第0篇" in server.wait_for("/rss.xml").body.decode()
        (site / "posts" / "3.md").write_text("---\ntitle: 新\ndate: 2021-02-01\n---\n正文\n", "utf-8")
        web_servers.until(lambda: "新" in server.ask("/rss.xml").body.decode())
        assert "Traceback" not in server.log_text()
    assert server.child is not None and server.child.returncode == 0


def test_a_lock_is_one_process_s_alone(tmp_path: Path) -> None:
    """Until it is closed, however that happens."""
    first, second = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT | system.PRIVATE) for _ in range(2))
    assert system.try_lock(first) and not system.try_lock(second)
    os.close(first)
    assert system.try_lock(second)
    os.close(second)
