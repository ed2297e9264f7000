"""Addresses of terms that hold only the last name of a path: each term has one of its own, for good, and none stops a build."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
from lxml import etree

from feeds.build.groups.taxonomy import short_slugs
from feeds.cli.main import main
from feeds.ledger.ledger import Ledger

BASE = "https://example.org/"
SHORT = '[paths]\ncategory = "category/{slug}/"\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "posts").mkdir()
    monkeypatch.chdir(tmp_path)
    settings(tmp_path, SHORT)
    return tmp_path


def settings(site: Path, text: str) -> None:
    (site / "feeds.toml").write_text(f'base_url = "{BASE}"\n{text}', "utf-8")


def write(site: Path, name: str, header: str) -> None:
    (site / f"posts/{name}.md").write_text(f"---\ntitle: {name}\ndate: 2020-01-01\n{header}\n---\ntext of {name}\n", "utf-8")


def build(site: Path, *words: str) -> set[str]:
    """The addresses of all feeds but the site's own."""
    assert main(["build", *words]) == 0
    return {path.parent.relative_to(site / "public").as_posix() for path in (site / "public").rglob("atom.xml")} - {"."}


def entries(site: Path, address: str) -> list[str]:
    root = etree.parse(site / f"public/{address}/atom.xml")
    return sorted(title.text for title in root.iterfind("{*}entry/{*}title"))


def dead_links(site: Path) -> list[str]:
    """Links of pages to addresses at which nothing is published."""
    output = site / "public"
    dead = []
    for path in sorted(output.rglob("*.html")):
        address = BASE + path.relative_to(output).as_posix()
        for link in etree.parse(path, etree.HTMLParser()).iter("a"):
            target = unquote(urljoin(address, link.get("href") or "").partition("#")[0])
            file = output / (target.removeprefix(BASE) + "index.html" * target.endswith("/"))
            if target.startswith(BASE) and not file.is_file():
                dead.append(f"{path}: {target}")
    return dead


def test_two_categories_of_one_name(site: Path) -> None:
    """The one that was there first keeps its address, whatever their order, and the pages lead to both."""
    write(site, "a", "categories: [[work, tea]]")
    assert build(site) == {"category/work", "category/tea"}
    write(site, "b", "categories: [[home, tea]]")
    assert build(site) == {"category/work", "category/tea", "category/home", "category/home-tea"}
    assert entries(site, "category/tea") == ["a"] and entries(site, "category/home-tea") == ["b"]
    write(site, "c", "categories: [tea]\ntags: [home-tea]")
    write(site, "d", "categories: [home tea]")
    addresses = build(site)
    assert entries(site, "category/tea") == ["a"] and entries(site, "category/home-tea") == ["b"] and len(addresses) == 7
    assert dead_links(site) == []
    page = (site / "public/entry/b/index.html").read_text("utf-8")
    assert 'href="../../category/home-tea/"' in page and 'href="../../category/tea/"' not in page


def test_an_address_outlives_its_rival_and_the_state(site: Path) -> None:
    """Neither the loss of the first one's posts, nor of the state, nor a move by the text of the ledger gives it to another."""
    write(site, "a", "categories: [[work, tea]]")
    build(site)
    write(site, "b", "categories: [[home, tea]]")
    before = build(site)
    (site / "posts/a.md").unlink()
    assert build(site, "--accept-removals") == before and entries(site, "category/tea") == []
    (site / ".feeds").rename(site / "lost")
    assert build(site) == before and entries(site, "category/home-tea") == ["b"]
    assert main(["ledger", "export", "ledger.txt"]) == 0
    (site / ".feeds").rename(site / "lost2")
    (site / "public").rename(site / "lost3")
    assert main(["ledger", "import", "ledger.txt"]) == 0
    assert build(site) == before and entries(site, "category/home-tea") == ["b"]


def test_a_pattern_that_is_tried_and_put_back(site: Path) -> None:
    """Slugs of the whole path stay what they were."""
    settings(site, "")
    for name, header in (("a", "categories: [[work, tea]]"), ("b", "categories: [[home, tea]]")):
        write(site, name, header)
    before = build(site)
    assert before == {"category/work", "category/work/tea", "category/home", "category/home/tea"}
    settings(site, SHORT)
    short = build(site)
    assert len(short) == 4 and dead_links(site) == []
    settings(site, "")
    assert build(site) == before
    settings(site, SHORT)
    assert build(site) == short


