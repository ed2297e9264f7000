"""How a generator reads Markdown: what differs between Markdown renderers, as plain data.

A dialect declares a Flavour, the table [markdown] of feeds.toml overrides single fields of it, and the renderer obeys.
Importing this module loads no library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

#: What Pelican gives Python-Markdown; `meta` would only take front matter from the text again.
EXTENSIONS = ("extra", "codehilite")
#: The values of `Flavour.typography`.
TYPOGRAPHIES = ("none", "smartypants", "smartypants-0", "markdown-it", "kramdown", "goldmark")
#: The values of `Flavour.emphasis`.
EMPHASES = ("commonmark", "cjk", "kramdown", "marked-0", "marked-0.3", "marked-4")
#: The values of `Flavour.formulas`.
FORMULAS = ("none", "dollars", "all")
#: The values of `Flavour.attributes`.
ATTRIBUTE_SYNTAXES = ("none", "kramdown", "headings", "all")


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a Markdown renderer does beside CommonMark with tables and strikethrough.

    The defaults are those of a plain folder: what nobody writes by accident is read. docs/markdown.md shows each field
    with an example.
    """

    renderer: str = "commonmark"
    """The renderer whose output is meant, a name in RENDERERS."""
    extensions: tuple[str, ...] = ()
    """Extensions of Python-Markdown, e.g. "extra". Where there are some, the library itself renders (the extra `pelican`), and
    of the fields below it takes only `formulas` and `demote_headings`."""
    breaks: bool = False
    """A line end within a paragraph is a line break: Hexo."""
    autolinks: bool = True
    """Bare addresses become links (GFM section 6.9)."""
    typography: str = "none"
    """Quotes, dashes and dots become typographic ones: "none", or as "smartypants" (Hexo's marked),
    "smartypants-0" (kramed: two dashes are long), "markdown-it", "kramdown" or "goldmark" do it."""
    quotes: str = "“”‘’"
    """The four quotes that typography writes: opening and closing double, opening and closing single."""
    raw_html: bool = True
    """HTML among the Markdown is kept; otherwise it is left out, and its text stays: Hugo without `unsafe`."""
    whole_html_blocks: bool = False
    """A block of HTML ends with its closing tag, not with a blank line: kramdown, kramed, Python-Markdown."""
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
    single_tilde: bool = False
    """`~text~` is struck out as `~~text~~` is: GitHub, marked, goldmark."""
    scripts: bool = False
    """`H~2~O` and `x^2^`: markdown-it-sub and -sup, pandoc."""
    emphasis: str = "cjk"
    """Where `**bold**` may begin and end. "commonmark" leaves the asterisks of `**粗体（x）**后` in view; "cjk" makes it bold
    where Chinese, Japanese or Korean text touches the marks; "kramdown" (Python-Markdown too) and "marked-0" (marked before
    version 1.1) look only for blanks; "marked-0.3" (marked before version 0.4, kramed) takes `** text **` for strong, too; "marked-4" (marked
    1.1 to 4) is as CommonMark with the punctuation of ASCII alone."""
    spaced_addresses: bool = True
    """`![shot](my shot 1.png)`: an address may hold blanks, as kramdown, kramed and old versions of marked have it."""
    captions: bool = False
    """The words behind a fence's language are its caption, an address among them a link: Hexo."""
    loose_lists: bool = False
    """"  - b" below "1. a" is a list within the item, though two blanks are less than CommonMark asks for: kramed, marked
    before version 1. kramdown's own rules for lists have it too."""
    fences_in_items: bool = False
    """A fence that touches a list item belongs to it, and so do the lines behind it: Hexo, with marked before version 5."""
    loose_headings: bool = False
    """`##Title` without a blank is a heading: kramed, marked before version 0.4, Python-Markdown."""
    contents: bool = False
    """A list with `{:toc}` is a table of contents, made of the headings (kramdown); without it such a list is left out."""
    indented_code: bool = True
    """Lines indented by four blanks are code; Eleventy from version 2 on takes them for text."""
    demote_headings: int = 0
    """By how many levels headings go down, h6 at the lowest: Nikola."""
    formulas: str = "all"
    """What is a formula, in which nothing is Markdown: "dollars" is `$…$` and `$$…$$`, "all" is `\\(…\\)` and `\\[…\\]`
    besides, "none" is nothing."""
    liquid: bool = False
    """The body is a Liquid template (Jekyll)."""
    language: str = ""
    """The site's language, in which docutils names its boxes (`.. tip::`); "" is English."""


