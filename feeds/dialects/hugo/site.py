"""One site of Hugo as its settings describe it: languages, sections, chains of dates, rules of addresses, inherited front matter.

Made of the table [dialect] once and kept: a dialect is asked about every file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feeds.dialects.base import SiteFacts
from feeds.dialects.config_files import table
from feeds.dialects.hugo import paths
from feeds.dialects.hugo.options import DATES, PAGES
from feeds.linear_patterns import LinearPattern, linear_pattern
from feeds.model import Value


class LocalizedPath(NamedTuple):
    """A file of the content folder: its language's code, and its path without that language's folder or ending."""

    language: str
    path: str


@dataclass(slots=True)
class Language:
    """A language of the site; `folder` is below the content folder and ends in "/", "" for none."""

    rules: paths.PathRules
    home: str
    folder: str = ""
    tag: str = ""
    disabled: bool = False


@dataclass(slots=True)
class HugoSite:
    """What the settings of one site say. `inner` is the posts folder below the content folder, ends in "/"."""

    options: Mapping[str, Any]
    inner: str
    default: str
    languages: Mapping[str, Language]
    chains: Mapping[str, tuple[str, ...]]
    sections: tuple[str, ...] | None
    pages: tuple[str, ...]
    folders: tuple[tuple[str, str], ...] = ()
    needs_folder: bool = False
    ignored: tuple[LinearPattern, ...] = ()
    excluded: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    segments: Mapping[str, Any] = field(default_factory=dict)
    root: str = ""
    root_posts: bool = False
    _sections_of: tuple[Any, dict[str, dict[str, Mapping[str, Value]]]] = field(default=(None, {}))

    def leaves_out(self, path: str) -> str:
        """Which setting makes a file of the posts folder no content; "" if none does."""
        whole = f"{self.root}/{path}"
        if any(pattern.search(f"/{whole}") or pattern.search(whole) for pattern in self.ignored):
            return "ignoreFiles"
        below = self.inner + path
        if self.included and not any(paths.matches(pattern.lstrip("/"), below) for pattern in self.included):
            return "module.mounts"
        return "excludeFiles" if any(paths.matches(pattern.lstrip("/"), below) for pattern in self.excluded) else ""

    def leaves_unrendered(self, place: LocalizedPath) -> str:
        """Which setting keeps Hugo from rendering a page; "" if none does (https://gohugo.io/configuration/segments/)."""
        if self.options.get("disable_pages"):
            return "disableKinds"
        if not self.segments:
            return ""
        content = paths.split(place.path)
        path = f"/{content.folders}/{content.name}".replace("//", "/")
        excluded, included = (
            [_is_in_segment(table(rule), path, place.language) for rule in self.segments.get(name) or ()]
            for name in ("excludes", "includes")
        )
        return "renderSegments" if any(excluded) or (included and not any(included)) else ""

    def place(self, path: str) -> LocalizedPath | None:
        """Where a file of the posts folder lies in the content folder; None if it is in no language of the site."""
        if self.inner:
            path = self.inner + path
        code = ""
        for folder, own in self.folders:
            if path.startswith(folder):
                code, path = own, path[len(folder) :]
                break
        if not code and self.needs_folder:
            return None
        name = path[path.rfind("/") + 1 :]
        if name.count(".") > 1:
            stem, _, ending = path.rpartition(".")
            own = stem[stem.rfind(".") + 1 :].lower()
            if own in self.languages:
                code, path = own, f"{stem[: -len(own) - 1]}.{ending}"
        code = code or self.default
        return None if self.languages[code].disabled else LocalizedPath(code, path)

    def holds_posts(self, content: paths.ContentPath) -> bool:
        """Whether pages at this place are posts."""
        folders = content.folders + "/" if content.folders else "./"
        if self.sections is not None:
            return folders.startswith(self.sections)
        if folders == "./":
            return self.root_posts and content.name not in PAGES
        return not folders.startswith(self.pages)

    def section_keys(self, place: LocalizedPath, folder: str, data: Mapping[str, Mapping[str, Value]]) -> Mapping[str, Value]:
        """The front matter of the own page of a section, "" for the home page."""
        if self._sections_of[0] is not data:
            self._sections_of = (data, _by_folder(data))
        below = (self.languages[place.language].folder + folder).rstrip("/")
        if self.inner:
            if not (below + "/").startswith(self.inner):
                return {}
            below = below[len(self.inner) :].rstrip("/")
        keys = self._sections_of[1].get(below, {})
        return keys.get(place.language) or keys.get("") or {}


def _by_folder(data: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, Mapping[str, Value]]]:
    """The front matter of `_index` files by their folder and the language in their names, "" for none."""
    results: dict[str, dict[str, Mapping[str, Value]]] = {}
    for path, keys in data.items():
        folder, _, name = path.rpartition("/")
        parts = name.split(".")
        results.setdefault(folder, {})[parts[1].lower() if len(parts) > 2 else ""] = keys
    return results


