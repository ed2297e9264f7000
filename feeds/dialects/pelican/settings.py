"""What pelicanconf.py and publishconf.py say, in our settings and in the options of Pelican's dialect.

https://docs.getpelican.com/en/latest/settings.html; the files are read, never run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.dialects.base import Found, Option, SiteFolder
from feeds.dialects.config_files import GeneratedFeed, author, feed_path, joined, number, word
from feeds.dialects.python_settings import settings_of
from feeds.lazy_patterns import lazy_pattern

OPTIONS: Mapping[str, Option] = {
    "article_url": Option("text", 'Address of a post, ARTICLE_URL, e.g. "posts/{date:%Y}/{slug}/".'),
    "article_lang_url": Option("text", "Address of a translation, ARTICLE_LANG_URL."),
    "default_lang": Option("text", "The language of posts that name none, DEFAULT_LANG."),
    "author": Option("text", "The author of posts that name none, AUTHOR; addresses with {author} need it."),
    "article_paths": Option("a list", "Folders of posts below the posts folder, ARTICLE_PATHS."),
    "article_excludes": Option("a list", "Folders below it that hold no posts, ARTICLE_EXCLUDES."),
    "ignore_files": Option("a list", "Patterns of files and folders that are not read, IGNORE_FILES."),
    "page_paths": Option("a list", "Folders of pages, PAGE_PATHS."),
    "disabled_endings": Option("a list", 'Endings of files that are not read, e.g. [".html"] for READERS = {"html": None}.'),
    "slugify_source": Option("text", 'What a slug is made of, SLUGIFY_SOURCE: "title" or "basename".'),
    "slugify_use_unicode": Option("true or false", "Slugs keep letters of all scripts, SLUGIFY_USE_UNICODE."),
    "slugify_preserve_case": Option("true or false", "Slugs keep capitals, SLUGIFY_PRESERVE_CASE."),
    "slug_regex_substitutions": Option("a list", "What is replaced in slugs, SLUG_REGEX_SUBSTITUTIONS."),
    "category_regex_substitutions": Option("a list", "The same for categories, CATEGORY_REGEX_SUBSTITUTIONS."),
    "tag_regex_substitutions": Option("a list", "The same for tags, TAG_REGEX_SUBSTITUTIONS."),
    "author_regex_substitutions": Option("a list", "The same for authors, AUTHOR_REGEX_SUBSTITUTIONS."),
    "use_folder_as_category": Option("true or false", "A post without a category has its folder's, USE_FOLDER_AS_CATEGORY."),
    "filename_metadata": Option("text", "A pattern that finds front matter in file names, FILENAME_METADATA."),
    "path_metadata": Option("text", "A pattern that finds front matter in paths, PATH_METADATA."),
    "extra_path_metadata": Option("a table", "Front matter of a file or folder by its path, EXTRA_PATH_METADATA."),
    "default_metadata": Option("a table", "Front matter that every post has, DEFAULT_METADATA."),
    "default_date": Option("text", "The date of posts that have none, DEFAULT_DATE."),
    "dates_from_files": Option("true or false", 'Posts without a date are published (DEFAULT_DATE = "fs").'),
    "yaml_metadata": Option("true or false", "Front matter between --- is YAML (the plugin yaml_metadata)."),
    "plugins": Option("a list", "The site's plugins, PLUGINS: with any, unknown reStructuredText directives are passed over."),
    "static_paths": Option("a list", "Folders of files that are copied as they are, STATIC_PATHS."),
    "category_url": Option("text", "Address of a category's page, CATEGORY_URL."),
    "tag_url": Option("text", "Address of a tag's page, TAG_URL."),
    "author_url": Option("text", "Address of an author's page, AUTHOR_URL."),
    "page_url": Option("text", "Address of a page, PAGE_URL."),
    "page_lang_url": Option("text", "Address of a page's translation, PAGE_LANG_URL."),
    "draft_url": Option("text", "Address of a draft, DRAFT_URL."),
    "static_url": Option("text", "Address of a static file, STATIC_URL."),
}  # fmt: skip

#: Pelican's own values: an option is written only if the site has another.
_DEFAULTS: Mapping[str, Any] = {
    "article_url": "{slug}.html",
    "article_lang_url": "{slug}-{lang}.html",
    "default_lang": "en",
    "article_paths": [""],
    "article_excludes": [],
    "page_paths": ["pages"],
    "slugify_source": "title",
    "slugify_use_unicode": False,
    "slugify_preserve_case": False,
    "use_folder_as_category": True,
    "filename_metadata": r"(?P<date>\d{4}-\d{2}-\d{2}).*",
    "path_metadata": "",
    "static_paths": ["images"],
    "category_url": "category/{slug}.html",
    "tag_url": "tag/{slug}.html",
    "author_url": "author/{slug}.html",
    "page_url": "pages/{slug}.html",
    "page_lang_url": "pages/{slug}-{lang}.html",
    "draft_url": "drafts/{slug}.html",
    "static_url": "{path}",
}
#: What an option is by itself if it is not in _DEFAULTS.
_EMPTY: Mapping[str, Any] = {"text": "", "true or false": False, "a list": [], "a table": {}}
#: Names that older versions of Pelican had, and the one that each has now.
_OLD_NAMES = {"ARTICLE_DIR": "ARTICLE_PATHS", "PAGE_DIR": "PAGE_PATHS", "FILES_TO_COPY": "STATIC_PATHS"}
#: A name that only Pelican's settings have, though they are all in publishconf.py.
_PELICANS_OWN = lazy_pattern(r"^(?:SITENAME|ARTICLE_URL|ARTICLE_PATHS|FEED_ALL_ATOM)\s{0,9}=", re.MULTILINE)
_NAMES = ("pelicanconf.py", "publishconf.py", "settings.py")


def detect(folder: SiteFolder) -> Found | None:
    """The settings of a folder that holds pelicanconf.py, or publishconf.py alone. Raises UnreadableError."""
    text, published = folder.text("pelicanconf.py"), folder.text("publishconf.py")
    if text is None and (published is None or not _PELICANS_OWN.search(published)):
        return None
    config = settings_of(text, "pelicanconf.py") if text is not None else {}
    if published is not None:
        own = settings_of(published, "publishconf.py", config)
        config = {**config, **{name: value for name, value in own.items() if value not in (None, "") or name != "SITEURL"}}
    for old, new in _OLD_NAMES.items():
        if old in config:
            config.setdefault(new, config[old])
    root = _root(config, folder)
    category = word(config.get("DEFAULT_CATEGORY"))
    return Found(
        "Pelican",
        {
            "base_url": joined(word(config.get("SITEURL")), ""),
            "posts": root,
            "output": _path(config.get("OUTPUT_PATH")) or "output",
            "title": word(config.get("SITENAME")),
            "description": word(config.get("SITESUBTITLE")),
            "language": _language(config.get("DEFAULT_LANG")),
            "timezone": word(config.get("TIMEZONE")) or "UTC",
            "author": author(config.get("AUTHOR")),
            "default_category": category or "misc",
            "categories_mode": "parallel",
            "markdown": _markdown_options(config),
            "dialect": _options(config),
        },
        _notes(config),
        feeds=_feeds(config),
    )


def _feeds(config: Mapping[str, Any]) -> tuple[GeneratedFeed, ...]:
    """The feeds of all articles: FEED_ALL_ATOM, which is on unless it is None, FEED_ALL_RSS, FEED_ATOM and FEED_RSS."""
    paths = [(config.get("FEED_ALL_ATOM", "feeds/all.atom.xml"), "atom"), (config.get("FEED_ATOM"), "atom")]
    paths += [(config.get("FEED_ALL_RSS"), "rss"), (config.get("FEED_RSS"), "rss")]
    limit, summaries = number(config.get("FEED_MAX_ITEMS")), config.get("RSS_FEED_SUMMARY_ONLY") is True
    result = [(feed_path(path), format) for path, format in paths]
    return tuple(GeneratedFeed(path, format, limit, summaries and format == "rss") for path, format in result if path)


def _root(config: Mapping[str, Any], folder: SiteFolder) -> str:
    """The folder of posts: PATH, which is the site's own unless it is set, else what `pelican content` names."""
    root = _path(config.get("PATH"))
    if root:
        return root
    paths = [name for name in _options(config).get("article_paths", ()) if name]
    if paths and not any(folder.has_folder(f"content/{name}") for name in paths) and any(map(folder.has_folder, paths)):
        return "."
    return folder.posts("content", ("content",))


