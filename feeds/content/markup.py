"""HTML as its author wrote it -> HTML in which every tag is whole: what is done before any parser sees it.

In comes untrusted HTML, out goes the same without comments, scripts and styles, with each "<" that begins no tag as text,
and with the numbers by which bounds are held. An opening tag that would swallow what stands behind it, because nobody
closes it, is text (`List<Object> x`). Tags are read as HTML section 13.2.5 has it, in linear time. Nothing is made safe.
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from typing import NamedTuple

from feeds.content.bounds import BoundError
from feeds.html_tags import ATTRIBUTE, BLANK, NAMES, TAG
from feeds.lazy_patterns import lazy_pattern

_COMMENT_END = lazy_pattern(r"--!?>")
_MATH_SCRIPT = lazy_pattern(r"type\s*=\s*[\"']?math/(tex|asciimath)(?:\s*;\s*mode\s*=\s*(display))?", re.IGNORECASE)
_SOURCE = lazy_pattern(r"(?<![\w-])src\s*=", re.IGNORECASE)
#: Elements whose inside is text up to their closing tag, whatever stands in it.
_RAW = {
    name: lazy_pattern(rf"</{name}(?={BLANK}|[/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}
#: Elements that are dropped with their inside, if they have an end.
_TREES = frozenset({"object", "select", "template", "noscript", "applet", "svg", "math", "datalist", "portal"})
#: Elements that go on until they are closed and are formed anew in each paragraph (HTML section 13.2.4.3).
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
#: Names of which nothing has to be remembered.
_PLAIN = NAMES - _RAW.keys() - _TREES - _FORMATTING - {"plaintext"}
_ATTRIBUTES_BOUND = 200
#: A tag whose name, or which as a whole, cannot be read is text; so often it is tried before every other "<" is text too.
_FAILURES = 50
#: Tags and references that the slowest parser reads in a few seconds.
MARKS = 200_000


class Prepared(NamedTuple):
    """HTML of whole tags. `dropped` counts the elements that are gone with their text, by name.

    `rebuilt` bounds how many elements a parser makes that nobody wrote, since formatting goes on behind a block's end.
    """

    text: str
    dropped: Counter[str]
    rebuilt: int


class _Reader:
    """Reads tag after tag; what stays as it is is copied in one piece, from `copied` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.copied = 0
        self.dropped: Counter[str] = Counter()
        self.rebuilt = self.failures = 0
        self.last_end = text.rfind(">")
        #: Raw elements that have no closing tag behind the place that was looked at last.
        self.endless: set[str] = set()
        #: Open tags by name, as places in `out`: of dropped elements, and of names that HTML does not know.
        self.open: dict[str, list[int]] = {}
        self.formatting: Counter[str] = Counter()

    def run(self) -> Prepared:
        text, at, match = self.text, 0, TAG.match
        while (begin := text.find("<", at)) >= 0:
            following = text[begin + 1 : begin + 2]
            if not following.isalpha() and following != "/":
                at = self.no_tag(begin, following)
                continue
            result = match(text, begin) if begin < self.last_end and self.failures < _FAILURES else None
            if result is None:
                self.failures += 1
                at = self.no_tag(begin, following)
            elif result[2] in _PLAIN and len(result[0]) < 400:
                at = result.end()
                if self.formatting and not result[1]:
                    self.rebuilt += self.formatting.total()
            elif len(result[0]) > 400 and _too_many_attributes(result[3]):
                at = self.no_tag(begin, "a")
            else:
                at = self.closing(result) if result[1] else self.opening(result)
        self.out.append(text[self.copied :])
        for places in self.open.values():
            for place in places:
                self.out[place] = entities.escape(self.out[place], quote=False)
        return Prepared("".join(self.out), self.dropped, self.rebuilt)

    def replace(self, begin: int, end: int, text: str) -> int:
        """Write `text` where the source has what is from `begin` to `end`; gives the end."""
        self.out += (self.text[self.copied : begin], text)
        self.copied = end
        return end

    def no_tag(self, begin: int, following: str) -> int:
        """A "<" that begins a comment, which goes, or none of HTML's constructs: then it is text."""
        text = self.text
        if following in ("!", "?") or (following == "/" and not text[begin + 2 : begin + 3].isalpha()):
            if not text.startswith("<!--", begin):
                end = text.find(">", begin)
                return self.replace(begin, len(text) if end < 0 else end + 1, "")
            short = next((short for short in ("<!-->", "<!--->") if text.startswith(short, begin)), None)
            if short is not None:
                return self.replace(begin, begin + len(short), "")
            match = _COMMENT_END.search(text, begin + 4)
            return self.replace(begin, match.end() if match else len(text), "")
        return self.replace(begin, begin + 1, "&lt;")

    def opening(self, match: re.Match[str]) -> int:
        name, end = match[2].lower(), match.end()
        if name == "plaintext":
            # It has no end: a browser shows everything behind it as text.
            return self.replace(match.start(), end, "&lt;" + match[0][1:])
        if name in _RAW:
            return self.raw(match, name)
        if name in _FORMATTING:
            self.formatting[name] += 1
        elif self.formatting:
            self.rebuilt += self.formatting.total()
        if name in _TREES:
            remembered = not (match[4] and name in ("svg", "math"))
        else:
            remembered = name not in NAMES and not match[3].strip() and not match[4]
        if remembered:
            self.replace(match.start(), end, match[0])
            self.open.setdefault(name, []).append(len(self.out) - 1)
        return end

    def closing(self, match: re.Match[str]) -> int:
        name = match[2].lower()
        places = self.open.get(name)
        if places and name in _TREES:
            places.pop()
        elif places:
            # One end for many: nobody writes it behind prose.
            places.clear()
        if self.formatting.get(name):
            self.formatting[name] -= 1
            if not self.formatting[name]:
                del self.formatting[name]
        return match.end()

    def raw(self, match: re.Match[str], name: str) -> int:
        """An element whose inside is text: formulas stay as TeX, frames as their tag, everything else goes."""
        end = None
        if name not in self.endless:
            end = _RAW[name].search(self.text, match.end())
        behind = -1 if end is None else self.text.find(">", end.end())
        if end is None or behind < 0:
            self.endless.add(name)
            if name == "iframe" and _SOURCE.search(match[3]):
                return self.replace(match.start(), match.end(), match[0] + "</iframe>")
            return self.replace(match.start(), match.end(), "&lt;" + match[0][1:])
        inside, kept = self.text[match.end() : end.start()], ""
        if name == "iframe":
            kept = match[0] + "</iframe>"
        elif name == "script" and (formula := _MATH_SCRIPT.search(match[3])):
            kept = f'<span class="MathJax_TeX">{entities.escape(_delimited(inside, formula), quote=False)}</span>'
        elif name == "script" and _SOURCE.search(match[3]):
            kept = match[0] + "</script>"
        else:
            self.dropped[name] += name != "title"
        return self.replace(match.start(), behind + 1, kept)


def _delimited(formula: str, kind: re.Match[str]) -> str:
    formula = formula.strip().removeprefix("% <![CDATA[").removesuffix("% ]]>").strip()
    if kind[1].lower() == "asciimath":
        return f"`{formula}`"
    return f"\\[{formula}\\]" if kind[2] else f"\\({formula}\\)"


def _too_many_attributes(text: str) -> bool:
    return sum(1 for _ in ATTRIBUTE.finditer(text)) > _ATTRIBUTES_BOUND


def prepared(text: str) -> Prepared:
    """HTML without comments and scripts, of whole tags. Raises BoundError where it has too many of them."""
    if text.count("<") > MARKS or text.count("&") > MARKS:
        raise BoundError(f"it has more than {MARKS} tags or references")
    return _Reader(text).run()
