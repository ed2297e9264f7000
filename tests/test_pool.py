"""Work in other processes: results in order, and a call that takes too much costs only itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from feeds import pool

BUDGET = pool.Budget(0.2, 100_000_000)
#: For what meets its bound of memory: on a busy machine that takes a while.
MEMORY_BUDGET = BUDGET._replace(seconds=120)


def within(
    function: object, arguments: Sequence[object], budget: pool.Budget = BUDGET, chunk: int = 3, workers: int = 2
) -> list[object]:
    return list(pool.run_within(budget, function, arguments, shared="s", workers=workers, seconds_each=1, chunk=chunk))  # type: ignore[arg-type]


def _work(shared: str, what: object) -> object:
    if what == "hang":
        while True:
            pass
    if what == "match":
        import re

        re.match(r"(a|aa)+$", "a" * 200 + "b")
    if what == "eat":
        eaten = []
        while True:
            eaten.append(bytearray(1_000_000))
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "exit":
        os._exit(3)
    if what == "sleep":
        time.sleep(1000)
    if what == "raise":
        raise ValueError("what the caller should see")
    return (shared, what)


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize(
    ("bad", "reason"),
    [("hang", "time"), ("match", "time"), ("eat", "memory"), ("die", "memory"), ("exit", "crash"), ("sleep", "wait")],
)
def test_a_call_beyond_its_budget_costs_itself(bad: str, reason: str, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it is, in a pattern of the standard library too; all others have their results, in order."""
    if reason == "time":
        # On a busy machine it may take long to get that much processor time.
        monkeypatch.setattr(pool, "_WALL", 1_000)
    arguments = [0, 1, bad, 3, 4, 5, 6, bad]
    results = within(_work, arguments, MEMORY_BUDGET if reason == "memory" else BUDGET, workers=workers)
    assert results == [pool.Ended(reason) if one == bad else ("s", one) for one in arguments]


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_process_that_ends_once_costs_nothing(signal_number: int, tmp_path: Path) -> None:
    """Killed by the system, crashed or stuck through no fault of the call: a second process does the work."""

    def work(shared: str, number: int) -> int:
        attempts = tmp_path / str(number)
        if number % 3 == 1 and not attempts.exists():
            attempts.touch()
            os.kill(os.getpid(), signal_number)
        return number * 2

    assert within(work, list(range(8))) == [number * 2 for number in range(8)]


def test_results_come_in_order_and_whole() -> None:
    """However large they are, and however many."""
    assert within(lambda shared, number: (number, "x" * 300_000), list(range(40))) == [
        (number, "x" * 300_000) for number in range(40)
    ]
    assert within(_work, []) == []


def test_what_a_call_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="what the caller should see"):
        within(_work, [1, "raise", 2])


def test_without_a_budget_a_dead_worker_costs_nothing() -> None:
    """What it held is worked out by the caller."""
    here = os.getpid()

    def work(shared: str, number: int) -> int:
        if number == 7 and os.getpid() != here:
            os._exit(1)
        return number * 2

    results = pool.run(work, list(range(50)), shared="s", workers=2, seconds_each=1, chunk=4)
    assert list(results) == [number * 2 for number in range(50)]


def test_without_a_budget_a_stuck_worker_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """E.g. one that waits for a lock which another thread held at the fork: it takes no processor time."""
    monkeypatch.setattr(pool, "_STALLED_SECONDS", 0.5)
    here = os.getpid()

    def work(shared: str, number: int) -> int:
        if number == 7 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGSTOP)
        return number * 2

    results = pool.run(work, list(range(50)), shared="s", workers=2, seconds_each=1, chunk=4)
    assert list(results) == [number * 2 for number in range(50)]


def test_nothing_is_left_behind() -> None:
    """Workers end with the run, also when nobody takes the rest of the results."""
    results = pool.run_within(
        BUDGET, lambda shared, number: os.getpid(), list(range(20)), shared="s", workers=2, seconds_each=1, chunk=2
    )
    first = next(results)
    results.close()  # type: ignore[attr-defined]
    assert isinstance(first, int)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_where_no_process_can_be_started_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    import multiprocessing.process

    def refuse(process: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refuse)
    assert within(_work, [1, 2]) == [("s", 1), ("s", 2)]
