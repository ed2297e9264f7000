"""How generations come to lie in an output folder: each mode, compressed copies, rollback, several outputs, clocks that lie."""

from __future__ import annotations

import errno
import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from feeds import http_headers
from feeds.build import held_generation, run
from feeds.build.rollback import rollback
from feeds.build.run import Outcome
from feeds.cli import ledger
from feeds.errors import PublishError, RefusedError
from feeds.ledger.ledger import Ledger
from feeds.publish import disk, lock
from feeds.publish.old_generations import OldGenerations
from feeds.publish.stage import read_manifest
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]
START = datetime(2026, 1, 1, tzinfo=UTC)
MODES = ("exchange", "symlink", "files")


class Site:
    """Posts and settings; `build` publishes as of so many hours after the start."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        (folder / "posts").mkdir()
        made = Settings(
            base_url="https://example.org/", posts=folder / "posts", output=folder / "public", state=folder / "state", workers=1
        )
        self.settings = replace(made, **settings)  # type: ignore[arg-type]
        for number in range(1, 6):
            self.write(f"{number}.md", f"第{number}篇", f"2021-01-0{number}", f"c{number}")

    def write(self, name: str, title: str, date: str = "2021-02-01", category: str = "c1") -> None:
        text = f"---\ntitle: {title}\ndate: {date}\ncategories: [{category}]\n---\n" + f"{name}的正文。" * 40
        (self.folder / "posts" / name).write_text(text, "utf-8")

    def build(self, hours: float = 0, **settings: object) -> Outcome:
        return run.publish(replace(self.settings, **settings), START + timedelta(hours=hours))  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_an_edit_touches_only_the_documents_that_hold_the_post(tmp_path: Path, mode: str) -> None:
    """REL-2, REL-4: all other files keep inode and time; compressed copies are of the same bytes and the same moment."""
    site = Site(tmp_path, output_mode=mode, precompress=("gzip", "br"))
    site.build()
    before = files(tmp_path / "public")
    site.write("3.md", "改了", "2021-01-03", "c3")
    outcome = site.build(1)
    after = files(tmp_path / "public")
    changed = {path for path in after if before.get(path) != after[path]} - {".feeds-manifest.json"}
    assert changed and before.keys() == after.keys()
    assert {path.removesuffix(".gz").removesuffix(".br") for path in changed} == set(outcome.switched.changed)
    assert not [path for path in changed if path.startswith(("category/c1/", "category/c5/")) and not path.endswith(".html")]
    for path, (body, _, moment) in after.items():
        if path.endswith(".gz"):
            assert gzip.decompress(body) == after[path[:-3]][0] and moment == after[path[:-3]][2]
    assert (tmp_path / "public").is_symlink() == (mode == "symlink")
    again = site.build(2)
    assert not again.switched.changed and files(tmp_path / "public") == after


def test_when_a_document_that_was_never_published_was_last_modified(tmp_path: Path) -> None:
    """HTTP-8: when the newest of its entries was, so that a reader who asks for what is newer since then gets nothing."""
    site = Site(tmp_path)
    site.write("3.md", "改了", "2021-01-03", "c3")
    post = tmp_path / "posts/3.md"
    post.write_text(post.read_text("utf-8").replace("categories", "updated: 2031-01-01\ncategories"), "utf-8")
    moments = {path: one.last_modified for path, one in site.build().switched.manifest.documents.items()}
    assert moments["category/c1/rss.xml"] == moments["category/c1/feed.json"] == datetime(2021, 1, 1, tzinfo=UTC)
    assert moments["category/c3/rss.xml"] == moments["rss.xml"] == START, "not after the build, whatever a post says"


@pytest.mark.parametrize("mode", MODES)
def test_rollback_and_forward_again(tmp_path: Path, mode: str) -> None:
    """Its documents are as they were, but Last-Modified moves on (HTTP-8); the next build publishes the posts as they are."""
    site = Site(tmp_path, output_mode=mode)
    first = site.build()
    old = {path: body for path, (body, _, _) in files(tmp_path / "public").items() if path != ".feeds-manifest.json"}
    site.write("new.md", "新的")
    second = site.build(1)
    rollback(site.settings)
    back = {path: body for path, (body, _, _) in files(tmp_path / "public").items() if path != ".feeds-manifest.json"}
    assert back == old
    with pytest.raises(RefusedError, match="held"):
        site.build(24)
    assert held_generation.release(site.settings) and not held_generation.release(site.settings)
    third = site.build(48)
    assert "新的".encode() in (tmp_path / "public/rss.xml").read_bytes()
    moments = [one.switched.manifest.documents["rss.xml"].last_modified for one in (first, second, third)]
    assert moments == sorted(moments) and len(set(moments)) == 3


def test_in_a_folder_with_other_peoples_files(tmp_path: Path) -> None:
    """Hexo's `public/`: what is not ours stays as it is, whatever comes and goes of ours; a name that is taken is said."""
    site = Site(tmp_path)
    (tmp_path / "public/css").mkdir(parents=True)
    (tmp_path / "public/css/a.css").write_text("theirs")
    (tmp_path / "public/index.html").write_text("their home page")
    outcome = site.build()
    assert any("index.html" in notice for notice in outcome.notices)
    for number in (1, 2):
        (tmp_path / f"posts/{number}.md").unlink()
    site.build(1)
    assert (tmp_path / "public/css/a.css").read_text() == "theirs" and (
        tmp_path / "public/index.html"
    ).read_text() == "their home page"
    assert (tmp_path / "public/category/c1/rss.xml").exists(), "an emptied category keeps its empty feed"


