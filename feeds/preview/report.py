"""What a site publishes, at a glance: in come a build that was only looked at and its findings, out go counted facts.

Posts over time and by category, sizes of feeds against their bounds, what is left out and why, what changed. Must not print.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from feeds.build.publication import Built
from feeds.model import rfc3339
from feeds.preview.check import Checked
from feeds.preview.diff import Difference
from feeds.preview.live import LiveEntry
from feeds.settings import Settings

#: How many of the largest documents are named.
_LARGEST = 20
#: How many of the posts that were updated last are named.
_UPDATED = 20


def facts(settings: Settings, built: Built, checked: Checked, difference: Difference) -> dict[str, Any]:
    """Counted facts about a site; docs/json.md describes the members. Months are those of the site's time zone.

    `difference` is what the next build would change of what is published.
    """
    zone = ZoneInfo(settings.timezone)
    months = Counter(f"{post.identity.published.astimezone(zone):%Y-%m}" for post in built.out)
    return {
        "title": settings.title,
        "base_url": settings.base_url,
        "posts": len(built.out),
        "feeds": len(built.publication.feeds),
        "first": rfc3339(min(post.identity.published for post in built.out)) if len(built.out) else None,
        "last": rfc3339(max(post.identity.published for post in built.out)) if len(built.out) else None,
        "posts_by_month": dict(sorted(months.items())),
        "posts_by_category": {
            "/".join(plan.term.labels): plan.count for plan in built.plans if plan.taxonomy == "category" and plan.count
        },
        "largest_documents": _sizes(settings, built),
        "warn_document_bytes": settings.warn_document_bytes,
        "max_document_bytes": settings.max_document_bytes,
        "updated_last": _updated_last(built),
        "changes": _changes(difference),
        "left_out": [{"path": post.path, "reason": post.reason, "what": post.what} for post in checked.left_out],
        "problems": [
            {"code": code, "severity": severity, "count": count}
            for (code, severity), count in sorted(
                Counter((problem.code, problem.severity) for problem in checked.problems).items()
            )
        ],
    }


def _updated_last(built: Built) -> list[dict[str, str]]:
    """The posts whose text changed after they were published, the last one first."""
    edited = [post for post in built.out if post.identity.updated > post.identity.published]
    newest = sorted(edited, key=lambda post: (post.identity.updated, post.header.path), reverse=True)[:_UPDATED]
    return [{"path": post.header.path, "title": post.header.title, "updated": rfc3339(post.identity.updated)} for post in newest]


def _changes(difference: Difference) -> dict[str, Any]:
    """What subscribers would see of the next build, each entry once whatever the number of its feeds."""
    kinds: dict[str, dict[str, LiveEntry]] = {"new": {}, "updated": {}, "redated": {}, "withdrawn": {}}
    for feed in difference.feeds:
        for kind, entries in kinds.items():
            changed = [after for _, after in feed.redated] if kind == "redated" else getattr(feed, kind)
            entries.update({entry.id: entry for entry in changed})
    return {
        "published_before": difference.published_before,
        "feeds": len(difference.feeds),
        **{
            kind: [{"id": entry.id, "title": entry.title, "permalink": entry.permalink} for entry in entries.values()]
            for kind, entries in kinds.items()
        },
    }


def _sizes(settings: Settings, built: Built) -> list[dict[str, Any]]:
    """The largest feed documents in the output folder, with the number of their entries."""
    sizes = []
    for feed in built.publication.feeds:
        for format, url in feed.urls.items():
            path = url.removeprefix(settings.base_url)
            size_bytes = _size(settings.output / path) if format in settings.formats else None
            if size_bytes is not None:
                sizes.append({"url": url, "bytes": size_bytes, "entries": len(feed.entry_keys)})
    return sorted(sizes, key=lambda size: (-int(str(size["bytes"])), str(size["url"])))[:_LARGEST]


def _size(path: Path) -> int | None:
    """Bytes of a published file; None if it is not there."""
    try:
        return Path(unquote(str(path))).stat().st_size
    except OSError:
        return None
