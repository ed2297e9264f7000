"""Hexo: how its blogs read (https://hexo.io/docs/)."""

from __future__ import annotations

from feeds.content.flavour import MARKED
from feeds.dialects.base import Dialect, Found, SiteFolder
from feeds.dialects.config_files import author, joined, word, words_by_name


def _detect(folder: SiteFolder) -> Found | None:
    package = folder.text("package.json") or ""
    if not folder.has_file("_config.yml") or not ('"hexo' in package or folder.has_folder("source/_posts")):
        return None
    config = folder.tree("_config.yml") or {}
    source = word(config.get("source_dir")) or "source"
    return Found(
        "Hexo",
        {
            "base_url": joined(word(config.get("url")), word(config.get("root"))),
            "posts": f"{source}/_posts",
            "output": word(config.get("public_dir")) or "public",
            "title": word(config.get("title")),
            "description": word(config.get("description")) or word(config.get("subtitle")),
            "language": word(config.get("language")),
            "timezone": word(config.get("timezone")),
            "author": author(config.get("author")),
            "permalink": word(config.get("permalink")) or ":year/:month/:day/:title/",
            "categories_mode": "path",
            "category_map": words_by_name(config.get("category_map")),
            "tag_map": words_by_name(config.get("tag_map")),
        },
    )


class Hexo(Dialect):
    """Hexo's conventions."""

    name = "hexo"
    label = "Hexo"
    categories_mode = "path"
    flavour = MARKED

    def detect(self, folder: SiteFolder) -> Found | None:
        return _detect(folder)


DIALECT = Hexo()
