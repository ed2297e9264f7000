"""The rules of HTTP for what we publish: in come a document's facts and a request's values, out go header values.

Pure functions over plain values: no socket, no file, no clock (the instant is an argument). Server, header maps and
tests take every header from here, so that a static host and our own server say the same.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from typing import NamedTuple

from feeds.english import MONTHS, WEEKDAYS
from feeds.formats import OWN, PAGES
from feeds.lazy_patterns import lazy_pattern

#: Content codings that we keep ready, the one we would rather send first.
CODINGS = ("br", "gzip")
_NAMES = {"gzip": "gzip", "x-gzip": "gzip", "br": "br", "identity": "identity", "*": "*"}

#: The least that a cache keeps a document: 0 would read as "no max-age" to NetNewsWire (HTTP-15).
MIN_AGE_SECONDS = 1
#: For a document whose next change is due but not there yet: not long stale, and no stampede.
OVERDUE_AGE_SECONDS = 10

#: What a script on another site's page needs to read an answer (Fetch standard, CORS protocol).
CROSS_ORIGIN_HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link, Retry-After"),
)
#: What every answer carries, errors included. A 304 does not repeat them: the client has them with what it stored
#: (RFC 9110 section 15.4.5), but for the first two, if a script asks for it.
COMMON_HEADERS = (
    *CROSS_ORIGIN_HEADERS,
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
#: For everything but our own pages: nothing in it may run, whatever a browser makes of the XML (HTTP-24).
FEED_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; sandbox; frame-ancestors 'none'"
ALLOW = "GET, HEAD, OPTIONS"
#: The answer to a preflight (Fetch standard; both validators are no safelisted request headers).
PREFLIGHT_HEADERS = (
    ("Allow", ALLOW),
    ("Access-Control-Allow-Methods", ALLOW),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since"),
    ("Access-Control-Max-Age", "86400"),
)


def content_security_policy(format: str, page_script: str = "") -> str:
    """The policy for a document of this format. `page_script` is the digest of the site's own script of pages (base64 of
    SHA-256), "" where pages have ours.
    """
    if format in PAGES:
        from feeds.formats.pages.look import header

        return header(page_script)
    return FEED_POLICY


def takes_ranges(format: str) -> bool:
    """Feeds and pages ignore Range (RFC 9110 section 14.2 allows it); media do not (HTTP-13)."""
    return format == "asset"


# validators


#: The length of a tag's opaque part.
TAG_CHARACTERS = 27


def tag(digest: str) -> str:
    """The opaque part of the identity coding's strong ETag: 162 bits of the SHA-256 given in hex (HTTP-6)."""
    return urlsafe_b64encode(bytes.fromhex(digest)).decode()[:TAG_CHARACTERS]


def etag(digest: str, coding: str = "identity") -> str:
    """A strong ETag, quoted, its own for each coding (RFC 9110 section 8.8.3.3)."""
    return f'"{tag(digest)}"' if coding == "identity" else f'"{tag(digest)}-{coding}"'


def repr_digest(digest: str) -> str:
    """RFC 9530 section 3, of the identity coding's bytes given as SHA-256 in hex."""
    return f"sha-256=:{b64encode(bytes.fromhex(digest)).decode()}:"


#: Before a tag there may be empty members (RFC 9110 section 5.6.1.2).
_TAG = lazy_pattern(r'[\s,]*(?:W/|w/)?(?:"([^"]*)"|([^\s,"]+))\s*(?:,|\Z)')
_SUFFIXES = lazy_pattern(r"(?:(?:--?|;)(?:gzip|br|zstd|deflate|df))*\Z")


def none_match(header: str, opaque: str) -> bool:
    """Whether If-None-Match names the document's bytes, in whatever coding: then the answer is 304 (HTTP-3, HTTP-7).

    Tolerant of weak marks, lost quotes and the suffixes that proxies add: the tag holds a digest of the bytes, so that
    no tolerance can make a false 304.
    """
    if header.strip() == "*":
        return True
    if opaque not in header:
        return False
    at = 0
    while match := _TAG.match(header, at):
        candidate = match[1] if match[1] is not None else match[2]
        # A tag may itself end in "-": what follows it is looked at, not what a suffix may have begun with.
        if candidate.startswith(opaque) and _SUFFIXES.match(candidate, len(opaque)):
            return True
        at = match.end()
        if at >= len(header):
            break
    return False


