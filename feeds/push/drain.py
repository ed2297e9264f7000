"""Send what waits in the outbox: in come settings and bounds, out goes a report; nothing is lost that nobody took.

Each message is tried again ever later, and given up after a day by default. A service that cannot be reached is tried once in
a run, however many messages wait for it. Nothing here fails a build: what goes wrong is in the report.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from feeds.errors import one_line
from feeds.push import request, services
from feeds.push.outbox import Address, Message, Outbox, outbox_of
from feeds.settings import Settings

#: Pause behind the first failure; it doubles with each, up to the longest.
_FIRST_PAUSE_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 6 * 3600
#: Pauses differ by a part of themselves, so that many sites do not call a hub that is back all at once.
_JITTER = 0.2
#: Requests at the same time, over all services and to one of them.
_THREADS, _THREADS_EACH = 8, 2
#: So many results are held back before they are written down.
_WRITE_EACH = 50
#: A service had less time than this when the run ended: that is not its fault.
_FAIR_SECONDS = 1.0
#: How long one build waits for services that are slow; the rest is sent by the next run.
AFTER_BUILD_SECONDS = 10.0


@dataclass(slots=True)
class Report:
    """What came of it. `waiting` messages are left, `failures` says why, by the service's URL; `given_up` are no longer tried.

    `busy` says that another process is sending; `unwritten` why results could not be written down.
    """

    sent: list[Message] = field(default_factory=list)
    failed: list[Message] = field(default_factory=list)
    given_up: list[Message] = field(default_factory=list)
    waiting: int = 0
    busy: bool = False
    unwritten: str = ""

    @property
    def failures(self) -> dict[str, str]:
        """Why the services that did not take a message did not, by URL."""
        return {message.address.url: message.error for message in (*self.failed, *self.given_up)}


@dataclass(frozen=True, slots=True)
class _Batch:
    """Messages for one request."""

    address: Address
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Result:
    batch: _Batch
    error: str = ""
    retry_after_seconds: int | None = None


def drain(settings: Settings, *, seconds: float, every: bool = False) -> Report:
    """Send the messages that are due, or with `every` all that wait; returns after so many seconds at most.

    What has no answer by then is not settled: it is sent again by the next run.
    """
    outbox = outbox_of(settings)
    report = Report()
    if not outbox.exists:
        return report
    end = time.monotonic() + seconds
    try:
        with outbox.sending() as may_send:
            if not may_send:
                report.busy = True
            else:
                _send(settings, outbox, report, end, every=every)
    except OSError as error:
        report.unwritten = str(error)
    report.waiting = len(outbox.read().messages)
    return report


def _send(settings: Settings, outbox: Outbox, report: Report, end: float, *, every: bool) -> None:
    now = int(time.time())
    due = [message for message in outbox.read().messages.values() if every or message.due <= now]
    batches = list(_batches(due))
    pending: list[_Result] = []

    def write() -> None:
        moment = int(time.time())
        sent = [message for result in pending if not result.error for message in result.batch.messages]
        failed = [
            _later(message, result, moment) for result in pending if result.error for message in result.batch.messages
        ]  # fmt: skip
        pending.clear()
        given_up = outbox.settle(sent, failed, oldest=moment - settings.push.give_up_seconds)
        report.sent += sent
        report.given_up += given_up
        report.failed += [message for message in failed if message not in given_up]

    for result in _Senders(settings, batches, end).results():
        pending.append(result)
        if len(pending) >= _WRITE_EACH:
            write()
    write()


def _batches(messages: Iterable[Message]) -> Iterator[_Batch]:
    """The messages by request, oldest first."""
    by_address: dict[Address, list[Message]] = defaultdict(list)
    for message in sorted(messages, key=lambda message: (message.since, message.subject)):
        by_address[message.address].append(message)
    for address, waiting in by_address.items():
        size = services.AT_ONCE[address.service]
        for start in range(0, len(waiting), size):
            yield _Batch(address, tuple(waiting[start : start + size]))


def _later(message: Message, result: _Result, now: int) -> Message:
    """The message with its next attempt after a pause that doubles, but no sooner than the service asks for."""
    pause: float = min(_FIRST_PAUSE_SECONDS * 2 ** min(message.attempts, 20), _LONGEST_PAUSE_SECONDS)
    pause *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  no secret
    pause = max(pause, min(result.retry_after_seconds or 0, _LONGEST_PAUSE_SECONDS))
    return replace(message, due=now + int(pause), attempts=message.attempts + 1, error=result.error)


class _Senders:
    """Threads that send batches until the time is up; one that still waits for an answer then is left behind."""

    def __init__(self, settings: Settings, batches: Sequence[_Batch], end: float) -> None:
        self.settings, self.end = settings, end
        self._results: queue.SimpleQueue[_Result | None] = queue.SimpleQueue()
        #: By address, so that a service which does not answer holds up nobody else's messages.
        self._waiting: dict[Address, list[_Batch]] = defaultdict(list)
        for batch in reversed(batches):
            self._waiting[batch.address].append(batch)
        self._lock = threading.Lock()
        #: What is being sent, and since when.
        self._trying: dict[_Batch, float] = {}
        self._down: dict[Address, str] = {}

    def results(self) -> Iterator[_Result]:
        """What came of each batch that was tried; a batch without an answer in time failed, with all others to that service."""
        running = min(_THREADS, sum(map(len, self._waiting.values())))
        for _ in range(running):
            threading.Thread(target=self._work, name="feeds-push", daemon=True).start()
        while running:
            try:
                result = self._results.get(timeout=max(0.0, self.end - time.monotonic()))
            except queue.Empty:
                break
            if result is None:
                running -= 1
            else:
                yield result
        yield from self._unanswered()

    def _unanswered(self) -> Iterator[_Result]:
        with self._lock:
            hanging = {batch for batch, since in self._trying.items() if self.end - since >= _FAIR_SECONDS}
            silent = {batch.address for batch in hanging}
            for address, messages in self._waiting.items():
                if address in silent:
                    hanging.update(messages)
                messages.clear()
        yield from (_Result(batch, "it did not answer in time") for batch in hanging)

    def _next(self) -> _Batch | None:
        with self._lock:
            counts = Counter(batch.address for batch in self._trying)
            address = min(
                (address for address, messages in self._waiting.items() if messages and counts[address] < _THREADS_EACH),
                key=lambda address: counts[address], default=None,
            )  # fmt: skip
            if address is None:
                return None
            batch = self._waiting[address].pop()
            self._trying[batch] = time.monotonic()
            return batch

    def _work(self) -> None:
        while time.monotonic() < self.end and (batch := self._next()) is not None:
            result = self._try(batch)
            with self._lock:
                del self._trying[batch]
            self._results.put(result)
        self._results.put(None)

    def _try(self, batch: _Batch) -> _Result:
        if batch.address in self._down:
            return _Result(batch, self._down[batch.address])
        subjects = [message.subject for message in batch.messages]
        seconds = max(0.1, min(float(self.settings.push.timeout_seconds), self.end - time.monotonic()))
        try:
            result = services.request(self.settings, batch.address, subjects)
            answer = request.post(result, site=self.settings.base_url, timeout_seconds=seconds)
        except request.SendError as error:
            self._down[batch.address] = str(error)
            return _Result(batch, str(error))
        except Exception as error:
            return _Result(batch, f"internal error: {type(error).__name__}: {one_line(error)}")
        if 200 <= answer.status < 300:
            return _Result(batch, services.refusal(batch.address, answer.body))
        why = f"it answered {answer.status} {answer.reason}".rstrip()
        if answer.status == 429 or answer.status >= 500:
            self._down[batch.address] = why
        return _Result(batch, why, answer.retry_after_seconds)
