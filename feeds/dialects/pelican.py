"""Pelican: how its blogs read (https://docs.getpelican.com/)."""

from __future__ import annotations

import re

from feeds.content.flavour import PYTHON_MARKDOWN
from feeds.dialects.base import Dialect, Found, SiteFolder
from feeds.dialects.config_files import author, joined, literals, word


def _detect(folder: SiteFolder) -> Found | None:
    text = folder.text("pelicanconf.py")
    if text is None:
        return None
    config = literals(text, "pelicanconf.py")
    published = literals(folder.text("publishconf.py") or "", "publishconf.py")
    config["SITEURL"] = published.get("SITEURL") or config.get("SITEURL")
    root = word(config.get("PATH")) or folder.posts("content", ("content",))
    paths = config.get("ARTICLE_PATHS")
    inner = word(paths) if isinstance(paths, list) and len(paths) == 1 else ""
    url = word(config.get("ARTICLE_URL")) or "{slug}.html"
    pattern, strange = _pelican_pattern(url)
    return Found(
        "Pelican",
        {
            "base_url": joined(word(config.get("SITEURL")), ""),
            "posts": "/".join(part.strip("/") for part in (root, inner) if part) if not root.startswith("/") else root,
            "output": (word(config.get("OUTPUT_PATH")) or "output").rstrip("/"),
            "title": word(config.get("SITENAME")),
            "description": word(config.get("SITESUBTITLE")),
            "language": word(config.get("DEFAULT_LANG")),
            "timezone": word(config.get("TIMEZONE")),
            "author": author(config.get("AUTHOR")),
            "default_category": word(config.get("DEFAULT_CATEGORY")),
            "permalink": pattern,
            "categories_mode": "parallel",
        },
        (f"ARTICLE_URL holds {strange}, for which there is no placeholder: check permalink.",) if strange else (),
    )


_STRFTIME = {
    "Y": ":year", "y": ":short_year", "m": ":month", "-m": ":i_month", "d": ":day", "-d": ":i_day", "b": ":short_month",
    "H": ":hour", "M": ":minute", "S": ":second", "j": ":y_day",
}  # fmt: skip


def _pelican_pattern(url: str) -> tuple[str, str]:
    """`posts/{date:%Y}/{slug}/` as `posts/:year/:slug/`, and what has no counterpart."""
    strange: list[str] = []

    def known(found: re.Match[str]) -> str:
        name, form = found[1], found[2] or ""
        if name == "date" and form:
            parts = re.sub(r"%(-?[A-Za-z])", lambda code: _STRFTIME.get(code[1], code[0]), form)
            if "%" not in parts:
                return parts
        if name in ("slug", "category"):
            return f":{name}"
        strange.append(found[0])
        return ":slug"

    return re.sub(r"\{(\w+)(?::([^}]*))?\}", known, url).lstrip("/"), " ".join(strange)


class Pelican(Dialect):
    """Pelican's conventions."""

    name = "pelican"
    label = "Pelican"
    categories_mode = "parallel"
    flavour = PYTHON_MARKDOWN

    def detect(self, folder: SiteFolder) -> Found | None:
        return _detect(folder)


DIALECT = Pelican()
