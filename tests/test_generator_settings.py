"""What the site generator's settings say after `feeds init` is told, once, until feeds.toml is saved again."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import settings as feeds_settings
from feeds.build import generator_settings, run
from feeds.migrate import init
from feeds.preview import check
from feeds.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SITES = {
    "hexo": ("_config.yml", "title: x\nurl: https://blog.example.net\npermalink: :year/:title/\n", "source/_posts/a.md", "permalink: :title.html\n"),
    "jekyll": ("_config.yml", "title: x\nurl: https://blog.example.net\npermalink: /:year/:title/\n", "_posts/2020-01-01-a.md", "exclude: [_posts/secret]\n"),
    "hugo": ("hugo.toml", 'title = "x"\nbaseURL = "https://blog.example.net/"\n', "content/posts/a.md", "ignoreFiles = ['secret']\n"),
    "pelican": ("pelicanconf.py", "SITENAME = 'x'\nSITEURL = 'https://blog.example.net'\nPATH = 'content'\n", "content/a.md", "ARTICLE_EXCLUDES = ['x']\n"),
}  # fmt: skip


def _moved_in(folder: Path, generator: str) -> tuple[Settings, Path]:
    name, text, post, _ = SITES[generator]
    (folder / post).parent.mkdir(parents=True)
    (folder / post).write_text(
        "---\ntitle: A\ndate: 2020-01-01\n---\ntext\n" if generator != "pelican" else "Title: A\nDate: 2020-01-01\n\ntext\n"
    )
    (folder / name).write_text(text)
    if generator == "jekyll":
        (folder / "Gemfile").write_text('gem "jekyll"\n')
    if generator == "hexo":
        (folder / "package.json").write_text('{"dependencies": {"hexo": "7"}}')
    init.run(folder, base_url="https://blog.example.net/")
    loaded = feeds_settings.load(config=folder / "feeds.toml", environ={}, flags={}, cwd=folder)
    _saved(folder / name, loaded, -5)
    return loaded, folder / name


def _saved(path: Path, loaded: Settings, seconds: int) -> None:
    """The file was saved so many seconds after feeds.toml."""
    assert loaded.config is not None
    moment = loaded.config.stat().st_mtime + seconds
    os.utime(path, (moment, moment))


@pytest.mark.parametrize("generator", SITES)
def test_a_setting_that_changes_after_init_is_told(tmp_path: Path, generator: str) -> None:
    loaded, file = _moved_in(tmp_path, generator)
    assert loaded.generator == generator and file in generator_settings.files(loaded)
    added = SITES[generator][3]
    text = file.read_text()
    file.write_text((text.replace("permalink: :year/:title/\n", "") if generator == "hexo" else text) + added)
    _saved(file, loaded, -5)
    assert list(generator_settings.changed(loaded)) == []
    _saved(file, loaded, 5)
    [problem] = generator_settings.changed(loaded)
    assert problem.code == "generator-settings" and problem.what.startswith(file.name)
    assert ("permalink" in problem.what) if generator == "hexo" else ("not set here" in problem.what)


def test_build_tells_it_once_and_check_always(tmp_path: Path) -> None:
    loaded, file = _moved_in(tmp_path, "hugo")
    assert not [line for line in run.publish(loaded, NOW).notices if "hugo.toml" in line]
    file.write_text(file.read_text() + "ignoreFiles = ['secret']\n")
    _saved(file, loaded, 5)
    assert [
        line
        for line in run.publish(loaded, NOW).notices
        if "dialect.ignore_files is secret" in line.replace("['secret']", "secret")
    ]
    assert not [line for line in run.publish(loaded, NOW).notices if "hugo.toml" in line]
    with run.look(loaded, NOW, everything=True) as (site, built):
        assert "generator-settings" in {problem.code for problem in check.examine(site, built).problems}


def test_settings_that_cannot_be_read_any_more_are_told(tmp_path: Path) -> None:
    loaded, file = _moved_in(tmp_path, "hugo")
    file.write_text("title = \n")
    _saved(file, loaded, 5)
    [problem] = generator_settings.changed(loaded)
    assert "hugo.toml cannot be read" in problem.what
