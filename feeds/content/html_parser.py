"""Prepared HTML -> the tree that a browser makes of it, by lexbor, a parser in C that follows the HTML standard (section 13.2).

In comes what markup.py prepared, out goes an ElementTree. selectolax is imported here and nowhere else. Nothing is made safe.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from feeds.content.bounds import BoundError
from feeds.content.markup import Prepared
from feeds.content.policy import VOID
from feeds.html_tags import TAG

#: Elements that a body may have, those included that a parser makes of formatting that nobody closes.
MOST_ELEMENTS = 100_000
#: Elements beside those that are written that a parser may make at most before they are counted; lexbor takes about
#: 200 bytes for each.
_MOST_REBUILT = 500_000
#: With more tags than that, those that are open at once are counted first: what lexbor does at a tag may take as long as the
#: list of open elements is, or that of open formatting.
_MANY_TAGS = 10_000
_MOST_OPEN = 2_000
#: Elements that end by themselves where the next one begins; they nest only within others that are counted.
_ENDED = VOID | frozenset("p li dt dd tr td th thead tbody tfoot option optgroup rt rp html body head".split())
#: Before a name in a drawing; nothing of one is kept.
SVG = "{http://www.w3.org/2000/svg}"
#: What makes the text the body of a page in standards mode (HTML section 13.2.6.4.1): in another mode tables stay within `p`.
_BEFORE = "<!doctype html><body>"


def parse(markup: Prepared, depth: int) -> Element:
    """The body's element, with what the text holds in it; no comments. Elements of drawings have names in their namespace.

    Raises BoundError where elements nest deeper than `depth`, or where there are more than MOST_ELEMENTS.
    """
    if markup.rebuilt > _MOST_REBUILT:
        raise _too_many()
    if markup.text.count("<") > _MANY_TAGS and _open_at_once(markup.text) > _MOST_OPEN:
        raise _too_deep(depth)
    # Without events nothing is copied within the tree, e.g. into a `selectedcontent`.
    document = LexborHTMLParser(_BEFORE + markup.text, options=LexborDocumentOptions.WO_EVENTS)
    root = Element("body")
    if document.body is not None:
        _Copy(depth).children(document.body, root, 1, "")
    return root


def _open_at_once(text: str) -> int:
    """About how many elements are open at once at most; never less than half of it."""
    counts: dict[str, int] = {}
    now = most = 0
    for tag in TAG.finditer(text):
        name = tag[2].lower()
        if name in _ENDED:
            continue
        if not tag[1]:
            counts[name] = counts.get(name, 0) + 1
            now += 1
            most = max(most, now)
        elif counts.get(name):
            counts[name] -= 1
            now -= 1
    return most


def _too_deep(depth: int) -> BoundError:
    return BoundError(f"its elements nest deeper than {depth}", "bounds.element_depth")


def _too_many() -> BoundError:
    return BoundError(f"it becomes more than {MOST_ELEMENTS} elements")


class _Copy:
    """Copies lexbor's nodes to elements, within the bounds."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.room = MOST_ELEMENTS

    def children(self, node: LexborNode, parent: Element, depth: int, namespace: str) -> None:
        """Copy what the node holds into `parent`; `depth` is that of the children, 1 in the body."""
        last: Element | None = None
        child = node.child
        while child is not None:
            name = child.tag
            if name == "-text":
                text = child.text_content or ""
                if last is None:
                    parent.text = parent.text + text if parent.text else text
                else:
                    last.tail = last.tail + text if last.tail else text
            elif name is not None and name[0] not in "-!":
                self.room -= 1
                if self.room < 0:
                    raise _too_many()
                if depth > self.depth + 1:
                    raise _too_deep(self.depth)
                attributes = {key: value or "" for key, value in child.attributes.items()}
                below = SVG if name == "svg" else namespace
                last = SubElement(parent, below + name, attributes)
                if child.child is not None:
                    self.children(child, last, depth + 1, below)
            child = child.next
