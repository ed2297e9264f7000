"""Posts that are no files: rows of a database or objects of a program, read as the posts of a folder are.

Each becomes a path, bytes and a stat made from their digest, so that ids, caches and guards work as for files.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from feeds.errors import PostError, Problem
from feeds.model import NOT_XML, Post, Value, digest
from feeds.posts.reader import PostReader
from feeds.posts.walk import line
from feeds.settings import Settings
from feeds.settings.site_facts import site_facts

_ENDINGS = {"html": ".html", "markdown": ".md", "text": ".txt"}


def post(
    slug: str, *, html: str | None = None, markdown: str | None = None, text: str | None = None, **front_matter: object
) -> Post:
    """A post from values: `slug` names it for good (its id is made from it, unless `id` is given), one of three bodies, and
    front matter.

    Front matter is as in a file: `title`, `date` (a `datetime`, a `date` or text), `updated`, `categories`, `tags`,
    `author`, `link`, `id`, `draft` and all other keys of docs/front-matter. Raises ValueError for a slug that is not a
    relative path or if there is not exactly one body; TypeError for a value that front matter cannot hold.
    """
    bodies = {"html": html, "markdown": markdown, "text": text}
    given = [(markup, body) for markup, body in bodies.items() if body is not None]
    if len(given) != 1:
        raise ValueError(f"post {slug!r} needs exactly one of html, markdown and text, not {len(given)}")
    if not slug or posixpath.normpath(slug) != slug or slug.startswith(("/", ".")) or NOT_XML.search(slug):
        raise ValueError(f"{slug!r} is not a slug; expected a name such as 'tea' or '2021/tea'")
    markup, body = given[0]
    keys = {"id": slug, **{name: _value(name, value) for name, value in front_matter.items()}}
    path = slug + _ENDINGS[markup]
    return Post(path, digest(path, _encoded(keys, body, markup).decode()), keys, {}, body, 1, markup)


def _value(name: str, value: object) -> Value:
    """A Python value as front matter has it: text, a list or a table of texts, None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _value(name, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_value(name, inner) for inner in items]
    raise TypeError(f"{name} is {type(value).__name__}; expected text, a number, a date, a list or a table")


def _encoded(keys: Mapping[str, Value], body: str, markup: str) -> bytes:
    return json.dumps([keys, body, markup], ensure_ascii=True).encode()


@dataclass(frozen=True, slots=True)
class MemoryReader(PostReader):
    """Reads posts that were handed over, by path."""

    posts: Mapping[str, bytes] = field(default_factory=dict)

    def source(self, path: str) -> bytes:
        """The post's bytes. Raises PostError."""
        try:
            return self.posts[path]
        except KeyError:
            raise PostError(Problem("vanished", "error", path, "the post is not among those handed over")) from None

    def parse(self, path: str, raw: bytes) -> Post:
        """The post that these bytes are."""
        keys, body, markup = json.loads(raw)
        return Post(path, digest(path, raw.decode()), keys, {}, body, 1, markup)


class MemorySource:
    """Where a build takes its posts from, if they are not a folder's."""

    def __init__(self, settings: Settings, posts: Iterable[Post]) -> None:
        sources: dict[str, bytes] = {}
        for item in posts:
            if item.path in sources:
                raise ValueError(f"two posts are called {item.path!r}; expected a slug of its own for each")
            sources[item.path] = _encoded(item.front_matter, item.body, item.markup)
        self.reader = MemoryReader(settings, site_facts(settings), posts=sources)

    def listing(self) -> str:
        """The posts as `feeds.posts.walk.take` lists a folder's."""
        folders: dict[str, list[str]] = {"": []}
        for path, raw in self.reader.posts.items():
            above, _, name = path.rpartition("/")
            folder = f"{above}/" if above else ""
            stamp = int.from_bytes(sha256(raw).digest()[:7])
            folders.setdefault(folder, []).append(line(name, len(raw), stamp, 1, 1))
        blocks = (["\t" + folder.replace("\n", "//n"), *sorted(lines)] for folder, lines in sorted(folders.items()))
        return "\n".join(text for block in blocks for text in block)
