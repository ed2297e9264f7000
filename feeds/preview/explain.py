"""Why is a post in a feed, or not? In come a build that was only looked at and a word, out go facts about what it names.

A word is a path as the shell has it, an id, an address (also one that has moved), a title, or a feed's path. Nothing is
worked out here that the build did not. Must not print.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

from feeds.build.publication import Built
from feeds.build.timeline import Out
from feeds.errors import Problem, SettingsError, sentence
from feeds.extras import Extra
from feeds.model import Feed, rfc3339
from feeds.publication import Archive
from feeds.publish import moved_documents
from feeds.push.outbox import outbox_of
from feeds.settings import Settings
from feeds.settings.kinds import nearest
from feeds.slugs import fold


def explain(settings: Settings, built: Built, word: str, cwd: Path) -> dict[str, Any]:
    """Facts about the post or feed that `word` names; relative paths begin at `cwd`. Raises SettingsError where it names nothing.

    docs/json.md describes the members. Times are as RFC 3339 writes them, in UTC.
    """
    paths = frozenset(_post_paths(settings, word, cwd))
    addresses = frozenset(_addresses(settings, word, cwd))
    result = (
        _post(settings, built, word, paths, addresses)
        or _left_out(built, paths)
        or _old_address(settings, addresses)
        or _feed(settings, built, word, addresses)
    )
    if result is None and len(named := _named(built, word)) == 1:
        result = _post(settings, built, word, named, frozenset()) or _left_out(built, named)
    if result is None:
        names = {header.path for header in built.collected.headers} | {header.title for header in built.collected.headers}
        near = nearest(word.removeprefix("./"), names | {f"{settings.posts.name}/{path}" for path in names})
        raise SettingsError(
            (
                sentence(
                    f"{word!r} is not a post, id, address, title or feed here; `feeds check` lists what is left out", fix=near
                ),
            )
        )
    return result


def _post_paths(settings: Settings, word: str, cwd: Path) -> Iterator[str]:
    """What the word may be as a path below the posts folder: as the shell completes it, below the settings file, or as it is."""
    yield os.path.normpath(word)
    posts = os.path.realpath(settings.posts)
    for folder in (cwd, settings.config.parent if settings.config else cwd, settings.posts.parent):
        inner = os.path.relpath(os.path.join(os.path.realpath(folder), word), posts)  # noqa: PTH118
        if not inner.startswith(".."):
            yield inner


def _named(built: Built, word: str) -> frozenset[str]:
    """The paths of the posts, left out or not, with this title or this name without its ending."""
    titles = {header.path: header.title for header in built.collected.headers}
    paths = {*titles, *built.collected.broken, *(item.path for item in built.publication.left_out)}
    return frozenset(path for path in paths if word in (titles.get(path), Path(path).stem, os.path.splitext(path)[0]))  # noqa: PTH122


def _addresses(settings: Settings, word: str, cwd: Path) -> Iterator[str]:
    """What the word may be as an address: itself, a path on the site's host or below its base, or a published file."""
    for url in (word, urljoin(settings.base_url, word), settings.base_url + word.removeprefix("./").lstrip("/")):
        yield _plain(settings, url)
    published = os.path.relpath(os.path.join(cwd, word), settings.output)  # noqa: PTH118
    if not published.startswith(".."):
        yield _plain(settings, settings.base_url + ("" if published == "." else published))


def _plain(settings: Settings, url: str) -> str:
    """An address without what does not tell documents apart: encoding, fragment, query, the name of a page, the last slash."""
    path = unquote(url.partition("#")[0].partition("?")[0])
    return path.removesuffix(settings.paths.html).rstrip("/")


def _post(settings: Settings, built: Built, word: str, paths: frozenset[str], addresses: frozenset[str]) -> dict[str, Any] | None:
    for position, out in enumerate(built.out):
        header, identity = out.header, out.identity
        ready = built.ready.get(position)
        entry = built.conversion.entries((ready.key,))[0] if ready else None
        link = entry.permalink if entry else None
        if header.path in paths or word in (identity.id, header.title) or (link and _plain(settings, link) in addresses):
            return {
                "post": header.path,
                "status": "out" if header.path not in built.collected.broken else "out, as it was before it broke",
                "title": header.title,
                "id": identity.id,
                "id_from": _id_from(out, link),
                "recognised_by": identity.origin,
                "published": rfc3339(identity.published),
                "published_from": header.dated_by or "the build that first saw it",
                "updated": rfc3339(identity.updated),
                "updated_from": "front matter" if header.updated else "the build that saw its text change, or its publishing",
                "first_seen": rfc3339(identity.first_seen),
                "permalink": link,
                "link_in_feeds": entry.link if entry else None,
                "elements": [_element(extra) for extra in entry.extras] if entry else [],
                "terms": _terms(settings, built, out),
                "feeds": [
                    plan.path
                    for plan, feed in zip(built.plans, built.publication.feeds, strict=True)
                    if ready is not None and position in plan.members[: len(feed.entry_keys)]
                ],
                "archives": _archives(built, identity.id),
                "not_in": _not_in(built, position),
                "problems": _problems(built, header.path),
            }
    return None


def _archives(built: Built, id: str) -> list[str]:
    """The archive documents that a post is in, for good."""
    return [
        next(iter(archive.feed.urls.values()))
        for archive in built.publication.archives
        if id in built.archived[archive.feed.id][archive.number - 1]
    ]


