"""A feed over years: random histories of edits, watched by a subscriber who forgives nothing; kills; guards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from feeds import cache
from feeds.build import run
from feeds.build.rollback import rollback
from feeds.errors import AlreadyRunningError, RefusedError
from feeds.ledger import dump
from feeds.ledger.ledger import Ledger
from feeds.posts.last_good import LastGoodSources
from feeds.publish import guard, lock
from feeds.publish.folder import FolderTarget
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]
START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "山 水 茶 夜 雨 风 车 书 灯 路 桥 海 tea rain night book lamp road sea bridge letter".split()


def settings(folder: Path, **changed: object) -> Settings:
    made = Settings(
        base_url="https://example.org/",
        posts=folder / "posts",
        output=folder / "public",
        state=folder / ".feeds",
        workers=1,
        limit=8,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def whole(output: Path) -> dict[str, bytes]:
    """Every document of the live generation; each must agree with the manifest."""
    manifest = json.loads((output / ".feeds-manifest.json").read_bytes())
    found = {path: (output / path).read_bytes() for path in manifest["documents"]}
    for path, body in found.items():
        assert sha256(body).hexdigest() == manifest["documents"][path][0], path
    files = {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()}
    assert files == {*found, ".feeds-manifest.json"}
    return found


class Author:
    """Writes, edits, renames, moves, swaps, deletes and restores; remembers which post is which by a mark in its text."""

    def __init__(self, posts: Path, seed: int) -> None:
        self.posts, self.dice, self.made = posts, random.Random(seed), 0
        self.trash: list[str] = []
        posts.mkdir(parents=True)

    def text(self, mark: str, day: int) -> str:
        body = "".join(f"{' '.join(self.dice.choices(WORDS, k=9))}。\n" for _ in range(8))
        category = self.dice.choice(["生活", "[技术, 前端]", "[技术]"])
        return f"---\ntitle: {mark} {self.dice.choice(WORDS)}\ndate: {2020 + day // 300}-{1 + day % 12:02}-{1 + day % 28:02}\ncategories: {category}\n---\n{mark} {body}"

    def files(self) -> list[Path]:
        return sorted(self.posts.rglob("*.md"))

    def add(self) -> None:
        self.made += 1
        (self.posts / f"{self.dice.choice(WORDS)}-{self.made}.md").write_text(self.text(f"mark{self.made:04}", self.made))

    def step(self) -> None:
        files = self.files()
        if len(files) < 6:
            self.add()
            return
        one, other = self.dice.sample(files, 2)
        what = self.dice.choice(
            ["add", "add", "edit", "retitle", "rename", "move", "swap", "delete", "restore", "categories", "touch"]
        )
        text = one.read_text()
        if what == "add":
            self.add()
        elif what == "edit":
            one.write_text(text + f"{self.dice.choice(WORDS)} again.\n")
        elif what == "retitle":
            mark = text.split("title: ")[1].split(" ")[0]
            one.write_text(text.replace(text.split("\n")[1], f"title: {mark} {self.dice.choice(WORDS)} anew", 1))
        elif what == "rename":
            one.rename(self.posts / f"renamed-{self.dice.randrange(10**6)}.md")
        elif what == "move":
            (self.posts / "sub").mkdir(exist_ok=True)
            one.rename(self.posts / "sub" / f"{self.dice.randrange(10**6)}.md")
        elif what == "swap":
            aside = one.with_suffix(".aside")
            one.rename(aside)
            other.rename(one)
            aside.rename(other)
        elif what == "delete":
            self.trash.append(text)
            one.unlink()
        elif what == "restore" and self.trash:
            (self.posts / f"restored-{self.dice.randrange(10**6)}.md").write_text(self.trash.pop())
        elif what == "categories":
            one.write_text(text.replace(text.split("\n")[3], f"categories: {self.dice.choice(['生活', '旅行'])}", 1))
        else:
            os.utime(one)


@pytest.mark.parametrize("seed", range(int(os.environ.get("HISTORIES", "2"))))
def test_no_history_shows_a_post_twice_or_loses_one(tmp_path: Path, seed: int) -> None:
    """X-1 … X-3: one mark, one id, for good, in every feed and format; and a fresh cache changes no byte."""
    author = Author(tmp_path / "posts", seed)
    site = settings(tmp_path)
    ids: dict[str, str] = {}
    before: dict[str, bytes] = {}
    for number in range(40):
        author.step()
        if number == 25:
            site = replace(site, base_url="https://moved.example/", permalink=":year/:title/")
        run.publish(site, START + timedelta(hours=number), accepted=guard.Accepted(removals=True))
        now = whole(site.output)
        for path, body in now.items():
            if path.endswith("feed.json"):
                items = json.loads(body)["items"]
                seen = [item["id"] for item in items]
                assert len(seen) == len(set(seen))
                dates = [(item["date_published"], item["id"]) for item in items]
                assert [date for date, _ in dates] == sorted((date for date, _ in dates), reverse=True)
                for item in items:
                    mark = item["title"].split(" ")[0]
                    assert ids.setdefault(mark, item["id"]) == item["id"], f"step {number}: {mark} came back as new"
                atom = now[path.replace("feed.json", "atom.xml")].decode()
                assert all(f"<id>{one}</id>" in atom for one in seen)
        newest = sorted(
            (text.split("date: ")[1][:10], text.split("title: ")[1].split(" ")[0])
            for text in (file.read_text() for file in author.files())
        )
        shown = {item["title"].split(" ")[0] for item in json.loads(now["feed.json"])["items"]}
        edge = newest[-8][0] if len(newest) > 8 else ""
        assert {mark for date, mark in newest if date > edge} <= shown, "a subscriber missed a post"
        before = now
    assert len(set(ids.values())) == len(ids)
    os.remove(site.state / "cache.sqlite")
    done = run.publish(site, START + timedelta(hours=100))
    assert whole(site.output) == before and not done.switched.changed


def test_an_edit_changes_no_document_that_lacks_the_post(tmp_path: Path) -> None:
    """Needless changes are needless downloads; unchanged files keep inode and time."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(6):
        (posts / f"{number}.md").write_text(
            f"---\ntitle: t{number}\ndate: 2021-01-0{number + 1}\ncategories: c{number}\n---\ntext {number}\n"
        )
    run.publish(settings(tmp_path), START)
    stats = {
        path: ((tmp_path / "public" / path).stat().st_ino, (tmp_path / "public" / path).stat().st_mtime_ns)
        for path in whole(tmp_path / "public")
    }
    (posts / "3.md").write_text((posts / "3.md").read_text() + "more\n")
    changed = run.publish(settings(tmp_path), START + timedelta(days=1)).switched.changed
    assert {path.split("/")[0] for path in changed} == {
        "atom.xml",
        "rss.xml",
        "feed.json",
        "index.html",
        "category",
        "entry",
    }
    assert {path for path in changed if path.startswith("category/")} <= {
        f"category/c3/{name}" for name in ("rss.xml", "atom.xml", "feed.json", "index.html")
    }
    for path, known in stats.items():
        if path not in changed:
            found = (tmp_path / "public" / path).stat()
            assert (found.st_ino, found.st_mtime_ns) == known, path


