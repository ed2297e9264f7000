"""The text of a new feeds.toml: in come values, out goes a file that holds them and shows all other settings as comments.

Names, comments and values to show come from the table of settings. Must not write a file.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from feeds.settings.fields import FIELDS, GROUPS, KINDS, SettingField
from feeds.settings.rows import in_plain_words

#: Settings that are written even if nothing is known of them, with their defaults.
_ALWAYS = ("posts", "output")


def write(settings: Mapping[str, Any], generator: str = "") -> str:
    """The text of a feeds.toml that holds the settings, and shows every other one as a comment."""
    lines = ["# Settings of the feeds. Lines that begin with # show what can be set; docs/settings.md says more of each."]
    if generator:
        lines.append(f"# Some of it was taken from the settings of {generator} by `feeds init`.")
    for name, field in FIELDS.items():
        if "." not in name and name in KINDS:
            lines += _setting(name, field, settings)
    if settings.get("dialect"):
        lines += ["", f"# What {generator}'s own settings say besides; docs/generators.md has them all.", "[dialect]"]
        lines += _values(settings["dialect"])
    for name, field in FIELDS.items():
        if name not in KINDS and field.group is None and name != "dialect":
            lines += _table(name, field, settings.get(name, {}))
    for group in GROUPS:
        lines += _group(group, settings.get(group, {}))
    return "\n".join(lines) + "\n"


def _setting(name: str, field: SettingField, values: Mapping[str, Any]) -> Iterator[str]:
    """A setting of the whole site, below the heading that begins with it."""
    if field.row.section:
        yield from ("", f"# --- {field.row.section}")
    if not field.row.in_init and name not in values:
        return
    yield ""
    yield from _comment(field.row.summary)
    if name in values or name in _ALWAYS:
        yield f"{name} = {toml(values[name]) if name in values else _shown(field)}"
    else:
        # The address is left out rather than invented: a build then says that it is missing.
        yield f"# {name} = {_shown(field)}" + ("  # SET THIS" if name == "base_url" else "")


def _table(name: str, field: SettingField, values: Mapping[str, Any]) -> Iterator[str]:
    """A table of names that are the author's own, or of facts about one thing."""
    yield ""
    yield from _comment(field.row.summary)
    example = field.row.example.split("\n")
    if not values:
        yield from (f"# {line}" if line else "" for line in example)
        return
    yield f"[{name}]"
    yield from _values(values)
    if name == "author":
        yield from (f"# {line}" for line in example[1:] if line.partition(" = ")[0] not in values)


def _group(group: str, values: Mapping[str, Any]) -> Iterator[str]:
    """A table of settings, e.g. [paths]."""
    rows = {name.partition(".")[2]: field for name, field in FIELDS.items() if name.startswith(f"{group}.") and name in KINDS}
    shown = {name: field for name, field in rows.items() if field.row.in_init or name in values}
    if not shown:
        return
    introduction = next(field.group.introduction for field in shown.values() if field.group is not None)
    yield ""
    yield from _comment(introduction.partition(". ")[0].rstrip(".") + ".")
    yield f"[{group}]" if values else f"# [{group}]"
    for name, field in shown.items():
        yield from _comment(field.row.summary)
        yield f"{name} = {toml(values[name])}" if name in values else f"# {name} = {_shown(field)}"


def _values(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(name)} = {toml(value)}" for name, value in values.items())


def _shown(field: SettingField) -> str:
    """The default, or an example where there is none."""
    default = field.default
    if default is None or default == () or (default == "" and field.group is None):
        return field.row.example
    return toml(str(default) if isinstance(default, Path) else default)


def _comment(summary: str) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(in_plain_words(summary), 110, break_long_words=False))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml(name)


def toml(value: Any) -> str:
    """A value as TOML writes it; JSON's strings are TOML's, but for one control character."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple) and len(value) > 1 and all(isinstance(inner, Mapping) for inner in value):
        return "[\n" + "".join(f"    {toml(inner)},\n" for inner in value) + "]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
