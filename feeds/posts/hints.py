"""What is likely a mistake though it can be read: in comes a post, out go findings that a person should look at.

Mistyped keys, dates of another age, marks that a merge left, files that are no text. Pure; looks at no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from feeds import permalink_patterns
from feeds.dialects.base import Dialect, PostFacts
from feeds.errors import Problem, one_line
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Quoted, Value
from feeds.posts import keys, visibility
from feeds.posts.front_matter import unread
from feeds.posts.keys import fold_key

#: No post of the web is older (CERN's first page); later dates than the second are typing mistakes, too.
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_DATE = lazy_pattern(r"\d{4}|\d{1,2}[./-]\d{1,2}")
#: How files begin that are no text: archives, pictures, documents, programs, databases, sound.
_MAGIC = (
    b"PK\x03\x04", b"PK\x05\x06", b"\x89PNG", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"%PDF-", b"{\\rtf",
    b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0", b"ID3\x02", b"ID3\x03", b"ID3\x04",
    b"OggS", b"wOFF", b"wOF2", b"\xca\xfe\xba\xbe", b"\0asm",
)  # fmt: skip
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})
#: Keys whose values are sentences.
_TEXTS = frozenset({"title", "subtitle", "description", "summary", "excerpt"})
#: Categories and tags that hide nothing by themselves, though they say so.
_PRIVATE_TERMS = frozenset({
    "private", "draft", "drafts", "unlisted", "unpublished", "私密", "私有", "私人", "草稿", "未发布", "未公开", "不公开",
    "仅自己可见",
})  # fmt: skip
#: A title with a mark in brackets that says so, too.
_PRIVATE_TITLE = lazy_pattern(
    r"[\[【(（](?:draft|wip|private|unpublished|草稿|未完成|未发布|私密|待发布)[\]】)）]", re.IGNORECASE
)
#: Marks that word processors and Chinese keyboards put before the items of lists.
_LIST_MARKS = "－—–•·●▪*"
#: `-a -b`: the items of a list without a blank after their dashes are one text, with its line ends folded.
_DASHES_IN_LINE = lazy_pattern(r"-[^\s\d-]")
_OURS, _MIDDLE, _THEIRS = lazy_pattern(r"<{7} \S"), lazy_pattern(r"={7}\Z"), lazy_pattern(r">{7} \S")
_CODE = lazy_pattern(r"[ ]{0,3}(`{3,}|~{3,})")
#: Where front matter may begin below a text.
_SECOND = lazy_pattern(r"^---[ \t]{0,9}\n[\w-]{2,20}[ \t]{0,9}[:：]", re.MULTILINE)
#: Tags and elements between which and their end a text shows code.
_CODE_TAG = lazy_pattern(
    r"(?:\{%[-+]?\s{0,9}|\{\{[<%]\s{0,9}|<)(highlight|codeblock|code|raw|verbatim|prettify|pre)(?![\w-])", re.IGNORECASE
)


def is_binary(raw: bytes) -> bool:
    """Whether bytes are a picture, an archive or the like under a post's name."""
    if raw.startswith(_MAGIC):
        return True
    head = raw[:20_000]
    odd = len(head) - len(head.translate(None, _CONTROL))
    # UTF-16 and UTF-32 are full of zeros, but begin with a byte order mark.
    return odd > 8 and odd * 10 > len(head) and not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))


def conflict_line(body: str) -> int | None:
    """The line of the body, from 1, where a version control system left a conflict; code that shows one does not count."""
    if "<<<<<<< " not in body or ">>>>>>> " not in body:
        return None
    begun, middle = 0, False
    for number, line in _lines_of_text(body):
        if _OURS.match(line):
            begun, middle = number, False
        elif begun and _MIDDLE.match(line):
            middle = True
        elif begun and middle and _THEIRS.match(line):
            return begun
    return None


def _lines_of_text(body: str) -> Iterator[tuple[int, str]]:
    """The lines of a body that are not in code, with their numbers from 1."""
    fence = ""
    code_end: re.Pattern[str] | None = None
    for number, line in enumerate(body.split("\n"), 1):
        code = _CODE.match(line)
        if code_end is not None:
            code_end = None if code_end.search(line) else code_end
        elif not fence and not code and (tag := _CODE_TAG.search(line)):
            closing = re.compile(rf"(?:end|/)\s{{0,9}}{tag[1]}\b", re.IGNORECASE)
            code_end = None if closing.search(line, tag.end()) else closing
        elif fence or code:
            closes = code is not None and fence and code[1].startswith(fence)
            fence = "" if closes else fence or (code[1] if code else "")
        else:
            yield number, line


