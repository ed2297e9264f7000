"""Every post's header: in come the posts folder and what is remembered, out go headers, broken posts and other files.

Only files whose stat has changed are read, and unchanged posts (`posts/index.py`) are not even looked at. Must not convert,
group, or look at the clock.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from feeds import pool
from feeds.cache import Cache, LostError
from feeds.errors import PostError, Problem, fault
from feeds.ledger import fingerprint
from feeds.posts import walk
from feeds.posts.codec import decode, decode_all, digest_in, encode
from feeds.posts.copies import held_back
from feeds.posts.header import Header
from feeds.posts.index import PostIndex
from feeds.posts.last_good import LastGoodSources
from feeds.posts.read import HIDES
from feeds.posts.reader import PostReader, without_unread_data
from feeds.posts.scan import File, sort_out

_RACY = "racy:"
#: Findings that another build may not have though the file is the same: the machine's, not the post's.
_PASSING = frozenset({"read-failed", "file-changing"})
#: Findings of reading a file, which say nothing of a version of the post that was kept earlier.
_OF_READING = _PASSING | {"vanished"}


@dataclass(frozen=True, slots=True)
class Collected:
    """What the folder holds. `headers` are those of readable posts, and of broken ones whose last good version is kept;
    `broken` gives each broken post's findings by path. `unchanged` are the other posts, as they were
    published last. `racy` holds the paths of files that may yet change unseen.
    """

    reader: PostReader
    headers: tuple[Header, ...]
    broken: Mapping[str, tuple[Problem, ...]]
    kept: frozenset[str]
    problems: tuple[Problem, ...]
    files: Mapping[str, File]
    others: tuple[File, ...]
    racy: frozenset[str]
    read: int
    sources: LastGood
    unchanged: PostIndex | None = None

    @property
    def found(self) -> int:
        """How many files of posts there are."""
        return len(self.files) + (len(self.unchanged) if self.unchanged else 0)

    @property
    def left_out(self) -> tuple[int, str]:
        """How many files in the formats of posts are none, and why the first of them is none ("" if nobody says)."""
        dialect, site = self.reader.dialect, self.reader.site
        paths = [file.path for file in self.others if file.path.lower().endswith(tuple(dialect.endings))]
        reasons = (dialect.kind(path, site).reason for path in paths)
        return len(paths), next((reason for reason in reasons if " " in reason), "")


class Listed(NamedTuple):
    """A folder's listing (`listing.take`), and an instant before it was taken in nanoseconds since 1970."""

    taken_ns: int
    text: str


def stat_of(file: File, taken_ns: int) -> str:
    """The file's stat as it is remembered; marked racy where a later write could leave it the same."""
    stat = f"{file.size}:{file.mtime_ns}:{file.ctime_ns}:{file.inode}"
    return _RACY + stat if is_racy(file, taken_ns) else stat


def is_racy(file: File, taken_ns: int) -> bool:
    """Whether the file could change again and keep the stat it has in a listing not taken before `taken_ns`."""
    return walk.is_racy(file.mtime_ns, file.ctime_ns, taken_ns)


#: What reading a file gives: its post's metadata, or the problems that break the post.
Result = Header | tuple[Problem, ...]


