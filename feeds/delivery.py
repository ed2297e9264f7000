"""HTTP rules over plain values: in come header values and facts of a document, out go header values and decisions.

Pure functions after RFC 9110, 9111 and the habits of real readers; no sockets, no files, no clock. Server and header maps
both ask here, so that they cannot disagree.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

#: Best first, where a reader likes them equally.
CODINGS = ("br", "gzip")
MAX_AGE_FLOOR = 60

#: What documents that are no pages may do when a browser shows them: nothing (HTTP-24).
DOCUMENT_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; sandbox; frame-ancestors 'none'"

#: The same on every answer, also on errors.
COMMON = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer-when-downgrade"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link, Retry-After"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, A-IM"),
    ("Access-Control-Max-Age", "86400"),
)
ALLOW = "GET, HEAD, OPTIONS"

_TAG = re.compile(r'\s*(?:W/)?("[^"]*"|[^\s,"]+)\s*(?:,|\Z)')
_SUFFIXES = re.compile(r"(?:(?:--?|;)(?:gzip|br|deflate|zstd|df))*\Z")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# validators


def entity_tag(digest: str, coding: str = "") -> str:
    """The strong ETag of bytes with this SHA-256, in a coding (RFC 9110 section 8.8.3.3): equal on every machine."""
    short = urlsafe_b64encode(bytes.fromhex(digest))[:27].decode()
    return f'"{short}-{coding}"' if coding else f'"{short}"'


def http_date(moment: datetime) -> str:
    """An IMF-fixdate (RFC 9110 section 5.6.7), whatever the locale."""
    at = moment.astimezone(UTC)
    return (
        f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"
    )


def parse_date(text: str) -> datetime | None:
    """Any of the three forms of HTTP-date (RFC 9110 section 5.6.7); None where it is none."""
    text = text.partition(";")[0].strip()
    fixed = re.fullmatch(r"\w+, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", text, re.ASCII)
    old = re.fullmatch(r"\w+, (\d\d)-(\w{3})-(\d\d) (\d\d):(\d\d):(\d\d) GMT", text, re.ASCII)
    c = re.fullmatch(r"\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})", text, re.ASCII)
    try:
        if fixed:
            day, month, year, *clock = fixed.groups()
        elif old:
            day, month, year, *clock = old.groups()
            year = str(int(year) + (2000 if int(year) < 70 else 1900))
        elif c:
            month, day, *clock, year = c.groups()
        else:
            return None
        hour, minute, second = map(int, clock)
        return datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None


def names(header: str, digest: str) -> bool:
    """Whether a list of ETags names the document in any coding: without quotes, weakened, or with a proxy's suffix (HTTP-7)."""
    tag = entity_tag(digest).strip('"')
    for found in _TAG.finditer(header[:8192]):
        opaque = found[1].strip('"')
        if opaque.startswith(tag) and _SUFFIXES.match(opaque, len(tag)):
            return True
    return False


def is_unmodified(if_none_match: str | None, if_modified_since: str | None, digest: str, last_modified: datetime) -> bool:
    """Whether the reader has the document: If-None-Match decides where it is given (RFC 9110 section 13.2.2)."""
    if if_none_match is not None:
        return if_none_match.strip() == "*" or names(if_none_match, digest)
    since = parse_date(if_modified_since) if if_modified_since else None
    return since is not None and last_modified <= since


def precondition_failed(if_match: str | None, digest: str) -> bool:
    """Whether If-Match names another document (RFC 9110 section 13.1.1): 412."""
    return if_match is not None and if_match.strip() != "*" and not names(if_match, digest)


# codings


@lru_cache(maxsize=512)
def coding_for(accept_encoding: str, available: Sequence[str]) -> str:
    """The coding to send, "" for none (RFC 9110 section 12.5.3); `x-gzip` is gzip, an unknown one is no wish."""
    wishes: dict[str, float] = {}
    for part in accept_encoding[:2048].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            wishes["gzip" if name == "x-gzip" else name] = _quality(parameters)
    best, best_quality = "", wishes.get("identity", 0.0)
    for coding in CODINGS:
        quality = wishes.get(coding, wishes.get("*", 0.0))
        if coding in available and quality > 0 and quality >= best_quality and (not best or quality > best_quality):
            best, best_quality = coding, quality
    return best


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r"\s*[01](\.\d{0,3})?\s*", value, re.ASCII) else 0.0
    return 1.0


# freshness


def max_age(wanted: int, next_change_at: datetime | None, now: datetime) -> int:
    """Seconds for which an answer of `now` is fresh: less where a scheduled post falls due (HTTP-15)."""
    if next_change_at is None:
        return wanted
    return max(1, min(wanted, int((next_change_at - now).total_seconds()))) if next_change_at > now else min(wanted, MAX_AGE_FLOOR)


def cache_control(age: int, revalidate: int, on_error: int) -> str:
    """RFC 9111 section 5.2.2 and RFC 5861; never what makes readers poll more often (HTTP-15)."""
    return f"public, max-age={age}, stale-while-revalidate={revalidate}, stale-if-error={on_error}"


# headers of a document


def link_header(links: Sequence[Sequence[str]]) -> str:
    """RFC 8288: `<url>; rel="self"; type="…"`, and so on."""
    return ", ".join(f'<{url}>; rel="{relation}"' + (f'; type="{kind}"' if kind else "") for relation, url, kind in links)


def policy_of(format: str, page_policy: str) -> str:
    """The Content-Security-Policy of a document (HTTP-24)."""
    return page_policy if format in ("html", "entry") else DOCUMENT_POLICY


def is_compressible(media_type: str) -> bool:
    """Whether a coding may make it smaller."""
    return media_type.startswith(("text/", "application/rss", "application/atom", "application/feed", "image/svg"))


# negotiation


class Choice(NamedTuple):
    """A format that a URL has, with its media type."""

    name: str
    media_type: str


#: What a feed type may be called besides its own name.
_ALIASES = {
    "rss": ("application/rss+xml", "application/xml", "text/xml", "application/rdf+xml"),
    "atom": ("application/atom+xml",),
    "json": ("application/feed+json", "application/json"),
    "html": ("text/html", "application/xhtml+xml"),
}


def negotiate(accept: str | None, available: Collection[str], fetch_mode: str | None = None) -> str:
    """The format for `feed` (NEG-2 … NEG-4): HTML only where it is strictly liked best, never for what is no navigation."""
    names = [name for name in ("rss", "atom", "json") if name in available]
    first = names[0]
    if not accept or not accept.strip():
        return first
    wishes = []
    for part in accept[:4096].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            wishes.append((name, _quality(parameters)))

    def wish(format: str) -> float:
        best = (-1, 0.0)
        for name, quality in wishes:
            if name in _ALIASES[format]:
                best = max(best, (2, quality))
            elif name.endswith("/*") and name != "*/*" and any(one.startswith(name[:-1]) for one in _ALIASES[format][:1]):
                best = max(best, (1, quality))
            elif name == "*/*":
                best = max(best, (0, quality))
        return best[1] if best[0] >= 0 else 0.0

    chosen = max(names, key=wish)
    if fetch_mode not in (None, "", "navigate"):
        return chosen if wish(chosen) > 0 else first
    if wish("html") > max(wish(name) for name in names):
        return "html"
    return chosen if wish(chosen) > 0 else first
