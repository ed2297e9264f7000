"""Dates of posts that name none: from git's history, from files, or from the first build."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.settings import Settings, load

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")


def git(folder: Path, *words: str, day: int = 1) -> None:
    moment = f"2024-01-{day:02}T12:00:00Z"
    environ = {**os.environ, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *words], cwd=folder, env=environ, check=True, capture_output=True)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A repository: one post added and changed, one renamed, one with a Chinese name, one that is not committed."""
    folder = tmp_path / "site"
    posts = folder / "posts"
    posts.mkdir(parents=True)
    git(folder, "init", "-q")
    for name, title in (("edited", "Edited"), ("old", "Renamed"), ("雨", "Rain"), ("dated", "Dated")):
        more = "date: 2020-01-01\n" if name == "dated" else ""
        (posts / f"{name}.md").write_text(f"---\ntitle: {title}\n{more}---\nText of {title}, which is its own.\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first", day=2)
    (posts / "edited.md").write_text("---\ntitle: Edited\n---\nText of Edited, changed since.\n")
    git(folder, "mv", "posts/old.md", "posts/new name.md")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "second", day=5)
    (posts / "fresh.md").write_text("---\ntitle: Fresh\n---\nNot committed.\n")
    return folder


def settings(folder: Path, **changed: object) -> Settings:
    return load(flags={"posts": folder / "posts", "base_url": "https://example.org/", **changed}, environ={}, cwd=folder)


def dates(site: Settings, at: datetime = START) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    notices = run.publish(site, at).notices
    found = json.loads((site.output / "feed.json").read_bytes())["items"]
    return {item["title"]: (item["date_published"][:10], item["date_modified"][:10]) for item in found}, notices


def test_git_dates_a_first_build(site: Path, tmp_path: Path) -> None:
    """Equal in every clone, on whatever day; a clone without history is said, and takes nothing from it."""
    expected = {
        "Edited": ("2024-01-02", "2024-01-05"), "Renamed": ("2024-01-02", "2024-01-05"), "Rain": ("2024-01-02", "2024-01-02"),
        "Dated": ("2020-01-01", "2020-01-01"), "Fresh": ("2026-03-01", "2026-03-01"),
    }  # fmt: skip
    assert dates(settings(site)) == (expected, ())
    for day in (2, 3):
        git(tmp_path, "clone", "-q", str(site), f"clone{day}")
        found = dates(settings(tmp_path / f"clone{day}"), START.replace(day=day))[0]
        assert found == {title: pair for title, pair in expected.items() if title != "Fresh"}
    git(tmp_path, "clone", "-q", "--depth", "1", site.as_uri(), "shallow")
    found, notices = dates(settings(tmp_path / "shallow"))
    assert found["Rain"][0] == "2026-03-01" and any("shallow" in notice for notice in notices)


def test_with_a_ledger_a_new_post_is_new(site: Path) -> None:
    """An old file that is moved into the posts folder is published today, unless the settings say otherwise."""
    (site / "notes.md").write_text("---\ntitle: Note\n---\nAn old note.\n")
    git(site, "add", ".")
    git(site, "commit", "-qm", "third", day=9)
    dates(settings(site))
    (site / "notes.md").rename(site / "posts" / "note.md")
    git(site, "add", ".")
    git(site, "commit", "-qm", "fourth", day=12)
    assert dates(settings(site), START.replace(day=4))[0]["Note"][0] == "2026-03-04"


@pytest.mark.parametrize(("source", "day"), [("git", "2024-01-02"), ("mtime", "2025-06-07"), ("first-seen", "2026-03-01")])
def test_the_settings_say_which(site: Path, source: str, day: str) -> None:
    moment = datetime(2025, 6, 7, 12, tzinfo=UTC).timestamp()
    os.utime(site / "posts" / "雨.md", (moment, moment))
    assert dates(settings(site, date_source=source))[0]["Rain"][0] == day


def test_without_git_there_is_nothing_to_say(tmp_path: Path) -> None:
    """No repository: the first build, in silence."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: A\n---\nText.\n")
    assert dates(settings(tmp_path, date_source="git")) == ({"A": ("2026-03-01", "2026-03-01")}, ())


def test_where_nothing_knows_dates_one_notice_says_so(tmp_path: Path) -> None:
    """Neither ledger, git nor a manifest: at the first build, not at each; not if the operator has chosen or all are dated."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "tea.md").write_text("---\ntitle: Tea\n---\nHot.\n")
    _, notices = dates(settings(tmp_path))
    assert len(notices) == 1 and "tea.md" in notices[0]
    assert all(way in notices[0] for way in ("ledger export", "--previous", "--adopt", "date_source"))
    (tmp_path / "posts" / "rain.md").write_text("---\ntitle: Rain\n---\nWet.\n")
    assert dates(settings(tmp_path))[1] == ()
    shutil.rmtree(tmp_path / ".feeds")
    shutil.rmtree(tmp_path / "public")
    assert dates(settings(tmp_path, date_source="first-seen"))[1] == ()
