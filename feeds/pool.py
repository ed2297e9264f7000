"""All processors for work that pays: in come a function and its arguments, out come its results in their order.

The results do not depend on the number of workers. With a budget each call runs in a process that is ended when the call takes
more time or memory than that; without one nothing starts where there is too little to do.
"""

from __future__ import annotations

import gc
import math
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from feeds import system
from feeds.progress import counted

S = TypeVar("S")
A = TypeVar("A")
R = TypeVar("R")

#: Workers take some 60 ms to start: they have to save more than that.
WORTH_SECONDS = 0.25
#: A call that waits now and then, and so takes little processor time, is ended after this many times its budget.
_WALL = 10
#: A worker that takes no processor time for so long is ended: it waits for what does not come, e.g. for a lock that another
#: thread of this process held when it was forked.
_STALLED_SECONDS = 15.0
_LOOK_SECONDS = 1.0


class Budget(NamedTuple):
    """What one call may take: seconds of processor time, and bytes of memory beside what the process had when it started.

    `prepare(shared)` runs before, e.g. to import libraries, and is not counted: in this process, so that those that are forked
    from it have it; in each process where processes are spawned.
    """

    seconds: float
    memory_bytes: int
    prepare: Callable[[Any], None] | None = None


class Ended(NamedTuple):
    """In place of the result of a call that was ended. `reason` is "time", "memory", "wait" or "crash".

    A process may end for reasons that lie outside the call, e.g. the system was out of memory, or a lock was held when it was
    forked. So a call counts as ended by a crash, a kill or a wait only when a second process ended the same way.
    """

    reason: str


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
    if count > 1 and len(arguments) * seconds_each > WORTH_SECONDS:
        results = _Pool(function, arguments, shared, count, chunk, None).results()
        for argument, result in counted(zip(arguments, results, strict=True), len(arguments)):
            yield function(shared, argument) if isinstance(result, Ended) else result
        return
    for argument in counted(arguments, len(arguments)):
        yield function(shared, argument)


def run_within(
    budget: Budget,
    function: Callable[[S, A], R],
    arguments: Sequence[A],
    *,
    shared: S,
    workers: int,
    seconds_each: float,
    chunk: int,
) -> Iterator[R | Ended]:
    """As `run`, but each call stays within the budget, or its result is an Ended. Always in other processes."""
    count = workers or processors()
    if len(arguments) * seconds_each <= WORTH_SECONDS:
        count = 1
    if arguments and budget.prepare is not None:
        budget.prepare(shared)
    if arguments:
        yield from counted(_Pool(function, arguments, shared, count, chunk, budget).results(), len(arguments))


@dataclass(eq=False, slots=True)
class _Worker:
    """A process, our end of its pipe, and the places of the arguments that it has, the one at work first."""

    process: Any
    pipe: Any
    places: deque[int] = field(default_factory=deque)
    replied: float = 0.0
    #: Its processor time when it was last looked at, and when that had changed (time.monotonic).
    processor_seconds: float = -1.0
    active: float = 0.0
    timed_out: bool = False


