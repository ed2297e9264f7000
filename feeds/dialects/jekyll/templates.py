"""What Liquid sees in a Jekyll post: `page`, `site`, `jekyll`, the files that tags include, the addresses that tags write.

Everything is looked up through the post's resolver, so that a post is rendered again when something changes that it used.
The time of the build is the post's own date: a text must not change because time passes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from feeds.content.links import NOWHERE, Resolver
from feeds.content.liquid import data
from feeds.content.liquid.session import Scope
from feeds.content.liquid.slugs import escape_segment, normalize, slugify
from feeds.content.lookups import ListedPost
from feeds.dialects.base import PostFacts, SiteFacts
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post

_DATA_ENDINGS = (".yml", ".yaml", ".json", ".csv", ".tsv")
_FRONT_MATTER = lazy_pattern(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MOST_FRONT_MATTER = 64_000


class Lazy(Mapping[str, Any]):
    """A hash whose values are worked out when a template asks for them."""

    def __init__(self, values: Mapping[str, Any], makers: Mapping[str, Callable[[], Any]]) -> None:
        self._values, self._makers = dict(values), makers

    def __getitem__(self, key: str) -> Any:
        if key in self._values:
            return self._values[key]
        self._values[key] = self._makers[key]()
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._values), **dict.fromkeys(self._makers)})

    def __len__(self) -> int:
        return len(self._values.keys() | self._makers.keys())


class DataFolder(Mapping[str, Any]):
    """`site.data`: files of data by their names without endings, folders likewise."""

    def __init__(self, path: str, resolver: Resolver, site: SiteFacts) -> None:
        self._path, self._resolver, self._site = path, resolver, site
        self._names: dict[str, str] | None = None

    def _known(self) -> dict[str, str]:
        if self._names is None:
            self._names = {}
            for name in self._resolver.folder(self._path):
                stem, ending = (name[:-1], "/") if name.endswith("/") else posixpath.splitext(name)
                if ending == "/" or ending in _DATA_ENDINGS:
                    self._names.setdefault(stem, name)
        return self._names

    def __getitem__(self, key: str) -> Any:
        name = self._known()[key]
        if name.endswith("/"):
            return DataFolder(f"{self._path}/{key}", self._resolver, self._site)
        text = self._resolver.source(f"{self._path}/{name}")
        return None if text is None else data.parsed(text, posixpath.splitext(name)[1], self._site.zone)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())


def scope(post: Post, facts: PostFacts, resolver: Resolver, site: SiteFacts) -> Scope:
    """The scope of one post."""
    published = facts.published
    assert published is not None  # noqa: S101  only published posts are rendered
    templates = _Templates(post, resolver, site)
    page = _page(post, facts, resolver, site, templates)
    return Scope(
        variables={
            "page": page,
            "site": _site(resolver, site, templates, published),
            "jekyll": {"environment": "production", "version": "4.3.4"},
        },
        include=templates.include,
        address=templates.address,
        markdown=lambda text: text,
        now=published,
        zone=site.zone,
        home=site.home,
        enabled=post.front_matter.get("render_with_liquid") != "false",
    )


def _page(post: Post, facts: PostFacts, resolver: Resolver, site: SiteFacts, templates: _Templates) -> Lazy:
    zone = site.zone
    keys = {key: data.typed(value, zone) for key, value in post.front_matter.items()}
    name = post.path.rpartition("/")[2]
    url = templates.below_base(resolver.place.permalink)
    slug = facts.slug or re.sub(r"\A\d{2,4}-\d{1,2}-\d{1,2}-", "", posixpath.splitext(name)[0])
    published = facts.published
    own = {
        "title": post.front_matter.get("title"),
        "date": published.astimezone(zone) if published else None,
        "url": url,
        "id": posixpath.join(posixpath.dirname(url), slug),
        "categories": [path[-1] for path in facts.categories],
        "tags": list(facts.tags),
        "path": post.path,
        "relative_path": post.path,
        "slug": slug,
        "ext": posixpath.splitext(name)[1],
        "name": name,
        "collection": "posts",
        "draft": False,
        "content": post.body,
    }
    neighbours = partial(_neighbour, post.path, resolver, templates, zone)
    makers = {"next": partial(neighbours, -1), "previous": partial(neighbours, 1)}
    return Lazy({**keys, **own}, makers)


def _listed(post: ListedPost, templates: _Templates, zone: Any) -> dict[str, Any]:
    name = post.path.rpartition("/")[2]
    slug = re.sub(r"\A\d{2,4}-\d{1,2}-\d{1,2}-", "", posixpath.splitext(name)[0])
    url = templates.below_base(post.url)
    return {
        "title": post.title, "url": url, "date": post.published.astimezone(zone), "path": post.path, "relative_path": post.path,
        "categories": [path[-1] for path in post.categories], "tags": list(post.tags), "slug": slug, "name": name,
        "id": posixpath.join(posixpath.dirname(url), slug), "collection": "posts", "ext": posixpath.splitext(name)[1],
    }  # fmt: skip


def _neighbour(path: str, resolver: Resolver, templates: _Templates, zone: Any, step: int) -> dict[str, Any] | None:
    """The post published before (1) or after (-1) the one at a path."""
    posts = resolver.published()
    place = next((number for number, post in enumerate(posts) if post.path == path), None)
    if place is None or not 0 <= place + step < len(posts):
        return None
    return _listed(posts[place + step], templates, zone)


def _site(resolver: Resolver, site: SiteFacts, templates: _Templates, now: datetime) -> Lazy:
    home = urlsplit(site.home)
    config = templates.config()
    own = {"url": f"{home.scheme}://{home.netloc}", "baseurl": home.path.rstrip("/"), "time": now.astimezone(site.zone)}

    def posts() -> list[dict[str, Any]]:
        return [_listed(post, templates, site.zone) for post in resolver.published()]

    def by(key: str) -> dict[str, list[dict[str, Any]]]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for post in values["posts"]:
            for name in post[key]:
                groups.setdefault(name, []).append(post)
        return groups

    makers: dict[str, Callable[[], Any]] = {
        "posts": posts, "categories": partial(by, "categories"), "tags": partial(by, "tags"),
        "related_posts": lambda: [post for post in values["posts"] if post["path"] != resolver.place.path][:10],
        "data": lambda: DataFolder(templates.path(str(config.get("data_dir") or "_data")), resolver, site),
        "pages": list, "static_files": list, "documents": posts, "collections": list, "html_pages": list,
    }  # fmt: skip
    values = Lazy({**{key: value for key, value in config.items() if key not in makers}, **own}, makers)
    return values


class _Templates:
    """The files of the site that templates use."""

    def __init__(self, post: Post, resolver: Resolver, site: SiteFacts) -> None:
        self.post, self.resolver, self.site = post, resolver, site
        self._config: Mapping[str, Any] | None = None

    def path(self, below: str) -> str:
        """A path below the site's source as one below the posts folder."""
        return posixpath.normpath(below.strip("/"))

    def config(self) -> Mapping[str, Any]:
        """Jekyll's own settings, {} if they do not lie in the posts folder."""
        if self._config is None:
            texts = (self.resolver.source(name) for name in ("_config.yml", "_config.yaml"))
            tree = data.parsed(next((text for text in texts if text is not None), ""), ".yml", self.site.zone)
            self._config = tree if isinstance(tree, Mapping) else {}
        return self._config

    def include(self, name: str, relative: bool) -> str | None:
        """The source of a file that a tag includes."""
        if relative:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self.post.path), name))
        else:
            path = self.path(f"{self.config().get('includes_dir') or '_includes'}/{name}")
        return None if path.startswith("..") else self.resolver.source(path)

    def below_base(self, url: str) -> str:
        """The path of an address below the site's path; an address of another host as it is."""
        home = self.site.home
        return "/" + url[len(home) :] if url.startswith(home) else url

    def below_host(self, url: str) -> str:
        """The path of an address of the site; an address of another host as it is."""
        home = urlsplit(self.site.home)
        return url.removeprefix(f"{home.scheme}://{home.netloc}") or "/"

    def address(self, tag: str, name: str, line: int) -> str:
        """What `link` or `post_url` writes: a path from the host's root."""
        if tag == "link":
            own = self._page_url(name.lstrip("/"))
            if own is not None:
                return self.below_host(self.site.home.rstrip("/") + normalize(own))
        url = self.resolver.url(name, image=False, form=tag, line=line)
        return NOWHERE if url is None else self.below_host(url)

    def _page_url(self, path: str) -> str | None:
        """The path below the site of a file that is not a post; None if there is none."""
        below = self.path(path)
        if re.search(r"(?:\A|/)_(?:posts|drafts)/", below) or below.startswith("..") or not self.resolver.has_file(below):
            return None
        text = self.resolver.source(below)
        match = _FRONT_MATTER.match(text, 0, _MOST_FRONT_MATTER) if text is not None else None
        if match is None:
            return "/" + escape_segment(path)
        keys = data.parsed(match[1], ".yml", self.site.zone)
        own = keys.get("permalink") if isinstance(keys, Mapping) else None
        stem, ending = posixpath.splitext(path)
        ending = ".html" if ending in (".md", ".markdown", ".mkd", ".mkdn", ".mkdown") else ending
        collection, below_collection = self._collection(stem)
        style = str(self.config().get("permalink") or "date")
        pattern = str(own or (collection or {}).get("permalink") or _page_pattern(style, stem, ending, collection is not None))
        values = {"path": below_collection, "output_ext": ending, "basename": posixpath.basename(stem)}
        values |= {"collection": stem.split("/")[0].lstrip("_"), "title": slugify(posixpath.basename(stem), "pretty", cased=True)}
        values |= {"name": slugify(posixpath.basename(stem)), "slug": slugify(posixpath.basename(stem))}
        url = re.sub(r":([a-z_]+)", lambda match: escape_segment(values.get(match[1], "").strip("/")), pattern)
        return re.sub(r"/{2,}", "/", f"/{url}")

    def _collection(self, stem: str) -> tuple[Mapping[str, Any] | None, str]:
        """The settings of the collection in whose folder a file lies, and the path below it."""
        folder, _, below = stem.partition("/")
        collections = self.config().get("collections")
        if not folder.startswith("_") or not below or not isinstance(collections, Mapping):
            return None, stem
        settings = collections.get(folder[1:])
        return (settings if isinstance(settings, Mapping) else {}, below)


def _page_pattern(style: str, stem: str, ending: str, in_collection: bool) -> str:
    """The pattern of a page's address, as the style of posts' permalinks has it end (Utils.add_permalink_suffix)."""
    start = "/:collection/:path" if in_collection else "/:path"
    if not in_collection and posixpath.basename(stem) == "index":
        folder = posixpath.dirname(stem)
        return f"/{folder}/" if folder else "/"
    if ending != ".html" and not in_collection:
        return start + ":output_ext"
    if style == "pretty" or style.endswith("/"):
        return start + "/"
    return start + ":output_ext" if style in ("date", "ordinal", "none") or style.endswith(":output_ext") else start
