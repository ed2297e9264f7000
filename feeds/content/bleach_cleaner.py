"""bleach, as the policy uses it: in come prepared markup and a walk over its tree, out goes what a reader may get.

bleach's filter (https://bleach.readthedocs.io/en/latest/clean.html#using-bleach-sanitizer-bleachsanitizerfilter) decides about
every element and attribute. What is around it is not bleach's: the parser (html_parser.py), since bleach's reads character by
character, keeps entities as they are written and loses text that is fostered out of a table; and the writer, since bleach's takes
`&amp;lt;` in an attribute for `&lt;`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

from bleach.sanitizer import BleachSanitizerFilter

from feeds.content import html_parser
from feeds.content.dom import Walk
from feeds.content.markup import Prepared
from feeds.content.policy import VOID, Policy, keeps
from feeds.urls import LINK_SCHEMES

#: A token as bleach's filter takes it: that of html5lib's tree walkers.
Token: TypeAlias = dict[str, Any]


def clean(markup: Prepared, walk: Walk) -> str:
    """The prepared markup as the walk and the policy leave it. Raises BoundError."""
    if not markup.text:
        return ""
    root = html_parser.parse(markup, walk.policy.element_depth)
    walk.run(root)
    return Writer(walk.policy, walk.id_prefix).inside(root)


class Writer:
    """Writes of a tree what bleach allows, and nothing else."""

    def __init__(self, policy: Policy, id_prefix: str) -> None:
        self.tags, self.nofollow = policy.tags, policy.nofollow
        # Each token is handed to the filter here: as a stream, tags without attributes would be judged again and again.
        source: Any = ()
        bleach = BleachSanitizerFilter(
            source=source,
            allowed_tags=policy.tags,
            attributes=partial(keeps, policy, id_prefix),
            allowed_protocols=LINK_SCHEMES | {"data"} if policy.data_images else LINK_SCHEMES,
            strip_disallowed_tags=True,
            strip_html_comments=True,
        )
        #: The token with the attributes that bleach leaves, None for an element that goes.
        self.sanitize: Callable[[Token], Any] = bleach.sanitize_token
        self.pieces: list[str] = []
        #: Names of elements without attributes that bleach has judged.
        self.judged: dict[str, bool] = {}

    def inside(self, root: Element) -> str:
        """What the element holds, as HTML; every attribute has a value in double quotes."""
        self.pieces.clear()
        self.text(root.text)
        self.children(root)
        return "".join(self.pieces)

    def children(self, parent: Element) -> None:
        """Write the elements in an element, with the text behind each. They nest no deeper than the policy's bound."""
        write = self.pieces.append
        for child in parent:
            name = child.tag
            if child.attrib or (self.nofollow and name == "a"):
                allowed = self.start(child)
            elif allowed := self.allows_plain(name):
                write(f"<{name}>")
            if name not in VOID:
                if child.text:
                    self.text(child.text)
                if len(child):
                    self.children(child)
                if allowed:
                    write(f"</{name}>")
            if child.tail:
                self.text(child.tail)

    def allows_plain(self, name: str) -> bool:
        """Whether bleach lets an element without attributes through."""
        allowed = self.judged.get(name)
        if allowed is None:
            token = self.sanitize({"type": "StartTag", "name": name, "namespace": None, "data": {}})
            allowed = self.judged[name] = self.is_allowed(token)
        return allowed

    def start(self, element: Element) -> bool:
        """Write the start tag with the attributes that bleach leaves; False if the element is not let through."""
        attributes = {(None, name): value for name, value in element.attrib.items()}
        kind = "EmptyTag" if element.tag in VOID else "StartTag"
        token = self.sanitize({"type": kind, "name": element.tag, "namespace": None, "data": attributes})
        if not self.is_allowed(token):
            return False
        kept = token["data"]
        if self.nofollow and token["name"] == "a":
            kept[None, "rel"] = "nofollow"
        self.pieces.append(f"<{token['name']}{''.join(map(_attribute, kept.items()))}>")
        return True

    def is_allowed(self, token: Any) -> bool:
        """Whether a token that bleach has judged is one to write. Raises ValueError if it is not of the policy."""
        if token is None:
            return False
        if token["name"] not in self.tags:
            raise ValueError("bleach let an element through that is not in the policy")
        return True

    def text(self, text: str | None) -> None:
        """Write decoded text. bleach takes an ampersand for the beginning of an entity: it never sees one."""
        if not text:
            return
        parts = text.split("&") if "&" in text else (text,)
        for place, part in enumerate(parts):
            if place:
                self.pieces.append("&amp;")
            if part:
                token = self.sanitize({"type": "Characters", "data": part})
                kept: str = token["data"]
                self.pieces.append(kept.replace("<", "&lt;").replace(">", "&gt;") if "<" in kept or ">" in kept else kept)


def _attribute(item: tuple[tuple[str | None, str], str]) -> str:
    value = item[1]
    if "&" in value or "<" in value or ">" in value or '"' in value:
        # ">" too: readers that look for the end of a tag by it would end it there.
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return f' {item[0][1]}="{value}"'
