"""One file -> Post: in come the posts folder and a file of its listing, out goes what the author wrote.

Decodes, splits and parses; interprets nothing. What cannot be read is a PostError that names line, field and fix. Only a
regular file is ever opened, and never through a link.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

from feeds import system
from feeds.dialects.base import Dialect, OwnFrontMatter
from feeds.errors import PostError, Problem
from feeds.lazy_patterns import lazy_pattern
from feeds.model import NOT_XML, Post, digest
from feeds.posts import hints
from feeds.posts.front_matter import split as front_matter
from feeds.posts.front_matter import unread
from feeds.posts.front_matter.types import FrontMatter, FrontMatterError
from feeds.settings import Bounds

ENDINGS = Dialect.endings
#: The code of the finding that a broken post was hidden by its author.
HIDES = "hidden-though-broken"
#: Reads a file's front matter by path and text, if it is written in a form of the generator's own.
OwnForm: TypeAlias = Callable[[str, str], OwnFrontMatter | None]
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF_8 = lazy_pattern(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: Encodings that are not named, but may be meant: a word in them that hides a post counts.
_UNNAMED = ("gb18030", "big5")
#: What opening a link, or what is no file, says.
_LINK = frozenset({errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENOTDIR, errno.EISDIR})
#: How often a file that changes while it is read is read again.
_TRIES = 3


def source(folder: Path, path: str, bounds: Bounds) -> bytes:
    """The file's bytes, all of one moment. Raises PostError where it cannot be read or is larger than the bound."""
    for attempt in range(_TRIES):
        try:
            handle = os.open(f"{folder}/{path}", os.O_RDONLY | system.NO_FOLLOW | system.NO_WAIT | system.PRIVATE)
        except OSError as error:
            raise _not_read(path, error) from error
        try:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise _broken(path, "unreadable", "it is not a regular file", fix="take it out of the posts folder")
            if before.st_size > bounds.file_bytes:
                raise _broken(
                    path,
                    "bound-file",
                    f"the file has {before.st_size} bytes, more than {bounds.file_bytes}",
                    fix="shorten it, or raise bounds.file_bytes",
                )
            pieces = []
            room = bounds.file_bytes + 1
            while room > 0 and (piece := os.read(handle, min(room, before.st_size + 1))):
                pieces.append(piece)
                room -= len(piece)
                if len(piece) == before.st_size:
                    break
            after = os.fstat(handle)
        except OSError as error:
            raise _not_read(path, error) from error
        finally:
            os.close(handle)
        content = b"".join(pieces)
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(content) == after.st_size:
            return content
        time.sleep(0.02 * 2**attempt)
    raise _broken(path, "file-changing", "the file keeps changing while it is read", fix="build again when it is written")


def _not_read(path: str, error: OSError) -> PostError:
    """What the system says of a file that cannot be read: it is gone, it may not be read, or the machine fails for the moment."""
    what = f"the file cannot be read: {error.strerror}"
    if isinstance(error, FileNotFoundError):
        return _broken(path, "vanished", what, fix="build again")
    if isinstance(error, PermissionError):
        return _broken(path, "unreadable", what, fix="change its permissions")
    if error.errno in _LINK:
        return _broken(path, "unreadable", what, fix="put the file itself here")
    return _broken(path, "read-failed", what, fix="look at the machine's disks and limits; the next build reads it again")


def open_regular(path: Path) -> BinaryIO:
    """A regular file, opened for reading and never through a link. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | system.NO_FOLLOW | system.NO_WAIT | system.PRIVATE)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return os.fdopen(handle, "rb")


class Forms(NamedTuple):
    """How a generator's posts are written.

    `endings` gives the markup of each file ending, `own_form` reads front matter in a form that only the generator has, and
    with `last_key_wins` a key that stands twice counts once.
    """

    endings: Mapping[str, str] = ENDINGS
    own_form: OwnForm | None = None
    last_key_wins: bool = False


def parse(
    path: str,
    raw: bytes,
    encodings: Sequence[str],
    bounds: Bounds,
    forms: Forms | None = None,
) -> Post:
    """The post that these bytes are, in one of the forms that its generator has. Raises PostError."""
    forms = forms or Forms()
    ending = os.path.splitext(path)[1].casefold()  # noqa: PTH122
    problems: list[Problem] = []
    if hints.is_binary(raw):
        raise _not_text(path, raw, encodings)
    text = _decode(path, raw, encodings, problems)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    markup = forms.endings.get(ending, "text")
    text = _without_controls(path, text, problems)
    try:
        result = _own_front_matter(path, text, forms.own_form) or front_matter.read(
            text,
            bytes_bound=bounds.front_matter_bytes,
            depth_bound=bounds.front_matter_depth,
            last_key_wins=forms.last_key_wins,
        )
    except FrontMatterError as error:
        raise PostError(_problem(path, error, "error"), *_hides(path, text)) from None
    problems += (_problem(path, warning, "warning") for warning in result.warnings)
    if markup == "mdx":
        result, markup = _without_components(path, result, problems), "markdown"
    return Post(
        path=path,
        digest=digest(raw, ending),
        front_matter=result.keys,
        lines=result.lines,
        body=result.body,
        body_line=result.body_line,
        markup=markup,
        problems=tuple(problems),
    )


def _not_text(path: str, raw: bytes, encodings: Sequence[str]) -> PostError:
    """Why bytes are no text: a power failure, UTF-16 without its mark, or another kind of file."""
    if not raw.strip(b"\0"):
        what = "the file holds nothing but zero bytes, as a power failure may leave it"
        return PostError(Problem("binary", "error", path, what, 1, fix="write the post again, or delete the file to withdraw it"))
    if raw[:4000].count(0) * 3 > len(raw[:4000]):
        what = "the file looks like UTF-16 without a byte order mark"
        # Little-endian text has its zeros behind the letters of the fence, big-endian text before them.
        hides = _hides(path, raw.decode("utf-16-be" if raw.startswith(b"\0") else "utf-16-le", "replace"))
        return PostError(
            Problem("encoding", "error", path, what, 1, expected=" or ".join(encodings), fix="save the file as UTF-8"), *hides
        )
    return PostError(
        Problem(
            "binary",
            "error",
            path,
            "the file is not text",
            1,
            fix="take it out of the posts folder, or give it its own ending",
        )
    )


def _without_components(path: str, result: FrontMatter, problems: list[Problem]) -> FrontMatter:
    """A post in MDX as one in Markdown; the front matter may be what a module of it exports."""
    from feeds.posts import mdx

    converted = mdx.as_markdown(result.body)
    if converted.left_out:
        names = ", ".join(converted.left_out)
        what = f"what only its program could show is left out: {names}"
        problems.append(Problem("mdx", "notice", path, what, fix="write what readers should see in Markdown"))
    if result.keys or converted.keys is None:
        return replace(result, body=converted.body)
    return replace(result, body=converted.body, keys=converted.keys)


def _own_front_matter(path: str, text: str, own_form: OwnForm | None) -> FrontMatter | None:
    """What the generator's own form says; None if the text is written in a general one."""
    try:
        own = own_form(path, text) if own_form else None
    except ValueError as error:
        raise FrontMatterError("front-matter", str(error)) from None
    if own is None:
        return None
    if own.body_line > 1 or not own.keys:
        front_matter.refuse_unread(text, own)
    return FrontMatter(own.keys, own.lines, own.body, own.body_line)


