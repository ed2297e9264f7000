"""Chinese in another script: in come text and HTML, out go the same in simplified or traditional characters, by OpenCC.

Only text is converted: no code, no attribute, no address, nothing that says it is in another language. OpenCC is imported
here alone, when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from feeds.lazy_patterns import lazy_pattern

#: What a feed can be converted to, by its language tag (BCP 47) in lower case, and OpenCC's name of its script.
TARGETS = {"zh-hans": "s", "zh-cn": "s", "zh-sg": "s", "zh-hant": "t", "zh-tw": "tw", "zh-hk": "hk", "zh-mo": "hk"}
_REGIONS = {"tw": "tw", "hk": "hk", "mo": "hk"}
_CHINESE = frozenset({"zh", "cmn"})
#: OpenCC's configurations, one after the other, by the scripts that they lead from and to; "p": also the region's words.
_STEPS = {
    ("s", "t"): ("s2t",), ("s", "tw"): ("s2twp",), ("s", "hk"): ("s2hk",),
    ("t", "s"): ("t2s",), ("tw", "s"): ("tw2sp",), ("hk", "s"): ("hk2s",),
    ("t", "tw"): ("t2tw",), ("t", "hk"): ("t2hk",), ("tw", "t"): ("tw2t",), ("hk", "t"): ("hk2t",),
    ("tw", "hk"): ("tw2t", "t2hk"), ("hk", "tw"): ("hk2t", "t2tw"),
}  # fmt: skip
#: A tag as the cleaner writes it (quoted attributes may hold ">"), with its name; or the text between two.
_PIECES = lazy_pattern(r"<(/?)([A-Za-z][^\s/<>\"']*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>|[^<]++|<")
_LANG = lazy_pattern(r"""\slang\s*=\s*["']?([A-Za-z0-9-]{1,40})""")
_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
#: Elements whose text is not prose.
_LITERAL = frozenset({"code", "pre", "kbd", "samp", "var", "tt", "math", "svg", "script", "style", "textarea", "audio", "video"})


def script_of(language: str | None) -> str | None:
    """OpenCC's name of the script that a language tag implies: "s", "t", "tw", "hk"; None for other languages."""
    parts = (language or "").casefold().split("-")
    if parts[0] not in _CHINESE:
        return None
    for part in parts[1:]:
        if part in _REGIONS:
            return _REGIONS[part]
    return "t" if "hant" in parts else "s"


def convert(text: str, source: str | None, target: str) -> str:
    """Plain text in a script as a target of TARGETS has it. `source` is as `script_of` gives it; None stays as it is."""
    steps = _STEPS.get((source or "", TARGETS[target.casefold()]), ())
    for step in steps:
        text = _converter(step).convert(text)
    return text


def convert_html(html: str, source: str | None, target: str) -> str:
    """Cleaned HTML with its prose converted; tags, attributes and literal text are as they were."""
    if (source or "", TARGETS[target.casefold()]) not in _STEPS:
        return html
    return "".join(_converted(html, source or "", target))


def _converted(html: str, source: str, target: str) -> Iterator[str]:
    #: Open elements that change what their text is, with what it was before them.
    open_elements: list[tuple[str, str | None]] = []
    depth: dict[str, int] = {}
    script: str | None = source
    for match in _PIECES.finditer(html):
        piece, name = match[0], (match[2] or "").casefold()
        if not name:
            text = convert(piece, script, target)
            # No dictionary may make markup of text.
            yield text if text.count("<") == piece.count("<") and text.count("&") == piece.count("&") else piece
            continue
        yield piece
        if name in _VOID or match[3].endswith("/"):
            continue
        if not match[1]:
            language = _LANG.search(match[3])
            if name in _LITERAL or language is not None:
                open_elements.append((name, script))
                depth[name] = 0
                script = None if name in _LITERAL or script is None else script_of(language[1] if language else None)
            elif open_elements and name == open_elements[-1][0]:
                depth[name] += 1
        elif open_elements and name == open_elements[-1][0]:
            if depth[name]:
                depth[name] -= 1
            else:
                script = open_elements.pop()[1]
    return


class _Converter:
    """One configuration of OpenCC, loaded."""

    def __init__(self, name: str) -> None:
        from opencc import OpenCC

        self._opencc = OpenCC(name)

    def convert(self, text: str) -> str:
        """The text converted."""
        result: str = self._opencc.convert(text)
        return result


@cache
def _converter(name: str) -> _Converter:
    return _Converter(name)
