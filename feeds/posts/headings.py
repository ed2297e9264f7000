"""A heading at the start of a body that serves as the title: in comes a Post, out go the heading and the body without it."""

from __future__ import annotations

import re

from feeds import text
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post
from feeds.posts.keys import folded

_HTML_HEADING = lazy_pattern(r"<h1\b[^<>]{0,2000}>(?P<html>[^<>]{1,300})</h1\s{0,9}>", re.IGNORECASE)
_UNDERLINE = lazy_pattern(r"=+[ \t]*(?:\n|\Z)")
_ATTRIBUTES = lazy_pattern(r"[ \t]{1,9}\{:?[ \t]{0,9}[#.][^{}\n]{0,300}\}\Z")
#: Marks of Markdown within a line (CommonMark 0.31 sections 2.4 and 6.1 to 6.4), and links of wikis.
_MARKS = lazy_pattern(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>[^`\n]{1,300})(?P=ticks)(?!`)"
    r"|\[\[(?:[^\[\]|\n]{1,200}\|)?(?P<wiki>[^\[\]|\n]{1,200})\]\]"
    r"|!?\[(?P<label>(?:[^\[\]\n]|\[[^\[\]\n]{0,100}\]){0,300})\]"
    r"\((?:<[^<>\n]{0,1000}>|(?:[^()\s]|\([^()\s]{0,200}\)){0,500})(?:[ \t]{1,9}[\"'][^\"'\n]{0,200}[\"'])?\)"
    r"|(?P<stars>\*{1,3})(?=[^\s*])(?P<starred>(?:[^*`\n]|`[^`\n]{0,100}`){1,300})(?<=\S)(?P=stars)"
    r"|(?<!\w)(?P<lines>_{1,3})(?=[^\s_])(?P<lined>(?:[^_`\n]|`[^`\n]{0,100}`){1,300})(?<=\S)(?P=lines)(?!\w)"
    r"|~~(?=\S)(?P<struck>[^~\n]{1,300})(?<=\S)~~"
)
#: How much of a heading is looked at for marks: more than any title has.
_TITLE_CHARACTERS = 8_000
#: How far behind its beginning the notes in a heading are looked for.
_NOTES_CHARACTERS = 100_000


def heading(post: Post) -> tuple[str, int]:
    """The heading with which the body begins, as a reader sees it, and where it ends; ("", 0) where it begins otherwise."""
    written, end = _written(post)
    in_html = post.markup == "html" or post.body[:end].lstrip().startswith("<")
    return (written if in_html else without_marks(written)), end


def _written(post: Post) -> tuple[str, int]:
    """The heading with its marks, and where it ends.

    Source: CommonMark 0.31 sections 4.2 and 4.3. A note to oneself in it is no part of it, and ends no later.
    """
    body = post.body
    start = len(body) - len(body.lstrip())
    match = _HTML_HEADING.match(body, start)
    if match:
        return match["html"], match.end()
    if post.markup == "html" or start == len(body):
        return "", 0
    line_end = body.find("\n", start)
    line_end = len(body) if line_end < 0 else line_end
    if body[start] == "#":
        if body[start + 1 : start + 2] not in (" ", "\t"):
            return "", 0
        title, end = text.without_notes(body[start + 1 : start + _NOTES_CHARACTERS], line_end - start - 1)
        title = title.strip()
        closed = title.rstrip("#")
        title = closed.rstrip() if closed.endswith((" ", "\t")) else title
        end += start + 1
        # The end of its line goes with it; but what follows a note that ends in another line is text.
        end += 1 if end == line_end else 0
    else:
        underline = _UNDERLINE.match(body, line_end + 1)
        if body[start] in "<>-*`|" or underline is None:
            return "", 0
        title, end = text.without_notes(body[start:line_end], line_end - start)
        end = underline.end()
    title = _ATTRIBUTES.sub("", title)
    return (title, min(len(body), end)) if title else ("", 0)


def without_marks(line: str) -> str:
    """A line of Markdown as a reader sees it: the words of links, pictures, code and emphasis without their marks."""
    return _MARKS.sub(_words_of, line[:_TITLE_CHARACTERS]) + line[_TITLE_CHARACTERS:]


def _words_of(match: re.Match[str]) -> str:
    if match["escaped"] or match["code"]:
        return match["escaped"] or match["code"].strip()
    if match["wiki"]:
        return match["wiki"]
    return without_marks(next((match[name] for name in ("label", "starred", "lined", "struck") if match[name]), ""))


def words(post: Post, entry_title: str | None = None) -> tuple[str, int]:
    """The body without the heading that serves as the title, and how many lines that takes off.

    With `entry_title`, which may be another, e.g. the name of a note's file, the heading is taken off only if it says the same.
    """
    title = folded(post).get("title", ("", None))[1]
    if isinstance(title, str) and title.strip():
        return post.body, 0
    written, end = _written(post)
    if entry_title is not None and not _says(written, entry_title):
        return post.body, 0
    return post.body[end:], post.body.count("\n", 0, end)


def _says(written: str, title: str) -> bool:
    """Whether a heading, with or without its marks, says what the title says, which may be cut."""
    shown = (text.plain(written, 10_000), text.plain(without_marks(written), 10_000))
    return title in shown or (title.endswith("…") and any(line.startswith(title[:-1]) for line in shown))
