"""Nunjucks templates by Jinja2's sandbox, which has nearly the same language: in come a template and data, out goes text.

Also the Liquid of Eleventy's addresses, whose few forms are rewritten first. Reads no file and no clock, sees no attribute of
Python's, and is bounded: what a template does is counted in steps, what it shows in characters. Macros, blocks and inherited
templates are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.content.nunjucks.filters import COMMON, MAX_CHARACTERS, Filters
from feeds.content.nunjucks.values import shown
from feeds.lazy_patterns import lazy_pattern

__all__ = ["Filters", "TemplateError", "from_liquid", "render", "shown"]


class TemplateError(ValueError):
    """A template that cannot be rendered; the text says why."""


def render(template: str, data: Mapping[str, Any], filters: Filters, *, escape: bool = True) -> str:
    """The template with the data; `escape` is Nunjucks' autoescape. Raises TemplateError."""
    from jinja2 import TemplateError as Jinja2Error

    from feeds.content.nunjucks.environment import Environment, bounded

    try:
        environment = Environment(_with_unknown(template, filters), escape=escape)
        text: str = environment.from_string(bounded(template, environment)).render(**data)
    except TemplateError:
        raise
    except (
        Jinja2Error,
        SyntaxError,
        TypeError,
        ValueError,
        LookupError,
        ArithmeticError,
        RecursionError,
        AttributeError,
    ) as error:
        raise TemplateError(str(error).split("\n")[0][:200] or type(error).__name__) from None
    if len(text) > MAX_CHARACTERS:
        raise TemplateError(f"it becomes more than {MAX_CHARACTERS} characters")
    return text


def _with_unknown(template: str, filters: Filters) -> Filters:
    """The filters, and those of the site's own: what is called like a slug makes one, others change nothing."""
    slug = filters.get("slugify", _same)
    unknown = unknown_filters(template, filters)
    return {**filters, **{name: slug if "slug" in name.lower() else _same for name in unknown}}


def unknown_filters(template: str, filters: Filters) -> list[str]:
    """The names of the filters in a template that are neither Nunjucks' nor among these, sorted."""
    from jinja2.filters import FILTERS

    from feeds.content.nunjucks.environment import REFUSED_FILTERS

    known = (FILTERS.keys() - REFUSED_FILTERS) | COMMON.keys() | filters.keys()
    return sorted({name for name in re.findall(r"\|\s*(\w+)", template) if name not in known})


def _same(value: Any, *_: Any, **__: Any) -> Any:
    return value


_EXPRESSION = lazy_pattern(r"(\{\{-?|\{%-?)((?:[^{]|\{(?![{%]))*?)(-?\}\}|-?%\})", re.DOTALL)
_FILTER = lazy_pattern(r"""\|\s*(\w+)\s*:\s*((?:"[^"]*"|'[^']*'|[^|"'])*)""")


def from_liquid(template: str) -> str:
    """A template in Liquid, as addresses use it, in Nunjucks: filters' arguments, `elsif`, `unless`, `assign`, `contains`."""

    def rewritten(match: re.Match[str]) -> str:
        opening, text, closing = match.groups()
        text = _FILTER.sub(lambda part: f"| {part[1]}({part[2].strip()}) ", text)
        if opening.startswith("{%"):
            text = re.sub(r"\A\s*elsif\b", " elif", text)
            text = re.sub(r"\A\s*unless\b(.*)\Z", r" if not (\1) ", text, flags=re.DOTALL)
            text = re.sub(r"\A\s*endunless\b", " endif", text)
            text = re.sub(r"\A\s*assign\b", " set", text)
            text = re.sub(r"(?<![\w.])(\w[\w.]*)\s{1,9}contains\s{1,9}(\S+)", r"\2 in \1", text)
        return f"{opening}{text}{closing}"

    return _EXPRESSION.sub(rewritten, template)
