"""Sets: feeds of the posts that meet conditions; posts that a feed leaves out; a feed for each language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_over_time import START, whole

from feeds.build import run
from feeds.errors import SettingsError
from feeds.preview import explain
from feeds.settings import Settings, load
from feeds.settings.conditions import Condition, Rules
from feeds.settings.validate import validated

POSTS = {
    "posts/a.md": "---\ntitle: a\ndate: 2021-03-01\ncategories: [Tech, Web]\ntags: [css, Notes]\n---\nx a\n",
    "posts/b.md": "---\ntitle: b\ndate: 2022-03-01\ncategories: [Tech]\ntags: [C++]\nlang: en-GB\n---\nx b\n",
    "posts/c.md": "---\ntitle: c\ndate: 2023-12-31T23:30:00Z\ncategories: [生活]\nauthor: Lin\nlang: de\n---\nx c\n",
    "posts/notes/d.md": "---\ntitle: d\ndate: 2024-01-01T00:30:00Z\ntags: [css]\nlang: en\n---\nx d\n",
}
TOML = 'base_url = "https://example.org/"\npages = false\nlanguage = "zh-CN"\n'

Site = Callable[[str], Settings]


@pytest.fixture
def site(make_site: Callable[[Mapping[str, str]], Path]) -> Site:
    """The site of these posts with more in feeds.toml."""

    def made(toml: str) -> Settings:
        folder = make_site({**POSTS, "feeds.toml": TOML + toml})
        return load(environ={}, flags={}, cwd=folder)

    return made


def titles(documents: Mapping[str, bytes], path: str) -> str:
    """The titles of a JSON feed, in the order of the alphabet."""
    return "".join(sorted(item["title"] for item in json.loads(documents[path])["items"]))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('any = ["category:Tech"]', "ab"),
        ('any = ["category:tech/web"]', "a"),
        ('any = ["category:生活", "tag:css"]', "acd"),
        ('any = ["tag:c++"]', "b"),
        ('any = ["tag:c-plus-plus"]', "b"),
        ('all = ["tag:css", "category:tech"]', "a"),
        ('any = ["tag:css"]\nnone = ["category:tech"]', "d"),
        ('none = ["category:Tech"]', "cd"),
        ('any = ["author:lin"]', "c"),
        ('any = ["language:en"]', "bd"),
        ('any = ["language:en-GB"]', "b"),
        ('any = ["language:zh"]', "a"),
        ('any = ["path:notes/*"]', "d"),
        ('none = ["path:notes/*", "tag:c++"]', "ac"),
        ('any = ["year:2023"]', "c"),
        ('any = ["year:2021", "year:2024"]', "ad"),
        ('all = ["since:2022-03-01", "until:2023-12-31"]', "bc"),
        ('any = ["since:2024-01-01", "tag:c++"]', "bd"),
        ('any = ["category:nothing"]', ""),
    ],
)
def test_a_set_holds_what_meets_its_conditions(site: Site, rules: str, expected: str) -> None:
    settings = site(f"[set.mine]\n{rules}\n")
    run.publish(settings, START)
    assert titles(whole(settings.output), "set/mine/feed.json") == expected


def test_a_condition_names_a_category_by_its_names_or_by_its_slugs(site: Site) -> None:
    """Each from the root, with "/" between them; `newest` decides which posts a limited set holds, `since` is its oldest."""
    settings = site(
        '[category_map]\n"Web" = "wb"\n[set.names]\nany = ["category:Tech/Web"]\n[set.slugs]\nany = ["category:tech/wb"]\n'
        '[set.published]\nlimit = 1\nany = ["tag:css"]\n[set.updated]\nlimit = 1\nnewest = "updated"\nany = ["tag:css"]\n'
    )
    post = settings.posts / "a.md"
    post.write_text(post.read_text().replace("title: a\n", "title: a\nupdated: 2025-01-01\n"))
    built = run.publish(settings, START).built
    documents = whole(settings.output)
    shown = {name: titles(documents, f"set/{name}/feed.json") for name in ("names", "slugs", "published", "updated")}
    assert shown == {"names": "a", "slugs": "a", "published": "d", "updated": "a"}
    since = {feed.path: feed.since for feed in built.publication.feeds}
    assert since["set/published/"] == datetime(2021, 3, 1, tzinfo=UTC)


def test_days_are_those_of_the_site(site: Site) -> None:
    """2023-12-31T23:30Z is the new year in Shanghai."""
    settings = site('timezone = "Asia/Shanghai"\n[set.y]\nany = ["year:2024"]\n')
    run.publish(settings, START)
    assert titles(whole(settings.output), "set/y/feed.json") == "cd"


def test_a_set_is_a_feed_like_others(site: Site) -> None:
    """Title, limit, formats, outline, page, explain, the same bytes from what the last build knows."""
    settings = site('[set."Front end"]\ntitle = "FE"\nlimit = 1\nany = ["tag:css"]\n[set.later]\nany = ["year:2024"]\n')
    settings = replace(settings, pages=True)
    run.publish(settings, START)
    documents = whole(settings.output)
    feed = json.loads(documents["set/front-end/feed.json"])
    assert (feed["title"], [item["title"] for item in feed["items"]]) == ("FE", ["d"])
    assert json.loads(documents["set/later/feed.json"])["title"] == "later - example.org"
    outline = documents["feeds.opml"].decode()
    assert 'xmlUrl="https://example.org/set/front-end/rss.xml"' in outline and 'text="专题"' in outline
    assert {"set/front-end/index.html", "set/index.html"} <= documents.keys()
    assert re.search('href="front-end/"[^>]*>FE<', documents["set/index.html"].decode())
    assert re.search("<h1[^>]*>FE</h1>", documents["set/front-end/index.html"].decode())
    (settings.posts / "b.md").write_text((settings.posts / "b.md").read_text().replace("[C++]", "[css]"))
    run.publish(settings, START + timedelta(hours=1))
    again = whole(settings.output)
    assert again["set/later/feed.json"] == documents["set/later/feed.json"]
    with run.look(settings, START) as (_, built):
        facts = explain.explain(settings, built, "b.md", settings.posts)
        assert facts["not_in"] == [{"feed": "set/front-end/", "holds": 1}]
        assert explain.explain(settings, built, "set/front-end", settings.posts)["title"] == "FE"


def test_recently_updated(site: Site) -> None:
    """`newest = "updated"`: an old post that is edited comes in, the one updated longest ago goes."""
    settings = site('[set.revised]\nnewest = "updated"\nlimit = 2\n')
    run.publish(settings, START)
    assert titles(whole(settings.output), "set/revised/feed.json") == "cd"
    (settings.posts / "a.md").write_text(POSTS["posts/a.md"] + "more\n")
    run.publish(settings, START + timedelta(days=1))
    assert titles(whole(settings.output), "set/revised/feed.json") == "ad"
    assert b"complete" not in whole(settings.output)["set/revised/rss.xml"]


def test_sets_come_in_the_order_of_their_folders(site: Site) -> None:
    """As they are listed in outlines and on pages; whatever the case of their names and their order in feeds.toml."""
    settings = site('[set."banana"]\nany = ["tag:css"]\n[set."Zebra"]\nany = ["tag:css"]\n[set."apples"]\nany = ["tag:css"]\n')
    built = run.publish(settings, START).built
    assert [feed.path for feed in built.publication.feeds if feed.taxonomy == "set"] == [
        "set/apples/",
        "set/banana/",
        "set/zebra/",
    ]


def test_a_category_is_kept_out_of_the_main_feed(site: Site) -> None:
    """It has its own feed; the site's does not hold its posts, and explain says why."""
    settings = site('[feed.""]\nexclude = ["category:Tech", "path:notes/*"]\n[feed."category/tech"]\nexclude = ["tag:css"]\n')
    run.publish(settings, START)
    documents = whole(settings.output)
    assert titles(documents, "feed.json") == "c"
    assert titles(documents, "category/tech/feed.json") == "b"
    assert titles(documents, "category/tech/web/feed.json") == "a"
    with run.look(settings, START) as (_, built):
        assert explain.explain(settings, built, "a.md", settings.posts)["not_in"] == [{"feed": "", "excluded": True}]


