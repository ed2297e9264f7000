"""What the author in front of a preview is told: in comes what subscribers would see, out goes a note in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feeds.cli.language import translated
from feeds.cli.output import counted
from feeds.preview.diff import KINDS
from feeds.serving.preview import PreviewNote

#: So many titles of a kind are named.
_NAMED = 20
_ALARMING = ("resurfacing",)


def describe(changes: Mapping[str, Any], error: str, broken: Sequence[str]) -> PreviewNote:
    """The note of a build: what subscribers would see of it, why it failed, which posts have errors."""
    details = [error] if error else []
    details += broken
    parts = []
    for kind in KINDS:
        titles = changes.get(kind) or []
        if titles:
            parts.append(_kind(kind, len(titles)))
            named = translated(", ").join(titles[:_NAMED]) + (" …" if len(titles) > _NAMED else "")
            details.append(f"{_kind(kind, len(titles))}: {named}")
    if error:
        line = translated("Preview: the last build failed, and nothing of it is shown")
    elif broken:
        line = translated("Preview: {posts} with errors").format(posts=counted(len(broken), "post"))
    elif not changes:
        line = translated("Preview: building …")
    elif not changes["published"]:
        line = translated("Preview: nothing is published yet; subscribers would get {entries}").format(
            entries=counted(len(changes["new"]), "entry", "entries")
        )
        details = []
    elif parts:
        line = translated("Preview: subscribers would see {changes}").format(changes=translated(", ").join(parts))
    else:
        line = translated("Preview: subscribers would see nothing new")
    return PreviewNote(line, tuple(details), bool(error or broken or any(changes.get(kind) for kind in _ALARMING)))


def _kind(kind: str, number: int) -> str:
    texts = {
        "resurfacing": translated("{count} old that would come back as unread"),
        "returning": translated("{count} older than what the feed holds"),
        "withdrawn": translated("{count} withdrawn"),
        "new": translated("{count} new"),
        "updated": translated("{count} changed"),
        "redated": translated("{count} with another date"),
    }
    return texts[kind].format(count=number)
