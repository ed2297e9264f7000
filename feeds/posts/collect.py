"""Every post's header: in come the posts folder and what is remembered, out go headers, broken posts and other files.

Only files whose stat has changed are read, and posts that stand (`standing.py`) are not even looked at. Must not convert, group,
or look at the clock.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from feeds import pool
from feeds.cache import Cache, LostError
from feeds.errors import PostError, Problem, fault
from feeds.ledger import fingerprint
from feeds.posts import walk
from feeds.posts.codec import decode, decode_all, encode
from feeds.posts.copies import held_back
from feeds.posts.index import PostIndex
from feeds.posts.last_good import LastGoodSources
from feeds.posts.metadata import Header
from feeds.posts.reader import PostReader
from feeds.posts.scan import File, sort_out

_RACY = "racy:"


@dataclass(frozen=True, slots=True)
class Collected:
    """What the folder holds. `headers` are those of readable posts, and of broken ones whose last good version is kept;
    `broken` gives each broken post's findings by path. `standing` are posts besides, that are as they were published last.
    `racy` holds the paths of files that may yet change unseen.
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
    standing: PostIndex | None = None

    @property
    def found(self) -> int:
        """How many files of posts there are."""
        return len(self.files) + (len(self.standing) if self.standing else 0)


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


def collect_posts(
    reader: PostReader, memo: Cache, kept: LastGoodSources, listed: Listed, *, headers_key: str, standing: PostIndex | None = None
) -> Collected:
    """The posts of a listing; reads what has changed."""
    settings = reader.settings
    blocks = walk.blocks(listed.text)
    found_files = sort_out(settings.posts, standing.match(blocks) if standing else blocks, settings.exclude, reader)
    remembered = _remembered(memo, headers_key, [file.path for file in found_files.posts] if standing else None)
    found: dict[str, Header | tuple[Problem, ...]] = {}
    changed: list[File] = []
    before: dict[str, str] = {}
    same: list[str] = []
    racy = {file.path for file in found_files.others if is_racy(file, listed.taken_ns)}
    for file in found_files.posts:
        stat = stat_of(file, listed.taken_ns)
        if stat.startswith(_RACY):
            racy.add(file.path)
        old = remembered.pop(file.path, None)
        if old is not None and old[0] == stat and not stat.startswith(_RACY):
            same.append(old[1])
        else:
            changed.append(file)
            if old is not None:
                before[file.path] = old[1]
    shared: dict[Any, Any] = {}
    for one in decode_all(same):
        found[one.path if isinstance(one, Header) else one[0].path] = one
    if len(found) < len(same):
        unread = {file.path for file in changed}
        changed += (file for file in found_files.posts if file.path not in found and file.path not in unread)
    results: Iterable[tuple[Header | tuple[Problem, ...], str]] = pool.run(
        read_header, [file.path for file in changed], shared=reader, workers=settings.workers, seconds_each=0.0002, chunk=64
    )
    if standing is not None:
        results = list(results)
        if any(
            file.path not in before and (_breaks(one) or _is_empty(one)) for file, (one, _) in zip(changed, results, strict=True)
        ):
            # Where it lay before it broke may be a path that only a look has seen: the whole memo tells.
            return collect_posts(reader, memo, kept, listed, headers_key=headers_key)
    vanished: set[str] = set()
    for file, (result, encoded) in zip(changed, results, strict=True):
        if isinstance(result, Header):
            found[file.path] = _sharing(result, shared)
        elif result[0].code == "vanished":
            vanished.add(file.path)
            continue
        else:
            found[file.path] = result
            if result[0].code == "internal":
                continue
        memo.put_file(file.path, stat_of(file, listed.taken_ns), encoded)
    dropped = sorted(_dropped(standing, found))
    last = {path: text for path, (_, text) in remembered.items()} | {path: text for path, _, text in memo.files(dropped)}
    memo.drop_files(sorted({*remembered, *vanished, *dropped}))
    sources = LastGood(memo, kept, before, last)
    headers: list[Header] = []
    broken: dict[str, tuple[Problem, ...]] = {}
    as_they_were: set[str] = set()
    original = _originals(found, standing, memo)
    for path in sorted(found):
        result = found[path]
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
            headers.append(good or held_back(result, original))
    return Collected(
        reader=reader,
        headers=tuple(headers),
        broken=broken,
        kept=frozenset(as_they_were),
        problems=tuple(found_files.problems),
        files={file.path: file for file in found_files.posts if file.path not in vanished},
        others=tuple(found_files.others),
        racy=frozenset(racy),
        read=len(changed),
        sources=sources,
        standing=standing,
    )


