"""What we answer to a request for a document: in come a snapshot, a document and header values, out goes a Reply.

The one place where validators, codings and ranges meet (HTTP-1 … HTTP-16). Must not know WSGI, sockets or Flask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from feeds import http_headers
from feeds.serving import deltas
from feeds.serving.snapshot import Document
from feeds.serving.store import PackFacts

Headers = tuple[tuple[str, str], ...]


class RequestHeaders(NamedTuple):
    """The header values of a request that an answer depends on; None where a header is absent."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None
    if_match: str | None = None
    if_unmodified_since: str | None = None
    range: str | None = None
    if_range: str | None = None
    origin: str | None = None
    a_im: str | None = None
    via: str | None = None


#: The environ's names of a Wish's fields, in its order.
ENVIRON = tuple("HTTP_" + name.upper() for name in RequestHeaders._fields)


class BodySource(Protocol):
    """Where the bytes of a document are, and what is said of all: a snapshot, or a view."""

    @property
    def control(self) -> str:
        """Cache-Control."""

    @property
    def facts(self) -> PackFacts:
        """The generation."""

    @property
    def deltas(self) -> Path | None:
        """The folder in which earlier versions are noted down; None if readers always get the whole."""

    def body(self, document: Document, coding: str) -> bytes:
        """A document's bytes in a coding. Raises DamagedError."""

    def part(self, document: Document, first: int, end: int) -> bytes:
        """A document's bytes from `first` up to `end`. Raises DamagedError."""


class Reply(NamedTuple):
    """An answer: headers without Date, a whole body (empty for HEAD and 304)."""

    status: int
    headers: Headers
    body: bytes
    format: str = ""


PHRASES: Mapping[int, str] = {
    200: "200 OK",
    206: "206 Partial Content",
    226: "226 IM Used",
    304: "304 Not Modified",
    412: "412 Precondition Failed",
    416: "416 Range Not Satisfiable",
}


@dataclass(frozen=True, slots=True)
class Negotiation:
    """What a URL that leads to one of several documents adds to an answer (RFC 9110 section 12.5.5)."""

    vary: str = ""
    headers: Headers = ()


NOT_NEGOTIATED = Negotiation()


def reply(
    snapshot: BodySource,
    document: Document,
    method: str,
    request: RequestHeaders,
    now: float,
    negotiation: Negotiation = NOT_NEGOTIATED,
) -> Reply:
    """The answer to GET or HEAD; `now` in seconds since 1970. Raises DamagedError."""
    modified = min(document.modified, int(now))
    coding = http_headers.accept_encoding(request.accept_encoding, document.codings) if document.codings else "identity"
    etag = http_headers.etag(document.digest, coding)
    validators: Headers = (
        ("ETag", etag),
        ("Last-Modified", http_headers.http_date(modified)),
        ("Cache-Control", document.control or snapshot.control),
    )
    if negotiation.vary or document.varies:
        validators += (("Vary", negotiation.vary or "Accept-Encoding"),)
    if _failed(etag, request, modified, now):
        failed: Headers = (*_not_stored(validators), ("Content-Length", "0"), *http_headers.COMMON_HEADERS)
        return Reply(412, failed, b"", document.format)
    if _unmodified(document, request, modified, now):
        shared = http_headers.CROSS_ORIGIN_HEADERS if request.origin is not None else ()
        return Reply(304, (*validators, *negotiation.headers, *shared), b"", document.format)
    if method == "GET" and snapshot.deltas is not None and deltas.applies(request.a_im, request.via, request.if_none_match):
        new = _delta(snapshot, document, request.if_none_match or "", coding)
        if new is not None:
            return new
    headers: Headers = (
        ("Content-Type", document.media_type),
        *validators,
        *negotiation.headers,
        *_link(document),
        *http_headers.COMMON_HEADERS,
        ("Content-Security-Policy", http_headers.content_security_policy(document.format, snapshot.facts.page_script)),
    )
    if http_headers.takes_ranges(document.format):
        headers += (("Accept-Ranges", "bytes"),)
        # Range means nothing but for GET (RFC 9110 section 14.2).
        ranged = method == "GET" and coding == "identity"
        if ranged and request.range is not None and _in_range(document, request, modified, now):
            partial = _partial(snapshot, document, request.range, headers)
            if partial is not None:
                return partial
    digest, body = document.digest, b""
    if coding != "identity":
        # Of the bytes as they are coded (RFC 9530 section 3).
        body = snapshot.body(document, coding)
        digest = sha256(body).hexdigest()
        headers += (("Content-Encoding", coding),)
    elif method != "HEAD":
        body = snapshot.body(document, coding)
    length = document.places[coding].length_bytes
    headers += (("Repr-Digest", http_headers.repr_digest(digest)), ("Content-Length", str(length)))
    return Reply(200, headers, b"" if method == "HEAD" else body, document.format)