def opaque_tags(header: str) -> Iterator[str]:
    """The opaque parts of the tags that If-None-Match names, each without the suffixes of codings and proxies."""
    at = 0
    while match := _TAG.match(header, at):
        candidate = match[1] if match[1] is not None else match[2]
        if len(candidate) >= TAG_CHARACTERS and _SUFFIXES.match(candidate, TAG_CHARACTERS):
            yield candidate[:TAG_CHARACTERS]
        at = match.end()
        if at >= len(header):
            break


def match(header: str, tags: Iterable[str]) -> bool:
    """Whether If-Match holds for one of the current strong ETags, quoted (RFC 9110 section 13.1.1)."""
    if header.strip() == "*":
        return True
    return not {f'"{item[1]}"' for item in re.finditer(r'(?:^|,)\s*"([^"]*)"\s*(?=,|$)', header)}.isdisjoint(tags)


def http_date(seconds: float) -> str:
    """An IMF-fixdate (RFC 9110 section 5.6.7) of seconds since 1970."""
    return formatdate(seconds, usegmt=True)


_DAYS = "(?:" + "|".join(day[:3] for day in WEEKDAYS) + ")"
_MONTHS = [month[:3] for month in MONTHS]
_MONTH = "(?P<month>" + "|".join(_MONTHS) + ")"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES = (
    lazy_pattern(rf"{_DAYS}, (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} (?:GMT|UTC)"),
    lazy_pattern(rf"{_DAYS}[a-z]{{3,6}}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT"),
    lazy_pattern(rf"{_DAYS} {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})"),
)


def parse_http_date(text: str, now: float) -> int | None:
    """Seconds since 1970 of an HTTP-date in any of its three forms; None where it is none.

    `now` decides the century of two-digit years: never more than 50 years ahead (RFC 9110 section 5.6.7).
    """
    for form in _DATES:
        match = form.fullmatch(text.strip())
        if match is None:
            continue
        year = int(match["year"])
        if year < 100:
            this = datetime.fromtimestamp(now, UTC).year
            year += this // 100 * 100
            if year > this + 50:
                year -= 100
        day, month = int(match["day"]), _MONTHS.index(match["month"]) + 1
        hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
        try:
            datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  a check, not a value
        except ValueError:
            return None
        return timegm((year, month, day, hour, minute, second))
    return None


def modified_since(header: str, modified: int, now: float) -> bool:
    """False where If-Modified-Since makes the answer a 304: an equal or later date (HTTP-4)."""
    since = parse_http_date(header, now)
    return since is None or modified > since


# codings


def accept_encoding(header: str | None, available: Sequence[str]) -> str:
    """The coding to send: the client's best weight, our order where it does not care (RFC 9110 section 12.5.3)."""
    if not header:
        return "identity"
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        name_of_coding = _NAMES.get(name.strip())
        if name_of_coding is not None:
            weights[name_of_coding] = _weight(parameters)
    star = weights.get("*", 0.0)
    best, chosen = 0.0, "identity"
    for coding in available:
        weight = weights.get(coding, star)
        if weight > best:
            best, chosen = weight, coding
    # An identity that the client names and prefers is honoured; one it refuses is sent where nothing else fits.
    return "identity" if weights.get("identity", 0.0) > best else chosen


def _weight(parameters: str) -> float:
    """The q of a list's member; 1 where there is none, 0 where it is not a number."""
    for parameter in parameters.split(";"):
        name, equals, value = parameter.partition("=")
        if equals and name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0.0 <= weight <= 1.0 else 0.0
    return 1.0


# freshness


def max_age(max_age_seconds: int, next_change: float | None, now: float) -> int:
    """How long caches may keep a document: never past the instant at which a post falls due or expires (HTTP-15)."""
    if next_change is None:
        return max_age_seconds
    left = int(next_change - now)
    if left < 0:
        return min(OVERDUE_AGE_SECONDS, max_age_seconds)
    return max(MIN_AGE_SECONDS, min(max_age_seconds, left))