class _Pool:
    def __init__(
        self,
        function: Callable[[Any, Any], Any],
        arguments: Sequence[Any],
        shared: Any,
        count: int,
        chunk: int,
        budget: Budget | None,
    ) -> None:
        import multiprocessing

        # Not on macOS, whose own libraries do not work in a fork.
        forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
        self.context: Any = multiprocessing.get_context("fork" if forks else None)
        system.prctl()
        self.given = (function, arguments, shared, budget, os.getpid())
        self.budget = budget
        starts = range(0, len(arguments), chunk)
        self.chunks = deque(deque(range(start, min(start + chunk, len(arguments)))) for start in starts)
        self.wanted = len(arguments)
        self.workers: list[_Worker] = []
        self.count = min(count, len(self.chunks))
        #: The places of calls whose process ended once for a reason that may lie outside of them.
        self.retried: set[int] = set()

    def results(self) -> Iterator[Any]:
        """The results in the order of the arguments."""
        from multiprocessing.connection import wait

        collected: dict[int, Any] = {}
        following = 0
        try:
            try:
                while len(self.workers) < self.count:
                    self.start()
            except OSError:
                # No process can be started now (fork(2), EAGAIN or ENOMEM): those that are there do it all.
                if not self.workers:
                    function, arguments, shared, *_ = self.given
                    yield from (function(shared, argument) for argument in arguments)
                    return
            while following < self.wanted:
                ready = wait([worker.pipe for worker in self.workers], _LOOK_SECONDS)
                for worker in [worker for worker in self.workers if worker.pipe in ready]:
                    self.receive(worker, collected)
                self.end_those_that_wait()
                while following in collected:
                    result = collected.pop(following)
                    following += 1
                    if isinstance(result, BaseException):
                        raise result
                    yield result
        finally:
            for worker in self.workers:
                worker.pipe.close()
                worker.process.kill()
                worker.process.join()

    def start(self) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(
            target=_serve, args=(theirs, [worker.pipe for worker in self.workers], ours, *self.given), daemon=True
        )
        process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))
        self.give(self.workers[-1])

    def give(self, worker: _Worker) -> None:
        """The next arguments, or the end where there are none."""
        if self.chunks:
            worker.places = self.chunks.popleft()
            worker.replied = worker.active = time.monotonic()
            worker.pipe.send(tuple(worker.places))

    def receive(self, worker: _Worker, results: dict[int, Any]) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            self.replace(worker, results)
            return
        worker.replied = worker.active = time.monotonic()
        for place, result in message:
            worker.places.popleft()
            results[place] = result
        if not worker.places:
            self.give(worker)

    def replace(self, worker: _Worker, results: dict[int, Any]) -> None:
        """A worker is gone: what it worked on is over or tried once more, what else it held is given to another."""
        worker.process.join()
        worker.pipe.close()
        self.workers.remove(worker)
        if worker.places:
            place = worker.places.popleft()
            if _used_up_its_time(worker) or self.budget is None or place in self.retried:
                results[place] = Ended(_reason(worker))
            else:
                self.retried.add(place)
                self.chunks.appendleft(deque([place]))
        # Each by itself: which of several calls ended a process is not known.
        self.chunks.extendleft(deque([place]) for place in reversed(worker.places))
        if self.chunks:
            self.start()

    def end_those_that_wait(self) -> None:
        """End the workers that are stuck, so that `replace` finds them gone."""
        now = time.monotonic()
        longest = math.inf if self.budget is None else _WALL * self.budget.seconds
        for worker in self.workers:
            if not worker.places or worker.timed_out or now - worker.active < _LOOK_SECONDS:
                continue
            used = system.processor_seconds(worker.process.pid)
            if used != worker.processor_seconds:
                worker.processor_seconds, worker.active = used, now
            if now - worker.replied > longest or now - worker.active > _STALLED_SECONDS:
                worker.timed_out = True
                worker.process.kill()


def _used_up_its_time(worker: _Worker) -> bool:
    return bool(worker.process.exitcode == -getattr(signal, "SIGPROF", 0))


def _reason(worker: _Worker) -> str:
    if worker.timed_out:
        return "wait"
    if _used_up_its_time(worker):
        return "time"
    return "memory" if worker.process.exitcode == -getattr(signal, "SIGKILL", 9) else "crash"


def _serve(
    pipe: Any, others: Sequence[Any], other_end: Any, function: Callable[[Any, Any], Any], arguments: Sequence[Any], shared: Any,
    budget: Budget | None, parent: int,
) -> None:  # fmt: skip
    """A worker: takes places of arguments, sends results, until the pipe is closed."""
    # Nobody else would ever tell this worker that there is no more work.
    system.end_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    # Pipes that a fork inherits would keep others from seeing that we are gone.
    for other in (*others, other_end):
        other.close()
    # What was made before the fork is not ours to look through; what is made here has cycles to collect.
    gc.freeze()
    gc.enable()
    if budget is not None:
        if budget.prepare is not None:
            budget.prepare(shared)
        _bound_memory(budget.memory_bytes)
    try:
        while True:
            places = pipe.recv()
            # With a budget each result is a message: when the last one came tells how long a call has waited.
            for group in [places] if budget is None else [(place,) for place in places]:
                pipe.send([(place, _call(function, shared, arguments[place], budget)) for place in group])
    except (EOFError, OSError):
        os._exit(0)


def _call(function: Callable[[Any, Any], Any], shared: Any, argument: Any, budget: Budget | None) -> Any:
    """The result, an Ended, or the exception that the call raised."""
    timed = budget is not None and hasattr(signal, "setitimer")
    if timed and budget is not None:
        # The signal ends the process wherever it is, in a library's C code too: setitimer(2), of user and system time.
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, budget.seconds)
    try:
        return function(shared, argument)
    except MemoryError:
        return Ended("memory")
    except Exception as error:
        return error
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_PROF, 0)


def _bound_memory(more: int) -> None:
    """Let this process take so many bytes beside what it has now (setrlimit(2), RLIMIT_DATA), where the system can."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            pages = int(file.read().split()[5])
        limit = pages * resource.getpagesize() + more
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    except (ImportError, OSError, ValueError):
        return
