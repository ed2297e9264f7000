"""Zola: how its blogs read (https://www.getzola.org/documentation/).

The posts folder is the content folder. A page is a post if it has a date, as in Zola's own feeds; an address is the folders
as they are and the page's slug, unless the front matter has a `path`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from feeds.content import links
from feeds.content.flavour import PULLDOWN_CMARK
from feeds.dialects.base import POST, Dialect, FileKind, Found, Keys, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.config_files import GeneratedFeed, author, feed_path, number, table, word
from feeds.lazy_patterns import lazy_pattern
from feeds.linear_patterns import linear_pattern
from feeds.model import Post, Value

#: The date with which a file's name may begin, and the slug behind it (components/content/src/page.rs).
_DATED = lazy_pattern(
    r"(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?)(?:\s?[_-](?P<slug>.+))?\Z"
)
#: What no file name of Windows may hold; the strategy "safe" takes it out.
_UNSAFE = lazy_pattern(r'[<>:"/\\|?*]')
#: Characters that Zola's deunicode spells otherwise than text-unidecode does.
_SPELLED = {"么": "me ", "什": "shen ", "价": "jia ", "旅": "lv ", "术": "shu ", "Ъ": "'", "ъ": "'"}
#: The settings' names; since version 0.22 Zola looks for the first of them before the other.
_CONFIGS = ("zola.toml", "config.toml")


class _Name(NamedTuple):
    """A content file's path taken apart: its folders, its name without language and ending, its language."""

    folders: str
    name: str
    language: str

    @property
    def is_index(self) -> bool:
        """Whether it is the page of its folder, with its assets beside it."""
        return bool(self.folders) and self.name.partition(".")[0] == "index"

    @property
    def slug_source(self) -> str:
        """What the slug is made of if the front matter names none."""
        return self.folders.rpartition("/")[2] if self.name == "index" and self.folders else self.name