def test_a_feed_for_each_language(site: Site) -> None:
    """Beside the whole; the posts that state none are in the site's language."""
    settings = site('taxonomies = ["language"]\n')
    run.publish(settings, START)
    documents = whole(settings.output)
    assert titles(documents, "feed.json") == "abcd"
    assert {path: titles(documents, path) for path in documents if path.startswith("language/") and path.endswith(".json")} == {
        "language/de/feed.json": "c",
        "language/en/feed.json": "d",
        "language/en-gb/feed.json": "b",
        "language/zh-cn/feed.json": "a",
    }
    assert json.loads(documents["language/de/feed.json"])["language"] == "de"
    assert b"<language>en-GB</language>" in documents["language/en-gb/rss.xml"]


def test_categories_by_language(site: Site) -> None:
    """Below the feed of the language, by the category's own slug; one that is empty stays, and nothing else changes."""
    plain = site('taxonomies = ["category", "language"]\n')
    run.publish(plain, START)
    before = whole(plain.output)
    settings = replace(plain, language_categories=True)
    run.publish(settings, START + timedelta(hours=1))
    documents = whole(settings.output)
    below = {path: titles(documents, path) for path in documents if path.startswith("language/") and path.endswith(".json")}
    assert {path: text for path, text in below.items() if "/category/" in path} == {
        "language/de/category/生活/feed.json": "c",
        "language/en-gb/category/tech/feed.json": "b",
        "language/zh-cn/category/tech/feed.json": "a",
        "language/zh-cn/category/tech/web/feed.json": "a",
    }
    assert {path: documents[path] for path in before if not path.endswith(".opml")} == {
        path: body for path, body in before.items() if not path.endswith(".opml")
    }
    feed = json.loads(documents["language/en-gb/category/tech/feed.json"])
    assert (feed["title"], feed["language"]) == ("en-GB / Tech - example.org", "en-GB")
    (settings.posts / "b.md").write_text(POSTS["posts/b.md"].replace("[Tech]", "[Other]"))
    run.publish(replace(settings, pages=True), START + timedelta(hours=2))
    documents = whole(settings.output)
    assert titles(documents, "language/en-gb/category/tech/feed.json") == ""
    assert titles(documents, "language/en-gb/category/other/feed.json") == "b"
    assert b"Other" in documents["language/en-gb/category/other/index.html"]
    with run.look(settings, START) as (_, built):
        assert "language/en-gb/category/other/" in explain.explain(settings, built, "b.md", settings.posts)["feeds"]


