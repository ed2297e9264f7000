"""Jekyll's filters that need the site or the template's own variables: addresses, dates, Markdown, expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from liquid import RenderContext, TokenStream
from liquid.builtin.expressions import BooleanExpression, tokenize
from liquid.filter import with_context
from liquid.token import TOKEN_EXPRESSION, Token

from feeds import ruby_time
from feeds.content.liquid.list_filters import objects
from feeds.content.liquid.session import SESSION
from feeds.content.liquid.slugs import normalize
from feeds.content.liquid.text_filters import Filter
from feeds.content.liquid.values import is_nil, to_text
from feeds.lazy_patterns import lazy_pattern

_MAX_EXPRESSION_CHARS = 500
_ABSOLUTE = lazy_pattern(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


# addresses


def relative_url(value: object) -> object:
    """An address below the site as a path from its host's root; one with a scheme stays."""
    if is_nil(value):
        return None
    text = to_text(value.get("url") if isinstance(value, Mapping) else value)
    if _ABSOLUTE.match(text):
        return text
    base = SESSION.get().base_path
    path = f"/{text}" if text and not text.startswith("/") else text
    return normalize(base + path) if base or path else ""


def absolute_url(value: object) -> object:
    """An address below the site as a whole URL; one with a scheme stays."""
    path = relative_url(value)
    if not isinstance(path, str) or _ABSOLUTE.match(path):
        return path
    home = urlsplit(SESSION.get().scope.home)
    return f"{home.scheme}://{home.netloc}{path}"


# dates


def moment(value: object) -> datetime | None:
    """The moment that a value means, in the site's zone; None if it is not a date."""
    scope = SESSION.get().scope
    if isinstance(value, datetime):
        return value.astimezone(scope.zone)
    if isinstance(value, bool) or is_nil(value):
        return None
    text = to_text(value).strip()
    if text in ("now", "today"):
        return scope.now.astimezone(scope.zone)
    try:
        if re.fullmatch(r"\d{1,11}", text):
            return datetime.fromtimestamp(int(text), UTC).astimezone(scope.zone)
        return (ruby_time.yaml_time(text) or ruby_time.parse(text, scope.zone)).astimezone(scope.zone)
    except (ValueError, OverflowError):
        return None


def _date(value: object, pattern: object = None) -> object:
    result = moment(value)
    return ruby_time.strftime(result, to_text(pattern)) if result is not None and to_text(pattern) else value


def _date_to(pattern: str) -> Filter:
    def written(value: object) -> object:
        result = moment(value)
        return ruby_time.strftime(result, pattern) if result is not None else value

    return written


def _day_to_string(month: str) -> Filter:
    """`07 Nov 2008`, or with an ordinal `7th Nov 2008`, in the American style `Nov 7th, 2008`."""

    def written(value: object, kind: object = None, style: object = None) -> object:
        result = moment(value)
        if result is None:
            return value
        if kind != "ordinal":
            return ruby_time.strftime(result, f"%d {month} %Y")
        ending = "th" if 11 <= result.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(result.day % 10, "th")
        day = f"{result.day}{ending}"
        return ruby_time.strftime(result, f"{month} {day}, %Y" if style == "US" else f"{day} {month} %Y")

    return written


# Markdown


def _markdownify(value: object) -> str:
    return SESSION.get().scope.markdown(to_text(value))


def _smartify(value: object) -> str:
    """Typographic quotes and dashes in plain text, as kramdown writes them."""
    text = to_text(value).replace("---", "—").replace("--", "–").replace("...", "…")
    text = re.sub(r"(?<![\w.,;:!?)\]'\"”’])'(?=\S)", "‘", text).replace("'", "’")
    return re.sub(r"(?<![\w.,;:!?)\]'\"”’])\"(?=\S)", "“", text).replace('"', "”")


# expressions


def _condition(expression: object, context: RenderContext) -> BooleanExpression:
    text = to_text(expression)[:_MAX_EXPRESSION_CHARS]
    token = Token(TOKEN_EXPRESSION, text, 0, text)
    return BooleanExpression.parse(context.env, TokenStream(tokenize(text, token)))


def _fulfilling(value: object, name: object, expression: object, context: RenderContext) -> Iterator[object]:
    condition = _condition(expression, context)
    for item in objects(value):
        with context.extend({to_text(name): item}):
            if condition.evaluate(context):
                yield item


@with_context
def _where_exp(value: object, name: object, expression: object, *, context: RenderContext) -> object:
    return list(_fulfilling(value, name, expression, context)) if isinstance(value, list | tuple | Mapping) else value


@with_context
def _find_exp(value: object, name: object, expression: object, *, context: RenderContext) -> object:
    return next(_fulfilling(value, name, expression, context), None) if isinstance(value, list | tuple | Mapping) else value


@with_context
def _group_by_exp(value: object, name: object, expression: object, *, context: RenderContext) -> object:
    if not isinstance(value, list | tuple | Mapping):
        return value
    groups: dict[str, list[object]] = {}
    for item in objects(value):
        with context.extend({to_text(name): item}):
            key = _value_of(to_text(expression), context)
        groups.setdefault(to_text(key), []).append(item)
    return [{"name": key, "items": items, "size": len(items)} for key, items in groups.items()]


def _value_of(expression: str, context: RenderContext) -> object:
    from liquid.builtin.expressions import FilteredExpression

    text = expression[:_MAX_EXPRESSION_CHARS]
    token = Token(TOKEN_EXPRESSION, text, 0, text)
    return FilteredExpression.parse(context.env, TokenStream(tokenize(text, token))).evaluate(context)


FILTERS: Mapping[str, Filter] = {
    "relative_url": relative_url,
    "absolute_url": absolute_url,
    "date": _date,
    "date_to_string": _day_to_string("%b"),
    "date_to_long_string": _day_to_string("%B"),
    "date_to_xmlschema": _date_to("%Y-%m-%dT%H:%M:%S%:z"),
    "date_to_rfc822": _date_to("%a, %d %b %Y %H:%M:%S %z"),
    "markdownify": _markdownify,
    "smartify": _smartify,
    "where_exp": _where_exp,
    "find_exp": _find_exp,
    "group_by_exp": _group_by_exp,
}
