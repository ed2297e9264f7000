"""The run that cron makes nearly every time: nothing has changed, and it costs next to nothing (REL-2)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import web_servers
from commands import run_feeds

HEAVY = {
    "lxml",
    "bleach",
    "feedgen",
    "flask",
    "yaml",
    "frontmatter",
    "markdown_it",
    "nh3",
    "argparse",
    "sqlite3",
    "tomllib",
    "dataclasses",
    "uvicorn",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    for number in range(6):
        (tmp_path / f"posts/{number}.md").write_text(
            f"---\ntitle: 第{number}篇\ndate: 2021-01-0{number + 1}\n---\n正文{number}", "utf-8"
        )
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\n')
    # The file system's clock ticks in steps: only what is older than one is known to be what was read.
    time.sleep(0.05)
    assert build(tmp_path).returncode == 0
    return tmp_path


def build(site: Path, *before: str, flags: Sequence[str] = (), **more: str) -> subprocess.CompletedProcess[str]:
    """`feeds build`, behind the words of another program or with its imports listed where that is asked for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    if not before and "IMPORTS" not in more:
        return run_feeds("build", *flags, cwd=site, environ={**kept, **more})
    environ = {**kept, "PYTHONPATH": str(web_servers.ROOT), "PYTHONDONTWRITEBYTECODE": "1", **more}
    python = [sys.executable, *(["-X", "importtime"] if "IMPORTS" in more else [])]
    return subprocess.run(
        [*before, *python, "-m", "feeds", "build", *flags], cwd=site, env=environ, capture_output=True, text=True
    )


def tree(site: Path) -> dict[str, tuple[int, int, int]]:
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns, path.lstat().st_size) for path in sorted(site.rglob("*"))}


def test_it_reads_no_post_writes_nothing_and_says_nothing(site: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    strace = web_servers.program("strace")
    log = tmp_path_factory.mktemp("trace") / "log"
    before = tree(site)
    calls = (
        "openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,write,pwrite64,fork,vfork,clone,clone3,socket"
    )
    done = build(site, strace, "-f", "-qq", "-o", str(log), "-e", f"trace={calls}")
    if "Operation not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    output = log.read_text(errors="replace")
    assert not re.search(r"posts/\d\.md", output), "no post is opened"
    assert set(re.findall(r"^\d+\s+(\w+)\(", output, re.MULTILINE)) <= {"open", "openat"}, "nothing is written, nobody started"
    assert not re.search(r"\.sqlite|\bO_(?:WRONLY|RDWR|CREAT)\b", output)
    assert tree(site) == before


def test_it_imports_nothing_heavy(site: Path) -> None:
    output = build(site, IMPORTS="1").stderr
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in output.splitlines() if line.startswith("import time:")
    }
    assert "feeds" in imported and imported.isdisjoint(HEAVY), imported & HEAVY


