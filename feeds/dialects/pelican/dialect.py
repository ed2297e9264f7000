"""Pelican: how its blogs read (https://docs.getpelican.com/, Pelican 4.11)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Any

from markupsafe import Markup

from feeds.content import links, restructuredtext
from feeds.content.flavour import PYTHON_MARKDOWN
from feeds.dialects.base import Dialect, FileKind, Found, Keys, OwnFrontMatter, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.dateutil_dates import own_date
from feeds.dialects.pelican.addresses import extra_fields, formatted, slugify
from feeds.dialects.pelican.metadata import docinfo, from_path, html_head, markdown_header, processed
from feeds.dialects.pelican.settings import OPTIONS, detect
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value
from feeds.text import plain
from feeds.urls import encode_path

_STATUSES = {"published": "out", "draft": "draft", "hidden": "hidden", "skip": "unpublished"}
_MARKDOWN = (".md", ".markdown", ".mkd", ".mdown")


#: reStructuredText is read if docutils is installed.
RST_ENDINGS: Mapping[str, str] = {".rst": "rst"} if restructuredtext.available() else {}


_ADDRESSES = {
    ("article", False): "{slug}.html",
    ("article", True): "{slug}-{lang}.html",
    ("page", False): "pages/{slug}.html",
    ("page", True): "pages/{slug}-{lang}.html",
}


class Pelican(Dialect):
    """Pelican's conventions. The posts folder is Pelican's PATH."""

    name = "pelican"
    label = "Pelican"
    endings: Mapping[str, str] = {
        **dict.fromkeys(_MARKDOWN, "markdown"), **RST_ENDINGS, ".html": "html", ".htm": "html",
    }  # fmt: skip
    unread: Mapping[str, str] = {ending: name for ending, name in Dialect.unread.items() if ending not in RST_ENDINGS}
    settings_files = ("pelicanconf.py", "publishconf.py")
    keys = Keys(
        published=("date",), updated=("modified",), ids=("id", "guid", "uuid"), links=("url",), categories=("category",),
        tags=("tags",), authors=("authors", "author"),
    )  # fmt: skip
    categories_mode = "parallel"
    flavour = replace(PYTHON_MARKDOWN, formulas="none")
    tag_tables: tuple[str, ...] = ()
    options = OPTIONS
    old_feeds = ("feeds/all.atom.xml", "feeds/all.rss.xml", "feed.xml", "rss.xml", "atom.xml")

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        options = site.options
        ending = path[path.rfind(".") :]
        if ending not in self.endings or ending in options.get("disabled_endings", ()):
            return FileKind("resource")
        if _below_any(path, options.get("page_paths", ("pages",))):
            return FileKind("page")
        if not _below_any(path, options.get("article_paths", ("",))):
            return FileKind("ignored", "it is not below ARTICLE_PATHS")
        if _below_any(path, options.get("article_excludes", ())):
            return FileKind("ignored", "ARTICLE_EXCLUDES leaves it out")
        patterns = [str(pattern) for pattern in options.get("ignore_files", ())]
        if patterns and any(fnmatchcase(part, pattern) for part in (path, *path.split("/")) for pattern in patterns):
            return FileKind("ignored", "IGNORE_FILES leaves it out")
        return FileKind("post")

    def tables_of(self, site: SiteFacts) -> tuple[str, ...]:
        return ("liquid-tags",) if any("liquid_tags" in name for name in site.options.get("plugins", ())) else ()

    # front matter

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        """What settings and the file's path say, the first of these that names a key: the path's patterns,
        EXTRA_PATH_METADATA (the most specific path), DEFAULT_METADATA (readers.read_file).
        """
        options = site.options
        keys: dict[str, Any] = {key.lower(): value for key, value in options.get("default_metadata", {}).items()}
        if options.get("default_date"):
            keys["date"] = options["default_date"]
        for prefix, extra in sorted(options.get("extra_path_metadata", {}).items()):
            if path == prefix or path.startswith(prefix.rstrip("/") + "/"):
                keys.update({key.lower(): value for key, value in extra.items()})
        keys.update(from_path(path, options))
        return processed({key: value for key, value in keys.items() if isinstance(value, str | list)})

    def front_matter(self, path: str, text: str, site: SiteFacts) -> OwnFrontMatter | None:
        ending = path[path.rfind(".") :].lower()
        if ending in _MARKDOWN:
            if site.options.get("yaml_metadata") and text.lstrip("\ufeff").startswith("---"):
                return None
            return markdown_header(text)
        if ending == ".rst":
            return docinfo(text, strict=not site.options.get("plugins"))
        return html_head(text)

    def date(self, text: str, zone: tzinfo) -> datetime:
        moment = own_date(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        title = facts.keys.get("title")
        if self.kind(post.path, site).name == "page":
            facts.slug = _text(facts.keys.get("slug")) or self._slug(post.path, _text(title), site)
            return facts
        if not isinstance(title, str):
            raise ValueError("it has no title, and Pelican does not publish it; add a line Title: …")
        status = _text(facts.keys.get("status")).lower() or "published"
        if status not in _STATUSES:
            raise ValueError(f"the status {status!r} is not known; expected one of {', '.join(_STATUSES)}")
        facts.title = plain(Markup(title).striptags(), 2000)  # noqa: S704  its tags are taken out
        if facts.status == "out":
            facts.status = _STATUSES[status]
        if facts.published is None and status != "draft" and not site.options.get("dates_from_files"):
            raise ValueError("it has no date, and Pelican does not publish it; add a line Date: 2021-08-04 05:49")
        if facts.keys.get("category") is None and site.default_category is None:
            facts.categories = (("misc",),)
        language = _text(facts.keys.get("lang"))
        default = site.options.get("default_lang", "en").lower()
        if language and language != default:
            facts.language = language
        date = _text(facts.keys.get("date"))
        if facts.published is not None and date and (shown := own_date(date)).tzinfo is not None:
            facts.extra["date"] = shown.replace(tzinfo=None).isoformat()
        facts.slug = _text(facts.keys.get("slug")) or self._slug(post.path, title, site)
        zone = _text(facts.keys.get("timezone"))
        if zone:
            facts = _in_zone(facts, zone)
        author = facts.keys.get("authors") or facts.keys.get("author") or site.options.get("author", "")
        facts.extra["author"] = _text(author[0] if isinstance(author, list) and author else author)
        for name in extra_fields(site.options.get("article_url", "") + site.options.get("article_lang_url", "")):
            if isinstance(value := facts.keys.get(name.replace("_", "").lower()), str):
                facts.extra[name] = value
        return facts

    def _slug(self, path: str, title: str, site: SiteFacts) -> str:
        name = path.rpartition("/")[2]
        from_name = site.options.get("slugify_source") == "basename"
        return slugify(name[: name.rfind(".")] if from_name else title, site.options, "slug")

    # addresses

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        if facts.link is not None:
            return facts.link
        if site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        return self._formatted("article", facts, published, site)

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        return self._formatted("page", facts, facts.published, site)

    def _formatted(self, of: str, facts: PostFacts, published: datetime | None, site: SiteFacts) -> str:
        """ARTICLE_URL or PAGE_URL, or that of translations, with the values of a post."""
        options = site.options
        pattern = options.get(f"{of}_lang_url" if facts.language else f"{of}_url", _ADDRESSES[of, bool(facts.language)])
        category = facts.categories[0][-1] if facts.categories else ""
        shown = facts.extra.get("date")
        values: dict[str, Any] = {
            **facts.extra,
            "path": facts.path,
            "slug": facts.slug,
            "lang": facts.language or options.get("default_lang", "en"),
            "date": datetime.fromisoformat(shown) if shown else published,
            "author": slugify(facts.extra.get("author", ""), options, "author"),
            "category": slugify(category, options, "category"),
        }
        return formatted(pattern, values).lstrip("/")

    def _address(self, pattern: str, name: str, of: str, site: SiteFacts) -> links.Candidate:
        return links.address(site.home + encode_path(pattern.replace("{slug}", slugify(name, site.options, of))))

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """`{filename}`, `{static}`, `{attach}`, `{category}`, `{tag}`, `{author}`, `{index}`, and the older `|filename|`."""
        options = site.options
        statics = {f"{site.root}/{folder}".strip("/"): f"{folder}/" for folder in options.get("static_paths", ("images",))}
        marked = _MARK.match(reference.path)
        if reference.form == "field" or marked is None:
            # What leads upwards and to a static file is meant from where that is published.
            beside, folders = reference.beside(), options.get("static_paths", ("images",))
            if reference.path.startswith("../") and _below_any(beside, folders):
                yield links.file_at(beside, site.home + encode_path(self._static_path(beside, site)) + reference.suffix)
            yield from links.usual(reference, root=site.root, home=site.home, endings=self.endings, statics=statics, sure=False)
            return
        mark, name = marked[1], reference.path[marked.end() :]
        if mark in ("category", "tag", "author"):
            yield self._address(options.get(f"{mark}_url", f"{mark}/{{slug}}.html"), name, mark, site)
        elif mark == "index":
            yield links.address(site.home + "index.html")
        elif mark in ("filename", "static", "attach"):
            source = posixpath.normpath(name.lstrip("/") if name.startswith("/") else reference.beside(name))
            if mark == "filename":
                yield links.post_at(source)
            if mark == "attach":
                yield links.file_at(source, _attached(source, reference))
            yield links.file_at(source, site.home + encode_path(self._static_path(source, site)) + reference.suffix)

    def _static_path(self, source: str, site: SiteFacts) -> str:
        """Where a static file is published, below the site's home (STATIC_URL)."""
        path = source
        for prefix, extra in sorted(site.options.get("extra_path_metadata", {}).items()):
            if source == prefix:
                path = extra.get("url") or extra.get("path") or path
        return str(site.options.get("static_url", "{path}")).replace("{path}", path)

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


