"""Every document that we publish, in one table: path -> Resource(format, media type, key, how to render, how to check).

Server, publisher and tests read this table and nothing else, so that static publishing equals serving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """One document to publish.

    `path` is its place below the output folder and the base URL, decoded ("category/技术/rss.xml"). `key` is the digest of
    all that decides its bytes: equal key, equal bytes. `render` makes them; `check` is the publish gate and raises
    RenderError. `links` are (relation, absolute URL, media type) for the Link header.
    """

    path: str
    format: str
    media_type: str
    key: str
    render: Callable[[], bytes]
    check: Callable[[bytes], None]
    links: tuple[tuple[str, str, str], ...] = ()
