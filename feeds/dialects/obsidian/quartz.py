"""Quartz, which publishes vaults of Obsidian: its settings, ignored notes, addresses (https://quartz.jzhao.xyz/configuration)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.config_files import table, word
from feeds.dialects.javascript import literals
from feeds.lazy_patterns import lazy_pattern

SETTINGS = "quartz.config.ts"
#: Quartz 5: the site's own settings, else those that Quartz brings along (quartz/plugins/loader/config-loader.ts).
SETTINGS_5 = ("quartz.config.yaml", "quartz.config.default.yaml")
#: The filters of notes that Quartz brings along (docs, "Filter plugins").
_FILTERS = frozenset({"RemoveDrafts", "ExplicitPublish"})
_PATHS = "quartz/util/path.ts"
#: What stands in addresses for marks, in Quartz 4.3 and later; in 4.2.1 "&" stayed, and "?" was "-q".
REPLACEMENTS: Mapping[str, str] = {"&": "-and-", "%": "-percent", "?": "", "#": ""}
#: The same in Quartz 5 (@quartz-community/utils, slugifyPath).
REPLACEMENTS_5: Mapping[str, str] = {**REPLACEMENTS, **dict.fromkeys('<>:"|*', "")}
_ENDING = lazy_pattern(r"\.[A-Za-z0-9]+\Z")
_REPLACEMENT = lazy_pattern(r"\.replace\(/\\?(.)/g, \"([^\"\n]{0,20})\"\)")


def detect(folder: SiteFolder) -> Found | None:
    """What Quartz's settings say; None without them."""
    text = folder.text(SETTINGS)
    if text is not None:
        return _of_typescript(folder, text)
    name = next((name for name in SETTINGS_5 if folder.has_file(name)), None)
    return _of_yaml(folder.tree(name) or {}) if name else None


def _of_typescript(folder: SiteFolder, text: str) -> Found:
    """What quartz.config.ts says (Quartz 4)."""
    code = literals.without_comments(text)
    names = literals.constants(code)
    facts = {key: _value(code, key, names) for key in ("baseUrl", "pageTitle", "locale", "ignorePatterns")}
    filters = _value(code, "filters", names, text=True)
    replacements = slug_replacements(folder.text(_PATHS) or "")
    notes = []
    if not isinstance(facts["ignorePatterns"], list):
        notes.append("ignorePatterns of quartz.config.ts cannot be read: name in folders_without_posts what is not for readers.")
    if own := sorted(set(re.findall(r"\b([A-Z]\w*)\(", filters)) - _FILTERS):
        notes.append(f"The filter {', '.join(own)} is not read: exclude the notes that it holds back.")
    options = {"slug_replacements": replacements} if replacements not in (None, REPLACEMENTS) else {}
    return _found(facts, options, notes, only_marked="ExplicitPublish" in filters, breaks="HardLineBreaks(" in code)


def _of_yaml(tree: Mapping[str, Any]) -> Found:
    """What quartz.config.yaml says (Quartz 5)."""
    listed = tree.get("plugins")
    enabled = {
        _plugin_name(plugin.get("source"))
        for plugin in (listed if isinstance(listed, list) else ())
        if isinstance(plugin, Mapping) and word(plugin.get("enabled", "true")).lower() != "false"
    }
    return _found(
        table(tree.get("configuration")), {"quartz_version": 5}, [],
        only_marked="explicit-publish" in enabled, breaks="hard-line-breaks" in enabled,
    )  # fmt: skip


def _plugin_name(source: Any) -> str:
    """What a plug-in is called: `github:quartz-community/hard-line-breaks#v1`, or a table with `name` and `repo`."""
    if isinstance(source, Mapping):
        source = source.get("name") or source.get("repo")
    return word(source).partition("#")[0].rpartition("/")[2].removesuffix(".git")


def _found(facts: Mapping[str, Any], options: Mapping[str, Any], notes: list[str], *, only_marked: bool, breaks: bool) -> Found:
    """The settings as ours; `only_marked`: only notes with `publish: true` are posts; `breaks`: line ends are line breaks."""
    address = word(facts.get("baseUrl")).removeprefix("https://").strip("/")
    locale = word(facts.get("locale"))
    ignored = facts.get("ignorePatterns")
    whole: dict[str, Any] = {"quartz": True, **options}
    if isinstance(ignored, list):
        whole["folders_without_posts"] = [str(pattern) for pattern in ignored if not str(pattern).startswith(".")]
    if only_marked:
        whole["only_marked"] = True
    return Found(
        "Quartz",
        {
            "posts": "content",
            "base_url": f"https://{address}/" if "." in address and not address.startswith("quartz.jzhao.xyz") else "",
            "title": word(facts.get("pageTitle")),
            "language": locale if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", locale) else "",
            "markdown": {} if breaks else {"breaks": False},
            "dialect": whole,
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


def address(path: str, options: Mapping[str, Any] | None = None) -> str:
    """A note's address below the site's: "A b/c.md" is at "A-b/c", an index at its folder (quartz/util/path.ts).

    In Quartz 5 addresses are in small letters, and a note that is called like its folder is the folder's.
    """
    parts = [_slug(part, options) for part in path[: path.rfind(".")].split("/")]
    is_of_folder = _is_5(options) and parts[-2:-1] == parts[-1:]
    if parts[-1] in ("index", "_index") or is_of_folder:
        return "".join(f"{part}/" for part in parts[:-1])
    return "/".join(parts)


def file_address(path: str, options: Mapping[str, Any] | None = None) -> str:
    """The address of a picture or another file below the site's: "A b/c d.png" is at "A-b/c-d.png" (emitters/assets.ts)."""
    match = _ENDING.search(path)
    stem = path[: match.start()] if match else path
    return "/".join(_slug(part, options) for part in stem.split("/")) + path[len(stem) :]


def _is_5(options: Mapping[str, Any] | None) -> bool:
    return word((options or {}).get("quartz_version")) == "5"


def slug_replacements(source: str) -> dict[str, str] | None:
    """What the site's quartz/util/path.ts writes for marks in addresses (versions differ); None if it cannot be read."""
    start = source.find('.replace(/\\s/g, "-")')
    if start < 0:
        return None
    chain = source[start : source.find(".join(", start)]
    return {mark: text for mark, text in _REPLACEMENT.findall(chain) if not mark.isalnum()}


def _slug(name: str, options: Mapping[str, Any] | None) -> str:
    """A part of a path as it is in addresses, by the dialect's options."""
    name = re.sub(r"\s", "-", name)
    usual = REPLACEMENTS_5 if _is_5(options) else REPLACEMENTS
    replacements = (options or {}).get("slug_replacements")
    for mark, text in (usual if replacements is None else replacements).items():
        name = name.replace(mark, str(text)) if mark else name
    return name.lower() if _is_5(options) else name
