"""Facts of a media file that lie in its headers: in comes an open file, out go width and height, or the length in seconds.

Pictures by imagesize, sound and films by tinytag: both read headers alone. A file that cannot be read has no facts.
"""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO, NamedTuple

#: What no picture and no recording is larger than; more is a damaged header.
_MOST_PIXELS, _MOST_SECONDS = 100_000, 30 * 86_400


class MediaFacts(NamedTuple):
    """Pixels as a reader shows them (EXIF rotation applied) and whole seconds; None where they are not known."""

    width: int | None = None
    height: int | None = None
    seconds: int | None = None


NOTHING = MediaFacts()


def facts_of(stream: BinaryIO, media_type: str) -> MediaFacts:
    """The facts of a file of this type."""
    kind = media_type.partition("/")[0]
    if kind == "image":
        return _picture(stream)
    return _recording(stream) if kind in ("audio", "video") else NOTHING


def _picture(stream: BinaryIO) -> MediaFacts:
    import imagesize  # type: ignore[import-untyped]

    width, height = imagesize.get(stream)
    if 0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS:
        return MediaFacts(int(width), int(height))
    return NOTHING


def _recording(stream: BinaryIO) -> MediaFacts:
    from tinytag import TinyTag

    # Whatever a damaged or hostile file makes of the parser: then its length is not known.
    with suppress(Exception):
        seconds = TinyTag.get(file_obj=stream, tags=False).duration
        if seconds is not None and 0 < seconds < _MOST_SECONDS:
            return MediaFacts(seconds=max(1, round(seconds)))
    return NOTHING
