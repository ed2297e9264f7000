"""`feeds init` as a person sees it: one screen in an existing blog, the old feed's ids kept, a comparison with the live feed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import run_feeds

ROOT = Path(__file__).parents[1]
OLD = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>https://boats.example/</id><title>Boats</title>
<updated>2021-01-02T00:00:00Z</updated>
<entry><id>urn:old:one</id><title>One</title><link href="https://boats.example/2021/01/01/one.html"/>
<updated>2021-01-01T00:00:00Z</updated><published>2021-01-01T00:00:00Z</published></entry>
<entry><id>urn:old:gone</id><title>Gone</title><link href="https://boats.example/2020/01/01/gone.html"/>
<updated>2020-01-01T00:00:00Z</updated></entry></feed>"""


def feeds(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, as typed in the blog's folder."""
    return run_feeds(*words, cwd=folder)


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    """A Jekyll blog with two posts and the feed that it had."""
    (tmp_path / "_config.yml").write_text("url: https://boats.example\ntitle: Boats\n", "utf-8")
    (tmp_path / "_posts").mkdir()
    for day, name in enumerate(("one", "two"), 1):
        text = f"---\ntitle: {name.title()}\n---\nThe text of {name}.\n"
        (tmp_path / "_posts" / f"2021-01-0{day}-{name}.md").write_text(text, "utf-8")
    (tmp_path / "old.xml").write_text(OLD, "utf-8")
    return tmp_path


def test_a_blog_moves_in_with_its_subscribers(blog: Path) -> None:
    """The links are shown, the ids that readers know are kept, and what will show as new is said before anything is published."""
    done = feeds(blog, "init", "--feed", "old.xml")
    assert done.returncode == 0, done.stderr
    assert "https://boats.example/2021/01/01/one.html" in done.stdout
    assert "1 of its entries keep their ids" in done.stdout and "1 post will show as new" in done.stdout
    assert "no post for its entry 'Gone'" in done.stdout and "feeds build" in done.stdout
    assert feeds(blog, "build").returncode == 0
    items = json.loads((blog / "_site" / "feed.json").read_text())["items"]
    assert {item["title"]: item["id"] for item in items}["One"] == "urn:old:one"


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_nobody_has_to_read_what_it_prints(blog: Path, more: list[str]) -> None:
    """`feeds init | head`: the pipe is closed early, and what was to be done is done; so with the other commands."""
    for words in (
        ["init", "--feed", "old.xml", *more],
        ["check", *more],
        ["build", "--verbose", *more],
        ["ledger", "export", "ledger.txt", *more],
    ):
        reader, writer = os.pipe()
        os.close(reader)
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1" * (words[0] != "check")}
        command = [sys.executable, "-m", "feeds", *words]
        done = subprocess.run(command, cwd=blog, stdout=writer, stderr=subprocess.PIPE, check=False, env=environ)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, b""), words
    items = json.loads((blog / "_site" / "feed.json").read_text())["items"]
    assert {item["title"]: item["id"] for item in items}["One"] == "urn:old:one"


def test_the_ids_of_a_feed_that_is_only_on_the_web_are_asked_for(blog: Path) -> None:
    """Nothing of the old feed is in the folder, so its subscribers would see every post as new: the command is named."""
    (blog / "_config.yml").write_text("url: https://boats.example\nplugins: [jekyll-feed]\n", "utf-8")
    command = "feeds ledger adopt https://boats.example/feed.xml"
    assert command in feeds(blog, "init").stdout
    assert command not in feeds(blog, "init", "--force", "--feed", "old.xml").stdout
    (blog / "_config.yml").unlink()
    assert "ledger adopt" not in feeds(blog, "init", "--force", "--base-url", "https://boats.example/").stdout


def test_the_age_of_an_old_feed_in_the_folder_is_told(blog: Path) -> None:
    """A file that was committed years ago lacks posts that subscribers have seen: its last day is said, and where the live feed is."""
    (blog / "atom.xml").write_text(OLD, "utf-8")
    said = feeds(blog, "init").stdout
    assert "The newest entry of that file is of 2021-01-01, the newest post of 2021-01-02." in said
    assert "feeds ledger adopt https://boats.example/atom.xml" in said
    entry = json.loads(feeds(blog, "init", "--force", "--json").stdout)["old_feed"]["newest_entry"]
    assert entry == "2021-01-01T00:00:00Z"
    second = OLD.replace("/2021/01/01/one", "/2021/01/02/two").replace("urn:old:one", "urn:old:two").replace(">One<", ">Two<")
    (blog / "atom.xml").write_text(second.replace("2021-01-01T", "2021-01-02T"), "utf-8")
    said = feeds(blog, "init", "--force").stdout
    assert "1 post will show as new" in said and "newest entry" not in said and "ledger adopt" not in said


