"""Headers as pure functions: tags, dates, codings."""

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
FORMS = ("{0}", "W/{0}", "w/{0}", '"other", {0}', '{0}, "other"', 'W/"other",{0}')


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


@pytest.mark.parametrize("digest", [DASH, sha256(b"").hexdigest()])
def test_if_match_takes_strong_tags_alone(digest: str) -> None:
    """HTTP-9: RFC 9110 section 13.1.1."""
    tags = [http_headers.etag(digest, coding) for coding in ("identity", *http_headers.CODINGS)]
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
