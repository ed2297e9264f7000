"""What a site adds to entries: elements, parameters of links, lines behind the text. In come settings and an entry's facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote, urlencode

from feeds import extras
from feeds.extras import Extra
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value, clean_text
from feeds.posts.keys import fold_key
from feeds.settings import Settings

_PLACEHOLDER = lazy_pattern(r"\{([^{}]{1,100})\}")


class PlaceholderValues:
    """What placeholders mean for one entry: its facts, else its front matter, `geo.lat` the key of a table."""

    def __init__(self, facts: Mapping[str, str | None], keys: Mapping[str, tuple[str, Value]]) -> None:
        self.facts, self.keys = facts, keys

    def __call__(self, name: str) -> str | None:
        """The value as text, None if there is none."""
        if name in self.facts:
            return self.facts[name] or None
        first, *rest = name.split(".")
        value = self.keys.get(fold_key(first), ("", None))[1]
        for part in rest:
            if not isinstance(value, dict):
                return None
            value = next((inner for key, inner in value.items() if fold_key(key) == fold_key(part)), None)
        if isinstance(value, list):
            value = ", ".join(item for item in value if isinstance(item, str))
        return clean_text(value).strip() or None if isinstance(value, str) else None


def elements(
    settings: Settings, values: PlaceholderValues, url_of: Callable[[str], str | None], problem: Callable[..., None]
) -> tuple[Extra, ...]:
    """The declared elements for which the entry has every value; `problem` is told of values that cannot be."""

    def wrong(extra: Extra, value: str, form: str) -> None:
        name = f"{extra.prefix}:{extra.name}".removeprefix(":")
        what = f"the element {name} is left out: {value!r:.100} is not {extras.EXPECTED[form]}"
        problem("element-value", what, fix="correct it in the front matter, or the element in the settings")

    result = (extras.filled(declared, values, url_of, wrong) for declared in settings.elements_of("entry"))
    return tuple(extra for extra in result if extra is not None)


def link(settings: Settings, permalink: str) -> str | None:
    """The permalink with the site's parameters, in front of its fragment; None without any."""
    if not settings.link_parameters:
        return None
    address, mark, fragment = permalink.partition("#")
    query = urlencode(settings.link_parameters, quote_via=quote)
    return f"{address}{'&' if '?' in address else '?'}{query}{mark}{fragment}"


def footer(settings: Settings, values: PlaceholderValues) -> str:
    """The lines of HTML behind the text, not yet cleaned; those for which a value is missing are left out."""
    return "\n".join(line for template in settings.entry_footer if (line := _filled(template, values)) is not None)


def _filled(template: str, values: PlaceholderValues) -> str | None:
    filled = {name: values(name.removesuffix("|url")) for name in _PLACEHOLDER.findall(template)}
    if not all(filled.values()):
        return None
    return _PLACEHOLDER.sub(lambda match: _written(match[1], filled[match[1]] or ""), template)


def _written(name: str, value: str) -> str:
    return quote(value, safe="") if name.endswith("|url") else escape(value)
