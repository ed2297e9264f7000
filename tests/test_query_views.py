"""Views of the site's feed by the query of its URL: which posts, one URL for one meaning, validators, what stays private."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from test_over_time import START
from test_sets import POSTS, TOML, titles
from web_servers import until
from werkzeug.test import TestResponse

from feeds.build import run
from feeds.errors import SettingsError
from feeds.publish import guard
from feeds.serving import app as serving_app
from feeds.serving import build_job, packing
from feeds.serving.options import ServerOptions, options_from
from feeds.serving.query import store as query_store
from feeds.serving.query import views as query_views
from feeds.serving.query.parameters import Query, QueryError, QueryLimits, parse
from feeds.serving.supervisor import Supervisor
from feeds.settings import Settings, load
from feeds.settings.sources import OTHER_VARIABLES


class Server:
    """A site that is published, packed and served as `feeds serve --query-views N` does it, without processes."""

    def __init__(self, settings: Settings, most: int = 100) -> None:
        self.settings, self.most, self.hours = settings, most, 0
        self.store = settings.state / "serve"
        self.publish()

    def publish(self, hours: int = 1) -> None:
        job = build_job.Job(self.settings.output, self.store, self.settings, query_views=self.most)
        self.store.mkdir(exist_ok=True, parents=True)
        run.publish(
            self.settings, START + timedelta(hours=self.hours), accepted=guard.Accepted(removals=True), everything=True,
            hooks=run.Hooks(on_published=lambda outcome: build_job._note_listing(job, outcome)),
        )  # fmt: skip
        self.hours += hours
        packing.write(self.settings.output, self.store)

    def client(self) -> FlaskClient:
        """One worker."""
        app = serving_app.create_app.__globals__["Flask"]("test", static_folder=None)
        supervisor = Supervisor(folder=self.settings.output, store=self.store, options=ServerOptions(query_views=self.most))
        supervisor.live.lead()
        app.register_blueprint(serving_app.blueprint("feeds", supervisor))
        app.wsgi_app = serving_app.FeedsMiddleware(app.wsgi_app, supervisor.current)
        client: FlaskClient = app.test_client()
        return client


@pytest.fixture
def site(make_site: Callable[[Mapping[str, str]], Path]) -> Callable[[str], Settings]:
    """The site of the tests of sets, with more in feeds.toml."""

    def made(toml: str) -> Settings:
        folder = make_site({**POSTS, "feeds.toml": TOML + toml})
        return load(environ={}, flags={}, cwd=folder)

    return made


_MORE = 'limit = 2\ntaxonomies = ["category", "tag"]\nhubs = ["https://hub.example/"]\n'


@pytest.fixture
def server(site: Callable[[str], Settings]) -> Server:
    """A server whose posts the test may change."""
    return Server(site(_MORE))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server for all tests that only ask."""
    folder = tmp_path_factory.mktemp("standing")
    for path, text in {**POSTS, "feeds.toml": TOML + _MORE}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return Server(load(environ={}, flags={}, cwd=folder))


def get(client: FlaskClient, url: str, **headers: str) -> TestResponse:
    return client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})


def coded(client: FlaskClient, url: str) -> TestResponse:
    """The answer in gzip, once that is made."""
    answers = []

    def has_coding() -> bool:
        answers.append(get(client, url, Accept_Encoding="gzip"))
        return "Content-Encoding" in answers[-1].headers

    until(has_coding)
    return answers[-1]


