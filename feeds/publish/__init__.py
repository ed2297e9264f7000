"""Where a publication goes: in come resources and the facts of a generation, out goes one atomic switch.

A target is complete or unchanged, at every instant and after every fault. The folder is the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from feeds.publish.manifest import Manifest
from feeds.publish.resources import Resource

#: Folder of the header maps in the output. No host may serve it: its name begins with a dot.
MAPS_FOLDER = ".feeds-headers"


@dataclass(frozen=True, slots=True)
class GenerationFacts:
    """What the manifest says of a generation besides its documents.

    `earlier`: digest and Last-Modified of documents that another machine published before, by path; no part of the manifest.
    """

    revision: str
    as_of: datetime
    base_url: str
    max_age_seconds: int
    stale_while_revalidate_seconds: int = 86_400
    stale_if_error_seconds: int = 604_800
    next_change_at: datetime | None = None
    problems: int = 0
    moved: Mapping[str, str] | None = None
    retired: tuple[str, ...] = ()
    ledger: Sequence[Mapping[str, object]] = ()
    page_script: str = ""
    earlier: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What a publish did: the live manifest, what changed, what went, and what its operator should know.

    `settled` is false where something behind the switch did not come off: the next run has to make up for it. `beside` are
    the paths of the generation's files that are no documents.
    """

    manifest: Manifest
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    switched: bool
    notices: tuple[str, ...] = ()
    settled: bool = True
    beside: tuple[str, ...] = ()


#: From the manifest of the generation to be: further files that belong to it (header maps), by path.
Extras = Callable[[Manifest], Mapping[str, bytes]]


class Target(Protocol):
    """Somewhere to publish."""

    def last(self) -> Manifest | None:
        """The manifest of the live generation; what an interrupted run left is finished or removed first."""

    def publish(self, resources: Sequence[Resource], facts: GenerationFacts, *, extras: Extras | None = None) -> TargetResult:
        """Make every document, check each, then switch. Raises RenderError or PublishError with nothing changed."""

    def rollback(self, as_of: datetime, *, extras: Extras | None = None) -> TargetResult:
        """Publish the generation before the live one again, as of an instant."""
