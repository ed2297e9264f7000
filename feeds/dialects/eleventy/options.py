"""The options of Eleventy's dialect: in come a site's configuration and files, out goes the table [dialect].

The configuration is code, which is not run: literals in it, and the calls that most sites make, are read from its text.
https://www.11ty.dev/docs/config/
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.dialects.base import Option, SiteFolder
from feeds.dialects.eleventy import dates
from feeds.dialects.eleventy.layouts import read_layouts
from feeds.dialects.javascript import literals
from feeds.lazy_patterns import lazy_pattern

OPTIONS: Mapping[str, Option] = {
    "collection": Option("text", 'The tag of posts, e.g. "posts"; "all" takes every page.'),
    "collection_globs": Option("a list", "Files that are posts if a collection is made of paths (getFilteredByGlob)."),
    "formats": Option("a list", "Endings of templates, templateFormats."),
    "markdown_engine": Option("text", 'Templates in Markdown, markdownTemplateEngine: "liquid", "njk" or "none".'),
    "html_engine": Option("text", "The same for HTML, htmlTemplateEngine."),
    "ignores": Option("a list", "Files that are no templates: .eleventyignore, .gitignore and ignores.add()."),
    "folders": Option("a list", "Folders of includes, layouts and data."),
    "data": Option("a table", "Data of the site that addresses and texts name, e.g. metadata.language."),
    "defaults": Option("a table", "Keys that every page has if it says nothing else, from data files of one value each."),
    "layouts": Option("a table", "The front matter of layouts that decides of their pages: permalink, tags and the like."),
    "data_suffixes": Option("a list", "What names of data files end in, dataFileSuffixes."),
    "static": Option("a table", "Files and folders that are copied as they are, addPassthroughCopy."),
    "base_plugin": Option("true or false", "Addresses that begin with / are below the site's path (HtmlBasePlugin)."),
    "date_filters": Option("a table", "Filters of the site that write dates in addresses, and luxon's pattern of each."),
    "link_plugin": Option("true or false", "Links may name source files (InputPathToUrlTransformPlugin)."),
}  # fmt: skip
FORMATS = ("liquid", "md", "njk", "html", "11ty.js")
#: Usual names of collections, by which sites gather their posts.
COLLECTIONS = ("posts", "post", "blog", "articles", "article", "entries", "essays", "writing", "notes", "journal", "blogposts")
#: How many posts a tag in a data file counts for.
_DATA_FILE = 1000
_FOLDERS = lazy_pattern(r"(?:\A|/)(?:_?posts?|blog|articles|entries|essays|writing|notes|journal)\Z", re.IGNORECASE)


def read(code: str, folder: SiteFolder, source: str, below: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """The options that the configuration sets.

    `source` is the input folder, `below` has the folders of includes, layouts and data, `data` what the data files hold.
    """
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
    named = literals.value_at(code, suffixes.end(), {})[0] if suffixes else None
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
    options["date_filters"] = dates.patterns(code)
    options["layouts"] = read_layouts(folder, below)
    names = [name for name in _template_files(folder, source) if not name.endswith((".njk", ".liquid", ".html"))]
    texts = [text for text in map(folder.text, names) if text]
    used = {name for name in data if any(re.search(rf"\b{re.escape(name)}\.\w", text) for text in texts)}
    if used:
        options["data"] = {name: data[name] for name in sorted(used)}
    options["defaults"] = {name: value for name, value in sorted(data.items()) if isinstance(value, str | bool | int | float)}
    return {name: value for name, value in options.items() if value not in ([], {}, "")}


def _formats(code: str) -> list[str]:
    """The endings of templates; the options of a plug-in are named alike, and come before."""
    formats: list[str] = []
    for match in literals.first(re.finditer(r"templateFormats[\"']?\s{0,9}:\s{0,9}|setTemplateFormats\(\s{0,9}", code)):
        value = literals.value_at(code, match.end(), literals.constants(code))[0]
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
    for call in literals.first(re.finditer(r"ignores\.add\(\s*[\"'`]([^\"'`]+)", code)):
        yield posixpath.normpath(call[1].strip("/"))


def _static(code: str, source: str) -> Iterator[tuple[str, str]]:
    """Source and address of what is copied, both without "/" at either end."""
    for call in literals.first(re.finditer(r"addPassthroughCopy\(\s*", code)):
        value = literals.value_at(code, call.end(), literals.constants(code))[0]
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
    for call in literals.first(re.finditer(r"addCollection\(\s*[\"'`]([^\"'`]+)[\"'`]", code)):
        end = code.find("addCollection(", call.end())
        body = code[call.end() : end if end > 0 else call.end() + 2000]
        tag = re.search(r"getFilteredByTags?\(\s*[\"'`]([^\"'`]+)", body)
        glob = re.search(r"getFilteredByGlob\(\s*", body)
        value = literals.value_at(body, glob.end(), literals.constants(code))[0] if glob else None
        globs = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        if globs:
            result[call[1]] = {"collection_globs": [posixpath.normpath(str(path).lstrip("/")) for path in globs]}
        elif tag:
            result[call[1]] = {"collection": tag[1]}
    globs = [path for path in _globs(code) if _FOLDERS.search(path.partition("*")[0].rstrip("/"))]
    folders = Counter(path.rpartition("/")[0] for path in folder.files(source) if path.endswith((".md", ".markdown")))
    likely = sum(count for path, count in folders.items() if any(_FOLDERS.search(above) for above in _above(path)))
    tags = _tags(folder, source)
    names = [*_shown(code, folder, source), *(name for name in COLLECTIONS if name in result or name in tags)]
    for name in names:
        if name in result:
            return result[name]
        if re.search(rf"addCollection\(\s*[\"'`]{re.escape(name)}[\"'`]", code) and globs:
            return {"collection_globs": globs}
        if name in tags and (tags[name] >= _DATA_FILE or 2 * tags[name] >= likely):
            return {"collection": name}
    if globs:
        return {"collection_globs": globs}
    counted: Counter[str] = Counter()
    for path, count in folders.items():
        if above := next(filter(_FOLDERS.search, _above(path)), ""):
            counted[above] += count
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
    names = literals.constants(code)
    patterns: list[str] = []
    for call in literals.first(re.finditer(r"getFilteredByGlob\(\s*", code)):
        value = literals.value_at(code, call.end(), names)[0]
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
