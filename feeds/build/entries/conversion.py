"""Entries on demand: in come the posts that enter a document, out come their entries and fragments, from the cache if possible.

Each key is a digest of all that decides the result, so nothing here is ever out of date. All processors convert.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple
from functools import lru_cache, partial
from typing import Any, NamedTuple

from feeds import __version__, content, formats, pool
from feeds.build.entries.codec import decode_entry, encode_entry
from feeds.build.place import Place
from feeds.build.site_index import SiteIndex
from feeds.cache import Cache
from feeds.content.lookups import Lookup, answer
from feeds.errors import FailedPostsError, PostError, Problem, RenderError, fault, one_line
from feeds.fastpath import libraries
from feeds.formats import probe
from feeds.formats.probe import Fragment
from feeds.model import Category, Entry, Feed, digest, rfc3339
from feeds.posts.header import Header
from feeds.posts.last_good import LastGoodSources
from feeds.posts.reader import PostReader
from feeds.publication import Asset

#: How many entries stay decoded until others are asked for.
_MOST_DECODED = 200


class ChurnError(Exception):
    """Posts changed between the reading of their front matter and of their bodies; the run begins again."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self.problems = problems
        Exception.__init__(self, ", ".join(sorted(problems)))


class ConversionTask(NamedTuple):
    """One post to convert: its header, where it belongs, and the kept source of one that is broken."""

    header: Header
    place: Place
    kept: bytes | None


class Ready(NamedTuple):
    """A converted post: the key of its entry, the size of its fragment by kind, what was found, what its page needs, and the
    digest of what a reader sees of its text.
    """

    key: str
    sizes: Mapping[str, int]
    problems: tuple[Problem, ...]
    assets: tuple[Asset, ...]
    visible: str


class Variant(NamedTuple):
    """One way in which an entry stands in documents."""

    format: str
    content_mode: str
    show_email: bool

    @property
    def kind(self) -> str:
        """Its name among remembered results; moves with the format's version."""
        version = _version(self.format)
        return f"{self.format}/{version}/{self.content_mode}{'/email' if self.show_email else ''}"


@lru_cache
def _version(format: str) -> str:
    return formats.by_name(format).version


@lru_cache(10_000)
def _written(category: Category) -> str:
    return repr(category)


class _Shared(NamedTuple):
    """What every conversion of a run needs; handed to each worker once."""

    reader: PostReader
    site_index: SiteIndex
    variants: tuple[Variant, ...]


class _NeedsPosts(NamedTuple):
    """Posts whose metadata a worker lacked: it begins again when the parent has loaded them."""

    paths: tuple[str, ...]


class _Changed(NamedTuple):
    """The file changed since its front matter was read."""

    problem: Problem


class _Failed(NamedTuple):
    """The post, or another one that it links to, cannot be converted: Problems by path."""

    problems: dict[str, Problem]


class _Converted(NamedTuple):
    """A post's entry, facts about it and its fragments by kind, all as the cache keeps them, and its source, compressed.

    `lookups` are what the conversion looked up outside of the post.
    """

    lookups: tuple[Lookup, ...]
    entry: str
    facts: str
    fragments: tuple[tuple[str, bytes], ...]
    source: bytes