def test_categories_by_language_with_other_addresses(site: Site) -> None:
    """Renamed categories, other folders, archives and a path below a site."""
    settings = site(
        'taxonomies = ["language"]\nlanguage_categories = true\nlimit = 1\narchive = ["language"]\n'
        '[category_map]\nTech = "technik"\n[paths]\nlanguage = "l/{slug}/"\ncategory = "c/{path}/"\nsite = "blog/"\n'
    )
    (settings.posts / "e.md").write_text("---\ntitle: e\ndate: 2020-01-01\ncategories: [Tech]\n---\nx e\n")
    run.publish(settings, START)
    documents = whole(settings.output)
    assert titles(documents, "l/zh-cn/c/technik/feed.json") == "a"
    assert titles(documents, "l/zh-cn/c/technik/feed-archive-1.json") == "ae"
    assert not any(path.startswith("c/") for path in documents)


def test_the_site_itself_has_no_author_feed(site: Site) -> None:
    """Posts that name nobody, on a site that names nobody; an author of the settings has one."""
    for toml, paths in (("", {"author/lin"}), ('author = "Ada"\n', {"author/lin", "author/ada"})):
        settings = site(toml)
        run.publish(settings, START)
        documents = whole(settings.output)
        assert {path.rpartition("/")[0] for path in documents if path.startswith("author/")} == paths
        assert json.loads(documents["feed.json"])["authors"][0]["name"] in ("example.org", "Ada")


