"""What the pages of a build are made from: settings and a built publication come in, a look and a source go out.

Must not render anything: a build whose pages do not change never imports Jinja2, one without pages nothing that makes them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.build.publication import Built
from feeds.cache import Cache
from feeds.errors import SettingsError, sentence
from feeds.fastpath import libraries
from feeds.ledger.reader import SHORT_SLUG
from feeds.model import digest
from feeds.settings import Settings

if TYPE_CHECKING:
    from feeds.formats.pages.collation import IndexPlace
    from feeds.formats.pages.look import Look
    from feeds.publish.page_resources import PageSource

#: What the facts about slugs of categories begin with.
_OF_CATEGORY = f"{SHORT_SLUG}category/"


def look_of(settings: Settings, language: str | None, taxonomies: tuple[str, ...], slug_facts: Mapping[str, str]) -> Look:
    """How the site's pages look; `taxonomies` are those that have terms, `slug_facts` those of the build.

    Raises SettingsError where a file that the settings name cannot be used.
    """
    from feeds.formats.pages.look import Look

    paths = settings.paths
    look = Look(
        base_url=settings.base_url,
        language=language,
        zone=settings.timezone,
        site=paths.site,
        category=paths.category,
        tag=paths.tag,
        author=paths.author,
        languages=paths.language,
        set=paths.set,
        entry=paths.entry,
        archive=paths.archive,
        folder=settings.page_folder,
        file=paths.html,
        style=paths.css,
        taxonomies=taxonomies,
        readers=settings.readers,
        templates=settings.templates,
        css=settings.page_css,
        has_missing_page=_has_missing_page(settings),
        short_slugs=tuple(
            (fact.removeprefix(_OF_CATEGORY), slug) for fact, slug in sorted(slug_facts.items()) if fact.startswith(_OF_CATEGORY)
        ),
    )
    mistakes = []
    if settings.templates is not None and not settings.templates.is_dir():
        mistakes.append(_mistake("templates", settings.templates, "there is no such folder", "make it, or take the setting out"))
    for name, path, read in (
        ("page_css", settings.page_css, lambda: look.style_sheet),
        ("templates", settings.templates, lambda: look.files),
        ("templates", settings.templates, lambda: look.strings),
    ):
        if path is not None and not mistakes:
            _check(name, path, read, mistakes)
    if mistakes:
        raise SettingsError(tuple(mistakes))
    return look


def _has_missing_page(settings: Settings) -> bool:
    """Whether the page for addresses at which there is nothing is ours: beside a generator it is the generator's."""
    from feeds.dialects import by_name

    front = f"{settings.page_folder}{settings.paths.site}{settings.paths.html}"
    return front == "index.html" and not by_name(settings.generator).makes_pages(settings.dialect)


def _check(name: str, path: Path, read: Callable[[], object], mistakes: list[str]) -> None:
    try:
        read()
    except UnicodeDecodeError:
        mistakes.append(_mistake(name, path, "it is not UTF-8", "save it as UTF-8"))
    except OSError as error:
        mistakes.append(_mistake(name, path, error.strerror or str(error), "check the path and its permissions"))
    except ValueError as error:
        mistakes.append(_mistake(name, path, str(error), "docs/pages.md describes such a file"))


def _mistake(name: str, path: Path, what: str, fix: str) -> str:
    return sentence(what, where=f"{name} ({path})", fix=fix)


def own_script(settings: Settings) -> str:
    """The digest of the script of pages in the site's folder of templates (SHA-256 in base64); "" if it has none."""
    if settings.templates is None or settings.pages is False:
        return ""
    from feeds.formats.pages.look import SCRIPT, digest_of

    path = settings.templates / SCRIPT
    return digest_of(path.read_text(encoding="utf-8")) if path.is_file() else ""


def watched(settings: Settings) -> Iterator[str]:
    """Files and folders whose change means other pages though no post has changed."""
    if settings.pages is False:
        return
    if settings.page_css is not None:
        yield os.path.realpath(settings.page_css)
    if settings.templates is not None:
        yield os.path.realpath(settings.templates)
        for folder, folders, names in os.walk(settings.templates):
            yield from (os.path.realpath(Path(folder) / name) for name in sorted((*folders, *names)))


def source(settings: Settings, built: Built, cache: Cache) -> PageSource | None:
    """Where pages take what they show; None where none are published. Raises SettingsError."""
    if built.lines is None:
        return None
    from feeds.publish.page_resources import PageSource

    feeds = built.publication.feeds
    language = feeds[0].language
    # An author of every post has no list: it would lead to what the front page shows.
    listed = {feed.taxonomy for feed in feeds if feed.count and (feed.taxonomy != "author" or feed.count < feeds[0].count)}
    runs = {plan.path: plan.runs for plan in built.plans}
    return PageSource(
        look=look_of(
            settings, language, tuple(name for name in (*settings.taxonomies, "set") if name in listed), built.slug_facts
        ),
        posts=built.lines,
        entry=lambda key: built.conversion.entries((key,))[0],
        runs=lambda path: runs[path],
        places=lambda labels: _places(cache, labels, language),
        templates=_Templates(cache),
    )


class _Templates:
    """Compiled templates in the cache of the build."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def get(self, key: str) -> bytes | None:
        return self._cache.get("template", (key,)).get(key)

    def put(self, key: str, code: bytes) -> None:
        self._cache.put("template", key, code)


def _places(cache: Cache, labels: Sequence[str], language: str | None) -> list[IndexPlace]:
    """The order of labels, remembered: pinyin takes a library that is slow to load."""
    from feeds.formats.pages.collation import VERSION, IndexPlace, places

    key = digest("places", VERSION, language or "", *libraries(), *labels)
    stored = cache.get("places", (key,)).get(key)
    if stored is None:
        result = places(labels, language)
        cache.put("places", key, json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return result
    return [IndexPlace(heading, order) for heading, order in json.loads(stored.decode("utf-8", "surrogatepass"))]
