"""What belongs to the page around a text, not to the text: places of a table of contents."""

from __future__ import annotations

import re

from feeds.lazy_patterns import lazy_pattern

_CONTENTS = lazy_pattern(r"[ \t]{0,3}@?\[{1,2}_?toc_?\]{1,2}(?:\([^()\n]{0,100}\))?[ \t]{0,20}\Z", re.IGNORECASE)


def without_contents(text: str) -> str:
    """Markdown without the lines that stand for a table of contents: `[TOC]`, `[[toc]]`, `@[toc](Contents)`."""
    if "toc" not in text.lower():
        return text
    return "\n".join(line for line in text.split("\n") if not _CONTENTS.match(line))
