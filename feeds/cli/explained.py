"""`feeds explain` in sentences: in come facts, out go lines for a person, with times in the site's zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from feeds import dates
from feeds.cli.language import translated
from feeds.cli.output import counted, labelled, shown_path
from feeds.cli.sentences import phrase
from feeds.settings import Settings

#: How a post got its id, by `id_from`.
_ID_FROM = {
    "front matter": "Its front matter names the id.",
    "permalink": "The id is its address.",
    "first path": "The id was made from the path at which it was first published, and stays.",
    "old feed": "The id was taken over from an old feed.",
}
_TAXONOMIES = {"category": "Categories", "tag": "Tags", "author": "Authors"}
_SHOWN = 10


def lines(facts: dict[str, Any], settings: Settings) -> Iterator[str]:
    """Sentences about a post, a feed or an old address."""
    if "feed" in facts:
        yield from _feed(facts, settings)
    elif facts["status"] == "moved":
        yield translated("{path} has moved to {url}; readers that ask for it are sent there for good (`moved`).").format(
            path=facts["address"], url=facts["to"]
        )
    elif facts["status"] == "retired":
        text = translated("{path} is gone for good, and readers are told so (`retired`).")
        yield text.format(path=facts["address"])
    elif facts["status"] == "left out":
        yield from _left_out(facts, settings)
    else:
        yield from _post(facts, settings)


def _path(settings: Settings, path: str) -> str:
    return shown_path(settings.posts, path)


def _local(moment: str, settings: Settings) -> str:
    return dates.local(datetime.fromisoformat(moment), settings.timezone)


def _post(facts: dict[str, Any], settings: Settings) -> Iterator[str]:
    path = _path(settings, facts["post"])
    if facts["status"] == "out":
        yield translated("{path} is published: {title}").format(path=path, title=facts["title"])
    else:
        yield translated("{path} is broken; it is published as it was before: {title}").format(path=path, title=facts["title"])
    yield f"  {facts['permalink'] or ''}".rstrip()
    if facts["link_in_feeds"]:
        yield "  " + translated("In feeds its link is {url}").format(url=facts["link_in_feeds"])
    yield f"  {facts['id']}"
    yield f"  {translated(_ID_FROM[facts['id_from']])}"
    published, updated = (_local(facts[name], settings) for name in ("published", "updated"))
    if facts["published_from"] == "the build that first saw it":
        yield "  " + translated("Published {time}, when a build first saw it: it names no date.").format(time=published)
    elif facts["published_from"] == "file name":
        yield "  " + translated("Published {time}, as its file name says.").format(time=published)
    else:
        key = facts["published_from"]
        yield "  " + translated("Published {time}, as `{key}` in its front matter says.").format(time=published, key=key)
    if facts["updated"] == facts["published"]:
        yield "  " + translated("Not updated since.")
    elif facts["updated_from"] == "front matter":
        yield "  " + translated("Updated {time}, as its front matter says.").format(time=updated)
    else:
        yield "  " + translated("Updated {time}, when a build saw its text change.").format(time=updated)
    for taxonomy, terms in facts["terms"].items():
        names = ", ".join(f"{' / '.join(term['names'])} ({term['path']})" for term in terms)
        yield f"  {translated(_TAXONOMIES[taxonomy])}: {names}"
    yield from (f"  {element}" for element in facts["elements"])
    yield "  " + translated("In these feeds: {feeds}").format(feeds=", ".join(map(_name, facts["feeds"])) or translated("none"))
    yield from ("  " + translated("In the archive {url}").format(url=url) for url in facts["archives"])
    for missing in facts["not_in"]:
        if missing.get("excluded"):
            text = translated("Not in {feed}: `exclude` leaves it out.")
        else:
            text = translated("Not in {feed}: its {count} newest posts leave no room.")
        yield "  " + text.format(feed=_name(missing["feed"]), count=missing.get("holds"))
    yield from _problems(facts)


def _archive(archive: dict[str, Any]) -> str:
    closed = translated("Archive {number}: {entries} entries, closed: it gets no further post. {url}")
    newest = translated("Archive {number}: {entries} entries, the newest: it gets the next posts. {url}")
    return "  " + (closed if archive["closed"] else newest).format(**archive)


def _name(path: str) -> str:
    return path or translated("the site's feed")


def _left_out(facts: dict[str, Any], settings: Settings) -> Iterator[str]:
    text = translated("{path} is in no feed: {reason}.")
    yield text.format(path=_path(settings, facts["post"]), reason=str(facts["what"]).rstrip("."))
    if facts["until"]:
        yield "  " + translated("It is published from {time} on.").format(time=_local(facts["until"], settings))
    yield from _problems(facts)


def _problems(facts: dict[str, Any]) -> Iterator[str]:
    for problem in facts["problems"]:
        where = f":{problem['line']}" if "line" in problem else ""
        text = phrase(problem["what"])
        if "expected" in problem:
            text = translated("{text}; expected {expected}").format(text=text, expected=phrase(problem["expected"]))
        yield "  " + labelled(f"{translated(problem['severity'])}{where}", text)
        if "fix" in problem:
            yield "      " + labelled(translated("fix"), phrase(problem["fix"]))


def _feed(facts: dict[str, Any], settings: Settings) -> Iterator[str]:
    yield translated("{feed}: {title}").format(feed=_name(facts["feed"]), title=facts["title"])
    yield from (f"  {url}" for url in facts["urls"].values())
    yield f"  {facts['id']}"
    yield from (f"  {url}: {state}" for url, state in facts["push"].items())
    archives = [facts["archive"]] if "archive" in facts else facts.get("archives", [])
    yield from map(_archive, archives)
    if facts["empty"]:
        yield "  " + translated("It is empty: it has no post any more. `feeds ledger forget` takes it away.")
        return
    text = translated("It holds {entries}; its newest change is of {time}.")
    yield "  " + text.format(entries=counted(len(facts["entries"]), "entry", "entries"), time=_local(facts["updated"], settings))
    for entry in facts["entries"][:_SHOWN]:
        yield f"  {_local(entry['published'], settings)[:16]}  {entry['title'] or entry['permalink']}"
    if len(facts["entries"]) > _SHOWN:
        yield "  " + translated("and {count} more").format(count=len(facts["entries"]) - _SHOWN)


def texts() -> tuple[str, ...]:
    """The texts that are translated by way of a table."""
    return (*_ID_FROM.values(), *_TAXONOMIES.values())
