"""What the scanner finds in a body: text, code and template tags; and the facts that tags are rendered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feeds.content.markdown.render import Note
from feeds.content.tag_tables import PLAIN_TABLES, TagFunction
from feeds.model import Value

if TYPE_CHECKING:
    from feeds.content.links import Resolver
    from feeds.content.liquid.session import Scope


@dataclass(slots=True)
class Prefix:
    """What stands before the text of a line because of the containers that hold it: quote marks, the indentation of a list.

    `written` is what the tag's own line has, `needed` the least that keeps a line in the same containers.
    """

    written: str = ""
    needed: str = ""


@dataclass(slots=True)
class Text:
    """Text outside of code and tags."""

    text: str


@dataclass(slots=True)
class Code:
    """Code, raw text and all else that is handed on as it is."""

    text: str


@dataclass(slots=True)
class Tag:
    """A template tag.

    `syntax` is "percent" for `{% %}`, "angle" for `{{< >}}`, "percents" for `{{% %}}`, "braces" for `{{ }}`, "wiki" for
    `[[ ]]` and "embed" for `![[ ]]`. `written` are its arguments as written; `raw` is what stands between it and its end, if
    that is neither text nor tags, else None. `first` holds if only its containers stand before it on its line, `last` if
    nothing stands behind it (behind its end, if it has `raw`).
    """

    syntax: str
    name: str
    written: str
    line: int
    closing: bool = False
    single: bool = False
    raw: str | None = None
    prefix: Prefix = field(default_factory=Prefix)
    first: bool = False
    last: bool = False
    beside_table: tuple[bool, bool] = (False, False)


Piece = Text | Code | Tag


@dataclass(slots=True)
class TagContext:
    """What tags are rendered with.

    `tables` names the tables of handlers that apply, likeliest first. `page` is the post's front matter by key as written,
    `site` what the site's own settings say, `home` the URL below which its pages are (it ends in "/"), `templates` the site's own
    short codes: their sources by name, `functions` those that are functions. `links` is None where nothing can be looked up: then every reference is taken as a
    URL. `render` makes HTML of Markdown, for tags that say so. `liquid` is what Liquid sees if the body is a template of Liquid. With
    `contents` the renderer makes a table of contents of `[TOC]`.
    """

    tables: tuple[str, ...] = PLAIN_TABLES
    markup: str = "markdown"
    links: Resolver | None = None
    home: str = ""
    page: Mapping[str, Value] = field(default_factory=dict)
    site: Mapping[str, Value] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, TagFunction] = field(default_factory=dict)
    render: Callable[[str], str] | None = None
    liquid: Scope | None = None
    contents: bool = False
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, what: str, line: int | None, fix: str, severity: str = "notice") -> None:
        """Tell the author something."""
        self.notes.append(Note(code, what, line, fix, severity))
