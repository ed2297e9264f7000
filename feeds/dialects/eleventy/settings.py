"""What an Eleventy configuration and its data say in our settings, for `feeds init`: in comes a folder, out goes a Found.

The configuration is code, which is not run: literals in it, and the calls that most sites make, are read from its text.
https://www.11ty.dev/docs/config/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from feeds.data_trees import json_tree
from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.config_files import GeneratedFeed, feed_path, joined, number, table, word
from feeds.dialects.eleventy import computed, guards, options
from feeds.dialects.eleventy.short_codes import CONFIGS
from feeds.dialects.javascript import literals, modules

_MOST_LEVELS = 3
_MOST_ITEMS = 50


def detect(folder: SiteFolder) -> Found | None:
    """The settings of a folder that Eleventy builds."""
    config, text = next(((name, text) for name in CONFIGS if (text := folder.text(name)) is not None), ("", None))
    package = folder.text("package.json") or ""
    if text is None and '"@11ty/eleventy"' not in package:
        return None
    code = modules.code(folder, config, text or "")
    source = _folder(code, "input", "InputDirectory")
    output = _folder(code, "output", "OutputDirectory") or "_site"
    folders = {
        "includes": _folder(code, "includes", "IncludesDirectory", "_includes"),
        "data": _folder(code, "data", "DataDirectory", "_data"),
        "layouts": _folder(code, "layouts", "LayoutsDirectory", "_layouts"),
    }
    below = {name: posixpath.normpath(posixpath.join(source, path)) for name, path in folders.items()}
    data = _global_data(folder, below["data"])
    feed = _feed_metadata(code)
    site = {**_site(data), **{key: value for key, value in feed.items() if value}}
    if not site.get("url"):
        site |= {key: value for key, value in _feed_template(folder, source).items() if value and not site.get(key)}
    code_of_data = "\n".join(
        literals.without_comments(folder.text(path) or "") for path in _computed_files(folder, source, below)
    )
    hidden, unread = guards.keys(f"{code}\n{code_of_data}")
    return Found(
        "Eleventy",
        {
            "base_url": _address(site.get("url", ""), _word(code, "pathPrefix"), folder, source),
            "posts": source or ".",
            "output": output,
            "title": site.get("title", ""),
            "description": site.get("description", ""),
            "language": _language(site.get("language", "")),
            "timezone": "UTC",
            "author": {"name": site["author"]} if site.get("author") else {},
            "categories_mode": "parallel",
            "markdown": _markdown(code, package),
            "dialect": options.read(code, folder, source, below, data),
            "visibility": {"hidden_keys": hidden} if hidden else {},
        },
        (
            "Eleventy's settings are code, which is not run: check what was taken from them.",
            *(
                f"The preprocessor {name} leaves pages out by a rule that is not read: name its keys in visibility.hidden_keys."
                for name in unread
            ),
            *_unread_permalinks(folder, source, below),
        ),
        feeds=_feeds(code, folder, source),
    )


def _address(url: str, prefix: str, folder: SiteFolder, source: str) -> str:
    """The site's address: where a page is does not depend on the path of metadata.url, which is often that of the blog's list.

    A path that is a folder of the input is such a one; any other is taken for the place where the site is deployed.
    """
    parts = urlsplit(url)
    path = parts.path.strip("/")
    if path and not prefix.strip("/") and folder.has_folder(posixpath.join(source, path)):
        url = f"{parts.scheme}://{parts.netloc}/"
    return joined(url, prefix)


def _computed_files(folder: SiteFolder, source: str, below: Mapping[str, str]) -> Iterator[str]:
    """Files of data in JavaScript, whose functions may leave pages out."""
    yield from (f"{below['data']}/{name}" for name in folder.names(below["data"]) if name.startswith("eleventyComputed."))
    yield from (f"{source}/{path}".lstrip("/") for path in folder.files(source) if re.search(r"\.11tydata\.[cm]?js\Z", path))


def _unread_permalinks(folder: SiteFolder, source: str, below: Mapping[str, str]) -> Iterator[str]:
    """A note for each data file whose function for permalinks is not read."""
    for path in _computed_files(folder, source, below):
        if not path.startswith(below["data"] + "/"):
            tree, code = modules.exported(path, modules.bundle(path, folder.text(path) or "", folder.text))
            if isinstance(tree, dict) and computed.unread_permalink(computed.with_functions(tree, code)):
                yield (
                    f"{path} computes permalinks by a function that is not read: if the links below are not the blog's, set "
                    'permalink, e.g. permalink = "/:year/:month/:title/".'
                )


def _feeds(code: str, folder: SiteFolder, source: str) -> tuple[GeneratedFeed, ...]:
    """The feed of the feed plug-in, or of a template whose address says that it is one."""
    at = re.search(r"addPlugin\(\s*feedPlugin\s*,\s*(?=\{)", code)
    settings = literals.value_at(code, at.end(), literals.constants(code))[0] if at else {}
    if isinstance(settings, dict) and (path := feed_path(settings.get("outputPath"))):
        format = "rss" if settings.get("type") == "rss" else "atom"
        return (GeneratedFeed(path, format, number(table(settings.get("collection")).get("limit"))),)
    for name in folder.files(source):
        text = (folder.text(f"{source}/{name}".lstrip("/")) or "") if name.endswith((".njk", ".liquid")) else ""
        format = "rss" if re.search(r"<rss[\s>]", text) else "atom" if re.search(r"<feed[\s>]", text) else ""
        written = re.search(r"\bpermalink[\"']?\s{0,9}:\s{0,9}[\"']?([^\s\"',]{1,200})", text) if format else None
        if written and (path := feed_path(written[1])):
            return (GeneratedFeed(path, format),)
    return ()


def _word(code: str, name: str) -> str:
    """The text of the property `name: "…"`."""
    for match in literals.first(re.finditer(rf"""(?<![\w.$-])["']?{re.escape(name)}["']?\s*:\s*""", code)):
        value = literals.value_at(code, match.end(), literals.constants(code))[0]
        if isinstance(value, str):
            return value
    return ""


def _folder(code: str, name: str, setter: str, default: str = "") -> str:
    """A folder of `dir: {…}`, or of `eleventyConfig.setInputDirectory("…")`."""
    at = re.search(r"(?<![\w.$])[\"']?dir[\"']?\s*:\s*(?=\{)", code) or re.search(r"\bdirectories\s*=\s*(?=\{)", code)
    table = literals.value_at(code, at.end(), literals.constants(code))[0] if at else {}
    value = table.get(name) if isinstance(table, dict) else None
    call = re.search(rf"\.set{setter}\(\s*[\"'`]([^\"'`]*)", code)
    path = str(value) if isinstance(value, str) else call[1] if call else default
    path = posixpath.normpath(path.strip("/") or ".")
    return "" if path == "." else path


def _language(text: str) -> str:
    text = text.replace("_", "-")
    return text if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", text) else ""


# data of the site


def _global_data(folder: SiteFolder, data: str) -> dict[str, Any]:
    """What the files of the data folder hold, by name; texts, numbers and tables of them."""
    values: dict[str, Any] = {}
    for name in folder.names(data):
        stem, dot, ending = name.partition(".")
        text = folder.text(f"{data}/{name}") if dot and ending in ("json", "js", "cjs", "mjs") else None
        if text is None or len(text) > 50_000:
            continue
        try:
            tree = json_tree(text) if ending == "json" else literals.exported(text)
        except (ValueError, RecursionError):
            continue
        if (plain := _plain(tree)) is not None:
            values[stem] = plain
    return values


def _plain(value: Any, depth: int = 0) -> Any:
    """A tree of texts, numbers, lists and tables, three levels deep; None for what is none of these, or long."""
    if isinstance(value, str):
        return value if len(value) <= 500 else None
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list) and depth < _MOST_LEVELS:
        items = [_plain(item, depth + 1) for item in value[:_MOST_ITEMS]]
        return [item for item in items if item is not None] or None
    if isinstance(value, dict) and depth < _MOST_LEVELS:
        table = {str(key): _plain(item, depth + 1) for key, item in value.items()}
        return {key: item for key, item in table.items() if item is not None} or None
    return None


