"""One body from first to last: in come text, its markup and the policy, out goes a Cleaned.

Bounds are held before a library sees the text, and by the parser while it reads; what is beyond them comes as plain words.
Renders and cleans with the modules beside it, and judges nothing by itself.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from feeds.content import sanitizers, template_tags
from feeds.content.bounds import BoundError
from feeds.content.dom import Walk
from feeds.content.flavour import PLAIN, Flavour
from feeds.content.lines import AddressLines
from feeds.content.links import Resolver
from feeds.content.liquid.session import Scope, unguarded
from feeds.content.markdown import render as markdown
from feeds.content.markdown.render import Note
from feeds.content.markup import Prepared, prepared
from feeds.content.plain import plain_text
from feeds.content.policy import Policy
from feeds.content.slips import slips
from feeds.content.template_tags import TagContext
from feeds.content.template_tags.sections import without_hugo_sections
from feeds.lazy_patterns import lazy_pattern
from feeds.model import NOT_XML, Image, SafeHtml, clean_text
from feeds.text import unescape

#: How often content is cleaned anew at most.
_AGAIN = 3
#: How much of a text that cannot come as it is comes as plain words.
_TEXT_CHARACTERS = 100_000
_REFERENCE = lazy_pattern(r"&#([xX][0-9a-fA-F]{1,8}|[0-9]{1,9});?")


class Cleaned(NamedTuple):
    """What became of a body. `excerpt_text` is what stood before the «read more» mark; `images` are its pictures.

    `rendered` is the HTML that the markup alone means, with no link or template tag looked up; None if it was not made.
    """

    html: SafeHtml
    text: str
    excerpt_text: str | None
    images: tuple[Image, ...]
    notes: tuple[Note, ...]
    rendered: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the author's generator reads a body: its flavour of Markdown, and what its template tags are rendered with.

    `links` knows what its addresses mean; without it each is a URL, resolved against the base URL.
    """

    flavour: Flavour = PLAIN
    tags: TagContext | None = None
    links: Resolver | None = None


def clean(
    body: str, markup_name: str, reading: Reading | None = None, *, base_url: str, policy: Policy, id_prefix: str = ""
) -> Cleaned:
    """The body as content. `markup_name` is "markdown", "html" or "text"; ids of footnotes begin with `id_prefix`.

    Content beyond the policy's bounds is not lost: it comes as plain text, with a Note that names the bound.
    """
    reading = reading or Reading()
    flavour, links = reading.flavour, reading.links
    notes: list[Note] = []
    excerpt, text_to_render = markdown.split_more(body, flavour if markup_name == "markdown" else PLAIN)
    picture = None if links is None else partial(links.url, image=True, markdown=True)
    context = replace(
        reading.tags or TagContext(), markup=markup_name, links=links, notes=notes,
        contents=any(name.rpartition(".")[2] == "toc" for name in flavour.extensions),
        render=lambda text: markdown.rendered(text, "markdown", markdown.Rendering(flavour, picture=picture)).html,
    )  # fmt: skip
    lines = _lines(body, excerpt or "", text_to_render)
    written = text_to_render
    try:
        _check(text_to_render, policy)
        if markup_name == "markdown":
            markdown.check(text_to_render)
        if context.liquid is not None and flavour.liquid and "{" in text_to_render:
            scope = replace(context.liquid, markup=markup_name, markdown=lambda text: markdown.to_html(text, "markdown", flavour))
            text_to_render, lines = _without_templates(text_to_render, scope, policy, notes)
            excerpt = excerpt and _without_templates(excerpt, scope, policy, [])[0]
        messages = len(notes)
        rendered, plain = _rendered(text_to_render, context, flavour, policy, picture)
        notes[messages:] = [_at_source(note, lines) for note in notes[messages:]]
        _check(rendered, policy)
        markup = prepared(_without_controls(rendered))
        walk = Walk(base_url, policy, links, id_prefix)
        cleaned = _cleaned(markup, walk)
        _check(cleaned, policy)
        excerpt_text = None
        if excerpt is not None and excerpt.strip():
            excerpt_text = (
                plain_text(_rendered(excerpt, replace(context, notes=[]), flavour, policy, None)[0], code=False) or None
            )
    except BoundError as error:
        return as_text(text_to_render, policy, _bound(error), context)
    text = plain_text(cleaned, code=False) or plain_text(cleaned)
    notes += _noted(walk, body)
    notes += _dropped(markup.dropped + walk.dropped, body)
    notes += slips(body, cleaned) if markup_name == "markdown" else ()
    shown = plain if text_to_render == written else None
    return Cleaned(cleaned, text, excerpt_text, walk.images, tuple(dict.fromkeys(notes)), shown)


def _rendered(
    text: str, context: TagContext, flavour: Flavour, policy: Policy, picture: Callable[[str], str | None] | None
) -> tuple[str, str | None]:
    """The text as HTML that nobody trusts yet; and what its markup alone means, if no template tag was replaced in it."""
    prepared_text, fragments = template_tags.replaced(text, context)
    most = policy.content_bytes
    rendering = markdown.Rendering(flavour, most, context.notes, picture)
    result, plain = markdown.rendered(prepared_text, context.markup, rendering)
    if context.markup.startswith("rst") and context.links is not None:
        result = _titled(result, context.links)
    return unguarded(fragments.filled(result)), plain if prepared_text == text else None