def collect_posts(
    reader: PostReader,
    cache: Cache,
    kept: LastGoodSources,
    listed: Listed,
    *,
    headers_key: str,
    unchanged: PostIndex | None = None,
) -> Collected:
    """The posts of a listing; reads what has changed."""
    settings = reader.settings
    blocks = walk.blocks(listed.text)
    files = sort_out(settings.posts, unchanged.match(blocks) if unchanged else blocks, settings.exclude, reader)
    remembered = _remembered(cache, headers_key, [file.path for file in files.posts] if unchanged else None)
    compared = _compared(files.posts, remembered, listed.taken_ns)
    results: dict[str, Result] = {_path_of(result): result for result in decode_all(compared.same)}
    if len(results) < len(compared.same):  # the cache lost some: read those files again
        unread = {file.path for file in compared.changed}
        compared.changed += (file for file in files.posts if file.path not in results and file.path not in unread)
    read: Iterable[tuple[Result, str]] = pool.run(
        read_header, [file.path for file in compared.changed], shared=reader, workers=settings.workers,
        seconds_each=0.0002, chunk=64,
    )  # fmt: skip
    if unchanged is not None:
        read = list(read)
        if any(
            file.path not in compared.before and (_breaks(result) or _is_empty(result))
            for file, (result, _) in zip(compared.changed, read, strict=True)
        ):
            # Where the post lay before it broke may be a path that only a whole listing has: compare all files.
            return collect_posts(reader, cache, kept, listed, headers_key=headers_key)
    vanished = _remember(cache, compared.changed, read, results, listed.taken_ns)
    dropped = sorted({*unchanged.invalid, *unchanged.without_row} - results.keys()) if unchanged else []
    last = {path: text for path, (_, text) in remembered.items()} | {path: text for path, _, text in cache.files(dropped)}
    cache.drop_files(sorted({*remembered, *vanished, *dropped}))
    sources = LastGood(cache, kept, compared.before, last)
    headers, broken, as_they_were = _with_last_good(results, reader, sources, _originals(results, unchanged, cache))
    return Collected(
        reader=reader,
        headers=headers,
        broken=broken,
        kept=as_they_were,
        problems=tuple(files.problems),
        files={file.path: file for file in files.posts if file.path not in vanished},
        others=tuple(files.others),
        racy=_unsettled(reader, broken)
        | frozenset(file.path for file in (*files.posts, *files.others) if is_racy(file, listed.taken_ns)),
        read=len(compared.changed),
        sources=sources,
        unchanged=unchanged,
    )


def _unsettled(reader: PostReader, broken: Mapping[str, tuple[Problem, ...]]) -> frozenset[str]:
    """The files that the next build reads again though they are the same: the machine could not read them."""
    findings = ((path, problem) for all_broken in (broken, reader.unread_data) for path, (problem, *_) in all_broken.items())
    return frozenset(path for path, problem in findings if problem.code in _PASSING)


@dataclass(slots=True)
class _Compared:
    """Files beside what the cache remembers of them: `changed` are to be read, `same` holds the encoded results of the others,
    `before` the encoded earlier results of changed files by path.
    """

    changed: list[File] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)


def _compared(files: Iterable[File], remembered: dict[str, tuple[str, str]], taken_ns: int) -> _Compared:
    """Sorts files into changed and same; takes them out of `remembered`, which then holds those that are gone."""
    compared = _Compared()
    for file in files:
        stat = stat_of(file, taken_ns)
        old = remembered.pop(file.path, None)
        if old is not None and old[0] == stat and not stat.startswith(_RACY):
            compared.same.append(old[1])
        else:
            compared.changed.append(file)
            if old is not None:
                compared.before[file.path] = old[1]
    return compared


def _remember(
    cache: Cache, changed: Iterable[File], read: Iterable[tuple[Result, str]], results: dict[str, Result], taken_ns: int
) -> set[str]:
    """Puts what was read into `results` and the cache; returns the paths of files that vanished meanwhile."""
    vanished: set[str] = set()
    shared: dict[Any, Any] = {}
    for file, (result, encoded) in zip(changed, read, strict=True):
        if isinstance(result, Header):
            results[file.path] = _sharing(result, shared)
        elif result[0].code == "vanished":
            vanished.add(file.path)
            continue
        else:
            results[file.path] = result
            if result[0].code == "internal":  # a later version may read it: not remembered
                continue
        passing = not isinstance(result, Header) and result[0].code in _PASSING
        cache.put_file(file.path, (_RACY if passing else "") + stat_of(file, taken_ns), encoded)
    return vanished