def read(response: TestResponse) -> str:
    assert response.status_code == 200, (response.status, response.headers.get("Location"), response.text)
    return titles({"": response.data}, "")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=tech", "ab"),
        ("category=tech/web", "a"),
        ("tag=css", "ad"),
        ("tag=css&tag=-notes", "d"),
        ("category=tech&tag=css", "a"),
        ("category=-tech", "cd"),
        ("any=category:%E7%94%9F%E6%B4%BB&any=tag:css&limit=3", "acd"),
        ("any=category:%E7%94%9F%E6%B4%BB&any=tag:css", "cd"),
        ("tag=c-plus-plus", "b"),
        ("author=lin", "c"),
        ("language=en", "bd"),
        ("language=en-gb", "b"),
        ("language=zh-cn", "a"),
        ("year=2023", "c"),
        ("year=-2023&limit=4", "abd"),
        ("since=2022-03-01&until=2023-12-31", "bc"),
        ("limit=4", "abcd"),
        ("limit=1", "d"),
        ("tag=css&year=1999", ""),
        ("content=summary", "cd"),
    ],
)
def test_a_view_holds_what_meets_its_conditions(standing: Server, query: str, expected: str) -> None:
    """As sets do; all posts of the site, whatever its feed's limit, are looked at."""
    assert read(get(standing.client(), f"/feed.json?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("category=Tech", "category=tech"),
        ("tag=C%2B%2B", "tag=c-plus-plus"),
        ("tag=css&category=tech", "category=tech&tag=css"),
        ("tag=css&tag=CSS", "tag=css"),
        ("category=tech&category=Tech/Web", "category=tech/web"),
        ("category=-tech&category=-tech/web", "category=-tech"),
        ("any=tag:css", "tag=css"),
        ("any=tag:css&any=tag:css&tag=css", "tag=css"),
        ("any=category:tech/web&any=category:tech&any=tag:css", "any=category:tech&any=tag:css"),
        ("since=2024-01-01&until=2024-12-31", "year=2024"),
        ("since=20240101", "since=2024-01-01"),
        ("since=2024-01-01&since=2023-01-01", "since=2024-01-01"),
        ("year=2024&since=2024-06-01", "since=2024-06-01&until=2024-12-31"),
        ("limit=2", ""),
        ("limit=99999", "limit=100"),
        ("content=full&limit=02", ""),
        ("newest=published&tag=css&category=", "tag=css"),
        ("tag=css&limit=1&_=12", "tag=css&limit=1"),
        ("language=ZH-CN", "language=zh-cn"),
    ],
)
def test_one_url_for_one_meaning(standing: Server, query: str, canonical: str) -> None:
    """Every other spelling leads there at once and for good; there it stays."""
    client = standing.client()
    response = get(client, f"/rss.xml?{query}")
    if "&_=12" not in query:
        assert (response.status_code, response.headers["Location"]) == (
            301, "https://example.org/rss.xml" + (f"?{canonical}" if canonical else "")
        ), query  # fmt: skip
        response = get(client, f"/rss.xml?{canonical}")
    assert response.status_code == 200
    if canonical:
        own = 'rel="self" type="application/rss+xml"'
        parsed = feedparser.parse(response.data)
        selves = [link.href for link in parsed.feed.links if link.rel == "self"]
        assert selves == [f"https://example.org/rss.xml?{canonical}"]
        assert f"<{selves[0]}>" in response.headers["Link"] and own.partition(" ")[0] in response.headers["Link"]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("tag=nothing", 404, "There is no tag 'nothing' here."),
        ("tag=-nothing", 404, "no tag"),
        ("path=notes/*&tag=css", 200, ""),
        ("any=path:notes/*", 400, "not a condition"),
        ("since=yesterday", 400, '"yesterday" is not a day'),
        ("year=24", 400, "not a year"),
        ("limit=many", 400, "1 to 100"),
        ("limit=0", 400, "1 to 100"),
        ("limit=1&limit=2", 400, "given twice"),
        ("content=all", 400, "full or summary"),
        ("newest=read", 400, "published or updated"),
        ("tag=%FF", 400, "UTF-8"),
        ("tag=-", 400, "no value"),
        ("&".join(f"year=-{1900 + number}" for number in range(21)), 400, "more than 20"),
        ("tag=" + "x" * 2000, 400, "longer than"),
    ],
)
def test_what_cannot_be_answered(standing: Server, query: str, status: int, text: str) -> None:
    response = get(standing.client(), f"/atom.xml?{query}")
    assert response.status_code == status
    assert status == 200 or (text in response.text and response.headers["Content-Type"].startswith("text/plain"))
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_view_is_a_document_like_others(standing: Server) -> None:
    """Validators, 304, codings, HEAD, Link; its own title, id and self link; no hub, which would be told of no change."""
    client = standing.client()
    for path, kind in (("/rss.xml", "rss"), ("/atom.xml", "atom"), ("/feed.json", "json")):
        url = f"{path}?tag=css&limit=1"
        whole = get(client, url)
        plain = get(client, path)
        assert whole.status_code == 200 and whole.headers["Content-Type"] == plain.headers["Content-Type"]
        assert "hub" in plain.headers["Link"] and "hub" not in whole.headers["Link"] and b"hub.example" not in whole.data
        assert whole.headers["Cache-Control"] == plain.headers["Cache-Control"]
        assert whole.headers["Vary"] == "Accept-Encoding" and whole.headers["ETag"] != plain.headers["ETag"]
        same = get(client, url, If_None_Match=whole.headers["ETag"])
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", whole.headers["ETag"])
        assert same.headers["Last-Modified"] == whole.headers["Last-Modified"]
        assert get(client, url, If_Modified_Since=whole.headers["Last-Modified"]).status_code == 304
        packed = coded(client, url)
        assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["ETag"] != whole.headers["ETag"]
        head = client.head(url)
        assert head.data == b"" and head.headers["ETag"] == whole.headers["ETag"]
        assert client.post(url).status_code == 405
        if kind == "json":
            document = json.loads(whole.data)
            assert (document["title"], document["feed_url"]) == ("css - example.org", f"https://example.org{url}")
        else:
            parsed = feedparser.parse(whole.data)
            assert not parsed.bozo and parsed.feed.title == "css - example.org" and len(parsed.entries) == 1
            assert parsed.entries[0].id == feedparser.parse(plain.data).entries[0].id
            if kind == "atom":
                assert parsed.feed.id.endswith(":feeds/site?tag=css&limit=1")


