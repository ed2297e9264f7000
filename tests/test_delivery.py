"""Headers as pure functions: tags, dates, codings, freshness, ranges, negotiation."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import http_headers

DIGESTS = st.binary(max_size=8).map(lambda body: sha256(body).hexdigest())
#: A digest whose tag ends in the character with which a coding's suffix begins.
DASH = next(one for one in (sha256(str(n).encode()).hexdigest() for n in range(10_000)) if http_headers.tag(one).endswith("-"))
FORMS = ("{0}", "W/{0}", "w/{0}", '"other", {0}', '{0}, "other"', 'W/"other",{0}', ", ,\t{0}", '"other",,{0},')


@given(DIGESTS | st.just(DASH), st.sampled_from(("identity", *http_headers.CODINGS)), st.sampled_from(FORMS))
def test_a_tag_is_known_again_in_every_form(digest: str, coding: str, form: str) -> None:
    """HTTP-3, HTTP-7: with the suffix of any coding, weakened, in a list, without its quotes, suffixed again by a proxy."""
    tag, own = http_headers.tag(digest), http_headers.etag(digest, coding)
    assert http_headers.none_match(form.format(own), tag)
    assert http_headers.none_match(own.strip('"'), tag)
    assert http_headers.none_match(own[:-1] + '-gzip"', tag) and http_headers.none_match(own[:-1] + '--gzip"', tag)
    assert http_headers.none_match(own[:-1] + ';br"', tag)


@given(DIGESTS | st.just(DASH), DIGESTS)
def test_no_other_tag_is_taken_for_it(digest: str, other: str) -> None:
    """HTTP-7: tolerance makes no false 304."""
    tag = http_headers.tag(digest)
    for wrong in (http_headers.etag(other), f'"{tag}x"', f'"x{tag}"', f'"{tag[:-1]}"', f'"{tag}-zip"', '""', "", "W/", '"'):
        assert http_headers.none_match(wrong, tag) == (http_headers.tag(other) == tag and wrong == http_headers.etag(other))
    assert http_headers.none_match("*", tag) and http_headers.none_match(" * ", tag) and not http_headers.none_match("**", tag)


@pytest.mark.parametrize("digest", [DASH, sha256(b"").hexdigest()])
def test_if_match_takes_strong_tags_alone(digest: str) -> None:
    """HTTP-9: RFC 9110 section 13.1.1."""
    tags = [http_headers.etag(digest, coding) for coding in ("identity", *http_headers.CODINGS)]
    assert len(set(tags)) == 3 and tags[1] == f'{tags[0][:-1]}-br"'
    assert all(http_headers.match(tag, tags) for tag in tags) and http_headers.match("*", tags)
    assert not http_headers.match(f"W/{tags[0]}", tags) and not http_headers.match('"other"', tags)


@pytest.mark.parametrize(
    ("year", "expected"), [("26", 2026), ("99", 1999), ("75", 2075), ("76", 2076), ("77", 1977), ("00", 2000)]
)
def test_the_century_of_a_year_of_two_digits(year: str, expected: int) -> None:
    """RFC 9110 section 5.6.7: a date that appears to be more than 50 years ahead is in the past."""
    now = datetime(2026, 1, 2, tzinfo=UTC).timestamp()
    seconds = http_headers.parse_http_date(f"Sunday, 06-Nov-{year} 08:49:37 GMT", now)
    assert seconds is not None and datetime.fromtimestamp(seconds, UTC) == datetime(expected, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sun, 06 Nov 1994 08:49:37 UTC", 784111777),
        (" Sunday, 06-Nov-94 08:49:37 GMT ", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800),
        ("Wed, 29 Feb 2023 00:00:00 GMT", None),
        ("Sun, 06 Nov 1994 24:00:00 GMT", None),
        ("Sun, 06 Nov 1994 08:60:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 +0000", None),
        ("sun, 06 nov 1994 08:49:37 gmt", None),
        ("1994-11-06T08:49:37Z", None),
        ("", None),
    ],
)
def test_the_three_forms_of_an_http_date(text: str, seconds: int | None) -> None:
    """RFC 9110 section 5.6.7; a leap second is the next minute's first, and what is no date is None."""
    assert http_headers.parse_http_date(text, 1_700_000_000.0) == seconds
    if seconds is not None:
        assert http_headers.parse_http_date(http_headers.http_date(seconds), 1_700_000_000.0) == seconds


@pytest.mark.parametrize(
    ("header", "modified", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111776, False),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, False),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111778, True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777, False),
        ("yesterday", 0, True),
    ],
)
def test_modified_since(header: str, modified: int, expected: bool) -> None:
    """HTTP-4: the same second is not modified; a date that cannot be read says nothing."""
    assert http_headers.modified_since(header, modified, 1_700_000_000.0) is expected


