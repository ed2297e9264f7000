"""`feeds diff` and `feeds explain`: what subscribers would see, and why a post is or is not there; for people and machines."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from commands import run_feeds

from feeds.cli import json_page

ROOT = Path(__file__).parents[1]


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Site:
    """A folder of posts and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "posts").mkdir()
        (folder / "feeds.toml").write_text(
            'base_url = "https://example.org/"\ntimezone = "Asia/Shanghai"\nlimit = 10\npermalink = "p/:title/"\n', "utf-8"
        )

    def write(self, name: str, title: str, date: str, text: str = "正文。", more: str = "categories: [技术, 前端]") -> None:
        path = self.folder / "posts" / name
        path.write_text(f"---\ntitle: {title}\ndate: {date}\n{more}\n---\n{text}\n", "utf-8")

    def run(self, *words: str, cwd: str = ".") -> Said:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
        done = run_feeds(*words, cwd=self.folder / cwd, environ={**environ, "NO_COLOR": "1"})
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    for number in range(1, 5):
        made.write(f"{number}.md", f"第{number}篇", f"2021-01-0{number} 00:30:00", f"第{number}篇的正文，说{number}件事。")
    assert made.run("build").code == 0
    return made


def feed(said: Said, path: str) -> dict[str, Any]:
    return next(one for one in said.json["feeds"] if one["path"] == path)


def test_a_build_with_nothing_to_show_shows_nothing(site: Site) -> None:
    result = site.run("diff")
    assert result.code == 0 and "nothing would change for subscribers" in result.out
    assert site.run("diff", "--json").json["feeds"] == []


def test_each_kind_of_change_is_told_feed_by_feed(site: Site) -> None:
    """New, updated, withdrawn, re-dated; dates as the author's own zone has them; and nothing is published by it."""
    live = (site.folder / "public/feed.json").read_bytes()
    site.write("1.md", "第1篇改", "2021-01-01 00:30:00", "第1篇的正文，说1件事。")
    (site.folder / "posts/2.md").unlink()
    site.write("3.md", "第3篇", "2021-02-03 00:30:00", "第3篇的正文，说3件事。")
    site.write("new.md", "新的", "2021-03-01 00:30:00", more="categories: [生活]")
    for words in (("diff",), ("build", "--dry-run")):
        result = site.run(*words)
        assert result.code == 0, result
        for line in (
            "  + 2021-03-01 新的", "  ~ 2021-01-01 第1篇改", "  - 2021-01-02 第2篇", "  @ 2021-02-03 第3篇: 2021-01-03 00:30 -> 2021-02-03 00:30"
        ):  # fmt: skip
            assert line in result.out.splitlines(), result.out
        result = site.run(*words, "--json")
        whole, category = feed(result, ""), feed(result, "category/技术/前端/")
        assert [one["title"] for one in whole["new"]] == ["新的"] and category["new"] == []
        assert [one["title"] for one in whole["updated"]] == ["第1篇改"] == [one["title"] for one in category["updated"]]
        assert [one["title"] for one in whole["withdrawn"]] == ["第2篇"]
        assert [(one["before"]["published"][:10], one["after"]["published"][:10]) for one in whole["redated"]] == [
            ("2021-01-02", "2021-02-02")
        ]
        assert feed(result, "category/生活/")["status"] == "new" and not result.json["would_come_back_as_unread"]
    assert (site.folder / "public/feed.json").read_bytes() == live


def test_entries_that_would_come_back_as_unread_are_reported(site: Site) -> None:
    """Exit 3 where an old post would be new to every subscriber."""
    assert site.run("ledger", "export", "ids.txt").code == 0
    for kept in (site.folder / ".feeds").glob("ledger*"):
        kept.unlink()
    site.write("1.md", "第1篇", "2021-01-01 00:30:00", "第1篇的正文，说1件事。", more='id: "another"')
    result = site.run("diff")
    assert result.code == 3 and "! would come back as unread: 2021-01-01 第1篇" in result.out, result
    result = site.run("diff", "--json")
    assert result.code == 3 and result.json["would_come_back_as_unread"]
    assert len(feed(result, "")["resurfacing"]) == 1


