"""What lies in a posts folder besides posts: skipped with a reason, never followed, never opened."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.build import run
from feeds.errors import PostError, RefusedError
from feeds.posts import collect, read, walk
from feeds.posts.scan import Listing, scan
from feeds.settings import Bounds, Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "posts"
    made.mkdir()
    (made / "good.md").write_text("---\ntitle: x\n---\nb", "utf-8")
    return made


def names(listing: Listing) -> list[str]:
    return [one.path for one in listing.posts]


def why(listing: Listing) -> dict[str, str]:
    assert all(problem.fix for problem in listing.problems)
    return {problem.path: problem.code for problem in listing.problems}


def test_posts_of_every_ending_in_every_depth(folder: Path) -> None:
    for name in (
        "a.markdown",
        "B.MD",
        "c.html",
        "d.htm",
        "e.txt",
        "深/层/文章.md",
        "with blank.md",
        "picture.png",
        "README",
        ".hidden.md",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.md").write_text("x")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "readme.md").write_text("x")
    found = scan(folder)
    assert names(found) == sorted(["B.MD", "a.markdown", "c.html", "d.htm", "e.txt", "good.md", "with blank.md", "深/层/文章.md"])
    assert [one.path for one in found.others] == ["README", "picture.png"] and not found.problems


@pytest.mark.parametrize(
    "name", ["a.md~", ".#a.md", "#a.md#", ".a.md.swp", "a.md.swp", "a.md.bak", "a.md.orig", "._a.md", "a (conflicted copy 2021-01-01).md",
             "a.sync-conflict-20210101-120000.md", "a的冲突副本.md", "a.md.part", "a.md.tmp", "~$a.md"],
)  # fmt: skip
def test_what_editors_and_synchronisers_leave(folder: Path, name: str) -> None:
    (folder / name).write_text("---\ntitle: leftover\n---\n")
    assert names(scan(folder)) == ["good.md"]


def test_links_loops_pipes_sockets_and_devices(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("---\ntitle: secret\n---\n")
    (folder / "link.md").symlink_to(tmp_path / "secret.md")
    (folder / "loop").symlink_to(folder)
    (folder / "broken.md").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)
        listening.bind("socket.md")
        os.chdir(here)
        found = scan(folder)
    assert names(found) == ["good.md"]
    assert why(found) == dict.fromkeys(["broken.md", "link.md", "loop", "pipe.md", "socket.md"], "skipped")


def test_a_file_that_became_a_link_or_a_pipe_is_not_opened(folder: Path, tmp_path: Path) -> None:
    """Between the listing and the reading."""
    listed = scan(folder).posts[0]
    (folder / "good.md").unlink()
    os.mkfifo(folder / "good.md")
    with pytest.raises(PostError, match="regular"):
        read.source(folder, listed.path, Bounds())
    (folder / "good.md").unlink()
    (tmp_path / "secret").write_text("s")
    (folder / "good.md").symlink_to(tmp_path / "secret")
    with pytest.raises(PostError, match="cannot be read"):
        read.source(folder, listed.path, Bounds())
    (folder / "good.md").unlink()
    with pytest.raises(PostError, match="cannot be read"):
        read.source(folder, listed.path, Bounds())


def test_names_that_are_no_utf_8(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.md")).write_text("x")
    found = scan(folder)
    assert names(found) == ["good.md"] and list(why(found).values()) == ["file-name"]


def test_a_large_file_is_refused_unread(folder: Path) -> None:
    """IN-11: a sparse gigabyte costs nothing."""
    with (folder / "large.md").open("wb") as stream:
        stream.truncate(2**30)
    large = next(one for one in scan(folder).posts if one.path == "large.md")
    with pytest.raises(PostError) as raised:
        read.source(folder, large.path, Bounds())
    assert raised.value.problem.code == "bound-file" and "bounds.file_bytes" in raised.value.problem.fix


def test_what_is_no_file_is_not_read(folder: Path) -> None:
    """Nor is what lies behind a link, or below another user's key: the post is broken and says why; nothing waits for a pipe."""
    (folder / "link.md").symlink_to("good.md")
    (folder / "folder.md").mkdir()
    os.mkfifo(folder / "pipe.md")
    for name, code in (
        ("link.md", "unreadable"),
        ("folder.md", "unreadable"),
        ("pipe.md", "unreadable"),
        ("gone.md", "vanished"),
    ):
        with pytest.raises(PostError) as raised:
            read.source(folder, name, Bounds())
        assert (raised.value.problem.path, raised.value.problem.code) == (name, code) and raised.value.problem.fix
    with pytest.raises(PostError) as raised:
        read.source(folder, "good.md", Bounds(file_bytes=1))
    assert raised.value.problem.code == "bound-file"


