"""Every setting with what it allows, in one table: a dotted name comes in, its `Kind` goes out.

The names are those of the dataclasses beside this room; a test holds that none is missing. Must not read any source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields

from feeds import plugins
from feeds.content.flavour import ATTRIBUTE_SYNTAXES, EMPHASES, FORMULAS, RENDERERS, TYPOGRAPHIES, Flavour
from feeds.content.policy import ALLOWABLE_ATTRIBUTES, ALLOWABLE_TAGS
from feeds.dialects import NAMES
from feeds.settings import FORMATS, READERS, TAXONOMIES
from feeds.settings.addresses import (
    ABSOLUTE,
    BASE,
    FILE_NAME,
    GLOB,
    HOST,
    OWN_PATH,
    PERMALINK,
    SLUG,
    URL,
    braces,
    folder,
)
from feeds.settings.kinds import (
    AUTHORITY,
    EMAIL,
    ENCODING,
    FLAG,
    FRACTION,
    LANGUAGE,
    ZONE,
    Kind,
    WrongValueError,
    choice,
    describe,
    duration,
    exactly,
    line,
    listed,
    name_of,
    nearest,
    plug_in,
    size,
    some_of,
    string,
    whole,
)

_HOUR, _DAY = 3600, 86_400
_KB, _MB = 1_000, 1_000_000

_CONTENT = choice("full", "summary")
_LIMIT = whole(1, 3000)
"""Inoreader blocks feeds of more than 3,000 entries."""


def _path(value: object) -> str:
    text = string(value, PATH.allowed)
    if not text.strip() or "\0" in text:
        raise WrongValueError("it is empty", PATH.allowed)
    return text


PATH = Kind(_path, "a folder")
FILE = Kind(_path, "a file")
#: Kinds whose relative paths begin where the setting was given.
LOCAL = (PATH, FILE)


def _pages(value: object) -> bool | str:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in ("true", "false"):
        return value.strip().casefold() == "true"
    if not isinstance(value, str):
        raise WrongValueError(f"{describe(value)} is neither true nor false nor a folder", PAGES.allowed)
    try:
        return str(folder().read(value)) or True
    except WrongValueError as wrong:
        raise WrongValueError(wrong.what, PAGES.allowed, wrong.fix) from None


PAGES = Kind(_pages, 'true, false, or a folder below which the pages go, e.g. "feeds/"')


def _reader(value: object) -> str:
    text = " ".join(string(value, READER.allowed).split())
    if text in READERS:
        return text
    label, _, url = text.rpartition(" ")
    if not label:
        near = nearest(text, READERS)
        raise WrongValueError(f"{describe(text)} is not a known reader", READER.allowed, near)
    if url.count("{url}") + url.count("{feed}") != 1 or not re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]+", url):
        raise WrongValueError(f"{describe(url)} is not an address with one {{url}} in it", READER.allowed)
    if url.partition(":")[0] in ("javascript", "data", "vbscript", "file"):
        raise WrongValueError(f"{describe(url)} would run or open what a page must not", READER.allowed)
    return text


READER = Kind(
    _reader, f'{", ".join(READERS)}, or a label and an address, e.g. "Miniflux https://rss.example.org/bookmarklet?uri={{url}}"'
)

#: Fields of a Flavour that are not true or false. `liquid` is up to the dialect.
_MARKDOWN: Mapping[str, Kind] = {
    "renderer": choice(*RENDERERS),
    "extensions": listed(line(200, empty=False), "a list of names of Python-Markdown's extensions"),
    "typography": choice(*TYPOGRAPHIES),
    "quotes": exactly(4, "four characters, e.g. “”‘’"),
    "attributes": choice(*ATTRIBUTE_SYNTAXES),
    "emphasis": choice(*EMPHASES),
    "formulas": choice(*FORMULAS),
}

KINDS: Mapping[str, Kind] = {
    "base_url": BASE,
    "posts": PATH,
    "output": PATH,
    "state": PATH,
    # the site
    "title": line(),
    "description": line(5000),
    "language": LANGUAGE,
    "rights": line(),
    "icon": URL,
    "logo": URL,
    "timezone": ZONE,
    "home_page_url": BASE,
    "category_page": braces("path", "slug", needed=("path", "slug")),
    "tag_page": braces("path", "slug", needed=("path", "slug")),
    "author_page": braces("path", "slug", needed=("path", "slug")),
    # posts
    "generator": plug_in(choice(*NAMES), plugins.DIALECTS),
    "encodings": listed(ENCODING, "a list of " + ENCODING.allowed, least=1),
    "exclude": listed(GLOB, "a list of " + GLOB.allowed),
    "permalink": PERMALINK,
    "id_source": choice("tag", "permalink"),
    "authority": AUTHORITY,
    "comments_url": braces("permalink"),
    "default_image": URL,
    # taxonomies
    "taxonomies": some_of(*TAXONOMIES),
    "categories_mode": choice("path", "parallel"),
    "default_category": line(300),
    # feeds
    "formats": some_of(*FORMATS, least=1, group=plugins.FORMATS),
    "limit": _LIMIT,
    "content": _CONTENT,
    "warn_document_bytes": size(1 * _KB, 15 * _MB),
    "max_document_bytes": size(10 * _KB, 15 * _MB),
    "max_age_seconds": duration(60, _DAY),
    "stale_while_revalidate_seconds": duration(0, 365 * _DAY),
    "stale_if_error_seconds": duration(0, 365 * _DAY),
    "hubs": listed(ABSOLUTE, "a list of " + ABSOLUTE.allowed),
    "show_email": FLAG,
    "retired": listed(OWN_PATH, "a list of paths below the base URL"),
    # pages
    "pages": PAGES,
    "readers": listed(READER, "a list of " + READER.allowed),
    "templates": PATH,
    "page_css": FILE,
    # publishing
    "target": plug_in(choice("folder"), plugins.TARGETS),
    "output_mode": choice("auto", "exchange", "symlink", "files"),
    "precompress": some_of("gzip", "br"),
    "header_maps": some_of("nginx", "caddy", "netlify"),
    "max_removed_fraction": FRACTION,
    "min_removed": whole(0, 1_000_000),
    "workers": whole(0, 256),
    # groups
    "paths.site": folder(),
    "paths.category": folder("path", "slug"),
    "paths.tag": folder("path", "slug"),
    "paths.author": folder("path", "slug"),
    "paths.entry": folder("slug"),
    "paths.archive": folder(),
    "paths.rss": FILE_NAME,
    "paths.atom": FILE_NAME,
    "paths.json": FILE_NAME,
    "paths.html": FILE_NAME,
    "paths.opml": FILE_NAME,
    "paths.css": FILE_NAME,
    **{
        f"markdown.{field.name}": _MARKDOWN.get(field.name, FLAG) for field in dataclass_fields(Flavour) if field.name != "liquid"
    },
    "bounds.file_bytes": size(1 * _KB, 1000 * _MB),
    "bounds.front_matter_bytes": size(1 * _KB, 10 * _MB),
    "bounds.front_matter_depth": whole(1, 100),
    "bounds.content_bytes": size(1 * _KB, 100 * _MB),
    "bounds.element_depth": whole(10, 1000),
    "bounds.post_seconds": duration(1, _HOUR),
    "bounds.post_memory_bytes": size(50 * _MB, 100_000 * _MB),
    "bounds.title_characters": whole(1, 100_000),
    "bounds.term_characters": whole(1, 10_000),
    "bounds.terms": whole(1, 10_000),
    "sanitise.backend": choice("bleach", "nh3"),
    "sanitise.allow_tags": listed(name_of("a tag", ALLOWABLE_TAGS), "a list of names of tags"),
    "sanitise.embed_hosts": listed(HOST, "a list of " + HOST.allowed),
    "sanitise.data_images": FLAG,
    "sanitise.nofollow": FLAG,
    "sanitise.drop_trackers": FLAG,
    "visibility.hidden_keys": listed(line(100, empty=False), "a list of front matter keys"),
    "visibility.hidden_terms": listed(line(300, empty=False), "a list of categories and tags"),
    "visibility.public_words": listed(line(100, empty=False), "a list of words"),
    "visibility.ignored_keys": listed(line(100, empty=False), "a list of front matter keys"),
    "visibility.required_keys": listed(line(100, empty=False), "a list of front matter keys"),
}

#: Attributes of one tag, in the table `sanitise.allow_attributes`.
ATTRIBUTES = listed(name_of("an attribute", ALLOWABLE_ATTRIBUTES), "a list of names of attributes")
TAG = name_of("a tag", ALLOWABLE_TAGS)

PERSON: Mapping[str, Kind] = {"name": line(300, empty=False), "url": URL, "email": EMAIL, "avatar": URL}
FEED: Mapping[str, Kind] = {"title": line(), "description": line(5000), "limit": _LIMIT, "content": _CONTENT}

#: Tables whose keys are the author's own names, and what stands under each.
NAMED: Mapping[str, Kind] = {
    "category_map": SLUG,
    "tag_map": SLUG,
    "moved": Kind(OWN_PATH.read, 'a path below the base URL or a URL, as "category/web/rss.xml"'),
    "sanitise.allow_attributes": ATTRIBUTES,
}

#: What other tools call a setting, so that the hint can name ours.
SYNONYMS: Mapping[str, str] = {
    "url": "base_url", "baseurl": "base_url", "site_url": "base_url", "siteurl": "base_url", "root": "base_url",
    "domain": "base_url", "link": "base_url", "site": "title", "name": "title", "sitename": "title",
    "subtitle": "description",
    "lang": "language", "languagecode": "language", "locale": "language", "tz": "timezone", "time_zone": "timezone",
    "source": "posts", "source_dir": "posts", "input": "posts", "content_dir": "posts", "folder": "posts",
    "public": "output", "public_dir": "output", "dest": "output", "destination": "output", "out": "output",
    "copyright": "rights", "license": "rights", "image": "default_image", "favicon": "icon", "items": "limit",
    "count": "limit", "max_items": "limit", "max_age": "max_age_seconds", "ttl": "max_age_seconds", "hub": "hubs",
    "format": "formats", "type": "formats", "permalinks": "permalink", "feeds": "feed", "categories": "feed",
    "person": "people", "ignore": "exclude", "sanitize": "sanitise", "encoding": "encodings", "redirects": "moved",
    "gone": "retired", "taxonomy": "taxonomies", "jobs": "workers", "path": "paths",
    "bound": "bounds", "css": "page_css", "style": "page_css", "theme": "templates", "html": "pages", "page": "pages",
}  # fmt: skip
