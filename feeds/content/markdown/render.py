"""Markdown -> HTML: in comes a body as its author's generator reads it, out goes HTML that nobody trusts yet.

CommonMark with tables and strikethrough, and what the flavour says besides. Must not clean.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from feeds.content.bounds import BoundError
from feeds.content.flavour import PLAIN, Flavour
from feeds.content.markdown.blocks import nested_by_less

_FENCE = re.compile(r"^[ \t]{0,12}(?:```|~~~)", re.MULTILINE)
_MORE = re.compile(r"<!--\s*more\b[^<>]*?-->|<!--\s*excerpt\s*-->|\{%-?\s*more\s*-?%\}", re.IGNORECASE)


class Note(NamedTuple):
    """Something about the content that its author should know; `line` counts from 1 within the body."""

    code: str
    what: str
    line: int | None = None
    fix: str = ""
    severity: str = "warning"


def split_more(body: str) -> tuple[str | None, str]:
    """What stands before the author's «read more» mark, and the body without the mark."""
    result = next((item for item in islice(_MORE.finditer(body), 100) if not _in_code(body, item.start())), None)
    if result is None:
        return None, body
    return body[: result.start()], body[: result.start()] + body[result.end() :]


def _in_code(body: str, at: int) -> bool:
    """Whether the place lies in a fenced block or in `code` of its line."""
    line = body.rfind("\n", 0, at) + 1
    fences = sum(1 for _ in _FENCE.finditer(body, 0, line))
    return fences % 2 == 1 or body.count("`", line, at) % 2 == 1


#: Nested brackets, quotes or emphasis beyond this make Markdown parsers quadratic.
_RUN = re.compile(r"[\[(!*_~`>]{500}|(?:[\[(!*_~`>][ \t]{0,9}){1000}")
_RUN_MARKS, _LEAST_RUN = "[(!*_~`>", 500
_CODE = re.compile(
    r"^[ \t]{0,12}(`{3,}+|~{3,}+)[^\n]*\n.*?(?:^[ \t]{0,12}\1[`~]*[ \t]*$|\Z)|^(?: {4}|\t)[^\n]*$", re.MULTILINE | re.DOTALL
)
#: Marks and lines, outside of code, that a parser reads in a few seconds.
_MARKS = "$%&*+-:<=>@[\\]^_`{}~|#!"
_MOST_MARKS, _MOST_LINES = 250_000, 60_000
#: What each token adds to the HTML besides its content: tags and attributes' names.
_TOKEN_CHARACTERS = 10
#: Deeper blocks stay text: the walk over the result and every reader's own parser recurse.
_NESTING = 100


