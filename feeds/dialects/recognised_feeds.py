"""The feeds of generators that have no dialect here: where they are, and how many entries they have.

Only what the settings say, or what the generator does where they say nothing. Feeds
that a program in the site makes are not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.dialects.config_files import GeneratedFeed, feed_path, number, table, word
from feeds.dialects.javascript import literals

#: How many entries a feed has where the settings do not say: Gridea's DEFAULT_FEED_COUNT, `limit` of Docusaurus since its
#: version 3, `length` of mkdocs-rss-plugin.
_GRIDEA_ENTRIES, _DOCUSAURUS_ENTRIES, _MKDOCS_ENTRIES = 10, 20, 20


def of(label: str, facts: Mapping[str, Any], code: str) -> tuple[GeneratedFeed, ...]:
    """The feeds of a site, the one that people subscribe to first; none if that is not known of the generator.

    `facts` are its settings by key; `code` is the settings file without comments where that is a program.
    """
    if label == "Gridea":
        return _gridea(facts)
    if label == "Docusaurus":
        return _docusaurus(code)
    return _mkdocs(facts) if label == "MkDocs" else ()


def _gridea(facts: Mapping[str, Any]) -> tuple[GeneratedFeed, ...]:
    limit = number(facts.get("feedCount")) or _GRIDEA_ENTRIES
    return (GeneratedFeed("atom.xml", "atom", limit, facts.get("feedFullText") is False),)


def _docusaurus(code: str) -> tuple[GeneratedFeed, ...]:
    """The feeds of the blog of its preset, which are RSS and Atom unless `feedOptions` says otherwise."""
    at = re.search(r"\bblog[\"']?\s{0,9}:\s{0,9}(?=\{)", code)
    blog = table(literals.value_at(code, at.end(), literals.constants(code))[0]) if at else {}
    options = table(blog.get("feedOptions"))
    kinds = options.get("type", ["rss", "atom"])
    kinds = ["rss", "atom"] if kinds == "all" else kinds if isinstance(kinds, list) else [kinds]
    limit = _DOCUSAURUS_ENTRIES if options.get("limit") is None else number(options["limit"])
    route = word(blog.get("routeBasePath", "blog")).strip("/")
    paths = [(feed_path(f"{route}/{kind}.xml"), kind) for kind in ("rss", "atom") if kind in kinds]
    return tuple(GeneratedFeed(path, kind, limit) for path, kind in paths if path and at)


def _mkdocs(facts: Mapping[str, Any]) -> tuple[GeneratedFeed, ...]:
    """The feed of mkdocs-rss-plugin by the pages' dates of creation."""
    plugins = facts.get("plugins")
    named = (
        [item if isinstance(item, Mapping) else {item: {}} for item in plugins] if isinstance(plugins, list) else [table(plugins)]
    )
    found = next((plugin for plugin in named if "rss" in plugin), None)
    options = table(found["rss"]) if found is not None else {}
    if found is None or any(word(options.get(name)).lower() == "false" for name in ("enabled", "rss_feed_enabled")):
        return ()
    path = feed_path(table(options.get("feeds_filenames")).get("rss_created")) or "feed_rss_created.xml"
    return (
        GeneratedFeed(
            path, "rss", number(options.get("length")) or _MKDOCS_ENTRIES, word(options.get("abstract_chars_count")) != "-1"
        ),
    )