def _second_post(post: Post) -> Iterator[Problem]:
    """A file holds two posts, one after the other: the second comes out as text, with its front matter."""
    found = unread.second(_lines_of_text(post.body)) if _SECOND.search(post.body) else None
    if found is not None:
        line, hides = found
        yield Problem(
            "front-matter-second", "error" if hides else "warning", post.path,
            "the text holds the front matter of another post, which comes out as text", line + post.body_line - 1,
            fix="write each post in a file of its own; to show front matter, write it as code",
        )  # fmt: skip


def about(post: Post, facts: PostFacts, dialect: Dialect) -> Iterator[Problem]:
    """What a person should look at in a post that can be read."""
    yield from _keys(post, dialect)
    yield from _dates(post, facts, dialect)
    yield from _private_term(post, facts, dialect)
    yield from _markup(post, facts, dialect)
    conflict = conflict_line(post.body)
    if conflict is not None:
        yield Problem(
            "conflict-mark", "error" if post.markup == "markdown" else "warning", post.path,
            "the text holds a conflict that a merge left", conflict + post.body_line - 1, fix="resolve it: keep one of the two",
        )  # fmt: skip
    yield from _second_post(post)
    if facts.link is not None and "://" not in facts.link and dialect.permalink_names is not None:
        unknown = permalink_patterns.unknown(facts.link, dialect.permalink_names)
        if unknown:
            known = ", ".join(f":{name}" for name in dialect.permalink_names[:8])
            what = f":{one_line(unknown[0], 40)} in its permalink is not a placeholder"
            yield Problem(
                "permalink-placeholder", "warning", post.path, what,
                _line(post, "permalink"), "permalink", expected=f"{known}, …", fix="correct it, or write the address out",
            )  # fmt: skip


def _keys(post: Post, dialect: Dialect) -> Iterator[Problem]:
    folded = {fold_key(key): key for key in post.front_matter}
    for name, key in keys.misspelt(folded, keys.all_known(dialect.keys)).items():
        value = post.front_matter[folded[name]]
        if key == "date" and not (isinstance(value, str) and _DATE.search(value)):
            continue
        if isinstance(value, str) and visibility.hides(name, value):
            # The flag is reported as an error.
            continue
        what = f"{one_line(folded[name], 40)} is not a key that is read, but it looks like {key}"
        yield Problem(
            "key-misspelt", "warning", post.path, what,
            post.lines.get(folded[name]), folded[name], fix=f"write {key}",
        )  # fmt: skip
    first: dict[str, str] = {}
    for key in post.front_matter:
        if first.setdefault(fold_key(key), key) != key and fold_key(key) in keys.USUAL:
            what = f"{one_line(key, 40)} is the key {one_line(first[fold_key(key)], 40)} in another spelling; the first counts"
            yield Problem(
                "front-matter-duplicate", "warning", post.path, what, post.lines.get(key), key, fix="delete one of them"
            )  # fmt: skip
    for name in (*dialect.keys.categories, *dialect.keys.tags):
        if name in folded:
            yield from _terms(post, folded[name], post.front_matter[folded[name]])
    yield from _cut_at_colon(post)
    for name in ("author", "authors"):
        if name in folded:
            yield from _author(post, folded[name], post.front_matter[folded[name]])


def _cut_at_colon(post: Post) -> Iterator[Problem]:
    """A title that goes on in the next line, where a colon makes another key of it."""
    keys_in_order = list(post.front_matter)
    for above, key in pairwise(keys_in_order):
        name, value = fold_key(above), post.front_matter[above]
        line = post.lines.get(key)
        if (
            name in _TEXTS and isinstance(value, str) and value.strip() and not isinstance(value, Quoted) and len(key.split()) > 2
            and line is not None and line == post.lines.get(above, 0) + 1
        ):  # fmt: skip
            what = f"the value ends with its line: {one_line(key, 40)!r} is read as a key"
            fix = "write it in one line, in quotation marks"
            yield Problem("front-matter-cut", "warning", post.path, what, line, above, fix=fix)


