"""Blocks of Markdown that CommonMark lacks: rules for markdown-it's block parser, which write its tokens.

Formulas, definition lists, abbreviations, attribute lines, kramdown's
extensions, Markdown within HTML, headings without a blank. Every rule looks at a bounded number of lines. No HTML that
comes out is trusted.
"""

from __future__ import annotations

import re
from typing import Any

from feeds.content.flavour import Flavour
from feeds.content.hidden import classes_hide
from feeds.content.markdown import contents as markdown_contents
from feeds.lazy_patterns import lazy_pattern

State = Any

#: Rules that may end a paragraph and stand within quotations and lists.
ANYWHERE = {"alt": ["paragraph", "reference", "blockquote", "list"]}
#: How many lines a rule may look ahead for an end, all starts of a document together, as a multiple of its lines.
_LOOK_AHEAD = 5
_FORMULA_LINES = 200
_TERMS = 10
#: How many words are explained at most: each is an element.
_MOST_EXPLAINED = 5000
_ABBREVIATION = lazy_pattern(r"\*\[([^\[\]\n]{1,100})\]:[ \t]{0,20}([^ \t\n][^\n]{0,500}|)\Z")
_ATTRIBUTE_LINE = lazy_pattern(r"\{:([^{}\n]{0,500})\}[ \t]{0,20}\Z|\{[ \t]{0,9}([.#][\w-][^{}\n]{0,500})\}[ \t]{0,20}\Z")
_ATTRIBUTE = lazy_pattern(
    r"(?<![\w-])([\w-]{1,40})=(?:\"([^\"\n]{0,300})\"|'([^'\n]{0,300})'|([^\s\"'{}]{1,300}))|\.([\w+#-]{1,60})"
)
_EXTENSION = lazy_pattern(r"\{::([a-z]{1,20})\b[^{}\n]{0,200}?(/?)\}")
_NUMBERED = lazy_pattern(r" {0,3}\d{1,9}\.[ \t]{1,4}(?=\S)")
_BULLET = lazy_pattern(r"[-*+][ \t]+\S")
_LOOSE_HEADING = lazy_pattern(r"(#{1,6})(?![#\s])([^\n]{1,1000})\Z")


def line_text(state: State, line: int) -> str:
    """The text of a line without its indentation."""
    text: str = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return text


def may_look(state: State, lines: int) -> bool:
    """Whether so many lines more may be looked at; what a document may cost is a multiple of its lines."""
    spent = state.env.get("looked", 0) + lines
    state.env["looked"] = spent
    return bool(spent <= _LOOK_AHEAD * state.env.setdefault("lines", len(state.bMarks)) + 1000)


def children(state: State, first: int, last: int, indent: int, kind: str) -> None:
    """Parse the lines from `first` to `last` as blocks of their own, indented by `indent` columns."""
    before = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = indent, last, kind
    state.md.block.tokenize(state, first, last)
    state.blkIndent, state.lineMax, state.parentType = before


# formulas


