"""What `feeds build` tells of its work: in comes an Outcome, out go lines for a person or one JSON document."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from feeds import dates
from feeds.cli import ping
from feeds.cli.language import translated
from feeds.cli.output import (
    counted,
    is_quiet,
    labelled,
    left_out_of,
    paint,
    problem_of,
    say,
    say_left_out,
    say_problems,
    say_result,
    summary,
)
from feeds.model import rfc3339

if TYPE_CHECKING:
    from feeds.build.run import Outcome
    from feeds.push.drain import Report


def tell(outcome: Outcome, pushed: Report | None, *, verbose: bool, as_json: bool) -> None:
    """What a build did. Without `verbose` only what somebody has to do: broken posts, and notices of the publish.

    `pushed` is what came of telling hubs, None if nothing was to tell.
    """
    if as_json:
        say_result(_facts(outcome, pushed))
        return
    for notice in (*outcome.notices, *ping.notice_of(pushed)):
        say_notice(notice)
    if verbose:
        _say_all(outcome, pushed)
        return
    errors = [problem for problem in outcome.built.publication.problems if problem.severity == "error"]
    say_problems(errors, sys.stderr, outcome.settings.posts)


def say_notice(text: str) -> None:
    """What the operator should know of a build; nothing with --quiet."""
    if not is_quiet():
        say(labelled(paint(translated("notice"), "notice", sys.stderr), text), sys.stderr)


def _facts(outcome: Outcome, pushed: Report | None) -> dict[str, Any]:
    """The build for a machine (feeds/cli/json_schema.json)."""
    publication, switched = outcome.built.publication, outcome.switched
    return {
        "generation": switched.manifest.generation,
        "revision": publication.revision,
        "feeds": len(publication.feeds),
        "published": len(outcome.built.out),
        "documents": len(switched.manifest.documents),
        "changed": list(switched.changed),
        "removed": list(switched.removed),
        "converted": len(outcome.built.conversion.converted),
        "left_out": [left_out_of(item) for item in publication.left_out],
        "problems": [problem_of(problem) for problem in publication.problems],
        "notices": list(outcome.notices),
        "permalinks": {"new": list(outcome.changes.new), "updated": list(outcome.changes.updated)},
        "push": ping.facts_of(pushed),
        "next_change_at": rfc3339(publication.next_change_at) if publication.next_change_at else None,
        "seconds": round(outcome.seconds, 3),
    }


def _say_all(outcome: Outcome, pushed: Report | None) -> None:
    """All findings, the posts that are left out, what was published, and where to look at it."""
    publication, settings = outcome.built.publication, outcome.settings
    say_problems(publication.problems, sys.stdout, settings.posts)
    say_left_out(publication.left_out, sys.stdout, settings.posts)
    say(labelled(paint(translated("published"), "good", sys.stdout), _published(outcome)))
    counts = summary(publication.problems)
    if counts:
        say(translated("found: {findings}").format(findings=counts))
    if pushed is not None:
        ping.say_report(pushed)
    if publication.next_change_at is not None:
        say(translated("next change: {time}").format(time=dates.local(publication.next_change_at, settings.timezone)))
    front = settings.page_folder + settings.paths.site + settings.paths.html
    if front in outcome.switched.manifest.documents:
        say(translated("look at {path}").format(path=settings.output / front))


def _published(outcome: Outcome) -> str:
    """`12 posts in 5 feeds (3 categories), 20 documents (2 changed, 0 removed) in 0.35 s`."""
    publication, switched = outcome.built.publication, outcome.switched
    terms = Counter(feed.taxonomy for feed in publication.feeds)
    kinds = translated(", ").join(
        counted(terms[name], name, nouns)
        for name, nouns in (("category", "categories"), ("tag", "tags"), ("author", "authors"))
        if terms[name]
    )
    changes = translated("{changed} changed, {removed} removed").format(
        changed=len(switched.changed), removed=len(switched.removed)
    )
    return translated("{posts} in {feeds}{kinds}, {documents} ({changes}) in {seconds} s").format(
        posts=counted(len(outcome.built.out), "post"),
        feeds=counted(len(publication.feeds), "feed"),
        kinds=translated(" ({text})").format(text=kinds) if kinds else "",
        documents=counted(len(switched.manifest.documents), "document"),
        changes=changes if switched.switched else translated("nothing to do"),
        seconds=f"{outcome.seconds:.2f}",
    )
