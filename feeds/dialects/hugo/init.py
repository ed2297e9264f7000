"""What Hugo's settings say in ours, for `feeds init`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from feeds.dialects.config_files import Found, SiteFolder, author, table, with_scheme, word
from feeds.dialects.hugo import config, own_feeds
from feeds.dialects.hugo.options import ENDINGS, PAGES
from feeds.lazy_patterns import lazy_pattern

#: A content folder may hold files of other sites beside Hugo's settings with the name config.toml; these are its own.
_SIGNS = ("archetypes", "layouts", "themes", "static", "i18n")


def detect(folder: SiteFolder) -> Found | None:
    """What the site's settings say; None if the folder is no site of Hugo's."""
    tree = config.read(folder)
    if tree is None:
        return None
    content = (word(tree.get("contentdir")) or "content").strip("/")
    own_name = any(name.startswith("hugo.") for name in config.root_files(folder)) or folder.has_folder("config/_default")
    if not own_name and not (folder.has_folder(content) and ("baseurl" in tree or any(map(folder.has_folder, _SIGNS)))):
        return None
    languages, default = _languages(tree, content)
    own = table(table(tree.get("languages")).get(default))
    params = {**table(tree.get("params")), **table(own.get("params"))}
    rights = word(tree.get("copyright"))
    folders = [str(language.get("folder") or "") for language in languages.values() if not language.get("disabled")]
    roots = [f"{content}/{name}" for name in folders] if folders and all(folders) else [content]
    counts = {root: _counts(folder, root) for root in roots}
    options, notes = _options(tree, params, sum(counts.values(), Counter()), default)
    if not options["sections"]:
        options["root_posts"], more = _root_posts(folder, roots, sum(counts.values(), Counter()))
        notes += more
    if languages:
        options["languages"] = languages
    options["params"] = _shown_params(params, folder, content)
    tag = next((word(part.get(key)) for part in (own, tree) for key in ("languagecode", "locale") if part.get(key)), "")
    several = len([language for language in languages.values() if not language.get("disabled")]) > 1
    return Found(
        "Hugo",
        {
            "base_url": with_scheme(word(own.get("baseurl")) or word(tree.get("baseurl"))),
            "posts": _posts_folder(content, counts),
            "output": word(tree.get("publishdir")) or "public",
            "title": word(own.get("title")) or word(tree.get("title")),
            "description": word(params.get("description")),
            "language": tag or (default if languages or "defaultcontentlanguage" in tree else ""),
            "timezone": word(own.get("timezone")) or word(tree.get("timezone")),
            "rights": rights if "{" not in rights else "",
            "author": author(params.get("author") or tree.get("author")),
            "categories_mode": "parallel",
            "markdown": _markdown(tree),
            "dialect": {name: value for name, value in options.items() if value not in ("", [], {}, False)},
            **({} if several else own_feeds.addresses(tree, sum(counts.values(), Counter()), options["sections"])),
        },
        tuple(notes),
        feeds=own_feeds.of_home(tree),
    )


def _markdown(tree: Mapping[str, Any]) -> dict[str, Any]:
    """What the goldmark settings change of Hugo's Markdown, as the table [markdown]."""
    goldmark = table(table(tree.get("markup")).get("goldmark"))
    renderer, extensions = table(goldmark.get("renderer")), table(goldmark.get("extensions"))
    extras, attribute = table(extensions.get("extras")), table(table(goldmark.get("parser")).get("attribute"))
    typographer, footnote = extensions.get("typographer"), extensions.get("footnote")
    on = {
        "breaks": renderer.get("hardwraps"),
        "emoji": tree.get("enableemoji"),
        **{ours: table(extras.get(name)).get("enable") for ours, name in (("marks", "mark"), ("insertions", "insert"))},
        "scripts": table(extras.get("subscript")).get("enable") and table(extras.get("superscript")).get("enable"),
    }
    off = {
        "raw_html": renderer.get("unsafe"),
        "autolinks": extensions.get("linkify"),
        "footnotes": footnote.get("enable") if isinstance(footnote, Mapping) else footnote,
        "task_lists": extensions.get("tasklist"),
        "definition_lists": extensions.get("definitionlist"),
    }
    results: dict[str, Any] = {name: True for name, value in on.items() if config.truth(value)}
    results |= {name: False for name, value in off.items() if not config.truth(value, True)}
    passthrough = table(extensions.get("passthrough"))
    if config.truth(passthrough.get("enable")) and "\\(" in str(passthrough.get("delimiters")):
        results["formulas"] = "all"
    if config.truth(attribute.get("block")):
        results["attributes"] = "all"
    if isinstance(typographer, Mapping):
        names = ("leftdoublequote", "rightdoublequote", "leftsinglequote", "rightsinglequote")
        quotes = [word(typographer.get(name)) for name in names]
        if any(quotes):
            results["quotes"] = "".join(own if len(own) == 1 else usual for own, usual in zip(quotes, "“”‘’", strict=True))
    if config.truth(typographer.get("disable")) if isinstance(typographer, Mapping) else not config.truth(typographer, True):
        results["typography"] = "none"
    return results


