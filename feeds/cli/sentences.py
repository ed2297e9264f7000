"""Messages of packages that know no language: in come finished English texts, out go those of the reader.

A message is made where its cause is known, with its values in it. The catalogue has it as a template ("{0} is not a number",
collected from the sources by `feeds.cli.catalogue`); here the template is found again, and the translation is filled
with the same values. What no template fits stays English.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from feeds.cli.language import current, is_english, known_texts, translated
from feeds.lazy_patterns import lazy_pattern

#: A place of a template in the catalogue.
PLACE = lazy_pattern(r"\{(\d)\}")
_EXPECTED = "; expected "
#: A template that begins with a value and has fewer letters of its own must not have English sentences at its places.
_SAYS_ENOUGH = 16
_PROSE = lazy_pattern(r"\b[a-z]+ [a-z]{2,}\b|: |:$")
#: A list of words of which one is expected, e.g. `"rss", "atom" or "json"`.
_CHOICE = lazy_pattern(r'("[^"]*"(?:, "[^"]*")*) or ("[^"]*")')
#: Templates in which a single word is one of the author's files, e.g. the key "draft", which is another word elsewhere.
_LITERAL = lazy_pattern(r"write \{0\}|\{0\} is not a key that is read|\{0\}; the post stays out\Z")
_WORD = lazy_pattern(r"[\w-]+")
#: A longer text is not a message of ours.
_LONGEST = 4000


class _Template(NamedTuple):
    """A template cut at its places: the parts around them, and the number of each place."""

    text: str
    parts: tuple[str, ...]
    numbers: tuple[int, ...]


@lru_cache
def _templates(folder: str) -> list[_Template]:
    """The templates of a catalogue, those with the most text first."""
    result = []
    for text in known_texts(folder):
        pieces = PLACE.split(text)
        if len(pieces) > 1:
            result.append(_Template(text, tuple(pieces[::2]), tuple(map(int, pieces[1::2]))))
    return sorted(result, key=lambda template: (-sum(map(len, template.parts)), template.text))


def phrase(text: str) -> str:
    """One part of a message in the reader's language, or as it is."""
    return _known(text) or text


def _known(text: str, depth: int = 0) -> str | None:
    if is_english() or not text or len(text) > _LONGEST:
        return None
    whole = translated(text)
    if whole != text:
        return whole
    if choice := _CHOICE.fullmatch(text):
        return translated("{words} or {last}").format(words=choice[1], last=choice[2])
    for template in _templates(current()):
        values = _values(template, text)
        if values is None:
            continue
        is_literal = _LITERAL.match(template.text) is not None
        known = {
            number: value if depth >= 2 or (is_literal and _WORD.fullmatch(value)) else _known(value, depth + 1) or value
            for number, value in values.items()
        }
        vague = not template.parts[0] and sum(map(len, template.parts)) < _SAYS_ENOUGH
        if vague and any(_PROSE.search(value) for value in known.values()):
            # "{0} is not {1}" fits much that it was not made for.
            continue
        return PLACE.sub(lambda match: known[int(match[1])], translated(template.text))  # noqa: B023  used at once
    return None


def _values(template: _Template, text: str) -> dict[int, str] | None:
    """What stands at the places of a template; None if the text is not made from it."""
    first, *between, last = template.parts
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return None
    at, end = len(first), len(text) - len(last)
    values = {}
    for number, part in zip(template.numbers, between, strict=False):
        following = text.find(part, at, end)
        if following < 0:
            return None
        values[number] = text[at:following]
        at = following + len(part)
    values[template.numbers[-1]] = text[at:end]
    return values


def sentence(text: str) -> str:
    """Whole messages, a line each, as `feeds.errors.sentence` joins them: where, what, what was expected, the fix."""
    return text if is_english() else "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    at = 0
    while bare:
        parts = _parts(bare[at:])
        if parts is not None:
            return indent + bare[:at] + parts
        following = bare.find(": ", at)
        if following < 0:
            return line
        at = following + 2
    return line


def _parts(text: str) -> str | None:
    """What, what was expected and the fix; None where the first is not known."""
    at = text.find(" (") if text.endswith(")") else -1
    while at >= 0:
        fix = _known(text[at + 2 : -1])
        if fix is not None:
            before = _expected(text[:at])
            if before is not None:
                return translated("{text} ({fix})").format(text=before, fix=fix)
        at = text.find(" (", at + 1)
    return _expected(text)


def _expected(text: str) -> str | None:
    what, separator, expected = text.partition(_EXPECTED)
    result = _known(what) if separator else None
    if result is None:
        return _known(text)
    return translated("{text}; expected {expected}").format(text=result, expected=phrase(expected))
