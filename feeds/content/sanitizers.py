"""Untrusted HTML -> HTML of the policy: in come markup and the walk over its tree, out goes what a reader may get.

bleach by default, nh3 as the fast second; each behind one function, with the same tables. bleach and nh3 are imported here
and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from feeds.content.dom import Walk
from feeds.content.policy import DEAD, LINKS, RESOURCES, VOID, Policy
from feeds.urls import LINK_SCHEMES

#: Stands for ">" in attributes until html5lib has written them, which leaves it raw: readers that look for the end of
#: a tag by ">" would end it there. No XML character, so that no text holds it by then.
_GREATER = "\ufffe"
_CLASS = re.compile(r"language-[\w+#.-]{1,30}\Z")


def keep_attribute(policy: Policy, tag: str, name: str, value: str, id_prefix: str) -> bool:
    """Whether the policy lets an attribute through; URLs have been made absolute and checked by then, and are again."""
    if name == "class":
        return tag == "code" and bool(_CLASS.match(value))
    if name == "id":
        return bool(id_prefix) and value.startswith(id_prefix)
    if name not in policy.attributes(tag):
        return False
    if name in LINKS:
        return value.partition(":")[0] in LINK_SCHEMES
    if name in RESOURCES:
        return value.startswith(("https:", "http:")) or (policy.data_images and value.startswith("data:image/"))
    return True


def by_name(name: str) -> Callable[[str, Walk], str]:
    """The cleaner called "bleach" or "nh3"."""
    return {"bleach": _bleach, "nh3": _nh3}[name]


# bleach


@lru_cache
def _tools() -> Any:
    """bleach's parser, sanitiser and walker; and html5lib's serialiser, which escapes what the parser decoded."""
    from bleach import html5lib_shim, sanitizer
    from bleach._vendor.html5lib import HTMLParser  # type: ignore[import-not-found]
    from bleach._vendor.html5lib.serializer import HTMLSerializer  # type: ignore[import-not-found]
    from bleach._vendor.html5lib.treewalkers.base import TreeWalker  # type: ignore[import-not-found]

    # The stubs of bleach leave out what it takes from html5lib.
    shim: Any = html5lib_shim

    class Sanitizer(sanitizer.BleachSanitizerFilter):
        """bleach's filter on decoded text: entities have been resolved before, so that none is taken for markup."""

        def __iter__(self) -> Iterator[dict[str, Any]]:
            # bleach merges runs of text for its search of entities in them; here there is none to be found.
            return iter(self.sanitize_stream(shim.Filter.__iter__(self)))

        def sanitize_characters(self, token: dict[str, Any]) -> dict[str, Any]:
            return token

        def sanitize_uri_value(self, value: str, allowed_protocols: Any) -> str | None:
            # The walk made it absolute and checked its scheme on what a browser would open.
            return value

    class Walker(TreeWalker):  # type: ignore[misc]
        """The tokens of a tree. html5lib's own looks for every element among its siblings: quadratic on a long page."""

        def __iter__(self) -> Iterator[dict[str, Any]]:
            yield from self.text(self.tree.text or "")
            left = [(None, iter(self.tree))]
            while left:
                parent, children = left[-1]
                child = next(children, None)
                if child is None:
                    left.pop()
                    if parent is None:
                        continue
                    yield self.endTag(None, parent.tag)
                    child = parent
                elif not isinstance(child.tag, str):
                    yield self.comment(child.text or "")
                elif child.tag in VOID:
                    yield from self.emptyTag(None, child.tag, self._attributes(child))
                else:
                    yield self.startTag(None, child.tag, self._attributes(child))
                    yield from self.text(child.text or "")
                    left.append((child, iter(child)))
                    continue
                yield from self.text(child.tail or "")

        def _attributes(self, element: Any) -> dict[tuple[None, str], str]:
            return {(None, name): value for name, value in element.attrib.items()}

    class Cleaner:
        """One parse, one walk of ours, bleach's filter, one serialisation."""

        def __init__(self) -> None:
            # html5lib's own tokenizer, as bleach ships it: bleach's keeps the source of tags that it would show as text.
            self.parser = HTMLParser(namespaceHTMLElements=False)
            self.serializer = HTMLSerializer(
                quote_attr_values="always", quote_char='"', omit_optional_tags=False, escape_lt_in_attrs=True, resolve_entities=False,
                sanitize=False, alphabetical_attributes=False, use_trailing_solidus=False, minimize_boolean_attributes=False,
            )  # fmt: skip

        def clean(self, text: str, walk: Walk) -> str:
            # Not parseFragment: its last step loses elements that were fostered out of a table.
            self.parser._parse(text, innerHTML=True)
            dom = self.parser.tree.openElements[0]._element
            dom.tag = "div"
            walk.run(dom)
            policy, prefix = walk.policy, walk.id_prefix
            filtered = Sanitizer(
                source=Walker(dom),
                allowed_tags=policy.tags,
                attributes=lambda tag, name, value: keep_attribute(policy, tag, name, value, prefix),
                strip_disallowed_tags=True,
                strip_html_comments=True,
                allowed_protocols=LINK_SCHEMES,
            )
            return str(self.serializer.render(_finished(filtered, policy))).replace(_GREATER, "&gt;")

    return Cleaner


def _finished(tokens: Any, policy: Policy) -> Iterator[dict[str, Any]]:
    """The last look at each token: links say that they are not followed, where the site wants that."""
    for token in tokens:
        if token["type"] in ("StartTag", "EmptyTag"):
            for name, value in token["data"].items():
                if ">" in value:
                    token["data"][name] = value.replace(">", _GREATER)
        if policy.nofollow and token["type"] == "StartTag" and token["name"] == "a":
            token["data"][(None, "rel")] = "nofollow"
        yield token


def _bleach(text: str, walk: Walk) -> str:
    cleaned: str = _tools()().clean(text, walk)
    return cleaned


# nh3


def _nh3(text: str, walk: Walk) -> str:
    import nh3
    from lxml import etree, html

    root = html.fragment_fromstring(text, create_parent="div") if text.strip() else None
    if root is None:
        return ""
    walk.run(root)
    policy, prefix = walk.policy, walk.id_prefix
    markup = _inner(root, etree)
    cleaned = nh3.clean(
        markup,
        tags=set(policy.tags),
        clean_content_tags=set(DEAD - policy.tags),
        attributes=_nh3_attributes(policy),
        attribute_filter=lambda tag, name, value: value if keep_attribute(policy, tag, name, value, prefix) else None,
        url_schemes=set(LINK_SCHEMES) | ({"data"} if policy.data_images else set()),
        link_rel="nofollow" if policy.nofollow else None,
        strip_comments=True,
        generic_attribute_prefixes=set(),
    )
    return cleaned.replace("&nbsp;", "\u00a0")


def _inner(root: Any, etree: Any) -> str:
    whole: str = etree.tostring(root, encoding="unicode", method="html", with_tail=False)
    return whole[len("<div>") : -len("</div>")] if whole.startswith("<div>") else whole


def _nh3_attributes(policy: Policy) -> dict[str, set[str]]:
    made = {tag: set(policy.attributes(tag)) | {"id"} for tag in policy.tags}
    made["code"] |= {"class"}
    return made
