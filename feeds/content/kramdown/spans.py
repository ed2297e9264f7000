"""kramdown's spans: rules for markdown-it's inline parser (kramdown 2.4, parser/kramdown/link.rb, line_break.rb, emphasis.rb).

Every rule looks at a bounded number of characters. No HTML that comes out is trusted.
"""

from __future__ import annotations

from typing import Any

from feeds.content.markdown.spans import bounded, formula
from feeds.lazy_patterns import lazy_pattern

State = Any

#: What Ruby's \s means.
_BLANKS = " \t\r\n\f\v"
#: Kramdown::Parser::GFM::ESCAPED_CHARS_GFM, and a line end, which ends a line as two blanks do.
_ESCAPED = frozenset("\\.*_+`<>()[]{}#!:|\"'$=-~\n")
_STRIKETHROUGH_END = lazy_pattern(r"[^ \t\r\n\f\v~]~~")
#: Kramdown::Parser::Kramdown::LINK_PAREN_STOP_RE and LINK_INLINE_TITLE_RE.
_TARGET_STOP = lazy_pattern(r"[()]|\s(?=[\"'])")
_TITLE = lazy_pattern(r"\s{0,20}([\"'])([^\n]{1,500}?)\1\s{0,20}\)")
#: No longer address with its title is looked for.
_MOST_OF_A_TARGET = 2500
_NAME_APART = lazy_pattern(r"\s{1,20}\[([^\]]{1,200})?\]")


def link_apart(state: State, silent: bool) -> bool:
    """`[text] [name]` and `![text] [name]`, the name on the next line too."""
    from markdown_it.common.utils import normalizeReference

    is_image = state.src.startswith("![", state.pos)
    start = state.pos + is_image
    references = state.env.get("references")
    if not references or state.src[start] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, start, not is_image)
    match = _NAME_APART.match(state.src, end + 1, state.posMax) if end >= 0 else None
    if match is None:
        return False
    label = state.src[start + 1 : end]
    reference = references.get(normalizeReference(match[1] or label))
    if reference is None:
        return False
    if not silent:
        _push(state, reference, (start + 1, end), is_image=is_image)
    state.pos = match.end()
    return True


def link_with_address(state: State, silent: bool) -> bool:
    """`[text](an address "title")`: the address may hold blanks and quotes, the title quotes (Kramdown#parse_link)."""
    is_image = state.src.startswith("![", state.pos)
    start = state.pos + is_image
    if state.src[start] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, start, not is_image)
    target = _target(state.src, end + 1, min(state.posMax, end + _MOST_OF_A_TARGET)) if end >= 0 else None
    if target is None:
        return False
    address, title, behind = target
    reference = {"href": state.md.normalizeLink(address.replace(" ", "%20")), "title": title}
    if not silent:
        _push(state, reference, (start + 1, end), is_image=is_image)
    state.pos = behind
    return True


def _target(src: str, start: int, limit: int) -> tuple[str, str, int] | None:
    """The address and the title in the parentheses that begin at a place, and the place behind them; None if there are none."""
    if not src.startswith("(", start) or src.startswith("(<", start):
        return None
    depth = 0
    for stop in _TARGET_STOP.finditer(src, start, limit):
        if stop[0] == "(":
            depth += 1
        elif stop[0] == ")":
            depth -= 1
            if depth == 0:
                return _one_line(src[start + 1 : stop.start()], "", stop.end())
        else:
            match = _TITLE.match(src, stop.start(), limit)
            return _one_line(src[start + 1 : stop.start()], match[2], match.end()) if match else None
    return None


def _one_line(address: str, title: str, behind: int) -> tuple[str, str, int] | None:
    return None if "\n" in address.strip() else (address.strip(), title, behind)


def _push(state: State, reference: dict[str, str], label: tuple[int, int], *, is_image: bool) -> None:
    text = state.src[label[0] : label[1]]
    if is_image:
        token = state.push("image", "img", 0)
        token.attrs = {"src": reference["href"], "alt": ""}
        children: list[Any] = []
        state.md.inline.parse(text, state.md, state.env, children)
        token.children, token.content = children, text
    else:
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": reference["href"]}
        before = state.posMax
        state.pos, state.posMax = label
        state.linkLevel += 1
        state.md.inline.tokenize(state)
        state.linkLevel -= 1
        state.posMax = before
        state.push("link_close", "a", -1)
    if reference["title"]:
        token.attrSet("title", reference["title"])


def line_break(state: State, silent: bool) -> bool:
    r"""`\\` at the end of a line breaks it."""
    if not state.src.startswith("\\\\\n", state.pos):
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos += 3
    return True


