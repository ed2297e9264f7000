"""Formulas of authors who write for a Markdown renderer that knows none: in come tokens, out go the same with TeX in them.

Such a renderer takes one backslash of two, so these authors write four for the two that end a line, and two before a brace.
Others write TeX as it is, whatever their renderer makes of it. Which of the two a post is shows in a formula that no TeX has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from feeds.lazy_patterns import lazy_pattern

#: Renderers for which authors escape formulas: those that have no formulas of their own.
RENDERERS = frozenset({"goldmark", "marked", "marked-0", "markdown-it", "pulldown-cmark"})
#: Four backslashes (five before a command), or two before a brace or before the mark of a space (`\,`, `\;`, `\!`): in TeX the
#: line would end twice, or before a group or a mark that nothing wants.
_ESCAPED = lazy_pattern(r"(?<!\\)\\\\(?:\\\\(?!\\(?![a-zA-Z]))|[,;!]|[{}](?![\\a-zA-Z]{0,3}(?:bf|it|rm)\b))")
#: A mark of Markdown that TeX does not escape in formulas: `x\_0`, `a\*b`; in words (`\text{a\_b}`) TeX does.
_WORDS = lazy_pattern(
    r"\\(?:text[a-z]{0,8}|mathrm|mathtt|mathsf|operatorname|mbox|hbox|label|tag|ref|url|href)\*?\{[^{}]{0,400}\}"
)
_MARK = lazy_pattern(r"(?<!\\)\\([_*])")
#: `$\\frac{1}{2}$`: a formula within a line that begins with the end of a line.
_DOUBLED = lazy_pattern(r"\$\s{0,9}\\\\[a-zA-Z]{2}")
_BACKSLASH = lazy_pattern(r"\\([!-/:-@\[-`{-~])")


def unescape(state: Any) -> None:
    """A core rule of markdown-it: takes the backslashes of Markdown out of the formulas of a post that has them."""
    formulas = list(_formulas(state.tokens))
    everywhere = any(_ESCAPED.search(token.content) for token in formulas)
    marks = any(_MARK.search(_WORDS.sub("", token.content)) for token in formulas)
    for token in formulas:
        if everywhere or (_DOUBLED.match(token.content) and "\\begin" not in token.content):
            token.content = _BACKSLASH.sub(r"\1", token.content)
        elif marks:
            token.content = _MARK.sub(r"\1", token.content)


def _formulas(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        if token.type == "formula":
            yield token
        elif token.children:
            yield from _formulas(token.children)
