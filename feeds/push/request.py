"""One HTTP POST with bounds: in come a URL and a body, out go the status and the beginning of the answer.

Time, size and redirects are bounded: an answer may lead only to another path of the same host, or from http to https there.
"""

from __future__ import annotations

import email.utils
import http.client
import ssl
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.message import Message as Headers
from typing import IO, NamedTuple
from urllib.parse import urljoin, urlsplit

from feeds import __version__
from feeds.errors import one_line
from feeds.push.services import ServiceRequest

#: Of an answer no more is read: it is looked at for the cause of a failure.
_BODY_BYTES = 16_384
_REDIRECTS = 3


class ServiceAnswer(NamedTuple):
    """What a service answered. `retry_after_seconds` is None if it does not say."""

    status: int
    reason: str
    body: bytes
    retry_after_seconds: int | None = None


class SendError(Exception):
    """No answer: the host cannot be found or reached, the time ran out, the answer is not HTTP, or leads elsewhere."""


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect with the same method and body, and only within the host."""

    max_redirections = _REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Headers, newurl: str
    ) -> urllib.request.Request:
        """The request to repeat. Raises SendError."""
        del fp, msg, headers
        before, after = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        upgraded = (before.scheme, after.scheme) == ("http", "https") and before.port in (None, 80) and after.port in (None, 443)
        if before.hostname != after.hostname or not (upgraded or (before.scheme, before.port) == (after.scheme, after.port)):
            raise SendError(f"it redirects to {after.scheme}://{after.netloc}, which is not followed (status {code})")
        if code == 303:
            raise SendError("it redirects with status 303, which asks for another kind of request")
        return urllib.request.Request(after.geturl(), data=req.data, headers=dict(req.headers), method="POST")  # noqa: S310

    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_307


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(), _SameHost(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def post(request: ServiceRequest, *, site: str, timeout_seconds: float) -> ServiceAnswer:
    """Send the request. `site` is named in User-Agent, so that an operator of a hub can tell who calls. Raises SendError."""
    headers = {"Content-Type": request.media_type, "User-Agent": f"feed-publisher/{__version__} (+{site})", "Accept": "*/*"}
    result = urllib.request.Request(request.url, data=request.body, headers=headers, method="POST")  # noqa: S310  http(s) alone
    end = time.monotonic() + timeout_seconds
    try:
        try:
            response = _opener().open(result, timeout=timeout_seconds)
        except urllib.error.HTTPError as error:  # an answer like any other
            response = error
        with response:
            return _answer(response, end)
    except urllib.error.URLError as error:
        raise SendError(_cause(error.reason)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SendError(_cause(error)) from error


def _answer(response: http.client.HTTPResponse | urllib.error.HTTPError, end: float) -> ServiceAnswer:
    body = b""
    while len(body) < _BODY_BYTES and time.monotonic() < end:
        piece = response.read1(_BODY_BYTES - len(body))
        if not piece:
            break
        body += piece
    status = int(response.status or 0)
    return ServiceAnswer(status, one_line(response.reason or "", 60), body, _seconds(response.headers.get("Retry-After")))


def _seconds(value: str | None) -> int | None:
    """Retry-After (RFC 9110 section 10.2.3): seconds or a date."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return int(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0, int((moment - datetime.now(UTC)).total_seconds()))


def _cause(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
    return one_line(text, 160)
