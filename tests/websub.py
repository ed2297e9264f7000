"""A WebSub hub and a subscriber over real HTTP on loopback, as the W3C recommendation has them (sections 4 to 7).

The hub takes subscriptions, verifies them, is told of topics, fetches them and hands their content on, signed. It can be down,
slow, failing or lead elsewhere. rssCloud, IndexNow and Baidu's push are only written down.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import http.server
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from lxml import etree

ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


@dataclass
class Call:
    """One POST that the hub got."""

    path: str
    media_type: str
    body: bytes
    status: int

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Hub:
    """`mode`: "up", "500", "429", "404", "hang" (no answer until `released`), "elsewhere" (redirect to another host), "moved"
    (to /new).
    """

    port: int = 0
    mode: str = "up"
    retry_after: str = "7200"
    calls: list[Call] = field(default_factory=list)
    subscriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    errors: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def pings(self) -> list[str]:
        """The topics that it was told of, and took."""
        return [call.form["hub.url"] for call in self.calls if call.form.get("hub.mode") == "publish" and call.status < 300]

    def handle(self, path: str, media_type: str, body: bytes) -> tuple[int, dict[str, str]]:
        form = dict(parse_qsl(body.decode(errors="replace")))
        if form.get("hub.mode") == "subscribe":
            threading.Thread(target=self._verify, args=(form,), daemon=True).start()
            return 202, {}
        if self.mode == "hang":
            self.released.wait(30)
        status, headers = {
            "500": (500, {"Retry-After": self.retry_after}), "429": (429, {"Retry-After": self.retry_after}),
            "404": (404, {}),
            "elsewhere": (307, {"Location": f"http://localhost:{self.port}/secret"}),
            "moved": (204 if path == "/new" else 301, {"Location": "/new"}),
        }.get(self.mode, (204, {}))  # fmt: skip
        self.calls.append(Call(path, media_type, body, status))
        if form.get("hub.mode") == "publish" and status < 300:
            threading.Thread(target=self._distribute, args=(form["hub.url"],), daemon=True).start()
        return status, headers

    def _verify(self, form: dict[str, str]) -> None:
        """Section 5.3: ask the subscriber whether it meant it."""
        challenge = "challenge-" + hashlib.sha256(form["hub.callback"].encode()).hexdigest()[:12]
        query = {
            "hub.mode": "subscribe",
            "hub.topic": form["hub.topic"],
            "hub.challenge": challenge,
            "hub.lease_seconds": "864000",
        }
        try:
            with urllib.request.urlopen(f"{form['hub.callback']}?{urlencode(query)}", timeout=60) as answer:
                if answer.read().decode() == challenge:
                    self.subscriptions[form["hub.topic"], form["hub.callback"]] = form.get("hub.secret", "")
        except OSError as error:
            self.errors.append(f"verify: {error}")

    def _distribute(self, topic: str) -> None:
        """Section 7: fetch the topic, send it whole to each subscriber, with its media type, links and signature."""
        for (wanted, callback), secret in list(self.subscriptions.items()):
            if wanted != topic:
                continue
            try:
                with urllib.request.urlopen(topic, timeout=60) as answer:
                    body, media_type = answer.read(), answer.headers["Content-Type"]
                signature = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
                headers = {
                    "Content-Type": media_type, "X-Hub-Signature": signature,
                    "Link": f'<{self.url}>; rel="hub", <{topic}>; rel="self"',
                }  # fmt: skip
                urllib.request.urlopen(urllib.request.Request(callback, data=body, headers=headers), timeout=60).close()
            except OSError as error:
                self.errors.append(f"distribute: {error}")


@contextmanager
def _listening(respond: type[http.server.BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), respond)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running_hub(hub: Hub | None = None) -> Iterator[Hub]:
    """A hub that listens until the block ends; one that was down comes back at its old port."""
    hub = hub or Hub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = hub.handle(self.path, self.headers["Content-Type"], body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with _listening(Handler, hub.port) as port:
        hub.port = port
        yield hub
        hub.released.set()


@dataclass
class Subscriber:
    """Finds the hub of a topic, subscribes, and keeps what it is sent if its signature is right."""

    topic: str
    secret: str = "a secret of ours"
    port: int = 0
    verified: threading.Event = field(default_factory=threading.Event)
    received: list[tuple[str, bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def discover(self) -> tuple[str, str]:
        """Section 4: hub and self of the topic, from the Link header, else from the document; both must agree here."""
        with urllib.request.urlopen(self.topic, timeout=60) as answer:
            header = ", ".join(answer.headers.get_all("Link") or ())
            body = answer.read()
        named = {relation: url for url, relation in re.findall(r'<([^>]+)>; ?rel="?(hub|self)"?', header)}
        if body.lstrip().startswith(b"<"):
            links = etree.fromstring(body).iter(ATOM_LINK)
            within = {link.get("rel"): link.get("href") for link in links if link.get("rel") in ("hub", "self")}
            assert within == named, (within, named)
        return named["hub"], named["self"]

    def subscribe(self) -> None:
        hub, topic = self.discover()
        form = {
            "hub.mode": "subscribe", "hub.topic": topic, "hub.callback": f"http://127.0.0.1:{self.port}/callback",
            "hub.secret": self.secret,
        }  # fmt: skip
        with urllib.request.urlopen(urllib.request.Request(hub, data=urlencode(form).encode()), timeout=60) as answer:
            assert answer.status == 202
        assert self.verified.wait(60)


@contextmanager
def running_subscriber(subscriber: Subscriber) -> Iterator[Subscriber]:
    """A subscriber that listens until the block ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            wanted = asked.get("hub.topic") == [subscriber.topic]
            self._answer(200 if wanted else 404, asked["hub.challenge"][0].encode() if wanted else b"")
            subscriber.verified.set()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signature = "sha256=" + hmac.new(subscriber.secret.encode(), body, "sha256").hexdigest()
            if hmac.compare_digest(signature, self.headers["X-Hub-Signature"]):
                subscriber.received.append((self.headers["Content-Type"], body))
            else:
                subscriber.refused.append(self.headers["X-Hub-Signature"])
            self._answer(204, b"")

        def log_message(self, *_: object) -> None:
            pass

    with _listening(Handler) as port:
        subscriber.port = port
        yield subscriber


def until(true: object, seconds: float = 120) -> None:
    """Wait for a condition, a function without arguments."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():  # type: ignore[operator]
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come true")
