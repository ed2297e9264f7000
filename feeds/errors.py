"""What can go wrong, as values: in come the parts of a finding, out goes one sentence for a person.

A `Problem` is one finding about one source file and never stops a build; a `FeedsError` does.
Nothing here prints, logs or knows a terminal. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from feeds.lazy_patterns import lazy_pattern


class ExitCode(IntEnum):
    """What a command's exit status means; the same for every command."""

    DONE = 0
    POSTS_BROKEN = 1
    WRONG_SETTINGS = 2
    REFUSED = 3
    ALREADY_RUNNING = 4
    MACHINE_REFUSED = 5
    INTERNAL = 70
    """An error of this program (EX_SOFTWARE of sysexits.h)."""


#: Characters that a terminal acts on, or that turn, end or hide a line: controls, marks of direction, lone surrogates.
_UNPRINTABLE = lazy_pattern(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """The text as a message may hold it: what a terminal would act on is written as an escape, e.g. `\\x1b`."""
    return _UNPRINTABLE.sub(_escape, text) if _UNPRINTABLE.search(text) else text


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    escape = _ESCAPES.get(match[0])
    return escape or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def sentence(
    what: str,
    *,
    where: str = "",
    expected: str = "",
    fix: str = "",
) -> str:
    """Join the parts of a finding: what is wrong, where, what was expected, the fix. One line, whatever the parts hold."""
    text = f"{where}: {what}" if where else what
    if expected:
        text += f"; expected {expected}"
    if fix:
        text += f" ({fix})"
    return printable(text)


def machine_fix(error: OSError) -> str:
    """What a person can do about an error of the operating system; "" where it depends."""
    import errno

    fixes = {
        errno.ENOSPC: "make room on the disk (df -h shows its space, df -i how many files it can still hold)",
        errno.EDQUOT: "make room in the quota",
        errno.EROFS: "mount it for writing",
        errno.EACCES: "fix its permissions, or run as the user whom it belongs to",
        errno.EPERM: "fix its permissions, or run as the user whom it belongs to",
        errno.EIO: "look at the disk",
        errno.EISDIR: "move the folder away: a file belongs there",
        errno.EEXIST: "move the file away: a folder belongs there",
        errno.ENOTDIR: "move the file away: a folder belongs there",
    }
    return fixes.get(error.errno or 0, "")


def machine_sentence(error: OSError) -> str:
    """An error of the operating system as a sentence: the file, what was refused, the fix."""
    import os

    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else ""
    return sentence(f"operating system error: {error.strerror or error}", where=where, fix=machine_fix(error))


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one source file.

    `code` is a stable kebab-case name for machines ("front-matter-yaml"); `severity` is "error" (the post is
    broken and left out, exit code 1), "warning" (published, but the author should look) or "notice".
    `path` is relative to the posts folder with "/" between names ("" for the site as a whole); `line` counts from 1
    in the file as the author sees it; `field` is the front matter key as the author wrote it.
    """

    code: str
    severity: str
    path: str
    what: str
    line: int | None = None
    field: str | None = None
    expected: str = ""
    fix: str = ""

    def __post_init__(self) -> None:
        for name in ("what", "expected", "fix"):
            text = getattr(self, name)
            if _UNPRINTABLE.search(text):
                object.__setattr__(self, name, printable(text))

    def order(self) -> tuple[str, int, str, str]:
        """The key by which findings are sorted: file, line, code, text."""
        return self.path, self.line or 0, self.code, self.what

    def __str__(self) -> str:
        where = self.path
        if self.line is not None:
            where += f":{self.line}"
        if self.field:
            where = f"{where}: {self.field}" if where else self.field
        return sentence(self.what, where=where, expected=self.expected, fix=self.fix)


def one_line(text: object, limit: int = 200) -> str:
    """The text in one line, without characters that are not printable: what a message may hold of an input."""
    return " ".join("".join(item if item.isprintable() else " " for item in str(text)[: 2 * limit]).split())[:limit]


def fault(path: str, error: BaseException, stage: str, severity: str = "error") -> Problem:
    """An internal error that one post brought out; `stage` says what was done to it ("read", "converted", …)."""
    subject = "the post" if path else "an entry"
    return Problem(
        "internal", severity, path,
        f"internal error while {subject} was {stage}: {type(error).__name__}: {one_line(error)}",
        fix="report it with the post; until it is fixed, take out what is unusual in it",
    )  # fmt: skip


class FeedsError(Exception):
    """Anything that ends a command; `exit_code` says how."""

    exit_code: ExitCode = ExitCode.MACHINE_REFUSED

    def __init__(self, what: str, *, where: str = "", expected: str = "", fix: str = "") -> None:
        self.what, self.where, self.expected, self.fix = what, where, expected, fix
        super().__init__(sentence(what, where=where, expected=expected, fix=fix))


class SettingsError(FeedsError):
    """Wrong settings or arguments: every mistake at once, each with its dotted path."""

    exit_code = ExitCode.WRONG_SETTINGS

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = tuple(map(printable, mistakes))
        FeedsError.__init__(self, "")
        self.what = "\n".join(self.mistakes)
        self.args = (self.what,)


class PostError(FeedsError):
    """One post cannot be read; carries the Problem that says so, and further findings. Never leaves the build."""

    exit_code = ExitCode.POSTS_BROKEN

    def __init__(self, problem: Problem, *more: Problem) -> None:
        self.problem = problem
        self.problems = (problem, *more)
        FeedsError.__init__(self, str(problem))


class FailedPostsError(Exception):
    """Posts that cannot be converted or published, with the Problem of each. The run begins again without them."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self.problems = dict(problems)
        Exception.__init__(self, ", ".join(sorted(self.problems)))

    def __reduce__(self) -> tuple[type[FailedPostsError], tuple[dict[str, Problem]]]:
        return type(self), (self.problems,)


class RenderError(FeedsError):
    """A document does not say what the model says (the publish gate), or a format cannot write it."""

    def __init__(self, feed: str, format: str, what: str) -> None:
        self.feed, self.format = feed, format
        FeedsError.__init__(self, what, where=f"{feed or 'the site'} ({format})")


class PublishError(FeedsError):
    """The target could not take the generation; what was published before still stands."""

    def __init__(self, target: str, path: str, what: str, *, fix: str = "") -> None:
        self.target, self.path = target, path
        FeedsError.__init__(self, what, where=f"{target}/{path}" if path else target, fix=fix)


class RefusedError(FeedsError):
    """A guard held the publish back (too many posts gone, folder missing or empty); nothing changed."""

    exit_code = ExitCode.REFUSED


class AlreadyRunningError(FeedsError):
    """Another build holds the lock."""

    exit_code = ExitCode.ALREADY_RUNNING


class LedgerError(FeedsError):
    """The ledger is damaged, empty, or from a newer version; it is left as it is."""
