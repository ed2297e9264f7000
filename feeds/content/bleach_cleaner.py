"""bleach, as the policy uses it: in come prepared markup and a walk over its tree, out goes what a reader may get.

`PolicyCleaner` is bleach's Cleaner with its own arguments and filters. Three parts of it are replaced, through the attributes
that Cleaner gives them: the parser, because bleach's keeps entities as they are written, loses text that is fostered out of a
table and reads character by character; the walker, because html5lib's looks for each element among its siblings, which is quadratic, and because the tree is
walked before it is filtered; the serialiser, because bleach's takes `&amp;lt;` in an attribute for `&lt;`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from bleach import html5lib_shim
from bleach.sanitizer import Cleaner

from feeds.content.bounds import BoundError
from feeds.content.dom import Walk
from feeds.content.policy import VOID, Policy, keeps
from feeds.content.tokens import Tokens
from feeds.urls import LINK_SCHEMES

# The stubs of bleach leave out what it takes from html5lib.
_html5lib: Any = html5lib_shim
_TreeBuilder: Any = type(_html5lib.HTMLParser().tree)

#: Stands for ">" in attributes until html5lib has written them, which leaves it raw: readers that look for the end of
#: a tag by ">" would end it there. No XML character, so that no text holds it by then.
_GREATER = "\ufffe"
#: Elements that a page may have beside those that are written: what a parser makes of formatting that nobody closes.
_ELEMENTS = 100_000


class BoundedTree(_TreeBuilder):  # type: ignore[misc]
    """html5lib's tree, which refuses more elements or deeper ones than a page can sensibly have."""

    def __init__(self, namespace_elements: bool) -> None:
        super().__init__(namespace_elements)
        self.made, self.deepest = 0, 10_000

    def insertElementNormal(self, token: Any) -> Any:  # noqa: N802  html5lib's name
        self.made += 1
        if self.made > _ELEMENTS or len(self.openElements) > self.deepest + 2:
            self._refuse()
        return super().insertElementNormal(token)

    def insertElementTable(self, token: Any) -> Any:  # noqa: N802
        self.made += 1
        if self.made > _ELEMENTS or len(self.openElements) > self.deepest + 2:
            self._refuse()
        return super().insertElementTable(token)

    def _refuse(self) -> None:
        if self.made > _ELEMENTS:
            raise BoundError(f"it becomes more than {_ELEMENTS} elements")
        raise BoundError(f"its elements nest deeper than {self.deepest}", "bounds.element_depth")


class Parser(_html5lib.HTMLParser):  # type: ignore[misc]
    """html5lib's parser with a tokenizer for prepared markup, which it takes for the body of a page."""

    def __init__(self, depth: int) -> None:
        super().__init__(tree=BoundedTree, namespaceHTMLElements=False)
        # `reset`, with which a parse begins, leaves our own attributes of the tree as they are.
        self.tree.deepest = depth

    def _parse(self, stream: str, innerHTML: bool = False, container: str = "div", scripting: bool = False) -> None:  # noqa: N803
        # As bleach's parser does it to have a tokenizer of its own.
        self.innerHTMLMode, self.container, self.scripting = False, container, scripting
        self.tokenizer = Tokens(stream)
        self.reset()
        self.mainLoop()

    def parseFragment(self, stream: str, *args: object, **kwargs: object) -> Any:  # noqa: N802
        """The body's element. Raises BoundError."""
        return self.parse(stream).find("body")


def tokens(root: Any) -> Iterator[dict[str, Any]]:
    """The tokens of all that an element holds, in the order of the text, as html5lib's walkers give them."""
    yield from _text(root.text)
    open_elements = [(None, iter(root))]
    while open_elements:
        parent, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            if parent is None:
                continue
            yield {"type": "EndTag", "name": parent.tag, "namespace": None}
            child = parent
        elif not isinstance(child.tag, str):
            yield {"type": "Comment", "data": child.text or ""}
        elif child.tag in VOID:
            yield _tag("EmptyTag", child)
        else:
            yield _tag("StartTag", child)
            yield from _text(child.text)
            open_elements.append((child, iter(child)))
            continue
        yield from _text(child.tail)


def _tag(kind: str, element: Any) -> dict[str, Any]:
    attributes = {(None, name): value for name, value in element.attrib.items()}
    return {"type": kind, "name": element.tag, "namespace": None, "data": attributes}


def _text(text: str | None) -> Iterator[dict[str, Any]]:
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


class LastLook(_html5lib.Filter):  # type: ignore[misc]
    """A filter behind bleach's own: links say that they are not followed, if the site wants that."""

    def __init__(self, source: Any, nofollow: bool) -> None:
        super().__init__(source)
        self.nofollow = nofollow

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] in ("StartTag", "EmptyTag"):
                for name, value in token["data"].items():
                    if ">" in value:
                        token["data"][name] = value.replace(">", _GREATER)
                if self.nofollow and token["name"] == "a":
                    token["data"][(None, "rel")] = "nofollow"
            yield token


class PolicyCleaner(Cleaner):
    """bleach's Cleaner with a policy, and with a walk over the tree between its parser and its filter."""

    def __init__(self, walk: Walk) -> None:
        policy: Policy = walk.policy
        super().__init__(
            tags=policy.tags,
            attributes=partial(keeps, policy, walk.id_prefix),
            protocols=LINK_SCHEMES | {"data"} if policy.data_images else LINK_SCHEMES,
            strip=True,
            strip_comments=True,
            filters=[partial(LastLook, nofollow=policy.nofollow)],
        )
        self.walk = walk
        self.parser = Parser(policy.element_depth)
        self.walker = self._walked  # type: ignore[assignment]
        self.serializer = _html5lib.HTMLSerializer(
            quote_attr_values="always", quote_char='"', omit_optional_tags=False, escape_lt_in_attrs=True, resolve_entities=False,
            sanitize=False, alphabetical_attributes=False, use_trailing_solidus=False, minimize_boolean_attributes=False,
        )  # fmt: skip

    def _walked(self, root: Any) -> Iterator[dict[str, Any]]:
        self.walk.run(root)
        return tokens(root)


def clean(text: str, walk: Walk) -> str:
    """The prepared markup as the walk and the policy leave it. Raises BoundError."""
    cleaned: str = PolicyCleaner(walk).clean(text)
    return cleaned.replace(_GREATER, "&gt;")
