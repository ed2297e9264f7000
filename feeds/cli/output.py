"""Words for people, JSON for machines: in comes what a command found, out goes text on the terminal.

Silent where all is well and nobody watches; colour only on a terminal, and never where NO_COLOR is set.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO
from unicodedata import east_asian_width

from feeds import findings
from feeds.cli.language import is_english, translated
from feeds.cli.sentences import phrase, sentence
from feeds.errors import Problem, printable
from feeds.lazy_patterns import lazy_pattern
from feeds.model import rfc3339
from feeds.progress import watched_by
from feeds.publication import LeftOut

_COLOURS = {"error": "31;1", "warning": "33", "notice": "36", "good": "32", "bold": "1", "dim": "2"}
#: Where a colour begins and ends in a text: noncharacters, so that no escape sequence of an input is taken for ours.
_BEGIN, _END = "\ufdd0", "\ufdd1"
_COLOUR = lazy_pattern(rf"{_BEGIN}([a-z]+){_BEGIN}")
#: Controls that JSON may hold raw (RFC 8259 section 7) and a terminal would act on.
_RAW_IN_JSON = lazy_pattern("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
#: Version of what commands print with --json: moves if a member changes its meaning or goes.
VERSION = 1
_options = {"quiet": False, "verbose": False}
#: A warning or notice that so many files share is shown for the first of them, and the others are named below it.
_SHARED = 4
_NAMED = 3
_NAMED_WITH_ERRORS = 50


def coloured(stream: TextIO) -> bool:
    """Whether the stream is a terminal that wants colour (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: TextIO) -> str:
    """The text in a colour, if the stream shows colours; for `say` alone."""
    return f"{_BEGIN}{colour}{_BEGIN}{text}{_END}" if coloured(stream) else text


def say(text: str, stream: TextIO | None = None) -> None:
    """Lines for a person. Nothing in them makes a terminal do more than show them."""
    text = "\n".join(map(printable, text.split("\n")))
    text = _COLOUR.sub(lambda match: f"\033[{_COLOURS.get(match[1], '0')}m", text).replace(_END, "\033[0m")
    _print(text + "\n", stream or sys.stdout)


def _print(text: str, stream: TextIO, *, at_once: bool = False) -> None:
    """Print to a stream. Once nobody reads that any more (`feeds init | head`), words go nowhere, and the work goes on."""
    try:
        stream.write(text)
        if at_once:
            stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def finish() -> None:
    """Print what the streams still hold. Raises OSError if standard output takes no more, e.g. a file on a disk that is full."""
    try:
        _print("", sys.stderr, at_once=True)
    except OSError:
        _silence(sys.stderr)
    try:
        _print("", sys.stdout, at_once=True)
    except OSError:
        _silence(sys.stdout)
        raise


def say_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows of cells in columns, the first row as their headings; the last column, of numbers, ends at the right."""
    widths = [max(_columns(printable(cell)) for cell in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = [printable(cell) for cell in row]
        blanks = [" " * (width - _columns(cell)) for cell, width in zip(cells, widths, strict=True)]
        texts = [cell + blank for cell, blank in zip(cells[:-1], blanks, strict=False)]
        line = "  ".join([*texts, blanks[-1] + cells[-1]])
        say(line if number else paint(line, "bold", sys.stdout))


def _columns(text: str) -> int:
    """The columns that a text takes on a terminal: two for a wide character (UAX 11)."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def message(text: str, stream: TextIO | None = None) -> None:
    """Messages that are written in English where they are made, in the reader's language."""
    say(sentence(text), stream)


def note(text: str) -> None:
    """Messages that tell a person how it went; nothing with --quiet."""
    if not _options["quiet"]:
        message(text)


def set_option(name: str, *, on: bool) -> None:
    """What is printed from now on: "quiet" leaves out `note`, and findings that are not errors; "verbose" shows each finding."""
    _options[name] = on


def is_quiet() -> bool:
    """Whether only errors are shown."""
    return _options["quiet"]


