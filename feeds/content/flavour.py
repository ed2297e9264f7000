"""How a generator reads Markdown and template tags: what differs from CommonMark with tables, as plain data.

A dialect declares one; the renderer reads it. Pure data: importing it loads no library.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a generator's Markdown renderer does besides CommonMark. The defaults are those of a plain folder."""

    breaks: bool = False
    """A line end within a paragraph is a <br> (Hexo's marked with `breaks: true`)."""
    linkify: bool = False
    """Bare addresses become links (GFM autolinks)."""
    typographer: bool = False
    """Quotes, dashes and dots become typographic ones."""
    liquid: bool = False
    """The body is a Liquid template (Jekyll)."""


PLAIN = Flavour()