def quarantine(collected: Collected, failures: Mapping[str, Problem], hopeless: Collection[str]) -> Collected:
    """The posts without those that could not be converted: each counts as broken, and its last good version takes its place.

    `hopeless` are the paths of those whose last good version cannot be converted, either.
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
        lost = header.path in hopeless or header.path in kept
        good = None if lost else collected.sources.good(collected.reader, header.path)
        if good is not None and good.digest != header.digest:
            headers.append(good)
            kept.add(header.path)
        else:
            kept.discard(header.path)
    return replace(collected, headers=tuple(headers), broken=broken, kept=frozenset(kept))


class LastGood:
    """The last good sources of posts that are broken now. `before` gives what the memo told of a path that is still there,
    `last` of those that are gone.
    """

    def __init__(self, memo: Cache, kept: LastGoodSources, before: Mapping[str, str], last: Mapping[str, str]) -> None:
        self.memo, self.kept, self.before, self.last = memo, kept, before, last
        self.gone: dict[str, list[str]] = {}
        for path in last:
            self.gone.setdefault(fingerprint.stem(path), []).append(path)

    def good(self, reader: PostReader, path: str) -> Header | None:
        """The header of the post at `path` as it was before it broke, its source kept from now on; None where there is none."""
        source = self.kept.get(path) or _last_good(self.memo, self.before.get(path))
        gone = self.gone.get(fingerprint.stem(path), []) if path not in self.before else []
        if source is None and len(gone) == 1:
            # It was moved while it was broken, or in the same interval: nothing else of that name is gone.
            source = self.kept.get(gone[0]) or _last_good(self.memo, self.last[gone[0]])
        if source is None:
            return None
        self.kept.put(path, source)
        return read_kept(reader, path, source)


def _originals(
    found: Mapping[str, Header | tuple[Problem, ...]], standing: PostIndex | None, memo: Cache
) -> Callable[[str], Header | None]:
    """Looks a post's metadata up by its path, among those read in this run and those that nothing changed."""

    def original(path: str) -> Header | None:
        result = found.get(path)
        if result is None and standing is not None:
            remembered = next((text for _, _, text in memo.files([path])), None)
            result = decode(remembered) if remembered is not None else None
        return result if isinstance(result, Header) else None

    return original


def _is_empty(result: Header | tuple[Problem, ...]) -> bool:
    return isinstance(result, Header) and result.status == "empty"


def _emptied(path: str) -> Problem:
    what = "the file is empty, though the post is published; its last version stays"
    return Problem("emptied", "error", path, what, fix="write the post again, or delete the file to withdraw it")


def _breaks(result: Header | tuple[Problem, ...]) -> bool:
    """Whether what was found in a file breaks its post; one that is hidden, or may be, is not broken but left out."""
    if isinstance(result, Header) and result.status != "out":
        return False
    problems = result.problems if isinstance(result, Header) else result
    return any(problem.severity == "error" for problem in problems)


def _hides(problems: Iterable[Problem]) -> bool:
    """Whether the author of a broken post hides it: then its last good version does not stay."""
    return any(problem.code == "hidden-though-broken" for problem in problems)


def _dropped(standing: PostIndex | None, found: Mapping[str, object]) -> set[str]:
    """The paths that the last run knew and that are gone."""
    return {*standing.fallen, *standing.loose} - found.keys() if standing else set()


def load_headers(memo: Cache, paths: Sequence[str]) -> tuple[Header, ...]:
    """The remembered headers of posts that stand. Raises LostError where the memo has lost one."""
    remembered = {path: text for path, _, text in memo.files(paths)}
    found = decode_all([remembered[path] for path in paths if path in remembered])
    headers = tuple(one for one in found if isinstance(one, Header))
    if [one.path for one in headers] != list(paths):
        raise LostError("a header")
    return headers


def read_header(reader: PostReader, path: str) -> tuple[Header | tuple[Problem, ...], str]:
    """One file's header, or the findings that break the post; and the same as text for the memo."""
    result: Header | tuple[Problem, ...]
    try:
        result = reader.header(path, reader.source(path))
    except PostError as error:
        result = error.problems
    except Exception as error:  # one post costs only itself
        result = (fault(path, error, "read"),)
    return result, encode(result)


def _sharing(one: Header, shared: dict[Any, Any]) -> Header:
    """The header with one copy of what many posts say alike: their terms and authors take most of their room."""
    same = shared.setdefault
    categories, tags, authors = one.categories, one.tags, one.authors
    return one._replace(
        categories=same(categories, categories), tags=tuple(same(tag, tag) for tag in tags), authors=same(authors, authors)
    )


def read_kept(reader: PostReader, path: str, source: bytes) -> Header | None:
    """The header of a kept last good version; None where today's settings break that one, too."""
    try:
        good = reader.header(path, source)
    except Exception:  # it is told as broken already
        return None
    if good.status != "out" or any(problem.severity == "error" for problem in good.problems):
        return None
    return good._replace(problems=())


def _last_good(memo: Cache, before: str | None) -> bytes | None:
    """The source of a post as it was converted before it broke, where it was; a draft has none."""
    known = decode(before) if before is not None else None
    if not isinstance(known, Header):
        return None
    packed = memo.get("source", (known.digest,)).get(known.digest)
    return zlib.decompress(packed) if packed is not None else None


def _remembered(memo: Cache, headers_key: str, paths: Sequence[str] | None) -> dict[str, tuple[str, str]]:
    if memo.fact("headers") == headers_key:
        return {path: (stat, text) for path, stat, text in memo.files(paths)}
    known = {path: ("", text) for path, _, text in memo.files(paths)}
    memo.forget_files(headers_key)
    # All are read again; but what they were tells which source was the last good one of a post that is broken now.
    return known