def test_a_post_that_is_given_an_id_keeps_its_page(tmp_path: Path) -> None:
    """What was once at an address stays there, also where the post has left the feeds' windows by then."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "old.md").write_text("---\ntitle: old\ndate: 2021-01-01\n---\nx\n")
    site = settings(tmp_path, limit=1)
    run.publish(site, START)
    (posts / "new.md").write_text("---\ntitle: new\ndate: 2021-01-02\n---\nx\n")
    run.publish(site, START + timedelta(hours=1))
    assert "entry/old/index.html" in whole(site.output)
    (posts / "old.md").write_text("---\ntitle: old\ndate: 2021-01-01\nid: given\n---\nx\n")
    with pytest.raises(RefusedError, match="--keep-ids"):
        run.publish(site, START + timedelta(hours=2))
    run.publish(site, START + timedelta(hours=2), accepted=guard.Accepted(ids="accept"))
    assert "entry/old/index.html" in whole(site.output)


def build(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "feeds", "build", "posts", "--base-url", "https://example.org/", "--output", "public", "--as-of", "2026-03-01T00:00:00Z", *words],
        cwd=folder, env={**environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_killed_at_any_instant_the_last_generation_stays(tmp_path: Path) -> None:
    """REL-5: SIGKILL at random instants; what is live is always whole, and the next run ends as an undisturbed one."""
    author = Author(tmp_path / "posts", 7)
    for _ in range(12):
        author.add()
    assert build(tmp_path).wait(600) == 0
    dice = random.Random(7)
    for number in range(int(os.environ.get("KILLS", "12"))):
        author.step()
        child = build(tmp_path, "--accept-removals")
        time.sleep(dice.uniform(0.02, 0.5))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        manifest = json.loads((tmp_path / "public/.feeds-manifest.json").read_bytes())
        for path, one in manifest["documents"].items():
            assert sha256((tmp_path / "public" / path).read_bytes()).hexdigest() == one[0], f"kill {number}: {path}"
    last = build(tmp_path, "--accept-removals")
    assert last.wait(600) == 0, last.communicate()
    found = whole(tmp_path / "public")
    assert not [name for name in os.listdir(tmp_path) if name.startswith("public.") or name.endswith(".new")]
    assert not [name for name in os.listdir(tmp_path / ".public.feeds") if not name.startswith("old-")]
    # The same posts and the same ledger, with no kill: the same ids and titles.
    shutil.rmtree(tmp_path / "public")
    os.remove(tmp_path / ".feeds/cache.sqlite")
    assert build(tmp_path, "--accept-removals").wait(600) == 0
    assert whole(tmp_path / "public") == found


def test_a_mass_disappearance_is_refused(tmp_path: Path) -> None:
    """REL-9: a folder that is gone, empty, or a third thinner stops the publish; a renamed folder does not."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(10):
        (posts / f"{number}.md").write_text(
            f"---\ntitle: t{number}\ndate: 2021-01-01\n---\nthe text of post number {number}, which is its own\n"
        )
    site = settings(tmp_path, limit=20)
    run.publish(site, START)
    live = whole(site.output)
    with pytest.raises(RefusedError, match="future"):
        run.publish(site, datetime(1990, 1, 1, tzinfo=UTC))
    for number in range(4):
        (posts / f"{number}.md").rename(tmp_path / f"{number}.md")
    with pytest.raises(RefusedError, match="4 of 10"):
        run.publish(site, START)
    posts.rename(tmp_path / "away")
    with pytest.raises(RefusedError):
        run.publish(site, START)
    posts.mkdir()
    with pytest.raises(RefusedError, match="empty"):
        run.publish(site, START)
    assert whole(site.output) == live
    posts.rmdir()
    (tmp_path / "away").rename(posts)
    (posts / "deeper").mkdir()
    for number in range(10):
        source = posts / f"{number}.md" if (posts / f"{number}.md").exists() else tmp_path / f"{number}.md"
        source.rename(posts / "deeper" / f"{number}.md")
    run.publish(site, START)
    assert json.loads(whole(site.output)["feed.json"])["items"] == json.loads(live["feed.json"])["items"]


