"""A whole site, built by the command from files: every document keeps the rules, every link leads somewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from feed_rules import findings, html_findings
from lxml import etree

from feeds.build import run
from feeds.formats import MEDIA_TYPES
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]
BASE = "https://example.org/blog/"

POSTS = {
    "茶.md": (
        "---\ntitle: 茶 & <b>Tea</b>\ndate: 2021-08-04 05:49:00\ncategories: [生活, 茶]\ntags: [C++, 'C#']\n---\n"
        "水温 [80](/x) 度。\n"
    ),
    "no-title.md": "---\ndate: 2021-08-05\n---\n![a](a.png)\n\nText with `<script>` & a [link](#note).\n",
    "bare.txt": 'Nothing but text, with <tags> & "quotes".\n',
    "html.html": (
        "---\ntitle: 'x ]]> y'\ndate: Wed, 04 Aug 2021 05:49:00 GMT\nauthor: Ada\n---\n"
        "<p onclick=x style='a:b'>]]&gt; <a href='//h/x'>x</a></p>\n"
    ),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of `feeds build` over a few awkward posts."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in POSTS.items():
        path = folder / "posts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    build = [
        sys.executable, "-m", "feeds", "build", "posts", "--base-url", BASE, "--output", "public", "--as-of",
        "2026-01-01T00:00:00Z",
    ]  # fmt: skip
    done = subprocess.run(
        build, cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "public"


def address(site: Path, document: Path) -> str:
    return BASE + quote(str(document.relative_to(site)), safe="/-._~")


def test_no_document_breaks_a_rule(site: Path) -> None:
    """X-*, RSS-*, ATOM-*: no finding in any document of the site, warnings included."""
    documents = sorted(site.rglob("*.xml"))
    assert len(documents) >= 10
    for document in documents:
        kind = MEDIA_TYPES[document.stem]
        assert findings(document.read_bytes(), address=address(site, document), media_type=kind) == [], document


def test_json_says_the_same_as_atom(site: Path) -> None:
    """X-1, X-6: ids, order and content, in each folder."""
    for document in site.rglob("feed.json"):
        items = json.loads(document.read_bytes())["items"]
        atom = etree.parse(document.with_name("atom.xml")).getroot()
        name = "{http://www.w3.org/2005/Atom}"
        assert [one["id"] for one in items] == [one.text for one in atom.findall(f"{name}entry/{name}id")]
        for one in items:
            assert html_findings(one.get("content_html", "")) == []


def test_every_alternate_leads_to_a_document_of_its_type(site: Path) -> None:
    """WEB-4: each href in each page's head is a document of the site, in the format that its type says."""
    kinds = {kind.partition(";")[0]: name for name, kind in MEDIA_TYPES.items()}
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= 8
    for page in pages:
        root = etree.fromstring(page.read_bytes().decode(), etree.HTMLParser())
        links = [link for link in root.findall("head/link") if link.get("rel") == "alternate"]
        assert len(links) >= 3
        for link in links:
            path = site / unquote((link.get("href") or "").removeprefix(BASE))
            assert path.is_file()
            assert path.stem in (kinds[link.get("type") or ""], "feed")
        assert len({link.get("title") for link in links}) == len(links)


def test_every_link_between_pages_leads_somewhere(site: Path) -> None:
    """A bare folder has no dead link: pages, feeds and the outline are all there."""
    for page in site.rglob("*.html"):
        root = etree.fromstring(page.read_bytes().decode(), etree.HTMLParser())
        for anchor in root.iterfind(".//a"):
            href = (anchor.get("href") or "").partition("#")[0]
            inside_content = any(one.get("class") == "content" for one in anchor.iterancestors())
            if href.startswith(BASE) and not inside_content:
                path = site / unquote(href.removeprefix(BASE))
                assert path.is_file() or (path / "index.html").is_file(), href


def test_the_outline_holds_every_feed(site: Path) -> None:
    """OPML-1: as many subscriptions as there are RSS documents, at their addresses."""
    root = etree.parse(site / "feeds.opml").getroot()
    addresses = {one.get("xmlUrl") for one in root.iter("outline") if one.get("xmlUrl")}
    assert addresses == {address(site, document) for document in site.rglob("rss.xml")}


def test_a_feed_that_holds_all_its_posts_says_so(tmp_path: Path) -> None:
    """ARC-1: `fh:complete` where no post of the term is anywhere else, and nowhere else."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(1, 6):
        category = "all" if number < 3 else "cut"
        (posts / f"{number}.md").write_text(
            f"---\ntitle: t{number}\ndate: 2021-01-0{number}\ncategories: [{category}]\n---\nb", "utf-8"
        )
    settings = Settings(
        base_url="https://example.org/", posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1, limit=2
    )
    run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    for name in ("rss.xml", "atom.xml"):
        found = [path for path in (tmp_path / "public").rglob(name) if b"<fh:complete" in path.read_bytes()]
        assert len(found) == 1 and found[0].parent.name.startswith("all"), found
