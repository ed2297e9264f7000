"""What Nikola's conf.py says, in our settings and in the options of Nikola's dialect.

https://getnikola.com/handbook.html and the comments of conf.py; the file is read, never run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from feeds.dialects.base import Found, Option, SiteFolder
from feeds.dialects.config_files import GeneratedFeed, feed_path, number, word
from feeds.dialects.python_settings import settings_of

OPTIONS: Mapping[str, Option] = {
    "posts": Option("a list", 'Posts and where they go, POSTS: [["posts/*.rst", "posts"]], below the site\'s folder.'),
    "pages": Option("a list", "The same for pages, PAGES."),
    "default_lang": Option("text", "The language of files that name none, DEFAULT_LANG."),
    "translations": Option("a table", 'The path of each language, TRANSLATIONS: { es = "es" }.'),
    "translations_pattern": Option("text", "Names of translations, TRANSLATIONS_PATTERN."),
    "pretty_urls": Option("true or false", "Addresses end in the slug's folder, PRETTY_URLS."),
    "strip_indexes": Option("true or false", "Addresses are without index.html, STRIP_INDEXES."),
    "index_file": Option("text", "The name of a folder's document, INDEX_FILE."),
    "use_slugify": Option("true or false", "Slugs of file names are in ASCII, USE_SLUGIFY."),
    "use_tag_metadata": Option("true or false", "The tags draft and private hide a post, USE_TAG_METADATA."),
    "file_metadata_regexp": Option("text", "A pattern that finds metadata in paths, FILE_METADATA_REGEXP."),
    "unslugify_titles": Option("true or false", "Titles in file names lose their dashes, FILE_METADATA_UNSLUGIFY_TITLES."),
    "metadata_mapping": Option("a table", "Other names of metadata by format, METADATA_MAPPING."),
    "category_hierarchies": Option("true or false", "a/b is b within a, CATEGORY_ALLOW_HIERARCHIES."),
    "category_from_folder": Option("true or false", "A post without a category has its folder's, CATEGORY_DESTPATH_AS_DEFAULT."),
    "category_trim_prefix": Option("true or false", "Without the folder in POSTS, CATEGORY_DESTPATH_TRIM_PREFIX."),
    "category_first_folder": Option("true or false", "Only the first folder counts, CATEGORY_DESTPATH_FIRST_DIRECTORY_ONLY."),
    "category_names": Option("a table", "Names of categories by folder, CATEGORY_DESTPATH_NAMES."),
    "doctitle": Option("true or false", "Metadata of reStructuredText is docinfo, USE_REST_DOCINFO_METADATA."),
    "files_folders": Option("a table", "Folders that are copied, FILES_FOLDERS and IMAGE_FOLDERS."),
}

#: Nikola's own FEED_LENGTH.
_FEED_ENTRIES = 10
#: Option -> Nikola's name and Nikola's own value; an option is written only if the site has another.
_NAMES: Mapping[str, tuple[str, Any]] = {
    "default_lang": ("DEFAULT_LANG", "en"),
    "translations_pattern": ("TRANSLATIONS_PATTERN", "{path}.{lang}.{ext}"),
    "pretty_urls": ("PRETTY_URLS", True),
    "strip_indexes": ("STRIP_INDEXES", True),
    "index_file": ("INDEX_FILE", "index.html"),
    "use_slugify": ("USE_SLUGIFY", True),
    "use_tag_metadata": ("USE_TAG_METADATA", True),
    "file_metadata_regexp": ("FILE_METADATA_REGEXP", ""),
    "unslugify_titles": ("FILE_METADATA_UNSLUGIFY_TITLES", True),
    "category_hierarchies": ("CATEGORY_ALLOW_HIERARCHIES", False),
    "category_from_folder": ("CATEGORY_DESTPATH_AS_DEFAULT", False),
    "category_trim_prefix": ("CATEGORY_DESTPATH_TRIM_PREFIX", False),
    "category_first_folder": ("CATEGORY_DESTPATH_FIRST_DIRECTORY_ONLY", True),
    "doctitle": ("USE_REST_DOCINFO_METADATA", False),
}
FILES_FOLDERS: Mapping[str, str] = {"files": "", "images": "images"}
#: What POSTS and PAGES are if conf.py does not set them.
POSTS = (("posts/*.txt", "posts"),)
PAGES = (("pages/*.txt", "pages"),)
_EXTENSIONS = ["markdown.extensions.fenced_code", "markdown.extensions.codehilite", "markdown.extensions.extra"]


def _without_sections(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings with the sections of Nikola 7, POSTS_SECTIONS, as the categories that Nikola 8 takes them for."""
    if not config.get("POSTS_SECTIONS"):
        return config
    names = config.get("POSTS_SECTION_NAME", {})
    from_folder = not config.get("POSTS_SECTION_FROM_META")
    return {**config, "CATEGORY_DESTPATH_NAMES": names, "CATEGORY_DESTPATH_AS_DEFAULT": from_folder}


