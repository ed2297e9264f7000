"""The tags of Hexo and of its themes (https://hexo.io/docs/tag-plugins, NexT, Butterfly, Volantis, Stellar), and Nunjucks' own."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from feeds.content.template_tags import hexo_code, output
from feeds.content.template_tags.common import (
    box,
    code_block,
    destination,
    headed,
    inside,
    nothing,
    player,
    quoted,
    reference,
    rooted,
    title_of,
)
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call, Handler, by_names
from feeds.lazy_patterns import lazy_pattern

_NUMBER = lazy_pattern(r"\d{1,5}(?:px|%|em|rem)?\Z")
_ADDRESS = lazy_pattern(r"(?<=\s)https?://\S{1,2000}", re.IGNORECASE)
_ICON = lazy_pattern(r"(?:fa[bsrl]?|fas|icon|bi|ri)[ -][\w -]*[\w-]\Z")


# references


def _name_and_title(call: Call) -> tuple[str, str]:
    """The first argument, and the others without a last `true` or `false` (whether the title is escaped)."""
    name, *title = call.arguments.words or [""]
    if title and title[-1] in ("true", "false"):
        title.pop()
    return name, " ".join(title)


def _post_link(call: Call) -> Output | None:
    """`{% post_link name [title] [escape] %}`: a link to another post, by its name or its title."""
    name, label = _name_and_title(call)
    if not name:
        return None
    url = reference(call, "post_link", name)
    title = title_of(call, "post_link", name)
    if call.context.links is None:
        return call.html(output.text(label or name))
    return call.html(output.link(url, label or title, title=title) if url else output.text(label))


def _path(form: str) -> Handler:
    """A bare address: `{% post_path name %}`, `{% asset_path file %}`."""

    def handle(call: Call) -> Output | None:
        name = call.arguments.word(0) if form == "post_path" else call.written.strip().strip("\"'")
        return Output(destination(reference(call, form, name))) if name else None

    return handle


def _asset_link(call: Call) -> Output | None:
    """`{% asset_link file [title] [escape] %}`."""
    name, title = _name_and_title(call)
    return call.html(output.link(reference(call, "asset_link", name), title or name)) if name else None


def _picture(call: Call, form: str) -> Output | None:
    """`[class] address [width] [height] ["title" ["alt"]]`, as `img` and `asset_img` have it."""
    words = list(call.arguments.words)
    at = next((place for place, word in enumerate(words) if "." in word or "/" in word), None)
    if at is None:
        return None
    address, rest = words[at].rstrip(","), words[at + 1 :]
    sizes: list[str] = []
    while rest and _NUMBER.match(rest[0]) and len(sizes) < 2:
        sizes.append(rest.pop(0))
    if re.match(r"""\s*["'][^"']*["']\s*,""", call.written):
        # Arguments with commas between them: address, text, and what is not shown.
        rest = rest[:1]
    alt = " ".join(word for word in rest if not re.fullmatch(r"\d{1,5}|[a-z-]{1,20}:[\w/.%-]{1,40}", word))
    both = re.fullmatch(r"""["']?([^"']*)["']?\s{1,9}["']([^"']*)["']?""", alt)
    alt = both[2] if both else alt.strip("\"'") or call.arguments.any("alt").rstrip(",")
    if form == "asset_img" and call.context.links is not None:
        url = call.context.links.url(address, image=True, form=form, line=call.tag.line)
        if url is None:
            return Output("")
        address = url
    elif form == "img" and "hexo" in call.context.tables:
        address = rooted(call, address)
    width, height = [*sizes, "", ""][:2]
    return call.html(output.image(address, alt.strip(), width=width, height=height), block=True)


def _figure(call: Call) -> Output | None:
    """`{% figure "address", "text", "class" %}caption{% endfigure %}`, as Eleventy's sites and Hexo's themes have it."""
    picture = _picture(call, "address")
    if picture is None or not call.paired:
        return picture
    opening, closing = call.keep("<figure>", block=True), call.keep("</figure>", block=True)
    return Output(f"{opening}\n\n{picture.text}\n\n{call.inner().strip(chr(10))}\n\n{closing}", block=True)


def _quoted_word(call: Call) -> Output:
    """`{% quot text icon:x %}`, a heading in quotation marks."""
    words = [word for word in call.arguments.words if not re.match(r"(?:icon|el|prefix|suffix):", word)]
    return call.html(output.paragraph(output.text(" ".join(words))), block=True)


def _link(call: Call) -> Output | None:
    """Hexo's `{% link text… url [external] [title] %}`, Butterfly's `{% link title,site,url %}`, Jekyll's `{% link path %}`."""
    words = call.arguments.words
    if len(words) == 1 and "://" not in call.written and "," not in call.written:
        return Output(destination(reference(call, "link", words[0])))
    pieces = call.arguments.pieces
    address = next((piece for piece in pieces[1:] if re.match(r"https?://\S{1,2000}\Z|/\S{1,2000}\Z", piece)), None)
    if address is not None:
        return call.html(output.link(rooted(call, address), pieces[0]))
    at = next((place for place, word in enumerate(words) if "://" in word or word.startswith(("/", "#"))), None)
    if at is None:
        return call.html(output.link(words[-1], " ".join(words[:-1]))) if words else None
    return call.html(output.link(rooted(call, words[at].rstrip(",")), " ".join(words[:at]).rstrip(",") or words[at]))


