"""Content fingerprints: digests and sketches of a post's text, and how alike two posts are.

What is equal for a person (line ends, blanks at line ends, normal form) is equal here. Pure: no clock, no chance, no
settings, no I/O; a fresh ledger over unchanged files must come to the same ids.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import nfc

#: Moves whenever equal posts would give other digests; the ledger then takes new ones without an `updated`.
VERSION = "3"
#: Moves whenever equal bodies would give other sketches; the ledger then takes new ones.
SKETCH_VERSION = "3"

#: Hashes in one part of a sketch.
SKETCH_SIZE = 32
#: How many values a hash (CRC-32) may have.
_HASHES = 1 << 32
#: Bodies up to this many characters are also compared letter by letter.
SHORT_CHARACTERS = 400
#: A sketch with fewer hashes is that of a stub ("TODO", "Read more"), which many posts may share.
STUB_HASHES = 24
#: A short body with fewer hashes ("To be written.") tells nothing even if no other post has it now.
_TELLING_HASHES = 12
#: The same of Chinese, whose letters tell more.
_TELLING_CHINESE_HASHES = 7
#: The likeness of two sketches of which one was made by an earlier version.
UNKNOWN_LIKENESS = 0.5
#: So much of a body is looked at, in bytes without blanks and punctuation.
_LOOKED_AT_BYTES = 24_000

#: Added to the first byte of a sketch, so that it differs from those of earlier versions.
_FORMAT = 64
#: Added to the first byte of a sketch of a short body in Chinese.
_CHINESE = 128
#: Fewer common stretches of two short texts say nothing: "IMG_1234.jpg" has one.
_FEWEST_STRETCHES = 4
#: What a body is compared without: blanks and ASCII punctuation. Digits stay.
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_LOWER = bytes(range(256)).lower()
#: Stretches of twelve bytes (two English words, four Chinese letters) that begin at certain bytes: as these are part of the
#: text, an edit moves only the stretches that it touches.
_SHINGLES = lazy_pattern(rb"[cgpw\x84\x93\xa5\xb2\xbc].{11}", re.DOTALL)
#: A text with fewer such stretches than one in so many bytes is looked at everywhere.
_SPARSE_BYTES = 64
_LETTERS = lazy_pattern(r"\d+|[^\W_]")
#: The address of a picture or link: in Markdown, in HTML, in a wiki link.
_ADDRESS = lazy_pattern(r"""\]\(([^()\s]+)|\b(?:src|href)=["']?([^"'\s>]+)|!\[\[([^\[\]|]+)""")
#: The parts of an address but for the last two: photo posts of one host share them, and have few letters besides.
_FOLDERS = lazy_pattern(r"(?<![A-Za-z0-9._~:%@+&=-])[A-Za-z0-9._~:%@+&=-]*/(?=[A-Za-z0-9._~:%@+&=-]*/)")
_DATE_PREFIX = lazy_pattern(r"(\d{4}-\d{1,2}-\d{1,2})[-_ .](?=.)")


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
    """The permanent identity of a post. Instants are aware UTC in whole seconds; `updated` is never before `published`.

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
    return nfc(text)


def text_digest(title: str, body: str) -> str:
    """32 hex digits of what a reader reads: title and body, whatever line ends, blanks before them and normal form."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join(map(str.rstrip, body.split("\n"))).strip("\n")
    whole = normal(f"{title.strip()}\0{lines}")
    return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


#: The digest of a post with neither title nor body: many posts share it, so it says nothing about who one is.
EMPTY = text_digest("", "")


def _least(pieces: Collection[bytes]) -> list[int]:
    # Hashes are spread evenly: among the lowest of them, one and a half times as many as are wanted, nearly always enough are
    # different. To sort only these takes half the time.
    if len(pieces) > 2 * SKETCH_SIZE:
        edge = SKETCH_SIZE * 3 // 2 * _HASHES // len(pieces)
        lowest = {number for number in map(crc32, pieces) if number < edge}
        if len(lowest) >= SKETCH_SIZE:
            return sorted(lowest)[:SKETCH_SIZE]
    return sorted(set(map(crc32, pieces)))[:SKETCH_SIZE]


def _stretches(letters: bytes) -> Collection[bytes]:
    """Stretches of a text that an edit elsewhere in it leaves as they are."""
    stretches = _SHINGLES.findall(letters)
    if len(stretches) * _SPARSE_BYTES >= len(letters):
        return stretches
    # Hardly any begins where most texts have some, e.g. in a table of numbers.
    return {letters[start : start + 12] for start in range(max(1, len(letters) - 11))}


def _groups(letters: Sequence[str]) -> Iterable[bytes]:
    """Every few letters that follow each other; a number counts as one letter."""
    for start in range(max(1, len(letters) - 2)):
        size = 3 if letters[start] > "\u2e80" else 4
        if start == 0 or start + size <= len(letters):
            yield "\0".join(letters[start : start + size]).encode("utf-8", "surrogatepass")


def _addresses(body: str) -> Iterable[bytes]:
    """As many hashes for each picture or link as a sentence has: its address tells which one it is."""
    for match in _ADDRESS.finditer(body):
        address = "/".join(match[match.lastindex or 0].split("/")[-2:])
        for number in range(_TELLING_HASHES):
            yield f"{number}\0{address}".encode("utf-8", "surrogatepass")


def _letters_of(body: str) -> bytes:
    return body.encode("utf-8", "surrogatepass").translate(_LOWER, _NO_LETTERS)


def sketch(body: str) -> bytes:
    """What the body is made of, so that an edited one is known again: the least hashes of short stretches of its letters.

    A short body has a second part of the hashes of every four letters, or three of Chinese; of an address in it the last two
    parts count. Big-endian 32-bit numbers after a byte that counts the first part: the CRC of all letters, then the two parts.
    b"" for a body without a letter.
    """
    body = normal(body)
    is_short = len(body) <= SHORT_CHARACTERS
    letters = whole = _letters_of(body)
    addresses = list(_addresses(body)) if is_short else []
    if is_short and "/" in body:
        body = _FOLDERS.sub("", body)
        letters = _letters_of(body)
    coarse = _least(_stretches(letters[:_LOOKED_AT_BYTES]))
    fine: list[int] = []
    parts: list[str] = []
    if is_short:
        parts = _LETTERS.findall(body.casefold())
        if not parts:
            return b""
        fine = _least([*_groups(parts), *addresses])
    elif not letters:
        return b""
    numbers = array("I", [crc32(whole), *coarse, *fine])
    if sys.byteorder == "little":
        numbers.byteswap()
    chinese = _CHINESE if is_short and sum(letter > "\u2e80" for letter in parts) * 2 > len(parts) else 0
    return bytes([_FORMAT + len(coarse) + chinese]) + numbers.tobytes()


class SketchParts(NamedTuple):
    """A sketch taken apart: the CRC of all letters, hashes of stretches of text, hashes of letters if the body is short."""

    whole: int
    coarse: frozenset[int]
    fine: frozenset[int]


def parts_of(sketch: bytes) -> SketchParts | None:
    """The parts of a sketch; None if it is blank, or of an earlier version."""
    count = sketch[0] % _CHINESE - _FORMAT if sketch else -1
    if count < 0:
        return None
    numbers = array("I", sketch[1:])
    if sys.byteorder == "little":
        numbers.byteswap()
    return SketchParts(numbers[0], frozenset(numbers[1 : count + 1]), frozenset(numbers[count + 1 :]))


def is_stub(sketch: bytes) -> bool:
    """Whether a sketch is of so short a body that many posts may have it."""
    parts = parts_of(sketch)
    return parts is not None and bool(parts.fine) and len(parts.coarse) + len(parts.fine) < STUB_HASHES


def _shared(first: frozenset[int], second: frozenset[int]) -> float:
    """The share of common members among two sets of which the least members are known (bottom-k estimate)."""
    if not first or not second:
        return 0.0
    edge = min(max(some) if len(some) == SKETCH_SIZE else 1 << 32 for some in (first, second))
    first, second = frozenset(n for n in first if n <= edge), frozenset(n for n in second if n <= edge)
    return len(first & second) / len(first | second)


def likeness(a: bytes, b: bytes) -> float:
    """How much two bodies have in common by their sketches, 0.0 to 1.0; blank bodies are like nothing.

    1.0 only if they have the same letters; `UNKNOWN_LIKENESS` if one sketch was made by an earlier version.
    """
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    first, second = parts_of(a), parts_of(b)
    if first is None or second is None:
        return UNKNOWN_LIKENESS
    fine = _shared(first.fine, second.fine)
    if first.fine and second.fine and min(len(first.coarse), len(second.coarse)) < _FEWEST_STRETCHES:
        return min(0.99, fine)
    return min(0.99, max(_shared(first.coarse, second.coarse), fine))


def extends(sketch: bytes, shorter: bytes) -> bool:
    """Whether a body holds the whole of a short one, by their sketches: words were added before or after it."""
    longer, part = parts_of(sketch), parts_of(shorter)
    if longer is None or part is None or not part.fine or not longer.fine:
        return False
    edge = max(longer.fine) if len(longer.fine) == SKETCH_SIZE else 1 << 32
    within_edge = [number for number in part.fine if number <= edge]
    return bool(within_edge) and longer.fine.issuperset(within_edge)


def is_telling(sketch: bytes) -> bool:
    """Whether a short body is long enough that two posts hardly have it by chance.

    That is about 16 letters, 9 of Chinese, or a picture or link.
    """
    parts = parts_of(sketch)
    return parts is not None and len(parts.fine) >= (_TELLING_CHINESE_HASHES if sketch[0] >= _CHINESE else _TELLING_HASHES)


_SEPARATORS = lazy_pattern(r"[\W_]+")
#: What numbers the parts of a series.
_ORDINALS = lazy_pattern(r"\d+|[一二三四五六七八九十百零〇上中下]+|\b[ivx]+\b")
#: From this share of common letters on, two titles are spellings of one.
_TITLES_ALIKE = 0.6
#: The same of titles without their numbers, for two parts of one series.
_SERIES_ALIKE = 0.8


def titles_alike(first: str, second: str) -> bool:
    """Whether one title may be the other corrected or reworded: most letters in the same order, and the same numbers."""
    first, second = _folded(first), _folded(second)
    if not first or not second or _ORDINALS.findall(first) != _ORDINALS.findall(second):
        return False
    return first == second or _common(first, second) >= _TITLES_ALIKE


def numbered_apart(first: str, second: str) -> bool:
    """Whether two titles are those of two parts of a series: "Notes 3" and "Notes 4", 上 and 下, "Notes" and "Notes 2"."""
    first, second = _folded(first), _folded(second)
    if _ORDINALS.findall(first) == _ORDINALS.findall(second):
        return False
    return _common(_ORDINALS.sub("", first), _ORDINALS.sub("", second)) >= _SERIES_ALIKE


def _folded(title: str) -> str:
    return " ".join(_SEPARATORS.sub(" ", normal(title).casefold()).split())


def _common(first: str, second: str) -> float:
    """The share of letters that two texts have in common in one order."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def stem(path: str) -> str:
    """The name that a path gives its post: no folder, ending, or date before it; for `index.md` its folder's name."""
    return _DATE_PREFIX.sub("", _name(path), count=1) or _name(path)


def date_of(path: str) -> str:
    """The date before the name that a path gives its post, as written there; "" if there is none."""
    match = _DATE_PREFIX.match(_name(path))
    return match[1] if match else ""


def _name(path: str) -> str:
    folders, _, name = path.rpartition("/")
    name = name.rpartition(".")[0] or name
    if name in ("index", "_index") and folders:
        name = folders.rpartition("/")[2]
    return name
