"""Links and embeds of notes: `[[name]]`, `[[name#heading|shown]]`, `![[picture.png|300]]` (Obsidian Help, "Internal links", "Embed files")."""

from __future__ import annotations

import re

from feeds.content.template_tags import output
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call
from feeds.lazy_patterns import lazy_pattern
from feeds.media_types import media_type

_WITHIN = lazy_pattern(r"#\^?\w")
_SIZE = lazy_pattern(r"(\d{1,5})(?:x(\d{1,5}))?\Z")


def link(call: Call) -> Output | None:
    """`[[name|shown]]`: a link to a note by its name; without a note of that name its text."""
    name, _, shown = call.written.replace("\\|", "|").partition("|")
    name = name.strip()
    label = shown.strip() or re.sub(r"(?<=\S)#\^?", " > ", name).lstrip("#^")
    if "hexo" in call.context.tables and _WITHIN.match(name):
        # A heading or block of the note itself, in a plain folder.
        return call.html(output.text(label))
    if call.context.links is None or not _there(call, name):
        return Output(f"[[{call.written}]]")
    target = call.context.links.target(name, form="wiki", line=call.tag.line)
    if target.url is None and not shown.strip():
        # The name is what is hidden, or the only text that there is.
        return call.html("" if target.kind == "hidden" else output.text(label))
    return call.html(output.link(target.url, label))


def _there(call: Call, name: str) -> bool:
    """Whether double brackets are a link at all: in a plain folder only if something of that name is there."""
    if "hexo" not in call.context.tables:
        return True
    links = call.context.links
    return links is not None and links.is_known(name, form="wiki")


def embed(call: Call) -> Output | None:
    """`![[picture.png|alt|300x200]]`: the picture, sound or film; a link to any other file or note."""
    name, *rest = (part.strip() for part in call.written.replace("\\|", "|").split("|"))
    links = call.context.links
    if links is None or not _there(call, name):
        return Output(f"![[{call.written}]]")
    size = _SIZE.match(rest[-1]) if rest else None
    alt = rest[0] if rest and not (size and len(rest) == 1) else ""
    kind = (media_type(name.partition("#")[0]) or "").partition("/")[0]
    target = links.target(name, form="wiki", image=kind in ("image", "audio", "video"), line=call.tag.line)
    if target.url is None:
        return Output("")
    if kind == "image":
        return call.html(output.image(target.url, alt, width=size[1] if size else "", height=size[2] or "" if size else ""))
    if kind in ("audio", "video"):
        return call.html(f'<{kind} src="{output.attribute(target.url)}" controls></{kind}>', block=True)
    return call.html(output.link(target.url, alt or name))