class Zola(Dialect):
    """Zola's conventions."""

    name = "zola"
    label = "Zola"
    tag_tables = ("zola",)
    template_folders = ("templates/shortcodes", "themes/*/templates/shortcodes")
    endings: Mapping[str, str] = {".md": "markdown"}
    unread: Mapping[str, str] = {}
    settings_files = _CONFIGS
    keys = Keys(
        published=("date",), updated=("updated",), expires=(), links=(), categories=(), tags=(), authors=("authors",)
    )  # fmt: skip
    categories_mode = "parallel"
    flavour = PULLDOWN_CMARK
    static_folders = {"static": ""}
    old_feeds = ("atom.xml", "rss.xml", "feed.xml", "index.xml")
    options: Mapping[str, Option] = {
        "slugify": Option(
            "text", 'How slugs are made of names: "on" (the default), "safe" or "off", as Zola\'s [slugify] paths.'
        ),
        "keep_dates": Option("true or false", "Dates at the start of file names stay in slugs, as Zola's paths_keep_dates."),
        "default_language": Option("text", "The language of files that name none, as Zola's default_language."),
        "languages": Option("a list", "The other languages' codes, which file names may end in."),
        "ignored_content": Option("a list", "Patterns of files that are no content, as Zola's ignored_content."),
        "category_taxonomies": Option("a list", "The taxonomies whose terms are categories."),
        "tag_taxonomies": Option("a list", "The taxonomies whose terms are tags."),
    }

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        """Sections' own pages are none, nor is what the site's settings ignore."""
        for pattern in site.options.get("ignored_content", ()):
            if _glob(str(pattern), f"/content/{path}"):
                return FileKind("ignored")
        return FileKind("page", "section-page") if path.rpartition("/")[2].startswith("_index.") else POST

    def is_data(self, path: str, site: SiteFacts) -> bool:
        """`_index.md` may make its section a draft."""
        return path.rpartition("/")[2].startswith("_index.")

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        """Of the sections above a page only their being drafts concerns it."""
        folder = path.rpartition("/")[0]
        above = {""}
        while folder:
            above.add(folder)
            folder = folder.rpartition("/")[0]
        drafts = (keys.get("draft") for name, keys in data.items() if name.rpartition("/")[0] in above)
        # What is not a boolean ends Zola's build: the section stays out.
        return {"sectiondraft": "true"} if any(value and str(value).lower() != "false" for value in drafts) else {}

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """Terms from the table `taxonomies`, the date from the file's name, the language from its end."""
        name = _name(facts.path, site)
        dated = _DATED.match(name.slug_source)
        if facts.dated_by != "date":
            facts.published = self.date(dated["date"], site.zone) if dated else None
            facts.dated_by = "file name" if dated else ""
        if facts.status == "out":
            facts.status = "draft" if "sectiondraft" in facts.keys else "out" if facts.published is not None else "page"
        terms = table(facts.keys.get("taxonomies"))
        categories = site.options.get("category_taxonomies", ("categories", "category"))
        tags = site.options.get("tag_taxonomies", ("tags", "tag"))
        facts.categories = tuple((term,) for term in _terms(terms, categories))
        facts.tags = tuple(_terms(terms, tags))
        facts.language = name.language if site.options.get("languages") else ""
        path = facts.keys.get("path")
        if isinstance(path, str) and path.strip():
            facts.extra["path"] = path.strip()
        slug = facts.keys.get("slug")
        facts.extra["slug"] = slug if isinstance(slug, str) else ""
        if not facts.slug and dated and dated["slug"] and not site.options.get("keep_dates"):
            facts.slug = dated["slug"]
        return facts

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The page's address: its own `path`, else its folders as they are and its slug."""
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        name = _name(facts.path, site)
        if name.name == "_index":
            return site.home + "".join(f"{part}/" for part in (self._prefix(name, site), name.folders) if part)
        path = facts.extra.get("path", "")
        if not path:
            dated = _DATED.match(name.slug_source)
            source = facts.extra.get("slug", "")
            if not source:
                cut = dated is not None and dated["slug"] and not site.options.get("keep_dates")
                source = dated["slug"] if dated is not None and cut else name.slug_source
            folders = name.folders.rpartition("/")[0] if name.is_index else name.folders
            own = slugified(source, str(site.options.get("slugify") or "on"))
            path = "/".join(part for part in (self._prefix(name, site), folders, own) if part)
        path = path.lstrip("/")
        return site.home + (path if path.endswith("/") else path + "/")

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        return self.permalink(facts, facts.slug, facts.published or datetime(1970, 1, 1, tzinfo=UTC), site)

    def _prefix(self, name: _Name, site: SiteFacts) -> str:
        """The folder of a translation's addresses."""
        return "" if name.language == str(site.options.get("default_language") or "en") else name.language

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """`@/blog/a.md` is a path from the content folder; what is relative lies beside the page."""
        if reference.path.startswith("@/"):
            path, inner = reference.path[2:], site.root.partition("/")[2]
            if not inner or path.startswith(inner + "/"):
                yield links.post_at(path[len(inner) + 1 :] if inner else path)
            return
        yield from super().candidates(reference, site)

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings: a zola.toml or config.toml with `base_url`, beside a folder of content."""
        return _detect(folder)


def slugified(text: str, strategy: str) -> str:
    """A slug as Zola makes it by its strategies "on", "safe" and "off" (components/utils/src/slugs.rs)."""
    if strategy == "off":
        return text
    if strategy == "safe":
        return _UNSAFE.sub("", text.rstrip(" ."))
    result: list[str] = []
    for char in "".join(char if char.isascii() else _spelled(char) for char in text):
        if char.isascii() and char.isalnum():
            result.append(char.lower())
        elif result and result[-1] != "-":
            result.append("-")
    return "".join(result).strip("-")


def _spelled(char: str) -> str:
    """A character in ASCII, as the deunicode library has it."""
    from text_unidecode import unidecode  # type: ignore[import-untyped]

    if char in _SPELLED:
        return _SPELLED[char]
    if ord(char) >= 0x1F000:
        return unicodedata.name(char, "").lower() + " "
    return str(unidecode(char)) or str(unidecode(unicodedata.normalize("NFKC", char)))


def _name(path: str, site: SiteFacts) -> _Name:
    """A path below the posts folder taken apart; a language stands behind the first dot of the file's name."""
    # A posts folder such as content/blog is a section already.
    path = site.root.partition("/")[2] + "/" + path if "/" in site.root else path
    folders, _, file = path.rpartition("/")
    name = file.rpartition(".")[0] or file
    default = str(site.options.get("default_language") or "en")
    stem, _, code = name.partition(".")
    if code and code in site.options.get("languages", ()):
        return _Name(folders, stem, code)
    return _Name(folders, name, default)