@lru_cache(maxsize=16)
def _markdown_it(flavour: Flavour) -> Any:
    """A renderer for the flavour."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    from feeds.content.markdown import blocks as markdown_blocks
    from feeds.content.markdown import boxes as markdown_boxes
    from feeds.content.markdown import contents as markdown_contents
    from feeds.content.markdown import formula_escapes, typography
    from feeds.content.markdown import html_elements as markdown_html
    from feeds.content.markdown import spans as markdown_spans

    options = {
        # Without HTML, markdown-it shows the tags as text; others leave them out.
        "html": flavour.raw_html or flavour.renderer != "markdown-it", "xhtmlOut": False, "maxNesting": _NESTING, "breaks": flavour.breaks, "tasklists": flavour.task_lists,
        "strikethrough_single_tilde": flavour.single_tilde, "typographer": flavour.typography == "markdown-it",
        "quotes": flavour.quotes,
    }  # fmt: skip
    md: Any = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    if not flavour.indented_code:
        # The rule stays, so that headings and other blocks still need less than four blanks.
        md.block.ruler.at("code", lambda *_: False)
    if flavour.typography == "markdown-it":
        md.enable(["replacements", "smartquotes"])
    if flavour.footnotes:
        md.use(footnote_plugin, inline=flavour.inline_footnotes)
    # Every address is read as one; which of them readers get is the policy's to say.
    md.validateLink = _any_address
    if flavour.renderer not in ("commonmark", "markdown-it", "obsidian"):
        # Only markdown-it shows an address with its percent signs decoded.
        md.normalizeLinkText = str
    markdown_boxes.add_rules(md, flavour)
    markdown_blocks.add_rules(md, flavour)
    markdown_html.add_rules(md, flavour)
    markdown_spans.add_rules(md, flavour)
    if flavour.renderer == "kramdown":
        from feeds.content.kramdown import blocks as kramdown_blocks
        from feeds.content.kramdown import html_elements as kramdown_html
        from feeds.content.kramdown import spans as kramdown_spans
        from feeds.content.kramdown import tables as kramdown_tables

        kramdown_blocks.add_rules(md)
        kramdown_tables.add_rules(md)
        kramdown_spans.add_rules(md)
        kramdown_html.add_rules(md)
    if flavour.autolinks:
        from feeds.content.markdown import autolinks

        autolinks.add_rules(md, flavour.renderer)
    if rule := typography.rule(flavour):
        md.core.ruler.before("text_join", "typography", rule)
    if flavour.formulas != "none" and flavour.renderer in formula_escapes.RENDERERS:
        md.core.ruler.push("formula_escapes", formula_escapes.unescape)
    md.add_render_rule("formula", _bracketed_html if flavour.renderer == "kramdown" else _formula_html)
    if flavour.renderer not in ("commonmark", "markdown-it", "obsidian"):
        md.add_render_rule("s_open", _deleted)
        md.add_render_rule("s_close", _deleted)
        md.add_render_rule("footnote_caption", _number)
    if flavour.renderer == "kramdown":
        md.core.ruler.push("formulas_in_cells", _formulas_in_cells)
        md.add_render_rule("footnote_block_open", _notes_open)
        md.add_render_rule("footnote_anchor", _notes_anchor)
    md.add_render_rule(markdown_contents.TOKEN, markdown_contents.content_of)
    if flavour.contents:
        md.core.ruler.push("contents", markdown_contents.fill)
    md.add_render_rule("fence", _captioned_html if flavour.captions else _fence_html)
    if not flavour.raw_html:
        md.add_render_rule("html_inline", _no_html)
        md.add_render_rule("html_block", _no_html)
    return md


def _any_address(address: str) -> bool:
    return True


def _formula_html(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    return html.escape(tokens[place].content, quote=False)


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
_CAPTION_LINK = re.compile(r"(\S+)\s{1,9}(.+?)\s{1,9}(https?://\S+|/\S+)\s{0,9}(.+)?")
_CAPTION = re.compile(r"(\S+)\s*(.+)?")


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


def _placed_pictures(tokens: Any, picture: Callable[[str], str | None]) -> Iterator[tuple[Any, str]]:
    """Each picture whose address means another URL than it says, with the URL; what has none keeps its address."""
    for token in tokens:
        if token.type == "image" and isinstance(source := token.attrs.get("src"), str) and source:
            url = picture(source) or source
            if url != source:
                yield token, url
        if token.children:
            yield from _placed_pictures(token.children, picture)


def _check_size(tokens: Any, most: int) -> None:
    """Refuse what would be larger than `most` characters as HTML, before it is made: one address may stand in thousands of links."""
    size = 0
    waiting = [tokens]
    while waiting:
        for token in waiting.pop():
            size += len(token.content) if token.type != "inline" else 0
            for value in token.attrs.values():
                size += len(value) if isinstance(value, str) else 0
            size += _TOKEN_CHARACTERS
            if token.children:
                waiting.append(token.children)
    if size > most:
        raise BoundError(f"it becomes more than {most} bytes of HTML", "bounds.content_bytes")


def check(body: str) -> None:
    """Raise BoundError for Markdown that no parser reads in a few seconds. Code is not counted."""
    if _beyond(body) and (what := _beyond(_CODE.sub("", body))):
        raise BoundError(what)


def _beyond(text: str) -> str:
    # Counting takes a hundredth of the search.
    if sum(map(text.count, _RUN_MARKS)) >= _LEAST_RUN and _RUN.search(text):
        return "it has hundreds of brackets or marks in a row"
    if len(text) > _MOST_MARKS and sum(map(text.count, _MARKS)) > _MOST_MARKS:
        return f"it has more than {_MOST_MARKS} marks of Markdown"
    if len(text) > _MOST_LINES and text.count("\n") - text.count("\n\n") > _MOST_LINES:
        return f"it has more than {_MOST_LINES} lines"
    return ""


class Rendered(NamedTuple):
    """A body as HTML; `plain` is the same with the addresses of its pictures as they are written."""

    html: str
    plain: str


def to_html(
    body: str,
    markup: str,
    flavour: Flavour = PLAIN,
    *,
    most: int = 100_000_000,
    notes: list[Note] | None = None,
    picture: Callable[[str], str | None] | None = None,
) -> str:
    """The body as HTML. `.txt` posts are HTML where they begin with a tag, else Markdown's paragraphs of plain text.

    `most` bounds the result in characters; BoundError says that it would be larger. `notes` gets what the author should know.
    `picture` gives the URL of a picture that is written in Markdown, which may mean another one than the same address in HTML.
    """
    return rendered(body, markup, flavour, most=most, notes=notes, picture=picture).html


def rendered(
    body: str,
    markup: str,
    flavour: Flavour = PLAIN,
    *,
    most: int = 100_000_000,
    notes: list[Note] | None = None,
    picture: Callable[[str], str | None] | None = None,
) -> Rendered:
    """As `to_html`; both forms come from one parse, which takes 90 % of the time that Markdown takes."""
    if markup == "markdown" and not flavour.extensions:
        return _by_markdown_it(body, flavour, most=most, notes=notes, picture=picture)
    result = _without_markdown_it(body, markup, flavour, most)
    return Rendered(result, result)


def _without_markdown_it(body: str, markup: str, flavour: Flavour, most: int) -> str:
    if markup == "html":
        return body
    if markup.startswith("rst"):
        from feeds.content import restructuredtext

        return restructuredtext.to_html(body, modern=markup == "rst-html5")
    if markup == "text":
        if re.match(r"\s*<[a-zA-Z!]", body):
            return body
        paragraphs = re.split(r"\n[ \t]*\n", body.strip("\n"))
        return "\n".join(
            f"<p>{html.escape(paragraph.strip()).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph.strip()
        )
    from feeds.content.markdown import python_markdown

    return _demoted(python_markdown.to_html(body, flavour, most), flavour.demote_headings)


def _by_markdown_it(
    body: str, flavour: Flavour, *, most: int, notes: list[Note] | None, picture: Callable[[str], str | None] | None
) -> Rendered:
    md = _markdown_it(flavour)
    if flavour.loose_lists:
        body = nested_by_less(body)
    env: dict[str, Any] = {}
    tokens = md.parse(body, env)

    def write() -> str:
        result: str = md.renderer.render(tokens, md.options, env)
        if not md.options["html"]:
            # What is left of a comment when its text is gone.
            result = result.replace("&lt;!-- --&gt;", "")
        return _demoted(result, flavour.demote_headings)

    pictures = () if picture is None else tuple(_placed_pictures(tokens, picture))
    _check_size(tokens, most)
    plain = write()
    for token, url in pictures:
        token.attrs["src"] = url
    if pictures:
        _check_size(tokens, most)
    result = Rendered(write() if pictures else plain, plain)
    if notes is not None and "raw_html" in env:
        what = f"HTML among the Markdown is left out, e.g. {env['raw_html'].strip()[:60]!r}: the generator's settings say so"
        notes.append(Note("raw-html", what, None, "set raw_html = true in the table [markdown] to keep it", "notice"))
    return result


_HEADING_TAG = re.compile(r"(</?h)([1-6])(?=[\s>])")


def _demoted(rendered: str, levels: int) -> str:
    """HTML whose headings are so many levels lower."""
    return _HEADING_TAG.sub(lambda tag: f"{tag[1]}{min(int(tag[2]) + levels, 6)}", rendered) if levels else rendered
