"""The three sources of settings: in come feeds.toml, FEEDS_* variables and flags, out go checked values and mistakes.

Each value is checked where it was found, so that a mistake names its line, variable or flag. What one setting says
about another is decided in assemble.py. Must not open posts.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from feeds import settings_path
from feeds.errors import sentence
from feeds.lazy_patterns import lazy_pattern
from feeds.model import clean_text
from feeds.settings.addresses import OWN_PATH, URL
from feeds.settings.elements import ELEMENT
from feeds.settings.fields import (
    ATTRIBUTES,
    FEED,
    FLAGS,
    GROUPS,
    KINDS,
    LOCAL,
    NAMED,
    PERSON,
    SET,
    SYNONYMS,
    TABLES,
    TAG,
    variable_of,
)  # fmt: skip
from feeds.settings.kinds import Kind, WrongValueError, describe, from_text, nearest
from feeds.settings.show import SHOW
from feeds.settings.toml_file import SettingsDocument

#: Variables that are no settings.
OTHER_VARIABLES = frozenset({
    "FEEDS_CONFIG", "FEEDS_SERVE_FOLDER", "FEEDS_METRICS_PATH", "FEEDS_ACCESS_LOG", "FEEDS_LOG_LEVEL", "FEEDS_LOG_FORMAT",
    "FEEDS_HOST", "FEEDS_PORT", "FEEDS_SOCKET", "FEEDS_MAX_CONNECTIONS", "FEEDS_DELTAS", "FEEDS_QUERY_VIEWS",
})  # fmt: skip

#: Gives the place of a setting, named by its keys, as a mistake names it.
Where: TypeAlias = "Callable[..., str]"

#: Tables of tables, by name, with the keys of the inner ones.
_TABLES_BY_NAME: Mapping[str, Mapping[str, Kind]] = {
    "feed": FEED,
    "people": PERSON,
    "set": SET,
    "show": SHOW,
    "elements": ELEMENT,
}
#: What container hosts set by themselves for a service called "feeds".
_INJECTED = lazy_pattern(r"FEEDS_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?|NAME|ENV_.*)\Z")


def dotted(keys: Iterable[str]) -> str:
    """`feed."category/技术".limit`: the keys as TOML writes them."""
    return ".".join(key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key) for key in keys)


def _quoted(key: str) -> str:
    from json import dumps

    return dumps(clean_text(key), ensure_ascii=False)


class ValueReader:
    """Checks the values of one source after another; a later one replaces an earlier one.

    `values` maps dotted names to checked values, `named` the tables of the author's own names, `where` each of their
    names to the place that sets it, `mistakes` holds the sentences. `posts_by_config`: as in `Settings`.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.named: dict[str, dict[str, Any]] = {}
        self.where: dict[str, str] = {}
        self.mistakes: list[str] = []
        self.posts_by_config = False

    def mistake(self, where: str, what: str, expected: str = "", fix: str = "") -> None:
        self.mistakes.append(sentence(what, where=where, expected=expected, fix=fix))

    def read(self, kind: Kind, value: object, where: str) -> Any:
        """The checked value, or None once the mistake is noted."""
        try:
            return kind.read(value)
        except WrongValueError as wrong:
            self.mistake(where, wrong.what, wrong.expected, wrong.fix)
            return None

    def set(self, name: str, value: object, where: str, folder: Path) -> None:
        """One setting of the table of kinds; paths are taken from `folder`."""
        checked = self.read(KINDS[name], value, where)
        self.where[name] = where
        if checked is None:
            self.values.setdefault(name, None)
        elif KINDS[name] in LOCAL:
            if checked.startswith("~"):
                self.mistake(where, f"{describe(checked)} begins with ~", "a path", "write the whole path")
            else:
                self.values[name] = Path(os.path.normpath(folder / checked))
        else:
            self.values[name] = checked

    def authors(self, value: object, where: Where, key: str) -> None:
        """`author = "Name"`, a list of names, a table, or a list of tables."""
        people = []
        for item in value if isinstance(value, list | tuple) else [value]:
            person = {"name": item} if isinstance(item, str) else item
            if isinstance(person, dict) and "name" in person:
                people.append(self.table(person, PERSON, where, (key,)))
            else:
                what = "an author without a name" if isinstance(person, dict) else f"{describe(item)} is not an author"
                self.mistake(where(key), what, 'a name, or a table with "name"')
        self.values["authors"], self.where["authors"] = people, where(key)

    def table(self, table: Mapping[str, Any], kinds: Mapping[str, Kind], where: Where, keys: tuple[str, ...]) -> dict[str, Any]:
        """A small table whose keys are known; what is wrong in it is noted and left out."""
        results = {}
        for key, value in table.items():
            if key in kinds:
                checked = self.read(kinds[key], value, where(*keys, key))
                if checked is not None:
                    results[key] = checked
            else:
                self.unknown(where(*keys, key), key, kinds, keys)
        return results

    def unknown(self, where: str, key: str, known: Iterable[str], keys: tuple[str, ...] = ()) -> None:
        """A key that nothing knows: name the nearest that something does."""
        if len(self.mistakes) > MOST_MISTAKES:
            self.mistake(where, "is not a setting")
            return
        known = list(known)
        folded = key.casefold().replace("-", "_")
        homes = [name for name in KINDS if name.endswith(f".{folded}")] if not keys else []
        fix = f"write it under [{homes[0].partition('.')[0]}]" if homes else nearest(folded, known)
        if not keys and not fix and folded in SYNONYMS:
            fix = f'did you mean "{SYNONYMS[folded]}"?'
        if keys and not fix and (key in KINDS or key in TABLES):
            fix = f"{key} is a setting of the whole site: write it above the first [table]"
        self.mistake(where, "is not a setting", "" if fix else f"one of {', '.join(sorted(known))}", fix)


