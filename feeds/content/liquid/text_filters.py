"""Liquid's and Jekyll's filters of texts and numbers, as Ruby has them.

Each takes the value and its arguments as templates give them. What could be much longer than what it is made of is
measured before it is made; the engine bounds all other results.
"""

from __future__ import annotations

import base64
import binascii
import functools
import html
import json
import math
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from liquid import Undefined
from liquid.exceptions import FilterError

from feeds.content.liquid.slugs import slugify
from feeds.content.liquid.values import inspect, is_nil, number, to_text
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import nfc

MAX_TEXT_CHARS = 1_000_000

_CJK = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    r"\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f\u1100-\u11ff\uac00-\ud7af"
)
_CJK_LETTER = lazy_pattern(f"[{_CJK}]")
_WORD = lazy_pattern(rf"[^{_CJK}\s]+")
_ESCAPES = {'"': "&quot;", ">": "&gt;", "<": "&lt;", "'": "&#39;", "&": "&amp;"}
_UNESCAPED = lazy_pattern(r"[\"><']|&(?!(?:[a-zA-Z]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")

Filter = Callable[..., object]


def _of_texts(function: Callable[..., object]) -> Filter:
    """A filter whose value and arguments arrive as Liquid prints them."""

    @functools.wraps(function)
    def wrapper(value: object, *arguments: object) -> object:
        return function(to_text(value), *(to_text(argument) for argument in arguments))

    return wrapper


def _too_long(name: str) -> FilterError:
    return FilterError(f"the result of '{name}' is too long", token=None)


def _replace(text: str, old: str, new: str = "") -> str:
    count = text.count(old) if old else len(text) + 1
    if len(text) + count * len(new) > MAX_TEXT_CHARS:
        raise _too_long("replace")
    return text.replace(old, new)


def _replace_last(text: str, old: str, new: str = "") -> str:
    before, match, after = text.rpartition(old) if old else (text, "", "")
    return before + new + after if match or not old else text


def _without_last(text: str, old: str) -> str:
    return _replace_last(text, old)


def _truncate(value: object, length: object = 50, ellipsis: object = "...") -> str:
    text, end, most = to_text(value), to_text(ellipsis), int(number(length))
    return text[: max(most - len(end), 0)] + end if len(text) > most else text


def _truncate_words(value: object, count: object = 15, ellipsis: object = "...") -> str:
    words, most = to_text(value).split(), max(int(number(count)), 1)
    return " ".join(words[:most]) + to_text(ellipsis) if len(words) > most else to_text(value)


def _escape(text: str) -> str:
    return html.escape(text, quote=True).replace("&#x27;", "&#39;")


def _strip_html(text: str) -> str:
    for opening, closing in (("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>"), ("<", ">")):
        text = _without(text, opening, closing)
    return text


def _without(text: str, opening: str, closing: str) -> str:
    """The text without what stands from an opening to the next closing mark, marks included. Linear in the text."""
    kept: list[str] = []
    position = 0
    while (start := text.find(opening, position)) >= 0 and (end := text.find(closing, start + len(opening))) >= 0:
        kept.append(text[position:start])
        position = end + len(closing)
    return "".join(kept) + text[position:]


def _uri_escape(text: str) -> str:
    return urllib.parse.quote(nfc(text), safe="!#$&'()*+,/:;=?@[]~%-._")


def _number_of_words(value: object, mode: object = None) -> int:
    text = to_text(value)
    letters = len(_CJK_LETTER.findall(text))
    if mode == "cjk" or (mode == "auto" and letters):
        return letters + len(_WORD.findall(text))
    return len(text.split())


def _slugify(value: object, mode: object = None) -> object:
    return None if is_nil(value) else slugify(to_text(value), to_text(mode) or "default")


def _slice(value: object, start: object, length: object = 1) -> object:
    items = value if isinstance(value, list | tuple) else to_text(value)
    first, count = int(number(start)), int(number(length))
    first = first + len(items) if first < 0 else first
    return items[first : first + max(count, 0)] if first >= 0 else items[:0]


def _plain(item: Any, depth: int = 20) -> Any:
    """A value as JSON has it."""
    if isinstance(item, Undefined) or not depth:
        return None
    if isinstance(item, Mapping):
        return {to_text(key): _plain(entry, depth - 1) for key, entry in item.items()}
    if isinstance(item, list | tuple | range):
        return [_plain(entry, depth - 1) for entry in item]
    return item if item is None or isinstance(item, str | int | float) else to_text(item)


def _jsonify(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise FilterError("the text is not base64", token=None) from None


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | Mapping | range) and not isinstance(value, Undefined) else 0


