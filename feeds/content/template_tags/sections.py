"""Sections of a body that its author hides: in comes the place where one may begin, out goes where it ends.

Names of template tags for notes and for members, short codes in brackets (WordPress, Typecho, Halo), comments that begin a section
(Ghost, WordPress), boxes of such kinds (`::: private`, `> [!private]`), comments of template languages. A section
without an end is none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Tags whose inside is a note to oneself.
NOTE_NAMES = frozenset({"comment", "rem", "note-to-self", "notetoself"})
#: Tags whose inside is for those who know a password.
SECRET_NAMES = frozenset({
    "hugo-encryptor", "hugo-encrypt", "encrypt", "encrypted", "hbe", "password", "protected", "secret", "hugo-encrypter", "locked", "lock",
    "hide-encrypt", "encryptor", "pwd", "members-only", "private",
})  # fmt: skip
#: Tags that hide their inside if they have an end, unless the site's own template shows it; without an end they are marks.
HIDING_NAMES = frozenset({
    "hidden", "hide", "draft", "members", "member", "membersonly", "members_only", "paywall", "premium", "subscribers", "login", "protect",
    "norss", "no-rss", "nofeed", "no-feed", "hide-in-rss", "todo", "confidential", "internal",
})  # fmt: skip
OPAQUE_NAMES = NOTE_NAMES | SECRET_NAMES

_BRACKET_NAMES = (
    "hide|hidden|hidecontent|private|secret|members?|members?[_-]only|login|logged[_-]?in|protect|protected|password|passster|"
    "content_protector|restrict|restricted|wppb-restrict|reply|vip|paid|encrypt|comment"
)
_BOX_KINDS = r"private|secret|hidden|hide|draft|confidential|comment|members(?:-only)?|protected|encrypt(?:ed)?"
_MARK_NAMES = r"private|secret|hidden|hide|draft|members|members-only|no-?rss|no-?feed"
#: Where a section may begin that is no template tag. A piece of the pattern of the scanner's tokens.
BEGINNINGS = (
    rf"\[(?:{_BRACKET_NAMES})(?=[\s=\]])|<%(?:#|--)|\{{\{{-?\s{{0,9}}/\*|\{{\{{!(?:--|\s)"
    rf"|^:{{3,}}[ \t]?\{{?\.?(?:{_BOX_KINDS})\b|^[ ]{{0,3}}>[ \t]?\[!(?:{_BOX_KINDS})\]"
)
_SIGN = re.compile(BEGINNINGS, re.IGNORECASE | re.MULTILINE)
_BRACKET = re.compile(rf"\[({_BRACKET_NAMES})(?:[\s=][^\[\]\n]{{0,300}})?\]", re.IGNORECASE)
_COMMENT = re.compile(
    rf"<!--\s{{0,9}}(?:(?P<block>wp:[\w/-]{{0,60}}(?:passw|protect|passster|member|restrict|private)[\w/-]{{0,60}})(?:\s[^\n]{{0,500}})?"
    rf"|(?P<mark>{_MARK_NAMES})[ :]?(?:start|begin)?)\s{{0,9}}-->",
    re.IGNORECASE,
)
_BOX = re.compile(r":{3,}")
_BOX_LINE = re.compile(r"^(:{3,})[ \t]{0,9}(\S?)", re.MULTILINE)
_QUOTE_END = re.compile(r"\n(?![ ]{0,3}>)")
_TEMPLATE_ENDS = (("<%--", "--%>"), ("<%#", "%>"), ("{{!--", "--}}"), ("{{!", "}}"))
#: A comment in braces is no longer than this.
_MOST_CHARACTERS = 4_000
#: More lines that begin or end boxes than these are not looked at for the end of one box, and of all boxes of a body.
_MOST_LINES_OF_A_BOX, _MOST_LINES = 500, 20_000
_BOX_LINES_LEFT = ":::"


class Section(NamedTuple):
    """Where a section that is left out ends, and what its author is told of it; "" for a comment, of which nothing is told."""

    end: int
    name: str


def may_begin(body: str) -> bool:
    """Whether a section may begin anywhere in the body."""
    return _SIGN.search(body) is not None


def section(body: str, start: int, without: dict[str, int]) -> Section | None:
    """The section that begins at a place where `BEGINNINGS` matches; None if none does.

    `without` has the ends that were looked for in vain, and from where on.
    """
    if body.startswith("[", start):
        match = _BRACKET.match(body, start)
        if match is None:
            return None
        name = re.escape(match[1])
        return _until(body, match.end(), re.compile(rf"\[/{name}\]", re.IGNORECASE), f"[{match[1]}]", without)
    if body.startswith(":::", start):
        return _box(body, start, without)
    if body.startswith(("<%", "{{"), start):
        return _template_comment(body, start)
    end = _QUOTE_END.search(body, start)
    kind = body[body.index("!", start) + 1 : body.index("]", start)]
    return Section(end.start() if end else len(body), f"[!{kind}]")


def marked(body: str, start: int, without: dict[str, int]) -> Section | None:
    """The section that an HTML comment begins, e.g. `<!--members-only-->` of Ghost: what follows it is for members."""
    match = _COMMENT.match(body, start)
    if match is None:
        return None
    written = (match["block"] or match["mark"]).lower()
    name = re.escape(written)
    end = re.compile(rf"<!--\s{{0,9}}(?:(?:/|end)[ _-]?{name}|{name}[ :](?:end|stop))\s{{0,9}}-->", re.IGNORECASE)
    result = _until(body, match.end(), end, written, without)
    return Section(len(body), written) if result is None and written == "members-only" else result


def nested_end(body: str, start: int, begin: re.Pattern[str], end: re.Pattern[str]) -> re.Match[str] | None:
    """The end of a section that may hold others of its kind; `start` is behind its beginning. Without enough ends the last."""
    depth, at, last = 1, start, None
    while close := end.search(body, at):
        depth += len(begin.findall(body, at, close.start())) - 1
        at, last = close.end(), close
        if depth <= 0:
            break
    return last


def _until(body: str, start: int, end: re.Pattern[str], name: str, without: dict[str, int]) -> Section | None:
    if without.get(end.pattern, len(body) + 1) <= start:
        return None
    match = end.search(body, start)
    if match is None:
        without.setdefault(end.pattern, start)
        return None
    return Section(match.end(), name)


def _box(body: str, start: int, without: dict[str, int]) -> Section | None:
    """`::: private` up to the `:::` that closes it; boxes within are closed first."""
    opened = _BOX.match(body, start)
    at, depth = (opened.end() if opened else start), 1
    left = without.setdefault(_BOX_LINES_LEFT, _MOST_LINES)
    for number in range(min(left, _MOST_LINES_OF_A_BOX)):
        line = _BOX_LINE.search(body, at)
        without[_BOX_LINES_LEFT] = left - number
        if line is None:
            return None
        depth += 1 if line[2] else -1
        at = line.end()
        if not depth:
            return Section(at, ":::")
    return None


def _template_comment(body: str, start: int) -> Section | None:
    """A comment of EJS, ERB, JSP (`<%# %>`, `<%-- --%>`), of Go (`{{/* */}}`) or of Handlebars (`{{! }}`, `{{!-- --}}`)."""
    close = next((close for begin, close in _TEMPLATE_ENDS if body.startswith(begin, start)), "*/")
    end = body.find(close, start + 3, start + _MOST_CHARACTERS)
    if end < 0:
        return None
    end += len(close)
    if close == "*/":
        braces = re.compile(r"\s{0,9}-?\}\}").match(body, end)
        if braces is None:
            return None
        end = braces.end()
    return Section(end, "")