PLAIN = Flavour()
_COMMONMARK = Flavour(
    autolinks=False, footnotes=False, definition_lists=False, abbreviations=False, attributes="none", emoji=False, marks=False,
    emphasis="commonmark", spaced_addresses=False, formulas="dollars",
)  # fmt: skip
"""CommonMark with tables, strikethrough, task lists and boxes, which nobody writes by accident."""
MARKED = replace(
    _COMMONMARK,
    renderer="marked",
    breaks=True,
    autolinks=True,
    typography="smartypants",
    definition_lists=True,
    single_tilde=True,
)
"""hexo-renderer-marked from version 3 on, with its own defaults."""
MARKED_0 = replace(
    MARKED, renderer="marked-0", emphasis="marked-0", spaced_addresses=True, loose_lists=True, definition_lists=False
)
"""hexo-renderer-marked before version 3."""
KRAMED = replace(
    MARKED_0,
    renderer="kramed",
    emphasis="marked-0.3",
    footnotes=True,
    single_tilde=False,
    loose_headings=True,
    task_lists=False,
    whole_html_blocks=True,
    typography="smartypants-0",
)
"""hexo-renderer-kramed."""
MARKDOWN_IT = replace(_COMMONMARK, renderer="markdown-it", task_lists=False)
"""markdown-it with `html: true` and no plug-in: Eleventy, which sets `indented_code` to false besides."""
KRAMDOWN = replace(
    _COMMONMARK, renderer="kramdown", typography="kramdown", whole_html_blocks=True, markdown_in_html=True, footnotes=True, definition_lists=True,
    abbreviations=True, attributes="kramdown", emphasis="kramdown", spaced_addresses=True, contents=True,
)  # fmt: skip
"""kramdown with the parser `GFM`: Jekyll."""
GOLDMARK = replace(
    _COMMONMARK, renderer="goldmark", autolinks=True, typography="goldmark", raw_html=False, footnotes=True, definition_lists=True,
    attributes="headings", single_tilde=True,
)  # fmt: skip
"""goldmark with Hugo's defaults."""
PULLDOWN_CMARK = replace(_COMMONMARK, renderer="pulldown-cmark", footnotes=True, attributes="headings", single_tilde=True)
"""pulldown-cmark as Zola calls it."""
REMARK = replace(_COMMONMARK, renderer="remark", autolinks=True, footnotes=True, single_tilde=True)
"""remark with remark-gfm: Astro, Docusaurus."""
PYTHON_MARKDOWN = replace(
    _COMMONMARK, renderer="python-markdown", whole_html_blocks=True, markdown_in_html=True, footnotes=True,
    task_lists=False, definition_lists=True, abbreviations=True, attributes="kramdown", emphasis="kramdown", loose_headings=True,
    spaced_addresses=True,
)  # fmt: skip
"""Nearly what Python-Markdown with the extensions of Pelican writes; the library itself is used where feeds.toml names it."""
OBSIDIAN = replace(
    PLAIN, renderer="obsidian", breaks=True, inline_footnotes=True, emoji=False, abbreviations=False, attributes="none"
)
"""Obsidian with its default settings."""

#: What `renderer` in the table [markdown] may name.
RENDERERS: Mapping[str, Flavour] = {
    flavour.renderer: flavour
    for flavour in (
        PLAIN, MARKED, MARKED_0, KRAMED, MARKDOWN_IT, KRAMDOWN, GOLDMARK, PULLDOWN_CMARK, REMARK, PYTHON_MARKDOWN, OBSIDIAN,
    )
}  # fmt: skip


def overridden(flavour: Flavour, wishes: Mapping[str, Any]) -> Flavour:
    """The dialect's flavour with what the table [markdown] says: another renderer, or single fields by name."""
    if "renderer" in wishes:
        flavour = replace(RENDERERS[wishes["renderer"]], liquid=flavour.liquid)
        if flavour.renderer == "python-markdown":
            flavour = replace(flavour, extensions=EXTENSIONS)
    return replace(flavour, **wishes) if wishes else flavour
