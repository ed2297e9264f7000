"""The language of what commands print for people: in comes an English text, out goes the reader's. JSON is never translated."""

from __future__ import annotations


def translated(text: str) -> str:
    """The text in the reader's language, or as it is."""
    return text
