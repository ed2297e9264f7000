"""What can go wrong, as values: in come the parts of a finding, out goes one sentence for a person.

A `Problem` is one finding about one source file and never stops a build; a `FeedsError` does.
Nothing here prints, logs or knows a terminal. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status means; the same for every command."""

    DONE = 0
    POSTS_BROKEN = 1
    WRONG_SETTINGS = 2
    REFUSED = 3
    ALREADY_RUNNING = 4
    MACHINE_REFUSED = 5


def sentence(
    what: str,
    *,
    where: str = "",
    expected: str = "",
    mend: str = "",
) -> str:
    """Join the parts of a finding: what is wrong, where, what was expected, the mend."""
    text = f"{where}: {what}" if where else what
    if expected:
        text += f"; expected {expected}"
    if mend:
        text += f" ({mend})"
    return text


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
    mend: str = ""

    def __str__(self) -> str:
        where = self.path
        if self.line is not None:
            where += f":{self.line}"
        if self.field:
            where = f"{where}: {self.field}" if where else self.field
        return sentence(self.what, where=where, expected=self.expected, mend=self.mend)


def fault(path: str, error: Exception, severity: str = "error") -> Problem:
    """A fault of this program that one post brought out."""
    return Problem(
        "internal", severity, path, f"a fault of this program: {type(error).__name__}: {error!s:.200}",
        mend="report it with the post; until it is mended, take out what is unusual in the post",
    )  # fmt: skip


class FeedsError(Exception):
    """Anything that ends a command; `exit_code` says how."""

    exit_code: ExitCode = ExitCode.MACHINE_REFUSED

    def __init__(self, what: str, *, where: str = "", expected: str = "", mend: str = "") -> None:
        self.what, self.where, self.expected, self.mend = what, where, expected, mend
        super().__init__(sentence(what, where=where, expected=expected, mend=mend))


class SettingsError(FeedsError):
    """Wrong settings or arguments: every mistake at once, each with its dotted path."""

    exit_code = ExitCode.WRONG_SETTINGS

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        FeedsError.__init__(self, "\n".join(mistakes))


class PostError(FeedsError):
    """One post cannot be read; carries the Problem that says so, and further findings. Never leaves the build."""

    exit_code = ExitCode.POSTS_BROKEN

    def __init__(self, problem: Problem, *more: Problem) -> None:
        self.problem = problem
        self.problems = (problem, *more)
        FeedsError.__init__(self, str(problem))


class RenderError(FeedsError):
    """A document does not say what the model says (the publish gate), or a format cannot write it."""

    def __init__(self, feed: str, format: str, what: str) -> None:
        self.feed, self.format = feed, format
        FeedsError.__init__(self, what, where=f"{feed or 'the site'} ({format})")


class PublishError(FeedsError):
    """The target could not take the generation; what was published before still stands."""

    def __init__(self, target: str, path: str, what: str, *, mend: str = "") -> None:
        self.target, self.path = target, path
        FeedsError.__init__(self, what, where=f"{target}/{path}" if path else target, mend=mend)


class RefusedError(FeedsError):
    """A guard held the publish back (too many posts gone, folder missing or empty); nothing changed."""

    exit_code = ExitCode.REFUSED


class AlreadyRunningError(FeedsError):
    """Another build holds the lock."""

    exit_code = ExitCode.ALREADY_RUNNING


class LedgerError(FeedsError):
    """The ledger is damaged, empty, or from a newer version; it is left as it is."""
