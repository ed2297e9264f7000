"""The one reading of the clock: the instant as of which a run works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from feeds.errors import SettingsError

#: The last second of the year 9999, which is as far as `datetime` goes.
_LATEST_SECONDS = 253_402_300_799


def now(environ: Mapping[str, str]) -> datetime:
    """SOURCE_DATE_EPOCH of the environment (https://reproducible-builds.org/specs/source-date-epoch/), else the present.

    Aware UTC in whole seconds. Raises SettingsError if the variable is not a number of seconds that a date can be.
    """
    epoch = environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    seconds = int(epoch) if epoch.isascii() and epoch.isdecimal() and len(epoch) < 20 else -1
    if not 0 <= seconds <= _LATEST_SECONDS:
        raise SettingsError(
            (f"SOURCE_DATE_EPOCH: {epoch[:40]!r} is not a time; expected seconds since 1970, at most {_LATEST_SECONDS}",)
        )
    return datetime.fromtimestamp(seconds, UTC)
