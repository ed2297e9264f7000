"""What templates see in Eleventy: data, `page`, `collections`, the files that they include; in addresses and in posts' texts.

Everything of the site is looked up through the post's resolver, so that a post is rendered again when it changes. The time
of the build is the post's own date: a text must not change because time passes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from feeds.content.links import NOWHERE, Resolver
from feeds.content.liquid import data as typed_data
from feeds.content.liquid.session import Scope
from feeds.content.lookups import ListedPost
from feeds.content.nunjucks import engine as nunjucks
from feeds.dialects.base import PostFacts, SiteFacts
from feeds.dialects.eleventy import dates
from feeds.dialects.eleventy.slugs import slug, slugify
from feeds.model import Post, Value

#: The key under which tags of data files are handed on: Eleventy joins lists of all levels (Deep Data Merge).
INHERITED = "eleventy-inherited-tags"
#: The key under which the site's data are handed on, which layouts overrule.
DEFAULTS = "eleventy-defaults"
#: The key under which the front matter of the site's layouts is handed on until the post's layout is known.
LAYOUTS = "eleventy-layouts"
_ENGINES = {".md": "markdown_engine", ".html": "html_engine", ".njk": "njk", ".liquid": "liquid"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def without_date(name: str) -> str:
    """A file's name without the date that it begins with (TemplateFileSlug)."""
    match = re.search(r"\d{4}-\d{2}-\d{2}-(.*)", name)
    return match[1] if match else name


def file_slug(path: str) -> str:
    """`page.fileSlug`: the name without date and ending; of an index file its folder's."""
    stem = without_date(posixpath.splitext(posixpath.basename(path))[0])
    if stem == "index":
        return without_date(posixpath.basename(posixpath.dirname(path)))
    return stem


def _path_stem(path: str) -> str:
    """`page.filePathStem`: the path without ending, and without the date in the file's name."""
    folder, name = posixpath.split(posixpath.splitext(path)[0])
    return posixpath.join("/", folder, without_date(name))


def engine(path: str, front_matter: Mapping[str, Any], site: SiteFacts) -> str:
    """The engine of a file's templates: "liquid", "njk", "none" or another that is not read."""
    override = front_matter.get("templateEngineOverride")
    if isinstance(override, str):
        names = [name for name in re.split(r"[\s,]+", override) if name not in ("md", "html", "")]
        return names[0] if names and names[0] != "false" else "none"
    named = _ENGINES.get(posixpath.splitext(path)[1], "liquid")
    return str(site.options.get(named, "liquid")) if named.endswith("_engine") else named


def tag_names(value: Value) -> list[str]:
    """Tags in a list, or in text between commas (TemplateData.getCleanedTagsImmutable)."""
    if isinstance(value, str):
        return [tag for tag in dict.fromkeys(value.split(",")) if tag]
    return [str(tag) for tag in dict.fromkeys(map(str, value)) if tag] if isinstance(value, list) else []


def all_tags(front_matter: Mapping[str, Value]) -> list[str]:
    """All tags of a post, those of data files first."""
    tags = tag_names(front_matter.get(INHERITED)) if "override:tags" not in front_matter else []
    own = tag_names(front_matter.get("override:tags", front_matter.get("tags")))
    return list(dict.fromkeys([*tags, *own]))


def template_data(post: Post, facts: PostFacts, tags: Sequence[str], site: SiteFacts) -> dict[str, Any]:
    """What a template sees: the site's data, the post's, and `page`."""
    keys = {key: value for key, value in post.front_matter.items() if key not in (INHERITED, "permalink")}
    full = f"{site.root}/{post.path}" if site.root else post.path
    page = {
        "fileSlug": file_slug(post.path),
        "filePathStem": _path_stem(post.path),
        "date": facts.published or _EPOCH,
        "inputPath": f"./{full}",
        "outputFileExtension": "html",
        "templateSyntax": "md",
    }
    return {**site.options.get("data", {}), **keys, "tags": list(tags), "date": page["date"], "page": page}


_FILTERS: nunjucks.Filters = {
    "slugify": lambda value, *_: slugify(str(value)),
    "slug": lambda value, *_: slug(str(value)),
    "url": lambda value, *_: str(value),
    "log": lambda value, *_: value,
}


