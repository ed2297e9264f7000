"""What headers of media files say: sizes that a picture may have, and nothing for what cannot be."""

from __future__ import annotations

import struct
import wave
from io import BytesIO
from zlib import crc32

import pytest

from feeds.media_files import NOTHING, MediaFacts, facts_of


def png(width: int, height: int) -> BytesIO:
    """A picture with no data behind its header."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return BytesIO(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", crc32(head)))


@pytest.mark.parametrize(
    ("width", "height", "known"),
    [
        (1, 1, True),
        (640, 480, True),
        (100_000, 100_000, True),
        (100_001, 1, False),
        (1, 100_001, False),
        (0, 9, False),
        (9, 0, False),
        (2**32 - 1, 9, False),
    ],
)
def test_the_size_of_a_picture(width: int, height: int, known: bool) -> None:
    assert facts_of(png(width, height), "image/png") == (MediaFacts(width, height) if known else NOTHING)


@pytest.mark.parametrize(("tenths", "seconds"), [(1, 1), (14, 1), (16, 2), (0, None)])
def test_the_length_of_a_recording_is_whole_seconds_and_at_least_one(tenths: int, seconds: int | None) -> None:
    stream = BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setparams((1, 1, 1000, 0, "NONE", ""))
        sound.writeframes(bytes(tenths * 100))
    stream.seek(0)
    assert facts_of(stream, "audio/wav") == MediaFacts(seconds=seconds)


@pytest.mark.parametrize("media_type", ["image/png", "audio/mpeg", "video/mp4", "application/pdf"])
@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n", b"no picture at all" * 9])
def test_what_cannot_be_read_has_no_facts(media_type: str, body: bytes) -> None:
    assert facts_of(BytesIO(body), media_type) == NOTHING
