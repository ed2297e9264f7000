"""One body from first to last: in come text, its markup and the policy, out goes a Cleaned.

Bounds are held before a library sees the text; what is beyond them comes as plain words. Renders and cleans with the rooms
beside it, and judges nothing by itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from feeds.content import markdown, sanitizers, template_tags
from feeds.content.bounds import BoundError
from feeds.content.dom import Walk
from feeds.content.flavour import PLAIN, Flavour
from feeds.content.links import Resolver
from feeds.content.liquid.session import Scope, unguarded
from feeds.content.markdown import Note
from feeds.content.plain import plain_text
from feeds.content.policy import VOID, Policy
from feeds.content.template_tags import TagContext
from feeds.model import NOT_XML, Image, SafeHtml, clean_text

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
#: Tags that HTML closes by itself: an old page full of open paragraphs nests nothing.
_IMPLIED = frozenset(
    ("p", "li", "td", "th", "tr", "dt", "dd", "option", "optgroup", "rp", "rt", "thead", "tbody", "tfoot", "colgroup")
)
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]{1,8}|[0-9]{1,9});?")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}")
_ATTRIBUTES_BOUND = 200
#: Nested brackets, quotes or emphasis beyond this make Markdown parsers quadratic.
_RUN = re.compile(r"[\[(!*_~`>]{500,}|(?:[\[(!*_~`>][ \t]*){1000,}|(?:^[ \t]*[-+*>][ \t]*){200,}", re.MULTILINE)


class Cleaned(NamedTuple):
    """What became of a body. `excerpt_text` is what stood before the «read more» mark; `images` are its pictures."""

    html: SafeHtml
    text: str
    excerpt_text: str | None
    images: tuple[Image, ...]
    notes: tuple[Note, ...]


def clean(
    body: str,
    markup_name: str,
    *,
    base_url: str,
    policy: Policy,
    links: Resolver | None = None,
    id_prefix: str = "",
    flavour: Flavour = PLAIN,
    tags: TagContext | None = None,
) -> Cleaned:
    """The body as content. `markup_name` is "markdown", "html" or "text"; `links` knows what its addresses mean; `flavour`
    says how the author's generator reads Markdown, `tags` what its template tags are rendered with.

    Without `links` every address is a URL, resolved against `base_url`.

    Content beyond the policy's bounds is not lost: it comes as plain text, with a Note that names the bound.
    """
    notes: list[Note] = []
    excerpt, whole = markdown.split_more(body)
    picture = None if links is None else partial(links.url, image=True, markdown=True)
    context = replace(
        tags or TagContext(), markup=markup_name, links=links, notes=notes,
        render=lambda text: markdown.to_html(text, "markdown", flavour, picture=picture),
    )  # fmt: skip
    beyond = _beyond(whole, markup_name, policy)
    if beyond is not None:
        return as_text(whole, policy, beyond, context)
    lines: tuple[int, ...] = ()
    if context.liquid is not None and flavour.liquid and "{" in whole:
        scope = replace(context.liquid, markup=markup_name, markdown=lambda text: markdown.to_html(text, "markdown", flavour))
        whole, lines = _without_liquid(whole, scope, policy, notes)
        excerpt = excerpt and _without_liquid(excerpt, scope, policy, [])[0]
    messages = len(notes)
    prepared, fragments = template_tags.replaced(whole, context)
    try:
        rendered = fragments.filled(
            markdown.to_html(prepared, markup_name, flavour, most=policy.content_bytes, notes=notes, picture=picture)
        )
    except BoundError as error:
        return as_text(whole, policy, _bound(error.what, error.setting), context)
    rendered = unguarded(rendered)
    notes[messages:] = [_at_source(note, lines) for note in notes[messages:]]
    beyond = _beyond(rendered, "html", policy) if rendered != whole else None
    if beyond is not None:
        return as_text(whole, policy, beyond, context)
    walk = Walk(base_url, policy, links, id_prefix)
    cleaned = clean_text(sanitizers.by_name(policy.backend)(_without_controls(rendered), walk)).strip()
    text = plain_text(cleaned, code=False) or plain_text(cleaned)
    excerpt_text = None
    if excerpt is not None and excerpt.strip():
        prepared, fragments = template_tags.replaced(excerpt, replace(context, notes=[]))
        excerpt_text = plain_text(fragments.filled(markdown.to_html(prepared, markup_name, flavour)), code=False) or None
    notes += (note._replace(line=_line_of(note, body)) for note in walk.notes)
    return Cleaned(SafeHtml(cleaned), text, excerpt_text, walk.images, tuple(dict.fromkeys(notes)))


def _without_liquid(text: str, scope: Scope, policy: Policy, notes: list[Note]) -> tuple[str, tuple[int, ...]]:
    """What a template of Liquid makes of the text, and the line in the text from which each of its lines comes."""
    from feeds.content.liquid import engine

    done = engine.render(text, scope, most=policy.content_bytes)
    notes += (Note(message.code, message.what, message.line, message.fix) for message in done.messages)
    return done.text, done.lines


def _at_source(note: Note, lines: Sequence[int]) -> Note:
    """A note on a line of the text that a template made, with the template's line."""
    return note._replace(line=lines[note.line - 1]) if note.line is not None and 0 < note.line <= len(lines) else note


