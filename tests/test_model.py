"""What an entry and a feed must hold: values that no format could write correctly cannot be made."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from samples import MOMENT, a_feed, an_entry

from feeds.model import History


def test_content_is_what_the_sanitiser_made() -> None:
    """Text that nobody has cleaned is no content, however harmless it looks."""
    with pytest.raises(TypeError, match="SafeHtml"):
        an_entry(content="<p>Tea</p>")


IMPOSSIBLE: list[dict[str, Any]] = [
    {"id": ""},
    {"authors": ()},
    {"published": datetime(2021, 8, 4)},  # noqa: DTZ001  a date without a zone is the point
    {"published": MOMENT.astimezone(timezone(timedelta(hours=8)))},
    {"updated": MOMENT + timedelta(days=1, microseconds=1)},
    {"updated": MOMENT - timedelta(seconds=1)},
    {"permalink": "/2021/tea/"},
    {"permalink": "https://example.org/茶/"},
    {"permalink": "javascript:alert(1)"},
    *({name: "tea.html"} for name in ("link", "comments_url", "via", "canonical")),
    *({name: "a\x00b"} for name in ("id", "title", "summary", "rights")),
]


@pytest.mark.parametrize("changed", IMPOSSIBLE, ids=str)
def test_an_entry_that_cannot_be(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs|must|holds|lies before"):
        an_entry(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ""},
        {"authors": ()},
        {"content_mode": "short"},
        {"complete": True, "history": History()},
        {"updated": datetime(2021, 8, 4)},  # noqa: DTZ001  a date without a zone is the point
        {"home_page_url": "example.org"},
        {"urls": {"rss": "/rss.xml"}},
        {"title": "a\ufffeb"},
        {"description": "\ud800"},
    ],
    ids=str,
)
def test_a_feed_that_cannot_be(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs|must|holds|content_mode|complete"):
        a_feed(**changed)


def test_ordinary_values_can_be() -> None:
    assert an_entry(updated=MOMENT, link=None, rights=None).updated == MOMENT
    assert a_feed(complete=True).complete and a_feed(history=History()).history is not None
