"""Slugs and addresses as Ruby's web libraries make them: Jekyll's `slugify` in all its modes, and Addressable's normal form.

Pure functions of text; used for permalinks and by Liquid's filters.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

from feeds.normal_forms import nfc

#: What mode "pretty" keeps besides letters and digits: what URLs and file systems take as it is.
_PRETTY = frozenset("._~!$&'()+,;=@")
#: RFC 3986 section 3.3 `pchar` without letters and digits.
_PCHAR = "-._~!$&'()*+,;=:@"
MODES = ("raw", "default", "pretty", "ascii", "latin")
#: Letters that do not decompose into one of ASCII and a mark.
_LATIN = str.maketrans({
    "ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "Ł": "L",
    "ł": "l", "Œ": "OE", "œ": "oe", "ı": "i", "Ŋ": "NG", "ŋ": "ng", "Ħ": "H", "ħ": "h", "ſ": "s", "Ŧ": "T", "ŧ": "t",
})  # fmt: skip


def slugify(text: str, mode: str = "default", *, cased: bool = False) -> str:
    """The text with every run of characters that the mode does not keep as one hyphen, none at either end.

    Unless `cased`, in lower case. A mode that is not one of MODES only changes the case.
    """
    if mode in MODES:
        if mode == "latin":
            text = _latin(text)
        text = _hyphenated(text, mode)
        text = re.sub(r"^-|-$", "", text, flags=re.MULTILINE)
    return text if cased else text.lower()


def _hyphenated(text: str, mode: str) -> str:
    if mode == "raw":
        return re.sub(r"[ \t\r\n\f\v]+", "-", text)
    if mode == "ascii":
        return re.sub(r"[^A-Za-z0-9]+", "-", text)
    result: list[str] = []
    for character in text:
        kind = unicodedata.category(character)
        if kind[0] in "LM" or kind == "Nd" or (mode == "pretty" and character in _PRETTY):
            result.append(character)
        elif not result or result[-1] != "-":
            result.append("-")
    return "".join(result)


def _latin(text: str) -> str:
    """Letters with accents as plain ones, and "?" for every other character that is not ASCII."""
    text = text.translate(_LATIN)
    plain = (unicodedata.normalize("NFD", character)[0] for character in nfc(text))
    return "".join(character if character.isascii() else "?" for character in plain)


def escape_segment(text: str) -> str:
    """A value as it is put into a path: percent-encoded but for "?", as Addressable encodes a URI that it parses."""
    return text if re.fullmatch(r"[a-zA-Z0-9./-]+", text) else quote(text, safe=_PCHAR + "/?")


def normalize(path: str) -> str:
    """A path with query and fragment in Addressable's normal form: NFC, percent-encoded where it has to be and only there."""
    rest, _, fragment = path.partition("#")
    rest, _, query = rest.partition("?")
    address = "/".join(_normal(segment, _PCHAR) for segment in rest.split("/"))
    if query:
        address += "?" + quote(query, safe=_PCHAR + "/?%")
    return address + ("#" + quote(fragment, safe=_PCHAR + "/?%") if fragment else "")


def _normal(segment: str, safe: str) -> str:
    if re.fullmatch(r"[a-zA-Z0-9._~-]*", segment):
        return segment
    try:
        decoded = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return quote(segment, safe=safe + "%")
    return quote(nfc(decoded), safe=safe)
