"""Filters of dates in Eleventy's addresses: plain ones are read from the configuration, others cost the post and are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import settings as feeds_settings
from feeds.build import run
from feeds.dialects.eleventy import dates
from feeds.migrate import init

LUXON = "c.addFilter('path', (day) => {{ return DateTime.fromJSDate(new Date(day), {{ zone: 'utc' }}).toFormat('{0}'); }});"


@pytest.mark.parametrize(
    ("code", "pattern", "written"),
    [
        (LUXON.format("yyyy/MM/dd/"), "yyyy/MM/dd/", "2024/03/09/"),
        (LUXON.format("yyyy/LLL/d"), "yyyy/LLL/d", "2024/Mar/9"),
        ('c.addFilter("path", day => moment.utc(day).format("YYYY-MM-DD"));', "yyyy-MM-dd", "2024-03-09"),
        ('c.addFilter("path", function (d) { return d.toISOString().split("T")[0]; });', "yyyy-MM-dd", "2024-03-09"),
        ("c.addNunjucksFilter('path', (d) => new Date(d).toISOString().slice(0, 10));", "yyyy-MM-dd", "2024-03-09"),
        (LUXON.format("EEEE d"), None, ""),
        ("c.addFilter('path', day => myOwn(day)); c.addFilter('b', d => moment(d).format('YYYY'));", None, ""),
    ],
)
def test_filters_of_dates_are_read(code: str, pattern: str | None, written: str) -> None:
    assert dates.patterns(code).get("path") == pattern
    if pattern is not None:
        assert dates.filters({"path": pattern})["path"](datetime(2024, 3, 9, 1, tzinfo=UTC)) == written


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("DateTime.fromJSDate(day).toFormat('yyyy/MM/dd')", "https://site.example/n/2024/03/09/tea/"),
        ("somewhere(day)", None),
    ],
)
def test_an_address_is_the_generators_or_none(tmp_path: Path, body: str, link: str | None) -> None:
    """A filter that is not read would make a wrong address: the post is broken, and its author told what to set."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "eleventy.config.js").write_text(
        f"export default function (c) {{ c.addFilter('path', (day) => {{ return {body}; }}); }}\n", "utf-8"
    )
    (tmp_path / "posts/tea.md").write_text(
        "---\ntitle: Tea\ndate: 2024-03-09\ntags: posts\npermalink: 'n/{{ page.date | path }}/{{ page.fileSlug }}/'\n---\nLeaves.\n",
        "utf-8",
    )
    (tmp_path / "posts/cup.md").write_text("---\ntitle: Cup\ndate: 2024-03-08\ntags: posts\n---\nClay.\n", "utf-8")
    init.run(tmp_path, base_url="https://site.example/")
    settings = feeds_settings.load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path)
    outcome = run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    links = {entry.title: entry.permalink for entry in outcome.built.publication.feeds[0].entries}
    assert links.get("Tea") == link and links["Cup"] == "https://site.example/posts/cup/"
    messages = [problem.what for problems in outcome.built.collected.broken.values() for problem in problems]
    assert any("'path'" in what for what in messages) is (link is None)


@pytest.mark.parametrize(
    ("prefix", "base"), [("", "https://site.example/"), ("pathPrefix: '/blog/'", "https://site.example/blog/")]
)
def test_an_address_of_the_blogs_list_is_not_the_sites(tmp_path: Path, prefix: str, base: str) -> None:
    """metadata.url with the path of the folder of posts: pages are below the host, unless the site has a prefix."""
    (tmp_path / "content/blog").mkdir(parents=True)
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data/metadata.json").write_text('{"url": "https://site.example/blog", "title": "T"}', "utf-8")
    (tmp_path / "eleventy.config.js").write_text(
        f"export default function (c) {{}}\nexport const config = {{ dir: {{ input: 'content', data: '../_data' }}, {prefix} }};\n",
        "utf-8",
    )
    (tmp_path / "content/blog/tea.md").write_text("---\ntitle: Tea\ndate: 2024-03-09\ntags: posts\n---\nLeaves.\n", "utf-8")
    assert init.run(tmp_path).settings["base_url"] == base
