"""Moving here from another generator: the ids that readers know are kept, so nothing is shown to them again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from feeds.errors import FeedsError
from feeds.ledger.contents import Adoption
from feeds.ledger.fingerprint import Sighting, sketch, text_digest
from feeds.ledger.ledger import Ledger
from feeds.migrate import adopt
from feeds.migrate.adopt import Mine, link_key, match, read

RSS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE rss [<!ENTITY a "boom"><!ENTITY b SYSTEM "file:///etc/hostname">]>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Old</title><link>http://old.example/</link>
<item><title>Tea &amp;amp; bread</title><media:title>wrong</media:title>
<link>http://www.old.example/2021/tea/?utm_source=rss</link>
<guid isPermaLink="false">Old-ID 1</guid><pubDate>Wed, 04 Aug 2021 05:49:00 GMT</pubDate></item>
<item><title>雨声</title><link>http://old.example/rain.html</link>
<pubDate>Thu, 05 Aug 2021 05:49:00 GMT</pubDate></item>
<item><title>&b;Nowhere</title><link>http://old.example/nowhere/</link><guid>http://old.example/?p=3</guid></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:feed</id><title>Old</title>
<entry><id>urn:one</id><title type="html">&lt;b&gt;Tea&lt;/b&gt; &amp;amp; bread</title>
<link rel="self" href="/x.atom"/><link href="/2021/tea/"/>
<published>2021-08-04T05:49:00Z</published><updated>2022-01-01T00:00:00Z</updated></entry></feed>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "Old", "items": [
{"id": 17, "url": "https://old.example/2021/tea", "title": "Tea & bread",
"date_published": "2021-08-04T05:49:00Z"}, 3]}"""
TEA = datetime(2021, 8, 4, 5, 49, tzinfo=UTC)


def test_an_rss_feed_is_read() -> None:
    """guid, else link, is the id; titles unescaped as readers do; no entity is followed."""
    tea, rain, nowhere = read(RSS.encode())
    assert tea == ("Old-ID 1", "http://www.old.example/2021/tea/?utm_source=rss", "Tea & bread", TEA, None)
    assert (rain.id, rain.title) == ("http://old.example/rain.html", "雨声")
    assert nowhere.title == "&b;Nowhere"


def test_atom_and_json_feeds_are_read() -> None:
    """Ids as they stand; the alternate link, made absolute; both dates."""
    (one,) = read(ATOM.encode(), "https://old.example/atom.xml")
    assert one == ("urn:one", "https://old.example/2021/tea/", "Tea & bread", TEA, datetime(2022, 1, 1, tzinfo=UTC))
    page, other = '<link rel="alternate" href="/tea"/>', '<link rel="enclosure" href="/tea.mp3"/>'
    for links in (page + other, other + page, f'<link href="/tea"/>{other}'):
        raw = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:one</id>{links}</entry></feed>'
        assert [entry.link for entry in read(raw.encode(), "https://old.example/atom.xml")] == ["https://old.example/tea"]
    (one,) = read(b"\xef\xbb\xbf" + JSON.encode())
    assert one == ("17", "https://old.example/2021/tea", "Tea & bread", TEA, None)


def test_an_rss_1_0_feed_is_read() -> None:
    """The id is what rdf:about says, whatever the link; a link that is no address of a page is none."""
    rdf, rss = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/rss/1.0/"
    items = "".join(
        f'<item rdf:about="https://old.example/id/{number}"><title>Tea</title><link>{link}</link></item>'
        for number, link in enumerate(("https://old.example/tea", f"https://old.example/{'x' * 8000}"))
    )
    tea, long = read(f'<rdf:RDF xmlns:rdf="{rdf}" xmlns="{rss}">{items}</rdf:RDF>'.encode())
    assert (tea.id, tea.link, tea.title) == ("https://old.example/id/0", "https://old.example/tea", "Tea")
    assert (long.id, long.link) == ("https://old.example/id/1", "")


@pytest.mark.parametrize("raw", [b"", b"hello", b"<html><p>404</p></html>", b"{}", b'{"items": 1}', b"{" * 9000, b"<rss/>"])
def test_a_file_that_is_not_a_feed_is_refused(raw: bytes) -> None:
    """A sentence, never a traceback."""
    with pytest.raises(FeedsError):
        read(raw)


