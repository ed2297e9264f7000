"""Body -> SafeHtml: in comes what the author wrote as text, out goes content that every reader shows and none runs.

Render, one walk (absolute URLs, real images, embeds as links), clean; summary and plain text besides. Text in, text out: no
files, no settings, no clock. The names are loaded when they are first used: a run that converts nothing needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.content.policy import VERSION

__all__ = ["VERSION", "Cleaned", "Note", "Policy", "Reading", "as_text", "clean", "plain_text", "summarise"]

if TYPE_CHECKING:
    from feeds.content.markdown.render import Note
    from feeds.content.pipeline import Cleaned, Reading, as_text, clean
    from feeds.content.plain import plain_text, summarise
    from feeds.content.policy import Policy

_HOMES = {
    "Cleaned": "pipeline",
    "Note": "markdown.render",
    "Policy": "policy",
    "Reading": "pipeline",
    "as_text": "pipeline",
    "clean": "pipeline",
    "plain_text": "plain",
    "summarise": "plain",
}


def __getattr__(name: str) -> object:
    """A public name, from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'feeds.content' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"feeds.content.{_HOMES[name]}"), name)
