"""Only what is new (RFC 3229 with feeds): a reader that takes deltas ends with what one that takes all has."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import feedparser
import pytest
import web_servers
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_over_time import START, Author, settings

from feeds.build import run
from feeds.errors import SettingsError
from feeds.http_headers import opaque_tags
from feeds.publish import guard
from feeds.serving import deltas, packing
from feeds.serving import store as packs
from feeds.serving.build_job import note_versions
from feeds.serving.middleware import answer
from feeds.serving.options import options_from
from feeds.serving.responses import ENVIRON, Reply
from feeds.serving.snapshot import Snapshot
from feeds.settings import Settings

FEEDS = {"rss": "/rss.xml", "atom": "/atom.xml", "json": "/feed.json"}


class Server:
    """A site that is published, packed and noted down as `feeds serve --deltas` does it, without processes."""

    def __init__(self, site: Settings) -> None:
        self.site, self.store, self.hours = site, site.state.parent / "store", 0

    def publish(self) -> None:
        run.publish(self.site, START + timedelta(hours=self.hours), accepted=guard.Accepted(removals=True))
        self.hours += 1
        packing.write(self.site.output, self.store)
        note_versions(self.store)
        self.snapshot = Snapshot(packs.Pack(self.store, packs.newest_turn(self.store)), None, self.store)

    def get(self, path: str, headers: Mapping[str, str], method: str = "GET") -> Reply:
        names = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        found = answer(self.snapshot, method, path, tuple(map(names.get, ENVIRON)), 2_000_000_000.0)
        assert found is not None
        return found


def entries(format: str, body: bytes) -> dict[str, str]:
    """Every entry of a document by its id, as canonical text."""
    if format == "json":
        return {item["id"]: json.dumps(item, sort_keys=True) for item in json.loads(body)["items"]}
    root = etree.fromstring(body)
    found: dict[str, str] = {}
    for item in root.iter("item", "{http://www.w3.org/2005/Atom}entry"):
        key = item.findtext("guid") or item.findtext("{http://www.w3.org/2005/Atom}id") or ""
        item.tail = None
        found[key] = re.sub(r"\s+", " ", etree.tostring(item, method="c14n").decode())
    return found


class Reader:
    """Keeps what it was ever told, newer over older, and its validator."""

    def __init__(self, format: str, *, takes_deltas: bool) -> None:
        self.format, self.takes_deltas, self.held, self.tag = format, takes_deltas, dict[str, str](), ""
        self.deltas = self.bytes = 0

    def poll(self, server: Server) -> None:
        headers = {"A-IM": "feed"} if self.takes_deltas else {}
        if self.tag:
            headers["If-None-Match"] = self.tag
        found = server.get(FEEDS[self.format], headers)
        given = dict(found.headers)
        self.bytes += len(found.body)
        self.tag = given["ETag"]
        if found.status == 304:
            return
        assert found.status in ((200, 226) if self.takes_deltas else (200,))
        self.deltas += found.status == 226
        parsed = entries(self.format, found.body)
        assert parsed
        self.held.update(parsed)


@pytest.mark.parametrize("seed", range(int(os.environ.get("HISTORIES", "2"))))
def test_a_reader_of_deltas_ends_with_what_others_have(tmp_path: Path, seed: int) -> None:
    """Through a random history of edits, deletions, other dates and returns, polled now and then, in each format."""
    dice = random.Random(seed)
    author = Author(tmp_path / "posts", seed)
    for _ in range(9):
        author.add()
    server = Server(settings(tmp_path, pages=False))
    pairs = [(Reader(name, takes_deltas=True), Reader(name, takes_deltas=False)) for name in FEEDS for _ in range(2)]
    for _ in range(25):
        server.publish()
        for pair in pairs:
            if dice.random() < 0.6:
                for reader in pair:
                    reader.poll(server)
                assert pair[0].held == pair[1].held
        author.step()
    assert sum(one.deltas for one, _ in pairs) > 20
    assert sum(one.bytes for one, _ in pairs) < 0.7 * sum(other.bytes for _, other in pairs)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A feed of four posts, then a fifth: version 1 and 2 of each document."""
    (tmp_path / "posts").mkdir()
    for number in range(4):
        write(tmp_path, number)
    made = Server(settings(tmp_path, pages=False, taxonomies=(), limit=50))
    made.publish()
    yield made


def write(folder: Path, number: int, text: str = "a &lt;item> and </entry> `}`") -> None:
    (folder / "posts" / f"{number}.md").write_text(
        f"---\ntitle: post {number}\ndate: 2021-01-0{number + 1}\n---\n{text} {number}\n"
    )


def tag_of(server: Server, path: str) -> str:
    return dict(server.get(path, {}).headers)["ETag"]


