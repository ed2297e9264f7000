"""Data that templates use: YAML, JSON, CSV and TSV with YAML's types, and front matter's texts as YAML reads them.

Bounded: a tree holds at most so many nodes, so that aliases cannot multiply. Reads no file.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from feeds import ruby_time
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Quoted, Value

_MOST_NODES = 20_000
_MOST_LEVELS = 50
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = lazy_pattern(r"[-+]?(?:0|[1-9][\d,_]{0,30})\Z", re.ASCII)
_FLOAT = lazy_pattern(r"[-+]?\d{1,30}\.\d{1,30}(?:[eE][-+]?\d{1,3})?\Z", re.ASCII)
_DATE = lazy_pattern(r"\d{4}-\d{1,2}-\d{1,2}\Z", re.ASCII)


def typed(value: Value, zone: tzinfo) -> Any:
    """A value of front matter as YAML reads it: flags, numbers, dates; what was quoted is text."""
    if isinstance(value, Quoted) or value is None:
        return value
    if isinstance(value, str):
        return _scalar(value, zone)
    if isinstance(value, list):
        return [typed(item, zone) for item in value]
    return {key: typed(item, zone) for key, item in value.items()}


def _scalar(text: str, zone: tzinfo) -> object:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.match(text):
        return int(text.replace(",", "").replace("_", ""))
    if _FLOAT.match(text):
        return float(text)
    try:
        moment = ruby_time.yaml_time(text)
        if moment is None and _DATE.match(text):
            moment = ruby_time.parse(text, zone)
    except ValueError:
        return text
    return moment.astimezone(zone) if moment is not None else text


def parsed(text: str, ending: str, zone: tzinfo) -> object:
    """The tree in a file of data by its ending (".yml", ".json", ".csv", ".tsv"); None if it cannot be read."""
    try:
        if ending == ".json":
            return bounded(json.loads(text))
        if ending in (".csv", ".tsv"):
            rows = csv.DictReader(text.splitlines(), delimiter="\t" if ending == ".tsv" else ",")
            return [{str(key): value for key, value in row.items()} for row, _ in zip(rows, range(_MOST_NODES), strict=False)]
        return _yaml(text, zone)
    except (ValueError, RecursionError, csv.Error):
        return None


def bounded(value: Any) -> Any:
    """A tree, if it is not larger than it may be. Raises ValueError."""
    return _bounded(value, [_MOST_NODES], _MOST_LEVELS)


def _bounded(value: Any, budget: list[int], levels: int) -> Any:
    """The tree, if it is not larger than it may be."""
    budget[0] -= 1
    if budget[0] < 0 or not levels:
        raise ValueError("too many nodes")
    if isinstance(value, Mapping):
        return {str(key): _bounded(item, budget, levels - 1) for key, item in value.items()}
    return [_bounded(item, budget, levels - 1) for item in value] if isinstance(value, list) else value


def _yaml(text: str, zone: tzinfo) -> object:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError:
        return None
    finally:
        loader.dispose()
    return _node(node, zone, [_MOST_NODES], _MOST_LEVELS) if node is not None else None


def _node(node: Any, zone: tzinfo, budget: list[int], levels: int) -> object:
    budget[0] -= 1
    if budget[0] < 0 or not levels:
        raise ValueError("too many nodes")
    if node.id == "scalar":
        return node.value if node.style else _scalar(node.value, zone)
    if node.id == "sequence":
        return [_node(item, zone, budget, levels - 1) for item in node.value]
    return {str(key.value): _node(item, zone, budget, levels - 1) for key, item in node.value}
