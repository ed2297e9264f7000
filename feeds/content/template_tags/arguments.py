"""The arguments of a template tag: in comes what its author wrote, out come words and named values."""

from __future__ import annotations

import re

from feeds.lazy_patterns import lazy_pattern

_WORD = lazy_pattern(
    r"""(?:([\w.:-]{1,80})\s{0,3}=\s{0,3})?(?:"((?:[^"\\]|\\.){0,4000})"|`([^`]{0,4000})`|'((?:[^'\\]|\\.){0,4000})')(?=[\s,]|\Z)|(\S{1,4000})""",
    re.DOTALL,
)
_NAMED = lazy_pattern(r"([\w.-]{1,80})=(.+)\Z", re.DOTALL)


class Arguments:
    """Words in their order without their quotes, and named values: `a "b c" key="value"`."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.words: list[str] = []
        self.named: dict[str, str] = {}
        for match in _WORD.finditer(written):
            quoted = next((match[group] for group in (2, 3, 4) if match[group] is not None), None)
            if quoted is not None and match[3] is None:
                quoted = re.sub(r"\\([\"'\\])", r"\1", quoted)
            if quoted is not None:
                if match[1]:
                    self.named.setdefault(match[1], quoted)
                else:
                    self.words.append(quoted)
                continue
            if match[5] == ",":
                continue
            named = _NAMED.match(match[5])
            if named and not match[5].startswith(("http://", "https://", "/", "?")):
                self.named.setdefault(named[1], named[2].strip("\"'"))
            else:
                self.words.append(match[5])

    def word(self, place: int, default: str = "") -> str:
        """The word at a place, from 0."""
        return self.words[place] if place < len(self.words) else default

    def any(self, *names: str) -> str:
        """The first named value that is there, "" if none is."""
        return next((self.named[name] for name in names if self.named.get(name)), "")

    @property
    def pieces(self) -> list[str]:
        """The parts between commas, as many tags of Hexo's themes have them."""
        return [piece.strip() for piece in self.written.split(",")]


def calls(arguments: str) -> Arguments:
    """The arguments of a call, as Zola writes them: `id="x", wide=true`."""
    return Arguments(re.sub(r",\s*(?=[\w-]{1,60}\s{0,3}=)", " ", arguments))
