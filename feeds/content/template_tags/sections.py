"""Sections of a body that its author hides: in comes the place where one may begin, out goes where it ends.

Names of template tags for notes and for members, short codes in brackets (WordPress, Typecho, Halo), comments that begin a section
(Ghost, WordPress), boxes of such kinds (`::: private`, `> [!private]`), comments of template languages. A section
without an end is none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from feeds.lazy_patterns import lazy_pattern

#: Tags whose inside is a note to oneself.
NOTE_NAMES = frozenset({"comment", "rem", "note-to-self", "notetoself"})
#: Tags whose inside is for those who know a password.
SECRET_NAMES = frozenset({
    "hugo-encryptor", "hugo-encrypt", "encrypt", "encrypted", "hbe", "password", "protected", "secret", "hugo-encrypter", "locked", "lock",
    "hide-encrypt", "encryptor", "pwd", "members-only", "private", "fixit-encryptor", "hugo-encrypt-inline", "staticrypt", "encrypt-block",
    "private-content", "protected-content",
})  # fmt: skip
#: Tags that hide their inside if they have an end, unless the site's own template shows it; without an end they are marks.
HIDING_NAMES = frozenset({
    "hidden", "hide", "draft", "members", "member", "membersonly", "members_only", "paywall", "premium", "subscribers", "login", "protect",
    "norss", "no-rss", "nofeed", "no-feed", "hide-in-rss", "todo", "confidential", "internal", "if-private", "if-draft", "ifdraft", "onlyme",
    "only-me", "private-note", "hidden-note", "secret-note", "draft-only", "members-area", "unpublished", "not-published",
    "vip", "vip-only", "paid", "premium-content", "member-only", "subscribers-only", "dev-only", "devonly", "only-dev", "if-dev",
})  # fmt: skip
OPAQUE_NAMES = NOTE_NAMES | SECRET_NAMES
_ALL_NAMES = OPAQUE_NAMES | HIDING_NAMES

_BRACKET_NAMES = (
    "hide|hidden|hidecontent|private|secret|members?|members?[_-]only|login|logged[_-]?in|protect|protected|password|passster|"
    "content_protector|restrict|restricted|wppb-restrict|reply|vip|paid|encrypt|comment|"
    "access|membership|premium|subscribers?(?:[_-]only)?|um_loggedin|is_logged_in|user_logged_in|mepr[_-]active|s2if|wlm_private|ihide|"
    "erphpdown|ppwp|pay"
)
_CALLOUT_KINDS = r"private|secret|hidden|hide|draft|confidential|members(?:-only)?|protected|encrypt(?:ed)?"
#: `> [!comment]` is a remark to Obsidian and Quartz, which show callouts of any kind.
_BOX_KINDS = rf"comment|content-hidden(?=[ \t]{{0,9}}\}})|{_CALLOUT_KINDS}"
_MARK_NAMES = (
    r"private|secret|hidden|hide|draft|members?|members-only|no-?rss|no-?feed|encrypt(?:ed)?|protect(?:ed)?|password|internal|"
    r"confidential|paid|vip|premium"
)
#: Where a section may begin that is no template tag. A piece of the pattern of the scanner's tokens.
BEGINNINGS = (
    rf"\[(?:{_BRACKET_NAMES})(?=[\s=\]])|<%(?:#|--)|\{{\{{-?\s{{0,9}}/\*|\{{\{{!(?:--|\s)|(?<!\S)\{{/\*|\{{>>"
    rf"|^:{{3,}}[ \t]?\{{?\.?(?:{_BOX_KINDS})\b|^[ ]{{0,3}}>[ \t]?\[!(?:{_CALLOUT_KINDS})\]"
)
#: How an HTML comment begins that is mistyped, and how such a comment ends. A piece of the pattern of the scanner's tokens.
MISTYPED_COMMENT = r"<!(?:-(?!-)|[ ]{1,3}--|[‐-―−])"
_MISTYPED_END = lazy_pattern(r"(?:[-‐-―−][ ]?){1,2}>")
#: The letter of a loop's variable, with or without modifiers (`%%~nxi`).
_LOOP_VARIABLE = lazy_pattern(r"%%(?:~[dfnpsxatz$]{0,9})?([A-Za-z])(?![A-Za-z0-9_])")
_PERCENT_LINE = lazy_pattern(r"\n[ \t]{0,9}%%[ \t]{0,9}(?=\n|\Z)")
#: Words of conditions that tell drafts, previews and members from what is published.
_DRAFTS = lazy_pattern(
    r"(?:\b|_)(?:environment|env|draft|drafts|preview|debug|dev|development|staging|production|private|secret|hidden|members?|"
    r"logged_?in|subscribers?)(?:\b|_)",
    re.IGNORECASE,
)
_HUGO_TAG = lazy_pattern(r"\{\{[<%]\s{0,9}([\w-]{1,40})(?=[\s>%])[^{}]{0,400}?[>%]\}\}")
_SHOWING = lazy_pattern(r"\{%-?\s{0,9}(raw|endraw)\s{0,9}-?%\}|^[ \t]{0,12}(`{3,}+|~{3,}+)", re.MULTILINE)
_SIGN = lazy_pattern(BEGINNINGS, re.IGNORECASE | re.MULTILINE)
_BRACKET = lazy_pattern(rf"\[({_BRACKET_NAMES})(?:[\s=][^\[\]\n]{{0,300}})?\]", re.IGNORECASE)
_COMMENT = lazy_pattern(
    rf"<!--\s{{0,9}}(?:(?P<block>wp:[\w/-]{{0,60}}(?:passw|protect|passster|member|restrict|private|premium-content)[\w/-]{{0,60}})(?:\s[^\n]{{0,500}})?"
    rf"|kg-card-begin:[ ]?(?P<card>email|email-cta)|(?P<mark>{_MARK_NAMES})[ :]?(?:start|begin)?)\s{{0,9}}-->",
    re.IGNORECASE,
)
#: What follows is for members: Ghost's card, Jetpack's block.
_PAYWALL = lazy_pattern(
    r"<!--\s{0,9}(?:(kg-card-begin:[ ]?paywall)|(wp:jetpack/paywall)(?:\s[^\n]{0,500})?)\s{0,9}-->", re.IGNORECASE
)
_BOX = lazy_pattern(r":{3,}")
_BOX_LINE = lazy_pattern(r"^(:{3,})[ \t]{0,9}(\S?)", re.MULTILINE)
_QUOTE_END = lazy_pattern(r"\n(?![ ]{0,3}>)")
_TEMPLATE_ENDS = (("<%--", "--%>"), ("<%#", "%>"), ("{{!--", "--}}"), ("{{!", "}}"), ("{/*", "*/}"), ("{>>", "<<}"))
#: A comment in braces is no longer than this.
_MOST_CHARACTERS = 4_000
#: More lines that begin or end boxes than these are not looked at for the end of one box, and of all boxes of a body.
_MOST_LINES_OF_A_BOX, _MOST_LINES = 500, 20_000
_BOX_LINES_LEFT = ":::"


class Section(NamedTuple):
    """Where a section that is left out ends, and what its author is told of it; "" for a comment, of which nothing is told."""

    end: int
    name: str


def hiding_name(name: str) -> str:
    """The name of a tag; in lower case if it is one that hides, e.g. `COMMENT`: no engine knows it, but its author is clear."""
    lower = name.lower()
    return lower if lower.removeprefix("end") in _ALL_NAMES else name


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
    if body.startswith(("<%", "{"), start):
        return _template_comment(body, start)
    end = _QUOTE_END.search(body, start)
    kind = body[body.index("!", start) + 1 : body.index("]", start)]
    return Section(end.start() if end else len(body), f"[!{kind}]")


def marked(body: str, start: int, without: dict[str, int]) -> Section | None:
    """The section that an HTML comment begins, e.g. `<!--members-only-->` of Ghost: what follows it is for members."""
    if paywall := _PAYWALL.match(body, start):
        return Section(len(body), paywall[1] or paywall[2])
    match = _COMMENT.match(body, start)
    if match is None:
        return None
    written = (match["block"] or match["card"] or match["mark"]).lower()
    name = re.escape(written)
    end = re.compile(
        rf"<!--\s{{0,9}}(?:(?:/|end)[ _-]?{name}|{name}[ :](?:end|stop)|kg-card-end:[ ]?{name})\s{{0,9}}-->", re.IGNORECASE
    )
    result = _until(body, match.end(), end, written, without)
    return Section(len(body), written) if result is None and written == "members-only" else result


def is_condition_of_drafts(name: str, condition: str) -> bool:
    """Whether a tag shows what it holds only to some, or only while the site is written."""
    return name in ("if", "unless") and _DRAFTS.search(condition) is not None


def mistyped_comment_end(body: str, start: int, limit: int) -> int | None:
    """Where a mistyped comment ends, at the latest at `limit`; None if it has no end."""
    match = _MISTYPED_END.search(body, start + 3, limit)
    return match.end() if match else None


def percent_line(body: str, start: int) -> int:
    """Where the next line is that holds `%%` alone; -1 if there is none."""
    match = _PERCENT_LINE.search(body, start)
    return body.index("%%", match.start()) if match else -1


def is_note(inside: str) -> bool:
    """Whether what is between two `%%` reads like a note, not like a name to be replaced (`%%NAME%%`) or a format (`%%d`)."""
    return bool(inside.strip()) and (not inside.isascii() or (" " in inside.strip()) or inside[:1] == inside[-1:] == " ")


def is_comment_of_code(body: str, start: int, end: int) -> bool:
    """Whether the marks at two places begin lines of which each is a comment of its own, as in Erlang, MATLAB or Prolog."""
    if _first_on_line(body, end) and body[end + 2 : end + 3] not in ("", "\n", "%"):
        return _first_on_line(body, start)
    return any(line.lstrip(" \t").startswith("%%") for line in body[start + 2 : end].split("\n")[1:])


def _first_on_line(body: str, start: int) -> bool:
    return not body[body.rfind("\n", 0, start) + 1 : start].strip(" \t")


def is_loop_variable(body: str, start: int, end: int) -> bool:
    """Whether the marks at two places begin the variable of a batch file's loop, e.g. `for %%i in (a b) do echo %%i`."""
    first, second = _LOOP_VARIABLE.match(body, start), _LOOP_VARIABLE.match(body, end)
    return first is not None and second is not None and first[1].lower() == second[1].lower()


