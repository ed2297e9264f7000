"""Real feed readers' habits against the real server over random histories of edits.

Each reader asks as it is known to ask, keeps what it is known to keep, and knows an entry again as it is known to. None may
miss a post, see one twice, or be sent a body that it has.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
import web_servers
from budget import examples
from web_servers import Answer, Server

STEPS = 14
TECHNOLOGY = "/category/%E6%8A%80%E6%9C%AF/"
CATEGORIES = (["技术"], ["技术", "前端"], ["生活"])


@dataclass
class Post:
    """A post as its author has it; `key` stands in its body and tells the test which post an entry is."""

    key: str
    path: str
    title: str
    day: int
    categories: list[str]
    revision: int = 0

    def text(self) -> str:
        return (
            f"---\ntitle: {self.title}\ndate: 2021-03-{self.day:02d} 08:00:00\ncategories: [{', '.join(self.categories)}]\n---\n"
            f"key-{self.key} rev-{self.revision}\n\n" + f"这是{self.key}的正文。" * 20
        )


class Author:
    """The posts folder, and a history of what authors do to it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.posts: dict[str, Post] = {}
        self.deleted: list[Post] = []
        self.count = 0
        for _ in range(5):
            self.add()

    def write(self, post: Post) -> None:
        path = self.folder / post.path
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.swp")
        fresh.write_text(post.text(), encoding="utf-8")
        fresh.replace(path)

    def add(self) -> None:
        self.count += 1
        key = f"{self.count:03d}"
        # Some come with a date before that of posts that are out already: no "newest first" may hide them.
        post = Post(key, f"{key}.md", f"第{key}篇", self.random.randint(1, 28), self.random.choice(CATEGORIES))
        self.posts[key] = post
        self.write(post)

    def edit(self, post: Post) -> None:
        post.revision += 1
        self.write(post)

    def retitle(self, post: Post) -> None:
        post.title += "（改）"
        self.write(post)

    def rename(self, post: Post) -> None:
        (self.folder / post.path).unlink()
        post.path = f"moved/{post.key}-{self.random.randint(0, 99)}.md"
        self.write(post)

    def recategorise(self, post: Post) -> None:
        post.categories = self.random.choice(CATEGORIES)
        self.write(post)

    def delete(self, post: Post) -> None:
        if len(self.posts) < 5:
            return
        (self.folder / post.path).unlink()
        self.deleted.append(self.posts.pop(post.key))

    def restore(self) -> None:
        if self.deleted:
            post = self.deleted.pop()
            self.posts[post.key] = post
            self.write(post)

    def step(self) -> None:
        """One thing that authors do."""
        what = self.random.choices(
            ["add", "edit", "retitle", "rename", "recategorise", "delete", "restore", "nothing"], [5, 4, 2, 2, 2, 1, 2, 2]
        )[0]
        if what in ("add", "restore"):
            getattr(self, what)()
        elif what != "nothing":
            getattr(self, what)(self.random.choice(sorted(self.posts.values(), key=lambda one: one.key)))


@dataclass
class Item:
    """An entry as a reader's parser gives it."""

    id: str
    title: str
    link: str
    body: str

    @property
    def key(self) -> str:
        found = re.search(r"key-(\d+)", self.body)
        assert found, self.body[:200]
        return found[1]


def parse(body: bytes, kind: str) -> list[Item]:
    """The entries of a document."""
    if "json" in kind:
        return [Item(one["id"], one["title"], one["url"], one["content_html"]) for one in json.loads(body)["items"]]
    found: Any = feedparser.parse(body)
    assert not found.bozo
    return [Item(one.id, one.title, one.link, one.content[0].value if "content" in one else one.summary) for one in found.entries]


Known = dict[str, str]


@dataclass
class Reader:
    """How one reader asks and what it keeps.

    `validators` makes the conditional headers from the ETag and Last-Modified that it kept; `identity` is what it knows
    an entry by; `every` its interval in steps; `forgets` that it drops its validators now and then.
    """

    name: str
    path: str
    agent: str
    validators: Callable[[Known], dict[str, str]]
    identity: Callable[[Item], str] = lambda item: item.id
    accept_encoding: str = "gzip"
    more: dict[str, str] = field(default_factory=dict)
    every: int = 1
    forgets: int = 0
    kept: Known = field(default_factory=dict)
    body: bytes = b""
    shown: dict[str, str] = field(default_factory=dict)
    polls: int = 0
    conditional: int = 0

    def poll(self, server: Server) -> list[Item] | None:
        """Ask once; the entries of a new body, None for a 304."""
        self.polls += 1
        if self.forgets and self.polls % self.forgets == 0:
            self.kept = {}
        asked = self.validators(self.kept) if self.kept else {}
        headers = {"User-Agent": self.agent, **self.more, **asked}
        if self.accept_encoding:
            headers["Accept-Encoding"] = self.accept_encoding
        answer = server.ask(self.path, headers)
        assert answer.status in (200, 304), (self.name, answer.status)
        body = plain(answer)
        if answer.status == 304:
            assert asked and answer.body == b"", self.name
            assert sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) < 1200
            self.conditional += 1
            return None
        if asked:
            assert body != self.body, f"{self.name} was sent a body that it has: {asked}, {answer.headers}"
        self.body = body
        self.kept = {"etag": answer.headers["etag"], "modified": answer.headers["last-modified"]}
        return parse(body, answer.headers["content-type"])

    def take(self, items: list[Item]) -> None:
        """Show what is new; an entry that it cannot know again would be shown twice."""
        for item in items:
            identity = self.identity(item)
            first = self.shown.setdefault(identity, item.key)
            assert first == item.key, f"{self.name} takes {item.key} for {first}"
        seen = list(self.shown.values())
        assert len(seen) == len(set(seen)), f"{self.name} shows a post twice: {self.shown}"


