"""Posts in, feeds out. The public names, loaded when they are first used."""

from __future__ import annotations

#: As typing's, which every cron run would pay for: type checkers know the name.
TYPE_CHECKING = False

__version__ = "0.1.0"

__all__ = ["Entry", "Feed", "FeedsError", "Post", "Problem", "Publication", "Settings"]

if TYPE_CHECKING:
    from feeds.errors import FeedsError, Problem
    from feeds.model import Entry, Feed, Post, Publication
    from feeds.settings import Settings

_HOMES = {
    "Entry": "model",
    "Feed": "model",
    "FeedsError": "errors",
    "Post": "model",
    "Problem": "errors",
    "Publication": "model",
    "Settings": "settings",
}


def __getattr__(name: str) -> object:
    """A public name, from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'feeds' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"feeds.{_HOMES[name]}"), name)
