"""Archives, sets, languages, twins, query views, renamed categories and a folder below the site, all at once.

Through a random history: what each of them says of the posts is the same. HISTORIES=N tries more of them.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import feed_rules
import pytest
from test_archives import marks
from test_over_time import Author, whole
from test_query_views import Server, get

from feeds.settings import load

BASE = "https://example.org/blog/"
TOML = f"""base_url = "{BASE}"
language = "zh-CN"
limit = 4
archive = true
pages = false
workers = 1
taxonomies = ["category", "language"]
language_categories = true
twins = ["zh-Hant"]
[category_map]
"前端" = "front-end"
[paths]
site = "feeds/"
[set.other]
none = ["category:技术"]
newest = "updated"
archive = true
"""


def chained(documents: Mapping[str, bytes], path: str) -> list[dict[str, Any]]:
    """The items of a JSON feed and of all its archive documents."""
    items: list[dict[str, Any]] = []
    while path:
        document = json.loads(documents[path])
        items += document["items"]
        path = unquote(document.get("next_url", BASE).removeprefix(BASE))
    return items


@pytest.mark.parametrize("seed", range(int(os.environ.get("HISTORIES", "1"))))
def test_all_say_the_same_of_the_posts(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    (tmp_path / "feeds.toml").write_text(TOML)
    author = Author(tmp_path / "posts", seed)
    for _ in range(9):
        author.add()
    server = Server(load(environ={}, flags={}, cwd=tmp_path))
    client = server.client()
    documents: Mapping[str, bytes] = {}
    for limit in (4, 4, 9, 3):
        for _ in range(3):
            author.step()
        redated = dice.choice(author.files())
        redated.write_text(redated.read_text().replace("\ndate: 202", "\ndate: 201", 1))
        server.settings = replace(server.settings, limit=limit)
        server.publish()
        documents = whole(server.settings.output)
        texts = [file.read_text().partition("\n---\n") for file in author.files()]
        posts = {body.split()[0]: front for front, _, body in texts}
        view = get(client, "/blog/feeds/feed.json?limit=100")
        assert marks(json.loads(view.data)["items"]) == marks(chained(documents, "feeds/feed.json")) == posts.keys()
        for name in ("生活", "技术", "旅行"):
            expected = {mark for mark, front in posts.items() if name in front.partition("categories:")[2]}
            view = get(client, f"/blog/feeds/feed.json?category={quote(name)}&limit=100")
            if view.status_code == 404:
                assert not expected
                continue
            assert marks(json.loads(view.data)["items"]) == expected
            assert marks(chained(documents, f"category/{name}/feed.json")) == expected
            assert marks(chained(documents, f"language/zh-cn/category/{name}/feed.json")) == expected
        others = {mark for mark, front in posts.items() if "技术" not in front.partition("categories:")[2]}
        assert marks(chained(documents, "set/other/feed.json")) == others
        site, twin = (json.loads(documents[f"{path}/feed.json"])["items"] for path in ("feeds", "language/zh-hant"))
        assert [item["id"] for item in twin] == [f"{item['id']}#zh-Hant" for item in site]
    for path, body in documents.items():
        if path.endswith(".xml"):
            media_type = f"application/{'atom' if 'atom' in path else 'rss'}+xml"
            now = datetime(2030, 1, 1, tzinfo=UTC)
            assert feed_rules.findings(body, address=BASE + quote(path), media_type=media_type, now=now) == [], path
