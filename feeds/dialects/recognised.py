"""Generators that have no dialect here, recognised so that their users learn what is read of their blogs and what is not.

Front matter and Markdown are read as in a plain folder; addresses, components and plug-ins are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from feeds.dialects import recognised_feeds
from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.config_files import UnreadableError, joined, word
from feeds.dialects.javascript import literals, modules
from feeds.lazy_patterns import lazy_pattern


class _Generator(NamedTuple):
    """How a generator is recognised: its label, its settings files, folders of posts, keys of address and title.

    `example` is a permalink that its blogs often have. `more` are other settings files,
    `output` is the folder of the site that is made, if its feeds are known (recognised_feeds.py).
    """

    label: str
    files: tuple[str, ...]
    posts: tuple[str, ...]
    urls: tuple[str, ...]
    titles: tuple[str, ...]
    example: str
    more: tuple[str, ...] = ()
    output: str = ""


_DESCRIPTIONS = ("description", "tagline", "site_description", "siteDescription", "desc")
#: Keys of which one is in a table of the site's facts beside its title.
_OF_SITES = {"url", "website", "site", "siteUrl", "domain", "description", "desc", "author"}
_JS = ("js", "mjs", "cjs", "ts", "mts")


def _config(stem: str) -> tuple[str, ...]:
    return tuple(f"{stem}.{ending}" for ending in _JS)


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
        "VitePress", (*_config(".vitepress/config"), *_config("docs/.vitepress/config")),
        ("posts", "docs/posts", "blog", "docs/blog", "docs"), ("hostname",), ("title",), "posts/:title.html",
    ),
    _Generator(
        "VuePress", (*_config(".vuepress/config"), *_config("docs/.vuepress/config")),
        ("posts", "_posts", "docs/posts", "docs/_posts", "blogs", "docs/blogs", "docs"), ("hostname",), ("title",),
        "posts/:title.html",
    ),
    _Generator("Gatsby", _config("gatsby-config"), ("content/blog", "content/posts", "src/posts", "src/pages/blog", "content"),
               ("siteUrl",), ("title",), ":title/"),
    _Generator("Next.js", _config("next.config"), ("posts", "_posts", "content/posts", "content/blog", "content", "data/blog"),
               ("siteUrl",), ("title",), "posts/:title"),
    _Generator("Nuxt", _config("nuxt.config"), ("content/blog", "content/posts", "content/articles", "content"),
               ("siteUrl",), ("title",), "blog/:title"),
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


def detect(folder: SiteFolder) -> Found | None:
    """What a site of such a generator tells; None for any other folder."""
    for generator in _GENERATORS:
        name = next((name for name in generator.files if folder.has_file(name)), None)
        if name is not None:
            return _found(generator, name, folder)
    return _export(folder)


def _found(generator: _Generator, name: str, folder: SiteFolder) -> Found:
    facts = _facts(folder, name)
    for other in generator.more:
        facts = {**_facts(folder, other), **facts}
    feeds = recognised_feeds.of(generator.label, facts, literals.without_comments(folder.text(name) or ""))
    posts = next((path for path in generator.posts if folder.has_folder(path)), "")
    url = next((word(facts[key]) for key in generator.urls if "://" in word(facts.get(key))), "")
    base = next(
        (word(facts[key]) for key in ("base", "baseUrl", "pathPrefix", "basePath") if word(facts.get(key)).startswith("/")), ""
    )
    description = next((word(facts[key]) for key in _DESCRIPTIONS if word(facts.get(key))), "")
    folder_of_posts = word(facts.get("postPath")).strip("/")
    permalink = f"{folder_of_posts}/:title/" if re.fullmatch(r"[\w/-]{1,99}", folder_of_posts) else ""
    notes = [
        f"{generator.label} has no dialect here: front matter and Markdown are read, its components, plug-ins and addresses "
        "are not."
    ]
    if not permalink:
        notes.append(
            f'Set permalink to what its posts have, e.g. permalink = "{generator.example}"; without it each post gets a page of '
            "ours."
        )
    language = word(facts.get("lang") or facts.get("locale") or facts.get("defaultLocale"))
    return Found(
        generator.label,
        {
            "base_url": joined(url, base),
            "posts": posts,
            "permalink": permalink,
            "output": generator.output if feeds else "",
            "title": next((word(facts[key]) for key in generator.titles if word(facts.get(key))), ""),
            "description": description,
            "language": language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language) else "",
        },
        tuple(notes),
        feeds=feeds,
    )


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
    """An export of Halo or Typecho, told by the front matter of the first posts."""
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
    return None
