"""Eleventy: how its blogs read (https://www.11ty.dev/docs/, Eleventy 3)."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from feeds.content import links
from feeds.content.flavour import MARKDOWN_IT
from feeds.content.liquid.session import Scope
from feeds.content.tag_tables import TagFunction
from feeds.dialects.base import Dialect, FileKind, Found, Keys, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.eleventy import computed, short_codes, templates
from feeds.dialects.eleventy.layouts import enclosing_layouts
from feeds.dialects.eleventy.options import COLLECTIONS, FORMATS, OPTIONS
from feeds.dialects.eleventy.settings import detect
from feeds.dialects.javascript import literals, modules
from feeds.linear_patterns import linear_pattern
from feeds.model import Post, Value
from feeds.text import plain
from feeds.urls import encode_path

_MOST_TITLE = 1_000
_DATA_ENDINGS = (".json", ".11tydata.js", ".11tydata.cjs", ".11tydata.mjs")


class Eleventy(Dialect):
    """Eleventy's conventions. The posts folder is Eleventy's input folder; posts are the pages of one collection."""

    name = "eleventy"
    label = "Eleventy"
    endings: Mapping[str, str] = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".njk": "html", ".liquid": "html"}
    unread: Mapping[str, str] = {
        **Dialect.unread, ".hbs": "Handlebars", ".ejs": "EJS", ".mustache": "Mustache", ".haml": "Haml", ".webc": "WebC",
    }  # fmt: skip
    settings_files = ("eleventy.config.*", ".eleventy.js", ".eleventyignore", "_data/*.*", "*/_data/*.*")
    keys = Keys(
        published=("date",), updated=("updated", "modified", "lastmod", "lastmodified"), links=(),
        categories=("category", "categories"), tags=("tags",),
    )  # fmt: skip
    tag_tables = ("jekyll", "eleventy", "wordpress")
    categories_mode = "parallel"
    flavour = replace(MARKDOWN_IT, indented_code=False, liquid=True)
    options = OPTIONS
    old_feeds = ("feed/feed.xml", "feed.xml", "feed/feed.json", "rss.xml", "atom.xml", "feed.json")

    # what is a post

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        options = site.options
        full = f"{site.root}/{path}" if site.root else path
        ending = posixpath.splitext(path)[1]
        if ending.removeprefix(".") not in options.get("formats", FORMATS):
            return FileKind("resource")
        if any(full == folder or full.startswith(folder + "/") for folder in options.get("folders", ("_includes", "_data"))):
            return FileKind("ignored")
        if any(_matches(full, pattern) for pattern in options.get("ignores", ())):
            return FileKind("ignored", "Eleventy is told to ignore it")
        return FileKind("post")

    def is_data(self, path: str, site: SiteFacts) -> bool:
        return path.endswith(_DATA_ENDINGS) and not any(
            f"{site.root}/{path}".lstrip("/").startswith(folder + "/") for folder in site.options.get("folders", ())
        )

    def data_keys(self, path: str, text: str, site: SiteFacts) -> Mapping[str, Value] | None:
        code = ""
        if path.endswith(".json"):
            tree = json.loads(text)
        else:
            tree, code = modules.exported(f"{site.root}/{path}".lstrip("/"), text)
        if not isinstance(tree, dict):
            return {}
        tree = computed.with_functions(tree, code)
        return {str(key): value for key, item in tree.items() if (value := _value(item)) is not None}

    def data_text(self, path: str, text: str, site: SiteFacts, read: Callable[[str], str | None]) -> str:
        return text if path.endswith(".json") else modules.bundle(f"{site.root}/{path}".lstrip("/"), text, read)

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        """Data of the site, of folders from the uppermost down, then of the post's own data file; lists of tags are joined."""
        keys: dict[str, Value] = {}
        tags: list[Value] = []
        for base in _data_bases(path, site):
            for suffix in reversed(site.options.get("data_suffixes", (".11tydata", ""))):
                for ending in (".json", ".mjs", ".cjs", ".js") if suffix else (".json",):
                    own = data.get(f"{base}{suffix}{ending}", {})
                    tags += [tag for tag in templates.tag_names(own.get("tags")) if tag not in tags]
                    keys.update({key: value for key, value in own.items() if key != "tags"})
        of_site = {
            templates.DEFAULTS: {name: _value(value) for name, value in site.options.get("defaults", {}).items()},
            templates.LAYOUTS: site.options.get("layouts"),
        }
        return {
            **keys,
            **({templates.INHERITED: tags} if tags else {}),
            **{name: table for name, table in of_site.items() if table},
        }

    def merge(self, inherited: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
        """The post's own keys over those of data files, these over those of its layouts, and these over the site's data."""
        keys = {**inherited, **own}
        layouts, defaults = keys.pop(templates.LAYOUTS, None), keys.pop(templates.DEFAULTS, None)
        of_site = defaults if isinstance(defaults, dict) else {}
        if not isinstance(layouts, dict):
            return {**of_site, **keys}
        for table in enclosing_layouts(str(keys.get("layout") or of_site.get("layout") or ""), layouts):  # type: ignore[arg-type]
            keys = {**{key: value for key, value in table.items() if key not in ("layout", "tags")}, **keys}
            if more := templates.tag_names(table.get("tags")):
                keys[templates.INHERITED] = list(dict.fromkeys([*more, *templates.tag_names(keys.get(templates.INHERITED))]))
        return {**of_site, **keys}

    def inherits_from(self, path: str, data_path: str, site: SiteFacts) -> bool:
        """Only files in JSON count: those in JavaScript often hold functions, which are not read."""
        if not data_path.endswith(".json"):
            return False
        base = data_path.removesuffix(".json")
        suffixes = site.options.get("data_suffixes", (".11tydata", ""))
        return any(base == f"{name}{suffix}" for name in _data_bases(path, site) for suffix in suffixes)

    # what its front matter says

    def date(self, text: str, zone: tzinfo) -> datetime:
        """ISO 8601 in UTC if it names no zone (Luxon's fromISO); dates that YAML knows read so, too."""
        week = re.fullmatch(r"(\d{4})-W(\d\d)(?:-(\d))?", text.strip())
        if week:
            day = datetime.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1))
            # YAML and Luxon both take the week's day; the day of a week that has none is its Monday.
            return day.replace(tzinfo=UTC)
        if text.strip().lower() in _FILE_DATES:
            raise ValueError(f"{text!r} is the date of the file, which changes with every copy; write the date of the post")
        return super().date(text, UTC)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        keys = post.front_matter
        data = computed.data(post, facts, templates.template_data(post, facts, templates.all_tags(keys), site))
        values = computed.values(keys, data)
        tags = templates.tag_names(values.get("tags")) or templates.all_tags(keys)
        if isinstance(title := values.get("title"), str) and title.strip():
            facts.title = plain(title, _MOST_TITLE)
        if facts.status == "feed-false" and isinstance(excluded := keys.get("eleventyExcludeFromCollections"), list | str):
            names = [str(name).strip() for name in (excluded if isinstance(excluded, list) else excluded.split(","))]
            if excluded not in ("true", "yes"):
                facts.status = "out"
                tags = [tag for tag in tags if tag not in names]
        if facts.status == "out" and (_is_paged(keys) or not self._is_post(post.path, tags, site)):
            facts.status = "page"
        collection = site.options.get("collection", "posts")
        collections = {"all", "nav", "post", "posts", collection}
        if values.get("tags"):
            # A function that adds one gathers the posts by it.
            collections |= set(COLLECTIONS).difference(templates.all_tags(keys))
        facts.tags = tuple(tag for tag in tags if tag not in collections)
        if facts.published is None or facts.dated_by == "file name":
            named = re.search(r"\d{4}-\d{2}-\d{2}", f"{site.root}/{post.path}")
            facts.published = super().date(named[0], UTC) if named else None
            facts.dated_by = "file name" if named else ""
        if facts.status == "out":
            link = self._link(post, facts, tags, site)
            if link is None:
                facts.status = "unpublished"
            facts.link = link
        return facts

    def _is_post(self, path: str, tags: list[str], site: SiteFacts) -> bool:
        globs = site.options.get("collection_globs")
        if globs:
            full = f"{site.root}/{path}" if site.root else path
            return any(_matches(full, pattern) for pattern in globs)
        collection = site.options.get("collection", "posts")
        return collection == "all" or collection in tags

    # addresses

    def _link(self, post: Post, facts: PostFacts, tags: list[str], site: SiteFacts) -> str | None:
        """The path below the site's home, None for `permalink: false` (TemplatePermalink)."""
        data = templates.template_data(post, facts, tags, site)
        written = computed.permalink(post.front_matter, computed.data(post, facts, data))
        if isinstance(written, dict):
            written = written.get("build")
        if isinstance(written, str) and written.strip().lower() == "false":
            return None
        if not isinstance(written, str) or not written.strip():
            return _default_link(post.path)
        engine = templates.engine(post.path, post.front_matter, site)
        text = templates.render_address(written.strip(), engine, data, site).strip()
        if text.startswith(("http://", "https://")):
            return text
        path = posixpath.normpath("/" + text + ("index.html" if text.endswith("/") else "")).lstrip("/")
        return path.removesuffix("index.html") if path == "index.html" or path.endswith("/index.html") else path

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        link = facts.link if facts.link is not None else _default_link(facts.path)
        return link if "://" in link else site.home + _encoded(link)

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """Addresses are taken as they are unless a plug-in reads them: source files as links, the site's path before "/"."""
        options = site.options
        statics = {folder: f"{path}/" if path else "" for folder, path in options.get("static", {}).items()}
        path = reference.path
        if options.get("link_plugin") and reference.ending in self.endings:
            full = path.removeprefix("/").removeprefix("./")
            above = f"{site.root}/" if site.root else ""
            yield from (
                links.post_at(inner) for inner in (reference.beside(), full, full.removeprefix(above)) if inner[:2] != ".."
            )
        if path.startswith("/") and options.get("base_plugin") and reference.form != "field":
            yield links.address(site.home + reference.written.lstrip("/"))
            return
        yield from links.usual(reference, root=site.root, home=site.home, endings=self.endings, statics=statics, sure=False)

    def file_url(self, path: str, site: SiteFacts) -> str | None:
        """Where a passthrough copy puts the file: the copy of the innermost folder that names it."""
        full = posixpath.normpath(posixpath.join(site.root, path))
        statics: Mapping[str, str] = site.options.get("static", {})
        source = next((name for name in sorted(statics, key=len, reverse=True) if f"{full}/".startswith(f"{name}/")), None)
        if source is None:
            return None
        return site.home + encode_path((statics[source] + full[len(source) :]).lstrip("/"))

    def scope(self, post: Post, facts: PostFacts, resolver: links.Resolver, site: SiteFacts) -> Scope:
        return templates.scope(post, facts, resolver, site)

    def tag_code(self, read: Callable[[str], str | None]) -> str:
        return short_codes.config_code(read)

    def tag_functions(self, code: str) -> Mapping[str, TagFunction]:
        return short_codes.of_code(code)

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


