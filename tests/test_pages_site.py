"""The pages of whole sites, built from files: everything can be reached, nothing is dead, what does not change stays."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from lxml import etree

from feeds.build import publication, run
from feeds.build.rollback import rollback
from feeds.errors import FeedsError, SettingsError
from feeds.formats import _language
from feeds.formats.pages import collation, lines, readers, term_index, views
from feeds.formats.pages.look import HERE, Look
from feeds.serving import packing
from feeds.serving.responses import RequestHeaders, reply
from feeds.serving.snapshot import Snapshot
from feeds.serving.store import Pack, newest_turn
from feeds.settings import READERS, Settings

BASE = "https://example.org/blog/"
START = datetime(2026, 1, 1, tzinfo=UTC)
DOCS = (Path(__file__).parents[1] / "docs" / "pages.md").read_text(encoding="utf-8")


class Site:
    """A folder of posts that is built again and again, an hour later each time."""

    def __init__(self, folder: Path, **changed: Any) -> None:
        self.folder, self.hours = folder, 0
        self.posts = folder / "posts"
        self.posts.mkdir()
        facts = {"language": "zh-CN", "timezone": "Asia/Shanghai", "workers": 1, "title": "小站", **changed}
        self.settings = Settings(base_url=BASE, posts=self.posts, output=folder / "public", state=folder / "state", **facts)

    def write(self, name: str, title: str, date: str, more: str = "", body: str = "正文。") -> None:
        (self.posts / f"{name}.md").write_text(f"---\ntitle: {title}\ndate: {date}\n{more}\n---\n{body}\n", encoding="utf-8")

    def fill(self, count: int, *, every: timedelta = timedelta(days=10), more: str = "categories: [全部]") -> None:
        for number in range(count):
            day = datetime(2025, 12, 1, tzinfo=UTC) - number * every
            self.write(f"post-{number:04d}", f"第 {number} 篇", f"{day:%Y-%m-%d}", more)

    def build(self) -> run.Outcome:
        self.hours += 1
        return run.publish(self.settings, START + timedelta(hours=self.hours))

    def pages(self) -> dict[str, bytes]:
        """Every page and style sheet, by its path."""
        output = self.settings.output
        return {
            path.relative_to(output).as_posix(): path.read_bytes()
            for path in output.rglob("*")
            if path.suffix in (".html", ".css")
        }

    def page(self, path: str = "index.html") -> etree._Element:
        return etree.fromstring(self.pages()[path].decode(), etree.HTMLParser())


def file_of(url: str, root: str) -> str:
    """The file below the output folder that answers a URL."""
    path = unquote(re.split("[?#]", url)[0].removeprefix(root))
    return path + "index.html" if path.endswith("/") or not path else path


def crawl(site: Site, start: str = "index.html") -> set[str]:
    """The pages that can be reached from one; fails at the first link of ours that leads nowhere."""
    pages, seen, waiting = site.pages(), set(), [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        root = etree.fromstring(pages[path].decode(), etree.HTMLParser())
        ids = {element.get("id") for element in root.iter("*")}
        for element in root.iter("a", "link", "img"):
            if element.get("rel") == "canonical":
                continue
            reference = element.get("href") or element.get("src") or ""
            whole = urljoin(BASE + path, reference)
            if not whole.startswith(BASE):
                continue
            target = file_of(whole, BASE)
            if whole == reference and not (site.settings.output / target).is_file() and site.settings.permalink:
                continue  # a page that the site's generator makes
            assert (site.settings.output / target).is_file(), f"{path}: {reference}"
            if reference.startswith("#"):
                assert reference[1:] in ids, f"{path}: {reference}"
            if target.endswith(".html"):
                waiting.append(target)
    return seen


# everything can be reached


@pytest.mark.parametrize("permalink", [None, ":year/:title/"])
def test_every_post_can_be_reached_from_the_front_page(tmp_path: Path, permalink: str | None) -> None:
    """298 posts of ten years, 20 of them in the feed; with pages of ours, and with pages of the site's own."""
    site = Site(tmp_path, permalink=permalink)
    site.fill(298)
    site.write("tags", "标签", "2020-01-01", "tags: [番茄, C++]\nauthor: 林夏")
    site.build()
    reached = crawl(site)
    pages = site.pages()
    assert reached == {path for path in pages if path.endswith(".html")} - {"404.html"}
    linked = {
        urljoin(BASE + path, anchor.get("href") or "")
        for path in reached
        for anchor in etree.fromstring(pages[path].decode(), etree.HTMLParser()).iter("a")
    }
    for number in range(298):
        wanted = f"{BASE}entry/post-{number:04d}/" if permalink is None else f"post-{number:04d}/"
        assert any(url.startswith(BASE) and url.endswith(wanted) for url in linked), number
    assert sum(path.startswith("entry/") for path in pages) == (299 if permalink is None else 0)


