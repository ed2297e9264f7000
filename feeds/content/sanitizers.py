"""Untrusted HTML -> HTML of the policy: in come prepared markup and the walk over its tree, out goes what a reader may get.

bleach by default, nh3 as the fast second; each behind one function, with the same tables. nh3 is imported here, bleach in
bleach_cleaner.py, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from feeds.content.bounds import BoundError
from feeds.content.dom import Walk
from feeds.content.markup import Prepared
from feeds.content.policy import DEAD, Policy, keeps
from feeds.urls import LINK_SCHEMES

#: Elements that nh3's parser may make of formatting that nobody closes.
_REBUILT = 100_000


def by_name(name: str) -> Callable[[Prepared, Walk], str]:
    """The cleaner called "bleach" or "nh3"; it may raise BoundError."""
    return {"bleach": _bleach, "nh3": _nh3}[name]


def load(name: str) -> None:
    """Import what the cleaner of that name needs."""
    if name == "bleach":
        from feeds.content import bleach_cleaner  # noqa: F401
    else:
        import lxml.html  # noqa: F401
        import nh3  # noqa: F401


def _bleach(markup: Prepared, walk: Walk) -> str:
    from feeds.content.bleach_cleaner import clean

    return clean(markup, walk)


def _nh3(markup: Prepared, walk: Walk) -> str:
    import nh3
    from lxml import etree, html

    if not markup.text.strip():
        return ""
    if markup.rebuilt > _REBUILT:
        raise BoundError(f"it becomes more than {_REBUILT} elements")
    root = html.fragment_fromstring(markup.text, create_parent="div")
    walk.run(root)
    policy = walk.policy
    keep = partial(keeps, policy, walk.id_prefix)
    cleaned = nh3.clean(
        _inner(root, etree),
        tags=set(policy.tags),
        clean_content_tags=set(DEAD - policy.tags),
        attributes=_attributes(policy),
        # nh3 asks the filter about the attribute that it sets, too.
        attribute_filter=lambda tag, name, value: (
            value if (policy.nofollow and (tag, name) == ("a", "rel")) or keep(tag, name, value) else None
        ),
        url_schemes=set(LINK_SCHEMES) | ({"data"} if policy.data_images else set()),
        link_rel=None,
        set_tag_attribute_values={"a": {"rel": "nofollow"}} if policy.nofollow else None,
        strip_comments=True,
        generic_attribute_prefixes=set(),
    )
    return cleaned.replace("&nbsp;", "\u00a0")


def _attributes(policy: Policy) -> dict[str, set[str]]:
    """What `keeps` is asked about, by tag."""
    if not policy.allow_attributes and not policy.allow_tags:
        return _usual_attributes()
    return {tag: set(policy.attributes(tag)) | {"id"} | ({"class"} if tag == "code" else set()) for tag in policy.tags}


@lru_cache
def _usual_attributes() -> dict[str, set[str]]:
    policy = Policy()
    return {tag: set(policy.attributes(tag)) | {"id"} | ({"class"} if tag == "code" else set()) for tag in policy.tags}


def _inner(root: Any, etree: Any) -> str:
    markup: str = etree.tostring(root, encoding="unicode", method="html", with_tail=False)
    return markup[len("<div>") : -len("</div>")] if markup.startswith("<div>") else markup