def _element(extra: Extra) -> str:
    parts = (extra.text, *(f"{name}={value}" for name, value in (*extra.attributes, *extra.children)))
    return f"{extra.prefix}:{extra.name} ".lstrip(":") + " ".join(filter(None, parts))


def _id_from(post: Out, permalink: str | None) -> str:
    if post.header.explicit_id is not None:
        return "front matter"
    if post.identity.id == permalink:
        return "permalink"
    return "first path" if post.identity.id.startswith("tag:") else "old feed"


def _left_out(built: Built, paths: frozenset[str]) -> dict[str, Any] | None:
    left_out = {post.path: post for post in built.publication.left_out}
    for path in sorted(paths):
        if path in left_out or path in built.collected.broken:
            item = left_out.get(path)
            return {
                "post": path,
                "status": "left out",
                "reason": item.reason if item else "broken",
                "what": item.what if item else "it is broken",
                "until": rfc3339(item.until) if item and item.until else None,
                "problems": _problems(built, path),
            }
    return None


def _old_address(settings: Settings, addresses: frozenset[str]) -> dict[str, Any] | None:
    """Where an address of `moved` leads now, or that it is one of `retired`: servers look at these first."""
    for path, url in moved_documents.targets(settings.moved, settings.base_url).items():
        if _plain(settings, settings.base_url + path) in addresses:
            return {"address": path, "status": "moved", "to": url}
    for path in settings.retired:
        if _plain(settings, settings.base_url + path.lstrip("/")) in addresses:
            return {"address": path, "status": "retired"}
    return None


def _problems(built: Built, path: str) -> list[dict[str, Any]]:
    return [_facts(problem) for problem in built.publication.problems if problem.path == path]


def _facts(problem: Problem) -> dict[str, Any]:
    names = ("code", "severity", "what", "line", "field", "expected", "fix")
    return {name: value for name in names if (value := getattr(problem, name)) not in (None, "")}


def _names(settings: Settings, post: Out) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The terms of a post by taxonomy, each as a path of names."""
    header = post.header
    authors = [author.name for author in header.authors] or [person.name for person in settings.authors]
    return {
        "category": header.categories,
        "tag": tuple((tag,) for tag in header.tags),
        "author": tuple((name,) for name in authors),
    }


def _terms(settings: Settings, built: Built, post: Out) -> dict[str, list[dict[str, Any]]]:
    terms: dict[str, list[dict[str, Any]]] = {}
    for taxonomy, paths in _names(settings, post).items():
        for path in paths:
            term = built.terms.get(taxonomy, {}).get(tuple(map(fold, path)))
            if term is not None:
                terms.setdefault(taxonomy, []).append({"names": list(term.labels), "path": "/".join(term.slugs)})
    return terms


def _not_in(built: Built, position: int) -> list[dict[str, Any]]:
    """The feeds that the post belongs to and that do not hold it: they are too full, or `exclude` leaves it out."""
    missing: list[dict[str, Any]] = []
    for plan, feed in zip(built.plans, built.publication.feeds, strict=True):
        if position in plan.members[: len(feed.entry_keys)]:
            continue
        if any(position in run for run in plan.runs):
            missing.append({"feed": plan.path, "holds": len(feed.entry_keys)})
        elif plan.taxonomy == "site":
            missing.append({"feed": plan.path, "excluded": True})
    return missing


def _feed(settings: Settings, built: Built, word: str, addresses: frozenset[str]) -> dict[str, Any] | None:
    wanted = word.strip("/")
    for plan, feed in zip(built.plans, built.publication.feeds, strict=True):
        addresses_of_feed = {unquote(url).rstrip("/") for url in (*feed.urls.values(), feed.home_page_url) if url}
        if wanted == feed.path.strip("/") or word == feed.id or addresses_of_feed & addresses:
            archives = [archive for archive in built.publication.archives if archive.feed.id == feed.id]
            facts = {"archives": list(map(_archive, archives)), "push": _push(settings, feed)}
            return _of_feed(feed, plan.oldest) | facts
    for archive in built.publication.archives:
        if {unquote(url).rstrip("/") for url in archive.feed.urls.values()} & addresses:
            return _of_feed(archive.feed, 0 if archive.feed.count else None) | {"archive": _archive(archive), "push": {}}
    return None


def _archive(archive: Archive) -> dict[str, Any]:
    """One archive document; a closed one gets no further post."""
    url = next(iter(archive.feed.urls.values()))
    return {"number": archive.number, "entries": archive.feed.count, "closed": archive.closed, "url": url}


def _push(settings: Settings, feed: Feed) -> dict[str, str]:
    """Whom changes of the feed are told, and whether anything of it waits."""
    waiting = outbox_of(settings).read().messages.values() if feed.hubs or feed.rsscloud else ()
    told = {url: "told of changes" for url in (*feed.hubs, feed.rsscloud) if url}
    for message in waiting:
        if message.subject in feed.urls.values():
            why = f" (it failed: {message.error})" if message.error else ""
            told[message.address.url] = f"to be told of {message.subject}{why}"
    return told


def _of_feed(feed: Feed, oldest: int | None) -> dict[str, Any]:
    return {
        "feed": feed.path,
        "title": feed.title,
        "id": feed.id,
        "updated": rfc3339(feed.updated),
        "updated_from": "its newest change" if feed.entry_keys else "nothing: it is empty",
        "urls": dict(feed.urls),
        "entries": [
            {"published": rfc3339(entry.published), "title": entry.title, "permalink": entry.permalink, "id": entry.id}
            for entry in feed.entries
        ],
        "empty": oldest is None,
    }
