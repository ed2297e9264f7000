"""Pelican: how its blogs read (https://docs.getpelican.com/, Pelican 4.11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from feeds.content import restructuredtext
from feeds.content.flavour import PYTHON_MARKDOWN
from feeds.dialects._dateutil_dates import own_date
from feeds.dialects._pelican_settings import OPTIONS, detect
from feeds.dialects._python_markdown import header
from feeds.dialects.base import Dialect, FileKind, Found, Keys, OwnFrontMatter, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.transliteration import to_ascii
from feeds.model import Post, Value
from feeds.text import plain

#: The substitutions of SLUG_REGEX_SUBSTITUTIONS if the site sets none.
_SUBSTITUTIONS = ((r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-"))
#: Keys of which Pelican takes the first line only (readers.DUPLICATES_DEFINITIONS_ALLOWED).
_SINGLE = frozenset({"tags", "date", "modified", "status", "category", "author", "save_as", "url", "authors", "slug"})
#: Keys that count as absent if they are empty (readers.METADATA_PROCESSORS).
_NEVER_EMPTY = frozenset({"tags", "status", "category", "author", "authors", "slug"})
_STATUSES = {"published": "out", "draft": "draft", "hidden": "hidden", "skip": "unpublished"}
_MARKDOWN = (".md", ".markdown", ".mkd", ".mdown")


#: reStructuredText is read if docutils is installed.
RST_ENDINGS: Mapping[str, str] = {".rst": "rst"} if restructuredtext.available() else {}


class Pelican(Dialect):
    """Pelican's conventions. The posts folder is Pelican's PATH."""

    name = "pelican"
    label = "Pelican"
    endings: Mapping[str, str] = {
        **dict.fromkeys(_MARKDOWN, "markdown"), **RST_ENDINGS, ".html": "html", ".htm": "html",
    }  # fmt: skip
    unread: Mapping[str, str] = {ending: name for ending, name in Dialect.unread.items() if ending not in RST_ENDINGS}
    keys = Keys(
        published=("date",), updated=("modified",), ids=("id", "guid", "uuid"), links=("url",), categories=("category",),
        tags=("tags",), authors=("authors", "author"),
    )  # fmt: skip
    categories_mode = "parallel"
    flavour = PYTHON_MARKDOWN
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
        return FileKind("post")

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
        keys.update(_from_path(path, options))
        return _processed({key: value for key, value in keys.items() if isinstance(value, str | list)})

    def front_matter(self, path: str, text: str, site: SiteFacts) -> OwnFrontMatter | None:
        ending = path[path.rfind(".") :].lower()
        if ending in _MARKDOWN:
            if site.options.get("yaml_metadata") and text.lstrip("\ufeff").startswith("---"):
                return None
            return _markdown_header(text)
        if ending == ".rst":
            return _docinfo(text, strict=not site.options.get("plugins"))
        return _html_head(text)

    def date(self, text: str, zone: tzinfo) -> datetime:
        moment = own_date(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        title = facts.keys.get("title")
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
        for name in _fields(site.options.get("article_url", "") + site.options.get("article_lang_url", "")):
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
        options = site.options
        if facts.language:
            pattern = options.get("article_lang_url", "{slug}-{lang}.html")
        else:
            pattern = options.get("article_url", "{slug}.html")
        category = facts.categories[0][-1] if facts.categories else ""
        if facts.extra.get("date"):
            published = datetime.fromisoformat(facts.extra["date"])
        values: dict[str, Any] = {
            **facts.extra,
            "path": facts.path,
            "slug": facts.slug,
            "lang": facts.language or options.get("default_lang", "en"),
            "date": published,
            "author": slugify(facts.extra.get("author", ""), options, "author"),
            "category": slugify(category, options, "category"),
        }
        return _formatted(pattern, values).lstrip("/")

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


def _below_any(path: str, folders: Any) -> bool:
    """Whether a path is one of the folders (or files) or below one; "" is the whole tree."""
    names = [str(name).strip("/") for name in folders]
    return any(name in ("", ".") or path == name or path.startswith(name + "/") for name in names)


def _text(value: Value) -> str:
    return value.strip() if isinstance(value, str) else ""


# front matter


def _from_path(path: str, options: Mapping[str, Any]) -> dict[str, str]:
    """The keys in a file's path, the first pattern that gives a key (readers.parse_path_metadata)."""
    above, _, name = path.rpartition("/")
    base = name[: name.rfind(".")] if "." in name[1:] else name
    checks = [
        (options.get("filename_metadata", r"(?P<date>\d{4}-\d{2}-\d{2}).*"), base),
        (options.get("path_metadata", ""), path),
    ]
    keys: dict[str, str] = {}
    for pattern, text in checks:
        found = re.match(pattern, text) if pattern and text else None
        for key, value in found.groupdict().items() if found else ():
            if value is not None:
                keys.setdefault(key.lower(), value)
    folder = above.rpartition("/")[2]
    if folder and options.get("use_folder_as_category", True):
        keys.setdefault("category", folder)
    return keys