def test_sets_and_languages_have_archives(site: Site) -> None:
    settings = site(
        'taxonomies = ["language"]\nlimit = 1\narchive = ["set", "language"]\n[set.every]\nany = ["since:2000-01-01"]\n'
    )
    run.publish(settings, START)
    documents = whole(settings.output)
    assert titles(documents, "set/every/feed-archive-1.json") == "abcd" and "feed-archive-1.json" not in documents


def test_a_second_build_knows_what_the_first_found(site: Site) -> None:
    """Posts that nothing has changed are not read again, and are chosen by their names, paths and dates all the same."""
    settings = site('[set.a]\nany = ["language:en", "path:a*"]\nnone = ["year:2022"]\n[set.b]\nnewest = "updated"\nlimit = 3\n')
    run.publish(settings, START)
    before = whole(settings.output)
    (settings.posts / "e.md").write_text("---\ntitle: e\ndate: 2020-01-01\nlang: en\n---\nx e\n")
    run.publish(settings, START + timedelta(hours=1))
    assert titles(whole(settings.output), "set/a/feed.json") == "ade"
    (settings.posts / "e.md").unlink()
    run.publish(settings, START + timedelta(hours=2))
    assert whole(settings.output)["set/a/feed.json"] == before["set/a/feed.json"]


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ('[set.x]\nany = ["css"]', 'feeds.toml:5: set.x.any: "css" is not a condition'),
        ('[set.x]\nany = ["tags:css"]', 'did you mean "tag"?'),
        ('[set.x]\nany = ["year:24"]', '"24" is not a year'),
        ('[set.x]\nall = ["since:yesterday"]', '"yesterday" is not a day'),
        ('[set.x]\nany = ["language:zh_CN"]', "language tag"),
        ('[set.x]\nany = ["tag:"]', "has no value"),
        ('[set.x]\ntitle = "x"', "feeds.toml:4: set.x: has no condition"),
        ('[set.x]\nany = "tag:css"', 'write it in brackets'),
        ('[set.x]\nnewest = "read"\nany = ["tag:a"]', '"read" is not'),
        ('[set."A b"]\nany = ["tag:a"]\n[set.a-b]\nany = ["tag:b"]', "is not a name of its own"),
        ('[set.feed]\nany = ["tag:a"]', "cannot have"),
        ('[set]\nany = ["tag:css"]', "[set.any]"),
        ('[feed.""]\nexclude = ["css"]', "is not a condition"),
        ('language_categories = true', 'add "language" to taxonomies'),
        ('[paths]\ncategory = "set/{path}/"\n[set.x]\nany = ["tag:a"]', "could take each other's place"),
    ],
)  # fmt: skip
def test_mistakes_are_told(site: Site, toml: str, expected: str) -> None:
    with pytest.raises(SettingsError) as raised:
        site(toml)
    assert expected in "\n".join(raised.value.mistakes)


def test_settings_made_by_a_program_are_checked_too(site: Site) -> None:
    settings = site('[set.x]\nany = ["tag:css"]\nnewest = "updated"\n[feed.""]\nexclude = ["year:2020"]\n')
    assert validated(settings).sets == settings.sets and validated(settings).feeds == settings.feeds


CONDITIONS = st.builds(Condition, st.sampled_from(["category", "tag", "author"]), st.sampled_from("abc"))


@given(st.lists(CONDITIONS, max_size=3), st.lists(CONDITIONS, max_size=3), st.lists(CONDITIONS, max_size=3), st.sets(CONDITIONS))
def test_rules_are_what_they_say(any_: Any, all_: Any, none: Any, held: Any) -> None:
    """Against the definition, for every combination."""
    rules = Rules(tuple(any_), tuple(all_), tuple(none))
    expected = (not any_ or bool(held & set(any_))) and set(all_) <= held and not held & set(none)
    assert rules.hold(lambda condition: condition in held) == expected


def test_instants_at_the_ends_of_the_calendar(site: Site) -> None:
    settings = site(
        'timezone = "Pacific/Kiritimati"\n[set.x]\nany = ["year:9999", "until:9999-12-31", "since:0001-01-01", "year:0001"]\n'
    )
    run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    assert titles(whole(settings.output), "set/x/feed.json") == "abcd"
