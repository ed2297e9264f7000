"""Every form of date that authors write, and where a post without one gets it (IN-10)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feeds import dates

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = "2021-08-03T16:00:00"
MORNING = "2021-08-03T21:49:00"

FORMS = {
    "2021-08-04": DAY, "2021/08/04": DAY, "2021.08.04": DAY, "2021/8/4": DAY, "20210804": DAY, "4 Aug 2021": DAY,
    "August 4, 2021": DAY, "Aug 4th, 2021": DAY, "２０２１－０８－０４": DAY,
    "2021-08-04 05:49:00:16": MORNING,
    "2021-08-04 05:49": MORNING, "2021-08-04 05:49:00": MORNING, "2021/8/4 5:49": MORNING, "2021-08-04 05:49 +0800": MORNING,
    "2021-08-04 05:49:00 +08:00": MORNING, "2021-08-04 05:49:00 UTC+8": MORNING, "2021-08-04T05:49:00+08:00[Asia/Shanghai]": MORNING,
    "2021-08-04 05:49 CST": MORNING, "Wed Aug 04 2021 05:49:00 GMT+0800 (China Standard Time)": MORNING,
    "2021-08-04T05:49:00Z": "2021-08-04T05:49:00", "2021-08-04T05:49:00.999Z": "2021-08-04T05:49:00",
    "20210804T054900Z": "2021-08-04T05:49:00", "1628056140": "2021-08-04T05:49:00", "1628056140000": "2021-08-04T05:49:00",
    "Wed, 04 Aug 2021 05:49:00 GMT": "2021-08-04T05:49:00",
    "Mon, 04 Aug 2021 05:49:00 +0000": "2021-08-04T05:49:00",  # the wrong weekday says nothing
    "2021-08-04 5:49 PM": "2021-08-04T09:49:00", "2021-08-04 12:00 AM": DAY,
    "2021-08-04 24:00:00": "2021-08-04T16:00:00", "2021-08-04 05:49:60": "2021-08-03T21:50:00",
    "2021年8月4日": DAY, "2021年08月04日": DAY, "2021年8月4号": DAY, "2021 年 8 月 4 日": DAY, "二〇二一年八月四日": DAY,
    "2021年8月4日 星期三": DAY, "2021年08月04日 05:49": MORNING, "2021年8月4日 5时49分": MORNING, "2021年8月4日凌晨5点49分": MORNING,
    "2021年8月4日 下午5点30分": "2021-08-04T09:30:00", "2021年8月4日 晚上8点": "2021-08-04T12:00:00", "2021-08-04 下午 05:49": "2021-08-04T09:49:00",
    "二〇二一年十二月二十一日 十点": "2021-12-21T02:00:00", "2021年8月4日 中午12点": "2021-08-04T04:00:00",
    "2021年8月4日 午夜12点": DAY, "2021年8月4日 凌晨12点30分": "2021-08-03T16:30:00", "2021年8月4日 上午12点": "2021-08-04T04:00:00",
    "2021年8月4日 晚上12点": "2021-08-04T16:00:00", "2021年8月4日 深夜12点": "2021-08-04T16:00:00",
    "2021年8月4日 傍晚6点": "2021-08-04T10:00:00", "2021年8月4日 夜里11点": "2021-08-04T15:00:00", "2021年8月4日 夜里3点": "2021-08-03T19:00:00",
    "2021年8月4日 夜间10点": "2021-08-04T14:00:00", "2021年8月4日 深夜2点": "2021-08-03T18:00:00", "2021年8月4日 中午1点": "2021-08-04T05:00:00",
    "2021年8月4日 中午11点": "2021-08-04T03:00:00", "2021年8月4日 正午12点": "2021-08-04T04:00:00", "2021年8月4日 清晨6点": "2021-08-03T22:00:00",
    "Wed Aug 4 05:49:10 UTC 2021": "2021-08-04T05:49:10", "Aug 4 05:49:10 2021": "2021-08-03T21:49:10",
    "2021-08-04 1:30 am": "2021-08-03T17:30:00", "2021-08-04 1:30 p.m.": "2021-08-04T05:30:00", "2021-08-04 12:59 pm": "2021-08-04T04:59:00",
    "05:49 2021/8/4": MORNING, "5:49:10 2021-08-04": "2021-08-03T21:49:10",
}  # fmt: skip


@pytest.mark.parametrize(("written", "instant"), FORMS.items())
def test_every_form_names_its_instant(written: str, instant: str) -> None:
    """IN-9: naive dates in the site's zone; the result is aware UTC in whole seconds."""
    assert dates.parse(written, SHANGHAI) == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert dates.parse(f"  {written} ", SHANGHAI).tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "2021-02-30", "2021-13-01", "2021-08-04 05:49 +9999", "2021-08-04 25:00", "2021-08-04 05:60", "2021-08-04 13:00 PM", "now",
        "yesterday", "04/08/2021", "99999-01-01", "2021", "2021-08", "", "-", "24:00:00", "2021-08-04 05:49 IST", "0000-01-01",
        "2021-08-04 24:01", "2021-08-04 24:00:01", "2021-08-04 05:49:61", "2021-08-04 0:30 am", "2021-08-04 05:49 XYZ", "9" * 5000, "2021年13月1日", "二〇二一年", "9999-12-31 23:59 -10:00",
    ],
)  # fmt: skip
def test_an_invalid_date_is_an_error_and_never_now(written: str) -> None:
    with pytest.raises(ValueError, match=r"expected|too long") as raised:
        dates.parse(written, SHANGHAI)
    assert len(str(raised.value)) < 300


