"""Short codes within code, which Hugo calls as anywhere else: those that stand for a text, e.g. a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from feeds.lazy_patterns import lazy_pattern

#: A short code of Hugo in one line.
_CALL = lazy_pattern(r"\{\{([<%])[ \t]{0,9}([\w-]{1,80})([ \t][^{}\n]{0,500})?[>%]\}\}")
#: The built-in short codes that stand for a text.
_TEXTS = frozenset({"param", "ref", "relref"})


class CalledInCode(NamedTuple):
    """A short code within code: its mark ("<" or "%"), name and arguments, and where in the body it is."""

    mark: str
    name: str
    arguments: str
    start: int
    end: int


def called(body: str, start: int, end: int, templates: Mapping[str, str]) -> Iterator[CalledInCode]:
    """The short codes without an inside between two places of a body; `templates` are the site's own by name."""
    for match in _CALL.finditer(body, start, end):
        mark, name, arguments = match[1], match[2], (match[3] or "").strip().removesuffix("/").strip()
        if name in _TEXTS or (name in templates and ".Inner" not in templates[name]):
            yield CalledInCode(mark, name, arguments, *match.span())
