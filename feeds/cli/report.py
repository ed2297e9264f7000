"""Findings in the forms that other programs read: JSON of ours, GitHub's workflow commands, SARIF; and fixes with their diff.

In comes what `feeds check` found, out goes text. docs/findings.md describes each form.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from feeds import __version__, findings
from feeds.cli import output
from feeds.errors import Problem, printable
from feeds.preview.check import Checked

FORMATS = ("text", "json", "github", "sarif")
_GITHUB = {"error": "error", "warning": "warning", "notice": "notice"}
_SARIF = {"error": "error", "warning": "warning", "notice": "note"}


def file_of(problem: Problem, posts: Path) -> str:
    """The file of a finding as a path from the working folder, "" for the site."""
    if not problem.path:
        return ""
    return os.path.relpath(posts / problem.path)


def tell(checked: Checked, posts: Path, form: str) -> None:
    """Print what was found in one of FORMATS."""
    if form == "json":
        output.say_result(as_json(checked, posts))
    elif form == "sarif":
        output.say_json(as_sarif(checked.problems, posts))
    elif form == "github":
        for problem in checked.problems:
            output.say(as_github(problem, posts))
    else:
        output.tell_check(checked, posts)


def as_json(checked: Checked, posts: Path) -> dict[str, Any]:
    """The JSON of `feeds check --json`."""
    return {
        "published": checked.published,
        "problems": [problem_of(problem, posts) for problem in checked.problems],
        "left_out": [output.left_out_of(item) for item in checked.left_out],
    }


def problem_of(problem: Problem, posts: Path) -> dict[str, Any]:
    """A Problem for a machine, with its file as a path from the working folder."""
    result = output.problem_of(problem)
    return {**result, "file": file_of(problem, posts)} if problem.path else result


def as_github(problem: Problem, posts: Path) -> str:
    """A workflow command (docs.github.com, "Workflow commands for GitHub Actions")."""
    place = [f"file={_property(file_of(problem, posts))}"] if problem.path else []
    if problem.path and problem.line is not None:
        place.append(f"line={problem.line}")
    place.append(f"title={_property(problem.code)}")
    return f"::{_GITHUB[problem.severity]} {','.join(place)}::{_data(_sentence(problem))}"


def _sentence(problem: Problem) -> str:
    field = f"{problem.field}: " if problem.field else ""
    expected = f"; expected {problem.expected}" if problem.expected else ""
    fix = f" ({problem.fix})" if problem.fix else ""
    return printable(f"{field}{problem.what}{expected}{fix}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")


def as_sarif(problems: Sequence[Problem], posts: Path) -> dict[str, Any]:
    """A log of one run (SARIF 2.1.0 sections 3.13, 3.14, 3.27)."""
    codes = sorted({problem.code for problem in problems})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "feeds", "version": __version__, "rules": [_rule(code) for code in codes]}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, posts, codes.index(problem.code)) for problem in problems],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    finding = findings.table().get(code)
    rule: dict[str, Any] = {"id": code}
    if finding is not None:
        rule |= {
            "shortDescription": {"text": finding.meaning},
            "help": {"text": finding.fix},
            "defaultConfiguration": {"level": _SARIF[finding.severity]},
        }
    return rule


def _result(problem: Problem, posts: Path, rule: int) -> dict[str, Any]:
    from feeds.urls import encode_path

    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": _SARIF[problem.severity],
        "message": {"text": _sentence(problem)},
    }
    if problem.path:
        uri = encode_path(Path(file_of(problem, posts)).as_posix())
        place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
        if problem.line is not None:
            place["region"] = {"startLine": problem.line}
        result["locations"] = [{"physicalLocation": place}]
    return result


def say_diff(name: str, before: bytes, after: bytes, stream: TextIO) -> None:
    """The difference of a file's text, as `diff -u` shows it."""
    old, new = (text.decode("utf-8", "replace").splitlines() for text in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm=""):
        colour = "good" if line.startswith("+") else "error" if line.startswith("-") else "dim"
        output.say(output.paint(printable(line), colour, stream), stream)


def agreed(question: str) -> bool:
    """Whether the person at the terminal says yes; no if there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    output.say(f"{question} [y/N] ", sys.stderr)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
