"""How each site generator's blogs read: one file or package a generator, one table of their names.

A dialect is loaded when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from feeds import plugins

if TYPE_CHECKING:
    from feeds.dialects.base import Dialect

#: The generators in the order in which a site's folder is tried for them.
NAMES = (
    "hexo", "zola", "hugo", "pelican", "nikola", "eleventy", "jekyll", "astro", "docusaurus", "vitepress", "vuepress", "mkdocs",
    "obsidian", "plain",
)  # fmt: skip


@cache
def by_name(name: str) -> Dialect:
    """The dialect called `name`: one of NAMES, or a plug-in's. Raises LookupError."""
    if name in NAMES:
        dialect: Dialect = import_module(f"feeds.dialects.{name}").DIALECT
        return dialect
    loaded = plugins.load(plugins.DIALECTS, name)
    if loaded is None:
        raise LookupError(f"{name!r} is not a generator; expected one of {', '.join((*NAMES, *plugins.named(plugins.DIALECTS)))}")
    return cast("Dialect", loaded)


def every() -> Iterator[Dialect]:
    """All dialects, plug-ins first, then in the order of NAMES."""
    return map(by_name, (*sorted(plugins.named(plugins.DIALECTS).keys() - set(NAMES)), *NAMES))