def test_an_hour_that_a_zone_skips_or_has_twice() -> None:
    """IN-9: the offset before the gap; the first of two."""
    berlin = ZoneInfo("Europe/Berlin")
    assert dates.parse("2021-03-28 02:30", berlin) == datetime(2021, 3, 28, 1, 30, tzinfo=UTC)
    assert dates.parse("2021-10-31 02:30", berlin) == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)


def test_a_year_of_one_digit_is_written_with_four() -> None:
    assert dates.rfc822(dates.parse("0005-01-01", UTC)).split()[3] == "0005"


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2021-08-04-title.md", "2021-08-04"), ("2021-8-4-title.md", "2021-08-04"), ("20210804-title.md", "2021-08-04"),
        ("2021_08_04 标题.md", "2021-08-04"), ("title.md", None), ("2021.md", None), ("2021-13-04-x.md", None), ("20211304-x.md", None),
        ("2021-01-01-x.md", "2021-01-01"), ("2021-12-31-x.md", "2021-12-31"), ("2021-00-04-x.md", None), ("2021-01-00-x.md", None), ("2021-01-32-x.md", None),
    ],
)  # fmt: skip
def test_dates_in_file_names(name: str, date: str | None) -> None:
    assert dates.from_file_name(name) == date


def test_a_post_without_a_date_keeps_the_instant_it_was_first_seen(tmp_path: Path) -> None:
    """IN-10: not the file's time, which a checkout resets."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.md").write_text("---\ntitle: 无日期\n---\n正文", "utf-8")
    command = [sys.executable, "-m", "feeds", "build", "posts", "--base-url", "https://example.org/", "--as-of"]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([*command, "2026-01-01T00:00:00Z"], cwd=tmp_path, check=True, env=environ)
    first = (tmp_path / "public/atom.xml").read_bytes()
    assert b"<published>2026-01-01T00:00:00Z</published>" in first
    os.utime(posts / "a.md", (time.time() - 9e7, time.time() - 9e7))
    subprocess.run([*command, "2026-03-01T00:00:00Z"], cwd=tmp_path, check=True, env=environ)
    assert (tmp_path / "public/atom.xml").read_bytes() == first


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2021-08-04 05:49 -0130", "2021-08-04T07:19:00"), ("2021-08-04 05:49 +05:45", "2021-08-04T00:04:00"), ("2021-08-04 05:49 EST", "2021-08-04T10:49:00"),
        ("2021-08-04 05:49 nzdt", "2021-08-03T16:49:00"), ("2021-08-04 05:49 UTC-3:30", "2021-08-04T09:19:00"), ("2021-08-04 05:49 +5:30", "2021-08-04T00:19:00"), ("2021-08-04 05:49 +08:00:00", "2021-08-03T21:49:00"),
        ("2021-08-04 05:49 GMT+1", "2021-08-04T04:49:00"),
        ("2021-08-04 05:49 +23:59", "2021-08-03T05:50:00"), ("2021-08-04 05:49 -23:00", "2021-08-05T04:49:00"), ("2021-08-04 05:49 +5", "2021-08-04T00:49:00"),
        ("1628056140.9", "2021-08-04T05:49:00"), ("-1628056140", "1918-05-30T18:11:00"), ("-162805614.5", "1964-11-03T16:13:05"),
        ("162805614", "1975-02-28T07:46:54"), ("162805614000", "1975-02-28T07:46:54"),
        ("4 Aug 21", "2021-08-03T16:00:00"), ("4 Aug 69", "2069-08-03T16:00:00"), ("4 Aug 70", "1970-08-03T16:00:00"), ("4 Aug 99", "1999-08-03T16:00:00"),
        ("2021-08-04 05:49:00.12345", "2021-08-03T21:49:00"), ("12-1-3", "2012-01-02T16:00:00"), ("123-1-3", "0123-01-02T15:54:17"),
    ],
)  # fmt: skip
def test_offsets_seconds_and_short_years(written: str, instant: str) -> None:
    """East is before UTC; seconds and milliseconds since 1970 round down; two digits of a year behind a month are 1970 to 2069."""
    found = dates.parse(written, SHANGHAI)
    assert found == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert (found.microsecond, found.fold, found.tzinfo) == (0, 0, UTC)


@pytest.mark.parametrize("zone", ["+24:00", "-24", "+05:60", "+0560", "+530", "+9:60"])
def test_no_offset_is_a_day_or_has_sixty_minutes(zone: str) -> None:
    with pytest.raises(ValueError, match="does not exist; expected an offset"):
        dates.parse(f"2021-08-04 05:49 {zone}", SHANGHAI)


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("2021/08/04/title.md", "2021-08-04"), ("blog/2021/08/04/title.md", "2021-08-04"), ("2021/08/04/title/index.md", None),
        ("12021/08/04/title.md", None), ("2021/8/4/title.md", None), ("2021/08/title.md", None), ("2021/08/04/", None),
    ],
)  # fmt: skip
def test_dates_in_folders(path: str, date: str | None) -> None:
    assert dates.from_folders(path) == date


def test_a_date_as_rss_has_it() -> None:
    """RFC 5322 section 3.3, in UTC, with the names of English whatever the locale."""
    moments = [datetime(2021, month, month, 5, 9, 7, tzinfo=ZoneInfo("Asia/Shanghai")) for month in (1, 6, 12)]
    assert [dates.rfc822(moment) for moment in moments] == [
        "Thu, 31 Dec 2020 21:09:07 +0000", "Sat, 05 Jun 2021 21:09:07 +0000", "Sat, 11 Dec 2021 21:09:07 +0000",
    ]  # fmt: skip
    assert dates.rfc822(datetime(12, 9, 3, tzinfo=UTC)) == "Mon, 03 Sep 0012 00:00:00 +0000"
    assert dates.local(moments[0], "Europe/Berlin") == "2020-12-31 22:09 (Europe/Berlin)"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'2021-08-04'", "2021-08-04"), ("“2021-08-04” ", "2021-08-04"), ("2021－08－04", "2021-08-04"), ("2021-08-04 05：49", "2021-08-04 05:49"),
        ("2021-08-04 05::49", "2021-08-04 05:49"), ("2021-08-04-T05:49:00", "2021-08-04T05:49:00"), ("2021-08-04  05:49", "2021-08-04 05:49"),
        ("2021-08-04,", "2021-08-04"), ("2o21-08-O4", "2021-08-04"), ("2021-08-04 05:49:00 +800", "2021-08-04 05:49:00 +0800"),
        ("2021-08-04...", "2021-08-04"), ("04/08/2021", None), ("soon", None),
    ],
)  # fmt: skip
def test_slips_in_a_date(written: str, meant: str | None) -> None:
    """With its zone as typed; None if it is not clear what was meant."""
    assert dates.corrected(written) == meant


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("2024-13-02", False), ("2023-02-29", False), ("2024-02-29", True), ("2024/4/31 10:00", False), ("2024-04-30 25:00:00", False),
        ("2024-04-30 24:00:00", True), ("2024-04-30T23:59:60Z", True), ("2024-04-30 10:75", False), ("April 31, 2024", True),
        ("30/04/2024", True), ("", True), ("2024-00-10", False), ("2024-04-301", True),
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_has(text: str, there: bool) -> None:
    """Only of what is written year first, as generators let it run over into the next month."""
    assert dates.exists(text) is there