def _languages(tree: Mapping[str, Any], content: str) -> tuple[dict[str, dict[str, Any]], str]:
    """The languages as the option `languages` has them (none if the site has one without rules), and the default's code."""
    languages = {code: table(value) for code, value in table(tree.get("languages")).items()}
    disabled = {code.lower() for code in config.texts(tree.get("disablelanguages"))}
    default = word(tree.get("defaultcontentlanguage")).lower()
    if not default or (languages and default not in languages):
        by_weight = sorted(languages, key=lambda code: int(word(languages[code].get("weight")) or 0) or 1_000_000)
        default = "en" if "en" in languages or not languages else by_weight[0]
    in_folder = config.truth(tree.get("defaultcontentlanguageinsubdir"))
    result: dict[str, dict[str, Any]] = {}
    for code, language in languages.items() or {default: {}}.items():
        folder = word(language.get("contentdir")).strip("/")
        base = word(language.get("baseurl"))
        facts = {
            "folder": folder.removeprefix(content + "/") if folder != content else "",
            "prefix": "" if base or (code == default and not in_folder) else code,
            "tag": word(language.get("languagecode")) or word(language.get("locale")),
            "base_url": base if code != default else "",
            "permalinks": _permalinks(language.get("permalinks")),
            "disabled": code in disabled or config.truth(language.get("disabled")),
        }
        result[code] = {name: value for name, value in facts.items() if value not in ("", {}, False)}
    return result if len(languages) > 1 or any(result.values()) else {}, default


#: How the templates of short codes, and posts, name a parameter of the site.
_PARAMETER = lazy_pattern(r"[Ss]ite\.Params\.(\w+)|\{\{[<%]\s*param\s+(?:name=)?[\"'`]?(\w+)")
#: More files than this are not looked through.
_MOST_FILES = 20_000
#: Where front matter with a date ends at the latest.
_HEAD_CHARACTERS = 2_000


def _shown_params(params: Mapping[str, Any], folder: SiteFolder, content: str) -> dict[str, Any]:
    """The parameters of the site that posts and the site's own short codes name, as texts."""
    roots = (content, *(root for root in ("layouts/shortcodes", "layouts/_shortcodes") if folder.has_folder(root)))
    files = (f"{root}/{path}" for root in roots for path in folder.files(root) if path.endswith((".md", ".html", ".markdown")))
    names: set[str] = set()
    for path in islice(files, _MOST_FILES):
        text = folder.text(path) or ""
        if "aram" in text:
            names |= {(match[1] or match[2]).lower() for match in _PARAMETER.finditer(text)}
    shown = {name: params.get(name) for name in sorted(names)}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in shown.items()
        if isinstance(value, str | int | float) and value != ""
    }


def _posts_folder(content: str, counts: Mapping[str, Counter[str]]) -> str:
    """The content folder, or that of the one language in which there are posts."""
    used = [root for root, sections in counts.items() if any(name != "." and name not in PAGES for name in sections)]
    return used[0] if len(used) == 1 else content


def _permalinks(value: Any) -> dict[str, str]:
    """`[permalinks]` of any form: by section, by kind and section, or a list of rules with targets."""
    if isinstance(value, list):
        rules: dict[str, str] = {}
        for rule in map(table, value):
            target = table(rule.get("target"))
            if word(target.get("kind")) in ("", "page"):
                rules.setdefault(word(target.get("path")) or "/**", word(rule.get("pattern")))
        return rules
    patterns = table(value)
    kinds = ("page", "section", "taxonomy", "term")
    own = {name: word(pattern) for name, pattern in table(patterns.get("page")).items()}
    plain = {name: word(pattern) for name, pattern in patterns.items() if name not in kinds or not isinstance(pattern, Mapping)}
    return {name: pattern for name, pattern in {**plain, **own}.items() if pattern}


def _options(
    tree: Mapping[str, Any], params: Mapping[str, Any], counts: Counter[str], default: str
) -> tuple[dict[str, Any], list[str]]:
    """The table [dialect], and notes for people."""
    ugly = tree.get("uglyurls")
    included, excluded = _mounted(tree)
    options: dict[str, Any] = {
        "permalinks": _permalinks(tree.get("permalinks")),
        "disable_path_to_lower": config.truth(tree.get("disablepathtolower")),
        "remove_path_accents": config.truth(tree.get("removepathaccents")),
        "ugly_urls": config.truth(ugly),
        "ugly_sections": [section for section, flag in table(ugly).items() if config.truth(flag)],
        "root_relative": _root_relative(tree),
        "default_language": default if default != "en" else "",
        "dates": {name: config.texts(keys) for name, keys in table(tree.get("frontmatter")).items() if config.texts(keys)},
        "cascade": _cascade(tree.get("cascade")),
        "ignore_files": config.texts(tree.get("ignorefiles")),
        "include_files": included,
        "exclude_files": excluded,
        "segments": _segments(tree),
        "disable_pages": "page" in map(str.lower, config.texts(tree.get("disablekinds"))),
    }
    taxonomies = {word(singular).lower(): word(plural).lower() for singular, plural in table(tree.get("taxonomies")).items()}
    for option, singular, plural in (("category_keys", "category", "categories"), ("tag_keys", "tag", "tags")):
        key = taxonomies.get(singular) or taxonomies.get(plural)
        if key and key != plural:
            options[option] = [key]
    main = config.texts(tree.get("mainsections")) or config.texts(params.get("mainsections"))
    options["sections"], notes = _sections(counts, main)
    if options["disable_pages"]:
        notes = ["disableKinds names page: Hugo renders no page, so that no file is a post.", *notes]
    return options, notes