def formula(state: State, start: int, end: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` to one that ends with it, with no blank line between."""
    return _formula_lines(state, start, end, silent, "$$", "$$")


def bracket_formula(state: State, start: int, end: int, silent: bool) -> bool:
    r"""Lines from `\[` to `\]`, with no blank line between."""
    opening = "\\\\[" if line_text(state, start).startswith("\\\\[") else "\\["
    return _formula_lines(state, start, end, silent, opening, opening.replace("[", "]"))


def _formula_lines(state: State, start: int, end: int, silent: bool, opening: str, closing: str) -> bool:
    first = line_text(state, start)
    if not first.startswith(opening) or state.is_code_block(start):
        return False
    last = _formula_end(state, start, end, opening, closing)
    if last is None:
        return False
    number = last
    if silent:
        return True
    text = state.getLines(start, number + 1, state.blkIndent, False).strip()
    state.push("paragraph_open", "p", 1).map = [start, number + 1]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = "", [start, number + 1], []
    state.push("formula", "", 0).content = text
    token.children.append(state.tokens.pop())
    state.push("paragraph_close", "p", -1)
    state.line = number + 1
    return True


def _formula_end(state: State, start: int, end: int, opening: str, closing: str) -> int | None:
    """The line with which the formula that begins at `start` ends."""
    line = line_text(state, start).strip()
    if closing in (inner := line[len(opening) :]):
        return start if inner.find(closing) == len(inner) - len(closing) > 0 else None
    endless = state.env.setdefault("endless", {})
    if start < endless.get(closing, 0):
        return None
    number = start
    for number in range(start + 1, min(end, start + _FORMULA_LINES)):
        line = line_text(state, number).strip()
        if not line or state.sCount[number] < state.blkIndent:
            break
        if line.endswith(closing):
            return number
    endless[closing] = number
    return None


# lists and words that are explained


def definitions(state: State, start: int, end: int, silent: bool) -> bool:
    """Terms, each on a line, and below them lines that begin with ": " (PHP Markdown Extra, kramdown, goldmark)."""
    if state.is_code_block(start):
        return False
    if silent:
        # Within a definition, the next one ends its paragraph.
        return state.ddIndent >= 0 and _definition_column(state, start) >= 0
    if _first_definition(state, start, end) is None:
        return False
    opened = state.push("dl_open", "dl", 1)
    opened.map = lines = [start, 0]
    first_token, tight = len(state.tokens), True
    number = start
    while number < end and not state.isEmpty(number) and state.sCount[number] >= state.blkIndent:
        definition = _first_definition(state, number, end)
        if definition is None:
            break
        terms = [line for line in range(number, definition) if not state.isEmpty(line)]
        tight = tight and len(terms) == definition - number
        for line in terms:
            state.push("dt_open", "dt", 1).map = [line, line + 1]
            token = state.push("inline", "", 0)
            token.content, token.map, token.children = line_text(state, line).strip(), [line, line + 1], []
            state.push("dt_close", "dt", -1)
        number = definition
        while number < end and state.sCount[number] >= state.blkIndent and _definition_column(state, number) >= 0:
            number, is_tight = _definition(state, number, end)
            tight = tight and is_tight
            while number < end and state.isEmpty(number):
                number += 1
        state.line = number
    state.push("dl_close", "dl", -1)
    lines[1] = state.line
    if tight:
        _hide_paragraphs(state, first_token)
    return True


def _first_definition(state: State, start: int, end: int) -> int | None:
    """The line of the first definition below the terms that begin at `start`."""
    rules = state.md.block.ruler.getRules("paragraph")
    for number in range(start + 1, min(end, start + _TERMS)):
        if state.isEmpty(number):
            following = number + 1
            is_one = following < end and not state.isEmpty(following) and state.sCount[following] >= state.blkIndent
            return following if is_one and _definition_column(state, following) >= 0 else None
        if state.sCount[number] < state.blkIndent:
            return None
        if _definition_column(state, number) >= 0:
            return number
        if any(rule(state, number, end, True) for rule in rules):
            return None
    return None


def _definition_column(state: State, line: int) -> int:
    """Where the text of a definition begins in the source, -1 where the line is none."""
    at = state.bMarks[line] + state.tShift[line]
    if state.src[at : at + 1] != ":" or state.sCount[line] - state.blkIndent >= 4:
        return -1
    text = at + 1
    while text < state.eMarks[line] and state.src[text] in " \t":
        text += 1
    return text if text > at + 1 and text < state.eMarks[line] else -1


def _definition(state: State, line: int, end: int) -> tuple[int, bool]:
    """Write one definition; gives the line behind it, and whether it is tight."""
    text = _definition_column(state, line)
    begins = state.bMarks[line] + state.tShift[line]
    column = state.sCount[line] + text - begins
    before = state.tight, state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType
    state.push("dd_open", "dd", 1).map = [line, line + 1]
    state.blkIndent = state.ddIndent = state.sCount[line] + 2
    state.tShift[line], state.sCount[line] = text - state.bMarks[line], min(column, state.blkIndent)
    state.tight, state.parentType = True, "deflist"
    state.md.block.tokenize(state, line, end)
    tight = state.tight
    state.tight, state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType = before
    state.push("dd_close", "dd", -1)
    return state.line, tight


def _hide_paragraphs(state: State, first: int) -> None:
    level = state.level + 2
    for place in range(first, len(state.tokens)):
        token = state.tokens[place]
        if token.type == "paragraph_open" and token.level == level:
            token.hidden = state.tokens[place + 2].hidden = True


def abbreviation(state: State, start: int, end: int, silent: bool) -> bool:
    """`*[HTML]: HyperText Markup Language`; `explain` uses it."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("*[", first) or state.is_code_block(start):
        return False
    match = _ABBREVIATION.match(line_text(state, start).rstrip())
    if match is None:
        return False
    if not silent:
        abbreviations = state.env.setdefault("abbreviations", {})
        if len(abbreviations) < 500:
            abbreviations.setdefault(match[1].strip(), match[2].strip())
        state.line = start + 1
    return True


def explain(state: State) -> None:
    """Every word that has an abbreviation's explanation, with it."""
    abbreviations = state.env.get("abbreviations")
    if not abbreviations:
        return
    words = "|".join(re.escape(word) for word in sorted(abbreviations, key=len, reverse=True) if word)
    pattern = re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")
    if sum(1 for block in state.tokens for _ in pattern.finditer(block.content)) > _MOST_EXPLAINED:
        return
    for block in state.tokens:
        if block.type != "inline" or not block.children:
            continue
        children = []
        for token in block.children:
            if token.type != "text" or not pattern.search(token.content):
                children.append(token)
                continue
            at = 0
            for word in pattern.finditer(token.content):
                opened = type(token)("abbr_open", "abbr", 1)
                if abbreviations[word[0]]:
                    opened.attrSet("title", abbreviations[word[0]])
                parts = (
                    _text(token, token.content[at : word.start()]),
                    opened,
                    _text(token, word[0]),
                    type(token)("abbr_close", "abbr", -1),
                )
                children += [part for part in parts if part.type != "text" or part.content]
                at = word.end()
            if at < len(token.content):
                children.append(_text(token, token.content[at:]))
        block.children = children


def _text(like: Any, content: str) -> Any:
    return type(like)("text", "", 0, level=like.level, content=content)


# attributes


def attributes_in(text: str) -> dict[str, str]:
    """The attributes of a list as `.class #id width="200"` that mean something to a reader; the policy looks at them again."""
    result: dict[str, str] = {}
    classes: list[str] = []
    for match in _ATTRIBUTE.finditer(text):
        if match[1]:
            result[match[1].lower()] = match[2] or match[3] or match[4] or ""
        else:
            classes.append(match[5])
            if match[5].startswith("language-"):
                result["class"] = match[5]
    if classes and classes_hide([name.casefold() for name in classes]):
        result["class"] = " ".join(classes)
    result.pop("id", None)
    return result


def attribute_line(state: State, start: int, end: int, silent: bool) -> bool:
    """`{: .class width="200"}` belongs to the block before it; with `toc` the list before it is a table of contents."""
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 1] != "{" or state.is_code_block(start):
        return False
    match = _ATTRIBUTE_LINE.match(line_text(state, start))
    if match is None or (match[1] is not None and match[1].startswith(":")):
        return False
    if silent:
        return True
    text = match[1] or match[2] or ""
    if (
        re.search(r"(?<!\S)toc(?!\S)", text)
        and state.tokens
        and state.tokens[-1].type in ("bullet_list_close", "ordered_list_close")
    ):
        opening = state.tokens[-1].type.replace("_close", "_open")
        while state.tokens:
            token = state.tokens.pop()
            if token.type == opening and token.level == state.level:
                break
        state.push(markdown_contents.TOKEN, "", 0).meta = {"ordered": opening.startswith("ordered")}
    elif state.tokens:
        target = next((token for token in reversed(state.tokens) if token.level == state.level and token.nesting >= 0), None)
        if target is not None:
            for name, value in attributes_in(text).items():
                target.attrSet(name, value)
            if ".no_toc" in text:
                target.meta = {**target.meta, "no_toc": True}
    state.line = start + 1
    return True


