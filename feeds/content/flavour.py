"""How a generator reads Markdown: what differs between Markdown renderers, as plain data.

A dialect declares a Flavour, the table [markdown] of feeds.toml overrides single fields of it, and the renderer obeys.
Importing this module loads no library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

#: The values of `Flavour.typography`.
TYPOGRAPHIES = ("none", "smartypants", "markdown-it", "kramdown", "goldmark")
#: The values of `Flavour.attributes`.
ATTRIBUTE_SYNTAXES = ("none", "kramdown", "headings", "all")


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a Markdown renderer does beside CommonMark with tables and strikethrough.

    The defaults are those of a plain folder: what nobody writes by accident is read. docs/markdown.md shows each field
    with an example.
    """

    renderer: str = "commonmark"
    """The renderer whose output is meant, a name in RENDERERS. "python-markdown" is the library itself (the extra
    `pelican`); all others are markdown-it-py with the fields below."""
    extensions: tuple[str, ...] = ()
    """Python-Markdown's extensions, e.g. "markdown.extensions.extra"; no other renderer has any."""
    breaks: bool = False
    """A line end within a paragraph is a line break: Hexo."""
    autolinks: bool = True
    """Bare addresses become links (GFM section 6.9)."""
    typography: str = "none"
    """Quotes, dashes and dots become typographic ones: "none", or as "smartypants" (Hexo's marked),
    "markdown-it", "kramdown" or "goldmark" do it."""
    quotes: str = "“”‘’"
    """The four quotes that typography writes: opening and closing double, opening and closing single."""
    raw_html: bool = True
    """HTML among the Markdown is kept; otherwise it is left out, and its text stays: Hugo without `unsafe`."""
    markdown_in_html: bool = False
    """`<div markdown="1">` holds Markdown: kramdown, Python-Markdown's extra."""
    footnotes: bool = True
    """`[^1]` and `[^1]: …`."""
    inline_footnotes: bool = False
    """`^[…]` is a footnote: pandoc, markdown-it-footnote, Obsidian."""
    task_lists: bool = True
    """`- [ ]` and `- [x]` (GFM section 5.3)."""
    definition_lists: bool = True
    """A line that begins with ": " or ":   " below a term: kramdown, goldmark, PHP Markdown Extra."""
    abbreviations: bool = True
    """`*[HTML]: HyperText Markup Language`."""
    attributes: str = "all"
    """Attribute lists: "none"; "kramdown" is `{: .class}` behind a span, below a block, and `## Title {#id}`;
    "headings" is `## Title {#id .class}` (goldmark, markdown-it-anchor); "all" is all of them, with or without ":"."""
    admonitions: bool = True
    """`!!! note "Title"` with an indented block: Python-Markdown's admonition, Material for MkDocs."""
    containers: bool = True
    """`::: tip Title` up to `:::`: VuePress, Docusaurus, markdown-it-container."""
    callouts: bool = True
    """`> [!NOTE]` and `> [!note]- Title`: GitHub, Obsidian, Hugo's alerts."""
    emoji: bool = True
    """`:smile:` by GitHub's names."""
    marks: bool = True
    """`==marked==`."""
    insertions: bool = False
    """`++inserted++`."""
    scripts: bool = False
    """`H~2~O` and `x^2^`: markdown-it-sub and -sup, pandoc."""
    cjk_emphasis: bool = True
    """`**粗体（x）**后` is bold although Chinese, Japanese or Korean text touches the marks behind punctuation: kramdown,
    Python-Markdown, and marked before version 1.1. CommonMark leaves the asterisks in view."""
    spaced_addresses: bool = True
    """`![shot](my shot 1.png)`: an address may hold blanks, as kramdown, kramed and old versions of marked have it."""
    loose_headings: bool = False
    """`##Title` without a blank is a heading: kramed, marked before version 0.4, Python-Markdown."""
    formulas: bool = True
    """`$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]` are formulas, in which nothing is Markdown."""
    liquid: bool = False
    """The body is a Liquid template (Jekyll)."""


PLAIN = Flavour()
_STRICT = Flavour(
    autolinks=False, footnotes=False, definition_lists=False, abbreviations=False, attributes="none", admonitions=False, containers=False,
    callouts=False, emoji=False, marks=False, cjk_emphasis=False, spaced_addresses=False,
)  # fmt: skip
"""CommonMark with tables, strikethrough and task lists."""
MARKED = replace(_STRICT, renderer="marked", breaks=True, autolinks=True, typography="smartypants", definition_lists=True)
"""hexo-renderer-marked from version 3 on, with its own defaults."""
MARKED_0 = replace(MARKED, renderer="marked-0", cjk_emphasis=True, spaced_addresses=True, loose_headings=True)
"""hexo-renderer-marked before version 3."""
KRAMED = replace(MARKED_0, renderer="kramed", footnotes=True, definition_lists=False)
"""hexo-renderer-kramed."""
MARKDOWN_IT = replace(_STRICT, renderer="markdown-it", task_lists=False)
"""markdown-it with `html: true` and no plug-in: Eleventy."""
KRAMDOWN = replace(
    _STRICT, renderer="kramdown", typography="kramdown", markdown_in_html=True, footnotes=True, definition_lists=True,
    abbreviations=True, attributes="kramdown", cjk_emphasis=True, spaced_addresses=True,
)  # fmt: skip
"""kramdown with the parser `GFM`: Jekyll."""
GOLDMARK = replace(
    _STRICT, renderer="goldmark", autolinks=True, typography="goldmark", raw_html=False, footnotes=True, definition_lists=True,
    attributes="headings", callouts=True,
)  # fmt: skip
"""goldmark with Hugo's defaults."""
PULLDOWN_CMARK = replace(_STRICT, renderer="pulldown-cmark", footnotes=True, attributes="headings")
"""pulldown-cmark as Zola calls it."""
PYTHON_MARKDOWN = replace(
    _STRICT, renderer="python-markdown", extensions=("markdown.extensions.extra",), markdown_in_html=True, footnotes=True,
    task_lists=False, definition_lists=True, abbreviations=True, attributes="kramdown", cjk_emphasis=True, loose_headings=True,
)  # fmt: skip
"""Python-Markdown with its extension `extra`: Pelican, Nikola. The fields matter where the library is not installed."""
OBSIDIAN = replace(PLAIN, renderer="obsidian", breaks=True, inline_footnotes=True, emoji=False, abbreviations=False)

#: What `renderer` in the table [markdown] may name.
RENDERERS: Mapping[str, Flavour] = {
    flavour.renderer: flavour
    for flavour in (
        PLAIN, MARKED, MARKED_0, KRAMED, MARKDOWN_IT, KRAMDOWN, GOLDMARK, PULLDOWN_CMARK, PYTHON_MARKDOWN, OBSIDIAN,
    )
}  # fmt: skip


def overridden(flavour: Flavour, wishes: Mapping[str, Any]) -> Flavour:
    """The dialect's flavour with what the table [markdown] says: another renderer, or single fields by name."""
    if "renderer" in wishes:
        flavour = replace(RENDERERS[wishes["renderer"]], liquid=flavour.liquid)
    return replace(flavour, **wishes) if wishes else flavour
