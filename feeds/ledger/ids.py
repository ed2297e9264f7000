"""How ids are written: tag: URIs minted from paths, and the ids of front matter as normalised URIs.

Pure: a new ledger over unchanged files must come to the same ids.
"""

from __future__ import annotations

import re

from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import nfc

_UUID = lazy_pattern(r"(?:urn:uuid:|\{)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?\Z", re.IGNORECASE)
_URI = lazy_pattern(r"([a-z][a-z0-9+.-]*):(.+)\Z", re.IGNORECASE | re.DOTALL)
#: A percent sign that begins no octet (RFC 3986 section 2.1).
_LONE_PERCENT = lazy_pattern(r"%(?![0-9a-fA-F]{2})")
_BARE = lazy_pattern(r"[A-Za-z0-9/._~-]*\Z")
_PERCENT = lazy_pattern(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def encode(text: str) -> str:
    """The text as it may stand in a URI's path, "/" kept (RFC 3986 section 2.3); NFC, so that systems agree."""
    if _BARE.match(text):
        return text
    from urllib.parse import quote

    raw = nfc(text).encode("utf-8", "surrogateescape")
    return quote(raw)


def minted_id(authority: str, path: str) -> str:
    """A tag: URI (RFC 4151) from the post's path."""
    return f"tag:{authority}:{encode(path)}"


def feed_id(authority: str, taxonomy: str, key: tuple[str, ...]) -> str:
    """The id of a term's feed, from its taxonomy and folded names, not its address: it survives a new domain and other paths."""
    names = "/".join(encode(name).replace("/", "%2F") for name in key)
    return f"tag:{authority}:feeds/{taxonomy}{'/' + names if names else ''}"


def explicit_id(written: str, authority: str) -> str:
    """An id of front matter as a normalised ASCII URI (RFC 4287 section 4.2.6.1); a bare name becomes a tag: URI."""
    written = written.strip()
    if match := _UUID.match(written):
        return f"urn:uuid:{match[1].lower()}"
    if match := _URI.match(written):
        scheme, rest = match[1].lower(), _ascii(match[2])
        if scheme in ("http", "https"):
            return _http(scheme, rest)
        return f"{scheme}:{rest}"
    return f"tag:{authority}:{encode(written)}"


def _ascii(text: str) -> str:
    """The rest of a URI: what no URI may hold percent-encoded, also a lone %, %XX in upper case, unreserved characters bare."""
    from urllib.parse import quote

    def decoded(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    raw = nfc(_LONE_PERCENT.sub("%25", text)).encode("utf-8", "surrogateescape")
    return _PERCENT.sub(decoded, quote(raw, safe="%/?#[]@!$&'()*+,;=:-._~"))


def _http(scheme: str, rest: str) -> str:
    """Lower-case host, no default port, no dot segments, a path of at least "/"."""
    from urllib.parse import urlsplit, urlunsplit

    try:
        parts = urlsplit(f"{scheme}:{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"{scheme}:{rest}"
    if not host:
        return f"{scheme}:{rest}"
    if "%" in host:
        from urllib.parse import unquote

        try:
            host = unquote(host).encode("idna").decode()
        except UnicodeError:
            return f"{scheme}:{rest}"
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != (443 if scheme == "https" else 80):
        host += f":{port}"
    user = parts.netloc.rpartition("@")[0]
    kept: list[str] = []
    segments = parts.path.split("/")[1:]
    for position, segment in enumerate(segments):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
            continue
        if position == len(segments) - 1:
            kept.append("")
    return urlunsplit((scheme, f"{user}@{host}" if user else host, "/" + "/".join(kept), parts.query, parts.fragment))
