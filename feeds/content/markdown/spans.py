"""Spans of Markdown that CommonMark lacks: rules for markdown-it's inline parser, which write its tokens.

Formulas, marks, bare addresses, addresses with blanks, attribute lists, emoji. Every rule
looks at a bounded number of characters. No HTML that comes out is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markdown_it.rules_inline import image, link

from feeds.content.flavour import Flavour
from feeds.content.markdown.blocks import attributes_in
from feeds.content.markdown.emphasis import closes_within, emphasis
from feeds.lazy_patterns import lazy_pattern

State = Any
Rule = Callable[[State, bool], bool]

#: No longer ones are looked for, so that a text full of "$" costs no more than its length.
_FORMULA = lazy_pattern(r"\$\$[^$]{1,2000}\$\$|\$(?![\s$])[^$\n]{0,400}[^$\s\\]\$(?!\d)|\$(?![\s$])[^$\n]\$(?!\d)")
_BRACKETS = lazy_pattern(
    r"(\\{1,2})\(((?:[^\\]|\\(?!\)))(?:[^\\\n]|\\(?!\))){0,2000})\1\)|(\\{1,2})\[((?:[^\\]|\\(?!\])){1,2000})\3\]"
)
_ESCAPED = lazy_pattern(r"\\([\\_*])")
_BRACKET = lazy_pattern(r"\\.|[\[\]]", re.DOTALL)
_ADDRESS = lazy_pattern(
    r"[ \t]{0,20}([^\n<>()\"']{1,2000}(?:\([^\n<>()\"']{0,500}\)[^\n<>()\"']{0,500}){0,5})(?:\"([^\"\n]{0,500})\"|'([^'\n]{0,500})')?[ \t]{0,20}\)"
)
_LIST = lazy_pattern(r"\{:[ \t]{0,9}([^{}\n]{0,300})\}")
_BARE_LIST = lazy_pattern(
    r"\{[ \t]{0,9}((?:[.#][\w-]{1,60}|[\w-]{1,40}=[^\s{}]{1,200})(?:[ \t]{1,9}[^\s{}]{1,200}){0,20})[ \t]{0,9}\}"
)
#: Tokens behind which a list of attributes may stand.
_WITH_LISTS = ("link_close", "image", "code_inline", "html_inline", "mark_close", "formula")
_COMMENT = lazy_pattern(r"\{::comment[^{}\n]{0,200}(?:/\}|\}((?:[^{]|\{(?!:/)){0,5000})\{:/(?:comment)?\})")
_RAW = lazy_pattern(r"\{::nomarkdown[^{}\n]{0,200}\}((?:[^{]|\{(?!:/)){0,5000})\{:/(?:nomarkdown)?\}")
_HEADING_LIST = lazy_pattern(r"[ \t]{1,20}\{:?[ \t]{0,9}[#.][^{}]{0,300}\}\Z")
_GOLDMARK_LIST = lazy_pattern(r"[ \t]{1,20}\{[ \t]{0,9}[#.][^{}]{0,300}\}\Z")
#: What stands in braces behind a heading is attributes for pulldown-cmark, whatever it is.
_PULLDOWN_LIST = lazy_pattern(r"[ \t]{0,20}\{[^{}<>\\\n]{0,300}\}\Z")
_KRAMDOWN_ID = lazy_pattern(r"[ \t]{1,20}\{#[\w:.-]{1,500}\}\Z")
_HEADING_LISTS = {"kramdown": _KRAMDOWN_ID, "goldmark": _GOLDMARK_LIST, "pulldown-cmark": _PULLDOWN_LIST}


# formulas


def formula(state: State, silent: bool) -> bool:
    """`$…$` and `$$…$$` as MathJax and KaTeX find them: what stands inside is no Markdown."""
    # $`x`$ is code between dollars, or GitLab's formula: either way its inside is no Markdown.
    if state.src[state.pos] != "$" or (state.pos and state.src[state.pos - 1].isdigit()) or state.src.startswith("$`", state.pos):
        return False
    match = _FORMULA.match(state.src, state.pos, state.posMax)
    # What goes from one link into the next is no formula: [$digest()](…$rootScope).
    # Nor is what begins before code: `${}` and `$x`.
    if match is None or "](" in match[0] or (match[0].count("`") % 2 and not match[0].startswith("$$")):
        return False
    # Nor what goes from one strong text into the next: **$file**, then **$name**.
    if "**" in match[0] and state.src.startswith("**", max(0, state.pos - 2)) and not match[0].startswith("$$"):
        return False
    return _formula_token(state, match, silent)


def bracket_formula(state: State, silent: bool) -> bool:
    r"""`\(…\)` and `\[…\]`, with one backslash or two."""
    if state.src[state.pos] != "\\":
        return False
    bracket = state.src[state.pos : state.pos + 3].lstrip("\\")[:1]
    # Most that open nothing have no end near by: to look for that is a hundred times faster than the pattern.
    if not bracket or bracket not in "([" or not _closed_bracket(state.src, state.pos, bracket):
        return False
    match = _BRACKETS.match(state.src, state.pos, state.posMax)
    return match is not None and _formula_token(state, match, silent)


def _closed_bracket(src: str, start: int, bracket: str) -> bool:
    r"""Whether `\(` or `\[` at `start`, with one backslash or two, has an end that `_BRACKETS` could reach."""
    marks = "\\\\" if src.startswith("\\\\", start) else "\\"
    end = src.find("\\)" if bracket == "(" else "\\]", start + len(marks) + 1, start + 2010)
    if end < 0 or not src.startswith(marks, end + 1 - len(marks)):
        return False
    return bracket == "[" or src.find("\n", start + len(marks) + 2, end) < 0


def _formula_token(state: State, match: re.Match[str], silent: bool) -> bool:
    if not silent:
        content = match[0]
        if content.startswith("\\\\"):
            # To Markdown it is text, which MathJax reads: of two backslashes one goes, and that before a mark.
            content = _ESCAPED.sub(r"\1", content)
        state.push("formula", "", 0).content = content
    state.pos = match.end()
    return True


# marks


def _flanks(src: str, start: int, end: int, *, left: bool) -> bool:
    """Whether marks from `start` to `end` may open (`left`) or close, as CommonMark has it for emphasis (section 6.2).

    `C++，` opens nothing: punctuation follows the marks, and a letter stands before them.
    """
    from markdown_it.common.utils import isMdAsciiPunct, isPunctChar

    def kind(at: int) -> str:
        char = src[at] if 0 <= at < len(src) else " "
        return "blank" if char.isspace() else "mark" if isMdAsciiPunct(ord(char)) or isPunctChar(char) else "text"

    inner, outer = (kind(end), kind(start - 1)) if left else (kind(start - 1), kind(end))
    return inner == "text" or (inner == "mark" and outer != "text")


def pair(marks: str, tag: str, kind: str, *, flanking: bool = False) -> Rule:
    """`==text==` as `<mark>`, `++text++` as `<ins>`: two marks that touch their text.

    `kind` is how `*` and `_` are read (`emphasis`): what begins in strong text ends in it. With `flanking` they are marks only where emphasis could begin and end, as markdown-it's plug-ins have it.
    """
    name = f"{tag}_open", f"{tag}_close"
    closing = re.compile(rf"(?<!\s){re.escape(marks)}(?!{re.escape(marks[0])})")

    def rule(state: State, silent: bool) -> bool:
        start = state.pos + len(marks)
        if not state.src.startswith(marks, state.pos) or start >= state.posMax or state.src[start] in f" \t\n{marks[0]}":
            return False
        if state.pos and state.src[state.pos - 1] == marks[0]:
            return False
        # Hugo takes the sign of an exponent (`10^-6^`) for a letter.
        signed = marks == "^" and state.src[start] in "+-"
        if silent or (flanking and not signed and not _flanks(state.src, state.pos, start, left=True)):
            return False
        # Where the last search found its end, or found that there is none, is where the next one begins.
        searched = state.__dict__.setdefault("closings", {})
        end = searched.get(marks, -1)
        if end <= start:
            match = closing.search(state.src, start + 1)
            while match and flanking and not _flanks(state.src, match.start(), match.end(), left=False):
                match = closing.search(state.src, match.end())
            end = searched[marks] = match.start() if match else len(state.src)
        if end + len(marks) > state.posMax or closes_within(state, end, kind):
            return False
        before, state.pos, state.posMax = state.posMax, start, end
        state.push(name[0], tag, 1).markup = marks
        state.md.inline.tokenize(state)
        state.push(name[1], tag, -1).markup = marks
        state.pos, state.posMax = end + len(marks), before
        return True

    return rule


def guillemets(state: State, silent: bool) -> bool:
    """`<<` is no tag where typography makes it a quotation mark."""
    if not state.src.startswith("<<", state.pos):
        return False
    if not silent:
        state.push("text", "", 0).content = "<< " if state.src.startswith("<< ", state.pos) else "<<"
    state.pos += 3 if state.src.startswith("<< ", state.pos) else 2
    return True


def script(mark: str, tag: str) -> Rule:
    """`H~2~O` and `x^2^`: without blanks between the marks."""
    pattern = re.compile(rf"{re.escape(mark)}([^\s{re.escape(mark)}]{{1,100}}){re.escape(mark)}(?!{re.escape(mark)})")

    def rule(state: State, silent: bool) -> bool:
        if state.src[state.pos] != mark or (state.pos and state.src[state.pos - 1] == mark):
            return False
        match = pattern.match(state.src, state.pos, state.posMax)
        if match is None:
            return False
        if not silent:
            state.push(f"{tag}_open", tag, 1)
            state.push("text", "", 0).content = match[1]
            state.push(f"{tag}_close", tag, -1)
        state.pos = match.end()
        return True

    return rule


# links and pictures


def bounded(rule: Rule) -> Rule:
    """The rule for a link or picture, unless the text is so full of brackets that looking for their ends would take for ever.

    Each "[" costs the length of what may be its label; all of a block together may cost a multiple of its length.
    """

    def bounded_rule(state: State, silent: bool) -> bool:
        at = state.pos + (state.src[state.pos] == "!")
        if state.src[at : at + 1] != "[":
            return rule(state, silent)
        labels = state.__dict__.get("labels")
        if labels is None:
            labels = state.__dict__["labels"] = _labels(state.src)
            state.__dict__["label_budget"] = 20 * len(state.src) + 5000
        state.__dict__["label_budget"] -= labels.get(at, len(state.src)) - at
        return state.__dict__["label_budget"] > 0 and rule(state, silent)

    return bounded_rule


def _labels(text: str) -> dict[int, int]:
    """Where the bracket at each place is closed, by count alone."""
    open_brackets: list[int] = []
    closed: dict[int, int] = {}
    for match in _BRACKET.finditer(text):
        if match[0] == "[":
            open_brackets.append(match.start())
        elif match[0] == "]" and open_brackets:
            closed[open_brackets.pop()] = match.start()
    return closed


def spaced(state: State, silent: bool) -> bool:
    """`[file](my shot 1.png "title")` and `![shot](my shot 1.png)`: an address with blanks."""
    is_image = state.src.startswith("![", state.pos)
    if not is_image and state.src[state.pos] != "[":
        return False
    start = state.pos + is_image
    end = state.md.helpers.parseLinkLabel(state, start, not is_image)
    if end < 0 or not state.src.startswith("(", end + 1):
        return False
    match = _ADDRESS.match(state.src, end + 2, state.posMax)
    if match is None or not re.search(r"\S[ \t]+\S", match[1]):
        return False
    address = state.md.normalizeLink(match[1].strip().replace(" ", "%20").replace("\t", "%20"))
    if not state.md.validateLink(address):
        return False
    if not silent:
        label = state.src[start + 1 : end]
        title = match[2] or match[3]
        if is_image:
            token = state.push("image", "img", 0)
            token.attrs = {"src": address, "alt": ""}
            children: list[Any] = []
            state.md.inline.parse(label, state.md, state.env, children)
            token.children, token.content = children, label
        else:
            token = state.push("link_open", "a", 1)
            token.attrs = {"href": address}
            before, state.pos, state.posMax = state.posMax, start + 1, end
            state.linkLevel += 1
            state.md.inline.tokenize(state)
            state.linkLevel -= 1
            state.posMax = before
            state.push("link_close", "a", -1)
        if title:
            token.attrSet("title", title)
    state.pos = match.end()
    return True


def attributes(*, colon_only: bool) -> Rule:
    """`{: width="200"}` behind a link, picture, code or emphasis; without the colon not behind emphasis."""

    def rule(state: State, silent: bool) -> bool:
        if state.src[state.pos] != "{" or silent or state.pending or not state.tokens:
            return False
        match = _LIST.match(state.src, state.pos, state.posMax)
        last = state.tokens[-1]
        is_mark = bool(state.delimiters) and state.delimiters[-1].token == len(state.tokens) - 1
        if match is None and not colon_only and not is_mark:
            match = _BARE_LIST.match(state.src, state.pos, state.posMax)
        if match is None or not (is_mark or last.type in _WITH_LISTS):
            return False
        target = last
        if last.type == "link_close":
            target = next(token for token in reversed(state.tokens) if token.type == "link_open" and token.level == last.level)
        if target.type in ("image", "code_inline", "link_open"):
            for name, value in attributes_in(match[1]).items():
                if name not in ("href", "src"):
                    target.attrSet(name, value)
        state.pos = match.end()
        return True

    return rule


def extension(state: State, silent: bool) -> bool:
    """kramdown's `{::comment}…{:/comment}` and `{::nomarkdown}…{:/}` within a line."""
    if not state.src.startswith("{::", state.pos):
        return False
    comment = _COMMENT.match(state.src, state.pos, state.posMax)
    raw = _RAW.match(state.src, state.pos, state.posMax) if comment is None else None
    result = comment or raw
    if result is None:
        return False
    if raw is not None and not silent:
        state.push("html_inline", "", 0).content = raw[1]
    state.pos = result.end()
    return True


