"""What template tags become: pieces of HTML. All that comes from arguments goes through `text` or `attribute`."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from feeds.lazy_patterns import lazy_pattern

_TICK_RUN = lazy_pattern(r"`+")


class Output(NamedTuple):
    """What a tag becomes; a `block` stands in paragraphs of its own."""

    text: str
    block: bool = False


def text(written: str) -> str:
    """Plain text as HTML."""
    return html.escape(written, quote=False)


def attribute(written: str) -> str:
    """Plain text as the value of an attribute in double quotes."""
    return html.escape(" ".join(written.split()))


def image(address: str, alt: str = "", *, title: str = "", width: str = "", height: str = "") -> str:
    """A picture. Sizes are kept if they are numbers of pixels."""
    tag = f'<img src="{attribute(address)}" alt="{attribute(alt)}"'
    if title:
        tag += f' title="{attribute(title)}"'
    for name, size in (("width", width), ("height", height)):
        number = size.strip().removesuffix("px")
        if number.isascii() and number.isdigit() and 0 < int(number[:6]) < 100_000:
            tag += f' {name}="{number}"'
    return tag + ">"


def link(address: str | None, label: str, *, title: str = "") -> str:
    """A link with a plain text; the text alone if there is no address."""
    if not address:
        return text(label)
    return f'<a href="{attribute(address)}"' + (f' title="{attribute(title)}"' if title else "") + f">{text(label)}</a>"


def frame(address: str, title: str = "") -> str:
    """A frame: the walk over the tree makes it a link to what it shows."""
    return f'<iframe src="{attribute(address)}"' + (f' title="{attribute(title)}"' if title else "") + "></iframe>"


def paragraph(inner: str) -> str:
    """A paragraph of HTML."""
    return f"<p>{inner}</p>"


def code(raw: str, language: str, markup: str) -> str:
    """A block of code: a fence in Markdown, else `<pre>`."""
    raw = raw.strip("\n")
    if markup == "markdown":
        longest = max((len(run) for run in _TICK_RUN.findall(raw)), default=0)
        mark = "`" * max(3, longest + 1)
        return f"{mark}{language}\n{raw}\n{mark}"
    named = f' class="language-{html.escape(language)}"' if language else ""
    return f"<pre><code{named}>{html.escape(raw, quote=False)}</code></pre>"


def language(word: str) -> str:
    """A language's name if it may be one, else ""."""
    return word if re.fullmatch(r"[\w+#.-]{1,30}", word) else ""