def test_a_post_leads_to_its_neighbours(tmp_path: Path) -> None:
    """Previous and next by date; the ends have one of them."""
    site = Site(tmp_path)
    site.fill(3)
    site.build()

    def neighbours(number: int) -> dict[str, str]:
        nav = site.page(f"entry/post-{number:04d}/index.html").find(".//nav[@class='neighbours']")
        return {} if nav is None else {anchor.get("rel") or "": anchor.get("href") or "" for anchor in nav.iter("a")}

    assert neighbours(0) == {"prev": "../post-0001/"}
    assert neighbours(1) == {"prev": "../post-0002/", "next": "../post-0000/"}
    assert neighbours(2) == {"next": "../post-0001/"}


def test_the_archive_has_months_where_a_year_is_long(tmp_path: Path) -> None:
    """A year of a hundred posts names its months, each with pages; a shorter one shows its posts under their months."""
    site = Site(tmp_path, permalink=":title/")
    site.fill(150, every=timedelta(days=3))
    site.build()
    pages = site.pages()
    assert "archive/2025/12/index.html" in pages and "archive/2024/index.html" in pages
    assert not any(path.startswith("archive/2024/1") for path in pages)
    assert "2025年11月" in pages["archive/2025/index.html"].decode()
    listed = site.page("archive/2024/index.html")
    assert [element.text for element in listed.iter("h2")][:2] == ["12月", "11月"]
    assert "#month-11" in pages["archive/index.html"].decode()
    crawl(site)


def test_a_month_is_the_sites_own(tmp_path: Path) -> None:
    """16:30 UTC on the last day of the year is the new year in Shanghai."""
    site = Site(tmp_path, permalink=":title/")
    site.write("late", "跨年", "2024-12-31T16:30:00Z")
    site.build()
    assert "archive/2025/index.html" in site.pages() and "archive/2024/index.html" not in site.pages()


def test_a_term_has_a_list_of_all_its_posts(tmp_path: Path) -> None:
    """Where its feed holds fewer; in pages that are filled from the oldest post on."""
    site = Site(tmp_path, permalink=":title/", limit=5)
    site.fill(130)
    site.write("alone", "独", "2020-02-02", "categories: [少]")
    site.build()
    pages = site.pages()
    lists = sorted(path for path in pages if path.startswith("category/全部/posts"))
    assert lists == ["category/全部/posts-1.html", "category/全部/posts.html"]
    titles = [[anchor.text for anchor in site.page(path).iterfind(".//ol[@class='lines']//a")] for path in reversed(lists)]
    assert titles[0] == [f"第 {number} 篇" for number in range(80)]
    assert titles[1] == [f"第 {number} 篇" for number in range(80, 130)]
    assert "category/少/posts.html" not in pages
    titles = [site.page(f"category/全部/{name}.html").findtext(".//title") for name in ("index", "posts")]
    assert len(set(titles)) == 2, "a page's title tells it from others (WCAG 2.4.2)"
    assert site.page("category/全部/posts.html").find(".//nav[@class='pager']/a").get("href") == "posts-1.html"


# what changes, and what does not


def test_a_new_post_changes_few_pages(tmp_path: Path) -> None:
    """The full pages of a long list, other months and other posts stay as they are, byte for byte, and are not written."""
    site = Site(tmp_path, limit=3)
    site.fill(260, every=timedelta(days=1))
    site.build()
    before = site.pages()
    site.write("new", "新的", "2025-12-20", "categories: [全部]")
    outcome = site.build()
    after = site.pages()
    changed = {path for path in after if before.get(path) != after[path]}
    assert changed == {path for path in outcome.switched.changed if path.endswith(".html")}
    assert changed == {
        "index.html", "category/index.html", "category/全部/index.html", "category/全部/posts.html", "archive/index.html", "archive/2025/index.html",
        "archive/2025/12/index.html", "entry/new/index.html", "entry/post-0000/index.html",
    }  # fmt: skip
    assert not site.build().switched.switched