def plain(answer: Answer) -> bytes:
    coding = answer.headers.get("content-encoding")
    if coding == "br":
        import brotli

        unpacked: bytes = brotli.decompress(answer.body)
        return unpacked
    return gzip.decompress(answer.body) if coding == "gzip" else answer.body


def both(kept: Known) -> dict[str, str]:
    return {"If-None-Match": kept["etag"], "If-Modified-Since": kept["modified"]}


def own_clock(kept: Known) -> dict[str, str]:
    """A reader that invents If-Modified-Since from its own clock: it must not be told 304 for what it lacks."""
    return {"If-None-Match": kept["etag"], "If-Modified-Since": format_datetime(datetime.now(UTC), usegmt=True)}


def readers() -> list[Reader]:
    return [
        Reader("Miniflux", "/rss.xml", "Mozilla/5.0 (compatible; Miniflux/2.2.0; +https://miniflux.app)", both,
               identity=lambda item: md5(item.id.encode()).hexdigest(), accept_encoding="br,gzip",
               more={"Accept": "application/xml, application/atom+xml, application/rss+xml, application/feed+json, text/html, */*;q=0.9"}),
        Reader("FreshRSS", "/atom.xml", "FreshRSS/1.24.0 (Linux; https://freshrss.org)", both,
               accept_encoding="x-gzip,gzip,deflate", every=2),
        Reader("SimplePie", f"{TECHNOLOGY}rss.xml", "SimplePie/1.8.0 (Feed Parser)", both, accept_encoding="deflate, gzip"),
        Reader("NetNewsWire", "/feed.json", "NetNewsWire (RSS Reader; https://netnewswire.com/)", both,
               accept_encoding="gzip, deflate, br", forgets=8),
        Reader("NewsBlur", "/rss.xml", "NewsBlur Feed Fetcher - 3 subscribers - https://www.newsblur.com", both,
               more={"A-IM": "feed"}, accept_encoding="gzip, deflate"),
        Reader("Newsboat", "/atom.xml", "Newsboat/2.37 (Linux)", both, more={"A-IM": "feed"}, every=3),
        Reader("feedparser", "/rss.xml", "feedparser/6.0.11 +https://github.com/kurtmckee/feedparser/", both,
               more={"A-IM": "feed", "Accept": "application/atom+xml,application/rss+xml,application/rdf+xml,*/*;q=0.1"},
               accept_encoding="gzip, deflate"),
        Reader("Feedly", "/feed", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 41 subscribers)", both, every=4,
               identity=lambda item: item.id or item.link),
        Reader("a reader behind a proxy that weakens tags", "/atom.xml", "Example/1.0",
               lambda kept: {"If-None-Match": "W/" + kept["etag"]}, identity=lambda item: item.link),
        Reader("a reader that asks by date alone", "/rss.xml", "Example/2.0",
               lambda kept: {"If-Modified-Since": kept["modified"]}, accept_encoding=""),
        Reader("a reader that loses the quotes", "/feed.json", "Example/3.0",
               lambda kept: {"If-None-Match": kept["etag"].strip('"')}),
        Reader("a reader that invents its date", "/rss.xml", "Example/4.0", own_clock),
        Reader("a reader that knows entries by their links", f"{TECHNOLOGY}feed.json", "Example/5.0", both,
               identity=lambda item: item.link),
    ]  # fmt: skip


def expected(author: Author, path: str) -> set[tuple[str, str, int]]:
    """The posts that stand in a feed: their key, title and revision."""
    posts = author.posts.values()
    some = [post for post in posts if "/category/" not in path or "技术" in post.categories]
    return {(post.key, post.title, post.revision) for post in some}


def shown(items: list[Item]) -> set[tuple[str, str, int]]:
    return {(item.key, item.title, int(re.search(r"rev-(\d+)", item.body)[1])) for item in items}  # type: ignore[index]


@contextmanager
def serving(site: Path) -> Iterator[Server]:
    arguments = (site / "posts", "--base-url", "https://example.org/", "--config", site / "feeds.toml", "--state", site / "state")
    with web_servers.feeds_serve(*arguments, log=site / "log") as server:
        server.wait_for("/rss.xml")
        yield server


def settled(server: Server, author: Author) -> None:
    """Wait until what the author did is what is served."""
    for path in ("/feed.json", f"{TECHNOLOGY}feed.json"):
        web_servers.until(
            lambda path=path: shown(parse(server.ask(path).body, "json")) == expected(author, path), log=server.log_text
        )


@pytest.mark.parametrize("seed", range(1, 1 + examples(1)))
def test_no_reader_misses_a_post_or_sees_one_twice(tmp_path: Path, seed: int) -> None:
    """X-1 … X-4, HTTP-3 … HTTP-8: over a history of edits, and over a restart of the server."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text("limit = 50\n", "utf-8")
    author, every = Author(tmp_path / "posts", seed), readers()
    have: dict[str, set[tuple[str, str, int]]] = {}
    for half in range(2):
        with serving(tmp_path) as server:
            for step in range(half * STEPS // 2, (half + 1) * STEPS // 2):
                author.step()
                settled(server, author)
                for reader in every:
                    if step % reader.every:
                        continue
                    items = reader.poll(server)
                    if items is not None:
                        reader.take(items)
                        have[reader.name] = shown(items)
                    assert have[reader.name] == expected(author, reader.path), f"{reader.name} lacks what stands in its feed"
    assert sum(reader.conditional for reader in every) > len(every)