def _processed(keys: Mapping[str, Any]) -> dict[str, Value]:
    """Keys with the lists that Pelican makes of them; those that are empty and must not be are left out."""
    made: dict[str, Value] = {}
    for key, value in keys.items():
        if key in ("tags", "authors"):
            value = _listed(value)  # noqa: PLW2901
        elif isinstance(value, list):
            value = value[0] if key in _SINGLE else " ".join(value)  # noqa: PLW2901
        if key == "date":
            value = value.replace("_", " ")  # noqa: PLW2901
        if key in _NEVER_EMPTY and not (value.strip() if isinstance(value, str) else value):
            continue
        made[key] = value
    return made


def _listed(value: Any) -> list[Value]:
    """The names in a list, or in text between semicolons, else commas (readers.ensure_metadata_list)."""
    if isinstance(value, str):
        value = value.split(";" if ";" in value else ",")
    return list(dict.fromkeys(name.strip() for name in value if name.strip()))


def _markdown_header(text: str) -> OwnFrontMatter:
    keys, lines, body_line = header(text)
    single = {key: values[0] if key in _SINGLE else values for key, values in keys.items()}
    body = "\n".join(text.split("\n")[body_line - 1 :])
    return OwnFrontMatter(_processed(single), lines, body, body_line)


def _docinfo(text: str, *, strict: bool) -> OwnFrontMatter:
    document = restructuredtext.read(text, strict=strict)
    keys: dict[str, Any] = {name.lower(): value for name, value in document.fields}
    if document.title:
        keys.setdefault("title", document.title)
    lines = {name: text.count("\n", 0, max(0, text.lower().find(f":{name}:"))) + 1 for name in keys}
    return OwnFrontMatter(_processed(keys), lines, text, 1)


def _html_head(text: str) -> OwnFrontMatter:
    """The head's title and meta elements, and what is in body (readers.HTMLReader)."""
    from html.parser import HTMLParser

    keys: dict[str, Any] = {}
    lines: dict[str, int] = {}

    class Head(HTMLParser):
        in_head = in_title = False

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            self.in_head = self.in_head or tag == "head"
            self.in_title = self.in_head and tag == "title"
            given = dict(attributes)
            name = (given.get("name") or "").lower()
            if tag == "meta" and self.in_head and name:
                name = "tags" if name == "keywords" else name
                keys.setdefault(name, []).append(given.get("content") or given.get("contents") or "")
                lines.setdefault(name, self.getpos()[0])

        def handle_endtag(self, tag: str) -> None:
            self.in_head = self.in_head and tag != "head"
            self.in_title = self.in_title and tag != "title"

        def handle_data(self, data: str) -> None:
            if self.in_title:
                keys.setdefault("title", []).append(data)
                lines.setdefault("title", self.getpos()[0])

    opening = re.search(r"<body\b[^>]*>", text, re.IGNORECASE)
    if opening is None:
        return OwnFrontMatter({}, {}, "", 1)
    parser = Head()
    parser.feed(text[: opening.start()])
    end = text.lower().rfind("</body")
    body = text[opening.end() : end if end >= opening.end() else len(text)]
    joined = {key: "".join(values) if key == "title" or len(values) == 1 else values for key, values in keys.items()}
    return OwnFrontMatter(_processed(joined), lines, body, text.count("\n", 0, opening.end()) + 1)


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