def test_an_edit_that_no_list_shows_changes_no_list(tmp_path: Path) -> None:
    """The text of an old post: its own page alone is written."""
    site = Site(tmp_path, limit=3)
    site.fill(30)
    site.build()
    site.write(
        "post-0020",
        "第 20 篇",
        f"{datetime(2025, 12, 1, tzinfo=UTC) - timedelta(days=200):%Y-%m-%d}",
        "categories: [全部]",
        "改了。",
    )
    assert set(site.build().switched.changed) == {"entry/post-0020/index.html"}


def test_a_new_title_of_an_old_post_is_shown(tmp_path: Path) -> None:
    """Though it stands in no feed any more: in the archive, in its category's list, beside its neighbours."""
    site = Site(tmp_path, limit=3)
    site.fill(30)
    site.build()
    site.write("post-0020", "新标题", f"{datetime(2025, 12, 1, tzinfo=UTC) - timedelta(days=200):%Y-%m-%d}", "categories: [全部]")
    changed = set(site.build().switched.changed)
    assert changed == {
        "entry/post-0019/index.html", "entry/post-0020/index.html", "entry/post-0021/index.html", "archive/2025/index.html",
        "category/全部/posts.html",
    }  # fmt: skip
    assert all("新标题" in site.pages()[path].decode() for path in changed)


def test_a_build_from_scratch_gives_the_same_pages(tmp_path: Path) -> None:
    """What was remembered decides nothing."""
    site = Site(tmp_path, limit=3)
    site.fill(120, every=timedelta(days=1))
    site.build()
    site.write("post-0050", "另一个", "2024-01-01", "tags: [新]")
    site.build()
    kept = site.pages()
    (site.settings.state / "cache.sqlite").unlink()
    site.settings = replace(site.settings, output=tmp_path / "again")
    site.build()
    assert site.pages() == kept


# settings


def test_pages_can_be_switched_off(tmp_path: Path) -> None:
    """Feeds alone; a link that would lead to a page of ours leads to the home page, and is still the post's own."""
    site = Site(tmp_path, pages=False)
    site.fill(2)
    site.build()
    names = {path.name for path in site.settings.output.rglob("*") if path.is_file()}
    assert names == {"rss.xml", "atom.xml", "feed.json", "feeds.opml", ".feeds-manifest.json"}
    rss = etree.parse(site.settings.output / "rss.xml")
    assert rss.findtext("channel/link") == BASE
    assert [link.text for link in rss.findall("channel/item/link")] == [f"{BASE}#post-0000", f"{BASE}#post-0001"]