def _site(data: Mapping[str, Any]) -> dict[str, str]:
    """The facts of the site, from the data file that most sites keep them in."""
    first = ("metadata", "site", "meta", "siteConfig", "config", "siteInfo", "siteData", "global", "globals", "settings")
    for name in (*first, *sorted(data.keys() - set(first))):
        table = data.get(name)
        if not isinstance(table, dict):
            continue
        table = {**table, **table["site"]} if isinstance(table.get("site"), dict) else table
        # siteUrl, SITE_URL and site_url are one key.
        table = {re.sub("[_-]", "", key).lower(): value for key, value in reversed(table.items())}
        urls = ("url", "base", "siteurl", "baseurl", "domain", "origin", "homepage")
        url = next((word(table[key]) for key in urls if "://" in word(table.get(key))), "")
        if url or (name in first and table.get("title")):
            writer = table.get("author")
            author = word(writer.get("name")) if isinstance(writer, dict) else word(writer)
            language = next((word(table[key]) for key in ("language", "lang", "locale") if word(table.get(key))), "")
            title = next((word(table[key]) for key in ("title", "name", "sitename", "sitetitle") if word(table.get(key))), "")
            return {
                "url": url,
                "title": title,
                "description": word(table.get("description")),
                "language": language,
                "author": author,
            }
    return {}