def extension(state: State, start: int, end: int, silent: bool) -> bool:
    """kramdown's `{::comment}…{:/comment}`, `{::nomarkdown}…{:/}` and `{::options …/}`."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("{::", first) or state.is_code_block(start):
        return False
    match = _EXTENSION.match(line_text(state, start))
    if match is None or match[1] not in ("comment", "nomarkdown", "options"):
        return False
    last = start
    if not match[2]:
        ends = (f"{{:/{match[1]}}}", "{:/}")
        last = next(
            (line for line in range(start, end) if line_text(state, line).rstrip().endswith(ends) and may_look(state, 1)), -1
        )
        if last < 0:
            return False
    if not silent:
        if match[1] == "nomarkdown":
            text = state.getLines(start, last + 1, state.blkIndent, False).strip()
            token = state.push("html_block", "", 0)
            token.content = re.sub(r"\A\{::nomarkdown[^{}\n]{0,200}\}|\{:/(?:nomarkdown)?\}\Z", "", text) + "\n"
        state.line = last + 1
    return True


# HTML, headings


def push_inline(state: State, text: str, line: int) -> None:
    """Write text of a line that is in no paragraph."""
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = text.strip(), [line, line + 1], []


def nested_by_less(body: str) -> str:
    """The text with bullets below a numbered item indented as far as the item's text is.

    kramdown and old versions of marked take "  - b" below "1. a" for a list within the item; CommonMark asks for three blanks.
    """
    result = []
    fence, column, shift, level = "", 0, 0, 0
    for line in body.split("\n"):
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if not text.strip():
            column = 0
        elif fence:
            fence = "" if text.startswith(fence) and not text.strip("`~ \t\r") else fence
        elif text.startswith(("```", "~~~")):
            fence = text[:3]
        else:
            if shift and indent < level:
                shift = column = 0
            numbered = _NUMBERED.match(line)
            if numbered and not shift:
                column = numbered.end()
            elif not shift and 0 < indent < column and _BULLET.match(text):
                shift, level = column - indent, indent
        result.append(" " * shift + line if shift and indent >= level and text.strip() else line)
    return "\n".join(result)


def loose_heading(state: State, start: int, end: int, silent: bool) -> bool:
    """`##Title`: a heading without a blank (Python-Markdown, kramed)."""
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 1] != "#" or state.is_code_block(start):
        return False
    match = _LOOSE_HEADING.match(line_text(state, start).rstrip())
    if match is None:
        return False
    if not silent:
        tag = f"h{len(match[1])}"
        state.push("heading_open", tag, 1).map = [start, start + 1]
        push_inline(state, match[2].rstrip("#"), start)
        state.push("heading_close", tag, -1)
        state.line = start + 1
    return True


def add_rules(md: Any, flavour: Flavour) -> None:
    """Give a MarkdownIt the rules that the flavour asks for."""
    block, core = md.block.ruler, md.core.ruler
    if flavour.formulas != "none":
        block.before("fence", "formula", formula, ANYWHERE)
    if flavour.formulas == "all":
        block.before("fence", "bracket_formula", bracket_formula, ANYWHERE)
    if flavour.attributes in ("kramdown", "all"):
        block.before("fence", "extension", extension, ANYWHERE)
        block.before("fence", "attribute_line", attribute_line, ANYWHERE)
    if flavour.abbreviations:
        block.before("reference", "abbreviation", abbreviation, {"alt": ["paragraph", "reference"]})
        core.before("text_join", "explain", explain)
    if flavour.loose_headings:
        block.before("heading", "loose_heading", loose_heading, ANYWHERE)
    if flavour.definition_lists:
        block.before("paragraph", "definitions", definitions, {"alt": ["paragraph", "reference", "blockquote"]})
