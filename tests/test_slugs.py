"""Names as path segments and paths as URLs: readable, safe on every file system, never shared by two names."""

from __future__ import annotations

import itertools

import pytest

from feeds.slugs import MAX_PATH_BYTES, MAX_SLUG_BYTES, RESERVED, bounded, cut, fold, slug, unique
from feeds.urls import ARCHIVE_FILE_NAME, archive_file_name, encode_page, encode_path, resolve


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tech", "tech"),
        ("Web  Design", "web-design"),
        ("技术", "技术"),
        ("Ｔｅｃｈ", "tech"),
        ("Café", "café"),
        ("Cafe\u0301", "café"),
        ("Straße", "strasse"),
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("R&D", "r-and-d"),
        ("AC/DC", "ac-slash-dc"),
        ("50% @ $5", "50-percent-at-dollar-5"),
        ("a=b*c<d>e", "a-equals-b-star-c-lt-d-gt-e"),
        ("a\\b|c^d~e!f?", "a-backslash-b-pipe-c-caret-d-tilde-e-bang-f-question"),
        ("node.js", "node.js"),
        (".NET", "net"),
        ("snake_case", "snake_case"),
        ("--a - - b--", "a-b"),
        ("one, two; (three)", "one-two-three"),
        ("a\u200bb\x00c", "abc"),
        ("हिन्दी", "हिन्दी"),
        ("Tea 🍵", "tea-🍵"),
        ("...a...", "a"),
        ("2026", "2026"),
    ],
)
def test_a_name_is_a_readable_segment(name: str, expected: str) -> None:
    """Letters of every script stay; symbols that tell names apart are written as words."""
    assert slug(name) == expected
    assert slug(expected) == expected, "a slug is its own slug"


@pytest.mark.parametrize(
    "name",
    [*sorted(RESERVED), *(name.upper() for name in sorted(RESERVED)), "con", "Aux", "nul.txt", "COM1", "com¹", "lpt9.md", "prn"],
)
def test_reserved_names_and_names_of_devices_get_a_mark(name: str) -> None:
    """Our own documents lie beside the folders of terms, and Windows cannot hold files of some names."""
    result = slug(name)
    assert result not in RESERVED and "." not in result
    assert result[:-9] and result[-9] == "-" and set(result[-8:]) <= set("0123456789abcdef")


@pytest.mark.parametrize("ending", ["xml", "json", "html", "opml", "gz", "br"])
def test_a_name_with_the_ending_of_a_document_loses_it(ending: str) -> None:
    """A server tells types by endings, and a folder is not a document."""
    result = slug(f"Feed.v2.{ending}")
    assert result.startswith(f"feed-v2-{ending}-") and len(result) == len(f"feed-v2-{ending}-") + 8


@pytest.mark.parametrize("name", ["", "   ", "...", "--", "…", "()", "\u200b", "\u0301"])
def test_a_name_without_letters_gets_a_slug_all_the_same(name: str) -> None:
    """And two such names two slugs."""
    assert slug(name).startswith("x-") and len(slug(name)) == 10
    assert slug(name) != slug(name + "•")


@pytest.mark.parametrize("letter", ["a", "é", "技", "🍵"])
def test_a_long_name_is_cut_at_a_character(letter: str) -> None:
    """Within what file systems hold, and two that begin alike stay apart."""
    size = len(letter.encode())
    whole = letter * ((MAX_SLUG_BYTES - 9) // size)
    assert slug(whole) == whole
    longer, longest = whole + letter, whole + letter * 2
    assert slug(longer) != slug(longest)
    for name in (longer, longest):
        assert MAX_SLUG_BYTES - size < len(slug(name).encode()) <= MAX_SLUG_BYTES
        assert slug(name)[:-9] == whole and slug(name)[-9] == "-"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("tea", 3, "tea"), ("teas", 3, "tea"), ("茶茶", 3, "茶"), ("茶茶", 5, "茶"), ("茶", 2, ""), ("te-a", 3, "te"), ("te.a", 3, "te"), ("teX", 3, "teX"), ("aXb", 1, "a"),
        ("e\u0301x", 1, ""), ("ae\u0301", 2, "a"), ("a👩\u200d💻", 5, "a"), ("a☕\ufe0f", 4, "a"), ("a☕b", 4, "a☕"),
    ],
)  # fmt: skip
def test_a_text_is_never_cut_inside_a_character(text: str, limit: int, expected: str) -> None:
    """Nor before what combines with it."""
    assert cut(text, limit) == expected


