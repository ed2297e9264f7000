"""Elements that a site adds to its feeds, as values: what they are called, where they stand, what they say. Pure.

A site declares an element once (`[elements]` in feeds.toml); front matter and facts of the entry fill it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ATOM = "http://www.w3.org/2005/Atom"
#: Prefix -> namespace of what sites add most; a site can name others.
KNOWN: Mapping[str, str] = {
    "atom": ATOM,
    "cc": "http://web.resource.org/cc/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "georss": "http://www.georss.org/georss",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "source": "http://source.scripting.com/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "webfeeds": "http://webfeeds.org/rss/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_PLACEHOLDER = re.compile(r"\{([^{}]{1,100})\}")


@dataclass(frozen=True, slots=True)
class Extra:
    """One element with its values. `namespace` "" is none; `json` is the name of the extension in JSON Feed, None for none."""

    prefix: str
    namespace: str
    name: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[tuple[str, str], ...] = ()
    formats: tuple[str, ...] = ("rss", "atom")
    json: str | None = None


def placeholders(template: str) -> tuple[str, ...]:
    """The names in braces."""
    return tuple(_PLACEHOLDER.findall(template))


def fill(template: str, value_of: Callable[[str], str | None]) -> str | None:
    """The template with its `{name}` replaced; None if one of them has no value."""
    values = {name: value_of(name) for name in placeholders(template)}
    if not all(values.values()):
        return None
    return _PLACEHOLDER.sub(lambda match: values[match[1]] or "", template)


def filled(declared: Extra, value_of: Callable[[str], str | None], url_of: Callable[[str], str | None]) -> Extra | None:
    """The element with its values; None if one is missing. `url_of` makes addresses absolute."""
    text = fill(declared.text, value_of)
    parts = []
    for pairs in (declared.attributes, declared.children):
        said = [(name, fill(template, value_of)) for name, template in pairs]
        said = [(name, url_of(value) if value and name in ("href", "url", "src", "resource") else value) for name, value in said]
        parts.append(said)
    if text is None or any(value is None for part in parts for _, value in part):
        return None
    attributes, children = (tuple((name, value or "") for name, value in part) for part in parts)
    return Extra(
        declared.prefix, declared.namespace, declared.name, text, attributes, children, declared.formats, declared.json
    )  # fmt: skip


def extra_from(facts: list[Any]) -> Extra:
    """An element from what `dataclasses.astuple` made of one, as JSON has it."""
    prefix, namespace, name, text, attributes, children, formats, json = facts
    attributes, children = (tuple((key, value) for key, value in some) for some in (attributes, children))
    return Extra(prefix, namespace, name, text, attributes, children, tuple(formats), json)
