"""The five-minute pages of docs/start, done as they say: on small blogs as the generators make them.

Blocks of `sh` and `console` are run in order, and what a `console` block shows must be printed; `shell` is for commands of other
programs, and `toml` is put before what `feeds.toml` holds. A list below "You now have" names files that must be there in the end.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
import web_servers
import yaml
from start_sites import SITES

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "start"
BLOCK = re.compile(r"(?ms)^```(\w+)\n(.*?)^```$")
OLD_FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Tea Notes</title><id>urn:old</id><updated>2024-06-02T00:00:00Z</updated>
<entry><id>urn:old:black</id><title>Black tea</title><link href="https://tea.example/entry/black/"/>
<published>2024-06-02T00:00:00Z</published><updated>2024-06-02T00:00:00Z</updated></entry>
<entry><id>urn:old:green</id><title>Green tea</title><link href="https://tea.example/entry/green/"/>
<published>2024-05-01T00:00:00Z</published><updated>2024-05-01T00:00:00Z</updated></entry></feed>
"""


def text_of(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


def blocks(name: str, *languages: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page in these languages, in order."""
    return [(language, text) for language, text in BLOCK.findall(text_of(name)) if language in languages]


def make(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A folder for PATH with the command `feeds` of this checkout."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin/feeds"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m feeds "$@"\n')
    script.chmod(0o755)
    return script.parent


def run(script: str, cwd: Path, command: Path, *, code: int = 0) -> str:
    """A script as a person types it; everything that it prints."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    environ |= {"PATH": f"{command}:{environ['PATH']}", "TZ": "UTC"}
    done = subprocess.run(["sh", "-ec", script], cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{script}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def follow(name: str, site: Path, command: Path) -> None:
    """Do what the page says, and see that what it shows is what happens."""
    for language, text in blocks(name, "sh", "console", "toml"):
        if language == "toml":
            settings = site / "feeds.toml"
            settings.write_text(text + settings.read_text("utf-8"), "utf-8")
            continue
        if language == "sh":
            run(text, site, command)
            continue
        first, *shown = text.rstrip("\n").split("\n")
        assert first.startswith("$ ")
        printed = [line.rstrip() for line in run(first[2:], site, command).split("\n")]
        assert [line for line in shown if line.rstrip() not in printed] == [], printed
    promised = text_of(name).partition("You now have")[2].partition("\n\n")[2].partition("\n\n")[0]
    paths = [path for line in promised.split("\n- ") for path in re.findall(r"`([^`]+)`", line.partition(": ")[0])]
    assert paths, "the page promises nothing"
    assert [path for path in paths if not (site / path).exists()] == []


@pytest.mark.parametrize("name", ["hexo", "jekyll", "hugo", "pelican", "eleventy", "obsidian", "folder"])
def test_from_a_blog(name: str, tmp_path: Path, command: Path) -> None:
    """From the generator's own folder to feeds, with the links that the page shows."""
    site = make(tmp_path / "site", SITES[name])
    follow(name, site, command)
    feed = next(iter(sorted([*site.glob("*/feed.json"), *tmp_path.glob("tea-public/feed.json")])))
    entries = json.loads(feed.read_text("utf-8"))["items"]
    assert [entry["title"] for entry in entries] == ["Black tea", "Green tea"]
    if name != "eleventy":
        # The link between the two posts leads to the other's page, as the page's table shows it.
        assert entries[0]["url"] in entries[1]["content_html"]
    assert run("feeds check", site, command).rstrip().endswith("nothing is wrong")


def test_moving(tmp_path: Path, command: Path) -> None:
    """The old ids and the old address are those of the new feed."""
    site = make(tmp_path / "site", {**SITES["folder"], "old-atom.xml": OLD_FEED})
    follow("moving", site, command)
    feed = (site / "public/feed.xml").read_text("utf-8")
    assert "urn:old:black" in feed and "urn:old:green" in feed


@pytest.mark.parametrize("name", ["netlify-cloudflare", "small-server"])
def test_to_a_host(name: str, tmp_path: Path, command: Path) -> None:
    """After `feeds init`, as the page says."""
    site = make(tmp_path / "site", SITES["folder"])
    run("feeds init --base-url https://tea.example/", site, command)
    follow(name, site, command)


def test_the_workflow_for_github(tmp_path: Path, command: Path) -> None:
    """The step `Feeds` runs on a first machine and on the next one, and the ids stay."""
    workflow = yaml.safe_load(blocks("github-pages", "yaml")[0][1])
    steps = workflow["jobs"]["site"]["steps"]
    script = next(step["run"] for step in steps if step.get("name") == "Feeds")
    site = make(tmp_path / "site", SITES["folder"])
    run("feeds init --base-url https://you.github.io/blog/", site, command)
    run(script, site, command)
    first = json.loads((site / "public/feed.json").read_text("utf-8"))
    ledger = (site / "feeds-ledger.txt").read_text("utf-8")
    again = make(
        tmp_path / "again",
        {**SITES["folder"], "feeds.toml": (site / "feeds.toml").read_text("utf-8"), "feeds-ledger.txt": ledger},
    )
    (again / "notes/2024-05-01-green.md").rename(again / "notes/2024-05-01-renamed.md")
    run(script, again, command)
    second = json.loads((again / "public/feed.json").read_text("utf-8"))
    assert [entry["id"] for entry in second["items"]] == [entry["id"] for entry in first["items"]]
    uploaded = next(step["with"]["path"] for step in steps if "upload-pages-artifact" in step.get("uses", ""))
    assert (again / uploaded / "rss.xml").exists()
    copy = next(step["run"] for step in steps if step.get("name") == "Copy")
    (again / "feeds-public").mkdir()
    (again / "feeds-public/only-there.xml").write_text("<rss/>")
    run(copy, again, command)
    assert (again / uploaded / "only-there.xml").exists() and (again / uploaded / "rss.xml").exists()
    (again / "notes/broken.md").write_text("---\ntitle: [\n---\nx\n")
    assert "::error file=notes/broken.md" in run(script, again, command)


def test_the_configuration_for_nginx(tmp_path: Path) -> None:
    """nginx serves each kind of document with its type, pictures with theirs, and our page where there is nothing."""
    nginx = web_servers.program("nginx")
    (server,) = (text for _, text in blocks("small-server", "nginx"))
    folder = tmp_path / "public"
    (folder / "tag/tea").mkdir(parents=True)
    for path in ("rss.xml", "tag/tea/rss-archive-1.xml", "atom.xml", "feed.json", "feeds.opml", "a.png", "index.html"):
        (folder / path).write_text("x")
    (folder / "404.html").write_text("not here")
    web_servers.readable(folder)
    port = web_servers.free_port()
    server = server.replace("/srv/tea/public", str(folder)).replace("listen 8080", f"listen 127.0.0.1:{port}")
    config = tmp_path / "nginx.conf"
    user = "user root; " if os.geteuid() == 0 else ""
    config.write_text(
        f"{user}pid {tmp_path}/pid; error_log {tmp_path}/log; daemon off; events {{}} "
        f"http {{ access_log off; types {{ image/png png; text/html html; text/xml xml; }} {server} }}"
    )
    with web_servers.running([nginx, "-c", config], port, tmp_path / "output") as nginx_server:
        types = {
            path: nginx_server.ask(path).headers["content-type"].partition(";")[0]
            for path in ("/rss.xml", "/tag/tea/rss-archive-1.xml", "/atom.xml", "/feed.json", "/feeds.opml", "/a.png", "/")
        }
        missing = nginx_server.ask("/none")
        assert "[warn]" not in nginx_server.log_text()
    assert list(types.values()) == [
        "application/rss+xml", "application/rss+xml", "application/atom+xml", "application/feed+json", "text/x-opml", "image/png", "text/html",
    ]  # fmt: skip
    assert (missing.status, missing.body) == (404, b"not here")


def test_the_cron_line() -> None:
    """Five fields, a user, and the command with its whole path."""
    line = next(line for _, text in blocks("small-server", "shell") for line in text.split("\n") if line.startswith("* "))
    assert re.fullmatch(r"(\* ){5} ?[\w-]+  /\S+/feeds build --config /\S+/feeds\.toml", line)


def test_the_container(tmp_path: Path) -> None:
    """What the image starts answers with the feed, with the variables of compose.yaml."""
    (dockerfile,) = (text for _, text in blocks("docker", "dockerfile"))
    words = json.loads(re.search(r"(?m)^CMD (.*)$", dockerfile)[1])  # type: ignore[index]
    assert words[:2] == ["feeds", "serve"] and "USER feeds" in dockerfile
    service = yaml.safe_load(blocks("docker", "yaml")[0][1])["services"]["reader"]
    site = make(tmp_path / "site", {f"posts/{name}": text for name, text in SITES["folder"].items()})
    (tmp_path / "data").mkdir()
    environ = {
        name: value.replace("/site/", f"{site}/").replace("/data", str(tmp_path / "data")) if value.startswith("/") else value
        for name, value in service["environment"].items()
    }
    options = [word for word in words[2:] if word not in ("--host", "0.0.0.0", "--port", "8000")]
    assert len(words) - len(options) == 6
    with web_servers.feeds_serve(*options, log=tmp_path / "log", **environ) as server:
        for _ in range(600):  # until the first build is done, it answers 503
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/rss.xml") as answer:
                    assert b"Black tea" in answer.read()
                    break
            except urllib.error.HTTPError as error:
                assert error.code == 503
                time.sleep(0.1)
        else:
            raise AssertionError(server.log_text())


def test_the_flask_app(tmp_path: Path) -> None:
    """app.py of the page answers with the feed and names it in the page's head."""
    (app,) = (text for _, text in blocks("flask", "python"))
    site = make(tmp_path, {**SITES["folder"], "app.py": app})
    code = (
        "import time; from app import app; client = app.test_client()\n"
        "for _ in range(600):\n"
        "    answer = client.get('/feeds/rss.xml')\n"
        "    if answer.status_code == 200: break\n"
        "    time.sleep(0.1)\n"
        "print(answer.status_code, 'Black tea' in answer.text, 'rel=\"alternate\"' in client.get('/').text)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site,
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "200 True True", done.stderr


def test_every_page_is_tried_and_named_in_the_readme() -> None:
    """No page without a test, none that nobody finds."""
    names = {page.stem for page in PAGES.glob("*.md")}
    chinese = {name for name in names if name.endswith(".zh")}
    names -= chinese
    tried = {"moving", "github-pages", "netlify-cloudflare", "small-server", "docker", "flask", *SITES}
    assert names - {"podcast"} == tried, "test_podcasts.py tries the podcast"
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in sorted(names) if f"docs/start/{name}.md" not in readme] == []
    readme = (ROOT / "README.zh-CN.md").read_text("utf-8")
    assert [name for name in sorted(chinese) if f"docs/start/{name}.md" not in readme] == []


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.md") if not path.name.endswith(".zh.md")))
def test_a_page_says_the_same_in_chinese(name: str) -> None:
    """The same blocks, which the tests above run, the same files in the end, the same pages to go to; each links the other."""
    english, chinese = text_of(name), text_of(f"{name}.zh")
    assert blocks(f"{name}.zh", "sh", "console", "shell", "yaml", "python", "nginx", "dockerfile", "markdown", "toml") == blocks(
        name, "sh", "console", "shell", "yaml", "python", "nginx", "dockerfile", "markdown", "toml"
    )
    assert english.split("\n")[2] == f"[中文]({name}.zh.md)" and chinese.split("\n")[2] == f"[English]({name}.md)"
    promised = [re.findall(r"(?m)^- (?:`[^`]+`[^`：:]{0,5})+", text) for text in (english, chinese)]
    assert [re.findall("`([^`]+)`", row) for row in promised[0]] == [re.findall("`([^`]+)`", row) for row in promised[1]]
    links = [{link.replace(".zh.md", ".md") for link in re.findall(r"\]\(([^)]+)\)", text)} for text in (english, chinese)]
    assert links[0] - {f"{name}.md"} == links[1] - {f"{name}.md"}