def _mounted(tree: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The patterns of files below the content folder that its mounts take in (none: all files), and of those that they leave out.

    In `files` of Hugo 0.153 a pattern with a mark leaves out (https://gohugo.io/configuration/module/#mounts).
    """
    content = (word(tree.get("contentdir")) or "content").strip("/")
    mounts = table(tree.get("module")).get("mounts")
    included: list[str] = []
    excluded: list[str] = []
    whole = False
    for mount in mounts if isinstance(mounts, list) else []:
        keys = {str(key).lower(): value for key, value in table(mount).items()}
        source = word(keys.get("source")).strip("/")
        if word(keys.get("target")).strip("/").split("/")[0] not in ("", "content"):
            continue
        if source != content and not source.startswith(f"{content}/"):
            continue
        below = source.removeprefix(content).lstrip("/")
        files = config.texts(keys.get("files"))
        wanted = [*config.texts(keys.get("includefiles")), *(text for text in files if not text.startswith("!"))]
        unwanted = [*config.texts(keys.get("excludefiles")), *(text[1:].strip() for text in files if text.startswith("!"))]
        above = f"{below}/" if below else ""
        included += [above + pattern.lstrip("/") for pattern in wanted or ["**"]]
        excluded += [above + pattern.lstrip("/") for pattern in unwanted]
        whole = whole or (not below and not wanted)
    return [] if whole else included, excluded


def _segments(tree: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The rules of the segments that `renderSegments` names, in one: what one of them leaves out or takes in counts."""
    segments = {name.lower(): table(rules) for name, rules in table(tree.get("segments")).items()}
    rules: dict[str, list[Any]] = {}
    for name in config.texts(tree.get("rendersegments")):
        for kind in ("excludes", "includes"):
            entries = segments.get(name.lower(), {}).get(kind)
            rules.setdefault(kind, []).extend(map(table, entries if isinstance(entries, list) else [entries] if entries else []))
    return {kind: entries for kind, entries in rules.items() if entries}


def _root_relative(tree: Mapping[str, Any]) -> str:
    if config.truth(tree.get("canonifyurls")):
        return "canonify"
    return "relative" if config.truth(tree.get("relativeurls")) else ""


def _cascade(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, Mapping) and value else []


def _counts(folder: SiteFolder, content: str) -> Counter[str]:
    """How many pages each section of a content folder holds; "." are those at its root."""
    counts: Counter[str] = Counter()
    for path in folder.files(content):
        if path[path.rfind(".") :].lower() in ENDINGS and not path.rpartition("/")[2].startswith("_index."):
            parts = path.split("/")
            is_bundle = len(parts) > 1 and parts[-1].startswith("index.")
            counts[parts[0] if len(parts) > 1 + is_bundle else "."] += 1
    return counts


_DATED = lazy_pattern(r"(?im)^\s{0,9}[\"']?(?:date|publishdate|pubdate|published)[\"']?\s{0,9}[:=]\s{0,9}[\"']?\d")


def _root_posts(folder: SiteFolder, roots: Iterable[str], counts: Counter[str]) -> tuple[bool, list[str]]:
    """The option `root_posts`: whether more dated files lie at the root than in any section; a note on fewer."""
    named = [
        f"{root}/{path}" for root in roots for path in folder.files(root) if "/" not in path and path.endswith(tuple(ENDINGS))
    ]
    texts = [
        folder.text(path) or "" for path in named if path.rpartition("/")[2].split(".")[0] not in (*PAGES, "_index", "index")
    ]
    dated = sum(_DATED.search(text[:_HEAD_CHARACTERS]) is not None for text in texts)
    largest = max((count for name, count in counts.items() if name != "." and name not in PAGES), default=0)
    if dated > largest:
        return True, []
    note = (
        f"Files with a date at the root of the content folder are taken for pages: {dated}. "
        "If they are posts, set root_posts = true in the table [dialect]."
    )
    return False, [note] if dated else []


def _sections(counts: Counter[str], main: list[str]) -> tuple[list[str], list[str]]:
    """The option `sections` (empty: all), and what a person should know of the other sections."""
    sections = {name: count for name, count in counts.items() if name != "." and name not in PAGES}
    if main and not any(name in counts or "/" in name for name in main):
        main = []
    if not main and not sections and counts["."]:
        return ["."], []
    if main:
        others = {name: count for name, count in sections.items() if name not in main}
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(others.items()))
        note = (
            f"Only the main sections hold posts: {', '.join(main)}. Others are left out: {listed}. "
            "To publish one, add it to sections in the table [dialect]."
        )
        return main, [note] if others else []
    return [], []
