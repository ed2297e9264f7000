"""What a Hexo site's own settings say in ours, for `feeds init`: in come its _config.yml and package.json, out goes a Found.

Reads settings alone; nothing of the site is run. Sources: hexo, lib/hexo/default_config.ts, and the READMEs of the plug-ins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from feeds.data_trees import json_tree
from feeds.dialects.base import Found, Option, SiteFolder
from feeds.dialects.config_files import (
    GeneratedFeed,
    UnreadableError,
    author,
    feed_path,
    flag,
    joined,
    number,
    table,
    with_scheme,
    word,
    words_by_name,
)
from feeds.dialects.hexo import renderer
from feeds.lazy_patterns import lazy_pattern

OPTIONS: Mapping[str, Option] = {
    "new_post_name": Option("text", "Pattern by which files are named; it says what of a name is the post's :title."),
    "permalink_defaults": Option("a table", "What placeholders of permalink are for posts that do not say it."),
    "default_category": Option("text", "What :category is for posts without one."),
    "trailing_index": Option("true or false", "Whether addresses keep a last index.html."),
    "trailing_html": Option("true or false", "Whether addresses keep a last .html."),
    "filename_case": Option("a number", "Slugs of categories in lower (1) or upper case (2)."),
    "post_asset_folder": Option("true or false", "Whether a folder beside a post, named like it, holds its files."),
    "use_slug_as_post_title": Option("true or false", "Whether a post without a title is called like its file."),
    "titlecase": Option("true or false", "Whether words of titles begin with capitals."),
    "machine_timezone": Option("text", "Zone of the machine on which Hexo runs: the days in addresses are days there."),
    "root": Option("text", "Path of the site on its host, if it is not that of the base URL."),
    "prepend_root": Option("true or false", "Whether addresses of pictures in Markdown begin at the site's root."),
    "post_asset": Option("true or false", "Whether a picture in Markdown may be a file of the post's own folder."),
    "asset_image": Option("true or false", "Whether hexo-asset-image looks for every picture in the post's own folder."),
    "abbrlink": Option("text", 'How hexo-abbrlink numbers posts that have no abbrlink, e.g. "crc32 hex".'),
    "encrypted_tags": Option("a list", "Tags whose posts hexo-blog-encrypt locks."),
}

_SETTINGS_FILES = ("_config.yml", "_config.yaml", "_config.json")
#: Plug-ins that put blanks between Chinese and Latin letters.
_SPACING_PLUGINS = ("hexo-pangu", "hexo-filter-auto-spacing")

#: Keys that only Hexo's settings have together.
_OWN_KEYS = {"permalink", "new_post_name"}
_JEKYLL_FOLDERS = ("_layouts", "_includes", "_sass")
_MARKDOWN = (".md", ".markdown")
#: Files of a folder that are looked at to tell how posts are named.
_SAMPLE = 200
_DATED = lazy_pattern(r"\d{4}-\d{1,2}-\d{1,2}-")


def detect(folder: SiteFolder) -> Found | None:
    """What the settings of a Hexo site say; None if the folder is not one."""
    package = folder.text("package.json") or ""
    names = _settings_files(folder, package)
    is_source = False
    if not names or not ('"hexo' in package or folder.has_folder("source/_posts")):
        if not _is_source_folder(folder):
            return None
        is_source, names = True, _moved_settings(folder)
    config: dict[str, Any] = {}
    for name in names:
        config = _merged(config, folder.tree(name) or {})
    plugins = _plugins(package)
    source = "." if is_source else word(config.get("source_dir")) or "source"
    url, root = with_scheme(word(config.get("url"))), word(config.get("root"))
    notes = _notes(names, plugins, is_source=is_source)
    home = ""
    options = {**_options(config, plugins), **renderer.pictures(config, plugins)}
    base_url = joined(url, root)
    if url and joined(url, "") != base_url:
        home = joined(url, "")
        # The addresses of pictures begin at root, whatever url says.
        options["root"] = f"/{root.strip('/')}/"
        notes.append(
            f"url in {names[-1]} is {url} and root is {root}: Hexo writes links to posts below url. If the pages are below "
            f"{base_url}, correct url there, and delete home_page_url in feeds.toml."
        )
    return Found(
        "Hexo",
        {
            "base_url": base_url,
            "home_page_url": home,
            "posts": f"{source}/_posts".removeprefix("./"),
            "output": word(config.get("public_dir")) or "public",
            "title": word(config.get("title")),
            "description": word(config.get("description")) or word(config.get("subtitle")),
            "language": word(config.get("language")),
            "timezone": word(config.get("timezone")),
            "author": author(config.get("author")),
            "permalink": word(config.get("permalink")) or ":year/:month/:day/:title/",
            "categories_mode": "path",
            "category_map": words_by_name(config.get("category_map")),
            "tag_map": words_by_name(config.get("tag_map")),
            "exclude": _excluded(config),
            "visibility": _visibility(config),
            "markdown": renderer.markdown(config, plugins),
            "dialect": options,
        },
        tuple(notes),
        _deployed(config.get("deploy")),
        _feeds(table(config.get("feed")), plugins),
    )


def _is_source_folder(folder: SiteFolder) -> bool:
    """Whether the folder is what Hexo calls source: posts whose names do not begin with dates, and nothing of Jekyll."""
    if not folder.has_folder("_posts") or any(map(folder.has_folder, _JEKYLL_FOLDERS)) or folder.has_file("Gemfile"):
        return False
    if _moved_settings(folder):
        return True
    if any(map(folder.has_file, _SETTINGS_FILES)):
        return False
    names = [path.rpartition("/")[2] for path in islice(folder.files("_posts"), _SAMPLE) if path.endswith(_MARKDOWN)]
    return 2 * sum(1 for name in names if _DATED.match(name)) < len(names)


def _notes(names: tuple[str, ...], plugins: Mapping[str, str], *, is_source: bool) -> list[str]:
    """What to say of the files that the settings are read from (`names`), and of plug-ins whose work is not done."""
    notes: list[str] = []
    if is_source:
        notes.append(_told_of_source(names))
    elif names[0] not in _SETTINGS_FILES:
        notes.append(f"Hexo's settings are taken from {' and '.join(names)}.")
    for name in filter(plugins.__contains__, _SPACING_PLUGINS):
        notes.append(
            f"{name} puts blanks between Chinese and Latin letters of the blog's pages: the feeds show titles and texts as they "
            "are written."
        )
    return notes


def _told_of_source(settings: tuple[str, ...]) -> str:
    """What to say of a source folder without its site, with the file of settings that was found in it."""
    note = (
        "The folder looks like the source folder of a Hexo site, whose settings are not here: run feeds init in the site's "
        "folder instead, or set permalink and base_url in feeds.toml as they are in Hexo's _config.yml."
    )
    if settings:
        note = f"The folder looks like the source folder of a Hexo site. Its settings are taken from {settings[0]}."
    return note


def _moved_settings(folder: SiteFolder) -> tuple[str, ...]:
    """The file at the root of a source folder that holds Hexo's settings, e.g. a copy of them: one at the most."""
    names = [name for name in folder.names("") if name.endswith((".yml", ".yaml")) and "config" in name.lower()]
    return tuple(name for name in names if _has_own_keys(folder, name))[:1]


