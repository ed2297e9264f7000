"""The instant as of which a build works: a variable of the environment, else the present."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds import clock
from feeds.errors import SettingsError


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1767225600", datetime(2026, 1, 1, tzinfo=UTC)),
        ("253402300799", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_seconds_since_1970_that_a_date_can_be(seconds: str, expected: datetime) -> None:
    assert clock.now({"SOURCE_DATE_EPOCH": seconds}) == expected


@pytest.mark.parametrize("seconds", ["-1", "253402300800", "1" * 20, "1" * 5000, "1.5", "now", " 1", "١"])
def test_what_no_date_can_be_is_refused(seconds: str) -> None:
    with pytest.raises(SettingsError, match="SOURCE_DATE_EPOCH"):
        clock.now({"SOURCE_DATE_EPOCH": seconds})


@pytest.mark.parametrize("environ", [{}, {"SOURCE_DATE_EPOCH": ""}])
def test_the_present_has_no_fraction_of_a_second(environ: dict[str, str]) -> None:
    instant = clock.now(environ)
    assert instant.microsecond == 0 and instant.utcoffset() == UTC.utcoffset(None)
