"""Nikola: how its blogs read (https://getnikola.com/handbook.html, Nikola 8.3)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from feeds.content import links, restructuredtext
from feeds.content.flavour import PYTHON_MARKDOWN
from feeds.dialects.base import Dialect, FileKind, Found, Keys, OwnFrontMatter, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.dateutil_dates import own_date
from feeds.dialects.nikola.settings import FILES_FOLDERS, OPTIONS, PAGES, POSTS, detect
from feeds.dialects.transliteration import to_ascii
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value
from feeds.normal_forms import nfc
from feeds.urls import encode_path

_RST: Mapping[str, str] = {".rst": "rst-html5", ".txt": "rst-html5"} if restructuredtext.available() else {}
_LINE = lazy_pattern(r"\s*\.\. (.*?): (.*)")
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


class _File(NamedTuple):
    """What a path says: the untranslated path below the site's folder, the language, and the row of POSTS or PAGES."""

    path: str
    language: str
    kind: str
    destination: str


class Nikola(Dialect):
    """Nikola's conventions. The posts folder is that of POSTS, or the site's own if POSTS names several."""

    name = "nikola"
    label = "Nikola"
    endings: Mapping[str, str] = {
        ".md": "markdown", ".mdown": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", **_RST,
    }  # fmt: skip
    unread: Mapping[str, str] = {
        **{ending: name for ending, name in Dialect.unread.items() if ending not in _RST}, ".t2t": "txt2tags", ".bb": "BBCode",
        ".wiki": "CreoleWiki", ".php": "PHP", **({} if _RST else {".txt": "reStructuredText"}),
    }  # fmt: skip
    settings_files = ("conf.py",)
    keys = Keys(
        published=("date",), updated=("updated",), ids=("guid",), links=(), categories=("category", "section"),
        tags=("tags",), authors=("author",),
    )  # fmt: skip
    categories_mode = "parallel"
    flavour = replace(PYTHON_MARKDOWN, formulas="none")
    tag_tables: tuple[str, ...] = ("nikola",)
    options = OPTIONS
    old_feeds = ("rss.xml", "feed.atom", "atom.xml")

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        return FileKind(_file(path, site).kind)

    # metadata

    def is_data(self, path: str, site: SiteFacts) -> bool:
        """Metadata in a file of its own (`a.meta`), and the posts of which there may be translations."""
        if path.endswith(".meta"):
            return True
        return bool(site.options.get("translations")) and posixpath.splitext(path)[1].lower() in self.endings

    def data_keys(self, path: str, text: str, site: SiteFacts) -> Mapping[str, Value] | None:
        return _lines(text)[0] if path.endswith(".meta") and not text.startswith(("---\n", "+++\n")) else None

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        file = _file(path, site)
        above = f"{site.root}/" if site.root else ""
        keys: dict[str, Value] = {}
        default_language = site.options.get("default_lang", "en")
        if file.language != default_language:
            original = file.path.removeprefix(above)
            if original in data or _meta(original, "", site) in data:
                keys |= data.get(_meta(original, "", site)) or data.get(original, {})
                keys.setdefault("slug", slugify(_stem(original), site.options))
        named = _from_name(f"{above}{path}", site.options)
        own = data.get(_meta(file.path.removeprefix(above), file.language, site), {})
        return {**keys, **named, **own} if file.language == default_language else {**keys, **own}

    def inherits_from(self, path: str, data_path: str, site: SiteFacts) -> bool:
        file = _file(path, site)
        original = file.path.removeprefix(f"{site.root}/" if site.root else "")
        return path != data_path and data_path in (original, *(_meta(original, code, site) for code in ("", file.language)))

    def front_matter(self, path: str, text: str, site: SiteFacts) -> OwnFrontMatter | None:
        if text.startswith(("---\n", "+++\n")):
            return None
        # Metadata and text are apart by a blank line; without one all of it is both (plugin_categories.PageCompiler).
        start = len(text) - len(text.lstrip())
        at = text.find("\n\n", start)
        keys, lines = _lines(text if at < 0 else text[:at])
        if not keys:
            return None if path.lower().endswith((".html", ".htm")) else OwnFrontMatter({}, {}, text, 1)
        body = text if at < 0 else text[at + 2 :]
        return OwnFrontMatter(keys, lines, body, 1 if at < 0 else text.count("\n", 0, at + 2) + 1)

    def date(self, text: str, zone: tzinfo) -> datetime:
        moment = own_date(re.sub(r" UTC([+-][0-9][0-9]:[0-9][0-9])", r"\1", text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        options, file = site.options, _file(post.path, site)
        for form in options.get("metadata_mapping", {}).values():
            for foreign, ours in form.items():
                facts = _mapped(facts, foreign, ours, self, site)
        written = facts.keys.get("slug")
        facts.slug = written if isinstance(written, str) and written else slugify(_stem(post.path), options)
        facts.extra["pretty"] = _text(facts.keys.get("prettyurl")).lower()
        if file.kind != "post":
            return facts
        if facts.published is None:
            raise ValueError("it has no date, and Nikola does not build the site; add a line .. date: 2021-08-04 05:49")
        title = facts.keys.get("title")
        if not isinstance(title, str) or not title.strip():
            facts.title = _stem(file.path)
        default_language = options.get("default_lang", "en")
        facts.language = file.language if file.language != default_language else ""
        facts.tags = tuple(tag for tag in facts.tags if tag)
        if options.get("use_tag_metadata", True):
            flags = [tag for tag in facts.tags if tag.lower() == "draft" or tag == "private"]
            if flags and facts.status == "out":
                facts.status = "draft" if flags[0].lower() == "draft" else "hidden"
        facts.categories = self._categories(facts, file, site)
        return facts

    def _categories(self, facts: PostFacts, file: _File, site: SiteFacts) -> tuple[tuple[str, ...], ...]:
        options = site.options
        name = _text(facts.keys.get("category")) or _text(facts.keys.get("section"))
        if not name and options.get("category_from_folder"):
            inner = _inner_folder(file, site)
            folder = posixpath.normpath(posixpath.join(file.destination, inner))
            name = inner if options.get("category_trim_prefix") and inner != "." else folder
            if options.get("category_first_folder", True):
                name = name.split("/")[0]
            name = options.get("category_names", {}).get(name, name)
        if not name:
            return ()
        if not options.get("category_hierarchies"):
            return ((name,),)
        parts = re.findall(r"(?:\\.|[^\\/])+", name)
        return (tuple(re.sub(r"\\(.)", r"\1", part) for part in parts),)

    # addresses

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        return site.home + quote(nfc(self.page(facts, site)), safe="/~")

    def page(self, facts: PostFacts, site: SiteFacts) -> str:
        options, file = site.options, _file(facts.path, site)
        prefix = options.get("translations", {}).get(facts.language, "") if facts.language else ""
        folder = posixpath.normpath(posixpath.join(file.destination, _inner_folder(file, site)))
        name, index = facts.slug, options.get("index_file", "index.html")
        pretty = options.get("pretty_urls", True) and name != "index"
        pretty = True if facts.extra.get("pretty") in _TRUE else False if facts.extra.get("pretty") in _FALSE else pretty
        pieces = [*prefix.split("/"), *folder.split("/"), *([name, "index.html"] if pretty else [f"{name}.html"])]
        link = "/".join(piece for piece in pieces if piece not in ("", "."))
        if options.get("strip_indexes", True) and f"/{link}".endswith(f"/{index}"):
            link = link[: -len(index)]
        return link

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """`link://slug/name`, `link://filename/posts/a.md` and the addresses of Nikola's own pages, besides the usual."""
        marked = re.match(r"link:(?://)?(\w+)/?(.*)\Z", reference.written, re.DOTALL)
        folders = site.options.get("files_folders", FILES_FOLDERS)
        statics = {folder: f"{path}/" if path else "" for folder, path in folders.items()}
        if marked is None:
            yield from links.usual(reference, root=site.root, home=site.home, endings=self.endings, statics=statics, sure=False)
            return
        mark, name = marked[1], reference.path.partition("://")[2].partition("/")[2]
        if mark == "filename":
            above = f"{site.root}/" if site.root else ""
            yield links.post_at(posixpath.normpath(name).removeprefix(above))
        elif mark == "slug":
            yield links.post_slugged(name)
            yield links.post_slugged(slugify(name, site.options))
        elif mark in _PAGES:
            slug = slugify(name, site.options)
            yield links.address(site.home + encode_path(_PAGES[mark].format(slug=slug)) + reference.suffix)

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


_PAGES = {
    "root": "", "index": "", "rss": "rss.xml", "archive": "archive.html", "category": "categories/cat_{slug}/",
    "tag": "categories/{slug}/", "tag_index": "categories/", "category_index": "categories/", "gallery": "galleries/{slug}/",
}  # fmt: skip


# paths


def _file(path: str, site: SiteFacts) -> _File:
    options = site.options
    languages = (options.get("default_lang", "en"), *sorted(options.get("translations", {})))
    full = f"{site.root}/{path}" if site.root else path
    original, language = full, languages[0]
    match = _pattern(options.get("translations_pattern", "{path}.{lang}.{ext}"), languages).match(full)
    if match:
        original, language = f"{match['path']}.{match['ext']}", match["lang"]
    name = full.rpartition("/")[2]
    folder = posixpath.dirname(full)
    for kind, rows in (("post", options.get("posts", POSTS)), ("page", options.get("pages", PAGES))):
        for wildcard, destination in rows:
            above, _, pattern = wildcard.rpartition("/")
            inside = folder == above or not above or folder.startswith(above + "/")
            if inside and (fnmatchcase(name, pattern) or fnmatchcase(original.rpartition("/")[2], pattern)):
                return _File(original, language, kind, destination)
    return _File(original, language, "ignored", "")


@lru_cache(16)
def _pattern(pattern: str, languages: tuple[str, ...]) -> re.Pattern[str]:
    """TRANSLATIONS_PATTERN as an expression (utils.get_translation_candidate)."""
    text = re.escape(pattern).replace(r"\{path\}", "(?P<path>.+?)").replace(r"\{ext\}", r"(?P<ext>[^\./]+)")
    return re.compile(text.replace(r"\{lang\}", f"(?P<lang>{'|'.join(map(re.escape, languages))})") + r"\Z")


def _inner_folder(file: _File, site: SiteFacts) -> str:
    """The folder of a file below that of its wildcard, "." for that folder itself."""
    folder = posixpath.dirname(file.path)
    for wildcard, destination in (*site.options.get("posts", POSTS), *site.options.get("pages", PAGES)):
        above = posixpath.dirname(wildcard)
        if destination == file.destination and (folder == above or not above or folder.startswith(above + "/")):
            return posixpath.relpath(folder or ".", above or ".")
    return "."


def _meta(path: str, language: str, site: SiteFacts) -> str:
    """The path of a post's metadata file."""
    stem = posixpath.splitext(path)[0]
    if not language or language == site.options.get("default_lang", "en"):
        return stem + ".meta"
    pattern: str = site.options.get("translations_pattern", "{path}.{lang}.{ext}")
    return pattern.replace("{path}", stem).replace("{lang}", language).replace("{ext}", "meta")


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def slugify(text: str, options: Mapping[str, Any]) -> str:
    """A slug as Nikola makes it (utils.slugify)."""
    if options.get("use_slugify", True):
        text = re.sub(r"[^+\w\s-]", "", to_ascii(text)).strip().lower()
        return re.sub(r"[-\s]+", "-", text)
    return re.sub(r"[/\\?#\"'\r\n\t*:<>|]", "-", text)


# metadata


def _text(value: Value) -> str:
    return value.strip() if isinstance(value, str) else ""


def _lines(text: str) -> tuple[dict[str, Value], dict[str, int]]:
    """`.. key: value` lines, wherever they are; of equal keys the last (metadata_extractors.NikolaMetadata)."""
    keys: dict[str, Value] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        match = _LINE.match(line)
        if match and match[2]:
            key = match[1].strip()
            value = match[2] if key == "slug" else match[2].strip()  # Nikola keeps a blank behind a slug, in the address as well
            keys[key] = [name.strip() for name in value.split(",")] if key in ("tags", "author") else value
            lines.setdefault(key, number)
    return keys, lines


def _from_name(path: str, options: Mapping[str, Any]) -> dict[str, Value]:
    """Metadata in a path (FILE_METADATA_REGEXP)."""
    pattern = options.get("file_metadata_regexp", "")
    match = re.match(pattern, path) if pattern else None
    keys: dict[str, Value] = {}
    for key, value in match.groupdict().items() if match else ():
        if value is None:
            continue
        if key.lower() == "title" and options.get("unslugify_titles", True):
            value = re.sub(r"[_\-.]", " ", value).strip().capitalize()  # noqa: PLW2901
        keys[key.lower().strip()] = value
    return keys


def _mapped(facts: PostFacts, foreign: str, ours: str, dialect: Dialect, site: SiteFacts) -> PostFacts:
    """The facts with the value of another generator's key (METADATA_MAPPING)."""
    value = facts.keys.get(foreign.replace("_", "").replace("-", "").casefold())
    if value is None:
        return facts
    facts.keys = {**facts.keys, ours: value}
    if ours in ("date", "updated") and isinstance(value, str):
        moment = dialect.date(value, site.zone)
        facts.published, facts.updated = (moment, facts.updated) if ours == "date" else (facts.published, moment)
    elif ours == "tags":
        names = value if isinstance(value, list) else str(value).split(",")
        facts.tags = tuple(str(name).strip() for name in names)
    elif ours == "title" and isinstance(value, str):
        facts.title = value
    return facts


DIALECT = Nikola()
