"""MkDocs with Material's blog plug-in: how its blogs read (https://squidfunk.github.io/mkdocs-material/plugins/blog/).

A site without that plug-in has pages where their files are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from feeds.content import links
from feeds.content.flavour import PYTHON_MARKDOWN
from feeds.dialects import recognised
from feeds.dialects.base import Dialect, Found, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.bundled import below_source
from feeds.dialects.config_files import table, word
from feeds.model import Post
from feeds.normal_forms import nfc
from feeds.urls import encode_path

_URL_FORMAT = "{date}/{slug}"


class MkDocs(Dialect):
    """The conventions of MkDocs and of Material's blog plug-in."""

    name = "mkdocs"
    label = "MkDocs"
    categories_mode = "parallel"
    endings: Mapping[str, str] = {".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown"}
    flavour = replace(PYTHON_MARKDOWN, admonitions=True)
    settings_files = ("mkdocs.yml", "mkdocs.yaml")
    old_feeds = ("feed_rss_created.xml", "feed_rss_updated.xml", "feed.xml", "atom.xml", "rss.xml")
    empties_output = True
    options: Mapping[str, Option] = {
        "source": Option("text", "The folder of all pages below the site's folder, as MkDocs's docs_dir."),
        "blog": Option("text", "The path of the blog's pages, as blog_dir; without it, posts are where their files are."),
        "url_format": Option("text", "The address of a post below the blog, as post_url_format; {date}/{slug} if not set."),
        "date_format": Option("text", "The date in it, as post_url_date_format; yyyy/MM/dd if not set."),
        "categories": Option("a number", "How many categories {categories} has in it, as post_url_max_categories; 1 if not set."),
        "file_urls": Option("true or false", "Addresses end with .html, as where use_directory_urls is off."),
    }  # fmt: skip

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """A date may be a table of `created` and `updated`; a title is that of the file, as MkDocs makes it."""
        dates = facts.keys.get("date")
        if isinstance(dates, Mapping) and isinstance(dates.get("updated"), str):
            facts.updated = self.date(str(dates["updated"]), site.zone)
        if not facts.title and post.body.strip():
            stem = posixpath.splitext(posixpath.basename(facts.path))[0]
            facts.title = re.sub(r"[-_]", " ", stem).capitalize() if stem.islower() else re.sub(r"[-_]", " ", stem)
        return facts

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The blog's path and the pattern of its posts, else the file's path."""
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        path = below_source(facts.path, site)
        stem = path[: path.rfind(".")]
        ending = ".html" if site.options.get("file_urls") else "/"
        if "blog" not in site.options:
            if stem == "index" or stem.endswith(("/index", "/README")) or stem == "README":
                return stem.rpartition("/")[0] + "/" if "/" in stem else ""
            return stem + ending
        categories = [slugified(names[-1]) for names in facts.categories][: int(site.options.get("categories", 1))]
        values = {
            "date": _formatted(published, str(site.options.get("date_format") or "yyyy/MM/dd")),
            "slug": facts.slug or slugified(facts.title),
            "file": posixpath.basename(stem),
            "categories": "/".join(categories),
        }
        pattern = str(site.options.get("url_format") or _URL_FORMAT)
        made = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), pattern)
        return posixpath.normpath(posixpath.join(str(site.options["blog"]), made.strip("/"))).removeprefix("./") + ending

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        return self.permalink(facts, facts.slug, facts.published or datetime(1970, 1, 1, tzinfo=UTC), site)

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """A file below the folder of all pages is published at its path there; of the posts' own folder, in the blog's."""
        path = reference.path
        if reference.form in ("address", "field") and path and not path.startswith("/") and reference.ending not in self.endings:
            source = posixpath.normpath(posixpath.join(site.root, reference.beside()))
            below = below_source(reference.beside(), site)
            blog = str(site.options.get("blog", ""))
            if blog and below.startswith(f"{blog}/posts/"):
                below = f"{blog}/{below[len(blog) + 7 :]}"
            if not below.startswith("../"):
                yield links.site_file(source, site.home + encode_path(posixpath.normpath(below)))
        yield from super().candidates(reference, site)

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings: mkdocs.yml."""
        name = recognised.settings_file(self.label, folder)
        found = None if name is None else recognised.found(self.label, folder)
        if name is None or found is None:
            return None
        tree = folder.tree(name) or {}
        docs = word(tree.get("docs_dir")).strip("./") or "docs"
        plugins = tree.get("plugins")
        listed = plugins if isinstance(plugins, list) else [plugins]
        blog: dict[str, Any] | None = None
        for item in listed:
            if isinstance(item, Mapping):
                blog = next((table(options) for key, options in item.items() if str(key).rpartition("/")[2] == "blog"), blog)
            elif str(item).rpartition("/")[2] == "blog":
                blog = {}
        options: dict[str, Any] = {
            "source": docs,
            "file_urls": word(tree.get("use_directory_urls")) == "false",
        }
        settings = dict(found.settings)
        if blog is not None:
            home = word(blog.get("blog_dir")).strip("/") or "blog"
            options |= {"blog": "" if home == "." else home, "url_format": word(blog.get("post_url_format")),
                        "date_format": word(blog.get("post_url_date_format"))}  # fmt: skip
            posts = word(blog.get("post_dir")).replace("{blog}", home) or posixpath.join(home, "posts")
            settings["posts"] = posixpath.normpath(posixpath.join(docs, posts))
        settings["dialect"] = {key: value for key, value in options.items() if value or (key == "blog" and blog is not None)}
        settings["output"] = word(tree.get("site_dir")) or "site"
        return found._replace(settings=settings, notes=(recognised.what_is_read(self.label),))


def slugified(text: str) -> str:
    """A slug as pymdownx.slugs.slugify(case="lower") makes it: letters of every script, numbers, "_" and "-"; a blank is "-"."""
    text = re.sub(r"</?[^>]{0,500}>", "", nfc(text))
    return re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-")


def _formatted(moment: datetime, pattern: str) -> str:
    """The date in a pattern of Babel, of which years, months and days are known."""
    parts = {
        "yyyy": f"{moment.year:04}", "yy": f"{moment.year % 100:02}", "y": str(moment.year), "MM": f"{moment.month:02}",
        "M": str(moment.month), "dd": f"{moment.day:02}", "d": str(moment.day),
    }  # fmt: skip
    return re.sub(r"y+|M+|d+", lambda match: parts.get(match[0], match[0]), pattern)


DIALECT = MkDocs()
