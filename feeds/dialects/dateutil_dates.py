"""Dates in front matter as Pelican and Nikola read them: by dateutil, which takes almost any spelling.

Never asks the clock or the machine's time zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

#: What the text leaves out of a date differs between these two.
_DAYS = (datetime(2001, 1, 1), datetime(2002, 2, 2))  # noqa: DTZ001


def own_date(text: str) -> datetime:
    """The date and time that dateutil reads, aware if it names an offset. Raises ValueError.

    A zone's abbreviation other than UTC says nothing, as with dateutil on a machine that does not use it.
    """
    from dateutil import parser, tz

    def zone_of(name: str | None, offset: int | None) -> tzinfo | None:
        if offset is not None:
            return tz.tzoffset(None, offset)
        return UTC if name in ("UTC", "GMT", "Z", "z") else None

    text = re.sub(" +", " ", text.strip())
    if len(text) > 100:
        raise ValueError("the date is too long")
    try:
        moments = [parser.parse(text, default=day, tzinfos=zone_of) for day in _DAYS]
    except (ValueError, OverflowError, TypeError):
        moments = []
    if len(moments) != 2 or moments[0] != moments[1]:
        raise ValueError(f"{text!r} is not a date that can be read; write it like 2021-08-04 05:49")
    return moments[0]
