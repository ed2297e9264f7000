"""Docusaurus: how its blog reads (https://docusaurus.io/docs/blog)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from feeds.content.flavour import REMARK
from feeds.dialects import recognised
from feeds.dialects.base import POST, FileKind, Found, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.bundled import Bundled
from feeds.dialects.javascript import literals
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value

#: Folders and date of a post's file, and its name behind them, which are one pattern in Docusaurus
#: (packages/docusaurus-plugin-content-blog/src/blogUtils.ts, DATE_FILENAME_REGEX): one after the other they take linear time.
_DATED = lazy_pattern(r"(?P<folder>.*)(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2})")
_NAMED = lazy_pattern(r"[-/]?(?P<text>.*?)(?:/index)?\.(?:md|mdx|markdown)")


class _Dated(NamedTuple):
    """Folders, date (2021-02-03 or 2021/02/03) and name of a post's file."""

    folder: str
    date: str
    text: str


def _dated(path: str) -> _Dated | None:
    """The parts of a path that holds a date, the last one that it holds."""
    dated = _DATED.match(path)
    named = dated and _NAMED.fullmatch(path, dated.end())
    return _Dated(dated["folder"], dated["date"], named["text"]) if dated and named else None


class Docusaurus(Bundled):
    """Docusaurus's conventions."""

    name = "docusaurus"
    label = "Docusaurus"
    endings: Mapping[str, str] = dict.fromkeys((".md", ".mdx", ".markdown"), "mdx")
    unread: Mapping[str, str] = {}
    flavour = replace(REMARK, attributes="headings")
    source_aliases = {"@site/": ""}
    old_feeds = ("blog/atom.xml", "blog/rss.xml", "atom.xml", "rss.xml")
    settings_files = ("docusaurus.config.*",)
    options: Mapping[str, Option] = {
        "route": Option("text", "The path of the blog's pages, as Docusaurus's routeBasePath; blog if not set."),
        "trailing_slash": Option("true or false", "Addresses end with /, as Docusaurus's trailingSlash."),
    }

    def public_folder(self, site: SiteFacts) -> str:
        return "static"

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        """Files and folders that begin with "_" are parts of others; tests are none."""
        if any(part.startswith("_") for part in path.split("/")) or re.search(r"\.test\.\w+\Z|(?:\A|/)__tests__/", path):
            return FileKind("ignored")
        return POST

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """The date may be the folders': 2021/02/03-tea.md. The slug is taken as it is."""
        facts = super().interpret(facts, post, site)
        dated = _dated(facts.path)
        if facts.published is None and dated:
            year, month, day = map(int, re.split("[-/]", dated.date))
            facts.published, facts.dated_by = datetime(year, month, day, tzinfo=UTC), "file name"
        slug = facts.keys.get("slug")
        if isinstance(slug, str):
            facts.extra["slug"] = slug
        changed = facts.keys.get("lastupdate")
        if facts.updated is None and isinstance(changed, Mapping):
            facts.updated = self._changed(changed, site)
        return facts

    def _changed(self, table: Mapping[str, Value], site: SiteFacts) -> datetime | None:
        value = table.get("date")
        return self.date(value, site.zone) if isinstance(value, str) and value else None

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The blog's path, and the slug, or the date and the name."""
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        own = facts.extra.get("slug", "")
        if not own:
            dated = _dated(facts.path)
            own = re.sub(r"(?:/index)?\.\w+\Z", "", facts.path)
            if dated:
                own = f"{dated.date.replace('-', '/')}/{dated.folder}{dated.text}"
        path = posixpath.normpath(posixpath.join(str(site.options.get("route", "blog")), own.strip("/")))
        return f"{path}/" if site.options.get("trailing_slash") else path

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings: docusaurus.config.*."""
        name = recognised.settings_file(self.label, folder)
        found = None if name is None else recognised.found(self.label, folder)
        if name is None or found is None:
            return None
        code = literals.without_comments(folder.text(name) or "")
        route = re.search(
            r"""\bblog["']?\s{0,9}:\s{0,9}\{(?s:.{0,900}?)\brouteBasePath\s{0,9}:\s{0,9}["'`]([^"'`\n]{0,200})["'`]""", code
        )
        options = {
            "route": route[1].strip("/") if route else "blog",
            "trailing_slash": bool(re.search(r"\btrailingSlash\s{0,9}:\s{0,9}true\b", code)),
        }
        settings = {**found.settings, "dialect": {key: value for key, value in options.items() if value and value != "blog"}}
        notes = [recognised.what_is_read(self.label)]
        if not found.feeds:
            settings["output"] = "static"
            notes.append(recognised.copied_output(self.label, "static"))
        if route and not route[1].strip("/"):
            settings["dialect"]["route"] = ""
        return found._replace(settings=settings, notes=tuple(notes))


DIALECT = Docusaurus()
