"""Handlers that the tags of several generators share: boxes, quotations, code, players, notes to oneself, references."""

from __future__ import annotations

import html
from collections.abc import Callable

from feeds.content.embeds import EMBEDS, player_page
from feeds.content.links import NOWHERE
from feeds.content.template_tags import output
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call, Handler


def nothing(call: Call) -> Output:
    """What shows nothing, and whose inside is not for readers."""
    return Output("")


def inside(call: Call) -> Output:
    """What leaves its inside as it is."""
    return Output(call.inner() if call.paired else "", block="\n" in call.inner().strip("\n") if call.paired else False)


def box(call: Call) -> Output:
    """A box whose shell goes and whose inside stays, in paragraphs of its own."""
    return Output(call.inner(), block=True)


def headed(heading: str, call: Call) -> Output:
    """A box with its heading."""
    title = call.keep(output.paragraph(f"<strong>{output.text(heading)}</strong>"), block=True) + "\n\n" if heading else ""
    return Output(title + call.inner().strip("\n"), block=True)


def code_block(language: Callable[[Call], str]) -> Handler:
    """A block of code, its language taken from the arguments."""
    return lambda call: fenced(call, output.language(language(call)))


def fenced(call: Call, info: str) -> Output:
    """The inside of a tag as a block of code; `info` is its language, and in Markdown what else stands behind a fence's mark."""
    if not call.paired:
        return Output("")
    return Output(output.code(_dedented(call.raw or call.inner()), info, call.context.markup), block=True)


def code_element(call: Call, language: str) -> Output:
    """The inside of a tag as a block of code that Markdown does not touch: it may stand in the middle of a paragraph."""
    if not call.paired:
        return Output("")
    element = output.code(_dedented(call.raw or call.inner()), output.language(language), "html")
    # The line end before the end is what a fence has there.
    return call.html(element.replace("</code></pre>", "\n</code></pre>"), block=True)


def raw(call: Call) -> Output:
    """Text without tags."""
    return Output(call.raw, block=call.tag.first and "\n" in call.raw.strip("\n"))


def quoted(call: Call, foot: str) -> Output:
    """The inside of a tag as a quotation; `foot` says as HTML who said it and where, "" if that is not known."""
    opening, closing = call.keep("<blockquote>", block=True), call.keep("</blockquote>", block=True)
    below = "\n\n" + call.keep(output.paragraph(foot), block=True) if foot else ""
    return Output(f"{opening}\n\n{call.inner().strip(chr(10))}{below}\n\n{closing}", block=True)


def player(name: str, identifier: str, call: Call) -> Output | None:
    """A link to a film of a known player."""
    page = player_page(name, identifier)
    if page is None:
        return None
    return call.html(f'<a href="{html.escape(page)}">▶ {EMBEDS[name]}</a>')


def reference(call: Call, form: str, written: str) -> str | None:
    """The URL that a reference means; None if it must not be linked."""
    links = call.context.links
    if links is None:
        return written
    return links.url(written, image=False, form=form, line=call.tag.line)


def destination(url: str | None) -> str:
    """A URL for the destination of a Markdown link or for an attribute: what must not be linked goes nowhere."""
    return html.escape(url or NOWHERE).replace("(", "&#40;").replace(")", "&#41;").replace(" ", "%20")


def title_of(call: Call, form: str, written: str) -> str:
    """The title of the post that a reference means, "" if it means none that is published."""
    links = call.context.links
    return links.title(links.target(written, form=form, line=call.tag.line)) if links is not None else ""


def _dedented(code: str) -> str:
    """Code without the indentation that all its lines have."""
    lines = code.strip("\n").expandtabs(4).split("\n") if code.startswith((" ", "\t", "\n")) else code.split("\n")
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    width = min(widths, default=0)
    return "\n".join(line[width:] if line.strip() else "" for line in lines) if width and widths else code


def rooted(call: Call, address: str) -> str:
    """An address that begins with "/" below the site's own path, as Hexo's `url_for` makes it."""
    is_below_host = address.startswith("/") and not address.startswith("//")
    return call.context.home.rstrip("/") + address if is_below_host and call.context.home else address
