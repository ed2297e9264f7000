"""Shows and their covers: in come settings, the ledger and files, out go what a feed says of itself as a podcast, its picture.

A cover that no generator publishes is published with the feeds, at the address that the settings give. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote

from feeds import shows
from feeds.build.place import site_authors
from feeds.build.site_index import SiteIndex
from feeds.content import links
from feeds.dialects.base import Dialect
from feeds.ledger.ledger import Ledger
from feeds.media_files import NOTHING, MediaFacts
from feeds.posts.reader import PostReader
from feeds.publication import Asset
from feeds.settings import Settings
from feeds.settings.site_facts import home_of
from feeds.shows import Show, ShowFacts

#: Before the path of a podcast's feed: the ledger's fact of its guid.
GUID_FACT = "podcast guid "


def show_of(settings: Settings, path: str, urls: Mapping[str, str], ledger: Ledger) -> Show | None:
    """What the feed at this path says of itself as a podcast, None if it is not one. Its guid stays if its address changes."""
    own = settings.shows.get("" if path == settings.paths.site else path.strip("/"))
    if own is None:
        return None
    guid = own.guid or ledger.meta(GUID_FACT + path) or shows.guid_of(urls.get("rss") or next(iter(urls.values())))
    author = own.author or ", ".join(person.name for person in site_authors(settings))
    categories = tuple((above, below) for above, _, below in (name.partition(" / ") for name in own.categories))
    facts = {attribute.name: getattr(own, attribute.name) for attribute in fields(ShowFacts)}
    return Show(guid=guid, author=author, categories=categories, **facts)


class Cover(NamedTuple):
    """A show's picture. `facts` are those of the author's file, if it is one; `asset` is set if we have to publish it.

    `is_missing`: it is below the site's address, and not among the site's files.
    """

    url: str
    is_local: bool = False
    facts: MediaFacts = NOTHING
    asset: Asset | None = None
    is_missing: bool = False


def covers(reader: PostReader, index: SiteIndex) -> Mapping[str, Cover]:
    """The cover of each show that has one, by the path of its feed as in the settings."""
    return {path: _cover(show.image, reader, index) for path, show in reader.settings.shows.items() if show.image}


def _cover(url: str, reader: PostReader, index: SiteIndex) -> Cover:
    settings, site = reader.settings, reader.site
    home = home_of(settings)
    base = next((base for base in (home, settings.base_url) if url.startswith(base)), None)
    if base is None or "?" in url:
        return Cover(url)
    path = unquote(url[len(base) :])
    # Where no generator makes a site, the file lies beside the settings or among the posts, and nobody else publishes it.
    if settings.permalink is None and type(reader.dialect).permalink is Dialect.permalink:
        sources = ((f"/{path}", index.site_file(path)), (path, index.file(path)))
        source = next((source for source, size in sources if size is not None), None)
        if source is None:
            return Cover(url, is_missing=True)
        asset = Asset(path, source) if url.startswith(settings.base_url) else None
        return Cover(url, is_local=True, facts=index.media(source), asset=asset)
    place = links.PostLocation(
        path="", permalink=home, home=home, page=None, copies="", copies_url=settings.base_url, files_url=home
    )  # fmt: skip
    resolver = links.Resolver(place, partial(reader.dialect.candidates, site=site), index)
    target = resolver.target("/" + path, image=True, form="field")
    if target.kind != "file":
        return Cover(url, is_missing=True)
    return Cover(url, is_local=True, facts=resolver.media(target))
