"""Extensions of feedgen, registered with `register_extension`: in come elements of other namespaces, out go they in documents."""

from __future__ import annotations

from collections.abc import Mapping

from feedgen.ext.base import BaseEntryExtension, BaseExtension  # type: ignore[import-untyped]
from lxml import etree

from feeds.formats import _elements
from feeds.formats._elements import Element


class ElementsExtension(BaseExtension):  # type: ignore[misc]
    """Elements of a channel, and the namespaces that its root declares for the items' sake."""

    def __init__(self) -> None:
        self.elements: tuple[Element, ...] = ()
        self.namespaces: Mapping[str, str] = {}

    def extend_ns(self) -> Mapping[str, str]:
        """Prefix -> namespace."""
        return self.namespaces

    def extend_rss(self, root: etree._Element) -> etree._Element:
        """Write the elements into the channel."""
        _elements.write(root[0], self.elements)
        return root

    def extend_atom(self, root: etree._Element) -> etree._Element:
        """Write the elements into the feed."""
        _elements.write(root, self.elements)
        return root


class ElementsEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Elements of an item."""

    def __init__(self) -> None:
        self.elements: tuple[Element, ...] = ()

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """Write the elements into the item."""
        _elements.write(item, self.elements)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """Write the elements into the entry."""
        _elements.write(entry, self.elements)
        return entry
