"""What generators share whose bundler (Vite, webpack) takes a site apart: files beside a post get names that only it knows.

Their feeds cannot name these, so such a file is published once more among ours. Where its pages are is each dialect's own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from feeds.content import links
from feeds.dialects.base import Dialect, PostFacts, SiteFacts
from feeds.dialects.plain import title_of
from feeds.media_types import media_type
from feeds.model import Post
from feeds.urls import encode_path


class Bundled(Dialect):
    """A generator with a bundler. The option `source`, if it has one, is the folder of all pages below the site's."""

    endings: Mapping[str, str] = {".md": "markdown", ".markdown": "markdown"}
    categories_mode = "parallel"
    unread: Mapping[str, str] = {".mdx": "MDX", ".mdoc": "Markdoc"}
    source_aliases: Mapping[str, str] = {}
    """What a path may begin with instead of a folder of the site: {"@/": "src/"}."""
    adds_base = True
    """Whether `/a.png` and `/posts/tea` are below the site's own path."""

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """A post without a title, in its front matter or as its first heading, has its file's name."""
        if not facts.title and "title" not in facts.keys and post.body.strip():
            facts.title = title_of(post.path)
        return facts

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        """Where a page that is no post is; its date, if it has none, is in no such address."""
        return self.permalink(facts, facts.slug, facts.published or datetime(1970, 1, 1, tzinfo=UTC), site)

    def public_folder(self, site: SiteFacts) -> str:
        """The folder below the site's whose files are published as they are."""
        return "public"

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """A file of the site's own folders is a copy of ours, unless the generator publishes it as it is."""
        if reference.form in ("address", "field"):
            if media_type(reference.path) is not None:
                yield from self._files(reference, site)
            elif reference.path.startswith("/") and self.adds_base and reference.form == "address":
                yield from _pages(reference, site)
        yield from super().candidates(reference, site)

    def _files(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        path, public = reference.path, self.public_folder(site)
        alias = next((alias for alias in self.source_aliases if path.startswith(alias)), "")
        if alias:
            yield links.site_file(posixpath.normpath(self.source_aliases[alias] + path[len(alias) :]), "")
        elif not path.startswith("/"):
            inner = posixpath.normpath(posixpath.join(site.root, reference.beside()))
            if not inner.startswith(("../", f"{public}/")):
                yield links.site_file(inner, "")
        elif self.adds_base:
            url = site.home + encode_path(path.lstrip("/"))
            yield links.site_file(posixpath.normpath(public + path), url)
            yield links.absent(url + reference.suffix) if reference.image else links.address(url + reference.suffix)


def below_source(path: str, site: SiteFacts) -> str:
    """The path below the folder of all pages (the option `source`) of the file at a path below the posts folder."""
    source = str(site.options.get("source") or "")
    whole = posixpath.normpath(posixpath.join(site.root, path))
    return whole[len(source) + 1 :] if source and whole.startswith(f"{source}/") else whole


def _pages(reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
    """What `/posts/tea`, with or without an ending, means: the page of a file below the folder of all pages, else an address."""
    path = reference.path.lstrip("/")
    stem = posixpath.splitext(path)[0] if reference.ending in (".md", ".html") else path.rstrip("/")
    root = below_source("", site)
    inner = stem if root == "." else stem[len(root) + 1 :] if stem.startswith(f"{root}/") else ""
    if inner:
        yield from (links.post_at(f"{inner}{ending}") for ending in (".md", "/index.md", "/README.md"))
    yield links.address(site.home + encode_path(path) + reference.suffix)
