"""Why is a post in a feed, or not? In come a build that was only looked at and a word, out go facts about what it names.

A word is a post's path, an id, an address, a title, or a feed's path. Nothing is worked out here that the build did not.
"""

from __future__ import annotations

from typing import Any

from feeds.build.publication import Built
from feeds.build.taxonomy import ancestors
from feeds.errors import SettingsError
from feeds.model import Archive, Feed, rfc3339
from feeds.push.outbox import outbox_of
from feeds.settings import Settings
from feeds.slugs import fold


def explain(settings: Settings, built: Built, word: str) -> dict[str, Any]:
    """Facts about the post or feed that `word` names. Raises SettingsError where it names nothing."""
    path = word.removeprefix("./")
    for prefix in (f"{settings.posts}/", f"{settings.posts.name}/"):
        if path.startswith(prefix):
            path = path[len(prefix) :]
    found = _post(built, path, word)
    if found is None:
        found = _feed(settings, built, word)
    if found is None:
        raise SettingsError((f"{word!r} is no post, id, address, title or feed here; `feeds check` lists what is left out",))
    return found


def _post(built: Built, path: str, word: str) -> dict[str, Any] | None:
    publication = built.publication
    left_out = {one.path: one for one in publication.left_out}
    for position, one in enumerate(built.out):
        header, identity = one.header, one.identity
        ready = built.ready.get(position)
        entry = built.conversion.entries((ready.key,))[0] if ready else None
        links = {entry.permalink} if entry else set()
        if path == header.path or word in (identity.id, header.title) or word in links:
            return {
                "post": header.path,
                "status": "out" if header.path not in built.collected.broken else "out, as it was before it broke",
                "title": header.title,
                "id": identity.id,
                "id_from": identity.origin,
                "published": rfc3339(identity.published),
                "published_from": header.dated_by or "the build that first saw it",
                "updated": rfc3339(identity.updated),
                "updated_from": "front matter" if header.updated else "the build that saw its text change, or its publishing",
                "first_seen": rfc3339(identity.first_seen),
                "permalink": entry.permalink if entry else None,
                "terms": _terms(built, header),
                "feeds": [
                    plan.path or "(site)"
                    for plan, feed in zip(built.plans, publication.feeds, strict=True)
                    if ready is not None and position in plan.members[: len(feed.entry_keys)]
                ],
                "archives": _archives(built, identity.id),
                "not_in": _not_in(built, position),
                "problems": [str(problem) for problem in publication.problems if problem.path == header.path],
            }
    if path in left_out or path in built.collected.broken:
        known = left_out.get(path)
        return {
            "post": path,
            "status": "left out",
            "reason": known.reason if known else "broken",
            "what": known.what if known else "it is broken",
            "until": rfc3339(known.until) if known and known.until else None,
            "problems": [str(problem) for problem in publication.problems if problem.path == path],
        }
    return None


def _archives(built: Built, id: str) -> list[str]:
    """The archive documents that a post is in, for good."""
    return [
        next(iter(archive.feed.urls.values()))
        for archive in built.publication.archives
        if id in built.archived[archive.feed.id][archive.number - 1]
    ]


def _terms(built: Built, header: Any) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for name, paths in (("category", header.categories), ("tag", [(tag,) for tag in header.tags])):
        for path in paths if name in built.terms else ():
            term = built.terms[name][tuple(map(fold, path))]
            made.setdefault(name, []).append(f"{' / '.join(term.labels)} ({'/'.join(term.slugs)})")
    return made


def _not_in(built: Built, position: int) -> list[str]:
    """The feeds that the post belongs to and that are too full to hold it."""
    header = built.out[position].header
    made = []
    for plan, feed in zip(built.plans, built.publication.feeds, strict=True):
        if position in plan.members[: len(feed.entry_keys)]:
            continue
        paths = (
            header.categories
            if plan.taxonomy == "category"
            else [(tag,) for tag in header.tags]
            if plan.taxonomy == "tag"
            else []
        )
        belongs = plan.taxonomy == "site" or any(plan.term.key in ancestors(tuple(map(fold, path))) for path in paths)
        if belongs:
            made.append(f"{plan.path or '(site)'}: its {len(feed.entry_keys)} newest posts leave no room")
    return made


def _feed(settings: Settings, built: Built, word: str) -> dict[str, Any] | None:
    wanted = word.strip("/")
    for plan, feed in zip(built.plans, built.publication.feeds, strict=True):
        if wanted == feed.path.strip("/") or word in feed.urls.values() or word in (feed.id, feed.home_page_url):
            archives = [archive for archive in built.publication.archives if archive.feed.id == feed.id]
            facts = {"archives": [_line(archive) for archive in archives], "push": _push(settings, feed)}
            return _of_feed(feed, plan.oldest) | facts
    for archive in built.publication.archives:
        if word in archive.feed.urls.values():
            return _of_feed(archive.feed, 0 if archive.feed.count else None) | {"archive": _line(archive)}
    return None


def _line(archive: Archive) -> str:
    """One archive document in words."""
    state = "closed: it gets no further post" if archive.closed else "the newest: it gets the next posts"
    return f"{archive.number}: {archive.feed.count} entries, {state}, {next(iter(archive.feed.urls.values()))}"


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
        "feed": feed.path or "(site)",
        "title": feed.title,
        "id": feed.id,
        "updated": rfc3339(feed.updated),
        "updated_from": "its newest change" if feed.entry_keys else "nothing: it is empty",
        "urls": dict(feed.urls),
        "entries": [f"{rfc3339(entry.published)} {entry.title or entry.permalink}" for entry in feed.entries],
        "empty": oldest is None,
    }