@pytest.mark.parametrize("address", ["", "https://old.example/feed"])
@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"title": f"a &#{'9' * 5000}; b"}, ("1", "https://old.example/a", "a \ufffd b")),
        ({"url": "http://[", "title": "t"}, ("1", "http://[", "t")),
        ({"url": "http://a\u2100b/", "title": "t"}, ("1", "http://a\u2100b/", "t")),
        ({"title": "a\ud800\x01b"}, ("1", "https://old.example/a", "ab")),
        ({"title": "<a " * 9000}, ("1", "https://old.example/a", " ".join(["<a"] * 2667))),
        ({"id": "\ud800"}, None), ({"id": "a\x00"}, None), ({"id": "x" * 9000}, None),
    ],
)  # fmt: skip
def test_a_hostile_item_costs_itself(address: str, item: dict[str, str], expected: tuple[str, str, str] | None) -> None:
    """What cannot be an id, an address or a title is left out; the other items are read."""
    items = [{"id": "1", "url": "https://old.example/a", **item}, {"id": "2", "url": "https://old.example/b", "title": "t"}]
    first, *rest = (entry[:3] for entry in read(json.dumps({"items": items}).encode(), address))
    assert (first, *rest) == (*([expected] if expected else []), ("2", "https://old.example/b", "t"))


def test_nested_items_cost_no_more_than_their_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a title that holds other items the beginning is read, not all of it once for each."""
    monkeypatch.setattr(adopt, "_MOST_PIECES", 3)
    nested = "<item><guid>x</guid><title>" * 4 + "<b>y</b>" * 50 + "</title></item>" * 4
    assert [entry.title for entry in read(f"<rss>{nested}</rss>".encode())] == ["xxx", "xxy", "xyy", "yyy"]


def test_a_bomb_of_entities_is_harmless() -> None:
    """Nested entities are not expanded: what stands before them is read."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    text = RSS.replace('<!ENTITY a "boom">', bomb).replace("雨声", "雨声&e11;")
    found = read(text.encode())
    assert found[0].id == "Old-ID 1"
    assert "haha" not in repr(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.example.org/a/", "https://example.org/a"),
        ("https://example.org/a/index.html", "https://EXAMPLE.org:443/a/"),
        ("https://example.org/%E9%9B%A8.html?utm_source=x#top", "https://example.org/雨"),
    ],
)
def test_one_page_in_two_spellings(one: str, other: str) -> None:
    """What does not make another page does not make another link."""
    assert link_key(one) == link_key(other)


def test_different_pages_stay_apart() -> None:
    """A query may be the page."""
    assert len({link_key(url) for url in ("http://e.org/?p=1", "http://e.org/?p=2", "http://e.org/", "http://e.org/a")}) == 4


def test_posts_are_matched_by_link_then_title() -> None:
    """The same link; its path on the new domain; title and day; a title of its own. What is doubtful is left."""
    feed = (
        adopt.Told("1", "http://old.example/a/", "A", None, None),
        adopt.Told("2", "https://new.example/b", "Beta", None, None),
        adopt.Told("3", "http://old.example/?p=3", "Weekly", TEA, None),
        adopt.Told("4", "http://old.example/?p=4", "Weekly", TEA + timedelta(days=7), None),
        adopt.Told("5", "http://old.example/?p=5", "Only one!", None, None),
        adopt.Told("6", "http://old.example/?p=6", "Gone", None, None),
        adopt.Told("7", "http://old.example/?p=7", "Twice", None, None),
    )
    posts = (
        Mine("a.md", "https://new.example/a/", "A", None),
        Mine("b.md", "https://new.example/b/", "B", None),
        Mine("w1.md", "https://new.example/w1/", "Weekly", TEA + timedelta(hours=3)),
        Mine("w2.md", "https://new.example/w2/", "weekly", TEA + timedelta(days=7)),
        Mine("o.md", "https://new.example/o/", "Only one", None),
        Mine("t1.md", "https://new.example/t1/", "Twice", None),
        Mine("t2.md", "https://new.example/t2/", "Twice", None),
    )
    found = match(feed, posts)
    assert {path: one.id for path, one in found.adoptions.items()} == {
        "b.md": "2", "a.md": "1", "w1.md": "3", "w2.md": "4", "o.md": "5",
    }  # fmt: skip
    assert found.rules == {
        "b.md": "link", "a.md": "path of the link", "w1.md": "title and date", "w2.md": "title and date",
        "o.md": "title",
    }  # fmt: skip
    assert [one.id for one in found.unmatched_entries] == ["6", "7"]
    assert not {"t1.md", "t2.md"} & found.adoptions.keys()