def _path(value: Any) -> str:
    """A folder below the site's as the settings name it, "" for none."""
    text = word(value).removeprefix("./").rstrip("/")
    return "" if text == "." else text


def _language(value: Any) -> str:
    text = word(value).replace("_", "-")
    return text if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", text) else ""


def _options(config: Mapping[str, Any]) -> dict[str, Any]:
    """The options that differ from Pelican's own values."""
    options: dict[str, Any] = {}
    for name in ("article_paths", "article_excludes", "ignore_files", "page_paths", "static_paths"):
        value = config.get(name.upper())
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list | tuple):
            options[name] = [str(item).strip("/") for item in value if isinstance(item, str)]
    for name, option in OPTIONS.items():
        value = config.get(name.upper())
        if option.kind == "text" and isinstance(value, str | int) and not isinstance(value, bool):
            options[name] = str(value)
        elif option.kind == "true or false" and isinstance(value, bool):
            options[name] = value
        elif name.endswith("_substitutions") and isinstance(value, list | tuple):
            options[name] = [[str(row[0]), str(row[1])] for row in value if isinstance(row, list | tuple) and len(row) > 1]
    for name in ("extra_path_metadata", "default_metadata"):
        if isinstance(config.get(name.upper()), Mapping):
            options[name] = _texts(config[name.upper()])
    if isinstance(config.get("DEFAULT_METADATA"), list | tuple):  # pairs, as Pelican 3 had them
        options["default_metadata"] = {str(row[0]): str(row[1]) for row in config["DEFAULT_METADATA"] if len(row) == 2}
    options.pop("default_date", None)
    options |= _date(config.get("DEFAULT_DATE"))
    readers = config.get("READERS")
    if isinstance(readers, Mapping):
        options["disabled_endings"] = [f".{ending}" for ending, reader in readers.items() if not reader]
    plugins = [str(name) for name in config.get("PLUGINS") or () if isinstance(name, str)]
    options["plugins"] = plugins
    options["yaml_metadata"] = any("yaml_metadata" in name for name in plugins)
    if "{author}" not in options.get("article_url", "") + options.get("article_lang_url", ""):
        options.pop("author", None)
    return {name: value for name, value in options.items() if value != _DEFAULTS.get(name, _EMPTY.get(OPTIONS[name].kind))}