_MARK = lazy_pattern(r"[{|](filename|static|attach|category|tag|author|index)[|}]")


def _attached(source: str, reference: links.Reference) -> str:
    """The URL of a file that is published beside the post that links to it (contents.Static.attach_to)."""
    folder = reference.folder + "/" if reference.folder else ""
    below = source.removeprefix(folder) if source.startswith(folder) else posixpath.basename(source)
    return reference.permalink.rpartition("/")[0] + "/" + encode_path(below) + reference.suffix


def _below_any(path: str, folders: Any) -> bool:
    """Whether a path is one of the folders (or files) or below one; "" is the whole tree."""
    names = [str(name).strip("/") for name in folders]
    return any(name in ("", ".") or path == name or path.startswith(name + "/") for name in names)


def _text(value: Value) -> str:
    return value.strip() if isinstance(value, str) else ""


def _in_zone(facts: PostFacts, name: str) -> PostFacts:
    """The facts with dates that name no zone read in a post's own `timezone`."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"the time zone {name!r} is not known; expected a name like Asia/Tokyo") from None
    published, updated = (_text(facts.keys.get(key)) for key in ("date", "modified"))
    return replace(
        facts,
        published=DIALECT.date(published, zone) if published else facts.published,
        updated=DIALECT.date(updated, zone) if updated else facts.updated,
    )


DIALECT = Pelican()
