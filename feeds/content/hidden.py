"""Which elements of a body nobody sees on the author's own page: a feed has neither styles nor scripts, and would show them."""

from __future__ import annotations

import re
from typing import Any

_NOT_DISPLAYED = re.compile(
    r"(?:\A|;)\s{0,9}(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}(?:hidden|collapse))(?:\s|;|!|\Z)", re.I
)
#: Pictures and frames that nobody sees are there to be fetched, not to be shown later.
_FETCHED = frozenset({"img", "amp-img", "iframe", "embed", "object"})
#: Elements that show and hide what follows them.
_SWITCHES = frozenset({"button", "label", "summary", "input"})


def is_hidden(element: Any, before: Any) -> bool:
    """Whether an element is hidden (HTML section 6.1, CSS `display: none`) and nothing shows it later.

    `before` is the sibling before it. What has an id, a class or data may be shown by a script, e.g. the second of several
    tabs: that is content, and stays.
    """
    attributes = element.attrib
    by_style = "style" in attributes and _NOT_DISPLAYED.search(attributes["style"]) is not None
    by_flag = "hidden" in attributes and attributes["hidden"].strip().casefold() != "until-found"
    if not (by_style or by_flag):
        return False
    hooks = [name for name in attributes if name.startswith("data-") or (name in ("id", "class") and element.tag not in _FETCHED)]
    if hooks or element.tag in ("math", "input"):
        return False
    switched = before is not None and (before.tag in _SWITCHES or "onclick" in before.attrib)
    return not (switched and element.tag not in _FETCHED)