class Conversion:
    """The entries of one run. `prepare` first; then `entries` and `fragments` answer from the cache.

    `converted` holds the paths of the posts that were not remembered.
    """

    def __init__(
        self,
        reader: PostReader,
        fingerprint: str,
        cache: Cache,
        kept: LastGoodSources,
        index: SiteIndex,
        variants: Sequence[Variant],
    ) -> None:
        self.settings, self.cache, self.kept = reader.settings, cache, kept
        self.shared = _Shared(reader, index, tuple(variants))
        #: What decides every conversion of the run alike.
        kinds = ",".join(variant.kind for variant in self.shared.variants)
        templates = repr(sorted(reader.templates.items()))
        self.setting = digest(
            "entry 3", __version__, content.VERSION, *libraries(), fingerprint, kinds, templates, reader.tag_code
        )
        self.converted: set[str] = set()
        #: Entries that were asked for lately: the documents of one feed are made one after another.
        self._decoded: dict[str, Entry] = {}
        #: Pictures and recordings outside the posts folder whose headers were read, as of `Asset.source`.
        self.site_media: set[str] = set()

    def _input_key(self, task: ConversionTask) -> str:
        place = task.place
        categories = ", ".join(map(_written, place.categories)) + ("," if len(place.categories) == 1 else "")
        return digest(
            self.setting, task.header.path, task.header.digest, place.id, rfc3339(place.published), rfc3339(place.updated),
            place.slug, f"({categories})", repr(place.page),
            *map(repr, place.translations),
        )  # fmt: skip

    def _entry_key(self, input_key: str, lookups: Sequence[Lookup]) -> str:
        """What the post looks up may be something else today (a post's permalink, a file): the answers are part of the key."""
        if not lookups:
            return input_key
        return digest(input_key, *(repr((lookup, answer(self.shared.site_index, lookup))) for lookup in lookups))

    def prepare(self, tasks: Sequence[ConversionTask]) -> dict[str, Ready]:
        """Every task's result by post path; converts what is not remembered. Raises ChurnError and FailedPostsError."""
        inputs = {task.header.path: self._input_key(task) for task in tasks}
        lookups_by_input = {
            key: [(kind, value) for kind, value in json.loads(known)]
            for key, known in self.cache.get("lookups", inputs.values()).items()
        }
        self.shared.site_index.load(
            {value for lookups in lookups_by_input.values() for kind, value in lookups if kind in ("post", "title")}
        )
        keys = {path: self._entry_key(key, lookups_by_input[key]) for path, key in inputs.items() if key in lookups_by_input}
        facts = self.cache.get("facts", keys.values())
        ready: dict[str, Ready] = {}
        missing: list[ConversionTask] = []
        for task in tasks:
            key = keys.get(task.header.path)
            if key is not None and key in facts:
                ready[task.header.path] = _ready(key, facts[key])
            else:
                missing.append(task)
        for task, conversion in self._convert(missing):
            path = task.header.path
            self.converted.add(path)
            key = self._entry_key(inputs[path], conversion.lookups)
            self.cache.put("lookups", inputs[path], json.dumps(conversion.lookups).encode())
            self.cache.put("entry", key, conversion.entry.encode())
            self.cache.put("facts", key, conversion.facts.encode())
            self.cache.put("source", task.header.digest, conversion.source)
            for kind, fragment in conversion.fragments:
                self.cache.put(kind, key, fragment)
            ready[path] = _ready(key, conversion.facts.encode())
            lookups_by_input[inputs[path]] = list(conversion.lookups)
        every = (lookup for lookups in lookups_by_input.values() for lookup in lookups)
        self.site_media.update(source for kind, source in every if kind == "stamp" and source.startswith("/"))
        # The source of a post is asked for when it breaks, however long ago it was converted.
        self.cache.keep(task.header.digest for task in tasks)
        return ready

    def _convert(self, tasks: Sequence[ConversionTask]) -> Iterator[tuple[ConversionTask, _Converted]]:
        """Each task's conversion. Raises ChurnError and FailedPostsError once all others are converted."""
        changed: dict[str, Problem] = {}
        failed: dict[str, Problem] = {}
        bounds = self.settings.bounds
        budget = pool.Budget(bounds.post_seconds, bounds.post_memory_bytes)
        markups = self.shared.reader.markups(task.header.path for task in tasks)
        while tasks:
            results = pool.run_within(
                budget._replace(prepare=partial(_load, markups)),
                _convert,
                tasks,
                shared=self.shared,
                workers=self.settings.workers,
                seconds_each=0.003,
                chunk=8,
            )
            again: list[ConversionTask] = []
            wanted: set[str] = set()
            for task, result in zip(tasks, results, strict=True):
                if isinstance(result, _Converted):
                    yield task, result
                elif isinstance(result, _NeedsPosts):
                    again.append(task)
                    wanted.update(result.paths)
                elif isinstance(result, _Changed):
                    changed[task.header.path] = result.problem
                elif isinstance(result, pool.Ended):
                    failed[task.header.path] = _over_budget(task.header.path, result, budget)
                else:
                    failed.update(result.problems)
            # Each round loads what it lacked, so that the next one gets further.
            self.shared.site_index.load(wanted)
            tasks = again
        if failed:
            raise FailedPostsError(failed)
        if changed:
            raise ChurnError(changed)

    def entries(self, keys: Sequence[str]) -> tuple[Entry, ...]:
        """The entries of these keys, in their order."""
        decoded = self._decoded
        missing = [key for key in keys if key not in decoded]
        if missing:
            texts = self.cache.need("entry", missing)
            decoded |= {key: decode_entry(texts[key]) for key in texts}
        entries = tuple(decoded[key] for key in keys)
        if len(decoded) > max(_MOST_DECODED, len(entries)):
            self._decoded = dict(zip(keys, entries, strict=True))
        return entries

    def fragments(self, format: str, feed: Feed) -> list[bytes]:
        """The fragments of a feed's entries in one format, in their order."""
        variant = Variant(format, feed.content_mode, feed.show_email)
        result = self.cache.get(variant.kind, feed.entry_keys)
        if len(result) < len(set(feed.entry_keys)):
            writer = formats.by_name(format)
            for key, entry in zip(feed.entry_keys, feed.entries, strict=True):
                if key not in result:
                    result[key] = writer.fragment(entry, content_mode=feed.content_mode, show_email=feed.show_email)
                    self.cache.put(variant.kind, key, result[key])
        return [result[key] for key in feed.entry_keys]