def _default(value: object, other: object = "", *, allow_false: object = False) -> object:
    if value is False and allow_false is True:
        return value
    empty = value is None or value is False or (isinstance(value, str | list | tuple | Mapping) and not value)
    return other if empty else value


def _to_integer(value: object) -> int:
    return int(value) if isinstance(value, bool) else int(number(value))


# numbers


def _sum(left: object, right: object) -> int | float:
    return _exact(number(left), number(right), lambda a, b: a + b)


def _difference(left: object, right: object) -> int | float:
    return _exact(number(left), number(right), lambda a, b: a - b)


def _product(left: object, right: object) -> int | float:
    return _exact(number(left), number(right), lambda a, b: a * b)


def _exact(left: int | float, right: int | float, combine: Callable[[Any, Any], Any]) -> int | float:
    """Decimal arithmetic where a number has a fraction, as Liquid does it."""
    if isinstance(left, int) and isinstance(right, int):
        return int(combine(left, right))
    from decimal import Decimal

    return float(combine(Decimal(str(left)), Decimal(str(right))))


def _quotient(left: object, right: object) -> int | float:
    dividend, divisor = number(left), number(right)
    if not divisor:
        raise FilterError("divided by 0", token=None)
    return dividend // divisor if isinstance(dividend, int) and isinstance(divisor, int) else dividend / divisor


def _remainder(left: object, right: object) -> int | float:
    if not number(right):
        raise FilterError("divided by 0", token=None)
    return number(left) % number(right)


def _round(value: object, digits: object = 0) -> int | float:
    """Halves away from zero, as Ruby rounds."""
    value_as_number, places = number(value), min(max(int(number(digits)), 0), 20)
    from decimal import ROUND_HALF_UP, Decimal

    rounded = Decimal(str(value_as_number)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return float(rounded) if places else int(rounded)


FILTERS: Mapping[str, Filter] = {
    "append": _of_texts(lambda text, end: text + end),
    "prepend": _of_texts(lambda text, start: start + text),
    "replace": _of_texts(_replace),
    "replace_first": _of_texts(lambda text, old, new="": text.replace(old, new, 1)),
    "replace_last": _of_texts(_replace_last),
    "remove": _of_texts(lambda text, old: text.replace(old, "")),
    "remove_first": _of_texts(lambda text, old: text.replace(old, "", 1)),
    "remove_last": _of_texts(_without_last),
    "capitalize": _of_texts(str.capitalize),
    "downcase": _of_texts(str.lower),
    "upcase": _of_texts(str.upper),
    "strip": _of_texts(str.strip),
    "lstrip": _of_texts(str.lstrip),
    "rstrip": _of_texts(str.rstrip),
    "strip_newlines": _of_texts(lambda text: text.replace("\r\n", "").replace("\n", "")),
    "newline_to_br": _of_texts(lambda text: text.replace("\r\n", "\n").replace("\n", "<br />\n")),
    "normalize_whitespace": _of_texts(lambda text: " ".join(text.split())),
    "squish": _of_texts(lambda text: " ".join(text.split())),
    "truncate": _truncate,
    "truncatewords": _truncate_words,
    "escape": _of_texts(_escape),
    "h": _of_texts(_escape),
    "escape_once": _of_texts(lambda text: _UNESCAPED.sub(lambda found: _ESCAPES[found[0]], text)),
    "xml_escape": _of_texts(lambda text: html.escape(text, quote=False).replace('"', "&quot;").replace("'", "&apos;")),
    "strip_html": _of_texts(_strip_html),
    "cgi_escape": _of_texts(lambda text: urllib.parse.quote_plus(text, safe="*-._")),
    "url_encode": _of_texts(lambda text: urllib.parse.quote_plus(text, safe="*-._")),
    "url_decode": _of_texts(urllib.parse.unquote_plus),
    "uri_escape": _of_texts(_uri_escape),
    "base64_encode": _of_texts(lambda text: base64.b64encode(text.encode()).decode()),
    "base64_decode": _of_texts(_from_base64),
    "slugify": _slugify,
    "slice": _slice,
    "size": _size,
    "number_of_words": _number_of_words,
    "default": _default,
    "jsonify": _jsonify,
    "inspect": lambda value: html.escape(inspect(value), quote=False).replace('"', "&quot;"),
    "to_integer": _to_integer,
    "strip_index": lambda value: re.sub(r"/index\.html?\Z", "/", to_text(value)) if value else value,
    "plus": _sum,
    "minus": _difference,
    "times": _product,
    "divided_by": _quotient,
    "modulo": _remainder,
    "abs": lambda value: abs(number(value)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "round": _round,
    "at_least": lambda value, other: max(number(value), number(other)),
    "at_most": lambda value, other: min(number(value), number(other)),
}
