"""Hugo: how its blogs read (https://gohugo.io/documentation/)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.content.flavour import GOLDMARK
from feeds.dialects.base import Dialect, Found, Option, SiteFolder
from feeds.dialects.config_files import author, table, word


def _detect(folder: SiteFolder) -> Found | None:
    stems = ("hugo", "config", "config/_default/hugo", "config/_default/config")
    names = [f"{stem}.{kind}" for stem in stems for kind in ("toml", "yaml", "yml", "json")]
    name = next((name for name in names if folder.has_file(name)), None)
    if name is None or (name.partition(".")[0].endswith("config") and not folder.has_folder("content")):
        return None
    config = _lower(folder.tree(name) or {})
    content = word(config.get("contentdir")) or "content"
    posts = folder.posts(f"{content}/posts", [f"{content}/{name}" for name in ("posts", "post", "blog", "articles")])
    section = posts.rpartition("/")[2]
    languages = table(config.get("languages"))
    own = table(languages.get(word(config.get("defaultcontentlanguage")) or next(iter(languages), "")))
    params = {**table(config.get("params")), **table(own.get("params"))}
    language = next((word(part.get(key)) for part in (own, config) for key in ("languagecode", "locale") if part.get(key)), "")
    rights = word(config.get("copyright"))
    return Found(
        "Hugo",
        {
            "base_url": word(config.get("baseurl")),
            "posts": posts,
            "output": word(config.get("publishdir")) or "public",
            "title": word(own.get("title")) or word(config.get("title")),
            "description": word(params.get("description")),
            "language": language or word(config.get("defaultcontentlanguage")),
            "timezone": word(config.get("timezone")),
            "rights": rights if "{" not in rights else "",
            "author": author(params.get("author") or config.get("author")),
            "permalink": _hugo_permalink(config.get("permalinks"), section),
            "categories_mode": "parallel",
        },
    )


def _hugo_permalink(value: Any, section: str) -> str:
    """`[permalinks] posts = …`, or `[permalinks.page] posts = …`; else the file's path below the content folder."""
    patterns = table(value)
    pattern = word(table(patterns.get("page")).get(section)) or word(patterns.get(section))
    # A section is a folder below `content`; ours begin below the posts folder.
    pattern = re.sub(r":sections?(?:\[[^\]]*\])?(?=/|\Z)", section, pattern)
    return pattern.lstrip("/") or f"{section}/:sections/:slugorfilename/"


def _lower(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Keys in lower case, as Hugo reads them."""
    return {str(key).lower(): _lower(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


class Hugo(Dialect):
    """Hugo's conventions."""

    name = "hugo"
    label = "Hugo"
    categories_mode = "parallel"
    flavour = GOLDMARK
    options = {"disable_path_to_lower": Option("true or false", "Keep capitals in addresses, as Hugo's disablePathToLower.")}

    def detect(self, folder: SiteFolder) -> Found | None:
        return _detect(folder)


DIALECT = Hugo()
