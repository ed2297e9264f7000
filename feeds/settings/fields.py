"""The table of settings, collected from the dataclasses: each dotted name of feeds.toml with its row, kind, flag and variable.

In come the rows, out go the tables that the sources, the command line, `feeds init` and the docs read. Must not read a source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field
from dataclasses import fields as dataclass_fields
from typing import Any, NamedTuple

from feeds.settings.addresses import URL
from feeds.settings.conditions import CONDITIONS
from feeds.settings.groups import Bounds, Paths, Sanitise, Visibility
from feeds.settings.kinds import EMAIL, FLAG, Kind, choice, line
from feeds.settings.markdown import ROWS
from feeds.settings.push import Push
from feeds.settings.rows import SettingGroup, SettingRow, row_of
from feeds.settings.settings import Settings
from feeds.settings.special_kinds import ATTRIBUTES, FILE, PATH, TAG

__all__ = [
    "ATTRIBUTES", "FEED", "FIELDS", "FLAGS", "GROUPS", "KINDS", "LOCAL", "NAMED", "PERSON", "SET", "SYNONYMS", "TABLES",
    "TAG", "variable_of",
]  # fmt: skip

#: The tables whose keys are settings, but for [markdown].
_CLASSES: Mapping[str, type] = {"paths": Paths, "push": Push, "bounds": Bounds, "sanitise": Sanitise, "visibility": Visibility}


class SettingField(NamedTuple):
    """One setting: its row, the default of its field (None if it has none to show), the group that it is in."""

    row: SettingRow
    default: object
    group: SettingGroup | None


def _default(attribute: Field[Any]) -> object:
    return None if attribute.default is MISSING else attribute.default


def _collected() -> Iterator[tuple[str, SettingField]]:
    for attribute in dataclass_fields(Settings):
        row = row_of(attribute)
        group: SettingGroup | None = attribute.metadata.get("group")
        if row is not None:
            yield row.name or attribute.name, SettingField(row, _default(attribute), None)
        elif attribute.name == "markdown":
            yield from ((f"markdown.{name}", SettingField(own, None, group)) for name, own in ROWS.items())
        elif group is not None:
            for inner in dataclass_fields(_CLASSES[attribute.name]):
                own_row = row_of(inner)
                if own_row is not None:
                    yield f"{attribute.name}.{inner.name}", SettingField(own_row, _default(inner), group)


#: Every setting by its dotted name, in the order of docs/settings.md.
FIELDS: Mapping[str, SettingField] = dict(_collected())

#: The tables whose keys are settings.
GROUPS = tuple(dict.fromkeys(name.partition(".")[0] for name in FIELDS if "." in name))
#: All tables of feeds.toml, besides `authors`.
TABLES = (
    *GROUPS,
    *(name for name, field in FIELDS.items() if "." not in name and (field.row.kind is None or field.row.names)),
    "authors",
)
#: How the value of each is checked; tables are not among them.
KINDS: Mapping[str, Kind] = {
    name: field.row.kind for name, field in FIELDS.items() if field.row.kind is not None and not field.row.names
}
#: Tables whose keys are the author's own names, and what stands under each.
NAMED: Mapping[str, Kind] = {name: field.row.kind for name, field in FIELDS.items() if field.row.kind and field.row.names}
#: Kinds whose relative paths begin where the setting was given.
LOCAL = (PATH, FILE)
#: The flag of each setting that has one.
FLAGS: Mapping[str, str] = {name: field.row.flag.partition(" ")[0] for name, field in FIELDS.items() if field.row.flag}

PERSON: Mapping[str, Kind] = {"name": line(300, empty=False), "url": URL, "email": EMAIL, "avatar": URL}
_OWN = {name: KINDS[name] for name in ("title", "description", "limit", "content")} | {"archive": FLAG}
FEED: Mapping[str, Kind] = {**_OWN, "exclude": CONDITIONS}
SET: Mapping[str, Kind] = {
    **_OWN, "any": CONDITIONS, "all": CONDITIONS, "none": CONDITIONS, "newest": choice("published", "updated"),
}  # fmt: skip

#: What other tools call a setting, so that a mistake can name ours.
SYNONYMS: Mapping[str, str] = {
    **{alias: name for name, field in FIELDS.items() for alias in field.row.aliases},
    **{
        alias: attribute.name
        for attribute in dataclass_fields(Settings)
        if isinstance(group := attribute.metadata.get("group"), SettingGroup)
        for alias in group.aliases
    },
}


def variable_of(name: str) -> str:
    """The variable of the environment that sets a setting: `paths.rss` is FEEDS_PATHS__RSS."""
    return "FEEDS_" + name.upper().replace(".", "__")