def test_a_broken_post_keeps_its_last_good_version(tmp_path: Path) -> None:
    """Until it is fixed or its file is gone; also without the cache."""
    posts = tmp_path / "posts"
    posts.mkdir()
    good = "---\ntitle: good\ndate: 2021-01-01\n---\nas it was\n"
    (posts / "a.md").write_text(good)
    (posts / "b.md").write_text("---\ntitle: other\ndate: 2021-01-02\n---\nx\n")
    site = settings(tmp_path)
    run.publish(site, START)
    live = whole(site.output)
    (posts / "a.md").write_text("---\ntitle: a: broken\n---\nnew\n")
    done = run.publish(site, START + timedelta(hours=1))
    assert done.exit_code == 1 and whole(site.output) == live
    os.remove(site.state / "cache.sqlite")
    done = run.publish(site, START + timedelta(hours=2))
    assert done.exit_code == 1 and whole(site.output) == live
    (posts / "a.md").write_text(good.replace("as it was", "fixed"))
    assert run.publish(site, START + timedelta(hours=3)).exit_code == 0
    assert "fixed" in json.loads(whole(site.output)["feed.json"])["items"][1]["content_html"]


def test_a_post_that_breaks_while_the_settings_change_stays(tmp_path: Path) -> None:
    """What it was is known although every post is read anew."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.md").write_text("---\ntitle: good\ndate: 2021-01-01\n---\nas it was\n")
    run.publish(settings(tmp_path), START)
    (posts / "a.md").write_text("---\ntitle: a: broken\n---\nnew\n")
    site = settings(tmp_path, base_url="https://moved.example/")
    assert run.publish(site, START + timedelta(hours=1)).exit_code == 1
    (item,) = json.loads(whole(site.output)["feed.json"])["items"]
    assert item["title"] == "good" and "as it was" in item["content_html"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_broken_post_that_is_moved_stays(tmp_path: Path, at_once: bool) -> None:
    """Its folder is moved while it is broken, or in the same interval; fixed, it is the post that it was."""
    posts = tmp_path / "posts"
    (posts / "x").mkdir(parents=True)
    for name in "ab":
        (posts / f"x/{name}.md").write_text(f"---\ntitle: {name}\ndate: 2021-01-01\n---\nThe text of {name}.\n")
    site = settings(tmp_path)
    run.publish(site, START)
    live = whole(site.output)
    (posts / "x/a.md").write_text("---\ntitle: a: b\n---\nnew\n")
    if not at_once:
        run.publish(site, START + timedelta(hours=1))
    (posts / "x").rename(posts / "y")
    assert run.publish(site, START + timedelta(hours=2)).exit_code == 1
    assert whole(site.output) == live
    assert run.publish(site, START + timedelta(hours=3)).exit_code == 1
    assert whole(site.output) == live
    (posts / "y/a.md").write_text("---\ntitle: a\ndate: 2021-01-01\n---\nThe text of a, fixed.\n")
    run.publish(site, START + timedelta(hours=4))
    before, after = (json.loads(found["feed.json"])["items"] for found in (live, whole(site.output)))
    assert [one["id"] for one in after] == [one["id"] for one in before]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """REL-6: the second run ends at once, with its own code."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text("x")
    with lock.held(tmp_path / ".feeds"):
        with pytest.raises(AlreadyRunningError), lock.held(tmp_path / ".feeds"):
            pass
        child = build(tmp_path)
        assert child.wait(30) == 4
    assert build(tmp_path).wait(30) == 0


