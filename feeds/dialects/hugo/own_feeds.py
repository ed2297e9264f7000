"""The feeds that Hugo makes of the home page, sections and terms, and our settings that give the same addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.dialects.config_files import GeneratedFeed, feed_path, number, table, word
from feeds.dialects.hugo.options import PAGES
from feeds.slugs import slug as slug_of

#: More sections than this get no feeds of their own.
_MOST_SECTIONS = 12


def of_home(tree: Mapping[str, Any]) -> tuple[GeneratedFeed, ...]:
    """The RSS feed of the home page, which Hugo makes unless it is told not to."""
    if not _has_rss(tree, "home"):
        return ()
    named = {str(key).lower(): table(value) for key, value in table(tree.get("outputformats")).items()}
    base = word(named.get("rss", {}).get("basename")) or "index"
    limit = number(table(table(tree.get("services")).get("rss")).get("limit")) or number(tree.get("rsslimit"))
    path = feed_path(f"{base}.xml")
    return (GeneratedFeed(path, "rss", limit),) if path else ()


def addresses(tree: Mapping[str, Any], sections: Mapping[str, int], main: list[str]) -> dict[str, Any]:
    """Tables of settings that keep the feeds of terms where Hugo has them ([paths]), and lead from those of sections to ours.

    `sections` counts the posts of each section; `main` are those that hold posts, all if it is empty. The feed of the only
    section is the site's; each of several becomes a set.
    """
    home = next(iter(of_home(tree)), None)
    if home is None:
        return {}
    result: dict[str, Any] = {}
    if _has_rss(tree, "term"):
        taxonomies = {word(key).lower(): word(value).lower() for key, value in table(tree.get("taxonomies")).items()}
        usual = (("category", "categories"), ("tag", "tags"))
        result["paths"] = {ours: _term_folder(tree, taxonomies.get(ours) or plural) for ours, plural in usual}
    names = [name for name, count in sorted(sections.items()) if count and name not in PAGES and (not main or name in main)]
    named = [name for name in names if name != "." and name == slug_of(name)]
    if not _has_rss(tree, "section") or not named or len(named) > _MOST_SECTIONS:
        return result
    if names == named[:1]:
        result["moved"] = {f"{named[0]}/{home.path}": home.path}
    else:
        result["set"] = {name: {"any": [f"path:{name}/*"]} for name in named}
        result["moved"] = {f"{name}/{home.path}": f"set/{name}/{home.path}" for name in named}
    return result


def _has_rss(tree: Mapping[str, Any], kind: str) -> bool:
    """Whether pages of a kind have a feed: Hugo makes RSS of home, sections and terms unless it is told not to."""
    disabled = {str(name).lower() for name in tree.get("disablekinds") or () if isinstance(name, str)}
    formats = table(tree.get("outputs")).get(kind)
    listed = {str(name).lower() for name in formats} if isinstance(formats, list) else {"rss"}
    return not disabled & {"rss", kind} and "rss" in listed


def _term_folder(tree: Mapping[str, Any], plural: str) -> str:
    """The folder of a term's pages: `categories/{slug}/`, or as `[permalinks]` has it for terms."""
    permalinks = table(tree.get("permalinks"))
    pattern = word(table(permalinks.get("term")).get(plural)) or word(permalinks.get(plural))
    match = re.fullmatch(r"/?([\w/-]{0,100}):(?:slug|title|contentbasename|slugorcontentbasename)/?", pattern)
    return f"{match[1]}{{slug}}/" if match and match[1] else f"{plural}/{{slug}}/"
