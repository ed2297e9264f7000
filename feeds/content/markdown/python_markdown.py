"""Markdown by Python-Markdown, for the generators that use it: in come a body and a flavour, out goes HTML.

Formulas stay as they are written. Loaded only where the library (the extra `pelican`) is installed and asked for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.treeprocessors import Treeprocessor

from feeds.content.bounds import BoundError
from feeds.content.flavour import Flavour

#: What each element adds to the HTML besides its text.
_ELEMENT_CHARACTERS = 10
#: Colours mean nothing to a reader, and the library for them need not be there.
_CONFIGS = {"codehilite": {"use_pygments": False}, "markdown.extensions.codehilite": {"use_pygments": False}}
#: Above Python-Markdown's own pattern for what is escaped (180) and for code (190).
_PRIORITY = 185


class _Formula(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override]  # noqa: N802
        return m[0], m.start(0), m.end(0)


class _Size(Treeprocessor):
    """Refuses a tree that would be larger than `most` characters."""

    most = 0

    def run(self, root: Element) -> None:
        size = 0
        for element in root.iter():
            size += _ELEMENT_CHARACTERS + len(element.text or "") + len(element.tail or "")
            size += sum(len(value or "") for value in element.attrib.values())
        if size > self.most:
            raise BoundError(f"it becomes more than {self.most} bytes of HTML", "bounds.content_bytes")


class _Strikethrough(Extension):
    """`~~text~~`, as Nikola adds it to Python-Markdown (plugins/compile/markdown/mdx_nikola.py)."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Called by Python-Markdown."""
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"(~~)([^~\n]{1,2000})~~", "del"), "strikethrough", 175)


#: Extensions of ours, by the name that stands among those of the library.
_OWN: dict[str, type[Extension]] = {"strikethrough": _Strikethrough}


#: An extension that Python-Markdown 3 no longer has: it gave headings an id each.
_FORMER = ("headerid", "markdown.extensions.headerid")


class _Renderer(NamedTuple):
    """Python-Markdown with the extensions that are installed; `missing` are the names of the others."""

    md: Markdown
    size: _Size
    missing: tuple[str, ...]


@lru_cache(maxsize=4)
def _renderer(flavour: Flavour) -> _Renderer:
    md = Markdown(extension_configs=_CONFIGS, output_format="html")
    missing = []
    for name in flavour.extensions:
        try:
            md.registerExtensions([_OWN[name]() if name in _OWN else name], _CONFIGS)
        except (ImportError, AttributeError, TypeError):
            # Python-Markdown raises these for a name that is no module, and for a module that is no extension.
            missing += [name] if name not in _FORMER else []
    if flavour.formulas != "none":
        pattern = r"\$\$[^$\x02]{1,2000}\$\$|(?<!\d)\$(?![\s$`])[^$\x02\n]{0,400}[^$\x02\s\\]\$(?!\d)"
        if flavour.formulas == "all":
            pattern += r"|\\\((?:[^\\\n]|\\(?!\))){1,2000}\\\)|\\\[(?:[^\\]|\\(?!\])){1,2000}\\\]"
        md.inlinePatterns.register(_Formula(pattern, md), "formula", _PRIORITY)
    size = _Size(md)
    md.treeprocessors.register(size, "size", -1)
    return _Renderer(md, size, tuple(missing))


def missing_extensions(flavour: Flavour) -> tuple[str, ...]:
    """The extensions that the flavour names and that are not installed: what they mean stays as it is written."""
    return _renderer(flavour).missing


def to_html(body: str, flavour: Flavour, most: int) -> str:
    """The body as HTML; BoundError where it would be larger than `most` characters."""
    renderer = _renderer(flavour)
    renderer.size.most = most
    renderer.md.reset()
    rendered: str = renderer.md.convert(body)
    return rendered
