"""Addresses that are likely mistyped: in comes an address as its author wrote it, out goes what is wrong with it, and the fix.

A guess that changes nothing: the address is published as it is. Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from feeds.content.lines import readable
from feeds.lazy_patterns import lazy_pattern

#: So much of an address tells what it is.
_MOST_CHARACTERS = 500
_OWN_MACHINE = lazy_pattern(
    r"(?:https?:)?//(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[::1\])(?=[:/?#]|\Z)", re.IGNORECASE
)
_HOST = lazy_pattern(
    r"(?:www\.[\w-]{1,63}\.[\w.-]{2,60}|(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}(?:com|org|net|cn|io|dev))(?=[/:?#]|\Z)", re.IGNORECASE
)
_SCHEME = lazy_pattern(r"(https?)(?:[:：]/(?!/)|：//|;//|//|[:：](?=[\w.-]{1,253}\.\w))(.*)", re.IGNORECASE | re.DOTALL)


#: Hosts of private networks (RFC 1918 section 3, RFC 6762 section 3), e.g. a NAS at home.
_OWN_NETWORK = lazy_pattern(
    r"(?:https?:)?//(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?=[:/?#]|\Z)|"
    r"(?:https?:)?//[\w-]{1,63}\.(?:local|lan)(?=[:/?#]|\Z)",
    re.IGNORECASE,
)


#: A drive of Windows, a share, `file:`, a person's own folder of macOS, Linux or Windows, a resource of Joplin.
_ON_DISK = lazy_pattern(
    r"[a-z]:[\\/](?!/)|\\\\|file:|:/[0-9a-f]{32}\b|"
    r"(?-i:/(?:Users|home)/[^/]{1,64}/(?:Desktop|Documents|Downloads|Library|OneDrive|Pictures|桌面|图片|下载|文档)/)",
    re.IGNORECASE,
)


def is_on_disk(written: str) -> bool:
    """Whether an address is that of a file on somebody's own disk, as editors insert it: no reader can open it."""
    return _ON_DISK.match(unquote(written.lstrip()[:_MOST_CHARACTERS])) is not None


class Mistake(NamedTuple):
    """What is likely wrong with an address, and the fix."""

    what: str
    fix: str


def mistake(written: str, *, is_loaded: bool) -> Mistake | None:
    """What is likely wrong with an address; None if nothing is. A link to the author's own machine may be a tutorial's."""
    address = readable(written.strip())
    if is_loaded and _OWN_MACHINE.match(address):
        return Mistake(f"{address[:80]!r} is an address of your own machine", "write the address on the site, or a path")
    if is_loaded and _OWN_NETWORK.match(address):
        return Mistake(f"{address[:80]!r} is an address of your own network", "write the address on the site, or a path")
    if _HOST.match(address):
        return Mistake(
            f"{address[:80]!r} has no https:// before it: it leads to a page of this site", f"write https://{address:.80}"
        )
    scheme = _SCHEME.match(address)
    if scheme is not None:
        return Mistake(
            f"{address[:80]!r} is mistyped: it leads to a page of this site", f"write {scheme[1]}://{scheme[2].lstrip('/'):.80}"
        )
    return None
