"""Markdown -> HTML: in comes a body as its author's generator reads it, out goes HTML that nobody trusts yet.

CommonMark with tables and strikethrough, and what the flavour says besides. Must not clean.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from feeds.content.bounds import BoundError
from feeds.content.flavour import PLAIN, Flavour
from feeds.content.markdown import fenced_items
from feeds.content.markdown.blocks import nested_by_less
from feeds.content.markdown.parser import markdown_it
from feeds.lazy_patterns import lazy_pattern

_FENCE = lazy_pattern(r"^[ \t]{0,12}(?:```|~~~)", re.MULTILINE)
_MORE = lazy_pattern(r"<!--\s*more\b[^<>]*?-->|<!--\s*excerpt\s*-->|\{%-?\s*more\s*-?%\}", re.IGNORECASE)


class Note(NamedTuple):
    """Something about the content that its author should know; `line` counts from 1 within the body."""

    code: str
    what: str
    line: int | None = None
    fix: str = ""
    severity: str = "warning"


def split_more(body: str, flavour: Flavour = PLAIN) -> tuple[str | None, str]:
    """What stands before the author's «read more» mark, and the body without the mark."""
    if "<!--" not in body and "{%" not in body:
        return None, body
    result = next((item for item in islice(_MORE.finditer(body), 100) if not _in_code(body, item.start())), None)
    if result is None:
        return None, body
    before, after = body[: result.start()], body[result.end() :]
    if flavour.renderer == "goldmark" and result[0] == "<!--more-->":
        return before, _divided(before, after)
    return before, before + after


def _divided(before: str, after: str) -> str:
    """The body as Hugo divides it: the mark is a paragraph outside of every list, and what follows begins without blanks."""
    kept, rest = before.rstrip(" \t"), after.lstrip()
    blanks = after[: len(after) - len(rest)]
    if kept == before and before.endswith("\n") and blanks.endswith("\n"):
        return before + after
    above = "" if not kept or kept.endswith("\n") else "\n"
    # The comment ends the paragraph and the list before it; where there are line ends enough, the lines keep their numbers.
    return f"{kept}{above}<!-- -->" + "\n" * max(1, blanks.count("\n") - len(above)) + rest


def _in_code(body: str, at: int) -> bool:
    """Whether the place lies in a fenced block or in `code` of its line."""
    line = body.rfind("\n", 0, at) + 1
    fences = sum(1 for _ in _FENCE.finditer(body, 0, line))
    opened = 0
    for run in _TICKS.finditer(body, line, at):
        size = len(run[0])
        opened = 0 if opened == size else opened or size
    return fences % 2 == 1 or opened > 0


_TICKS = lazy_pattern(r"`+")
#: Nested brackets, quotes or emphasis beyond this make Markdown parsers quadratic.
_RUN = lazy_pattern(r"[\[(!*_~`>]{500}|(?:[\[(!*_~`>][ \t]{0,9}){1000}")
_RUN_MARKS, _LEAST_RUN = "[(!*_~`>", 500
_CODE = lazy_pattern(
    r"^[ \t]{0,12}(`{3,}+|~{3,}+)[^\n]*\n.*?(?:^[ \t]{0,12}\1[`~]*[ \t]*$|\Z)|^(?: {4}|\t)[^\n]*$", re.MULTILINE | re.DOTALL
)
#: The lines of a block of code that are not code.
_LINES_OF_FENCES = 2
#: Marks and lines, outside of code, that a parser reads in a few seconds.
_MARKS = "$%&*+-:<=>@[\\]^_`{}~|#!"
_MOST_MARKS, _MOST_LINES = 250_000, 60_000
#: What each token adds to the HTML besides its content: tags and attributes' names.
_TOKEN_CHARACTERS = 10


def _placed_pictures(tokens: Any, picture: Callable[[str], str | None]) -> Iterator[tuple[Any, str]]:
    """Each picture whose address means another URL than it says, with the URL; what has none keeps its address."""
    for token in tokens:
        if token.type == "image" and isinstance(source := token.attrs.get("src"), str) and source:
            url = picture(source) or source
            if url != source:
                yield token, url
        if token.children:
            yield from _placed_pictures(token.children, picture)


def _check_size(tokens: Any, most: int) -> None:
    """Refuse what would be larger than `most` characters as HTML, before it is made: one address may stand in thousands of links."""
    size = 0
    waiting = [tokens]
    while waiting:
        for token in waiting.pop():
            size += len(token.content) if token.type != "inline" else 0
            for value in token.attrs.values():
                size += len(value) if isinstance(value, str) else 0
            size += _TOKEN_CHARACTERS
            if token.children:
                waiting.append(token.children)
    if size > most:
        raise BoundError(f"it becomes more than {most} bytes of HTML", "bounds.content_bytes")


def check(body: str) -> None:
    """Raise BoundError for Markdown that no parser reads in a few seconds. Code is not counted."""
    if _beyond(body) and (what := _beyond(_CODE.sub("", body))):
        raise BoundError(what)


def _beyond(text: str) -> str:
    # Counting takes a hundredth of the search.
    if sum(map(text.count, _RUN_MARKS)) >= _LEAST_RUN and _RUN.search(text):
        return "it has hundreds of brackets or marks in a row"
    if len(text) > _MOST_MARKS and sum(map(text.count, _MARKS)) > _MOST_MARKS:
        return f"it has more than {_MOST_MARKS} marks of Markdown"
    if len(text) > _MOST_LINES and text.count("\n") - text.count("\n\n") > _MOST_LINES:
        return f"it has more than {_MOST_LINES} lines"
    return ""


