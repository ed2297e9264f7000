"""Text that looks like front matter and is in no form that is read: in comes a text, out goes where and why, or nothing.

A guess on the safe side: an author who wrote `draft: true` behind a comment, or between dashes of another kind, wanted it
read. Looks at the beginning of the text only. Must not parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple, TypeGuard

from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value
from feeds.posts import flag_rules, visibility
from feeds.posts.front_matter.types import KNOWN
from feeds.text import without_invisible

#: A flag in one of so many lines below front matter was meant for it.
_FIRST_LINES = 3
#: How far a text is looked at, in characters and lines.
_WINDOW, _LINES = 20_000, 200
#: How much of a line is looked at.
_LINE_CHARACTERS = 500
#: Lines of other text that may be above front matter by mistake.
_LINES_ABOVE = 3
_DASHES = "-‐‑‒–—―−─━﹘﹣－ー一=~*_+;#."
#: A fence of whatever kind, perhaps with the name of a language: `———`, `--`, `# ---`, `<!--`, "```yaml".
_FENCE = lazy_pattern(
    r"(?:[^\w\s]|[_一ー])(?:[ \t]?(?:[^\w\s]|[_一ー]))*[ \t]*"
    r"(?:yaml|yml|json5?|toml|js|javascript|ts|cson|coffee|php|ini|front[ -]?matter|meta(?:data)?)?\W*\Z",
    re.IGNORECASE,
)
#: Languages of programs, which front matter is written in only behind other fences (`---js`).
_PROGRAMS = frozenset({"js", "javascript", "ts", "php", "coffee"})
# A key in code, as in a list of options (- `draft`: …), is text.
_KEY_LINE = lazy_pattern(
    r"[^\w\n]{0,12}(\w[\w.-]{0,40}(?:[ \t][\w.-]{1,40}){0,3})[\"'”’」＂*\]]{0,4}[ \t]{0,4}[:：=](.*)", re.DOTALL
)
_EXPLAINED = lazy_pattern(r"[ \t]{0,20}(?:[-*+]|\d{1,3}[.)])[ \t]{1,4}\*\*[^*]")
_CODE_FENCE = lazy_pattern(r"(`{3,}|~{3,})")
#: What is around a value that is not YAML's.
_AROUND = " \t\"'“”‘’,;:*_`)}]>/"
_BREAKS = lazy_pattern("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
#: A line and its end, wherever `str.splitlines` ends one.
_LINE = lazy_pattern("([^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*+)(?:\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\\Z)")


class Unread(NamedTuple):
    """Where the keys begin (a line from 1), why they are not read, and the fix."""

    line: int
    why: str
    fix: str


class _Line(NamedTuple):
    """A line as an editor may show it, and its number by line feeds alone."""

    text: str
    number: int


class _Block(NamedTuple):
    """Neighbouring lines of keys, with what is above and below them."""

    keys: tuple[tuple[str, str], ...]
    first: _Line
    above: str
    below: str
    explains: bool = False
    """Whether the keys are in bold in a list below a text, which explains them, e.g. a program's `- **password**: the user's`."""

    @property
    def hides(self) -> bool:
        return any((_is_flag if self.explains else visibility.hides)(key, value) for key, value in self.keys)

    @property
    def known(self) -> int:
        return sum(_is_known(key) for key, _ in self.keys)

    @property
    def titled(self) -> bool:
        return any(visibility.fold(key) in ("title", "date", "标题", "日期", "layout") for key, _ in self.keys)


def is_value(value: object) -> TypeGuard[Value]:
    """Whether a loader's value is one of ours."""
    return value is None or isinstance(value, str | list | dict)


def has_keys(raw: str) -> bool:
    """Whether a line of the text is one of a known key."""
    return any(key is not None and _is_known(key[0]) for key in map(_key_of, raw[:_WINDOW].splitlines()))


#: Keys with which the text of a post does not begin.
_NOT_IN_TEXTS = frozenset({"date", "layout", "draft", "published", "permalink", "slug", "updated", "lastmod", "categories"})
#: Front matter that lost its line ends on the way.
_ONE_LINE = lazy_pattern(
    r"\s{0,99}(?:---|\+\+\+)(?:[ \t]{1,9}|\\n)(?:title|date|layout|draft|tags|categories)[ ]?[:=]", re.IGNORECASE
)


#: Where an object begins that is not JSON, perhaps behind a line of comment.
_OBJECT = lazy_pattern(
    r"\s*+(?:(?://|/\*|<!--)[^\n]*+\n\s*+)?(?=\{\s*+(?:[\"']?\w++[\"']?\s*+[:=]|[“”‘’「＂]\w++[“”‘’」＂]\s*+[:：=]|//|/\*))"
)
#: A flag without a colon: `draft true`.
_FLAG = lazy_pattern(r"([\w-]{3,40})[ \t]{1,9}(true|yes|是)[ \t]{0,9}\Z", re.IGNORECASE)
#: The beginning of a line that is a whole table, perhaps with an anchor: `{title: a, draft: true}`.
_TABLE = lazy_pattern(r"(?:[\w-]{1,40}[ \t]{0,9}:[ \t]{0,9}&[\w-]{1,40}[ \t]{1,9})?\{(?![{%#])")
#: A key within such a line, whatever is between it and the value before.
_KEY_IN_TABLE = lazy_pattern(r"(?<!\w)(\w[\w.-]{0,40})[\"'”’」＂]?[ \t]{0,9}[:：=](?=([^,}:：=\n]{0,80}))")
#: The end of a line whose value is in the next ones: nothing behind the colon, a block of text, an open bracket.
_GOES_ON = lazy_pattern(r"[:：=][ \t]{0,9}(?:[|>][+\-\d]{0,3}|[\[{][^\]}]{0,500})?\Z")


def hidden_line(text: str) -> tuple[int, str] | None:
    """The first line at the text's beginning that would keep a post out, were it read: its number and its key.

    Keys within others (`cover:`, and `hidden: true` below it) count for these; between the fences, a line below a key that has
    its value is indented by mistake, and so is all where the fence itself is indented.
    """
    fences, within, margin = 0, False, 0
    for line in _lines(text):
        written = line.text.strip()
        is_fence = written in ("---", "+++", ";;;")
        if is_fence and not fences:
            margin = _indent(line.text)
        indented = _indent(line.text) > margin
        fences += is_fence and not indented
        if not written or written.startswith("#") or (indented and (within or fences != 1)):
            continue
        if not indented:
            within = _GOES_ON.search(written) is not None
        for key, value in _keys_in(written):
            if visibility.hides(key, value):
                return line.number, key
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _keys_in(written: str) -> Iterator[tuple[str, str]]:
    """The keys of a line, without blanks around it: one, or those of a table that is written in one line."""
    flag = _FLAG.match(written)
    key = (flag[1], flag[2]) if flag else _key_of(written)
    if key is not None:
        yield key
    if _TABLE.match(written):
        for match in _KEY_IN_TABLE.finditer(without_invisible(written[:_LINE_CHARACTERS])):
            yield match[1], match[2].strip(_AROUND).split(" ")[0].strip(_AROUND)


def second(lines: Iterable[tuple[int, str]]) -> tuple[int, bool] | None:
    """Where front matter of another post begins among numbered lines of a text, and whether it would keep that post out."""
    begun: int | None = None
    keys: list[tuple[str, str]] = []
    for number, line in lines:
        if line.rstrip() == "---":
            block = _Block(tuple(keys), _Line("", number), "---", "---")
            if begun is not None and block.known >= 2 and block.titled:
                return begun, block.hides
            begun, keys = number, []
        elif begun is not None and line.strip() and not line.startswith((" ", "\t", "- ", "#")):
            key = _key_of(line)
            if key is None or len(keys) >= _LINES:
                begun = None
            else:
                keys.append(key)
    return None


def find(text: str, *, after: bool) -> Unread | None:
    """What at the beginning of a text looks like front matter; `after` says that the text follows front matter that was read."""
    head = text[:_WINDOW]
    if ":" not in head and "：" not in head and "=" not in head:
        return None
    if not after and (match := _OBJECT.match(head)):
        return Unread(1 + head.count("\n", 0, match.end()), "it is neither JSON nor within fences",
                      "quote keys and texts, or write it as YAML: a line --- and title: …")  # fmt: skip
    if not after and _ONE_LINE.match(head):
        return Unread(1, "it is all in one line", "write each key on a line of its own, between two lines ---")
    for block in _blocks(head, after=after):
        if _is_front_matter(block, after):
            return Unread(block.first.number, _why(head, block, after), _fix(after, block))
    return None


def _is_front_matter(block: _Block, after: bool) -> bool:
    dashed_above, dashed_below = _is_dashed(block.above), _is_dashed(block.below)
    several = block.titled and block.known >= 2
    if after:
        # The text of a post may begin with lines like keys, but hardly with a title between two fences.
        if block.first.number == 1 and dashed_below and visibility.fold(block.keys[0][0]) in _NOT_IN_TEXTS:
            # A line --- within a value closed the front matter: the keys go on.
            return True
        if block.first.number <= _FIRST_LINES and all(_is_flag(key, value) for key, value in block.keys):
            return True
        return (dashed_above or dashed_below) and (block.hides or several or (block.titled and dashed_above and dashed_below))
    return (
        block.hides or several
        or (dashed_above and dashed_below and block.known >= 1)
        or (block.titled and _is_fence(block.above) and _is_fence(block.below))
    )  # fmt: skip


def _is_flag(key: str, value: str) -> bool:
    """Whether a line is a flag that keeps a post out, e.g. `draft: true` or `status: draft`; a password may be meant for the
    post's readers."""
    rule = flag_rules.RULES.get(visibility.key_name(key))
    is_flag = visibility.flag(value) is not None or (rule is not None and rule.kind == "word")
    return is_flag and visibility.hides(key, value)


def _why(head: str, block: _Block, after: bool) -> str:
    if after:
        return "there is other front matter above it"
    broken = _BREAKS.search(head)
    if broken is not None:
        return f"its lines end with U+{ord(broken[0]):04X}"
    first = next((line for line in head.splitlines() if line.strip()), "")
    if _key_of(first) is None and not _is_fence(first):
        return f"it is behind {visibility.shown(first)}"
    if _is_fence(first) or _is_fence(block.above):
        return f"it is behind {visibility.shown(first if _is_fence(first) else block.above)}"
    return "it is not within fences"


def _fix(after: bool, block: _Block) -> str:
    if after and all(_is_flag(*key) for key in block.keys):
        return "move it above the line that ends the front matter, or delete it"
    if after:
        return "keep one of the two"
    return "write the keys at the very top of the file, between two lines ---"


def _is_known(key: str) -> bool:
    folded = visibility.fold(key)
    return folded in KNOWN or folded in ("标题", "日期", "标签", "分类", "作者") or visibility.key_name(key) in flag_rules.RULES


def _is_fence(line: str) -> bool:
    line = without_invisible(line).strip()
    return (1 < len(line) < 80 and _FENCE.match(line) is not None) or line in ("—", "―", "━")


def _is_other_code(line: str) -> bool:
    """Whether a fence begins code in a language that no front matter is in, e.g. the "```embed" of an Obsidian plug-in."""
    language = line.strip("`~ \t").partition(" ")[0].casefold()
    if line.lstrip().startswith(("```", "~~~")) and language in _PROGRAMS:
        return True
    return not _is_fence(line) and language.isalnum() and language not in ("text", "txt", "plain", "md", "markdown")


