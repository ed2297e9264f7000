"""docs/json.md, made from the schema of what commands print with --json: `python -m feeds.cli.json_page > docs/json.md`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

_INTRODUCTION = """# JSON

What commands print with `--json`, for machines. It is never translated. Times are in UTC, as RFC 3339 writes them
(`2021-08-04T05:49:00Z`). Members may be added; `version` changes if one changes its meaning or goes.

`feeds help json-schema` prints the schema (JSON Schema, draft 2020-12): what a command prints is in `$defs` under its name. The
forms `--format github` and `--format sarif` of `feeds check` are described in [findings.md](findings.md).

If a command fails, it prints `error` as below to standard output, and its words to standard error; the exit code is the
same as without `--json`."""


def schema() -> dict[str, Any]:
    """The schema (JSON Schema, draft 2020-12)."""
    loaded: dict[str, Any] = json.loads(files("feeds.cli").joinpath("json_schema.json").read_text("utf-8"))
    return loaded


def page() -> str:
    """The whole page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _INTRODUCTION.split("\n")
    definitions = schema()["$defs"]
    commands = [name for name in definitions if name.startswith("feeds ")]
    parts = [name for name, definition in definitions.items() if "properties" in definition and name not in commands]
    for name in (*commands, *parts):
        definition = definitions[name]
        title = f"`{name} --json`" if name in commands else name.replace("_", " ")
        yield from (
            "",
            f"## {title}",
            "",
            definition.get("description", "An object."),
            "",
            "| Member | Value | |",
            "|---|---|---|",
        )
        required = definition.get("required", ())
        yield from _rows(definition["properties"], required)


def _rows(properties: dict[str, Any], required: list[str] | tuple[()], prefix: str = "") -> Iterator[str]:
    for name, value in properties.items():
        optional = "" if name in required else "May be left out."
        meaning = " ".join(part for part in (optional, value.get("description", "")) if part)
        yield f"| `{prefix}{name}` | {_type(value)} | {meaning} |"
        inner = value.get("items", value)
        if "$ref" not in inner and "properties" in inner:
            yield from _rows(inner["properties"], inner.get("required", ()), f"{prefix}{name}{'[]' if 'items' in value else ''}.")


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].removeprefix("#/$defs/").partition("/")[0]
        if name.startswith("feeds "):
            return f"as `{name}` has it"
        words = {"time": "time", "strings": "list of text", "changed_entries": "list of `id`, `title` and `permalink`"}
        return words.get(name, f"[{name.replace('_', ' ')}](#{name.replace('_', '-')})")
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join("null" if word is None else f"`{word}`" for word in value["enum"])
    if "anyOf" in value:
        return " or ".join(_type(part) for part in value["anyOf"])
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}"
    kinds = value.get("type", "object")
    names = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "null": "null",
        "object": "object",
    }
    return " or ".join(names[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


if __name__ == "__main__":
    sys.stdout.write(page())
