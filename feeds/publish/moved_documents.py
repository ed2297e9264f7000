"""Documents at addresses that have moved, for hosts that serve files only: in come resources and `moved`, out go more of them.

Such a host cannot answer 301. Where the target is a feed of the site, the same document lies at the old address too, and
says the new one of itself. Elsewhere a small feed, or a page, points on: a page of ours has relative links, which lead
nowhere from another folder. Servers that can redirect do so instead:
what has moved is not a document to them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote

from feeds.errors import RenderError
from feeds.formats import MEDIA_TYPES
from feeds.http_headers import TargetLink
from feeds.model import Feed, digest, rfc3339
from feeds.publish.resource import Resource
from feeds.urls import encode_path

_VERSION = "1"
#: The format of a small feed, by the ending of its address.
_FORMATS = {".xml": "rss", ".rss": "rss", ".rdf": "rss", ".atom": "atom", ".json": "json"}


def targets(moved: Mapping[str, str], base_url: str) -> dict[str, str]:
    """Old path below the base URL -> absolute URL, from paths or URLs."""
    return {path.lstrip("/"): url if "://" in url else base_url + encode_path(url.lstrip("/")) for path, url in moved.items()}


def document_path(old: str, folders: Collection[str] = ()) -> str:
    """The path of the document at an old path: of a folder its index. `folders` are those with other documents ("a/b")."""
    if old in folders:
        return f"{old}/index.html"
    return f"{old}index.html" if old.endswith("/") or not old else old


def _folders_of(path: str) -> Iterator[str]:
    """The folders that a path lies in, without the "/" at their ends."""
    names = path.split("/")[:-1]
    return ("/".join(names[:depth]) for depth in range(1, len(names) + 1))


def added(resources: Sequence[Resource], moved: Mapping[str, str], base_url: str, site: Feed) -> tuple[Resource, ...]:
    """The resources and a document for each path of `moved` at which there is none yet, sorted by path.

    `site` is the feed of the whole site: its title and date stand in what points elsewhere.
    """
    by_path = {resource.path: resource for resource in resources}
    result: dict[str, Resource] = {}
    moves = targets(moved, base_url)
    folders = {folder for path in (*by_path, *moves) for folder in _folders_of(path)}
    for old, url in sorted(moves.items()):
        path = document_path(old, folders)
        # No file can lie where another one is, or below it.
        if path in by_path or path in result or any(folder in by_path for folder in _folders_of(path)):
            continue
        target = by_path.get(below(url, base_url) or "")
        if target is not None and not _is_page(path) and not _is_page(target.path):
            result[path] = Resource(
                path, target.format, target.media_type, digest("moved", _VERSION, target.key), target.render, target.check,
                target.links, target.dated,
            )  # fmt: skip
        else:
            result[path] = _pointer(path, url, site.title, site.updated)
    return tuple(sorted((*resources, *result.values()), key=lambda resource: resource.path))


def below(url: str, base_url: str) -> str | None:
    """The path of one of our documents from its URL."""
    if not url.startswith(base_url):
        return None
    path = unquote(url[len(base_url) :].partition("?")[0].partition("#")[0])
    return f"{path}index.html" if path.endswith("/") or not path else path


def _is_page(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith((".html", ".htm")) or "." not in name


def _pointer(path: str, url: str, title: str, updated: datetime) -> Resource:
    """A document without entries that says where its successor is."""
    name = path.rpartition("/")[2]
    format = "html" if _is_page(path) else _FORMATS.get(f".{name.rpartition('.')[2].lower()}", "rss")
    makers: dict[str, Callable[[str, str, datetime], bytes]] = {"html": _page, "json": _json, "rss": _rss, "atom": _atom}
    make = makers[format]

    def check(body: bytes) -> None:
        if html.escape(url).encode() not in body and json.dumps(url).encode() not in body:
            raise RenderError(path, format, "the address that it has moved to is missing")

    key = digest("moved to", _VERSION, format, url, title, updated.isoformat())
    return Resource(
        path, format, MEDIA_TYPES[format], key, lambda: make(url, title, updated), check, (TargetLink("canonical", url),), updated
    )


def _page(url: str, title: str, updated: datetime) -> bytes:  # noqa: ARG001  the same for every format
    address, name = html.escape(url), html.escape(title)
    lines = (
        "<!DOCTYPE html>", "<html>", "<head>", '<meta charset="utf-8">', f"<title>{name}</title>",
        f'<link rel="canonical" href="{address}">', f'<meta http-equiv="refresh" content="0; url={address}">', "</head>",
        f'<body><p><a href="{address}">{name}</a></p></body>', "</html>", "",
    )  # fmt: skip
    return "\n".join(lines).encode()


def _json(url: str, title: str, updated: datetime) -> bytes:  # noqa: ARG001  the same for every format
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "feed_url": url, "items": []}
    return (json.dumps(feed, ensure_ascii=False, indent=2) + "\n").encode()


def _rss(url: str, title: str, updated: datetime) -> bytes:  # noqa: ARG001  a channel without items needs no date
    address, name = html.escape(url), html.escape(title)
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">',
        f"<channel><title>{name}</title><link>{address}</link><description>{name}</description>",
        f'<atom:link rel="self" href="{address}"/><itunes:new-feed-url>{address}</itunes:new-feed-url></channel>', "</rss>", "",
    )  # fmt: skip
    return "\n".join(lines).encode()


def _atom(url: str, title: str, updated: datetime) -> bytes:
    address, name = html.escape(url), html.escape(title)
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>', '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{address}</id><title>{name}</title><updated>{rfc3339(updated)}</updated><author><name>{name}</name></author>",
        f'<link rel="self" href="{address}"/>', "</feed>", "",
    )  # fmt: skip
    return "\n".join(lines).encode()