def folders_down(folder: str) -> list[str]:
    """The folders above and the folder itself, the top one first."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


_last: list[tuple[SiteFacts, HugoSite]] = []


def site_of(site: SiteFacts) -> HugoSite:
    """The site's settings, made once for each site."""
    for facts, hugo_site in _last:
        if (
            facts.options is site.options
            and (facts.root, facts.home, facts.permalink) == (site.root, site.home, site.permalink)
        ):  # fmt: skip
            return hugo_site
    hugo_site = _made(site)
    _last[:] = [(site, hugo_site), *_last[:3]]
    return hugo_site


def _made(site: SiteFacts) -> HugoSite:
    options = site.options
    default = str(options.get("default_language") or "en")
    tables = {str(code).lower(): table(language) for code, language in table(options.get("languages")).items()} or {default: {}}
    tables.setdefault(default, {})
    languages = {code: _language(own, site) for code, own in tables.items()}
    named = ((language.folder, code) for code, language in languages.items() if language.folder)
    folders = sorted(named, key=lambda pair: -len(pair[0]))
    sections = options.get("sections")
    return HugoSite(
        options=options,
        # A posts folder such as content/posts is a section already.
        inner=site.root.partition("/")[2] + "/" if "/" in site.root else "",
        default=default,
        languages=languages,
        chains={name: _chain(name, options) for name in DATES},
        sections=None if sections is None else tuple(_folder(str(section)) for section in sections),
        pages=tuple(_folder(str(page)) for page in options.get("pages", PAGES)),
        folders=tuple(folders),
        needs_folder=bool(folders) and len(folders) == len(tables),
        ignored=tuple(_pattern(pattern) for pattern in options.get("ignore_files", ())),
        excluded=tuple(str(pattern) for pattern in options.get("exclude_files", ())),
        included=tuple(str(pattern) for pattern in options.get("include_files", ())),
        segments=table(options.get("segments")),
        root=site.root,
        root_posts=bool(options.get("root_posts")),
    )


def _pattern(written: object) -> LinearPattern:
    """A regular expression of Go's; what Python reads otherwise leaves out every file rather than publish one that is hidden."""
    try:
        return linear_pattern(str(written))
    except ValueError:
        return linear_pattern("")


def _folder(section: str) -> str:
    return section.strip("/") + "/"


def _language(own: Mapping[str, Any], site: SiteFacts) -> Language:
    home = str(own.get("base_url") or site.home)
    folder = str(own.get("folder") or "").strip("/")
    return Language(
        rules=_rules(site, own), home=home if home.endswith("/") else home + "/", folder=folder + "/" if folder else "",
        tag=str(own.get("tag") or ""), disabled=bool(own.get("disabled")),
    )  # fmt: skip


def _rules(site: SiteFacts, language: Mapping[str, Any]) -> paths.PathRules:
    options = site.options
    patterns = [("/**", site.permalink)] if site.permalink else []
    for part in (language.get("permalinks"), options.get("permalinks")):
        patterns += [(str(target), str(pattern)) for target, pattern in table(part).items()]
    ugly: bool | frozenset[str] = bool(options.get("ugly_urls")) or frozenset(map(str, options.get("ugly_sections", ())))
    return paths.PathRules(
        keep_case=bool(options.get("disable_path_to_lower")), remove_accents=bool(options.get("remove_path_accents")), ugly=ugly,
        permalinks=tuple(patterns), prefix=str(language.get("prefix") or ""),
    )  # fmt: skip


def _chain(name: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of front matter from which a date comes, the first one first, folded."""
    own = table(options.get("dates")).get(name)
    keys: list[str] = []
    for key in own if isinstance(own, list) else [":default"]:
        keys += DATES[name] if str(key).lower() == ":default" else [str(key).lower()]
    return tuple(key if key.startswith(":") else re.sub(r"[-_]", "", key) for key in keys)


def cascaded(rule: Any, path: str, language: str) -> dict[str, Value]:
    """What one `cascade` gives a page: a table, or a list of tables of which the first that names a key wins."""
    results: dict[str, Value] = {}
    for entry in rule if isinstance(rule, list) else [rule]:
        keys = {str(key).lower(): value for key, value in table(entry).items()}
        target = {key.lower(): str(value) for key, value in table(keys.pop("target", None) or keys.pop("_target", None)).items()}
        if not _is_target(target, path, language):
            continue
        for key, value in {**table(keys.pop("params", None)), **keys}.items():
            # What the settings hold is not text yet, as front matter is.
            results.setdefault(key, str(value).lower() if isinstance(value, bool) else value)
    return results


def _is_target(target: Mapping[str, str], path: str, language: str) -> bool:
    return (
        paths.matches(target.get("kind") or "page", "page")
        and paths.matches(target.get("lang") or language, language)
        and paths.matches(target.get("environment") or "production", "production")
        and ("path" not in target or paths.matches(target["path"], path))
    )


def _is_in_segment(rule: Mapping[str, Any], path: str, language: str) -> bool:
    """Whether a rule of a segment covers the HTML of a page: all fields that it has must match."""
    facts = {"kind": "page", "lang": language, "path": path, "output": "html"}
    patterns = {str(name).lower(): str(pattern) for name, pattern in rule.items() if pattern}
    return bool(patterns) and all(name in facts and paths.matches(pattern, facts[name]) for name, pattern in patterns.items())


def ancestors(folder: str) -> Iterator[str]:
    """The folder and all above it."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