@pytest.mark.parametrize("cause", ["deletion", "limit"])
def test_a_window_that_slides_back_is_told_by_diff_and_build(site: Site, cause: str) -> None:
    """Older entries that come back into a feed: both tell them, and neither refuses; an old post that was never out is new."""
    for words in (("build", "--limit", "2"), ("diff", "--limit", "2")):
        assert site.run(*words).code == 0
    if cause == "deletion":
        (site.folder / "posts/3.md").unlink()
    site.write("old.md", "旧的", "2020-01-01 00:30:00", "从未发布过的旧文章。")
    limit = "2" if cause == "deletion" else "9"
    result = site.run("diff", "--limit", limit, "--json")
    assert result.code == 0 and not result.json["would_come_back_as_unread"]
    returning = [entry["title"] for entry in feed(result, "")["returning"]]
    assert "第2篇" in returning and "旧的" not in returning
    assert "< 2021-01-02 第2篇: comes back" in site.run("diff", "--limit", limit).out
    built = site.run("build", "--limit", limit)
    assert built.code == 0 and "older entries come back into feeds" in built.err and "第2篇" in built.err


def test_explain_tells_where_everything_comes_from(site: Site) -> None:
    """By file, with or without its folder, by id, address and title."""
    result = site.run("explain", "1.md", "--json").json
    assert (result["post"], result["status"], result["published"], result["published_from"]) == (
        "1.md",
        "out",
        "2020-12-31T16:30:00Z",
        "date",
    )
    assert result["id"].startswith("tag:example.org,") and result["permalink"] == "https://example.org/p/1/"
    assert set(result["feeds"]) >= {"category/技术/", "category/技术/前端/"}
    for other in ("posts/1.md", result["id"], result["permalink"], "第1篇"):
        again = site.run("explain", other, "--json")
        assert again.code == 0 and again.json["post"] == "1.md", other
    shown = site.run("explain", "1.md").out
    for line in (
        result["id"],
        "Published 2021-01-01 00:30 (Asia/Shanghai), as `date` in its front matter says.",
        "category/技术/前端/",
    ):
        assert line in shown


@pytest.mark.parametrize(
    ("more", "date", "reason"),
    [
        ("draft: true", "2021-01-09", "draft"),
        ("published: false", "2021-01-09", "unpublished"),
        ("feed: false", "2021-01-09", "feed-false"),
        ("expires: 2022-01-01", "2021-01-09", "expired"),
        ("tags: []", "2199-01-09", "scheduled"),
        ("tags: []", "whenever", "broken"),
    ],
)
def test_explain_tells_why_a_post_is_left_out(site: Site, more: str, date: str, reason: str) -> None:
    """And how to fix it, where it is broken."""
    site.write("out.md", "没有出来的", date, more=more)
    result = site.run("explain", "out.md", "--json")
    assert result.code == 0 and (result.json["status"], result.json["reason"]) == ("left out", reason)
    if reason == "broken":
        assert "correct the date" in site.run("explain", "out.md").out


@pytest.mark.parametrize(
    ("cwd", "word"),
    [
        (".", "posts/1.md"),
        (".", "./posts/1.md"),
        (".", "1.md"),
        ("posts", "1.md"),
        ("posts/deep/er", "../../1.md"),
        ("public/p", "../../posts/1.md"),
        (".", "/p/1/"),
        (".", "p/1"),
        (".", "https://example.org/p/1/index.html#part"),
        (".", "https://example.org/p/1?x=y"),
    ],
)
def test_explain_takes_paths_as_the_shell_has_them(site: Site, cwd: str, word: str) -> None:
    """From any folder below the settings file, and an address however it was copied."""
    folder = site.folder / cwd
    folder.mkdir(parents=True, exist_ok=True)
    result = site.run("explain", word, "--json", cwd=cwd)
    assert result.code == 0 and result.json["post"] == "1.md", result
    first = site.run("explain", word, cwd=cwd).out.split("\n")[0]
    assert (folder / first.partition(" is published")[0]).resolve() == site.folder / "posts/1.md"


