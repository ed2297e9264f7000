"""Hexo's addresses: slugs, permalink patterns, names of posts' files, hexo-abbrlink's numbers.

In come names and patterns, out go paths as hexo-util and Hexo's post_permalink filter make them, not percent-encoded. Pure.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from feeds.lazy_patterns import lazy_pattern

#: hexo-util, lib/permalink.ts: `:title_x` is one name, `:title_` is `:title` and "_".
_PLACEHOLDER = lazy_pattern(r":([A-Za-z0-9_]*[A-Za-z0-9])", re.ASCII)
#: hexo, lib/plugins/processor/post.ts: what these names match in a file's name; any other matches as little as possible.
_IN_NAME = {
    "year": r"(\d{4})", "month": r"(\d{2})", "day": r"(\d{2})", "i_month": r"(\d{1,2})", "i_day": r"(\d{1,2})",
    "hash": r"([0-9a-f]{12})",
}  # fmt: skip
_CONTROL = lazy_pattern(r"[\x00-\x1f]")
_SPECIAL = lazy_pattern(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'<>,.?/]+")

#: hexo-util, lib/escape_diacritic.ts: letters that do not decompose, or decompose otherwise, after what they become.
_LETTERS = (
    "A:ȺⱯ AA:Ꜳ AE:ÆǢǼ AO:Ꜵ AU:Ꜷ AV:ꜸꜺ AY:Ꜽ B:ƁƂɃ C:ƇȻꜾ D:ĐƉƊƋꝹ DZ:ǄǱ Dz:ǅǲ E:ƎƐ F:ƑꝻ G:ƓǤꝽꝾꞠ H:ĦⱧⱵꞍ I:Ɨ J:Ɉ K:ƘⱩꝀꝂꝄꞢ "
    "L:ĿŁȽⱠⱢꝆꝈꞀ LJ:Ǉ Lj:ǈ M:ƜⱮ N:ƝȠꞐꞤ NJ:Ǌ Nj:ǋ O:ØƆƟǾꝊꝌ OE:Œ OI:Ƣ OO:Ꝏ OU:Ȣ P:ƤⱣꝐꝒꝔ Q:ɊꝖꝘ R:ɌⱤꝚꞂꞦ S:ẞⱾꞄꞨ T:ŦƬƮȾꞆ TZ:Ꜩ "
    "U:Ʉ V:ƲɅꝞ VY:Ꝡ W:Ⱳ Y:ƳɎỾ Z:ƵȤⱫⱿꝢ a:ɐẚⱥ aa:ꜳ ae:æǣǽ ao:ꜵ au:ꜷ av:ꜹꜻ ay:ꜽ b:ƀƃɓ c:ƈȼↄꜿ d:đƌɖɗꝺ dz:ǆǳ e:ǝɇɛ f:ƒꝼ "
    "g:ǥɠᵹꝿꞡ h:ħɥⱨⱶ hv:ƕ i:ıɨ j:ɉ k:ƙⱪꝁꝃꝅꞣ l:ŀłſƚɫⱡꝇꝉꞁ lj:ǉ m:ɯɱ n:ŉƞɲꞑꞥ nj:ǌ o:øǿɔɵꝋꝍ oe:œ oi:ƣ oo:ꝏ ou:ȣ p:ƥᵽꝑꝓꝕ "
    "q:ɋꝗꝙ r:ɍɽꝛꞃꞧ s:ßȿẛꞅꞩ t:ŧƭʈⱦꞇ tz:ꜩ u:ʉ v:ʋʌꝟ vy:ꝡ w:ⱳ y:ƴɏỿ z:ƶȥɀⱬꝣ"
)
_BASES = {letter: base for base, letters in (group.split(":") for group in _LETTERS.split()) for letter in letters}


def _base(letter: str) -> str:
    """A Latin letter without its marks, a full-width or circled one as the plain letter; any other as it is."""
    if letter in _BASES:
        return _BASES[letter]
    code = ord(letter)
    for first, last, plain in ((0xFF21, 0xFF3A, "A"), (0xFF41, 0xFF5A, "a"), (0x24B6, 0x24CF, "A"), (0x24D0, 0x24E9, "a")):
        if first <= code <= last:
            return chr(ord(plain) + code - first)
    parts = unicodedata.normalize("NFD", letter)
    marks = len(parts) > 1 and all(map(unicodedata.combining, parts[1:]))
    return parts[0] if marks and parts[0].isascii() and parts[0].isalpha() and letter != "\u212b" else letter


@lru_cache(4096)
def slugize(text: str, case: int = 0) -> str:
    """A name as hexo-util's `slugize` has it: no marks on Latin letters, ASCII punctuation and blanks as "-".

    `case` is Hexo's `filename_case`: 1 for lower case, 2 for upper case.
    """
    if not text.isascii():
        text = "".join(letter if letter.isascii() else _base(letter) for letter in text)
    slug = re.sub(r"-{2,}", "-", _SPECIAL.sub("-", _CONTROL.sub("", text))).strip("-")
    return slug.lower() if case == 1 else slug.upper() if case == 2 else slug


def names(pattern: str) -> tuple[str, ...]:
    """The placeholders in a pattern, in order."""
    return tuple(_PLACEHOLDER.findall(pattern))


class Values(Protocol):
    """What placeholders are; a mapping will do."""

    def get(self, name: str, default: str, /) -> str:
        """The value of the placeholder `name`, else the default."""


def expand(pattern: str, values: Values) -> str:
    """The path that a permalink pattern gives; a placeholder that nothing is known for becomes "undefined", as in Hexo."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], "undefined"), pattern)