def test_a_file_that_a_generator_wrote_over_ours_is_the_generators(tmp_path: Path) -> None:
    """`clean; feeds build; generate; feeds build`: the blog's own front page stays, is said once, and goes with neither."""
    site = Site(tmp_path)
    site.build()
    public = tmp_path / "public"
    (public / "index.html").write_text("<title>The blog's own front page</title>")
    (public / "archive.html").write_text("theirs")
    first = site.build(1)
    assert [notice for notice in first.notices if "index.html" in notice]
    site.write("new.md", "新的")
    second = site.build(2)
    assert not second.notices and "新的".encode() in (public / "rss.xml").read_bytes()
    assert (public / "index.html").read_text() == "<title>The blog's own front page</title>"
    assert (public / "category/c1/index.html").is_file(), "pages that nobody else makes are still made"
    (public / "atom.xml").write_text("<feed>the generator's own</feed>")
    third = site.build(3)
    assert [notice for notice in third.notices if "atom.xml" in notice]
    assert (public / "atom.xml").read_text() == "<feed>the generator's own</feed>"
    (public / "index.html").unlink()
    site.build(4)
    assert "新的" in (public / "index.html").read_text("utf-8"), "a place that is free again is ours again"


def test_compressed_copies_beside_a_generator(tmp_path: Path) -> None:
    """The copy of our page goes with it, since a web server would send it in place of the generator's; the generator's stays."""
    site = Site(tmp_path, precompress=("gzip", "br"))
    site.build()
    public = tmp_path / "public"
    assert {"index.html.gz", "index.html.br"} <= set(files(public))
    theirs = b"<title>The blog's own front page</title>"
    (public / "index.html").write_bytes(theirs)
    (public / "index.html.gz").write_bytes(gzip.compress(theirs))
    (public / "archive.html").write_text("theirs")
    for hours in (1, 2):
        site.build(hours)
        assert gzip.decompress((public / "index.html.gz").read_bytes()) == theirs
        assert not (public / "index.html.br").exists() and (public / "rss.xml.br").exists()


def test_a_copy_that_somebody_made_of_our_file_goes_with_it(tmp_path: Path) -> None:
    """A deploy script that compresses what it finds: once the document is gone, a server must not go on sending its copy."""
    site = Site(tmp_path, formats=("rss", "atom"), pages=False)
    public = tmp_path / "public"
    public.mkdir()
    (public / "robots.txt").write_text("theirs")
    site.build()
    for name in ("atom.xml", "rss.xml", "robots.txt"):
        copy = public / f"{name}.gz"
        copy.write_bytes(gzip.compress((public / name).read_bytes()))
        os.utime(copy, (1, 1))
    site.build(1, formats=("rss",))
    assert not (public / "atom.xml").exists() and not (public / "atom.xml.gz").exists()
    assert (public / "rss.xml.gz").exists() and (public / "robots.txt.gz").exists()


