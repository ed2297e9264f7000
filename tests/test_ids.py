"""How ids are written: what authors and file names hold, as URIs that every reader takes for the same."""

from __future__ import annotations

import unicodedata

import pytest

from feeds.ledger.ids import encode, explicit_id, feed_id, minted_id

AUTHORITY = "example.org,2026"
UUID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # UUIDs, as generators and editors write them
        (UUID, f"urn:uuid:{UUID}"),
        (f"  {UUID.upper()}\n", f"urn:uuid:{UUID}"),
        (f"{{{UUID}}}", f"urn:uuid:{UUID}"),
        (f"URN:UUID:{UUID.upper()}", f"urn:uuid:{UUID}"),
        # a name becomes a tag: URI of the site
        ("tea", f"tag:{AUTHORITY}:tea"),
        ("茶", f"tag:{AUTHORITY}:%E8%8C%B6"),
        ("tea & cake", f"tag:{AUTHORITY}:tea%20%26%20cake"),
        ("1234", f"tag:{AUTHORITY}:1234"),
        # other schemes: only the spelling that cannot matter is changed
        ("TAG:old.example,2019:Tea", "tag:old.example,2019:Tea"),
        ("tag:old.example,2019:茶", "tag:old.example,2019:%E8%8C%B6"),
        ("urn:isbn:0451450523", "urn:isbn:0451450523"),
        ("urn:x:a%7eb%2fc%20d", "urn:x:a~b%2Fc%20d"),
        ("urn:x:a b", "urn:x:a%20b"),
        ("urn:x:e\u0301", "urn:x:%C3%A9"),
        ("urn:x:caf\udce9", "urn:x:caf%E9"),
        # addresses (RFC 3986 section 6.2)
        ("HTTP://Blog.Example.org", "http://blog.example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("http://[2001:DB8::1]/a", "http://[2001:db8::1]/a"),
        ("http://Ann@Example.org/a", "http://Ann@example.org/a"),
        ("http://Ann:secret@Example.org:80/a", "http://Ann:secret@example.org/a"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/a/..", "https://example.org/"),
        ("https://example.org/a/b/..", "https://example.org/a/"),
        ("https://example.org/a/b/.", "https://example.org/a/b/"),
        ("https://example.org/../../a", "https://example.org/a"),
        ("https://example.org/a//b/", "https://example.org/a//b/"),
        ("https://example.org/a?b=../c&d#E", "https://example.org/a?b=../c&d#E"),
        ("https://example.org/?p=12", "https://example.org/?p=12"),
        ("https://example.org?p=12", "https://example.org/?p=12"),
        ("https://例子.example/茶", "https://xn--fsqu00a.example/%E8%8C%B6"),
        ("https://example.org/%7Eann/%e8%8c%b6", "https://example.org/~ann/%E8%8C%B6"),
        # a percent sign that begins no octet (RFC 3986 section 2.1)
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/%e8%8c%/%4", "https://example.org/%E8%8C%25/%254"),
        ("urn:x:50%-off%%41", "urn:x:50%25-off%25A"),
        # what is not an address stays as it is written
        ("http:tea", "http:tea"),
        ("http:///tea", "http:///tea"),
        ("http://example.org:port/a", "http://example.org:port/a"),
        ("http://[2001:db8::1/a", "http://[2001:db8::1/a"),
    ],
)
def test_an_id_of_front_matter_is_a_normalised_uri(written: str, expected: str) -> None:
    """Equal ids are equal letter by letter (RFC 4287 section 4.2.6.1), and the second build reads what the first wrote."""
    assert explicit_id(written, AUTHORITY) == expected
    assert expected.isascii() and explicit_id(expected, AUTHORITY) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tech/hello-world_2~.md", "tech/hello-world_2~.md"),
        ("a b/c+d.md", "a%20b/c%2Bd.md"),
        ("技术/茶.md", "%E6%8A%80%E6%9C%AF/%E8%8C%B6.md"),
        ("50%.md", "50%25.md"),
        ("caf\u00e9.md", "caf%C3%A9.md"),
        ("caf\u0065\u0301.md", "caf%C3%A9.md"),
        ("caf\udce9.md", "caf%E9.md"),
    ],
)
def test_a_path_becomes_the_same_id_on_every_system(path: str, expected: str) -> None:
    """macOS gives names decomposed, others composed; a name that is not UTF-8 keeps its bytes."""
    if path.isprintable():
        assert {encode(unicodedata.normalize(form, path)) for form in ("NFC", "NFD")} == {expected}
    assert encode(path) == expected
    assert minted_id(AUTHORITY, path) == f"tag:{AUTHORITY}:{expected}"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((), "feeds/tag"),
        (("tea",), "feeds/tag/tea"),
        (("a", "b c"), "feeds/tag/a/b%20c"),
        (("a/b",), "feeds/tag/a%2Fb"),
        (("茶",), "feeds/tag/%E8%8C%B6"),
    ],
)
def test_the_id_of_a_terms_feed_is_made_of_its_names(key: tuple[str, ...], expected: str) -> None:
    """A name with a slash is one name: `a/b` is not b within a."""
    assert feed_id(AUTHORITY, "tag", key) == f"tag:{AUTHORITY}:{expected}"