def test_pages_can_lie_in_a_folder(tmp_path: Path) -> None:
    """A generator's own front page stays; feeds stay where they are, and name the site's front page as their home."""
    site = Site(tmp_path, pages="feeds/")
    site.fill(25)
    (site.posts / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    site.write("picture", "图", "2025-12-24", body="![图](a.png)")
    site.settings.output.mkdir()
    (site.settings.output / "index.html").write_text("theirs")
    site.build()
    assert (site.settings.output / "index.html").read_text() == "theirs"
    reached = crawl(site, "feeds/index.html")
    assert reached == {path for path in site.pages() if path.endswith(".html")} | {"index.html"}
    assert all(path.startswith("feeds/") for path in reached - {"index.html"})
    assert (site.settings.output / "rss.xml").is_file() and (site.settings.output / "feeds/entry/picture/a.png").is_file()
    assert etree.parse(site.settings.output / "rss.xml").findtext("channel/link") == BASE


def test_a_style_sheet_of_the_sites_own_comes_behind_ours(tmp_path: Path) -> None:
    """And its change is seen by a run that has nothing else to do, without another page being written."""
    style = tmp_path / "own.css"
    style.write_text(":root { --accent: #123456; }")
    site = Site(tmp_path, page_css=style)
    site.fill(2)
    site.build()
    assert site.pages()["feeds.css"].decode().endswith("#123456; }")
    style.write_text(":root { --accent: #654321; }")
    assert site.build().switched.changed == ("feeds.css",)


def template(site_folder: Path, name: str, text: str) -> Path:
    """A folder of templates with one file."""
    path = site_folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return site_folder / "templates"


def test_the_example_of_a_template_works(tmp_path: Path) -> None:
    """The template in docs/pages.md adds its line to every page, and all else stays."""
    example = re.search(r"```jinja\n(.*?)```", DOCS, re.DOTALL)
    assert example is not None
    site = Site(tmp_path, templates=template(tmp_path, "base.html.j2", example[1]))
    site.fill(30)
    site.build()
    pages = site.pages()
    assert len(pages) > 30
    for path, body in pages.items():
        assert path.endswith(".css") or ("Hosted at home." in body.decode() and "</footer>" in body.decode())
    crawl(site)


def test_the_example_of_a_language_works(tmp_path: Path) -> None:
    """The Finnish words of docs/pages.md; what they lack is English."""
    example = re.search(r"```toml\n(subscribe.*?)```", DOCS, re.DOTALL)
    assert example is not None
    site = Site(tmp_path, language="fi", templates=template(tmp_path, "strings/fi.toml", example[1]))
    site.fill(2)
    site.build()
    page = site.pages()["index.html"].decode()
    assert "Tilaa" in page and "1. joulukuuta 2025" in page and "2 kirjoitusta" in page and "Latest posts" in page


def test_the_example_of_colours_is_a_style_sheet(tmp_path: Path) -> None:
    """Every property that it sets is one of ours."""
    example = re.search(r"```css\n(.*?)```", DOCS, re.DOTALL)
    assert example is not None
    known = set(re.findall(r"(--[a-z-]+):", (HERE / "page.css").read_text(encoding="utf-8")))
    assert set(re.findall(r"(--[a-z-]+):", example[1])) <= known


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{% extends 'default/base.html.j2' %}\n{% block main %}\n{{ nobody.knows }}\n{% endblock %}",
            r"entry\.html\.j2:3: .*nobody",
        ),
        ("<!doctype html>\n{% if %}", r"entry\.html\.j2:2: "),
        ("{% include 'missing.j2' %}", "missing.j2"),
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
    ],
    ids=["unknown name", "syntax", "missing file", "fault"],
)
def test_a_template_that_is_wrong_ends_the_build(tmp_path: Path, text: str, said: str) -> None:
    """With its file and its line, exit code 2, and nothing published."""
    site = Site(tmp_path)
    site.fill(2)
    site.build()
    before = site.pages()
    site.settings = replace(site.settings, templates=template(tmp_path, "entry.html.j2", text))
    with pytest.raises(FeedsError, match=said) as caught:
        site.build()
    assert caught.value.exit_code == 2
    assert site.pages() == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"templates": Path("/nowhere")}, "templates .*no such folder"),
        ({"page_css": Path("/nowhere.css")}, "page_css .*No such file"),
    ],
)
def test_a_file_that_is_not_there_is_a_mistake_in_the_settings(tmp_path: Path, changed: Mapping[str, Any], said: str) -> None:
    site = Site(tmp_path, **changed)
    site.fill(1)
    with pytest.raises(SettingsError, match=said):
        site.build()


@pytest.mark.parametrize(("text", "said"), [("months = 3", "twelve"), ("x = [", "strings"), ("direction = 'up'", "direction")])
def test_strings_that_are_wrong_are_a_mistake_in_the_settings(tmp_path: Path, text: str, said: str) -> None:
    site = Site(tmp_path, templates=template(tmp_path, "strings/zh-CN.toml", text))
    site.fill(1)
    with pytest.raises(SettingsError, match=said):
        site.build()


def test_a_changed_template_is_seen_by_a_run_with_nothing_else_to_do(tmp_path: Path) -> None:
    """All pages are made again; feeds are not."""
    folder = template(tmp_path, "base.html.j2", '{% extends "default/base.html.j2" %}')
    site = Site(tmp_path, templates=folder)
    site.fill(3)
    site.build()
    template(
        tmp_path, "base.html.j2", '{% extends "default/base.html.j2" %}{% block footer %}<footer>eins</footer>{% endblock %}'
    )
    changed = site.build().switched.changed
    assert changed and all(path.endswith(".html") for path in changed)
    assert all(b"eins" in body for path, body in site.pages().items() if path.endswith(".html"))