def say_json(value: Any) -> None:
    """One JSON document."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    _print(_RAW_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n", sys.stdout)


def say_result(facts: Mapping[str, Any]) -> None:
    """What a command has to say to a machine, as feeds/cli/json_schema.json describes it."""
    say_json({"version": VERSION, **facts})


def is_watched() -> bool:
    """Whether a person watches standard error on a terminal that can erase a line, and wants more than plain lines there."""
    plain = os.environ.get("TERM") == "dumb" or os.environ.get("CI") or os.environ.get("NO_COLOR")
    return sys.stderr.isatty() and not plain


class _ProgressLine:
    """One line of the terminal: what a run is doing, how many are done, how many a second."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.phase = stream, ""
        self.started, self.total = 0.0, 0

    def begin(self, phase: str) -> None:
        """Say what is being done now."""
        self.phase, self.total = translated(phase), 0
        self._show(f"{self.phase} …")

    def count(self, done: int, total: int) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if total != self.total:
            self.started, self.total = now - _FIRST_REPORT_SECONDS, total
        rate = f"{done / (now - self.started):,.0f}"
        text = translated("{phase}: {done} of {total}, {rate} a second")
        self._show(text.format(phase=self.phase, done=f"{done:,}", total=f"{total:,}", rate=rate))

    def _show(self, text: str) -> None:
        # A line that is wrapped could not be erased; a Chinese character takes two columns.
        room = shutil.get_terminal_size().columns - 1
        while _columns(text) > room > 0:
            text = text[:-1]
        _print(f"\r\033[K{text}", self.stream, at_once=True)


#: Work has lasted this long when it is first said how far it is (`feeds.progress`).
_FIRST_REPORT_SECONDS = 0.1


