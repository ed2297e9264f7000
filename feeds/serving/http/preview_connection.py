"""HTTP of a preview: pages come with the note of the last build, and a browser that waits is told when there is another.

In come the connections of `feeds serve --preview`; everything but pages and events is answered as always. Events are a
stream (WHATWG HTML section 9.2, server-sent events): nothing asks again and again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from hashlib import sha256

from feeds import http_headers
from feeds.formats import PAGES
from feeds.serving import preview
from feeds.serving.http.bridge import Answer, Bridge
from feeds.serving.http.connection import Connection, head_of
from feeds.serving.http.request_head import Request
from feeds.serving.metrics import AnsweredRequest
from feeds.serving.preview import Preview
from feeds.serving.snapshot import Snapshot
from feeds.serving.store import DamagedError

LOG = logging.getLogger("feeds.serving")


class PreviewBridge(Bridge):
    """The app with what its author is told of the last build. Made in the thread of the loop."""

    def begin(self, site: Preview) -> None:
        """Tell browsers and the log of each build from now on."""
        self.base_url, self.front = site.site.base_url, preview.front_page(site.site)
        self.note, self.token = site.describe({}, "", ()), "0"
        self.waiting: set[PreviewConnection] = set()
        self._describe, self._loop = site.describe, asyncio.get_running_loop()
        self.supervisor.after_build = self.built
        if self.supervisor.current() is not None:
            self.built()

    def built(self) -> None:
        """Note what came of a build; in whatever thread."""
        status, snapshot = self.supervisor.status, self.supervisor.current()
        note = self._describe(self.supervisor.changes, status.error, status.broken)
        revision = snapshot.facts.revision if snapshot is not None else ""
        token = sha256(repr((revision, note)).encode()).hexdigest()[:16]
        if note != self.note:
            # The supervisor logs errors.
            for text in (note.line, *(detail for detail in note.details if detail not in (status.error, *status.broken))):
                LOG.warning("%s", text) if note.warns else LOG.info("%s", text)
        self.note, changed, self.token = note, token != self.token, token
        if changed:
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        for connection in [*self.waiting]:
            connection.tell()

    def respond(self, request: Request, client: str) -> Answer:
        """The app's answer; what it sends to the published site leads to this one, and the root to its front page."""
        if request.path == "/" and self.front != "/" and self.supervisor.current() is not None:
            headers = [("Location", self.front), ("Content-Length", "0"), ("Cache-Control", "no-store")]
            return Answer("302 Found", [*headers, *http_headers.COMMON_HEADERS], b"")
        result = super().respond(request, client)
        headers = [(name, preview.local(value, self.base_url) if name == "Location" else value) for name, value in result.headers]
        return result._replace(headers=headers)


class PreviewConnection(Connection):
    """One connection of a preview."""

    bridge: PreviewBridge
    _token = ""
    _beat: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self.bridge.waiting.discard(self)
        if self._beat is not None:
            self._beat.cancel()
        super().connection_lost(exc)

    def tell(self) -> None:
        """Send the event if there is another build than that of the page."""
        if self._token != self.bridge.token and not self.transport.is_closing():
            self._token = self.bridge.token
            self.transport.write(b"event: reload\ndata: \n\n")

    def _answer(self, head: bytes, request: Request, *, unread: bool) -> None:
        if request.path == preview.EVENTS and request.method == "GET" and not unread:
            self._listen(request)
            return
        snapshot = self._current()
        page = self._page(snapshot, request) if request.method == "GET" and not unread else None
        if page is None:
            super()._answer(head, request, unread=unread)
            return
        body, policy = page
        closes = request.closes or self._ending
        status = "200 OK" if snapshot is not None else "503 Service Unavailable"
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy),
            *http_headers.COMMON_HEADERS,
        ]
        self._write(head_of(status, headers, closes=closes), body)
        if self._seen is not None:
            agent, seconds = request.fields.get("user-agent", ""), time.perf_counter() - self._begun
            self._seen(AnsweredRequest(request.method, request.path, int(status[:3]), "html", len(body), agent, seconds))
        if closes:
            self.transport.close()

    def _page(self, snapshot: Snapshot | None, request: Request) -> tuple[bytes, str] | None:
        if snapshot is None:
            # Whatever is asked for: a browser then loads it as soon as it is there.
            wanted = "text/html" in request.fields.get("accept", "")
            return preview.page(preview.WAITING, self.bridge.note, self.bridge.token) if wanted else None
        document = snapshot.document(request.path)
        if document is None or document.format not in PAGES or request.has_coded_separator:
            return None
        try:
            body = snapshot.body(document, "identity")
        except DamagedError:
            return None
        return preview.page(body, self.bridge.note, self.bridge.token)

    def _listen(self, request: Request) -> None:
        """Begin the stream of events; it lasts until one of the two goes."""
        self._token = request.query
        headers = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), *http_headers.COMMON_HEADERS]
        self._write(head_of("200 OK", headers, closes=True), b"retry: 1000\n\n")
        self.bridge.waiting.add(self)
        self.tell()
        self._beat = self.loop.call_later(preview.HEARTBEAT_SECONDS, self._still_there)

    def _still_there(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(b":\n\n")
            self.last_at = self.loop.time()
            self._beat = self.loop.call_later(preview.HEARTBEAT_SECONDS, self._still_there)
