"""Generators known by a settings file in JavaScript, YAML or JSON: the folder of posts, address, title and language it names.

Some have a dialect, which asks here and adds the addresses. Of those that have none, front matter and Markdown are read as in
a plain folder, and their users learn what is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from feeds.dialects import recognised_feeds
from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.config_files import UnreadableError, joined, table, word
from feeds.dialects.javascript import literals, modules
from feeds.lazy_patterns import lazy_pattern


class _Generator(NamedTuple):
    """How a generator is recognised: its label, its settings files, folders of posts, keys of address and title.

    `example` is a permalink that its blogs often have. `more` are other settings files,
    `output` is the folder of the site that is made, if its feeds are known (recognised_feeds.py), `static` the one whose files
    it copies to the site. `package` is what package.json names where there is no settings file.
    """

    label: str
    files: tuple[str, ...]
    posts: tuple[str, ...]
    urls: tuple[str, ...]
    titles: tuple[str, ...]
    example: str
    more: tuple[str, ...] = ()
    output: str = ""
    static: str = ""
    package: str = ""


_DESCRIPTIONS = ("description", "tagline", "site_description", "siteDescription", "desc")
#: Keys of which one is in a table of the site's facts beside its title.
_OF_SITES = {"url", "website", "site", "siteUrl", "domain", "description", "desc", "author"}
_JS = ("js", "mjs", "cjs", "ts", "mts")


#: Where the pages of a site lie that VuePress or VitePress makes, "" for the site's own folder.
_HOMES = ("", "docs/", "src/", "blog/")


def _config(stem: str) -> tuple[str, ...]:
    return tuple(f"{stem}.{ending}" for ending in _JS)


def _below_homes(*names: str) -> tuple[str, ...]:
    return tuple(home + name for name in names for home in _HOMES)


_GENERATORS = (
    _Generator(
        "Astro", _config("astro.config"),
        ("src/content/blog", "src/content/posts", "src/content/post", "src/data/blog", "src/data/posts", "src/blog", "src/posts",
         "src/pages/blog", "src/pages/posts"),
        ("site",), ("title",), "blog/:slug/",
    ),
    _Generator(
        "Docusaurus", _config("docusaurus.config"), ("blog",), ("url",), ("title",), "blog/:slug", output="build",
    ),
    _Generator(
        "VitePress", _below_homes(*_config(".vitepress/config")),
        (*_below_homes("posts", "blog", "blogs", "articles"), "docs", "src"),
        ("hostname",), ("title",), "posts/:title.html",
    ),
    _Generator(
        "VuePress", _below_homes(*_config(".vuepress/config")),
        (*_below_homes("posts", "_posts", "blogs", "blog", "articles"), "docs", "src"),
        ("hostname",), ("title",), "posts/:title.html", _below_homes(*_config(".vuepress/theme")),
    ),
    _Generator("Gatsby", _config("gatsby-config"), ("content/blog", "content/posts", "src/posts", "src/pages/blog", "content"),
               ("siteUrl",), ("title",), ":title/", static="static", package="gatsby"),
    _Generator("Next.js", _config("next.config"), ("posts", "_posts", "content/posts", "content/blog", "content", "data/blog"),
               ("siteUrl",), ("title",), "posts/:title", ("data/siteMetadata.js", "site.config.js"),
               static="public", package="next"),
    _Generator("Nuxt", _config("nuxt.config"), ("content/blog", "content/posts", "content/articles", "content"),
               ("siteUrl",), ("title",), "blog/:title", static="public", package="nuxt"),
    _Generator("MkDocs", ("mkdocs.yml", "mkdocs.yaml"), ("docs/blog/posts", "docs/posts", "docs/blog", "docs"),
               ("site_url",), ("site_name",), "blog/:year/:month/:day/:title/", output="site"),
    _Generator("Gridea", ("config/posts.json",), ("posts",), ("domain",), ("siteName",), "post/:title/",
               ("config/setting.json", "config/theme.json"), "output"),
    _Generator("Metalsmith", ("metalsmith.json",), ("src/posts", "src"), ("url",), ("title",), "posts/:title/"),
)  # fmt: skip
#: Front matter that only exports of these programs have.
_EXPORTS = (
    ("Halo", lazy_pattern(r"(?m)^(?:halo:|cover:.*\n)(?s:.{0,1000}?)\bname:\s{0,9}[0-9a-f]{8}-[0-9a-f-]{27}")),
    ("Typecho", lazy_pattern(r"(?m)^(?:typecho(?:_id)?|cid|mid|slug_typecho):")),
)
#: What the beginning of an export in one file holds.
_FILES = (
    ("WordPress", lazy_pattern(r"http://wordpress\.org/export/")),
    ("Ghost", lazy_pattern(r"\"db\"\s{0,99}:\s{0,99}\[\s{0,99}\{\s{0,99}\"meta\"")),
)
#: Those of which a dialect of its own asks.
_WITH_DIALECT = frozenset({"Astro", "Docusaurus", "VitePress", "VuePress", "MkDocs"})


def detect(folder: SiteFolder) -> Found | None:
    """What a site of a generator without a dialect tells; None for any other folder."""
    for generator in _GENERATORS:
        if generator.label not in _WITH_DIALECT:
            result = found(generator.label, folder)
            if result is not None:
                return result
    return _export(folder)


def settings_file(label: str, folder: SiteFolder) -> str | None:
    """The generator's settings file in a site's folder, None if there is none."""
    return next((name for name in _by_label(label).files if folder.has_file(name)), None)


def found(label: str, folder: SiteFolder) -> Found | None:
    """What a generator's settings say, as for a site without a dialect; None if the folder is no site of it."""
    generator = _by_label(label)
    name = settings_file(label, folder)
    if name is None and (not generator.package or generator.package not in package(folder)):
        return None
    facts = _facts(folder, name) if name else {}
    for other in generator.more:
        facts = {**_facts(folder, other), **facts}
    code = literals.without_comments(folder.text(name) or "") if name else ""
    feeds = recognised_feeds.of(label, facts, code)
    posts = next((path for path in generator.posts if folder.has_folder(path)), "")
    url = next((word(facts[key]) for key in generator.urls if "://" in word(facts.get(key))), "")
    base = next(
        (word(facts[key]) for key in ("base", "baseUrl", "pathPrefix", "basePath") if word(facts.get(key)).startswith("/")), ""
    )
    folder_of_posts = word(facts.get("postPath")).strip("/")
    permalink = f"{folder_of_posts}/:title/" if re.fullmatch(r"[\w/-]{1,99}", folder_of_posts) else ""
    notes = [f"{label} has no dialect here: front matter and Markdown are read, its components, plug-ins and addresses are not."]
    if not permalink:
        notes.append(set_permalink(label))
    language = word(facts.get("lang") or facts.get("locale") or facts.get("defaultLocale") or facts.get("language"))
    return Found(
        label,
        {
            "base_url": joined(url, base),
            "posts": posts,
            "permalink": permalink,
            "output": generator.output if feeds else generator.static,
            "title": next((word(facts[key]) for key in generator.titles if word(facts.get(key))), ""),
            "description": next((word(facts[key]) for key in _DESCRIPTIONS if word(facts.get(key))), ""),
            "language": language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language) else "",
            "pages": "feeds/",
        },
        (*notes, *((copied_output(label, generator.static),) if generator.static else ())),
        feeds=feeds,
    )


