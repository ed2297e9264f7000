"""The settings file: in comes its path, out goes the TOML tree and the line on which each key stands.

Says in words what TOML cannot read. Must not know what a setting is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from feeds.data_trees import toml_tree
from feeds.errors import sentence
from feeds.lazy_patterns import lazy_pattern

MAX_BYTES = 1_000_000

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = lazy_pattern(rf"\s*\[\[?\s*({_KEYS})\s*\]\]?")
_ASSIGNMENT = lazy_pattern(rf"\s*({_KEYS})\s*=")
_AT = lazy_pattern(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)\Z", re.DOTALL)


class SettingsDocument:
    """One settings file, read. `name` is how mistakes name it; `mistake` says why there is no tree."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.tree: dict[str, Any] = {}
        self.mistake = ""
        self._text = ""
        self._lines: dict[tuple[str, ...], int] | None = None
        if path.exists() and not path.is_file():
            self.mistake = sentence("is not a file", where=name, expected="a settings file")
            return
        try:
            with path.open("rb") as file:
                source = file.read(MAX_BYTES + 1)
        except OSError as error:
            fix = "leave out --config to do without" if isinstance(error, FileNotFoundError) else ""
            self.mistake = sentence(f"cannot be read: {error.strerror or error}", where=name, fix=fix)
            return
        if len(source) > MAX_BYTES:
            self.mistake = sentence("is larger than a settings file can be", where=name, expected="at most 1 MB")
            return
        try:
            self._text = source.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            self.mistake = sentence("is not UTF-8", where=f"{name}:{line}", fix="save the file as UTF-8")
            return
        self._parse()

    def _parse(self) -> None:
        try:
            self.tree = toml_tree(self._text)
        except ValueError as error:
            match = _AT.match(str(error))
            number = int(match[2]) if match and match[2] else self._text.count("\n") + 1
            rows = self._text.split("\n")
            row = rows[number - 1] if number <= len(rows) else ""
            what = f"is not valid TOML: {match[1] if match else error}".rstrip(".")
            self.mistake = sentence(what, where=f"{self.name}:{number}", fix=_mend(row))

    def line(self, keys: tuple[str, ...]) -> int | None:
        """The line of a key, or of the nearest table around it."""
        if self._lines is None:
            self._lines = _lines(self._text)
        for end in range(len(keys), 0, -1):
            if keys[:end] in self._lines:
                return self._lines[keys[:end]]
        return None


def _mend(row: str) -> str:
    if re.search("[“”‘’＂]", row):
        return 'write plain quotes: "…"'
    if "＝" in row or re.match(r"\s*[\w-]+\s*[:：]", row):
        return 'write name = "value"'
    if re.match(r"\s*[\w-]+\s*=\s*(?![\"'\[{\d+-]|true|false)\S", row):
        return 'write text in quotes: "…"'
    if re.match(r"\s{0,99}\[[^\[\]\x80-\U0010ffff]{0,200}[^\x00-\x7f][^\[\]]{0,200}\]", row):
        return 'write names that are not plain ASCII in quotes: [feed."category/技术"]'
    if "\\" in row:
        return "write a backslash twice, or the text in single quotes"
    return ""


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Where each key stands; the first wins. Good enough for messages: text of several lines may hide a key."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, row in enumerate(text.split("\n"), 1):
        header = _HEADER.match(row)
        assignment = None if header else _ASSIGNMENT.match(row)
        if header:
            table = _split(header[1])
            lines.setdefault(table, number)
        elif assignment:
            lines.setdefault(table + _split(assignment[1]), number)
    return lines


def _split(keys: str) -> tuple[str, ...]:
    """The names in `feed."category/技术".limit`."""
    names = []
    for name in re.findall(_KEY, keys):
        if name[0] == '"':
            import tomllib

            try:
                names.append(str(tomllib.loads(f"name = {name}")["name"]))
            except tomllib.TOMLDecodeError:
                names.append(name[1:-1])
        else:
            names.append(name.strip("'"))
    return tuple(names)