@pytest.mark.parametrize(
    "word",
    [
        "category/技术",
        "/category/技术/rss.xml",
        "public/category/技术/feed.json",
        "https://example.org/category/技术/index.html",
        "public/category/技术",
    ],
)
def test_explain_takes_a_feed_by_any_name(site: Site, word: str) -> None:
    """Its path, its documents on the server and on the disk, encoded or not."""
    result = site.run("explain", word, "--json")
    assert result.code == 0 and result.json["feed"] == "category/技术/", result
    assert site.run("explain", word).out.startswith("category/技术/: ")


def test_a_repository_ends_the_search_for_settings(site: Site) -> None:
    """A folder of another project below this one is not this site."""
    (site.folder / "vendor/other").mkdir(parents=True)
    assert site.run("build", cwd="vendor/other").code == 0
    (site.folder / "vendor/other/.git").mkdir()
    assert "no posts folder" in site.run("build", cwd="vendor/other").err


@pytest.mark.parametrize("word", ["hidden", "deep/hidden", "Hidden one"])
def test_explain_takes_the_name_and_title_of_a_post_that_is_left_out(site: Site, word: str) -> None:
    """As it takes those of one that is published: it is there to say why."""
    (site.folder / "posts/deep").mkdir(exist_ok=True)
    (site.folder / "posts/deep/hidden.md").write_text("---\ntitle: Hidden one\ndate: 2021-01-01\ndraft: true\n---\nx\n", "utf-8")
    result = site.run("explain", word, "--json")
    assert result.code == 0 and (result.json["post"], result.json["reason"]) == ("deep/hidden.md", "draft"), result


def test_explain_names_authors_and_what_is_too_full(site: Site) -> None:
    """A feed that has no room for a post is named, an author's too."""
    result = site.run("explain", "1.md", "--json", "--limit", "2", "--author", "Ada").json
    assert {"feed": "", "holds": 2} in result["not_in"] and result["terms"]["author"]
    author = "author/" + result["terms"]["author"][0]["path"] + "/"
    assert {"feed": author, "holds": 2} in result["not_in"]
    assert "Not in the site's feed: its 2 newest posts leave no room." in site.run("explain", "1.md", "--limit", "2").out


def test_explain_an_old_address_and_a_post_that_a_feed_excludes(site: Site) -> None:
    toml = (site.folder / "feeds.toml").read_text("utf-8")
    more = 'retired = ["old/comments.xml"]\n[moved]\n"旧/rss2.xml" = "rss.xml"\n[feed.""]\nexclude = ["category:技术/前端"]\n'
    (site.folder / "feeds.toml").write_text(toml + more, "utf-8")
    for word in ("旧/rss2.xml", "https://example.org/%E6%97%A7/rss2.xml", "/旧/rss2.xml"):
        assert "旧/rss2.xml has moved to https://example.org/rss.xml" in site.run("explain", word).out
    result = site.run("explain", "old/comments.xml", "--json").json
    assert (result["address"], result["status"]) == ("old/comments.xml", "retired")
    site.write("x.md", "被排除", "2021-01-09", more="categories: [[技术, 前端]]")
    excluded = site.run("explain", "posts/x.md", "--json").json
    assert {"feed": "", "excluded": True} in excluded["not_in"]
    for facts in (result, excluded):
        jsonschema.validate(facts, {**json_page.schema(), "$ref": "#/$defs/feeds explain"}, cls=jsonschema.Draft202012Validator)


def test_explain_a_feed_and_what_is_neither(site: Site) -> None:
    """A feed by path and by address of each of its documents; what is unknown is said with the next step, exit 2."""
    for name in ("category/技术/", "category/技术", "https://example.org/category/%E6%8A%80%E6%9C%AF/atom.xml"):
        result = site.run("explain", name, "--json")
        assert result.code == 0 and result.json["feed"] == "category/技术/" and len(result.json["entries"]) == 4, name
    result = site.run("explain", "nothing.md")
    assert result.code == 2 and "nothing.md" in result.err and result.out == ""