def _has_own_keys(folder: SiteFolder, name: str) -> bool:
    with suppress(UnreadableError):
        return (folder.tree(name) or {}).keys() >= _OWN_KEYS
    return False


def _settings_files(folder: SiteFolder, package: str) -> tuple[str, ...]:
    """The files of the site's settings, of which later ones win: those that package.json's scripts name, or _config.yml."""
    try:
        scripts = table(table(json_tree(package)).get("scripts")) if package else {}
    except ValueError:
        scripts = {}
    for script in ("build", "generate", "deploy", *sorted(scripts)):
        match = re.search(r"\bhexo\b[^&|;]{0,200}--config[= ]\s{0,9}[\"']?([\w./,-]{1,200})", word(scripts.get(script)))
        named = tuple(name.removeprefix("./") for name in match[1].split(",")) if match else ()
        if named and all(name.endswith((".yml", ".yaml", ".json")) and folder.has_file(name) for name in named):
            return named
    if usual := next((name for name in _SETTINGS_FILES if folder.has_file(name)), None):
        return (usual,)
    # Settings that a script of the shell puts together; `_config.next.yml` is those of a theme.
    others = [name for name in folder.names("") if re.fullmatch(r"_config\.[\w-]{1,60}\.ya?ml", name)]
    return tuple(name for name in others if '"hexo' in package and {"url", "permalink"} <= (folder.tree(name) or {}).keys())[:1]


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two files of settings as Hexo merges them: tables key by key (lib/hexo/multi_config_path.ts)."""
    result = dict(below)
    for key, value in above.items():
        before = result.get(key)
        result[key] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return result


def _feeds(config: Mapping[str, Any], plugins: Mapping[str, str]) -> tuple[GeneratedFeed, ...]:
    """The feeds of hexo-generator-feed: one or several types, each with its path."""
    if "hexo-generator-feed" not in plugins or word(config.get("enable")).lower() == "false":
        return ()
    types, paths = (value if isinstance(value, list) else [value] for value in (config.get("type"), config.get("path")))
    feeds = []
    for place, kind in enumerate(map(word, types)):
        format = "rss" if kind.startswith("rss") else "atom"
        path = feed_path(paths[place] if place < len(paths) else "") or ("rss2.xml" if format == "rss" else "atom.xml")
        feeds.append(GeneratedFeed(path, format, number(config.get("limit")), word(config.get("content")).lower() == "false"))
    return tuple(feeds)


def _deployed(deploy: Any) -> tuple[str, ...]:
    """The repositories to which hexo-deployer-git pushes the site."""
    remotes: list[str] = []
    for target in deploy if isinstance(deploy, list) else [deploy]:
        repository = table(target).get("repo") or table(target).get("repository")
        named = repository.values() if isinstance(repository, Mapping) else [repository]
        remotes += [word(table(remote).get("url")) if isinstance(remote, Mapping) else word(remote) for remote in named]
    return tuple(filter(None, remotes))


def _plugins(package: str) -> dict[str, str]:
    """The packages that a site's package.json asks for, with their versions, in the order in which Hexo loads them."""
    try:
        tree = json_tree(package)
    except ValueError:
        return {}
    groups = (table(table(tree).get(name)) for name in ("dependencies", "devDependencies"))
    return {name: word(version) for group in groups for name, version in group.items()}


