"""Jekyll with jekyll-polyglot: where the posts of each language are (as jekyll-polyglot 1.13 has built such a site)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import run_feeds

CONFIG = """\
title: Paper boats
url: https://boats.example
baseurl: /b
permalink: pretty
timezone: UTC
plugins: [jekyll-polyglot]
languages: [en, fr, pt-BR]
default_lang: en
"""
POSTS = {
    "_posts/2024-05-01-tea.md": "title: Tea",
    "_posts/2024-05-01-tea.fr.md": "title: Thé\nlang: fr",
    "_posts/2024-05-02-cha.md": "title: Chá\nlang: pt-br",
    "_posts/2024-05-03-own.md": "title: Own\nlang: fr\npermalink: /own/",
    "_posts/fr/2024-05-04-folder.md": "title: Folder",
    "_posts/2024-05-05-none.md": "title: None\nlang: de",
}


def _links(site: Path, config: str) -> dict[str, str]:
    """The addresses that `feeds init` and `feeds build` give the posts, below the site's, by title."""
    for path, front in POSTS.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(f"---\n{front}\n---\nText.\n", "utf-8")
    (site / "_config.yml").write_text(config, "utf-8")
    for words in (("init",), ("build", "--output", "out", "--formats", "json")):
        done = run_feeds(*words, cwd=site)
        assert done.returncode == 0, done.stderr
    items = json.loads((site / "out" / "feed.json").read_text("utf-8"))["items"]
    return {item["title"]: item["url"].removeprefix("https://boats.example/b") for item in items}


@pytest.mark.parametrize(
    ("more", "folder"),
    [("", "/2024/05/04/folder/"), ("lang_from_path: true\n", "/fr/2024/05/04/folder/")],
)
def test_each_language_is_below_its_name(tmp_path: Path, more: str, folder: str) -> None:
    assert _links(tmp_path, CONFIG + more) == {
        "Tea": "/2024/05/01/tea/",
        "Thé": "/fr/2024/05/01/tea.fr/",
        "Chá": "/pt-BR/2024/05/02/cha/",
        "Own": "/fr/own/",
        "Folder": folder,
    }


def test_without_the_plugin_languages_mean_nothing(tmp_path: Path) -> None:
    links = _links(tmp_path, CONFIG.replace("jekyll-polyglot", "jekyll-feed"))
    assert links["Chá"] == "/2024/05/02/cha/" and links["None"] == "/2024/05/05/none/"
