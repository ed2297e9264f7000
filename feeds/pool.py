"""All processors for work that pays: in come a function and its arguments, out come its results in their order.

The results do not depend on the number of workers. Nothing starts where there is too little to do.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

S = TypeVar("S")
A = TypeVar("A")
R = TypeVar("R")

#: A pool takes some 60 ms to start: it has to save more than that.
WORTH_SECONDS = 0.25
_PR_SET_PDEATHSIG = 1


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    function: Callable[[S, A], R], arguments: Sequence[A], *, shared: S, workers: int, seconds_each: float, chunk: int = 16
) -> Iterator[R]:
    """`function(shared, argument)` over `arguments`, in order. `seconds_each` is what one call costs, roughly.

    A worker that dies (killed, out of memory) costs nothing: what it held is worked out here instead.
    """
    count = workers or processors()
    done = 0
    if count > 1 and len(arguments) * seconds_each > WORTH_SECONDS:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        forks = "fork" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if forks else None)
        try:
            given = (function, shared, os.getpid())
            with ProcessPoolExecutor(count, mp_context=context, initializer=_share, initargs=given) as pool:
                for result in pool.map(_call, arguments, chunksize=chunk):
                    yield result
                    done += 1
        except BrokenProcessPool:
            pass
    for argument in arguments[done:]:
        yield function(shared, argument)


_shared: dict[str, Any] = {}


def _share(function: Callable[[S, A], R], shared: S, parent: int) -> None:
    _end_with(parent)
    # What was made before the fork is not ours to look through; what is made here has cycles to collect.
    gc.freeze()
    gc.enable()
    _shared["call"] = (function, shared)


def _end_with(parent: int) -> None:
    """Die when the parent is killed (prctl(2)): nobody else would ever tell this worker that there is no more work."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _call(argument: Any) -> Any:
    function, shared = _shared["call"]
    return function(shared, argument)