def _is_dashed(line: str) -> bool:
    line = without_invisible(line).strip()
    return (
        _is_fence(line)
        and all(item in _DASHES or item.isspace() for item in line if not item.isalnum() or item in "一ー")
        and (not line.isalnum() or set(line) <= set(_DASHES))
    )


def _key_of(line: str) -> tuple[str, str] | None:
    """Key and value of a line like `key: value`, whatever is around them."""
    match = _KEY_LINE.match(without_invisible(line[:_LINE_CHARACTERS]))
    return (match[1], match[2].strip(_AROUND)) if match else None


def _lines(text: str) -> Iterator[_Line]:
    number = 1
    for match in islice(_LINE.finditer(text, 0, _WINDOW), _LINES):
        # At the text's end the pattern matches nothing once more.
        if match.start() < match.end():
            yield _Line(match[1], number)
            number += match[0].count("\n")


def _blocks(head: str, *, after: bool) -> Iterator[_Block]:
    """Blocks of lines with keys near the beginning of a text. Code is passed over, unless a whole file begins with it."""
    above, code = "", ""
    keys: list[tuple[str, str]] = []
    first = _Line("", 1)
    others, explained = 0, False
    seen, in_comment = after, False
    for line in chain(_lines(head), (_Line("", 0),)):
        text = line.text.strip()
        fence = _CODE_FENCE.match(text)
        if not keys and (code or (fence and (seen or _is_other_code(text)))):
            code = "" if fence and code and text.startswith(code) else code or (fence[1] if fence else "")
            continue
        seen = seen or bool(text)
        key = _key_of(line.text) if keys or line.text[:4] != "    " else None
        if key is not None and (keys or not _is_fence(text)):
            first = first if keys else line
            explained = (explained or not keys) and others > 0 and _EXPLAINED.match(line.text) is not None
            keys.append(key)
            continue
        if keys and text and (line.text[:1] in " \t" or text.startswith(("- ", "#", "//"))):
            continue
        if keys:
            yield _Block(tuple(keys), first, above, text, explained)
            others += len(keys)
            keys = []
        if text:
            others += not in_comment and not _is_fence(text) and not text.startswith(("<!--", "//", "#!", "%"))
            in_comment = (in_comment or text.startswith("<!--")) and "-->" not in text
            above = text
        elif not _is_fence(above):
            above = ""
        if others > (0 if after else _LINES_ABOVE):
            return
