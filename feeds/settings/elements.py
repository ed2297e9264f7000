"""The tables [elements."prefix:name"]: elements of the site's own. In come values, out go declared elements, or what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds import extras
from feeds.extras import Extra
from feeds.lazy_patterns import lazy_pattern
from feeds.model import clean_text
from feeds.settings.kinds import Kind, WrongValueError, choice, describe, nearest, some_of, string
from feeds.urls import resolve

_NAME = lazy_pattern(r"(?:([A-Za-z_][\w.-]{0,60}):)?([A-Za-z_][\w.-]{0,60})", re.ASCII)
_URI = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:[!-~]{1,200}")
_JSON = lazy_pattern(r"_[A-Za-z]\w{0,60}", re.ASCII)
#: For addresses that are relative to the site's, which is not known yet.
_ANY_BASE = "https://site.invalid/"
#: What only this program writes, by namespace; and single elements of others.
_OURS = frozenset({
    "http://purl.org/rss/1.0/modules/content/", "http://search.yahoo.com/mrss/", "http://purl.org/syndication/history/1.0",
    "http://www.itunes.com/dtds/podcast-1.0.dtd", "https://podcastindex.org/namespace/1.0", "http://www.w3.org/1999/xhtml",
})  # fmt: skip
_OUR_NAMES = frozenset({
    "title", "link", "description", "language", "copyright", "managingEditor", "pubDate", "lastBuildDate", "category",
    "generator", "docs", "cloud", "ttl", "image", "item", "channel", "rss", "author", "comments", "enclosure", "guid", "id",
    "updated", "published", "summary", "content", "rights", "icon", "logo", "subtitle", "feed", "entry", "contributor",
})  # fmt: skip
_OUR_RELATIONS = frozenset({
    "self", "alternate", "hub", "enclosure", "related", "canonical", "replies", "prev-archive", "next-archive", "current", "next",
    "previous", "first", "last",
})  # fmt: skip
#: What a placeholder of the channel may name.
CHANNEL_FACTS = ("title", "base_url", "home_page_url")


def _template(value: object) -> str:
    text = clean_text(string(value, TEMPLATE.allowed)).strip()
    if len(text) > 2000 or re.search(r"[{}]", re.sub(r"\{[^{}]{1,100}\}", "", text)):
        raise WrongValueError(f"{describe(value)} holds a brace that nothing closes or opens", TEMPLATE.allowed)
    return text


TEMPLATE = Kind(_template, 'text, with front matter keys in braces, e.g. "{latitude}"')


def _templates(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        raise WrongValueError(f"{describe(value)} is not a table", 'a table, e.g. { url = "{comments_feed}" }')
    for name in value:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or ":" in name or name.lower().startswith("xml"):
            raise WrongValueError(f"{describe(name)} is not a name", "letters, digits, hyphens")
    return tuple((name, _template(template)) for name, template in value.items())


TEMPLATES = Kind(_templates, 'a table of names and texts, e.g. { url = "{comments_feed}" }')


def _namespace(value: object) -> str:
    text = string(value, NAMESPACE.allowed).strip()
    if not _URI.fullmatch(text):
        raise WrongValueError(f"{describe(value)} is not an address", NAMESPACE.allowed)
    return text


NAMESPACE = Kind(_namespace, 'the address of a namespace, e.g. "http://www.georss.org/georss"')


def _json(value: object) -> str:
    text = string(value, JSON.allowed).strip()
    if not _JSON.fullmatch(text):
        raise WrongValueError(f"{describe(value)} is not the name of an extension", JSON.allowed)
    return text


JSON = Kind(_json, 'a name that begins with "_" and a letter, e.g. "_geo"')
#: What stands in a table [elements."…"].
ELEMENT: Mapping[str, Kind] = {
    "where": choice("channel", "entry"),
    "text": TEMPLATE,
    "attributes": TEMPLATES,
    "children": TEMPLATES,
    "namespace": NAMESPACE,
    "formats": some_of("rss", "atom", least=1),
    "json": JSON,
}


def _footer(value: object) -> str:
    text = " ".join(clean_text(string(value, FOOTER.allowed)).split())
    if not text or len(text) > 2000:
        raise WrongValueError(f"{len(text)} characters", "1 to 2000")
    for name in re.findall(r"\{([^{}]{0,100})\}", text):
        if not re.fullmatch(r"[\w.-]+(?:\|url)?", name):
            raise WrongValueError(f"{{{name}}} is not a placeholder", FOOTER.allowed)
    if re.search(r"[{}]", re.sub(r"\{[^{}]{0,100}\}", "", text)):
        raise WrongValueError(f"{describe(text)} holds a brace that nothing closes or opens", FOOTER.allowed)
    return text


FOOTER = Kind(_footer, "a line of HTML with placeholders, e.g. '<p><a href=\"{comments_url}\">Comments</a></p>'")


def _parameter(value: object) -> str:
    text = string(value, PARAMETER.allowed).strip()
    if not text or len(text) > 200 or clean_text(text) != text:
        raise WrongValueError(f"{describe(value)} is not a value of a parameter", PARAMETER.allowed)
    return text


PARAMETER = Kind(_parameter, 'text, e.g. utm_source = "feed"')


def declared(written: str, table: Mapping[str, Any]) -> tuple[str, Extra]:
    """Where an element stands, "channel" or "entry", and the element. Raises WrongValueError."""
    match = _NAME.fullmatch(written.strip())
    if match is None:
        raise WrongValueError(f"{describe(written)} is not the name of an element", 'a name with its prefix, e.g. "geo:lat"')
    prefix, name = match[1] or "", match[2]
    namespace = table.get("namespace") or extras.KNOWN.get(prefix, "")
    if prefix and not namespace:
        fix = nearest(prefix, extras.KNOWN) or 'write namespace = "http://…"'
        raise WrongValueError(
            f'the namespace of "{prefix}" is not known', "a namespace, or one of " + " ".join(extras.KNOWN), fix
        )
    if not prefix and namespace:
        raise WrongValueError("it has a namespace and no prefix", 'a name with its prefix, e.g. "geo:lat"')
    if prefix.lower().startswith("xml") or (prefix in extras.KNOWN and extras.KNOWN[prefix] != namespace):
        raise WrongValueError(f'the prefix "{prefix}" means another namespace', fix="write another prefix")
    attributes = table.get("attributes", ())
    if namespace in _OURS or (prefix, name) == ("dc", "creator") or (not prefix and name in _OUR_NAMES):
        raise WrongValueError("it is written by this program", fix="take it out: settings and front matter decide it")
    if namespace == extras.ATOM and (name != "link" or dict(attributes).get("rel", "alternate").casefold() in _OUR_RELATIONS):
        raise WrongValueError("it is written by this program", "atom:link with a rel of its own, e.g. license")
    if not (table.get("text") or attributes or table.get("children")):
        raise WrongValueError("it says nothing", "text, attributes or children")
    where = table.get("where", "entry")
    if where == "channel":
        used = {name for value in _values(table) for name in extras.placeholders(value)}
        for unknown in sorted(used - set(CHANNEL_FACTS)):
            raise WrongValueError(
                f"{{{unknown}}} is not known in the channel", " ".join(f"{{{channel_fact}}}" for channel_fact in CHANNEL_FACTS)
            )
    formats = table.get("formats") or (("rss", "atom") if prefix else ("rss",))
    extra = Extra(
        prefix, namespace, name, table.get("text", ""), attributes, table.get("children", ()), tuple(formats), table.get("json")
    )
    for attribute, value in (("", extra.text), *extra.attributes):
        form = extras.form_of(extra, attribute)
        if form and not extras.placeholders(value) and extras.in_form(form, value, lambda url: resolve(url, _ANY_BASE)) is None:
            raise WrongValueError(f"{describe(value)} is not {extras.EXPECTED[form]}")
    return where, extra


def _values(table: Mapping[str, Any]) -> list[str]:
    pairs = (*table.get("attributes", ()), *table.get("children", ()))
    return [table.get("text", ""), *(value for _, value in pairs)]