def _terms(post: Post, key: str, value: Value) -> Iterator[Problem]:
    """Lists of categories and tags that are written as no generator reads them, so that names run together or are lost."""
    what = fix = ""
    for item in value if isinstance(value, list) else [value]:
        text = item if isinstance(item, str) else ""
        if isinstance(item, dict) and not ({"name", "title", "slug"} & item.keys()):
            what, fix = "a name with a colon in it is taken for a table, and left out", "quote the name"
        elif text[:1] in _LIST_MARKS and len(text) > 1:
            what, fix = f"{one_line(text, 40)} is one name: {text[0]} is not a dash", "write - and a blank before each name"
        elif not isinstance(item, Quoted) and not isinstance(value, list) and _DASHES_IN_LINE.match(text):
            what = f"{one_line(text, 40)} is one name: no blank after the dash"
            fix = "write - and a blank before each name"
        elif isinstance(item, Quoted) and text[:1] == "[" and text[-1:] == "]" and "," in text:
            what, fix = f"{one_line(text, 40)} is text, not a list", "delete the quotation marks around the brackets"
        elif not isinstance(item, Quoted) and (text[:1], text[-1:]) == ("[", "]"):
            what, fix = f"the brackets of {one_line(text, 40)} are read as part of a name", "write the names without brackets"
        elif not isinstance(item, Quoted) and text[-1:] == "]" and "[" not in text:
            what, fix = f"{one_line(text, 40)} ends with a bracket that begins nowhere", "write [ before the first name"
        elif not isinstance(item, Quoted) and text[:1] in "“‘「＂" and text[-1:] in "”’」＂" and len(text) > 2:
            what, fix = f"{one_line(text, 40)} has its quotation marks in its name", "write straight quotation marks, or none"
        elif not isinstance(value, list) and text.count("|") > 1 and not text.startswith("|"):
            what, fix = f"{one_line(text, 40)} is one name", "write a comma (,) between the names"
        elif text[:1] in "【［" and text[-1:] in "】］" and len(text) > 2:
            what = f"{one_line(text, 40)} is one name: {text[0]} is not a bracket"
            fix = "write [ and ], and commas between names"
        elif isinstance(value, list) and not isinstance(item, Quoted) and any(mark in text for mark in "，、；"):
            what, fix = f"{one_line(text, 40)} is one name", "write a comma (,) between the names"
    if what:
        yield Problem("terms-list", "warning", post.path, what, post.lines.get(key), key, expected="a list of names", fix=fix)


def _private_term(post: Post, facts: PostFacts, dialect: Dialect) -> Iterator[Problem]:
    """A category or tag that sounds as if the post were not for everyone: the generator publishes it all the same."""
    names = (*(name for path in facts.categories for name in path), *facts.tags)
    term = next((name for name in names if name.casefold() in _PRIVATE_TERMS), None) if facts.status == "out" else None
    if term is not None:
        key = next((key for key in post.front_matter if fold_key(key) in (*dialect.keys.categories, *dialect.keys.tags)), "")
        yield Problem(
            "term-private", "notice", post.path, f"the post is public, though it is in {one_line(term, 40)!r}",
            post.lines.get(key), key or None, fix="name the term in visibility.hidden_terms to keep such posts out",
        )  # fmt: skip
    mark = _PRIVATE_TITLE.match(facts.title) if facts.status == "out" else None
    if mark is not None:
        yield Problem(
            "term-private", "notice", post.path, f"the post is public, though its title begins with {mark[0]!r}",
            _line(post, "title"), "title", fix="write draft: true to keep it out",
        )  # fmt: skip


def _markup(post: Post, facts: PostFacts, dialect: Dialect) -> Iterator[Problem]:
    """A post that the generator gives to another program than the one for Markdown."""
    label = dialect.markups.get(facts.markup)
    if label is None or facts.status not in ("out", "unread-markup"):
        return
    if facts.status == "out":
        severity, what = "notice", f"the generator renders the post with {label}; here it is read as Markdown"
        fix = "compare the entry with the page, and write what differs in plain Markdown"
    else:
        severity, what = "warning", f"the post is in {label}, which is not read"
        fix = "convert it, e.g. with pandoc, or exclude it"
    yield Problem("markup", severity, post.path, what, _line(post, "markup"), "markup", "Markdown or HTML", fix)


def _author(post: Post, key: str, value: Value) -> Iterator[Problem]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and not ({"name", "nickname", "email", "mail"} & {fold_key(part) for part in item}):
            yield Problem(
                "author-name", "warning", post.path, "an author has no name", post.lines.get(key), key, "name: …", "write name: …"
            )  # fmt: skip


def _dates(post: Post, facts: PostFacts, dialect: Dialect) -> Iterator[Problem]:
    published, updated = facts.published, facts.updated
    if facts.status != "out":
        return
    if published is not None and facts.dated_by and not _FIRST <= published < _LAST:
        line = _line(post, facts.dated_by)
        yield Problem(
            "date-unlikely", "warning", post.path, f"the post is dated {published.date()}", line, facts.dated_by or None,
            fix="correct the year, if it is a mistake",
        )  # fmt: skip
    if published is not None and updated is not None and updated < published:
        name = next((key for key in post.front_matter if fold_key(key) in dialect.keys.updated), None)
        what = f"it was updated ({updated.date()}) before it was published ({published.date()})"
        yield Problem(
            "updated-early", "warning", post.path, what,
            post.lines.get(name or ""), name, fix="correct one of the two dates",
        )  # fmt: skip


def _line(post: Post, name: str) -> int | None:
    return next((post.lines.get(key) for key in post.front_matter if fold_key(key) == fold_key(name)), None)