#: So many mistakes are listed at once; more are counted.
MOST_MISTAKES = 100


class TableReader(ABC):
    """Reads tables whose keys are the author's own names."""

    reader: ValueReader

    @abstractmethod
    def where(self, *keys: str) -> str:
        """How a mistake names the setting under these keys."""

    def tables(self, key: str, table: Mapping[str, Any], kinds: Mapping[str, Kind]) -> None:
        """`[feed."category/技术"]`, `[people."张三"]`."""
        results: dict[str, Any] = {}
        for written, value in table.items():
            where = self.where(key, written)
            name = self.reader.read(kinds["name"], written, where) if key == "people" else written
            if name is None:
                continue
            if name in results:
                self.reader.mistake(where, "is in it twice", fix="keep one of them")
            elif isinstance(value, dict):
                results[name] = self.reader.table(value, kinds, self.where, (key, written))
                self.reader.where[f"{key}.{name}"] = where
            else:
                shape = f"a table: [{dotted((key, written))}]"
                fix = f'the site\'s own feed is [{key}.""]' if key in ("feed", "show") and name in kinds else ""
                self.reader.mistake(where, f"{describe(value)} is not a table", shape, fix)
        self.reader.named[key] = results

    def names(self, name: str, keys: tuple[str, ...], table: Mapping[str, Any]) -> None:
        """A table of the author's own names, each with one value."""
        results = {}
        for written, value in table.items():
            where = self.where(*keys, written)
            kind, key = NAMED[name], written
            if name == "moved":
                key = self.reader.read(OWN_PATH, written, where)
                if key is None:
                    continue
            if kind is ATTRIBUTES and key != "*":
                self.reader.read(TAG, key, where)
            if name == "moved" and isinstance(value, str) and re.match(r"https?://", value, re.IGNORECASE):
                kind = URL
            checked = self.reader.read(kind, value, where)
            if checked is not None:
                results[key] = checked
            self.reader.where[f"{name}.{key}"] = where
        self.reader.named[name] = results


