"""The words on our pages and in outlines, for people: in comes a language, out go its words.

Chinese where the language is any Chinese, else English. Plain text only; no markup, no names of ours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; `{}` is where a value goes."""

    language: str
    categories: str
    tags: str
    authors: str
    subscribe: str
    what_is_a_feed: str
    how_to_subscribe: str
    formats: str
    all_feeds: str
    all_feeds_why: str
    latest: str
    nothing_yet: str
    below: str
    path: str
    home_page: str
    updated: str
    comments: str
    about: str
    files: str
    filed: str
    comma: str
    colon: str

    def taxonomy(self, name: str) -> str:
        """The heading over a taxonomy's terms."""
        return {"category": self.categories, "tag": self.tags, "author": self.authors}.get(name, name)


ENGLISH = Words(
    language="en",
    categories="Categories",
    tags="Tags",
    authors="Authors",
    subscribe="Subscribe",
    what_is_a_feed=(
        "A feed is an address that you give to a feed reader: an app such as Feedly, FreshRSS, Inoreader, Miniflux or "
        "NetNewsWire. From then on new posts turn up there by themselves: no account here, no e-mail address, "
        "no algorithm."
    ),
    how_to_subscribe=(
        "Copy one of these addresses into your reader. If you are not sure, take the first: all carry the same posts."
    ),
    formats="Addresses",
    all_feeds="All feeds in one file (OPML)",
    all_feeds_why="Readers can import it, so that you subscribe to every feed here at once.",
    latest="Latest posts",
    nothing_yet="Nothing here yet. Subscribe, and the first post will come to you.",
    below="Categories below this one",
    path="You are here",
    home_page="Home page",
    updated="Last change",
    comments="Comments",
    about="About",
    files="Files",
    filed="Filed under",
    comma=", ",
    colon=": ",
)

CHINESE = Words(
    language="zh",
    categories="分类",
    tags="标签",
    authors="作者",
    subscribe="订阅",
    what_is_a_feed=(
        "订阅源（feed）是一个网址。把它交给阅读器（例如 Feedly、FreshRSS、Inoreader、Miniflux 或 NetNewsWire），"
        "以后有新文章，阅读器里就会自动出现：不用注册，不用留邮箱，也没有算法推荐。"
    ),
    how_to_subscribe="把下面任意一个地址复制到阅读器里。拿不准就用第一个：内容都一样。",
    formats="订阅地址",
    all_feeds="全部订阅源（OPML 文件）",
    all_feeds_why="可导入阅读器，一次订阅这里的全部内容。",
    latest="最新文章",
    nothing_yet="这里还没有文章。先订阅吧，第一篇会自动送到。",
    below="下级分类",
    path="当前位置",
    home_page="网站首页",
    updated="最近更新",
    comments="评论",
    about="原文",
    files="附件",
    filed="分类与标签",
    comma="、",
    colon="：",
)


def words(language: str | None) -> Words:
    """The words for a language (BCP 47)."""
    return CHINESE if (language or "").lower().partition("-")[0] == "zh" else ENGLISH
