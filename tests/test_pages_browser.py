"""The example's pages in Chromium, under axe and under the Nu HTML checker; each test is skipped where its program is absent.

`AXE_CORE` names axe.min.js of npm's axe-core, `VNU_JAR` vnu.jar of npm's vnu-jar.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.build import run
from feeds.settings import load

EXAMPLES = Path(__file__).parents[1] / "examples"
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
AXE = Path(os.environ.get("AXE_CORE", "/nowhere"))
VNU = Path(os.environ.get("VNU_JAR", "/nowhere"))
PAGES = ("index.html", "category/tech/index.html", "entry/sqlite-wal/index.html", "tag/index.html", "archive/2025/index.html")
WIDTHS = (375, 768, 1440)

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js")
needs_vnu = pytest.mark.skipif(not VNU.is_file() or shutil.which("java") is None, reason="VNU_JAR names no vnu.jar, or no Java")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLES / "posts", folder / "posts")
    shutil.copy(EXAMPLES / "feeds.toml", folder / "feeds.toml")
    run.publish(load(config=folder / "feeds.toml", environ={}, flags={}, cwd=folder), datetime(2026, 1, 1, tzinfo=UTC))
    return folder / "public"


def dom(page: Path, profile: Path, width: int = 1440) -> str:
    """The page as Chromium has it once its scripts have run."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-default-apps", f"--user-data-dir={profile}",
            f"--window-size={width},900", "--virtual-time-budget=20000", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_chromium
def test_a_page_works_from_a_disk(site: Path, tmp_path: Path) -> None:
    """The page's own policy lets its script run: the button is there, the app's scheme is set, folders lead to their page."""
    shown = dom(site / "index.html", tmp_path)
    button = re.search(r"<button [^>]*>", shown)
    assert button is not None and "hidden" not in button[0]
    assert 'href="feed:https://blog.example.org/rss.xml"' in shown
    assert 'href="archive/index.html"' in shown and 'href="archive/"' not in shown


@needs_chromium
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_and_nothing_is_blocked(site: Path, tmp_path: Path, width: int) -> None:
    """No page scrolls sideways, and every style sheet and picture is loaded under the page's own policy."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    probe = (
        "addEventListener('load',()=>{document.title=JSON.stringify({wide:document.documentElement.scrollWidth>innerWidth,"
        "styled:getComputedStyle(document.body).maxWidth!=='none',"
        "broken:[...document.images].filter(one=>one.loading!=='lazy'&&!one.naturalWidth).length})})"
    )
    for name in PAGES:
        path = copy / name
        text = path.read_text(encoding="utf-8")
        # The probe is one more script: only the script's part of the policy is opened for it.
        text = re.sub(r"script-src &#39;[^;]+;", "script-src &#39;unsafe-inline&#39;;", text)
        path.write_text(text.replace("</head>", f"<script>{probe}</script></head>"), encoding="utf-8")
        assert report(dom(path, tmp_path / "profile", width)) == {"wide": False, "styled": True, "broken": 0}, name


@needs_chromium
@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (768, "dark"), (1440, "light")])
def test_axe_finds_nothing(site: Path, tmp_path: Path, width: int, scheme: str) -> None:
    """WCAG 2.2 AA and axe's own best practice."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    if scheme == "dark":
        style = copy / "feeds.css"
        style.write_text(style.read_text(encoding="utf-8").replace("(prefers-color-scheme: dark)", "all"), encoding="utf-8")
    probe = (
        "axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}).then(found=>{"
        "document.title=JSON.stringify(found.violations.map(one=>one.id+': '+one.nodes.map(node=>node.html)))})"
    )
    axe = AXE.read_text(encoding="utf-8")
    for name in PAGES:
        path = copy / name
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text(encoding="utf-8"))
        path.write_text(text.replace("</body>", f"<script>{axe}</script><script>{probe}</script></body>"), encoding="utf-8")
        assert report(dom(path, tmp_path / "profile", width)) == [], name


def report(shown: str) -> Any:
    """What a probe wrote into the title."""
    title = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    assert title is not None
    return json.loads(html.unescape(title[1]))


@needs_vnu
def test_the_html_checker_finds_nothing(site: Path) -> None:
    """Every page of the example and its style sheet."""
    files = [str(path) for path in (*site.rglob("*.html"), site / "feeds.css")]
    done = subprocess.run(
        ["java", "-jar", str(VNU), "--errors-only", "--also-check-css", "--format", "json", *files],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert [message["message"] for message in json.loads(done.stderr)["messages"]] == []


def test_every_page_is_read_without_a_parse_error(site: Path) -> None:
    """By html5lib, strictly: what a browser would have to repair is an error."""
    from bleach._vendor import html5lib

    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        html5lib.HTMLParser(strict=True).parse(page.read_text(encoding="utf-8"))


def test_the_front_page_keeps_to_its_budget(site: Path) -> None:
    """HTML and style sheet below 40 kB, and no request to another host but those that a click makes."""
    body = (site / "index.html").read_text(encoding="utf-8")
    assert len(body.encode()) + (site / "feeds.css").stat().st_size < 40_000
    for reference in re.findall(r'<(?:img|script|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="([^"]*)"', body):
        assert "://" not in reference
    assert "url(" not in (site / "feeds.css").read_text(encoding="utf-8")