def test_the_sites_own_script_is_allowed_everywhere(tmp_path: Path) -> None:
    """The page, our server and the header maps allow it by its digest, and no other; rolled back and gone again, too."""
    script = "document.body.dataset.own = 'é';\r\n"
    site = Site(tmp_path, templates=template(tmp_path, "page.js", script), header_maps=("netlify", "nginx", "caddy"))
    site.fill(2)

    def allowed() -> set[str]:
        output, store = site.settings.output, tmp_path / f"store-{site.hours}"
        store.mkdir(exist_ok=True)
        packing.write(output, store)
        snapshot = Snapshot(Pack(store, newest_turn(store)))
        document = snapshot.document("/blog/")
        assert document is not None
        answer = reply(snapshot, document, "GET", RequestHeaders(), 2e9)
        texts = [site.pages()["index.html"].decode(), dict(answer.headers)["Content-Security-Policy"]]
        files = [output / "_headers", *(path for path in (output / ".feeds-headers").iterdir() if path.is_file())]
        texts += [text for path in files if "script-src" in (text := path.read_text("utf-8"))]
        assert len(texts) >= 5
        return {digest for text in texts for digest in re.findall(r"sha256-([\w+/=]+)", text)}

    site.build()
    page = site.page()
    own = base64.b64encode(hashlib.sha256(page.find(".//script").text.encode()).digest()).decode()
    assert "dataset.own" in page.find(".//script").text and allowed() == {own}
    (tmp_path / "templates/page.js").unlink()
    site.build()
    assert len(ours := allowed()) == 1 and ours != {own}
    site.hours += 1
    rollback(site.settings, START + timedelta(hours=site.hours))
    assert allowed() == {own}


def test_the_language_is_told_from_the_titles_where_none_is_set(tmp_path: Path) -> None:
    """A Chinese folder has Chinese pages, and says so in its feeds."""
    site = Site(tmp_path, language=None, title="example.org")
    site.write("a", "這是標題：台北的雨", "2025-01-01")
    site.write("b", "對於時間的說法", "2025-01-02")
    site.build()
    assert site.page().get("lang") == "zh-Hant"
    assert etree.parse(site.settings.output / "rss.xml").findtext("channel/language") == "zh-Hant"


# parts


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["数据库的写前日志", "SQLite WAL 到底写了什么", "时间"], "zh-Hans"),
        (["資料庫的說明", "這是時間"], "zh-Hant"),
        (["日本語の記事です", "東京の天気"], "ja"),
        (["한국어 글", "서울의 날씨"], "ko"),
        (["Заметки о коде"], "ru"),
        (["山水"], "zh"),
        (["A post about 月饼"], None),
        (["Only English", "Nur Deutsch"], None),
        (["Deploying a Flask app behind nginx", "用 git worktree 同时做两件事，以及别的"], "zh-Hans"),
        ([""], None),
        ([], None),
    ],
)
def test_a_script_tells_the_language(texts: list[str], language: str | None) -> None:
    """Where it can; Latin letters tell nothing."""
    assert _language.guess(texts) == language


@pytest.mark.parametrize(
    ("title", "path", "is_name"),
    [
        ("n26", "notes/n26.md", True), ("hello world", "2026-01-02-hello-world.md", True), ("2026-01-02", "2026-01-02.md", True),
        ("雨声", "雨声.md", False), ("Hello, world", "hello-world.md", False), ("Tea", "notes/rain.md", False),
    ],
)  # fmt: skip
def test_names_of_files_tell_no_language(title: str, path: str, is_name: bool) -> None:
    """Untitled notes in Chinese have Latin file names, which made their site English."""
    assert publication._is_file_name(title, path) is is_name


def order(labels: list[str], language: str) -> list[str]:
    found = collation.places(labels, language)
    return [label for _, label in sorted(zip(found, labels, strict=True), key=lambda pair: pair[0].key)]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "zh-CN",
            ["2D", "3D", "API", "安全", "C", "C++", "长沙", "重庆", "第2章", "第10章", "技术", "Python", "阳台", "音乐", "瑜伽"],
        ),
        ("zh-TW", ["一", "人", "大", "生活", "技術", "愛", "龜"]),
        ("ja", ["あい", "カメラ", "さくら", "はな", "パン", "愛"]),
        ("ko", ["A", "기술", "나비", "생활"]),
        ("de", ["9", "10", "Apfel", "Äpfel", "Zebra"]),
        ("fr", ["éclair", "École", "zoo"]),
    ],
)
def test_terms_stand_in_the_order_of_the_language(language: str, wanted: list[str]) -> None:
    """Whatever order they come in."""
    assert order(sorted(wanted, reverse=True), language) == wanted
    assert order(wanted[::-1], language) == wanted