@pytest.mark.parametrize("written", ["Hello &amp; Vec&lt;T&gt; at &lt;home&gt;", "<![CDATA[Hello & Vec<T> at <home>]]>"])
def test_a_title_may_hold_angle_brackets(written: str) -> None:
    """What is no markup is the title's own, in the feed as in the post: WordPress, Hugo and Ghost write it so."""
    raw = f"<rss><channel><item><title>{written}</title><guid>1</guid><link>https://old.example/1</link></item></channel></rss>"
    (told,) = read(raw.encode())
    assert told.title == "Hello & Vec<T> at <home>"
    mine = Mine("a.md", "https://new.example/a/", "Hello & Vec<T> at <home>", None)
    other = Mine("b.md", "https://new.example/b/", "Hello & Vec", None)
    assert match((told,), (mine, other)).adoptions.keys() == {"a.md"}
    assert match((told._replace(title="Why b is not <b>"),), (mine._replace(title="Why b is not <b>"),)).adoptions


# the ledger


def post(path: str, body: str, *, id: str | None = None) -> Sighting:
    return Sighting(path, id, path, text_digest(path, body), sketch(body), None, None, True)


def build(folder: Path, *posts: Sighting, day: int) -> dict[str, tuple[str, datetime, datetime]]:
    ledger = Ledger.open(folder)
    found = ledger.resolve(posts, datetime(2026, 1, day, tzinfo=UTC), "example.org,2026")
    ledger.commit(str(day))
    ledger.confirm(str(day))
    ledger.close()
    return {path: (one.id, one.published, one.updated) for path, one in found.identities.items()}


@pytest.mark.parametrize("built", [False, True])
def test_adopted_ids_and_dates_stay(tmp_path: Path, built: bool) -> None:
    """Before the first build or after it: id and dates are those of the earlier feed, as they stand, from then on."""
    posts = [post("a.md", "One."), post("b.md", "Two."), post("c.md", "Three.", id="c")]
    if built:
        build(tmp_path, *posts, day=1)
    later = datetime(2022, 1, 1, tzinfo=UTC)
    ledger = Ledger.open(tmp_path)
    ledger.resolve(posts, datetime(2026, 1, 2, tzinfo=UTC), "example.org,2026")
    refused = ledger.adopt({"a.md": Adoption("Old ID", TEA, later), "c.md": Adoption("http://Old.example", None, None)})
    assert refused == ()
    ledger.commit("adopted")
    ledger.close()
    found = build(tmp_path, *posts, day=3)
    assert found["a.md"] == ("Old ID", TEA, later)
    assert found["c.md"][0] == "http://Old.example"
    assert found["b.md"][0] == "tag:example.org,2026:b.md"
    assert build(tmp_path, posts[0]._replace(path="z/z.md"), *posts[1:], day=4)["z/z.md"] == found["a.md"]
    assert build(tmp_path, posts[0], post("n.md", "New."), day=5)["a.md"] == found["a.md"]


def test_an_adopted_post_was_not_updated_before_it_was_published(tmp_path: Path) -> None:
    """Generators that take `updated` from the file's time say so of posts that were dated anew."""
    posts = [post(name, name)._replace(published=TEA) for name in ("a.md", "b.md")]
    build(tmp_path, *posts, day=1)
    ledger = Ledger.open(tmp_path)
    ledger.resolve(posts, datetime(2026, 1, 2, tzinfo=UTC), "example.org,2026")
    ledger.adopt({one.path: Adoption(f"urn:{one.path}", TEA, TEA - timedelta(days=9)) for one in posts})
    ledger.commit("adopted")
    ledger.close()
    found = build(tmp_path, *posts, post("new.md", "New."), day=3)
    assert found["a.md"] == ("urn:a.md", TEA, TEA)
    assert found["b.md"] == ("urn:b.md", TEA, TEA)


