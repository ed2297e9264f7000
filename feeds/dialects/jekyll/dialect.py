"""Jekyll: how its blogs read (https://jekyllrb.com/docs/)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from feeds import ruby_time
from feeds.content import links
from feeds.content.flavour import KRAMDOWN
from feeds.content.liquid.session import Scope
from feeds.content.liquid.slugs import escape_segment, normalize, slugify
from feeds.dialects.base import Dialect, FileKind, Found, Keys, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.config_files import table, word
from feeds.dialects.jekyll import polyglot
from feeds.dialects.jekyll.settings import detect
from feeds.lazy_patterns import lazy_pattern
from feeds.linear_patterns import linear_pattern
from feeds.model import Post, Quoted, Value
from feeds.urls import resolve

#: Built-in styles of `permalink` (https://jekyllrb.com/docs/permalinks/#built-in-formats).
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
#: Placeholder of a date -> strftime directive.
_MOMENT = {
    "year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S", "i_day": "%-d", "i_month": "%-m",
    "short_month": "%b", "long_month": "%B", "short_year": "%y", "w_year": "%G", "week": "%V", "w_day": "%u", "short_day": "%a",
    "long_day": "%A", "y_day": "%j",
}  # fmt: skip
_NAMES = (*_MOMENT, "title", "slug", "name", "path", "collection", "categories", "slugified_categories", "output_ext")
#: A folder of posts: what is above it, its name, and the path below it.
_POSTS = lazy_pattern(r"((?:[^/]+/)*?)(_posts|_drafts)/(.+)\Z", re.DOTALL)
_DATED = lazy_pattern(r"(\d{2,4}-\d{1,2}-\d{1,2})-([^/]*)(\.[^.]+)\Z", re.ASCII)
#: What Jekyll leaves out whatever the settings say (Jekyll::Configuration::DEFAULT_EXCLUDES).
_EXCLUDED = (
    ".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules", "vendor/bundle/", "vendor/cache/",
    "vendor/gems/", "vendor/ruby/",
)  # fmt: skip
_SPECIAL = ("_", ".", "#", "~")
_MARKDOWN = (".md", ".markdown", ".mkd", ".mkdn", ".mkdown")


def _site_path(path: str, site: SiteFacts) -> str:
    """The path below Jekyll's source folder."""
    whole = f"{site.root}/{path}".lstrip("/")
    source = str(site.options.get("source", "")).strip("/")
    return whole.removeprefix(source + "/") if source else whole


def _collection_path(path: str, site: SiteFacts) -> str:
    """The path below the folder of collections, which is the source folder unless set (Document#relative_path)."""
    folder = str(site.options.get("collections_dir", "")).strip("/")
    whole = _site_path(path, site)
    return whole.removeprefix(folder + "/") if folder else whole