def name_facts(path: str, new_post_name: str) -> dict[str, str]:
    """What a file's path below the posts folder says, by the pattern in which Hexo names new posts; always has "title".

    With `:year-:month-:day-:title.md`, "2020-05-06-tea.md" is of that day and called "tea". A path that does not fit the
    pattern is its own title, slugized.
    """
    stem, pattern = without_ending(path), without_ending(new_post_name)
    regex, end, found_names = "", 0, names(pattern)
    for placeholder in _PLACEHOLDER.finditer(pattern):
        regex += re.escape(pattern[end : placeholder.start()]) + _IN_NAME.get(placeholder[1], "(.+?)")
        end = placeholder.end()
    match = re.fullmatch(regex + re.escape(pattern[end:]), stem, re.ASCII)
    facts = dict(zip(found_names, match.groups(), strict=True)) if match else {}
    return facts if "title" in facts else {**facts, "title": slugize(stem)}


def without_ending(path: str) -> str:
    """The path without the ending of its last name, as Node's `path.extname` finds it."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return path[: len(path) - len(name) + dot] if dot > 0 else path


def pretty(path: str, *, trailing_index: bool, trailing_html: bool) -> str:
    """The path by Hexo's `pretty_urls`."""
    if not trailing_index:
        path = path.removesuffix("index.html")
    if not trailing_html and not path.endswith("index.html"):
        path = path.removesuffix(".html")
    return path


def abbrlink(title: str, algorithm: str) -> str:
    """What hexo-abbrlink writes into a post that has no `abbrlink`; `algorithm` is e.g. "crc16 dec" or "crc32 hex"."""
    data = title.encode("utf-8", "surrogatepass")
    number = zlib.crc32(data) if algorithm.startswith("crc32") else _crc16(data)
    return f"{number:x}" if algorithm.endswith("hex") else str(number)


def _crc16(data: bytes) -> int:
    """CRC-16/ARC: polynomial 0x8005 reflected, no initial value."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
    return crc


def post_hash(slug: str, published: datetime) -> str:
    """Hexo's `:hash` of a post."""
    return hashlib.sha1(f"{slug}{int(published.timestamp())}".encode()).hexdigest()[:12]  # noqa: S324  an address, no secret
