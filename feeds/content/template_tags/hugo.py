"""Hugo's short codes (https://gohugo.io/shortcodes/), and those that its themes have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.content.embeds import EMBEDS
from feeds.content.template_tags import go_templates, output
from feeds.content.template_tags.common import (
    box,
    code_block,
    code_element,
    destination,
    headed,
    inside,
    nothing,
    player,
    quoted,
    reference,
)
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call, Handler, by_names
from feeds.content.template_tags.sections import OPAQUE_NAMES
from feeds.model import Value

_BOXES = (
    "note tip hint info warning danger important caution success tabs tab tabpane cards columns column "
    "row col grid center left right align block box steps section div span lead small sidenote marginnote aside hero expand-all article content "
    "tldr mark highlight-block panel well quiz answer timeline dir mermaid-block masonry gallery slider carousel slide gallery-item markdown md"
)
_HEADED = (
    "details expand fold collapse spoiler accordion accordion-item hide toggle folding detail hidden-text expandable dropdown"
)


def _reference(call: Call) -> Output | None:
    """`{{< ref "path" >}}`, `{{< relref path="path" >}}`: a bare address."""
    written = call.arguments.word(0) or call.arguments.any("path")
    return Output(destination(reference(call, call.name, written))) if written else None


def _figure(call: Call) -> Output | None:
    """`{{< figure src="…" link="…" alt="…" title="…" caption="…" attr="…" attrlink="…" >}}`, and pictures of themes."""
    arguments = call.arguments
    address = arguments.any("src", "url", "href", "image", "path", "file") or arguments.word(0)
    if not address:
        return None
    caption = arguments.any("caption", "cap", "description") or ("" if call.name == "figure" else arguments.any("title"))
    alt = arguments.any("alt") or ("" if arguments.named else arguments.word(1)) or re.sub(r"[*_`]", "", caption)
    picture = output.image(address, alt, width=arguments.any("width", "w"), height=arguments.any("height", "h"))
    if arguments.any("link"):
        picture = f'<a href="{output.attribute(arguments.any("link"))}">{picture}</a>'
    heading = arguments.any("title") if call.name == "figure" else ""
    parts = [f"<h4>{output.text(heading)}</h4>"] if heading else []
    source = output.link(arguments.any("attrlink"), arguments.any("attr")) if arguments.any("attr") else ""
    if caption or source:
        parts.append(output.paragraph(" ".join(filter(None, (_inline(caption), source)))))
    if not parts and call.name != "figure":
        return call.html(picture, block=True)
    shown = f"<figcaption>{''.join(parts)}</figcaption>" if parts else ""
    if parts == [output.paragraph(_inline(caption))]:
        shown = f"<figcaption>{_inline(caption)}</figcaption>"
    return call.html(f"<figure>{picture}{shown}</figure>", block=True)


def _inline(written: str) -> str:
    """A text in which Hugo reads Markdown: emphasis and code only."""
    result = output.text(written)
    for mark, name in ((r"\*\*", "strong"), (r"\*", "em"), ("_", "em"), ("`", "code")):
        result = re.sub(rf"(?<!\w){mark}([^*_`<>]{{1,300}}){mark}(?!\w)", rf"<{name}>\1</{name}>", result)
    return result


def _details(call: Call) -> Output:
    """`{{< details summary="…" >}}`, `{{% expand "title" %}}` and their kind."""
    heading = call.arguments.any("summary", "title", "header", "label") or call.arguments.word(0)
    if not heading or heading in ("true", "false", "open"):
        return headed("", call)
    title = call.keep(output.paragraph(f"<strong>{_inline(heading)}</strong>"), block=True)
    return Output(f"{title}\n\n" + call.inner().strip("\n"), block=True)


def _notice(call: Call) -> Output:
    """`{{< notice tip "title" >}}`, `{{< admonition type=note title="…" >}}`: a kind, and a title where there is one."""
    heading = call.arguments.any("title", "heading", "header", "summary") or call.arguments.word(1)
    return headed("" if heading in ("true", "false", "open") else heading, call)


def _quote(call: Call) -> Output:
    """`{{< quote author="…" source="…" url="…" >}}`."""
    arguments = call.arguments
    if not call.paired:
        return call.html(f"<blockquote>{output.text(arguments.word(0) or arguments.any('text'))}</blockquote>", block=True)
    names = [arguments.any("author", "by", "name") or arguments.word(0), arguments.any("source", "title", "from", "cite")]
    cited = output.link(arguments.any("url", "link", "href"), ", ".join(filter(None, names))) if any(names) else ""
    return quoted(call, f"— <cite>{cited}</cite>" if cited else "")


def _player(call: Call) -> Output | None:
    """`{{< youtube id >}}` and others that are named by an identifier."""
    arguments = call.arguments
    name = {"yt": "youtube", "bili": "bilibili", "vimeo_simple": "vimeo", "youtube-lite": "youtube"}.get(call.name, call.name)
    identifier = (
        "/".join(arguments.words[:2]) if name == "gist" else arguments.any("id", "bvid", "bv", "v", "code") or arguments.word(0)
    )
    return player(name, identifier, call)


def _post_elsewhere(call: Call) -> Output | None:
    """`{{< x user="…" id="…" >}}`, `{{< tweet … >}}`, `{{< instagram id >}}`, `{{< github … >}}`: a link."""
    arguments = call.arguments
    identifier = arguments.any("id") or arguments.word(0)
    user = arguments.any("user", "username", "author")
    if call.name == "instagram":
        address = f"https://www.instagram.com/p/{identifier}/"
    elif call.name in ("github", "ghcard", "repo"):
        address = "https://github.com/" + (arguments.any("repo", "user") or arguments.word(0))
    else:
        address = f"https://x.com/{user or 'i/web'}/status/{identifier}"
    if not identifier and not user and not arguments.any("repo"):
        return None
    return call.html(output.link(re.sub(r"[^\w:/.@-]", "", address), address.partition("//")[2]), block=True)


def _link(call: Call) -> Output | None:
    """`{{< link href="…" content="…" >}}`, `{{< button href="…" >}}text{{< /button >}}`."""
    arguments = call.arguments
    address = arguments.any("href", "url", "link", "to", "relref", "src") or next(
        (word for word in arguments.words if "/" in word or word.startswith("#")), ""
    )
    label = arguments.any("content", "text", "label", "title", "name") or next(
        (word for word in arguments.words if word != address), ""
    )
    if call.paired:
        inner = call.inner().strip()
        return call.html(f'<a href="{output.attribute(address)}">{inner}</a>' if address and "\n" not in inner else inner)
    return call.html(output.link(address, label or address)) if address or label else None


def _media(call: Call) -> Output | None:
    """`{{< audio src="…" >}}`, `{{< video src="…" >}}`."""
    arguments = call.arguments
    address = arguments.any("src", "url", "mp3", "mp4", "webm", "ogg", "file") or arguments.word(0)
    if not address:
        return None
    return call.html(f'<{call.name} src="{output.attribute(address)}" controls></{call.name}>', block=True)


def _frame(call: Call) -> Output | None:
    address = call.arguments.any("src", "url") or call.arguments.word(0)
    return call.html(output.frame(address, call.arguments.any("title")), block=True) if address else None


def _qr(call: Call) -> Output | None:
    """`{{< qr text="…" />}}`: the text that the picture holds."""
    written = call.arguments.any("text") or (call.inner().strip() if call.paired else "") or call.arguments.word(0)
    return (
        call.html(output.link(written, written) if re.match(r"https?://\S+\Z", written) else output.text(written), block=True)
        if written
        else None
    )


def _param(call: Call) -> Output | None:
    """`{{< param key >}}`: from the post's front matter, else from the site's parameters."""
    key = call.arguments.word(0) or call.arguments.any("name")
    for table in (call.context.page, call.context.site):
        value: Value = dict(table)
        for part in key.split("."):
            value = (
                next((held for name, held in value.items() if name.casefold() == part.casefold()), None)
                if isinstance(value, dict)
                else None
            )
        if isinstance(value, str):
            return call.html(output.text(value))
    return None


def _word(call: Call) -> Output:
    """A mark of a word: `{{< kbd "Ctrl" >}}`, `{{< abbr … >}}`; an icon shows no text."""
    if call.name in ("icon", "fa", "fas", "fab", "emoji"):
        return Output("")
    if call.paired:
        return Output(call.inner())
    return call.html(output.text(call.arguments.word(0) or call.arguments.any("text", "content")))


def _highlight(call: Call) -> Output | None:
    """`{{< highlight lang "options" >}}`; with `hl_inline=true` among the words of its line."""
    if "hl_inline=true" in call.written.replace(" ", ""):
        code = call.raw.strip("\n")
        return call.html(f"<code>{output.text(code)}</code>")
    return _code(call)


def _code(call: Call) -> Output | None:
    return code_element(call, call.arguments.any("language", "lang") or call.arguments.word(0))


def _html(call: Call) -> Output:
    """`{{< rawhtml >}}`: what is put into the page as it is."""
    inner = call.inner()
    if call.tag.syntax == "percents":
        return Output(inner, block=call.tag.first and "\n" in inner)
    return call.html(inner, block=call.tag.first and "\n" in inner)


def _formula(call: Call) -> Output:
    """`{{< katex [display] >}}formula{{< /katex >}}`, Zola's `{{ katex(body="formula") }}`, with the marks by which a formula is known."""
    formula = (call.inner() if call.paired else call.arguments.any("body") or call.arguments.word(0)).strip()
    if not formula or "$" in formula or formula.startswith(("\\(", "\\[")):
        return Output(formula, block=call.tag.first and "\n" in formula)
    display = "\n" in formula or "display" in call.written or call.arguments.any("block") == "true"
    return Output(f"$${formula}$$" if display else f"${formula}$", block=display)