# slugs and addresses


def slugify(text: str, options: Mapping[str, Any], of: str) -> str:
    """A slug as Pelican makes it (utils.slugify); `of` is "slug", "category", "tag" or "author"."""
    text = unicodedata.normalize("NFKC", Markup(text).striptags())  # noqa: S704  its tags are taken out
    if not options.get("slugify_use_unicode"):
        text = to_ascii(text)
    for pattern, replacement in _substitutions(options, of):
        text = pattern.sub(replacement, text)
    if not options.get("slugify_preserve_case"):
        text = text.lower()
    return text.strip()


def _substitutions(options: Mapping[str, Any], of: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = options.get(f"{of}_regex_substitutions") or options.get("slug_regex_substitutions") or _SUBSTITUTIONS
    return _compiled(tuple((str(pattern), str(replacement)) for pattern, replacement in rows))


@lru_cache(64)
def _compiled(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    def normal(text: str) -> str:
        return unicodedata.normalize("NFKC", text)

    return tuple((re.compile(normal(pattern), re.IGNORECASE), normal(replacement)) for pattern, replacement in rows)


_FIELD = re.compile(r"\{(\w+)(?:\.(\w+))?(?::([^{}]*))?\}")
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _fields(pattern: str) -> list[str]:
    """The names in braces that are not Pelican's own."""
    known = {"path", "slug", "lang", "date", "author", "category"}
    return [found[1] for found in _FIELD.finditer(pattern) if found[1] not in known]


def _formatted(pattern: str, values: Mapping[str, Any]) -> str:
    """`{date:%Y}/{slug}.html` with its values (str.format as far as Pelican's addresses use it)."""

    def field(found: re.Match[str]) -> str:
        name, attribute, form = found.groups()
        value = values.get(name, "")
        if isinstance(value, datetime):
            if attribute in ("year", "month", "day", "hour", "minute", "second"):
                number = getattr(value, attribute)
                return format(number, form) if form and re.fullmatch(r"0?\d?d?", form) else str(number)
            return strftime(value, form) if form else str(value)
        return str(value)

    return _FIELD.sub(field, pattern)


def strftime(moment: datetime, form: str) -> str:
    """`%Y`, `%m`, `%-d` and the others of C89, with English names whatever the locale (utils.strftime)."""
    names: dict[str, str] = {
        "Y": f"{moment.year:04}", "y": f"{moment.year % 100:02}", "m": f"{moment.month:02}", "d": f"{moment.day:02}",
        "H": f"{moment.hour:02}", "M": f"{moment.minute:02}", "S": f"{moment.second:02}",
        "I": f"{(moment.hour + 11) % 12 + 1:02}",
        "p": "PM" if moment.hour > 11 else "AM", "j": f"{moment.timetuple().tm_yday:03}", "b": _MONTHS[moment.month - 1][:3],
        "B": _MONTHS[moment.month - 1], "a": _DAYS[moment.weekday()][:3], "A": _DAYS[moment.weekday()],
        "w": str((moment.weekday() + 1) % 7), "V": f"{moment.isocalendar().week:02}", "G": f"{moment.isocalendar().year:04}",
        "u": str(moment.isoweekday()), "%": "%",
    }  # fmt: skip

    def code(found: re.Match[str]) -> str:
        text = names.get(found[2], found[0])
        return (text.lstrip("0") or "0") if found[1] and text != found[0] else text

    return re.sub(r"%(-?)([A-Za-z%])", code, form)


DIALECT = Pelican()
