"""Keys with which an Eleventy configuration leaves posts out are taken over; they keep the posts out of the feeds."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import settings as feeds_settings
from feeds.build import generator_settings, run
from feeds.dialects.eleventy import guards
from feeds.migrate import init

PREPROCESSOR = 'c.addPreprocessor("drafts", "*", (data, content) => {{ if ({0}) {{ return false; }} }});'


@pytest.mark.parametrize(
    ("code", "hidden", "unread"),
    [
        (PREPROCESSOR.format("data.draft && process.env.ELEVENTY_RUN_MODE === 'build'"), [], []),
        (PREPROCESSOR.format("data.wipNote"), ["wipNote"], []),
        (PREPROCESSOR.format("data.secretly || data.mine"), ["secretly", "mine"], []),
        (PREPROCESSOR.format("!data.ready2"), [], ["drafts"]),
        (PREPROCESSOR.format("data.kind === 'note'"), [], ["drafts"]),
        ('c.addPreprocessor("x", "md", (data, content) => content.replace("a", "b"));', [], []),
        ('c.addCollection("posts", (api) => api.getFilteredByTag("posts").filter((p) => !p.data.shy));', ["shy"], []),
        ("eleventyComputed: { eleventyExcludeFromCollections: (data) => data.shy,", ["shy"], []),
        ("permalink: (data) => data.shy ? false : data.permalink,", ["shy"], []),
        ("permalink: (data) => `/${data.slug}/`,", [], []),
    ],
)
def test_the_keys_of_guards(code: str, hidden: list[str], unread: list[str]) -> None:
    assert guards.keys(code) == (hidden, unread)


def test_a_guard_keeps_posts_out(tmp_path: Path) -> None:
    config = f"module.exports = function (c) {{ {PREPROCESSOR.format('data.shy')} return {{}}; }};\n"
    (tmp_path / ".eleventy.js").write_text(config)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/posts.json").write_text('{"tags": "posts"}')
    (tmp_path / "posts/posts.11tydata.js").write_text(
        "module.exports = { eleventyComputed: { permalink: (data) => data.veiled ? false : data.permalink } };"
    )
    for name, key in (("a", ""), ("b", "shy: 1"), ("c", "shy: false"), ("d", "veiled: yes")):
        (tmp_path / f"posts/{name}.md").write_text(f"---\ntitle: Post {name}\ndate: 2020-01-01\n{key}\n---\ntext\n")
    paged = "---\npagination:\n  data: collections.all\n  size: 1\npermalink: /archive/\n---\n{{ pagination.items }}\n"
    (tmp_path / "posts/archive.njk").write_text(paged)
    init.run(tmp_path, base_url="https://blog.example.net/")
    loaded = feeds_settings.load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path)
    outcome = run.publish(loaded, datetime(2026, 1, 1, tzinfo=UTC))
    assert sorted(entry.title for entry in outcome.built.publication.feeds[0].entries) == ["Post a", "Post c"]


def test_a_data_file_of_one_value_counts_for_every_page(tmp_path: Path) -> None:
    """As in Eleventy's data cascade, a page's own key wins, and that of its layout; a file that came later is told of."""
    (tmp_path / ".eleventy.js").write_text("module.exports = function (c) { return {}; };\n")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/posts.json").write_text('{"tags": "posts"}')
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data/draft.json").write_text("true")
    (tmp_path / "_data/words.json").write_text('["not", "one", "value"]')
    (tmp_path / "_includes").mkdir()
    (tmp_path / "_includes/open.njk").write_text("---\ndraft: false\n---\n{{ content }}")
    for name, key in (("a", ""), ("b", "draft: false"), ("c", "layout: open.njk"), ("d", "layout: open.njk\ndraft: true")):
        (tmp_path / f"posts/{name}.md").write_text(f"---\ntitle: Post {name}\ndate: 2020-01-01\n{key}\n---\ntext\n")
    init.run(tmp_path, base_url="https://blog.example.net/")
    loaded = feeds_settings.load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path)
    assert loaded.dialect["defaults"] == {"draft": True}
    outcome = run.publish(loaded, datetime(2026, 1, 1, tzinfo=UTC))
    assert sorted(post.header.path for post in outcome.built.out) == ["posts/b.md", "posts/c.md"]
    (tmp_path / "_data/private.json").write_text("true")
    later = (tmp_path / "feeds.toml").stat().st_mtime_ns + 10**9
    os.utime(tmp_path / "_data/private.json", ns=(later, later))
    [problem] = generator_settings.changed(loaded)
    assert "dialect.defaults is draft: True, private: True" in problem.what
