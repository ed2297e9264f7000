"""A text with Nunjucks -> the text that Eleventy hands to its Markdown renderer.

In come a source and what its templates see, out go the text and what its author should know. Tags of the site's own (short
codes) stay as they are written, for the tables of template tags. Never fails: a template that cannot be rendered leaves the
text outside of its blocks.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from feeds.content.liquid.engine import RenderedTemplate
from feeds.content.liquid.session import Scope, TemplateMessage, guarded
from feeds.content.nunjucks import engine as nunjucks
from feeds.lazy_patterns import lazy_pattern

_MOST_BYTES = 1_000_000
_MOST_INCLUDES = 20
_MOST_LEVELS = 5
_MOST_TAG_CHARACTERS = 4_000
_MARK = lazy_pattern(r"\{[{%#]")
_TAG = lazy_pattern(r"([-+]?)\s*([\w.]+)(.*?)([-+]?)\Z", re.DOTALL)
_RAW_END = {name: lazy_pattern(rf"\{{%[-+]?\s*end{name}\s*[-+]?%\}}") for name in ("raw", "verbatim", "comment")}
_BLOCKS = {"if": "endif", "for": "endfor", "filter": "endfilter"}
#: Nunjucks' names of Jinja2's tags.
_NAMES = {"elseif": "elif", "asyncEach": "for", "asyncAll": "for", "endeach": "endfor", "endall": "endfor", "ifAsync": "if"}
_KNOWN = frozenset({*_BLOCKS, *_BLOCKS.values(), "elif", "else", "set", "endset"})
#: Stand around the number of what is put back after the template is rendered.
_OPEN, _CLOSE = "\ue07d", "\ue07e"
_KEPT = lazy_pattern(rf"{_OPEN}(\d+){_CLOSE}")
_QUOTED = lazy_pattern(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
_VARIABLE = lazy_pattern(r"(?<![\w.=:/-])([A-Za-z_]\w*(?:\.\w+)*)(?![\w=:(/.-])")
_INCLUDE = lazy_pattern(r"""\s*["']([^"'\n]{1,300})["']""")


@dataclass(slots=True)
class _Source:
    """A template as Jinja2 reads it; `outside` is the text that no block holds, `kept` what is put back into both."""

    scope: Scope
    kept: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    depth: int = 0
    includes: int = 0
    characters: int = 0

    def keep(self, text: str) -> str:
        """A mark that stands for a text that is no template."""
        self.kept.append(text)
        return f"{_OPEN}{len(self.kept) - 1}{_CLOSE}"

    def template(self, source: str, level: int = 0) -> str:
        """The template of a source, with the files that it includes."""
        parts: list[str] = []
        position = 0
        self.characters += len(source)
        while match := _MARK.search(source, position):
            self._text(source[position : match.start()], parts)
            position = self._mark(source, match.start(), match[0], parts, level)
        self._text(source[position:], parts)
        return "".join(parts)

    def _text(self, text: str, parts: list[str]) -> None:
        parts.append(text)
        if not self.depth:
            self.outside.append(text)

    def _mark(self, source: str, start: int, mark: str, parts: list[str], level: int) -> int:
        """Read what begins with a mark; returns where it ends."""
        closing = {"{{": "}}", "{%": "%}", "{#": "#}"}[mark]
        most = len(source) if mark == "{#" else start + _MOST_TAG_CHARACTERS
        end = source.find(closing, start + 2, most)
        if end < 0:
            self._text(self.keep(guarded(mark)), parts)
            return start + 2
        inside, after = source[start + 2 : end], end + 2
        if mark == "{#":
            return after
        if mark == "{{":
            parts.append("{{" + _expression(inside) + "}}")
            return after
        match = _TAG.match(inside.strip())
        name = _NAMES.get(match[2], match[2]) if match else ""
        if match and name in _RAW_END:
            close = _RAW_END[name].search(source, after)
            stop = close.start() if close else len(source)
            if name != "comment":
                self._text(self.keep(guarded(source[after:stop])), parts)
            return close.end() if close else stop
        if match and name in _KNOWN:
            self._known(name, match, parts)
        elif match and name == "include" and (included := self._included(match[3], level)) is not None:
            parts.append(included)
        else:
            self._text(self._own(inside), parts)
        return after

    def _known(self, name: str, match: re.Match[str], parts: list[str]) -> None:
        expression = _expression(match[3])
        self.depth += (name in _BLOCKS) - (name in _BLOCKS.values())
        if name == "endset" or (name == "set" and not re.search(r"(?<![=!<>])=(?!=)", _QUOTED.sub("", expression))):
            self.depth += 1 if name == "set" else -1
        self.depth = max(self.depth, 0)
        parts.append(f"{{%{match[1]} {name} {expression} {match[4]}%}}")

    def _own(self, inside: str) -> str:
        """A tag that is not Nunjucks': as it is written, but with the values of variables among its arguments."""

        def value(match: re.Match[str]) -> str:
            if match[1].partition(".")[0] not in self.scope.variables:
                return match[0]
            return f"{_CLOSE}{match[1]}{_CLOSE}"

        start = re.search(r"\s|\Z", inside.lstrip("-+ ").rstrip())
        at = len(inside) - len(inside.lstrip("-+ ")) + (start.start() if start else 0)
        name, rest = inside[:at], inside[at:]
        parts = _QUOTED.split(rest)
        parts[::2] = [_VARIABLE.sub(value, part) for part in parts[::2]]
        texts = f"{{%{name}{''.join(parts)}%}}".split(_CLOSE)
        return "".join(f"{{{{ {text} | _quoted }}}}" if place % 2 else self.keep(text) for place, text in enumerate(texts))

    def _included(self, arguments: str, level: int) -> str | None:
        """The template of an included file, None if there is none."""
        match = _INCLUDE.match(arguments)
        self.includes += 1
        if match is None or level >= _MOST_LEVELS or self.includes > _MOST_INCLUDES or self.characters > _MOST_BYTES:
            return None
        source = self.scope.include(match[1], match[1].startswith("."))
        self.depth += 1
        try:
            return None if source is None else self.template(source, level + 1)
        finally:
            self.depth -= 1


