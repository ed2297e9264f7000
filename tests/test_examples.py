"""The example that a newcomer builds first, and the made-up archives that comparisons use: both say what they claim."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from feeds.build import run
from feeds.dialects import by_name
from feeds.posts import metadata, read, scan
from feeds.settings import Settings, load
from feeds.settings.site_facts import site_facts

ROOT = Path(__file__).parents[1]
FORMS = ("hexo", "hugo", "jekyll", "pelican", "eleventy")


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import corpus

    yield corpus
    for name in ("corpus", "skeletons", "text"):
        sys.modules.pop(name, None)


def test_example_builds_without_a_word_of_complaint(tmp_path: Path, as_of: datetime) -> None:
    """Twelve posts in two languages are out; the draft and the post of 2099 are left out, and said."""
    flags = {"output": str(tmp_path / "public"), "state": str(tmp_path / "state")}
    settings = load(config=ROOT / "examples" / "feeds.toml", environ={}, flags=flags, cwd=ROOT)
    outcome = run.publish(settings, as_of)
    publication = outcome.built.publication
    assert [problem for problem in publication.problems if problem.severity != "notice"] == []
    assert sorted((one.path, one.reason) for one in publication.left_out) == [
        ("2099-01-01-时间胶囊.md", "scheduled"),
        ("_drafts/balcony-weather-station.md", "draft"),
    ]
    feed = json.loads((tmp_path / "public" / "feed.json").read_bytes())
    assert len(feed["items"]) == 12
    assert {one["name"] for item in feed["items"] for one in item["authors"]} == {"林夏", "Ben Okafor"}
    assert (tmp_path / "public" / "category" / "tech" / "数据库" / "rss.xml").is_file()
    kitchen = json.loads((tmp_path / "public" / "category" / "life" / "feed.json").read_bytes())
    assert len(kitchen["items"]) == 2, "a parent's feed includes its children's posts"


def test_pictures_of_the_example_are_published(tmp_path: Path, as_of: datetime) -> None:
    """No entry shows a picture that is not there: those beside a post, and those that posts share."""
    flags = {"output": str(tmp_path / "public"), "state": str(tmp_path / "state")}
    settings = load(config=ROOT / "examples" / "feeds.toml", environ={}, flags=flags, cwd=ROOT)
    run.publish(settings, as_of)
    items = json.loads((tmp_path / "public" / "feed.json").read_bytes())["items"]
    pictures = [item["image"] for item in items if "image" in item]
    assert len(pictures) == 3
    from urllib.parse import unquote

    for url in pictures:
        assert (tmp_path / "public" / unquote(url.removeprefix(settings.base_url))).is_file(), url


def _settings(posts: Path) -> Settings:
    flags = {"posts": str(posts), "base_url": "https://example.org/", "timezone": "Asia/Shanghai"}
    return load(environ={}, flags=flags, cwd=posts.parent)


@pytest.mark.parametrize("form", FORMS)
def test_posts_of_each_generator_say_what_their_author_meant(tmp_path: Path, corpus: ModuleType, form: str) -> None:
    """Title, instant, author, category, tags and body come back from the form that each generator wants."""
    root = corpus.make(tmp_path / form, count=60, form=form, seed=3)
    settings = _settings(root)
    wanted = {facts.name: facts for facts in corpus.posts(60, 3)}
    listing = scan.scan(root, ())
    assert len(listing.posts) == 60
    for file in listing.posts:
        post = read.parse(file.path, read.source(root, file.path, settings.bounds), settings.encodings, settings.bounds)
        said = metadata.read(post, settings, by_name("plain"), site_facts(settings))
        facts = wanted[file.path.rpartition("/")[2].rpartition(".")[0][-11:]]
        assert not said.problems, file.path
        assert said.title == facts.title
        exact = facts.date.replace(second=0) if form == "pelican" else facts.date
        assert said.published == exact.astimezone(UTC)
        assert [author.name for author in said.authors] == [facts.author]
        path = facts.category if form == "hexo" else facts.category[-1:]
        assert said.categories == (path,)
        assert said.tags == (("post", *facts.tags) if form == "eleventy" else facts.tags)
        assert post.body.strip() == facts.body.strip()
        assert post.markup == ("html" if facts.markup == "html" else "markdown")


def test_an_archive_is_the_same_for_the_same_seed(tmp_path: Path, corpus: ModuleType) -> None:
    """Two machines measure the same posts; another seed gives others."""
    made = [
        {path.name: path.read_bytes() for path in corpus.make(tmp_path / name, count=20, form="hugo", seed=seed).iterdir()}
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert made[0] == made[1] != made[2]
    assert all(2000 < len(body) < 14_000 for body in made[0].values())
