"""What directories ask of a podcast, and a show or its episodes lack: in comes a build, out go findings.

Sources: Apple's "Podcast RSS feed requirements" and artwork requirements (podcasters.apple.com/support), Spotify's "Podcast
Delivery Specification" 1.9. Fetches nothing: of a cover elsewhere only the address is judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from feeds.build.podcast import Cover
from feeds.build.publication import Built
from feeds.errors import Problem
from feeds.model import Entry, Feed
from feeds.settings import Settings

#: Media types that Apple takes for episodes; .m4a may be told as either of two.
_TYPES = frozenset({
    "audio/mpeg", "audio/x-m4a", "audio/mp4", "audio/aac", "video/mp4", "video/x-m4v", "video/quicktime", "application/pdf",
})  # fmt: skip
_LEAST_PIXELS, _MOST_PIXELS = 1400, 3000


def findings(settings: Settings, built: Built) -> Iterator[Problem]:
    """All findings of all shows."""
    paths = {header.identity.id: header.header.path for header in built.out} if settings.shows else {}
    seen: set[str] = set()
    for feed in built.publication.feeds:
        if feed.show is None:
            continue
        key = "" if feed.taxonomy == "site" else feed.path.strip("/")
        yield from _of_show(settings, feed, key, built.covers.get(key))
        for entry in feed.entries:
            if entry.id not in seen:
                seen.add(entry.id)
                yield from _of_episode(entry, feed, paths.get(entry.id, ""))


def _of_show(settings: Settings, feed: Feed, key: str, cover: Cover | None) -> Iterator[Problem]:
    show = feed.show
    assert show is not None  # noqa: S101  the caller has looked
    where, name = f'show."{key}"', key or "of the site"
    if "rss" not in settings.formats:
        yield Problem("show-format", "warning", "", f"the podcast {name} is published without RSS", field="formats",
                      fix='add "rss": directories read nothing else')  # fmt: skip
    yield from _of_cover(show.image, where, name, cover)
    if not show.categories:
        yield Problem("show-category", "warning", "", f"the podcast {name} has no category", field=where,
                      expected="one of Apple's categories", fix='write e.g. categories = ["Technology"]')  # fmt: skip
    if not show.owner_email:
        yield Problem("show-owner", "notice", "", f"the podcast {name} names no owner's e-mail address", field=where,
                      fix="write owner_email: Spotify and others send a code to it; take it out again afterwards")  # fmt: skip
    if not feed.language:
        yield Problem("show-language", "warning", "", f"the podcast {name} names no language", field="language",
                      fix='write e.g. language = "en"')  # fmt: skip
    if feed.description in ("", feed.title):
        yield Problem("show-description", "warning", "", f"the podcast {name} has no description", field=f'feed."{key}"',
                      fix="write description in the table of its feed")  # fmt: skip


def _of_cover(image: str | None, where: str, name: str, cover: Cover | None) -> Iterator[Problem]:
    expected = f"a JPEG or PNG file, square, {_LEAST_PIXELS} to {_MOST_PIXELS} pixels wide"
    if image is None or cover is None:
        yield Problem("show-image", "warning", "", f"the podcast {name} has no cover", field=where, expected=expected,
                      fix='write e.g. image = "/cover.png"')  # fmt: skip
        return
    path = image.partition("?")[0].partition("#")[0].casefold()
    if not path.endswith((".jpg", ".jpeg", ".png")):
        yield Problem("show-image", "warning", "", f"the cover {image} is not a JPEG or PNG file by its name", field=where,
                      expected=expected, fix="name another file")  # fmt: skip
    if cover.is_missing:
        yield Problem("show-image", "warning", "", f"the cover {image} is not among the site's files", field=where,
                      expected=expected, fix="correct the path, or put the file there")  # fmt: skip
    width, height = cover.facts.width, cover.facts.height
    if width is None or height is None:
        if cover.is_local:
            yield Problem("show-image", "warning", "", f"the cover {image} cannot be read as a picture", field=where,
                          expected=expected, fix="save it anew")  # fmt: skip
    elif width != height or not _LEAST_PIXELS <= width <= _MOST_PIXELS:
        yield Problem("show-image", "warning", "", f"the cover {image} has {width} × {height} pixels", field=where,
                      expected=expected, fix="scale or cut it")  # fmt: skip


def _of_episode(entry: Entry, feed: Feed, path: str) -> Iterator[Problem]:
    show = feed.show
    first = entry.enclosures[0] if entry.enclosures else None
    if first is None:
        yield Problem("episode-file", "warning", path, "the podcast's feed holds this post, and it has no file to play",
                      expected="e.g. audio: episode-1.mp3", fix="name its file, or put it into another category")  # fmt: skip
        return
    if first.media_type.partition(";")[0] not in _TYPES:
        yield Problem("episode-format", "warning", path, f"{first.url} is of type {first.media_type}, which Apple does not take",
                      expected="MP3, M4A, MP4, M4V, MOV or PDF", fix="convert the file, or correct its type")  # fmt: skip
    if not first.length_bytes:
        yield Problem("episode-length", "warning", path, f"the size of {first.url} is not known",
                      expected="e.g. length: 12345678, in bytes", fix="write it, or put the file beside the post")  # fmt: skip
    if not first.duration_seconds and not first.media_type.startswith("application/"):
        yield Problem("episode-duration", "notice", path, f"the length of {first.url} in time is not known",
                      expected="e.g. duration: 1:02:03", fix="write it, or put the file beside the post")  # fmt: skip
    if show is not None and show.type == "serial" and (entry.episode is None or entry.episode.number is None):
        trailer = entry.episode is not None and entry.episode.type in ("trailer", "bonus")
        if not trailer:
            yield Problem("episode-order", "warning", path, "the podcast is serial, and the episode has no number",
                          expected="e.g. episode: 3", fix="write its number")  # fmt: skip
