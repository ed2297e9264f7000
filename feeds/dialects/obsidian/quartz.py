"""Quartz, which publishes vaults of Obsidian: its settings, ignored notes, addresses (https://quartz.jzhao.xyz/configuration)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.config_files import word
from feeds.dialects.javascript import literals

SETTINGS = "quartz.config.ts"
#: The filters of notes that Quartz brings along (docs, "Filter plugins").
_FILTERS = frozenset({"RemoveDrafts", "ExplicitPublish"})
_PATHS = "quartz/util/path.ts"
#: What stands in addresses for marks, in Quartz 4.3 and later; in 4.2.1 "&" stayed, and "?" was "-q".
REPLACEMENTS: Mapping[str, str] = {"&": "-and-", "%": "-percent", "?": "", "#": ""}
_ENDING = re.compile(r"\.[A-Za-z0-9]+\Z")
_REPLACEMENT = re.compile(r"\.replace\(/\\?(.)/g, \"([^\"\n]{0,20})\"\)")


def detect(folder: SiteFolder) -> Found | None:
    """What quartz.config.ts says; None without it."""
    text = folder.text(SETTINGS)
    if text is None:
        return None
    code = literals.without_comments(text)
    names = literals.constants(code)
    facts = {key: _value(code, key, names) for key in ("baseUrl", "pageTitle", "locale", "ignorePatterns")}
    address = word(facts["baseUrl"]).removeprefix("https://").strip("/")
    locale = word(facts["locale"])
    ignored = facts["ignorePatterns"]
    filters = _value(code, "filters", names, text=True)
    options: dict[str, Any] = {"quartz": True}
    replacements = slug_replacements(folder.text(_PATHS) or "")
    if replacements not in (None, REPLACEMENTS):
        options["slug_replacements"] = replacements
    notes = []
    if isinstance(ignored, list):
        options["folders_without_posts"] = [str(pattern) for pattern in ignored if not str(pattern).startswith(".")]
    else:
        notes.append("ignorePatterns of quartz.config.ts cannot be read: name in folders_without_posts what is not for readers.")
    if "ExplicitPublish" in filters:
        options["only_marked"] = True
    if own := sorted(set(re.findall(r"\b([A-Z]\w*)\(", filters)) - _FILTERS):
        notes.append(f"The filter {', '.join(own)} is not read: exclude the notes that it holds back.")
    return Found(
        "Quartz",
        {
            "posts": "content",
            "base_url": f"https://{address}/" if "." in address and not address.startswith("quartz.jzhao.xyz") else "",
            "title": word(facts["pageTitle"]),
            "language": locale if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", locale) else "",
            "dialect": options,
        },
        tuple(notes),
    )


def _value(code: str, key: str, names: Mapping[str, Any], *, text: bool = False) -> Any:
    """The value of the first `key: …`; with `text` the source of a list of calls."""
    match = re.search(rf"\b{key}\s{{0,9}}:\s{{0,9}}", code)
    if match is None:
        return "" if text else None
    if text:
        return code[match.end() : code.find("]", match.end()) + 1]
    return literals.value_at(code, match.end(), names)[0]


def is_ignored(path: str, pattern: str) -> bool:
    """Whether `ignorePatterns` leaves a note out: a file or a folder of that name or pattern, below `content`."""
    pattern = pattern.strip("/").removesuffix("/**")
    parts = path.split("/")
    places = ("/".join(parts[: end + 1]) for end in range(len(parts)))
    forms = (pattern, pattern.removeprefix("**/"))
    return any(fnmatchcase(place, form) for place in places for form in forms)


def address(path: str, replacements: Mapping[str, str] | None = None) -> str:
    """A note's address below the site's: "A b/c.md" is at "A-b/c", an index at its folder (quartz/util/path.ts)."""
    parts = [_slug(part, replacements) for part in path[: path.rfind(".")].split("/")]
    if parts[-1] in ("index", "_index"):
        return "".join(f"{part}/" for part in parts[:-1])
    return "/".join(parts)


def file_address(path: str, replacements: Mapping[str, str] | None = None) -> str:
    """The address of a picture or another file below the site's: "A b/c d.png" is at "A-b/c-d.png" (emitters/assets.ts)."""
    match = _ENDING.search(path)
    stem = path[: match.start()] if match else path
    return "/".join(_slug(part, replacements) for part in stem.split("/")) + path[len(stem) :]


def slug_replacements(source: str) -> dict[str, str] | None:
    """What the site's quartz/util/path.ts writes for marks in addresses (versions differ); None if it cannot be read."""
    start = source.find('.replace(/\\s/g, "-")')
    if start < 0:
        return None
    chain = source[start : source.find(".join(", start)]
    return {mark: text for mark, text in _REPLACEMENT.findall(chain) if not mark.isalnum()}


def _slug(name: str, replacements: Mapping[str, str] | None) -> str:
    name = re.sub(r"\s", "-", name)
    for mark, text in (REPLACEMENTS if replacements is None else replacements).items():
        name = name.replace(mark, str(text)) if mark else name
    return name
