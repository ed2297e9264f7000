"""One HTTP suite for our own server and for static hosts that read our header maps: real nginx and Caddy on loopback.

`feeds serve --folder` says what is right; the static hosts have to say the same.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import web_servers
from generations import BASE, Generations, decoded, site, words
from web_servers import Answer, Server

from feeds.urls import encode_path

HOSTS = ("feeds", "nginx", "caddy")
MOVED = {"old/rss.xml": f"{BASE}rss.xml", "旧 的/atom.xml": f"{BASE}atom.xml"}
RETIRED = ("ended/rss.xml",)
PATHS = sorted(site())
FEEDS = [path for path in PATHS if path.endswith(("rss.xml", "atom.xml", "feed.json", "feeds.opml"))]
#: Headers that say the same on every host.
SAME = ("etag", "last-modified", "cache-control", "vary", "link", "content-type", "x-content-type-options",
        "content-security-policy", "access-control-allow-origin")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Generations:
    generations = Generations(
        tmp_path_factory.mktemp("published"), precompress=("gzip", "br"), maps=("nginx", "caddy", "netlify")
    )
    web_servers.readable(generations.folder)
    generations.publish(site(), moved=MOVED, retired=RETIRED)
    return generations


BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
OTHER = "https://other.example/"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Generations:
    """A second site for the same web server, with an address that the first has, too, and one that is too long for nginx's defaults."""
    generations = Generations(tmp_path_factory.mktemp("other"), base_url=OTHER, precompress=("gzip", "br"), maps=("nginx",))
    web_servers.readable(generations.folder)
    generations.publish({"rss.xml": words("other"), f"category/{'长' * 60}/rss.xml": words("long")})
    return generations


def two_sites(config: Path, folder: Generations, other: Generations, port: int) -> None:
    """Give nginx a second site, and the brotli module where it is installed."""
    maps = f"{folder.folder}/.feeds-headers/nginx"
    text = config.read_text("utf-8")
    if BROTLI.is_file():
        text = f"load_module {BROTLI};\n" + text.replace(f"{maps}-server.conf", f"{maps}-server-brotli.conf")
    more = f"{other.folder}/.feeds-headers/nginx"
    block = f"include {more}-http-more.conf;\nserver {{ listen 127.0.0.1:{port}; root {other.folder}; include {more}-server.conf; }}\n"
    config.write_text(text.rstrip().removesuffix("}") + block + "}\n", "utf-8")