def test_an_id_is_adopted_once_only(tmp_path: Path) -> None:
    """What is another post's id by now is refused, and so is one that is given to two."""
    posts = [post("a.md", "One."), post("b.md", "Two."), post("c.md", "Three.")]
    build(tmp_path, *posts, day=1)
    ledger = Ledger.open(tmp_path)
    ledger.resolve(posts, datetime(2026, 1, 2, tzinfo=UTC), "example.org,2026")
    wanted = {"a.md": "tag:example.org,2026:b.md", "b.md": "same", "c.md": "same"}
    assert ledger.adopt({path: Adoption(id, None, None) for path, id in wanted.items()}) == ("a.md", "c.md")
    ledger.commit("adopted")
    ledger.close()
    assert len({one[0] for one in build(tmp_path, *posts, day=3).values()}) == 3


def test_an_id_that_its_author_has_just_given_is_not_adopted_for_another(tmp_path: Path) -> None:
    """What this very build gives a post is its own by now, and no fault of the machine."""
    posts = [post("a.md", "One."), post("b.md", "Two.")]
    build(tmp_path, *posts, day=1)
    ledger = Ledger.open(tmp_path)
    ledger.resolve([posts[0]._replace(explicit_id="urn:one"), posts[1]], datetime(2026, 1, 2, tzinfo=UTC), "example.org,2026")
    assert ledger.adopt({"b.md": Adoption("urn:one", None, None)}) == ("b.md",)
    ledger.commit("adopted")
    ledger.close()


def test_an_id_that_is_adopted_back_is_given_up_no_longer(tmp_path: Path) -> None:
    """The id that a post had is retired, so that no other post gets it; the post itself may have it again."""
    own, old = "tag:example.org,2026:a.md", "urn:old"
    build(tmp_path, post("a.md", "One."), day=1)
    for id, retired in ((old, [own]), (own, [old]), (own, [old])):
        ledger = Ledger.open(tmp_path)
        ledger.resolve([post("a.md", "One.")], datetime(2026, 1, 2, tzinfo=UTC), "example.org,2026")
        assert ledger.adopt({"a.md": Adoption(id, None, None)}) == ()
        ledger.commit("adopted")
        assert ledger.contents().retired == retired
        ledger.close()
        assert build(tmp_path, post("a.md", "One."), day=3)["a.md"][0] == id


# fetching


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/feed":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(ATOM.encode())
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                return
        elif self.path in _REDIRECTS:
            self.send_response(302)
            self.send_header("Location", _REDIRECTS[self.path])
            self.end_headers()
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        return


_REDIRECTS = {"/moved": "/feed", "/loop": "/loop", "/file": "file:///etc/hostname", "/ftp": "ftp://127.0.0.1/feed"}


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_a_feed_is_fetched(server: str) -> None:
    """Redirects are followed, and relative links are below where they lead."""
    found = adopt.adopt(f"{server}/moved", [Mine("tea.md", "https://new.example/2021/tea/", "Tea", None)])
    assert found.adoptions == {"tea.md": Adoption("urn:one", TEA, datetime(2022, 1, 1, tzinfo=UTC))}


@pytest.mark.parametrize("path", ["/missing", "/loop", "/file", "/ftp", "/endless"])
def test_a_failed_fetch_is_reported(server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not found, going in circles, leading to another protocol, without end: a sentence, within bounds."""
    monkeypatch.setattr(adopt, "MAX_BYTES", 1_000_000)
    with pytest.raises(FeedsError) as refused:
        adopt.load(server + path)
    assert path in str(refused.value)


def test_a_file_is_read_and_nothing_else(tmp_path: Path) -> None:
    """A path is a file; other protocols are not spoken."""
    (tmp_path / "atom.xml").write_text(ATOM)
    assert adopt.load(str(tmp_path / "atom.xml"))[1] == ""
    for source in ("ftp://example.org/feed", "file:///etc/hostname", str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(FeedsError):
            adopt.load(source)