def _options(config: Mapping[str, Any], plugins: Mapping[str, str]) -> dict[str, Any]:
    """The table [dialect]: what differs from Hexo's own defaults."""
    pretty = table(config.get("pretty_urls"))
    options: dict[str, Any] = {
        "new_post_name": word(config.get("new_post_name")),
        "permalink_defaults": {key: value for key, value in table(config.get("permalink_defaults")).items() if word(value)},
        "default_category": word(config.get("default_category")),
        "trailing_index": flag(pretty.get("trailing_index"), default=True),
        "trailing_html": flag(pretty.get("trailing_html"), default=True),
        "filename_case": int(case) if (case := word(config.get("filename_case"))) in ("1", "2") else 0,
        "post_asset_folder": flag(config.get("post_asset_folder"), default=False),
        "use_slug_as_post_title": flag(config.get("use_slug_as_post_title"), default=False),
        "titlecase": flag(config.get("titlecase"), default=False),
        "abbrlink": _abbrlink(table(config.get("abbrlink"))) if "hexo-abbrlink" in plugins else "",
        "encrypted_tags": _encrypted(config),
    }
    defaults = {
        "new_post_name": ":title.md", "default_category": "uncategorized", "trailing_index": True, "trailing_html": True,
        "filename_case": 0, "post_asset_folder": False, "use_slug_as_post_title": False,
        "titlecase": False,
    }  # fmt: skip
    return {name: value for name, value in options.items() if value not in ("", {}, []) and value != defaults.get(name)}


def _abbrlink(config: Mapping[str, Any]) -> str:
    return f"{word(config.get('alg')) or 'crc16'} {word(config.get('rep')) or 'dec'}"


def _encrypted(config: Mapping[str, Any]) -> list[str]:
    tags = table(config.get("encrypt")).get("tags")
    names = [word(table(tag).get("name")) or word(tag) for tag in tags] if isinstance(tags, list) else []
    return [name for name in names if name]


def _visibility(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """The table [visibility]: the key with which hexo-hide-posts hides a post, if it is not `hidden`."""
    key = word(table(config.get("hide_posts")).get("filter"))
    return {"hidden_keys": [key]} if key and key != "hidden" else {}


def _excluded(config: Mapping[str, Any]) -> list[str]:
    """Patterns of files that Hexo ignores or does not render, as ours below the posts folder."""
    patterns: list[str] = []
    # `exclude` is not for posts, but whoever names _posts there means them.
    for key in ("ignore", "skip_render", "exclude"):
        value = config.get(key)
        for pattern in map(word, value if isinstance(value, list) else [value]):
            if pattern.startswith(("_posts/", "**/")):
                patterns.append(re.sub(r"\A(?:_posts/|\*\*/)+", "", pattern).replace("**", "*"))
    return [pattern for pattern in dict.fromkeys(patterns) if pattern]
