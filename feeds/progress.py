"""How far long work is: in come items as they are worked through, out go counts for an observer.

Nothing is counted, and no clock is read, where nobody watches; results never depend on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
#: Called with how many are done, and of how many.
Report = Callable[[int, int], None]

#: Not more often than a person can read.
_SECONDS = 0.1
_report: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def watched_by(report: Report) -> Iterator[None]:
    """Within, `report` is told how far `counted` work is."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


def counted(items: Iterable[T], total: int) -> Iterator[T]:
    """The items; each counts as done when the next one is asked for."""
    report = _report.get()
    if report is None:
        yield from items
        return
    due = time.monotonic() + _SECONDS
    for done, item in enumerate(items):
        if time.monotonic() >= due:
            report(done, total)
            due = time.monotonic() + _SECONDS
        yield item
