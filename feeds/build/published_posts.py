"""Which posts are published at one instant: in come the posts' metadata and the ledger, out goes a Selection.

A post is left out if its author hides it, if it is scheduled or expired, or if another post has its id; each such post is
listed with the reason. Resolves ids and dates with the ledger, and writes nothing to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import dates
from feeds.build.entries.visible import visible_now
from feeds.build.inputs import Inputs
from feeds.build.place import permalink_of
from feeds.build.timeline import Out, Timeline
from feeds.errors import Problem
from feeds.ledger.fingerprint import Sighting
from feeds.ledger.names import Mint
from feeds.ledger.resolve import BuildFacts, Resolution
from feeds.posts import visibility
from feeds.posts.collect import load_headers
from feeds.posts.file_dates import of_undated
from feeds.posts.header import Header
from feeds.publication import LeftOut


@dataclass(frozen=True, slots=True)
class Selection:
    """The published posts, newest first (`out`), and what was noticed while they were selected.

    Of the `known` posts of the last published generation, `gone` gives the paths of those that are no longer published, and
    `future` says how many of them now lie in the future, `lost` how many are broken while no version of them is known.
    `changes` are the instants at which a post appears or expires. `rekeyed` and `redated` are as in `Built`.
    """

    out: Timeline
    known: int
    gone: tuple[str, ...]
    future: int
    lost: int
    left_out: tuple[LeftOut, ...]
    changes: tuple[datetime, ...]
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]
    rekeyed: tuple[tuple[str, str, str], ...]
    redated: tuple[tuple[str, datetime, datetime], ...]


def select(inputs: Inputs) -> Selection:
    """The posts that are published at `inputs.as_of`."""
    collected, unchanged = inputs.collected, inputs.collected.unchanged
    zone = inputs.settings.timezone
    hidden = {
        header.path: reason for header in collected.headers if (reason := why_left_out(header, inputs.as_of, zone)) is not None
    }
    resolution, notices = _resolve(inputs, hidden)
    problems = list(resolution.problems)
    if unchanged is not None:
        for of_post in unchanged.valid_problems().values():
            problems += of_post
    published: list[Out] = []
    left_out: list[LeftOut] = []
    changes: list[datetime] = []
    for header in collected.headers:
        if header.path not in collected.kept:
            problems += header.problems
        identity = resolution.identities.get(header.path)
        reason = hidden.get(header.path)
        if reason is not None:
            left_out.append(reason)
            if reason.until is not None:
                changes.append(reason.until)
        elif identity is None or header.path in resolution.left_out:
            left_out.append(LeftOut(header.path, "duplicate-id", "another post has its id"))
        else:
            if header.expires is not None:
                changes.append(header.expires)
            published.append(Out(header, identity))
    for path, of_post in collected.broken.items():
        problems += of_post
        if path not in collected.kept:
            left_out.append(LeftOut(path, "broken", "it is broken"))
    withdrawn = resolution.withdrawn
    unread = collected.broken.keys() - collected.kept
    lost = inputs.ledger.published_among(unread) if unread else set()
    return Selection(
        out=Timeline(published, unchanged, lambda paths: load_headers(inputs.cache, paths)),
        known=resolution.known,
        gone=tuple(sorted({*resolution.vanished, *withdrawn, *lost})),
        future=sum(1 for path in withdrawn if path in hidden and hidden[path].reason == "scheduled"),
        lost=len(lost),
        left_out=tuple(left_out),
        changes=tuple(changes),
        problems=tuple(problems),
        notices=notices,
        rekeyed=resolution.rekeyed,
        redated=resolution.redated,
    )


def why_left_out(header: Header, as_of: datetime, zone: str) -> LeftOut | None:
    """Why a post is not published at this instant, with its dates in a zone; None if it is."""
    if header.status != "out":
        return LeftOut(header.path, header.status, visibility.reason(header.status, header.status_key))
    published = header.published
    if (visible := header.visible_from) is not None and visible > as_of:
        return LeftOut(header.path, "scheduled", f"it is scheduled for {dates.local(visible, zone)}", visible)
    if published is not None and published > as_of:
        return LeftOut(header.path, "scheduled", f"it is scheduled for {dates.local(published, zone)}", published)
    if header.expires is not None and header.expires <= as_of:
        return LeftOut(header.path, "expired", f"it expired on {dates.local(header.expires, zone)}")
    return None


def _resolve(inputs: Inputs, hidden: Mapping[str, LeftOut]) -> tuple[Resolution, tuple[str, ...]]:
    """The posts' ids and dates as the ledger resolves them, and notices about the dates."""
    settings, ledger, collected = inputs.settings, inputs.ledger, inputs.collected
    sightings = [
        Sighting(
            header.path, header.explicit_id, header.title, header.text_digest, header.sketch,
            header.published, header.updated, header.path not in hidden,
        )
        for header in collected.headers
        if header.status != "copy"  # a copy has no identity: where its original is deleted, it goes on under that one's
    ]  # fmt: skip
    unchanged = collected.unchanged
    at = sorted({*collected.files, *unchanged.invalid, *unchanged.without_row}) if unchanged is not None else None

    def visible(paths: Sequence[str]) -> Mapping[str, str]:
        wanted = set(paths) - collected.kept
        return visible_now([header for header in collected.headers if header.path in wanted], collected.reader)

    undated = [post.path for post in sightings if post.published is None and post.out]
    dated = of_undated(settings.posts, settings.date_source, undated, fresh=ledger.fresh)
    earlier = collected.sources.earlier_texts(collected.reader, collected.headers) if ledger.has_other_digests else {}
    facts = BuildFacts(collected.broken.keys(), _mint(inputs), at, visible, dated.dates, earlier)
    resolution = ledger.resolve(sightings, inputs.as_of, inputs.authority, facts)
    return resolution, tuple(dated.notices)


def _mint(inputs: Inputs) -> Mint | None:
    """What gives new posts their ids; None if they get the ledger's `tag:` URIs."""
    settings = inputs.settings
    if settings.id_source != "permalink":
        return None
    headers = {header.path: header for header in inputs.collected.headers}

    def page_of(sighting: Sighting, slug: str, published: datetime) -> str | None:
        return permalink_of(headers[sighting.path], slug, published, settings)

    return page_of
