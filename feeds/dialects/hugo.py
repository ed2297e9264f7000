"""Hugo: how its blogs read (https://gohugo.io/documentation/).

The posts folder is the content folder: its sections, its page bundles and the translations in it decide together what a file
is. Addresses are made in `_hugo_paths`, the site's settings are read in `_hugo_config` and taken over in `_hugo_init`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from feeds.content import links
from feeds.content.flavour import GOLDMARK
from feeds.dialects import _hugo_links
from feeds.dialects import _hugo_paths as paths
from feeds.dialects._hugo_options import DATES, OPTIONS, PAGES
from feeds.dialects.base import POST, Dialect, FileKind, Found, Keys, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.config_files import table
from feeds.model import Post, Value

#: Layouts of pages that list others.
_LISTS = frozenset({"search", "archives", "archive", "links", "friends", "404"})
#: When a page without a date counts as published: it comes after all others, not as the newest.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = re.compile(r"\d:\d\d(?::\d\d)?(?:[.,]\d+)?\s*(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)\s*\Z")
_FILE_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[-_ T](\d\d)-(\d\d)-(\d\d))?")


class _Place(NamedTuple):
    """A file of the content folder: its language's code, and its path without that language's folder or ending."""

    language: str
    path: str


class Hugo(Dialect):
    """Hugo's conventions."""

    name = "hugo"
    label = "Hugo"
    endings: Mapping[str, str] = {
        ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".html": "html", ".htm": "html",
    }  # fmt: skip
    unread: Mapping[str, str] = {
        ".org": "Org", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".rst": "reStructuredText", ".pandoc": "Pandoc",
        ".pdc": "Pandoc", ".gotmpl": "content adapter", ".ipynb": "Jupyter notebook", ".mdx": "MDX", ".rmd": "R Markdown",
    }  # fmt: skip
    keys = Keys(
        published=DATES["date"], updated=DATES["lastmod"][:2], expires=DATES["expirydate"], links=("url",),
        categories=("categories",), tags=("tags",),
    )  # fmt: skip
    categories_mode = "parallel"
    flavour = GOLDMARK
    permalink_names = None
    static_folders = _hugo_links.STATICS
    old_feeds = ("index.xml", "feed.xml", "rss.xml", "atom.xml", "feed.json", "index.json")
    options = OPTIONS

    # what is a post

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        """Sections, leaf bundles and translations decide what a content file is."""
        place = _place(path, site)
        if place is None:
            return FileKind("ignored", "it is not in a folder of a language of the site")
        content = paths.split(place.path)
        if path.rpartition("/")[2].startswith("#"):
            return FileKind("ignored")
        if content.name == "_index":
            return FileKind("page", "section-page")
        folder = path.rpartition("/")[0]
        own = folder.rpartition("/")[0] if content.bundle else folder
        if any(above in site.bundles for above in _folders(own)):
            return FileKind("resource")
        return POST if _is_in_sections(content, site) else FileKind("page")

    def owns_folder(self, path: str, site: SiteFacts) -> bool:
        """`index.md`, in any language, makes its folder a leaf bundle."""
        place = _place(path, site)
        return place is not None and paths.split(place.path).bundle

    def is_data(self, path: str, site: SiteFacts) -> bool:
        """`_index.md` holds the front matter that pages below it inherit (`cascade`)."""
        name = path.rpartition("/")[2]
        return name.startswith("_index.") and name[name.rfind(".") :].lower() in self.endings

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        """`cascade` of the site's settings and of each section above the page, the nearest one's values last."""
        place = _place(path, site)
        if place is None:
            return {}
        rules = [site.options["cascade"]] if site.options.get("cascade") else []
        content = paths.split(place.path)
        slugs: list[str] = []
        slugged = False
        for folder in ("", *_folders_down(content.folders)):
            keys = _section_keys(path, folder, place, data)
            rules += [value for key, value in keys.items() if key.lower() == "cascade"]
            slug = keys.get("slug") if folder else None
            slugged = slugged or bool(slug)
            slugs += [slug if isinstance(slug, str) and slug else folder.rpartition("/")[2]] if folder else []
        found: dict[str, Value] = {}
        for rule in rules:
            found |= _cascaded(rule, f"/{content.folders}/{content.name}".replace("//", "/"), place.language)
        if slugged:
            found["sectionpath"] = "/".join(slugs)
        return found

    # what its front matter says

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """Dates by the site's rules, flags of building and listing, terms as Hugo's taxonomies have them."""
        place = _place(facts.path, site)
        content = paths.split(place.path if place else facts.path)
        facts.link = None
        self._read_dates(facts, content, site)
        if facts.status == "out" and _is_list(facts):
            facts.status = "page"
        category_keys, tag_keys = site.options.get("category_keys"), site.options.get("tag_keys")
        if category_keys is not None:
            facts.categories = tuple((name,) for name in _terms(facts.keys, category_keys))
        facts.tags = _terms(facts.keys, ("tags",) if tag_keys is None else tag_keys)
        if facts.slug == "-":
            facts.slug = ""
        if place is not None and len(site.options.get("languages", {})) > 1:
            language = table(site.options["languages"].get(place.language))
            facts.language = str(language.get("tag") or place.language)
        facts.extra |= {name: str(facts.keys[name]) for name in ("url", "sectionpath") if facts.keys.get(name)}
        return facts

    def _read_dates(self, facts: PostFacts, content: paths.ContentPath, site: SiteFacts) -> None:
        """Sets the instants, and the local time from which addresses are made."""
        chains = {name: _chain(name, site) for name in DATES}
        facts.published, moment, facts.dated_by = self._first(chains["date"], facts, content, site)
        if facts.dated_by == "file name" and not facts.slug:
            facts.slug = _FILE_DATE.sub("", content.name, count=1).strip(" -_")
        if facts.published is None and facts.status == "out":
            # Hugo lists such a page last, as of the year 1; that is not a date for every zone.
            facts.published = UNDATED
        visible, _, _ = self._first(chains["publishdate"], facts, content, site)
        if facts.published is not None and visible is not None and visible > facts.published:
            facts.published = visible
        changed, _, _ = self._first(chains["lastmod"], facts, content, site)
        facts.updated = changed if changed is None or facts.published is None or changed > facts.published else None
        facts.expires, _, _ = self._first(chains["expirydate"], facts, content, site)
        facts.extra["moment"] = (moment or datetime(1, 1, 1)).isoformat()  # noqa: DTZ001  a local time

    def _first(
        self, chain: tuple[str, ...], facts: PostFacts, content: paths.ContentPath, site: SiteFacts
    ) -> tuple[datetime | None, datetime | None, str]:
        """The first date of a chain: its instant, its local time, and where it comes from."""
        for key in chain:
            if key == ":filename":
                found = _FILE_DATE.match(content.name)
                text = f"{found[1]} {':'.join(found.groups()[1:]) if found[2] else ''}".strip() if found else ""
            else:
                value = facts.keys.get(key)
                text = value.strip() if isinstance(value, str) else ""
            if not text:
                continue
            try:
                instant = self.date(text, site.zone)
            except ValueError:
                continue
            return instant, _local(instant, text, site), "file name" if key == ":filename" else key
        return None, None, ""

    # where it is

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The page's address as Hugo makes it, percent-encoded."""
        place = _place(facts.path, site) or _Place("", facts.path)
        language = table(table(site.options.get("languages")).get(place.language))
        rules = _rules(site, language)
        moment = facts.extra.get("moment")
        page = paths.PageFacts(
            path=place.path, title=facts.title, slug=facts.slug, url=facts.extra.get("url", ""),
            moment=datetime.fromisoformat(moment) if moment else published.replace(tzinfo=None),
            sections_path=facts.extra.get("sectionpath", ""),
        )  # fmt: skip
        home = str(language.get("base_url") or site.home)
        return (home if home.endswith("/") else home + "/") + paths.permalink(page, rules)

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        return self.permalink(facts, facts.slug, facts.published or UNDATED, site)

    # what an address in a post means

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        if reference.form in ("field", "wiki"):
            yield from super().candidates(reference, site)
            return
        place = _place(reference.post, site) or _Place("", reference.post)
        language = table(table(site.options.get("languages")).get(place.language))
        yield from _hugo_links.candidates(
            reference, _hugo_links.Source(place.path, place.language, str(language.get("folder") or "")), site
        )

    # moving in

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings, if the folder is one of Hugo's."""
        from feeds.dialects import _hugo_init

        return _hugo_init.detect(folder)


