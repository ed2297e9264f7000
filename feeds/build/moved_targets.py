"""Targets of `moved` that do not exist: in come the settings and the documents of a build, out go findings.

A redirect to nothing loses the subscribers whom it was written for. Targets at another host are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from feeds.build import place
from feeds.build.publication import Built
from feeds.errors import Problem
from feeds.publish import moved_documents
from feeds.publish.resource import Resource
from feeds.publish.stage import read_manifest
from feeds.settings import Settings

#: For so many targets the nearest document is looked up.
_MOST_WITH_SUGGESTION = 50


def findings(settings: Settings, built: Built, table: Sequence[Resource]) -> Iterator[Problem]:
    """A warning for each target of `moved` below the base URL at which nothing is published.

    `table` holds all documents. A file in the output folder that is not ours exists as well, and so does a post's page
    that the site's generator makes.
    """
    if not settings.moved:
        return
    targets = moved_documents.targets(settings.moved, settings.base_url)
    redirected = set(map(moved_documents.document_path, targets))
    documents = {resource.path for resource in table if resource.path not in redirected}
    retired = {path.lstrip("/") for path in settings.retired}
    others: _Others | None = None
    told = 0
    for old, url in sorted(targets.items()):
        path = moved_documents.below(url, settings.base_url)
        if path is None or (path in documents and path not in retired):
            continue
        if others is None:
            others = _Others(settings, built)
        if others.has(path, url):
            continue
        # A look at all documents for each target.
        near = get_close_matches(path, documents, n=1) if told < _MOST_WITH_SUGGESTION else []
        told += 1
        yield Problem(
            "moved-target", "warning", "", f"{old} has moved to {url}, where nothing is published",
            field=f'moved."{old}"', expected="the path of a published document, or a URL at another host",
            fix=f'did you mean "{near[0]}"?' if near else "correct it, or name the path in `retired` instead",
        )  # fmt: skip


class _Others:
    """What is at addresses of the site besides our documents: pages of posts, and files of others in the output folder."""

    def __init__(self, settings: Settings, built: Built) -> None:
        self.output = settings.output
        self.permalinks = {place.permalink(post, settings) for post in built.out}
        manifest = read_manifest(settings.output)
        self.ours = manifest.documents.keys() if manifest is not None else frozenset()

    def has(self, path: str, url: str) -> bool:
        return url in self.permalinks or (path not in self.ours and (self.output / path).is_file())
