"""Hugo's addresses: in come a content file's path, title, slug, dates and the site's rules, out goes its permalink.

Pure functions after Hugo 0.168 (https://gohugo.io/content-management/urls/), which `tests/dialects/record/hugo.py` records.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus

from feeds.content.template_tags.go_globs import fits
from feeds.english import MONTHS, WEEKDAYS
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import nfc, normal_form

_KEPT = frozenset("./\\_#+~-@")
_PLAIN = lazy_pattern(r"[A-Za-z0-9./_#+~@-]*\Z")
_PERCENT = lazy_pattern(r"%[0-9A-Fa-f]{2}")
_ENCODED = lazy_pattern(r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=:@/\[\]]|%[0-9A-Fa-f]{2})*\Z")
_TOKEN = lazy_pattern(r":\w+(?:\[[^\[\]\n]{1,200}\])?")
#: Go's reference time (https://pkg.go.dev/time#Layout), longest first.
_LAYOUT = lazy_pattern(r"January|Jan|Monday|Mon|2006|002|01|02|_2|03|04|05|06|15|PM|pm|1|2|3|4|5")


class PageFacts(NamedTuple):
    """What an address may be made of.

    `path` is the file's path below its language's content folder; `moment` the local time as the front matter has it;
    `sections_path` stands for the folders where a section's own page has another slug, "" otherwise.
    """

    path: str
    title: str
    slug: str
    url: str
    moment: datetime
    sections_path: str = ""


class PathRules(NamedTuple):
    """The site's settings that change addresses, by Hugo's names; `prefix` is the language's folder, "" for none."""

    keep_case: bool = False
    remove_accents: bool = False
    ugly: bool | frozenset[str] = False
    permalinks: tuple[tuple[str, str], ...] = ()
    prefix: str = ""


def lower(text: str) -> str:
    """The text in lower case, one letter for each as Go's `strings.ToLower` has it."""
    return "".join(char.lower()[0] for char in text)


def sanitized(text: str, rules: PathRules) -> str:
    """A piece of a path as Hugo writes it: blanks become "-", and only letters, digits, marks and a few signs are left."""
    if _PLAIN.match(text):
        return text if rules.keep_case else text.lower()
    kept: list[str] = []
    pending = after_hyphen = False
    for place, char in enumerate(text):
        if _allowed(text, place, char):
            after_hyphen = char == "-"
            if pending and not after_hyphen:
                kept.append("-")
            pending = False
            kept.append(char)
        elif kept and not after_hyphen and char.isspace():
            pending = True
    clean = "".join(kept)
    if rules.remove_accents:
        parts = normal_form("NFD", clean)
        clean = nfc("".join(char for char in parts if unicodedata.category(char) != "Mn"))
    return clean if rules.keep_case else lower(clean)


def _allowed(text: str, place: int, char: str) -> bool:
    if char == " ":
        return False
    category = unicodedata.category(char)
    return category[0] in "LM" or category == "Nd" or char in _KEPT or (char == "%" and _PERCENT.match(text, place) is not None)


def escaped(path: str) -> str:
    """The path percent-encoded as Go's `url.Parse(path).String()`: as it is if it is valid already, else encoded anew."""
    return path if _ENCODED.match(path) else quote(unquote(path), safe="/$&+,:;=@-_.~")


class ContentPath(NamedTuple):
    """A content file's path taken apart: its folders (without that of a leaf bundle) and its name."""

    folders: str
    name: str
    bundle: bool

    @property
    def section(self) -> str:
        """The top folder, "" at the root."""
        return self.folders.partition("/")[0]


def split(path: str) -> ContentPath:
    """Takes a path (without a language in its name) apart: `posts/trip/index.md` is "trip" in "posts", a leaf bundle."""
    folders, _, file = path.rpartition("/")
    name = file.rpartition(".")[0] or file
    if name == "index" and folders:
        above, _, own = folders.rpartition("/")
        return ContentPath(above, own, True)
    return ContentPath(folders, name, False)


def permalink(facts: PageFacts, rules: PathRules) -> str:
    """The page's path below the base URL, percent-encoded, without a leading "/"."""
    place = split(facts.path)
    if facts.url:
        return _own_url(facts, place, rules)
    if place.name == "_index":
        place, rules = place._replace(name=""), rules._replace(permalinks=(), ugly=False)
    ugly = rules.ugly if isinstance(rules.ugly, bool) else place.section in rules.ugly
    pattern = _pattern(place, rules)
    if pattern is not None:
        expanded = posixpath.normpath(unquote_plus(expand(pattern, facts, place, rules)))
        pieces = [expanded]
    else:
        folders = facts.sections_path or _normal(place.folders, rules)
        pieces = [folders, facts.slug or _normal(place.name, rules)]
    path = "".join("/" + piece.lstrip("/") for piece in (sanitized(piece, rules) for piece in pieces) if piece not in ("", "/"))
    path = re.sub(r"/{2,}", "/", path) if pattern is not None else path
    path = path.rstrip("/") + ".html" if ugly and path.strip("/") else path.rstrip("/") + "/"
    prefix = f"/{rules.prefix}" if rules.prefix else ""
    return escaped((prefix + path).replace("#", "%23")).removeprefix("/")


def _normal(text: str, rules: PathRules) -> str:
    """A file's path as Hugo's path parser keeps it: each blank is a "-"."""
    return text if rules.keep_case else lower(text).replace(" ", "-")


