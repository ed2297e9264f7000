"""Slugs: names as path segments, equal on every machine and file system.

Letters of every script are kept (NFC, case folded); names of devices, reserved names and endings of documents are
avoided. Pure: which slugs are taken is an argument.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from feeds.lazy_patterns import lazy_pattern
from feeds.model import digest
from feeds.normal_forms import nfc, normal_form

MAX_SLUG_BYTES = 100
#: Below what file systems and proxies take: percent-encoded a path may be three times as long.
MAX_PATH_BYTES = 900

#: Names that a feed's own documents, or a site's, may have beside the folders of terms.
RESERVED = frozenset({
    "all", "feed", "feeds", "index", "page", "rss", "atom", "json", "opml", "category", "tag", "author", "entry",
})  # fmt: skip
#: Windows cannot hold a file of that name, with any ending.
WINDOWS_DEVICE = lazy_pattern(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\.|\Z)", re.IGNORECASE)
#: Endings of documents that lie beside the folders of terms.
_DOCUMENTS = (".xml", ".json", ".html", ".opml", ".gz", ".br")
#: Symbols that are written as words, so that C, C++ and C# stay apart and readable.
SYMBOL_NAMES = {
    "+": " plus ", "#": " sharp ", "&": " and ", "@": " at ", "%": " percent ", "=": " equals ", "$": " dollar ",
    "*": " star ", "<": " lt ", ">": " gt ", "/": " slash ", "\\": " backslash ", "|": " pipe ", "^": " caret ",
    "~": " tilde ", "!": " bang ", "?": " question ",
}  # fmt: skip
#: A folded name that is its own slug, which nearly all are.
_PLAIN = lazy_pattern(r"(?!(?:con|prn|aux|nul|com\d|lpt\d|x)(?:-|\Z))[^\W_]+(?:-[^\W_]+)*\Z")
_BLANKS = lazy_pattern(r"[\s\u200b\ufeff\u2060]+")


def fold(name: str) -> str:
    """What two spellings of one name share: NFC, case folded, blanks folded."""
    return _BLANKS.sub(" ", nfc(nfc(name).casefold())).strip()


def slug(name: str) -> str:
    """The name as a path segment: letters of every script kept, at most 100 bytes; "" never comes out.

    Two names may share one: `unique` tells them apart.
    """
    text = nfc(normal_form("NFKC", name).casefold())
    if _PLAIN.match(text) and text not in RESERVED and len(text.encode()) <= MAX_SLUG_BYTES - 9:
        return text
    kept: list[str] = []
    for character in text:
        kind = unicodedata.category(character)
        if kind[0] in "LNM" or (kind in ("So", "Sk") and ord(character) > 0x2000):
            kept.append(character)
        elif character in SYMBOL_NAMES:
            kept.append(SYMBOL_NAMES[character])
        elif kind[0] == "C":
            continue
        else:
            kept.append(character if character in "._" else " ")
    result = nfc(re.sub(r"\s+", "-", "".join(kept).strip()))
    result = re.sub(r"-{2,}", "-", result).strip("-.")
    if not any(unicodedata.category(character)[0] in "LNS" for character in result):
        return "x-" + digest(name)[:8]
    if len(result.encode()) > MAX_SLUG_BYTES - 9:
        result = cut(result, MAX_SLUG_BYTES - 9) + "-" + digest(name)[:8]
    if result in RESERVED or WINDOWS_DEVICE.match(result) or result.endswith(_DOCUMENTS):
        result = result.replace(".", "-") + "-" + digest(name)[:8]
    return result


def cut(text: str, limit: int) -> str:
    """The text cut at `limit` bytes, never inside a character and what combines with it."""
    cut = text.encode()[:limit].decode(errors="ignore")
    rest = text[len(cut) :]
    while cut and rest and (unicodedata.combining(rest[0]) or rest[0] in "\u200d\ufe0f"):
        cut, rest = cut[:-1], cut[-1] + rest
    return cut.rstrip("-.")


def bounded(path: str) -> str:
    """A folder's path of at most MAX_PATH_BYTES bytes: the end of a longer one becomes a digest of the whole."""
    if len(path.encode()) <= MAX_PATH_BYTES:
        return path
    kept: list[str] = []
    room = MAX_PATH_BYTES - 21
    for name in path.split("/"):
        room -= len(name.encode()) + 1
        if room < 0:
            break
        kept.append(name)
    return "/".join([*kept, digest(path)[:20]]) + "/"


def unique(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """A slug for each folded name, none of them taken, whatever the order of the names.

    Of several names that share a slug, the one that reads like it keeps it; the others get a suffix from their own text.
    """
    wanted: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        wanted.setdefault(slug(name), []).append(name)
    results: dict[str, str] = {}
    used = set(taken)
    for base in sorted(wanted):
        sharing = wanted[base]
        owner = min(sharing, key=lambda name: (name.replace(" ", "-") != base, "-" in name, len(name), name))
        if base not in used:
            results[owner] = base
            used.add(base)
    for base in sorted(wanted):
        for name in wanted[base]:
            if name not in results:
                result = f"{cut(base, MAX_SLUG_BYTES - 9)}-{digest(name)[:8]}"
                while result in used:
                    result = f"{cut(base, MAX_SLUG_BYTES - 41)}-{digest(result, name)}"
                results[name] = result
                used.add(result)
    return results
