"""Every document that we publish, in one table: path -> Resource(format, media type, key, how to render, how to check).

Server, publisher and tests read this table and nothing else, so that static publishing equals serving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feeds import formats
from feeds.errors import SettingsError, sentence
from feeds.formats import MEDIA_TYPES
from feeds.http_headers import TargetLink
from feeds.model import Feed, digest
from feeds.publication import Publication
from feeds.publish.resource import Resource, document_links
from feeds.urls import archive_file_name

if TYPE_CHECKING:
    from feeds.publish.page_resources import PageSource

__all__ = ["DocumentNames", "Resource", "ResourceSource", "table"]


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """How the documents in a feed's folder are called, by format ("rss" -> "rss.xml"), and which formats there are."""

    formats: tuple[str, ...]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ResourceSource:
    """Where a table takes what it does not hold: fragments of a feed in a format, an asset's bytes, what pages show.

    `asset` gives an asset's digest and how to read it. Without `pages` no HTML is published.
    """

    fragments: Callable[[str, Feed], Sequence[bytes]]
    asset: Callable[[str], tuple[str, Callable[[], bytes]]]
    pages: PageSource | None = None


def table(
    publication: Publication, names: DocumentNames, source: ResourceSource, *, proofs: Mapping[str, bytes] | None = None
) -> tuple[Resource, ...]:
    """Every document of a publication, sorted by path. `proofs` are small files of text that services ask for, by path.

    Raises SettingsError if two documents cannot both be published where the settings put them.
    """
    keys = {feed.path: feed.key for feed in publication.feeds}
    result = [*_feeds(publication, names, source, keys), *_assets(publication, source), *map(_proof, (proofs or {}).items())]
    if source.pages is not None:
        from feeds.publish import page_resources

        result += page_resources.resources(publication, source.pages, keys)
    by_path: dict[str, Resource] = {}
    for resource in result:
        if resource.path in by_path:
            both = f"{by_path[resource.path].format}, {resource.format}"
            raise SettingsError((_mistake(f"{resource.path} would be the path of two documents ({both})"),))
        by_path[resource.path] = resource
    for folder in sorted({path.rpartition("/")[0] for path in by_path}):
        above = folder
        while above:
            if above in by_path:
                raise SettingsError((_mistake(f"{above} would be a document and the folder of others, e.g. {folder}/"),))
            above = above.rpartition("/")[0]
    return tuple(by_path[path] for path in sorted(by_path))


def _mistake(what: str) -> str:
    return sentence(what, where="[paths]", fix="give one of them another folder or name in feeds.toml")


def _feeds(publication: Publication, names: DocumentNames, source: ResourceSource, keys: Mapping[str, str]) -> Iterable[Resource]:
    from feeds.formats import opml

    for feed in publication.feeds:
        for name in names.formats:
            yield _feed(feed, name, names, source, keys[feed.path])
    for archive in publication.archives:
        key = archive.feed.key
        for name in names.formats:
            result = _feed(archive.feed, name, names, source, key)
            path = archive.feed.path + archive_file_name(names.files[name], archive.number)
            yield replace(result, path=path, max_age_seconds=archive.max_age_seconds)
    site = publication.feeds[0]
    since = max(publication.outlined.values())
    yield Resource(
        site.path + names.files["opml"], "opml", MEDIA_TYPES["opml"],
        opml.key(site.title, publication.feeds, since, site.language),
        lambda: opml.document(site.title, publication.feeds, since, site.language),
        lambda body: opml.check(body, site.title, publication.feeds, since),
        (TargetLink("self", site.urls["opml"], "text/x-opml"),), since,
    )  # fmt: skip


def _feed(feed: Feed, name: str, names: DocumentNames, source: ResourceSource, key: str) -> Resource:
    format = formats.by_name(name)
    return Resource(
        feed.path + names.files[name], name, format.media_type, digest(name, format.version, key),
        lambda: format.document(feed, source.fragments(name, feed)),
        lambda body: format.check(body, feed),
        document_links(feed, name), feed.updated,
    )  # fmt: skip


def _proof(proof: tuple[str, bytes]) -> Resource:
    path, body = proof
    return Resource(path, "asset", "text/plain; charset=utf-8", digest("proof", body), lambda: body, lambda _: None)


def _assets(publication: Publication, source: ResourceSource) -> Iterable[Resource]:
    from feeds.media_types import media_type

    for asset in publication.assets:
        key, read = source.asset(asset.source)
        kind = media_type(asset.path) or "application/octet-stream"
        yield Resource(asset.path, "asset", kind, key, read, lambda _: None)
