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
        ("c.addFilter('path', d => DateTime.fromJSDate(d, { zone: 'utc' }).\n  toFormat('y/MM'));", "y/MM", "2024/03"),
        ("c.addFilter('path', d => DateTime.fromJSDate(d).toISODate());", "yyyy-MM-dd", "2024-03-09"),
        ("c.addFilter('path', d => dayjs(d).utc()\n  .format('YYYY/MM/DD'));", "yyyy/MM/dd", "2024/03/09"),
        ("c.addFilter('path', d => format(new Date(d), 'yyyy/M'));", "yyyy/M", "2024/3"),
        (LUXON.format("EEEE d"), None, ""),
        ("c.addFilter('path', day => myOwn(day)); c.addFilter('b', d => moment(d).format('YYYY'));", None, ""),
    ],
)
def test_filters_of_dates_are_read(code: str, pattern: str | None, written: str) -> None:
    assert dates.patterns(code).get("path") == pattern
    if pattern is not None:
        assert dates.filters({"path": pattern})["path"](datetime(2024, 3, 9, 1, tzinfo=UTC)) == written


PAD = "const pad = (n) => String(n).padStart(2, '0');\n"


@pytest.mark.parametrize(
    ("function", "written"),
    [
        ("(d) => `${d.getFullYear()}/${pad(d.getMonth() + 1)}/${pad(d.getDate())}`", "2024/03/09"),
        ("d => { const y = new Date(d).getUTCFullYear(); return y + '/' + (d.getUTCMonth() + 1); }", "2024/3"),
        ("v => { const d = v instanceof Date ? v : new Date(v); if (isNaN(d.getTime())) return ''; return `in-${d.getFullYear()}`; }",
         "in-2024"),
        ("function (d) { return d.getMonth() > 5 ? 'late/' + d.getFullYear() : 'early/' + d.getFullYear(); }", None),
        ("d => new Intl.DateTimeFormat('en').format(d)", None),
        ("d => d.getTime()", None),
        ("d => 'always'", None),
    ],
)  # fmt: skip
def test_functions_that_put_a_date_together_are_called(function: str, written: str | None) -> None:
    """The pattern is derived from what the function returns for a few dates, and holds for all of them."""
    named = dates.patterns(f"{PAD}c.addFilter('path', {function});")
    assert bool(named) is (written is not None)
    if written is not None:
        assert dates.filters(named)["path"](datetime(2024, 3, 9, 1, tzinfo=UTC)) == written


def test_a_filter_may_be_a_function_with_a_name() -> None:
    code = "c.addFilter('path', byYear);\nfunction byYear(day) { return `${day.getFullYear()}`; }"
    assert dates.patterns(code) == {"path": "yyyy"}


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("DateTime.fromJSDate(day).toFormat('yyyy/MM/dd')", "https://site.example/n/2024/03/09/tea/"),
        ("somewhere(day)", None),
    ],
)
@pytest.mark.parametrize("name", ["path", "slugDate"])
def test_an_address_is_the_generators_or_none(tmp_path: Path, body: str, link: str | None, name: str) -> None:
    """A filter that is not read would make a wrong address: the post is broken, and its author told what to set.

    One that is called like a slug is taken for one only if it is given a text.
    """
    (tmp_path / "posts").mkdir()
    (tmp_path / "eleventy.config.js").write_text(
        f"export default function (c) {{ c.addFilter('{name}', (day) => {{ return {body}; }}); }}\n", "utf-8"
    )
    (tmp_path / "posts/tea.md").write_text(
        f"---\ntitle: Tea\ndate: 2024-03-09\ntags: posts\npermalink: 'n/{{{{ page.date | {name} }}}}/{{{{ page.fileSlug }}}}/'\n---\nLeaves.\n",
        "utf-8",
    )
    (tmp_path / "posts/cup.md").write_text("---\ntitle: Cup\ndate: 2024-03-08\ntags: posts\n---\nClay.\n", "utf-8")
    init.run(tmp_path, base_url="https://site.example/")
    settings = feeds_settings.load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path)
    outcome = run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    links = {entry.title: entry.permalink for entry in outcome.built.publication.feeds[0].entries}
    assert links.get("Tea") == link and links["Cup"] == "https://site.example/posts/cup/"
    messages = [problem.what for problems in outcome.built.collected.broken.values() for problem in problems]
    assert any("code, which is not run" in what for what in messages) is (link is None)


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
