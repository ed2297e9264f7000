"""Hugo: its dialect, and how its settings, sections, addresses and links are read."""

from feeds.dialects.hugo.dialect import DIALECT as DIALECT
