"""Which elements of a body nobody sees on the author's own page: a feed has neither styles nor scripts, and would show them."""

from __future__ import annotations

import re
from typing import Any

from feeds.lazy_patterns import lazy_pattern

_NOT_DISPLAYED = lazy_pattern(
    r"(?:\A|;)\s{0,9}(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}(?:hidden|collapse)|(?:opacity|font-size)\s{0,9}:\s{0,9}0"
    r"(?:\.0{1,9})?(?:px|em|rem|pt|%)?)(?:\s|;|!|\Z)",
    re.I,
)
#: Classes with which an author keeps a part out of feeds.
_FEED_CLASSES = frozenset({
    "no-rss", "norss", "no-feed", "nofeed", "rss-hidden", "rss-hide", "hide-rss", "hide-in-rss", "hidden-in-rss", "rss-exclude", "feed-hidden",
    "feed-hide", "hide-in-feed", "hidden-in-feed", "feed-exclude", "exclude-from-feed", "exclude-from-rss", "not-in-feed", "not-in-rss",
})  # fmt: skip
#: Classes of CSS frameworks that hide: Bootstrap, Tailwind, Bulma, UIkit, Foundation, Materialize, Primer.
_HIDING_CLASSES = frozenset(
    {"hidden", "d-none", "is-hidden", "uk-hidden", "hide", "display-none", "invisible", "u-hidden", "is-invisible"}
)
#: Attributes of Vue and Alpine that hide an element if they are false.
_CONDITIONS = ("v-if", "v-show", "x-if", "x-show")
#: Pictures and frames that nobody sees are there to be fetched, not to be shown later.
_FETCHED = frozenset({"img", "amp-img", "iframe", "embed", "object"})
#: Elements that show and hide what follows them.
_SWITCHES = frozenset({"button", "label", "summary", "input"})


def classes_hide(classes: list[str]) -> bool:
    """Whether classes, in lower case, hide an element wherever it is shown, or in feeds.

    With another class beside it, e.g. `hidden md:block`, it is shown somewhere, or by a script.
    """
    return not _FEED_CLASSES.isdisjoint(classes) or (bool(classes) and _HIDING_CLASSES.issuperset(classes))


def _has_hooks(attributes: Any) -> bool:
    """Whether a script may find the element by its id or its data."""
    return any(name == "id" or name.startswith("data-") for name in attributes)


def is_hidden(element: Any, before: Any) -> bool:
    """Whether an element is hidden (HTML sections 6.1 and 4.11.4, CSS `display: none`) and nothing shows it later.

    `before` is the sibling before it. What has an id, a class or data may be shown by a script, e.g. the second of several
    tabs: that is content, and stays.
    """
    attributes = element.attrib
    if "class" in attributes:
        classes = attributes["class"].casefold().split()
        if classes_hide(classes) and (not _FEED_CLASSES.isdisjoint(classes) or not _has_hooks(attributes)):
            return True
    if any(attributes.get(name, "").strip() == "false" for name in _CONDITIONS):
        return True
    by_style = "style" in attributes and _NOT_DISPLAYED.search(attributes["style"]) is not None
    by_flag = "hidden" in attributes and attributes["hidden"].strip().casefold() != "until-found"
    by_tag = element.tag == "dialog" and "open" not in attributes
    if not (by_style or by_flag or by_tag):
        return False
    hooks = [name for name in attributes if name.startswith("data-") or (name in ("id", "class") and element.tag not in _FETCHED)]
    if hooks or element.tag in ("math", "input"):
        return False
    switched = before is not None and (before.tag in _SWITCHES or "onclick" in before.attrib)
    return not (switched and element.tag not in _FETCHED)