BOTH = ("br", "gzip")


@pytest.mark.parametrize(
    ("header", "available", "coding"),
    [
        (None, BOTH, "identity"),
        ("", BOTH, "identity"),
        ("gzip, br", BOTH, "br"),
        ("GZIP", BOTH, "gzip"),
        ("x-gzip", BOTH, "gzip"),
        ("br", ("gzip",), "identity"),
        ("deflate, zstd", BOTH, "identity"),
        ("*", BOTH, "br"),
        ("*;q=0", BOTH, "identity"),
        ("*, br;q=0", BOTH, "gzip"),
        ("br;q=0.5, gzip", BOTH, "gzip"),
        ("br;q=0.5, gzip;q=0.5", BOTH, "br"),
        ("br; Q=0.1 ; q=0.2, gzip;q=0.1", BOTH, "br"),
        ("gzip;q=0", BOTH, "identity"),
        ("gzip;q=much", BOTH, "identity"),
        ("gzip;q=1.5", BOTH, "identity"),
        ("gzip;q=-1", BOTH, "identity"),
        ("gzip;level=9", BOTH, "gzip"),
        ("gzip;level=9;q=0", BOTH, "identity"),
        ("gzip, br;q=1", BOTH, "br"),
        ("gzip;q=1", BOTH, "gzip"),
        ("gzip;q=0.5, identity", BOTH, "identity"),
        ("gzip;q=0.5, identity;q=0.5", BOTH, "gzip"),
        ("identity;q=0, br;q=0", ("br",), "identity"),
        ("gzip", (), "identity"),
    ],
)
def test_the_coding_that_a_client_gets(header: str | None, available: tuple[str, ...], coding: str) -> None:
    """HTTP-10: RFC 9110 section 12.5.3. What is there is named as we prefer it; uncoded where nothing else is wanted."""
    assert http_headers.accept_encoding(header, available) == coding


@pytest.mark.parametrize(
    ("longest", "next_change", "age"),
    [(300, None, 300), (300, 1400.0, 300), (300, 1300.0, 300), (300, 1299.9, 299), (300, 1002.5, 2), (300, 1001.0, 1), (300, 1000.5, 1),
     (300, 1000.0, 1), (300, 999.5, 1), (300, 998.9, 10), (300, 0.0, 10), (5, 0.0, 5), (0, None, 0)],
)  # fmt: skip
def test_no_cache_keeps_a_document_past_its_next_change(longest: int, next_change: float | None, age: int) -> None:
    """HTTP-15: at 1000 seconds, whole seconds that are left, never 0; a little longer where the change is overdue."""
    assert http_headers.max_age(longest, next_change, 1000.0) == age


def test_cache_control() -> None:
    """HTTP-15: RFC 9111 section 5.2.2, RFC 5861, RFC 8246."""
    assert http_headers.cache_control(7, 60, 90) == "public, max-age=7, stale-while-revalidate=60, stale-if-error=90"
    assert http_headers.own_cache_control(http_headers.YEAR_SECONDS) == "public, max-age=31536000, immutable"
    assert http_headers.own_cache_control(http_headers.YEAR_SECONDS - 1) == "public, max-age=31535999"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=0-8", (0, 9)),
        ("bytes=3-", (3, 10)),
        ("bytes=9-20", (9, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-1", (9, 10)),
        ("bytes=-99", (0, 10)),
        (" Bytes = 1 - 2 ", (1, 3)),
        ("bytes=5-4", None),
        ("bytes=4-4", (4, 5)),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=٣-4", None),
        ("bytes=10-", "416"),
        ("bytes=10-12", "416"),
        ("bytes=-0", "416"),
    ],
)
def test_the_one_range_of_ten_bytes(header: str, expected: tuple[int, int] | str | None) -> None:
    """HTTP-13: RFC 9110 section 14.1.2; what is not one range of bytes is ignored, what lies outside is 416."""
    if expected == "416":
        with pytest.raises(ValueError, match="no such bytes"):
            http_headers.byte_range(header, 10)
    else:
        assert http_headers.byte_range(header, 10) == expected


def test_an_empty_document_has_no_range() -> None:
    """HTTP-13: not even its last byte."""
    for header in ("bytes=0-", "bytes=0-0", "bytes=-1"):
        with pytest.raises(ValueError, match="no such bytes"):
            http_headers.byte_range(header, 0)


TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
    "html": "text/html; charset=utf-8",
}
ALL = ("atom", "rss", "json", "html")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "mode", "offered", "chosen"),
    [
        (None, None, ALL, "atom"),
        ("", None, ALL, "atom"),
        ("*/*", None, ALL, "atom"),
        ("application/rss+xml", None, ALL, "rss"),
        ("application/x-rss+xml", None, ALL, "rss"),
        ("Application/RSS+XML", None, ALL, "rss"),
        ("application/feed+json, application/rss+xml;q=0.9", None, ALL, "json"),
        ("application/json", None, ALL, "json"),
        ("application/*", None, ALL, "atom"),
        ("application/*;q=0.1, application/rss+xml", None, ALL, "rss"),
        ("text/xml;q=0.5, application/feed+json;q=0.4", None, ("json", "rss"), "rss"),
        (BROWSER, None, ALL, "html"),
        (BROWSER, " Navigate ", ALL, "html"),
        (BROWSER, "cors", ALL, "atom"),
        (BROWSER, None, ("rss", "atom"), "rss"),
        ("text/html", None, ("html",), "html"),
        ("application/rss+xml", None, ("html",), "html"),
        ("application/xhtml+xml", "navigate", ALL, "html"),
        ("text/html, application/atom+xml", None, ALL, "atom"),
        ("text/*", None, ("json", "html"), "html"),
        ("text/*;q=0.2, */*;q=0.9", None, ("json", "html"), "json"),
        ("application/*, application/rss+xml;q=0.1", None, ("rss", "json"), "json"),
        ("*/*, application/*;q=0.1", None, ALL, "html"),
        ("application/atom+xml;q=0.6, application/atom+xml;q=0.2, application/xml;q=0.3", None, ("rss", "atom"), "atom"),
        ("image/png", None, ALL, "atom"),
        ("application/atom+xml;q=0, */*", None, ALL, "rss"),
        ("application/xml;q=0.3, application/atom+xml;q=0.2, application/atom+xml;q=0.6", None, ("rss", "atom"), "atom"),
    ],
)
def test_the_format_that_a_client_gets(accept: str | None, mode: str | None, offered: tuple[str, ...], chosen: str) -> None:
    """NEG-2 to NEG-4: RFC 9110 section 12.5.1. A page only for somebody who opens it and likes it better than any feed."""
    assert http_headers.negotiate(accept, mode, offered, TYPES) == chosen


def test_the_tags_that_a_reader_names() -> None:
    """Each in its bare form, whatever coding or proxy it went through; what is too short to be ours is left out."""
    one, other = (sha256(text).hexdigest() for text in (b"one", b"other"))
    tags = [http_headers.tag(digest) for digest in (one, other)]
    assert tags == [tag[:27] for tag in tags] and len(tags[0]) == 27
    header = f'{http_headers.etag(one, "gzip")}, "short", W/{http_headers.etag(other)}'
    assert list(http_headers.opaque_tags(header)) == tags
    assert list(http_headers.opaque_tags(f"{tags[0]}-br")) == tags[:1]
    assert list(http_headers.opaque_tags(f'"{tags[0]}x"')) == []
    assert list(http_headers.opaque_tags("")) == []


def test_the_digest_of_a_representation() -> None:
    """RFC 9530 section 3: all 256 bits, in the usual base64 (that of section 4 of RFC 4648)."""
    digest = "ff" * 32
    assert http_headers.repr_digest(digest) == f"sha-256=:{'/' * 42}8=:"
    assert http_headers.tag(digest) == "_" * 27


@pytest.mark.parametrize(("format", "ranges"), [("asset", True), ("rss", False), ("html", False), ("opml", False)])
def test_only_media_have_ranges(format: str, ranges: bool) -> None:
    """HTTP-13."""
    assert http_headers.takes_ranges(format) is ranges


def test_policies() -> None:
    """HTTP-24: nothing runs in a feed; our own page may run the one script whose digest the policy names."""
    assert http_headers.content_security_policy("rss") == http_headers.FEED_POLICY
    assert "; sandbox;" in http_headers.FEED_POLICY and "default-src 'none'" in http_headers.FEED_POLICY
    page = http_headers.content_security_policy("html", "AAAA")
    assert "script-src 'sha256-AAAA';" in page and "allow-scripts" in page
    assert http_headers.content_security_policy("html") != page


def test_the_link_header() -> None:
    """RFC 8288 section 3; the type goes without its parameters, and what is not known is left out."""
    links = [
        http_headers.TargetLink("self", "https://example.org/rss.xml", "application/rss+xml; charset=utf-8"),
        http_headers.TargetLink("hub", "https://hub.example/"),
        http_headers.TargetLink("alternate", "https://example.org/de/", "text/html", "de"),
    ]
    assert http_headers.link(links) == (
        '<https://example.org/rss.xml>; rel="self"; type="application/rss+xml", <https://hub.example/>; rel="hub", '
        '<https://example.org/de/>; rel="alternate"; type="text/html"; hreflang="de"'
    )