def safe(html: str, *, base_url: str) -> SafeHtml:
    """HTML that nobody trusts as HTML that every reader may show: the one way to make SafeHtml.

    `base_url` is the absolute http(s) URL against which relative addresses are resolved. docs/content-policy.md says
    what is kept.
    """
    return clean(html, "html", base_url=base_url, policy=Policy()).html


def _without_controls(text: str) -> str:
    """The markup without what XML cannot carry, written as itself or as a reference (`&#1;`, `&#xFFFE;`)."""

    def kept(found: re.Match[str]) -> str:
        number = int(found[1][1:], 16) if found[1][0] in "xX" else int(found[1])
        return found[0] if number < 0x110000 and not NOT_XML.match(chr(number)) else ""

    text = clean_text(text)
    return _REFERENCE.sub(kept, text) if "&#" in text else text


def _line_of(note: Note, body: str) -> int | None:
    """The line of the address that a note quotes."""
    found = re.search(r"'([^']{4,})'|(https?://\S+)", note.what)
    at = body.find(found[1] or found[2]) if found else -1
    return body.count("\n", 0, at) + 1 if at >= 0 else None


def _beyond(text: str, markup_name: str, policy: Policy) -> Note | None:
    """The bound that the text passes, found before a library sees it; None where it passes none."""
    if len(text) > policy.content_bytes or len(text.encode("utf-8", "replace")) > policy.content_bytes:
        return _bound(f"it has more than {policy.content_bytes} bytes", "bounds.content_bytes")
    if markup_name == "markdown" and _RUN.search(text):
        return _bound("it has hundreds of brackets or marks in a row", "")
    for found in _LONG_TAG.finditer(text):
        if found[0].count("=") > _ATTRIBUTES_BOUND or len(found[0].split()) > 2 * _ATTRIBUTES_BOUND:
            return _bound(f"a tag has more than {_ATTRIBUTES_BOUND} attributes", "")
    level = 0
    for found in _TAG.finditer(text):
        name = found[2].lower()
        if name in VOID or name in _IMPLIED:
            continue
        level = max(0, level - 1) if found[1] else level + 1
        if level > policy.element_depth:
            return _bound(f"its elements nest deeper than {policy.element_depth}", "bounds.element_depth")
    return None


def _bound(what: str, setting: str) -> Note:
    return Note(
        "bound-content",
        f"the content comes as plain text: {what}",
        None,
        f"simplify it{f', or raise {setting}' if setting else ''}",
    )


def as_text(body: str, policy: Policy, note: Note, tags: TagContext) -> Cleaned:
    """Content that cannot come as it is: its first words, as plain text, without what its author hides."""
    start = body[: min(len(body), policy.content_bytes, 40_000)]
    try:
        prepared, fragments = template_tags.replaced(start, replace(tags, links=None, notes=[], render=None))
        text = plain_text(fragments.filled(prepared))[:20_000]
    except Exception:  # what may be hidden is not told from what is not
        text = ""
    return Cleaned(SafeHtml(f"<p>{html.escape(text, quote=False)}</p>" if text else ""), text, None, (), (note,))
