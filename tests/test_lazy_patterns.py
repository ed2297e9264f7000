"""Patterns that are compiled when they are first used: whatever is asked of them first, they give what a compiled one gives."""

from __future__ import annotations

import re
from typing import Any

import pytest

from feeds import lazy_patterns
from feeds.lazy_patterns import lazy_pattern

USES = {
    "search": ("1 Tea, 2 teas",),
    "match": ("tea", 0, 2),
    "fullmatch": ("TEAS",),
    "sub": ("cup", "tea and Tea"),
    "subn": ("cup", "tea and Tea", 1),
    "split": ("a tea b tea c", 1),
    "findall": ("tea Teas",),
    "finditer": ("tea Teas",),
    "scanner": ("tea",),
}


def _plain(value: Any) -> object:
    """A result that can be compared."""
    if isinstance(value, re.Match):
        return value.span(), value.groups(), value.groupdict()
    if hasattr(value, "search"):
        return _plain(value.search())
    return [_plain(item) for item in value] if hasattr(value, "__next__") else value


@pytest.mark.parametrize("name", USES)
def test_each_method_works_as_the_first_and_as_a_later_use(name: str) -> None:
    """Positions, groups and flags as `re` has them."""
    source = (r"(?P<stem>tea)(?P<many>s)?", re.IGNORECASE)
    lazy, compiled = lazy_pattern(*source), re.compile(*source)
    for _ in range(2):
        assert _plain(getattr(lazy, name)(*USES[name])) == _plain(getattr(compiled, name)(*USES[name]))


@pytest.mark.parametrize("name", ["pattern", "flags", "groups", "groupindex"])
@pytest.mark.parametrize("source", [(r"(?P<tea>t)", re.I | re.M), (rb"(t)(e)", 0)])
def test_each_attribute_is_that_of_the_compiled_pattern(name: str, source: tuple[Any, int]) -> None:
    """Of texts and of bytes."""
    assert getattr(lazy_pattern(*source), name) == getattr(re.compile(*source), name)


def test_a_pattern_is_compiled_at_its_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when it is defined nor at every use."""
    compiled: list[str] = []
    compile_as_usual = re.compile
    monkeypatch.setattr(
        lazy_patterns.re, "compile", lambda *arguments: compiled.append(arguments[0]) or compile_as_usual(*arguments)
    )
    lazy = lazy_pattern("tea")
    assert compiled == []
    assert lazy.search("tea") and lazy.match("tea") and lazy.pattern == "tea"
    assert compiled == ["tea"]


def test_what_a_pattern_does_not_have_is_an_attribute_error() -> None:
    """Before its first use and after it."""
    lazy: Any = lazy_pattern("tea")
    for _ in range(2):
        with pytest.raises(AttributeError):
            lazy.brew()
