"""The order of terms on a page: labels and a language come in, out goes a heading and a sort key for each.

Latin letters without accents, then what the language's own readers expect of Han characters: pinyin for Simplified
Chinese (pypinyin), strokes for Traditional (the order of Big5), readings for Japanese (the order of JIS X 0208). No
locale of the machine takes part, so the order is the same everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from feeds.formats._strings import fallbacks
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import nfc, normal_form

#: Moves with each change of the order; part of the key under which keys are remembered.
VERSION = "1"

_HAN = lazy_pattern("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NUMBER = lazy_pattern(r"\d+")
_SYLLABLE_START, _SYLLABLE_LAST = 0xAC00, 0xD7A3
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
#: The first kana of each row, in order; voiced and small ones sort into the row before the next first one.
_ROWS = "あかさたなはまやらわ"


class IndexPlace(NamedTuple):
    """Where a label stands: `heading` is the letter over it ("A", "ㄱ", "あ", "" for signs and digits), `key` its order."""

    heading: str
    key: str


def places(labels: Sequence[str], language: str | None) -> list[IndexPlace]:
    """The place of each label. Two labels never share a key."""
    tags = set(fallbacks(language))
    if "zh-hans" in tags:
        han = _pinyin if any(map(_HAN.search, labels)) else _as_it_is
    elif "zh-hant" in tags:
        han = partial(_charset, "big5")
    else:
        han = partial(_charset, "euc_jp") if "ja" in tags else _as_it_is
    return [_place(label, han(label)) for label in labels]


def _place(label: str, sounds: Sequence[str]) -> IndexPlace:
    """`sounds` is one text for each character of the label: what it sorts by."""
    folded = [_folded(sound) for sound in sounds]
    text = "".join(folded)
    heading = _heading(text)
    # Within a heading what is written in Latin letters comes first, as people look for it.
    written = "1" if label and _HAN.match(label) else "0"
    key = _NUMBER.sub(lambda number: f"{len(number[0].lstrip('0')):03d}{number[0].lstrip('0')}", text)
    return IndexPlace(heading, f"{_rank(heading)}{heading}{written}{key}\0{label}")


def _folded(text: str) -> str:
    plain = normal_form("NFKD", text.casefold())
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    # Katakana sorts with hiragana.
    return "".join(chr(ord(item) - 0x60) if "ァ" <= item <= "ヶ" else item for item in nfc(kept))


def _rank(heading: str) -> str:
    return "0" if not heading else "1" if heading.isascii() else "2"


def _heading(text: str) -> str:
    first = next((character for character in text if character.isalnum()), "")
    if not first.isalpha():
        return ""
    if first.isascii():
        return first.upper()
    if _SYLLABLE_START <= ord(first) <= _SYLLABLE_LAST:
        return _INITIALS[(ord(first) - _SYLLABLE_START) // 588]
    if "ぁ" <= first <= "ゖ":
        return max((row for row in _ROWS if row <= chr(ord(first) + 1)), default="あ")
    if _HAN.match(first) or not unicodedata.category(first).startswith("L"):
        return "\u6f22"
    return first.upper()[:1]


def _as_it_is(label: str) -> list[str]:
    return list(label)


def _pinyin(label: str) -> list[str]:
    """A syllable with its tone for each Han character; phrases decide between several readings."""
    if not _HAN.search(label):
        return list(label)
    from pypinyin import Style, lazy_pinyin

    # Tones as signs that sort before letters and are no digits: a shorter syllable comes first, a number stays a number.
    sounds = lazy_pinyin(label, style=Style.TONE3, neutral_tone_with_five=True, errors=lambda rest: f" {rest}")
    return [sound[1:] if sound[0] == " " else sound[:-1] + chr(int(sound[-1])) for sound in sounds]


def _charset(encoding: str, label: str) -> list[str]:
    """Han characters by their place in a national character set, which orders the common ones as its readers do."""
    return [_code(encoding, character) if _HAN.match(character) else character for character in label]


def _code(encoding: str, character: str) -> str:
    """A sign of the private planes with the character's place; rare characters come behind, by code point."""
    code = character.encode(encoding, "ignore")
    if len(code) != 2:
        return f"\u6f22\U0010fffd{character}"
    return f"\u6f22{chr(0xF0000 + min(int.from_bytes(code, 'big'), 0xFFFD))}"
