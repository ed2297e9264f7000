"""OPML 2.0: one file that subscribes a reader to every feed of a site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree
from samples import BASE, a_feed, an_entry

from feeds.errors import RenderError
from feeds.formats import opml
from feeds.model import Feed


def feed(path: str, taxonomy: str, labels: tuple[str, ...], parent: str | None, **changed: Any) -> Feed:
    """A feed at a place of the tree."""
    root = f"{BASE}{path}"
    urls = {"rss": f"{root}rss.xml", "atom": f"{root}atom.xml", "html": root}
    title = f"{'/'.join(labels)} - Tea & Code" if labels else "Tea & Code"
    return a_feed(
        [an_entry()], path=path, taxonomy=taxonomy, labels=labels, parent=parent, urls=urls, home_page_url=root,
        title=title, **changed,
    )  # fmt: skip


FEEDS = (
    feed("", "site", (), None),
    feed("category/code/", "category", ("Code",), "", children=("category/code/web/", "category/code/os/")),
    feed("category/code/web/", "category", ("Code", "Web"), "category/code/", children=("category/code/web/css/",)),
    feed("category/code/web/css/", "category", ("Code", "Web", "CSS"), "category/code/web/"),
    feed("category/code/os/", "category", ("Code", "OS"), "category/code/"),
    feed("category/tea/", "category", ("Tea",), ""),
    feed("tag/c/", "tag", ("C++",), ""),
    feed("author/ada/", "author", ("Ada",), ""),
)
UPDATED = datetime(2021, 8, 5, 5, 49, tzinfo=UTC)


def shape(outline: etree._Element) -> Any:
    """An outline as nested lists: groups by their text, feeds by their title."""
    if outline.get("type") == "rss":
        return outline.get("title")
    return {outline.get("text"): [shape(child) for child in outline]}


def test_the_tree_of_feeds() -> None:
    """OPML-1: the site first, a group for each taxonomy; one with children is a group that holds its own feed."""
    root = etree.fromstring(opml.document("Tea & Code", FEEDS, UPDATED, "en-GB"))
    assert [shape(one) for one in root.findall("body/outline")] == [
        "Tea & Code",
        {
            "Categories": [
                {
                    "Code": [
                        "Code - Tea & Code",
                        {"Web": ["Code/Web - Tea & Code", "Code/Web/CSS - Tea & Code"]},
                        "Code/OS - Tea & Code",
                    ]
                },
                "Tea - Tea & Code",
            ]
        },
        {"Tags": ["C++ - Tea & Code"]},
        {"Authors": ["Ada - Tea & Code"]},
    ]


def test_the_head_has_a_date_of_the_posts() -> None:
    """OPML-1: title, and dateModified from what is published, never from a clock."""
    root = etree.fromstring(opml.document("Tea & Code", FEEDS, UPDATED, "zh-TW"))
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "Tea & Code"
    assert root.findtext("head/dateModified") == "Thu, 05 Aug 2021 05:49:00 +0000"
    assert root.findall("body/outline")[1].get("text") == "分類"


def test_each_outline_has_what_a_reader_needs() -> None:
    """OPML-1: text, title, type, both addresses, language; no group pretends to be a feed."""
    root = etree.fromstring(opml.document("Tea & Code", FEEDS, UPDATED))
    outlines = list(root.iter("outline"))
    subscriptions = [one for one in outlines if one.get("xmlUrl")]
    assert len(subscriptions) == len(FEEDS)
    for one in subscriptions:
        assert one.get("type") == "rss"
        assert (one.get("xmlUrl") or "").startswith(BASE)
        assert one.get("htmlUrl") == (one.get("xmlUrl") or "").removesuffix("rss.xml")
        assert one.get("text") == one.get("title")
        assert one.get("language") == "zh-CN"
        assert len(one) == 0
    assert all(one.get("text") for one in outlines)


def test_a_deep_tree_does_not_overflow() -> None:
    """Two thousand levels of categories: no recursion of ours is in the way."""
    labels = tuple(f"c{number}" for number in range(2000))
    deep = [feed("", "site", (), None)]
    for depth in range(1, 2001):
        path = f"category/{depth}/"
        parent = f"category/{depth - 1}/" if depth > 1 else ""
        deep.append(feed(path, "category", labels[depth - 1 : depth], parent))
    body = opml.document("deep", deep, UPDATED)
    opml.check(body, "deep", deep, UPDATED)


def test_the_gate_compares_every_feed() -> None:
    """A feed that is missing, moved, or there twice."""
    body = opml.document("Tea & Code", FEEDS, UPDATED)
    opml.check(body, "Tea & Code", FEEDS, UPDATED)
    for wrong in (FEEDS[:-1], (*FEEDS, FEEDS[1]), (*FEEDS[:-1], feed("author/bob/", "author", ("Ada",), ""))):
        with pytest.raises(RenderError):
            opml.check(body, "Tea & Code", wrong, UPDATED)
    with pytest.raises(RenderError):
        opml.check(body.replace(b"Thu, 05", b"Fri, 06"), "Tea & Code", FEEDS, UPDATED)


def test_the_key_moves_with_what_is_shown() -> None:
    """Equal keys, equal bytes: a description is shown, an entry is not."""
    key = opml.key("Tea & Code", FEEDS, UPDATED)
    described = (*FEEDS[:-1], replace(FEEDS[-1], description="all by Ada"))
    assert opml.key("Tea & Code", described, UPDATED) != key
    assert opml.document("Tea & Code", described, UPDATED) != opml.document("Tea & Code", FEEDS, UPDATED)
    emptied = (*FEEDS[:-1], replace(FEEDS[-1], entries=(), entry_keys=()))
    assert opml.key("Tea & Code", emptied, UPDATED) == key
    assert opml.document("Tea & Code", emptied, UPDATED) == opml.document("Tea & Code", FEEDS, UPDATED)
