"""The facts of a site that its dialect asks for, taken from its settings."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from feeds.dialects.base import SiteFacts
from feeds.settings.settings import Settings


def home_of(settings: Settings) -> str:
    """The URL below which the site's own pages are; ends in "/"."""
    home = settings.home_page_url or settings.base_url
    return home if home.endswith("/") else home + "/"


def site_facts(settings: Settings) -> SiteFacts:
    """The facts of the site, for `feeds.dialects.base.Dialect`."""
    return SiteFacts(
        home=home_of(settings),
        zone=ZoneInfo(settings.timezone),
        language=settings.language or "",
        permalink=settings.permalink,
        categories_mode=settings.categories_mode,
        category_map=settings.category_map,
        tag_map=settings.tag_map,
        default_category=settings.default_category,
        root=_root(settings),
        options=settings.dialect,
    )


def _root(settings: Settings) -> str:
    """The posts folder's path below the folder of feeds.toml; "" if it is that folder or lies elsewhere."""
    return "" if settings.config is None else _below(settings.posts, settings.config.parent)


@lru_cache
def _below(posts: Path, folder: Path) -> str:
    """Asked for each post that gets an address."""
    below = os.path.relpath(posts, folder)
    return "" if below == "." or below.startswith("..") else Path(below).as_posix()
