"""Short codes that an Eleventy site defines in JavaScript (https://www.11ty.dev/docs/shortcodes/), evaluated, never run.

In comes the text of the configuration with the site's own modules behind it, out go functions by the names of tags. They are
called with a tag's arguments as written; one that needs more than texts and lists (files, other packages, `this`) raises
UnreadableCodeError, and the tag is read as if it were not defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from feeds.dialects.javascript import functions, modules
from feeds.dialects.javascript.syntax import UnreadableCodeError, function_at, parse_expression
from feeds.dialects.javascript.values import text
from feeds.lazy_patterns import lazy_pattern

CONFIGS = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", ".eleventy.js", "eleventy.config.ts")
_ADDED = r"\.add(?P<paired>Paired)?(?:Liquid|Nunjucks)?Short[cC]ode\(\s{0,99}"
_NAMED = lazy_pattern(_ADDED + r"[\"'`](?P<name>[\w$-]{1,60})[\"'`]\s{0,99},\s{0,99}")
#: `for … addShortcode(name, shortcodes[name])`: all functions of a module.
_ALL = lazy_pattern(_ADDED + r"[A-Za-z_$][\w$]{0,80}\s{0,99},\s{0,99}(?P<module>[A-Za-z_$][\w$]{0,80})\[")
#: A quoted argument of Liquid before another one without a comma between them.
_SPACED = lazy_pattern(r"(\"[^\"]{0,4000}\"|'[^']{0,4000}')\s{1,99}(?=[\w\"'])")


@dataclass(frozen=True, slots=True)
class ShortCode:
    """One short code: its function's text, the code that it is in, and what that imports."""

    source: str
    paired: bool
    code: str
    exported: Mapping[str, str]

    def __call__(self, written: str, inside: str | None, variables: Mapping[str, object], markdown: Callable[[str], str]) -> str:
        """What the tag shows. `inside` is None for a tag that has no end. Raises UnreadableCodeError."""
        if self.paired != (inside is not None):
            raise UnreadableCodeError("a tag with an end where there is none, or without one")
        arguments = [inside] if self.paired else []
        arguments += _arguments(written, variables)
        packages = {"markdown-it": _renderer(markdown)}
        result = functions.call(self.code, self.source, *arguments, packages=packages, exported=self.exported)
        if not isinstance(result, str | int | float):
            raise UnreadableCodeError("a result that is no text")
        return text(result)


def _renderer(markdown: Callable[[str], str]) -> Mapping[str, Callable[..., Any]]:
    """What short codes use of a renderer that they make of the package markdown-it; its options are taken for the site's."""

    def render_inline(text: str, *_: Any) -> str:
        html = markdown(text).strip()
        return html[3:-4] if html.startswith("<p>") and html.find("</p>") == len(html) - 4 else html

    methods: dict[str, Callable[..., Any]] = {"render": lambda text, *_: markdown(text), "renderInline": render_inline}
    return methods | {"use": lambda *_: methods, "enable": lambda *_: methods, "disable": lambda *_: methods}


def config_code(read: Callable[[str], str | None]) -> str:
    """The site's configuration with its modules behind it, "" if there is none; `read` gives a file's text by its path."""
    return next((modules.bundle(name, written, read) for name in CONFIGS if (written := read(name)) is not None), "")


@lru_cache(maxsize=4)
def of_code(bundled: str) -> Mapping[str, ShortCode]:
    """The short codes that a configuration (`config_code`) defines, by name."""
    code, exported = modules.joined(bundled)
    results: dict[str, ShortCode] = {}
    for match in _ALL.finditer(code):
        module = exported.get(match["module"], "")
        for name in _keys(module):
            results[name] = ShortCode(f"({module}).{name}", bool(match["paired"]), code, exported)
    for match in _NAMED.finditer(code):
        try:
            source = function_at(code, match.end())
        except UnreadableCodeError:
            continue
        results[match["name"]] = ShortCode(source, bool(match["paired"]), code, exported)
    return results


def _keys(source: str) -> list[str]:
    """The keys of an object's text."""
    try:
        node = parse_expression(source)
    except UnreadableCodeError:
        return []
    return [key for key, _ in node[1] if key is not None] if node[0] == "object" else []


def _arguments(written: str, variables: Mapping[str, object]) -> list[Any]:
    """A tag's arguments, with the variables that they name; `name=value` are the keys of an object behind them (Nunjucks)."""
    try:
        nodes = parse_expression(f"[{written}]")[1]
    except UnreadableCodeError:
        nodes = parse_expression("[" + _SPACED.sub(r"\1, ", written) + "]")[1]
    arguments = functions.values([node for node in nodes if node[0] != "assign"], variables)
    named = [node for node in nodes if node[0] == "assign"]
    if named:
        values = functions.values([node[3] for node in named], variables)
        arguments.append(dict(zip((node[2] for node in named), values, strict=True)))
    return arguments
