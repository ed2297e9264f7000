"""Settings that a program made by itself, checked as those of feeds.toml are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from feeds.errors import SettingsError
from feeds.model import Person
from feeds.settings.assemble import assemble
from feeds.settings.elements import ELEMENT
from feeds.settings.fields import FEED, KINDS, NAMED, PERSON, SET
from feeds.settings.groups import FeedSettings, SetSettings
from feeds.settings.settings import Settings
from feeds.settings.show import SHOW, ShowSettings
from feeds.settings.sources import TableReader, ValueReader, dotted

#: Tables by name, and what their values are.
_CLASSES = {"people": Person, "feeds": FeedSettings, "shows": ShowSettings, "elements": Mapping, "sets": SetSettings}


class _Values(TableReader):
    """Reads the tables of a `Settings`; mistakes name them as its attributes."""

    def __init__(self, reader: ValueReader) -> None:
        self.reader = reader

    def where(self, *keys: str) -> str:
        """The attribute, e.g. `Settings.paths.rss`."""
        return f"Settings.{dotted(keys)}"


def validated(settings: Settings) -> Settings:
    """The settings with every value checked and normalised. Raises SettingsError with every mistake at once."""
    reader = ValueReader()
    _check_types(settings, reader)
    if reader.mistakes:
        raise SettingsError(tuple(reader.mistakes))
    reader.posts_by_config = settings.posts_by_config
    tables = _Values(reader)
    cwd = Path.cwd()
    for name in KINDS:
        value = _value(settings, name)
        if value is not None:
            reader.set(name, value, tables.where(name), cwd)
    if settings.authors:
        reader.authors([_facts(person) for person in settings.authors], tables.where, "authors")
    tables.tables("people", {name: _facts(person) for name, person in settings.people.items()}, PERSON)
    tables.tables("feed", {path: _facts(feed) for path, feed in settings.feeds.items()}, FEED)
    tables.tables("show", {path: _facts(show) for path, show in settings.shows.items()}, SHOW)
    tables.tables("elements", {name: _element(table) for name, table in settings.elements.items()}, ELEMENT)
    tables.tables("set", {name: _facts(own) for name, own in settings.sets.items()}, SET)
    for name in NAMED:
        table = _attribute(settings, name)
        values = {key: list(value) if isinstance(value, tuple) else value for key, value in dict(table).items()}
        tables.names(name, tuple(name.split(".")), values)
    reader.named["dialect"] = dict(settings.dialect)
    reader.where |= {f"dialect.{name}": tables.where("dialect", name) for name in settings.dialect}
    checked = assemble(reader, settings.config, cwd, need_base_url=True) if not reader.mistakes else None
    if checked is None:
        raise SettingsError(tuple(reader.mistakes))
    return checked


def _check_types(settings: Settings, reader: ValueReader) -> None:
    """Note the groups, and values of tables, that are no instances of their class."""
    values: list[tuple[str, object, Any]] = [
        (f"Settings.{field.name}", getattr(settings, field.name), field.default_factory)
        for field in fields(settings)
        if "group" in field.metadata
    ]
    for name, expected in _CLASSES.items():
        values += [(f"Settings.{dotted((name, key))}", value, expected) for key, value in getattr(settings, name).items()]
    values += [("Settings.authors", person, Person) for person in settings.authors]
    for where, value, expected in values:
        if not isinstance(value, expected):
            reader.mistake(where, f"it is of the class {type(value).__name__}", expected.__name__)


def _attribute(settings: Settings, name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part)
    return value


def _value(settings: Settings, name: str) -> object:
    """The attribute as TOML would have it; None if it is the default."""
    value = _attribute(settings, name)
    if name == "authority" and value == settings.default_authority:
        return None
    group, _, inner = name.rpartition(".")
    if group == "markdown":
        return value
    owner = getattr(settings, group) if group else settings
    defaults = {attribute.name: attribute.default for attribute in fields(owner)}
    if value == defaults[inner or name] and name not in ("posts", "output", "state"):
        return None
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _element(table: Mapping[str, object]) -> dict[str, object]:
    """A table of [elements] as TOML has it: pairs of names and texts are tables again."""
    pairs = {name: dict(table[name]) for name in ("attributes", "children") if name in table}  # type: ignore[call-overload]
    return {**table, **pairs}


def _facts(value: Person | FeedSettings | ShowSettings) -> dict[str, object]:
    return {name: fact for name, fact in asdict(value).items() if fact not in (None, ())}
