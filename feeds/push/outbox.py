"""What is still to be told, in a file of the state folder: in come changes, out go messages that are due.

The file also remembers which bytes of each topic were announced last, so that a run that was killed between the switch and the
announcement loses nothing. Several processes may use it at once. Sends nothing itself.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from feeds import system
from feeds.publish import disk
from feeds.settings import Settings
from feeds.state_folder import OUTBOX, OUTBOX_HEAD

#: How long another process may hold the file before this one gives up.
_PATIENCE_SECONDS = 5.0
#: Messages that were given up and are remembered, the newest.
_GIVEN_UP = 20


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: the service ("websub", "rsscloud", "indexnow", "baidu") and its URL, without secrets."""

    service: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that one service is to be told: a topic or a permalink has changed.

    `serial` goes up when the subject changes again before it was told. Instants are seconds since 1970: `since` is when it
    changed last, `due` from when on it may be sent. `error` says why the last of `attempts` failed.
    """

    address: Address
    subject: str
    since: int
    due: int
    serial: int = 0
    attempts: int = 0
    error: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Of two messages with one key the later replaces the earlier."""
        return self.address.service, self.address.url, self.subject


@dataclass(slots=True)
class Contents:
    """What the file holds.

    `announced` maps the URL of each topic to the digest of the bytes that were announced last. `staged` are permalinks of a
    generation that is about to be published, with its revision. `given_up` are the last messages that nobody took.
    """

    announced: dict[str, str] = field(default_factory=dict)
    messages: dict[tuple[str, str, str], Message] = field(default_factory=dict)
    staged: tuple[str, tuple[str, ...]] | None = None
    given_up: list[Message] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost without the file."""
        return not (self.announced or self.messages or self.staged or self.given_up)

    def add(self, address: Address, subject: str, now: int) -> None:
        """Tell a service of a subject. One that waits already keeps its place in the back-off, and is not forgotten sooner."""
        fresh = Message(address, subject, since=now, due=now)
        waiting = self.messages.get(fresh.key)
        if waiting is not None:
            fresh = replace(waiting, since=now, serial=waiting.serial + 1)
        self.messages[fresh.key] = fresh


class Outbox:
    """The outbox of one state folder.

    `automatic` says whether builds send by themselves; if not, the file's head tells them of nothing to send.
    """

    def __init__(self, state: Path, *, automatic: bool = True) -> None:
        self.path, self.automatic = state / OUTBOX, automatic
        self._lock = state / f"{OUTBOX}.lock"

    @property
    def exists(self) -> bool:
        """Whether there is a file: without one nothing is waiting and nothing was ever announced."""
        return self.path.exists()

    def read(self) -> Contents:
        """What the file holds; nothing if it is missing or damaged. Then every topic is announced again, which is harmless."""
        try:
            head, _, text = self.path.read_bytes().partition(b"\n")
            if not head.startswith(OUTBOX_HEAD):
                return Contents()
            return _contents(json.loads(text))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Contents()

    def stage(self, revision: str, permalinks: Iterable[str]) -> None:
        """Remember new and changed permalinks of a generation before it goes live. Raises OSError."""
        staged = tuple(permalinks)
        if not staged and not self.exists:
            return
        with self._changing() as contents:
            contents.staged = (revision, staged) if staged else None

    def announce(
        self, revision: str, topics: Mapping[str, str], listeners: Mapping[str, Sequence[Address]],
        engines: Sequence[Address], now: int,
    ) -> None:  # fmt: skip
        """Add a message for each service and each topic whose bytes changed since the last announcement.

        `topics` maps URLs to digests of the generation that is live, `listeners` maps them to the services to tell; `engines`
        are told the permalinks that were staged for this revision. Raises OSError.
        """
        if not topics and not engines and not self.exists:
            return
        with self._changing() as contents:
            for topic, digest in topics.items():
                if contents.announced.get(topic) != digest:
                    for address in listeners.get(topic, ()):
                        contents.add(address, topic, now)
            contents.announced = dict(topics)
            if contents.staged is not None and contents.staged[0] == revision:
                for permalink in contents.staged[1]:
                    for address in engines:
                        contents.add(address, permalink, now)
            contents.staged = None
            self._drop_unwanted(contents, listeners, engines)

    @staticmethod
    def _drop_unwanted(
        contents: Contents, listeners: Mapping[str, Sequence[Address]], engines: Sequence[Address]
    ) -> None:  # fmt: skip
        """Forget messages to services that the settings no longer name, and of topics that are no longer published."""
        contents.messages = {
            key: message
            for key, message in contents.messages.items()
            if message.address in engines or message.address in listeners.get(message.subject, ())
        }
        wanted = {*engines, *(address for addresses in listeners.values() for address in addresses)}
        contents.given_up = [message for message in contents.given_up if message.address in wanted]

    def settle(self, sent: Collection[Message], failed: Collection[Message], *, oldest: int) -> list[Message]:
        """Take out what was sent; put back what failed, but give up what changed before `oldest`, and return that.

        A message whose subject changed again meanwhile stays. Raises OSError.
        """
        given_up: list[Message] = []
        if not sent and not failed:
            return given_up
        with self._changing() as contents:
            messages = contents.messages
            for message in sent:
                waiting = messages.get(message.key)
                if waiting is not None and waiting.serial == message.serial:
                    del messages[message.key]
            for message in failed:
                waiting = messages.get(message.key)
                if waiting is None:
                    continue
                if waiting.serial == message.serial and message.since < oldest:
                    del messages[message.key]
                    given_up.append(message)
                else:
                    messages[message.key] = replace(
                        waiting, due=message.due, attempts=message.attempts, error=message.error
                    )  # fmt: skip
            reached = {message.address for message in sent}
            kept = [message for message in contents.given_up if message.address not in reached]
            contents.given_up = [*kept, *given_up][-_GIVEN_UP:]
        return given_up

    @contextmanager
    def _changing(self) -> Iterator[Contents]:
        """Hold the file's lock, hand out what it holds, and write it if it became another. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | system.PRIVATE, 0o600)
        try:
            _take(handle)
            contents = self.read()
            before = self._text(contents)
            yield contents
            if contents.is_empty:
                self.path.unlink(missing_ok=True)
            elif (after := self._text(contents)) != before or not self.exists:
                disk.write_durably(self.path, after)
        finally:
            os.close(handle)

    def _text(self, contents: Contents) -> bytes:
        due = min((message.due for message in contents.messages.values()), default=None) if self.automatic else None
        body = {
            "announced": contents.announced,
            "staged": contents.staged,
            "messages": [asdict(message) for _, message in sorted(contents.messages.items())],
            "given_up": [asdict(message) for message in contents.given_up],
        }
        head = OUTBOX_HEAD + (b"-" if due is None else str(due).encode())
        return head + b"\n" + json.dumps(body, ensure_ascii=False).encode("utf-8", "replace") + b"\n"

    @contextmanager
    def sending(self) -> Iterator[bool]:
        """Whether this process may send; not while another does. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path.with_name(f"{OUTBOX}.sending"), os.O_RDWR | os.O_CREAT | system.PRIVATE, 0o600)
        try:
            yield system.try_lock(handle)
        finally:
            os.close(handle)


def outbox_of(settings: Settings) -> Outbox:
    """The site's outbox."""
    return Outbox(settings.state, automatic=settings.push.after_build)


def _take(handle: int) -> None:
    """Lock the file; another process holds it for milliseconds. Raises TimeoutError, an OSError."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not system.try_lock(handle):
        if time.monotonic() > end:
            raise TimeoutError("another process holds the outbox")
        time.sleep(0.01)


def _contents(value: Mapping[str, Any]) -> Contents:
    messages = [_message(facts) for facts in value["messages"]]
    staged = value["staged"]
    return Contents(
        announced={str(topic): str(digest) for topic, digest in value["announced"].items()},
        messages={message.key: message for message in messages},
        staged=None if staged is None else (str(staged[0]), tuple(map(str, staged[1]))),
        given_up=[_message(facts) for facts in value["given_up"]],
    )


def _message(facts: Mapping[str, Any]) -> Message:
    address = Address(str(facts["address"]["service"]), str(facts["address"]["url"]))
    return Message(
        address, str(facts["subject"]), int(facts["since"]), int(facts["due"]), int(facts["serial"]), int(facts["attempts"]),
        str(facts["error"]),
    )  # fmt: skip