def test_other_peoples_files_are_never_touched(tmp_path: Path) -> None:
    """An output that holds a website works file by file; what the site's generator deletes is written again."""
    public = tmp_path / "public"
    public.mkdir()
    (public / "index.html").write_text("the site's own")
    (public / "about").mkdir()
    (public / "about/index.html").write_text("about")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text("---\ntitle: a\ndate: 2021-01-01\n---\nx\n")
    site = settings(tmp_path)
    first = run.publish(site, START)
    assert (public / "index.html").read_text() == "the site's own" and (public / "rss.xml").exists()
    assert any("index.html" in notice for notice in first.notices)
    modified = first.switched.manifest.documents["rss.xml"].last_modified
    shutil.rmtree(public)
    (public / "about").mkdir(parents=True)
    (public / "about/index.html").write_text("about")
    again = run.publish(site, START + timedelta(hours=1))
    assert again.switched.manifest.documents["rss.xml"].last_modified == modified
    assert (public / "about/index.html").read_text() == "about" and (public / "rss.xml").exists()


def test_rollback_moves_forward(tmp_path: Path) -> None:
    """HTTP-8: the generation before is live again, and nothing looks older than it did."""
    (tmp_path / "posts").mkdir()
    post = tmp_path / "posts/a.md"
    post.write_text("---\ntitle: one\ndate: 2021-01-01\n---\nx\n")
    site = settings(tmp_path)
    first = run.publish(site, START).switched.manifest
    body = (site.output / "rss.xml").read_bytes()
    post.write_text("---\ntitle: two\ndate: 2021-01-01\n---\nx\n")
    second = run.publish(site, START + timedelta(hours=1)).switched.manifest
    rollback(site)
    assert (site.output / "rss.xml").read_bytes() == body
    live = json.loads((site.output / ".feeds-manifest.json").read_bytes())["documents"]["rss.xml"]
    assert datetime.fromisoformat(live[5]) > second.documents["rss.xml"].last_modified > first.documents["rss.xml"].last_modified


