"""Hugo: how its blogs read (https://gohugo.io/documentation/).

The posts folder is the content folder: its sections, its page bundles and the translations in it decide together what a file
is. Addresses are made in `paths`, the site's settings are read in `config` and taken over in `init`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from feeds.content import links
from feeds.content.flavour import GOLDMARK
from feeds.dialects.base import POST, Dialect, FileKind, Found, Keys, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.config_files import table
from feeds.dialects.hugo import link_targets, paths
from feeds.dialects.hugo.options import DATES, ENDINGS, MARKUPS, OPTIONS, PANDOC
from feeds.dialects.hugo.site import LocalizedPath, ancestors, cascaded, folders_down, site_of
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value

#: Layouts of pages that list others.
_LISTS = frozenset({"search", "archives", "archive", "links", "friends", "404"})
#: When a page without a date counts as published: it comes after all others, not as the newest.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = lazy_pattern(r"\d:\d\d(?::\d\d)?(?:[.,]\d+)?\s*(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)\s*\Z")
_FILE_DATE = lazy_pattern(r"(\d{4}-\d\d-\d\d)(?:[-_ T](\d\d)-(\d\d)-(\d\d))?")


class Hugo(Dialect):
    """Hugo's conventions."""

    name = "hugo"
    label = "Hugo"
    settings_files = ("hugo.*", "config.*", "config/_default/*", "config/production/*")
    tag_tables = ("hugo", "wordpress")
    template_folders = (
        "layouts/_shortcodes", "layouts/shortcodes", "themes/*/layouts/_shortcodes", "themes/*/layouts/shortcodes",
    )  # fmt: skip
    endings = ENDINGS
    unread: Mapping[str, str] = {
        ".org": "Org", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".rst": "reStructuredText", ".pandoc": "Pandoc",
        ".pdc": "Pandoc", ".gotmpl": "content adapter", ".ipynb": "Jupyter notebook", ".mdx": "MDX", ".rmd": "R Markdown",
    }  # fmt: skip
    markups = MARKUPS
    # Hugo gives `id` no meaning: posts often share one that another generator made, or that was copied with the front matter.
    keys = Keys(
        ids=("guid", "uuid"), published=DATES["date"], updated=DATES["lastmod"][:2], expires=DATES["expirydate"], links=("url",),
        categories=("categories",), tags=("tags",),
    )  # fmt: skip
    categories_mode = "parallel"
    # Without `unsafe` today's Hugo leaves HTML out of posts, which its earlier renderers never did: it is kept, sanitised.
    flavour = replace(GOLDMARK, raw_html=True)
    permalink_names = None
    last_key_wins = True
    static_folders = link_targets.STATICS
    old_feeds = ("index.xml", "feed.xml", "rss.xml", "atom.xml", "feed.json", "index.json")
    options = OPTIONS

    def template_needs(self, source: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        from feeds.content.template_tags import go_data

        return go_data.needs(source)

    # what is a post

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        """Sections, leaf bundles and translations decide what a content file is."""
        hugo = site_of(site)
        if (hugo.ignored or hugo.excluded or hugo.included) and (setting := hugo.leaves_out(path)):
            return FileKind("ignored", f"{setting} leaves it out")
        place = hugo.place(path)
        if place is None:
            return FileKind("ignored", "it is not in a language of the site")
        if setting := hugo.leaves_unrendered(place):
            return FileKind("ignored", f"{setting} leaves it out")
        if path.rpartition("/")[2].startswith("#"):
            return FileKind("ignored")
        content = paths.split(place.path)
        if content.name == "_index":
            return FileKind("page", "section-page")
        if site.bundles:
            folder = path.rpartition("/")[0]
            above = folder.rpartition("/")[0] if content.bundle else folder
            if any(owned in site.bundles for owned in ancestors(above)):
                return FileKind("resource")
        return POST if hugo.holds_posts(content) else FileKind("page")

    def owns_folder(self, path: str, site: SiteFacts) -> bool:
        """`index.md`, in any language, makes its folder a leaf bundle."""
        if not path.rpartition("/")[2].startswith("index."):
            return False
        place = site_of(site).place(path)
        return place is not None and paths.split(place.path).bundle

    def is_data(self, path: str, site: SiteFacts) -> bool:
        """`_index.md` holds the front matter that pages below it inherit (`cascade`)."""
        name = path.rpartition("/")[2]
        return name.startswith("_index.") and name[name.rfind(".") :].lower() in self.endings

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        """`cascade` of the site's settings and of each section above the page, the nearest one's values last."""
        hugo = site_of(site)
        place = hugo.place(path)
        cascade = hugo.options.get("cascade")
        if place is None or not (data or cascade):
            return {}
        content = paths.split(place.path)
        rules = [cascade] if cascade else []
        slugs: list[str] = []
        for folder in ("", *folders_down(content.folders)):
            keys = hugo.section_keys(place, folder, data)
            rules += [value for key, value in keys.items() if key.lower() == "cascade"]
            slugs.append(str(keys.get("slug") or ""))
        results: dict[str, Value] = {}
        for rule in rules:
            results |= cascaded(rule, f"/{content.folders}/{content.name}".replace("//", "/"), place.language)
        if any(slugs[1:]):
            names = content.folders.split("/")
            results["sectionpath"] = "/".join(slug or name for slug, name in zip(slugs[1:], names, strict=True))
        return results

    # what its front matter says

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """Dates by the site's rules, flags of building and listing, terms as Hugo's taxonomies have them."""
        hugo = site_of(site)
        place = hugo.place(facts.path) or LocalizedPath(hugo.default, facts.path)
        facts.link = None
        content = paths.split(place.path)
        self._read_dates(facts, content, site)
        is_page = hugo.sections is None and not content.folders and not facts.dated_by
        if facts.status == "out" and (is_page or _is_list(facts)):
            facts.status = "page"
        if facts.status == "out" and MARKUPS.get(facts.markup, PANDOC) != PANDOC:
            facts.status = "unread-markup"
        category_keys, tag_keys = hugo.options.get("category_keys"), hugo.options.get("tag_keys")
        if category_keys is not None:
            facts.categories = tuple((name,) for name in _terms(facts.keys, category_keys))
        facts.tags = _terms(facts.keys, ("tags",) if tag_keys is None else tag_keys)
        facts.slug = facts.slug.strip("-")
        if len(hugo.languages) > 1:
            facts.language = hugo.languages[place.language].tag or place.language
        facts.extra |= {name: str(facts.keys[name]) for name in ("url", "sectionpath") if facts.keys.get(name)}
        return facts

    def _read_dates(self, facts: PostFacts, content: paths.ContentPath, site: SiteFacts) -> None:
        """Sets the instants, and the local time from which addresses are made."""
        chains = site_of(site).chains
        dates: dict[str, datetime | None] = {}
        facts.published, moment, facts.dated_by = self._first(chains["date"], facts, content, site, dates)
        if facts.dated_by == "file name" and not facts.slug:
            facts.slug = _FILE_DATE.sub("", content.name, count=1).strip(" -_")
        if facts.published is None and facts.status == "out":
            # Hugo lists such a page last, as of the year 1; that is not a date for every zone.
            facts.published = UNDATED
        visible, _, _ = self._first(chains["publishdate"], facts, content, site, dates)
        if facts.published is not None and visible is not None and visible > facts.published:
            facts.published = visible
        changed, _, _ = self._first(chains["lastmod"], facts, content, site, dates)
        facts.updated = changed if changed is None or facts.published is None or changed > facts.published else None
        facts.expires, _, _ = self._first(chains["expirydate"], facts, content, site, dates)
        facts.extra["moment"] = (moment or datetime(1, 1, 1)).isoformat()  # noqa: DTZ001  a local time

    def _first(
        self,
        chain: tuple[str, ...],
        facts: PostFacts,
        content: paths.ContentPath,
        site: SiteFacts,
        dates: dict[str, datetime | None],
    ) -> tuple[datetime | None, datetime | None, str]:
        """The first date of a chain: its instant, its local time, and where it comes from; `dates` are dates read before."""
        for key in chain:
            if key == ":filename":
                match = _FILE_DATE.match(content.name)
                text = f"{match[1]} {':'.join(match.groups()[1:]) if match[2] else ''}".strip() if match else ""
            else:
                value = facts.keys.get(key)
                text = value.strip() if isinstance(value, str) else ""
            if not text:
                continue
            if text not in dates:
                try:
                    dates[text] = self.date(text, site.zone)
                except ValueError:
                    dates[text] = None
            instant = dates[text]
            if instant is None:
                continue
            return instant, _local(instant, text, site), "file name" if key == ":filename" else key
        return None, None, ""

    # where it is

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The page's address as Hugo makes it, percent-encoded."""
        hugo = site_of(site)
        place = hugo.place(facts.path) or LocalizedPath(hugo.default, facts.path)
        language = hugo.languages[place.language]
        moment = facts.extra.get("moment")
        page = paths.PageFacts(
            path=place.path, title=facts.title, slug=facts.slug, url=facts.extra.get("url", ""),
            moment=datetime.fromisoformat(moment) if moment else published.replace(tzinfo=None),
            sections_path=facts.extra.get("sectionpath", ""),
        )  # fmt: skip
        return language.home + paths.permalink(page, language.rules)

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        return self.permalink(facts, facts.slug, facts.published or UNDATED, site)

    def site_params(self, site: SiteFacts) -> Mapping[str, Value]:
        return table(site.options.get("params"))

    # what an address in a post means

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        if reference.form in ("field", "wiki"):
            yield from super().candidates(reference, site)
            return
        hugo = site_of(site)
        place = hugo.place(reference.post) or LocalizedPath(hugo.default, reference.post)
        folder = hugo.languages[place.language].folder.rstrip("/")
        first = hugo.default if len(hugo.languages) > 1 else ""
        yield from link_targets.candidates(reference, link_targets.ReferringPost(place.path, place.language, folder, first), site)

    # moving in

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings, if the folder is one of Hugo's."""
        from feeds.dialects.hugo import init

        return init.detect(folder)


def _is_list(facts: PostFacts) -> bool:
    """Whether the page is one that lists others."""
    return str(facts.keys.get("layout") or "").lower() in _LISTS


def _terms(keys: Mapping[str, Value], names: Any) -> tuple[str, ...]:
    """The terms of a taxonomy: a list, or one text that is one term."""
    from feeds.text import plain

    results: dict[str, None] = {}
    for name in names:
        value = keys.get(re.sub(r"[-_]", "", str(name).lower()))
        for term in value if isinstance(value, list) else [value]:
            if isinstance(term, str) and (text := plain(term, 200)):
                results[text] = None
    return tuple(results)


def _local(instant: datetime, text: str, site: SiteFacts) -> datetime:
    """The instant's local time by the offset in its text, else in the site's zone."""
    offset = _OFFSET.search(text)
    if offset is not None:
        delta = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"]))
        return (instant + (delta if offset["sign"] == "+" else -delta)).replace(tzinfo=None)
    if text.upper().endswith("Z"):
        return instant.astimezone(UTC).replace(tzinfo=None)
    return instant.astimezone(site.zone).replace(tzinfo=None)


DIALECT = Hugo()
