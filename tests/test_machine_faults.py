"""What the machine can do to a build: no room, no permission, a damaged ledger. The last good generation stays."""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import web_servers
from commands import run_feeds

from feeds.build import no_change, run
from feeds.errors import LedgerError, machine_sentence
from feeds.ledger.ledger import Ledger
from feeds.publish import lock
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]


def build(folder: Path, *words: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
    words = words or ("build", "posts", "--base-url", "https://example.org/", "--output", "out/public")
    if user is None:
        return run_feeds(*words, cwd=folder)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    return subprocess.run(
        [sys.executable, "-m", "feeds", *words], cwd=folder, capture_output=True, text=True, check=False, user=user,
        env={**environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def site(folder: Path) -> Path:
    (folder / "posts").mkdir()
    (folder / "out").mkdir(exist_ok=True)
    (folder / "posts/a.md").write_text("---\ntitle: a\ndate: 2021-01-01\n---\nfirst\n")
    return folder


def live(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted((folder / "out/public").rglob("*")) if path.is_file()}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room, where this user may mount one."""
    (tmp_path / "out").mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(tmp_path / "out")], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no right to mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path / "out")], check=True)


def test_a_full_disk_costs_nothing(small_disk: Path) -> None:
    """REL-5: exit 5 and a sentence with its fix; what was published stays; with room again all is as it should be."""
    site(small_disk)
    assert build(small_disk).returncode == 0
    before = live(small_disk)
    (small_disk / "out/filler").write_bytes(b"x" * 200_000)
    (small_disk / "posts/b.md").write_text("---\ntitle: b\ndate: 2021-01-02\n---\n" + "很长的一篇。" * 9000)
    done = build(small_disk)
    assert done.returncode == 5 and "make room" in done.stderr and "Traceback" not in done.stderr
    assert live(small_disk) == before
    (small_disk / "out/filler").unlink()
    (small_disk / "posts/b.md").write_text("---\ntitle: b\ndate: 2021-01-02\n---\nshort\n")
    assert build(small_disk).returncode == 0
    assert b"short" in (small_disk / "out/public/feed.json").read_bytes()
    assert [name for name in os.listdir(small_disk / "out/.public.feeds") if not name.startswith("old-")] == []


def test_without_permission_nothing_changes(tmp_path: Path) -> None:
    """EACCES on the output: exit 5, said; fixed, the next run publishes."""
    if os.getuid() != 0:
        pytest.skip("needs another user to be")
    site(tmp_path)
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == 0 and path.name.startswith(("pytest", "popen", "test_")):
            path.chmod(0o755)
    tmp_path.chmod(0o777)
    (tmp_path / "out").chmod(0o777)
    try:
        subprocess.run(
            [sys.executable, "-c", "import feeds"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, user=65534, check=True
        )
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("this interpreter is out of reach for another user")
    assert build(tmp_path, user=65534).returncode == 0
    before = live(tmp_path)
    (tmp_path / "posts/a.md").write_text("---\ntitle: a\ndate: 2021-01-01\n---\nsecond\n")
    for path in sorted((tmp_path / "out").rglob("*"), reverse=True):
        if path.is_dir():
            path.chmod(0o555)
    (tmp_path / "out").chmod(0o555)
    done = build(tmp_path, user=65534)
    assert done.returncode == 5 and "permission" in done.stderr and "Traceback" not in done.stderr
    assert live(tmp_path) == before


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.ESTALE])
def test_a_file_that_the_machine_could_not_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Though its stat is the same in the next build: the failure is the machine's, and no mistake of the post."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name in ("a", "b"):
        (posts / f"{name}.md").write_text(f"---\ntitle: Post {name}\ndate: 2021-01-01\n---\nText.\n", "utf-8")
        os.utime(posts / f"{name}.md", (1_600_000_000, 1_600_000_000))
    settings = Settings(
        base_url="https://site.example/", posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1
    )  # fmt: skip
    real = os.open

    def failing(path: Any, *arguments: Any, **keywords: Any) -> int:
        if str(path).endswith("b.md"):
            raise OSError(number, os.strerror(number))
        return real(path, *arguments, **keywords)

    later = datetime.now(UTC) + timedelta(hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", failing)
        outcome = run.publish(settings, later)
    assert outcome.exit_code == 1 and "b.md" in outcome.built.collected.racy
    assert [problem.code for problem in outcome.built.collected.broken["b.md"]] == ["read-failed"]
    assert run.publish(settings, later + timedelta(hours=1)).exit_code == 0
    assert "Post b" in (tmp_path / "public/atom.xml").read_text("utf-8")


def test_an_error_of_the_system_names_the_file_and_what_to_do() -> None:
    """Without the number that Python puts before it; control characters of a file's name stay escaped."""
    for error, text in (
        (OSError(errno.EACCES, "Permission denied", "/s/build.lock"), "/s/build.lock: operating system error: Permission denied (fix its"),
        (OSError(errno.ENOSPC, "No space left on device", b"/s/\xe8\x8c\xb6"), "/s/茶: operating system error: No space left on device (make room"),
        (OSError(errno.ENOSPC, "No space left on device", 3), "operating system error: No space left on device (make room"),
        (OSError("odd"), "operating system error: odd"),
        (OSError(errno.EIO, "Input/output error", "/s/\x1b[1m"), "/s/\\x1b[1m: operating system error: Input/output error (look"),
    ):  # fmt: skip
        assert machine_sentence(error).startswith(text)


@pytest.mark.parametrize("damage", ["empty", "garbage", "newer"])
def test_a_damaged_ledger_is_refused_and_left_unchanged(tmp_path: Path, damage: str) -> None:
    """Exit 5, the file untouched, and the command that brings the last good one back; after it ids are what they were."""
    site(tmp_path)
    assert build(tmp_path).returncode == 0
    before = live(tmp_path)
    ledger = tmp_path / ".feeds/ledger.sqlite"
    if damage == "newer":
        base = sqlite3.connect(ledger)
        base.execute("PRAGMA user_version=999")
        base.commit()
        base.close()
    else:
        ledger.write_bytes(b"" if damage == "empty" else b"no database " * 500)
    broken = ledger.read_bytes()
    (tmp_path / "posts/a.md").write_text("---\ntitle: a\ndate: 2021-01-01\n---\nsecond\n")
    done = build(tmp_path)
    assert done.returncode == 5 and "feeds ledger restore" in done.stderr and "Traceback" not in done.stderr
    assert ledger.read_bytes() == broken and live(tmp_path) == before
    assert build(tmp_path, "ledger", "restore", "--posts", "posts").returncode == 0
    done = build(tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"second" in (tmp_path / "out/public/feed.json").read_bytes()
    assert before[str(tmp_path / "out/public/atom.xml")].split(b"<id>")[2][:60] in (tmp_path / "out/public/atom.xml").read_bytes()


def test_a_missing_ledger_beside_an_output_is_reported(tmp_path: Path) -> None:
    """The ids come out the same over unchanged files, and the operator is told."""
    site(tmp_path)
    assert build(tmp_path).returncode == 0
    before = live(tmp_path)
    for name in ("ledger.sqlite", "ledger.backup.sqlite"):
        (tmp_path / ".feeds" / name).unlink()
    done = build(tmp_path)
    assert done.returncode == 0 and "ledger" in done.stderr
    assert {path: body for path, body in live(tmp_path).items() if "manifest" not in path} == {
        path: body for path, body in before.items() if "manifest" not in path
    }


def test_the_lock_and_the_workers_die_with_the_build(tmp_path: Path) -> None:
    """REL-6: a build that is killed leaves no worker behind, and none of them holds the lock on."""
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from feeds import pool\n"
        "from feeds.publish import lock\n"
        "def work(shared, argument):\n"
        "    (shared / str(argument)).touch()\n"
        "    time.sleep(60)\n"
        "with lock.held(Path('state')):\n"
        "    list(pool.run(work, range(4), shared=Path('.'), workers=2, seconds_each=1, chunk=1))\n"
    )
    told, held = os.pipe()
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        pass_fds=[held],
        start_new_session=True,
    )
    os.close(held)
    try:
        web_servers.until((tmp_path / "1").exists)
        started.kill()
        started.wait()
        with lock.held(tmp_path / "state"):
            pass
        # The pipe ends when the last process that holds it has ended.
        assert select.select([told], [], [], 20)[0], "workers outlive the build"
    finally:
        os.close(told)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(started.pid, signal.SIGKILL)


def test_process_1_collects_what_a_killed_build_leaves() -> None:
    """Its workers are children of process 1 then; a build for which somebody waits is left to that one."""
    program = (
        "import os, subprocess, sys, time\n"
        "from pathlib import Path\n"
        "from feeds import system\n"
        "def ended():\n"
        "    stats = [path.read_text().rpartition(')')[2].split() for path in Path('/proc').glob('[0-9]*/stat')]\n"
        "    return sum(stat[0] == 'Z' for stat in stats)\n"
        "build = subprocess.Popen(['sh', '-c', 'sleep 0 & exec sleep 9'], start_new_session=True)\n"
        "while not ended(): time.sleep(0.01)\n"
        "build.kill()\n"
        "while ended() < 2: time.sleep(0.01)\n"
        "system.reap_orphans()\n"
        "assert ended() == 1 and build.wait() == -9\n"
        "print(os.getpid(), ended())\n"
    )
    command = ["unshare", "--fork", "--pid", "--mount-proc", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this machine makes no namespaces for processes")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=60)
    assert done.stdout == "1 0\n", done.stderr


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    """The cache is a cache and nothing else: damaged anywhere, the build is as it would have been."""
    site(tmp_path)
    assert build(tmp_path).returncode == 0
    cache = tmp_path / ".feeds/cache.sqlite"
    whole = cache.read_bytes()
    cache.write_bytes(whole[:16384] + b"\xff" * 16384 + whole[32768:])
    (tmp_path / "posts/b.md").write_text("---\ntitle: b\ndate: 2021-01-02\n---\nsecond\n")
    done = build(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        b"first" in (tmp_path / "out/public/feed.json").read_bytes()
        and b"second" in (tmp_path / "out/public/feed.json").read_bytes()
    )


def test_a_state_without_room_is_told_and_costs_nothing(small_disk: Path) -> None:
    """REL-5: the state on a full disk, exit 5 and never a traceback, or 0 where only the cache found no room."""
    site(small_disk)
    words = ("build", "posts", "--base-url", "https://example.org/", "--output", "public", "--state", "out/state")
    codes = set()
    for kilobytes in range(380, 80, -50):
        (small_disk / "out/filler").write_bytes(b"x" * 1024 * kilobytes)
        done = build(small_disk, *words)
        assert "Traceback" not in done.stderr
        assert (done.returncode == 0) == (small_disk / "public/rss.xml").exists(), done.stderr
        codes.add(done.returncode)
        if done.returncode == 0:
            break
        assert done.returncode == 5 and "full" in done.stderr
    assert codes == {0, 5}


def test_what_fails_behind_the_switch_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5 says that nothing changed: once the generation is live a full disk under the state does not fail the build."""
    site(tmp_path)
    settings = Settings(
        base_url="https://example.org/", posts=tmp_path / "posts", output=tmp_path / "public", state=tmp_path / "state", workers=1
    )
    as_of = datetime(2026, 1, 1, tzinfo=UTC)

    def full(*_: object) -> None:
        raise LedgerError("the ledger cannot be used: database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "confirm", full)
        outcome = run.publish(settings, as_of)
    assert outcome.exit_code == 0 and outcome.switched.switched and not outcome.switched.settled
    no_change.record(outcome, ["posts"], {})
    assert not (tmp_path / "state/unchanged").exists(), "the next run has something to do"
    outcome = run.publish(settings, as_of)
    assert outcome.switched.settled and not outcome.switched.switched


def test_an_import_without_room_is_told_and_changes_nothing(small_disk: Path) -> None:
    """Exit 5 and a sentence; the ledger that was there stays, and what was begun beside it goes with the next run."""
    site(small_disk)
    words = ("--state", "out/state", "--posts", "posts")
    first = ("build", "posts", "--base-url", "https://example.org/", "--output", "public", "--state", "out/state")
    assert build(small_disk, *first).returncode == 0
    assert build(small_disk, "ledger", "export", "text", *words).returncode == 0
    before = (small_disk / "out/state/ledger.sqlite").read_bytes()
    (small_disk / "out/filler").touch()
    room = os.statvfs(small_disk / "out")
    with (small_disk / "out/filler").open("ab") as filler:
        filler.write(b"x" * max(0, room.f_bavail * room.f_frsize - 12_288))
    done = build(small_disk, "ledger", "import", "text", *words)
    assert done.returncode == 5 and "Traceback" not in done.stderr and "full" in done.stderr
    assert (small_disk / "out/state/ledger.sqlite").read_bytes() == before
    (small_disk / "out/filler").unlink()
    assert build(small_disk, *first).returncode == 0
    assert not list((small_disk / "out/state").glob("*.new*"))


@pytest.mark.parametrize("nowhere", ["/dev/full", "&-"])
def test_the_exit_code_is_right_even_if_no_message_can_be_written(tmp_path: Path, nowhere: str) -> None:
    """A log on the disk that is full, or streams that cron's line closed."""
    site(tmp_path)
    command = (
        f"{sys.executable} -m feeds build posts --base-url https://example.org/ --output out/public 2>{nowhere}"
        + " >&-" * (nowhere == "&-")
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}

    def code(more: str = "") -> int:
        return subprocess.run(["/bin/sh", "-c", command + more], cwd=tmp_path, env=environ, check=False).returncode

    assert code() == 0 and code() == 0
    assert code(" --limit nonsense") == 2
    (tmp_path / ".feeds/ledger.sqlite").write_bytes(b"")
    assert code() == 5


def test_a_result_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    """What is printed is what `check` is for: half of it must not look like all of it."""
    site(tmp_path)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "feeds", "check", "posts", "--base-url", "https://example.org/", "--json"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, cwd=tmp_path, env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 5 and "No space left on device" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", ["json/", "rss/", "facts", "entry"])
def test_a_bit_that_falls_over_in_the_cache_costs_time_only(tmp_path: Path, kind: str) -> None:
    """SQLite does not see damage within a value; the cache does."""
    (tmp_path / "posts").mkdir()
    for number in range(4):
        (tmp_path / f"posts/{number}.md").write_text(f"---\ntitle: t{number}\ndate: 2021-01-0{number + 1}\n---\ntext {number}\n")
    site = Settings(
        base_url="https://example.org/",
        posts=tmp_path / "posts",
        output=tmp_path / "public",
        state=tmp_path / ".feeds",
        workers=1,
    )
    run.publish(site, datetime(2026, 1, 1, tzinfo=UTC))
    base = sqlite3.connect(site.state / "cache.sqlite")
    for table in ("results", "notes"):
        base.execute(
            f"UPDATE {table} SET value = CAST(replace(CAST(value AS TEXT), '\"', '~') AS BLOB) WHERE kind LIKE ? || '%'", (kind,)
        )
        base.execute(
            f"UPDATE {table} SET value = CAST(replace(CAST(value AS TEXT), '</', '<') AS BLOB) WHERE kind LIKE ? || '%'", (kind,)
        )
    base.commit()
    base.close()
    (tmp_path / "posts/3.md").write_text("---\ntitle: t3\ndate: 2021-01-04\n---\nedited\n")
    run.publish(site, datetime(2026, 1, 2, tzinfo=UTC))
    found = {path.name: path.read_bytes() for path in site.output.iterdir() if path.is_file()}
    (site.state / "cache.sqlite").unlink()
    (site.output / "rss.xml").unlink()
    (site.output / "feed.json").unlink()
    run.publish(site, datetime(2026, 1, 2, tzinfo=UTC))
    assert b"edited" in found["rss.xml"] and found["rss.xml"] == (site.output / "rss.xml").read_bytes()
    assert found["feed.json"] == (site.output / "feed.json").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE posts SET id = 'tag:x' || char(1)", "UPDATE posts SET slug = '../../x'", "UPDATE posts SET published = 'abc'",
        "UPDATE terms SET slugs = 'no json'", "UPDATE meta SET value = 'no json' WHERE name = 'outlining'", "UPDATE posts SET updated = 5",
        "UPDATE texts SET sketch = x'0102'", "UPDATE posts SET first_seen = 99999999999999999",
    ],
)  # fmt: skip
def test_a_ledger_with_damaged_values_is_refused_and_left(tmp_path: Path, damage: str) -> None:
    """REL-10: also where SQLite has nothing to say; the copy of the last good one comes back by the command that is named."""
    site(tmp_path)
    (tmp_path / "posts/a.md").write_text("---\ntitle: a\ndate: 2021-01-01\ncategories: [x]\n---\nfirst\n")
    assert build(tmp_path).returncode == 0
    before = live(tmp_path)
    ledger = tmp_path / ".feeds/ledger.sqlite"
    base = sqlite3.connect(ledger)
    base.execute(damage)
    base.commit()
    base.close()
    raw = ledger.read_bytes()
    done = build(tmp_path)
    assert done.returncode == 5 and "feeds ledger restore" in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert ledger.read_bytes() == raw and live(tmp_path) == before
    assert build(tmp_path, "ledger", "restore", "--posts", "posts").returncode == 0
    assert build(tmp_path).returncode == 0 and live(tmp_path) == before