def _data_bases(path: str, site: SiteFacts) -> list[str]:
    """The paths of a post's data files without suffix and ending, the uppermost folder's first."""
    stem = posixpath.splitext(path)[0]
    parts = stem.split("/")[:-1]
    root = posixpath.basename(site.root)
    folders = ["/".join([*parts[: number + 1], parts[number]]) for number in range(len(parts))]
    return [*([root] if root else []), *folders, stem]


_FILE_DATES = frozenset({"last modified", "created", "git last modified", "git created"})


def _encoded(path: str) -> str:
    """A path as a browser's URL parser encodes it (WHATWG URL, path percent-encode set)."""
    from urllib.parse import quote

    return quote(path, safe="/!$&'()*+,;=:@-._~[]|^%" if "%" not in path else "/!$&'()*+,;=:@-._~[]|^")


# values


def _value(item: Any) -> Value:
    """A value of JSON or JavaScript as front matter holds it."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str | int | float):
        return str(item)
    if isinstance(item, literals.TemplateString):
        return item.text
    if isinstance(item, list):
        return [value for part in item if (value := _value(part)) is not None]
    if isinstance(item, dict):
        return {str(key): _value(part) for key, part in item.items()}
    return None


# paths


def _pattern(glob: str) -> str:
    """A glob with `**`, `*`, `?` and `{a,b}`; a folder's name stands for all below it."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\{[^{}]*\})", glob)
    result = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(
        result.get(piece)
        or (f"(?:{'|'.join(map(re.escape, piece[1:-1].split(',')))})" if piece[:1] == "{" and index % 2 else re.escape(piece))
        for index, piece in enumerate(pieces)
    )
    return f"(?:{text})(?:/.*)?"


def _matches(path: str, glob: str) -> bool:
    if "/" not in glob and "*" not in glob:
        return path == glob or path.startswith(glob + "/") or f"/{glob}/" in f"/{path}" or path.endswith("/" + glob)
    try:
        return linear_pattern(_pattern(glob)).fullmatch(path)
    except ValueError:
        return False


def _is_paged(front_matter: Mapping[str, Value]) -> bool:
    """Whether a template makes a page of each item of its data, e.g. an archive or the pages of a tag (Pagination)."""
    pagination = front_matter.get("pagination")
    return isinstance(pagination, dict) and "data" in pagination


def _default_link(path: str) -> str:
    """`posts/a.md` is at posts/a/, `posts/index.md` and `posts/posts.md` at posts/ (TemplatePermalink.generate)."""
    folder, name = posixpath.split(posixpath.splitext(path)[0])
    if name == "index" or posixpath.basename(folder) == name:
        return f"{folder}/" if folder else ""
    return f"{posixpath.join(folder, name)}/"


DIALECT = Eleventy()
