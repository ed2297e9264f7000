"""Two branches of one site, each with builds of its own: merged by git, with its driver, and by the import alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import run_feeds

from feeds.ledger import dump
from feeds.ledger.fingerprint import Sighting, sketch, text_digest
from feeds.ledger.ledger import Ledger
from feeds.ledger.merge import merged

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "river stone letter window kettle bread garden winter market bridge".split()
Posts = dict[str, Sighting]


def post(path: str, number: int, *, more: str = "", title: str = "", id: str | None = None) -> Sighting:
    title = title or f"Title of {number}"
    body = " ".join(f"{word} {number * 17 + place}" for place, word in enumerate(WORDS)) + f". And so on, {number}." + more
    return Sighting(path, id, title, text_digest(title, body), sketch(body), None, None, out=True)


FIRST: Posts = {f"{number}.md": post(f"{number}.md", number) for number in range(6)}


def added(path: str, number: int) -> Callable[[Posts], Posts]:
    return lambda posts: {**posts, path: post(path, number)}


def edited(path: str, more: str) -> Callable[[Posts], Posts]:
    return lambda posts: {**posts, path: post(path, int(path[0]), more=more)}


def renamed(path: str, to: str, more: str = "") -> Callable[[Posts], Posts]:
    return lambda posts: {name: one for name, one in posts.items() if name != path} | {to: post(to, int(path[0]), more=more)}


def deleted(path: str) -> Callable[[Posts], Posts]:
    return lambda posts: {name: one for name, one in posts.items() if name != path}


#: What each branch does, the posts of the merged branch, and the categories that each branch starts.
HISTORIES: dict[str, tuple[Callable[[Posts], Posts], Callable[[Posts], Posts], tuple[str, ...], tuple[str, ...]]] = {
    "each adds a post": (added("tea.md", 10), added("zebra.md", 11), (), ()),
    "both edit one post": (edited("1.md", " Ours."), edited("1.md", " Theirs."), (), ()),
    "one edits, the other renames a neighbour": (edited("1.md", " Ours."), renamed("2.md", "two.md"), (), ()),
    "one edits what the other renames": (edited("1.md", " Ours."), renamed("1.md", "one.md"), (), ()),
    "both rename one post": (renamed("1.md", "one.md"), renamed("1.md", "uno.md"), (), ()),
    "both start one category": (edited("1.md", " Ours."), edited("2.md", " Theirs."), ("技术",), ("技术",)),
    "each starts a category of its own": (added("tea.md", 10), added("zebra.md", 11), ("c++",), ("rust",)),
    "one deletes what the other edits": (deleted("1.md"), edited("1.md", " Theirs."), (), ()),
    "each adds a post of one name in another folder": (added("a/tea.md", 10), added("b/tea.md", 11), (), ()),
    "both add one path": (added("tea.md", 10), added("tea.md", 11), (), ()),
}
WAYS = ("git alone", "union", "driver")


def build(state: Path, posts: Posts, day: int, categories: tuple[str, ...] = ()) -> dict[str, str]:
    """One build; the ids by path."""
    ledger = Ledger.open(state)
    found = ledger.resolve(list(posts.values()), NOW + timedelta(days=day), "example.org,2026")
    ledger.add_terms("category", {(name,): ((name,), name) for name in categories})
    ledger.set_outlined({f"tag:example.org,2026:feeds/category/{name}": NOW + timedelta(days=day) for name in categories})
    ledger.set_meta("authority", "example.org,2026")
    ledger.commit(f"day {day}")
    ledger.confirm(f"day {day}")
    ledger.close()
    return {path: one.id for path, one in found.identities.items()}


def export(state: Path, file: Path) -> None:
    ledger = Ledger.open(state)
    file.write_text("".join(f"{line}\n" for line in dump.export(ledger)), encoding="utf-8")
    ledger.close()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("history", HISTORIES)
def test_two_branches_end_without_a_hand(tmp_path: Path, history: str, way: str) -> None:
    """Whatever both did, the merged text imports, every post keeps the id that its readers know, and a build goes on."""
    ours_does, theirs_does, *categories = HISTORIES[history]
    repository, text = tmp_path / "repository", tmp_path / "repository" / "ledger.txt"
    repository.mkdir()

    def git(*words: str, check: bool = True) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        driver = ["-c", f"merge.feeds.driver={sys.executable} -m feeds ledger merge %O %A %B"]
        subprocess.run(["git", *who, *driver, *words], cwd=repository, check=check, capture_output=True)

    git("init")
    if way != "git alone":
        kind = "union" if way == "union" else "feeds"
        (repository / ".gitattributes").write_text(f"ledger.txt merge={kind}\n")
    known = build(tmp_path / "first", FIRST, 0)
    export(tmp_path / "first", text)
    git("add", ".")
    git("commit", "-m", "first")
    outcomes: list[tuple[Posts, dict[str, str]]] = []
    for day, (branch, does) in enumerate((("ours", ours_does), ("theirs", theirs_does)), 1):
        git("checkout", "-b", branch, "main")
        shutil.copytree(tmp_path / "first", tmp_path / branch)
        posts = does(FIRST)
        outcomes.append((posts, build(tmp_path / branch, posts, day, categories[day - 1])))
        export(tmp_path / branch, text)
        git("commit", "-am", branch)
    git("checkout", "ours")
    git("merge", "theirs", check=way == "driver")
    with text.open(encoding="utf-8") as lines:
        imported = dump.import_(tmp_path / "merged", lines)
    # What lies there after the posts were merged by hand: both sides' files, of one path that of ours.
    (ours, our_ids), (theirs, their_ids) = outcomes
    gone = (FIRST.keys() - ours.keys()) | (FIRST.keys() - theirs.keys())
    posts = {path: one for path, one in {**theirs, **ours}.items() if path not in gone}
    if history.startswith("one edits what"):
        posts["one.md"] = post("one.md", 1, more=" Ours.")
    elif history.startswith("both rename"):
        del posts["uno.md"]
    after = build(tmp_path / "merged", posts, 5)
    for path, id in after.items():
        assert id in {**their_ids, **our_ids}.values(), (path, id)
        if path in known:
            assert id == known[path]
    assert len(set(after.values())) == len(after)
    assert imported.posts >= len(known)
    ledger = Ledger.open(tmp_path / "merged")
    outlined = ledger.outlined()
    ledger.close()
    both = {*categories[0], *categories[1]}
    assert len(outlined) == len(both)
    if history == "both start one category":
        assert set(outlined.values()) == {NOW + timedelta(days=1)}, "since when it is there is the earlier instant"


def test_the_rules_do_not_depend_on_the_side(tmp_path: Path) -> None:
    """Oldest first publication, newest update; whoever merges into whom, the text is the same."""
    for number, (history, (ours_does, theirs_does, *categories)) in enumerate(HISTORIES.items()):
        held = []
        for day, does in ((0, None), (1, ours_does), (2, theirs_does)):
            state = tmp_path / f"{number}-{day}"
            build(state, FIRST, 0)
            if does is not None:
                build(state, does(FIRST), day, categories[day - 1])
            ledger = Ledger.open(state)
            held.append(ledger.contents())
            ledger.close()
        base, ours, theirs = held
        for before in (None, base):
            one, other = merged(ours, theirs, before), merged(theirs, ours, before)
            assert list(dump.lines_of(one)) == list(dump.lines_of(other)), history
            assert list(dump.lines_of(merged(one, ours, before))) == list(dump.lines_of(one)), history
        by_id = {record.id: record for record, _, _ in merged(ours, theirs).posts}
        for record, _, _ in (*ours.posts, *theirs.posts):
            joined = by_id[record.id]
            assert (joined.first_seen or 0) <= (record.first_seen or 0)
            assert (joined.updated or 0) >= (record.updated or 0)


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run_feeds("ledger", *words, cwd=cwd)


def test_the_recipe_runs_from_the_first_day(tmp_path: Path) -> None:
    """No text yet; then one; and an export without a ledger never empties a text that is there."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text('posts = "posts"\nbase_url = "https://example.org/"\n')
    first = run("import", "ledger.txt", cwd=tmp_path)
    assert first.returncode == 0 and "not there yet" in first.stdout + first.stderr
    build(tmp_path / ".feeds", FIRST, 0)
    assert run("export", "ledger.txt", cwd=tmp_path).returncode == 0
    text = (tmp_path / "ledger.txt").read_bytes()
    shutil.rmtree(tmp_path / ".feeds")
    refused = run("export", "ledger.txt", cwd=tmp_path)
    assert refused.returncode == 5 and "no ledger to export" in refused.stderr
    assert (tmp_path / "ledger.txt").read_bytes() == text
    assert run("import", "ledger.txt", cwd=tmp_path).returncode == 0
    assert run("merge", "ledger.txt", cwd=tmp_path).returncode == 2
