"""The one Flask view that answers documents, and everything around them; as a blueprint for any app.

A document is looked up in the snapshot of the generation in force. FeedsMiddleware, where an app has it, answers most
requests before this view is asked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import Headers as SentHeaders

from feeds import http_headers
from feeds.errors import ExitCode
from feeds.formats import OWN
from feeds.normal_forms import nfc
from feeds.serving.prometheus import since
from feeds.serving.responses import ENVIRON, NOT_NEGOTIATED, PHRASES, BodySource, Headers, Negotiation, RequestHeaders, reply
from feeds.serving.snapshot import Document, Snapshot
from feeds.serving.store import DamagedError
from feeds.serving.supervisor import Supervisor
from feeds.urls import MISSING_PAGE, encode_path

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Seconds after which a reader may ask again, before the first generation is there.
RETRY_SECONDS = 10
#: How long caches keep "no such feed": a new category has one soon.
_MISSING_AGE = "public, max-age=60"
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
#: Every method is routed, so that each is answered by us, with Allow.
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"]


def blueprint(name: str, supervisor: Supervisor, url_prefix: str = "") -> Blueprint:
    """A blueprint that serves the feeds of the generation in force below `url_prefix` ("/blog", or "" for the root)."""
    prefix = url_prefix.rstrip("/")
    routes = Blueprint(name, __name__, url_prefix=prefix or None)

    @routes.route("/", defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
    @routes.route("/<path:path>", methods=METHODS, provide_automatic_options=False)
    def document(path: str) -> Response:  # noqa: ARG001  the path is taken as it was sent
        """A feed, a page, or why there is none."""
        return _respond(supervisor, prefix)

    routes.after_request(with_common_headers)
    return routes


class DocumentResponse(Response):
    """A response whose 304 keeps Last-Modified, which werkzeug removes: a cache needs it (RFC 9110 §15.4.5)."""

    feeds_format = ""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> SentHeaders:
        """The headers as they are sent."""
        headers = super().get_wsgi_headers(environ)
        if self.status_code == 304 and "Last-Modified" in self.headers:
            headers["Last-Modified"] = self.headers["Last-Modified"]
        return headers


def with_common_headers(response: Response) -> Response:
    """The response with the headers that every answer has but a 304, which has its own already."""
    if response.status_code == 304:
        return response
    for name, value in http_headers.COMMON_HEADERS:
        response.headers.setdefault(name, value)
    return response


def read_only(view: Callable[[], Response]) -> Callable[[], Response]:
    """A view for GET and HEAD alone; OPTIONS says so, and other methods are refused with Allow (RFC 9110 §15.5.6)."""

    @wraps(view)
    def checked() -> Response:
        if request.method in ("GET", "HEAD"):
            return with_common_headers(view())
        return with_common_headers(_options() if request.method == "OPTIONS" else not_allowed())

    return checked


def _options() -> Response:
    response = Response(status=204)
    response.headers.extend(http_headers.PREFLIGHT_HEADERS)
    return response


def requested_path() -> str:
    """The path as it was sent, decoded once, with what an app above this one took from it (WSGI: latin-1)."""
    environ = request.environ
    return f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}"


def _respond(supervisor: Supervisor, prefix: str) -> Response:
    """One request: a document, OPTIONS, negotiation, what has moved or is gone, and what never was.

    `prefix` is where the blueprint is mounted, "" at the app's root.
    """
    snapshot = supervisor.current()
    path = requested_path()
    if request.method == "OPTIONS":
        return _options()
    if snapshot is None:
        return unavailable("The feeds are being made; ask again soon.")
    snapshot.refresh_if_due(time.time())
    root = snapshot.facts.root
    if request.environ.get("feeds.bare") or (path + "/" == root and not prefix):
        return _moved(snapshot.facts.base_url, snapshot)
    mounted = f"{request.environ.get('SCRIPT_NAME', '')}{prefix}/"
    if prefix and path.startswith(mounted):
        path = root + path[len(mounted) :]
    elif not path.startswith(root):
        # A proxy may have taken the base URL's path away.
        path = root + path.lstrip("/")
    document = snapshot.document(path)
    offered = _offered(snapshot, path) if document is None else {}
    if request.method not in ("GET", "HEAD"):
        known = document or offered or path in snapshot.facts.moved or path in snapshot.facts.retired
        return not_allowed() if known else missing()
    if path in snapshot.facts.retired:
        return _lasting(_plain(410, "This feed has ended."), snapshot)
    if path in snapshot.facts.moved:
        return _moved(snapshot.facts.moved[path], snapshot)
    if _coded_slash():
        return missing()
    if document is not None:
        query = request.environ.get("QUERY_STRING") or ""
        result = _view(snapshot, path, query) if snapshot.is_view(query) else None
        # Below a SCRIPT_NAME, or the disk lost the body.
        return result if result is not None else _answer(snapshot, document)
    if offered:
        return _negotiated(snapshot, offered)
    elsewhere = _respelled(snapshot, path)
    if elsewhere is not None:
        return _moved(elsewhere, snapshot)
    return _nothing(snapshot)


def _respelled(snapshot: Snapshot, path: str) -> str | None:
    """The URL that is meant by a path that is nearly one of ours: a page's folder without its slash, `feed` with one (as
    WordPress has it), names in another Unicode form than NFC. None if there is none.
    """
    try:
        below = path[len(snapshot.facts.root) :].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return None
    composed = nfc(below)
    spellings = [composed] if composed != below else []
    spellings.append(composed[:-1] if composed.endswith("/feed/") or composed == "feed/" else f"{composed}/")
    for spelling in spellings:
        known = snapshot.facts.root + spelling.encode().decode("latin-1")
        if known in snapshot.facts.moved:
            return snapshot.facts.moved[known]
        if snapshot.document(known) is not None or _offered(snapshot, known):
            return snapshot.facts.base_url + encode_path(spelling)
    return None


def _coded_slash() -> bool:
    raw = (request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "").partition("?")[0].lower()
    return any(coded in raw for coded in ("%2f", "%5c", "%00"))


def _offered(snapshot: Snapshot, path: str) -> dict[str, Document]:
    """The formats behind `…/feed`, by name; empty where the path is no such URL."""
    if not path.endswith("/feed"):
        return {}
    folder = path[: -len("feed")]
    result: dict[str, Document] = {}
    for format in (*OWN, "html"):
        for file in snapshot.facts.names.get(format, ()):
            document = snapshot.document(folder + file.encode().decode("latin-1"))
            if document is not None and document.format == format:
                result.setdefault(format, document)
    return result if set(result) & set(OWN) else {}


def _negotiated(snapshot: Snapshot, offered: dict[str, Document]) -> Response:
    """The format that the reader likes best, said to be the URL of that format (NEG-1 … NEG-4)."""
    types = {name: document.media_type for name, document in offered.items()}
    accept, mode = request.headers.get("Accept"), request.headers.get("Sec-Fetch-Mode")
    vary = "Accept, Accept-Encoding, Sec-Fetch-Mode"
    query = request.environ.get("QUERY_STRING") or ""
    if snapshot.is_view(query):
        # A page has no views.
        name = http_headers.negotiate(accept, mode, tuple(format for format in offered if format != "html"), types)
        view = _view(snapshot, offered[name].path, query, vary=vary)
        if view is not None:
            return view
    name = http_headers.negotiate(accept, mode, tuple(offered), types)
    return _answer(snapshot, offered[name], Negotiation(vary, _content_location(snapshot, offered[name])))


def _content_location(snapshot: Snapshot, document: Document) -> Headers:
    """The URL of the format that was chosen (RFC 9110 §8.7)."""
    own = re.search(r'<([^<>]{0,4000})>; rel="self"', document.links)
    return (("Content-Location", own[1] if own else _address(snapshot, document)),)


def _address(snapshot: Snapshot, document: Document) -> str:
    below = document.path[len(snapshot.facts.root) :].encode("latin-1").decode("utf-8", "replace")
    return snapshot.facts.base_url + encode_path(below)


def _view(snapshot: Snapshot, path: str, query: str, *, vary: str = "") -> Response | None:
    """The view of the site's feed that a query asks for, or where it is; None for any other document. `vary` is what a
    negotiating URL adds.
    """
    from feeds.serving.query.parameters import QueryError
    from feeds.serving.query.views import NoViewsError

    assert snapshot.queries is not None  # noqa: S101  as `is_view` found
    try:
        result = snapshot.queries.answer(snapshot, path, query)
    except QueryError as error:
        response = _plain(error.status, error.text)
        response.headers["Cache-Control"] = _MISSING_AGE
        return response
    except NoViewsError:
        return unavailable("Queries cannot be answered just now; ask again soon.")
    if result is None:
        return None
    if isinstance(result, str):
        response = _moved(result, snapshot)
        if vary:
            response.headers["Vary"] = vary
        return response
    headers = _content_location(snapshot, result.document) if vary else ()
    return _answer(result, result.document, Negotiation(vary, headers))


def _answer(snapshot: BodySource, document: Document, negotiation: Negotiation = NOT_NEGOTIATED) -> Response:
    request_headers = RequestHeaders(*(request.environ.get(name) for name in ENVIRON))
    try:
        result = reply(snapshot, document, request.method, request_headers, time.time(), negotiation)
    except DamagedError:
        return unavailable("This feed cannot be read just now; ask again soon.")
    response = DocumentResponse(result.body, status=PHRASES[result.status])
    response.headers.clear()
    response.headers.extend(result.headers)
    response.feeds_format = result.format
    return response


#: What /healthz says of a failed build, by its exit code. The log has the details: they name paths and posts.
_ERRORS: dict[int, str] = {
    ExitCode.WRONG_SETTINGS: "the settings are wrong",
    ExitCode.REFUSED: "a guard refused to publish",
    ExitCode.ALREADY_RUNNING: "another build is running",
    ExitCode.MACHINE_REFUSED: "operating system error",
    ExitCode.INTERNAL: "internal error",
}


def health(supervisor: Supervisor) -> Response:
    """JSON for a monitor. No path, no address, no secret: anybody may ask."""
    snapshot, status = supervisor.current(), supervisor.status
    facts: dict[str, Any] = {
        "status": "starting" if snapshot is None else "degraded" if status.error or supervisor.settings_error else "ok",
        "settings": "the settings have mistakes: those before are in force" if supervisor.settings_error else "in force",
        "last_build": {
            "exit_code": status.code,
            "error": _ERRORS.get(status.code, f"the build ended with {status.code}") if status.error else None,
            "seconds_ago": max(0, int(time.time() - status.finished_at)) if status.finished_at else None,
        },
    }
    if snapshot is not None:
        known = snapshot.facts
        facts |= {
            "generation": known.generation,
            "revision": known.revision,
            "documents": known.documents,
            "problems": known.problems,
            "as_of": known.as_of,
            "age_seconds": max(0, int(time.time() - since(known.as_of))),
        }
    response = jsonify(facts)
    response.status_code = 200 if snapshot is not None else 503
    response.headers["Cache-Control"] = "no-store"
    if snapshot is None:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def live() -> Response:
    """The process answers: for a monitor that would restart it."""
    response = _plain(200, "ok")
    response.headers["Cache-Control"] = "no-store"
    return response


def ready(supervisor: Supervisor) -> Response:
    """Whether there is a generation to serve: for a load balancer."""
    if supervisor.current() is None:
        return unavailable("There is no generation to serve yet.")
    return live()


def _plain(status: int, text: str) -> Response:
    response = Response(text + "\n", status=status, mimetype="text/plain")
    response.headers["Content-Security-Policy"] = http_headers.FEED_POLICY
    return response


def missing() -> Response:
    response = _plain(404, "There is no such feed here.")
    response.headers["Cache-Control"] = _MISSING_AGE
    return response


def _nothing(snapshot: Snapshot) -> Response:
    """404: the site's page for it to a browser, where there is one; a sentence to programs, feed readers among them."""
    document = snapshot.document(f"{snapshot.facts.root}{MISSING_PAGE}")
    response = missing()
    if document is None or document.format != "page":
        return response
    accepts = request.accept_mimetypes
    if not _FEED_TYPES.isdisjoint(accepts.values()) or accepts["text/html"] <= accepts["text/plain"]:
        response.headers["Vary"] = "Accept"
        return response
    try:
        body = snapshot.body(document, "identity")
    except DamagedError:
        return response
    response = Response(body, status=404, content_type=document.media_type)
    response.headers["Content-Security-Policy"] = http_headers.content_security_policy("page", snapshot.facts.page_script)
    response.headers["Cache-Control"], response.headers["Vary"] = _MISSING_AGE, "Accept"
    return response


def unavailable(text: str) -> Response:
    response = _plain(503, text)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _moved(url: str, snapshot: Snapshot) -> Response:
    """301 to an absolute URL, whatever Host was asked (HTTP-21)."""
    response = _plain(301, "This has moved for good.")
    response.headers["Location"] = url
    return _lasting(response, snapshot)


def _lasting(response: Response, snapshot: Snapshot) -> Response:
    response.headers["Cache-Control"] = snapshot.control
    return response


def not_allowed() -> Response:
    response = _plain(405, "Feeds are read with GET or HEAD.")
    response.headers["Allow"] = http_headers.ALLOW
    return response
