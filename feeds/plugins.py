"""What other installed packages add: formats, dialects and publish targets, by entry points.

https://packaging.python.org/en/latest/specifications/entry-points/. A plug-in cannot replace what this package has.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: Entry point group -> what its objects are.
FORMATS = "feeds.formats"
"""Objects with the attributes of `feeds.formats.Format`; the entry point's name is the format's."""
DIALECTS = "feeds.dialects"
"""Instances of `feeds.dialects.base.Dialect`."""
TARGETS = "feeds.targets"
"""Functions that take the `Settings` and return a `feeds.publish.Target`."""


@cache
def named(group: str) -> Mapping[str, EntryPoint]:
    """The plug-ins of a group by name."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=group)}


def load(group: str, name: str) -> object | None:
    """The plug-in's object, None if no installed package has one of that name."""
    point = named(group).get(name)
    loaded: object = point.load() if point is not None else None
    return loaded
