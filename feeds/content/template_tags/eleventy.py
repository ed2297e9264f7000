"""Short codes of Eleventy's sites: every site defines its own, by names that most of them share.

Arguments are expressions between commas: `{% image "/img/a.png", "What it shows" %}`. What is not known but names a web page
becomes a link to it. References to other posts by file name (`{% ref "other.md" %}`) are their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from feeds.content.tag_tables import TagFunction
from feeds.content.template_tags import hexo, output
from feeds.content.template_tags.common import destination, player, reference
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call, Handler
from feeds.lazy_patterns import lazy_pattern

_QUOTED = lazy_pattern(r"""("(?:[^"\\]|\\.){0,4000}"|'(?:[^'\\]|\\.){0,4000}')""", re.DOTALL)
_WORD = lazy_pattern(r"""["']([^\s"'\\,]{1,300})["']""")
_TAG = lazy_pattern(r"</?[A-Za-z][^<>]{0,4000}>")
_FILM_NAMES = {"yt": "youtube", "youtubeembed": "youtube", "liteyoutube": "youtube", "youtubevideo": "youtube"}


def _without_commas(arguments: str) -> str:
    """Arguments between commas as words; a quoted word without its quotes."""
    parts = _QUOTED.split(arguments)
    for place, part in enumerate(parts):
        if place % 2:
            parts[place] = word[1] if (word := _WORD.fullmatch(part)) else part
        else:
            parts[place] = re.sub(r",\s*", " ", part)
    return "".join(parts)


def adapted(handler: Handler) -> Handler:
    """A handler of Hexo's for arguments between commas."""

    def handle(call: Call) -> Output | None:
        arguments = _without_commas(call.written)
        if arguments != call.written:
            call = Call(replace(call.tag, written=arguments), call.context, call.nodes, call.renderer)
        result = handler(call)
        return unknown(call) or result if result is not None and not result.text.strip() else result

    return handle


def _picture(call: Call) -> Output | None:
    """`{% image src, alt, sizes %}`, or `src="…", alt="…"`."""
    words = call.arguments.words
    at = next((place for place, word in enumerate(words) if re.search(r"[./]", word)), None)
    address = call.arguments.any("src", "path", "url") or (words[at] if at is not None else "")
    if not address:
        return None
    alt = call.arguments.any("alt") or (words[at + 1] if at is not None and at + 1 < len(words) else "")
    return call.html(output.image(address, alt), block=call.tag.first and call.tag.last)


def _film(call: Call) -> Output | None:
    """`{% youtube "id", "title" %}`."""
    name = call.name.lower().replace("-", "").replace("_", "")
    identifier = call.arguments.any("id", "slug", "video", "src", "url") or call.arguments.word(0)
    return player(_FILM_NAMES.get(name, name), identifier, call) or unknown(call)


def _ref(call: Call) -> Output | None:
    """The address of a post; `{% link "https://…", "text" %}` is a link."""
    name = call.arguments.word(0)
    if "://" in name and call.name == "link":
        return call.html(output.link(name, call.arguments.word(1) or name))
    return Output(destination(reference(call, "post_path", name))) if name else None


def unknown(call: Call) -> Output | None:
    """A link to the page that an argument names; None if none does."""
    words = call.arguments.words + list(call.arguments.named.values())
    address = next((word for word in words if re.match(r"https?://[^\s<>\"]{3,2000}\Z", word)), None)
    if address is None or call.paired:
        return None
    label = next((word for word in words if " " in word and "://" not in word), address)
    return call.html(output.link(address, label), block=call.tag.first and call.tag.last)


def _render_template(call: Call) -> Output | None:
    """`{% renderTemplate "webc" %}`: a text in another template language, which goes on as Markdown.

    Tags of WebC become one line each: what begins a line with ">" is a quotation in Markdown.
    """
    if not call.paired:
        return None
    if call.arguments.word(0).lower() not in ("webc", "vue", "html"):
        return Output(call.inner(), block=True)
    what = "the components of a template of WebC are not rendered: of each only the text between its tags is shown"
    call.context.note("tag-unknown", what, call.tag.line, "write what it shows as Markdown or HTML")
    return Output(_TAG.sub(lambda match: " ".join(match[0].split()), call.inner()), block=True)


def with_functions(
    functions: Mapping[str, TagFunction], handlers: Mapping[str, Handler], fallback: Handler
) -> dict[str, Handler]:
    """The handlers with the site's own functions before them."""
    return {
        **handlers,
        **{name: partial(_evaluated, function, handlers.get(name, fallback)) for name, function in functions.items()},
    }


def _evaluated(function: TagFunction, other: Handler, call: Call) -> Output | None:
    """What the site's own function shows; what another handler does if the function is not read."""
    variables = call.context.liquid.variables if call.context.liquid is not None else {}
    rendered: list[str] = []

    def render(text: str) -> str:
        rendered.append(call.context.render(text) if call.context.render is not None else text)
        return rendered[-1]

    try:
        result = function(call.written, call.inner() if call.paired else None, variables, render)
        # What is HTML already is not read as Markdown again.
        if rendered:
            return call.html(result, block=True)
        # Line ends around it are there so that what follows is not part of its HTML.
        return Output(result, block=call.tag.first and call.tag.last and result != result.strip("\n"))
    except ValueError:
        return other(call)


HANDLERS: dict[str, Handler] = {
    name: adapted(handler)
    for name, handler in {
        **hexo.HANDLERS,
        **dict.fromkeys(
            "image img picture pic photo Image Img imageShortcode eleventyImage responsiveImage respImg respimg "
            "cloudinary imgix asyncImage imagePlaceholder lazyImage imageWithCaption".split(),
            _picture,
        ),
        **dict.fromkeys(
            "youtube YouTube yt youTube youtubeEmbed youtube_embed liteYoutube lite_youtube youtubeVideo vimeo bilibili gist".split(),
            _film,
        ),
        "renderTemplate": _render_template,
        **dict.fromkeys("link post_url postUrl posturl permalinkTo".split(), _ref),
    }.items()
}
