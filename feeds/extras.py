"""Elements that a site adds to its feeds, as values: what they are called, where they stand, what they say. Pure.

A site declares an element once (`[elements]` in feeds.toml); front matter and facts of the entry fill it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from feeds.lazy_patterns import lazy_pattern

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
_PLACEHOLDER = lazy_pattern(r"\{([^{}]{1,100})\}")


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


#: What a value may be, by the name of its form: how people are told of it.
EXPECTED = {
    "url": "an address of http or https", "count": "a whole number", "latitude": "a number from -90 to 90",
    "longitude": "a number from -180 to 180", "number": "a number", "point": "a latitude and a longitude, e.g. 48.2 16.37",
    "color": "six hexadecimal digits, e.g. 00aa00",
}  # fmt: skip
#: The forms of what stands in elements of KNOWN: by prefix and name, then by attribute, "" for the text.
_FORMS: Mapping[str, Mapping[str, str]] = {
    "creativeCommons:license": {"": "url"},
    "geo:lat": {"": "latitude"},
    "geo:long": {"": "longitude"},
    "geo:alt": {"": "number"},
    "georss:point": {"": "point"},
    "slash:comments": {"": "count"},
    "thr:in-reply-to": {"source": "url"},
    "thr:total": {"": "count"},
    "webfeeds:accentColor": {"": "color"},
    "webfeeds:cover": {"image": "url"},
    "webfeeds:icon": {"": "url"},
    "webfeeds:logo": {"": "url"},
    "wfw:comment": {"": "url"},
    "wfw:commentRss": {"": "url"},
}
_ADDRESSES = frozenset({"href", "url", "src", "resource"})
_DEGREES = {"latitude": 90, "longitude": 180, "number": 1_000_000}
_NUMBER = lazy_pattern(r"[+-]?[0-9]{1,7}(?:\.[0-9]{1,15})?")


def form_of(extra: Extra, attribute: str = "") -> str | None:
    """The form of an attribute's value, or of the element's text; None for any text."""
    is_ours = KNOWN.get(extra.prefix) == extra.namespace
    form = _FORMS.get(f"{extra.prefix}:{extra.name}", {}).get(attribute) if is_ours else None
    return form or ("url" if attribute in _ADDRESSES else None)


def in_form(form: str | None, value: str, url_of: Callable[[str], str | None]) -> str | None:
    """A value as its form has it, an address made absolute by `url_of`; None if it is not of that form."""
    if form is None or not value:
        return value
    if form == "url":
        return url_of(value)
    if form == "count":
        return value if value.isascii() and value.isdecimal() and len(value) < 10 else None
    if form == "color":
        digits = value.removeprefix("#")
        return digits if re.fullmatch(r"[0-9A-Fa-f]{6}", digits) else None
    if form == "point":
        latitude, _, longitude = " ".join(value.replace(",", " ").split()).partition(" ")
        right = in_form("latitude", latitude, url_of) and longitude and in_form("longitude", longitude, url_of)
        return f"{latitude} {longitude}" if right else None
    return value if _NUMBER.fullmatch(value) and abs(float(value)) <= _DEGREES[form] else None


def filled(
    declared: Extra,
    value_of: Callable[[str], str | None],
    url_of: Callable[[str], str | None],
    wrong: Callable[[Extra, str, str], None] | None = None,
) -> Extra | None:
    """The element with its values; None if one is missing, or is not of its form, which `wrong` is told with the value.

    `url_of` makes addresses absolute.
    """

    def value(name: str, template: str, *, child: bool = False) -> str | None:
        written = fill(template, value_of)
        form = form_of(declared, name) if not child or name in _ADDRESSES else None
        result = in_form(form, written, url_of) if written is not None else None
        if written is not None and result is None and wrong is not None:
            wrong(declared, written, form or "")
        return result

    text = value("", declared.text)
    attributes = [(name, value(name, template)) for name, template in declared.attributes]
    children = [(name, value(name, template, child=True)) for name, template in declared.children]
    if text is None or any(value is None for _, value in (*attributes, *children)):
        return None
    return Extra(
        declared.prefix, declared.namespace, declared.name, text,
        tuple((name, value or "") for name, value in attributes), tuple((name, value or "") for name, value in children),
        declared.formats, declared.json,
    )  # fmt: skip


def extra_from(facts: list[Any]) -> Extra:
    """An element from what `dataclasses.astuple` made of one, as JSON has it."""
    prefix, namespace, name, text, attributes, children, formats, json = facts
    attributes, children = (tuple((key, value) for key, value in some) for some in (attributes, children))
    return Extra(prefix, namespace, name, text, attributes, children, tuple(formats), json)
