"""Content fingerprints: digests and sketches of a post's text, and how alike two posts are.

What is equal for a person (line ends, blanks at line ends, normal form) is equal here. Pure: no clock, no chance, no
settings, no I/O; a fresh ledger over unchanged files must come to the same ids.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

#: Moves whenever equal posts would give other digests or sketches; the ledger then takes new ones without an `updated`.
VERSION = "3"

#: Hashes in one part of a sketch.
SKETCH_SIZE = 32
#: Bodies up to this many characters are also compared by what they are made of, not only by whole sentences.
SHORT_CHARACTERS = 200

#: What ends a sentence or a tag: a piece of text is what stands between two of them, if it is long enough to tell anything.
_ENDS = bytes.maketrans(b".!?;<>", b"\n" * 6)
_PIECES = re.compile(rb"[^\n\t ][^\n]{5,}[^\n\t \r]")
_NO_WORD = re.compile(r"[\W_]+")
_DATE_PREFIX = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[-_ .](?=.)")


class Sighting(NamedTuple):
    """A post as one build finds it. `path` is relative with "/"; `out` says that it is published at this instant.

    `explicit_id` is front matter's, as written; `published` and `updated` are front matter's, aware UTC.
    """

    path: str
    explicit_id: str | None
    title: str
    text_digest: str
    sketch: bytes
    published: datetime | None
    updated: datetime | None
    out: bool


class Identity(NamedTuple):
    """Who a post is for good. Instants are aware UTC in whole seconds; `updated` is never before `published`.

    `origin` says how this build knew it: "path and text", "front matter", "text", "path", "likeness" or "new".
    """

    id: str
    slug: str
    first_seen: datetime
    published: datetime
    updated: datetime
    origin: str


def normal(text: str) -> str:
    """The text in normal form C (Unicode Standard Annex 15); most text is, and is given back as it is."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def text_digest(title: str, body: str) -> str:
    """32 hex digits of what a reader reads: title and body, whatever line ends, blanks before them and normal form."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join(map(str.rstrip, body.split("\n"))).strip("\n")
    whole = normal(f"{title.strip()}\0{lines}")
    return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


#: The digest of a post with neither title nor body: many posts share it, so it says nothing about who one is.
EMPTY = text_digest("", "")


def _least(pieces: set[bytes]) -> list[int]:
    return sorted(map(crc32, pieces))[:SKETCH_SIZE]


def sketch(body: str) -> bytes:
    """What the body is made of, so that an edited one is known again: the least hashes of its sentences.

    A short body has a second part of the hashes of every three letters. Big-endian 32-bit numbers after a byte that
    counts the first part; b"" for a body without a letter.
    """
    body = normal(body)
    pieces = set(_PIECES.findall(body.replace("。", "\n").encode("utf-8", "surrogatepass").translate(_ENDS)))
    fine: set[bytes] = set()
    if len(body) <= SHORT_CHARACTERS:
        letters = _NO_WORD.sub("", body.casefold()).encode("utf-32-be", "surrogatepass")
        fine = {letters[start : start + 12] for start in range(0, max(1, len(letters) - 8), 4)} - {b""}
    coarse = _least(pieces)
    small = _least(fine)
    if not coarse and not small:
        return b""
    numbers = array("I", [*coarse, *small])
    return bytes([len(coarse)]) + numbers.tobytes()


def hashes(made: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """The two parts of a sketch: of its sentences, and of its letters where the body is short."""
    numbers = array("I", made[1:])
    count = made[0] if made else 0
    return frozenset(numbers[:count]), frozenset(numbers[count:])


def _shared(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of common members among two sets of which the least members are known (bottom-k estimate)."""
    if not one or not other:
        return 0.0
    edge = min(max(some) if len(some) == SKETCH_SIZE else 1 << 32 for some in (one, other))
    one, other = frozenset(n for n in one if n <= edge), frozenset(n for n in other if n <= edge)
    return len(one & other) / len(one | other)


def likeness(a: bytes, b: bytes) -> float:
    """How much two bodies have in common by their sketches, 0.0 to 1.0; blank bodies are like nothing."""
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    (coarse_a, fine_a), (coarse_b, fine_b) = hashes(a), hashes(b)
    return max(_shared(coarse_a, coarse_b), _shared(fine_a, fine_b))


def stem(path: str) -> str:
    """The name that a path gives its post: no folder, ending, or date before it; for `index.md` its folder's name."""
    folders, _, name = path.rpartition("/")
    name = name.rpartition(".")[0] or name
    if name in ("index", "_index") and folders:
        name = folders.rpartition("/")[2]
    return _DATE_PREFIX.sub("", name, count=1) or name
