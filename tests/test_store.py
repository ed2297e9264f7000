"""What a server keeps of a generation: turns of an SQLite file, which all workers switch at once."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import web_servers
from generations import BASE, START, Generations, decoded, site, words
from werkzeug.test import EnvironBuilder
from werkzeug.wsgi import ClosingIterator

from feeds.serving import packing, store
from feeds.serving.app import create_app
from feeds.serving.live import Live
from feeds.serving.middleware import FeedsMiddleware
from feeds.serving.store import DamagedError, Pack


@pytest.fixture
def made(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "published")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_turn_holds_every_document_in_every_coding(made: Generations, place: Path) -> None:
    """Bodies are what was published; a page answers at its folder; what moved or ended is not there."""
    made.publish(site(), moved={"old.xml": f"{BASE}rss.xml", "small.xml": f"{BASE}rss.xml"}, retired=("feeds.opml",))
    packing.write(made.folder, place)
    pack = Pack(place, store.newest_turn(place))
    assert len(pack) == len(site())
    for path, body in site().items():
        record = pack.find(store.wsgi(f"/{path}"))
        if path in ("small.xml", "feeds.opml"):
            assert record is None
            continue
        assert record is not None
        for coding, body_place in zip(("identity", "br", "gzip"), record.places, strict=True):
            if body_place.length_bytes:
                assert decoded(pack.body(body_place), None if coding == "identity" else coding) == body
            else:
                assert coding != "identity"
        assert pack.part(record.places[0], 3, 9) == body[3:9]
        if path.endswith("index.html"):
            assert pack.find(store.wsgi(f"/{path.removesuffix('index.html')}")) == record
    for odd in ("/nothing", "/rss.xml/", "", "/\udcff", "/\u6280", "/rss.xml\0"):
        assert pack.find(odd) is None


def test_a_reader_of_the_turn_before_sees_it_whole(made: Generations, place: Path) -> None:
    """While the next one is written, and after it; what nobody can see any more is thrown away."""
    before: Pack | None = None
    for number in range(5):
        documents = {**site(), "rss.xml": words(f"rss {number}"), f"only-{number}.xml": words(f"only {number}")}
        made.publish(documents)
        packing.write(made.folder, place)
        turn = store.newest_turn(place)
        now = Pack(place, turn)
        assert now.body(now.find("/rss.xml").places[0]) == documents["rss.xml"]  # type: ignore[union-attr]
        if before is not None:
            assert before.body(before.find("/rss.xml").places[0]) == words(f"rss {number - 1}")  # type: ignore[union-attr]
            assert before.find(f"/only-{number - 1}.xml") is not None  # type: ignore[union-attr]
            assert now.find(f"/only-{number - 1}.xml") is None and before.facts.generation == number  # type: ignore[union-attr]
        before = now
    with sqlite3.connect(place / store.DATABASE) as base:
        assert base.execute("SELECT count(*) FROM generation").fetchone() == (2,)
        assert base.execute("SELECT count(*) FROM body WHERE digest NOT IN (SELECT digest FROM document)").fetchone() == (0,)
        assert base.execute("SELECT count(DISTINCT path) FROM document").fetchone()[0] <= len(site()) + 2


def test_the_same_folder_is_packed_once(made: Generations, place: Path) -> None:
    """Nothing is written where nothing changed; a pack of another version, or no pack at all, is made anew."""
    made.publish(site())
    packing.write(made.folder, place)
    first = store.newest_turn(place)
    packing.write(made.folder, place)
    assert store.newest_turn(place) == first
    with sqlite3.connect(place / store.DATABASE) as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(DamagedError):
        store.newest_turn(place)
    packing.write(made.folder, place)
    assert store.newest_turn(place)
    (place / store.DATABASE).write_bytes(b"not a database" * 1000)
    packing.write(made.folder, place)
    assert Pack(place, store.newest_turn(place)).find("/rss.xml") is not None


@pytest.mark.parametrize("wrong", ["missing", "other bytes", "link", "longer"])
def test_a_folder_that_is_not_whole_is_refused(made: Generations, place: Path, wrong: str) -> None:
    """The turn that was there stays."""
    made.publish(site())
    packing.write(made.folder, place)
    turn = store.newest_turn(place)
    made.publish({**site(), "rss.xml": words("new")})
    victim = made.folder / "rss.xml"
    body = victim.read_bytes()
    victim.unlink()
    if wrong == "other bytes":
        victim.write_bytes(body[:-1] + b"!")
    elif wrong == "longer":
        victim.write_bytes(body + b"!")
    elif wrong == "link":
        os.link(made.folder / "atom.xml", made.folder / "copy")
        victim.symlink_to(made.folder / "copy")
    with pytest.raises(DamagedError):
        packing.write(made.folder, place)
    assert store.newest_turn(place) == turn


def test_a_body_that_the_disk_lost_is_told(made: Generations, place: Path) -> None:
    """Not served: its bytes are held against their checksum."""
    made.publish(site())
    packing.write(made.folder, place)
    with sqlite3.connect(place / store.DATABASE) as base:
        base.execute("UPDATE body SET content = zeroblob(length(content))")
    pack = Pack(place, store.newest_turn(place))
    record = pack.find("/rss.xml")
    assert record is not None
    with pytest.raises(DamagedError):
        pack.body(record.places[0])


def test_all_processes_switch_at_once(made: Generations, place: Path) -> None:
    """A follower stays with the turn that the leader has not left yet, and leaves it with the leader."""
    made.publish(site())
    packing.write(made.folder, place)
    leader, follower = Live(place), Live(place)
    assert leader.current() is None and follower.current() is None
    follower.follow()
    assert follower.current() is None, "nobody has switched yet"
    assert leader.lead()
    for live in (leader, follower):
        assert live.current().facts.generation == 1  # type: ignore[union-attr]
    made.publish({**site(), "rss.xml": words("new")})
    packing.write(made.folder, place)
    late = Live(place)
    follower.follow()
    for live in (follower, leader, late):
        assert live.current().facts.generation == 1  # type: ignore[union-attr]
    assert leader.lead() and not leader.lead()
    for live in (follower, leader, late):
        assert live.current().facts.generation == 2  # type: ignore[union-attr]
    # The pack is thrown away and made anew: its turns go on.
    store.remove(place)
    packing.write(made.folder, place)
    assert leader.lead()
    for live in (follower, leader, late):
        snapshot = live.current()
        assert snapshot is not None and snapshot.body(snapshot.document("/rss.xml"), "identity") == words("new")  # type: ignore[arg-type]


def test_no_client_is_sent_back_by_another_worker(made: Generations, tmp_path: Path) -> None:
    """Three workers, a generation after the other, each request on a new connection: body and Last-Modified only go forward."""
    made.publish({**site(), "rss.xml": words("rss 0")})
    with web_servers.feeds_serve("--folder", made.folder, "--workers", "3", log=tmp_path / "log") as server:
        server.wait_for("/rss.xml")
        newest, seen = START, 0
        for number in range(1, 9):
            made.publish({**site(), "rss.xml": words(f"rss {number}")}, at=START + timedelta(minutes=number))
            while True:
                answer = server.ask("/rss.xml")
                modified = parsedate_to_datetime(answer.headers["last-modified"])
                assert modified >= newest, f"back from {newest} to {modified}"
                newest, seen = modified, seen + 1
                if answer.body == words(f"rss {number}"):
                    break
            for _ in range(30):
                assert server.ask("/rss.xml").body == words(f"rss {number}")
        assert seen > 8


def test_a_generation_is_in_force_before_brotli_is_made(
    made: Generations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Identity and gzip first; brotli takes ten times as long, and comes by itself. Of little text all is there at once."""
    codings: list[set[str]] = []
    switch = packing._Packing.switch

    def noted(self: packing._Packing, source: str) -> None:
        codings.append({coding for (coding,) in self.base.execute("SELECT DISTINCT coding FROM body")})
        switch(self, source)

    monkeypatch.setattr(packing._Packing, "switch", noted)
    made.publish(site())
    packing.write(made.folder, tmp_path / "little")
    assert codings == [{"identity", "gzip", "br"}]
    codings.clear()
    text = words("much", 400_000)
    made.publish({**site(), **{f"entry/{number}.html": f"{number}".encode() + text for number in range(6)}})
    packing.write(made.folder, tmp_path / "much")
    assert codings == [{"identity", "gzip"}, {"identity", "gzip", "br"}]
    with web_servers.feeds_serve("--folder", made.folder, log=tmp_path / "log") as server:
        accepted = {"Accept-Encoding": "gzip, br"}
        server.wait_for("/rss.xml")
        web_servers.until(lambda: server.ask("/entry/1.html", accepted).headers["content-encoding"] == "br", log=server.log_text)
        answer = server.ask("/entry/1.html", accepted)
        assert decoded(answer.body, "br") == b"1" + text
        tag = server.ask("/entry/1.html", {"Accept-Encoding": "gzip"}).headers["etag"]
        assert tag != answer.headers["etag"]
        assert server.ask("/entry/1.html", {**accepted, "If-None-Match": tag}).status == 304