def _texts(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table of texts, or of tables of texts; other values are left out."""
    result: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            if inner := _texts(value):
                result[str(key)] = inner
        elif isinstance(value, str | int) and not isinstance(value, bool):
            result[str(key)] = str(value)
    return result


def _date(value: Any) -> dict[str, Any]:
    if value == "fs":
        return {"dates_from_files": True}
    if isinstance(value, str) and value:
        return {"default_date": value}
    if isinstance(value, list | tuple) and len(value) >= 3 and all(isinstance(part, int) for part in value):
        year, month, day, hour, minute, second = (*value[:6], 0, 0, 0)[:6]
        return {"default_date": f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"}
    return {}


#: Extensions of Python-Markdown that Pelican switches on if MARKDOWN is not set, without `meta`, which reads front matter.
_MARKDOWN = ("markdown.extensions.codehilite", "markdown.extensions.extra")


def _markdown_options(config: Mapping[str, Any]) -> dict[str, Any]:
    """What MARKDOWN and the plug-ins for formulas say; Pelican 3's MD_EXTENSIONS adds to Pelican's own extensions."""
    value = config.get("MARKDOWN")
    if isinstance(value, Mapping):
        names = [*(value.get("extensions") or ()), *(value.get("extension_configs") or ())]
    else:
        older = config.get("MD_EXTENSIONS")
        names = [*_MARKDOWN, *(older if isinstance(older, list | tuple | dict) else ())]
    plain = (re.sub(r"\(.*", "", name) for name in names if isinstance(name, str))
    full = (name if "." in name or "_" in name else f"markdown.extensions.{name}" for name in plain)
    extensions = [name for name in dict.fromkeys(full) if name != "markdown.extensions.meta"]
    wishes: dict[str, Any] = {"renderer": "python-markdown", "extensions": extensions}
    if not any("math" in str(name).lower() for name in config.get("PLUGINS") or ()):
        wishes["formulas"] = "none"
    return wishes


def _notes(config: Mapping[str, Any]) -> tuple[str, ...]:
    """What a person should know of what was read."""
    notes = []
    plugins = [str(name) for name in config.get("PLUGINS") or () if isinstance(name, str)]
    if plugins:
        notes.append(f"Pelican's plugins are not run: {', '.join(plugins)}.")
    if config.get("DEFAULT_DATE") == "fs":
        notes.append("Posts without a date have the date of their file in Pelican; ours is the instant of their first build.")
    return tuple(notes)