def _delta(snapshot: BodySource, document: Document, if_none_match: str, coding: str) -> Reply | None:
    """226 with the entries that are new to the reader (RFC 3229); None where it gets the whole document.

    `coding` is the one that the reader would get the whole document in. It is applied to the delta (RFC 9110 section 8.4):
    uncoded, one new entry is as long as a compressed document of ten.
    """
    if snapshot.deltas is None or not deltas.is_feed(document.format, document.path):
        return None
    new = deltas.delta(snapshot.deltas, document.path, document.format, snapshot.body(document, "identity"), if_none_match)
    if new is None:
        return None
    body = deltas.coded(new.body, coding)
    if body is None or len(body) >= document.places[coding].length_bytes:
        return None
    headers: Headers = (
        ("Content-Type", document.media_type),
        ("ETag", http_headers.etag(document.digest, coding)),
        *deltas.headers(new, document.control or snapshot.control),
        *_link(document),
        *http_headers.COMMON_HEADERS,
        ("Content-Security-Policy", http_headers.content_security_policy(document.format, snapshot.facts.page_script)),
    )
    if coding != "identity":
        headers += (("Content-Encoding", coding),)
    return Reply(226, (*headers, ("Content-Length", str(len(body)))), body, document.format)


def _link(document: Document) -> Headers:
    return (("Link", document.links),) if document.links else ()


def _not_stored(headers: Headers) -> Headers:
    """The headers of an error about this one request: a cache would keep it for all who ask for the URL (RFC 9111 section 3)."""
    return tuple((name, "no-store" if name == "Cache-Control" else value) for name, value in headers)


def _failed(etag: str, request: RequestHeaders, modified: int, now: float) -> bool:
    """412 (RFC 9110 section 13.2.2, steps 1 and 2). `etag` is that of the selected representation, in its coding."""
    if request.if_match is not None:
        return not http_headers.match(request.if_match, (etag,))
    if request.if_unmodified_since is not None:
        since = http_headers.parse_http_date(request.if_unmodified_since, now)
        return since is not None and modified > since
    return False


def _unmodified(document: Document, request: RequestHeaders, modified: int, now: float) -> bool:
    """304 (RFC 9110 section 13.2.2, steps 3 and 4): If-None-Match decides alone where it is given."""
    if request.if_none_match is not None:
        return http_headers.none_match(request.if_none_match, document.tag)
    return request.if_modified_since is not None and not http_headers.modified_since(request.if_modified_since, modified, now)


def _in_range(document: Document, request: RequestHeaders, modified: int, now: float) -> bool:
    """Whether Range counts (RFC 9110 section 14.2, 13.1.5): not where If-Range names other bytes."""
    if request.if_range is None:
        return True
    if request.if_range.lstrip().startswith('"'):
        return request.if_range.strip() == http_headers.etag(document.digest)
    return http_headers.parse_http_date(request.if_range, now) == modified


def _partial(snapshot: BodySource, document: Document, header: str, headers: Headers) -> Reply | None:
    size = document.length_bytes
    try:
        result = http_headers.byte_range(header, size)
    except ValueError:
        kept = tuple(item for item in _not_stored(headers) if item[0] != "Content-Type")
        return Reply(416, (*kept, ("Content-Range", f"bytes */{size}"), ("Content-Length", "0")), b"", document.format)
    if result is None:
        return None
    first, end = result
    body = snapshot.part(document, first, end)
    within = (("Content-Range", f"bytes {first}-{end - 1}/{size}"), ("Content-Length", str(end - first)))
    return Reply(206, (*headers, *within), body, document.format)