@pytest.mark.parametrize("format", FEEDS)
def test_the_answer(server: Server, tmp_path: Path, format: str) -> None:
    """226 with the new entry alone, the current ETag, IM, Delta-Base, Vary; nothing that a shared cache may keep."""
    path = FEEDS[format]
    old = tag_of(server, path)
    write(tmp_path, 4)
    server.publish()
    whole = server.get(path, {})
    found = server.get(path, {"A-IM": "feed", "If-None-Match": old})
    given = dict(found.headers)
    assert found.status == 226 and len(given) == len(found.headers)
    assert (given["IM"], given["Delta-Base"], given["ETag"]) == ("feed", old, dict(whole.headers)["ETag"])
    assert given["Vary"] == "A-IM, If-None-Match, Accept-Encoding"
    assert given["Cache-Control"].startswith("private, max-age=3600")
    assert given["Content-Length"] == str(len(found.body)) and given["Content-Type"] == dict(whole.headers)["Content-Type"]
    assert "Repr-Digest" not in given and "Content-Encoding" not in given
    new, every = entries(format, found.body), entries(format, whole.body)
    assert len(new) == 1 and new.items() <= every.items()
    if format != "json":
        parsed = feedparser.parse(found.body)
        assert not parsed.bozo and [entry.title for entry in parsed.entries] == ["post 4"]
        assert b"complete" in whole.body and b"complete" not in found.body, "a part is not the whole"
    again = server.get(path, {"A-IM": "feed", "If-None-Match": given["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("format", FEEDS)
@pytest.mark.parametrize(("coding", "decoded"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_a_delta_is_compressed(
    server: Server, tmp_path: Path, format: str, coding: str, decoded: Callable[[bytes], bytes]
) -> None:
    """In the coding that the reader would get the whole document in, with the ETag of that coding; remembered like others."""
    path = FEEDS[format]
    old = tag_of(server, path)
    write(tmp_path, 4, "what is <b>new</b> and long enough for a coding " * 9)
    server.publish()
    asked = {"A-IM": "feed", "If-None-Match": old, "Accept-Encoding": coding}
    plain = server.get(path, {"A-IM": "feed", "If-None-Match": old})
    found = server.get(path, asked)
    given = dict(found.headers)
    assert (found.status, plain.status, given["Content-Encoding"]) == (226, 226, coding)
    assert decoded(found.body) == plain.body and len(found.body) < len(plain.body)
    assert given["Content-Length"] == str(len(found.body))
    assert given["ETag"] == dict(server.get(path, {"Accept-Encoding": coding}).headers)["ETag"] != dict(plain.headers)["ETag"]
    assert server.get(path, {**asked, "If-None-Match": given["ETag"]}).status == 304
    assert server.get(path, asked) is found


def test_a_delta_is_never_longer_than_the_whole(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too long to be compressed for one request gives way to the whole document, which is compressed already."""
    old = tag_of(server, "/rss.xml")
    write(tmp_path, 4, "new " * 100)
    server.publish()
    monkeypatch.setattr(deltas, "_LARGEST_CODED_BYTES", 100)
    asked = {"A-IM": "feed", "If-None-Match": old}
    assert server.get("/rss.xml", {**asked, "Accept-Encoding": "gzip"}).status == 200
    assert server.get("/rss.xml", asked).status == 226


def test_who_gets_the_whole(server: Server, tmp_path: Path) -> None:
    """Everybody who does not ask, asks for something else, comes through a proxy, or has a version that nobody knows."""
    old = tag_of(server, "/rss.xml")
    write(tmp_path, 4)
    server.publish()
    asked = {"A-IM": "feed", "If-None-Match": old}
    assert server.get("/rss.xml", asked).status == 226
    for more in (
        {"A-IM": ""}, {"A-IM": "vcdiff"}, {"A-IM": "feed;q=0"}, {"A-IM": "feeder"}, {"Via": "1.1 cache"},
        {"If-None-Match": '"unknown"'}, {"If-None-Match": ""}, {"If-None-Match": '"' + "x" * 27 + '"'},
    ):  # fmt: skip
        assert server.get("/rss.xml", {**asked, **more}).status == 200, more
    for more in (
        {"A-IM": "vcdiff, FEED ;q=0.5"},
        {"If-None-Match": f'"other", W/{old[:-1]}-gzip"'},
        {"If-None-Match": old.strip('"')},
    ):
        assert server.get("/rss.xml", {**asked, **more}).status == 226, more
    head = server.get("/rss.xml", asked, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert server.get("/atom.xml", asked).status == 200, "that is another document's version"
    assert server.get("/feeds.opml", asked).status == 200


def test_no_delta_if_nothing_or_everything_is_new(server: Server, tmp_path: Path) -> None:
    """A post that is gone cannot be told in a delta; where all is new the whole is no longer."""
    old = tag_of(server, "/rss.xml")
    (tmp_path / "posts" / "0.md").unlink()
    server.publish()
    found = server.get("/rss.xml", {"A-IM": "feed", "If-None-Match": old})
    assert (found.status, len(entries("rss", found.body))) == (200, 3)
    for number in range(1, 4):
        write(tmp_path, number, "all anew")
    server.publish()
    assert server.get("/rss.xml", {"A-IM": "feed", "If-None-Match": old}).status == 200


def test_versions_are_bounded(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones of each document; those of documents that are gone are forgotten."""
    monkeypatch.setattr(deltas, "VERSIONS", 5)
    first = tag_of(server, "/rss.xml")
    for number in range(deltas.VERSIONS + 2):
        write(tmp_path, 1, f"version {number}")
        server.publish()
    assert server.get("/rss.xml", {"A-IM": "feed", "If-None-Match": first}).status == 200
    with deltas._open(server.store) as base:
        counts = dict(base.execute("SELECT path, count(*) FROM versions GROUP BY path"))
    assert counts == dict.fromkeys(FEEDS.values(), deltas.VERSIONS)
    server.site = replace(server.site, formats=("rss",))
    server.publish()
    with deltas._open(server.store) as base:
        assert {path for (path,) in base.execute("SELECT path FROM versions")} == {"/rss.xml"}


def test_a_damaged_memory_costs_nothing_but_deltas(server: Server, tmp_path: Path) -> None:
    old = tag_of(server, "/rss.xml")
    write(tmp_path, 4)
    server.publish()
    (server.store / deltas.FILE_NAME).write_bytes(b"no database at all" * 100)
    assert server.get("/rss.xml", {"A-IM": "feed", "If-None-Match": old}).status == 200
    (server.store / deltas.FILE_NAME).unlink()
    assert server.get("/rss.xml", {"A-IM": "feed", "If-None-Match": old}).status == 200


def test_off_unless_asked_for(server: Server, tmp_path: Path) -> None:
    old = tag_of(server, "/rss.xml")
    write(tmp_path, 4)
    server.publish()
    server.snapshot.deltas = None
    assert server.get("/rss.xml", {"A-IM": "feed", "If-None-Match": old}).status == 200


@pytest.mark.parametrize(("word", "means"), [("", False), ("1", True), ("true", True), ("off", False)])
def test_the_option(word: str, means: bool) -> None:
    assert options_from({"FEEDS_DELTAS": word}).deltas is means
    assert options_from({"FEEDS_DELTAS": word}, {"deltas": True}).deltas is True
    with pytest.raises(SettingsError, match="FEEDS_DELTAS"):
        options_from({"FEEDS_DELTAS": "maybe"})


@given(
    st.lists(
        st.tuples(st.text("abcXYZ019_-", min_size=27, max_size=27), st.sampled_from(["", "-gzip", "--gzip", ";br"])), max_size=5
    )
)
def test_tags_are_found_in_any_list(tags: list[tuple[str, str]]) -> None:
    header = ", ".join(f'W/"{tag}{suffix}"' if number % 2 else f'"{tag}{suffix}"' for number, (tag, suffix) in enumerate(tags))
    assert list(opaque_tags(header)) == [tag for tag, _ in tags]


@given(st.binary(max_size=300), st.sampled_from(["rss", "atom", "json", "html"]))
def test_only_valid_documents_are_cut(body: bytes, format: str) -> None:
    parts: Any = deltas.cut(format, body)
    assert parts is None or (parts.head + b"".join(parts.entries) + parts.tail) == body


def test_over_real_http(tmp_path: Path) -> None:
    """`feeds serve --deltas`: a post is written, the reader gets it alone."""
    (tmp_path / "posts").mkdir()
    for number in range(3):
        write(tmp_path, number)
    arguments = (tmp_path / "posts", "--base-url", "https://example.org/", "--state", tmp_path / "state", "--deltas")
    with web_servers.feeds_serve(*arguments, log=tmp_path / "log") as server:
        first = server.wait_for("/rss.xml")
        write(tmp_path, 3)
        wanted = {"A-IM": "feed", "If-None-Match": first.headers["etag"]}
        web_servers.until(lambda: server.ask("/rss.xml", wanted).status == 226, log=server.log_text)
        found = server.ask("/rss.xml", wanted)
        assert (found.status, found.headers["im"], len(entries("rss", found.body))) == (226, "feed", 1), server.log_text()
        # Remembered answers of the connection do not hide it, nor does it hide them.
        assert server.ask("/rss.xml", {"If-None-Match": first.headers["etag"]}).status == 200
        assert server.ask("/rss.xml", {"A-IM": "feed", "If-None-Match": found.headers["etag"]}).status == 304
