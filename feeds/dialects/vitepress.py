"""VitePress: how its blogs read (https://vitepress.dev/guide/routing). A page is where its file is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from feeds.content.flavour import REMARK
from feeds.dialects import recognised
from feeds.dialects.base import Found, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.bundled import Bundled, below_source
from feeds.dialects.config_files import table
from feeds.dialects.javascript import literals
from feeds.model import Post

_PAGES = frozenset({"home", "page", "false", "blog", "archive", "archives", "tags", "categories"})


class VitePress(Bundled):
    """VitePress's conventions."""

    name = "vitepress"
    label = "VitePress"
    # linkify-it without fuzzy links takes addresses as remark does.
    flavour = replace(REMARK, footnotes=False, task_lists=False, single_tilde=False, emoji=True)
    settings_files = (".vitepress/config.*", "*/.vitepress/config.*")
    options: Mapping[str, Option] = {
        "source": Option("text", "The folder of all pages below the site's folder, as VitePress's srcDir."),
        "clean_urls": Option("true or false", "Addresses end without .html, as VitePress's cleanUrls."),
        "rewrites": Option("a table", "Pages that are elsewhere than their files, as VitePress's rewrites."),
    }

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """Pages of a theme, and lists of posts, are no posts."""
        facts = super().interpret(facts, post, site)
        name = posixpath.basename(facts.path)
        is_list = name == "index.md" and (facts.path == name or facts.published is None)
        if facts.status == "out" and (is_list or str(facts.keys.get("layout", "")).lower() in _PAGES):
            facts.status = "page"
        return facts

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The file's path with .html, or without; an index is its folder."""
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        path = below_source(facts.path, site)
        path = str(table(site.options.get("rewrites")).get(path) or path)
        stem = path[: path.rfind(".")]
        if stem == "index" or stem.endswith("/index"):
            return stem[: -len("index")]
        return stem if site.options.get("clean_urls") else f"{stem}.html"

    def public_folder(self, site: SiteFacts) -> str:
        return posixpath.join(str(site.options.get("source") or ""), "public")

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings: .vitepress/config.* in the site's folder or in one of it."""
        name = recognised.settings_file(self.label, folder)
        found = None if name is None else recognised.found(self.label, folder)
        if name is None or found is None:
            return None
        code = literals.without_comments(folder.text(name) or "")
        home = name.rpartition(".vitepress/")[0].rstrip("/")
        given = re.search(r"""\bsrcDir\s{0,9}:\s{0,9}["'`](?:\./)?([\w./-]{1,200}?)/?["'`]""", code)
        source = posixpath.normpath(posixpath.join(home, given[1])) if given else home
        at = re.search(r"\brewrites\s{0,9}:\s{0,9}(?=\{)", code)
        rewrites = table(literals.value_at(code, at.end(), {})[0]) if at else {}
        fixed = {key: value for key, value in rewrites.items() if isinstance(value, str) and not re.search(r"[:*(]", key + value)}
        notes = [recognised.what_is_read(self.label)]
        if "rewrites" in code and (not at or len(fixed) < len(rewrites)):
            notes.append("Some of its rewrites are patterns or code, and are not read: see the links below.")
        output = posixpath.join(source, "public")
        options = {
            "source": "" if source == "." else source,
            "clean_urls": bool(re.search(r"\bcleanUrls\s{0,9}:\s{0,9}(?:true|[\"'])", code)),
            "rewrites": fixed,
        }
        posts = posixpath.relpath(str(found.settings["posts"]), source or ".")
        settings = {
            **found.settings, "output": output, "exclude": _excluded(code, posts),
            "dialect": {key: value for key, value in options.items() if value},
        }  # fmt: skip
        return found._replace(settings=settings, notes=(*notes, recognised.copied_output(self.label, output)))


def _excluded(code: str, posts: str) -> list[str]:
    """The patterns of srcExclude that are about files of the posts folder, whose path below the folder of pages is given."""
    at = re.search(r"\bsrcExclude\s{0,9}:\s{0,9}(?=\[)", code)
    patterns = literals.value_at(code, at.end(), {})[0] if at else []
    texts = [pattern for pattern in patterns if isinstance(pattern, str)] if isinstance(patterns, list) else []
    return [text.removeprefix(f"{posts}/") for text in texts if text.startswith((f"{posts}/", "**/"))]


DIALECT = VitePress()