class FileReader(TableReader):
    """Walks the tree of the settings file."""

    def __init__(self, reader: ValueReader, document: SettingsDocument) -> None:
        self.reader, self.document = reader, document

    def where(self, *keys: str) -> str:
        line = self.document.line(keys)
        return f"{self.document.name}:{line}: {dotted(keys)}" if line else f"{self.document.name}: {dotted(keys)}"

    def read(self) -> None:
        top = [name for name in KINDS if "." not in name]
        for key, value in self.document.tree.items():
            if key in top:
                self.reader.set(key, value, self.where(key), self.document.path.parent)
            elif key in ("author", "authors"):
                self.reader.authors(value, self.where, key)
            elif key not in TABLES:
                self.reader.unknown(self.where(key), key, [*top, *TABLES])
            elif not isinstance(value, dict):
                self.reader.mistake(self.where(key), f"{describe(value)} is not a table", f"a table: [{key}]")
            elif key in GROUPS:
                self.group(key, value)
            elif key == "dialect":
                # Which options there are depends on `generator`: assemble.py checks them.
                self.reader.named[key] = value
                self.reader.where |= {f"dialect.{name}": self.where(key, name) for name in value}
            elif key in _TABLES_BY_NAME:
                self.tables(key, value, _TABLES_BY_NAME[key])
            else:
                self.names(key, (key,), value)

        if {"author", "authors"} <= self.document.tree.keys():
            self.reader.mistake(self.where("authors"), "is set, and so is author", fix="keep one of them")

    def group(self, group: str, table: Mapping[str, Any]) -> None:
        known = [name.partition(".")[2] for name in (*KINDS, *NAMED) if name.startswith(f"{group}.")]
        for key, value in table.items():
            name = f"{group}.{key}"
            if name in KINDS:
                self.reader.set(name, value, self.where(group, key), self.document.path.parent)
            elif name not in NAMED:
                self.reader.unknown(self.where(group, key), key, known, (group,))
            elif isinstance(value, dict):
                self.names(name, (group, key), value)
            else:
                self.reader.mistake(self.where(group, key), f"{describe(value)} is not a table", f"a table: [{name}]")


def _told(source: str) -> Where:
    """How mistakes name a variable or flag."""
    return lambda *keys: f"{source}: {dotted(keys[1:])}" if len(keys) > 1 else source


def read_variables(reader: ValueReader, environ: Mapping[str, object], cwd: Path) -> None:
    """Check every FEEDS_* variable: a text, or a value as feeds.toml has it. An empty one is as good as none."""
    names = {variable_of(name): name for name in KINDS}
    for variable in sorted(name for name in environ if name.startswith("FEEDS_")):
        value = environ[variable]
        is_set = value is not None and value != ""
        if variable in names:
            if is_set:
                reader.set(names[variable], _value(value, names[variable]), variable, cwd)
        elif variable in ("FEEDS_AUTHOR", "FEEDS_AUTHORS"):
            if is_set:
                reader.authors(_names(value, variable), _told(variable), "authors")
        elif variable not in OTHER_VARIABLES and not (_INJECTED.match(variable) and _by_host(variable, str(value))):
            _unknown_variable(reader, variable, names)


def _by_host(variable: str, value: str) -> bool:
    return variable != "FEEDS_PORT" or "://" in value


def _unknown_variable(reader: ValueReader, variable: str, names: Mapping[str, str]) -> None:
    rest = variable.removeprefix("FEEDS_").lower()
    table = next((name for name in TABLES if re.match(rf"{name}s?(_|\Z)", rest) and name not in GROUPS), None)
    if table:
        reader.mistake(
            variable, "is not a setting of the environment", fix=f"write the table [{table}] in {settings_path.FILE_NAME}"
        )
        return
    fix = nearest(variable, names)
    known = SYNONYMS.get(rest, "")
    if not fix and known in KINDS:
        fix = f'did you mean "{variable_of(known)}"?'
    reader.mistake(variable, "is not a setting", fix=fix or "docs/settings.md lists them; take it out")


def _names(value: object, name: str) -> object:
    """One author, or several with commas between them where the plural asks for them."""
    return from_text(value, "list") if isinstance(value, str) and name.lower().endswith("authors") else value


def _value(value: object, name: str) -> object:
    """The value of a setting as feeds.toml has it."""
    if isinstance(value, Path):
        return str(value)
    return from_text(value, KINDS[name].shape) if isinstance(value, str) else value


def read_flags(reader: ValueReader, flags: Mapping[str, object], cwd: Path) -> None:
    """Check every flag that was given; those that were not are None."""
    for name, value in flags.items():
        if value is None:
            continue
        flag = FLAGS.get(name) or ("POSTS" if name == "posts" else "--" + name.rpartition(".")[2].replace("_", "-"))
        if name in ("author", "authors"):
            reader.authors(_names(value, name), _told(flag), "authors")
        elif name in KINDS:
            reader.set(name, _value(value, name), flag, cwd)
        else:
            raise TypeError(f"{name!r} is not a setting")
