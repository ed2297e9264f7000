"""What an Eleventy configuration and its data say, in our settings and in the options of Eleventy's dialect.

The configuration is code, which is not run: literals in it, and the calls that most sites make, are read from its text.
https://www.11ty.dev/docs/config/
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.dialects import javascript_literals as javascript
from feeds.dialects.base import Found, Option, SiteFolder
from feeds.dialects.config_files import GeneratedFeed, feed_path, joined, number, table, word

OPTIONS: Mapping[str, Option] = {
    "collection": Option("text", 'The tag of posts, e.g. "posts"; "all" takes every page.'),
    "collection_globs": Option("a list", "Files that are posts if a collection is made of paths (getFilteredByGlob)."),
    "formats": Option("a list", "Endings of templates, templateFormats."),
    "markdown_engine": Option("text", 'Templates in Markdown, markdownTemplateEngine: "liquid", "njk" or "none".'),
    "html_engine": Option("text", "The same for HTML, htmlTemplateEngine."),
    "ignores": Option("a list", "Files that are no templates: .eleventyignore, .gitignore and ignores.add()."),
    "folders": Option("a list", "Folders of includes, layouts and data."),
    "data": Option("a table", "Data of the site that addresses and texts name, e.g. metadata.language."),
    "data_suffixes": Option("a list", "What names of data files end in, dataFileSuffixes."),
    "static": Option("a table", "Files and folders that are copied as they are, addPassthroughCopy."),
    "base_plugin": Option("true or false", "Addresses that begin with / are below the site's path (HtmlBasePlugin)."),
    "link_plugin": Option("true or false", "Links may name source files (InputPathToUrlTransformPlugin)."),
}  # fmt: skip

_CONFIGS = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", ".eleventy.js", "eleventy.config.ts")
FORMATS = ("liquid", "md", "njk", "html", "11ty.js")
_TAGS = ("posts", "post", "blog", "articles", "article", "entries", "essays", "writing", "notes", "journal", "blogposts")
_MOST_LEVELS = 3
_MOST_ITEMS = 50
#: How many posts a tag in a data file counts for.
_DATA_FILE = 1000
_FOLDERS = re.compile(r"(?:\A|/)(?:_?posts?|blog|articles|entries|essays|writing|notes|journal)\Z", re.IGNORECASE)


def detect(folder: SiteFolder) -> Found | None:
    """The settings of a folder that Eleventy builds."""
    text = next((text for text in (folder.text(name) for name in _CONFIGS) if text is not None), None)
    package = folder.text("package.json") or ""
    if text is None and '"@11ty/eleventy"' not in package:
        return None
    code = javascript.without_comments(text or "")
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
    options = _options(code, folder, source, below, data)
    return Found(
        "Eleventy",
        {
            "base_url": joined(site.get("url", ""), _word(code, "pathPrefix")),
            "posts": source or ".",
            "output": output,
            "title": site.get("title", ""),
            "description": site.get("description", ""),
            "language": _language(site.get("language", "")),
            "timezone": "UTC",
            "author": {"name": site["author"]} if site.get("author") else {},
            "categories_mode": "parallel",
            "markdown": _markdown(code, package),
            "dialect": options,
        },
        ("Eleventy's settings are code, which is not run: check what was taken from them.",),
        feeds=_feeds(code, folder, source),
    )


def _feeds(code: str, folder: SiteFolder, source: str) -> tuple[GeneratedFeed, ...]:
    """The feed of the feed plug-in, or of a template whose address says that it is one."""
    at = re.search(r"addPlugin\(\s*feedPlugin\s*,\s*(?=\{)", code)
    options = javascript.value_at(code, at.end(), javascript.constants(code))[0] if at else {}
    if isinstance(options, dict) and (path := feed_path(options.get("outputPath"))):
        format = "rss" if options.get("type") == "rss" else "atom"
        return (GeneratedFeed(path, format, number(table(options.get("collection")).get("limit"))),)
    for name in folder.files(source):
        text = (folder.text(f"{source}/{name}".lstrip("/")) or "") if name.endswith((".njk", ".liquid")) else ""
        format = "rss" if re.search(r"<rss[\s>]", text) else "atom" if re.search(r"<feed[\s>]", text) else ""
        written = re.search(r"\bpermalink[\"']?\s{0,9}:\s{0,9}[\"']?([^\s\"',]{1,200})", text) if format else None
        if written and (path := feed_path(written[1])):
            return (GeneratedFeed(path, format),)
    return ()


def _word(code: str, name: str) -> str:
    """The text of the property `name: "…"`."""
    for match in re.finditer(rf"""(?<![\w.$-])["']?{re.escape(name)}["']?\s*:\s*""", code):
        value = javascript.value_at(code, match.end(), javascript.constants(code))[0]
        if isinstance(value, str):
            return value
    return ""


def _folder(code: str, name: str, setter: str, default: str = "") -> str:
    """A folder of `dir: {…}`, or of `eleventyConfig.setInputDirectory("…")`."""
    at = re.search(r"(?<![\w.$])[\"']?dir[\"']?\s*:\s*(?=\{)", code) or re.search(r"\bdirectories\s*=\s*(?=\{)", code)
    table = javascript.value_at(code, at.end(), javascript.constants(code))[0] if at else {}
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
            tree = json.loads(text) if ending == "json" else javascript.exported(text)
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
        urls = ("url", "base", "siteUrl", "siteURL", "site_url", "baseUrl", "baseURL", "domain", "origin", "homepage")
        url = next((word(table[key]) for key in urls if "://" in word(table.get(key))), "")
        if url or (name in first and table.get("title")):
            writer = table.get("author")
            author = word(writer.get("name")) if isinstance(writer, dict) else word(writer)
            language = next((word(table[key]) for key in ("language", "lang", "locale") if word(table.get(key))), "")
            title = next((word(table[key]) for key in ("title", "name", "siteName", "sitename") if word(table.get(key))), "")
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
    table = javascript.value_at(code, at.end(), javascript.constants(code))[0] if at else {}
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
    except yaml.YAMLError:
        return {}
    tree = table(tree)
    return table(tree.get("metadata")) or tree


# options


def _options(code: str, folder: SiteFolder, source: str, below: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    formats = _formats(code)
    if formats:
        options["formats"] = formats
    for name in ("markdown", "html"):
        engine = re.search(rf"{name}TemplateEngine[\"']?\s*[:=]\s*[\"']?(\w+)", code) or re.search(
            rf"set{name.title()}TemplateEngine\(\s*[\"']?(\w+)", code
        )
        value = "none" if engine and engine[1] == "false" else engine[1] if engine else "liquid"
        if value != "liquid":
            options[f"{name}_engine"] = value
    ignores = [*_ignored(code, folder, source)]
    if ignores:
        options["ignores"] = ignores
    options["folders"] = sorted({path for path in below.values() if folder.has_folder(path)})
    suffixes = re.search(r"(?:dataFileSuffixes[\"']?\s*:|setDataFileSuffixes\()\s*", code)
    named = javascript.value_at(code, suffixes.end(), {})[0] if suffixes else None
    if isinstance(named, list):
        options["data_suffixes"] = [str(suffix) for suffix in named]
    static = dict(_static(code, source))
    if static:
        options["static"] = static
    if "HtmlBasePlugin" in code:
        options["base_plugin"] = True
    if "InputPathToUrlTransformPlugin" in code:
        options["link_plugin"] = True
    options |= _collection(code, folder, source)
    names = [name for name in _template_files(folder, source) if not name.endswith((".njk", ".liquid", ".html"))]
    texts = [text for text in map(folder.text, names) if text]
    used = {name for name in data if any(re.search(rf"\b{re.escape(name)}\.\w", text) for text in texts)}
    if used:
        options["data"] = {name: data[name] for name in sorted(used)}
    return {name: value for name, value in options.items() if value not in ([], {}, "")}


def _formats(code: str) -> list[str]:
    """The endings of templates; the options of a plug-in are named alike, and come before."""
    formats: list[str] = []
    for match in re.finditer(r"templateFormats[\"']?\s{0,9}:\s{0,9}|setTemplateFormats\(\s{0,9}", code):
        value = javascript.value_at(code, match.end(), javascript.constants(code))[0]
        names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
        if isinstance(names, list) and names and "*" not in names:
            formats = [str(name) for name in names]
    return formats


def _template_files(folder: SiteFolder, source: str) -> Iterator[str]:
    """The templates and data files of the site, at most a few thousand."""
    for count, path in enumerate(folder.files(source)):
        if count > 20_000:
            return
        if path.endswith((".md", ".njk", ".liquid", ".html", ".json", ".11tydata.js", ".11tydata.cjs", ".11tydata.mjs")):
            yield f"{source}/{path}".lstrip("/")


def _ignored(code: str, folder: SiteFolder, source: str) -> Iterator[str]:
    """Patterns of ignored files, relative to the site's folder."""
    names = [".eleventyignore", *([f"{source}/.eleventyignore"] if source else [])]
    if not re.search(r"setUseGitIgnore\(\s*false", code):
        names.append(".gitignore")
    for name in names:
        above = posixpath.dirname(name)
        for line in (folder.text(name) or "").splitlines():
            pattern = line.strip()
            if pattern and pattern[0] not in "#!":
                yield posixpath.normpath(posixpath.join(above, pattern.strip("/")))
    for call in re.finditer(r"ignores\.add\(\s*[\"'`]([^\"'`]+)", code):
        yield posixpath.normpath(call[1].strip("/"))


def _static(code: str, source: str) -> Iterator[tuple[str, str]]:
    """Source and address of what is copied, both without "/" at either end."""
    for call in re.finditer(r"addPassthroughCopy\(\s*", code):
        value = javascript.value_at(code, call.end(), javascript.constants(code))[0]
        if isinstance(value, str):
            path = posixpath.normpath(value.strip("/") or ".")
            if "*" not in path:
                yield path, path.removeprefix(f"{source}/") if source else path
        elif isinstance(value, dict):
            for start, target in value.items():
                path = posixpath.normpath(str(start).strip("/") or ".")
                if "*" not in path and isinstance(target, str):
                    yield path, posixpath.normpath(target.strip("/") or ".").removeprefix(".")


def _collection(code: str, folder: SiteFolder, source: str) -> dict[str, Any]:
    """Which pages are posts: the collection that the site's feed shows, else the likeliest tag, else a folder's files."""
    result: dict[str, dict[str, Any]] = {}
    for call in re.finditer(r"addCollection\(\s*[\"'`]([^\"'`]+)[\"'`]", code):
        end = code.find("addCollection(", call.end())
        body = code[call.end() : end if end > 0 else call.end() + 2000]
        tag = re.search(r"getFilteredByTags?\(\s*[\"'`]([^\"'`]+)", body)
        glob = re.search(r"getFilteredByGlob\(\s*", body)
        value = javascript.value_at(body, glob.end(), javascript.constants(code))[0] if glob else None
        globs = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        if globs:
            result[call[1]] = {"collection_globs": [posixpath.normpath(str(path).lstrip("/")) for path in globs]}
        elif tag:
            result[call[1]] = {"collection": tag[1]}
    globs = [path for path in _globs(code) if _FOLDERS.search(path.partition("*")[0].rstrip("/"))]
    folders = Counter(path.rpartition("/")[0] for path in folder.files(source) if path.endswith((".md", ".markdown")))
    likely = sum(count for path, count in folders.items() if any(_FOLDERS.search(above) for above in _above(path)))
    tags = _tags(folder, source)
    names = [*_shown(code, folder, source), *(name for name in _TAGS if name in result or name in tags)]
    for name in names:
        if name in result:
            return result[name]
        if re.search(rf"addCollection\(\s*[\"'`]{re.escape(name)}[\"'`]", code) and globs:
            return {"collection_globs": globs}
        if name in tags and (tags[name] >= _DATA_FILE or 2 * tags[name] >= likely):
            return {"collection": name}
    if globs:
        return {"collection_globs": globs}
    counted = Counter({path: count for path, count in folders.items() if _FOLDERS.search(path)})
    if counted:
        top = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[0][0]
        return {"collection_globs": [f"{source}/{top}/**".lstrip("/")]}
    return {"collection": next((name for name in names if name in tags), "posts")}


def _above(path: str) -> Iterator[str]:
    """A folder and all above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _globs(code: str) -> list[str]:
    """All patterns of files that the configuration makes collections of."""
    names = javascript.constants(code)
    patterns: list[str] = []
    for call in re.finditer(r"getFilteredByGlob\(\s*", code):
        value = javascript.value_at(code, call.end(), names)[0]
        patterns += [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return list(dict.fromkeys(posixpath.normpath(str(path).lstrip("/")) for path in patterns))


def _shown(code: str, folder: SiteFolder, source: str) -> Iterator[str]:
    """Names of collections that the site's feeds show."""
    plugin = re.search(r"addPlugin\(\s*feedPlugin\b", code)
    named = (
        re.compile(r"collection\s*:\s*\{[^{}]*?name\s*:\s*[\"'`]([^\"'`]+)", re.DOTALL).search(code, plugin.end())
        if plugin
        else None
    )
    if named:
        yield named[1]
    for path in folder.files(source):
        name = path.rpartition("/")[2]
        if not name.endswith((".njk", ".liquid", ".11ty.js", ".xml", ".html", ".webc")):
            continue
        text = folder.text(f"{source}/{path}".lstrip("/")) or ""
        if re.search(r"feed|rss|atom", name, re.IGNORECASE) or re.search(r"permalink:[^\n]{0,300}(?:feed|rss|atom)", text):
            yield from (each for each in re.findall(r"collections(?:\.|\[[\"'])([\w-]+)", text) if each != "all")


def _tags(folder: SiteFolder, source: str) -> Counter[str]:
    """How many files each tag has; one in a data file counts for many."""
    tags: Counter[str] = Counter()
    for path in _template_files(folder, source):
        text = folder.text(path) or ""
        head = text[:4000]
        if path.endswith(".json") or ".11tydata." in path:
            for match in re.finditer(r"[\"']?tags[\"']?\s{0,9}:\s{0,9}(\[[^\[\]]{0,2000}\]|[\"'`][^\"'`]{0,2000}[\"'`])", head):
                tags.update(dict.fromkeys(re.findall(r"[\"'`]([^\"'`]+)[\"'`]", match[1]), 100))
        elif head.startswith("---"):
            block = re.search(r"(?m)^tags:[ \t]*(.*(?:\n[ \t]*-.*)*)", head)
            tags.update(
                re.findall(r"[\w\u0080-\uffff][^\[\],\n\"']*", re.sub(r"(?m)^[ \t]{0,20}-[ \t]{0,20}", ",", block[1]))
                if block
                else ()
            )
    return Counter({name.strip(): count for name, count in tags.items()})


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