def test_a_damaged_feed_in_a_folder_of_our_own_is_written_again(tmp_path: Path) -> None:
    """Nobody else writes there: what is not as it was is damage."""
    site = Site(tmp_path)
    site.build()
    whole = (tmp_path / "public/rss.xml").read_bytes()
    (tmp_path / "public/rss.xml").write_bytes(whole[:100])
    site.build(1)
    assert (tmp_path / "public/rss.xml").read_bytes() == whole


@pytest.mark.parametrize("mode", MODES)
def test_the_output_keeps_its_group_and_mode(tmp_path: Path, mode: str) -> None:
    """A setgid folder of the web server's group stays one over a switch, whatever the umask; new folders get the same."""
    group = next((group for group in os.getgroups() if group != os.getegid()), 1 if os.geteuid() == 0 else os.getegid())
    site = Site(tmp_path, output_mode=mode)
    public = tmp_path / "public"
    if mode != "symlink":
        public.mkdir()
        os.chown(public, -1, group)
        public.chmod(0o2775)
    before = os.umask(0o077)
    try:
        site.build()
        site.write("new.md", "新的", category="c9")
        site.build(1)
    finally:
        os.umask(before)
    for path in [public, *public.rglob("*")]:
        here = path.stat()
        wanted = (0o755 if path.is_dir() else 0o644) if mode == "symlink" else (0o2775 if path.is_dir() else 0o664)
        assert here.st_mode & 0o7777 == wanted, path
        assert mode == "symlink" or here.st_gid == group, path


def test_two_outputs_of_one_state(tmp_path: Path) -> None:
    """A site published twice, for two hosts: each output is a generation of its own, ids and dates are one."""
    site = Site(tmp_path)
    site.build()
    other = tmp_path / "other"
    site.build(1, output=other)
    one, two = files(tmp_path / "public"), files(other)
    assert {path: body for path, (body, _, _) in one.items() if path.endswith(".xml")} == {
        path: body for path, (body, _, _) in two.items() if path.endswith(".xml")
    }
    site.write("new.md", "新的")
    site.build(2)
    site.build(2, output=other)
    assert (other / "rss.xml").read_bytes() == (tmp_path / "public/rss.xml").read_bytes() and "新的".encode() in (
        other / "rss.xml"
    ).read_bytes()


def test_a_clock_that_jumps_back(tmp_path: Path) -> None:
    """No Last-Modified goes back; "all future now" is refused, since it is the clock."""
    site = Site(tmp_path)
    site.write("new.md", "新的", "2025-12-31")
    first = site.build(100)
    site.write("3.md", "改了", "2021-01-03", "c3")
    second = site.build(50)
    for path, one in second.switched.manifest.documents.items():
        assert one.last_modified >= first.switched.manifest.documents[path].last_modified
    live = files(tmp_path / "public")
    with pytest.raises(RefusedError, match=r"future|clock"):
        run.publish(site.settings, datetime(2001, 1, 1, tzinfo=UTC))
    assert files(tmp_path / "public") == live
    rollback(site.settings, START)
    back = read_manifest(tmp_path / "public")
    assert back is not None and back.as_of == second.switched.manifest.as_of
    for path in second.switched.changed:
        assert back.documents[path].last_modified > second.switched.manifest.documents[path].last_modified


