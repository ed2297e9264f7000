"""The answer before Flask: in comes a WSGI request, out goes a document of the snapshot, or the question to Flask.

A request that came before is one look-up; a new one is decided once, by the rules of `delivery`. One snapshot is chosen at the
start of each request, so that body, length and validators are always of one generation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from feeds import delivery
from feeds.serving.snapshot import Document, Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Answers remembered in one snapshot; header values beyond that are noise.
_REMEMBERED = 8192
Answer = tuple[str, list[tuple[str, str]], list[bytes]]


class Front:
    """WSGI middleware: documents from the snapshot, everything else from `app`. `current` gives the snapshot, or None."""

    def __init__(self, app: WSGIApplication, current: Callable[[], Snapshot | None], seen: Callable[..., None] | None = None) -> None:
        self.app, self.current, self.seen = app, current, seen

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        snapshot = self.current()
        if snapshot is not None:
            now = time.time()
            if now >= snapshot.fresh_until:
                snapshot.refresh(now)
            get = environ.get
            key = (
                environ["PATH_INFO"], environ["REQUEST_METHOD"], get("HTTP_IF_NONE_MATCH"), get("HTTP_IF_MODIFIED_SINCE"),
                get("HTTP_ACCEPT_ENCODING"), get("HTTP_IF_MATCH"),
            )  # fmt: skip
            answer = snapshot.answers.get(key)
            if answer is None:
                answer = self.decide(snapshot, key, now)
            if answer is not None:
                if self.seen is not None:
                    self.seen(environ, answer)
                start_response(answer[0], answer[1])
                return answer[2]
        return self.app(environ, start_response)

    def decide(self, snapshot: Snapshot, key: tuple[Any, ...], now: float) -> Answer | None:
        """The answer to a request that has not come before; None where Flask has to say."""
        path, method, if_none_match, if_modified_since, accept_encoding, if_match = key
        document = snapshot.documents.get(path)
        if document is None or method not in ("GET", "HEAD"):
            return None
        answer = respond(snapshot, document, method, if_none_match, if_modified_since, accept_encoding or "", if_match, now)
        if all(document.bodies.values()) and sum(len(one or "") for one in key) < 2000:
            if len(snapshot.answers) >= _REMEMBERED:
                snapshot.answers.clear()
            snapshot.answers[key] = answer
        return answer


def respond(
    snapshot: Snapshot,
    document: Document,
    method: str,
    if_none_match: str | None,
    if_modified_since: str | None,
    accept_encoding: str,
    if_match: str | None,
    now: float,
    *,
    more: Iterable[tuple[str, str]] = (),
    vary: str = "Accept-Encoding",
) -> Answer:
    """Status, headers and body for one document (HTTP-1 … HTTP-15). Range is ignored, as RFC 9110 section 14.2 allows."""
    facts = document.facts
    modified = snapshot.last_modified(document, now)
    if delivery.precondition_failed(if_match, facts.digest):
        return "412 Precondition Failed", [("Content-Length", "0"), *delivery.COMMON], [b""]
    coding = delivery.coding_for(accept_encoding, document.codings)
    headers = [
        ("ETag", delivery.entity_tag(facts.digest, coding)),
        ("Last-Modified", delivery.http_date(modified)),
        ("Cache-Control", snapshot.control),
        *((("Vary", vary),) if delivery.is_compressible(facts.media_type) or vary != "Accept-Encoding" else ()),
        *delivery.COMMON,
        *more,
    ]
    if delivery.is_unmodified(if_none_match, if_modified_since, facts.digest, modified):
        return "304 Not Modified", headers, []
    body = snapshot.body(document, coding)
    headers += [
        ("Content-Type", facts.media_type),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", delivery.policy_of(facts.format, snapshot.page_policy)),
    ]
    if coding:
        headers.append(("Content-Encoding", coding))
    if facts.links:
        headers.append(("Link", delivery.link_header(facts.links)))
    if not coding:
        headers.append(("Repr-Digest", f"sha-256=:{_base64(facts.digest)}:"))
    return "200 OK", headers, [] if method == "HEAD" else [body]


def _base64(digest: str) -> str:
    from base64 import b64encode

    return b64encode(bytes.fromhex(digest)).decode()
