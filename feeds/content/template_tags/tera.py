"""A site's own short codes of Zola: templates of `templates/shortcodes/` in Tera, which Jinja2 reads but for some filters.

In comes a template and one call of it, out goes what it shows. Whatever needs other files (`load_data`, `resize_image`, macros) makes a
template unknown: nothing is guessed. Templates run in Jinja2's sandbox. Source: https://keats.github.io/tera/docs/.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call
from feeds.lazy_patterns import lazy_pattern

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_MOST_CHARACTERS = 200_000
_LITERAL = r"\"[^\"]{0,4000}\"|'[^']{0,4000}'|`[^`]{0,4000}`|true|false|-?\d{1,15}(?:\.\d{1,15})?"
_ARGUMENT = lazy_pattern(
    rf"(?<!\w)([A-Za-z_]\w{{0,60}})\s{{0,9}}=\s{{0,9}}({_LITERAL}|\[\s{{0,9}}(?:(?:{_LITERAL})(?:\s{{0,9}},\s{{0,9}}(?:{_LITERAL})){{0,100}}\s{{0,9}},?\s{{0,9}})?\])",
    re.DOTALL,
)
_ITEM = lazy_pattern(_LITERAL, re.DOTALL)


def arguments(text: str) -> dict[str, Any]:
    """The arguments of a call: texts, numbers, flags and lists of them."""
    return {name: _value(written) for name, written in _ARGUMENT.findall(text)}


def _value(written: str) -> Any:
    if written[0] == "[":
        return [_value(item) for item in _ITEM.findall(written)]
    if written[0] in "\"'`":
        return written[1:-1]
    if written in ("true", "false"):
        return written == "true"
    return float(written) if "." in written else int(written)


def render(call: Call, arguments: str) -> Output | None:
    """What the site's own template makes of a call; None if there is none of that name, or it is more than we read."""
    templates = call.context.templates
    is_markdown = call.name not in templates
    source = templates.get(call.name + ".md") if is_markdown else templates[call.name]
    if source is None or len(source) > _MOST_CHARACTERS:
        return None
    result = _run(source, _variables(call, arguments), call)
    if result is None or len(result) > _MOST_CHARACTERS:
        return None
    result = result.strip("\n")
    return Output(result, block=True) if is_markdown else call.html(result, block=call.tag.first)


def _variables(call: Call, text: str) -> dict[str, Any]:
    context = call.context
    page: Mapping[str, object] = context.page
    links = context.links
    return {
        "body": call.inner().strip() if call.paired else "",
        "page": {**page, "permalink": links.place.permalink if links is not None else ""},
        "config": {**context.site, "base_url": context.home.rstrip("/")},
        **arguments(text),
    }


def _run(source: str, variables: Mapping[str, Any], call: Call) -> str | None:
    from jinja2 import TemplateError

    try:
        template = _environment().from_string(source)
        return template.render(variables, get_url=partial(_get_url, call), markdown_renderer=call.context.render)
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError, ArithmeticError, RecursionError):
        return None


@lru_cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    result = ImmutableSandboxedEnvironment(autoescape=True)
    result.globals = {"range": _numbers}
    result.filters.update(
        default=_default, markdown=_markdown_filter(), replace=_replace, split=_split, join=_join, truncate=_truncate, slugify=_slugify,
        as_str=str, trim_start_matches=_cut_start, trim_end_matches=_cut_end, escape_xml=html.escape, linebreaksbr=_line_breaks,
    )  # fmt: skip
    return result


def _numbers(end: int, start: int = 0, step_by: int = 1) -> range:
    return range(start, min(end, start + 1000 * step_by), step_by)


def _get_url(call: Call, path: str, trailing_slash: bool = False, **_: object) -> str:
    """The address of a page (`@/a.md`) or of a file below the base URL."""
    links = call.context.links
    if path.startswith("@/") and links is not None:
        return links.url(path, image=False, markdown=True, line=call.tag.line) or ""
    url = call.context.home.rstrip("/") + "/" + path.lstrip("/")
    return url + "/" if trailing_slash and not url.endswith("/") else url


def _default(variable: Any, value: Any = "") -> Any:
    """`{{ variable | default(value="…") }}`: Tera names the argument."""
    from jinja2 import Undefined

    return value if isinstance(variable, Undefined) or variable is None else variable


def _markdown_filter() -> Any:
    from jinja2 import pass_context

    @pass_context
    def markdown(context: Any, text: str, inline: bool = False) -> Any:
        from markupsafe import Markup

        renderer = context.get("markdown_renderer")
        result = str(renderer(str(text))) if renderer is not None else html.escape(str(text))
        if inline:
            result = re.sub(r"\A\s*<p>(.*)</p>\s*\Z", r"\1", result, flags=re.DOTALL)
        return Markup(result)  # noqa: S704  the sanitiser comes after it

    return markdown


def _replace(text: str, **parts: str) -> str:
    return str(text).replace(parts["from"], parts["to"])


def _split(text: str, pat: str) -> list[str]:
    return str(text).split(pat)


def _join(values: list[Any], sep: str = "") -> str:
    return sep.join(map(str, values))


def _truncate(text: str, length: int = 255, end: str = "…") -> str:
    return str(text) if len(str(text)) <= length else str(text)[:length] + end


def _slugify(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")


def _cut_start(text: str, pat: str) -> str:
    return str(text).removeprefix(pat)


def _cut_end(text: str, pat: str) -> str:
    return str(text).removesuffix(pat)


def _line_breaks(text: str) -> Any:
    from markupsafe import Markup, escape

    return Markup("<br>").join(escape(line) for line in str(text).split("\n"))
