"""Posts that name no author, on a site that names none: whether the site has a feed as their author."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from feeds.build import run
from feeds.model import Person
from feeds.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def settings(folder: Path) -> Settings:
    (folder / "posts").mkdir()
    (folder / "posts" / "first.md").write_text("---\ntitle: First\ndate: 2025-01-01\n---\nText of the first.\n", "utf-8")
    return Settings(
        base_url="https://boats.example/", title="Boats", posts=folder / "posts", output=folder / "public",
        state=folder / ".feeds", taxonomies=("category", "author"),
    )  # fmt: skip


def test_it_has_none(tmp_path: Path) -> None:
    """It would be the site's own feed once more."""
    site = settings(tmp_path)
    run.publish(site, NOW)
    assert not (site.output / "author").exists()


def test_a_feed_that_it_had_gets_new_posts(tmp_path: Path) -> None:
    """Readers have subscribed to it, e.g. while the site was named as the author in the settings."""
    site = settings(tmp_path)
    run.publish(replace(site, authors=(Person("Boats"),)), NOW)
    (site.posts / "second.md").write_text("---\ntitle: Second\ndate: 2025-02-01\n---\nText of the second.\n", "utf-8")
    run.publish(site, NOW)
    assert "Text of the second" in (site.output / "author" / "boats" / "atom.xml").read_text("utf-8")
