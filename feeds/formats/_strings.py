"""The words that pages and outlines show to people: a language (BCP 47) comes in, its strings go out.

One TOML file a language in `strings/`; what a language lacks comes from the next one on its way to English
(RFC 4647 section 3.4). A site adds or changes strings with files of the same form. No markup, no names of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("strings")
#: The language that holds every string.
ENGLISH = "en"
#: Chinese is written in two scripts; a region decides where no script is named (CLDR likely subtags).
_TRADITIONAL_REGIONS = frozenset({"tw", "hk", "mo"})
#: Forms of the strings that count something.
_FORMS = ("_one", "_other")


def fallbacks(language: str | None) -> Iterator[str]:
    """The tags to look up for a language, lower-case, the closest first and English last."""
    tag = (language or "").lower().replace("_", "-")
    parts = tag.split("-")
    if parts[0] == "zh":
        rest = parts[1:]
        traditional = "hant" in rest or ("hans" not in rest and not _TRADITIONAL_REGIONS.isdisjoint(rest))
        yield tag
        yield "zh-hant" if traditional else "zh-hans"
        yield "zh"
    else:
        while parts and parts[0]:
            yield "-".join(parts)
            parts.pop()
            # A single letter ("x", "u") introduces the subtag behind it.
            if parts and len(parts[-1]) == 1:
                parts.pop()
    yield ENGLISH


@dataclass(frozen=True, slots=True)
class Strings:
    """One language's strings. `language` is that of most of them, as their file is called."""

    language: str
    table: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return str(self.table[name])

    def get(self, name: str, default: str) -> str:
        """The string of this name, else the default."""
        return str(self.table.get(name, default))

    def taxonomy(self, name: str) -> str:
        """The heading over a taxonomy's terms ("category", "tag", "author")."""
        return self.get(name, name)

    def fill(self, name: str, /, **values: object) -> str:
        """The string with its `{name}` replaced; braces in the values stay what they are."""
        text = self[name]
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", str(value).replace("{", "\0"))
        return text.replace("\0", "{")

    def around(self, name: str, key: str) -> tuple[str, str]:
        """What stands before and behind `{key}` in a string, for a value with markup of its own."""
        before, _, behind = self[name].partition(f"{{{key}}}")
        return before, behind

    def count(self, name: str, count: int) -> str:
        """The string `{name}_one` or `{name}_other`, with the count in it."""
        is_singular = count in self.table["singular"] and f"{name}_one" in self.table
        return self.fill(f"{name}_one" if is_singular else f"{name}_other", count=self.number(count))

    def number(self, count: int) -> str:
        """A whole number with the language's mark between thousands, from five digits on."""
        return f"{count:,}".replace(",", self["thousands"]) if count >= 10_000 else str(count)

    def month_name(self, month: int) -> str:
        """The name of a month, 1 to 12, as it stands inside a date."""
        return str(self.table["months"][month - 1])

    def month_heading(self, month: int) -> str:
        """The name of a month by itself, with a capital."""
        name = self.month_name(month)
        return name[:1].upper() + name[1:]

    def date(self, year: int, month: int, day: int) -> str:
        """A day in the language's form: "2025年3月2日", "March 2, 2025"."""
        return self.fill("date", year=year, month=self.month_name(month), day=day)

    def day(self, month: int, day: int) -> str:
        """A day whose year is known: "3月2日", "March 2"."""
        return self.fill("day", month=self.month_name(month), day=day)

    def month(self, year: int, month: int) -> str:
        """A month of a year: "2025年3月", "March 2025"; as a heading, so with a capital."""
        text = self.fill("month", year=year, month=self.month_name(month))
        return text[:1].upper() + text[1:]


def strings(language: str | None, folder: Path | None = None) -> Strings:
    """The strings for a language; `folder` holds the site's own files (`<tag>.toml`), which come first.

    Raises ValueError where a file of the site's is not valid: its path, and what is wrong.
    """
    tags = tuple(fallbacks(language))
    return _shipped(tags) if folder is None else _merged(tags, (folder, FOLDER))


@lru_cache(maxsize=64)
def _shipped(tags: tuple[str, ...]) -> Strings:
    return _merged(tags, (FOLDER,))


def _merged(tags: tuple[str, ...], folders: Sequence[Path]) -> Strings:
    result: dict[str, Any] = {}
    own = ""
    for tag in tags:
        for folder in folders:
            path = _files(folder).get(tag)
            if path is None:
                continue
            table = _load(path)
            # A form of another language's would be wrong where this one counts without it.
            if "singular" in result:
                table = {name: value for name, value in table.items() if not name.endswith(_FORMS) or _stem(name) not in result}
            result = table | result
            # A file that changes a few strings does not make the language.
            if not own and (_complete(table) or tag == ENGLISH):
                own = path.stem
    return Strings(own or ENGLISH, result)


def _stem(name: str) -> str:
    return name.removesuffix("_one").removesuffix("_other") + "_other"


def _complete(table: Mapping[str, Any]) -> bool:
    return "months" in table and "subscribe" in table


def _files(folder: Path) -> dict[str, Path]:
    return {path.stem.lower(): path for path in sorted(folder.glob("*.toml"))}


def _load(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    problem = _problem(table)
    if problem:
        raise ValueError(f"{path}: {problem}")
    return table


def _problem(table: Mapping[str, Any]) -> str:
    """What is wrong with a file's table; "" where nothing is."""
    for name, value in table.items():
        if name == "months":
            if not isinstance(value, list) or len(value) != 12 or not all(isinstance(month, str) for month in value):
                return "months must be a list of twelve names"
        elif name == "singular":
            if not isinstance(value, list) or not all(isinstance(count, int) for count in value):
                return "singular must be a list of whole numbers"
        elif name == "direction":
            if value not in ("ltr", "rtl"):
                return 'direction must be "ltr" or "rtl"'
        elif not isinstance(value, str):
            return f"{name} must be text"
    return ""
