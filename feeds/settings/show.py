"""The tables [show."…"]: what a feed says of itself as a podcast. In come values, out go checked ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from feeds import shows
from feeds.pickled import PickledByName
from feeds.settings.addresses import SERVICE, URL
from feeds.settings.kinds import EMAIL, FLAG, Kind, WrongValueError, choice, describe, line, nearest, string, whole
from feeds.shows import Credit, Funding, Recipient, ShowFacts, Value


def _category(value: object) -> str:
    text = " ".join(string(value, CATEGORY.allowed).split())
    above, slash, below = (part.strip() for part in text.partition(" / "))
    by_folded = {name.casefold(): name for name in shows.CATEGORIES}
    name = by_folded.get(above.casefold())
    if name is None:
        parent = next(
            (
                parent_name
                for parent_name, subcategories in shows.CATEGORIES.items()
                if above.casefold() in map(str.casefold, subcategories)
            ),
            None,
        )
        fix = f'write "{parent} / {above}"' if parent else nearest(above, shows.CATEGORIES)
        raise WrongValueError(f"{describe(above)} is not one of Apple's categories", CATEGORY.allowed, fix)
    if not slash:
        return name
    inner = {category.casefold(): category for category in shows.CATEGORIES[name]}.get(below.casefold())
    if inner is None:
        allowed = ", ".join(shows.CATEGORIES[name]) or "no subcategory"
        raise WrongValueError(
            f'{describe(below)} is not a subcategory of "{name}"', allowed, nearest(below, shows.CATEGORIES[name])
        )
    return f"{name} / {inner}"


CATEGORY = Kind(_category, 'categories of Apple\'s list, e.g. "Technology" or "Society & Culture / Documentary"')


def _guid(value: object) -> str:
    text = string(value, GUID.allowed).strip().lower()
    if not re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise WrongValueError(f"{describe(value)} is not a UUID", GUID.allowed)
    return text


GUID = Kind(_guid, 'a UUID, e.g. "917393e3-1b1e-5cef-ace4-edaa54e1f810"')
SPLIT = whole(1, 1_000_000)
_NAME, _WORD = line(300, empty=False), line(100, empty=False)


def table_of(constructor: Callable[..., Any], kinds: Mapping[str, Kind], needed: tuple[str, ...], example: str) -> Kind:
    """A table with these keys, read into `constructor`; a mistake names the key."""
    allowed = f"a table, e.g. {example}"

    def read(value: object) -> Any:
        if not isinstance(value, Mapping):
            raise WrongValueError(f"{describe(value)} is not a table", allowed)
        facts = {}
        for key, inner in value.items():
            if inner is None:
                continue
            if key not in kinds:
                raise WrongValueError(f"{describe(key)} is not known", allowed, nearest(str(key), kinds))
            try:
                facts[key] = kinds[key].read(inner)
            except WrongValueError as wrong:
                raise WrongValueError(f"{key}: {wrong.what}", wrong.expected, wrong.fix) from None
        for key in needed:
            if key not in facts:
                raise WrongValueError(f"it has no {key}", allowed)
        return constructor(**facts)

    return Kind(read, allowed)


def several(kind: Kind) -> Kind:
    """A list of tables."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise WrongValueError(f"{describe(value)} is not a list", f"a list of tables; each {kind.allowed}")
        return tuple(kind.read(item) for item in value)

    return Kind(read, f"a list of tables; each {kind.allowed}", "list")


CREDIT = table_of(
    Credit, {"name": _NAME, "role": _WORD, "group": _WORD, "url": URL, "image": URL}, ("name",), '{ name = "Ada", role = "host" }'
)
FUNDING = table_of(
    Funding, {"url": SERVICE, "text": line(128, empty=False)}, ("url", "text"), '{ url = "https://…", text = "Support us" }'
)
RECIPIENT = table_of(
    Recipient,
    {
        "name": _NAME,
        "type": choice("node", "wallet", "keysend", "lnaddress"),
        "address": line(500, empty=False),
        "split": SPLIT,
        "custom_key": _NAME,
        "custom_value": line(500, empty=False),
        "fee": FLAG,
    },
    ("name", "type", "address", "split"),
    '{ name = "Ada", type = "node", address = "02d5…", split = 100 }',
)
VALUE = table_of(
    Value,
    {"type": _WORD, "method": _WORD, "suggested": _WORD, "recipients": several(RECIPIENT)},
    ("type", "method", "recipients"),
    '{ type = "lightning", method = "keysend", recipients = [ … ] }',
)


def _categories(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise WrongValueError(f"{describe(value)} is not a list", f"a list of {CATEGORY.allowed}", 'write ["Technology"]')
    return tuple(dict.fromkeys(CATEGORY.read(item) for item in value))


#: What stands in a table [show."…"].
SHOW: Mapping[str, Kind] = {
    "author": _NAME,
    "categories": Kind(_categories, f"a list of {CATEGORY.allowed}", "list"),
    "image": URL,
    "explicit": FLAG,
    "type": choice(*shows.TYPES),
    "owner_name": _NAME,
    "owner_email": EMAIL,
    "block": FLAG,
    "complete": FLAG,
    "new_feed_url": SERVICE,
    "guid": GUID,
    "locked": FLAG,
    "medium": choice(*shows.MEDIUMS, *(f"{name}L" for name in shows.MEDIUMS)),
    "license": line(128, empty=False),
    "license_url": SERVICE,
    "funding": several(FUNDING),
    "people": several(CREDIT),
    "value": VALUE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSettings(ShowFacts, PickledByName):
    """One table [show."…"]. `categories` are as written, e.g. "Society & Culture / Documentary"; None: the default applies."""

    author: str | None = None
    categories: tuple[str, ...] = ()
    guid: str | None = None
