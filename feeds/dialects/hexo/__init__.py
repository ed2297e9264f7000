"""Hexo: its dialect, and how its settings and addresses are read."""

from feeds.dialects.hexo.dialect import DIALECT as DIALECT
