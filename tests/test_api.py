"""The public API: what a Python developer does from an empty folder, and what plug-ins add."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string

import feeds
from feeds import SafeHtml, Settings, SettingsError, Site, clean, post
from feeds.flask import Feeds

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_of_the_docs_run(number: int, tmp_path: Path) -> None:
    """Each example of docs/python.md runs as it is, in an empty folder with one post."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "tea.md").write_text("---\ntitle: Tea\ndate: 2021-08-04\ncategories: [Tea]\n---\nHot.\n", "utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    command = [sys.executable, "-P", "-c", EXAMPLES[number]]
    done = subprocess.run(
        command, cwd=tmp_path, env={**environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "cannot be loaded" not in done.stderr, "an app may start before its first generation"


def rows(count: int = 3) -> list[feeds.Post]:
    """Posts as a program has them."""
    return [
        post(f"{2020 + n}/p{n}", html=f"<p>Text {n} <script>x()</script></p>", title=f"Post {n}", date=datetime(2020 + n, 1, 1, tzinfo=UTC),
             categories=["Food", f"Dish {n}"], tags=("b", "a"), link=f"/p/{n}/")
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site without a posts folder."""
    return Site(Settings(base_url="https://example.org", output=tmp_path / "public", state=tmp_path / "state", title="T"))


def test_posts_of_a_program_go_the_way_of_files(site: Site) -> None:
    """Ids, sanitiser, categories and gate are those of files, and an edit keeps the id."""
    publication = site.build(NOW, posts=rows())
    assert [feed.path for feed in publication][:3] == ["", "category/food", "category/food/dish-0"]
    atom = publication.feed("/category/food/").render("atom").decode()
    assert "script" not in atom and "tag:example.org,2026:2022/p2" in atom and "https://example.org/p/2/" in atom
    assert site.publish(NOW, posts=rows()).changed
    assert site.publish(NOW, posts=rows()).changed == ()
    edited = [*rows()[:2], post("2022/p2", html="<p>Other words altogether.</p>", title="New title", date="2022-01-01")]
    again = site.publish(NOW, posts=edited)
    assert again.exit_code == 0
    entry = again.publication.feed().entries[0]
    assert (entry.id, entry.title, entry.content) == (
        "tag:example.org,2026:2022/p2",
        "New title",
        "<p>Other words altogether.</p>",
    )


def test_missing_posts_are_refused(site: Site) -> None:
    """A query that returns nothing does not withdraw everything."""
    site.publish(NOW, posts=rows(8))
    with pytest.raises(feeds.FeedsError, match="accept-removals"):
        site.publish(NOW, posts=[])
    assert len(site.publish(NOW, posts=rows(1), accept_removals=True).publication.feed().entries) == 1


def test_other_ids_and_dates_are_refused_until_they_are_accepted(site: Site) -> None:
    """The guards of the command line, with the same ways out."""

    def rekeyed(name: str) -> list[feeds.Post]:
        return [post("tea", html="<p>Tea.</p>", title="Tea", date="2021-08-04", id=f"urn:example:{name}")]

    site.publish(NOW, posts=[post("tea", html="<p>Tea.</p>", title="Tea", date="2021-08-04")])
    with pytest.raises(feeds.FeedsError, match="id of a published post would change"):
        site.publish(NOW, posts=rekeyed("a"))
    assert site.publish(NOW, posts=rekeyed("a"), ids="keep").publication.feed().entries[0].id == "tag:example.org,2026:tea"
    assert site.publish(NOW, posts=rekeyed("b"), ids="accept").publication.feed().entries[0].id == "urn:example:b"
    with pytest.raises(ValueError, match="ids must be"):
        site.publish(NOW, posts=rekeyed("a"), ids="all")  # type: ignore[arg-type]
    away = Site(replace(site.settings, timezone="Asia/Shanghai"))
    with pytest.raises(feeds.FeedsError, match="time zone"):
        away.publish(NOW, posts=rekeyed("b"), ids="accept")
    moved = away.publish(NOW, posts=rekeyed("b"), ids="accept", accept_dates=True).publication.feed().entries[0]
    assert moved.published == datetime(2021, 8, 3, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"base_url": "https://e.org/", "timezone": "Mars/Base", "limit": -5}, "Settings.timezone.*\n.*Settings.limit"),
        ({"base_url": "nonsense"}, r"\ASettings.base_url[^\n]*\Z"),
        ({"base_url": "https://e.org/", "formats": ("xyz",)}, "Settings.formats.*xyz"),
        ({"base_url": "https://e.org/", "generator": "wordstar"}, "Settings.generator.*wordstar"),
        (
            {"base_url": "https://e.org/", "paths": {"rss": "a.xml"}, "feeds": {"category/tea": {"limit": 3}}},
            r"Settings.paths: it is of the class dict; expected Paths\nSettings.feeds.\"category/tea\": it is of the class dict",
        ),
        ({"base_url": "https://e.org/", "timezone": object()}, "a value of the class object is not"),
    ],
    ids=["two mistakes", "no URL", "format", "generator", "tables", "object"],
)
def test_wrong_settings_are_named(values: dict[str, object], says: str) -> None:
    """Every mistake at once, by the attribute's name."""
    with pytest.raises(SettingsError, match=f"(?s){says}"):
        Site(Settings(**values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("slug", "body", "error"),
    [
        ("", {"html": "x"}, "slug"),
        ("../x", {"html": "x"}, "slug"),
        ("x", {}, "exactly one"),
        ("x", {"html": "a", "text": "b"}, "exactly one"),
    ],
)
def test_a_post_without_a_name_or_a_body_is_refused(slug: str, body: dict[str, str], error: str) -> None:
    """The message names what was expected."""
    with pytest.raises(ValueError, match=error):
        post(slug, **body)


def test_values_that_front_matter_cannot_hold() -> None:
    """A wrong type is named with its key; two posts of one name are refused."""
    with pytest.raises(TypeError, match="title is object"):
        post("x", html="", title=object())
    with pytest.raises(ValueError, match="two posts"):
        Site(Settings(base_url="https://e.org/")).build(NOW, posts=[post("a", html=""), post("a", html="")])


def test_an_instant_without_a_zone_is_refused(site: Site) -> None:
    """A naive datetime would mean another instant on another machine."""
    with pytest.raises(ValueError, match="time zone"):
        site.build(datetime(2026, 1, 1), posts=rows())  # noqa: DTZ001


def test_unknown_feeds_and_formats_are_named(site: Site) -> None:
    """What there is stands in the message."""
    publication = site.build(NOW, posts=rows())
    with pytest.raises(KeyError, match="category/food"):
        publication.feed("category/nothing")
    with pytest.raises(LookupError, match="rss"):
        publication.feed().render("xyz")


def test_clean_is_the_way_to_safe_html() -> None:
    """It returns SafeHtml, and cleaning twice changes nothing."""
    html = clean('<a href="/x" onclick="y()">z</a><script>1</script>', base_url="https://e.org/")
    assert isinstance(html, SafeHtml) and html == '<a href="https://e.org/x">z</a>'
    assert clean(html, base_url="https://e.org/") == html


# Flask


def test_feeds_in_an_app_of_ones_own(tmp_path: Path) -> None:
    """Documents, validators, redirects and 404 below any prefix; the app's own routes stay the app's."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "tea.md").write_text("---\ntitle: Tea\ndate: 2021-08-04\ncategories: [Drinks]\n---\nHot.\n", "utf-8")
    app = Flask(__name__)
    app.config |= {
        "FEEDS_BASE_URL": "https://example.org/blog/", "FEEDS_POSTS": str(tmp_path / "posts"), "FEEDS_TITLE": "Kitchen",
        "FEEDS_STATE": str(tmp_path / "state"), "FEEDS_OUTPUT": str(tmp_path / "public"), "FEEDS_QUERY_VIEWS": 20,
    }  # fmt: skip
    extension = Feeds(url_prefix="/deep/blog")
    extension.init_app(app)
    app.add_url_rule("/", "home", lambda: render_template_string("{{ feed_links() }} {{ feed_url('category/drinks', 'atom') }}"))
    with app.app_context():
        assert extension.supervisor.wait_for(1, 60)
        client = app.test_client()
        first = client.get("/deep/blog/rss.xml")
        assert first.status_code == 200 and b"<title>Tea</title>" in first.data
        assert client.get("/deep/blog/rss.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
        assert client.get("/deep/blog/category/drinks/feed.json").get_json()["items"][0]["title"] == "Tea"
        view = client.get("/deep/blog/feed.json?category=drinks").get_json()
        assert view["feed_url"] == "https://example.org/blog/feed.json?category=drinks" and len(view["items"]) == 1
        moved = client.get("/deep/blog/category/drinks")
        assert (moved.status_code, moved.headers["Location"]) == (301, "https://example.org/blog/category/drinks/")
        assert client.get("/deep/blog/nothing.xml").status_code == 404
        assert client.get("/elsewhere").headers.get("Access-Control-Allow-Origin") is None
        home = client.get("/").get_data(as_text=True)
        assert '<link rel="alternate" type="application/rss+xml" title="Kitchen" href="https://example.org/blog/rss.xml">' in home
        assert home.endswith("https://example.org/blog/category/drinks/atom.xml")
        extension.supervisor.stop()


def test_mistakes_in_the_configuration_of_an_app_are_named() -> None:
    """By their keys, all at once; a key that is not a setting is one of them."""
    app = Flask(__name__)
    app.config |= {"FEEDS_BASE_URL": "tea.example", "FEEDS_TITEL": "Tea", "FEEDS_LIMIT": -1, "FEEDS_POSTS": "posts"}
    app.config["FEEDS_URL_PREFIX"] = "/tea"
    with pytest.raises(SettingsError) as caught:
        Feeds(app)
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["FEEDS_BASE_URL", "FEEDS_LIMIT", "FEEDS_TITEL"]
    assert "FEEDS_TITLE" in lines[2]


def test_publish_needs_posts(tmp_path: Path) -> None:
    """The message says how to hand them over."""
    app = Flask(__name__)
    (tmp_path / "posts").mkdir()
    app.config["FEEDS_SETTINGS"] = Settings(
        base_url="https://e.org/", posts=tmp_path / "posts", state=tmp_path / "s", output=tmp_path / "o"
    )
    extension = Feeds(app)
    with app.app_context():
        with pytest.raises(ValueError, match="posts=function"):
            extension.publish()
        extension.supervisor.stop()


# plug-ins


def test_a_plug_in_package_adds_a_format_a_generator_and_a_target(tmp_path: Path) -> None:
    """An installed package's entry points are found by their names in feeds.toml, on the command line too."""
    (tmp_path / "posts").mkdir()
    for name in ("Tea.md", "notes.md"):
        (tmp_path / "posts" / name).write_text(f"---\ntitle: {name}\ndate: 2021-08-04\n---\nHot.\n", "utf-8")
    settings = 'base_url = "https://example.org/"\ngenerator = "wiki"\nformats = ["rss", "json", "text"]\ntarget = "copies"\n'
    (tmp_path / "feeds.toml").write_text(settings, "utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "plugin")))
    command = [sys.executable, "-P", "-m", "feeds", "build"]
    done = subprocess.run(command, cwd=tmp_path, env={**environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "public" / "feed.txt").read_text() == "example.org\n2021-08-04 Tea.md https://example.org/wiki/Tea\n"
    assert (tmp_path / "public-copy" / "rss.xml").is_file()
    items = json.loads((tmp_path / "public" / "feed.json").read_text())["items"]
    assert [item["url"] for item in items] == ["https://example.org/wiki/Tea"]
    alone = subprocess.run(
        command, cwd=tmp_path, env={**environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert alone.returncode == 2 and "generator" in alone.stderr and "Traceback" not in alone.stderr
