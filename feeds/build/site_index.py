"""What is there for links to lead to: every post's permalink, the author's other files, the site's static files.

In come the posts of a run and those that have not changed since the last one, out go answers to the look-ups of
`feeds.content.lookups`. Metadata of unchanged posts is loaded only when a link asks for it. Reads no file's content.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feeds.build.place import permalink
from feeds.build.timeline import Out, Timeline
from feeds.content.lookups import ListedPost, PostTarget
from feeds.media_files import NOTHING, MediaFacts, facts_of
from feeds.media_types import media_type
from feeds.normal_forms import nfc
from feeds.posts.header import Header
from feeds.posts.index import PostIndex
from feeds.posts.read import open_regular
from feeds.publication import LeftOut
from feeds.settings import Settings

#: A larger file is not a template or a table of data that a post may use.
_MOST_SOURCE_BYTES = 1_000_000

Load = Callable[[Sequence[str]], Sequence[Header]]


def fold(name: str) -> str:
    """A name as links compare it: without regard to case and to how its accents are composed."""
    return nfc(name).casefold()


@dataclass(frozen=True, slots=True)
class OtherFiles:
    """The files that are no published posts: their sizes in bytes by path, and the addresses of pages that the dialect knows."""

    sizes: Mapping[str, int]
    pages: Mapping[str, str]


class SiteIndex:
    """The answers of one run (protocol `feeds.content.lookups.SiteIndex`).

    In a worker process the metadata of unchanged posts cannot be loaded: what is missing is collected in `wanted`, and the
    answer must not be used; the parent calls `load` with it and lets the worker begin again.
    """

    def __init__(
        self,
        settings: Settings,
        out: Timeline,
        unchanged: PostIndex | None,
        left_out: Iterable[LeftOut],
        others: OtherFiles,
        load: Load,
    ) -> None:
        self.settings, self.files = settings, others.sizes
        self._pages = others.pages
        self.wanted: set[str] = set()
        self._owner = os.getpid()
        self._unchanged, self._load = unchanged, load
        self._fresh: dict[str, Out] = {post.header.path: post for _, post in out.fresh()}
        self._hidden = {item.path: item.reason for item in left_out}
        self._loaded: dict[str, Out] = {}
        self._targets: dict[str, PostTarget] = {}
        self._rows: dict[str, int] | None = None
        self._stems: dict[str, list[str]] | None = None
        self._facts: dict[str, dict[str, list[str]]] | None = None
        self._names: dict[str, list[str]] | None = None
        self._site_files: dict[str, int | None] = {}
        self._sources: dict[str, str | None] = {}
        self._published: tuple[ListedPost, ...] | None = None
        self._folder = settings.config.parent if settings.config is not None else None

    # posts

    def post(self, path: str) -> PostTarget | None:
        """The post at a path below the posts folder; None if there is none."""
        known = self._targets.get(path)
        if known is not None:
            return known
        if path in self._pages:
            return PostTarget(self._pages[path])
        if path in self._hidden:
            return PostTarget("", self._hidden[path])
        post = self._post(path)
        if post is None:
            return None
        target = PostTarget(permalink(post, self.settings))
        self._targets[path] = target
        return target

    def posts_named(self, name: str) -> Sequence[str]:
        """The paths of all posts whose path without its ending is `name` or ends in "/" + `name`, sorted."""
        wanted = fold(name)
        if self._stems is None:
            self._stems = {}
            for path in (*self._fresh, *self._hidden, *self._row_of()):
                stem = fold(posixpath.splitext(path)[0])
                self._stems.setdefault(stem.rpartition("/")[2], []).append(path)
        paths = self._stems.get(wanted.rpartition("/")[2], ())
        return sorted(path for path in paths if f"/{fold(posixpath.splitext(path)[0])}".endswith(f"/{wanted}"))

    def posts_titled(self, title: str) -> Sequence[str]:
        """The paths of all published posts with this title, sorted."""
        return self._with_fact("title", title)

    def posts_slugged(self, slug: str) -> Sequence[str]:
        """The paths of all published posts with this slug, as their dialect has it, sorted."""
        return self._with_fact("slug", slug)

    def _with_fact(self, name: str, value: str) -> Sequence[str]:
        if self._facts is None:
            rows = self._row_of()
            if any(path not in self._loaded for path in rows) and self._cannot_load(rows):
                return ()
            self.load(rows)
            facts: dict[str, dict[str, list[str]]] = {"title": {}, "slug": {}}
            for path, post in (*self._fresh.items(), *((path, self._loaded[path]) for path in rows)):
                facts["title"].setdefault(post.header.title, []).append(path)
                facts["slug"].setdefault(post.header.slug, []).append(path)
            self._facts = facts
        return sorted(self._facts[name].get(value, ()))

    def title(self, path: str) -> str:
        """The title of a published post, "" of any other."""
        post = self._post(path) if path not in self._hidden else None
        return post.header.title if post is not None else ""

    def load(self, paths: Iterable[str]) -> None:
        """Load the metadata of these posts at once, as far as they are unchanged ones."""
        unknown = {path for path in paths if path not in self._loaded}
        # The rows of 10,000 posts are not looked through where no post is asked for.
        rows = self._row_of() if unknown else {}
        missing = sorted(unknown & rows.keys())
        if not missing:
            return
        unchanged = self._unchanged
        assert unchanged is not None  # noqa: S101  only its posts have rows
        for header in self._load(missing):
            self._loaded[header.path] = Out(header, unchanged.identity(rows[header.path]))

    def _post(self, path: str) -> Out | None:
        fresh = self._fresh.get(path)
        if fresh is not None or path not in self._row_of():
            return fresh
        if path not in self._loaded:
            if self._cannot_load((path,)):
                return None
            self.load((path,))
        return self._loaded[path]

    def _cannot_load(self, paths: Iterable[str]) -> bool:
        """Whether this is a worker process; notes down what it lacks."""
        if os.getpid() == self._owner:
            return False
        self.wanted.update(paths)
        return True

    def _row_of(self) -> dict[str, int]:
        """The rows of the unchanged posts, by path."""
        if self._rows is None:
            self._rows = dict(self._unchanged.rows_by_path()) if self._unchanged is not None else {}
        return self._rows

    def published(self) -> Sequence[ListedPost]:
        """All published posts, newest first."""
        if self._published is None:
            rows = self._row_of()
            if any(path not in self._loaded for path in rows) and self._cannot_load(rows):
                return ()
            self.load(rows)
            posts = (*self._fresh.values(), *(self._loaded[path] for path in rows))
            ordered = sorted(posts, key=lambda post: (post.identity.published, post.header.path), reverse=True)
            self._published = tuple(self._listed(post) for post in ordered)
        return self._published

    def _listed(self, post: Out) -> ListedPost:
        header, url = post.header, permalink(post, self.settings)
        return ListedPost(header.path, header.title, url, post.identity.published, header.categories, header.tags)

    # files

    def source(self, path: str) -> str | None:
        """The text of the author's file at a path below the posts folder; None if there is none, or it is not UTF-8 text."""
        if path not in self._sources:
            may_be_read = path in self.files or path in self._hidden
            self._sources[path] = self._text(path) if may_be_read else None
        return self._sources[path]

    def _text(self, path: str) -> str | None:
        try:
            with open_regular(self.settings.posts / path) as stream:
                raw = stream.read(_MOST_SOURCE_BYTES + 1)
            return raw.decode("utf-8-sig").replace("\r\n", "\n") if len(raw) <= _MOST_SOURCE_BYTES else None
        except (OSError, UnicodeDecodeError):
            return None

    def folder(self, path: str) -> Sequence[str]:
        """The names in a folder below the posts folder, those of folders with "/" at their end, sorted."""
        start = f"{path}/" if path else ""
        inner = (name[len(start) :].partition("/") for name in self.files if name.startswith(start))
        return sorted({name + slash for name, slash, _ in inner})

    def file(self, path: str) -> int | None:
        """The size in bytes of the author's file at a path below the posts folder; None if there is none."""
        return self.files.get(path)

    def files_named(self, name: str) -> Sequence[str]:
        """The paths of all files of that name below the posts folder, sorted."""
        if self._names is None:
            self._names = {}
            for path in self.files:
                self._names.setdefault(fold(posixpath.basename(path)), []).append(path)
        return sorted(self._names.get(fold(name), ()))

    def stamp(self, source: str) -> str | None:
        """Size and time of the author's file: what changes if its content does; None if it is gone."""
        place = self._place(source)
        try:
            result = place.lstat() if place is not None else None
        except OSError:
            return None
        return None if result is None else f"{result.st_size} {result.st_mtime_ns}"

    def media(self, source: str) -> MediaFacts:
        """What the headers of the author's picture or recording say."""
        place, kind = self._place(source), media_type(source)
        if place is None or kind is None:
            return NOTHING
        try:
            with open_regular(place) as stream:
                return facts_of(stream, kind)
        except OSError:
            return NOTHING

    def _place(self, source: str) -> Path | None:
        if not source.startswith("/"):
            return self.settings.posts / source
        return self._folder / source[1:] if self._folder is not None else None

    def site_file(self, path: str) -> int | None:
        """The size in bytes of the file at a path below the site's folder; None if there is none or it is not for readers.

        Only pictures, sound, films and documents are for readers; nothing below a folder with a name that begins with
        "." is, and no link is followed.
        """
        if path not in self._site_files:
            self._site_files[path] = _size(self._folder, path)
        return self._site_files[path]


def _size(folder: Path | None, path: str) -> int | None:
    names = path.split("/")
    if folder is None or media_type(path) is None or any(name.startswith(".") or not name for name in names):
        return None
    place = str(folder)
    try:
        for name in names[:-1]:
            place = f"{place}/{name}"
            if not stat.S_ISDIR(os.lstat(place).st_mode):
                return None
        result = os.lstat(f"{place}/{names[-1]}")
    except (OSError, ValueError):
        return None
    return result.st_size if stat.S_ISREG(result.st_mode) else None