def _titled(rendered: str, links: Resolver) -> str:
    """The document with the titles of posts as the texts of links that have none (`:doc:`)."""

    def title(link: re.Match[str]) -> str:
        name = links.title(links.target(unescape(link[2])))
        return f"{link[1]}{html.escape(name, quote=False)}</a>" if name else link[0]

    return _UNTITLED.sub(title, rendered) if "link://slug/" in rendered else rendered


_UNTITLED = lazy_pattern(r'(<a href="(link://slug/([^"<>]{1,500}))">)\3</a>')


def _cleaned(markup: Prepared, walk: Walk) -> SafeHtml:
    """What the cleaner leaves; cleaned again if a second parse would move something of it."""
    clean_once = sanitizers.by_name(walk.policy.backend)
    cleaned = clean_text(clean_once(markup, walk)).strip()
    for _ in range(_AGAIN):
        if walk.is_stable:
            break
        again = Walk(walk.base_url, walk.policy, None, walk.id_prefix)
        cleaned, before = clean_text(clean_once(prepared(cleaned), again)).strip(), cleaned
        if cleaned == before:
            break
    return SafeHtml(cleaned)


def _noted(walk: Walk, body: str) -> Iterator[Note]:
    """What the walk found, each with its line."""
    lines = AddressLines(body)
    for note, address in walk.notes:
        yield note._replace(line=lines.line(address)) if address else note
    if walk.found > len(walk.notes):
        yield Note("more", f"{walk.found - len(walk.notes)} more such findings are not told", None, "", "notice")


def _dropped(elements: Counter[str], body: str) -> Iterator[Note]:
    """One note for each name of elements that are left out, at the line of the first."""
    for name, count in sorted(elements.items()):
        if count > 0:
            match = re.search(rf"<{re.escape(name)}(?![\w-])", body, re.IGNORECASE)
            line = body.count("\n", 0, match.start()) + 1 if match else None
            what = f"a <{name}> element is left out" if count == 1 else f"{count} <{name}> elements are left out"
            yield Note("element-dropped", what, line, _INSTEAD.get(name, "no reader shows it"), "notice")


_INSTEAD = {
    "svg": "save the drawing as a file, and show it as a picture",
    "script": "link to the page that shows what the script does",
    "form": "link to the page with the form",
    "canvas": "show a picture of it",
}


def _without_templates(text: str, scope: Scope, policy: Policy, notes: list[Note]) -> tuple[str, tuple[int, ...]]:
    """What a template of Liquid or Nunjucks makes of the text, and the line in the text from which each of its lines comes."""
    if scope.language == "nunjucks":
        from feeds.content.nunjucks.text import render
    else:
        from feeds.content.liquid.engine import render
    text, sections = without_hugo_sections(text)
    for section in sections:
        line = text.count("\n", 0, section.start) + 1
        if section.closed:
            what = f"a section that is meant to be encrypted ({section.name}) is left out"
            notes.append(Note("section-encrypted", what, line, "", "notice"))
        else:
            what = f"{section.name} is never closed: all that follows is left out"
            notes.append(Note("tag-unclosed", what, line, f"close it with {{{{< /{section.name} >}}}}"))
    done = render(text, scope, most=policy.content_bytes)
    notes += (Note(message.code, message.what, message.line, message.fix) for message in done.messages)
    return done.text, done.lines


def _lines(body: str, excerpt: str, divided: str) -> tuple[int, ...]:
    """The line in the body from which each line of the divided text comes; nothing where all are the same."""
    added = divided.count("\n") - body.count("\n")
    if added <= 0:
        return ()
    last = excerpt.count("\n") + 1
    return tuple(line if line <= last else max(last, line - added) for line in range(1, divided.count("\n") + 2))


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

    def kept(match: re.Match[str]) -> str:
        number = int(match[1][1:], 16) if match[1][0] in "xX" else int(match[1])
        return match[0] if number < 0x110000 and not NOT_XML.match(chr(number)) else ""

    text = clean_text(text)
    return _REFERENCE.sub(kept, text) if "&#" in text else text


def _check(text: str, policy: Policy) -> None:
    """Raise BoundError where the text has more bytes than the policy allows."""
    most = policy.content_bytes
    if len(text) > most or (len(text) * 4 > most and len(text.encode("utf-8", "replace")) > most):
        raise BoundError(f"it has more than {most} bytes", "bounds.content_bytes")


def _bound(error: BoundError) -> Note:
    fix = f"simplify it{f', or raise {error.setting}' if error.setting else ''}"
    return Note("bound-content", f"the content comes as plain text: {error.what}", None, fix)


def as_text(body: str, policy: Policy, note: Note, tags: TagContext) -> Cleaned:
    """Content that cannot come as it is: its words, as paragraphs of plain text, without what its author hides."""
    start = body[: min(len(body), policy.content_bytes, _TEXT_CHARACTERS)]
    try:
        prepared_text, fragments = template_tags.replaced(start, replace(tags, links=None, notes=[], render=None))
        parts = re.split(r"\n[ \t]*\n", fragments.filled(prepared_text)[: 2 * _TEXT_CHARACTERS])
        paragraphs = [words for part in parts if (words := plain_text(part))]
    except Exception:  # what may be hidden is not told from what is not
        paragraphs = []
    result = "\n".join(f"<p>{html.escape(words, quote=False)}</p>" for words in paragraphs)
    return Cleaned(SafeHtml(result), " ".join(paragraphs), None, (), (note,))
