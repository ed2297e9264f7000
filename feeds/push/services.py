"""Whom a site tells of what: in come settings, a manifest and messages, out go topics, addresses and HTTP requests.

WebSub (https://www.w3.org/TR/websub/ section 6), rssCloud (https://www.rssboard.org/rsscloud-interface), IndexNow
(https://www.indexnow.org/documentation) and Baidu's address push. Pure: sends nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from feeds.http_headers import TargetLink
from feeds.lazy_patterns import lazy_pattern
from feeds.publish.manifest import Manifest
from feeds.push.outbox import Address
from feeds.settings import Settings

#: So many subjects one request may hold; a hub is told of one topic at a time, which every hub understands.
AT_ONCE: Mapping[str, int] = {"websub": 1, "rsscloud": 1, "indexnow": 10_000, "baidu": 2_000}
_FAILED = lazy_pattern(rb'success="?(?:false|0)"?[^>]{0,300}?msg="([^"]{0,200})"|success="?(?:false|0)"?', re.IGNORECASE)


class ServiceRequest(NamedTuple):
    """One POST: URL, body, media type."""

    url: str
    body: bytes
    media_type: str


class AnnouncedDocument(Protocol):
    """What a topic is made of: a `Resource`, or what the manifest says of one."""

    @property
    def format(self) -> str: ...
    @property
    def links(self) -> tuple[TargetLink, ...]: ...


def topics(settings: Settings, documents: Iterable[AnnouncedDocument]) -> dict[str, list[Address]]:
    """The feeds that somebody wants to hear of, each with whom to tell.

    A topic is a feed's own address (`self`), as the document and its Link header name it (WebSub section 4).
    """
    cloud = [Address("rsscloud", settings.push.rsscloud)] if settings.push.rsscloud else []
    listeners: dict[str, list[Address]] = {}
    for document in documents if settings.hubs or cloud else ():
        named = [Address("websub", url) for relation, url, *_ in document.links if relation == "hub"]
        if document.format == "rss":
            named += cloud
        topic = next((url for relation, url, *_ in document.links if relation == "self"), None)
        if named and topic is not None:
            listeners[topic] = named
    return listeners


def digests(listeners: Mapping[str, object], manifest: Manifest) -> dict[str, str]:
    """A digest of the bytes of each of these topics."""
    return {
        url: document.digest[:20]
        for document in manifest.documents.values()
        for relation, url, *_ in document.links
        if relation == "self" and url in listeners
    }


def engines(settings: Settings) -> tuple[Address, ...]:
    """The search engines that are told of new and changed permalinks."""
    push = settings.push
    indexnow = [Address("indexnow", push.indexnow_url)] if push.indexnow_key else []
    baidu = [Address("baidu", push.baidu_url)] if push.baidu_token else []
    return (*indexnow, *baidu)


def key_url(settings: Settings) -> str | None:
    """Where the IndexNow key lies: the site's own file, or the one that is published below the base URL."""
    push = settings.push
    if not push.indexnow_key:
        return None
    return push.indexnow_key_url or f"{settings.base_url}{push.indexnow_key}.txt"


def proofs(settings: Settings) -> dict[str, bytes]:
    """Files that prove to a search engine whose site it is, by path below the base URL."""
    push = settings.push
    if not push.indexnow_key or push.indexnow_key_url:
        return {}
    return {f"{push.indexnow_key}.txt": push.indexnow_key.encode()}


def accepts(settings: Settings, address: Address, permalink: str) -> bool:
    """Whether the service takes this permalink: IndexNow only those in the folder of the key file, Baidu only the site's host."""
    if address.service == "indexnow":
        return permalink.startswith((key_url(settings) or "").rpartition("/")[0] + "/")
    return (
        address.service != "baidu"
        or urlsplit(permalink).hostname == urlsplit(settings.home_page_url or settings.base_url).hostname
    )


def request(settings: Settings, address: Address, subjects: Sequence[str]) -> ServiceRequest:
    """What to send so that the service knows that these subjects have changed."""
    push = settings.push
    if address.service == "indexnow":
        body = {
            "host": urlsplit(key_url(settings) or "").netloc,
            "key": push.indexnow_key,
            "keyLocation": key_url(settings),
            "urlList": list(subjects),
        }
        return ServiceRequest(address.url, json.dumps(body).encode(), "application/json; charset=utf-8")
    if address.service == "baidu":
        home = urlsplit(settings.home_page_url or settings.base_url)
        query = urlencode({"site": f"{home.scheme}://{home.netloc}", "token": push.baidu_token or ""})
        return ServiceRequest(f"{address.url}?{query}", "\n".join(subjects).encode(), "text/plain")
    if address.service == "rsscloud":
        return ServiceRequest(address.url.rstrip("/") + "/ping", _form({"url": subjects[0]}), _FORM)
    # Hubs differ in the name of the key (WebSub leaves it open): nearly all take hub.url, some only hub.topic.
    return ServiceRequest(address.url, _form({"hub.mode": "publish", "hub.url": subjects[0], "hub.topic": subjects[0]}), _FORM)


_FORM = "application/x-www-form-urlencoded"


def _form(values: Mapping[str, str]) -> bytes:
    return urlencode(values).encode("ascii")


def refusal(address: Address, body: bytes) -> str:
    """Why a service that answered with a status of success did not take the message; "" if it did."""
    if address.service == "rsscloud" and (failed := _FAILED.search(body)):
        return (failed[1] or b"it says that it failed").decode("utf-8", "replace")
    return ""
