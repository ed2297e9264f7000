"""What a Jekyll site's _config.yml says in our settings, for `feeds init`: in comes its folder, out goes a Found.

Reads settings alone; nothing of the site is run. https://jekyllrb.com/docs/configuration/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.content.liquid.slugs import escape_segment
from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.config_files import (
    GeneratedFeed,
    author,
    feed_path,
    feed_template,
    joined,
    number,
    table,
    template_address,
    with_scheme,
    word,
)
from feeds.dialects.jekyll import polyglot

#: How many entries jekyll-feed's feed has without `posts_limit`.
_FEED_ENTRIES = 10
#: Names of entities in kramdown's option `smart_quotes`.
_QUOTES = {
    "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "apos": "'", "quot": '"', "sbquo": "‚", "bdquo": "„",
    "laquo": "«", "raquo": "»", "lsaquo": "‹", "rsaquo": "›",
}  # fmt: skip


def detect(folder: SiteFolder) -> Found | None:
    """The settings of a folder that Jekyll builds."""
    name = next((name for name in ("_config.yml", "_config.yaml", "_config.toml") if folder.has_file(name)), None)
    if name is None and not folder.has_folder("_posts"):
        return None
    config = (folder.tree(name) if name is not None else None) or {}
    source = word(config.get("source")).removeprefix("./").strip("/")
    source = "" if source == "." else source
    output = word(config.get("destination")).removeprefix("./") or "_site"
    collections = table(config.get("collections"))
    permalink = word(table(collections.get("posts")).get("permalink")) or word(config.get("permalink")) or "date"
    notes = [*_no_posts(folder, source, collections)]
    # production_url is Jekyll Bootstrap's.
    url = with_scheme(word(config.get("url")) or word(config.get("production_url")))
    if not url:
        url, template = template_address(folder, source)
        if url:
            notes.append(f"base_url is {url}, from {template}: change it in feeds.toml if the blog is elsewhere.")
    languages = polyglot.options(config) if _has_plugin("jekyll-polyglot", config, folder) else {}
    return Found(
        "Jekyll",
        {
            "base_url": joined(url, word(config.get("baseurl"))),
            "posts": source or ".",
            "output": output,
            "title": word(config.get("title")) or word(config.get("name")),
            "description": word(config.get("description")) or word(config.get("tagline")),
            "language": word(config.get("lang")) or word(config.get("locale")),
            "timezone": word(config.get("timezone")),
            "author": author(config.get("author")),
            "permalink": _plain_pattern(permalink),
            "categories_mode": "parallel",
            "markdown": _markdown(config),
            "dialect": {**_options(config, source), **languages},
        },
        tuple(notes),
        tuple(filter(None, (word(config.get("repository")),))),
        _feeds(config, folder) or feed_template(folder, source),
    )


def _no_posts(folder: SiteFolder, source: str, collections: Mapping[str, Any]) -> Iterator[str]:
    """What to say of a site without posts, whose texts are in collections of its own."""
    names = [
        name
        for name, facts in collections.items()
        if word(table(facts).get("output")).lower() == "true" and folder.has_folder(f"{source}/_{name}".lstrip("/"))
    ]
    if any("_posts/" in f"/{path}" for path in folder.files(source or ".")):
        return
    if names:
        first = f"{source}/_{names[0]}".lstrip("/")
        note = (
            "Jekyll's posts are in folders named _posts, and there is none, so nothing will be published: its collections "
            f'({", ".join(names)}) are pages to it. To publish a collection, set posts = "{first}" and generator = "plain" '
            "in feeds.toml."
        )
        yield note
    elif pages := _most_pages(folder, source):
        note = (
            "Jekyll's posts are in folders named _posts, and there is none, so nothing will be published. To publish the "
            f'pages in a folder, set posts = "{pages}" and generator = "plain" in feeds.toml.'
        )
        yield note


def _most_pages(folder: SiteFolder, source: str) -> str:
    """The folder with the most pages in Markdown, those of folders of its own included; "" if there is none."""
    paths = [path for path in folder.files(source or ".") if path.endswith((".md", ".markdown")) and not path.startswith("_")]
    count = Counter(path.partition("/")[0] if "/" in path else "." for path in paths)
    first = max(count.items(), key=lambda item: (item[1], item[0]), default=("", 0))[0]
    return f"{source}/{first}" if source and first not in ("", ".") else (source or first)


def _feeds(config: Mapping[str, Any], folder: SiteFolder) -> tuple[GeneratedFeed, ...]:
    """The feed of jekyll-feed, if the site has the plug-in."""
    if not _has_plugin("jekyll-feed", config, folder):
        return ()
    feed = table(config.get("feed"))
    limit, summaries = number(feed.get("posts_limit")) or _FEED_ENTRIES, word(feed.get("excerpt_only")).lower() == "true"
    return (GeneratedFeed(feed_path(feed.get("path")) or "feed.xml", "atom", limit, summaries),)


def _has_plugin(name: str, config: Mapping[str, Any], folder: SiteFolder) -> bool:
    """Whether the settings or the Gemfile name a plug-in."""
    if name in (*_listed(config.get("plugins")), *_listed(config.get("gems"))):
        return True
    return re.search(rf"^[ \t]{{0,40}}gem[ \t]{{1,20}}[\"']{name}", folder.text("Gemfile") or "", re.MULTILINE) is not None


def _listed(value: Any) -> list[str]:
    return [word(name) for name in value] if isinstance(value, list) else [word(value)]


def _markdown(config: Mapping[str, Any]) -> dict[str, Any]:
    """The table [markdown]: another renderer, or kramdown's options."""
    renderer = word(config.get("markdown")).lower()
    if renderer.startswith(("commonmark", "gfm")):
        return {"renderer": "markdown-it", "autolinks": True}
    kramdown = table(config.get("kramdown"))
    options: dict[str, Any] = {}
    if word(kramdown.get("hard_wrap")) == "true":
        options["breaks"] = True
    quotes = [_QUOTES.get(name.strip(), "") for name in word(kramdown.get("smart_quotes")).split(",")]
    if len(quotes) == 4 and all(quotes):
        options["quotes"] = quotes[2] + quotes[3] + quotes[0] + quotes[1]
    return options


def _plain_pattern(pattern: str) -> str:
    """A permalink pattern without what no path of ours may hold: dots that Jekyll drops, blanks that it encodes."""
    plain = re.sub(r"/{2,}", "/", pattern.replace("..", "/").replace("./", "")) if "./" in pattern or ".." in pattern else pattern
    return re.sub(r"\s", lambda blank: escape_segment(blank[0]), plain)


def _options(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The table [dialect]: what of Jekyll's settings decides which files are posts, and what posts inherit."""
    options: dict[str, Any] = {"source": source, "collections_dir": word(config.get("collections_dir")).strip("/")}
    for name in ("include", "exclude"):
        value = config.get(name)
        options[name] = [word(item) for item in value if word(item)] if isinstance(value, list) else []
    defaults = config.get("defaults")
    if isinstance(defaults, list):
        options["defaults"] = [_filled(entry) for entry in defaults if isinstance(entry, Mapping)]
    return {name: value for name, value in options.items() if value}


def _filled(value: Any) -> Any:
    """A tree of settings without what YAML leaves empty, which TOML cannot write."""
    if isinstance(value, Mapping):
        return {str(key): _filled(item) for key, item in value.items() if item is not None}
    return [_filled(item) for item in value if item is not None] if isinstance(value, list) else value
