"""Eleventy: its dialect, and how its settings, data, layouts and addresses are read."""

from feeds.dialects.eleventy.dialect import DIALECT as DIALECT
