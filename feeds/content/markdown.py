"""Markdown -> HTML: in comes a body as its author's generator reads it, out goes HTML that nobody trusts yet.

CommonMark with tables, strikethrough, footnotes and task lists; formulas stay as they are written. Must not clean.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

#: No longer ones are looked for, so that a text full of "$" costs no more than its length.
_FORMULA = re.compile(r"\$\$[^$]{1,2000}\$\$|\$(?![\s$])[^$\n]{0,400}[^$\s\\]\$(?!\d)")
_FORMULA_LINES = 200
_ATTRIBUTES = re.compile(r"[ \t]{1,20}\{:?[ \t]{0,9}[#.][^{}]{0,300}\}\Z")
_FENCE = re.compile(r"^[ \t]{0,12}(?:```|~~~)", re.MULTILINE)
_MORE = re.compile(r"<!--\s*more\b[^<>]*?-->|<!--\s*excerpt\s*-->|\{%-?\s*more\s*-?%\}", re.IGNORECASE)


class Note(NamedTuple):
    """Something about the content that its author should know; `line` counts from 1 within the body."""

    code: str
    what: str
    line: int | None = None
    mend: str = ""
    severity: str = "warning"


def split_more(body: str) -> tuple[str | None, str]:
    """What stands before the author's «read more» mark, and the body without the mark."""
    found = next((found for found in islice(_MORE.finditer(body), 100) if not _in_code(body, found.start())), None)
    if found is None:
        return None, body
    return body[: found.start()], body[: found.start()] + body[found.end() :]


def _in_code(body: str, at: int) -> bool:
    """Whether the place lies in a fenced block or in `code` of its line."""
    line = body.rfind("\n", 0, at) + 1
    fences = sum(1 for _ in _FENCE.finditer(body, 0, line))
    return fences % 2 == 1 or body.count("`", line, at) % 2 == 1


@lru_cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.tasklists import tasklists_plugin

    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    made.use(footnote_plugin).use(tasklists_plugin)
    made.inline.ruler.before("escape", "formula", _formula)
    made.block.ruler.before("fence", "formula", _formula_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    made.core.ruler.after("inline", "heading_attributes", _heading_attributes)
    return made


def _formula(state: Any, silent: bool) -> bool:
    """`$…$` and `$$…$$` as MathJax and KaTeX find them: what stands inside is no Markdown."""
    if state.src[state.pos] != "$" or (state.pos and state.src[state.pos - 1].isdigit()):
        return False
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _formula_block(state: Any, start: int, end: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` to one that ends with it, with no blank line between."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("$$", first) or state.is_code_block(start):
        return False
    for number in range(start, min(end, start + _FORMULA_LINES)):
        line = state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()
        if not line or state.sCount[number] < state.blkIndent:
            return False
        if line.endswith("$$") and (number > start or len(line) > 4):
            break
    else:
        return False
    if silent:
        return True
    token = state.push("html_block", "", 0)
    token.content = f"<p>{html.escape(state.getLines(start, number + 1, state.blkIndent, False).strip(), quote=False)}</p>\n"
    token.map = [start, number + 1]
    state.line = number + 1
    return True


def _heading_attributes(state: Any) -> None:
    """`## Title {#name .class}` of kramdown and Hugo is the heading "Title"."""
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        if before.type == "heading_open" and token.children and token.children[-1].type == "text":
            last = token.children[-1]
            if last.content.endswith("}"):
                last.content = _ATTRIBUTES.sub("", last.content)


def to_html(body: str, markup: str) -> str:
    """The body as HTML. `.txt` posts are HTML where they begin with a tag, else Markdown's paragraphs of plain text."""
    if markup == "html":
        return body
    if markup == "rst":
        from feeds.content import restructuredtext

        return restructuredtext.to_html(body, strict=False)
    if markup == "text":
        if re.match(r"\s*<[a-zA-Z!]", body):
            return body
        paragraphs = re.split(r"\n[ \t]*\n", body.strip("\n"))
        return "\n".join(f"<p>{html.escape(one.strip()).replace(chr(10), '<br>')}</p>" for one in paragraphs if one.strip())
    rendered: str = _markdown().render(body)
    return rendered