@pytest.mark.parametrize("languages", [("", "zh"), ("en", "zh")])
def test_the_ids_of_each_languages_feed_are_kept(tmp_path: Path, languages: tuple[str, str]) -> None:
    """Hugo publishes one for each: the default language's at the root or in a folder, the others in folders."""
    settings = "baseURL = 'https://boats.example/'\ndefaultContentLanguage = 'en'\n[languages.en]\nweight = 1\n[languages.zh]\nweight = 2\n"
    (tmp_path / "hugo.toml").write_text(
        f"defaultContentLanguageInSubdir = {str(languages[0] == 'en').lower()}\n" + settings, "utf-8"
    )
    (tmp_path / "content/posts").mkdir(parents=True)
    for language, name in zip(languages, ("one.md", "one.zh.md"), strict=True):
        (tmp_path / "content/posts" / name).write_text("---\ntitle: One\ndate: 2021-01-01\n---\nText.\n", "utf-8")
        address = f"https://boats.example/{language}/posts/one/".replace("e//", "e/")
        entry = f"<item><title>One</title><link>{address}</link><guid>old:{language or 'en'}</guid></item>"
        (tmp_path / "public" / language).mkdir(parents=True, exist_ok=True)
        (tmp_path / "public" / language / "index.xml").write_text(f"<rss version='2.0'><channel>{entry}</channel></rss>", "utf-8")
    said = feeds(tmp_path, "init").stdout
    assert "2 of its entries keep their ids" in said and "0 posts will show as new" in said
    assert feeds(tmp_path, "build").returncode == 0
    items = json.loads((tmp_path / "feeds-public/feed.json").read_text())["items"]
    assert {item["id"] for item in items} == {"old:en", "old:zh"}


def test_feeds_of_languages_are_proposed_where_there_are_several(tmp_path: Path) -> None:
    """What is proposed does it: the site's feed has the posts of its own language, each language has a feed."""
    (tmp_path / "hugo.toml").write_text(
        "baseURL = 'https://boats.example/'\ndefaultContentLanguage = 'en'\n[languages.en]\n[languages.zh]\n", "utf-8"
    )
    (tmp_path / "content/posts").mkdir(parents=True)
    for number in range(3):
        for ending in (".md", ".zh.md") if number else (".md",):
            text = f"---\ntitle: Post {number}{ending}\ndate: 2021-01-0{number + 1}\n---\nText {number}.\n"
            (tmp_path / "content/posts" / f"{number}{ending}").write_text(text, "utf-8")
    assert "several languages" not in feeds(tmp_path, "init").stdout, "a single post in another language is no translated site"
    (tmp_path / "content/posts/0.zh.md").write_text("---\ntitle: Post 0.zh\ndate: 2021-01-01\n---\nText 0.\n", "utf-8")
    said = feeds(tmp_path, "init", "--force").stdout
    assert 'languages: en (3), zh (3). For a feed of each, set taxonomies = ["category", "tag", "author", "language"]' in said
    assert 'exclude = ["language:zh"] in the table [feed.""]' in said
    path = tmp_path / "feeds.toml"
    written = path.read_text("utf-8").replace(
        "\n# taxonomies =", '\ntaxonomies = ["category", "tag", "author", "language"]\n# was ='
    )
    path.write_text(written + '\n[feed.""]\nexclude = ["language:zh"]\n', "utf-8")
    assert feeds(tmp_path, "build").returncode == 0
    for name, ending in (("feed.json", ".md"), ("language/zh/feed.json", ".zh")):
        titles = {item["title"] for item in json.loads((tmp_path / "feeds-public" / name).read_text())["items"]}
        assert len(titles) == 3 and all(title.split(".")[1] == ending[1:].split(".")[0] for title in titles)