def test_a_second_build_at_once_ends_at_once(tmp_path: Path) -> None:
    """REL-6: exit 4, nothing on standard output, at most a line on standard error."""
    site = Site(tmp_path)
    with lock.held(tmp_path / "state"):
        done = subprocess.run(
            [sys.executable, "-m", "feeds", "build", str(tmp_path / "posts"), "--base-url", "https://example.org/", "--output",
             str(tmp_path / "public"), "--state", str(tmp_path / "state")],
            capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert done.returncode == 4 and done.stdout == "" and done.stderr.count("\n") <= 1 and not (tmp_path / "public").exists()
    assert site.build().exit_code == 0


def test_a_move_that_fails_half_way_is_finished_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REL-5: what the journal tells of stays, so that the next run completes it; files that are not ours stay, too."""
    site = Site(tmp_path, output_mode="files")
    (tmp_path / "public").mkdir()
    (tmp_path / "public/theirs.html").write_text("theirs")
    site.build()
    site.write("new.md", "新的", category="c9")
    replace_ = Path.replace
    moved: list[Path] = []

    def failing(path: Path, target: Path) -> Path:
        if ".feeds-next" in str(path):
            moved.append(path)
            if len(moved) > 3:
                raise OSError(errno.EIO, "Input/output error", str(path))
        return replace_(path, target)

    with monkeypatch.context() as patched, pytest.raises(PublishError):
        patched.setattr(Path, "replace", failing)
        site.build(1)
    outcome = site.build(1)
    documents = outcome.switched.manifest.documents
    assert "category/c9/rss.xml" in documents
    assert {path: sha256((tmp_path / "public" / path).read_bytes()).hexdigest() for path in documents} == {
        path: one.digest for path, one in documents.items()
    }
    assert set(files(tmp_path / "public")) == {*documents, ".feeds-manifest.json", "theirs.html"}


@pytest.mark.parametrize("cut", ["fails", "killed"])
def test_without_an_exchange_the_folder_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: str) -> None:
    """Where the system cannot exchange two folders: the generation that was put away is back at once, or with the next run."""
    site = Site(tmp_path)
    site.build()
    before = files(tmp_path / "public")
    site.write("3.md", "改了", "2021-01-03", "c3")
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name.startswith("next-"):
            raise OSError(errno.EIO, "Input/output error", str(path))
        return rename(path, target)

    if cut == "fails":
        with monkeypatch.context() as patched, pytest.raises(PublishError):
            patched.setattr(disk, "exchange", lambda one, other: False)
            patched.setattr(Path, "rename", failing)
            site.build(1)
        assert files(tmp_path / "public") == before
    else:
        (tmp_path / ".public.feeds").mkdir()
        (tmp_path / "public").rename(tmp_path / ".public.feeds/away-1")
    outcome = site.build(1)
    after = files(tmp_path / "public")
    assert {path for path in after if before.get(path) != after[path]} - {".feeds-manifest.json"} == set(outcome.switched.changed)
    assert os.listdir(tmp_path / ".public.feeds") == ["old-000000001"]


def test_a_symlink_that_was_not_switched_is_cleaned_up(tmp_path: Path) -> None:
    """A run that is killed between the new link and its move leaves one; the next run takes it away."""
    site = Site(tmp_path, output_mode="symlink")
    site.build()
    (tmp_path / ".public.feeds/generation-2").mkdir()
    (tmp_path / ".public.feeds/next-link-1").symlink_to(".public.feeds/generation-2")
    site.write("new.md", "新的")
    site.build(1)
    assert sorted(os.listdir(tmp_path / ".public.feeds")) == ["generation-2", "old-000000001"]


def test_a_generation_that_was_moved_away_is_nobodys_to_delete(tmp_path: Path) -> None:
    """The link leads to another disk by now: the next build switches it, and leaves what lies there."""
    site = Site(tmp_path, output_mode="symlink")
    site.build()
    (tmp_path / "disk").mkdir()
    (tmp_path / ".public.feeds/generation-1").rename(tmp_path / "disk/generation-1")
    (tmp_path / "public").unlink()
    (tmp_path / "public").symlink_to("disk/generation-1")
    before = files(tmp_path / "disk")
    site.write("new.md", "新的")
    for hours in (1, 2):
        site.build(hours)
    assert (tmp_path / "public").resolve().parent == tmp_path / ".public.feeds"
    assert before and files(tmp_path / "disk") == before


def test_what_fails_behind_the_switch_does_not_fail_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5 says that nothing changed: once the new generation is live a build has done its work; the next run tidies up."""
    site = Site(tmp_path)
    site.build()
    site.write("new.md", "新的")

    def failing(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(OldGenerations, "keep", failing)
        outcome = site.build(1)
    assert outcome.exit_code == 0 and outcome.switched.switched and "新的" in (tmp_path / "public/rss.xml").read_text("utf-8")
    site.build(2)
    assert os.listdir(tmp_path / ".public.feeds") == ["old-000000001"]


def test_header_maps_that_are_wanted_no_more_go(tmp_path: Path) -> None:
    """Beside other people's files, too, and with nothing else to do: what the settings no longer ask for is taken away."""
    site = Site(tmp_path, header_maps=("nginx", "netlify"))
    (tmp_path / "public").mkdir()
    (tmp_path / "public/theirs.html").write_text("theirs")
    site.build()
    assert {".feeds-headers", "_headers", "_redirects"} <= set(os.listdir(tmp_path / "public"))
    site.build(1, header_maps=())
    assert {".feeds-headers", "_headers", "_redirects"}.isdisjoint(os.listdir(tmp_path / "public"))
    assert not site.build(2, header_maps=()).switched.switched and (tmp_path / "public/theirs.html").exists()


def test_somebody_elses_header_file_is_not_taken(tmp_path: Path) -> None:
    """`_headers` is a name that a site's author may have used: refused with the fix, and nothing is touched."""
    site = Site(tmp_path, header_maps=("netlify",))
    (tmp_path / "public").mkdir()
    (tmp_path / "public/_headers").write_text("theirs")
    with pytest.raises(PublishError, match="not ours"):
        site.build()
    assert [str(path) for path in files(tmp_path / "public")] == ["_headers"] and (
        tmp_path / "public/_headers"
    ).read_text() == "theirs"


def test_a_switch_cut_off_with_other_header_maps_on_their_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the live generation has stays ours until the next one is live: the folder is not taken for somebody else's."""
    site = Site(tmp_path, header_maps=("netlify",), output_mode="exchange")
    site.build()

    def cut(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(disk, "exchange", cut)
        site.build(1, header_maps=("nginx",))
    site.build(1, header_maps=("nginx",))
    assert "_headers" not in os.listdir(tmp_path / "public") and ".feeds-headers" in os.listdir(tmp_path / "public")


def test_rollback_makes_the_header_maps_anew(tmp_path: Path) -> None:
    """They tell of the documents that are live now; a web server that includes them would not start without."""
    site = Site(tmp_path, header_maps=("nginx",))
    site.build()
    site.write("new.md", "新的")
    site.build(1)
    rollback(site.settings)
    maps = (tmp_path / "public/.feeds-headers/nginx-http.conf").read_text("utf-8")
    manifest = json.loads((tmp_path / "public/.feeds-manifest.json").read_bytes())["documents"]["rss.xml"]
    assert http_headers.tag(manifest[0]) in maps


@pytest.mark.parametrize("mode", MODES)
def test_a_coding_that_the_settings_add_is_there_at_once(tmp_path: Path, mode: str) -> None:
    """Beside every document, though none has changed; the documents themselves keep inode and time."""
    site = Site(tmp_path, output_mode=mode, precompress=("gzip",))
    site.build()
    before = files(tmp_path / "public")
    site.build(1, precompress=("gzip", "br"))
    after = files(tmp_path / "public")
    assert {path for path in after if path.endswith(".br")} == {path[:-3] + ".br" for path in before if path.endswith(".gz")}
    assert all(after[path] == before[path] for path in before if path != ".feeds-manifest.json")
    assert not site.build(2, precompress=("gzip", "br")).switched.switched


def test_what_a_killed_run_left_half_written_in_the_state_is_taken_away(tmp_path: Path) -> None:
    """No stray file outlives the next run, though that has nothing to write itself."""
    site = Site(tmp_path)
    site.build()
    records = next((tmp_path / "state/published").iterdir())
    stray = [
        records / "gone.json.new",
        records / "published.json.new",
        tmp_path / "state/ledger.sqlite.new",
        tmp_path / "state/ledger.sqlite.new-journal",
    ]
    for path in stray:
        path.write_bytes(b"half")
    site.build(1)
    assert not [path for path in stray if path.exists()]


@pytest.mark.parametrize("then", ["rollback", "adopt"])
def test_what_a_killed_run_published_counts_whatever_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """Killed between the switch and its confirmation: readers have seen the dates, and a rollback or an adoption keeps them."""
    site = Site(tmp_path)
    site.build()
    (tmp_path / "posts/undated.md").write_text("---\ntitle: undated\n---\nx\n")
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "confirm", lambda *_: None)
        site.build(1)
    seen = [item for item in json.loads((tmp_path / "public/feed.json").read_bytes())["items"] if item["title"] == "undated"]
    if then == "rollback":
        rollback(site.settings)
        held_generation.release(site.settings)
    else:
        ledger.adopt(site.settings, str(tmp_path / "public/atom.xml"), START + timedelta(hours=2))
    site.build(48)
    assert (
        seen
        and [item for item in json.loads((tmp_path / "public/feed.json").read_bytes())["items"] if item["title"] == "undated"]
        == seen
    )
