"""What a build works on: settings, the instant, the posts' metadata, and the stores that are open. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds.cache import Cache
from feeds.ledger.ledger import Ledger
from feeds.posts.collect import Collected
from feeds.posts.last_good import LastGoodSources
from feeds.settings import Settings


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that decides a Publication. With `everything` also posts that enter no document are converted."""

    settings: Settings
    as_of: datetime
    collected: Collected
    ledger: Ledger
    cache: Cache
    kept: LastGoodSources
    everything: bool = False

    @property
    def authority(self) -> str:
        """The authority of `tag:` URIs: the one that the ledger remembers, else that of the settings."""
        return self.ledger.meta("authority") or self.settings.authority