class Rendered(NamedTuple):
    """A body as HTML; `plain` is the same with the addresses of its pictures as they are written."""

    html: str
    plain: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """How a body becomes HTML. `most_characters` bounds the result; `notes` gets what the author should know.

    `picture` gives the URL of a picture that is written in Markdown, which may mean another one than the same address in HTML.
    """

    flavour: Flavour = PLAIN
    most_characters: int = 100_000_000
    notes: list[Note] | None = None
    picture: Callable[[str], str | None] | None = None


def to_html(body: str, markup: str, flavour: Flavour = PLAIN) -> str:
    """The body as HTML, as `rendered` makes it."""
    return rendered(body, markup, Rendering(flavour)).html


def rendered(body: str, markup: str, rendering: Rendering) -> Rendered:
    """The body as HTML. `markup` is "markdown", "html", "text", "rst" or "rst-html5".

    Text is HTML if it begins with a tag, else paragraphs of plain text. Both forms come from one parse, which takes 90 % of the
    time that Markdown takes. Raises BoundError if the result would be larger than the bound.
    """
    if markup == "markdown" and not rendering.flavour.extensions:
        return _by_markdown_it(body, rendering)
    result = _without_markdown_it(body, markup, rendering)
    return Rendered(result, result)


def _without_markdown_it(body: str, markup: str, rendering: Rendering) -> str:
    if markup == "html":
        return body
    if markup.startswith("rst"):
        return _by_docutils(body, rendering, modern=markup == "rst-html5")
    if markup == "text":
        if re.match(r"\s*<[a-zA-Z!]", body):
            return body
        paragraphs = re.split(r"\n[ \t]*\n", body.strip("\n"))
        return "\n".join(
            f"<p>{html.escape(paragraph.strip()).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph.strip()
        )
    from feeds.content.markdown import python_markdown

    flavour = rendering.flavour
    notes = [] if rendering.notes is None else rendering.notes
    for name in python_markdown.missing_extensions(flavour):
        what = f"the extension {name!r:.100} of Python-Markdown is not installed: what it means stays as it is written"
        fix = "install its package beside this program, or take it out of extensions in the table [markdown]"
        notes.append(Note("tag-unknown", what, None, fix, "notice"))
    return _demoted(python_markdown.to_html(body, flavour, rendering.most_characters), flavour.demote_headings)


def _by_docutils(body: str, rendering: Rendering, *, modern: bool) -> str:
    from feeds.content import restructuredtext

    left_out: list[restructuredtext.SkippedDirective] = []
    result = restructuredtext.to_html(body, modern=modern, left_out=left_out, language=rendering.flavour.language)
    notes = [] if rendering.notes is None else rendering.notes
    for name, file, line in left_out:
        if file:
            what = f"the directive {name!r} inserts {file!r:.100}, which is not read"
            note = Note("tag-unknown", what, line, "write its text into the post, or link to it", "notice")
        else:
            what = f"the directive {name!r} is not known: what it shows is left out"
            note = Note("tag-unknown", what, line, "write what it shows as text or as a picture", "notice")
        notes.append(note)
    return result


def _by_markdown_it(body: str, rendering: Rendering) -> Rendered:
    flavour, notes = rendering.flavour, rendering.notes
    md = markdown_it(flavour)
    if flavour.fences_in_items:
        body = fenced_items.indented(body)
    if flavour.loose_lists:
        body = nested_by_less(body)
    env: dict[str, Any] = {}
    tokens = md.parse(body, env)

    def write() -> str:
        result: str = md.renderer.render(tokens, md.options, env)
        if not md.options["html"]:
            # What is left of a comment when its text is gone.
            result = result.replace("&lt;!-- --&gt;", "")
        return _demoted(result, flavour.demote_headings)

    pictures = () if rendering.picture is None else tuple(_placed_pictures(tokens, rendering.picture))
    _check_size(tokens, rendering.most_characters)
    plain = write()
    for token, url in pictures:
        token.attrs["src"] = url
    if pictures:
        _check_size(tokens, rendering.most_characters)
    result = Rendered(write() if pictures else plain, plain)
    if notes is not None and (opening := _unclosed_fence(tokens, body)) is not None:
        fix = f"close it with a line {opening.markup}"
        notes.append(Note("code-unclosed", "code is not closed: all that follows is code", opening.line, fix))
    if notes is not None and "raw_html" in env:
        what = f"HTML among the Markdown is left out, e.g. {env['raw_html'].strip()[:60]!r}: the generator's settings say so"
        notes.append(Note("raw-html", what, None, "set raw_html = true in the table [markdown] to keep it", "notice"))
    return result


class _Fence(NamedTuple):
    """The beginning of a block of code: its marks, and its line in the body from 1."""

    markup: str
    line: int


def _unclosed_fence(tokens: Any, body: str) -> _Fence | None:
    """The fence that begins a block of code which goes on to the end of the body (CommonMark section 4.5)."""
    token = next((token for token in reversed(tokens) if token.map), None)
    if token is None or token.type != "fence" or token.level:
        return None
    start, end = token.map
    lines = token.content.count("\n") + (not token.content.endswith("\n"))
    closed = end - start - lines >= _LINES_OF_FENCES
    return None if closed or not token.content.strip() else _Fence(token.markup, start + 1)


_HEADING_TAG = lazy_pattern(r"(</?h)([1-6])(?=[\s>])")


def _demoted(rendered: str, levels: int) -> str:
    """HTML whose headings are so many levels lower."""
    return _HEADING_TAG.sub(lambda tag: f"{tag[1]}{min(int(tag[2]) + levels, 6)}", rendered) if levels else rendered