def test_categories_below_languages(site: Path) -> None:
    """They have the slugs of the categories; without feeds of categories, slugs of their own."""
    for name, header in (
        ("a", "lang: en\ncategories: [[work, tea]]"), ("b", "lang: en\ncategories: [[home, tea]]"),
        ("c", "lang: zh\ncategories: [[home, tea]]"),
    ):  # fmt: skip
        write(site, name, header)
    for taxonomies in ('["category", "language"]', '["language"]'):
        settings(site, f"state = '{len(taxonomies)}'\ntaxonomies = {taxonomies}\nlanguage_categories = true\n{SHORT}")
        addresses = build(site)
        assert build(site) == addresses and len(addresses) == (12 if "category" in taxonomies else 8)
        (tea,) = (address for address in addresses if address.startswith("language/zh/") and "tea" in address)
        assert entries(site, tea) == ["c"]


def test_a_forgotten_category_leaves_no_name(site: Path) -> None:
    write(site, "a", "categories: [[work, tea]]")
    write(site, "b", "categories: [[secret, tea]]")
    build(site)
    (site / "posts/b.md").unlink()
    build(site, "--accept-removals")
    assert main(["ledger", "forget", "category/secret"]) == 0
    assert build(site) == {"category/work", "category/work-tea"}
    ledger = Ledger.open(site / ".feeds")
    assert not any("secret" in fact for fact in ledger.contents().facts)
    ledger.close()
    assert b"secret" not in (site / "public/.feeds-manifest.json").read_bytes()


def test_what_is_below_a_category_that_lost_its_address(site: Path) -> None:
    """The feed above it is the nearest that there is."""
    write(site, "a", "categories: [[life, tea, green]]")
    build(site)
    write(site, "a", "categories: [[tea, blue]]")
    assert build(site) == {"category/life", "category/tea", "category/green", "category/blue"}
    assert dead_links(site) == []


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        ([("tea",)], {}, ["tea"]),
        ([("work", "tea"), ("home", "tea")], {}, ["tea", "home-tea"]),
        ([("work", "tea"), ("home", "tea"), ("home-tea",)], {}, ["tea", "home-tea", None]),
        ([("work", "tea"), ("home", "tea")], {("home", "tea"): "tea"}, ["work-tea", "tea"]),
        # two of one name from ledgers that were merged
        ([("work", "tea"), ("home", "tea")], {("work", "tea"): "tea", ("home", "tea"): "tea"}, ["tea", "home-tea"]),
        ([("a" * 95,), ("b" * 95, "a" * 95)], {}, ["a" * 95, None]),
    ],
)
def test_short_slugs(wanted: list[tuple[str, ...]], given: dict[tuple[str, ...], str], expected: list[str | None]) -> None:
    """The first in order chooses first; those that got one before keep it."""
    results = [short_slugs({key: key for key in wanted}, given)[key] for key in wanted]
    assert len(set(results)) == len(results) and all(len(slug.encode()) <= 100 for slug in results)
    assert all(slug in (None, result) for slug, result in zip(expected, results, strict=True))


def test_a_category_with_the_name_of_a_document(site: Path) -> None:
    """It gets another folder: where a document lies no folder can be."""
    settings(site, '[paths]\nrss = "feed.rss"\n')
    write(site, "a", "categories: [[tech, Feed.RSS]]\ntags: [feed.rss]")
    addresses = build(site)
    assert (site / "public/category/tech/feed.rss").is_file() and len(addresses) == 3


def test_the_sites_feed_in_the_folder_of_categories(site: Path) -> None:
    """The list of all categories is beside the site's own page then."""
    settings(site, '[paths]\nsite = "feeds/"\ncategory = "feeds/{path}/"\n')
    write(site, "a", "categories: [tech]")
    build(site)
    assert (site / "public/feeds/index.html").is_file() and (site / "public/feeds/index/index.html").is_file()
    assert dead_links(site) == []
