"""What a post says of its language and of its translations: front matter comes in, tags and keys go out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.model import Value
from feeds.posts.keys import LANGUAGES


def tag_of(text: str) -> str | None:
    """The language tag that a text is, with hyphens; None if it cannot be one (RFC 5646 section 2.1, loosely)."""
    tag = text.strip().replace("_", "-")
    first, *rest = tag.split("-")
    is_language = first.isascii() and first.isalpha() and 2 <= len(first) <= 3
    return tag if is_language and all(part.isascii() and part.isalnum() and 1 <= len(part) <= 8 for part in rest) else None


def usual(tag: str) -> str:
    """The tag in the case that RFC 5646 section 2.1.1 recommends: zh-Hant-TW."""
    first, *rest = tag.lower().split("-")
    regions = (part.upper() if len(part) == 2 else part for part in rest)
    return "-".join([first, *(part.title() if len(part) == 4 and part.isalpha() else part for part in regions)])


def written(keys: Mapping[str, tuple[str, Value]]) -> str:
    """The language that front matter states, by folded key; "" if it states none that is one."""
    for name in LANGUAGES:
        _, value = keys.get(name, ("", None))
        if isinstance(value, str) and (tag := tag_of(value)):
            return tag
    return ""


#: Keys by which posts in several languages say that they are one: Hugo's, jekyll-polyglot's, and others' of the same kind.
_SHARED_KEYS = ("translationkey", "translationid", "translationgroup", "pageid", "langref", "i18nkey")


def translation(keys: Mapping[str, tuple[str, Value]]) -> str:
    """What front matter says of translations, by folded key: "of:" and the original, "key:" and a shared key, or ""."""
    _, original = keys.get("translationof", ("", None))
    if isinstance(original, str) and original.strip():
        return f"of:{original.strip()}"
    for name in _SHARED_KEYS:
        _, value = keys.get(name, ("", None))
        if isinstance(value, str) and value.strip():
            return f"key:{value.strip()}"
    return ""