def test_headings_of_terms() -> None:
    """Pinyin and Latin letters share theirs; hangul has its initials, kana its rows."""
    assert [one.heading for one in collation.places(["安全", "API", "重庆", "3D", "éclair"], "zh")] == ["A", "A", "C", "", "E"]
    assert [one.heading for one in collation.places(["기술", "까치"], "ko")] == ["ㄱ", "ㄲ"]
    assert [one.heading for one in collation.places(["カメラ", "がぎ", "ヴァイオリン"], "ja")] == ["か", "か", "あ"]


def test_two_labels_never_share_a_place() -> None:
    """So that the order is total."""
    labels = ["a", "A", "á", "Á", "ａ"]
    assert len({one.key for one in collation.places(labels, "en")}) == len(labels)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 149, 150, 1234])
def test_pages_of_a_list_hold_every_post_once(count: int) -> None:
    """None larger than two full ones, all but the newest exactly full; each knows its neighbours."""
    look = Look(base_url=BASE)
    found = lines.pages(look, "x/", 10, 10 + count)
    assert [number for page in found for number in range(page.start, page.stop)] == list(range(10, 10 + count))
    assert all(page.stop - page.start == lines.PER_PAGE for page in found[1:])
    assert found[0].stop - found[0].start < 2 * lines.PER_PAGE
    assert [page.older for page in found] == [page.path for page in found[1:]] + [None]
    assert [page.newer for page in found] == [None] + [page.path for page in found[:-1]]


def test_a_full_page_never_changes() -> None:
    """Whatever comes in front of it."""
    look = Look(base_url=BASE)

    def full(count: int) -> dict[str, tuple[int, int]]:
        """By path, the posts of each full page, counted from the oldest."""
        return {page.path: (count - page.stop, count - page.start) for page in lines.pages(look, "x/", 0, count)[1:]}

    for count in range(100, 400):
        assert full(count).items() <= full(count + 1).items()


def test_a_zone_decides_the_month() -> None:
    """Midnight of the zone; also where a month begins in summer time."""
    moments = [
        datetime(2025, 6, 30, 22, 0, tzinfo=UTC),
        datetime(2025, 6, 30, 21, 59, 59, tzinfo=UTC),
        datetime(2024, 12, 31, 23, 0, tzinfo=UTC),
    ]
    seconds = [int(moment.timestamp()) for moment in moments]
    found = [(span.year, span.month, span.start, span.stop) for span in lines.spans(seconds, "Europe/Berlin")]
    assert found == [(2025, 0, 0, 3), (2025, 7, 0, 1), (2025, 6, 1, 2), (2025, 1, 2, 3)]


def test_the_list_of_terms_is_cut_by_size(tmp_path: Path) -> None:
    """5,000 tags: no page passes 100 kB, each tag stands on exactly one, and each page leads to the others."""
    from sample_pages import LOOK, SITE, place, places

    from feeds.formats.pages.render import Renderer

    feeds = [place(f"tag/{number}/", (f"标签{number}",), "", count=number % 7 + 1) for number in range(5000)]
    found = term_index.pages(LOOK, "tag", feeds)
    assert [page.path for page in found[:2]] == ["tag/index.html", "tag/index-2.html"]
    seen: list[str] = []
    for page in found:
        body = term_index.document(Renderer(LOOK), SITE, feeds, page, places())
        assert len(body) < 100_000
        root = etree.fromstring(body.decode(), etree.HTMLParser())
        seen += [anchor.text or "" for anchor in root.iterfind(".//ul[@class='terms']/li/a")]
        parts = [" ".join("".join(part.itertext()).split()) for part in root.findall(".//nav[@class='parts']//li")]
        assert len(parts) == len(set(parts)) == len(found)
    assert sorted(seen) == sorted(f"标签{number}" for number in range(5000))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "12,345 posts"), ("de", "12.345 Beiträge"), ("fr", "12\u202f345 articles")]
)
def test_large_numbers_are_written_as_the_language_does(language: str, said: str) -> None:
    """And years are not."""
    from feeds.formats._strings import strings

    words = strings(language)
    assert words.count("posts", 12345) == said
    assert words.fill("year", year=2025) == "2025" and words.number(9999) == "9999"