def heading_attributes(pattern: re.Pattern[str]) -> Callable[[State], None]:
    """`## Title {#name .class}` is the heading "Title"."""

    def rule(state: State) -> None:
        for before, token in zip(state.tokens, state.tokens[1:], strict=False):
            if before.type == "heading_open" and token.children and token.children[-1].type == "text":
                last = token.children[-1]
                if last.content.endswith("}"):
                    last.content = pattern.sub("", last.content)

    return rule


def emoji(state: State) -> None:
    """`:smile:` by GitHub's names; what is no name stays."""
    for block in state.tokens:
        if block.type == "inline" and ":" in block.content:
            for token in block.children or ():
                if token.type == "text" and _EMOJI.search(token.content):
                    token.content = _EMOJI.sub(_emoji, token.content)


_EMOJI = lazy_pattern(r"(?<![\w:]):([a-z0-9_+-]{1,60}):(?![\w:])", re.ASCII)


def _emoji(match: re.Match[str]) -> str:
    from emoji import emojize

    return emojize(match[0], language="alias")


def add_rules(md: Any, flavour: Flavour) -> None:
    """Give a MarkdownIt the rules that the flavour asks for."""
    inline, core = md.inline.ruler, md.core.ruler
    inline.at("link", bounded(link))
    inline.at("image", bounded(image))
    if flavour.formulas != "none":
        inline.before("escape", "formula", formula)
    if flavour.formulas == "all":
        inline.before("escape", "bracket_formula", bracket_formula)
    kind = "marked" if flavour.emphasis == "commonmark" and flavour.renderer == "marked" else flavour.emphasis
    if kind != "commonmark":
        inline.at("emphasis", emphasis(kind))
        inline.at("strikethrough", pair("~~", "s", kind))
        if flavour.single_tilde:
            inline.after("strikethrough", "single_tilde", pair("~", "s", kind))
    if flavour.typography in ("kramdown", "goldmark"):
        inline.before("autolink", "guillemets", guillemets)
    if flavour.marks:
        inline.before("emphasis", "mark", pair("==", "mark", kind, flanking=flavour.renderer in ("markdown-it", "goldmark")))
    if flavour.insertions:
        inline.before("emphasis", "insertion", pair("++", "ins", kind, flanking=flavour.renderer in ("markdown-it", "goldmark")))
    if flavour.scripts:
        goldmark = flavour.renderer == "goldmark"
        for mark, tag in (("~", "sub"), ("^", "sup")):
            inline.before("strikethrough", tag, pair(mark, tag, kind, flanking=True) if goldmark else script(mark, tag))
    if flavour.spaced_addresses:
        inline.after("image", "spaced", bounded(spaced))
    if flavour.attributes in ("kramdown", "all"):
        inline.before("escape", "extension", extension)
        inline.before("escape", "attributes", attributes(colon_only=flavour.attributes == "kramdown"))
    if flavour.attributes != "none":
        core.before("text_join", "heading_attributes", heading_attributes(_HEADING_LISTS.get(flavour.renderer, _HEADING_LIST)))
    if flavour.emoji:
        core.before("text_join", "emoji", emoji)