def _drawing(call: Call) -> Output:
    """`{{< chart >}}{…}{{< /chart >}}`: data that a script draws, which no reader runs; anything else between is text."""
    inner = call.inner().strip() if call.paired else ""
    if inner.startswith(("{", "[")) or re.match(r"\w{1,40}\s{0,9}:\s{0,9}[\[{'\"\w]", inner):
        call.context.note(
            "tag-unknown", f"the drawing of {call.name!r} is made by a script, which no reader runs: it is left out", call.tag.line,
            "save the drawing as a file, and show it as a picture",
        )  # fmt: skip
        return Output("")
    return Output(inner, block="\n" in inner)


def unknown(call: Call) -> Output | None:
    """What no table knows. `{{< name.inline >}}` holds a template, which Hugo leaves out unless the site allows it."""
    if not call.name.endswith(".inline"):
        return None
    call.context.note(
        "tag-unknown", f"the inline short code {call.name!r} holds a template, which is left out", call.tag.line,
        "write what it shows as Markdown or HTML",
    )  # fmt: skip
    return Output("")


def _own_first(call: Call) -> Output | None:
    """The site's own short code, if it is simple enough to be read; else what is known by its name."""
    handler = HANDLERS.get(call.name)
    return go_templates.render(call) or (handler(call) if handler is not None else None)


