"""The scanner of plain front matter gives what libyaml gives, or leaves the text to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Quoted, Value
from feeds.posts.front_matter import plain_yaml
from feeds.posts.front_matter.split import FencedYaml
from feeds.posts.front_matter.types import FrontMatterError, FrontMatterLimits

LIMITS = FrontMatterLimits(64_000, 20)

PLAIN = """
title: Hello, world! It's "fine"
title2: 标题：二
date: 2021-08-04 05:49:00 +0800
draft: false
empty:
tilde: ~
quoted: "null"
single: 'a: b'
# a comment
tags: [a, "b c", 'd', 1.10, null]
none: []
categories:
  - 技术

  - "Web"
  - ~
列表:
- a b   c
- https://example.org/a?b=c
last: a - b   \x20
"""


def typed(value: Value) -> object:
    """The value with its exact types: a quoted text is not a plain one."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return (type(value), value)


def by_libyaml(raw: str) -> tuple[object, dict[str, int]] | str:
    """What libyaml's path gives: keys and lines; or the code of its error or first warning."""
    handler = FencedYaml(LIMITS)
    try:
        keys = handler.load_with_libyaml(raw)
    except FrontMatterError as error:
        return error.code
    return handler.warnings[0].code if handler.warnings else (typed(keys), handler.lines)


def assert_same(raw: str) -> bool:
    """Compare the two; whether the scanner read the text."""
    scanned = plain_yaml.scan(raw)
    if scanned is None:
        return False
    assert (typed(scanned.keys), scanned.lines) == by_libyaml(raw)
    return True


def test_what_most_posts_have_is_scanned() -> None:
    assert assert_same(PLAIN)
    scanned = plain_yaml.scan(PLAIN)
    assert scanned is not None
    assert scanned.keys["quoted"] == "null" and isinstance(scanned.keys["quoted"], Quoted)
    assert scanned.keys["tags"] == ["a", "b c", "d", "1.10", None]
    assert scanned.keys["empty"] is None and scanned.keys["last"] == "a - b"
    assert scanned.lines["title"] == 2


@pytest.mark.parametrize("raw", [
    "a: b: c", "a: b #c", "a: [b, [c]]", "a: {b: c}", "a: |\n  b", "a: b\n  c", "a: \"b\\n\"", "a: 'it''s'", "a: *b", "a: &b c", "a: !x b",
    "<<: a", "a: 1\na: 2", "a:\n  b: c", "a:\n  - b: c", "a:\n  - b\n    - c", "a:\n  -b", "- a", "a", "", "# a", "a:\tb", "a: b\x85c: d", "a: b\u2028",
    "a: %b", "a: @b", "a: - b", "a: -", "a:\n  -", "a: b:", "\ufeffa: b", "a: b\x07", "---\na: b", "a: b\n...\nc: d", "a: [b", "a: \"b\" c", "a: [b c: d]",
    "a: \"b\nc\"", "a: [b,\nc]", " a: b", "a : b", "a:b", "? a\n: b", "a: ]", "a: ,b", "a: =", "a: <<",
    "a:" + " " * 3000 + "b", "a" * 2000 + ": b", "a:\n" + " " * 2000 + "- b", "a: " + "[" * 1500, "a: b" + "[" * 1500,
])  # fmt: skip
def test_everything_else_is_left_to_libyaml_or_equal(raw: str) -> None:
    assert_same(raw)
    assert_same(f"title: x\n{raw}\nlast: y")


_PIECES = [
    "a", "b", "key", "标题", "title", ":", ": ", " :", "- ", "-", "  - ", "    - ", " ", "  ", "\n", "\n\n", "#", " # ", "\n#", "'", '"', "''", "\\", "\\n",
    "[", "]", "[a, b]", ", ", ",", "{", "}", "null", "~", "true", "1.10", "2021-08-04 05:49:00", "https://a.example/?b#c", "&", "*", "!", "|", ">", ">-", "%",
    "@", "`", "=", "<<", "?", "? ", "---", "...", "\t", "\x85", "\u2028", "\u00a0", "\u3000", "\ufeff", "\x00", "\x7f", "😀", "：", "é", "_", ".", "/", "(", "^", "$", ";",
]  # fmt: skip
_KEYS = st.sampled_from(
    ["title", "date", "tags", "categories", "标题", "a-b", "a_b", "cover.image", "null", "1a", "é", "layout "]
)
_VALUES = st.lists(st.sampled_from(_PIECES), max_size=6).map("".join)
_LINES = st.one_of(
    st.builds(lambda key, value: f"{key}: {value}", _KEYS, _VALUES),
    st.builds(lambda key, blanks: f"{key}:{blanks}", _KEYS, st.sampled_from(["", " ", "   "])),
    st.builds(lambda indent, value: f"{indent}- {value}", st.sampled_from(["", " ", "  ", "    "]), _VALUES),
    st.builds(lambda items: f"tags: [{', '.join(items)}]", st.lists(_VALUES, max_size=4)),
    st.builds(lambda key, value, quote: f"{key}: {quote}{value}{quote}", _KEYS, _VALUES, st.sampled_from("'\"")),
    st.sampled_from(["", "  ", "# comment", "  # comment", "---", "..."]),
)


@given(st.lists(_LINES, max_size=8).map("\n".join))
def test_lines_like_front_matter(raw: str) -> None:
    assert_same(raw)


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_pieces_of_yaml(raw: str) -> None:
    assert_same(raw)


@given(st.text(max_size=6), st.text(max_size=6))
def test_any_characters_in_key_and_value(key: str, value: str) -> None:
    assert_same(f"{key}: {value}")
    assert_same(f"a: {value}\n{key}: b")
    assert_same(f"a:\n- {value}")
    assert_same(f"a: [{value}, {key}]")
    assert_same(f"a: \"{value}\"\nb: '{key}'")


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_each_character_alone(quote: str) -> None:
    """Every character of the first planes, as the beginning, inside and as the end of a value."""
    for code in (*range(0x300), *range(0x2000, 0x2070), *range(0x3000, 0x3040), *range(0xD7F0, 0xD800), *range(0xE000, 0xE010),
                 *range(0xFE00, 0x10010), 0x1F600, 0x10FFFF):  # fmt: skip
        character = chr(code)
        for value in (character, f"{character}x", f"x{character}", f"x{character}x", f"x {character}x", f"x{character} x"):
            assert_same(f"a: {quote}{value}{quote}\nb:\n- {quote}{value}{quote}\nc: [{quote}{value}{quote}]")
