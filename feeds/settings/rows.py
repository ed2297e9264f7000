"""One row a setting: what it takes, what it is for, an example, its flag. All that users read of a setting is made from it.

A row is the metadata of the dataclass field that holds the setting's value. feeds.settings.fields collects the rows;
feeds.settings.page makes docs/settings.md of them, feeds.migrate.init the comments of feeds.toml, feeds.cli the flags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any, Literal, TypeVar, cast

from feeds.settings.kinds import Kind

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """A setting. `summary` is its sentence in --help, feeds.toml and docs/settings.md; the last also holds `more`."""

    kind: Kind | None
    """How a value is checked; None for tables that feeds.settings.sources reads by itself."""
    summary: str
    more: str = ""
    """Further Markdown for the docs."""
    example: str
    """What stands behind "=" in feeds.toml, or whole lines for a table."""
    allowed: str = ""
    """What it takes, in words; default: what its kind says."""
    names: bool = False
    """A table whose keys are the author's own names, each value of `kind`."""
    section: str = ""
    """The heading that begins with this row."""
    flag: str = ""
    """The flag and the name of its value, e.g. "--title TEXT"."""
    affects: Literal["entries", "channel", "nothing"] = "entries"
    """What the setting decides: bytes of entries; only which entries a feed has and what surrounds them; no byte at all."""
    aliases: tuple[str, ...] = ()
    """What other tools call it, so that a mistake can name ours."""
    name: str = ""
    """The name in feeds.toml if it is not the field's."""
    secret: bool = False
    """Whether its value must not stand in a log: it is not in the `repr` of the settings."""
    in_init: bool = True
    """Whether `feeds init` shows it as a comment."""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """A table of settings in feeds.toml, e.g. [paths]: its heading and introduction in the docs, other tools' names of it."""

    section: str
    introduction: str
    aliases: tuple[str, ...] = ()
    affects: Literal["entries", "channel", "nothing"] = "entries"
    """As `SettingRow.affects`, for all settings of the group."""


def row(kind: Kind | None, summary: str, **facts: Any) -> Mapping[str, SettingRow]:
    """Metadata of a field without a default."""
    return {"row": SettingRow(kind=kind, summary=summary, **facts)}


def setting(default: _T, kind: Kind | None, summary: str, **facts: Any) -> _T:
    """A field of a settings dataclass with its row: to type checkers, the default that it has."""
    metadata = row(kind, summary, **facts)
    shown = not metadata["row"].secret
    result: Any = (
        field(default_factory=dict, metadata=metadata) if default == {} else field(default=default, metadata=metadata, repr=shown)
    )
    return cast("_T", result)


def row_of(attribute: Field[Any]) -> SettingRow | None:
    """The row of a dataclass field; None if it is not a setting."""
    return attribute.metadata.get("row")


def affects(attribute: Field[Any]) -> str:
    """What a field of `Settings` decides, a setting or a group: "entries", "channel" or "nothing"."""
    facts: SettingRow | SettingGroup | None = row_of(attribute) or attribute.metadata.get("group")
    return facts.affects if facts is not None else "entries"


def in_plain_words(text: str) -> str:
    """A summary without Markdown: a link to a page of the docs becomes its path."""
    return re.sub(r"\[[^\[\]]+\]\(([\w-]+\.md)\)", r"docs/\1", text).replace("`", "")
