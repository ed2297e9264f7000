"""Numbers, texts and dates as generators in JavaScript read them; each expectation was printed by Node with js-yaml 4."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feeds.dialects.javascript.scalars import instant, number_text, text_of
from feeds.model import Quoted, Value

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("1e3", "1000"), ("1.10", "1.1"), ("007", "7"), ("0x1f", "31"), ("0b11", "3"), ("0o17", "15"), ("-0", "0"), ("+5", "5"),
        ("1.", "1"), (".5", "0.5"), ("12345678901234567890", "12345678901234567000"), ("1e21", "1e+21"), ("0.000001", "0.000001"),
        ("1e-7", "1e-7"), ("1.5e-8", "1.5e-8"), ("9007199254740993", "9007199254740992"), ("-1.50", "-1.5"), ("5e10", "50000000000"),
    ],
)  # fmt: skip
def test_numbers(written: str, printed: str) -> None:
    """A bare number's text is that of the number, in addresses and names of tags alike."""
    assert number_text(written) == printed


@pytest.mark.parametrize("written", ["1_000", "3e123456", "1e5_", "", "e5", "0x", "--1", "1.2.3", "+.5", "٣"])
def test_values_that_are_not_numbers(written: str) -> None:
    """js-yaml reads these as text: hexadecimal links that look like powers of ten beyond any number among them."""
    assert number_text(written) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("True", "true"),
        ("yes", "yes"),
        (Quoted("1.10"), "1.10"),
        (["a", ["b", "1.0"], None], "a,b,1,"),
        (None, None),
        ({"a": "b"}, None),
    ],
)
def test_texts(value: Value, text: str | None) -> None:
    """Lists are joined with commas; what is quoted stays as it is."""
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2020-01-02", "2020-01-01T16:00:00"),
        ("2020-01-02 03:04:05", "2020-01-01T19:04:05"),
        ("2020-01-02T03:04:05Z", "2020-01-01T19:04:05"),
        ("2020-01-02T03:04:05+08:00", "2020-01-01T11:04:05"),
        ("2020-01-02 03:04:05 +0800", "2020-01-01T19:04:05"),
        (Quoted("2020-01-02"), "2020-01-02T00:00:00"),
        (Quoted("2020-01-02T03:04:05Z"), "2020-01-02T03:04:05"),
        ("2020-01", "2020-01-01T00:00:00"),
        ("01/02/2020", "2020-01-01T16:00:00"),
        ("2022-010-10 14:13:15", "2022-10-10T06:13:15"),
        ("2020-06-31 1:00", "2020-06-30T17:00:00"),
        ("2020/02/30 10:00:00", "2020-03-01T02:00:00"),
        ("02-31-2020", "2020-03-01T16:00:00"),
        ("2020-01-02, 10:00", "2020-01-02T02:00:00"),
        ("2020 01 02", "2020-01-01T16:00:00"),
        ("2020-01-02 (Thu)", "2020-01-01T16:00:00"),
        ("2020-01-02Z", "2020-01-02T00:00:00"),
        (Quoted("2020-01-02 10:00:00 +8:00"), "2020-01-02T02:00:00"),
        ("2020/01/02/10:00", "2020-01-02T02:00:00"),
        ("2020-02-30 01:02:03", "2020-02-29T17:02:03"),
        ("2020-01-02 25:61:61", "2020-01-02T18:02:01"),
    ],
)
def test_dates(written: str, utc: str) -> None:
    """A bare timestamp's clock is the site's, whatever its offset; a text's offset counts."""
    assert instant(written, SHANGHAI) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_dates_on_a_machine_of_another_zone() -> None:
    """What the machine's clock shows at a text's instant is taken for the site's time."""
    assert instant("2020-01-02 03:04:05 +0800", SHANGHAI, ZoneInfo("UTC")) == datetime(2020, 1, 1, 11, 4, 5, tzinfo=UTC)
    assert instant("2020-01-02 03:04:05", SHANGHAI, ZoneInfo("UTC")) == datetime(2020, 1, 1, 19, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2020",
        "not a date",
        "12:30:00",
        "9999-12-31 23:59:59 -1200",
        "2020-13-45x",
        "2020-00-10 x",
        "2020/13/10",
        "2020-01-32 10:00",
    ],
)
def test_values_that_are_not_dates(written: str) -> None:
    """Whatever cannot be read is a ValueError."""
    with pytest.raises(ValueError, match=r"date|year|number"):
        instant(written, SHANGHAI)


def test_the_day_before_the_month() -> None:
    """What V8 refuses because it expects the month first is told with the day that is meant, as the author wrote it."""
    with pytest.raises(ValueError, match=r"'22-12-2022' has the day before the month.*expected 2022-12-22"):
        instant("22-12-2022", SHANGHAI)