class HugoSection(NamedTuple):
    """A section that was left out of a text: its name, its place, and whether it has an end."""

    name: str
    start: int
    closed: bool


def without_hugo_sections(text: str) -> tuple[str, list[HugoSection]]:
    """The text without the sections that Hugo's short codes hide (`{{< secret >}}`), for engines to which their marks mean nothing.

    Lines keep their numbers. Code in fences and in `{% raw %}` stays.
    """
    sections: list[HugoSection] = []
    if "{{<" not in text and "{{%" not in text:
        return text, sections
    shown = _shown(text)
    parts: list[str] = []
    copied = at = 0
    without: set[str] = set()
    while match := _HUGO_TAG.search(text, at):
        start, at, name = match.start(), match.end(), match[1].lower()
        while shown and shown[0][1] <= start:
            shown.pop(0)
        if name not in OPAQUE_NAMES | HIDING_NAMES or name in without or (shown and shown[0][0] <= start):
            continue
        begin = re.compile(rf"\{{\{{[<%]\s{{0,9}}{re.escape(name)}\b", re.IGNORECASE)
        close = re.compile(rf"\{{\{{[<%]\s{{0,9}}/\s{{0,9}}{re.escape(name)}\s{{0,9}}[>%]\}}\}}", re.IGNORECASE)
        end = nested_end(text, at, begin, close)
        if end is None and name in HIDING_NAMES:
            without.add(name)
            continue
        sections.append(HugoSection(name, start, end is not None))
        at = end.end() if end else len(text)
        parts += (text[copied:start], "\n" * text.count("\n", start, at))
        copied = at
    return "".join((*parts, text[copied:])), sections


def _shown(text: str) -> list[tuple[int, int]]:
    """The places of code in fences and of what is between `{% raw %}` and its end; what has no end does not count."""
    places: list[tuple[int, int]] = []
    opened, begin = "", 0
    for match in _SHOWING.finditer(text):
        mark = match[1] or match[2]
        if not opened:
            opened, begin = ("" if mark == "endraw" else mark), match.start()
        elif (opened == "raw" and mark == "endraw") or (opened != "raw" and mark.startswith(opened)):
            places.append((begin, match.end()))
            opened = ""
    return places


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
    """A comment of EJS, ERB, JSP (`<%# %>`, `<%-- --%>`), Go (`{{/* */}}`), Handlebars (`{{! }}`, `{{!-- --}}`), MDX (`{/* */}`),
    or CriticMarkup (`{>> <<}`)."""
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