@pytest.mark.parametrize("meanwhile", ["nothing", "settings", "killed", "killed early"])
def test_a_broken_post_keeps_its_last_good_version_whatever_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """Kept through a change of settings, too, and after a run that was killed behind its switch."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(6):
        (posts / f"{number}.md").write_text(f"---\ntitle: t{number}\ndate: 2021-01-0{number + 1}\n---\ntext {number}\n")

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    run.publish(settings(tmp_path), START)
    (posts / "3.md").write_text("---\ntitle: t3\ndate: 2021-01-04\n---\nthe second text\n")
    with monkeypatch.context() as patched:
        if meanwhile == "killed":
            patched.setattr(run.OpenSite, "settle", lambda *_: False)
        run.publish(settings(tmp_path), START + timedelta(hours=1))
    (posts / "3.md").write_text("---\ntitle: [t3\n---\n")
    if meanwhile == "killed early":
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(LastGoodSources, "settle", cut)
            run.publish(settings(tmp_path), START + timedelta(hours=1))
    changed = {"title": "another title"} if meanwhile == "settings" else {}
    for hours in (2, 3):
        outcome = run.publish(settings(tmp_path, **changed), START + timedelta(hours=hours))
        assert outcome.exit_code == 1 and b"the second text" in whole(tmp_path / "public")["feed.json"]


def test_a_post_that_breaks_after_many_builds_keeps_its_last_good_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long ago it was converted: the cache lets go of what is not used, and the last good source is never that."""
    monkeypatch.setattr(cache, "KEEP_BUILDS", 2)
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(6):
        (posts / f"{number}.md").write_text(f"---\ntitle: t{number}\ndate: 2021-01-0{number + 1}\n---\ntext {number}\n")
    for hours in range(6):
        (posts / "0.md").write_text(f"---\ntitle: t0\ndate: 2021-01-01\n---\nedited {hours}\n")
        run.publish(settings(tmp_path), START + timedelta(hours=hours))
    (posts / "3.md").write_text("---\ntitle: [t3\n---\n")
    outcome = run.publish(settings(tmp_path), START + timedelta(days=1))
    assert outcome.exit_code == 1 and b"text 3" in whole(tmp_path / "public")["feed.json"]


