"""Zola's short codes: `{{ name(key="value") }}` and `{% name(key="value") %}…{% end %}` (https://www.getzola.org/documentation/content/shortcodes/)."""

from __future__ import annotations

import re

from feeds.content.template_tags import hugo, tera
from feeds.content.template_tags.arguments import Arguments, calls
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call
from feeds.lazy_patterns import lazy_pattern

_CALL = lazy_pattern(r"([A-Za-z_][\w:]{0,59})\s{0,9}\((.*)\)\Z", re.DOTALL)


def braces(call: Call) -> Output | None:
    """`{{ name(…) }}`: the short code of that name; anything else in braces is no short code but text."""
    match = _CALL.match(call.written)
    if match is None:
        return Output(f"{{{{ {call.written} }}}}")
    call.tag.name = match[1]
    return _shown(call, match[2])


def percent(call: Call) -> Output | None:
    """A short code with a body."""
    return _shown(call, call.written)


def _shown(call: Call, text: str) -> Output | None:
    """The site's own short code if its template is simple enough to be read, else what is known by its name."""
    call.arguments = calls(text)
    handler = hugo.HANDLERS.get(call.name)
    return tera.render(call, text) or (handler(call) if handler is not None else None)


def arguments(text: str) -> Arguments:
    """The arguments of a call."""
    return calls(text)