@pytest.mark.parametrize(
    ("names", "taken", "expected"),
    [
        (["tech"], (), {"tech": "tech"}),
        (["c++", "c#", "c"], (), {"c++": "c-plus-plus", "c#": "c-sharp", "c": "c"}),
        (["web design", "web, design"], (), {"web design": "web-design"}),
        (["web-design", "web design"], (), {"web design": "web-design"}),
        (["(web) design", "web design"], (), {"web design": "web-design"}),
        (["c++", "c plus plus"], (), {"c plus plus": "c-plus-plus"}),
        (["tech"], ("tech",), {}),
        ([], (), {}),
    ],
)
def test_of_names_that_share_a_slug_the_plainest_keeps_it(
    names: list[str], taken: tuple[str, ...], expected: dict[str, str]
) -> None:
    """The others get a mark of their own text, whatever order they come in."""
    results = {tuple(sorted(unique(order, taken).items())) for order in itertools.permutations(names)}
    assert len(results) == 1
    given = dict(results.pop())
    assert given.keys() == set(names) and len(set(given.values())) == len(names) and not set(taken) & set(given.values())
    for name, result in given.items():
        if name in expected:
            assert result == expected[name]
        else:
            assert result[:-9] == slug(name) and result[-9] == "-"


def test_a_slug_with_a_mark_that_is_taken_gets_another() -> None:
    """Also at the limit of length, and again the same in the next build."""
    for name in ("tech", "a" * 91):
        first = unique([name], (name,))[name]
        second = unique([name], (name, first))[name]
        assert len({name, first, second}) == 3 and second.startswith(name[:50]) and len(second) <= MAX_SLUG_BYTES
        assert second == unique([name], (first, name))[name]
        third = unique([name], (name, first, second))[name]
        assert third not in (name, first, second)
    long = "a" * 95
    assert len(slug(long)) == len(unique([long], (slug(long),))[long]) == MAX_SLUG_BYTES


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Tech", "tech", True), ("Tech ", " tech", True), ("web  design", "web\u00a0design", True), ("café", "cafe\u0301", True),
        ("a\u200bb", "a b", True), ("STRASSE", "straße", True), ("tech", "teche", False), ("web design", "web-design", False),
    ],
)  # fmt: skip
def test_spellings_of_one_name(first: str, second: str, same: bool) -> None:
    """Case, blanks and normal form do not matter; all else does."""
    assert (fold(first) == fold(second)) is same


def test_a_path_longer_than_proxies_take_ends_in_a_digest() -> None:
    """Its beginning stays readable, and two long paths stay apart."""
    fits = "/".join(["技术" * 15] * 9) + "/" + "a" * (MAX_PATH_BYTES - (90 + 1) * 9)
    assert len(fits.encode()) == MAX_PATH_BYTES and bounded(fits) == fits
    long, other = bounded(fits + "b"), bounded(fits + "c")
    assert long != other and len(long.encode()) <= MAX_PATH_BYTES and long.endswith("/")
    folders, last = long.rstrip("/").rsplit("/", 1)
    assert len(last) == 20 and fits.startswith(folders + "/") and folders.count("/") == 8
    assert len(bounded("a" * 901)) == 21, "a single long name"
    assert MAX_PATH_BYTES - 3 <= len(bounded("/".join("a" * 500))) <= MAX_PATH_BYTES, "many short ones"


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("rss.xml", 3, "rss-archive-3.xml"),
        ("feed.min.json", 12, "feed.min-archive-12.json"),
        ("atom.xml", 1, "atom-archive-1.xml"),
    ],
)
def test_archive_documents_keep_the_ending(name: str, number: int, expected: str) -> None:
    """By which servers tell types; and the name is known again."""
    assert archive_file_name(name, number) == expected
    match = ARCHIVE_FILE_NAME.match(expected)
    assert match is not None and f"{match[1]}{number}{match[2]}" == expected
    assert not ARCHIVE_FILE_NAME.match(name) and not ARCHIVE_FILE_NAME.match("rss-archive-0.xml")


def test_paths_as_urls() -> None:
    """Generators link pages with the signs that RFC 3986 allows; our own paths are encoded whole."""
    assert encode_page("2021/it's tea (1)+a,b;c=d:e@f!$&*~/") == "2021/it's%20tea%20(1)+a,b;c=d:e@f!$&*~/"
    assert encode_page("茶?#%/") == "%E8%8C%B6%3F%23%25/"
    assert encode_path("category/技术/c++/it's_a-b.~/") == "category/%E6%8A%80%E6%9C%AF/c%2B%2B/it%27s_a-b.~/"


@pytest.mark.parametrize(
    ("url", "schemes", "expected"),
    [
        ("b.png", None, "https://example.org/a/b.png"),
        ("https://example.org:8443/x", None, "https://example.org:8443/x"),
        ("/b c.png", None, "https://example.org/b%20c.png"),
        ("//cdn.example/茶", None, "https://cdn.example/%E8%8C%B6"),
        ("HTTP://例子.example/", None, "http://xn--fsqu00a.example/"),
        ("\\\\evil.example\\x", None, "https://evil.example/x"),
        ("java\nscript:alert(1)", None, None),
        ("mailto:ann@example.org", None, None),
        ("mailto:ann@example.org", ("mailto",), "mailto:ann@example.org"),
        ("http://[", None, None),
        ("data:text/html,x", None, None),
    ],
)
def test_urls_are_resolved_as_browsers_do(url: str, schemes: tuple[str, ...] | None, expected: str | None) -> None:
    """Absolute, ASCII, and of no scheme but those asked for."""
    base = "https://example.org/a/"
    assert (resolve(url, base) if schemes is None else resolve(url, base, schemes)) == expected
