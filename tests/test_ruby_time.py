"""Dates as Ruby 3.1 reads and writes them: each row is what `Time.parse` and Psych gave with TZ=Asia/Shanghai."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from feeds import ruby_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")

PARSED = {
    "2020-01-12 ": "2020-01-12 00:00:00+08:00", "2020-012": "2020-01-12 00:00:00+08:00", "12th Jan 2020": "2020-01-12 00:00:00+08:00",
    "01/12/2020": "2020-12-01 00:00:00+08:00", "13/12/2020": "2020-12-13 00:00:00+08:00", "2020/01/12 8:5": "2020-01-12 08:05:00+08:00",
    "2020-01-12 12:00 am": "2020-01-12 00:00:00+08:00", "2020-01-12 00:10::00": "2020-01-12 00:10:00+08:00",
    "2020-01-12 20:00:00 CST": "2020-01-13 10:00:00+08:00", "2020-01-12 20:00:00 EST": "2020-01-13 09:00:00+08:00",
    "2020-01-12 20:00:00 JST": "2020-01-12 20:00:00+08:00", "2020-01-12 09:05:03 GMT+8": "2020-01-12 09:05:03+08:00",
    "20200112": "2020-01-12 00:00:00+08:00", "20200112T200000": "2020-01-12 20:00:00+08:00", "2020.01.12": "2020-01-12 00:00:00+08:00",
    "January 12, 2020": "2020-01-12 00:00:00+08:00", "2020-05-10-T14:01:27-05:00": "2020-05-11 03:01:27+08:00",
    "2020-02-30": "2020-03-01 00:00:00+08:00", "12-01-2020": "2020-01-12 00:00:00+08:00", "2020/01": "2020-01-01 00:00:00+08:00",
    "2020-01-12 20-00-00": "2020-01-12 00:00:00+08:00", "2020-01-12_20:00": "2020-01-12 20:00:00+08:00", "20-01-12": "2020-01-12 00:00:00+08:00",
    "2020 Jan 12": "2020-01-12 00:00:00+08:00", "12 Jan 20": "2020-01-12 00:00:00+08:00", "Jan 2020": "2020-01-01 00:00:00+08:00",
    "2020-01-12 8pm": "2020-01-12 20:00:00+08:00", "2020-01-12 20h30": "2020-01-12 20:30:00+08:00", "<2020-01-03>": "2020-01-03 00:00:00+08:00",
    "2020-01-12 20：00": "2020-01-12 00:00:00+08:00", "1-2-2020": "2020-02-01 00:00:00+08:00", "3-Jan-2020": "2020-01-03 00:00:00+08:00",
    "Fri Jan 03 2020 10:20:30 GMT+0800 (China Standard Time)": "2020-01-03 10:20:30+08:00",
    "Fri Jan 3 10:20:30 CST 2020": "2020-01-04 00:20:30+08:00", "Sun, 12 Jan 2020 20:00:00 +0100": "2020-01-13 03:00:00+08:00",
    "2020-01-03 10:20:30.000000000 +08:00": "2020-01-03 10:20:30+08:00", "2020-01-12 20:00:00 星期日": "2020-01-12 20:00:00+08:00",
}  # fmt: skip
YAML = {
    "2020-01-12 20:00:00": "2020-01-12 20:00:00+00:00", "2020-1-5 7:08:09": "2020-01-05 07:08:09+00:00",
    "2020-01-12 20:00:00 -5:00": "2020-01-12 20:00:00-05:00", "2020-01-12 20:00:00.5 +0530": "2020-01-12 20:00:00+05:30",
    "2020-01-12 24:00:00": "2020-01-13 00:00:00+00:00", "2020-01-12t20:00:00Z": "2020-01-12 20:00:00+00:00",
    "2020-01-12 09:05:03 +8": "2020-01-12 09:05:03+08:00",
}  # fmt: skip
#: Ruby takes today's year or month for the last four; a date of a post is never the day of the build.
NOT_DATES = (
    "", "1578859200", "2020年1月12日", "2020-13-01", "2020-01-12 20:60", "2020-01-12 20:00:61", "2020-01", "2020", "today", "二〇二〇",
    "03/Jan/2020:10:20:30 +0800", "9" * 500, "20:00", "Monday", "Jan 5", "5th",
)  # fmt: skip


@pytest.mark.parametrize(("text", "moment"), PARSED.items())
def test_lenient_dates_are_what_ruby_makes_of_them(text: str, moment: str) -> None:
    parsed = ruby_time.parse(text, SHANGHAI)
    assert parsed == datetime.fromisoformat(moment)
    assert str(parsed.tzinfo) == "UTC"


@pytest.mark.parametrize(("text", "moment"), YAML.items())
def test_a_plain_yaml_timestamp_is_utc_unless_it_names_a_zone(text: str, moment: str) -> None:
    assert ruby_time.yaml_time(text) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text", ["2020-01-12", "2020-01-12 20:00", "2020-1-12 9:5:3", "2020/01/12 20:00:00", "January 12, 2020", ""]
)
def test_other_texts_are_not_yaml_timestamps(text: str) -> None:
    assert ruby_time.yaml_time(text) is None


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_not_a_date_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|too long"):
        ruby_time.parse(text, SHANGHAI)


def test_a_clock_time_that_a_zone_has_twice_or_never() -> None:
    """Ruby on Linux takes the second of two, and counts from the offset before a gap."""
    assert ruby_time.parse("2021-11-07 01:30", NEW_YORK) == datetime.fromisoformat("2021-11-07 01:30:00-05:00")
    assert ruby_time.parse("2021-03-14 02:30", NEW_YORK) == datetime.fromisoformat("2021-03-14 03:30:00-04:00")


WRITTEN = {
    "%Y-%m-%d %H:%M:%S %z": "2021-08-04 05:09:03 +0800", "%-d. %b %y": "4. Aug 21", "%B %e, %A %a": "August  4, Wednesday Wed",
    "%I:%M %p %P %l": "05:09 AM am  5", "%j %U %W %V %G %u %w": "216 31 31 31 2021 3 3", "%D %F %T %R": "08/04/21 2021-08-04 05:09:03 05:09",
    "%^a %^B %#p": "WED AUGUST am", "%:z %Z %% %n.": "+08:00 CST % \n.", "%3d %_m %03e %5Y": "004  8 004 02021", "%s %L": "1628024943 000",
    "%Q": "%Q",
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "text"), WRITTEN.items())
def test_strftime_has_rubys_flags_and_english_names(pattern: str, text: str) -> None:
    assert ruby_time.strftime(datetime(2021, 8, 4, 5, 9, 3, tzinfo=SHANGHAI), pattern) == text
