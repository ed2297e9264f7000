"""Records what MkDocs with Material's blog plug-in publishes for each case folder of the folder that is given.

    python -m venv v && v/bin/pip install mkdocs-material && v/bin/python mkdocs.py CASES

Comes in: CASE/site with mkdocs.yml. Goes out: CASE/expected.json. Must not: change anything in a site.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this file is called like the library

import html
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lxml.html


def record_case(case: Path) -> None:
    """Builds a copy of one case's site in this process, and writes expected.json."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    posts: list[dict[str, Any]] = []

    def recorded(text: str, page: Any, **_: Any) -> str:
        if type(page).__name__ == "Post":
            posts.append(row(page, text))
        return text

    notes = case / "case.json"
    deviations = json.loads(notes.read_text())["deviations"] if notes.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        shutil.copytree(case / "site", site)
        os.chdir(site)
        config = load_config("mkdocs.yml")
        config.plugins._register_event("page_content", recorded)
        build(config)
        sources = {post["source"] for post in posts}
        files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.md"))
    for post in posts:
        if post["source"] in deviations:
            post["deviations"] = deviations[post["source"]]
    expected = {
        "generator": f"mkdocs {version('mkdocs')}, mkdocs-material {version('mkdocs-material')}",
        "timezone": "UTC",
        "home": config.site_url,
        "posts": sorted(posts, key=lambda post: post["source"]),
        "not_posts": [name for name in files if name not in sources],
    }
    (case / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", "utf-8")


def row(page: Any, text: str) -> dict[str, Any]:
    """What is compared of one post, without the heading that its title is made of."""
    root = lxml.html.fragment_fromstring(text, create_parent="div")
    title = html.unescape(page.title)
    for heading in root.xpath("./h1[1]"):
        if heading.text_content() == title:
            heading.drop_tree()
    return {
        "source": "docs/" + page.file.src_uri,
        "url": page.canonical_url,
        "title": title,
        "published": instant(page.config.date.created),
        "updated": instant(page.config.date.get("updated")),
        "categories": [[name] for name in page.config.categories],
        "tags": list(page.config.get("tags") or []),
        "html": "".join(lxml.html.tostring(part, encoding="unicode") for part in root),
        "images": None,
        "links": None,
    }


def instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


if __name__ == "__main__":
    for folder in sorted(Path(sys.argv[1]).resolve().iterdir()):
        if (folder / "site").is_dir():
            record_case(folder)