def _own_url(facts: PageFacts, place: ContentPath, rules: PathRules) -> str:
    """The `url` of the front matter: as it is, with an ending "/" where it names no file."""
    url = facts.url
    relative = not url.startswith("/")
    if ":" in url:
        url = unquote_plus(expand(url, facts, place, rules)) or url
    if ".." in url:
        url = posixpath.normpath("/" + url)
    path = "".join("/" + piece for piece in url.split("/") if piece)
    if url.endswith("/") or "." not in url:
        path += "/"
    elif path.endswith("/index.html"):
        path = path.removesuffix("index.html")
    if relative and rules.prefix and not url.startswith(f"/{rules.prefix}"):
        path = f"/{rules.prefix}{path}"
    address, question, query = path.replace("#", "%23").partition("?")
    return (escaped(address) + question + query).removeprefix("/")


def _pattern(place: ContentPath, rules: PathRules) -> str | None:
    """The first rule of `permalinks` that holds for the page."""
    for target, pattern in rules.permalinks:
        if _holds(target, place):
            return pattern
    return None


def _holds(target: str, place: ContentPath) -> bool:
    path = f"{place.folders}/{place.name}".strip("/").replace(" ", "-").lower()
    wanted = target.strip(" /").lower()
    if "*" in target or "{" in target:
        return matches(target, "/" + path)
    if not wanted:
        return "/" not in path
    return path == wanted or path.startswith(wanted + "/")


def matches(glob: str, path: str) -> bool:
    """Whether a path fits a pattern of one of Hugo's page matchers."""
    try:
        return fits(glob, path)
    except ValueError:
        # Too long to be read: it may be what hides the page.
        return True


def expand(pattern: str, facts: PageFacts, place: ContentPath, rules: PathRules) -> str:
    """The pattern with its tokens replaced; one that Hugo does not know stays."""
    values = _Values(facts, place, rules)
    text = pattern.replace("\\:", "\0")
    return _TOKEN.sub(lambda token: values.value(token[0][1:]), text).replace("\0", ":")


class _Values:
    """What each token of a permalink pattern stands for, for one page."""

    def __init__(self, facts: PageFacts, place: ContentPath, rules: PathRules) -> None:
        self.facts, self.place, self.rules = facts, place, rules

    def value(self, token: str) -> str:
        result = getattr(self, f"_{token}", None) if token.isalpha() and token.islower() else None
        if result is not None:
            return str(result())
        if token.startswith("sections[") and token.endswith("]"):
            return "/".join(_cut(self._folders(), token[len("sections[") : -1]))
        return layout(token, self.facts.moment)

    def _urlized(self, text: str) -> str:
        clean = sanitized(text, self.rules)
        address, hash_sign, fragment = clean.partition("#")
        return escaped(address) + (hash_sign + escaped(fragment) if fragment else "")

    def _folders(self) -> list[str]:
        return [part for part in _normal(self.place.folders, self.rules).split("/") if part]

    def _title(self) -> str:
        return self._urlized(self.facts.title.replace("/", "-").replace("\\", "-"))

    def _slug(self) -> str:
        return self._urlized(self.facts.slug) if self.facts.slug else self._title()

    def _filename(self) -> str:
        return self._urlized(self.place.name)

    _contentbasename = _filename

    def _slugorfilename(self) -> str:
        return self._urlized(self.facts.slug) if self.facts.slug else self._filename()

    _slugorcontentbasename = _slugorfilename

    def _section(self) -> str:
        return next(iter(self._folders()), "")

    def _sections(self) -> str:
        return "/".join(self._folders())

    def _year(self) -> str:
        return str(self.facts.moment.year)

    def _month(self) -> str:
        return f"{self.facts.moment.month:02}"

    def _monthname(self) -> str:
        return MONTHS[self.facts.moment.month - 1]

    def _day(self) -> str:
        return f"{self.facts.moment.day:02}"

    def _weekday(self) -> str:
        return str((self.facts.moment.weekday() + 1) % 7)

    def _weekdayname(self) -> str:
        return WEEKDAYS[self.facts.moment.weekday()]

    def _yearday(self) -> str:
        return str(self.facts.moment.timetuple().tm_yday)


def layout(text: str, moment: datetime) -> str:
    """The moment in Go's layout, as `:2006` and `:Jan` in a pattern have it."""
    month, day = MONTHS[moment.month - 1], WEEKDAYS[moment.weekday()]
    half = "AM" if moment.hour < 12 else "PM"
    values: Mapping[str, str] = {
        "January": month, "Jan": month[:3], "01": f"{moment.month:02}", "1": str(moment.month),
        "Monday": day, "Mon": day[:3], "02": f"{moment.day:02}", "_2": f"{moment.day:2}", "2": str(moment.day),
        "002": f"{moment.timetuple().tm_yday:03}", "2006": f"{moment.year:04}", "06": f"{moment.year % 100:02}",
        "15": f"{moment.hour:02}", "03": f"{moment.hour % 12 or 12:02}", "3": str(moment.hour % 12 or 12),
        "04": f"{moment.minute:02}", "4": str(moment.minute), "05": f"{moment.second:02}", "5": str(moment.second),
        "PM": half, "pm": half.lower(),
    }  # fmt: skip
    result = _LAYOUT.sub(lambda part: values[part[0]], text)
    return result if result != text else f":{text}"


def _cut(parts: list[str], spec: str) -> list[str]:
    """The sections that `[1:]`, `[last]`, `[0]` name; out of bounds is nothing."""

    def number(text: str) -> int:
        return len(parts) - 1 if text == "last" else int(text) if text.isdecimal() else 0

    low, colon, high = spec.strip().lower().partition(":")
    if not colon:
        place = number(low)
        return parts[place : place + 1]
    return parts[number(low) if low else 0 : number(high) if high else len(parts)]