@pytest.mark.parametrize("same_tick", [True, False])
def test_an_edit_of_equal_size_and_time_is_seen(site: Path, same_tick: bool) -> None:
    """A write within one tick of the clock leaves size and mtime as they were: ctime and inode tell, or the file is read."""
    post = site / "posts/3.md"
    stat = post.stat()
    text = post.read_text("utf-8")
    if same_tick:
        (site / "posts/9.md").write_text(text.replace("第3篇", "第9篇"), "utf-8")
        assert build(site).returncode == 0
        (site / "posts/9.md").write_text(text.replace("第3篇", "第8篇"), "utf-8")
        wanted = "第8篇"
    else:
        post.write_text(text.replace("第3篇", "第7篇"), "utf-8")
        os.utime(post, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        wanted = "第7篇"
    assert build(site).returncode == 0
    assert wanted in (site / "public/rss.xml").read_text("utf-8")


@pytest.mark.parametrize(
    "what", ["document deleted", "document edited", "ledger deleted", "settings", "variable", "cache deleted"]
)
def test_what_makes_a_run_whole_again(site: Path, what: str) -> None:
    """Whoever touches what was published, the state or the settings: the next run fixes it, and says so where it must."""
    rss = site / "public/rss.xml"
    whole = rss.read_bytes()
    more = {}
    if what == "document deleted":
        rss.unlink()
    elif what == "document edited":
        rss.write_bytes(whole + b"<!-- -->")
    elif what == "ledger deleted":
        (site / ".feeds/ledger.sqlite").unlink()
    elif what == "cache deleted":
        (site / ".feeds/cache.sqlite").unlink()
    elif what == "settings":
        (site / "feeds.toml").write_text('base_url = "https://example.org/"\ntitle = "另一个"\n')
    else:
        more = {"FEEDS_TITLE": "另一个"}
    done = build(site, **more)
    assert done.returncode == 0, done.stderr
    if what in ("settings", "variable"):
        assert "另一个" in rss.read_text("utf-8")
    else:
        assert rss.read_bytes() == whole


@pytest.mark.parametrize(
    ("path", "damage"),
    [
        ("rss.xml", "of equal size"), ("rss.xml.gz", "deleted"), ("atom.xml.br", "cut off"), ("feed.json.br", "deleted"),
        (".feeds-headers/nginx-http.conf", "deleted"),
    ],
)  # fmt: skip
def test_whatever_belongs_to_the_generation_is_mended(site: Path, path: str, damage: str) -> None:
    """A damaged document, a coding that is gone or cut off, a lost header map: readers get two bodies at one URL, or none."""
    (site / "feeds.toml").write_text('base_url = "https://example.org/"\nprecompress = ["gzip", "br"]\nheader_maps = ["nginx"]\n')
    assert build(site).returncode == 0
    file = site / "public" / path
    whole = file.read_bytes()
    assert len(whole) > 100
    before = tree(site)
    assert build(site).returncode == 0 and tree(site) == before
    if damage == "deleted":
        file.unlink()
    else:
        file.write_bytes(whole[:50] if damage == "cut off" else whole[:-9] + b"X" * 9)
    assert build(site).returncode == 0
    assert file.read_bytes() == whole
    assert {str(one.relative_to(site)) for one in (site / "public").rglob("*")} == {
        name for name in (one.removeprefix(f"{site}/") for one in before) if name.startswith("public/")
    }


def is_short(site: Path, *flags: str, **more: str) -> bool:
    """Whether a build now ends before anything of the whole build is imported."""
    done = build(site, flags=flags, IMPORTS="1", **more)
    assert done.returncode == 0, done.stderr
    return not re.search(r"\| +sqlite3$", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("where", ["in the settings", "beside the posts", "mtime years ahead", "an odd name"])
def test_the_short_way_is_found(site: Path, where: str) -> None:
    """Wherever the state lies, whatever a post's mtime and name: a run with nothing to do costs next to nothing."""
    more = {}
    if where == "in the settings":
        (site / "feeds.toml").write_text("title = 'x'\nstate = 'var/feeds'  # not here\nbase_url = 'https://example.org/'\n")
    elif where == "beside the posts":
        (site / "feeds.toml").unlink()
        more = {"FEEDS_BASE_URL": "https://example.org/"}
    elif where == "mtime years ahead":
        os.utime(site / "posts/1.md", (time.time() + 1e8, time.time() + 1e8))
    else:
        (site / "posts/a\tb\tc\td\te\nf.md").write_text("---\ntitle: odd\ndate: 2021-01-01\n---\n")
    time.sleep(0.05)
    assert not is_short(site, **more)
    assert is_short(site, **more)
    (site / "posts/1.md").write_text("---\ntitle: 改了\ndate: 2021-01-02\n---\n")
    assert not is_short(site, **more)
    assert "改了" in (site / "public/rss.xml").read_text("utf-8")


def test_no_flag_of_a_setting_makes_a_run_whole(site: Path) -> None:
    """The short way reads its arguments by itself; a flag that it did not know would cost every run the whole program."""
    flags = ("--author", "Ann", "--title=T", "--language", "en", "--limit=5", "--formats", "rss,atom", "--categories-mode=path")
    time.sleep(0.05)
    assert not is_short(site, *flags)
    assert is_short(site, *flags)
    assert not is_short(site, *flags, "--content", "summary")


def test_an_output_inside_the_posts_folder_is_not_read_as_posts(tmp_path: Path) -> None:
    """Posts in several folders of a site: its own folder is the posts folder, and the output lies in it."""
    for path in ("notes/a.md", "essays/b.md"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(f"---\ntitle: {path}\ndate: 2021-01-01\n---\n正文", "utf-8")
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\nposts = "."\nstate = "state"\n')
    time.sleep(0.05)
    assert build(tmp_path).returncode == 0
    before = tree(tmp_path)
    again = build(tmp_path)
    assert (again.returncode, again.stdout, tree(tmp_path)) == (0, "", before)
    feed = (tmp_path / "public/feed.json").read_text("utf-8")
    assert len(re.findall(r'"title": ?"(?:notes|essays)/', feed)) == 2
    assert "entry/" in feed and "public/" not in feed
