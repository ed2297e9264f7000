"""A base URL with a path, on nginx and Caddy as docs/deploy.md has them: the output folder as root, or below it at that path."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import web_servers
from generations import Generations, decoded, site
from web_servers import Server

from feeds.urls import encode_path

BASE = "https://example.org/blog/"
#: A folder of the site that is called like the base path, and one that the site generator made.
DOCUMENTS = {**site(), "blog/index.html": b"<p>a category called blog</p>", "blog/rss.xml": b"<rss>blog</rss>"}


@dataclass
class Mounted:
    server: Server
    generations: Generations
    name: str


@pytest.fixture(params=["nginx", "caddy"])
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["root", "below"])
def mounted(request: pytest.FixtureRequest, host: str, tmp_path: Path) -> Iterator[Mounted]:
    program = web_servers.program(host)
    folder = tmp_path / "www" / "blog"
    generations = Generations(folder, base_url=BASE, precompress=("gzip",), maps=(host,))
    generations.publish(DOCUMENTS, moved={"old.xml": f"{BASE}rss.xml"}, retired=("ended.xml",))
    (folder / "about").mkdir()
    (folder / "about" / "index.html").write_text("<p>made by the site generator</p>")
    (tmp_path / "www" / "index.html").write_text("<p>the site above</p>")
    web_servers.readable(tmp_path)
    port, work = web_servers.free_port(), tmp_path / "work"
    work.mkdir()
    config = web_servers.example("nginx-static.conf" if host == "nginx" else "Caddyfile-static", work, folder=folder, port=port)
    if request.param == "below":
        text = config.read_text("utf-8")
        assert len(re.findall(rf"root (\* )?{folder}", text)) == 1
        config.write_text(re.sub(rf"root (\* )?{folder}", rf"root \1{tmp_path / 'www'}", text), "utf-8")
    rest = ["-c", config, "-g", "daemon off;"] if host == "nginx" else ["run", "--adapter", "caddyfile", "--config", config]
    homes = {name: str(work) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with web_servers.running([program, *rest], port, work / "log", **homes) as server:
        yield Mounted(server, generations, request.param)


def test_every_address_answers_below_the_path(mounted: Mounted) -> None:
    """Each document at its advertised address, with its validators; 304 for them; redirects to absolute URLs below the path."""
    server = mounted.server
    for path, body in DOCUMENTS.items():
        answer = server.ask("/blog/" + encode_path(path))
        assert (answer.status, answer.body) == (200, body), path
        assert answer.headers["etag"] and answer.headers["cache-control"].startswith("public, max-age=")
        again = server.ask("/blog/" + encode_path(path), {"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        packed = server.ask("/blog/" + encode_path(path), {"Accept-Encoding": "gzip"})
        assert decoded(packed.body, packed.headers.get("content-encoding")) == body
        if path.endswith("index.html"):
            folder = "/blog/" + encode_path(path.removesuffix("index.html"))
            page = server.ask(folder)
            assert (page.status, page.body, page.headers["etag"]) == (200, body, answer.headers["etag"]), folder
            assert server.ask(folder, {"If-None-Match": answer.headers["etag"]}).status == 304
            bare = server.ask(folder.rstrip("/"))
            assert (bare.status, bare.headers["location"]) == (301, f"https://example.org{folder}")
    moved = server.ask("/blog/old.xml")
    assert (moved.status, moved.headers["location"]) == (301, f"{BASE}rss.xml")
    assert server.ask("/blog/ended.xml").status == 410
    assert server.ask("/blog/nothing.xml").status == 404
    assert server.ask("/blog/.feeds-manifest.json").status == 404
    assert server.ask("/blog/about/").body == b"<p>made by the site generator</p>"
    if mounted.name == "below":
        assert server.ask("/").body == b"<p>the site above</p>"
        shutil.rmtree(mounted.generations.folder / "about")
        assert server.ask("/blog/about/").status == 404
