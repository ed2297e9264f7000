"""markdown-it as a flavour of Markdown wants it: in comes a Flavour, out goes a parser with its rules and its renderer."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Any

from feeds.content.flavour import Flavour
from feeds.lazy_patterns import lazy_pattern

#: Deeper blocks stay text: the walk over the result and every reader's own parser recurse.
_NESTING = 100


@lru_cache(maxsize=16)
def markdown_it(flavour: Flavour) -> Any:
    """The parser and renderer of a flavour; each is made once."""
    from markdown_it import MarkdownIt

    md: Any = MarkdownIt("commonmark", _options(flavour)).enable(["table", "strikethrough"])
    _add_rules(md, flavour)
    _add_render_rules(md, flavour)
    return md


def _options(flavour: Flavour) -> dict[str, Any]:
    return {
        # Without HTML, markdown-it shows the tags as text; others leave them out.
        "html": flavour.raw_html or flavour.renderer != "markdown-it", "xhtmlOut": False, "maxNesting": _NESTING,
        "breaks": flavour.breaks, "tasklists": flavour.task_lists, "strikethrough_single_tilde": flavour.single_tilde,
        "typographer": flavour.typography == "markdown-it", "quotes": flavour.quotes,
    }  # fmt: skip


def _add_rules(md: Any, flavour: Flavour) -> None:
    """How text becomes tokens; the order of the rules counts."""
    from mdit_py_plugins.footnote import footnote_plugin

    from feeds.content.markdown import (
        blocks,
        boxes,
        contents,
        footnotes,
        formula_escapes,
        html_elements,
        marked,
        old_marked,
        spans,
        typography,
    )  # fmt: skip

    if not flavour.indented_code:
        # The rule stays, so that headings and other blocks still need less than four blanks.
        md.block.ruler.at("code", lambda *_: False)
    if flavour.typography == "markdown-it":
        md.enable(["replacements", "smartquotes"])
    if flavour.footnotes:
        md.use(footnote_plugin, inline=flavour.inline_footnotes)
        if flavour.renderer in footnotes.RENDERERS:
            footnotes.add_rules(md)
    # Every address is read as one; which of them readers get is the policy's to say.
    md.validateLink = _any_address
    if not _shows_like_markdown_it(flavour):
        # Only markdown-it shows an address with its percent signs decoded.
        md.normalizeLinkText = str
    for module in (boxes, blocks, html_elements, spans):
        module.add_rules(md, flavour)
    if flavour.renderer == "kramdown":
        _add_kramdown(md)
    if flavour.renderer == "marked":
        marked.add_rules(md)
    if flavour.renderer in old_marked.RENDERERS:
        old_marked.add_rules(md, flavour)
    if flavour.renderer in ("obsidian", "commonmark"):
        from feeds.content.markdown import block_ids

        block_ids.add_rules(md, flavour.renderer)
    if flavour.renderer == "goldmark":
        from feeds.content.markdown import goldmark_tables

        goldmark_tables.add_rules(md)
    if flavour.autolinks:
        from feeds.content.markdown import autolinks

        autolinks.add_rules(md, flavour.renderer)
    if rule := typography.rule(flavour):
        md.core.ruler.before("text_join", "typography", rule)
    # goldmark with `\(…\)` has its passthrough extension, which hands formulas on as they are written.
    passes = flavour.renderer == "goldmark" and flavour.formulas == "all"
    if flavour.formulas != "none" and flavour.renderer in formula_escapes.RENDERERS and not passes:
        md.core.ruler.push("formula_escapes", formula_escapes.unescape)
    if flavour.contents:
        md.core.ruler.push("contents", contents.fill)


def _add_kramdown(md: Any) -> None:
    from feeds.content.kramdown import blocks, html_elements, lists, spans, tables

    for module in (blocks, lists, tables, spans, html_elements):
        module.add_rules(md)
    md.core.ruler.push("formulas_in_cells", _formulas_in_cells)


def _add_render_rules(md: Any, flavour: Flavour) -> None:
    """How tokens become HTML."""
    from feeds.content.markdown import contents

    md.add_render_rule("formula", _bracketed_html if flavour.renderer == "kramdown" else _formula_html)
    if not _shows_like_markdown_it(flavour):
        md.add_render_rule("s_open", _deleted)
        md.add_render_rule("s_close", _deleted)
        md.add_render_rule("footnote_caption", _number)
    if flavour.renderer == "kramdown":
        md.add_render_rule("footnote_block_open", _notes_open)
        md.add_render_rule("footnote_anchor", _notes_anchor)
    md.add_render_rule(contents.TOKEN, contents.content_of)
    md.add_render_rule("fence", _captioned_html if flavour.captions else _fence_html)
    if not flavour.raw_html:
        md.add_render_rule("html_inline", _no_html)
        md.add_render_rule("html_block", _no_html)


def _shows_like_markdown_it(flavour: Flavour) -> bool:
    return flavour.renderer in ("commonmark", "markdown-it", "obsidian")


def _any_address(address: str) -> bool:
    return True


def _formula_html(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    return html.escape(_decoded(tokens[place].content), quote=False)


#: What authors write for characters that HTML reserves, also in formulas: a browser decodes it before MathJax sees it.
_REFERENCE = lazy_pattern(r"&(?:lt|gt|amp|quot|nbsp|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")


def _decoded(formula: str) -> str:
    return _REFERENCE.sub(lambda reference: html.unescape(reference[0]), formula)


def _bracketed_html(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    r"""kramdown writes `$$…$$` as `\(…\)` in a line and as `\[…\]` on its own, which is what a site's MathJax looks for."""
    text = tokens[place].content
    if text.startswith("$$"):
        inner = text[2:-2].strip()
        alone = len(tokens) == 1 and not tokens[place].meta.get("in_line")
        text = f"\\[{inner}\\]" if alone else f"\\({inner}\\)"
    return html.escape(text, quote=False)


