"""Short codes that exports of WordPress leave in posts: `[caption]`, `[embed]`, `[audio]`, `[video]`, `[gallery]`."""

from __future__ import annotations

import html
import re

from feeds.lazy_patterns import lazy_pattern

_SIGN = lazy_pattern(r"\[/?(?:caption|wp_caption|embed|audio|video|gallery)\b", re.IGNORECASE)
#: A link's or picture's text in Markdown is no short code: `[gallery](…)`, `![caption 1](…)`, `[text][gallery]`.
_NO_TEXT, _NO_ADDRESS = r"(?<![!\]])", r"(?![(\[:])"
#: Attributes, `name=value`: `[gallery of boats]` is prose.
_ATTRIBUTES = r"\s(?=[^\[\]<>=]{1,100}=)[^\[\]<>]{0,500}"
_CAPTION = lazy_pattern(rf"\[/(?:wp_)?caption\]|{_NO_TEXT}\[(?:wp_)?caption{_ATTRIBUTES}\]{_NO_ADDRESS}", re.IGNORECASE)
_GALLERY = lazy_pattern(rf"{_NO_TEXT}\[gallery(?:{_ATTRIBUTES})?\]{_NO_ADDRESS}", re.IGNORECASE)
_EMBED = lazy_pattern(r"\[embed[^\[\]<>]{0,200}\](https?://[^\s\[\]<>\"]{1,1000})\[/embed\]", re.IGNORECASE)
_MEDIA = lazy_pattern(r"\[(audio|video)(\s[^\[\]<>]{0,1000})\](?:\[/(?:audio|video)\])?", re.IGNORECASE)
_SOURCE = lazy_pattern(r"\b(?:src|mp3|m4a|ogg|wav|mp4|webm|m4v|ogv)=[\"']?([^\s\[\]<>\"']{1,1000})", re.IGNORECASE)


def replaced(text: str) -> str:
    """The text with what the short codes show."""
    if "[" not in text or not _SIGN.search(text):
        return text
    text = _GALLERY.sub("", _CAPTION.sub("", text))
    text = _EMBED.sub(lambda match: f'<a href="{html.escape(match[1])}">{html.escape(match[1])}</a>', text)
    return _MEDIA.sub(_media, text)


def _media(match: re.Match[str]) -> str:
    source = _SOURCE.search(match[2])
    kind = match[1].lower()
    return f'<{kind} src="{html.escape(source[1])}"></{kind}>' if source else match[0]
