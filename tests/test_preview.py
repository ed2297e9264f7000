"""`feeds serve --preview`: pages reload on save, say what would change for subscribers, and touch nothing that they have."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import web_servers

from feeds.cli.main import main
from feeds.cli.previewed import describe
from feeds.serving import preview
from feeds.settings import load

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


def write(folder: Path, name: str, title: str, text: str = "正文。") -> None:
    (folder / f"posts/{name}.md").write_text(f"---\ntitle: {title}\ndate: 2021-08-0{len(name)}\n---\n{text}\n", "utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site below a path, published once."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "posts").mkdir()
    write(folder, "a", "第一篇")
    (folder / "feeds.toml").write_text('base_url = "https://example.org/blog/"\nhubs = ["https://hub.example/"]\n')
    assert main(["build", "--config", str(folder / "feeds.toml"), "-q"]) == 0
    return folder


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[web_servers.Server]:
    arguments = ("--preview", "--config", site / "feeds.toml", "--access-log", site / "access.log")
    with web_servers.feeds_serve(*arguments, log=site / "log") as running:
        running.wait_for("/blog/")
        web_servers.until(lambda: b"building" not in running.ask("/blog/").body)
        yield running


def asked(site: Path, path: str) -> int:
    """How often a browser has asked for a page."""
    lines = (site / "access.log").read_text().splitlines()
    return sum(f'"{path}"' in line and "HeadlessChrome" in line for line in lines)


def test_a_page_reloads_on_save_and_says_what_subscribers_would_see(site: Path, server: web_servers.Server) -> None:
    """One stream of events and no polling; the ledger, outbox and output of the site stay as they are."""
    before = {path: path.read_bytes() for folder in ("public", ".feeds") for path in (site / folder).iterdir() if path.is_file()}
    page = server.ask("/blog/")
    text = page.body.decode()
    assert "subscribers would see nothing new" in text and page.headers["cache-control"] == "no-store"
    assert "<meta http-equiv" not in text and "connect-src 'self'" in page.headers["content-security-policy"]
    moved = server.ask("/")
    assert (moved.status, moved.headers["location"]) == (302, "/blog/")
    events = re.search(r'data-events="([^"]+)"', text)
    assert events is not None
    stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    stream.request("GET", events[1])
    answer = stream.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    write(site, "bb", "<第二篇>")
    assert [answer.readline() for _ in range(3)] == [b"retry: 1000\n", b"\n", b"event: reload\n"]
    stream.close()
    text = server.ask("/blog/").body.decode()
    assert "subscribers would see 1 new" in text and "1 new: &lt;第二篇&gt;" in text
    # A page of an earlier build hears of it at once, e.g. after the laptop slept.
    again = server.raw(f"GET {events[1]} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), enough=b"event: reload")
    assert b"event: reload" in again
    assert server.ask("/blog/feed.json").body.count(b'"id"') == 2
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_reloads(site: Path, server: web_servers.Server, tmp_path: Path) -> None:
    """Its script may run and connect under the page's policy, and one save is one more request."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
               "--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path}"]  # fmt: skip
    url = f"http://127.0.0.1:{server.port}/blog/"
    quiet = subprocess.DEVNULL
    browser = subprocess.Popen([*command, url], stdout=quiet, stderr=quiet)
    try:
        web_servers.until(lambda: asked(site, "/blog/") >= 1)
        write(site, "ccc", "第三篇")
        web_servers.until(lambda: asked(site, "/blog/") >= 2)
        assert asked(site, "/blog/") == 2
    finally:
        web_servers.stop(browser)


def test_a_second_preview_is_refused(site: Path, server: web_servers.Server, capsys: pytest.CaptureFixture[str]) -> None:
    """It would take away the folder of the first."""
    assert server.child is not None
    assert main(["serve", "--preview", "--config", str(site / "feeds.toml"), "--port", "0"]) == 3
    assert "a preview of this site is running already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [(("--folder", "x"), "--folder serves what is built already"), (("--workers", "2"), "it has one process, not 2")],
)
def test_options_that_do_not_go_with_it(words: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--preview", *words]) == 2
    assert text in capsys.readouterr().err


def test_every_outcome_has_a_note() -> None:
    """What needs attention is marked: errors, and old posts that would come back."""
    nothing = {"published": True, "feeds": 0}
    assert describe(nothing, "", ()).line == "Preview: subscribers would see nothing new"
    unread = describe({**nothing, "resurfacing": ["旧"], "updated": ["一", "二"]}, "", ())
    assert unread.line == "Preview: subscribers would see 1 old that would come back as unread, 2 changed" and unread.warns
    assert unread.details[1] == "2 changed: 一, 二"
    fresh = describe({"published": False, "new": ["一"], "feeds": 3}, "", ())
    assert fresh == preview.PreviewNote("Preview: nothing is published yet; subscribers would get 1 entry")
    assert describe(nothing, "refused", ()).details == ("refused",) and describe(nothing, "", ("a.md:1: x",)).warns
    assert json.dumps(describe({}, "", ()).line) == '"Preview: building \\u2026"'


def test_a_page_keeps_its_own_policy() -> None:
    """Also one of the site's templates that says another, and one that says none."""
    meta = b'<html><head><meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src &#39;self&#39;"></head>'
    body, policy = preview.page(meta + b"<body>x</body></html>", preview.PreviewNote("1 < 2"), "t")
    assert policy.startswith("default-src 'none'; img-src 'self'; style-src 'sha256-") and "script-src 'sha256-" in policy
    assert b"1 &lt; 2" in body and body.endswith(b"</script></body></html>")
    _, policy = preview.page(b"<p>no body, no policy", preview.PreviewNote("x"), "t")
    assert policy.count("script-src") == 1 and "sandbox" in policy and "connect-src 'self'" in policy


@pytest.mark.parametrize(
    ("toml", "path"),
    [("", "/blog/"), ('pages = "feeds/"\n', "/blog/feeds/"), ("pages = false\n", "/blog/rss.xml"),
     ('[paths]\nsite = "订阅/"\nhtml = "all.html"\n', "/blog/%E8%AE%A2%E9%98%85/all.html")],
)  # fmt: skip
def test_the_front_page_is_named(toml: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text(f'base_url = "https://example.org/blog/"\n{toml}', "utf-8")
    settings = load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path)
    assert preview.front_page(settings) == path
    assert preview.local("https://example.org/blog/x?y", settings.base_url) == "/blog/x?y"
    assert preview.local("https://other.example/x", settings.base_url) == "https://other.example/x"