def _place(path: str, site: SiteFacts) -> _Place | None:
    """Where a file of the posts folder lies in the content folder; None if it is in no language's folder."""
    # A posts folder such as content/posts is a section already.
    path = site.root.partition("/")[2] + "/" + path if "/" in site.root else path
    languages: Mapping[str, Any] = site.options.get("languages", {})
    default = str(site.options.get("default_language") or "en")
    codes = {code: table(language) for code, language in languages.items()} or {default: {}}
    folders = {str(language["folder"]): code for code, language in codes.items() if language.get("folder")}
    code = ""
    for folder in sorted(folders, key=len, reverse=True):
        if path.startswith(folder + "/"):
            code, path = folders[folder], path[len(folder) + 1 :]
            break
    if not code and folders and all(language.get("folder") for language in codes.values()):
        return None
    stem, dot, ending = path.rpartition(".")
    own = stem.rpartition(".")[2] if "." in stem.rpartition("/")[2] else ""
    if own.lower() in codes and dot:
        code, path = own.lower(), f"{stem[: -len(own) - 1]}.{ending}"
    code = code or default
    return None if codes.get(code, {}).get("disabled") else _Place(code, path)


def _folders(folder: str) -> Iterator[str]:
    """The folder and all above it."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _folders_down(folder: str) -> list[str]:
    return list(_folders(folder))[::-1]


def _is_in_sections(content: paths.ContentPath, site: SiteFacts) -> bool:
    sections: list[str] | None = site.options.get("sections")
    if sections is not None:
        return any(
            not content.folders if section == "." else (content.folders + "/").startswith(section.strip("/") + "/")
            for section in sections
        )
    pages: list[str] = site.options.get("pages", PAGES)
    return bool(content.folders) and not any((content.folders + "/").startswith(page.strip("/") + "/") for page in pages)


def _section_keys(path: str, folder: str, place: _Place, data: Mapping[str, Mapping[str, Value]]) -> Mapping[str, Value]:
    """The front matter of a section's own page; `path` is the file's below the posts folder."""
    if not data:
        return {}
    # What stands before the folders in the path: a language's folder, or nothing.
    content = paths.split(place.path).folders
    own = path.rpartition("/")[0]
    own = own.rpartition("/")[0] if paths.split(place.path).bundle else own
    start = own.removesuffix(content).rstrip("/")
    below = "/".join(part for part in (start, folder) if part)
    for name in (f"_index.{place.language}", "_index"):
        for ending in Hugo.endings:
            keys = data.get(f"{below}/{name}{ending}".lstrip("/"))
            if keys is not None:
                return keys
    return {}


def _cascaded(rule: Any, path: str, language: str) -> dict[str, Value]:
    """What one `cascade` gives a page: a table, or a list of tables of which the first that names a key wins."""
    found: dict[str, Value] = {}
    for entry in rule if isinstance(rule, list) else [rule]:
        keys = {str(key).lower(): value for key, value in table(entry).items()}
        target = {
            str(key).lower(): str(value) for key, value in table(keys.pop("target", None) or keys.pop("_target", None)).items()
        }
        if target.get("kind", "page") not in ("page", "*", "**", "") or target.get("lang", language) != language:
            continue
        if target.get("environment", "production") != "production" or (
            "path" in target and not paths.matches(target["path"], path)
        ):
            continue
        for key, value in {**table(keys.pop("params", None)), **keys}.items():
            found.setdefault(key, value)
    return found


def _is_list(facts: PostFacts) -> bool:
    """Whether the page is one that lists others."""
    return str(facts.keys.get("layout") or "").lower() in _LISTS


def _terms(keys: Mapping[str, Value], names: Any) -> tuple[str, ...]:
    """The terms of a taxonomy: a list, or one text that is one term."""
    from feeds.text import plain

    found: dict[str, None] = {}
    for name in names:
        value = keys.get(re.sub(r"[-_]", "", str(name).lower()))
        for term in value if isinstance(value, list) else [value]:
            if isinstance(term, str) and (text := plain(term, 200)):
                found[text] = None
    return tuple(found)


def _chain(name: str, site: SiteFacts) -> tuple[str, ...]:
    """The keys of front matter from which a date comes, the first one first, folded."""
    own = table(site.options.get("dates")).get(name)
    keys: list[str] = []
    for key in own if isinstance(own, list) else [":default"]:
        keys += DATES[name] if str(key).lower() == ":default" else [str(key).lower()]
    return tuple(key if key.startswith(":") else re.sub(r"[-_]", "", key) for key in keys)


def _local(instant: datetime, text: str, site: SiteFacts) -> datetime:
    """The instant's local time by the offset in its text, else in the site's zone."""
    offset = _OFFSET.search(text)
    if offset is not None:
        delta = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"]))
        return (instant + (delta if offset["sign"] == "+" else -delta)).replace(tzinfo=None)
    if text.upper().endswith("Z"):
        return instant.astimezone(UTC).replace(tzinfo=None)
    return instant.astimezone(site.zone).replace(tzinfo=None)


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


DIALECT = Hugo()
