"""Hexo's tags for code and for text as it is: `codeblock`, `include_code`, `highlight`, `raw` (https://hexo.io/docs/tag-plugins)."""

from __future__ import annotations

import re
from urllib.parse import quote

from feeds.content.template_tags import output
from feeds.content.template_tags.common import (
    fenced,
    raw,
    rooted,
)
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call
from feeds.lazy_patterns import lazy_pattern

_CODE_OPTION = lazy_pattern(r"(?<!\S)(lang|from|to):((?<=lang:)\w{1,20}|[0-9]{1,9})(?!\S)")


def include_code(call: Call) -> Output | None:
    """`{% include_code [title] [lang:x] [from:n] [to:n] path %}`: the file's lines below its title (lib/plugins/tag/include_code.ts).

    A link to the file where it is not known.
    """
    options = {match[1]: match[2] for match in _CODE_OPTION.finditer(call.written)}
    *title, path = _CODE_OPTION.sub("", call.written).split() or [""]
    if not path:
        return None
    label = " ".join(title) or path.rpartition("/")[2]
    address = rooted(call, f"/downloads/code/{quote(path.lstrip('/'))}")
    text = call.context.templates.get(path.lstrip("/"))
    if text is None:
        return call.html(output.link(address, " ".join(title) or path), block=True)
    lines = text.replace("\r\n", "\n").split("\n")
    code = "\n".join(lines[max(0, int(options.get("from", "1")) - 1) : int(options.get("to", len(lines)))])
    info = output.language(options.get("lang", path.rpartition(".")[2] if "." in path else ""))
    if call.context.markup == "markdown" and "://" in address:
        info = f"{info or 'plaintext'} {label.replace('`', '')} {address} view raw"
    return Output(output.code(code, info, call.context.markup), block=True)


def language(call: Call) -> str:
    """The language of `{% codeblock [title] [lang:x] … %}`, `{% highlight x linenos %}`."""
    words = call.written.split()
    named = next((word.partition(":")[2] for word in words if word.startswith("lang:")), "")
    return (
        named or next((word for word in words if ":" not in word and "=" not in word), "") if call.name != "codeblock" else named
    )


def codeblock(call: Call) -> Output | None:
    """`{% codeblock [title] [lang:x] [url] [link text] %}`: title and link are those of a fence (lib/plugins/tag/code.ts)."""
    info = output.language(language(call) or _only_language(call))
    caption = " ".join(word for word in call.arguments.words if ":" not in word or "://" in word)
    if call.context.markup == "markdown" and caption and caption != info:
        info = f"{info or 'plaintext'} {caption.replace('`', '')}"
    return fenced(call, info)


def _only_language(call: Call) -> str:
    """`{% codeblock js %}` of old posts: a title that is one short word in lower case is the language."""
    words = call.written.split()
    return words[0] if len(words) == 1 and re.fullmatch(r"[a-z][a-z0-9+#]{0,11}", words[0]) else ""


def verbatim(call: Call) -> Output:
    """Text that neither the template engine nor Markdown reads: Hexo puts it into the page as it is."""
    if "hexo" not in call.context.tables or "hugo" in call.context.tables or call.context.markup != "markdown":
        return raw(call)
    block = call.tag.first and call.tag.last
    return call.html(call.raw.strip("\n"), block=block)
