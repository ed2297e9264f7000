"""What query views are made of: in comes a build, out go a listing of its posts and their fragments, into the store.

Runs in the build's process. Holds the posts of the site's own feed without its limit: what that feed leaves out
(`exclude`) is in no view. Every fragment is read back and compared with its entry before a listing names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import formats
from feeds.build.groups.plans import NO_DATE
from feeds.build.groups.taxonomy import ancestors
from feeds.build.timeline import combination
from feeds.model import digest, seconds
from feeds.serving.query import store as query_store
from feeds.serving.query.parameters import NAMED
from feeds.serving.query.store import QueryListing, QueryPost, StoredFragment, kind_of
from feeds.settings import Settings
from feeds.slugs import fold, slug

if TYPE_CHECKING:
    from feeds.build.groups.plans import Terms
    from feeds.build.publication import Built
    from feeds.posts.index import Combination

#: Entries whose fragments are made and checked together.
_BATCH = 50
Known = Mapping[str, Mapping[str, tuple[str, str]]]


def note(store: Path, settings: Settings, built: Built) -> None:
    """Write the listing of a build, and the fragments that are not there yet. Raises OSError, RenderError."""
    before = query_store.last(store)
    result = listing(settings, built, before.names if before is not None else {})
    kinds = [kind for kind, *_ in _kinds(result)]
    missing = query_store.missing(store, list(dict.fromkeys(post.entry for post in result.posts)), kinds)
    try:
        query_store.write(store, result, seconds(built.publication.as_of), _fragments(result, built, missing))
    except Exception:
        # Views of an older build could show what is withdrawn.
        query_store.remove(store)
        raise


def listing(settings: Settings, built: Built, names_before: Known) -> QueryListing:
    """The posts of the site's feed; names that were `names_before` keep the form that they have in addresses."""
    site, feed = built.plans[0], built.publication.feeds[0]
    positions = site.positions()
    numbers: dict[Combination, int] = {}
    posts = []
    for position, post in zip(positions, built.out.at(positions), strict=True):
        group = numbers.setdefault(combination(post.header, NAMED), len(numbers))
        published, updated = seconds(post.identity.published), seconds(post.identity.updated)
        posts.append(QueryPost(built.ready[position].key, published, updated, group))
    paths = {subject: [list(built.paths_of(subject, names)) for names in numbers] for subject in NAMED}
    names = {subject: _names(subject, paths[subject], built.terms, names_before.get(subject, {})) for subject in NAMED}
    groups = tuple(
        {
            subject: frozenset(names[subject]["/".join(key)][0] for path in paths[subject][number] for key in _keys(path))
            for subject in NAMED
        }
        for number in range(len(numbers))
    )
    limit = settings.limit if site.own.limit is None else site.own.limit
    # Without what only the generation's own documents say: its archives, its hubs, the show.
    alone = replace(
        feed, path="", labels=(), entries=(), entry_keys=(), hubs=(), rsscloud=None, history=None, show=None, complete=False,
        parent=None, children=(), since=None, count=0, updated=NO_DATE, urls={name: feed.urls[name] for name in settings.formats},
    )  # fmt: skip
    return QueryListing(
        alone, tuple(posts), groups, names, settings.formats, limit, settings.max_document_bytes, settings.timezone
    )  # fmt: skip


def _keys(path: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    return ancestors(tuple(map(fold, path)))


def _names(
    subject: str, paths: Iterable[Iterable[tuple[str, ...]]], terms: Terms, names_before: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """All names of a subject, those that are known among them: folded -> (as addresses have it, label). A term's is its slug."""
    labels: dict[tuple[str, ...], str] = {}
    for path in {path for some in paths for path in some}:
        for depth, key in enumerate(_keys(path), 1):
            label = " / ".join(path[:depth])
            labels[key] = min(label, labels.get(key, label))
    result = dict(names_before)
    taken = {name for name, _ in names_before.values()}
    wanted = {}
    for key, label in labels.items():
        term = terms.get(subject, {}).get(key)
        name = key[0] if subject == "language" else "/".join(term.slugs if term is not None else map(slug, key))
        wanted[key] = name, " / ".join(term.labels) if term is not None else label
    # Of names that share a slug, the one that reads like it has it.
    for key, (name, label) in sorted(wanted.items(), key=lambda item: ("/".join(item[0]) != item[1][0], item[0])):
        folded = "/".join(key)
        if folded in names_before:
            result[folded] = names_before[folded][0], label
        else:
            result[folded] = f"{name}-{digest(folded)[:8]}" if name in taken else name, label
            taken.add(result[folded][0])
    return result


def _kinds(listing: QueryListing) -> Iterator[tuple[str, str, str]]:
    """The kinds of fragments that views of a listing are made of: the kind, its format, its content."""
    modes = dict.fromkeys((listing.feed.content_mode, "summary"))
    for format in listing.formats:
        version = formats.by_name(format).version
        for mode in modes:
            yield kind_of(format, version, mode, show_email=listing.feed.show_email), format, mode


def _fragments(listing: QueryListing, built: Built, keys: list[str]) -> Iterator[StoredFragment]:
    """The fragments of entries, some at a time: each batch is checked as a document of its own. Raises RenderError."""
    for start in range(0, len(keys), _BATCH):
        batch = tuple(keys[start : start + _BATCH])
        entries = built.conversion.entries(batch)
        for kind, name, mode in _kinds(listing):
            writer = formats.by_name(name)
            bodies = [writer.fragment(entry, content_mode=mode, show_email=listing.feed.show_email) for entry in entries]
            feed = replace(listing.feed, entries=entries, entry_keys=batch, content_mode=mode)
            writer.check(writer.document(feed, bodies), feed)
            yield from (StoredFragment(key, kind, body) for key, body in zip(batch, bodies, strict=True))
