"""Straight quotes and dashes -> typographic ones, as each Markdown renderer does it: rules for markdown-it's core chain.

In come the children of a block, out go the same with other characters in their text; code, addresses, formulas and what
was escaped stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from feeds.content.flavour import Flavour
from feeds.lazy_patterns import lazy_pattern

Quotes = tuple[str, str, str, str]
#: What stands for a token that is not text, in the text that the rules look at.
_MARKS = {"softbreak": "\n", "hardbreak": "\n", "code_inline": "`", "html_inline": ">", "image": ")", "formula": "$"}


def rule(flavour: Flavour) -> Callable[[Any], None] | None:
    """The core rule for a flavour, None where it has none of its own."""
    quotes: Quotes = tuple(flavour.quotes)  # type: ignore[assignment]
    apply = {"smartypants": _smartypants, "smartypants-0": _smartypants_0, "kramdown": _kramdown, "goldmark": _goldmark}.get(
        flavour.typography
    )
    if apply is None:
        return None

    def typography(state: Any) -> None:
        for block in state.tokens:
            if block.type == "inline" and block.children:
                apply(block.children, quotes)

    return typography


def _texts(children: list[Any]) -> list[tuple[Any, int]]:
    """The tokens that hold prose, and where each begins in the joined text."""
    tokens, at, automatic = [], 0, False
    for token in children:
        if token.type == "link_open":
            automatic = token.info == "auto"
        elif token.type == "link_close":
            automatic = False
        if token.type == "text" and not automatic:
            tokens.append((token, at))
        at += len(_shown(token))
    return tokens


def _shown(token: Any) -> str:
    if token.type == "text":
        return str(token.content)
    if token.type == "text_special":
        return str(token.markup or token.content)
    if token.type.startswith(("em_", "strong_", "s_", "mark_")):
        return str(token.markup) or "*"
    return _MARKS.get(token.type, "")


# marked's smartypants (github.com/markedjs/marked, version 4, Lexer)

_OPENS_SINGLE = lazy_pattern(r"(\A|[-\u2014/(\[{\"\s])'")


def _smartypants(children: list[Any], quotes: Quotes) -> None:
    double, double_end, single, single_end = quotes
    opens_double = re.compile(rf"(\A|[-\u2014/(\[{{{re.escape(single)}\s])\"")
    for token, _ in _texts(children):
        text = token.content
        if "-" in text:
            text = text.replace("---", "\u2014").replace("--", "\u2013")
        if "'" in text:
            text = _OPENS_SINGLE.sub(lambda match: match[1] + single, text).replace("'", single_end)
        if '"' in text:
            text = opens_double.sub(lambda match: match[1] + double, text).replace('"', double_end)
        token.content = text.replace("...", "\u2026")


def _smartypants_0(children: list[Any], quotes: Quotes) -> None:
    """kramed, and marked before version 0.3.3: every two dashes are a long one."""
    for token, _ in _texts(children):
        token.content = token.content.replace("--", "\u2014")
    _smartypants(children, quotes)


# kramdown (kramdown.gettalong.org, parser/kramdown/smart_quotes.rb and typographic_symbol.rb)

_PUNCTUATION = r"[!\"#$%'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"
_QUOTE_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (lazy_pattern(pattern, re.ASCII | re.DOTALL), made)
    for pattern, made in (
        (r"(?P<q>[\"'])(?=[_*]{1,2}\S)", "open"),
        (rf"(?P<q>[\"'])(?={_PUNCTUATION}(?!\.\.)\B)", "close"),
        (r"(?P<before>\s?)\"'(?=\w)", "double single"),
        (r"(?P<before>\s?)'\"(?=\w)", "single double"),
        (r"(?P<before>\s?)'(?=\d\ds)", "apostrophe"),
        (r"(?P<before>\s)(?P<q>['\"])(?=\w)", "open"),
        (r"(?P<before>[^ \\\t\r\n\[{(-])(?P<q>['\"])", "close"),
        (r"(?P<q>[\"'])(?=\s|s\b|\Z)", "close"),
        (r"(?P<before>.?)(?P<q>['\"])", "open"),
    )
)
_SYMBOLS = lazy_pattern(r"---|--|\.\.\.|<< | >>|<<|>>|[^\\]?[\"']", re.DOTALL)
_SYMBOL = {
    "---": "\u2014",
    "--": "\u2013",
    "...": "\u2026",
    "<< ": "\u00ab\u00a0",
    " >>": "\u00a0\u00bb",
    "<<": "\u00ab",
    ">>": "\u00bb",
}


def _kramdown(children: list[Any], quotes: Quotes) -> None:
    double, double_end, single, single_end = quotes
    opened, closed = {'"': double, "'": single}, {'"': double_end, "'": single_end}
    joined = "".join(map(_shown, children))

    def quoted(at: int) -> tuple[str, int]:
        for pattern, kind in _QUOTE_RULES:
            match = pattern.match(joined, at)
            if match is None:
                continue
            parts = match.groupdict()
            before = parts.get("before") or ""
            if kind in ("open", "close"):
                result = (opened if kind == "open" else closed)[parts["q"]]
            else:
                result = {"double single": double + single, "single double": single + double, "apostrophe": single_end}[kind]
            return before + result, match.end() - at
        return joined[at], 1

    for token, begin in _texts(children):
        text, pieces, at = token.content, [], 0
        while at < len(text):
            match = _SYMBOLS.search(text, at)
            if match is None:
                break
            pieces.append(text[at : match.start()])
            if match[0] in _SYMBOL:
                pieces.append(_SYMBOL[match[0]])
                at = match.end()
                continue
            written, length = quoted(begin + match.start())
            pieces.append(written)
            at = match.start() + length
        token.content = "".join(pieces) + text[at:]


# goldmark (github.com/yuin/goldmark, extension/typographer.go)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _goldmark(children: list[Any], quotes: Quotes) -> None:
    joined = "".join(map(_shown, children))
    unclosed = {"'": 0, '"': 0}
    for token, begin in _texts(children):
        text = token.content
        if not re.search(r"['\"]|--|\.\.\.|<<|>>", text):
            continue
        pieces, at = [], 0
        while at < len(text):
            symbol = next((item for item in ("---", "--", "...", "<<", ">>") if text.startswith(item, at)), "")
            if symbol:
                pieces.append(_SYMBOL[symbol])
                at += len(symbol)
                continue
            character = text[at]
            if character in unclosed:
                character = _goldmark_quote(joined, begin + at, quotes, unclosed) or character
            pieces.append(character)
            at += 1
        token.content = "".join(pieces)


def _goldmark_quote(joined: str, at: int, quotes: Quotes, unclosed: dict[str, int]) -> str | None:
    double, double_end, single, single_end = quotes
    quote = joined[at]
    line = joined[at : at + 6].partition("\n")[0] + "\n"
    before = joined[at - 1] if at else "\n"
    end = at
    while end < len(joined) and joined[end] == quote:
        end += 1
    after = joined[end] if end < len(joined) else "\n"
    opens = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
    closes = not before.isspace() and (not _is_punctuation(before) or after.isspace() or _is_punctuation(after))
    if quote == "'":
        following = line[1]
        if opens and not closes and re.match(r"'\d\ds(?:[\s\W]|$)", line, re.ASCII):
            return single_end
        if (before.isspace() or _is_punctuation(before)) and following in "tenl":
            return single_end
        if before.isalnum() and following.isalpha():
            return single_end
        if opens and not closes:
            if re.match(r"'(?:[smtd]|ve|ll|re)(?:[\s\W]|$)", line, re.ASCII):
                return single_end
            unclosed[quote] += 1
            return single
        if len(line) > 2 and not following.isdigit():
            return single_end
    elif opens and not closes:
        unclosed[quote] += 1
        return double
    if unclosed[quote] > 0 and closes and (not opens or _is_punctuation(line[1])):
        if quote == '"' and line[1] == '"' and before.isdigit():
            return None
        unclosed[quote] -= 1
        return single_end if quote == "'" else double_end
    return None