def test_the_outline_changes_only_where_a_feed_does(tmp_path: Path) -> None:
    """OPML-1, and no needless change: neither a new post nor the loss of a term's oldest is one; a new term is, from then on."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(1, 7):
        (posts / f"{number}.md").write_text(
            f"---\ntitle: t{number}\ndate: 2021-01-0{number}\ncategories: [{'A' if number < 3 else 'B'}]\n---\ntext {number}\n"
        )
    site = settings(tmp_path)
    run.publish(site, START)
    first = whole(site.output)["feeds.opml"]
    assert b"<dateModified>Sun, 03 Jan 2021 00:00:00 +0000</dateModified>" in first
    (posts / "3.md").unlink()
    (posts / "7.md").write_text("---\ntitle: t7\ndate: 2021-01-09\ncategories: [A]\n---\ntext 7\n")
    run.publish(site, START + timedelta(hours=1))
    assert whole(site.output)["feeds.opml"] == first
    (posts / "8.md").write_text("---\ntitle: t8\ndate: 2021-01-01\ncategories: [C]\n---\ntext 8\n")
    run.publish(site, START + timedelta(hours=2))
    second = whole(site.output)["feeds.opml"]
    assert b"<dateModified>Thu, 01 Jan 2026 02:00:00 +0000</dateModified>" in second
    (posts / "8.md").unlink()
    run.publish(site, START + timedelta(hours=3))
    assert whole(site.output)["feeds.opml"] == second, "an emptied term keeps its feed"
    ledger = Ledger.open(site.state)
    lines = list(dump.export(ledger))
    ledger.close()
    elsewhere = replace(site, state=tmp_path / "elsewhere", output=tmp_path / "out")
    dump.import_(elsewhere.state, lines)
    run.publish(elsewhere, START + timedelta(hours=4))
    assert whole(elsewhere.output)["feeds.opml"] == second, "the ledger's text carries it"


def test_the_outline_of_a_generation_that_never_went_live_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed and not switched live stamps nothing: the next run stamps its own instant."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "1.md").write_text("---\ntitle: t\ndate: 2021-01-01\ncategories: [A]\n---\ntext\n")
    site = settings(tmp_path)
    run.publish(site, START)
    old = whole(site.output)["feeds.opml"]
    extra = posts / "2.md"
    extra.write_text("---\ntitle: u\ndate: 2021-01-02\ncategories: [B]\n---\ntext\n")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(FolderTarget, "publish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        run.publish(site, START + timedelta(hours=1))
    text = extra.read_text()
    extra.unlink()
    run.publish(site, START + timedelta(hours=2))
    found = whole(site.output)["feeds.opml"]
    assert found != old and b"<dateModified>Thu, 01 Jan 2026 02:00:00 +0000</dateModified>" in found
    extra.write_text(text)
    run.publish(site, START + timedelta(hours=3))
    assert whole(site.output)["feeds.opml"] == found


def test_the_outline_s_date_never_goes_back(tmp_path: Path) -> None:
    """OPML-1: nor where the settings take out the newest feeds."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "1.md").write_text("---\ntitle: t\ndate: 2021-01-01\ncategories: [A]\n---\ntext\n")
    site = replace(settings(tmp_path), taxonomies=("category", "tag"))
    run.publish(site, START)
    (posts / "2.md").write_text("---\ntitle: u\ndate: 2021-01-02\ntags: [b]\n---\ntext\n")
    run.publish(site, START + timedelta(hours=1))
    for hours, names in ((2, ("category",)), (3, ("category", "tag"))):
        run.publish(replace(site, taxonomies=names), START + timedelta(hours=hours))
        assert b"<dateModified>Thu, 01 Jan 2026 01:00:00 +0000</dateModified>" in whole(site.output)["feeds.opml"]


