"""What a reader sees of a post: a digest that only changes which show move.

Markup that means the same (`*em*` and `_em_`, the columns of a table, blanks at line ends) has one digest. It is made before
links and template tags are looked up, so no other post and no setting of the site but the Markdown flavour decides it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from feeds import dialects, pool
from feeds.content.flavour import PLAIN, Flavour, overridden
from feeds.content.markdown import render as markdown
from feeds.errors import PostError
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, digest
from feeds.posts.header import Header
from feeds.posts.headings import words
from feeds.posts.reader import PostReader
from feeds.settings import Settings

_VERBATIM = lazy_pattern(r"(<(?:pre|textarea)\b.*?(?:</(?:pre|textarea)>|\Z))", re.DOTALL | re.IGNORECASE)
_BLOCKS = "p|div|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|blockquote|hr|section|figure|figcaption"
#: A tag of a block; a blank beside it shows nowhere.
_BLOCK = lazy_pattern(rf"(</?(?:{_BLOCKS})\b[^<>]*>)", re.IGNORECASE)


def flavour_of(settings: Settings) -> Flavour:
    """How the site's Markdown is read."""
    flavour = overridden(dialects.by_name(settings.generator).flavour, settings.markdown)
    return replace(flavour, language=settings.language) if settings.language else flavour


def visible_digest(title: str, html: str) -> str:
    """40 hex digits of what a title and the HTML of a body show."""
    # What stands in <pre> stays as it is; elsewhere all blanks are one.
    parts = _VERBATIM.split(html)
    parts[::2] = map(_without_blanks, parts[::2])
    return digest(title.strip(), "".join(parts).strip())


def _without_blanks(html: str) -> str:
    """HTML with one space for each run of blanks, and none beside the tags of blocks."""
    if not html or html.isspace():
        return " " if html else ""
    # Split, strip and join take a seventh of the time of two substitutions; conversion as a whole became 3 % faster.
    words = " ".join(html.split())
    parts = _BLOCK.split(f"{' ' * html[0].isspace()}{words}{' ' * html[-1].isspace()}")
    last = len(parts) - 1
    for place in range(0, last + 1, 2):
        part = parts[place].rstrip(" ") if place < last else parts[place]
        parts[place] = part.lstrip(" ") if place else part
    return "".join(parts)


def visible(post: Post, title: str, settings: Settings, rendered: str | None = None) -> str:
    """The digest of what a reader sees of a post; "" if its markup cannot be read. `rendered` is its HTML if it is known."""
    flavour = flavour_of(settings)
    body = markdown.split_more(words(post, title)[0], flavour if post.markup == "markdown" else PLAIN)[1]
    try:
        if rendered is None:
            if post.markup == "markdown":
                markdown.check(body)
            rendering = markdown.Rendering(flavour, settings.bounds.content_bytes)
            rendered = markdown.rendered(body, post.markup, rendering).html
        return visible_digest(title, rendered)
    except MemoryError:
        raise
    except Exception:  # the conversion tells it
        return ""


class _Shared(NamedTuple):
    reader: PostReader


def visible_now(headers: Sequence[Header], reader: PostReader) -> dict[str, str]:
    """The digests of what readers would see of posts, by path; in other processes, within the bounds of a conversion."""
    bounds = reader.settings.bounds
    load = partial(_load, reader.markups(header.path for header in headers))
    budget = pool.Budget(bounds.post_seconds, bounds.post_memory_bytes, load)
    results = pool.run_within(
        budget, _visible, headers, shared=_Shared(reader), workers=reader.settings.workers, seconds_each=0.001, chunk=16
    )
    return {
        header.path: result for header, result in zip(headers, results, strict=True) if isinstance(result, str) and result
    }  # fmt: skip


def _load(markups: frozenset[str], shared: _Shared) -> None:
    """Import and set up what renders these markups, in this process: the conversion needs it as well."""
    for markup in sorted(markups):
        # What cannot be loaded, e.g. a library that is not installed, is reported by the conversion.
        with suppress(Exception):
            markdown.to_html("", markup, flavour_of(shared.reader.settings))


def _visible(shared: _Shared, header: Header) -> str:
    try:
        post = shared.reader.parse(header.path, shared.reader.source(header.path))
    except PostError:
        return ""
    return visible(post, header.title, shared.reader.settings) if post.digest == header.digest else ""