def _feed_metadata(code: str) -> dict[str, str]:
    """What the feed plug-in is told of the site."""
    at = re.search(r"addPlugin\(\s*feedPlugin\s*,\s*(?=\{)", code)
    table = literals.value_at(code, at.end(), literals.constants(code))[0] if at else {}
    metadata = table.get("metadata") if isinstance(table, dict) else None
    if not isinstance(metadata, dict):
        return {}
    writer = metadata.get("author")
    return {
        "url": word(metadata.get("base")),
        "title": word(metadata.get("title")),
        "description": word(metadata.get("subtitle")),
        "language": word(metadata.get("language")),
        "author": word(writer.get("name")) if isinstance(writer, dict) else "",
    }


def _feed_template(folder: SiteFolder, source: str) -> dict[str, str]:
    """What the front matter of the feed's own template says of the site, as in eleventy-plugin-rss's example."""
    for path in folder.files(source):
        if not re.search(r"(?:feed|rss|atom)[\w-]{0,40}\.(?:\w{1,20}\.)?(?:njk|liquid)\Z", path, re.IGNORECASE):
            continue
        text = folder.text(f"{source}/{path}".lstrip("/")) or ""
        block = re.match(r"---(?:json|yaml)?[ \t]{0,20}\r?\n(.*?)\n---", text, re.DOTALL)
        result = _site({"metadata": facts}) if block and (facts := _front_matter(block[1])) else {}
        if result.get("url"):
            return result
    return {}


def _front_matter(text: str) -> dict[str, Any]:
    """The table `metadata` of front matter in JSON or YAML, else the front matter itself."""
    import yaml

    try:
        tree = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506  it makes nothing but strings
    except (yaml.YAMLError, RecursionError):
        return {}
    tree = table(tree)
    return table(tree.get("metadata")) or tree


def _markdown(code: str, package: str) -> dict[str, Any]:
    """Options and plug-ins of markdown-it, as far as they change what a reader sees."""
    wishes: dict[str, Any] = {}
    for option, field in (("breaks", "breaks"), ("linkify", "autolinks")):
        if re.search(rf"\b{option}\b[\"']?\s*:\s*true", code):
            wishes[field] = True
    if re.search(r"\btypographer\b[\"']?\s*:\s*true", code):
        wishes["typography"] = "markdown-it"
    plugins = {
        "footnote": ("footnotes", True), "task-lists": ("task_lists", True), "task-checkbox": ("task_lists", True),
        "attrs": ("attributes", "all"), "emoji": ("emoji", True), "deflist": ("definition_lists", True),
        "abbr": ("abbreviations", True), "mark": ("marks", True), "ins": ("insertions", True), "sub": ("scripts", True),
        "container": ("containers", True), "github-alerts": ("callouts", True),
    }  # fmt: skip
    for name, (field, value) in plugins.items():
        if re.search(rf"[\"'`](?:@[\w-]+/)?markdown-it-{name}[\"'`]", code):
            wishes[field] = value
    version = re.search(r"\"@11ty/eleventy\"\s*:\s*\"[^\d\"]*(\d+)", package)
    if version and int(version[1]) < 2:
        wishes["indented_code"] = True
    return wishes
