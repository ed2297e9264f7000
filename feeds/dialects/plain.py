"""A plain folder of posts: no generator's conventions."""

from __future__ import annotations

from feeds.dialects.base import Dialect

DIALECT = Dialect()
