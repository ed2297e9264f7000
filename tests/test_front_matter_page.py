"""docs/front-matter.md says what the reader reads: it is made from the reader's tables, and each key of it is tried on a post."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import dialects
from feeds.build import run
from feeds.cli import front_matter_page
from feeds.model import Entry
from feeds.posts.keys import ENCLOSURES, IMAGES, LANGUAGES, SUMMARIES, all_known
from feeds.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "front-matter.md"
KEYS = dialects.by_name("plain").keys
BEFORE = "2021-08-04T00:00:00Z"
#: What a key says, as front matter has it.
VALUES = {
    "published": BEFORE, "updated": BEFORE, "expires": "2022-01-01T00:00:00Z", "embargo": "2024-01-01T00:00:00Z",
    "ids": "urn:x:{number}", "links": "/own/page/",
    "categories": "Tea", "tags": "[green, black]", "authors": "Ann", "summary": "In short.", "image": "https://example.org/a.png",
    "language": "fr", "enclosure": "https://example.org/a.mp3", "canonical": "https://other.example/a", "about": "https://other.example/a",
    "rights": "CC BY",
}  # fmt: skip
CASES = [
    *((name, key) for name in front_matter_page.DIFFERENT for key in getattr(KEYS, name)),
    *((name, key) for name, (_, keys) in front_matter_page.ALIKE.items() if name in VALUES for key in keys),
]


def test_the_page_is_made_of_the_tables() -> None:
    """`python -m feeds.cli.front_matter_page > docs/front-matter.md` would change nothing."""
    assert PAGE.read_text("utf-8") == front_matter_page.page()


@pytest.mark.parametrize("name", dialects.NAMES)
def test_every_key_that_is_read_is_on_the_page(name: str) -> None:
    """Whatever the generator."""
    on_the_page = {word.casefold().replace("_", "") for word in re.findall(r"`([^`]+)`", PAGE.read_text("utf-8"))}
    assert {key.casefold().replace("_", "") for key in all_known(dialects.by_name(name).keys)} - on_the_page == set()


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry | None]:
    """One post for each key, as it is published: by the post's name; None if it is not."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "posts").mkdir()
    for number, (name, key) in enumerate(CASES):
        date = "" if name == "published" else "date: 2020-01-01T00:00:00Z\n"
        text = f"---\ntitle: Post {number}\n{date}{key}: {VALUES[name].format(number=number)}\n---\nText {number} of the post, unlike all others.\n"
        (folder / f"posts/{number}.md").write_text(text, "utf-8")
    settings = Settings(
        base_url="https://example.org/", posts=folder / "posts", output=folder / "public", state=folder / ".feeds", limit=500,
        max_document_bytes=15_000_000, warn_document_bytes=15_000_000, show_email=True,
    )  # fmt: skip
    with run.look(settings, datetime(2023, 1, 1, tzinfo=UTC)) as (_, built):
        feed = built.publication.feeds[0]
        by_title = {entry.title: entry for entry in feed.entries}
    return {str(number): by_title.get(f"Post {number}") for number in range(len(CASES))}


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{name}-{key}" for name, key in CASES])
def test_each_key_says_what_the_page_says(entries: dict[str, Entry | None], number: int) -> None:
    """A key that the page names has its effect on the entry."""
    name, key = CASES[number]
    entry = entries[str(number)]
    if name in ("expires", "embargo"):
        assert entry is None
        return
    assert entry is not None, key
    instant = datetime(2021, 8, 4, tzinfo=UTC)
    expected = {
        "published": lambda: entry.published == instant,
        "updated": lambda: entry.updated == instant,
        "ids": lambda: entry.id == f"urn:x:{number}",
        "links": lambda: entry.permalink == "https://example.org/own/page/",
        "categories": lambda: (
            [category.label for category in entry.categories if category.scheme.endswith("category/")] == ["Tea"]
        ),
        "tags": lambda: {"green", "black"} <= {category.label for category in entry.categories},
        "authors": lambda: [author.name for author in entry.authors] == ["Ann"],
        "summary": lambda: entry.summary == "In short.",
        "image": lambda: entry.image is not None and entry.image.url == VALUES["image"],
        "language": lambda: entry.language == "fr",
        "enclosure": lambda: [enclosure.url for enclosure in entry.enclosures] == [VALUES["enclosure"]],
        "canonical": lambda: entry.canonical == VALUES["canonical"],
        "about": lambda: entry.via == VALUES["about"],
        "rights": lambda: entry.rights == "CC BY",
    }
    assert expected[name](), entry


def test_the_constants_are_those_of_the_reader() -> None:
    keys = {key for name in ("summary", "image", "language", "enclosure") for key in front_matter_page.ALIKE[name][1]}
    assert keys == {*SUMMARIES, *IMAGES, *LANGUAGES, *ENCLOSURES}
