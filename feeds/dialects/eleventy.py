"""Eleventy: how its blogs read (https://www.11ty.dev/docs/)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from feeds.content.flavour import MARKDOWN_IT
from feeds.dialects.base import Dialect, Found, SiteFolder
from feeds.dialects.config_files import joined, word


def _detect(folder: SiteFolder) -> Found | None:
    names = ("eleventy.config.js", "eleventy.config.cjs", "eleventy.config.mjs", ".eleventy.js")
    text = next((text for text in (folder.text(name) for name in names) if text is not None), None)
    if text is None:
        return None
    code = re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", text)
    source = (_property(code, "input") or ".").strip("/").removeprefix("./")
    source = "" if source == "." else source
    likely = [f"{source}/{name}".strip("/") for name in ("posts", "blog", "content/posts", "content/blog", "articles")]
    posts = folder.posts(likely[0], likely)
    prefix = posts.removeprefix(source).strip("/")
    site = _site_data(folder, f"{source}/{_property(code, 'data') or '_data'}".lstrip("/"))
    return Found(
        "Eleventy",
        {
            "base_url": joined(site("url", "base", "siteUrl"), _property(code, "pathPrefix")),
            "posts": posts,
            "output": (_property(code, "output") or "_site").strip("/").removeprefix("./"),
            "title": site("title", "name"),
            "description": site("description"),
            "language": site("language", "lang"),
            "author": {key: value for key, value in (("name", site("author.name", "author")),) if value},
            "permalink": f"{prefix}/:title/",
            "categories_mode": "parallel",
        },
        ("Eleventy's settings are code, which is not run: check what was taken from them.",),
    )


def _property(code: str, name: str) -> str:
    """The text of `name: "…"` in JavaScript."""
    found = re.search(rf"""(?<![\w.$])["']?{name}["']?\s*:\s*(["'`])((?:(?!\1)[^\\\n$])*)\1""", code)
    return found[2] if found else ""


def _site_data(folder: SiteFolder, data: str) -> Callable[..., str]:
    """Looks facts up in `_data/metadata.json`, `site.json`, or the JavaScript of that name."""
    for stem in ("metadata", "site", "meta"):
        tree = folder.tree(f"{data}/{stem}.json")
        if tree is not None:

            def lookup(*names: str, tree: Mapping[str, Any] = tree) -> str:
                for name in names:
                    value: Any = tree
                    for key in name.split("."):
                        value = value.get(key) if isinstance(value, Mapping) else None
                    if word(value):
                        return word(value)
                return ""

            return lookup
        for kind in ("js", "cjs", "mjs"):
            text = folder.text(f"{data}/{stem}.{kind}")
            if text is not None:
                inner = re.search(r"author\s*:\s*\{(.*?)\}", text, re.DOTALL)
                parts = {"author.name": inner[1] if inner else "", "": text.replace(inner[0], "") if inner else text}

                def scan(*names: str, parts: Mapping[str, str] = parts) -> str:
                    found = (_property(parts.get(name, parts[""]), name.rpartition(".")[2]) for name in names)
                    return next(filter(None, found), "")

                return scan
    return lambda *_: ""


class Eleventy(Dialect):
    """Eleventy's conventions."""

    name = "eleventy"
    label = "Eleventy"
    categories_mode = "parallel"
    flavour = MARKDOWN_IT

    def detect(self, folder: SiteFolder) -> Found | None:
        return _detect(folder)


DIALECT = Eleventy()
