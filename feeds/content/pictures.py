"""The attributes of pictures as their authors' pages have them: where the real address is, which candidates, what size.

Text in, text out; resolves no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from feeds.lazy_patterns import lazy_pattern

#: Where lazy loaders put the real address: over any `src`.
LAZY_SRC = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-actualsrc", "data-echo", "data-lazyload", "data-ks-lazyload",
    "data-cfsrc", "data-hi-res-src", "data-original-src", "data-img-src", "data-srcs",
)  # fmt: skip
#: Where the real address may be, or something else: only used if there is no `src`.
FALLBACK_SRC = ("data-url", "data-image", "data-full-url", "data-large-file", "data-orig-file", "data-href")
LAZY_SRCSET = ("data-srcset", "data-lazy-srcset", "data-original-set")
PLACEHOLDER = lazy_pattern(
    r"\Adata:|\Aabout:|(?:\A|/)(?:blank|loading|placeholder|lazy(?:load)?|spacer|grey|gray|transparent|1x1|pixel)[\w-]*\.(?:gif|png|svg|jpe?g|webp)",
    re.I,
)
_DESCRIPTOR = lazy_pattern(r"\d+(?:\.\d+)?[wxh]\Z")
_NO_BLANKS = lazy_pattern(r"\S+")
_NUMBER = lazy_pattern(r"\s*(\d{1,5})")


def first(attributes: Any, names: tuple[str, ...]) -> str:
    """The first of the attributes that says something, "" where none does."""
    return next((value for name in names if name in attributes and (value := attributes[name].strip())), "")


def candidates(written: str) -> Iterator[tuple[str, str]]:
    """URL and descriptor of each candidate, as browsers read them (HTML section 4.8.4.2.1): a comma may be within a URL."""
    text, at = written[:20_000], 0
    while True:
        while at < len(text) and (text[at].isspace() or text[at] == ","):
            at += 1
        if at >= len(text):
            return
        match = _NO_BLANKS.match(text, at)
        url, at = text[at : match.end()] if match else text[at:], match.end() if match else len(text)
        if url.endswith(","):
            yield url.rstrip(","), ""
            continue
        comma = text.find(",", at)
        end = len(text) if comma < 0 else comma
        yield url, text[at:end].strip()
        at = end + 1


def is_descriptor(text: str) -> bool:
    """Whether a text is a width or a density (HTML section 4.8.4.2)."""
    return _DESCRIPTOR.match(text) is not None


def is_pixel(written: str | None) -> bool:
    """Whether a width or height is that of a tracker."""
    return written is not None and written.strip().removesuffix("px") in ("0", "1")


def size(written: str | None) -> int | None:
    """A width or height in pixels; None if it is none."""
    match = _NUMBER.match(written or "")
    return int(match[1]) or None if match and "%" not in (written or "") else None
