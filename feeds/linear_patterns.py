"""Patterns of the site's own settings and front matter, matched in time linear in the text whatever they are.

In comes a regular expression as Python's `re` parses it, out goes whether a text holds it. Go's engine, for which some of them
are written, is linear, too (pkg.go.dev/regexp); `re` goes back, and takes minutes for `(a+)+$`. All places that a match may have
reached are kept at once (K. Thompson, "Regular Expression Search Algorithm", 1968). Groups are not remembered.
RE2's own binding (google-re2) has no wheels for musl, so that the package could not be installed on Alpine.
"""

from __future__ import annotations

import re
import re._constants as constants  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from functools import lru_cache
from typing import Any, NamedTuple

#: States that a pattern may have: `(a{99}){99}` has ten thousand.
_MOST_STATES = 5_000
#: With no more repetitions than these, `re` itself is fast enough on a path.
_FEW_REPETITIONS = 2
_CHARACTERS = (constants.LITERAL, constants.NOT_LITERAL, constants.ANY, constants.IN)
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT)


class _State(NamedTuple):
    """One step: `kind` is "item" (takes a character that `item` matches), "split" (goes on at each of `targets`), "at" (an
    anchor), or "end"."""

    kind: str
    item: Any
    targets: tuple[int, ...]


class LinearPattern:
    """A regular expression whose search takes time in proportion to the text's length and the pattern's.

    Raises ValueError for one that is not valid, has too many states, or holds what no automaton has (groups named again,
    looks ahead and behind, flags of a group).
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        try:
            tree = parser.parse(pattern, flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(str(error)) from None
        self._flags = tree.state.flags & (re.IGNORECASE | re.DOTALL | re.MULTILINE | re.ASCII)
        self._states: list[_State] = []
        self._re = re.compile(pattern, flags) if _repetitions(tree) <= _FEW_REPETITIONS and not _nests(tree) else None
        self._start = -1 if self._re is not None else self._sequence(list(tree), self._add(_State("end", None, ())))

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        return self._re.search(text) is not None if self._re is not None else self._run(text, anywhere=True)

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern matches all of the text."""
        return self._re.fullmatch(text) is not None if self._re is not None else self._run(text, anywhere=False)

    def _add(self, state: _State) -> int:
        if len(self._states) >= _MOST_STATES:
            raise ValueError("the pattern is too long")
        self._states.append(state)
        return len(self._states) - 1

    def _sequence(self, items: list[Any], following: int) -> int:
        for operator, argument in reversed(items):
            following = self._step(operator, argument, following)
        return following

    def _step(self, operator: Any, argument: Any, following: int) -> int:
        if operator in _CHARACTERS:
            return self._add(_State("item", _character(operator, argument, self._flags), (following,)))
        if operator is constants.SUBPATTERN and not (argument[1] or argument[2]):
            return self._sequence(list(argument[3]), following)
        if operator is constants.BRANCH:
            return self._add(_State("split", None, tuple(self._sequence(list(branch), following) for branch in argument[1])))
        if operator is constants.AT:
            return self._add(_State("at", _anchor(argument, self._flags), (following,)))
        if operator in _REPEATS:
            return self._repeat(argument[0], argument[1], list(argument[2]), following)
        raise ValueError(f"{str(operator).lower()} is not read in a pattern")

    def _repeat(self, least: int, most: int, items: list[Any], following: int) -> int:
        if most is constants.MAXREPEAT:
            loop = self._add(_State("split", None, ()))
            self._states[loop] = _State("split", None, (self._sequence(items, loop), following))
            following = loop
        else:
            end = following
            for _ in range(min(most - least, _MOST_STATES)):
                following = self._add(_State("split", None, (self._sequence(items, following), end)))
        for _ in range(min(least, _MOST_STATES)):
            following = self._sequence(items, following)
        return following

    def _run(self, text: str, *, anywhere: bool) -> bool:
        active = self._reached([self._start], text, 0)
        for at, character in enumerate(text):
            if anywhere and 0 in active:
                return True
            following = [
                self._states[number].targets[0]
                for number in active
                if self._states[number].kind == "item" and self._states[number].item.match(character)
            ]
            active = self._reached([*following, self._start] if anywhere else following, text, at + 1)
        return 0 in active

    def _reached(self, waiting: list[int], text: str, at: int) -> dict[int, None]:
        """The states that can be reached without a character more, each once. State 0 is the end of a match."""
        reached: dict[int, None] = {}
        while waiting:
            number = waiting.pop()
            if number in reached:
                continue
            reached[number] = None
            state = self._states[number]
            if state.kind == "split" or (state.kind == "at" and state.item.match(text, at)):
                waiting.extend(state.targets)
        return reached


def _character(operator: Any, argument: Any, flags: int) -> re.Pattern[str]:
    """A pattern for one character, as `re` reads it."""
    if operator is constants.ANY:
        return re.compile(".", flags)
    if operator is constants.LITERAL:
        return re.compile(re.escape(chr(argument)), flags)
    if operator is constants.NOT_LITERAL:
        return re.compile(f"[^{re.escape(chr(argument))}]", flags)
    return re.compile(_set(argument), flags)


#: Classes of characters as they are written.
_CLASSES = {
    constants.CATEGORY_DIGIT: r"\d", constants.CATEGORY_NOT_DIGIT: r"\D", constants.CATEGORY_SPACE: r"\s",
    constants.CATEGORY_NOT_SPACE: r"\S", constants.CATEGORY_WORD: r"\w", constants.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_ANCHORS = {
    constants.AT_BEGINNING: "^", constants.AT_BEGINNING_STRING: r"\A", constants.AT_END: "$", constants.AT_END_STRING: r"\Z",
    constants.AT_BOUNDARY: r"\b", constants.AT_NON_BOUNDARY: r"\B",
}  # fmt: skip


def _set(parts: list[Any]) -> str:
    written = ""
    for operator, argument in parts:
        if operator is constants.NEGATE:
            written += "^"
        elif operator is constants.LITERAL:
            written += re.escape(chr(argument))
        elif operator is constants.RANGE:
            written += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        else:
            written += _CLASSES[argument]
    return f"[{written}]"


def _anchor(argument: Any, flags: int) -> re.Pattern[str]:
    return re.compile(_ANCHORS[argument], flags)


def _repetitions(tree: Any) -> int:
    """How many parts of a pattern may be there more or less often, at whatever depth."""
    return sum(
        (operator in _REPEATS and argument[0] != argument[1]) + sum(map(_repetitions, _inner(argument)))
        for operator, argument in tree
    )


def _nests(tree: Any) -> bool:
    """Whether what is repeated is more than one character: `(a+)+`, `(a|a)*`."""
    return any(
        (operator in _REPEATS and argument[1] > 1 and (len(argument[2]) != 1 or argument[2][0][0] not in _CHARACTERS))
        or any(map(_nests, _inner(argument)))
        for operator, argument in tree
    )


def _inner(argument: Any) -> list[Any]:
    """The patterns within an argument of the parser's tree."""
    if isinstance(argument, parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [pattern for part in argument for pattern in _inner(part)]
    return []


@lru_cache(512)
def linear_pattern(pattern: str, flags: int = 0) -> LinearPattern:
    """The pattern, read once. Raises ValueError."""
    return LinearPattern(pattern, flags)