def _load(markups: frozenset[str], shared: _Shared) -> None:
    """Import and set up what conversions of these markups need: it is no part of what a post may take."""
    from feeds.build.entries import convert
    from feeds.build.entries.visible import flavour_of
    from feeds.content import sanitizers
    from feeds.content.template_tags import TagContext

    reader = shared.reader
    settings = reader.settings
    sanitizers.load(settings.sanitise.backend)
    # What is loaded late is loaded by doing it once.
    for markup in sorted(markups):
        # What cannot be loaded, e.g. a library that is not installed, is reported for each post that needs it.
        with suppress(Exception):
            tags = TagContext(tables=reader.dialect.tables_of(reader.site))
            reading = content.Reading(flavour_of(settings), tags)
            content.clean("", markup, reading, base_url=settings.base_url, policy=convert.policy(settings))
    for variant in shared.variants:
        probe.load(variant.format, variant.content_mode, show_email=variant.show_email)


def _over_budget(path: str, ended: pool.Ended, budget: pool.Budget) -> Problem:
    """What is said of a post whose conversion was ended."""
    if ended.reason == "time":
        what = f"its conversion takes more than {budget.seconds} s of processor time"
        return Problem("budget", "error", path, what, fix="simplify the post, or raise bounds.post_seconds")
    if ended.reason == "wait":
        what = "its conversion waits, without using the processor, for what does not come"
        return Problem(
            "read-failed", "error", path, what, fix="look at the machine's disks and limits; the next build reads it again"
        )
    if ended.reason == "memory":
        what = f"its conversion takes more than {budget.memory_bytes // 1_000_000} MB of memory"
        return Problem("budget", "error", path, what, fix="simplify the post, or raise bounds.post_memory_bytes")
    return Problem(
        "budget",
        "error",
        path,
        "its conversion ended without a result",
        fix="simplify the post, or raise bounds.post_memory_bytes",
    )


def _convert(shared: _Shared, task: ConversionTask) -> _Converted | _NeedsPosts | _Changed | _Failed:
    """One post, in whatever process: read, converted, written out in every variant, checked.

    The one boundary for whatever goes wrong with a post: nothing that is raised here costs another one.
    """
    path = task.header.path
    stage = ["read"]
    try:
        return _convert_post(shared, task, stage)
    except PostError as error:
        return _Changed(error.problem)
    except MemoryError:
        raise
    except FailedPostsError as error:
        return _Failed(error.problems)
    except RenderError as error:
        what = f"the entry does not pass the check before publishing: {one_line(error.what)}"
        fix = "report it with the post; until it is fixed, take out what is unusual in it"
        return _Failed({path: Problem("gate", "error", path, what, fix=fix)})
    except Exception as error:
        return _Failed({path: fault(path, error, stage[0])})


def _convert_post(shared: _Shared, task: ConversionTask, stage: list[str]) -> _Converted | _NeedsPosts | _Changed:
    from feeds.build.entries import convert

    reader = shared.reader
    path = task.header.path
    source = task.kept if task.kept is not None else reader.source(path)
    post = reader.parse(path, source)
    if post.digest != task.header.digest:
        return _Changed(Problem("file-changing", "error", path, "the file keeps changing while it is read",
                                fix="build again when it is written"))  # fmt: skip
    stage[0] = "converted"
    shared.site_index.wanted.clear()
    entry, problems, copied, lookups, visible = convert.entry(post, task.header, task.place, reader, shared.site_index)
    if shared.site_index.wanted:
        return _NeedsPosts(tuple(sorted(shared.site_index.wanted)))
    stage[0] = "written out"
    fragments = tuple(
        Fragment(
            variant.format,
            variant.content_mode,
            variant.show_email,
            formats.by_name(variant.format).fragment(entry, content_mode=variant.content_mode, show_email=variant.show_email),
        )
        for variant in shared.variants
    )
    stage[0] = "checked"
    probe.check(entry, fragments, page=task.place.page is not None)
    bodies = tuple((variant.kind, fragment.body) for variant, fragment in zip(shared.variants, fragments, strict=True))
    facts = {
        "sizes": {kind: len(body) for kind, body in bodies},
        "problems": [astuple(problem) for problem in problems],
        "assets": [astuple(asset) for asset in copied],
        "visible": visible,
    }
    return _Converted(lookups, encode_entry(entry), json.dumps(facts, ensure_ascii=False), bodies, zlib.compress(source, 1))


def _ready(key: str, text: bytes) -> Ready:
    facts: Any = json.loads(text)
    return Ready(
        key,
        facts["sizes"],
        tuple(Problem(*parts) for parts in facts["problems"]),
        tuple(Asset(*parts) for parts in facts["assets"]),
        facts["visible"],
    )
