"""Boxes in Markdown -> a quotation, a `div` or `details` with a title: rules for markdown-it.

Admonitions (`!!! note`), containers (`::: tip`) and callouts (`> [!NOTE]`). No HTML that comes out is trusted.
"""

from __future__ import annotations

from typing import Any

from feeds.content.flavour import Flavour
from feeds.content.markdown.blocks import ANYWHERE, children, line_text, may_look
from feeds.lazy_patterns import lazy_pattern

State = Any

#: Kinds of boxes that show their own name where they have no title, as VuePress and Docusaurus have it.
_NAMED = frozenset({
    "note", "tip", "hint", "info", "warning", "caution", "danger", "important", "success", "failure", "error", "bug", "example",
    "quote", "question", "abstract", "summary", "todo", "attention", "seealso",
})  # fmt: skip
_FOLDED = frozenset({"details", "spoiler", "collapse", "fold", "folding"})
_ADMONITION = lazy_pattern(
    r"(!!!|\?\?\?\+?)[ \t]+([A-Za-z][\w-]{0,40})((?:[ \t]+[\w-]{1,40}){0,5})(?:[ \t]+\"([^\"\n]{0,300})\")?[ \t]*\Z"
)
_CONTAINER = lazy_pattern(
    r"(:{3,60})[ \t]{0,20}(?:\{[ \t]{0,9}\.?([A-Za-z][\w-]{0,60})[^{}\n]{0,200}\}|([A-Za-z][\w-]{0,60})"
    r"(?:\[([^\[\]\n]{0,300})\]|[ \t]{0,20}\{[^{}\n]{0,200}\}|[ \t]{1,20}([^ \t\n][^\n]{0,300}))?)[ \t:]{0,60}\Z"
)
_CONTAINER_END = lazy_pattern(r"(:{3,60})[ \t]{0,20}\Z")
_FENCE = lazy_pattern(r"(`{3,60}|~{3,60})")
_CALLOUT = lazy_pattern(r"\[!([A-Za-z][\w-]{0,40})\]([+-]?)(?:[ \t]+([^\n]{0,300}))?[ \t]*(?:\n|\Z)")


def _open_box(state: State, kind: str, title: str, *, folded: bool, line: int) -> None:
    state.push("box_open", "details" if folded else "div", 1).map = [line, line + 1]
    if title:
        tag = "summary" if folded else "p"
        state.push("box_title_open", tag, 1)
        token = state.push("inline", "", 0)
        token.content, token.map, token.children, token.meta = title, [line, line + 1], [], {"bold": not folded}
        state.push("box_title_close", tag, -1)


def _close_box(state: State, *, folded: bool) -> None:
    state.push("box_close", "details" if folded else "div", -1)


def _box_title(kind: str) -> str:
    return kind.replace("-", " ").capitalize() if kind.lower() in _NAMED else ""


def admonition(state: State, start: int, end: int, silent: bool) -> bool:
    """`!!! note "Title"` with an indented block below (Python-Markdown), `??? note` folded (PyMdown)."""
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 3] not in ("!!!", "???") or state.is_code_block(start):
        return False
    match = _ADMONITION.match(line_text(state, start))
    if match is None:
        return False
    if silent:
        return True
    indent, last = state.blkIndent + 4, start + 1
    for number in range(start + 1, end):
        if state.isEmpty(number):
            continue
        if state.sCount[number] < indent:
            break
        last = number + 1
    folded = match[1] != "!!!"
    title = match[4] if match[4] is not None else match[2].capitalize()
    _open_box(state, match[2], title, folded=folded, line=start)
    children(state, start + 1, last, indent, "admonition")
    _close_box(state, folded=folded)
    state.line = last
    return True


def container(state: State, start: int, end: int, silent: bool) -> bool:
    """`::: tip Title` up to `:::` (VuePress, Docusaurus, markdown-it-container, pandoc)."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(":::", first) or state.is_code_block(start):
        return False
    match = _CONTAINER.match(line_text(state, start).rstrip())
    if match is None:
        return False
    closing = _container_end(state, start, end, len(match[1]))
    if closing is None:
        return False
    if silent:
        return True
    kind = match[2] or match[3]
    folded = kind.lower() in _FOLDED
    title = (match[4] or match[5] or "").strip() or _box_title(kind)
    _open_box(state, kind, title or ("Details" if folded else ""), folded=folded, line=start)
    children(state, start + 1, closing, state.blkIndent, "container")
    _close_box(state, folded=folded)
    state.line = closing + 1
    return True


def _container_end(state: State, start: int, end: int, colons: int) -> int | None:
    """The line that closes the container that begins at `start`; containers within close first, code closes none."""
    opened, fence = [colons], ""
    for number in range(start + 1, end):
        if not may_look(state, 1) or (state.sCount[number] < state.blkIndent and not state.isEmpty(number)):
            return None
        line = line_text(state, number)
        if marks := _FENCE.match(line):
            if not fence:
                fence = marks[1]
            elif marks[1].startswith(fence) and not line[marks.end() :].strip():
                fence = ""
        elif fence or not line.startswith(":::"):
            continue
        elif closed := _CONTAINER_END.match(line):
            if len(closed[1]) >= opened[-1]:
                opened.pop()
                if not opened:
                    return number
        elif inner := _CONTAINER.match(line.rstrip()):
            opened.append(len(inner[1]))
    return None


def callouts(state: State) -> None:
    """A quotation that begins with `[!NOTE]` shows its kind or its title as a heading (GitHub, Obsidian)."""
    tokens = state.tokens
    place = 0
    while place + 2 < len(tokens):
        opened, paragraph, inline = tokens[place : place + 3]
        place += 1
        if opened.type != "blockquote_open" or paragraph.type != "paragraph_open" or not inline.content.startswith("[!"):
            continue
        match = _CALLOUT.match(inline.content)
        if match is None:
            continue
        rest = inline.content[match.end() :]
        title = (match[3] or "").strip() or match[1].replace("-", " ").capitalize()
        inline.content, inline.meta = title, {"bold": True}
        if rest.strip():
            # The title's own paragraph, then the one that was there.
            close = tokens[place + 2]
            second = type(inline)("inline", "", 0, level=inline.level, content=rest, map=inline.map, children=[], block=True)
            tokens[place + 2 : place + 2] = [close, paragraph, second]


def bold_titles(state: State) -> None:
    """The titles of boxes are strong."""
    for token in state.tokens:
        if token.type == "inline" and token.meta and token.meta.get("bold") and token.children:
            kind = type(token)
            token.children.insert(0, kind("strong_open", "strong", 1))
            token.children.append(kind("strong_close", "strong", -1))


def add_rules(md: Any, flavour: Flavour) -> None:
    """Give a MarkdownIt the rules that the flavour asks for."""
    if flavour.admonitions:
        md.block.ruler.before("fence", "admonition", admonition, ANYWHERE)
    if flavour.containers:
        md.block.ruler.before("fence", "container", container, ANYWHERE)
    if flavour.callouts:
        md.core.ruler.before("inline", "callouts", callouts)
    md.core.ruler.before("text_join", "bold_titles", bold_titles)
