"""bleach, as the policy uses it: in come prepared markup and a walk over its tree, out goes what a reader may get.

bleach's filter (https://bleach.readthedocs.io/en/latest/clean.html#using-bleach-sanitizer-bleachsanitizerfilter) decides about
every element and attribute. What is around it is not bleach's: the parser (html_parser.py), since bleach's reads character by
character, keeps entities as they are written and loses text that is fostered out of a table; and the writer, since bleach's takes
`&amp;lt;` in an attribute for `&lt;`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, TypeAlias, cast
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
    policy = walk.policy
    root = html_parser.parse(markup, policy.element_depth)
    walk.run(root)
    allowed = BleachSanitizerFilter(
        source=cast("Any", tokens(root)),
        allowed_tags=policy.tags,
        attributes=partial(keeps, policy, walk.id_prefix),
        allowed_protocols=LINK_SCHEMES | {"data"} if policy.data_images else LINK_SCHEMES,
        strip_disallowed_tags=True,
        strip_html_comments=True,
    )
    return written(allowed, policy)


def tokens(root: Element) -> Iterator[Token]:
    """The tokens of all that an element holds, in the order of the text."""
    yield from _text(root.text)
    open_elements: list[tuple[Element | None, Iterator[Element]]] = [(None, iter(root))]
    while open_elements:
        parent, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            if parent is None:
                continue
            yield {"type": "EndTag", "name": parent.tag, "namespace": None}
            child = parent
        elif child.tag in VOID:
            yield _tag("EmptyTag", child)
        else:
            yield _tag("StartTag", child)
            yield from _text(child.text)
            open_elements.append((child, iter(child)))
            continue
        yield from _text(child.tail)


def _tag(kind: str, element: Element) -> Token:
    attributes = {(None, name): value for name, value in element.attrib.items()}
    return {"type": kind, "name": element.tag, "namespace": None, "data": attributes}


def _text(text: str | None) -> Iterator[Token]:
    """Decoded text: its ampersands are tokens of their own, which bleach takes for no entities."""
    if not text:
        return
    first, *others = text.split("&")
    if first:
        yield {"type": "Characters", "data": first}
    for part in others:
        yield {"type": "Entity", "name": "amp"}
        if part:
            yield {"type": "Characters", "data": part}


def written(allowed: Iterable[Token], policy: Policy) -> str:
    """The tokens that bleach let through as HTML; every attribute has a value in double quotes.

    Raises ValueError for a token of a kind that the policy does not have.
    """
    pieces: list[str] = []
    write = pieces.append
    tags, nofollow = policy.tags, policy.nofollow
    for token in allowed:
        kind = token["type"]
        if kind == "Characters":
            text = token["data"]
            write(text.replace("<", "&lt;").replace(">", "&gt;") if "<" in text or ">" in text else text)
        elif kind == "Entity" and token["name"] == "amp":
            write("&amp;")
        elif kind not in ("StartTag", "EmptyTag", "EndTag") or token["name"] not in tags:
            raise ValueError(f"bleach let a {kind} through that is not in the policy")
        elif kind == "EndTag":
            write(f"</{token['name']}>")
        else:
            attributes = token["data"]
            if nofollow and token["name"] == "a":
                attributes[None, "rel"] = "nofollow"
            write(f"<{token['name']}{''.join(map(_attribute, attributes.items())) if attributes else ''}>")
    return "".join(pieces)


def _attribute(item: tuple[tuple[str | None, str], str]) -> str:
    value = item[1]
    if "&" in value or "<" in value or ">" in value or '"' in value:
        # ">" too: readers that look for the end of a tag by it would end it there.
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return f' {item[0][1]}="{value}"'