def _url_for(call: Call) -> Output | None:
    """`{% url_for text path [relative] %}`, `{% full_url_for text path %}`."""
    words = call.arguments.words
    if len(words) < 2:
        return Output(destination(rooted(call, words[0]))) if words else None
    path = words[1]
    home = call.context.home
    return call.html(output.link(path if "://" in path or not home else home + path.lstrip("/"), words[0]))


def _button(call: Call) -> Output | None:
    """`{% btn url, text, icon, title %}`; Butterfly has `url,text,icon`, Volantis `class::text::url`."""
    pieces = [piece.strip() for piece in re.split(r"::|,", call.written)]
    if not pieces[0] and len(pieces) < 2:
        return None
    at = next((place for place, piece in enumerate(pieces) if re.match(r"https?://|[/#]|mailto:", piece)), 0)
    others = [piece for place, piece in enumerate(pieces) if place != at and piece and not _ICON.match(piece)]
    return call.html(output.link(rooted(call, pieces[at]), others[0] if others else pieces[at]))


# texts


def _label(call: Call) -> Output:
    """`{% label primary@text %}`, and marks of a word such as `{% kbd X %}` or `{% emp text %}`."""
    label = call.written
    if call.name == "label":
        label = label.partition("@")[2].strip() or label
        words = call.arguments.words
        if "@" not in call.written and len(words) > 1 and words[-1] in _COLOURS:
            label = " ".join(words[:-1])
    elif call.name in ("p", "span"):
        # Volantis, Butterfly: the style, a comma, the text.
        label = label.partition(",")[2].strip() or label
    elif call.name == "cb":
        label = ("☑ " if call.arguments.pieces[1:2] == ["true"] else "☐ ") + call.arguments.pieces[0]
    elif call.name in ("mark", "hashtag"):
        label = " ".join(word for word in label.split() if not re.match(r"color:|https?://", word))
    elif call.name in ("checkbox", "radio"):
        label = " ".join(word for word in call.arguments.pieces[-1].split() if word not in ("checked", "plus", "minus", "times"))
        return call.html(("☑ " if "checked" in call.written else "☐ ") + output.text(label))
    elif call.name in ("hideInline", "psw", "hideinline"):
        label = label.partition(",")[0]
    return call.html(output.text(label.strip().strip("\"'")))


_COLOURS = frozenset(
    "default primary success info warning danger blue pink red purple orange green cyan yellow gray grey".split()
)


def _heading(call: Call) -> Output:
    """A box with a title of its own: `{% folding colour open, title %}`, `{% hideToggle title,bg,color %}`, `{% details title %}`."""
    pieces = call.arguments.pieces
    if call.name in ("hideToggle", "hideBlock"):
        heading = pieces[0]
    elif len(pieces) > 1:
        heading = pieces[-1]
    else:
        heading = " ".join(word for word in call.arguments.words if word not in _COLOURS and word != "open")
    return headed(heading.split("::")[-1].removeprefix("@"), call)


def _note(call: Call) -> Output:
    """`{% note [class] [no-icon] [summary] %}` of NexT and Butterfly, Stellar's one-line `{% note title text %}`."""
    if call.paired:
        rest = [
            word
            for word in call.arguments.words
            if word not in _NOTE_WORDS and not _ICON.match(word) and not word.startswith("fa")
        ]
        return headed(" ".join(rest), call)
    words = call.arguments.pieces[-1] if "," in call.written else call.written
    named = " ".join(word for word in re.split(r"\s+", words.strip()) if not re.match(r"(?:color|child):", word))
    return call.html(output.paragraph(output.text(named)), block=True) if named else Output("")


_NOTE_WORDS = _COLOURS | frozenset(
    "no-icon simple modern flat disabled icon radiation quote done undone bug link paperclip todo up undo error bolt ban idea guide about tip tips note caution important question attention".split()
)


def _text_of_pieces(call: Call) -> Output | None:
    """A card or an entry of a timeline: its title, then its inside; a cell of buttons is a link."""
    if call.name == "cell" and not call.paired and "://" in call.written:
        return _link(call)
    heading = next(
        (
            piece
            for piece in call.arguments.pieces
            if piece and not piece.startswith("#") and not re.match(r"(?:https?:/)?/", piece)
        ),
        "",
    )
    if call.name == "timeline":
        return headed(heading if ":" not in heading else "", call)
    return headed(heading if not re.fullmatch(r"\d*", heading) else "", call)


def _tab(call: Call) -> Output:
    """One tab: `{% tab title %}`, or `<!-- tab title -->` within `{% tabs %}`."""
    return headed(call.written.partition("@")[0].strip(), call)


