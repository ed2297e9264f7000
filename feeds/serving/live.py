"""The snapshot in force in this process: it follows the live turn, which the leader switches for all processes at once."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.serving import store as packs
from feeds.serving.snapshot import Snapshot
from feeds.serving.store import DamagedError, Pack
from feeds.serving.turns import Turns

if TYPE_CHECKING:
    from feeds.serving.query.views import QueryViews

LOG = logging.getLogger("feeds.serving")


class Live:
    """`current` is asked for each request, from any thread; `lead` and `follow` are called now and then by one."""

    def __init__(self, store: Path, *, deltas: bool = False, query_views: int = 0) -> None:
        """`query_views` is how many entries a view of the site's feed may have; 0: there are none."""
        self.store, self.deltas = store, store if deltas else None
        self._query_views = query_views
        self._queries = self._query_maker()
        self.ready = threading.Event()
        self._turns = Turns(store)
        #: The live turn that was last acted upon.
        self._turn = 0
        self._snapshot: Snapshot | None = None
        self._prepared: Snapshot | None = None
        self._lock = threading.RLock()

    def current(self) -> Snapshot | None:
        """The snapshot of the live turn; None before the first."""
        if self._turns.number[0] != self._turn:
            self._switch()
        return self._snapshot

    def follow(self) -> None:
        """Take up the live turn, again where that failed before."""
        with self._lock:
            if self._turns.live and (self._snapshot is None or self._snapshot.pack.turn != self._turns.live):
                self._turn = -1
                self._switch()
        if not self._turns.shared:
            self.lead()

    def lead(self) -> bool:
        """Make the newest turn of the store the live one; True where it was another. Raises DamagedError."""
        try:
            newest = packs.newest_turn(self.store)
        except FileNotFoundError:
            return False
        if newest == self._turns.live:
            self.follow_if_behind(newest)
            return False
        # Opened before anybody is sent to it, so that no request waits.
        self._prepared = self._opened(newest)
        self._turns.switch(newest)
        self.current()
        return True

    def follow_if_behind(self, turn: int) -> None:
        """Take up the live turn where another one is in force here. Raises DamagedError."""
        if self._snapshot is None or self._snapshot.pack.turn != turn:
            self._put(self._opened(turn))
            self._turn = turn

    def restart(self) -> None:
        """Begin anew in a process that was forked off: what the parent has opened stays the parent's."""
        self._lock, self.ready = threading.RLock(), threading.Event()
        #: Never closed here: SQLite's connections must not be used, nor ended, by another process.
        self._parents = (self._snapshot, self._prepared, self._queries)
        self._prepared = None
        self._turn = -1
        self._queries = self._query_maker()
        self.current()

    def _switch(self) -> None:
        with self._lock:
            turn = self._turns.live
            if turn == self._turn:
                return
            prepared, self._prepared = self._prepared, None
            try:
                self._put(prepared if prepared is not None and prepared.pack.turn == turn else self._opened(turn))
            except (DamagedError, FileNotFoundError) as error:
                # The last good snapshot stays; `follow` tries again. Before the first turn there is nothing to load.
                if turn:
                    LOG.warning("the new generation cannot be loaded (turn %d): %s", turn, error)
            self._turn = turn

    def _query_maker(self) -> QueryViews | None:
        if not self._query_views:
            return None
        from feeds.serving.query.views import QueryViews

        return QueryViews(self.store, self._query_views)

    def _opened(self, turn: int) -> Snapshot:
        result = Snapshot(Pack(self.store, turn), self._snapshot, self.deltas, self._queries)
        result.refresh(time.time())
        return result

    def _put(self, snapshot: Snapshot) -> None:
        before, self._snapshot = self._snapshot, snapshot
        self.ready.set()
        if before is None or before.facts.generation != snapshot.facts.generation:
            LOG.info("generation %d is live: %d documents", snapshot.facts.generation, snapshot.facts.documents)