@pytest.fixture(scope="module")
def servers(folder: Generations, other: Generations, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Those whose programs are here, all at once."""
    work = tmp_path_factory.mktemp("work")
    with ExitStack() as closing:
        found = {"feeds": closing.enter_context(web_servers.feeds_serve("--folder", folder.folder, log=work / "feeds.log"))}
        found["feeds"].wait_for("/rss.xml")
        for name in ("nginx", "caddy"):
            where = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
            if where is None:
                continue
            port, own = web_servers.free_port(), tmp_path_factory.mktemp(name)
            given = "nginx-static.conf" if name == "nginx" else "Caddyfile-static"
            config = web_servers.example(given, own, folder=folder.folder, port=port)
            if name == "nginx":
                found["nginx-other"] = Server(web_servers.free_port())
                two_sites(config, folder, other, found["nginx-other"].port)
            caddy = ["run", "--adapter", "caddyfile", "--config", str(config)]
            rest = ["-c", str(config), "-g", "daemon off;"] if name == "nginx" else caddy
            found[name] = closing.enter_context(
                web_servers.running(
                    [where, *rest], port, own / "log", HOME=str(own), XDG_CONFIG_HOME=str(own), XDG_DATA_HOME=str(own)
                )
            )
        yield found


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, servers: dict[str, Server]) -> tuple[str, Server]:
    if request.param not in servers:
        pytest.skip(f"{request.param} is not installed here")
    return request.param, servers[request.param]


def url(path: str) -> str:
    return "/" + encode_path(path)


def differences(theirs: Answer, ours: Answer) -> dict[str, tuple[str | None, str | None]]:
    """The headers that a host says differently than our server does."""
    both = {one: (theirs.headers.get(one), ours.headers.get(one)) for one in SAME}
    return {one: said for one, said in both.items() if said[0] != said[1]}


@pytest.mark.parametrize("path", PATHS)
def test_every_document_as_our_server_says_it(host: tuple[str, Server], servers: dict[str, Server], path: str) -> None:
    """HTTP-1, HTTP-2, HTTP-5, HTTP-15, HTTP-23 … HTTP-26: body and headers, GET and HEAD."""
    _, server = host
    ours = servers["feeds"].ask(url(path))
    theirs = server.ask(url(path))
    assert (theirs.status, theirs.body) == (200, ours.body) and ours.body == site()[path]
    assert differences(theirs, ours) == {}
    head = server.ask(url(path), method="HEAD")
    assert (head.status, head.body) == (200, b"") and differences(head, ours) == {}


@pytest.mark.parametrize("coding", ["gzip", "br"])
@pytest.mark.parametrize("path", ["rss.xml", "category/技术/feed.json", "feeds.opml", "entry/一 个/index.html"])
def test_codings_have_tags_of_their_own(host: tuple[str, Server], servers: dict[str, Server], path: str, coding: str) -> None:
    """HTTP-10 … HTTP-12: another coding, another tag; either tag brings a 304."""
    name, server = host
    answer = server.ask(url(path), {"Accept-Encoding": coding})
    if answer.headers.get("content-encoding") is None and (name, coding) == ("nginx", "br"):
        pytest.skip("this nginx has no brotli module")
    ours = servers["feeds"].ask(url(path), {"Accept-Encoding": coding})
    assert answer.headers["content-encoding"] == coding and decoded(answer.body, coding) == site()[path]
    assert differences(answer, ours) == {}
    plain = server.ask(url(path)).headers["etag"]
    assert plain != answer.headers["etag"]
    for tag in (plain, answer.headers["etag"]):
        again = server.ask(url(path), {"Accept-Encoding": coding, "If-None-Match": tag})
        assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", FEEDS)
def test_a_reader_with_the_current_version_gets_304(host: tuple[str, Server], path: str) -> None:
    """HTTP-3 … HTTP-7: whatever form the validators came in; and a 304 says what a 200 would."""
    _, server = host
    first = server.ask(url(path))
    tag = first.headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*", tag.strip('"')):
        answer = server.ask(url(path), {"If-None-Match": known})
        assert (answer.status, answer.body) == (304, b""), known
        for field in ("etag", "last-modified", "cache-control", "vary"):
            assert answer.headers.get(field) == first.headers.get(field), (known, field)
    assert server.ask(url(path), {"If-None-Match": '"other"'}).status == 200
    assert server.ask(url(path), {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}).status == 200
    assert server.ask(url(path), {"If-Modified-Since": first.headers["last-modified"]}).status == 304
    assert server.ask(url(path), {"If-Modified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"}).status == 200


SPELLINGS = (
    "{tag}", "{tag}x", "x{tag}", '"{tag}x"', '"x{tag}"', '"{tag}', '"{tag}-gzip"', '"{tag}--gzip"', '"{tag};br"', "W/{tag}", 'W/"{tag}"',
    'w/"{tag}-br"', '"a", W/"{tag}"', '"{tag}", "b"', 'a,b,"{tag}",c', '"a,{tag}"', '"a {tag}"', "a {tag}", '  "{tag}"  ', '"*"', "*", " * ",
    '""', "", ",", ', ,"{tag}"', '"a",,"{tag}",', '"a", ' * 300 + '"{tag}"', "W/a, " * 300 + '"', 'W/"a' * 300,
)  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS, ids=range(len(SPELLINGS)))
def test_every_host_reads_if_none_match_alike(host: tuple[str, Server], servers: dict[str, Server], spelling: str) -> None:
    """Only a whole member of the list counts, with the tolerance of http_headers.none_match; never for POST (RFC 9110 §13.2.1)."""
    _, server = host
    tag = server.ask("/rss.xml").headers["etag"].strip('"')
    known = {"If-None-Match": spelling.replace("{tag}", tag)}
    assert server.ask("/rss.xml", known).status == servers["feeds"].ask("/rss.xml", known).status
    assert server.ask("/rss.xml", known, method="POST", body=b"x").status == 405


@pytest.mark.parametrize("path", ["/", "/rss.xml", "/entry/%E4%B8%80%20%E4%B8%AA/picture.png", "/small.xml", "/index.html"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "br, gzip"])
def test_a_304_changes_nothing_that_a_cache_has_stored(host: tuple[str, Server], path: str, coding: str) -> None:
    """RFC 9111 §3.2: its headers replace the stored ones; a Content-Length must be that of the 200 (RFC 9110 §8.6)."""
    _, server = host
    accepted = {"Accept-Encoding": coding}
    first = server.ask(path, accepted)
    modified = first.headers["last-modified"]
    for condition in ({"If-None-Match": first.headers["etag"]}, {"If-Modified-Since": modified}):
        for method in ("GET", "HEAD"):
            again = server.ask(path, {**accepted, **condition}, method=method)
            assert (again.status, again.body) == (304, b"")
            assert set(again.headers) <= {"etag", "last-modified", "cache-control", "vary", "content-length", "date", "server",
                                          "connection"}, "RFC 9110 section 15.4.5"  # fmt: skip
            assert {name: value for name, value in again.headers.items() if first.headers.get(name) != value} == {
                name: again.headers[name] for name in ("date",) if again.headers["date"] != first.headers["date"]
            } | (
                {"connection": again.headers["connection"]}
                if again.headers.get("connection") != first.headers.get("connection")
                else {}
            )


def test_a_script_may_read_a_304(host: tuple[str, Server]) -> None:
    """HTTP-23: a browser asks for the two headers in each answer (Fetch standard)."""
    _, server = host
    tag = server.ask("/rss.xml").headers["etag"]
    answer = server.ask("/rss.xml", {"If-None-Match": tag, "Origin": "https://reader.example"})
    assert answer.status == 304 and answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]


LONG_AGO = "Mon, 01 Jan 1990 00:00:00 GMT"
LATER = "Fri, 01 Jan 2094 00:00:00 GMT"
#: Header fields and the status that RFC 9110 section 13.2.2 gives them; `{tag}` and `{date}` are the validators of what is
#: sent without conditions. Last, whether nginx can say so: it compares If-Match with tags of its own, and takes a date that
#: is not valid for an old one.
PRECONDITIONS = (
    ({"If-Match": '"{tag}"'}, 200, False),
    ({"If-Match": '"a", "{tag}" , "b"'}, 200, False),
    ({"If-Match": '"{tag}"', "If-Unmodified-Since": LONG_AGO}, 200, False),
    ({"If-Match": "*"}, 200, True),
    ({"If-Match": '"other"'}, 412, True),
    ({"If-Match": 'W/"{tag}"'}, 412, True),
    ({"If-Match": "{tag}"}, 412, True),
    ({"If-Match": '"{tag}-gzip"'}, 412, True),
    ({"If-Match": '"{tag}x", "x{tag}"'}, 412, True),
    ({"If-Match": '"other"', "If-None-Match": '"{tag}"'}, 412, True),
    ({"If-Match": '"{tag}"', "If-None-Match": '"{tag}"'}, 304, True),
    ({"If-Match": "*", "If-None-Match": "*"}, 304, True),
    ({"If-Match": "*", "If-None-Match": '"other"'}, 200, True),
    ({"If-Unmodified-Since": "{date}"}, 200, True),
    ({"If-Unmodified-Since": LATER}, 200, True),
    ({"If-Unmodified-Since": LONG_AGO}, 412, True),
    ({"If-Unmodified-Since": "yesterday"}, 200, False),
    ({"If-Unmodified-Since": LONG_AGO, "If-None-Match": '"{tag}"'}, 412, True),
    ({"If-Unmodified-Since": "{date}", "If-None-Match": '"{tag}"'}, 304, True),
    ({"If-Unmodified-Since": LONG_AGO, "If-Modified-Since": "{date}"}, 412, True),
)


@pytest.mark.parametrize("path", ["/rss.xml", "/entry/%E4%B8%80%20%E4%B8%AA/picture.png"])
def test_preconditions(host: tuple[str, Server], path: str) -> None:
    """412 comes before 304, and never where a request without conditions would not be 200 (RFC 9110 section 13.2.1)."""
    name, server = host
    plain = server.ask(path)
    values = {"{tag}": plain.headers["etag"].strip('"'), "{date}": plain.headers["last-modified"]}
    for fields, status, everywhere in PRECONDITIONS:
        if name == "nginx" and not everywhere:
            continue
        sent = {key: value.replace("{tag}", values["{tag}"]).replace("{date}", values["{date}"]) for key, value in fields.items()}
        for method in ("GET", "HEAD"):
            answer = server.ask(path, sent, method=method)
            assert answer.status == status, (sent, method)
            if status == 412:
                # A cache that keeps what names an age would hand it to all who ask for the URL.
                assert answer.headers.get("cache-control", "no-store") == "no-store"
    for missing, status in (("/nothing", 404), (url(RETIRED[0]), 410), (url(next(iter(MOVED))), 301)):
        assert server.ask(missing, {"If-Match": '"other"', "If-Unmodified-Since": LONG_AGO}).status == status


def test_two_sites_under_one_nginx(servers: dict[str, Server], other: Generations) -> None:
    """Each has the validators, links and lengths of its own; a path may be longer than nginx's maps take by themselves."""
    if "nginx" not in servers:
        pytest.skip("nginx is not installed here")
    first, second = servers["nginx"].ask("/rss.xml"), servers["nginx-other"].ask("/rss.xml")
    assert second.body == words("other") and first.body == site()["rss.xml"]
    assert first.headers["etag"] != second.headers["etag"]
    assert BASE in first.headers["link"] and BASE not in second.headers["link"] and OTHER in second.headers["link"]
    long = url(f"category/{'长' * 60}/rss.xml")
    tag = servers["nginx-other"].ask(long).headers["etag"]
    assert servers["nginx-other"].ask(long, {"If-None-Match": tag}).status == 304


ACCEPTED = ("br, gzip", "gzip, br", "br", "gzip", "br;q=0, gzip", "gzip;q=0, br", "gzip; q=0.000", "identity", "xbr", "x-gzip", "gzipped",
            "br;q=0.5, gzip;q=1", "GZIP", "deflate,gzip")  # fmt: skip


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_a_304_has_the_tag_of_what_a_200_would_send(host: tuple[str, Server], accepted: str) -> None:
    """RFC 9110 section 15.4.5, whichever coding the host takes; also for a request through a proxy, and by date."""
    _, server = host
    for more in ({}, {"Via": "1.1 proxy"}):
        sent = {"Accept-Encoding": accepted, **more}
        whole = server.ask("/rss.xml", sent)
        for condition in ({"If-None-Match": whole.headers["etag"]}, {"If-Modified-Since": whole.headers["last-modified"]}):
            again = server.ask("/rss.xml", {**sent, **condition})
            assert (again.status, again.headers["etag"]) == (304, whole.headers["etag"])


def test_what_is_not_a_document(host: tuple[str, Server]) -> None:
    """HTTP-14, HTTP-17 … HTTP-20, HTTP-27: methods, unknown paths and query strings, what moved and what ended."""
    name, server = host
    for path, target in MOVED.items():
        answer = server.ask(url(path))
        assert answer.status in (301, 308) and answer.headers["location"] == target
    for path in RETIRED:
        assert server.ask(url(path)).status == 410
    assert server.ask("/category/").status in (403, 404), "a folder that has no page"
    for path in ("/nothing", "/.feeds-manifest.json", "/.feeds-headers/nginx-http.conf", "/rss.xml/", "/rss.xm"):
        assert server.ask(path).status == 404, path
    tag = server.ask("/rss.xml").headers["etag"]
    assert server.ask("/rss.xml?utm_source=x&%zz").headers["etag"] == tag
    assert server.ask("/rss.xml", {"Host": "evil.example"}).body == site()["rss.xml"]
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = server.ask("/rss.xml", method=method, body=b"x")
        assert answer.status == 405 and "GET" in answer.headers.get("allow", ""), method
    options = server.ask("/rss.xml", {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}, method="OPTIONS")
    assert options.status == 204 and "If-None-Match" in options.headers["access-control-allow-headers"]
    for path in ("rss.xml", "feed.json"):
        whole = server.ask(url(path), {"Range": "bytes=0-9"})
        assert (whole.status, whole.body) == (200, site()[path]), "feeds come whole (HTTP-13)"
    picture = url("entry/一 个/picture.png")
    part = server.ask(picture, {"Range": "bytes=0-9"})
    assert (part.status, part.body) == (206, site()["entry/一 个/picture.png"][:10])
    if name != "nginx":
        head = server.ask(picture, {"Range": "bytes=0-9"}, method="HEAD")
        assert (head.status, head.headers["content-length"]) == (200, "6400"), "ranges are for GET alone (RFC 9110 section 14.2)"
    page = server.ask("/")
    assert (
        page.status == 200
        and page.body == site()["index.html"]
        and page.headers["etag"] == server.ask("/index.html").headers["etag"]
    )
    assert server.ask(url("category/技术/")).body == site()["category/技术/index.html"]
    lacking = server.ask(url("category/技术"))
    assert (lacking.status, lacking.headers["location"]) == (301, BASE + encode_path("category/技术/"))
    assert server.ask("/.well-known/nothing").status == 404


def test_a_new_generation_under_nginx(tmp_path: Path) -> None:
    """After the reload that docs/deploy.md asks for, the edit is there, and what did not change keeps its validators."""
    nginx, port, work = web_servers.program("nginx"), web_servers.free_port(), tmp_path / "work"
    work.mkdir()
    folder = Generations(tmp_path / "published", precompress=("gzip", "br"), maps=("nginx",))
    folder.publish(site(), moved=MOVED, retired=RETIRED)
    web_servers.readable(folder.folder)
    config = web_servers.example("nginx-static.conf", work, folder=folder.folder, port=port)
    with web_servers.running([nginx, "-c", config, "-g", "daemon off;"], port, work / "log") as server:
        before = {path: server.ask(url(path)) for path in PATHS}
        documents = {**site(), "rss.xml": site()["rss.xml"] + b"<p>edited</p>"}
        folder.publish(documents, moved=MOVED, retired=RETIRED)
        assert server.child is not None
        server.child.send_signal(signal.SIGHUP)
        known = {"If-None-Match": before["rss.xml"].headers["etag"]}
        answers: list[Answer] = []
        end = time.monotonic() + 120
        # A worker that is on its way out may still answer once or twice.
        while len(answers) < 20 or any(one.status != 200 for one in answers[-20:]):
            assert time.monotonic() < end, server.log_text()
            answers.append(server.ask("/rss.xml", known))
            time.sleep(0.01)
        assert answers[-1].body == documents["rss.xml"] and answers[-1].headers["etag"] != before["rss.xml"].headers["etag"]
        for path in PATHS:
            after = server.ask(url(path))
            if path != "rss.xml":
                assert differences(after, before[path]) == {}
                assert server.ask(url(path), {"If-None-Match": before[path].headers["etag"]}).status == 304