def test_every_answer_of_wsgi_has_a_part(tmp_path: Path) -> None:
    """hypercorn sends the headers with the first part of a body, so that an answer without one was a 500."""
    told: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        told.append(status)

    def ended(environ: dict[str, Any], start: Any) -> ClosingIterator:
        start("304 Not Modified", [])
        return ClosingIterator(iter(()), lambda: told.append("closed"))

    parts = FeedsMiddleware(ended, lambda: None)({"PATH_INFO": "/", "REQUEST_METHOD": "GET"}, start_response)
    assert list(parts) == [b""] and told == ["304 Not Modified"]
    parts.close()  # type: ignore[attr-defined]
    assert told[-1] == "closed"
    published = Generations(tmp_path / "published")
    published.publish(site())
    app = create_app(folder=published.folder)
    for path, method, known in (
        ("/rss.xml", "HEAD", ""),
        ("/rss.xml", "GET", "*"),
        ("/feed", "GET", "*"),
        ("/healthz", "HEAD", ""),
    ):
        environ = {**EnvironBuilder(path, method=method).get_environ(), **({"HTTP_IF_NONE_MATCH": known} if known else {})}
        assert list(app.wsgi_app(environ, start_response)) == [b""], path
        assert told[-1].startswith("304" if known else "200")


def test_ranges_are_for_get_alone(tmp_path: Path) -> None:
    """RFC 9110 section 14.2; names of range units are not case-sensitive (section 14.1)."""
    published = Generations(tmp_path / "published")
    published.publish({"entry/a/picture.png": words("picture")})
    client = create_app(folder=published.folder).test_client()
    path, whole = "/entry/a/picture.png", words("picture")
    for unit in ("bytes", "Bytes", "BYTES"):
        answer = client.get(path, headers={"Range": f"{unit}=2-5"})
        assert (answer.status_code, answer.data) == (206, whole[2:6])
        head = client.head(path, headers={"Range": f"{unit}=2-5"})
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(whole)))
    beyond = client.get(path, headers={"Range": "bytes=9999999-"})
    assert (beyond.status_code, beyond.headers["Cache-Control"]) == (416, "no-store")
    assert client.head(path, headers={"Range": "bytes=9999999-"}).status_code == 200
