"""The code of an Eleventy configuration, as far as it is looked at without running it."""

from __future__ import annotations

from feeds.lazy_patterns import lazy_pattern

_NEXT_CALL = lazy_pattern(r"\.add[A-Z]\w{0,40}\(")


def call_body(code: str, start: int, most_characters: int) -> str:
    """The code of a call from `start` on, up to the next one that configures (`eleventyConfig.addFilter(…)`)."""
    following = _NEXT_CALL.search(code, start, start + most_characters)
    return code[start : following.start() if following else start + most_characters]
