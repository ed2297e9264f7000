"""Feeds that have moved, on a host that serves files only: what lies at their old addresses."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest
import web_servers
from commands import run_feeds

BASE = "https://example.org/blog/"
ELSEWHERE = "https://other.example.org/日?a=1&b=2"
TOML = f"""
base_url = "{BASE}"
title = "南窗 & <札记>"
header_maps = ["nginx"]
[moved]
"rss2.xml" = "rss.xml"
"index.xml" = "atom.xml"
"old/技术.json" = "category/技术/feed.json"
"feed/" = "rss.xml"
"categories/web/" = "category/技术/"
"away.xml" = "{ELSEWHERE}"
"away.atom" = "{ELSEWHERE}"
"away.json" = "{ELSEWHERE}"
"away.html" = "{ELSEWHERE}"
"lost.xml" = "nowhere.xml"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: 一\ndate: 2021-01-01\ncategories: [技术]\n---\n正文\n", "utf-8")
    (tmp_path / "feeds.toml").write_text(TOML, "utf-8")
    return tmp_path


def build(site: Path, *arguments: str) -> str:
    done = run_feeds("build", "--output", "out", *arguments, cwd=site)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_the_same_document_is_at_the_old_address(site: Path) -> None:
    """Byte by byte, so that it names the new address as its own and no entry comes anew."""
    build(site)
    out = site / "out"
    assert (out / "rss2.xml").read_bytes() == (out / "rss.xml").read_bytes()
    assert (out / "index.xml").read_bytes() == (out / "atom.xml").read_bytes()
    assert json.loads((out / "old/技术.json").read_bytes())["feed_url"].endswith("/feed.json")
    # A page's links are relative: from another folder they would lead nowhere.
    for path, target in (("categories/web/index.html", "category/%E6%8A%80%E6%9C%AF/"), ("feed/index.html", "rss.xml")):
        assert f'rel="canonical" href="{BASE}{target}"' in (out / path).read_text("utf-8")


def test_a_feed_that_moved_to_another_site_is_pointed_at(site: Path) -> None:
    """By itunes:new-feed-url, rel=self, feed_url and rel=canonical; with no entry, so that nothing is read twice."""
    build(site)
    out = site / "out"
    target = "https://other.example.org/%E6%97%A5?a=1&b=2"
    for name in ("away.xml", "away.atom"):
        feed = feedparser.parse((out / name).read_bytes())
        assert not feed.bozo and not feed.entries and feed.feed.title == "南窗 & <札记>"
        assert any(link.href == target for link in feed.feed.links)
    assert "<itunes:new-feed-url>https://other.example.org/%E6%97%A5?a=1&amp;b=2</itunes:new-feed-url>" in (
        out / "away.xml"
    ).read_text("utf-8")
    told_json = json.loads((out / "away.json").read_bytes())
    assert (told_json["feed_url"], told_json["items"], told_json["title"]) == (target, [], "南窗 & <札记>")
    page = (out / "away.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://other.example.org/%E6%97%A5?a=1&amp;b=2">' in page and "<札记>" not in page
    assert f"{BASE}nowhere.xml" in (out / "lost.xml").read_text("utf-8")


def test_a_second_build_changes_nothing_and_the_setting_takes_them_away(site: Path) -> None:
    """Their dates are the site's; header maps still say 301."""
    build(site)
    before = {path: path.read_bytes() for path in sorted((site / "out").rglob("*")) if path.is_file()}
    build(site)
    assert before == {path: path.read_bytes() for path in sorted((site / "out").rglob("*")) if path.is_file()}
    assert json.loads(run_feeds("diff", "--output", "out", "--json", cwd=site).stdout)["feeds"] == []
    assert f'"/blog/rss2.xml" "{BASE}rss.xml"' in (site / "out/.feeds-headers/nginx-http.conf").read_text("utf-8")
    (site / "feeds.toml").write_text(TOML.replace("[moved]", "moved_documents = false\n[moved]"), "utf-8")
    build(site)
    assert not (site / "out/rss2.xml").exists() and not (site / "out/away.html").exists()


def test_a_file_of_the_site_generator_stays(site: Path) -> None:
    """It lies at an old address, and is not ours."""
    (site / "out").mkdir()
    (site / "out" / "away.html").write_text("<p>the generator's</p>")
    build(site)
    assert (site / "out" / "away.html").read_text() == "<p>the generator's</p>"
    assert (site / "out" / "rss2.xml").exists()


def test_our_server_redirects(site: Path) -> None:
    """With the document there or not."""
    with web_servers.feeds_serve("--config", site / "feeds.toml", log=site / "log") as server:
        server.wait_for("/blog/rss.xml")
        answer = server.ask("/blog/rss2.xml")
        assert (answer.status, answer.headers["location"]) == (301, f"{BASE}rss.xml")
        assert not (site / ".feeds/serve/public/rss2.xml").exists()
    build(site)
    with web_servers.feeds_serve("--folder", site / "out", log=site / "log") as server:
        server.wait_for("/blog/rss.xml")
        for path in ("rss2.xml", "feed/", "away.html"):
            assert server.ask(f"/blog/{path}").status == 301, path


def test_a_target_that_does_not_exist_is_a_finding(site: Path) -> None:
    """Of check, and of the build that publishes it; pages of posts and files of others exist, other hosts are not looked at."""
    (site / "out").mkdir()
    (site / "out/about.html").write_text("ours is not the only program here")
    extra = '"x.xml" = "/about.html"\n"y.html" = "entry/a/"\n"z.xml" = "category/技木/rss.xml"\n'
    (site / "feeds.toml").write_text(TOML + extra, "utf-8")
    done = run_feeds("check", "--json", "--output", "out", cwd=site)
    problems = [problem for problem in json.loads(done.stdout)["problems"] if problem["code"] == "moved-target"]
    assert [problem["field"] for problem in problems] == ['moved."lost.xml"', 'moved."z.xml"']
    assert problems[1]["fix"] == 'did you mean "category/技术/rss.xml"?'
    assert "lost.xml has moved to https://example.org/blog/nowhere.xml, where nothing is published" in build(site)
    assert "nowhere" not in build(site, "--title", "x"), "told once"


def test_an_old_address_that_is_a_folder_now(site: Path) -> None:
    """No file can lie where a folder is: what points on is its index, or our own page is; below a document nothing can lie."""
    moves = '"feed" = "rss.xml"\n"feed/atom" = "atom.xml"\n"category/技术" = "rss.xml"\n"rss.xml/old" = "rss.xml"\n'
    (site / "feeds.toml").write_text(f'base_url = "{BASE}"\nmoved_documents = true\n[moved]\n{moves}', "utf-8")
    build(site)
    out = site / "out"
    for path in ("feed/index.html", "feed/atom"):
        assert b'http-equiv="refresh"' in (out / path).read_bytes()
    assert b'http-equiv="refresh"' not in (out / "category/技术/index.html").read_bytes() and (out / "rss.xml").is_file()
