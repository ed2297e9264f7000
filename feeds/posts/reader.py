"""Reads posts as their dialect has them: a file's own front matter over what it inherits from folders and the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from feeds.dialects import by_name
from feeds.dialects.base import Dialect, OwnFrontMatter, SiteFacts
from feeds.errors import PostError, Problem, one_line
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value, digest
from feeds.settings import Settings
from feeds.settings.site_facts import site_facts

if TYPE_CHECKING:
    from feeds.posts.header import Header
    from feeds.posts.read import Forms

_MOST_MODULE_BYTES = 200_000
#: Hugo's `build: {list: never}` as a line of its own.
_NOT_LISTED = lazy_pattern(r"[\"']?list[\"']?[ ]?[:=][ ]?[\"']?(?:never|local)\b")


#: Keys of front matter that give a post its address in some generator, folded; the one that decides first.
_ADDRESS_KEYS = ("permalink", "url", "path", "saveas", "slug", "urlname", "abbrlink", "posttitle")


@dataclass(frozen=True, slots=True)
class PostReader:
    """What reading a post takes; handed to each worker once.

    `data` is the front matter of data files, by path; `unread_data` holds those that cannot be read, with the findings of each;
    `templates` are the site's own short codes and the files that they use, by name, `tag_code` the code of those that are
    functions; `template_paths` where they all lie.
    """

    settings: Settings
    site: SiteFacts
    data: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    unread_data: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    tag_code: str = ""
    template_paths: tuple[str, ...] = ()

    @property
    def dialect(self) -> Dialect:
        """The dialect of the site's generator."""
        return by_name(self.settings.generator)

    @property
    def data_digest(self) -> str:
        """A digest of what decides a post besides its own file: part of every key under which metadata is remembered."""
        inherited = (repr((path, sorted(keys.items(), key=repr))) for path, keys in sorted(self.data.items()))
        unread = (repr((path, problems)) for path, problems in sorted(self.unread_data.items()))
        return digest(*inherited, *unread, *sorted(self.site.bundles))

    def source(self, path: str) -> bytes:
        """The file's bytes. Raises PostError."""
        from feeds.posts import read

        return read.source(self.settings.posts, path, self.settings.bounds)

    def is_never_public(self, path: str) -> bool:
        """Whether the generator takes the file for a draft or a page by its path alone."""
        return self.dialect.kind(path, self.site).name in ("page", "draft")

    def parse(self, path: str, raw: bytes) -> Post:
        """The post that these bytes are, with what it inherits. Raises PostError."""
        from feeds.posts import read

        dialect = self.dialect
        settings = self.settings
        post = read.parse(path, raw, settings.encodings, settings.bounds, self._forms)
        for data_path, problems in self.unread_data.items():
            if dialect.inherits_from(path, data_path, self.site):
                hides = (replace(problem, path=path) for problem in problems[1:])
                raise PostError(_not_inherited(path, data_path, problems[0]), *hides)
        inherited = dialect.inherited(path, self.data, self.site)
        if not inherited:
            return post
        keys = dialect.merge(inherited, post.front_matter)
        return replace(post, front_matter=keys, digest=digest(post.digest, repr(sorted(inherited.items(), key=repr))))

    def markups(self, paths: Iterable[str]) -> frozenset[str]:
        """The markups of posts at these paths: "markdown", "html", "text" and the like."""
        endings = self.dialect.endings
        return frozenset(endings.get(path[path.rfind(".") :].casefold(), "text") for path in paths)

    @property
    def _forms(self) -> Forms:
        from feeds.posts.read import Forms

        return Forms(self.dialect.endings, self._own_form, self.dialect.last_key_wins)

    def _own_form(self, path: str, text: str) -> OwnFrontMatter | None:
        return self.dialect.front_matter(path, text, self.site)

    def data_of(self, path: str, imported: list[str] | None = None) -> Mapping[str, Value]:
        """The front matter in a data file; paths of files that it imports are added to `imported`. Raises PostError."""
        from feeds.posts import read

        settings, dialect = self.settings, self.dialect
        try:
            raw = self.source(path)
            text = read.decode(path, raw, settings.encodings)
            text = dialect.data_text(path, text, self.site, partial(self._imported, imported if imported is not None else []))
            keys = dialect.data_keys(path, text, self.site)
            if keys is None:
                post = read.parse(path, raw, settings.encodings, settings.bounds, self._forms)
                keys = post.front_matter
        except (ValueError, RecursionError) as error:
            raise PostError(Problem("data-file", "error", path, str(error))) from None
        return keys

    def _imported(self, known: list[str], path: str) -> str | None:
        """The text of a file of the site that a data file imports, by its path below the site's folder."""
        from feeds.posts.read import open_regular

        config = self.settings.config
        if config is None:
            return None
        place = config.parent / path
        try:
            with open_regular(place) as stream:
                text = stream.read(_MOST_MODULE_BYTES).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        known.append(str(place))
        return text

    def address_key(self, path: str) -> tuple[str, int] | None:
        """The key that gives a post its address, as written, and its line; None if no key of the file does, e.g. its name."""
        from feeds.posts.keys import fold_key

        try:
            post = self.parse(path, self.source(path))
        except PostError:
            return None
        lines = {fold_key(key): (key, post.lines[key]) for key in reversed(tuple(post.front_matter)) if key in post.lines}
        return next((lines[name] for name in (*self.dialect.keys.links, *_ADDRESS_KEYS) if name in lines), None)

    def header(self, path: str, raw: bytes) -> Header:
        """The metadata of the post that these bytes are. Raises PostError."""
        from feeds.posts import metadata

        return metadata.read(self.parse(path, raw), self.settings, self.dialect, self.site)