def _cited(call: Call) -> Output:
    """`{% blockquote [author[, source]] [link] [title of the link] %}` (lib/plugins/tag/blockquote.ts)."""
    if not call.paired:
        return Output("")
    written = call.written if call.arguments.named else " ".join(call.arguments.words)
    if match := _ADDRESS.search(written):
        author, title = written[: match.start()].strip(), written[match.end() :].strip()
        source = output.link(match[0], title or re.sub(r"^https?://|/(?:index\.html?)?$", "", match[0]))
    else:
        author, _, title = (part.strip() for part in written.partition(","))
        source = output.text(title.partition(",")[0])
        author = author if source else written
    parts = [f"<strong>{output.text(author)}</strong>" if author else "", f"<cite>{source}</cite>" if source else ""]
    return quoted(call, " ".join(filter(None, parts)))


# media


def _file(call: Call) -> Output | None:
    """`{% audio url %}`, `{% video url %}`, `{% pdf url %}`, `{% iframe url [width] [height] %}` and their kind."""
    address = next((word for word in call.arguments.words if "/" in word or "." in word), "") or call.arguments.any(
        "src", "url", "id"
    )
    if not address:
        return None
    address = rooted(call, address.rstrip(","))
    if call.name in ("audio", "video", "dplayer", "aplayer", "video2", "inlineaudio"):
        kind = "audio" if call.name.endswith(("audio", "aplayer")) else "video"
        return call.html(f'<{kind} src="{output.attribute(address)}" controls></{kind}>', block=True)
    if call.name == "pdf":
        return call.html(output.link(address, address.rpartition("/")[2] or address))
    return call.html(output.frame(address), block=True)


def _player(call: Call) -> Output | None:
    """`{% youtube id %}` and others that are named by an identifier."""
    words = call.arguments.words
    identifier = (
        "/".join(words[:2])
        if call.name == "gist" and len(words) > 1 and "/" not in words[0] and "." not in words[1]
        else call.arguments.word(0)
    )
    return player(call.name, identifier or call.arguments.any("id"), call) or Output("")


def _jsfiddle(call: Call) -> Output | None:
    word = call.arguments.word(0)
    return call.html(output.link(f"https://jsfiddle.net/{quote(word, safe='/')}/", f"▶ jsFiddle {word}")) if word else None


def _github(call: Call) -> Output | None:
    word = call.arguments.word(0).rstrip(",")
    return (
        call.html(output.link(f"https://github.com/{quote(word, safe='/')}", word))
        if re.fullmatch(r"[\w.-]{1,60}(?:/[\w.-]{1,100})?", word)
        else None
    )


def _include(call: Call) -> Output | None:
    """Jekyll's `{% include youtube.html id="…" %}`: what it shows is known only of players."""
    name = call.arguments.word(0).rpartition("/")[2].partition(".")[0].lower()
    return player(name, call.arguments.any("id", "video_id", "video"), call)


def _of(form: str) -> Callable[[Call], Output | None]:
    return lambda call: _picture(call, form)


HANDLERS: dict[str, Handler] = {
    **by_names("post_link post_link_by_title", _post_link),
    **by_names("post_path post_url", _path("post_path")),
    "asset_path": _path("asset_path"),
    "asset_link": _asset_link,
    "asset_img": _of("asset_img"),
    **by_names("figure fig", _figure),
    "quot": _quoted_word,
    **by_names("ref relref", _path("ref")),
    **by_names("img image inlineimage inlineImg inlineimg fancybox", _of("img")),
    "link": _link,
    **by_names("url_for full_url_for", _url_for),
    **by_names("btn button", _button),
    **by_names("label hideInline hideinline del emp wavy u p cb hashtag copy kbd psw checkbox radio sup sub mark b i em span", _label),
    **by_names("details hideToggle hideBlock folding fold collapse spoiler folder box", _heading),
    **by_names("note subnote", _note),
    **by_names("tabs grid row columns column center tldr expand cards steps bubble gallery galleryGroup flink folders swiper btns "
             "linkgrid grouppicture gp cell alert callout admonition notice tip hint warning info ablock about sites", box),
    **by_names("card timenode timenodes cell timeline poem", _text_of_pieces),
    "tab": _tab,
    **by_names("blockquote quote cq centerquote", _cited),
    "pullquote": lambda call: quoted(call, "") if call.paired else Output(""),
    **by_names("audio video dplayer aplayer iframe pdf", _file),
    **by_names("youtube vimeo bilibili gist", _player),
    "jsfiddle": _jsfiddle,
    **by_names("ghcard github ghrepo", _github),
    "include": _include,
    "include_code": hexo_code.include_code,
    "codeblock": hexo_code.codeblock,
    **by_names("code highlight", code_block(hexo_code.language)),
    **by_names("raw verbatim", hexo_code.verbatim),
    **by_names("mermaid plantuml", code_block(lambda call: call.name)),
    **by_names("wavedrom chart chartjs echarts flow sequence", inside),
    **by_names("more aside toc pagebreak", nothing),
}  # fmt: skip
