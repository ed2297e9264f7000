"""Nikola: its dialect, and how its settings are read."""

from feeds.dialects.nikola.dialect import DIALECT as DIALECT
