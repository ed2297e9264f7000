"""`feeds check --fix`: in come the findings, out go a diff for the person who asked, and corrected files if that person agrees.

What is corrected is decided in feeds.posts.fixes. A file that was changed meanwhile is left as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from feeds.build.publication import Built
from feeds.cli import output, report
from feeds.cli.sentences import sentence
from feeds.errors import ExitCode, PostError, Problem
from feeds.posts.read import HIDES
from feeds.posts.reader import PostReader
from feeds.preview.check import Checked
from feeds.settings import Settings


class Fix(NamedTuple):
    """A file before and after."""

    before: bytes
    after: bytes


def propose(built: Built, checked: Checked) -> dict[str, Fix]:
    """The corrected files, by path below the posts folder."""
    from feeds.posts import fixes

    reader = built.collected.reader
    results: dict[str, list[Problem]] = {}
    for problem in checked.problems:
        if problem.path and problem.code in fixes.FIXED:
            results.setdefault(problem.path, []).append(problem)
    proposed: dict[str, Fix] = {}
    for path, problems in sorted(results.items()):

        def reread(raw: bytes, path: str = path) -> Sequence[Problem]:
            try:
                return reader.header(path, raw).problems
            except PostError as error:
                return error.problems

        try:
            before = reader.source(path)
        except PostError:
            continue
        after = fixes.fixed(before, problems, reread)
        if after != before and not _would_show(reader, path, before, after):
            proposed[path] = Fix(before, after)
    return proposed


def _would_show(reader: PostReader, path: str, before: bytes, after: bytes) -> bool:
    """Whether a correction would publish what a line of broken front matter hides: that line is for its author to correct."""
    try:
        reader.header(path, before)
    except PostError as error:
        if not any(problem.code == HIDES for problem in error.problems):
            return False
    else:
        return False
    try:
        return reader.header(path, after).status == "out"
    except PostError:
        return False


def apply(settings: Settings, proposed: Mapping[str, Fix], *, sure: bool) -> int:
    """Show the differences, and write the files if the person agrees."""
    for path, fix in proposed.items():
        report.say_diff(path, fix.before, fix.after, sys.stdout)
    if not proposed:
        output.message("nothing can be corrected by rule")
        return ExitCode.DONE
    counted = output.counted(len(proposed), "file")
    if not sure and not report.agreed(sentence(f"correct {counted}?")):
        output.message(f"{counted} would be corrected; nothing was written (--yes writes without asking)")
        return ExitCode.DONE
    for path, fix in proposed.items():
        file = settings.posts / path
        if file.is_symlink() or file.read_bytes() != fix.before:
            output.message(f"{path} has changed meanwhile: left as it is", sys.stderr)
            continue
        fresh = file.with_name(f".{file.name}.feeds-fix")
        try:
            fresh.write_bytes(fix.after)
            fresh.chmod(file.stat().st_mode & 0o7777)
            os.replace(fresh, file)  # noqa: PTH105
        finally:
            fresh.unlink(missing_ok=True)
    output.message(f"{counted} corrected")
    return ExitCode.DONE