def render_address(template: str, language: str, data: Mapping[str, Any], site: SiteFacts) -> str:
    """The template of an address with its data. Raises ValueError with a sentence."""
    if language in ("none", "false") or ("{{" not in template and "{%" not in template):
        return template
    source = nunjucks.from_liquid(template) if language == "liquid" else template
    filters = {**_FILTERS, **dates.filters(site.options.get("date_filters", {}))}
    unknown = nunjucks.unknown_filters(source, filters)
    filters |= {name: partial(_likely_slug, name) for name in unknown if "slug" in name.lower()}
    if other := [name for name in unknown if name not in filters]:
        raise ValueError(
            f"the filter {other[0]!r} in the address {template!r:.100} is code, which is not run; set the pattern of its dates "
            "in dialect.date_filters, or permalink"
        )
    try:
        return nunjucks.render(source, data, filters, escape=False)
    except nunjucks.TemplateError as error:
        raise ValueError(f"the template {template!r:.100} cannot be rendered: {error}; write the address without code") from None


def _likely_slug(name: str, value: object, *_: object) -> str:
    """A filter of the site's own that is called like a slug: it is taken for one if it is given a text."""
    if not isinstance(value, str):
        raise nunjucks.TemplateError(f"the filter {name!r} is code, which is not run (dialect.date_filters can name its pattern)")
    return slugify(value)


def _divided(value: Any, other: Any, *_: Any) -> float | int:
    """LiquidJS divides as JavaScript does."""
    result = float(value) / float(other)
    return int(result) if result.is_integer() else result


# texts


def scope(post: Post, facts: PostFacts, resolver: Resolver, site: SiteFacts) -> Scope:
    """What the templates in a post's text see."""
    language = engine(post.path, post.front_matter, site)
    published = facts.published or _EPOCH
    data = template_data(post, facts, all_tags(post.front_matter), site)
    typed = {key: typed_data.typed(value, UTC) for key, value in post.front_matter.items() if key in data}
    variables = {**data, **typed, "tags": data["tags"], "date": published, "page": data["page"]}
    variables["page"]["url"] = _below_home(resolver.place.permalink, site)
    variables["collections"] = _Collections(resolver, site)
    variables["pkg"] = variables["eleventy"] = {}

    def url(value: object, *_: object) -> str:
        address = str(value)
        return urlsplit(site.home).path.rstrip("/") + address if address.startswith("/") and address[:2] != "//" else address

    def include(name: str, relative: bool) -> str | None:
        folder = posixpath.dirname(post.path) if relative else None
        return _included(name, folder, resolver, site)

    def address(form: str, name: str, line: int) -> str:
        return resolver.url(name, image=False, form=form, line=line) or NOWHERE

    return Scope(
        variables=variables,
        include=include,
        address=address,
        markdown=lambda text: text,
        now=published,
        zone=UTC,
        home=site.home,
        enabled=language in ("liquid", "njk"),
        filters={**_FILTERS, "url": url, "inputPathToUrl": url, "divided_by": _divided},
        language="nunjucks" if language == "njk" else "liquidjs",
    )


def _below_home(url: str, site: SiteFacts) -> str:
    """An address of the site as Eleventy has it, without pathPrefix; another as it is."""
    return "/" + url[len(site.home) :] if url.startswith(site.home) else url


def _included(name: str, folder: str | None, resolver: Resolver, site: SiteFacts) -> str | None:
    """The text of a file that a tag includes, from the folder of includes or beside the post."""
    above = f"{site.root}/" if site.root else ""
    folders = [folder] if folder is not None else []
    folders += [path.removeprefix(above) for path in site.options.get("folders", ("_includes",)) if path.startswith(above)]
    endings = ("",) if posixpath.splitext(name)[1] else (".liquid", ".html", "")
    paths = (posixpath.normpath(posixpath.join(place, name + ending)) for place in folders for ending in endings)
    return next((text for path in paths if not path.startswith("..") and (text := resolver.source(path)) is not None), None)


class _Collections(Mapping[str, Any]):
    """`collections`: all posts, or those with a tag, the oldest first."""

    def __init__(self, resolver: Resolver, site: SiteFacts) -> None:
        self._resolver, self._site = resolver, site

    def __getitem__(self, key: str) -> list[dict[str, Any]]:
        every = ("all", "post", "posts", self._site.options.get("collection", "posts"))
        posts = [post for post in self._resolver.published() if key in every or key in post.tags]
        return [self._listed(post) for post in sorted(posts, key=lambda post: (post.published, post.path))]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def __iter__(self) -> Any:
        return iter(sorted({tag for post in self._resolver.published() for tag in post.tags} | {"all"}))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _listed(self, post: ListedPost) -> dict[str, Any]:
        url = _below_home(post.url, self._site)
        full = f"./{self._site.root}/{post.path}" if self._site.root else f"./{post.path}"
        page = {"url": url, "date": post.published, "fileSlug": file_slug(post.path), "inputPath": full}
        return {
            **page,
            "page": page,
            "data": {"title": post.title, "tags": list(post.tags), "date": post.published, "page": page},
        }