def detect(folder: SiteFolder) -> Found | None:
    """The settings of a folder that holds Nikola's conf.py (Sphinx has one, too). Raises UnreadableError."""
    text = folder.text("conf.py")
    if text is None or ("POSTS" not in text and "post_pages" not in text):
        return None
    config = _without_sections(settings_of(text, "conf.py"))
    if "SITE_URL" not in config and "BLOG_TITLE" not in config:
        return None
    language = word(config.get("DEFAULT_LANG")) or "en"
    posts = _rows(config, "POSTS", POSTS, language)
    pages = _rows(config, "PAGES", PAGES, language) or _rows(config, "STORIES", (), language)
    output = word(config.get("OUTPUT_FOLDER")) or "output"
    return Found(
        "Nikola",
        {
            "base_url": _translated(config.get("BASE_URL") or config.get("SITE_URL"), language),
            "posts": _root([row[0] for row in posts]),
            "output": output,
            "title": _translated(config.get("BLOG_TITLE"), language),
            "description": _translated(config.get("BLOG_DESCRIPTION"), language),
            "language": language.replace("_", "-"),
            "timezone": word(config.get("TIMEZONE")) or "UTC",
            "author": _author(config, language),
            "categories_mode": "path" if config.get("CATEGORY_ALLOW_HIERARCHIES") is True else "parallel",
            "markdown": {
                "renderer": "python-markdown",
                "extensions": _extensions(config),
                "formulas": "none",
                **_demoted(config),
            },
            "dialect": _options(config, posts, pages, language),
        },
        feeds=_feeds(config, language),
    )


def _feeds(config: Mapping[str, Any], language: str) -> tuple[GeneratedFeed, ...]:
    """The RSS feed of all posts, which Nikola makes unless GENERATE_RSS is off."""
    if config.get("GENERATE_RSS") is False:
        return ()
    folder, name = _translated(config.get("RSS_PATH"), language), word(config.get("RSS_FILENAME_BASE")) or "rss"
    path = feed_path(posixpath.join(folder, f"{name}.xml"))
    limit = number(config.get("FEED_LENGTH")) or _FEED_ENTRIES
    return (GeneratedFeed(path, "rss", limit, config.get("FEED_TEASERS") is True),) if path else ()


def _translated(value: Any, language: str) -> str:
    """The text of a setting that may hold one for each language."""
    return word(value.get(language) or next(iter(value.values()), "")) if isinstance(value, Mapping) else word(value)


def _author(config: Mapping[str, Any], language: str) -> dict[str, str]:
    name = _translated(config.get("BLOG_AUTHOR"), language)
    return {"name": name} if name else {}


def _rows(config: Mapping[str, Any], name: str, default: Any, language: str) -> list[list[str]]:
    """The wildcard and the destination of each row of POSTS or PAGES."""
    rows = []
    for row in config.get(name, default) or ():
        if isinstance(row, list | tuple) and len(row) > 1 and isinstance(row[0], str):
            rows.append([posixpath.normpath(row[0]), _translated(row[1], language).strip("/")])
    if not rows and isinstance(config.get("post_pages"), list | tuple):  # Nikola 6
        flag = name == "POSTS"
        rows = [[row[0], row[1].strip("/")] for row in config["post_pages"] if len(row) > 3 and bool(row[3]) is flag]
    return rows


def _root(wildcards: list[str]) -> str:
    """The folder that holds all posts."""
    folders = sorted({posixpath.dirname(wildcard) for wildcard in wildcards})
    return folders[0] if len(folders) == 1 and folders[0] else "."


def _extensions(config: Mapping[str, Any]) -> list[str]:
    value = config.get("MARKDOWN_EXTENSIONS", _EXTENSIONS)
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list | tuple) else _EXTENSIONS
    return [*(name for name in names if not name.endswith("meta")), "strikethrough"]


def _demoted(config: Mapping[str, Any]) -> dict[str, int]:
    """By how many levels the compiler of Markdown has headings go down (DEMOTE_HEADERS)."""
    levels = config.get("DEMOTE_HEADERS", 1)
    return {"demote_headings": int(levels)} if isinstance(levels, int) and 0 < levels <= 5 else {}


def _options(config: Mapping[str, Any], posts: list[list[str]], pages: list[list[str]], language: str) -> dict[str, Any]:
    options: dict[str, Any] = {"posts": posts, "pages": pages}
    for option, (name, default) in _NAMES.items():
        value = config.get(name, default)
        if value != default and OPTIONS[option].holds(value):
            options[option] = value
    translations = config.get("TRANSLATIONS")
    if isinstance(translations, Mapping):
        paths = {
            str(key): posixpath.normpath(word(value))
            for key, value in translations.items()
            if str(key) != language and word(value)
        }
        if paths:
            options["translations"] = paths
    mapping = config.get("METADATA_MAPPING")
    if isinstance(mapping, Mapping):
        tables = {
            str(form): {str(key): str(name) for key, name in names.items()}
            for form, names in mapping.items()
            if isinstance(names, Mapping)
        }
        options |= {"metadata_mapping": tables} if tables else {}
    names = config.get("CATEGORY_DESTPATH_NAMES")
    if isinstance(names, Mapping):
        names = names.get(language, names)
        if isinstance(names, Mapping) and names:
            options["category_names"] = {str(key): str(name) for key, name in names.items() if isinstance(name, str)}
    folders = {**_table(config, "FILES_FOLDERS", {"files": ""}), **_table(config, "IMAGE_FOLDERS", {"images": "images"})}
    if folders != FILES_FOLDERS:
        options["files_folders"] = folders
    return options


def _table(config: Mapping[str, Any], name: str, default: dict[str, str]) -> dict[str, str]:
    value = config.get(name, default)
    return {str(key): str(path).strip("/") for key, path in value.items()} if isinstance(value, Mapping) else default