def _expression(text: str) -> str:
    """An expression with the operators of JavaScript that Nunjucks takes, in Jinja2's."""
    parts = _QUOTED.split(text)
    for place in range(0, len(parts), 2):
        parts[place] = parts[place].replace("===", "==").replace("!==", "!=")
    return "".join(parts)


def _quoted(value: object) -> object:
    """A value as the argument of a tag that stays in the text."""
    from markupsafe import Markup

    text = nunjucks.shown(value)
    return Markup(json.dumps(str(text).replace("%}", "% }"), ensure_ascii=False))  # noqa: S704  cleaned later, like all text


def render(source: str, scope: Scope, *, most: int) -> RenderedTemplate:
    """The text that a source is, of at most `most` bytes."""
    if not scope.enabled:
        return RenderedTemplate(guarded(source), (), ())
    read = _Source(scope)
    source = source.replace(_OPEN, "").replace(_CLOSE, "")
    template = read.template(source)
    messages: tuple[TemplateMessage, ...] = ()
    try:
        text = nunjucks.render(template, scope.variables, {**scope.filters, "_quoted": _quoted})
        if len(text.encode("utf-8", "replace")) > most:
            raise nunjucks.TemplateError(f"the text would have more than {most} bytes")
    except nunjucks.TemplateError as error:
        text = "".join(read.outside)
        what = f"the text's Nunjucks is not evaluated: {error}"
        messages = (TemplateMessage("nunjucks-error", what, 1, "write what it shows as text"),)
    return RenderedTemplate(_KEPT.sub(lambda match: read.kept[int(match[1])], guarded(text)), (), messages)