def killed(site: Settings, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that dies between the ledger's commit and the switch."""
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(FolderTarget, "publish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        run.publish(site, at)


@pytest.mark.parametrize("after", ["adopt", "export"])
def test_an_outline_that_never_went_live_is_in_no_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str) -> None:
    """Neither another commit than a build's nor the ledger's text makes it count."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "1.md").write_text("---\ntitle: t\ndate: 2021-01-01\ncategories: [A]\n---\ntext\n")
    site = settings(tmp_path)
    run.publish(site, START)
    (posts / "2.md").write_text("---\ntitle: u\ndate: 2021-01-02\ncategories: [B]\n---\ntext\n")
    killed(site, START + timedelta(hours=1), monkeypatch)
    if after == "adopt":
        with run.look(site, START + timedelta(hours=2), settle=True) as (opened, _):
            opened.ledger.commit("adopt")
    else:
        ledger = Ledger.open(site.state)
        lines = list(dump.export(ledger))
        ledger.close()
        dump.import_(site.state, lines)
    run.publish(site, START + timedelta(hours=3))
    assert b"<dateModified>Thu, 01 Jan 2026 03:00:00 +0000</dateModified>" in whole(site.output)["feeds.opml"]


def test_an_outline_of_long_ago_is_not_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same feeds again, in a generation that never goes live: what they had been given long before stays."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in (1, 2):
        (posts / f"{number}.md").write_text(
            f"---\ntitle: t{number}\ndate: 2021-01-0{number}\ncategories: [A]\n---\ntext {number}\n"
        )
    site = settings(tmp_path)
    run.publish(site, START)
    (posts / "3.md").write_text("---\ntitle: u\ndate: 2021-01-03\ncategories: [B]\n---\nanother\n")
    run.publish(site, START + timedelta(hours=1))
    old = whole(site.output)["feeds.opml"]
    (posts / "4.md").write_text("---\ntitle: v\ndate: 2021-01-04\ncategories: [B]\n---\nof its own\n")
    run.publish(site, START + timedelta(hours=2))
    (posts / "4.md").unlink()
    killed(site, START + timedelta(hours=3), monkeypatch)
    run.publish(site, START + timedelta(hours=4))
    assert whole(site.output)["feeds.opml"] == old


def test_a_slug_in_the_settings_moves_no_feed_that_is_there(tmp_path: Path) -> None:
    """`category_map` names terms that have no slug yet; one once given is nobody else's, and stays."""
    posts = tmp_path / "posts"
    posts.mkdir()

    def write(number: int, category: str) -> None:
        (posts / f"{number}.md").write_text(
            f"---\ntitle: t{number}\ndate: 2021-01-0{number}\ncategories: [{category}]\n---\ntext {number}\n"
        )

    write(1, "Go")
    write(2, "技术")
    run.publish(settings(tmp_path, category_map={"技术": "tech"}), START)
    assert {"category/go/rss.xml", "category/tech/rss.xml"} <= whole(tmp_path / "public").keys()
    write(3, "Rust")
    run.publish(settings(tmp_path, category_map={"技术": "technology", "Rust": "go", "Go": "golang"}), START + timedelta(hours=1))
    found = whole(tmp_path / "public")
    assert {"category/go/rss.xml", "category/tech/rss.xml"} <= found.keys() and "category/technology/rss.xml" not in found
    assert b"t1" in found["category/go/rss.xml"] and b"t3" not in found["category/go/rss.xml"]


@pytest.mark.parametrize("body", ["", "\n一句话。\n"])
def test_a_heading_that_is_the_title_is_not_in_the_text(tmp_path: Path, body: str) -> None:
    """A bare folder: a short note, or a mere heading, that is retitled is the note that it was."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "note.md").write_text(f"# 旧的标题\n{body}")
    (posts / "other.md").write_text("# 另一篇\n\n别的话，说的是别的事。\n")
    site = settings(tmp_path)

    def ids() -> dict[str, str]:
        return {item["title"]: item["id"] for item in json.loads(whole(site.output)["feed.json"])["items"]}

    run.publish(site, START)
    before = ids()["旧的标题"]
    (posts / "note.md").write_text(f"# 全新的名字\n{body}")
    run.publish(site, START + timedelta(hours=1))
    assert ids()["全新的名字"] == before and len(ids()) == 2


def test_ids_of_published_posts_do_not_change_unasked(tmp_path: Path) -> None:
    """A plug-in writes an id into every post: refused with the two ways out; the known ids are kept from then on."""
    posts = tmp_path / "posts"
    posts.mkdir()

    def write(more: str = "") -> None:
        for number in range(5):
            (posts / f"{number}.md").write_text(
                f"---\ntitle: Post {number}\ndate: 2021-01-0{number + 1}\n{more.format(number)}---\nx\n"
            )

    write()
    site = settings(tmp_path)
    before = [item["id"] for item in items(run.publish(site, START), site)]
    write("uuid: given-{}\n")
    with pytest.raises(RefusedError, match=r"5 published posts .*--keep-ids.*--accept-ids"):
        run.publish(site, START + timedelta(hours=1))
    assert [
        item["id"] for item in items(run.publish(site, START + timedelta(hours=2), accepted=guard.Accepted(ids="keep")), site)
    ] == before
    (posts / "new.md").write_text("---\ntitle: New\ndate: 2021-02-01\nuuid: own\n---\ny\n")
    kept = [item["id"] for item in items(run.publish(site, START + timedelta(hours=3)), site)]
    assert kept == ["tag:example.org,2026:own", *before], "remembered; a new post has its own id"
    (posts / "0.md").rename(posts / "renamed.md")
    accepting = guard.Accepted(ids="accept")
    taken = [item["id"] for item in items(run.publish(site, START + timedelta(hours=4), accepted=accepting), site)]
    stated = [f"tag:example.org,2026:given-{number}" for number in reversed(range(5))]
    assert taken == ["tag:example.org,2026:own", *stated], "kept ids give way to the stated ones where asked"
    again = run.publish(site, START + timedelta(hours=5), accepted=accepting)
    assert [item["id"] for item in items(again, site)] == taken and not again.switched.changed


def test_a_clock_that_was_years_ahead_is_forgotten(tmp_path: Path) -> None:
    """One build in 2040 marks nothing for good: dates are taken back when the clock is right again, and edits count."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "undated.md").write_text("---\ntitle: Undated\n---\nx\n")
    (posts / "dated.md").write_text("---\ntitle: Dated\ndate: 2021-01-01\n---\nx\n")
    site = settings(tmp_path)
    run.publish(site, START)
    (posts / "dated.md").write_text("---\ntitle: Dated\ndate: 2021-01-01\n---\nx, edited\n")
    (posts / "later.md").write_text("---\ntitle: Later\n---\nz\n")
    run.publish(site, START.replace(year=2040))
    back = {item["title"]: item for item in items(run.publish(site, START + timedelta(hours=2)), site)}
    for item in back.values():
        assert item["date_published"] < "2027" and item.get("date_modified", "") < "2027"
    assert back["Dated"]["date_published"].startswith("2021-01-01")
    (posts / "other.md").write_text("---\ntitle: Other\n---\nw\n")
    (site.state / "cache.sqlite").unlink()
    again = {item["title"]: item for item in items(run.publish(site, START + timedelta(hours=3)), site)}
    assert {title: again[title] for title in back} == back, "what was taken back stays as it is"


def test_a_post_that_is_a_draft_again_keeps_its_id(tmp_path: Path) -> None:
    """Readers know it: an id that is written into it meanwhile, e.g. by a plug-in, is not taken unasked."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "other.md").write_text("---\ntitle: Other\ndate: 2021-01-02\n---\ny\n")
    text = "---\ntitle: Tea\ndate: 2021-01-01\n{}---\nx\n"
    site = settings(tmp_path)
    for number, more in enumerate(("", "draft: true\n", "draft: true\nuuid: given\n", "uuid: given\n")):
        (posts / "tea.md").write_text(text.format(more))
        run.publish(site, START + timedelta(hours=number), accepted=guard.Accepted(removals=True))
    ids = {item["title"]: item["id"] for item in json.loads((site.output / "feed.json").read_bytes())["items"]}
    assert ids["Tea"] == "tag:example.org,2026:tea.md"
    # The id and the publication come in one build: the author is asked.
    (posts / "other.md").write_text("---\ntitle: Other\ndate: 2021-01-02\ndraft: true\n---\ny\n")
    run.publish(site, START + timedelta(hours=5), accepted=guard.Accepted(removals=True))
    (posts / "other.md").write_text("---\ntitle: Other\ndate: 2021-01-02\nuuid: stated\n---\ny\n")
    with pytest.raises(RefusedError, match="--keep-ids"):
        run.publish(site, START + timedelta(hours=6))


def items(_: run.Outcome, site: Settings) -> list[dict[str, str]]:
    """The items of the site's JSON feed, newest first."""
    found: list[dict[str, str]] = json.loads((site.output / "feed.json").read_bytes())["items"]
    return found


@pytest.mark.parametrize("blank", [b"", b"\n \n", b"---\n---\n", b"---\ntitle:\ntags:\n---\n", b"\0" * 400], ids=range(5))
def test_an_empty_file_is_not_a_post(tmp_path: Path, blank: bytes) -> None:
    """A published post whose file was emptied stays as it was, and that is said; a new empty file is not yet a post."""
    posts = tmp_path / "posts"
    posts.mkdir()
    whole_text = "---\ntitle: Tea\ndate: 2021-01-01\n---\nHot.\n"
    (posts / "tea.md").write_text(whole_text)
    (posts / "rain.md").write_text("---\ntitle: Rain\ndate: 2021-01-02\n---\nWet.\n")
    site = settings(tmp_path)
    before = items(run.publish(site, START), site)
    (posts / "tea.md").write_bytes(blank)
    (posts / "new.md").write_bytes(blank)
    for hours in (1, 2):
        outcome = run.publish(site, START + timedelta(hours=hours))
        assert items(outcome, site) == before
        assert "tea.md" in [problem.path for problem in outcome.built.publication.problems if problem.severity == "error"]
    (posts / "tea.md").write_text(whole_text)
    (posts / "new.md").write_text("---\ntitle: New\ndate: 2021-01-03\n---\nFresh.\n")
    after = items(run.publish(site, START + timedelta(hours=3)), site)
    assert [item["id"] for item in after] == ["tag:example.org,2026:new.md", *(item["id"] for item in before)]
