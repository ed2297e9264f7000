"""How a Hexo site's plug-ins render Markdown, for `feeds init`: in come its _config.yml and the packages that it asks for, out go
the tables [markdown] and, of [dialect], what is for pictures.

Reads settings alone. Sources: the READMEs and defaults of hexo-renderer-marked, -kramed, -markdown-it and -markdown-it-plus.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.dialects.config_files import flag, table, word

#: Plug-ins that render Markdown, with the table of their settings; the last one that a site asks for wins.
_RENDERERS = {
    "hexo-renderer-marked": "marked", "hexo-renderer-kramed": "kramed", "hexo-renderer-markdown-it": "markdown",
    "hexo-renderer-markdown-it-plus": "markdown_it_plus", "hexo-renderer-pandoc": "pandoc",
}  # fmt: skip
#: Plug-ins of markdown-it, by what is in their names, with the fields of the flavour that they switch on.
_PLUGINS = {
    "footnote": ("footnotes", "inline_footnotes"), "abbr": ("abbreviations",), "ins": ("insertions",), "sub": ("scripts",),
    "sup": ("scripts",), "mark": ("marks",), "deflist": ("definition_lists",), "emoji": ("emoji",),
    "container": ("containers",), "task": ("task_lists",), "checkbox": ("task_lists",), "alert": ("callouts",),
}  # fmt: skip
#: Plug-ins of markdown-it that read formulas, with the value of `formulas`.
_FORMULAS = {"katex": "dollars", "texmath": "dollars", "mathjax": "all", "mathjax3": "all"}
_ALL_PLUGINS = ("footnote", "abbr", "ins", "sub", "mark", "deflist", "emoji", "katex")
#: Plug-ins that write `:smile:` as an emoji, with the table of their settings.
_EMOJI_PLUGINS = {"hexo-filter-github-emojis": "githubEmojis", "hexo-filter-emoji": "emoji"}


def markdown(config: Mapping[str, Any], plugins: Mapping[str, str]) -> dict[str, Any]:
    """The table [markdown]. `plugins` are the packages by name, with their versions, in the order in which Hexo loads them."""
    renderer = _renderer(plugins)
    return {
        **_markdown(renderer, plugins, table(config.get(_RENDERERS[renderer]))),
        **(_fences(renderer, plugins) if _highlights(config) else {}),
        **({"emoji": True} if _writes_emoji(config, plugins) else {}),
    }


def pictures(config: Mapping[str, Any], plugins: Mapping[str, str]) -> dict[str, Any]:
    """Options of the table [dialect]: how the renderer, or a plug-in, changes the addresses of pictures."""
    renderer = _renderer(plugins)
    own = table(config.get(_RENDERERS[renderer]))
    images = table(own.get("images"))
    prepend = post_asset = False
    if renderer == "hexo-renderer-marked":
        # Off by default before version 5.
        prepend = flag(own.get("prependRoot"), default=not _older(plugins.get(renderer, ""), 5))
        post_asset = prepend and flag(own.get("postAsset"), default=False)
    elif "markdown-it" in renderer:
        post_asset = flag(images.get("post_asset"), default=False)
        prepend = post_asset or flag(images.get("prepend_root"), default=False)
    if flag(config.get("relative_link"), default=False):
        prepend = post_asset = False
    options = {"prepend_root": prepend, "post_asset": post_asset, "asset_image": "hexo-asset-image" in plugins}
    return {name: value for name, value in options.items() if value}


def _renderer(plugins: Mapping[str, str]) -> str:
    """The plug-in that renders Markdown, a name in _RENDERERS; one that is not known is taken for what it is likely made of."""
    for name in reversed(list(plugins)):
        if name in _RENDERERS:
            return name
        if name.startswith("hexo-renderer-") and "markdown" in name:
            return "hexo-renderer-markdown-it-plus" if "multi" in name or "plus" in name else "hexo-renderer-markdown-it"
    return "hexo-renderer-marked"


def _markdown(renderer: str, plugins: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, Any]:
    """The table [markdown]: which renderer reads the posts, and what differs from its defaults."""
    if "markdown-it" in renderer:
        return _markdown_it(renderer, config)
    if renderer.endswith("pandoc"):
        return {"renderer": "commonmark", "autolinks": False, "typography": "smartypants"}
    options: dict[str, Any] = {
        "breaks": flag(config.get("breaks"), default=True),
        "autolinks": flag(config.get("autolink"), default=True) and flag(config.get("gfm"), default=True),
        "typography": "smartypants" if flag(config.get("smartypants"), default=True) else "none",
        "quotes": _quotes(config.get("quotes")),
    }
    defaults: dict[str, Any] = {"breaks": True, "autolinks": True, "typography": "smartypants", "quotes": "“”‘’"}
    kind = "kramed" if renderer.endswith("kramed") else "marked-0" if _older(plugins.get(renderer, ""), 3) else "marked"
    if kind == "marked":
        options["definition_lists"], defaults["definition_lists"] = flag(config.get("descriptionLists"), default=True), True
        # Until version 6 it brings marked 1 to 4, to which Chinese punctuation is text like any other.
        options["emphasis"], defaults["emphasis"] = (
            "marked-4" if _older(plugins.get(renderer, ""), 7) else "commonmark",
            "commonmark",
        )
    if kind == "marked-0" and _older(plugins.get(renderer, ""), 1):
        # It brings marked 0.3, which strikes nothing out between single tildes (`0~9`).
        options |= {"single_tilde": False, "emphasis": "marked-0.3"}
        defaults |= {"single_tilde": True, "emphasis": "marked-0"}
    return {"renderer": kind, **{name: value for name, value in options.items() if value != defaults[name]}}


def _highlights(config: Mapping[str, Any]) -> bool:
    """Whether Hexo reads fences itself, captions included: unless no highlighter is on."""
    if "syntax_highlighter" in config:
        return bool(word(config["syntax_highlighter"]))
    return flag(table(config.get("highlight")).get("enable"), default=True) or flag(
        table(config.get("prismjs")).get("enable"), default=False
    )


def _writes_emoji(config: Mapping[str, Any], plugins: Mapping[str, str]) -> bool:
    """Whether a plug-in makes emoji of their names, whatever renders Markdown."""
    return any(
        name in plugins and flag(table(config.get(key)).get("enable"), default=True) for name, key in _EMOJI_PLUGINS.items()
    )


def _fences(renderer: str, plugins: Mapping[str, str]) -> dict[str, bool]:
    """What differs where Hexo reads fences itself: from hexo-renderer-marked 7 on, one in a list is as in CommonMark."""
    belongs = renderer.endswith("kramed") or (renderer.endswith("marked") and _older(plugins.get(renderer, ""), 7))
    return {"captions": True, **({"fences_in_items": True} if belongs else {})}


def _major(version: str) -> int | None:
    """The major version that a range of versions means; None if it names none."""
    match = re.match(r"[\^~>=v\s]*(\d+)", version)
    return int(match[1]) if match else None


def _older(version: str, than: int) -> bool:
    """Whether a range of versions means one before a major version."""
    major = _major(version)
    return major is not None and major < than


def _markdown_it(renderer: str, config: Mapping[str, Any]) -> dict[str, Any]:
    render = config if renderer.endswith("plus") else table(config.get("render"))
    options: dict[str, Any] = {
        "renderer": "markdown-it",
        "breaks": flag(render.get("breaks"), default=True),
        "autolinks": flag(render.get("linkify"), default=True),
        "raw_html": flag(render.get("html"), default=True),
        "typography": "markdown-it" if flag(render.get("typographer"), default=True) else "none",
        "quotes": _quotes(render.get("quotes")),
    }
    listed = config.get("plugins")
    names = (
        [word(item.get("name")) if isinstance(item, Mapping) else word(item) for item in listed]
        if isinstance(listed, list)
        else []
    )
    if renderer.endswith("plus"):
        names += _ALL_PLUGINS
    for name in names:
        for part in re.split(r"[^a-z0-9]+", name.lower()):
            options.update(dict.fromkeys(_PLUGINS.get(part, ()), True))
            if part in _FORMULAS:
                options["formulas"] = _FORMULAS[part]
    return options


def _quotes(value: Any) -> str:
    quotes = "".join(map(word, value)) if isinstance(value, list) else word(value)
    return quotes if len(quotes) == 4 else "“”‘’"