def test_a_file_that_is_being_written_is_read_again(folder: Path) -> None:
    """IN-12: what is read is of one moment, or the post is broken and says so."""
    path = folder / "good.md"
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            with path.open("ab") as stream:
                stream.write(b"x" * 100)
            time.sleep(0.0005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            try:
                body = read.source(folder, scan(folder).posts[0].path, Bounds())
            except PostError as error:
                assert error.problem.code == "file-changing"
            else:
                assert len(body.partition(b"b")[2]) % 100 == 0 or body.startswith(b"---")
    finally:
        done.set()
        writer.join()
    assert read.source(folder, scan(folder).posts[0].path, Bounds()) == path.read_bytes()


def test_exclusions(folder: Path) -> None:
    (folder / "notes").mkdir()
    (folder / "notes/a.md").write_text("x")
    assert names(scan(folder, ("notes",))) == ["good.md"] == names(scan(folder, ("notes/*",))) == names(scan(folder, ("a.md",)))


def test_published_documents_below_the_posts_are_not_posts(folder: Path) -> None:
    """Wherever it was published to, e.g. by a build before a server that builds into a folder of its own."""
    (folder / "site/entry").mkdir(parents=True)
    (folder / "site/entry/index.html").write_text("x")
    assert len(names(scan(folder))) == 2
    (folder / "site/.feeds-manifest.json").write_text("{}")
    (folder / ".feeds-manifest.json").write_text("{}")
    assert names(scan(folder)) == ["good.md"]


def test_a_folder_that_is_not_there_never_passes_for_an_empty_one(tmp_path: Path) -> None:
    """REL-9."""
    (tmp_path / "file").write_text("x")
    for missing in (tmp_path / "nothing", tmp_path / "file"):
        with pytest.raises(RefusedError):
            scan(missing)


def test_the_listing_skips_files_that_vanish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or a folder that goes while it is listed is not there, as in the scan; the folder itself has to be."""
    (folder / "sub").mkdir()
    (folder / "going.md").write_text("x")
    scandir = os.scandir

    def churning(path: int) -> Iterator[os.DirEntry[str]]:
        found = list(scandir(path))
        (folder / "going.md").unlink(missing_ok=True)
        if (folder / "sub").exists():
            (folder / "sub").rmdir()
        return iter(found)

    monkeypatch.setattr(os, "scandir", churning)
    assert "good.md" in walk.take(str(folder)) and "going.md" not in walk.take(str(folder))
    with pytest.raises(FileNotFoundError):
        walk.take(str(folder / "nowhere"))


def test_an_excluded_folder_that_cannot_be_read_stops_nothing(folder: Path) -> None:
    """lost+found at the top of a disk is root's alone; excluded, it is nobody's business (as root: a folder that is none)."""
    locked = folder / "lost+found"
    locked.mkdir(mode=0o000)
    settings = Settings(
        base_url="https://example.org/", posts=folder, output=folder.parent / "public", state=folder.parent / "state", workers=1,
        exclude=("lost+found",),
    )  # fmt: skip
    real = os.open

    def refusing(path: object, *rest: Any, **more: Any) -> int:
        if str(path).rstrip("/").endswith("lost+found"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "open", refusing)
        assert run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC)).exit_code == 0
        with pytest.raises(RefusedError):
            run.publish(replace(settings, exclude=()), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_second_write_within_the_seconds_of_a_coarse_disk_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where times are whole seconds, a file that was young at the last scan and is young again has to be read again."""
    settings = Settings(
        base_url="https://example.org/", posts=folder, output=folder.parent / "public", state=folder.parent / "state", workers=1
    )
    real = collect.sort_out

    def coarse(*given: Any) -> Listing:
        found = real(*given)
        return found._replace(posts=tuple(one._replace(mtime_ns=second, ctime_ns=second) for one in found.posts))

    # Ahead of the clock: young for as long as this test may take.
    second = (time.time_ns() // 10**9 + 10**6) * 10**9
    monkeypatch.setattr(collect, "sort_out", coarse)
    for word in ("one", "two"):
        (folder / "good.md").write_text(f"---\ntitle: {word}\ndate: 2021-01-01\n---\nb", "utf-8")
        run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    assert "two" in (settings.output / "rss.xml").read_text("utf-8")


def test_a_folder_that_is_not_there_is_told_from_one_that_cannot_be_read(tmp_path: Path) -> None:
    """With the name that was meant, if one beside it is nearly the same."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "notes.md").touch()
    with pytest.raises(RefusedError, match=r"there is no such folder.*posts"):
        scan(tmp_path / "postst")
    with pytest.raises(RefusedError, match="there is no such folder"):
        scan(tmp_path / "posts/2021")
    with pytest.raises(RefusedError, match="cannot be read"):
        scan(tmp_path / "notes.md")