def set_permalink(label: str) -> str:
    """The note for a site whose addresses are not known."""
    return (
        f'Set permalink to what its posts have, e.g. permalink = "{_by_label(label).example}"; without it each post gets a page '
        "of ours."
    )


def what_is_read(label: str) -> str:
    """The note for a generator of which components and plug-ins are not read."""
    return f"Of {label} front matter, Markdown and addresses are read; components and plug-ins are not."


def copied_output(label: str, output: str) -> str:
    """The note for a generator that copies a folder to the site as it is."""
    return f"output is {output}, which {label} copies to the site: build the feeds before it."


def package(folder: SiteFolder) -> Mapping[str, Any]:
    """The packages that package.json names, with their versions."""
    try:
        tree = folder.tree("package.json") or {}
    except UnreadableError:
        return {}
    return {**table(tree.get("devDependencies")), **table(tree.get("dependencies"))}


def _by_label(label: str) -> _Generator:
    return next(generator for generator in _GENERATORS if generator.label == label)


def _facts(folder: SiteFolder, name: str) -> Mapping[str, Any]:
    """Texts in the settings file by key, the outermost ones first, and those of the site's table in a module that it imports."""
    if name.endswith((".yml", ".yaml", ".json")):
        try:
            tree = folder.tree(name) or {}
        except UnreadableError:
            return {}
        inner = tree.get("config")
        return {**tree, **inner} if isinstance(inner, Mapping) else tree
    code = literals.without_comments(folder.text(name) or "")
    imported = modules.code(folder, name, folder.text(name) or "")[len(code) :]
    names = literals.constants(f"{imported}\n{code}")
    facts: dict[str, Any] = {}
    for match in re.finditer(r"""(?<![\w.$-])["']?([A-Za-z]\w*)["']?\s*:\s*(?=["'`A-Za-z])""", code):
        value = literals.value_at(code, match.end(), names)[0]
        if isinstance(value, str):
            facts.setdefault(match[1], value)
    return {**_site_table(literals.constants(imported)), **facts}


def _site_table(names: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table of the site's facts, e.g. `export const SITE = { website, title, desc, lang }`; empty if there is none."""
    tables = [table for table in names.values() if isinstance(table, dict)]
    tables += [table["site"] for table in tables if isinstance(table.get("site"), dict)]
    return next((table for table in tables if word(table.get("title")) and table.keys() & _OF_SITES), {})


def _export(folder: SiteFolder) -> Found | None:
    """An export of Halo or Typecho, told by the front matter of the first posts; else one in a file, which is not read."""
    seen = 0
    for path in folder.files("."):
        if path.endswith(".md"):
            seen += 1
            text = (folder.text(path) or "")[:3000]
            label = next((label for label, form in _EXPORTS if text.startswith("---") and form.search(text)), None)
            if label is not None:
                return Found(
                    label, {},
                    (f"This is an export of {label}: front matter and Markdown are read. Addresses are the blog's own setting: "
                     'set permalink, e.g. permalink = "archives/:slug"; without it each post gets a page of ours.',),
                )  # fmt: skip
        if seen > 20:
            break
    for name in folder.names(".") if not seen else ():
        head = folder.head(name) if name.endswith((".xml", ".json")) else ""
        label = next((label for label, form in _FILES if form.search(head)), None)
        if label is not None:
            return Found(
                label, {},
                (f"{name} is an export of {label}, which holds all posts in one file and is not read: make Markdown files of it "
                 "with a converter, and name their folder as posts.",),
            )  # fmt: skip
    return None
