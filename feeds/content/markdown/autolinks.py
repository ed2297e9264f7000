"""Bare addresses in Markdown -> links, as GitHub, marked and goldmark find them: rules for markdown-it.

`https://…` while a line is parsed, so that nothing in it is taken for emphasis; `www.…` and e-mail addresses in the text
that is left. Sources: GitHub Flavored Markdown section 6.9; marked's and goldmark's own patterns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from feeds.lazy_patterns import lazy_pattern

State = Any

_SCHEME = lazy_pattern(r"(?:https?|ftp)\Z", re.IGNORECASE)
_MARKS = lazy_pattern(r"\*{1,9}|~{1,9}")
_PUNCTUATION = "?!.,:;*_~'\""
_ENTITY = lazy_pattern(r"&[a-zA-Z0-9]{1,40};\Z")
#: linkify-it, the library of markdown-it: the host, what may not follow it, and the rest of the address.
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_HOST_END = r"(?::\d{1,5})?(?![\w-]|:\d|\.[\w-])"
_PATH = (
    r"(?:[/?#](?:[^\s<>\uff5c()\[\]{}.,\"'?!;-]|\[[^\s\]]{0,150}\]|\([^\s)]{0,150}\)|\{[^\s}]{0,150}\}|\"[^\s\"]{1,150}\"|'[^\s']{1,150}'|'(?=[\w-])"
    r"|\.{2,}[a-zA-Z0-9%/&]|\.(?![\s.]|\Z)|-+|[,;](?!\s|\Z)|!+(?![\s!]|\Z)|\?(?![\s?]|\Z)){1,2000}|/)?"
)
#: The domains of two letters, and the others, that linkify-it takes for one without a scheme.
_TOP_LEVEL = (
    "a[cdefgilmnoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]|g[abdefghilmnpqrstuwy]|"
    "h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|"
    "r[eosuw]|s[abcdeghijklmnortuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]|"
    "biz|com|edu|gov|net|org|pro|web|xxx|aero|asia|coop|info|museum|name|shop|рф|xn--[a-z0-9-]{1,59}"
)
#: What may stand before a bare address (GFM section 6.9).
_BEFORE = frozenset(" \t\n*_~(\"'")


# All of these patterns take 10 ms to compile, and a text may need none of them.
@cache
def _ascii_rest() -> re.Pattern[str]:
    # goldmark's addresses are ASCII, and have a dot in their host.
    return re.compile(
        r"://[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-z]{1,60}(?::\d{1,9})?(?:[/#?][-a-zA-Z0-9@:%_+.~#$!?&/=();,'\">^{}\[\]`]{0,2000})?"
    )


@cache
def _rest() -> re.Pattern[str]:
    return re.compile(r"://[a-zA-Z0-9\u00a1-\uffff][^\s<]{0,2000}")


@cache
def _linkify_rest() -> re.Pattern[str]:
    return re.compile(rf"://(?:[^\s@/\[\]()]{{1,50}}@)?(?:{_LABEL}\.){{0,20}}{_LABEL}{_HOST_END}{_PATH}")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.@/+-])www\.[a-zA-Z0-9\u00a1-\uffff-]{1,100}\.[^\s<]{1,1000}|(?<![\w.@/+-])[A-Za-z0-9._+-]{1,100}@[A-Za-z0-9-]{1,100}(?:\.[A-Za-z0-9-]{1,100}){1,10}(?![\w@-])"
    )


@cache
def _fuzzy() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.:/\\@-])(?:(?:{_LABEL}\.){{1,20}}(?:{_TOP_LEVEL}){_HOST_END}{_PATH}"
        rf"|[A-Za-z0-9_+][\w+.-]{{0,63}}@(?:{_LABEL}\.){{1,20}}(?:{_TOP_LEVEL}){_HOST_END})",
        re.IGNORECASE,
    )


def trimmed(address: str) -> str:
    """The address without what ends the sentence around it."""
    while address:
        last = address[-1]
        if last == ";" and (entity := _ENTITY.search(address[-42:])):
            address = address[: -len(entity[0])]
        elif last in _PUNCTUATION or (last == ")" and address.count(")") > address.count("(")):
            address = address[:-1]
        else:
            break
    return address


def protocol(renderer: str) -> Callable[[State, bool], bool]:
    """The inline rule at the colon of `https://…`."""
    anywhere = renderer in ("marked", "marked-0", "kramed")
    linkify = renderer == "markdown-it"
    rest = _linkify_rest if linkify else _ascii_rest if renderer == "goldmark" else _rest

    def rule(state: State, silent: bool) -> bool:
        if silent or state.linkLevel > 0 or not state.src.startswith("://", state.pos):
            return False
        scheme = _SCHEME.search(state.src, max(0, state.pos - 5), state.pos)
        if scheme is None or not state.pending.endswith(scheme[0]):
            return False
        before = state.src[scheme.start() - 1] if scheme.start() else " "
        if linkify:
            allowed = not before.isalnum() and before != "_"
        else:
            allowed = (anywhere and not (before.isascii() and before.isalnum())) or before in _BEFORE
        if not allowed:
            return False
        match = rest().match(state.src, state.pos, state.posMax)
        if match is None:
            return False
        written = match[0][: _closing_mark(state, match) - match.start()]
        address = (scheme[0] + written).rstrip("*") if linkify else trimmed(scheme[0] + written)
        if len(address) <= len(scheme[0]) + 3:
            return False
        state.pending = state.pending[: -len(scheme[0])]
        _push(state.push, state.md, address, address)
        state.pos = scheme.start() + len(address)
        return True

    return rule


def _closing_mark(state: State, address: re.Match[str]) -> int:
    """Where marks within an address end an emphasis that begins before it, as in `**https://example.org/**，`; else its end."""
    opened = {"*": 0, "~": 0}
    rest = 0
    for delimiter in state.delimiters:
        # A run of marks has an entry for each of them, which all say the same.
        rest = rest - 1 if rest else delimiter.length - 1
        mark = chr(delimiter.marker)
        if rest == 0 and mark in opened:
            closes = delimiter.close and opened[mark] > 0
            opened[mark] = max(0, opened[mark] + delimiter.length * (-1 if closes else delimiter.open))
    if any(opened.values()):
        for run in _MARKS.finditer(state.src, *address.span()):
            if len(run[0]) >= min(2, opened[run[0][0]]) > 0 and state.scanDelims(run.start(), True).can_close:
                return run.start()
    return address.end()


def _push(push: Callable[[str, str, int], Any], md: Any, address: str, text: str) -> None:
    token = push("link_open", "a", 1)
    token.attrs, token.markup, token.info = {"href": md.normalizeLink(address)}, "linkify", "auto"
    push("text", "", 0).content = text
    token = push("link_close", "a", -1)
    token.markup, token.info = "linkify", "auto"


def words(renderer: str) -> Callable[[State], None]:
    """The core rule for `www.…` and e-mail addresses in text that is in no link."""
    linkify = renderer == "markdown-it"
    pattern = _fuzzy if linkify else _word
    scheme = "https://" if renderer == "goldmark" else "http://"

    def addresses(text: str) -> Iterator[tuple[int, str, str]]:
        """Where an address begins, the address as written, and where it leads."""
        for match in pattern().finditer(text):
            written = match[0] if linkify else trimmed(match[0])
            if linkify or "." in written[4:] or not written.startswith("www."):
                mail = "@" in re.split(r"[/?#]", written, maxsplit=1)[0]
                yield match.start(), written, f"mailto:{written}" if mail else scheme + written

    def rule(state: State) -> None:
        for block in state.tokens:
            if block.type == "inline" and ("www." in block.content or "@" in block.content or (linkify and "." in block.content)):
                block.children = _linked(block.children or [], state.md, addresses)

    return rule


def _linked(children: list[Any], md: Any, addresses: Callable[[str], Iterator[tuple[int, str, str]]]) -> list[Any]:
    result: list[Any] = []
    depth = 0
    for token in children:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "html_inline":
            lowered = token.content[:3].lower()
            depth += (lowered in ("<a ", "<a>")) - (lowered == "</a")
        if token.type != "text" or depth > 0 or not (places := list(addresses(token.content))):
            result.append(token)
            continue
        kind = type(token)

        def push(name: str, tag: str, nesting: int, kind: Any = kind) -> Any:
            result.append(kind(name, tag, nesting))
            return result[-1]

        at = 0
        for start, text, address in places:
            if start > at:
                push("text", "", 0).content = token.content[at:start]
            _push(push, md, address, text)
            at = start + len(text)
        if at < len(token.content):
            push("text", "", 0).content = token.content[at:]
    return result


def add_rules(md: Any, renderer: str) -> None:
    """Give a MarkdownIt the rules, as the renderer finds addresses."""
    md.inline.ruler.before("escape", "protocol", protocol(renderer))
    if renderer != "kramed":
        md.core.ruler.before("text_join", "words", words(renderer))
