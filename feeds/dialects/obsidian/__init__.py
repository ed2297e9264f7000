"""Obsidian vaults, and Quartz, which publishes them."""

from feeds.dialects.obsidian.dialect import DIALECT as DIALECT
