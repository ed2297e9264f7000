"""Jekyll: its dialect, and how its settings and templates are read."""

from feeds.dialects.jekyll.dialect import DIALECT as DIALECT