def _with_last_good(
    results: Mapping[str, Result], reader: PostReader, sources: LastGood, original: Callable[[str], Header | None]
) -> tuple[tuple[Header, ...], dict[str, tuple[Problem, ...]], frozenset[str]]:
    """The headers of posts, the problems of broken ones by path, and the paths whose last good version is used."""
    headers: list[Header] = []
    broken: dict[str, tuple[Problem, ...]] = {}
    as_they_were: set[str] = set()

    def as_published(path: str) -> Header | None:
        """The original of a copy; a broken one as it last was, e.g. beside what git's merge tools leave."""
        result = original(path)
        if result is not None and result.status == "out" and not _breaks(result):
            return result
        source = sources.kept.get(path)
        return result if source is None else read_kept(reader, path, source)

    # Broken posts first: their last good versions tell what is a copy of them.
    for path in sorted(results, key=lambda path: (not _breaks(results[path]) and not _is_empty(results[path]), path)):
        result = results[path]
        if _breaks(result):
            broken[path] = result.problems if isinstance(result, Header) else result
            good = None if _hides(broken[path]) else sources.good(reader, path)
            if good is not None:
                headers.append(good)
                as_they_were.add(path)
        elif isinstance(result, Header):
            good = sources.good(reader, path) if result.status == "empty" else None
            if good is not None:
                broken[path] = (_emptied(path),)
                as_they_were.add(path)
            headers.append(good or held_back(result, as_published))
    headers.sort(key=lambda header: header.path)
    return tuple(headers), broken, frozenset(as_they_were)


def _path_of(result: Result) -> str:
    return result.path if isinstance(result, Header) else result[0].path


def quarantine(collected: Collected, failures: Mapping[str, Problem], unconvertible: Collection[str]) -> Collected:
    """The posts without those that could not be converted: each counts as broken, and its last good version takes its place.

    `unconvertible` are the paths of those whose last good version cannot be converted, either.
    """
    if not failures:
        return collected
    broken, kept = dict(collected.broken), set(collected.kept)
    headers: list[Header] = []
    for header in collected.headers:
        problem = failures.get(header.path)
        if problem is None:
            headers.append(header)
            continue
        broken[header.path] = (*broken.get(header.path, header.problems), problem)
        if header.path in kept and header.path not in unconvertible and problem.code in _OF_READING:
            headers.append(header)  # what failed is the file, and this is its last good version already
            continue
        lost = header.path in unconvertible or header.path in kept
        good = None if lost else collected.sources.good(collected.reader, header.path)
        if good is not None and good.digest != header.digest:
            headers.append(good)
            kept.add(header.path)
        else:
            kept.discard(header.path)
    passing = {path for path, problem in failures.items() if problem.code in _PASSING}
    return replace(
        collected, headers=tuple(headers), broken=broken, kept=frozenset(kept), racy=frozenset({*collected.racy, *passing})
    )


class LastGood:
    """The last good sources of posts that are broken now. `before` gives what the cache had of a path that is still there,
    `last` of those that are gone.
    """

    def __init__(self, cache: Cache, kept: LastGoodSources, before: Mapping[str, str], last: Mapping[str, str]) -> None:
        self.cache, self.kept, self.before, self.last = cache, kept, before, last
        self.gone: dict[str, list[str]] = {}
        for path in last:
            self.gone.setdefault(fingerprint.stem(path), []).append(path)

    def earlier_texts(self, reader: PostReader, headers: Iterable[Header]) -> dict[str, str]:
        """By path, the digest of the text that the last build saw there, of those of these posts whose source is another now."""
        results = {}
        for header in headers:
            before = self.before.get(header.path)
            if before is not None and digest_in(before) not in (None, header.digest):
                source = _last_good(self.cache, before)
                earlier = None if source is None else read_kept(reader, header.path, source)
                if earlier is not None:
                    results[header.path] = earlier.text_digest
        return results

    def good(self, reader: PostReader, path: str) -> Header | None:
        """The header of the post at `path` as it was before it broke, its source kept from now on; None where there is none."""
        source = self.kept.get(path) or _last_good(self.cache, self.before.get(path))
        gone = self.gone.get(fingerprint.stem(path), []) if path not in self.before else []
        if source is None and len(gone) == 1:
            # It was moved while it was broken, or in the same interval: nothing else of that name is gone.
            source = self.kept.get(gone[0]) or _last_good(self.cache, self.last[gone[0]])
        if source is None:
            return None
        self.kept.put(path, source)
        return read_kept(reader, path, source)