def handlers(templates: Iterable[str]) -> dict[str, Handler]:
    """The handlers by name, for a site with short codes of its own."""
    return {**HANDLERS, **dict.fromkeys(set(templates) - OPAQUE_NAMES, _own_first)}


HANDLERS: dict[str, Handler] = {
    **by_names(_BOXES, box),
    **by_names("notice admonition alert callout callouts", _notice),
    **by_names("raw rawhtml html unsafe", _html),
    **by_names("mathjax katex math latex", _formula),
    **by_names(_HEADED, _details),
    **by_names("ref relref", _reference),
    **by_names("figure img image picture imgproc resize-image lightbox", _figure),
    **by_names("quote blockquote", _quote),
    **by_names(" ".join(EMBEDS) + " yt bili youtube-lite vimeo_simple", _player),
    **by_names("x tweet twitter twitter_simple x_simple instagram instagram_simple github ghcard repo", _post_elsewhere),
    **by_names("link button btn cta", _link),
    **by_names("audio video", _media),
    **by_names("iframe embed pdf", _frame),
    "qr": _qr,
    "param": _param,
    **by_names("kbd abbr icon fa fas fab emoji sub sup color text ruby badge label", _word),
    "highlight": _highlight,
    "code": _code,
    **by_names("mermaid plantuml", code_block(lambda call: call.name)),
    **by_names("toc br clear clearfix readmore more bar hr space gap script style", nothing),
    "noop": inside,
    **by_names("chart charts chartjs echart echarts excalidraw plotly vega vega-lite vegalite highcharts apexcharts", _drawing),
}  # fmt: skip
