"""The main job, as its author does it: a folder of posts in, feeds out, through the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import feedparser
import pytest
from commands import run_feeds
from lxml import etree

ROOT = Path(__file__).parents[1]
MakeSite = Callable[[Mapping[str, "str | bytes"]], Path]
AS_OF = "2026-01-01T00:00:00Z"


def feeds(*words: str, cwd: Path, code: int = 0, **environ: str) -> str:
    """Run the command line; its output. The exit code must be as expected."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDS_", "SOURCE_DATE"))}
    done = run_feeds(*words, cwd=cwd, environ={**env, **environ})
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def build(site: Path, *words: str, code: int = 0, **environ: str) -> Path:
    """Build `posts` of a site into its `public`."""
    feeds(
        "build", "posts", "--base-url", "https://example.org/", "--output", "public", "--as-of", AS_OF, *words, cwd=site, code=code,
        **environ,
    )  # fmt: skip
    return site / "public"


def json_feed(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_the_real_post_comes_out_right_in_every_format(tmp_path: Path, real_posts: Path) -> None:
    """A blank line before the fence, an RFC 822 date, a three-level path, HTML with styles: all of it reaches the reader."""
    public = tmp_path / "public"
    feeds(
        "build",
        str(real_posts),
        "--base-url",
        "https://example.org/",
        "--output",
        str(public),
        "--state",
        str(tmp_path / "state"),
        cwd=tmp_path,
    )
    item = json_feed(public / "feed.json")["items"][0]
    source = next(real_posts.glob("*.txt")).read_text(encoding="utf-8")
    title = source.split("title: '")[1].split("'")[0]
    assert item["title"] == title
    assert item["date_published"] == "2021-08-04T05:49:00Z"
    assert item["image"] == "https://picsum.photos/400/300?random=2220"
    assert item["content_html"].count("<p>") == source.count("<p ")
    assert "style" not in item["content_html"]
    assert '<a href="https://nev.ofweek.com/" title="' in item["content_html"]
    categories = source.split("categories:")[1].split("headimg")[0].replace("-", " ").split()
    folder = public / "category"
    for name in categories:
        folder /= name
        for file in ("rss.xml", "atom.xml"):
            entry = feedparser.parse((folder / file).read_bytes()).entries[0]
            assert (entry.title, entry.id) == (title, item["id"])
            assert entry.published_parsed[:6] == (2021, 8, 4, 5, 49, 0)
            assert [tag.label or tag.term for tag in entry.tags][:3] == categories
            assert entry.media_thumbnail[0]["url"] == item["image"]
        assert [one["id"] for one in json_feed(folder / "feed.json")["items"]] == [item["id"]]
    rss = etree.fromstring((public / "rss.xml").read_bytes())
    author = source.split("author: ")[1].split("\n")[0]
    assert rss.findtext("channel/item/{http://purl.org/dc/elements/1.1/}creator") == author
    assert rss.find("channel/item/comments") is None


FORMS: dict[str, tuple[str, str]] = {
    "hexo.md": ("posts/hexo.md", "title: 山行\ndate: 2021-08-04 05:49:00\ncategories:\n  - [生活, 登山]\n  - [随笔]\ntags: [山, 晨]\n---\n正文 **粗**。\n"),
    "hexo fenced": ("posts/fenced.md", "---\ntitle: 山行\ndate: 2021-08-04 05:49:00\ncategories: [[生活, 登山], [随笔]]\ntags:\n- 山\n- 晨\n---\n正文 **粗**。\n"),
    "toml": ("posts/hugo.md", '+++\ntitle = "山行"\ndate = 2021-08-04T05:49:00Z\ncategories = [["生活", "登山"], ["随笔"]]\ntags = ["山", "晨"]\n+++\n正文 **粗**。\n'),
    "json": ("posts/json.md", '{"title": "山行", "date": "2021-08-04T05:49:00Z", "categories": [["生活", "登山"], ["随笔"]], "tags": ["山", "晨"]}\n正文 **粗**。\n'),
    "html": ("posts/page.html", "---\ntitle: 山行\ndate: Wed, 04 Aug 2021 05:49:00 GMT\ncategories: [[生活, 登山], [随笔]]\ntags: 山, 晨\n---\n<p style='x'>正文 <b>粗</b>。</p>\n"),
    "dated name": ("posts/2021-08-04-page.md", "---\ntitle: 山行\ncategories: [[生活, 登山], [随笔]]\ntags: [山, 晨]\n---\n正文 **粗**。\n"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_post_reads_the_same_in_every_form_of_front_matter(make_site: MakeSite, form: str) -> None:
    """YAML, Hexo without its opening fence, TOML, JSON, HTML, a date in the name: one entry comes out."""
    path, text = FORMS[form]
    public = build(make_site({path: text}))
    item = json_feed(public / "feed.json")["items"][0]
    assert item["title"] == "山行"
    assert item["date_published"][:10] == "2021-08-04"
    assert item["tags"] == ["生活", "登山", "随笔", "山", "晨"]
    assert "正文" in item["content_html"] and "style" not in item["content_html"]
    for folder in ("category/生活", "category/生活/登山", "category/随笔", "tag/山", "tag/晨"):
        assert len(json_feed(public / folder / "feed.json")["items"]) == 1
    assert not (public / "category/登山").exists()


def test_categories_stand_side_by_side_where_jekyll_and_hugo_mean_them_so(make_site: MakeSite) -> None:
    """In parallel mode a list is no path."""
    public = build(
        make_site({"posts/a.md": "---\ntitle: a\ndate: 2021-01-01\ncategories: [A, B]\n---\nx"}), "--categories-mode", "parallel"
    )
    assert (public / "category/a/rss.xml").exists() and (public / "category/b/rss.xml").exists()
    assert not (public / "category/a/b").exists()


def test_nothing_is_left_out_in_silence(make_site: MakeSite) -> None:
    """Drafts, future and expired posts, hidden ones, broken ones: each is named with its reason; the others are published."""
    site = make_site({
        "posts/good.md": "---\ntitle: good\ndate: 2021-01-01\n---\nx",
        "posts/draft.md": "---\ntitle: d\ndraft: true\n---\nx",
        "posts/_drafts/d.md": "---\ntitle: d\n---\nx",
        "posts/unpublished.md": "---\ntitle: u\npublished: false\n---\nx",
        "posts/future.md": "---\ntitle: f\ndate: 2030-01-01\n---\nx",
        "posts/past.md": "---\ntitle: p\ndate: 2020-01-01\nexpires: 2021-01-01\n---\nx",
        "posts/off.md": "---\ntitle: o\nfeed: false\n---\nx",
        "posts/hidden.md": "---\ntitle: h\nhidden: true\n---\nx",
        "posts/broken.md": "---\ntitle: a: b\n---\nx",
        "posts/undated.md": "---\ntitle: bad date\ndate: 2021-02-30\n---\nx",
    })  # fmt: skip
    public = build(site, code=1)
    assert [item["title"] for item in json_feed(public / "feed.json")["items"]] == ["good"]
    report = json.loads(feeds("check", "posts", "--json", "--as-of", AS_OF, cwd=site, code=1))
    reasons = {one["path"]: one["reason"] for one in report["left_out"]}
    assert reasons == {
        "draft.md": "draft", "_drafts/d.md": "draft", "unpublished.md": "unpublished", "future.md": "scheduled", "past.md": "expired",
        "off.md": "feed-false", "hidden.md": "hidden", "broken.md": "broken", "undated.md": "broken",
    }  # fmt: skip
    errors = {one["path"]: one for one in report["problems"] if one["severity"] == "error"}
    assert errors["broken.md"]["line"] == 2 and errors["broken.md"]["field"] == "title" and '"a: b"' in errors["broken.md"]["fix"]
    assert errors["undated.md"]["line"] == 3 and errors["undated.md"]["field"] == "date"


def test_a_scheduled_post_appears_when_it_is_due_with_no_file_touched(make_site: MakeSite) -> None:
    """X-14: held back until due; then it is there, and an expired one is gone."""
    site = make_site({
        "posts/now.md": "---\ntitle: now\ndate: 2021-01-01\nexpires: 2026-02-01\n---\nx",
        "posts/later.md": "---\ntitle: later\ndate: 2026-01-15\n---\nx",
    })  # fmt: skip
    words = ("build", "posts", "--base-url", "https://example.org/", "--output", "public", "--as-of")
    feeds(*words, "2026-01-01T00:00:00Z", cwd=site)
    assert [item["title"] for item in json_feed(site / "public/feed.json")["items"]] == ["now"]
    assert b"2026-01-15" not in (site / "public/.feeds-manifest.json").read_bytes()
    feeds(*words, "2026-01-15T00:00:00Z", cwd=site)
    assert [item["title"] for item in json_feed(site / "public/feed.json")["items"]] == ["later", "now"]
    feeds(*words, "2026-02-01T00:00:00Z", cwd=site)
    assert [item["title"] for item in json_feed(site / "public/feed.json")["items"]] == ["later"]


def test_a_bare_folder_has_no_dead_link_and_no_broken_image(make_site: MakeSite) -> None:
    """Every permalink is a page that is published, with the author's own pictures beside it."""
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    site = make_site({
        "posts/trip.md": "# 海边\n\n![浪](wave.png) ![same](trip/wave.png) ![up](../x/up.png)\n\n![gone](missing.png)\n",
        "posts/trip/wave.png": png,
        "posts/x/up.png": png,
    })  # fmt: skip
    public = build(site)
    item = json_feed(public / "feed.json")["items"][0]
    assert item["title"] == "海边" and "<h1>" not in item["content_html"]
    assert (public / "entry/trip/index.html").is_file() and item["url"] == "https://example.org/entry/trip/"
    assert (public / "entry/trip/wave.png").read_bytes() == png
    assert item["content_html"].count("https://example.org/entry/trip/wave.png") == 2
    report = json.loads(feeds("check", "posts", "--json", "--as-of", AS_OF, cwd=site))
    assert {"missing.png"} <= {one["what"].split("'")[1] for one in report["problems"] if one["code"] == "file-missing"}


def test_no_two_odd_names_share_a_feed(make_site: MakeSite) -> None:
    """IN-13: whatever names authors invent, each has its feed; IN-14: two spellings of one are one."""
    names = [
        "C",
        "C++",
        "C#",
        ".",
        "..",
        "/",
        "a/b",
        "CON",
        "nul.txt",
        "Straße",
        "!!!",
        "rss.xml",
        "feed",
        "index",
        "😀",
        "x" * 200,
        "Web Dev",
        "Web-Dev",
    ]
    posts = {
        f"posts/{number}.md": f"---\ntitle: p{number}\ndate: 2021-01-01\ntags: [{json.dumps(name, ensure_ascii=False)}]\n---\nx"
        for number, name in enumerate(names)
    }
    posts["posts/again.md"] = '---\ntitle: again\ndate: 2021-01-01\ntags: ["STRASSE"]\n---\nx'
    public = build(make_site(posts))
    found = {}
    for file in (public / "tag").glob("*/feed.json"):
        for item in json_feed(file)["items"]:
            found.setdefault(item["title"], set()).add(file.parent.name)
    assert all(len(folders) == 1 for folders in found.values()) and len(found) == len(names) + 1
    assert found["again"] == found[f"p{names.index('Straße')}"]
    assert len({folder.casefold() for folders in found.values() for folder in folders}) == len(names)


def test_an_emptied_category_keeps_its_feed(make_site: MakeSite) -> None:
    """X-12: subscribers of a category whose last post has moved on find an empty, valid feed, not a 404."""
    site = make_site(
        {f"posts/{number}.md": f"---\ntitle: {number}\ndate: 2021-01-01\ncategories: [A]\n---\nx" for number in range(5)}
    )
    build(site)
    for number in range(5):
        (site / f"posts/{number}.md").write_text(f"---\ntitle: {number}\ndate: 2021-01-01\ncategories: [B]\n---\nx")
    public = build(site)
    assert json_feed(public / "category/a/feed.json")["items"] == []
    assert len(json_feed(public / "category/b/feed.json")["items"]) == 5
    assert feedparser.parse((public / "category/a/atom.xml").read_bytes()).bozo == 0


def test_all_wrong_settings_are_reported_at_once(make_site: MakeSite) -> None:
    """IN-17: exit 2, a line for each mistake, and what to do."""
    site = make_site({"posts/a.md": "x", "feeds.toml": 'base_url = "example.org"\nlimt = 3\ncontent = "some"\n'})
    result = feeds("build", "posts", cwd=site, code=2)
    assert "base_url" in result and "limt" in result and 'did you mean "limit"' in result and "content" in result
    assert "Traceback" not in result


def test_without_any_file_a_base_url_is_enough(make_site: MakeSite) -> None:
    """The shortest way: one folder, one address."""
    site = make_site({"posts/茶.md": "水温八十度。"})
    feeds("build", "posts/", "--base-url", "https://example.org/", cwd=site)
    assert (site / "public/rss.xml").is_file() and (site / ".feeds/ledger.sqlite").is_file()
    assert not (site / "posts/.feeds").exists()