def _originals(results: Mapping[str, Result], unchanged: PostIndex | None, cache: Cache) -> Callable[[str], Header | None]:
    """Looks a post's metadata up by its path, among those read in this run and those that nothing changed."""

    def original(path: str) -> Header | None:
        result = results.get(path)
        if result is None and unchanged is not None:
            remembered = next((text for _, _, text in cache.files([path])), None)
            result = decode(remembered) if remembered is not None else None
        return result if isinstance(result, Header) else None

    return original


def _is_empty(result: Result) -> bool:
    return isinstance(result, Header) and result.status == "empty"


def _emptied(path: str) -> Problem:
    what = "the file is empty, though the post is published; its last version stays"
    return Problem("emptied", "error", path, what, fix="write the post again, or delete the file to withdraw it")


def _breaks(result: Result) -> bool:
    """Whether what was found in a file breaks its post; one that is hidden, or may be, is not broken but left out."""
    if isinstance(result, Header) and result.status != "out":
        return False
    problems = result.problems if isinstance(result, Header) else result
    return any(problem.severity == "error" for problem in problems)


def _hides(problems: Iterable[Problem]) -> bool:
    """Whether the author of a broken post hides it: then its last good version does not stay."""
    return any(problem.code == "hidden-though-broken" for problem in problems)


def load_headers(cache: Cache, paths: Sequence[str]) -> tuple[Header, ...]:
    """The remembered metadata of unchanged posts. Raises LostError where the cache has lost one."""
    remembered = {path: text for path, _, text in cache.files(paths)}
    result = decode_all([remembered[path] for path in paths if path in remembered])
    headers = tuple(item for item in result if isinstance(item, Header))
    if [header.path for header in headers] != list(paths):
        raise LostError("a header")
    return headers


def read_header(reader: PostReader, path: str) -> tuple[Result, str]:
    """One file's header, or the findings that break the post; and the same as text for the cache."""
    result: Result
    try:
        result = reader.header(path, reader.source(path))
    except PostError as error:
        result = _of_no_post(error.problems) if reader.is_never_public(path) else error.problems
    except MemoryError:
        what = "there was not enough memory to read the post"
        result = (Problem("read-failed", "error", path, what, fix="look at the machine's memory; the next build reads it again"),)
    except Exception as error:  # one post costs only itself
        result = (fault(path, error, "read"),)
    return result, encode(result)


def _of_no_post(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The findings of a file that no build publishes, whatever is in it: nothing that must be fixed."""
    path = problems[0].path
    return (
        *(replace(problem, severity="notice") for problem in problems if problem.code != HIDES),
        Problem(HIDES, "notice", path, "the post is hidden: nothing of it stays published"),
    )


def _sharing(header: Header, shared: dict[Any, Any]) -> Header:
    """The header with one copy of what many posts say alike: their terms and authors take most of their room."""
    same = shared.setdefault
    categories, tags, authors = header.categories, header.tags, header.authors
    return header._replace(
        categories=same(categories, categories), tags=tuple(same(tag, tag) for tag in tags), authors=same(authors, authors)
    )


def read_kept(reader: PostReader, path: str, source: bytes) -> Header | None:
    """The header of a kept last good version; None where today's settings break that one, too."""
    try:
        good = without_unread_data(reader).header(path, source)
    except Exception:  # it is told as broken already
        return None
    if good.status != "out" or any(problem.severity == "error" for problem in good.problems):
        return None
    return good._replace(problems=())


def _last_good(cache: Cache, before: str | None) -> bytes | None:
    """The source of a post as it was converted before it broke, where it was; a draft has none."""
    digest_before = digest_in(before) if before is not None else None
    packed = None if digest_before is None else cache.get("source", (digest_before,)).get(digest_before)
    try:
        return zlib.decompress(packed) if packed is not None else None
    except zlib.error:  # caches of the first versions did not tell damaged values
        return None


def _remembered(cache: Cache, headers_key: str, paths: Sequence[str] | None) -> dict[str, tuple[str, str]]:
    if cache.fact("headers") == headers_key:
        return {path: (stat, text) for path, stat, text in cache.files(paths)}
    sources = {path: ("", text) for path, _, text in cache.files(paths)}
    cache.forget_files(headers_key)
    # All are read again; but what they were tells which source was the last good one of a post that is broken now.
    return sources