def open_reader(settings: Settings) -> PostReader:
    """A reader for the site, without data files."""
    return PostReader(settings, site_facts(settings))


def with_bundles(reader: PostReader, folders: frozenset[str]) -> PostReader:
    """The reader, which knows the folders that belong to one post each."""
    return replace(reader, site=reader.site._replace(bundles=folders)) if folders else reader


def with_data(reader: PostReader, data_paths: tuple[str, ...]) -> PostReader:
    """The reader with the front matter of its data files. What cannot be read might hide posts: those below it are broken."""
    if not data_paths:
        return reader
    data: dict[str, Mapping[str, Value]] = {}
    unread: dict[str, tuple[Problem, ...]] = {}
    imported: list[str] = []
    for path in data_paths:
        try:
            data[path] = reader.data_of(path, imported)
        except PostError as error:
            data[path] = {}
            unread[path] = (error.problem, *_hides(reader, path))
    return replace(reader, data=data, unread_data=unread, template_paths=(*reader.template_paths, *imported))


def without_unread_data(reader: PostReader) -> PostReader:
    """The reader for last good versions, which were public: data files that cannot be read count as empty."""
    return replace(reader, unread_data={}) if reader.unread_data else reader


def _not_inherited(path: str, data_path: str, problem: Problem) -> Problem:
    at = f"{data_path}:{problem.line}" if problem.line else data_path
    return Problem(
        "data-file", "error", path, f"the front matter that it has from {one_line(at, 200)} cannot be read: {problem.what}",
        fix=problem.fix or "correct that file",
    )  # fmt: skip


def _hides(reader: PostReader, path: str) -> Iterator[Problem]:
    """Whether a data file that cannot be read hides posts, at any depth: then no last good version of them stays published."""
    from feeds.posts import read
    from feeds.posts.front_matter import unread

    try:
        text = reader.source(path).decode("utf-8", "replace")
    except PostError:
        return
    lines = (line.strip().removeprefix("- ") for line in text.replace("\r", "\n").split("\n"))
    hidden = unread.hidden_line("\n".join("render: never" if _NOT_LISTED.match(line) else line for line in lines))
    if hidden is not None:
        yield Problem(read.HIDES, "warning", path, "the post is hidden: nothing of it stays published", field=hidden[1])