def test_every_language_has_every_string() -> None:
    """But the forms that it has no use for; and knows no other. What a regional file changes, its language has."""
    from feeds.formats import _strings

    tables = {path.stem: _strings._load(path) for path in _strings.FOLDER.glob("*.toml")}
    assert tables.keys() >= {"en", "zh-Hans", "zh-Hant", "ja", "ko", "fr", "de", "es"}
    for tag, table in tables.items():
        assert table.keys() <= tables["en"].keys(), tag
        if "months" in table:
            missing = tables["en"].keys() - table.keys()
            assert missing == ({name for name in tables["en"] if name.endswith("_one")} if not table["singular"] else set()), tag
        for name, value in table.items():
            if isinstance(value, str):
                assert set(re.findall(r"\{\w+\}", value)) == set(re.findall(r"\{\w+\}", str(tables["en"][name]))), (
                    f"{tag}: {name}"
                )


@pytest.mark.parametrize(
    ("language", "tags"),
    [
        ("zh-TW", ["zh-tw", "zh-hant", "zh", "en"]),
        ("zh-Hans-HK", ["zh-hans-hk", "zh-hans", "zh", "en"]),
        ("de-CH-x-old", ["de-ch-x-old", "de-ch", "de", "en"]),
        (None, ["en"]),
    ],
)
def test_a_language_falls_back_as_the_rfc_says(language: str | None, tags: list[str]) -> None:
    """RFC 4647 section 3.4: from the right, a single letter with what follows it; Chinese by its script."""
    from feeds.formats._strings import fallbacks

    assert list(fallbacks(language)) == tags


def test_every_reader_of_the_settings_is_known() -> None:
    """And has an address that takes the feed's."""
    assert {*readers.KNOWN, readers.OWN} == set(READERS)
    assert set(readers.DEFAULT) <= set(READERS)
    for button in readers.buttons(READERS, "https://example.org/技术?a=b&c", "own"):
        assert "example.org" in button.url


@pytest.mark.parametrize(
    ("changed", "has_page"),
    [
        ({}, True), ({"generator": "obsidian"}, True), ({"generator": "obsidian", "dialect": {"quartz": True}}, False),
        ({"generator": "hexo"}, False), ({"pages": "feeds/"}, False), ({"pages": False}, False),
    ],
)  # fmt: skip
def test_an_address_with_nothing_leads_on(tmp_path: Path, changed: Mapping[str, Any], has_page: bool) -> None:
    """404.html in the site's language, its links good at any depth; beside a generator there is none of ours."""
    site = Site(tmp_path, language="zh-CN", **changed)
    site.fill(2)
    site.build()
    assert ("404.html" in site.pages()) == has_page
    if has_page:
        root = site.page("404.html")
        assert root.findtext(".//h1") == "找不到页面" and root.get("lang") == "zh-CN"
        assert root.find(".//meta[@name='robots']").get("content") == "noindex"
        links = {element.get("href") for element in root.iter("a", "link")}
        assert {"/blog/", "/blog/feeds.css", f"{BASE}atom.xml", f"{BASE}feed.json"} <= links
        assert all(link.startswith(("/blog/", "https://", "follow:", "#")) for link in links)
        before = site.pages()["404.html"]
        site.write("new", "新的", "2025-12-20")
        site.build()
        assert site.pages()["404.html"] == before


def test_a_404_of_somebody_else_stays(tmp_path: Path) -> None:
    """In a folder that others write, too, a file that is not ours is left as it is."""
    site = Site(tmp_path, output_mode="files")
    site.settings.output.mkdir()
    (site.settings.output / "404.html").write_text("theirs")
    site.fill(2)
    outcome = site.build()
    assert (site.settings.output / "404.html").read_text() == "theirs" and "404.html" not in outcome.switched.changed


def test_the_docs_name_every_variable_and_block() -> None:
    """What templates see is documented, field by field, and so is every block and file."""
    for name in ("Site", "Page", "Subscribe", "Address", "Item", "Date", "Directory", "Term", "EntryPage", "Group"):
        view = getattr(views, name)
        assert is_dataclass(view)
        for field in fields(view):
            assert f"`{field.name}`" in DOCS, f"{name}.{field.name}"
    for path in HERE.glob("*.j2"):
        assert f"`{path.name}`" in DOCS
        for block in re.findall(r"\{% block (\w+) %\}", path.read_text(encoding="utf-8")):
            assert f"`{block}`" in DOCS, f"{path.name}: {block}"
