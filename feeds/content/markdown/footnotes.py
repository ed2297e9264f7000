"""Footnotes whose labels hold blanks (`[^Some Book]`), as goldmark and pulldown-cmark read them.

The plug-in of markdown-it ends a label at a blank. While its rules run, a label has no-break spaces instead: no label is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from feeds.lazy_patterns import lazy_pattern

#: Renderers that read them.
RENDERERS = frozenset({"goldmark", "pulldown-cmark"})
_LABEL = lazy_pattern(r"\[\^([^\[\]\n]{1,200})\]")
_NO_BREAK = "\xa0"
#: Each label with blanks costs a copy of the text.
_MOST_LABELS = 300
_COUNT = "footnotes.labels"


def add_rules(md: Any) -> None:
    """Change the plug-in's rules, which must be there already."""
    rules = md.block.ruler, md.inline.ruler
    definition, reference = (
        next(rule.fn for rule in ruler.__rules__ if rule.name == name)
        for ruler, name in zip(rules, ("footnote_def", "footnote_ref"), strict=True)
    )
    md.block.ruler.at("footnote_def", _definition(definition), {"alt": ["paragraph", "reference"]})
    md.inline.ruler.at("footnote_ref", _reference(reference))


def _definition(rule: Callable[..., bool]) -> Callable[[Any, int, int, bool], bool]:
    def wrapped(state: Any, start: int, end: int, silent: bool) -> bool:
        label = _label(state, state.bMarks[start] + state.tShift[start])
        if label is None or not state.src.startswith(":", label.end()):
            return rule(state, start, end, silent)
        return _with_label(state, label, lambda: rule(state, start, end, silent))

    return wrapped


def _reference(rule: Callable[..., bool]) -> Callable[[Any, bool], bool]:
    def wrapped(state: Any, silent: bool) -> bool:
        label = _label(state, state.pos)
        known = state.env.get("footnotes", {}).get("refs", {})
        if label is None or f":{label[1].replace(' ', _NO_BREAK)}" not in known:
            return rule(state, silent)
        return _with_label(state, label, lambda: rule(state, silent))

    return wrapped


def _label(state: Any, start: int) -> re.Match[str] | None:
    """The label at a place, if it has blanks, and the document has not too many of them."""
    match = _LABEL.match(state.src, start) if state.src.startswith("[^", start) else None
    has_blanks = match is not None and " " in match[1] and match[1].strip() != ""
    return match if has_blanks and state.env.get(_COUNT, 0) < _MOST_LABELS else None


def _with_label(state: Any, label: re.Match[str], run: Callable[[], bool]) -> bool:
    """Run a rule on a source in which the label has no blank; all else keeps its place."""
    source = state.src
    state.env[_COUNT] = state.env.get(_COUNT, 0) + 1
    state.src = source[: label.start(1)] + label[1].replace(" ", _NO_BREAK) + source[label.end(1) :]
    try:
        return run()
    finally:
        state.src = source
