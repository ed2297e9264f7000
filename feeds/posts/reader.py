"""Reads posts as their dialect has them: a file's own front matter over what it inherits from folders and the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from feeds.dialects import by_name
from feeds.dialects.base import Dialect, OwnFrontMatter, SiteFacts
from feeds.errors import PostError
from feeds.model import Post, Value, digest
from feeds.settings import Settings
from feeds.settings.site_facts import site_facts

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.posts.metadata import Header
    from feeds.posts.read import Forms

_MOST_TEMPLATE_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class PostReader:
    """What reading a post takes; handed to each worker once.

    `data` is the front matter of data files, by path; `templates` the site's own short codes: their sources by name.
    """

    settings: Settings
    site: SiteFacts
    data: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        """The dialect of the site's generator."""
        return by_name(self.settings.generator)

    @property
    def data_digest(self) -> str:
        """A digest of what decides a post besides its own file: part of every key under which metadata is remembered."""
        inherited = (repr((path, sorted(keys.items(), key=repr))) for path, keys in sorted(self.data.items()))
        return digest(*inherited, *sorted(self.site.bundles))

    def source(self, path: str) -> bytes:
        """The file's bytes. Raises PostError."""
        from feeds.posts import read

        return read.source(self.settings.posts, path, self.settings.bounds)

    def parse(self, path: str, raw: bytes) -> Post:
        """The post that these bytes are, with what it inherits. Raises PostError."""
        from feeds.posts import read

        dialect = self.dialect
        settings = self.settings
        post = read.parse(path, raw, settings.encodings, settings.bounds, self._forms)
        inherited = dialect.inherited(path, self.data, self.site)
        if not inherited:
            return post
        keys = dialect.merge(inherited, post.front_matter)
        return replace(post, front_matter=keys, digest=digest(post.digest, repr(sorted(inherited.items(), key=repr))))

    @property
    def _forms(self) -> Forms:
        from feeds.posts.read import Forms

        return Forms(self.dialect.endings, self._own_form, self.dialect.last_key_wins)

    def _own_form(self, path: str, text: str) -> OwnFrontMatter | None:
        return self.dialect.front_matter(path, text, self.site)

    def data_of(self, path: str) -> Mapping[str, Value]:
        """The front matter in a data file; empty if it cannot be read."""
        from feeds.posts import read

        settings, dialect = self.settings, self.dialect
        try:
            raw = self.source(path)
            keys = dialect.data_keys(path, read.decode(path, raw, settings.encodings), self.site)
            if keys is None:
                post = read.parse(path, raw, settings.encodings, settings.bounds, self._forms)
                keys = post.front_matter
        except (PostError, ValueError):
            return {}
        return keys

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
    """The reader with the front matter of its data files; one that cannot be read counts as empty."""
    if not data_paths:
        return reader
    return replace(reader, data={path: reader.data_of(path) for path in data_paths})


def with_templates(reader: PostReader) -> PostReader:
    """The reader with the site's own short codes."""
    folders = reader.dialect.template_folders
    config = reader.settings.config
    if not folders or config is None:
        return reader
    templates: dict[str, str] = {}
    for path, name in template_files(config.parent, folders):
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
        templates.setdefault(name, text)
    return replace(reader, templates=templates)


def template_files(site: Path, folders: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """The files with the site's own short codes and the name of each: "sub/box" for sub/box.html, "box.md" for box.md."""
    for pattern in folders:
        for folder in sorted(site.glob(pattern)) if "*" in pattern else [site / pattern]:
            if not folder.is_dir():
                continue
            for path in sorted(folder.rglob("*")):
                small = path.suffix in (".html", ".md") and path.is_file() and path.stat().st_size <= _MOST_TEMPLATE_BYTES
                if small and not path.is_symlink():
                    yield path, path.relative_to(folder).as_posix().removesuffix(".html")
