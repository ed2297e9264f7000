"""Pelican: its dialect, and how its settings, metadata and addresses are read."""

from feeds.dialects.pelican.dialect import DIALECT as DIALECT
