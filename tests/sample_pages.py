"""Pages as a build makes them, without a build: feeds and entries of the samples come in, checked pages go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from samples import BASE, a_feed, an_entry

from feeds.formats.pages import collation, entry_page, feed_page, gate
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import Renderer
from feeds.model import Entry, Feed

LOOK = Look(base_url=BASE, language="zh-CN", zone="Asia/Shanghai")


def place(path: str, labels: tuple[str, ...], parent: str | None, **changed: Any) -> Feed:
    """A feed at a place of the site's tree, with one entry."""
    root = f"{BASE}{path}"
    urls = {"rss": f"{root}rss.xml", "atom": f"{root}atom.xml", "json": f"{root}feed.json", "html": root}
    if not path:
        urls["opml"] = f"{BASE}feeds.opml"
    taxonomy = path.partition("/")[0] or "site"
    title = f"{' / '.join(labels)} - 小站" if labels else "小站"
    facts = {
        "urls": urls,
        "taxonomy": taxonomy,
        "title": title,
        "home_page_url": root,
        "description": title,
        "count": 1,
        **changed,
    }
    return a_feed(changed.pop("entries", [an_entry()]), path=path, labels=labels, parent=parent, **facts)


SITE = place("", (), None)
CODE = place("category/code/", ("代码",), "", children=("category/code/web/",))
WEB = place("category/code/web/", ("代码", "Web & <co>"), "category/code/", children=("category/code/web/css/",))
CSS = place("category/code/web/css/", ("代码", "Web & <co>", "CSS"), "category/code/web/")
TAG = place("tag/c/", ("C++",), "")
ALL = {feed.path: feed for feed in (SITE, CODE, WEB, CSS, TAG)}


def places(look: Look = LOOK) -> feed_page.Places:
    """The order of terms in the look's language."""
    return partial(collation.places, language=look.language)


def feed_document(
    feed: Feed,
    feeds: Mapping[str, Feed] | None = None,
    look: Look = LOOK,
    *,
    years: Sequence[tuple[int, int]] = (),
    more: bool = False,
) -> bytes:
    """The page of a feed, checked."""
    known = feeds if feeds is not None else {"": SITE, feed.path: feed}
    body = feed_page.document(Renderer(look), feed, feed_page.relatives(feed, known, years, more), places(look))
    gate.feed_page(body, look, feed)
    return body


def entry_document(entry: Entry, site: Feed = SITE, feeds: Sequence[Feed] = (), look: Look = LOOK, **around: Any) -> bytes:
    """The page of an entry, checked."""
    body = entry_page.document(Renderer(look), entry, entry_page.Around(site, feeds, **around))
    gate.entry_page(body, look, entry, site)
    return body
