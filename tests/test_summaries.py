"""Summaries: what stands below a title in a list of a reader or of our pages."""

from __future__ import annotations

import pytest

from feeds.content.plain import plain_text, summarise
from feeds.model import SafeHtml


@pytest.mark.parametrize(
    ("html", "summary"),
    [
        ("<p>雨停了。</p><p>茶凉了。</p>", "雨停了。茶凉了。"),
        ("<p>他说：</p><blockquote>「走吧」</blockquote><p>（就走了）</p>", "他说：「走吧」（就走了）"),
        ("<h2>第一章</h2><p>雨停了。</p>", "第一章 雨停了。"),
        ("<p>读完 SQLite 的源码，</p><p>再读 WAL。</p>", "读完 SQLite 的源码，再读 WAL。"),
        ("<p>It rained.</p><p>Then it stopped.</p>", "It rained. Then it stopped."),
    ],
)
def test_paragraphs_are_joined_as_their_script_is_written(html: str, summary: str) -> None:
    """Full-width punctuation has its own room: a blank beside it is a fault of type."""
    assert summarise(plain_text(SafeHtml(html))) == summary