@contextmanager
def progress(*, enabled: bool) -> Iterator[Callable[[str], None]]:
    """Tell what a long run is doing and how far it is, on one line of the terminal that is gone afterwards."""
    if not enabled:
        yield lambda _: None
        return
    line = _ProgressLine(sys.stderr)
    try:
        with watched_by(line.count):
            yield line.begin
    finally:
        _print("\r\033[K", line.stream, at_once=True)


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 post`, `2 posts`."""
    return translated("{count} " + (noun if number == 1 else nouns or f"{noun}s")).format(count=number)


def labelled(label: str, text: str) -> str:
    """`fix: write a date`, with the colon of the language."""
    return translated("{label}: {text}").format(label=label, text=text)


def problem_of(problem: Problem) -> dict[str, Any]:
    """A Problem for a machine."""
    return {name: value for name, value in asdict(problem).items() if value not in (None, "")}


def left_out_of(left_out: LeftOut) -> dict[str, Any]:
    """A left-out post for a machine."""
    result: dict[str, Any] = {"path": left_out.path, "reason": left_out.reason, "what": left_out.what}
    if left_out.until is not None:
        result["until"] = rfc3339(left_out.until)
    return result


def shown_path(posts: Path, path: str) -> str:
    """A post's path as an editor opens it: from the working folder if the post is below it, else absolute."""
    relative = os.path.relpath(posts / path)
    return os.path.abspath(posts / path) if relative.startswith("..") else relative  # noqa: PTH100


def say_problems(problems: Sequence[Problem], stream: TextIO, posts: Path, *, least: str = "notice") -> None:
    """Each Problem on a line of its own with its fix below, those of one file together.

    What many files share comes once with their names, and what is alike of the whole site with one fix, unless `verbose` is set.
    """
    least = "error" if _options["quiet"] else least
    wanted = ("error", "warning", "notice")[: ("error", "warning", "notice").index(least) + 1]
    shown = [problem for problem in problems if problem.severity in wanted]
    groups: dict[Problem, list[Problem]] = {}
    for problem in shown:
        groups.setdefault(_kind(problem), []).append(problem)
    for problem in shown:
        group = groups[_kind(problem)]
        if len(group) < _SHARED or _options["verbose"] or (problem.severity == "error" and not problem.path):
            _say_problem(problem, stream, posts)
        elif problem is group[0] and problem.path:
            _say_problem(problem, stream, posts)
            _say_others(group[1:], stream, posts)
        elif problem is group[0]:
            for one in group[:_NAMED]:
                _say_problem(replace(one, fix="") if one is not group[_NAMED - 1] else one, stream, posts)
            more = translated("and {count} more (--verbose shows each)").format(count=len(group) - _NAMED)
            say(f"    {more}", stream)


def _kind(problem: Problem) -> Problem:
    """The problem wherever it is; of the whole site, whatever it is about, e.g. which of the tags is written in two ways."""
    return replace(problem, path="", line=None) if problem.path else replace(problem, what="", expected="", field="*")


def _say_problem(problem: Problem, stream: TextIO, posts: Path) -> None:
    where = _place(problem, posts)
    head = f"{where}: " if where else ""
    field = f"{printable(problem.field)}: " if problem.field else ""
    mark = paint(translated(problem.severity), problem.severity, stream)
    what = phrase(problem.what)
    say(paint(head, "bold", stream) + labelled(mark, f"{field}{what}"), stream)
    if problem.expected:
        say("    " + translated("expected {text}").format(text=phrase(problem.expected)), stream)
    if problem.fix:
        say("    " + labelled(paint(translated("fix"), "good", stream), phrase(problem.fix)), stream)
    if not is_english() and what == problem.what and (described := findings.table().get(problem.code)) is not None:
        # A text that is not in the catalogue: what it is about is.
        say(f"    {paint(translated(described.meaning), 'dim', stream)}", stream)


def _say_others(problems: Sequence[Problem], stream: TextIO, posts: Path) -> None:
    """The files that share the problem just shown."""
    places = [_place(problem, posts) for problem in problems]
    # A post with an error is not published: nobody should have to look for its name.
    most = _NAMED_WITH_ERRORS if problems[0].severity == "error" else _NAMED
    named = translated(", ").join(places[:most])
    more = len(places) - most
    if more > 0:
        named = translated("{names} and {count} more (--verbose shows each)").format(names=named, count=more)
    say("    " + labelled(translated("the same"), named), stream)


def _place(problem: Problem, posts: Path) -> str:
    """Where a problem is, e.g. `posts/a.md:3`; "" if it belongs to no file."""
    where = printable(shown_path(posts, problem.path)) if problem.path else ""
    return where + (f":{problem.line}" if problem.line is not None else "")


def say_left_out(left_out: Sequence[LeftOut], stream: TextIO, posts: Path, *, told: Collection[str] = frozenset()) -> None:
    """The posts that are in no feed, with the reason of each; of many broken ones that were `told` only that."""
    if not left_out:
        return
    posts_out = counted(len(left_out), "post")
    say(translated("left out: {posts} ({reasons})").format(posts=posts_out, reasons=reasons_of(left_out)), stream)
    broken = {item.path for item in left_out if item.reason == "broken" and item.path in told}
    many = len(broken) >= _SHARED and not _options["verbose"]
    if many:
        say("    " + translated("{posts} with errors: see above").format(posts=counted(len(broken), "post")), stream)
    for item in left_out:
        if many and item.path in broken:
            continue
        say(f"    {printable(shown_path(posts, item.path))}: {phrase(printable(item.what))}", stream)


def reasons_of(left_out: Sequence[LeftOut]) -> str:
    """`2 broken, 1 draft`."""
    counts = Counter(element.reason for element in left_out)
    return translated(", ").join(f"{count} {translated(reason)}" for reason, count in sorted(counts.items()))


def say_commonest_error(problems: Sequence[Problem], stream: TextIO, posts: Path) -> None:
    """The error that most files have, and the files; nothing with --quiet."""
    groups: dict[Problem, list[Problem]] = {}
    for problem in problems:
        if problem.severity == "error":
            groups.setdefault(_kind(problem), []).append(problem)
    if groups and not _options["quiet"]:
        group = max(groups.values(), key=len)
        _say_problem(group[0], stream, posts)
        if len(group) > 1:
            _say_others(group[1:], stream, posts)


def summary(problems: Sequence[Problem]) -> str:
    """`1 error, 2 warnings`; empty where there is nothing."""
    counts = Counter(problem.severity for problem in problems)
    return translated(", ").join(counted(counts[name], name) for name in ("error", "warning", "notice") if counts[name])


def tell_check(checked: Any, posts: Path) -> None:
    """What is wrong with posts, and which are left out."""
    say_problems(checked.problems, sys.stdout, posts)
    if _options["quiet"]:
        return
    say_left_out(checked.left_out, sys.stdout, posts, told={problem.path for problem in checked.problems})
    text = translated("{posts} would be published; {findings}")
    say(
        text.format(
            posts=counted(checked.published, "post"), findings=summary(checked.problems) or translated("nothing is wrong")
        )
    )
