"""Normal forms of Unicode (UAX 15) in linear time: in comes any text, out goes what `unicodedata.normalize` gives.

That sorts each run of combining characters by insertion: two million marks behind one letter would take a quarter of an hour.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import Literal

from feeds.lazy_patterns import lazy_pattern

#: Shorter runs of combining characters are sorted quickly enough.
_LONG = 64
#: Characters that no run of combining ones holds end a run. Marks are no word characters.
_LONG_RUN = lazy_pattern(rf"[^\w\s\x00-\x7f]{{{_LONG},}}")
#: In the compatibility forms letters may become marks, too, e.g. U+FF9E.
_LONG_COMPATIBLE_RUN = lazy_pattern(rf"[^\x00-\x7f]{{{_LONG},}}")

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normal_form(form: Form, text: str) -> str:
    """The text in a normal form."""
    if text.isascii():
        return text
    compatible = "K" in form
    # A long run has one of every 64 characters, and hardly any text has a mark there.
    if any(_combines(character, compatible) for character in text[::_LONG]):
        pattern = _LONG_COMPATIBLE_RUN if compatible else _LONG_RUN
        text = pattern.sub(lambda match: _sorted(match[0], compatible=compatible), text)
    return unicodedata.normalize(form, text)


def nfc(text: str) -> str:
    """The text in normal form C; most text is, and is given back as it is."""
    return normal_form("NFC", text)


def _sorted(run: str, *, compatible: bool) -> str:
    """The run decomposed and in canonical order (The Unicode Standard, section 3.11, D108), if any of it combines."""
    decomposed = "".join(_decomposed(character, compatible) for character in run)
    if not any(map(unicodedata.combining, decomposed)):
        return run
    groups = groupby(decomposed, key=lambda character: unicodedata.combining(character) != 0)
    return "".join("".join(sorted(group, key=unicodedata.combining) if combining else group) for combining, group in groups)


@lru_cache(4096)
def _combines(character: str, compatible: bool) -> bool:
    """Whether nothing but combining characters is left of it where it is decomposed."""
    return all(map(unicodedata.combining, _decomposed(character, compatible)))


@lru_cache(4096)
def _decomposed(character: str, compatible: bool) -> str:
    return unicodedata.normalize("NFKD" if compatible else "NFD", character)
