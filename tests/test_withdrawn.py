"""Withdrawn means gone: no old generation, manifest, state file or health report tells what is not public."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.build.rollback import rollback
from feeds.cli.main import main
from feeds.settings import Settings

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 28)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site in a folder of a web root, whose last post has a category of its own."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name in "abcdef":
        (posts / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: 2020-01-01\ncategories: k\n---\nBODY-{name}", "utf-8")
    secret(posts, "")
    return Settings(
        base_url="https://example.org/", posts=posts, output=tmp_path / "www" / "feeds", state=tmp_path / "state", workers=1
    )


def secret(posts: Path, front: str) -> None:
    (posts / "x.md").write_text(
        f"---\ntitle: SECRET\ndate: 2020-01-01\ncategories: [秘密, 更秘密]\ntags: [HUSH]\n{front}\n---\nBODY", "utf-8"
    )


def readable_by_others(root: Path) -> bytes:
    """All that another user may read below a folder, with the names that such a user may list."""
    found = b""
    for name in sorted(os.listdir(root)) if root.stat().st_mode & 0o004 else []:
        path = root / name
        found += name.encode()
        if path.is_symlink():
            continue
        if path.is_dir() and path.stat().st_mode & 0o001:
            found += readable_by_others(path)
        elif path.is_file() and path.stat().st_mode & 0o004:
            found += path.read_bytes()
    return found


@pytest.mark.parametrize("mode", ["exchange", "symlink", "files"])
@pytest.mark.parametrize("how", ["draft: true", "password: x", "delete"])
def test_a_withdrawn_post_is_nowhere_below_the_web_root(settings: Settings, mode: str, how: str) -> None:
    """In no old generation either, though rollback still has it."""
    settings = replace(settings, output_mode=mode)
    os.umask(0o022)
    run.publish(settings, DAYS[0])
    root = settings.output.parent
    os.chmod(root, 0o755)
    assert b"SECRET" in readable_by_others(root) + readable_by_others(settings.output.resolve())
    if how == "delete":
        (settings.posts / "x.md").unlink()
    else:
        secret(settings.posts, how)
    run.publish(settings, DAYS[1])
    beside = root / f".{settings.output.name}.feeds"
    assert b"SECRET" not in readable_by_others(root) + readable_by_others(settings.output.resolve())
    for folder in beside.glob("old-*"):
        assert folder.stat().st_mode & 0o077 == 0
    rollback(settings)
    assert "SECRET" in (settings.output / "atom.xml").read_text("utf-8")


def test_the_state_is_its_owners_alone(settings: Settings) -> None:
    """Titles, addresses and terms of drafts lie there."""
    os.umask(0o022)
    secret(settings.posts, "draft: true")
    run.publish(settings, DAYS[0])
    for path in (settings.state, *settings.state.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
    shared = settings.state.parent / "shared"
    shared.mkdir()
    (shared / "theirs.txt").write_text("x")
    run.publish(replace(settings, state=shared), DAYS[1])
    assert shared.stat().st_mode & 0o777 == 0o755 and (shared / "theirs.txt").stat().st_mode & 0o777 == 0o644
    assert (shared / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


def test_nothing_published_tells_when_a_post_is_due(settings: Settings) -> None:
    """Neither the manifest nor anything else; nor does a build find a change in it."""
    secret(settings.posts, "")
    (settings.posts / "x.md").write_text("---\ntitle: SECRET\ndate: 2026-01-20 09:08:07\ntags: [HUSH]\n---\nBODY", "utf-8")
    outcome = run.publish(settings, DAYS[0])
    assert outcome.built.publication.next_change_at is not None
    published = b"".join(path.read_bytes() for path in settings.output.rglob("*") if path.is_file())
    assert not any(word in published for word in (b"2026-01-20", b"SECRET", b"HUSH", b"next_change_at"))
    assert not run.publish(settings, DAYS[1]).switched.switched
    assert run.publish(settings, DAYS[20]).switched.switched


def test_a_draft_that_was_never_public_leaves_no_name(settings: Settings) -> None:
    """Its terms are nowhere, neither as feeds nor in the ledger's list of terms."""
    secret(settings.posts, "draft: true")
    outcome = run.publish(settings, DAYS[0])
    assert not any("秘密" in feed.path or "HUSH" in feed.title for feed in outcome.built.publication.feeds)
    published = b"".join(str(path).encode() + path.read_bytes() for path in settings.output.rglob("*") if path.is_file())
    assert "秘密".encode() not in published and b"HUSH" not in published


def test_a_term_without_posts_can_be_forgotten(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`feeds ledger forget`: with all below it, in documents, ledger and its copy; a term with posts stays."""
    monkeypatch.chdir(settings.posts.parent)
    words = [
        "--base-url",
        "https://example.org/",
        "--posts",
        "posts",
        "--output",
        str(settings.output),
        "--state",
        str(settings.state),
    ]
    run.publish(settings, DAYS[0])
    outline = (settings.output / "feeds.opml").read_text("utf-8")
    secret(settings.posts, "draft: true")
    run.publish(settings, DAYS[1])
    assert "秘密" in (settings.output / "feeds.opml").read_text("utf-8") and (settings.output / "category/秘密/rss.xml").exists()
    assert main(["ledger", "forget", "category/k", *words]) == 2 and "still has posts" in capsys.readouterr().err
    assert main(["ledger", "forget", "category/none", *words]) == 2 and "category/秘密" in capsys.readouterr().err
    assert main(["ledger", "forget", *words]) == 2
    assert main(["ledger", "forget", "category/秘密", *words]) == 0
    assert main(["ledger", "forget", "tag/hush", *words]) == 0
    run.publish(settings, DAYS[2])
    published = b"".join(str(path).encode() + path.read_bytes() for path in settings.output.rglob("*") if path.is_file())
    assert "秘密".encode() not in published and b"HUSH" not in published
    terms = b"".join((settings.state / name).read_bytes() for name in ("ledger.sqlite", "ledger.backup.sqlite"))
    assert "秘密".encode() not in terms and b"hush" not in terms
    dated = [line for line in outline.splitlines() if "dateModified" in line]
    assert [line for line in (settings.output / "feeds.opml").read_text("utf-8").splitlines() if "dateModified" in line] >= dated


def test_the_manifest_is_what_the_server_reads(settings: Settings) -> None:
    run.publish(settings, DAYS[0])
    manifest = json.loads((settings.output / ".feeds-manifest.json").read_bytes())
    assert manifest["generation"] == 1 and "next_change_at" not in manifest
