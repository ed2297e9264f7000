"""URLs as browsers read them: in comes what an author wrote, out goes an absolute ASCII URL, or None.

The WHATWG URL standard (backslashes, tabs, IDNA, percent-encoding) by the ada-url package, so that what we check is what
a reader will open. No scheme but those asked for comes out.
"""

from __future__ import annotations

from collections.abc import Collection

from feeds.lazy_patterns import lazy_pattern

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
RESOURCE_SCHEMES = frozenset({"http", "https"})
_LONE_PERCENT = lazy_pattern(r"%(?![0-9A-Fa-f]{2})")
#: The page that hosts of static files show for an address at which there is nothing, below the base URL.
MISSING_PAGE = "404.html"


def resolve(url: str, base: str, schemes: Collection[str] = RESOURCE_SCHEMES) -> str | None:
    """`url` against `base`, normalised and in ASCII; None where it cannot be parsed or its scheme is not allowed."""
    import ada_url

    try:
        joined = ada_url.join_url(base, url)
    except ValueError:
        return None
    if joined.partition(":")[0] not in schemes or not joined.isascii():
        return None
    # Browsers leave a "%" that encodes nothing; RFC 3986 section 2.1 knows none, and servers answer it with 400.
    return _LONE_PERCENT.sub("%25", joined) if "%" in joined else joined


def encode_page(path: str) -> str:
    """The path of a page of the site's generator ("2021/it's tea/") as it stands in a URL.

    Only what RFC 3986 section 3.3 does not allow in a path is percent-encoded, as generators link their pages.
    """
    from urllib.parse import quote

    return quote(path, safe="/-._~!$&'()*+,;=:@")


def encode_path(path: str) -> str:
    """A path of ours ("category/技术/") as it stands in a URL: UTF-8, percent-encoded, "/" kept."""
    from urllib.parse import quote

    return quote(path)


def archive_file_name(name: str, number: int) -> str:
    """The name of an archive document beside the subscription document called `name`: "rss.xml", 3 -> "rss-archive-3.xml".

    It keeps the ending, by which servers tell types; no folder of a term ends so (`feeds.slugs`).
    """
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-archive-{number}{dot}{ending}"


#: Matches the names that `archive_file_name` gives; the groups are what is before and after the number.
ARCHIVE_FILE_NAME = lazy_pattern(r"\A(.*-archive-)[1-9][0-9]{0,8}(\.[^.]+)\Z")
