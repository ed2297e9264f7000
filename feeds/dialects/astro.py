"""Astro: how the blogs of its content collections read (https://docs.astro.build/en/guides/content-collections/).

The posts folder is the collection's. Addresses are those of the route that shows its entries, e.g.
src/pages/posts/[...slug].astro, which `feeds init` writes as the pattern `permalink = "posts/:slug/"`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from feeds import permalink_patterns
from feeds.content.flavour import REMARK
from feeds.dialects import recognised
from feeds.dialects.base import Found, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.bundled import Bundled
from feeds.dialects.config_files import GeneratedFeed
from feeds.dialects.javascript import literals
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post

_ROUTE = lazy_pattern(r"((?:[^\[\]]+/)?)\[(?:\.\.\.)?\w+\](?:/index)?\.astro")
#: Folders of routes that list posts instead of showing one.
_LISTS = frozenset(
    {"tag", "tags", "category", "categories", "archive", "archives", "author", "authors", "page", "series", "topics"}
)
_POSTS = frozenset({"post", "posts", "blog", "article", "articles", "note", "notes", "writing", "essays"})
#: Categories of the characters that stay in a slug of GitHub's kind.
_KEPT = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
#: Where a site describes its collections.
_COLLECTIONS = (
    "src/content.config.ts",
    "src/content.config.js",
    "src/content.config.mjs",
    "src/content/config.ts",
    "src/content/config.js",
)
_COLLECTION = lazy_pattern(r"""\bgetCollection\s{0,9}(?:<[^<>]{0,99}>)?\(\s{0,99}["'`]([\w-]{1,99})["'`]""")
_SHOWS = lazy_pattern(r"<Content\b|\brender\(")


class Astro(Bundled):
    """Astro's conventions."""

    name = "astro"
    label = "Astro"
    endings: Mapping[str, str] = {**Bundled.endings, ".mdx": "mdx"}
    unread: Mapping[str, str] = {".mdoc": "Markdoc"}
    flavour = replace(REMARK, typography="smartypants-0")
    static_folders = {"public": ""}
    adds_base = False
    source_aliases = {"@/": "src/", "~/": "src/", "src/": "src/", "/src/": "src/"}
    old_feeds = ("rss.xml", "atom.xml", "feed.xml", "index.xml")
    settings_files = ("astro.config.*", "src/content.config.*", "src/content/config.*")
    options: Mapping[str, Option] = {
        "legacy": Option("true or false", "Files and folders that begin with _ are no posts, as without a glob() loader."),
    }

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """`slug` is the entry's whole path; what begins with "_" is none where the collection has no loader of its own."""
        facts = super().interpret(facts, post, site)
        if site.options.get("legacy") and any(part.startswith("_") for part in facts.path.split("/")) and facts.status == "out":
            facts.status = "page"
        return facts

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The pattern with the entry's id for `:slug`."""
        if site.permalink is None:
            return super().permalink(facts, slug, published, site)
        entry = facts.slug or entry_id(facts.path)
        values = permalink_patterns.PermalinkFacts(
            facts.path, published, facts.title, entry, facts.explicit_id or "", self.category_slugs(facts, site)
        )
        return permalink_patterns.expand(site.permalink, values)

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        """What is no entry of the collection has no route."""
        return None

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings, and the route of its posts."""
        found = recognised.found(self.label, folder)
        return None if found is None else _with_route(found, folder)


def entry_id(path: str) -> str:
    """An entry's id as Astro makes it of the file's path: each part a slug of GitHub's kind, without "/index" at the end."""
    stem = path[: path.rfind(".")]
    return re.sub(r"/index\Z", "", "/".join(map(github_slug, stem.split("/"))))


def github_slug(text: str) -> str:
    """A slug as github-slugger 2 makes it: letters, marks, numbers, "-" and "_" are kept, a blank is "-"."""
    return "".join(char for char in text.lower() if char in " -" or unicodedata.category(char) in _KEPT).replace(" ", "-")


def _with_route(found: Found, folder: SiteFolder) -> Found:
    name = recognised.settings_file(found.generator, folder) or ""
    code = literals.without_comments(folder.text(name) or "")
    loaders = "\n".join(folder.text(name) or "" for name in _COLLECTIONS)
    settings = dict(found.settings)
    posts = str(settings["posts"])
    route = _route(folder, posts.rpartition("/")[2])
    if f"{posts}/".startswith("src/pages/"):
        # Each file is a page at its own path.
        route = (f"{posts}/".removeprefix("src/pages/"), f"{posts}/*.md")
    notes = [f"Of {found.generator} front matter, Markdown and the route of the posts are read; components and plug-ins are not."]
    if route is None:
        notes.append(recognised.set_permalink(found.generator))
    else:
        ending = ".html" if re.search(r"""\bformat\s{0,9}:\s{0,9}["'`]file["'`]""", code) else "/"
        if re.search(r"""\btrailingSlash\s{0,9}:\s{0,9}["'`]never["'`]""", code):
            ending = ""
        name = ":sections/:name" if f"{posts}/".startswith("src/pages/") else ":slug"
        settings["permalink"] = f"{route[0]}{name}{ending}"
        notes.append(f'The posts have the addresses of {route[1]}: permalink is "{settings["permalink"]}".')
    feeds = tuple(_feeds(folder))
    settings["output"] = "dist" if feeds else "public"
    if not feeds:
        notes.append(recognised.copied_output(found.generator, "public"))
    settings["dialect"] = {} if "glob(" in loaders else {"legacy": True}
    return found._replace(settings=settings, notes=tuple(notes), feeds=feeds)


def _route(folder: SiteFolder, collection: str) -> tuple[str, str] | None:
    """The folder of the posts' addresses (ends in "/", "" for the site's root), and the route's file; None if it is not clear."""
    found: list[tuple[int, str, str]] = []
    for path in folder.files("src/pages"):
        match = _ROUTE.fullmatch(path)
        text = folder.text(f"src/pages/{path}") or "" if match else ""
        named = collection in _COLLECTION.findall(text)
        if match is None or "paginate(" in text or not (_SHOWS.search(text) or (named and "getStaticPaths" in text)):
            continue
        above = match[1].rstrip("/").rpartition("/")[2]
        if above in _LISTS:
            continue
        if match[1] or named:
            found.append((2 * named + (above in _POSTS), match[1], f"src/pages/{path}"))
    best = max(found, default=None, key=lambda item: item[0])
    return None if best is None or not best[0] else best[1:]


def _feeds(folder: SiteFolder) -> Iterator[GeneratedFeed]:
    """The feeds that the site makes itself, by routes such as src/pages/rss.xml.ts."""
    for name in Astro.old_feeds:
        text = next((text for ending in ("js", "ts", "mjs") if (text := folder.text(f"src/pages/{name}.{ending}"))), None)
        if text is not None:
            yield GeneratedFeed(name, "atom" if name.startswith("atom") or "<feed" in text else "rss")


DIALECT = Astro()
