"""Liquid's and Jekyll's filters of lists and hashes, as Ruby has them. The engine bounds their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liquid import Undefined
from liquid.exceptions import FilterArgumentError

from feeds.content.liquid.text_filters import MAX_TEXT_CHARS, Filter
from feeds.content.liquid.values import as_list, flat, inspect, is_nil, number, to_text
from feeds.lazy_patterns import lazy_pattern

_FLOAT = lazy_pattern(r"\s{0,99}-?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})\s{0,99}\Z")
_INTEGER = lazy_pattern(r"\s{0,99}-?\d{1,30}\s{0,99}\Z")


def _split(value: object, separator: object = " ") -> list[str]:
    """The parts, without empty ones at the end; a blank means any white space."""
    text, mark = to_text(value), to_text(separator)
    if not mark:
        return list(text)
    parts = text.split() if mark == " " else text.split(mark)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _join(value: object, separator: object = " ") -> str:
    texts, mark = [to_text(item) for item in as_list(value)], to_text(separator)
    if sum(map(len, texts)) + len(mark) * len(texts) > MAX_TEXT_CHARS:
        raise FilterArgumentError("the result of 'join' is too long", token=None)
    return mark.join(texts)


def _sentence(value: object, connector: object = "and") -> str:
    texts, word = [to_text(item) for item in as_list(value)], to_text(connector)
    return f" {word} ".join(texts) if len(texts) < 3 else f"{', '.join(texts[:-1])}, {word} {texts[-1]}"


def item_property(item: object, name: object) -> object:
    """A hash's property, `a.b` that of a nested one; numbers in texts are numbers, as Jekyll sorts them."""
    value: object = item
    for key in to_text(name).split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    text = to_text(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) and text.strip(" .-") else value


def objects(value: object) -> list[object]:
    """The items of a list, the values of a hash."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | Mapping) and not isinstance(value, Undefined)


def _has(value: object, target: object) -> bool:
    """Whether a property is the target, or holds it."""
    if is_nil(target):
        return is_nil(value)
    if isinstance(value, str):
        return value == to_text(target)
    items: Sequence[object] = value if isinstance(value, list | tuple) else () if is_nil(value) else (value,)
    return any(to_text(item) == to_text(target) for item in items)


def _where(value: object, name: object = None, target: object = None) -> object:
    if is_nil(name) or isinstance(target, list | tuple) or not _is_list(value):
        return value
    return [item for item in objects(value) if _has(item_property(item, name), target)]


def _find(value: object, name: object = None, target: object = None) -> object:
    result = _where(value, name, target)
    return (result[0] if result else None) if isinstance(result, list) and _is_list(value) else result


def _group_by(value: object, name: object) -> object:
    if not _is_list(value):
        return value
    groups: dict[str, list[object]] = {}
    for item in objects(value):
        groups.setdefault(to_text(item_property(item, name)), []).append(item)
    return [{"name": key, "items": items, "size": len(items)} for key, items in groups.items()]


def _order(value: object) -> tuple[int, float, str]:
    """A total order over what templates sort: numbers, then times and texts."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, float(value), ""
    return 1, 0.0, to_text(value)


def _sort(value: object, name: object = None, nils: object = "first") -> list[object]:
    if is_nil(value):
        raise FilterArgumentError("'sort' has nothing to sort", token=None)
    if is_nil(name):
        return sorted(as_list(value), key=_order)
    keyed = [(item_property(item, name), item) for item in (objects(value) if _is_list(value) else as_list(value))]
    empty = [item for key, item in keyed if is_nil(key)]
    rest = sorted((pair for pair in keyed if not is_nil(pair[0])), key=lambda pair: _order(pair[0]))
    items = [item for _, item in rest]
    return items + empty if nils == "last" else empty + items


def _sort_natural(value: object, name: object = None) -> list[object]:
    return sorted(as_list(value), key=lambda item: to_text(item if is_nil(name) else item_property(item, name)).casefold())


def _map(value: object, name: object) -> list[object]:
    key = to_text(name)
    return [item.get(key) if isinstance(item, Mapping) else None for item in as_list(value)]


def _uniq(value: object, name: object = None) -> list[object]:
    kept: dict[str, object] = {}
    for item in as_list(value):
        key = item if is_nil(name) else item_property(item, name)
        kept.setdefault(f"{type(key).__name__}:{inspect(key)}", item)
    return list(kept.values())


def _concat(value: object, other: object) -> list[object]:
    if not isinstance(other, list | tuple | range):
        raise FilterArgumentError("'concat' takes a list", token=None)
    return as_list(value) + flat(other)


def _first(value: object) -> object:
    if isinstance(value, Mapping):
        return next(([key, item] for key, item in value.items()), None)
    return value[0] if isinstance(value, list | tuple | range) and len(value) else None


def _last(value: object) -> object:
    return value[-1] if isinstance(value, list | tuple | range) and len(value) else None


def _push(value: object, item: object) -> object:
    return [*value, item] if isinstance(value, list | tuple) else value


def _unshift(value: object, item: object) -> object:
    return [item, *value] if isinstance(value, list | tuple) else value


def _pop(value: object, count: object = 1) -> object:
    return list(value[: max(len(value) - int(number(count)), 0)]) if isinstance(value, list | tuple) else value


def _shift(value: object, count: object = 1) -> object:
    return list(value[max(int(number(count)), 0) :]) if isinstance(value, list | tuple) else value


def _sample(value: object, count: object = 1) -> object:
    """The first items: a choice by chance would change the text at every build."""
    items = list(value) if isinstance(value, list | tuple) else []
    return (items[0] if items else None) if count == 1 else items[: max(int(number(count)), 0)]


FILTERS: Mapping[str, Filter] = {
    "split": _split,
    "join": _join,
    "array_to_sentence_string": _sentence,
    "where": _where,
    "find": _find,
    "group_by": _group_by,
    "sort": _sort,
    "sort_natural": _sort_natural,
    "map": _map,
    "uniq": _uniq,
    "concat": _concat,
    "compact": lambda value: [item for item in as_list(value) if not is_nil(item)],
    "reverse": lambda value: as_list(value)[::-1],
    "first": _first,
    "last": _last,
    "push": _push,
    "unshift": _unshift,
    "pop": _pop,
    "shift": _shift,
    "sample": _sample,
}
