"""Everything that a build will do and say, before it does: in comes a build that was only looked at, out go all findings.

Besides what the build found itself: posts without a date, two posts with one address, and what the publish gate says of each
document. Publishes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from feeds.build import generator_settings, moved_targets
from feeds.build.open_site import OpenSite
from feeds.build.place import permalink
from feeds.build.publication import Built
from feeds.errors import ExitCode, FailedPostsError, Problem, RenderError, fault
from feeds.preview import podcast
from feeds.publication import LeftOut
from feeds.push import services
from feeds.push.outbox import outbox_of


class Checked(NamedTuple):
    """All findings in the order of their files, which posts are left out, and how many would be published."""

    problems: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...]
    published: int

    @property
    def exit_code(self) -> ExitCode:
        """0, or 1 if posts are broken."""
        broken = any(problem.severity == "error" for problem in self.problems)
        return ExitCode.POSTS_BROKEN if broken else ExitCode.DONE


def examine(site: OpenSite, built: Built) -> Checked:
    """All that is wrong with a site whose every post was converted (`run.look` with `everything`)."""
    problems = [
        *built.publication.problems,
        *_of_posts(site, built),
        *_of_documents(site, built),
        *generator_settings.changed(site.settings),
        *_of_push(site, built),
        *_of_elements(site, built),
        *podcast.findings(site.settings, built),
        *_of_moved(site, built),
    ]
    ordered = sorted(dict.fromkeys(problems), key=Problem.order)
    return Checked(tuple(ordered), built.publication.left_out, len(built.out))


def _of_posts(site: OpenSite, built: Built) -> Iterator[Problem]:
    """What can be found only in all published posts together, or not before it is known that a post is published."""
    at: dict[str, list[str]] = defaultdict(list)
    for post in built.out:
        header = post.header
        if not header.dated_by and header.path not in built.collected.broken:
            what = "the post has no date: it is dated by the build that first publishes it"
            if header.published is not None:
                what = f"the post has no date: it comes after all others, with the date {header.published:%Y-%m-%d}"
            yield Problem(
                "date-missing", "notice", header.path, what,
                expected="e.g. date: 2021-08-04 05:49:00", fix="write a date",
            )  # fmt: skip
        try:
            at[permalink(post, site.settings)].append(header.path)
        except FailedPostsError as error:
            yield from error.problems.values()
    for address, paths in at.items():
        for path in paths[1:]:
            key, line = built.collected.reader.address_key(path) or (None, None)
            yield Problem(
                "permalink-shared", "warning", path, f"its address, {address}, is that of {paths[0]} too", line, key,
                fix="give one of them another permalink or slug",
            )  # fmt: skip


def _of_moved(site: OpenSite, built: Built) -> Iterator[Problem]:
    """Addresses that have moved to where nothing is."""
    return moved_targets.findings(site.settings, built, site.resources(built) if site.settings.moved else ())


def _of_push(site: OpenSite, built: Built) -> Iterator[Problem]:
    """Who was not told of changes, and who cannot be told of these permalinks."""
    for message in outbox_of(site.settings).read().given_up:
        yield Problem(
            "push-given-up", "warning", "", f"{message.address.url} was not told that {message.subject} changed: {message.error}",
            fix="correct its address, or take it out of the settings",
        )  # fmt: skip
    for service in services.engines(site.settings):
        urls = (permalink(post, site.settings) for post in built.out)
        refused = next((url for url in urls if not services.accepts(site.settings, service, url)), None)
        if refused is not None:
            yield Problem(
                "push-outside", "warning", "", f"{service.service} is not told of {refused}: "
                "the address is not below that of the key file, or at another host",
                fix="put the key file at the root of the posts' host and name it as push.indexnow_key_url",
            )  # fmt: skip


def _of_elements(site: OpenSite, built: Built) -> Iterator[Problem]:
    """Declared elements that no entry has a value for."""
    declared = site.settings.elements_of("entry")
    entries = (entry for feed in built.publication.feeds for entry in feed.entries) if declared else ()
    seen = {(extra.namespace, extra.name) for entry in entries for extra in entry.extras}
    for extra in declared:
        if (extra.namespace, extra.name) not in seen:
            name = f"{extra.prefix}:{extra.name}" if extra.prefix else extra.name
            yield Problem(
                "element-unused", "notice", "", f"no entry has a value for the element {name}", field=f'elements."{name}"',
                fix="look at the front matter keys in its braces, or take it out",
            )  # fmt: skip


def _of_documents(site: OpenSite, built: Built) -> Iterator[Problem]:
    """What the publish gate says of each document; the author's own files are published as they are."""
    for resource in site.resources(built):
        if resource.format == "asset":
            continue
        try:
            resource.check(resource.render())
        except RenderError as error:
            yield Problem("gate", "error", "", f"{resource.path}: {error.what}", fix="report it")
        except Exception as error:
            yield fault("", error, f"written into {resource.path}")
