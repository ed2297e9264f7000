"""One document to publish, as a value: what it is called, what it is, how its bytes are made and checked. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from feeds.formats import media_type_of
from feeds.http_headers import TargetLink
from feeds.model import Feed


@dataclass(frozen=True, slots=True)
class Resource:
    """One document to publish.

    `path` is its place below the output folder and the base URL, decoded ("category/技术/rss.xml"). `key` is the digest of
    all that decides its bytes: equal key, equal bytes. `render` makes them; `check` is the publish gate and raises
    RenderError. `links` are those of the Link header. `dated` is the newest date of what it
    shows: where it is published for the first time, it counts as last modified then, so that every machine says the same.
    `max_age_seconds` is how long caches may keep it, None for as long as the site's other documents.
    """

    path: str
    format: str
    media_type: str
    key: str
    render: Callable[[], bytes]
    check: Callable[[bytes], None]
    links: tuple[TargetLink, ...] = ()
    dated: datetime | None = None
    max_age_seconds: int | None = None


def document_links(feed: Feed, format: str) -> tuple[TargetLink, ...]:
    """What the Link header says of a feed's document: itself, its hubs, the same in other formats and scripts.

    Sources: RFC 8288, WebSub section 4.
    """
    kind, language = media_type_of(format).partition(";")[0], feed.language or ""
    own = [TargetLink("self", feed.urls[format], kind)] if format in feed.urls else []
    hubs = [TargetLink("hub", hub) for hub in feed.hubs] if format != "html" else []
    others = [
        TargetLink("alternate", url, media_type_of(name).partition(";")[0], language)
        for name, url in feed.urls.items()
        if name not in (format, "opml")
    ]
    twins = [TargetLink("alternate", urls[format], kind, script) for script, urls in feed.twins if format in urls]
    history = [TargetLink(relation, url, kind) for relation, url in feed.history.relations(format)] if feed.history else []
    return (*own, *hubs, *others, *twins, *history)