def test_nobody_waits_for_codings(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new view is answered as it is while a thread compresses it: elsewhere all requests of the worker would wait."""
    begun, allowed = threading.Event(), threading.Event()

    def slow(coding: str, body: bytes) -> bytes:
        begun.set()
        assert allowed.wait(60)
        return encode(coding, body)

    encode = query_views.encode
    monkeypatch.setattr(query_views, "encode", slow)
    client = server.client()
    for url in ("/rss.xml?tag=css", "/atom.xml?tag=css", "/rss.xml?tag=css&limit=1"):
        first = get(client, url, Accept_Encoding="gzip")
        assert first.status_code == 200 and "Content-Encoding" not in first.headers and first.headers["Vary"] == "Accept-Encoding"
        assert begun.wait(60)
    allowed.set()
    for url in ("/rss.xml?tag=css", "/atom.xml?tag=css", "/rss.xml?tag=css&limit=1"):
        packed = coded(client, url)
        assert gzip.decompress(packed.data) == get(client, url).data
        assert get(client, url, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"]).status_code == 304


def test_the_negotiating_address_has_views_too(standing: Server) -> None:
    """In the format that the reader likes best, which Content-Location names; never as a page."""
    client = standing.client()
    for accept, name in (("application/atom+xml", "atom.xml"), ("text/html", "rss.xml"), ("application/feed+json", "feed.json")):
        response = get(client, "/feed?tag=css", Accept=accept)
        assert response.status_code == 200 and "Accept" in response.headers["Vary"]
        assert response.headers["Content-Location"] == f"https://example.org/{name}?tag=css"
        assert response.data == get(client, f"/{name}?tag=css").data
        moved = get(client, "/feed?tag=CSS", Accept=accept)
        assert (moved.status_code, moved.headers["Location"]) == (301, f"https://example.org/{name}?tag=css")
    assert get(client, "/category/tech/feed?tag=css").data == get(client, "/category/tech/feed").data


def test_all_workers_make_the_same_bytes(standing: Server) -> None:
    url = "/atom.xml?category=tech"
    first, second = get(standing.client(), url), get(standing.client(), url)
    assert (first.data, first.headers["Last-Modified"]) == (second.data, second.headers["Last-Modified"])


def test_other_queries_and_other_documents_are_as_ever(standing: Server) -> None:
    client = standing.client()
    for path, query in (
        ("/rss.xml", "_=1234"), ("/rss.xml", "null"), ("/rss.xml", "path=notes/*"), ("/category/tech/rss.xml", "tag=css"),
        ("/feeds.opml", "tag=css"), ("/rss.xml", "xtag=css"),
    ):  # fmt: skip
        assert get(client, f"{path}?{query}").headers["ETag"] == get(client, path).headers["ETag"]


def test_off_unless_asked_for(site: Callable[[str], Settings]) -> None:
    server = Server(site(""), most=0)
    assert not (server.store / query_store.FILE_NAME).exists()
    client = server.client()
    assert get(client, "/rss.xml?tag=css").headers["ETag"] == get(client, "/rss.xml").headers["ETag"]


def test_switched_off_again_nothing_is_left(server: Server) -> None:
    server.most = 0
    server.publish()
    assert not (server.store / query_store.FILE_NAME).exists()


def test_what_is_withdrawn_is_gone_from_views_at_once(server: Server) -> None:
    """Even in a worker that had made them; Last-Modified moves on, and a name that posts had stays known."""
    client = server.client()
    url = "/feed.json?tag=notes"
    before = get(client, url)
    assert read(before) == "a"
    path = server.settings.posts / "a.md"
    text = path.read_text()
    path.write_text(text.replace("title: a", "title: a\ndraft: true"))
    server.publish()
    gone = get(client, url)
    assert read(gone) == ""
    assert gone.headers["Last-Modified"] > before.headers["Last-Modified"]
    assert read(get(client, "/feed.json?any=category:tech&any=year:2021")) == "b"
    path.write_text(text)
    server.publish()
    again = get(client, url)
    assert again.data == before.data
    assert again.headers["Last-Modified"] > gone.headers["Last-Modified"]


def test_an_old_post_that_is_edited_is_new_in_views(server: Server) -> None:
    """It is in no document of the generation, which does not change."""
    client = server.client()
    before = get(client, "/rss.xml?tag=notes")
    server.publish()
    assert get(client, "/rss.xml?tag=notes", If_Modified_Since=before.headers["Last-Modified"]).status_code == 304
    (server.settings.posts / "a.md").write_text(POSTS["posts/a.md"] + "more\n")
    server.publish()
    after = get(client, "/rss.xml?tag=notes", If_None_Match=before.headers["ETag"])
    assert after.status_code == 200 and b"more" in after.data
    assert read(get(client, "/feed.json?newest=updated&limit=1")) == "a"


def test_what_the_feed_leaves_out_is_in_no_view(site: Callable[[str], Settings]) -> None:
    """Not even by its own category; and a feed of summaries has views of summaries."""
    server = Server(site('content = "summary"\n[feed.""]\nexclude = ["category:Tech"]\n'))
    client = server.client()
    assert read(get(client, "/feed.json?limit=9")) == "cd"
    assert get(client, "/feed.json?category=tech").status_code == 404
    assert get(client, "/feed.json?content=full").status_code == 400
    assert get(client, "/feed.json?content=summary").status_code == 301


def test_a_view_keeps_to_the_feeds_bounds(site: Callable[[str], Settings]) -> None:
    """The bytes of a document, by whole entries and the same in every format; what fits whole is complete."""
    settings = site("limit = 3\n")
    for number in range(8):
        (settings.posts / f"long{number}.md").write_text(
            f"---\ntitle: l\ndate: 2020-01-0{number + 1}\ntags: [long]\n---\n{'x ' * 9000}"
        )
    server = Server(replace(settings, max_document_bytes=100_000))
    client = server.client()
    counts = [len(feedparser.parse(get(client, f"/{name}?tag=long&limit=20").data).entries) for name in ("rss.xml", "atom.xml")]
    assert counts[0] == counts[1] and 1 < counts[0] < 8
    assert b"fh:complete" not in get(client, "/rss.xml?tag=long&limit=20").data
    assert b"fh:complete" in get(client, "/rss.xml?tag=css").data
    summary = get(client, "/rss.xml?tag=long&limit=20&content=summary").data
    assert len(feedparser.parse(summary).entries) == 8 and len(summary) < 20_000


def test_a_damaged_listing_costs_views_alone(server: Server) -> None:
    client = server.client()
    for ending in ("-wal", "-shm"):
        (server.store / f"{query_store.FILE_NAME}{ending}").unlink(missing_ok=True)
    (server.store / query_store.FILE_NAME).write_bytes(b"no database at all" * 400)
    response = get(client, "/rss.xml?tag=css")
    assert (response.status_code, response.headers["Cache-Control"]) == (503, "no-store")
    assert get(client, "/rss.xml").status_code == 200
    server.publish()
    assert get(client, "/rss.xml?tag=css").status_code == 200


def test_variables_of_the_server_are_not_taken_for_settings() -> None:
    """All that docs/deploy.md lists; a variable that is not known is a mistake."""
    listed = set(
        re.findall(r"^\| `(FEEDS_\w+)`", (Path(__file__).parent.parent / "docs/deploy.md").read_text("utf-8"), re.MULTILINE)
    )
    assert "FEEDS_QUERY_VIEWS" in listed and listed <= OTHER_VARIABLES


@pytest.mark.parametrize("value", ["-1", "1001", "x"])
def test_the_option(value: str, tmp_path: Path) -> None:
    assert options_from({"FEEDS_QUERY_VIEWS": "50"}).query_views == 50
    with pytest.raises(SettingsError, match=r"(?i)query.views"):
        options_from({"FEEDS_QUERY_VIEWS": value})
    with pytest.raises(SettingsError, match="serve the posts themselves"):
        ServerOptions(query_views=5).checked(builds=False)


NAMES = st.sampled_from(["a", "a/b", "a/b/c", "d", "en", "en-gb", "de"])
DAYS = st.dates(date(1999, 1, 1), date(2002, 1, 1)).map(date.isoformat)
PAIRS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["category", "tag", "language"]), NAMES | NAMES.map("-{}".format)),
        st.tuples(st.just("any"), NAMES.map("category:{}".format) | NAMES.map("tag:{}".format) | DAYS.map("since:{}".format)),
        st.tuples(st.just("year"), st.sampled_from(["1999", "2000", "-2000"])),
        st.tuples(st.sampled_from(["since", "until"]), DAYS),
        st.tuples(st.just("limit"), st.just("7")),
    ),
    max_size=7,
)  # fmt: skip


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_canonical_spelling_means_the_same_and_is_its_own(pairs: Any, dice: Any) -> None:
    limits = QueryLimits(20, 100, "full")

    def parsed(some: Any) -> Query:
        return parse(some, lambda subject, value: value.lower(), limits)

    try:
        view = parsed(pairs)
    except QueryError:
        assert any(name == "language" for name, _ in pairs)
        return
    assert parsed(view.canonical) == view
    shuffled = list(pairs)
    dice.shuffle(shuffled)
    assert parsed(shuffled) == view
