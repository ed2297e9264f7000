"""Files that an Eleventy post names by their paths: a passthrough copy publishes them where the site has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from feeds.build import run
from feeds.migrate import init
from feeds.settings import Settings

CONFIG = """export default function (c) {
  c.addPassthroughCopy("src/images");
  c.addPassthroughCopy({"src/static": "/", "src/posts/only.png": "img/only.png", "src/posts/b/inner": "deep"});
  return {dir: {input: "src"}};
}
"""


def test_files_of_passthrough_copies(tmp_path: Path) -> None:
    """The address is the copy's, from whatever folder the post names it; another file is copied beside the post's feeds."""
    files = {
        "eleventy.config.js": CONFIG, "src/images/a b.png": "P", "src/static/i/y.png": "P", "src/posts/only.png": "P",
        "src/posts/b/inner/z.png": "P", "src/loose/q.png": "P", "src/posts/posts.json": '{"tags": "posts"}',
        "src/posts/b/b.md": "---\ntitle: B\ndate: 2024-01-01\n---\n![](<../../images/a b.png>) ![](../../static/i/y.png) ![](../only.png) "
        "![](inner/z.png) ![](/images/a%20b.png) ![](../../loose/q.png)\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    settings = Settings(
        base_url="https://site.example/", posts=tmp_path / "src", output=tmp_path / "public", state=tmp_path / ".feeds",
        generator="eleventy", dialect=init.look(tmp_path).settings["dialect"], config=tmp_path / "feeds.toml", workers=1,
    )  # fmt: skip
    with run.look(settings, datetime(2026, 1, 1, tzinfo=UTC)) as (_, result):
        pictures = re.findall(r'src="https://site.example/([^"]+)', str(result.publication.feeds[0].entries[0].content))
    assert pictures[:5] == ["images/a%20b.png", "i/y.png", "img/only.png", "deep/z.png", "images/a%20b.png"]
    assert re.fullmatch(r"entry/b/\w+-q\.png", pictures[5])