def _hides(path: str, text: str) -> Iterator[Problem]:
    """The line that hides a post whose front matter cannot be read: not even its last good version stays published."""
    hidden = unread.hidden_line(text)
    if hidden is not None:
        yield Problem(
            HIDES, "warning", path, "the post is hidden: nothing of it stays published", hidden[0], hidden[1]
        )  # fmt: skip


def decode(path: str, raw: bytes, encodings: Sequence[str]) -> str:
    """The text of a file that is not a post, e.g. of a data file. Raises PostError."""
    return _decode(path, raw, encodings, [])


def _decode(path: str, raw: bytes, encodings: Sequence[str], problems: list[Problem]) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                hides = _hides(path, raw.decode(encoding, "replace"))
                raise PostError(_undecodable(path, raw, error, (encoding,)), *hides) from None
    first: UnicodeDecodeError | None = None
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            first = first or error
            if error.encoding == "utf-8" and _mostly_utf_8(raw):
                break
        else:
            if first is not None:
                problems.append(
                    Problem(
                        "encoding",
                        "warning",
                        path,
                        f"the file is not {encodings[0]}; it was read as {encoding}",
                        fix="save it as UTF-8",
                    )
                )
            return text
    assert first is not None  # noqa: S101  settings hold at least one encoding
    hides = chain.from_iterable(_hides(path, raw.decode(encoding, "replace")) for encoding in (encodings[0], *_UNNAMED))
    raise PostError(_undecodable(path, raw, first, encodings), *islice(hides, 1)) from None


def _mostly_utf_8(raw: bytes) -> bool:
    """Whether bytes that are not UTF-8 were meant as such: read as another encoding they would become nonsense.

    Half of the bytes above ASCII must be in sequences of UTF-8; of a Chinese text in GB 18030 about a sixth are.
    """
    return _share_of_utf_8(raw) >= 0.5


def _share_of_utf_8(raw: bytes) -> float:
    """How many of the bytes above ASCII are in sequences of UTF-8, from 0 to 1; 1 if there are none."""
    above_ascii = len(raw.translate(None, bytes(range(128))))
    return sum(len(match[0]) for match in _UTF_8.finditer(raw)) / above_ascii if above_ascii else 1


def _undecodable(path: str, raw: bytes, error: UnicodeDecodeError, encodings: Sequence[str]) -> Problem:
    # The codecs that skip a byte order mark count from behind it.
    start = error.start + len(raw) - len(error.object)
    fix = 'save the file as UTF-8, or name its encoding, e.g. for GBK: encodings = ["utf-8", "gb18030"]'
    if error.encoding == "utf-8" and _share_of_utf_8(raw) > 0.75:
        # In no other encoding the rest of it would be text; of a short text in Big5 half may be by accident.
        fix = "write the character again, most of the file is UTF-8"
    return Problem(
        "encoding", "error", path, f"the byte 0x{raw[start]:02x} at {start} is not {error.encoding} text",
        raw.count(b"\n", 0, start) + 1, expected=" or ".join(encodings), fix=fix,
    )  # fmt: skip


def _without_controls(path: str, text: str, problems: list[Problem]) -> str:
    """The text with characters that no feed can carry taken out, and said (XML 1.0 section 2.2)."""
    match = NOT_XML.search(text)
    if match is None:
        return text
    clean, count = NOT_XML.subn("", text)
    problems.append(
        Problem(
            "control-characters", "warning", path,
            f"the control character U+{ord(match[0]):04X} is left out" if count == 1 else
            f"{count} control characters are left out, the first of them U+{ord(match[0]):04X}",
            text.count("\n", 0, match.start()) + 1, fix="delete it" if count == 1 else "delete them",
        )
    )  # fmt: skip
    return clean


def _problem(path: str, error: FrontMatterError, severity: str) -> Problem:
    return Problem(error.code, severity, path, error.what, error.line, error.field, error.expected, error.fix)


def _broken(path: str, code: str, what: str, *, fix: str) -> PostError:
    return PostError(Problem(code, "error", path, what, fix=fix))