def _folders_above(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _matches(patterns: tuple[str, ...], path: str, *, is_folder: bool) -> bool:
    """Whether one of Jekyll's globs covers a path (EntryFilter#glob_include?): a pattern is a beginning, too."""
    return any(
        fnmatchcase(path, pattern) or path.startswith(pattern) or (is_folder and pattern == path + "/")
        for pattern in (text.removeprefix("/") for text in patterns)
        if pattern
    )


def _words(value: Value) -> list[str]:
    """The names in `categories` or `tags`: words of a text, items of a list."""
    if isinstance(value, list):
        return [name for item in value for name in (_words(item) if isinstance(item, list) else [_text(item)]) if name.strip()]
    return re.findall(r"[^ \t\n\v\f\r\0]+", _text(value))


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _all_names(keys: Mapping[str, Value], singular: str, plural: str) -> list[str]:
    """What `category: a` or `categories: [a, b]` name: the singular one wins, and is one name if it is a text."""
    value = keys.get(singular)
    if isinstance(value, str):
        return [value] if value.strip() else []
    return _words(value if value is not None else keys.get(plural))


def _united(*lists: list[str]) -> list[Value]:
    return list(dict.fromkeys(name for names in lists for name in names))


def _default_scopes(site: SiteFacts) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The scope and the values of each of `defaults` that has both."""
    for entry in site.options.get("defaults", ()):
        scope, values = table(table(entry).get("scope")), table(entry).get("values")
        if isinstance(values, Mapping):
            yield scope, values


class Jekyll(Dialect):
    """Jekyll's conventions."""

    name = "jekyll"
    label = "Jekyll"
    settings_files = ("_config.yml", "_config.yaml", "_config.toml")
    tag_tables = ("jekyll", "kramdown", "wordpress")
    endings = {**dict.fromkeys(_MARKDOWN, "markdown"), ".html": "html", ".htm": "html", ".txt": "html"}
    unread = {**Dialect.unread, ".rst": "reStructuredText"}
    categories_mode = "parallel"
    permalink_names = _NAMES
    # `id` of a post is its address (Jekyll::Document#id), whatever front matter says.
    keys = Keys(published=("date",), ids=("guid", "uuid"), links=("permalink",))
    flavour = replace(KRAMDOWN, liquid=True)
    machine_zone = True
    empties_output = True
    last_key_wins = True
    old_feeds = ("feed.xml", "atom.xml", "rss.xml", "feed/index.xml", "feed.atom", "index.xml")
    options = {
        "source": Option("text", "Folder of Jekyll's source, if it is not that of feeds.toml."),
        "collections_dir": Option("text", "Folder in which all _posts folders lie."),
        "include": Option("a list", "Files and folders that Jekyll reads although their names begin with _ or a dot."),
        "exclude": Option("a list", "Files and folders that Jekyll does not read."),
        "defaults": Option("a list", "Front matter that posts inherit: tables with a scope (path, type) and values."),
        **polyglot.OPTIONS,
    }

    # what is a post

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        place = _POSTS.match(_site_path(path, site))
        collections = str(site.options.get("collections_dir", "")).strip("/")
        if place is None or (collections and not place[1].startswith(collections + "/")):
            return FileKind("ignored")
        if self._is_left_out(place[1], place[2], place[3], site):
            return FileKind("ignored")
        if place[2] == "_drafts":
            return FileKind("draft")
        return FileKind("post") if _DATED.match(path.rpartition("/")[2]) else FileKind("page", "no-date-in-name")

    def _is_left_out(self, above: str, posts: str, below: str, site: SiteFacts) -> bool:
        """Whether Jekyll passes over a file in a folder of posts: an underscore, a dot, a backup, or an excluded path.

        Of the folders within `_posts` only the first one's name counts, as EntryFilter looks at the beginning of the path.
        """
        include = tuple(map(str, site.options.get("include", ())))
        exclude = (*map(str, site.options.get("exclude", ())), *_EXCLUDED)
        for folder in _folders_above(above):
            name = folder.rpartition("/")[2]
            if _matches(include, folder, is_folder=True) or _matches(include, name, is_folder=True):
                continue
            if name.startswith(_SPECIAL) or _matches(exclude, folder, is_folder=True):
                return True
        name = below.rpartition("/")[2]
        if _matches(include, below, is_folder=False) or _matches(include, name, is_folder=False):
            return False
        special = below.startswith(_SPECIAL) or name.startswith(_SPECIAL) or name.endswith("~")
        return special or _matches(exclude, f"{above}{posts}/{below}", is_folder=False)

    # what its front matter says

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        relative = _collection_path(path, site)
        keys = self._defaults(relative, site)
        place = _POSTS.match(relative)
        folders = place[1].strip("/").split("/") if place and place[1] else []
        keys["categories"] = _united(folders, _words(keys.get("categories")))
        match = _DATED.match(path.rpartition("/")[2])
        stem = (match[2] if match else path.rpartition("/")[2].rpartition(".")[0]).rstrip(".")
        keys.setdefault("title", " ".join(part.capitalize() for part in stem.split("-")).strip())
        return keys

    def _defaults(self, path: str, site: SiteFacts) -> dict[str, Value]:
        """The `defaults` that apply to a post (FrontmatterDefaults#all): the longer path wins, then the one with a type."""
        collected: dict[str, Value] = {}
        old: Mapping[str, Any] | None = None
        for scope, values in _default_scopes(site):
            if not self._applies(scope, path, site):
                continue
            if old is None or _precedes(scope, old):
                collected, old = _deep({**collected}, values), scope
            else:
                collected = _deep(dict(values), collected)
        return collected

    def _applies(self, scope: Mapping[str, Any], path: str, site: SiteFacts) -> bool:
        if "type" in scope and word(scope["type"]) not in ("posts", "post"):
            return False
        wanted = scope.get("path")
        if not isinstance(wanted, str) or not wanted:
            return True
        folder = str(site.options.get("collections_dir", "")).strip("/")
        if "*" in wanted:
            return any(_glob(wanted, above) for above in (*_folders_above(path), path))
        return path.startswith(wanted.removeprefix(folder + "/") if folder else wanted)

    def merge(self, inherited: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
        keys = dict(inherited)
        for key, value in own.items():
            if key == "categories" and value is not None:
                keys[key] = _united(_words(keys.get(key)), _words(value))
            elif value is None and keys.get(key) is not None:
                continue
            else:
                keys = _deep(keys, {key: value})
        if not _text(keys.get("title")).strip() and not isinstance(keys.get("title"), list | dict):
            keys["title"] = inherited["title"]
        # `published:` without a value is nil, which hides like false (Publisher#can_be_published?).
        if "published" in keys and keys["published"] is None:
            keys["published"] = "false"
        keys["categories"] = _united(_words(keys.get("categories")), _all_names(keys, "category", "categories"))
        keys["tags"] = list(_all_names(keys, "tag", "tags"))
        keys.pop("category", None)
        keys.pop("tag", None)
        return keys

    def date(self, text: str, zone: tzinfo) -> datetime:
        result = None if isinstance(text, Quoted) else ruby_time.yaml_time(text)
        return result or ruby_time.parse(text, zone)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        match = _DATED.match(facts.path.rpartition("/")[2])
        # Jekyll's keys are those in small letters: `Date` is none of its own.
        if facts.dated_by in ("", "file name") or (match and facts.dated_by.lower() == "date" != facts.dated_by):
            facts.published, facts.dated_by = (ruby_time.parse(match[1], site.zone), "file name") if match else (None, "")
        polyglot.interpret(facts, site)
        return facts

    # where it is

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        style = site.permalink or "date"
        pattern = facts.link if facts.link is not None else _STYLES.get(style, style)
        path = re.sub(r":([a-z_]+)", lambda match: _value(match[1], facts, published, site), pattern)
        path = re.sub(r"/{2,}", "/", f"/{path}".replace("..", "/").replace("./", ""))
        return site.home.rstrip("/") + normalize(polyglot.place(path, facts, site))

    # what is in its text

    static_folders = {"": ""}

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        if reference.form == "post_url":
            yield from _posts_called(reference.path.lstrip("/"), site)
        elif reference.form == "link":
            yield links.post_at(_below_root(reference.path.lstrip("/"), site))
        else:
            if reference.form == "address" and reference.path and not reference.path.startswith("/"):
                yield from _on_page(reference, site)
            yield from super().candidates(reference, site)

    def scope(self, post: Post, facts: PostFacts, resolver: links.Resolver, site: SiteFacts) -> Scope | None:
        from feeds.dialects.jekyll import templates

        return templates.scope(post, facts, resolver, site)

    # moving in

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


def _below_root(source_path: str, site: SiteFacts) -> str:
    """A path below Jekyll's source folder as one below the posts folder; the opposite of `_site_path`."""
    source = str(site.options.get("source", "")).strip("/")
    whole = f"{source}/{source_path}" if source else source_path
    return whole.removeprefix(f"{site.root}/") if site.root else whole


def _on_page(reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
    """What a relative address means on the post's page: a file of the site, if it is there."""
    url = resolve(reference.written, reference.permalink) or ""
    if url.startswith(site.home):
        below = unquote(url[len(site.home) :].partition("?")[0].partition("#")[0])
        if below and not below.endswith("/"):
            yield links.file_at(_below_root(posixpath.normpath(below), site), reference.written)


def _posts_called(name: str, site: SiteFacts) -> Iterator[links.Candidate]:
    """The posts that `post_url` may mean by a name: `folder/2020-01-01-title`, the folder above or below `_posts`."""
    folder, slash, base = name.rpartition("/")
    collections = str(site.options.get("collections_dir", "")).strip("/")
    start = f"{collections}/" if collections else ""
    for path in (f"{start}_posts/{name}", f"{start}{folder}{slash}_posts/{base}"):
        for ending in Jekyll.endings:
            yield links.post_at(_below_root(path + ending, site))
    yield links.post_named(base)


def _precedes(scope: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    length, old_length = (len(word(item.get("path")).removeprefix("/")) for item in (scope, old))
    return length > old_length if length != old_length else "type" in scope or "type" not in old


def _deep(keys: dict[str, Value], values: Mapping[str, Any]) -> dict[str, Value]:
    """The keys with the values over them, tables within tables alike; nil changes nothing (Utils.deep_merge_hashes)."""
    for key, value in values.items():
        before = keys.get(key)
        if isinstance(before, dict) and isinstance(value, Mapping):
            keys[key] = _deep(dict(before), value)
        elif value is not None or key not in keys:
            keys[key] = value
    return keys


#: With no more stars than these (`**/a*`), `re` is fast enough, and faster than a search without going back.
_FEW_STARS = 4


def _glob(pattern: str, path: str) -> bool:
    """Whether Dir.glob's pattern matches a path: `*` within a name, `**/` any folders; no wild card begins with a dot."""
    forms = {"**/": r"(?:[^/.][^/]*/)*", "*": r"[^/]*", "?": r"[^/]"}
    parts = re.split(r"(\*\*/|\*|\?|\[[^\]]*\])", pattern.strip("/"))
    expression = "".join(forms.get(part) or (part if part[:1] == "[" else re.escape(part)) for part in parts)
    try:
        if pattern.count("*") <= _FEW_STARS:
            return re.fullmatch(expression, path) is not None
        return linear_pattern(expression).fullmatch(path)
    except (ValueError, re.error):
        return False


def _value(name: str, facts: PostFacts, published: datetime, site: SiteFacts) -> str:
    """What stands for a placeholder; a name that ends in "_" may be one without it (`:year_:month`)."""
    if name not in _NAMES:
        if name.endswith("_") and name[:-1] in _NAMES:
            return _value(name[:-1], facts, published, site) + "_"
        return f":{name}"
    if name in _MOMENT:
        return ruby_time.strftime(published, _MOMENT[name])
    base, dot, ending = facts.path.rpartition("/")[2].rpartition(".")
    if name == "output_ext":
        return ".html" if dot + ending.lower() in _MARKDOWN else dot + ending
    match = _DATED.match(facts.path.rpartition("/")[2])
    slug = facts.slug or (match[2].rstrip(".") if match else base)
    categories = dict.fromkeys(path[0] for path in facts.categories if path)
    values: dict[str, Callable[[], str]] = {
        "title": lambda: slugify(slug, "pretty", cased=True),
        "slug": lambda: slugify(slug),
        "name": lambda: slugify(base),
        "path": lambda: _collection_path(facts.path, site).rpartition(".")[0].replace("_posts", "", 1).rstrip("."),
        "collection": lambda: "posts",
        "categories": lambda: "/".join(dict.fromkeys(category.lower() for category in categories)),
        "slugified_categories": lambda: "/".join(dict.fromkeys(map(slugify, categories))),
    }
    return escape_segment(values[name]())


DIALECT = Jekyll()