def test_ids_that_readers_know_are_compared(blog: Path) -> None:
    """Equal links, dates and titles do not help subscribers of other ids."""
    feeds(blog, "init")
    said = feeds(blog, "init", "--check", "old.xml").stdout
    assert "ids: 0 of 1 equal" in said and "subscribers would see 1 post as new" in said and "feeds ledger adopt old.xml" in said
    assert feeds(blog, "ledger", "adopt", "old.xml").returncode == 0
    said = feeds(blog, "init", "--check", "old.xml").stdout
    assert "ids: 1 of 1 equal" in said and "as new" not in said


def test_the_live_feed_is_compared(blog: Path) -> None:
    """Equal links, dates and titles are counted, differences named; nothing is written."""
    feeds(blog, "init")
    before = sorted(path.name for path in blog.iterdir())
    done = feeds(blog, "init", "--check", "old.xml")
    assert done.returncode == 3 and "2 entries, 1 of them are posts here" in done.stdout and "links: 1 of 1 equal" in done.stdout
    (blog / "old.xml").write_text(OLD.replace("/2021/01/01/one.html", "/one/"), "utf-8")
    assert (
        "link https://boats.example/2021/01/01/one.html is https://boats.example/one/"
        in feeds(blog, "init", "--check", "old.xml").stdout
    )
    assert sorted(path.name for path in blog.iterdir() if path.name != ".feeds") == [name for name in before if name != ".feeds"]


def test_without_an_address_the_next_step_is_shown(blog: Path) -> None:
    """No placeholder is published: the build asks for the address. The links are shown below it, and no state is kept."""
    (blog / "_config.yml").write_text("title: Boats\n", "utf-8")
    done = feeds(blog, "init")
    assert done.returncode == 0 and "Next: set base_url" in done.stdout
    assert "2 posts in" in done.stdout and "2021-01-01  …/2021/01/01/one.html  One" in done.stdout
    assert ".invalid" not in done.stdout and sorted(path.name for path in blog.iterdir()) == [
        "_config.yml",
        "_posts",
        "feeds.toml",
        "old.xml",
    ]
    assert feeds(blog, "build").returncode == 2
    assert feeds(blog, "init", "--force", "--base-url", "https://boats.example/").returncode == 0
    assert feeds(blog, "build").returncode == 0
    # What that build wrote is no feed of the generator's.
    again = feeds(blog, "init", "--force", "--base-url", "https://boats.example/")
    assert (
        again.returncode == 0 and "makes itself" not in again.stdout and 'output = "_site"' in (blog / "feeds.toml").read_text()
    )


def test_a_post_without_a_title_is_shown_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("url: https://boats.example\ntimezone: UTC\n", "utf-8")
    (tmp_path / "package.json").write_text('{"dependencies": {"hexo": "7"}}', "utf-8")
    (tmp_path / "source" / "_posts").mkdir(parents=True)
    (tmp_path / "source" / "_posts" / "sail.md").write_text("---\ntitle: ''\ndate: 2021-01-03\n---\nText.\n", "utf-8")
    assert "2021-01-03  https://boats.example/2021/01/03/sail/  sail.md" in feeds(tmp_path, "init").stdout


def test_what_force_replaces_is_kept_and_compared(blog: Path) -> None:
    """Readers have the feeds of the settings before: what would be gone is named, until it has a new address."""
    feeds(blog, "init")
    settings = blog / "feeds.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[paths]\nrss = "own.xml"\n', "utf-8")
    mine = settings.read_bytes()
    assert feeds(blog, "build").returncode == 0
    done = feeds(blog, "init", "--force")
    assert done.returncode == 0 and (blog / "feeds.toml.bak").read_bytes() == mine
    assert "do not publish" in done.stdout and "\n  own.xml\n" in done.stdout and "  feed.json\n" not in done.stdout
    settings.write_bytes(mine)
    again = feeds(blog, "init", "--force", "--json")
    assert "own.xml" in json.loads(again.stdout)["no_longer_published"] and not (blog / "feeds.toml.bak1").exists()
    assert "do not publish" not in feeds(blog, "init", "--force").stdout


def test_a_folder_without_a_generator_is_reported(tmp_path: Path) -> None:
    """A folder that no generator made is read as a plain one, and that is said."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "tea.md").write_text("# Tea\n\nHot.\n", "utf-8")
    done = feeds(tmp_path, "init", "--base-url", "https://boats.example/")
    assert "No generator recognised" in done.stdout and "posts is notes" in done.stdout