def _terms(taxonomies: Mapping[str, Any], names: Any) -> Iterator[str]:
    from feeds.text import plain

    seen: set[str] = set()
    for name in names:
        terms = taxonomies.get(str(name))
        for term in terms if isinstance(terms, list) else ():
            text = plain(term, 200) if isinstance(term, str) else ""
            if text and text not in seen:
                seen.add(text)
                yield text


def _glob(pattern: str, path: str) -> bool:
    """Whether a pattern fits a whole path; "*" goes across folders, as in the globset library."""
    parts = re.split(r"(\*+|\?|\{[^{}]*\})", pattern)
    marks = {"?": "."}
    regex = "".join(
        ".*" if part.startswith("*")
        else "(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")" if part.startswith("{")
        else marks.get(part, re.escape(part))
        for part in parts
    )  # fmt: skip
    try:
        return linear_pattern(regex).fullmatch(path)
    except ValueError:
        # Too long to be read: it may be what leaves the file out.
        return True


def _detect(folder: SiteFolder) -> Found | None:
    name = next(filter(folder.has_file, _CONFIGS), None)
    if name is None or not folder.has_folder("content"):
        return None
    tree = folder.tree(name) or {}
    if not word(tree.get("base_url")):
        return None
    slugify, markdown = table(tree.get("slugify")), table(tree.get("markdown"))
    default = word(tree.get("default_language")) or "en"
    languages = [code for code in table(tree.get("languages")) if code != default]
    base = word(tree.get("base_url"))
    own = table(table(tree.get("languages")).get(default))
    strategy = word(slugify.get("paths"))
    options: dict[str, Any] = {
        "slugify": strategy if strategy in ("safe", "off") else "",
        "keep_dates": slugify.get("paths_keep_dates") is True,
        "default_language": default if default != "en" else "",
        "languages": languages,
        "ignored_content": [word(pattern) for pattern in tree.get("ignored_content") or () if word(pattern)],
    }
    flavour = {
        "emoji": markdown.get("render_emoji") is True,
        "typography": "markdown-it" if markdown.get("smart_punctuation") is True else "",
        "definition_lists": markdown.get("definition_list") is True,
        "callouts": markdown.get("github_alerts") is True,
    }
    return Found(
        "Zola",
        {
            "base_url": base if base.endswith("/") else base + "/",
            "posts": "content",
            "output": word(tree.get("output_dir")) or "public",
            "title": word(tree.get("title")) or word(own.get("title")),
            "description": word(tree.get("description")) or word(own.get("description")),
            "language": default,
            "author": author(tree.get("author")),
            "categories_mode": "parallel",
            "dialect": {name: value for name, value in options.items() if value},
            "markdown": {name: value for name, value in flavour.items() if value},
        },
        feeds=_feeds(tree),
    )


def _feeds(tree: Mapping[str, Any]) -> tuple[GeneratedFeed, ...]:
    """The feeds of the home page: generate_feeds, in old sites generate_feed."""
    if tree.get("generate_feeds", tree.get("generate_feed")) is not True:
        return ()
    names = tree.get("feed_filenames") or [tree.get("feed_filename") or "atom.xml"]
    paths = [feed_path(name) for name in names] if isinstance(names, list) else []
    return tuple(
        GeneratedFeed(path, "rss" if "rss" in path else "atom", number(tree.get("feed_limit"))) for path in paths if path
    )


DIALECT = Zola()