def _formulas_in_cells(state: Any) -> None:
    """A formula that is all of a table's cell or of a heading is one in a line."""
    for before, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if before.type in ("td_open", "th_open", "heading_open", "dt_open"):
            for child in inline.children or ():
                if child.type == "formula":
                    child.meta = {**child.meta, "in_line": True}


def _deleted(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    return "</del>" if tokens[place].nesting < 0 else "<del>"


def _number(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """A footnote's number without brackets."""
    number: int = tokens[place].meta["id"] + 1
    return str(number)


def _notes_open(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    return "<section>\n<ol>\n"


def _notes_anchor(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """The way back from a footnote, as kramdown writes it."""
    meta = tokens[place].meta
    number = meta["id"] + 1
    count = meta.get("subId", 0)
    reference = f"{number}:{count}" if count > 0 else str(number)
    return f' <a href="#fnref{reference}">↩{f"<sup>{count + 1}</sup>" if count > 0 else ""}</a>'


def _no_html(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    env["raw_html"] = tokens[place].content
    return ""


def _fence_html(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """A fence with its language; of `{.java #id}` and `{lang=java}` (pandoc) too."""
    token = tokens[place]
    words = token.info.replace("{", " ").replace("}", " ").split()
    if token.info.lstrip().startswith("{"):
        words = [word.lstrip(".").removeprefix("lang=") for word in words if word.startswith((".", "lang="))]
    kind = f' class="language-{html.escape(words[0])}"' if words else ""
    return f"<pre><code{kind}>{html.escape(token.content)}</code></pre>\n"


#: Hexo's lib/plugins/filter/before_post_render/backtick_code_block.ts: language, caption, address, text of the link.
_CAPTION_LINK = lazy_pattern(r"(\S+)\s{1,9}(.+?)\s{1,9}(https?://\S+|/\S+)\s{0,9}(.+)?")
_CAPTION = lazy_pattern(r"(\S+)\s*(.+)?")


def _captioned_html(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """A fence with what stands behind its language as a caption; of `=` and a number after it nothing is shown."""
    block = _fence_html(renderer, tokens, place, options, env)
    info = tokens[place].info.partition("=")[0].strip()
    link = _CAPTION_LINK.match(info)
    result = link or _CAPTION.match(info)
    if result is None or not result[2]:
        return block
    caption = f"<span>{html.escape(result[2])}</span>"
    if link:
        caption += f' <a href="{html.escape(result[3])}">{html.escape(result[4] or "link")}</a>'
    return f"<figure><figcaption>{caption}</figcaption>{block}</figure>\n"