def strong_outside(state: State) -> None:
    """`***text***` is emphasis within strong text, which CommonMark has the other way round."""
    for block in state.tokens:
        # Where a mark has been used up, an empty text is left.
        children = [token for token in block.children or () if token.type != "text" or token.content]
        opened: list[int] = []
        inner = (-1, -1)
        for place, token in enumerate(children):
            if token.type in ("em_open", "strong_open"):
                opened.append(place)
            elif token.type in ("em_close", "strong_close") and opened:
                pair = opened.pop(), place
                if (
                    token.type == "em_close"
                    and inner == (pair[0] + 1, place - 1)
                    and children[inner[0]].type == "strong_open"
                    and children[inner[0]].markup[0] == token.markup
                ):
                    for outside, inside in zip(pair, inner, strict=True):
                        _exchange(children[outside], children[inside])
                inner = pair


def _exchange(left: Any, right: Any) -> None:
    left.type, right.type = right.type, left.type
    left.tag, right.tag = right.tag, left.tag
    left.markup, right.markup = right.markup, left.markup


def code_span(state: State, silent: bool) -> bool:
    """Code ends with the next run of as many backticks, be it a part of a longer run (Kramdown#parse_codespan)."""
    src, start = state.src, state.pos
    if src[start] != "`":
        return False
    end = start
    while end < state.posMax and src[end] == "`":
        end += 1
    marks = src[start:end]
    is_alone = marks == "`" and (start == 0 or src[start - 1] in _BLANKS) and end < state.posMax and src[end] in _BLANKS
    closing = -1 if is_alone else _closing(state, marks, end)
    if not silent:
        if closing < 0:
            state.pending += marks
        else:
            token = state.push("code_inline", "code", 0)
            token.markup, text = marks, src[end:closing]
            if len(marks) > 1:
                text = text.removeprefix(" ").removesuffix(" ")
            token.content = text.replace("\n", " ")
    state.pos = end if closing < 0 else closing + len(marks)
    return True


def _closing(state: State, marks: str, start: int) -> int:
    """Where the marks are found next, -1 if they are not; a failed search is not made again."""
    failed: set[str] = state.__dict__.setdefault("unclosed_code", set())
    if marks in failed:
        return -1
    closing: int = state.src.find(marks, start, state.posMax)
    if closing < 0 and state.posMax == len(state.src):
        failed.add(marks)
    return closing


def escape(state: State, silent: bool) -> bool:
    r"""A backslash before a mark of Markdown; before any other character it is text (`2\^8`)."""
    from markdown_it.rules_inline import escape as commonmark

    return state.src[state.pos + 1 : state.pos + 2] in _ESCAPED and commonmark(state, silent)


def strikethrough(state: State, silent: bool) -> bool:
    """`~~text~~`, over several lines too, next to other tildes too (Kramdown::Parser::GFM::STRIKETHROUGH_MATCH)."""
    src, start = state.src, state.pos + 2
    if not src.startswith("~~", state.pos) or start >= state.posMax or src[start] in _BLANKS + "~":
        return False
    searched = state.__dict__.setdefault("searched_tildes", {})
    end = searched.get(state.posMax, -1)
    if end <= start:
        match = _STRIKETHROUGH_END.search(src, start, state.posMax)
        end = searched[state.posMax] = match.end() - 2 if match else len(src)
    if end + 2 > state.posMax:
        return False
    if not silent:
        before, state.pos, state.posMax = state.posMax, start, end
        state.push("s_open", "s", 1).markup = "~~"
        state.md.inline.tokenize(state)
        state.push("s_close", "s", -1).markup = "~~"
        state.posMax = before
    state.pos = end + 2
    return True


def forced_formula(state: State, silent: bool) -> bool:
    r"""`\$$…$$` begins a paragraph with a formula of the line."""
    if state.pos > 0 or not state.src.startswith("\\$$"):
        return False
    state.pos = 1
    if formula(state, silent):
        if not silent:
            state.tokens[-1].meta = {"in_line": True}
        return True
    state.pos = 0
    return False


def add_rules(md: Any) -> None:
    """Give a MarkdownIt kramdown's rules besides CommonMark's."""
    inline = md.inline.ruler
    if not md.options["breaks"]:
        inline.before("escape", "line_break", line_break)
    inline.at("backticks", code_span)
    inline.at("escape", escape)
    inline.at("strikethrough", strikethrough)
    inline.before("escape", "forced_formula", forced_formula)
    inline.before("link", "link_apart", bounded(link_apart))
    inline.at("spaced", bounded(link_with_address))
    md.core.ruler.before("text_join", "strong_outside", strong_outside)
