"""Jekyll: how its blogs read (https://jekyllrb.com/docs/)."""

from __future__ import annotations

from feeds.content.flavour import KRAMDOWN
from feeds.dialects.base import Dialect, Found, SiteFolder
from feeds.dialects.config_files import author, joined, word


def _detect(folder: SiteFolder) -> Found | None:
    name = next((name for name in ("_config.yml", "_config.yaml", "_config.toml") if folder.has_file(name)), None)
    if name is None:
        return None
    config = folder.tree(name) or {}
    source = word(config.get("source")).strip("./")
    output = word(config.get("destination")).removeprefix("./") or "_site"
    note = f"Jekyll removes from {output} what it did not make: build the feeds after it, or name another output."
    return Found(
        "Jekyll",
        {
            "base_url": joined(word(config.get("url")), word(config.get("baseurl"))),
            "posts": f"{source}/_posts" if source else "_posts",
            "output": output,
            "title": word(config.get("title")) or word(config.get("name")),
            "description": word(config.get("description")) or word(config.get("tagline")),
            "language": word(config.get("lang")) or word(config.get("locale")),
            "timezone": word(config.get("timezone")),
            "author": author(config.get("author")),
            "permalink": word(config.get("permalink")) or "date",
            "categories_mode": "parallel",
        },
        (note,),
    )


class Jekyll(Dialect):
    """Jekyll's conventions."""

    name = "jekyll"
    label = "Jekyll"
    categories_mode = "parallel"
    flavour = KRAMDOWN

    def detect(self, folder: SiteFolder) -> Found | None:
        return _detect(folder)


DIALECT = Jekyll()
