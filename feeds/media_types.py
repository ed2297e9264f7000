"""Media types: of a file by its ending, and which of them gain from compression.

A table of our own: the system's differs from machine to machine. Pure.
"""

from __future__ import annotations

import posixpath

from feeds.lazy_patterns import lazy_pattern

#: Media types by ending, our own table: the system's differs from machine to machine.
BY_ENDING = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
    ".bmp": "image/bmp",
    ".ico": "image/vnd.microsoft.icon",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".ogv": "video/ogg",
    ".vtt": "text/vtt; charset=utf-8",
    ".pdf": "application/pdf",
    ".epub": "application/epub+zip",
    ".zip": "application/zip",
    ".gz": "application/gzip",
}


def media_type(url: str) -> str | None:
    """The media type that a URL's or path's ending tells; None where it tells none."""
    path = url.partition("?")[0].partition("#")[0]
    return BY_ENDING.get(posixpath.splitext(path)[1].casefold())


_COMPRESSIBLE = lazy_pattern(r"text/|application/(?:[a-z0-9.+-]*(?:xml|json)|javascript)|image/svg")


def compressible(media_type: str) -> bool:
    """Whether documents of this type are stored in several content codings, and so vary (RFC 9110 §12.5.5)."""
    return _COMPRESSIBLE.match(media_type) is not None