def cache_control(age: int, stale_while_revalidate_seconds: int, stale_if_error_seconds: int) -> str:
    """RFC 9111 section 5.2.2, RFC 5861. Never a word that makes readers forget their validators (HTTP-15)."""
    return (
        f"public, max-age={age}, stale-while-revalidate={stale_while_revalidate_seconds}, stale-if-error={stale_if_error_seconds}"
    )


#: The longest that a document may be kept; RFC 9111 section 4.2.2 has no limit, but a year is customary.
YEAR_SECONDS = 365 * 86_400


def own_cache_control(max_age_seconds: int) -> str:
    """Cache-Control of a document with an age of its own; one for a year is never asked for again (RFC 8246)."""
    return f"public, max-age={max_age_seconds}" + (", immutable" if max_age_seconds >= YEAR_SECONDS else "")


# links


class TargetLink(NamedTuple):
    """A link of a Link header: its relation, absolute ASCII URL, media type and language (BCP 47), "" if unknown."""

    relation: str
    url: str
    media_type: str = ""
    language: str = ""

    def __str__(self) -> str:
        """The link as RFC 8288 section 3 writes it, with `type` and `hreflang` of section 3.4.1."""
        media_type = self.media_type.partition(";")[0]
        field = f'<{self.url}>; rel="{self.relation}"' + (f'; type="{media_type}"' if media_type else "")
        return field + (f'; hreflang="{self.language}"' if self.language else "")


def link(links: Iterable[TargetLink]) -> str:
    """The Link header (RFC 8288) of some links."""
    return ", ".join(map(str, links))


# ranges


_RANGE = lazy_pattern(r"\s{0,9}bytes\s{0,9}=\s{0,9}(\d{0,18})\s{0,9}-\s{0,9}(\d{0,18})\s{0,9}", re.ASCII | re.IGNORECASE)


def byte_range(header: str, length: int) -> tuple[int, int] | None:
    """The one range that is asked for, as (first, end); None where the header is to be ignored: several ranges, another
    unit, nonsense. Raises ValueError where it cannot be satisfied: 416 (RFC 9110 section 14.1.2, 15.5.17).
    """
    match = _RANGE.fullmatch(header)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        last = int(match[2])
        if not last or not length:
            raise ValueError("no such bytes")
        return max(0, length - last), length
    first = int(match[1])
    if match[2] and int(match[2]) < first:
        return None
    if first >= length:
        raise ValueError("no such bytes")
    return first, min(int(match[2]) + 1, length) if match[2] else length


# negotiation


def negotiate(accept: str | None, fetch_mode: str | None, offered: Sequence[str], types: Mapping[str, str]) -> str:
    """Which of the formats offered the one URL with many formats answers with (NEG-2 … NEG-4).

    `types` gives each format's media type. HTML only where it is strictly preferred to every feed type; what is
    acceptable to the same degree goes by our own order; where nothing is, the first is sent all the same.
    """
    feeds = [name for name in offered if name in OWN]
    pages = [name for name in offered if name not in OWN]
    if not feeds:
        return pages[0]
    weights = {name: _quality(accept, types[name].partition(";")[0]) for name in offered}
    best = max(feeds, key=lambda name: weights[name])
    navigating = fetch_mode is None or fetch_mode.strip().lower() == "navigate"
    if pages and navigating and weights[pages[0]] > weights[best]:
        return pages[0]
    return best


def _quality(accept: str | None, media_type: str) -> float:
    """The weight that Accept gives a type: its most specific range decides (RFC 9110 section 12.5.1)."""
    if not accept or not accept.strip():
        return 1.0
    kind = media_type.partition("/")[0]
    results: dict[int, float] = {}
    for part in accept.lower().split(","):
        name, _, parameters = part.partition(";")
        name = name.strip()
        named = name == media_type or name in _ALIASES.get(media_type, ())
        rank = 3 if named else 2 if name == f"{kind}/*" else 1 if name == "*/*" else 0
        if rank:
            results[rank] = max(results.get(rank, 0.0), _weight(parameters))
    return results[max(results)] if results else 0.0


#: What clients ask for when they would take these types.
_ALIASES = {
    "application/rss+xml": ("application/x-rss+xml", "application/xml", "text/xml"),
    "application/atom+xml": ("application/xml", "text/xml"),
    "application/feed+json": ("application/json",),
    "text/html": ("application/xhtml+xml",),
}
